"""What a node is worth for every value of the few facts that it reads.

Example: with the column `use` given as (civil, military, NULL), `use = 'military'` is (FALSE, TRUE, NULL).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from comity.backends.sql.columns import Node
from comity.backends.sql.lookups import Lookups

Vector: TypeAlias = Sequence[Any]
"""A value for each place; None is unknown."""


@dataclass(slots=True)
class Vectors:
    """``given``: the values of columns, place by place. Nodes are worked out as SQL would, each once.

    With the column `use` given as (civil, military, None), `use = 'military'` is (False, True, None).
    """

    lookups: Lookups
    given: Mapping[Node, Vector]
    _found: dict[Node, Vector | None] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return len(next(iter(self.given.values())))

    def of(self, node: Node) -> Vector | None:
        """None for an operation that is not worked out here, and for what reads other columns."""
        if node in self.given:
            return self.given[node]
        if node not in self._found:
            self._found[node] = self._of(node)
        return self._found[node]

    def _of(self, node: Node) -> Vector | None:
        if node.op == "constant":
            return [node.value] * self.size
        if node.op == "column":
            return None
        parts = [self.of(part) for part in node.parts]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            return None
        match node.op:
            case "sure":
                return known[0]
            case "not":
                return [None if each is None else not each for each in known[0]]
            case "and":
                return [_all(each) for each in zip(*known, strict=True)]
            case "or":
                return [_any(each) for each in zip(*known, strict=True)]
            case "known":
                return [each is not None for each in known[0]]
            case "coalesce":
                return [next((each for each in row if each is not None), None) for row in zip(*known, strict=True)]
            case "=":
                return _compared(known, lambda one, two: one == two)
            case "<":
                return _compared(known, lambda one, two: one < two)
            case "<=":
                return _compared(known, lambda one, two: one <= two)
            case "in":
                members = set(node.args[1])
                return [None if each is None else each in members for each in known[0]]
            case "under":
                entries, separator = node.args[1:]
                starts = tuple(f"{entry}{separator}" for entry in entries)
                return [None if each is None else each in entries or each.startswith(starts) for each in known[0]]
            case "case":
                return [_branch(row) for row in zip(*known, strict=True)]
            case "bit":
                return [None if each is None else bool(each >> node.args[1] & 1) for each in known[0]]
            case "lookup":
                table, places, fixed, part = node.args[:4]
                return [self.lookups.cell(table, places, fixed, part, keys) for keys in zip(*known, strict=True)]
            case _:
                return None


def _all(truths: Sequence[Any]) -> bool | None:
    return False if False in truths else None if None in truths else True


def _any(truths: Sequence[Any]) -> bool | None:
    return True if True in truths else None if None in truths else False


def _compared(sides: Sequence[Vector], holds: Callable[[Any, Any], bool]) -> Vector:
    return [None if one is None or two is None else holds(one, two) for one, two in zip(*sides, strict=True)]


def _branch(row: Sequence[Any]) -> Any:
    for place in range(0, len(row) - 1, 2):
        if row[place] is True:
            return row[place + 1]
    return row[-1]
