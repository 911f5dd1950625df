"""The shape of a file: symbols, folding, selections that grow, and a search for symbols in all files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lsprotocol import types as lsp

from comity.base.source import SourceFile
from comity.lsp.index import Declared, Index
from comity.lsp.places import Places
from comity.surface import ast as surface
from comity.surface.depth import children

KINDS = {
    "enum": lsp.SymbolKind.Enum,
    "member": lsp.SymbolKind.EnumMember,
    "record": lsp.SymbolKind.Struct,
    "field": lsp.SymbolKind.Field,
    "set": lsp.SymbolKind.Array,
    "zone": lsp.SymbolKind.Constant,
    "table": lsp.SymbolKind.Array,
    "define": lsp.SymbolKind.Function,
    "decision": lsp.SymbolKind.Class,
    "rule": lsp.SymbolKind.Method,
    "party": lsp.SymbolKind.Object,
    "body": lsp.SymbolKind.Object,
    "agreement": lsp.SymbolKind.Interface,
    "commitment": lsp.SymbolKind.Method,
    "response": lsp.SymbolKind.Interface,
    "prove": lsp.SymbolKind.Event,
}


def document_symbols(index: Index, path: str, places: Places) -> list[lsp.DocumentSymbol]:
    """The declarations of a file, with what is declared within each."""
    here = sorted((d for d in index.declared.values() if d.name.path == path), key=lambda d: d.whole.start)

    def symbol(found: Declared) -> lsp.DocumentSymbol:
        inside = [symbol(each) for each in here if each.container == found.qname]
        return lsp.DocumentSymbol(
            name=found.short,
            kind=KINDS[found.kind],
            range=places.range(found.whole, index.sources),
            selection_range=places.range(found.name, index.sources),
            detail=found.doc.partition("\n")[0][:80] or None,
            children=inside or None,
        )

    return [symbol(each) for each in here if not each.container]


def workspace_symbols(index: Index, query: str, places: Places, most: int = 200) -> Iterator[lsp.WorkspaceSymbol]:
    """Declarations whose name holds the letters of ``query`` in order, the closest first."""
    wanted = query.lower()
    found = [d for d in index.declared.values() if _holds(d.short.lower(), wanted)]
    found.sort(key=lambda d: (wanted not in d.short.lower(), len(d.short), d.qname))
    for each in found[:most]:
        yield lsp.WorkspaceSymbol(
            name=each.short,
            kind=KINDS[each.kind],
            location=places.location(each.name, index.sources),
            container_name=each.container or each.qname.rpartition(".")[0],
        )


def _holds(name: str, letters: str) -> bool:
    rest = iter(name)
    return all(letter in rest for letter in letters)


def folding(module: surface.Module, source: SourceFile, places: Places) -> Iterator[lsp.FoldingRange]:
    """Blocks of more than one line, and runs of comments."""
    for node in _all(module):
        if isinstance(node, surface.Declaration | surface.Block | surface.QuantifiedBlock):
            body = source.text[node.span.start : node.span.end].rstrip()
            first = places.position(node.span.start, source.text).line
            last = places.position(node.span.start + len(body), source.text).line
            if last > first:
                yield lsp.FoldingRange(first, last)
    lines = sorted(places.position(each.span.start, source.text).line for each in module.comments if each.own_line)
    for first, last in _runs(lines):
        if last > first:
            yield lsp.FoldingRange(first, last, kind=lsp.FoldingRangeKind.Comment)


def _runs(lines: Iterable[int]) -> list[tuple[int, int]]:
    """The first and last of each run of lines that follow one another: 3, 4, 5, 9 is (3, 5), (9, 9)."""
    found: list[tuple[int, int]] = []
    for line in lines:
        if found and line == found[-1][1] + 1:
            found[-1] = found[-1][0], line
        else:
            found.append((line, line))
    return found


def _all(node: surface.Node) -> Iterator[surface.Node]:
    waiting = [node]
    while waiting:
        here = waiting.pop()
        yield here
        waiting.extend(children(here))


def selection(module: surface.Module, source: SourceFile, offset: int, places: Places) -> lsp.SelectionRange:
    """The parts of the tree around a place, each within the next."""
    sources = {source.path: source}
    around = [node for node in _all(module) if node.span.start <= offset <= node.span.end]
    around.sort(key=lambda node: node.span.start - node.span.end)
    found: lsp.SelectionRange | None = None
    for node in around:
        here = places.range(node.span, sources)
        if found is None or found.range != here:
            found = lsp.SelectionRange(here, found)
    return found or lsp.SelectionRange(places.range(source.span(offset, offset), sources))
