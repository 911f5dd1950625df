"""The nodes under a node, and how deep a tree nests, measured without nesting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from comity.surface import ast

DEEPEST = 200
"""Expressions within expressions. Every pass may recurse this deep."""

_FIELDS: dict[type, tuple[str, ...]] = {}


def children(node: ast.Node) -> Iterator[ast.Node]:
    """The nodes directly under a node, in the order of its fields."""
    names = _FIELDS.get(type(node))
    if names is None:
        names = _FIELDS[type(node)] = tuple(f.name for f in fields(node) if f.name != "span")
    for name in names:
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
