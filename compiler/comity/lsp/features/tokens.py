"""Semantic tokens: the kind of every name, which only the checker knows. Everything else the grammar colours."""

from __future__ import annotations

from lsprotocol import types as lsp

from comity.lsp.index import Index
from comity.lsp.places import Places

TYPES = ("type", "enum", "enumMember", "property", "function", "class", "method", "variable", "namespace")
_TYPE_OF = {
    "enum": "enum", "member": "enumMember", "record": "type", "field": "property", "set": "variable",
    "zone": "enumMember", "table": "function", "define": "function", "decision": "class", "rule": "method",
    "party": "variable", "body": "variable", "agreement": "namespace", "commitment": "method",
    "response": "namespace", "prove": "method",
}  # fmt: skip
LEGEND = lsp.SemanticTokensLegend(list(TYPES), ["declaration"])


def semantic_tokens(index: Index, path: str, places: Places) -> lsp.SemanticTokens:
    """The names of one file, in the protocol's form: five numbers each, places relative to the name before."""
    names = [(use.span, use.qname, 0) for use in index.uses_in(path)]
    names += [(d.name, d.qname, 1) for d in index.declared.values() if d.name.path == path]
    data: list[int] = []
    line = column = 0
    last_end = -1
    for span, qname, declared in sorted(names, key=lambda each: (each[0].start, each[0].end)):
        found = index.declared.get(qname)
        if found is None or span.start < last_end or span.line != span.end_line:
            continue
        where = places.range(span, index.sources)
        start, length = where.start, where.end.character - where.start.character
        if length <= 0 or where.end.line != start.line or start < lsp.Position(line, column):
            continue  # the name has been edited since the program was made
        data += (
            start.line - line,
            start.character - (column if start.line == line else 0),
            length,
            TYPES.index(_TYPE_OF[found.kind]),
            declared,
        )
        line, column, last_end = start.line, start.character, span.end
    return lsp.SemanticTokens(data)
