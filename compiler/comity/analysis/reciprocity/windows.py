"""Two windows beside each other: the days that are in one of them and not in the other. None is always open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import TypeAlias

from comity.terms import Interval

Window: TypeAlias = Sequence[Interval] | None
_ONE_DAY = timedelta(days=1)


def day_only_in(one: Window, other: Window) -> date | None:
    """The first day that is in one window and not in another, if there is one; None is always open."""
    edges = {date.max}
    for start, end in (*(one or ()), *(other or ())):
        edges |= {day for day in (start, end) if day is not None}
        edges |= {day - _ONE_DAY for day in (start,) if day is not None and day > date.min}
        edges |= {day + _ONE_DAY for day in (end,) if day is not None and day < date.max}
    return next((day for day in sorted(edges) if _open(one, day) and not _open(other, day)), None)


def days_apart(one: Window, other: Window) -> tuple[Interval, ...]:
    """The stretches of days that are in one of two windows and not in the other."""
    firsts = {date.min}
    for start, end in (*(one or ()), *(other or ())):
        firsts |= {day for day in (start, end and end < date.max and end + _ONE_DAY) if day}
    found: list[Interval] = []
    for first, following in pairwise([*sorted(firsts), None]):
        assert first is not None
        if _open(one, first) == _open(other, first):
            continue
        last = None if following is None else following - _ONE_DAY
        if found and found[-1][1] is not None and found[-1][1] + _ONE_DAY == first:
            found[-1] = found[-1][0], last
        else:
            found.append((None if first == date.min else first, last))
    return tuple(found)


def _open(window: Window, day: date) -> bool:
    return window is None or any((s is None or s <= day) and (e is None or day <= e) for s, e in window)
