"""Cycles among precedence edges (E110): each is reported once and its edges are removed.

Two relations must be acyclic:

- *goes first*: a rule goes before every rule that it is `notwithstanding`, `exception to` or `disapplies`;
- *depends on*: whether a rule applies depends on the rules it is an `exception to`, and on those that disapply it.

    rule allies for licensing:             goes first:   allies → chips
        exception to chips                 depends on:   allies → chips   (allies reaches only where chips applies)
        disapplies chips                                 chips → allies   (chips applies only if allies does not)

The first relation has no cycle, the second has one, so E110 is reported, and both edges on it are removed. In what is
left, every rule can be decided after the rules that it depends on.

Cycles are found as strongly connected components (R. Tarjan, "Depth-first search and linear graph algorithms", SIAM
Journal on Computing 1, 1972); the message shows a shortest cycle of each.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from comity.base.diagnostics import Report
from comity.core.ast import Edge, Rule
from comity.core.errors import e110
from comity.parts import Ground

Key = TypeVar("Key", bound=Hashable)
Graph = Mapping[Key, Sequence[Key]]


def acyclic_rules(rules: Sequence[Rule], report: Report) -> tuple[Rule, ...]:
    """Report each cycle once, and return the rules without the edges that lie on one.

    INVARIANT (precedence is acyclic): holds for what is returned.
    """
    first: dict[int, list[tuple[int, Edge]]] = {}
    depending: dict[int, list[tuple[int, Edge]]] = {}
    for rule in rules:
        for edge in rule.edges:
            first.setdefault(rule.number, []).append((edge.target, edge))
            match edge.kind:
                case "exception":
                    depending.setdefault(rule.number, []).append((edge.target, edge))
                case "disapplies":
                    depending.setdefault(edge.target, []).append((rule.number, edge))
                case "prevails":
                    pass

    removed: set[Edge] = set()
    reported: set[frozenset[object]] = set()
    for arcs in (first, depending):
        graph = {node: [target for target, _ in out] for node, out in arcs.items()}
        for component in components(graph):
            members = set(component)
            removed.update(edge for node in component for target, edge in arcs[node] if target in members)
            edges = [
                next(edge for target, edge in arcs[here] if target == there)
                for here, there in _steps(shortest_cycle(graph, members))
            ]
            clauses = frozenset((edge.clause, rules[edge.declared_by].family) for edge in edges)
            if clauses not in reported:
                reported.add(clauses)
                _report(edges, rules, report)
    if not removed:
        return tuple(rules)
    return tuple(replace(rule, edges=tuple(e for e in rule.edges if e not in removed)) for rule in rules)


def _report(edges: Sequence[Edge], rules: Sequence[Rule], report: Report) -> None:
    holders = {id(edge): rule for rule in rules for edge in rule.edges}
    steps = {}
    subjects = []
    for edge in edges:
        declarer = rules[edge.declared_by]
        holder = holders[id(edge)]
        named = holder if edge.written == "subject to" else rules[edge.target]
        steps[f"`{declarer.family}` {edge.written} `{named.family}`"] = edge.clause
        subjects.append(declarer.family)
    e110(report, tuple(steps.items()), subjects)


def check_grounds(grounds: Sequence[Ground], report: Report) -> tuple[Ground, ...]:
    """Report cycles of `prevail X over Y`; return the grounds without those on one."""
    over = {(g.winner, g.loser): g for g in reversed(grounds) if g.kind == "over"}
    graph: dict[str | None, list[str | None]] = {}
    for winner, loser in reversed(over):
        graph.setdefault(winner, []).append(loser)
    on_cycle: set[tuple[str | None, str | None]] = set()
    for component in components(graph):
        members = set(component)
        on_cycle.update(pair for pair in over if set(pair) <= members)
        steps = [(over[pair], pair) for pair in _steps(shortest_cycle(graph, members))]
        texts = [(f"`prevail {winner} over {loser}`", ground.span) for ground, (winner, loser) in steps]
        e110(report, texts, [str(winner) for _, (winner, _) in steps])
    return tuple(g for g in grounds if g.kind != "over" or (g.winner, g.loser) not in on_cycle)


def _steps(cycle: Sequence[Key]) -> list[tuple[Key, Key]]:
    return list(zip(cycle, [*cycle[1:], cycle[0]], strict=True))


def shortest_cycle(graph: Graph[Key], within: set[Key]) -> list[Key]:
    """A shortest cycle through the first node of ``graph`` that lies ``within`` (a strongly connected set)."""
    start = next(node for node in graph if node in within)
    came_from: dict[Key, Key] = {}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        for target in graph.get(node, ()):
            if target == start:
                path = [node]
                while path[-1] != start:
                    path.append(came_from[path[-1]])
                return path[::-1]
            if target in within and target not in came_from:
                came_from[target] = node
                queue.append(target)
    raise AssertionError("a strongly connected set has a cycle through each of its nodes")


def components(graph: Graph[Key]) -> list[list[Key]]:
    """The strongly connected components with a cycle, in the order of their first node (Tarjan, without recursion)."""
    order: dict[Key, int] = {}
    low: dict[Key, int] = {}
    stack: list[Key] = []
    on_stack: set[Key] = set()
    found: list[list[Key]] = []
    for root in graph:
        if root in order:
            continue
        work = [(root, iter(graph[root]))]
        order[root] = low[root] = len(order)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, targets = work[-1]
            for target in targets:
                if target not in order:
                    order[target] = low[target] = len(order)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter(graph.get(target, ()))))
                    break
                if target in on_stack:
                    low[node] = min(low[node], order[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    component = [stack.pop()]
                    while component[-1] != node:
                        component.append(stack.pop())
                    on_stack.difference_update(component)
                    if len(component) > 1 or node in graph.get(node, ()):
                        found.append(component)
    return sorted(found, key=lambda component: min(order[node] for node in component))
