"""What was probably meant by a name that nothing declares: the fix, and the question after it."""

from __future__ import annotations

from comity.base.diagnostics import Applicability, Fix, Related, replacement
from comity.base.source import Span
from comity.runtime.suggest import Suggestion

Relateds = tuple[Related, ...]


def spelling(span: Span, close: str | None) -> Fix | None:
    """The fix that writes the name that was probably meant. It is safe only where nothing else can have been meant."""
    if not isinstance(close, Suggestion) or span.end - span.start != len(close.written):
        return None  # the span is not that of the name
    return replacement(span, close, Applicability.SAFE if close.sure else Applicability.UNSAFE)


def suggested(close: str | None, help: str | None = None) -> str | None:
    return f"did you mean `{close}`?" if close else help
