"""Where declarations start: how their lines begin, texts in three quotes stepped over."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

LONG_TEXT = r'"""[^"\\]*+(?>(?:(?:\\(?:.|\n)|"(?!""))[^"\\]*+)*)"""'
"""A text in three quotes, as the grammar's STRING has it."""

WORDS = (
    "instrument|source|use|enum|record|set|zone|table|define|decision|rule|party|body|agreement|response|prove"
    "|example|test"
)
KNOWN = re.compile(rf"{LONG_TEXT}|^(?P<start>)(?:(?:{WORDS})\b|\w+[ \t]+can(?:not)?\b)", re.MULTILINE)
LIKELY = re.compile(rf"{KNOWN.pattern}|^(?P<like>)[^\W\d]\w*\b[^\n#\"]*:[ \t]*(?:#|\r?$)", re.MULTILINE)


_LONG = re.compile(LONG_TEXT)
_AFTER_LINE = re.compile(rf"\n(?:(?:{WORDS})\b|\w+[ \t]+can(?:not)?\b)")
"""As `KNOWN`, where a line ends before it: that is soon looked for."""


def starts(text: str) -> list[int]:
    """The places at which a declaration may start, in a text without mistakes."""
    first = KNOWN.match(text)
    found = [0] if first is not None and first["start"] is not None else []
    found += (each.start() + 1 for each in _AFTER_LINE.finditer(text))
    for long in _LONG.finditer(text):
        del found[bisect_right(found, long.start()) : bisect_left(found, long.end())]
    return found
