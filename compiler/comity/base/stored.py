"""Diagnostics as JSON that gives them back: what the cache keeps of a run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from comity.base.diagnostics import CODES, Applicability, Diagnostic, Edit, Fix, Related, Severity
from comity.base.source import Span


def encoded(d: Diagnostic) -> list[object]:
    """A diagnostic as its fields in order."""
    return [
        d.code,
        d.message,
        _span(d.span),
        d.severity.value,
        [[related.message, _span(related.span)] for related in d.related],
        d.subjects,
        d.witness,
        d.days,
        d.fields,
        d.gains,
        d.help,
        None if d.fix is None else _fix(d.fix),
        d.test,
    ]


def decoded(data: Sequence[Any]) -> Diagnostic:
    """The diagnostic that `encoded` made this of; raises ValueError, TypeError or KeyError for anything else."""
    code, message, span, severity, related, subjects, witness, days, fields, gains, help_, fix, test = data
    CODES[code]
    if witness is not None and not isinstance(witness, Mapping):
        raise TypeError("a witness is an object")
    return Diagnostic(
        code=code,
        message=_text(message),
        span=_place(span),
        severity=Severity(severity),
        related=tuple(Related(_text(said), _place(place)) for said, place in related),
        subjects=tuple(map(_text, subjects)),
        witness=witness,
        days=None if days is None else tuple((_maybe(first), _maybe(last)) for first, last in days),
        fields=None if fields is None else tuple(map(_text, fields)),
        gains=_maybe(gains),
        help=_maybe(help_),
        fix=None if fix is None else _stored_fix(*fix),
        test=_maybe(test),
    )


def _fix(fix: Fix) -> list[object]:
    return [[[_span(edit.span), edit.text] for edit in fix.edits], fix.applicability.value, fix.group]


def _stored_fix(edits: Sequence[Any], applicability: str, group: object) -> Fix:
    made = tuple(Edit(_place(place), _text(text)) for place, text in edits)
    return Fix(made, Applicability(applicability), _maybe(group))


def dumps(document: object) -> bytes | None:
    """The JSON of what is to be kept; None if it holds what JSON would not give back."""
    try:
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    except (TypeError, ValueError):
        return None


def loads(data: bytes) -> Any:
    return json.loads(data.decode("utf-8", "surrogatepass"))


def _span(span: Span) -> list[object]:
    return [span.path, span.start, span.end, span.line, span.column, span.end_line, span.end_column]


def _place(data: Sequence[Any]) -> Span:
    path, *numbers = data
    start, end, line, column, end_line, end_column = map(_number, numbers)
    return Span(_text(path), start, end, line, column, end_line, end_column)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("expected a text")
    return value


def _maybe(value: object) -> str | None:
    return None if value is None else _text(value)


def _number(value: object) -> int:
    if type(value) is not int:
        raise TypeError("expected a number")
    return value
