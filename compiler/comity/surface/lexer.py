"""The contextual lexer: text into words, with a keyword taken for one where the parser expects it.

One pattern, made from the terminals of the grammar, reads all words; the parser is asked about keywords only. So

- a reserved word is itself everywhere, and never a name;
- any other keyword is a keyword where the parser can go on with it, and else a name;
- a text that ends its line is documentation where documentation may stand;
- a name has one spelling: `ﬁ` with a ligature is none, as Python, which compiled policies are imported from, would
  read it as the name `fi`.

What nothing accepts still comes as one whole word (`INVALID`, `UNCLOSED`, `STRAY`), so the parser says what was
expected in its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from unicodedata import normalize

from comity.runtime.texts import is_canonical_text
from comity.surface.tables import tables
from comity.surface.words import RESERVED, Word, word

_ENDS_LINE = re.compile(r"[ \t]*(?:#|\r?\n)")


@cache
def _pattern() -> tuple[re.Pattern[str], list[str]]:
    """One group for each terminal, and the names of the groups by number."""
    terminals = tables().terminals
    either = "|".join(f"({pattern})" for _, pattern in terminals)
    return re.compile(f"[ \t]*(?:{either})"), ["", *(name for name, _ in terminals)]


def lex(text: str, offset: int, line: int, column: int, expects: Callable[[str], bool]) -> Iterator[Word]:
    """The words of ``text`` from ``offset`` on, which is at a line and column.

    The text ends with a line end. ``expects`` tells whether the parser, having taken all words so far, may go on
    with a terminal.
    """
    pattern, kinds = _pattern()
    match, keywords, length = pattern.match, tables().keywords, len(text)
    line_start = offset - column + 1
    while offset < length:
        found = match(text, offset)
        assert found is not None and found.lastindex, "the terminal STRAY takes what no other does"
        kind = kinds[found.lastindex]
        start, offset = found.span(found.lastindex)
        value = text[start:offset]
        column = start - line_start + 1
        end_line, end_column = line, column + offset - start
        if kind == "NAME":
            keyword = keywords.get(value)
            if keyword is not None:
                if value in RESERVED or expects(keyword):
                    kind = keyword
            elif not value.isascii() and not _is_name(value):
                kind = "STRAY"
        elif kind == "_NEWLINE" or (kind == "STRING" and "\n" in value):
            end_line += value.count("\n")
            line_start = start + value.rfind("\n") + 1
            end_column = offset - line_start + 1
        if kind == "STRING" and _ENDS_LINE.match(text, offset) and expects("DOC"):
            kind = "DOC"
        yield word(kind, value, start, line, column, end_line, end_column)
        line = end_line


def _is_name(text: str) -> bool:
    """Whether a name is spelt in its one way: no letter stands for others, or looks like that of another script."""
    return text.isidentifier() and normalize("NFKC", text) == text and is_canonical_text(text)
