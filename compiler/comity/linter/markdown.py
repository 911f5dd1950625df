"""Markdown for GitHub: job summaries of `lint`, comments of `diff`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

LONGEST = 300
"""Maximum number of characters of a cell."""


def inline(text: str) -> str:
    """A message as Markdown on one line: the author's words stay in backticks, everything else is literal."""
    text = " ".join(text.split())
    if len(text) > LONGEST:
        text = f"{text[: LONGEST - 1]}…"
    parts = text.split("`")
    if len(parts) % 2 == 0:  # a backtick without its partner would begin a code span that never ends
        return _literal(text)
    return "`".join(part if n % 2 else _literal(part) for n, part in enumerate(parts))


def _literal(text: str) -> str:
    for sign, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(sign, written)
    return "".join(f"\\{c}" if c in "\\`*_[]~#" else c for c in text)


def code(text: str) -> str:
    """A text as a code span; whatever backticks it has."""
    text = " ".join(text.split())
    longest = max((len(run) for run in _runs(text)), default=0)
    fence = "`" * (longest + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}"


def _runs(text: str) -> Iterable[str]:
    return "".join(c if c == "`" else " " for c in text).split()


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)
