"""Two windows beside each other: the days that are in one of them and not in the other. None is always open.

`from 2020-01-01 until 2025-12-31` and `from 2022-01-01` are apart on 2020-01-01 to 2021-12-31, and from 2026-01-01 on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import pairwise
from operator import gt, ne
from typing import TypeAlias

from comity.terms import Interval

Window: TypeAlias = Sequence[Interval] | None
_ONE_DAY = timedelta(days=1)


def days_only_in(one: Window, other: Window) -> tuple[Interval, ...]:
    """The stretches of days that are in one window and not in the other."""
    return _stretches(one, other, gt)


def days_apart(one: Window, other: Window) -> tuple[Interval, ...]:
    """The stretches of days that are in one of two windows and not in the other."""
    return _stretches(one, other, ne)


def _stretches(one: Window, other: Window, wanted: Callable[[bool, bool], bool]) -> tuple[Interval, ...]:
    """The stretches of days on which whether each window is open is as ``wanted``."""
    firsts = {date.min}
    for start, end in (*(one or ()), *(other or ())):
        firsts |= {day for day in (start, end and end < date.max and end + _ONE_DAY) if day}
    found: list[Interval] = []
    for first, following in pairwise([*sorted(firsts), None]):
        assert first is not None
        if not wanted(_open(one, first), _open(other, first)):
            continue
        last = None if following is None else following - _ONE_DAY
        if found and found[-1][1] is not None and found[-1][1] + _ONE_DAY == first:
            found[-1] = found[-1][0], last
        else:
            found.append((None if first == date.min else first, last))
    return tuple(found)


def _open(window: Window, day: date) -> bool:
    return window is None or any((s is None or s <= day) and (e is None or day <= e) for s, e in window)
