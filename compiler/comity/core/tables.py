"""Looking rows up in a table: exact keys, the longest row for codes, rows with a window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from enum import Enum
from itertools import product
from typing import Final

from comity.core.ast import Table
from comity.parts import Row
from comity.runtime.types import EccnType, HsCodeType, Type

REMEMBERED: Final = 10_000
"""How many answers a table remembers."""


class Missing(Enum):
    """Why no row was found."""

    NO_ROW = "no row"
    NO_DAY = "the row depends on the day, which is unknown"


class InPlace(dict[str, object]):
    """A record that is built in place or read from a table: no `always` line has been checked for it."""

    __slots__ = ()


def in_place(value: object) -> object:
    """A value that is not among the facts."""
    return InPlace(value) if isinstance(value, dict) else value


class TableIndex:
    """The rows of one table by key.

    Of the rows in force on the day, an ECCN or HS code takes the longest that it is within; with several such keys
    the earlier parameter is made as long as possible first.
    """

    __slots__ = ("_found", "_rows", "_widen", "table")

    def __init__(self, table: Table) -> None:
        self.table: Final = table
        self._widen = tuple(type for _, type in table.parameters)
        self._found: dict[tuple[object, ...], Row | Missing] = {}
        self._rows: dict[tuple[object, ...], list[Row]] = {}
        for row in table.rows:
            own = row if in_place(row.value) is row.value else replace(row, value=in_place(row.value))
            self._rows.setdefault(row.keys, []).append(own)

    def find(self, keys: tuple[object, ...], day: date | None) -> Row | Missing:
        """The row for known ``keys`` on ``day``. Memoised: one decision asks for one row many times."""
        asked = (keys, day)
        found = self._found.get(asked)
        if found is None:
            if len(self._found) >= REMEMBERED:
                self._found.clear()
            found = self._found[asked] = self._find(keys, day)
        return found

    def _find(self, keys: tuple[object, ...], day: date | None) -> Row | Missing:
        for row in self._candidates(keys):
            if row.interval is None:
                return row
            if day is None:
                return Missing.NO_DAY
            if within(day, row.interval):
                return row
        return Missing.NO_ROW

    def _candidates(self, keys: Sequence[object]) -> Iterator[Row]:
        for wider in product(*map(widenings, self._widen, keys)):
            yield from self._rows.get(wider, ())


def widenings(type: Type, key: object) -> Sequence[object]:
    """``key`` and the entries it is within, the longest first."""
    match type, key:
        case EccnType(), str():
            parts = key.split(".")
            return [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
        case HsCodeType(), str():
            return [key[:length] for length in range(len(key), 1, -1)]
        case _:
            return (key,)


def within(day: date, interval: tuple[date | None, date | None]) -> bool:
    """Whether ``day`` falls in an interval of inclusive days."""
    first, last = interval
    return (first is None or first <= day) and (last is None or day <= last)
