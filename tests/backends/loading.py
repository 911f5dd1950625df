"""Importing an emitted package straight from its files' texts."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import CodeType, ModuleType
from typing import Any

from comity.backends.python import emit
from comity.core.ast import Program


@lru_cache(maxsize=200)
def _compiled(path: str, text: str) -> CodeType:
    return compile(text, path, "exec", dont_inherit=True)


class Memory(MetaPathFinder, Loader):
    """Finds one package in a mapping from relative path to text."""

    def __init__(self, package: str, files: Mapping[str, str]) -> None:
        self.package = package
        self.files = files

    def _path(self, fullname: str) -> str | None:
        below = fullname.removeprefix(self.package).lstrip(".").replace(".", "/")
        for path in (f"{below}/__init__.py".lstrip("/"), f"{below}.py"):
            if path in self.files:
                return path
        return None

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.split(".", maxsplit=1)[0] != self.package:
            return None
        found = self._path(fullname)
        if found is None:
            return None
        return ModuleSpec(fullname, self, is_package=found.endswith("__init__.py"))

    def exec_module(self, module: ModuleType) -> None:
        path = self._path(module.__name__)
        assert path is not None
        exec(_compiled(path, self.files[path]), module.__dict__)


@contextmanager
def imported(program: Program, package: str = "emitted") -> Iterator[Any]:
    """The package of ``program``, imported; it is gone afterwards."""
    finder = Memory(package, emit(program, package))
    sys.meta_path.insert(0, finder)
    try:
        yield importlib.import_module(package)
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.split(".")[0] == package]:
            del sys.modules[name]
