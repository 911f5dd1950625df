"""Where the grammar and the standard library lie: inside the package in a wheel, beside `compiler/` in a checkout."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


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
