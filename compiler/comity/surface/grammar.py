"""The Lark parser of the grammar, its tables cached.

Building the tables takes the better part of a second, loading them a few hundredths. They are kept in the user's
cache folder under a name made from all that they depend on, written aside and moved into place: a reader sees a
whole file or none. Where the folder cannot be written, or the file is damaged, the tables are built anew.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from comity import resources

if TYPE_CHECKING:
    from lark import Lark

    from comity.surface.build_agreements import Builder

STARTS = ("module", "condition_alone")


class _Kept:
    """Terminals that no rule has and the lexer needs."""

    always_accept = ("UNCLOSED", "STRAY")

    def process(self, stream: Iterator[Any]) -> Iterator[Any]:
        return stream


def load(builder: Builder) -> Lark:
    """The parser for both starts; ``builder`` makes the nodes while it parses."""
    from lark import Lark

    from comity.surface.lexer import ContextualLexer

    def make(cache_file: Path | None) -> Lark:
        return Lark(
            resources.grammar(),
            parser="lalr",
            lexer=ContextualLexer,
            start=list(STARTS),
            keep_all_tokens=True,
            maybe_placeholders=False,
            postlex=_Kept(),
            transformer=builder,
            cache=str(cache_file) if cache_file else False,
        )

    file = _cache_file()
    if file is None or file.is_file():
        return make(file)
    aside = file.with_suffix(f".{os.getpid()}")
    parser = make(aside)
    with suppress(OSError):
        aside.replace(file)
    return parser


@cache
def _cache_file() -> Path | None:
    """Where the tables are kept, its folder made; None if that cannot be."""
    import lark

    key = "\0".join((resources.grammar(), lark.__version__, sys.version))
    folder = _cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        writable = os.access(folder, os.W_OK)
    except (OSError, RuntimeError):
        return None
    file = folder / f"grammar-{sha256(key.encode()).hexdigest()[:32]}.tables"
    return file if writable or file.is_file() else None


def _cache_folder() -> Path:
    named = os.environ.get("COMITY_CACHE_DIR")
    if named:
        return Path(named)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif sys.platform == "darwin":
        base = "~/Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "comity"
