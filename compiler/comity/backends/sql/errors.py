"""What cannot be said in SQL.

Example: a list may be compared with `[]` only, so `parties == others` raises Inexpressible with the line of the rule.
"""

from __future__ import annotations

from comity.base.source import NOWHERE, Span


class Inexpressible(Exception):
    """A clause that a dialect of SQL cannot say, or not exactly. ``span``: where the clause stands."""

    def __init__(self, message: str, span: Span = NOWHERE) -> None:
        super().__init__(message)
        self.message = message
        self.span = span

    def __str__(self) -> str:
        if self.span == NOWHERE:
            return self.message
        return f"{self.span.path}:{self.span.line}:{self.span.column}: {self.message}"
