"""`import comity.hook` lets `from policies.ear import licensing` work straight from `.comity` files.

For notebooks and tests. A folder with policy files in it, or a policy file, imports as the package that `comity
build` would make of its program: compiled on import, by the same code, and refused while lint has errors
(`DiagnosticsError`). Folders that are Python packages are left to Python.
"""

from __future__ import annotations

import atexit
import shutil
import sys
import tempfile
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

from comity.workspace.project import SUFFIX


class Finder(MetaPathFinder):
    """Finds policies where Python would look for a package of the name."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        name = fullname.rpartition(".")[2]
        for entry in sys.path if path is None else path:
            folder = Path(entry or ".") / name
            if (folder / "__init__.py").exists() or folder.with_suffix(".py").exists():
                return None
            file = folder.with_suffix(SUFFIX)
            if file.is_file() or (folder.is_dir() and any(folder.glob(f"*{SUFFIX}"))):
                package = compiled(file if file.is_file() else folder, name)
                places = [str(package), *([str(folder)] if folder.is_dir() else [])]
                return spec_from_file_location(fullname, package / "__init__.py", submodule_search_locations=places)
        return None


def compiled(policy: Path, name: str) -> Path:
    """The folder of a package compiled from the program that ``policy`` belongs to; it lasts as long as the process."""
    from comity.backends.python import emit
    from comity.base.diagnostics import DiagnosticsError
    from comity.pipeline.linting import compilable
    from comity.workspace.cache import store

    made, errors, _ = compilable([policy], store())
    if errors:
        raise DiagnosticsError(errors, made.sources)
    place = Path(tempfile.mkdtemp(prefix="comity-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    for path, text in emit(made.program, name).items():
        file = place / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return place


if not any(isinstance(finder, Finder) for finder in sys.meta_path):
    sys.meta_path.insert(0, Finder())  # before Python's own, which takes any folder for a namespace
