"""How deep a tree nests, measured without nesting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from functools import cache

from comity.surface import ast

DEEPEST = 200
"""Expressions within expressions. Every pass may recurse over what is no deeper."""


@cache
def _slots(kind: type[object]) -> tuple[str, ...]:
    """The fields of a node class that may hold nodes."""
    return tuple(f.name for f in fields(kind) if f.name != "span" and f.type not in ("str", "bool", "Fraction"))


def children(node: ast.Node) -> Iterator[ast.Node]:
    """The nodes directly under a node, in the order of its fields."""
    for name in _slots(type(node)):
        value = getattr(node, name)
        if isinstance(value, ast.Node):
            yield value
        elif isinstance(value, tuple):
            yield from (item for item in value if isinstance(item, ast.Node))


def too_deep(root: object) -> ast.Node | None:
    """The first node found below more than `DEEPEST` others (lines of blocks not counted), or None."""
    if not isinstance(root, ast.Node):
        return None
    waiting = [(root, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > DEEPEST:
            return node
        inside = depth + (type(node) is not ast.Line)
        waiting.extend((child, inside) for child in children(node))
    return None
