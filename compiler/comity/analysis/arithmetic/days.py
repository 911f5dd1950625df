"""Days that lie some days and calendar months apart, decided exactly.

All that is asked of such days is of one form: a day plus some months is not before another plus some months and days.
Both sums never fall as the days go on, so of two solutions the earlier day of each variable is a solution again: there
is a least one. It is found from below. Every day starts at the first that it may be, and as long as something is not
so, the one that is too early moves up to the first day that will do. What a solution asks for is never passed.

Example: `x + 1 months <= y`, `y < x + 29 days`, from 2023-12-30 on. Then y is 2024-01-30 at least, and x 2024-01-02; so
y is 2024-02-02, and so on to `x = 2025-02-01, y = 2025-03-01`: in 2024 February has 29 days.

Round a cycle days may move up for ever. What months add repeats itself every four years but for the turn of most
centuries, so days that have moved further than that go on.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache

from comity.analysis import limits
from comity.analysis.arithmetic.linear import Unsettled
from comity.analysis.space.symbols import FIRST, LAST, first_day, months_later
from comity.runtime.light import dataclass

FOUR_YEARS = 1_461
"""Days after which months are as long again, if no year without its leap day comes between."""

THREE_YEARS = 1_095
"""Days within which the calendar looks everywhere as it does where each fourth year is a leap year: three years."""

SOME_DAY = date(2024, 1, 1).toordinal()
"""Of many days that will do."""


@dataclass(frozen=True, slots=True)
class Apart:
    """``later`` plus ``plus`` months is at least ``days`` after ``earlier`` plus ``minus`` months (by variable)."""

    later: int
    plus: int
    earlier: int
    minus: int
    days: int


@lru_cache(maxsize=256)
def lengths(months: int) -> tuple[int, int]:
    """The fewest and the most days by which calendar months move a day."""
    if months < 0:
        return _backwards(-months)
    found: set[int] = set()
    for start, end, own, length in _months(months):
        found |= {end - start, end - start - max(0, own - length)}
    return min(found), max(found)


def _backwards(months: int) -> tuple[int, int]:
    found: set[int] = set()
    for start, end, length, own in _months(months):
        found |= {end - start, end - start + max(0, own - length)}
    return -max(found), -min(found)


def _months(months: int) -> Iterator[tuple[int, int, int, int]]:
    """Of each month of 400 years and the one so much later: their first days, and how long they are."""
    for year in range(2000, 2400):
        for month in range(1, 13):
            years, month_later = divmod(month - 1 + months, 12)
            # The calendar repeats itself every 400 years.
            periods, year_later = divmod(year + years - 2000, 400)
            end = date(2000 + year_later, month_later + 1, 1).toordinal() + periods * 146_097
            yield (
                date(year, month, 1).toordinal(),
                end,
                monthrange(year, month)[1],
                monthrange(2000 + year_later, month_later + 1)[1],
            )


def solve_days(bounds: Mapping[int, tuple[int, int]], apart: Sequence[Apart]) -> dict[int, int] | None:
    """A day for each variable, within its ``bounds`` (first and last day); None if there are certainly none.

    Days are plain where that is possible. Raises Unsettled.
    """
    search = _Search(bounds, apart)
    found = search.least({})
    if found is None:
        return None
    at_least: dict[int, int] = {}
    for variable, (low, high) in bounds.items():
        # A bound is plain: mostly it is a constant of the program.
        plain = low if low > FIRST else SOME_DAY if high >= SOME_DAY else high
        if found[variable] < plain:
            try:
                better = search.least({**at_least, variable: plain})
            except Unsettled:
                continue
            if better is not None:
                at_least[variable], found = plain, better
    return found


class _Search:
    def __init__(self, bounds: Mapping[int, tuple[int, int]], apart: Sequence[Apart]) -> None:
        self.apart = apart
        self.bounds: dict[int, tuple[int, int]] = {}
        months: dict[int, set[int]] = {variable: set() for variable in bounds}
        for each in apart:
            months[each.later].add(each.plus)
            months[each.earlier].add(each.minus)
        for variable, (low, high) in bounds.items():
            for many in months[variable]:
                # Out of the calendar there is no such day.
                low = max(low, first_day(FIRST, many)) if many < 0 else low
                high = min(high, _last_day(many)) if many > 0 else high
            self.bounds[variable] = low, high
        self.spread = sum(31 * (abs(each.plus) + abs(each.minus)) + abs(each.days) for each in apart)

    def least(self, at_least: Mapping[int, int]) -> dict[int, int] | None:
        """The least solution above some days; None if there is none."""
        days = {variable: max(low, at_least.get(variable, low)) for variable, (low, _) in self.bounds.items()}
        start: dict[int, int] = {}
        left, rounds = limits.current.day_steps, 0
        if any(days[variable] > high for variable, (_, high) in self.bounds.items()):
            return None
        while True:
            moved = False
            for each in self.apart:
                needed = _later(days[each.earlier], each.minus) + each.days
                if _later(days[each.later], each.plus) >= needed:
                    continue
                day = first_day(max(needed, FIRST), each.plus)
                if day > self.bounds[each.later][1]:
                    return None
                days[each.later] = day
                moved = True
                left -= 1
            if not moved:
                return days
            rounds += 1
            if rounds == len(days):
                start = dict(days)
            if left < 0 or (start and any(days[v] - start[v] > self._reach(start) for v in days)):
                if left < 0 or self.spread > THREE_YEARS:
                    raise Unsettled
                return None

    def _reach(self, start: Mapping[int, int]) -> int:
        """How far days move up at most, if they come to an end."""
        reach = len(start) * (FOUR_YEARS + self.spread)
        first, last = (date.fromordinal(day).year for day in (min(start.values()), max(start.values())))
        centuries = range(-(-first // 100), (last + reach // 365) // 100 + 1)
        return reach + 3 * FOUR_YEARS * len(start) if any(each % 4 for each in centuries) else reach


def _later(ordinal: int, months: int) -> int:
    later = months_later(ordinal, months)
    assert later is not None, "bounds leave out what is out of the calendar"
    return later


def _last_day(months: int) -> int:
    """The last day of which there is one so many months later."""
    day = months_later(LAST, -months)
    assert day is not None
    while day < LAST and months_later(day + 1, months) is not None:
        day += 1
    return day
