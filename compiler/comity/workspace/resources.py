"""Where things lie: grammar and standard library (in the package in a wheel, beside `compiler/` in a checkout), and
the user's cache folder.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def _folder(name: str) -> Path:
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parent.parent / name


def stdlib() -> Path:
    """The folder of the modules `std.*`."""
    return _folder("stdlib")


@cache
def grammar() -> str:
    """The whole grammar: its files joined in the order of their names."""
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted(_folder("grammar").glob("*.lark")))


def parts() -> tuple[tuple[Path, str], ...]:
    """The folders that Comity is made of, with the suffix of its files in each."""
    return (_PACKAGE, ".py"), (_folder("grammar"), ".lark"), (stdlib(), ".comity")


def cache_folder() -> Path | None:
    """What may be deleted at any time: `COMITY_CACHE_DIR`, else the system's place for it; None if there is none."""
    named = os.environ.get("COMITY_CACHE_DIR")
    if named:
        return Path(named)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif sys.platform == "darwin":
        base = "~/Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    try:
        return Path(base).expanduser() / "comity"
    except RuntimeError:  # no home
        return None
