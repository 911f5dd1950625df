"""Columns as tables give them, before they are read as facts: one shape for NumPy, Arrow, pandas and Polars.

`sources` makes them, `facts` reads them. ``at(row)`` gives a row's value as JSON has it (`LEFT_OUT`: it is not there),
which is what the interpreter reads where a row is refused or explained.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

LEFT_OUT: Final = object()


@dataclass(slots=True)
class Plain:
    """Values of any kind, one Python object per row (None: null)."""

    values: Sequence[object]

    def at(self, row: int) -> object:
        return self.values[row]


@dataclass(slots=True)
class Distinct:
    """Distinct values and, for each row, which it is. The same list of values stands for the same dictionary."""

    index: NDArray[Any]
    values: list[object]

    def at(self, row: int) -> object:
        return self.values[self.index[row]]


@dataclass(slots=True)
class Integers:
    """Numbers ``values / 10**scale``, or days since 0001-01-01 counted from 1 (``is_day``); int64.

    ``known``: False where the row is null; None if none is. ``unit``: what is written behind each number.
    """

    values: NDArray[np.int64]
    known: NDArray[np.bool_] | None = None
    scale: int = 0
    is_day: bool = False
    unit: str = ""

    def at(self, row: int) -> object:
        if self.known is not None and not self.known[row]:
            return None
        number = int(self.values[row])
        if self.is_day:
            return date.fromordinal(number) if 1 <= number <= date.max.toordinal() else f"day {number}"
        value = Decimal(number).scaleb(-self.scale) if self.scale else number
        return f"{value:f} {self.unit}".replace(" %", "%") if self.unit else value


@dataclass(slots=True)
class Structs:
    """Records by field. ``known``: False where the row is null. ``dotted``: put together from columns `a.b`."""

    fields: Mapping[str, Raw]
    rows: int
    known: NDArray[np.bool_] | None = None
    dotted: bool = False

    def at(self, row: int) -> object:
        if self.known is not None and not self.known[row]:
            return None
        given = {name: each.at(row) for name, each in self.fields.items()}
        return {name: value for name, value in given.items() if value is not LEFT_OUT}


@dataclass(slots=True)
class Lists:
    """Lists: the elements of row ``i`` are from ``offsets[i]`` to ``offsets[i + 1]``; int64, shape (rows + 1,)."""

    offsets: NDArray[np.int64]
    elements: Raw
    known: NDArray[np.bool_] | None = None

    def at(self, row: int) -> object:
        if self.known is not None and not self.known[row]:
            return None
        return [self.elements.at(place) for place in range(self.offsets[row], self.offsets[row + 1])]


Raw: TypeAlias = Plain | Distinct | Integers | Structs | Lists


def length(raw: Raw) -> int:
    """How many rows a column has."""
    match raw:
        case Plain(values=values):
            return len(values)
        case Distinct(index=index):
            return len(index)
        case Integers(values=values):
            return len(values)
        case Structs(rows=rows):
            return rows
        case Lists(offsets=offsets):
            return len(offsets) - 1


def distinct(values: Sequence[Any]) -> Distinct | None:
    """Values by what they are; None if some cannot be told apart by hashing. `1`, `1.0` and `true` are kept apart."""
    try:
        kinds = set(map(type, values))
        if len(kinds) == 1:
            found = dict.fromkeys(values)
            codes = {value: code for code, value in enumerate(found)}
            return Distinct(np.fromiter(map(codes.__getitem__, values), np.int64, len(values)), list(found))
        keys = [(value.__class__, value) for value in values]
        pairs = {key: code for code, key in enumerate(dict.fromkeys(keys))}
        return Distinct(np.fromiter(map(pairs.__getitem__, keys), np.int64, len(keys)), [value for _, value in pairs])
    except TypeError:
        return None
