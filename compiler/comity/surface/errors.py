"""What the surface reports: E001 and E002, their pages and their wording."""

from __future__ import annotations

from dataclasses import dataclass

from comity.diagnostics import Related, Report
from comity.source import SourceFile, Span
from comity.surface.layout import Layout, LayoutError
from comity.surface.words import Word


@dataclass(frozen=True, slots=True)
class Failure:
    """Where parsing stopped: the token nothing expected there, and the terminals that were expected."""

    source: SourceFile
    token: Word
    expected: frozenset[str]
    layout: Layout
    cause: LayoutError | None

    @property
    def position(self) -> int:
        return self.token.start_pos or 0


def syntax_error(failure: Failure, report: Report) -> None:
    token = failure.token
    span = failure.source.span(token.start_pos or 0, token.end_pos or 0)
    report.add(
        "E001", f"unexpected {token.type} {str(token)!r}, expected {sorted(failure.expected)} {failure.cause}", span
    )


def twice(clause: str, span: Span, first: Span, report: Report) -> None:
    related = (Related("first given here", first),)
    report.add("E001", f"`{clause}` is given twice, and may stand once", span, related=related)


def unreadable_file(message: str, span: Span, report: Report, help: str | None = None) -> None:
    report.add("E002", message, span, help=help)
