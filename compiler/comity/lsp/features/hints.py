"""Inlay hints: the name of a country after its code, and the day on which a dated set is read."""

from __future__ import annotations

from lsprotocol import types as lsp

from comity.driver import Build
from comity.lsp.index import Index
from comity.lsp.places import Places
from comity.runtime.types import RecordType
from comity.source import Span

LONGEST = 32


def inlay_hints(made: Build, index: Index, path: str, first: int, last: int, places: Places) -> list[lsp.InlayHint]:
    """The hints for the lines from ``first`` to ``last`` (from 0) of a file."""
    program = made.checked
    country = {f"{each.type.module}.{member}": doc for each in program.enums.values() if each.name == "Country"
               for member, doc in zip(each.type.members, each.member_docs, strict=False)}  # fmt: skip
    dated = {qname for qname, each in program.sets.items() if any(part.intervals is not None for part in each.parts)}
    hints: dict[Span, str] = {}
    for use in index.uses_in(path):
        if not first < use.span.line <= last + 1:
            continue
        if doc := country.get(use.qname):
            hints[use.span] = f" {_shortened(doc)}"
        elif use.qname in dated and (day := _day_field(index, use.span)):
            hints[use.span] = f" on {day}"
    return [
        lsp.InlayHint(places.range(span, index.sources).end, label, kind=lsp.InlayHintKind.Type)
        for span, label in hints.items()
    ]


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _day_field(index: Index, span: Span) -> str | None:
    """The field that gives the day in the declaration around a place."""
    around = index.around(span.path, span.start)
    if around is None:
        return None
    program, record = index.program, None
    if around.kind == "rule":
        decision = program.decisions.get(program.rules[around.qname].decision)
        record = decision.record if decision is not None else None
    elif around.kind == "define":
        record = program.defines[around.qname].record
    return record.as_of if isinstance(record, RecordType) else None
