"""Definitions, decisions and sets that rest on themselves (E011).

A definition that rests on itself has no value; the law has no fixpoints where none are declared. Every circle is
reported once, for its first declaration, with the way round.
"""

from __future__ import annotations

from collections.abc import Mapping

from comity.base.diagnostics import Related, Report
from comity.base.source import Span
from comity.checked import errors
from comity.checked.scope import Symbol

Edges = Mapping[str, Mapping[str, Span]]


def find_circles(edges: Edges, symbols: Mapping[str, Symbol], report: Report) -> frozenset[str]:
    """The qualified names of all that lie on a circle."""
    found: set[str] = set()
    for group in _components(edges):
        if len(group) == 1 and group[0] not in edges[group[0]]:
            continue
        found.update(group)
        first = min(group, key=lambda name: (symbols[name].span.path, symbols[name].span.start))
        _report(first, group, edges, symbols, report)
    return frozenset(found)


def _report(start: str, group: list[str], edges: Edges, symbols: Mapping[str, Symbol], report: Report) -> None:
    way = _way_round(start, set(group), edges)
    names = " → ".join(f"`{symbols[name].name}`" for name in [*way, start])
    steps = zip(way, [*way[1:], start], strict=True)
    errors.circular(
        report,
        f"{symbols[start]} depends on itself: {names}" if len(way) > 1 else f"{symbols[start]} depends on itself",
        symbols[start].span,
        related=tuple(Related(f"`{symbols[b].name}` is used here", edges[a][b]) for a, b in steps),
        subjects=tuple(way),
    )


def _way_round(start: str, group: set[str], edges: Edges) -> list[str]:
    """A shortest way from ``start`` back to it."""
    queue: list[list[str]] = [[start]]
    seen: set[str] = set()
    for path in queue:
        for name in edges[path[-1]]:
            if name == start:
                return path
            if name in group and name not in seen:
                seen.add(name)
                queue.append([*path, name])
    raise AssertionError(start)


def _components(edges: Edges) -> list[list[str]]:
    """The strongly connected components (Tarjan), without recursion: chains of definitions may be long."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    result: list[list[str]] = []
    for root in edges:
        if root in index:
            continue
        work = [(root, iter(edges[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            name, targets = work[-1]
            for target in targets:
                if target not in edges:
                    continue
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter(edges[target])))
                    break
                if target in on_stack:
                    low[name] = min(low[name], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[name])
                if low[name] == index[name]:
                    group: list[str] = []
                    while True:
                        member = stack.pop()
                        on_stack.discard(member)
                        group.append(member)
                        if member == name:
                            break
                    result.append(group)
    return result
