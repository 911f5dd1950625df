"""What a local stands for while terms become nodes: a node, a record built in place, or something not looked into.

Example: in `risky(Party(country = destination))` the parameter of `risky` stands for a record whose field `country` is
the node of `destination`; no column of records is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from comity.backends.batch.nodes import Frame, Node
from comity.runtime.types import IntType, MoneyType, MonthsType, NumberType, PercentType, QuantityType, RecordType

NUMBERS = IntType | NumberType | PercentType | MoneyType | QuantityType | MonthsType


@dataclass(frozen=True, eq=False, slots=True)
class Built:
    """A record that is built in place, by field."""

    type: RecordType
    fields: Mapping[str, Value]


@dataclass(frozen=True, eq=False, slots=True)
class Opaque:
    """A local of which only matters what it is made of, which is counted elsewhere."""


Value: TypeAlias = Node | Built | Opaque
Env: TypeAlias = Mapping[str, Value]
Leaves: TypeAlias = frozenset[Node]


@dataclass(frozen=True, slots=True)
class Source:
    """The elements that a quantifier goes over: how surely each is one, and where the collection is unknown."""

    frame: Frame
    element: Node
    sure: Node | None
    unknowns: tuple[Node, ...]


OPAQUE = Opaque()
