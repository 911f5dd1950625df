"""Where declarations start: how their lines begin, texts in three quotes stepped over."""

from __future__ import annotations

import re

LONG_TEXT = r'"""[^"\\]*+(?>(?:(?:\\(?:.|\n)|"(?!""))[^"\\]*+)*)"""'
"""A text in three quotes, as the grammar's STRING has it."""

WORDS = (
    "instrument|source|use|enum|record|set|zone|table|define|decision|rule|party|body|agreement|response|prove"
    "|example|test"
)
KNOWN = re.compile(rf"{LONG_TEXT}|^(?P<start>)(?:(?:{WORDS})\b|\w+[ \t]+can(?:not)?\b)", re.MULTILINE)
LIKELY = re.compile(rf"{KNOWN.pattern}|^(?P<like>)[^\W\d]\w*\b[^\n#\"]*:[ \t]*(?:#|\r?$)", re.MULTILINE)


def starts(text: str) -> list[int]:
    """The places at which a declaration may start, in a text without mistakes."""
    return [found.start() for found in KNOWN.finditer(text) if found["start"] is not None]
