"""Counting for one clause with a number: what is held at any one time, or done in a period.

If it is unknown whether some acts count, the count is an interval, so a number may be exceeded certainly,
possibly, or not at all. Readings that the language leaves open:

- Each report that an item is held is of one more item. A report with a count says how many of its kind (actor and
  facts) are held from then on, in place of what was said of that kind before.
- A minimum per period is judged when the period is over: calendar periods as they end, a rolling period at the end of
  every such stretch of days since the clause began to bind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from datetime import date, timedelta
from fractions import Fraction
from math import ceil
from typing import Literal, TypeAlias

from comity.core.log import Event
from comity.parts import Per, TimeSpan
from comity.runtime import kleene, values
from comity.runtime.kleene import KleeneSet, Truth
from comity.runtime.light import dataclass

Number: TypeAlias = Fraction | int
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Entry:
    """``truth``: whether it counts; None is not known."""

    day: date
    truth: Truth
    count: int


@dataclass(slots=True)
class Tally:
    """What one clause counts."""

    limit: Literal["at most", "at least", "exactly"]
    per: Per | None
    _entries: dict[object, _Entry] = field(default_factory=dict)

    @property
    def has_minimum(self) -> bool:
        return self.limit in ("at least", "exactly")

    @property
    def has_maximum(self) -> bool:
        return self.limit in ("at most", "exactly")

    def add(self, event: Event, truth: Truth) -> None:
        """Count an act that the clause speaks of, perhaps."""
        of_kind = self.per is None and event.count is not None
        key = (event.party, frozen(event.facts)) if of_kind else event.id
        self._entries[key] = _Entry(event.day, truth, 1 if event.count is None else event.count)

    def wrong_now(self, day: date, number: Number | None) -> Truth:
        """Whether more has been done in the period of a day, or what is held on it is more or less, than allowed."""
        if self.per is not None:
            return self.has_maximum and _exceeds(self._since(self._begin(self.per, day), day), number)
        held = list(self._entries.values())
        return kleene.any_of(
            (self.has_maximum and _exceeds(held, number), self.has_minimum and _short(held, number)),
        )

    def short_in(self, first: date, last: date, number: Number | None) -> Truth:
        """Whether less has been done from ``first`` to ``last`` than the minimum."""
        return _short(self._since(first, last), number)

    def _since(self, first: date, last: date) -> list[_Entry]:
        return [entry for entry in self._entries.values() if first <= entry.day <= last]

    # ------------------------------------------------------------------------------------- periods

    @staticmethod
    def _begin(per: Per, day: date) -> date:
        """The first day of the period that ``day`` falls in, or that ends on it."""
        if per.calendar == "year":
            return date(day.year, 1, 1)
        if per.calendar == "month":
            return date(day.year, day.month, 1)
        assert per.rolling is not None
        return _back(per.rolling, day) + _ONE_DAY

    def period_over(self, day: date, bound_since: date | None) -> date | None:
        """The first day of the period that ended the day before; None if none did, or it was not yet binding."""
        if self.per is None or day == date.min:
            return None
        first = self._begin(self.per, day - _ONE_DAY)
        if self.per.calendar is not None:
            return first if self._begin(self.per, day) == day else None
        return first if bound_since is not None and bound_since <= first else None

    def days_after_periods(self, since: date, last: date) -> Iterator[date]:
        """The days on which a minimum is judged: calendar periods with a day from ``since`` to ``last`` in them."""
        if self.per is None or self.per.calendar is None or not self.has_minimum:
            return
        day = self._begin(self.per, since)
        while day <= last:
            months = 12 if self.per.calendar == "year" else 1
            following = values.add_months(day, months)
            if following is None:
                return
            day = following
            yield day

    def rolling_ends(self, since: date, acts: Iterable[date]) -> Iterator[date]:
        """The days on which a rolling minimum may first be missed: a stretch after it binds, or after an act."""
        if self.per is None or self.per.rolling is None or not self.has_minimum:
            return
        for day in (since, *(act + _ONE_DAY for act in acts if since <= act < date.max)):
            end = _forward(self.per.rolling, day)
            if end is not None:
                yield end


def _exceeds(entries: Iterable[_Entry], number: Number | None) -> Truth:
    if number is None:
        return None
    sure, most = _bounds(entries)
    return True if sure > number else None if most > number else False


def _short(entries: Iterable[_Entry], number: Number | None) -> Truth:
    if number is None:
        return None
    sure, most = _bounds(entries)
    return True if most < number else None if sure < number else False


def _bounds(entries: Iterable[_Entry]) -> tuple[int, int]:
    sure = most = 0
    for entry in entries:
        most += entry.count
        sure += entry.count if entry.truth is True else 0
    return sure, most


def _forward(rolling: TimeSpan, day: date) -> date | None:
    if rolling.months is not None:
        return values.add_months(day, rolling.months)
    days = _days(rolling)
    return day + timedelta(days=days) if days <= (date.max - day).days else None


def _back(rolling: TimeSpan, day: date) -> date:
    if rolling.months is not None:
        return values.add_months(day, rolling.months, negative=True) or date.min
    days = _days(rolling)
    return day - timedelta(days=days) if days <= (day - date.min).days else date.min


def _days(rolling: TimeSpan) -> int:
    """Part of a day counts as one."""
    return ceil((rolling.hours or 0) / Fraction(24))


def frozen(value: object) -> object:
    """A run-time value as something that can be looked up; equal values are equal."""
    match value:
        case Mapping():
            return tuple(sorted((str(key), frozen(part)) for key, part in value.items()))
        case KleeneSet(members=members):
            return frozenset((frozen(element), sure) for element, sure in members)
        case list() | tuple():
            return tuple(frozen(part) for part in value)
        case _:
            return value
