"""Call hierarchy: which declarations read this one, and which this one reads."""

from __future__ import annotations

from collections.abc import Iterator

from comity.base.source import Span
from comity.lsp.index import Declared, Index

READ = ("define", "rule", "decision", "table", "set", "commitment", "prove", "response")
"""Kinds of declarations that have a body, or are read by one."""


def readers(index: Index, found: Declared) -> Iterator[tuple[Declared, list[Span]]]:
    """Declarations that use ``found``, each with the places."""
    places: dict[str, list[Span]] = {}
    for span in index.uses(found.qname):
        around = index.around(span.path, span.start)
        if around is not None and around.kind in READ and around.qname != found.qname:
            places.setdefault(around.qname, []).append(span)
    yield from ((index.declared[qname], spans) for qname, spans in places.items())


def read_by(index: Index, found: Declared) -> Iterator[tuple[Declared, list[Span]]]:
    """Declarations that ``found`` uses, each with the places."""
    places: dict[str, list[Span]] = {}
    for use in index.uses_in(found.name.path):
        if use.span.within(found.whole) and use.qname != found.qname:
            declared = index.declared.get(use.qname)
            if declared is not None and declared.kind in READ:
                places.setdefault(use.qname, []).append(use.span)
    yield from ((index.declared[qname], spans) for qname, spans in places.items())
