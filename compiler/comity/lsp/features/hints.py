"""Inlay hints: the name of a country and the heading of an ECCN after their codes, the day a dated set is read on."""

from __future__ import annotations

from collections.abc import Callable

from lsprotocol import types as lsp

from comity.base.source import Span
from comity.lsp.features.hover import eccn_headings, heading_of
from comity.lsp.index import Index
from comity.lsp.places import Places
from comity.lsp.projects import Snapshot
from comity.runtime.types import RecordType
from comity.surface import ast as surface
from comity.surface.depth import children

LONGEST = 32
"""Characters of a name or heading that a hint shows."""


def inlay_hints(snapshot: Snapshot, read: Callable[[str], bytes], path: str, places: Places) -> list[lsp.InlayHint]:
    """The hints of a file, by place."""
    program, index = snapshot.build.checked, snapshot.index
    country = {f"{each.type.module}.{member}": doc for each in program.enums.values() if each.name == "Country"
               for member, doc in zip(each.type.members, each.member_docs, strict=False)}  # fmt: skip
    dated = {qname for qname, each in program.sets.items() if any(part.intervals is not None for part in each.parts)}
    hints: dict[Span, str] = {}
    for use in index.uses_in(path):
        if doc := country.get(use.qname):
            hints[use.span] = f" {_shortened(doc)}"
        elif use.qname in dated and (day := _day_field(index, use.span)):
            hints[use.span] = f" on {day}"
    module = next((each for each in program.modules.values() if each.source.path == path), None)
    headings = eccn_headings(snapshot, read) if module is not None else {}
    for code in _codes(module.surface) if module is not None and headings else ():
        if heading := heading_of(code.text, headings):
            hints[code.span] = f" {_shortened(heading)}"
    return [
        lsp.InlayHint(places.range(span, index.sources).end, hints[span], kind=lsp.InlayHintKind.Type)
        for span in sorted(hints, key=lambda span: span.start)
    ]


def _codes(node: surface.Node) -> list[surface.EccnLit]:
    """The ECCNs written in a module."""
    found: list[surface.EccnLit] = []
    waiting = [node]
    while waiting:
        here = waiting.pop()
        if isinstance(here, surface.EccnLit):
            found.append(here)
        waiting.extend(children(here))
    return found


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
