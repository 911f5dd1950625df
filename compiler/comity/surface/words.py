"""Reserved words, and what texts may hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lark import Token

from comity.runtime.values import suggest_dates

if TYPE_CHECKING:

    class Word(Token):
        """A token of Lark's with its place, which Lark's own type says may be missing and ours never is."""

        start_pos: int
        line: int
        column: int
        end_line: int
        end_column: int
        end_pos: int

else:
    Word = Token

RESERVED = frozenset(
    {
        "absent", "all", "always", "and", "any", "applies", "cite", "decides", "each", "every", "false", "first",
        "from", "implies", "in", "is", "no", "none", "not", "or", "otherwise", "then", "true", "unknown", "unless",
        "until", "when", "where", "within",
    }
)  # fmt: skip
"""No names anywhere; other keywords are such only where the grammar expects them."""


_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def turned(text: str) -> str | None:
    """What is wrong with a text or comment that is shown in another order than it is read in; None if nothing is.

    Unicode's controls of direction make a clause on the screen out of one in the file
    ("Trojan Source").
    """
    found = _TURNS.search(text)
    return found and f"a character (U+{ord(found[0]):04X}) that shows the text in another order than it is read in"


def long_text(text: str) -> list[str]:
    """The lines of a text in three quotes, quotes on: without the indentation they share, or blanks at their ends.

    The first line, which begins at the quotes, has no part in that.
    """
    first, *rest = text.replace("\r\n", "\n").split("\n")
    if not rest:
        return [first]
    if rest[-1].strip() == '"""':
        rest[-1] = ""
        closing = '"""'
    else:
        closing = ""
    margin = min((len(line) - len(line.lstrip()) for line in rest if line.strip()), default=0)
    *within, last = (line[margin:] for line in rest)
    return [first.rstrip(), *(line.rstrip() for line in within), last + closing]


def iso_date(text: str) -> str | None:
    """How to write the day that ``text`` begins with, if it is written as people write it: `24.02.2022`."""
    days = suggest_dates(text)
    return f"a date is written year-month-day: {' or '.join(f'`{day}`' for day in days)}" if days else None
