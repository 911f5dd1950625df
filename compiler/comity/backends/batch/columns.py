"""Columns of values, three-valued truths included, for the rows of one chunk.

A truth is a byte: `FALSE` 0, `UNKNOWN` 1, `TRUE` 2. In that order strong Kleene conjunction is the minimum,
disjunction the maximum, and negation ``2 - x``, each one pass over bytes. All other values are either *codes* into a
`Domain` (texts, members, sets: mostly few distinct ones), or exact integers over one denominator (`Exact`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from comity.runtime.kleene import KleeneSet
from comity.runtime.values import ABSENT, exact

FALSE: Final = 0
UNKNOWN: Final = 1
TRUE: Final = 2

Truths: TypeAlias = NDArray[np.uint8]
"""Shape (rows,)."""

Index: TypeAlias = NDArray[np.int64]
"""Shape (rows,); positions."""

KNOWN: Final = 0
MISSING: Final = 1
IS_ABSENT: Final = 2
"""The states of an exact number, a list or a record: known, unknown, absent."""

LARGEST: Final = 2**62
"""Integers below it may be added in pairs as int64; larger ones are computed as Python integers."""


def key_of(value: object) -> object:
    """What equal run-time values, and no others, have in common; hashable."""
    if isinstance(value, Mapping):
        return ("record", *((name, key_of(each)) for name, each in sorted(value.items())))
    if isinstance(value, tuple):
        return ("list", *map(key_of, value))
    if isinstance(value, KleeneSet):
        return ("set", *((key_of(each), sure) for each, sure in value.members))
    if isinstance(value, bool):
        return ("bool", value)
    return value


class Domain:
    """The distinct values of a column, each with its code: its position. Grows from chunk to chunk."""

    def __init__(self, values: Sequence[object] = ()) -> None:
        self.values: list[object] = []
        self._codes: dict[object, int] = {}
        for value in values:
            self.code(value)

    def __len__(self) -> int:
        return len(self.values)

    def code(self, value: object) -> int:
        key = value if value.__class__ is str else key_of(value)
        code = self._codes.get(key)
        if code is None:
            code = self._codes[key] = len(self.values)
            self.values.append(value)
        return code

    def clear(self) -> None:
        self.values.clear()
        self._codes.clear()


TRUTHS: Final = Domain([False, None, True])
"""The domain of truths: the code of a value is its byte."""


class Codes:
    """``index``: for each row, the code of its value in ``domain``.

    ``codes``: ``index`` is given as places in these codes, as dictionaries of tables have them. What needs a table of
    the distinct values only looks these up there (``parts``) and never the rows.
    """

    __slots__ = ("_codes", "_index", "_places", "domain")

    def __init__(self, index: NDArray[Any], domain: Domain, codes: Index | None = None) -> None:
        self.domain = domain
        self._index: NDArray[Any] | None = index if codes is None else None
        self._places = index
        self._codes = codes

    @property
    def index(self) -> NDArray[Any]:
        if self._index is None:
            assert self._codes is not None
            self._index = self._codes.take(self._places)
        return self._index

    @property
    def parts(self) -> tuple[NDArray[Any], Index | None]:
        """Places in codes, and these; or codes and None."""
        return self._places, self._codes

    def take(self, rows: Index) -> Codes:
        return Codes(self._places.take(rows), self.domain, self._codes)

    def value(self, row: int) -> object:
        return self.domain.values[self.index[row]]


@dataclass
class Exact:
    """Numbers ``numerators / denominator``, or days (``is_day``; ordinals, the denominator is 1).

    ``numerators``: int64, or Python integers (dtype object) where those might overflow. ``states``: `KNOWN`,
    `MISSING` or `IS_ABSENT` by row, None if all are known; the numerators of rows that are not are arbitrary.
    """

    numerators: NDArray[Any]
    denominator: int = 1
    states: Truths | None = None
    is_day: bool = False
    domain: Domain = field(default_factory=Domain)

    def take(self, rows: Index) -> Exact:
        states = None if self.states is None else self.states.take(rows)
        return Exact(self.numerators.take(rows), self.denominator, states, self.is_day)

    def value(self, row: int) -> object:
        if self.states is not None and self.states[row] != KNOWN:
            return None if self.states[row] == MISSING else ABSENT
        return self.number(int(self.numerators[row]))

    def number(self, numerator: int) -> object:
        return date.fromordinal(numerator) if self.is_day else exact(Fraction(numerator, self.denominator))

    @cached_property
    def largest(self) -> int:
        """The greatest numerator by amount."""
        if not len(self.numerators):
            return 0
        return max(abs(int(self.numerators.max())), abs(int(self.numerators.min())))

    @cached_property
    def coded(self) -> Codes:
        """The same values as codes in a domain of their own."""
        distinct, index = np.unique(self.numerators, return_inverse=True)
        index = index.astype(np.int64)
        values = [self.number(int(each)) for each in distinct]
        if self.states is not None:
            for state, mark in ((MISSING, None), (IS_ABSENT, ABSENT)):
                index[self.states == state] = len(values)
                values.append(mark)
        domain = Domain()
        codes = np.array([domain.code(each) for each in values] or [0], np.int64)
        return Codes(codes.take(index), domain)


@dataclass
class Lists:
    """Lists: the elements of row ``i`` are ``offsets[i]`` to ``offsets[i + 1]`` of ``elements``."""

    offsets: Index
    elements: Column
    states: Truths | None = None

    def take(self, rows: Index) -> Lists:
        lengths = np.diff(self.offsets).take(rows)
        offsets = np.concatenate([np.zeros(1, np.int64), lengths.cumsum()])
        states = None if self.states is None else self.states.take(rows)
        return Lists(offsets, self.elements.take(spans(self.offsets[:-1].take(rows), lengths)), states)

    def value(self, row: int) -> object:
        if self.states is not None and self.states[row] != KNOWN:
            return None if self.states[row] == MISSING else ABSENT
        return tuple(value_at(self.elements, place) for place in range(self.offsets[row], self.offsets[row + 1]))

    def __len__(self) -> int:
        return len(self.offsets) - 1


@dataclass
class Records:
    """Records by field; ``rows`` is how many. A field of a record that is not known is unknown."""

    fields: Mapping[str, Column]
    rows: int
    states: Truths | None = None

    def take(self, rows: Index) -> Records:
        states = None if self.states is None else self.states.take(rows)
        return Records({name: each.take(rows) for name, each in self.fields.items()}, len(rows), states)

    def value(self, row: int) -> object:
        if self.states is not None and self.states[row] != KNOWN:
            return None if self.states[row] == MISSING else ABSENT
        return {name: value_at(each, row) for name, each in self.fields.items()}

    def __len__(self) -> int:
        return self.rows


Column: TypeAlias = Truths | Codes | Exact | Lists | Records


def value_at(column: Column, row: int) -> object:
    """The run-time value of one row."""
    return TRUTHS.values[column[row]] if isinstance(column, np.ndarray) else column.value(row)


def size_of(column: Column) -> int:
    """How many rows a column has."""
    if isinstance(column, Codes):
        return len(column.index)
    return len(column.numerators) if isinstance(column, Exact) else len(column)


def coded(column: Column, domain: Domain) -> Codes:
    """The column as codes; ``domain`` takes the values of numbers, lists and records."""
    if isinstance(column, Codes):
        return column
    if isinstance(column, np.ndarray):
        return Codes(column.astype(np.int64), TRUTHS)
    if isinstance(column, Exact):
        own = column.coded
        codes = np.array([domain.code(each) for each in own.domain.values] or [0], np.int64)
        return Codes(codes.take(own.index), domain)
    index = np.fromiter((domain.code(column.value(row)) for row in range(size_of(column))), np.int64, size_of(column))
    return Codes(index, domain)


def numbers(column: Column) -> Exact:
    """A column of numbers or days as exact integers over one denominator."""
    if isinstance(column, Exact):
        return column
    assert isinstance(column, Codes)
    values = column.domain.values
    is_day = any(isinstance(each, date) for each in values)
    denominator = 1 if is_day else lcm(*(each.denominator for each in values if isinstance(each, int | Fraction)))
    table: list[int] = []
    states = np.zeros(len(values), np.uint8)
    for place, value in enumerate(values):
        if isinstance(value, date):
            table.append(value.toordinal())
        elif isinstance(value, int | Fraction):
            table.append(value.numerator * (denominator // value.denominator))
        else:
            table.append(0)
            states[place] = MISSING if value is None else IS_ABSENT
    of_rows = states.take(column.index) if states.any() else None
    if of_rows is not None and not of_rows.any():
        of_rows = None
    return Exact(integers(table).take(column.index), denominator, of_rows, is_day)


def integers(values: Sequence[int]) -> NDArray[Any]:
    """Integers as int64 if there is room to compute with them, else as Python integers."""
    small = all(-LARGEST < each < LARGEST for each in values)
    return np.array(values or [0], np.int64 if small else object)


def rescaled(numbers: Exact, denominator: int) -> NDArray[Any]:
    """The numerators over another denominator, a multiple of the one they have."""
    return product(numbers.numerators, denominator // numbers.denominator, numbers.largest)


def product(numerators: NDArray[Any], factor: int, largest: int) -> NDArray[Any]:
    """``numerators`` (at most ``largest`` by amount) times an integer, never overflowing."""
    if factor == 1:
        return numerators
    if largest * abs(factor) >= LARGEST:
        numerators = numerators.astype(object)
    return numerators * factor


def spans(starts: Index, lengths: Index) -> Index:
    """The positions ``starts[i], …, starts[i] + lengths[i] - 1`` of all i, one after the other.

    starts 5, 9 and lengths 2, 3: 5, 6, 9, 10, 11.
    """
    total = int(lengths.sum())
    ends = lengths.cumsum()
    return np.arange(total, dtype=np.int64) + np.repeat(starts - (ends - lengths), lengths)
