"""The order of findings, and what each is recognised by from run to run."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

from comity.base.diagnostics import Diagnostic
from comity.base.source import SourceFile


def order(d: Diagnostic) -> tuple[object, ...]:
    """By path and position, then code; the order in which findings are shown."""
    return d.span.path, d.span.start, d.span.end, d.code, d.message


def fingerprints(diagnostics: Sequence[Diagnostic], sources: Mapping[str, SourceFile]) -> list[str]:
    """One stable mark per finding: unchanged while lines above it come and go, or the project moves.

    Made of code, module, subjects, and the text of the line it stands on; equal ones are numbered in order.
    """
    seen: Counter[str] = Counter()
    marks = []
    for d in diagnostics:
        source = sources.get(d.span.path)
        place = source.module if source else d.span.path
        line = source.line(d.span.line).strip() if source else ""
        key = "\n".join((d.code, place, *d.subjects, line))
        seen[key] += 1
        marks.append(hashlib.sha256(f"{key}\n{seen[key]}".encode()).hexdigest()[:16])
    return marks
