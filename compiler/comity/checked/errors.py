"""The diagnostics of checking; each function's docstring is the page of its code."""

from __future__ import annotations

from collections.abc import Iterable

from comity.diagnostics import Related, Report
from comity.source import Span

Relateds = tuple[Related, ...]


def _help(close: str | None, help: str | None = None) -> str | None:
    return f"did you mean `{close}`?" if close else help


def unknown_module(report: Report, module: str, span: Span, close: str | None, itself: bool = False) -> None:
    message = f"`{module}` uses itself" if itself else f"there is no module `{module}`"
    report.add("E010", message, span, help=_help(close))


def circular(report: Report, message: str, span: Span, related: Relateds = (), subjects: tuple[str, ...] = ()) -> None:
    report.add("E011", message, span, related=related, subjects=subjects)


def duplicate_name(
    report: Report, message: str, span: Span, related: Relateds = (), subjects: tuple[str, ...] = ()
) -> None:
    report.add("E012", message, span, related=related, subjects=subjects)


def unknown_name(report: Report, message: str, span: Span, close: str | None, help: str | None = None) -> None:
    report.add("E013", message, span, help=_help(close, help))


def ambiguous_name(report: Report, message: str, span: Span, related: Relateds = (), help: str | None = None) -> None:
    report.add("E014", message, span, related=related, help=help)


def type_mismatch(report: Report, message: str, span: Span, related: Relateds = (), help: str | None = None) -> None:
    report.add("E101", message, span, related=related, help=help)


def unit_mismatch(report: Report, message: str, span: Span, related: Relateds = (), help: str | None = None) -> None:
    report.add("E102", message, span, related=related, help=help)


def unknown_field(
    report: Report, message: str, span: Span, fields: Iterable[str], close: str | None, help: str | None = None
) -> None:
    names = ", ".join(f"`{name}`" for name in fields)
    known = f"; its fields are {names}" if names else ""
    report.add("E103", message + known, span, help=_help(close, help))


def unknown_value(report: Report, message: str, span: Span, close: str | None) -> None:
    report.add("E104", message, span, help=_help(close))


def unknown_outcome(report: Report, message: str, span: Span, close: str | None, related: Relateds = ()) -> None:
    report.add("E105", message, span, related=related, help=_help(close))


def invalid_literal(report: Report, message: str, span: Span, help: str | None = None) -> None:
    report.add("E106", message, span, help=help)


def bad_table(report: Report, message: str, span: Span, related: Relateds = (), help: str | None = None) -> None:
    report.add("E107", message, span, related=related, help=help)


def wrong_arguments(report: Report, message: str, span: Span, related: Relateds = (), help: str | None = None) -> None:
    report.add("E108", message, span, related=related, help=help)


def unguarded_absent(report: Report, message: str, span: Span, help: str | None = None) -> None:
    report.add("E109", message, span, help=help)
