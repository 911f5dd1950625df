"""Days that rules leave out (L213), and the days on which a finding holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from comity.analysis.axes import DayAxis, bits
from comity.analysis.boxes import Box, OutOfBudget, disjoint, meet
from comity.analysis.contest import Contest, Mask, Standing
from comity.analysis.index import runs
from comity.analysis.questions import saying, support
from comity.analysis.study import Study, Undecided, Witness

MOST_PARTS = 100
"""So many stretches of days of one finding are looked for."""

Days = tuple[tuple[str | None, str | None], ...]


def days_of(study: Study, ask: Callable[[Box], Witness | None]) -> Days | None:
    """The days on which ``ask`` finds something; None if there is no input on others, or that is not settled."""
    day = study.translator.day
    try:
        found = _days_found(day, ask)
        if found == day.values or not found or found == _days_found(day, study.find):
            return None
    except Undecided:
        return None
    return stretches(day, found)


def _days_found(day: DayAxis, ask: Callable[[Box], Witness | None]) -> int:
    """The cells of known days in which something is found."""
    found = 0
    for _ in range(MOST_PARTS):
        left = day.values & ~found
        another = ask({day.number: left}) if left else None
        if another is None:
            return found
        found |= another.region.get(day.number, left) & day.values
    raise Undecided("too many stretches of days")


def stretches(day: DayAxis, mask: int) -> Days:
    """Cells of days as ISO dates, both inclusive."""
    found = []
    for low, high in day.stretches(mask):
        assert low is not None and high is not None
        first = None if low == day.low else date.fromordinal(int(low[0])).isoformat()
        last = None if high == day.high else date.fromordinal(int(high[0]) - 1).isoformat()
        found.append((first, last))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class DateGap:
    """``before`` and ``after`` decide next to the days of ``cells``, on which no rule does. ``witness``: such a day."""

    before: int
    after: int
    cells: int
    witness: Witness


def date_gaps(contest: Contest) -> Iterator[DateGap | Undecided]:
    """Holds iff for some input without its day rules decide on a day, then none does, and then some do again.

    What decides before and after are the rules next to the days left out; each pair of them is one finding.
    """
    day = contest.study.translator.day
    told: set[tuple[str, str]] = set()
    ends = [
        (number, box, cell) for number in bits(saying(contest)) for box, cell in _breaks(contest, number, after=True)
    ]
    starts = [
        (number, box, cell) for number in bits(saying(contest)) for box, cell in _breaks(contest, number, after=False)
    ]
    for before, one, end in ends:
        for after, two, start in starts:
            names = (contest.rules[before].family, contest.rules[after].family)
            if start <= end + 1 or names in told:
                continue
            both = meet(_undated(one, day), _undated(two, day))
            if both is None:
                continue
            try:
                found = _Gap(contest, (end, before), (start, after)).search(both)
            except Undecided as undecided:
                told.add(names)
                yield undecided
                continue
            if found is not None:
                told.add(names)
                yield DateGap(before, after, ((1 << start) - 1) & ~((1 << end + 1) - 1), found)


def _undated(box: Box, day: DayAxis) -> Box:
    return {axis: mask for axis, mask in box.items() if axis != day.number}


def _breaks(contest: Contest, rule: int, after: bool) -> Iterator[tuple[Box, int]]:
    """Boxes of a rule with each last (or first) cell of days on which it may apply."""
    day = contest.study.translator.day
    others = support(contest, rule) & ~(1 << rule)
    for box in contest.extents[rule].true:
        mask = box.get(day.number, day.full) & day.values
        cells = {high if after else low for low, high in runs(mask)}
        for number in bits(others):
            for other in contest.extents[number].maybe:
                if not disjoint(_undated(other, day), box):
                    for low, high in runs(other.get(day.number, day.full) & day.values):
                        cells |= {low - 1, high} if after else {high + 1, low}
        last = day.values.bit_length() - 1
        for cell in sorted(cells):
            if 0 <= cell <= last and mask >> cell & 1 and cell != (last if after else 0):
                yield box, cell


class _Gap:
    """The search for an input that two rules decide, each on a cell of its own, and none on the cells between."""

    def __init__(self, contest: Contest, before: tuple[int, int], after: tuple[int, int]) -> None:
        self.contest = contest
        self.end, self.start = before[0], after[0]
        self.deciding = {self.end: 1 << before[1], self.start: 1 << after[1]}
        self.day = contest.study.translator.day
        self.saying = saying(contest)
        self.budget = contest.study.patience.budget()

    def search(self, region: Box) -> Witness | None:
        try:
            return self._search(region)
        except OutOfBudget:
            raise Undecided("the search took too many steps") from None

    def _search(self, region: Box) -> Witness | None:
        self.budget.spend()
        contest = self.contest
        for cell in (self.end, self.start, *self._between(region)):
            standing = self._standing(region, cell)
            if standing.open:
                rule = (standing.open & -standing.open).bit_length() - 1
                for part in contest.along(standing.region, contest.extents[rule]):
                    found = self._search(_undated(part, self.day))
                    if found is not None:
                        return found
                return None
            if cell in self.deciding:
                resolution = contest.resolve(standing)
                if resolution.outcome is None or not resolution.deciding & self.deciding[cell]:
                    return None
            else:
                _, perhaps = contest.ruleset.applying(standing.true, standing.unknown)
                if perhaps & self.saying:
                    return None
        middle = {**region, self.day.number: 1 << self.end + 1}
        around = 1 << self.end | 1 << self.start
        impossible = (_undated(box, self.day) for box in contest.space.impossible if self._on(box) & around)
        return contest.study.find(middle, impossible, facts=True)

    def _on(self, box: Box) -> int:
        return box.get(self.day.number, self.day.full)

    def _between(self, region: Box) -> Iterable[int]:
        """One cell of each stretch of the days between in which the same rules are near."""
        cells = ((1 << self.start) - 1) & ~((1 << self.end + 1) - 1)
        near = self.contest.meeting({**region, self.day.number: cells})
        cuts = {self.end + 1}
        for number in bits(near):
            for box in self.contest.extents[number].maybe:
                for low, high in runs(self._on(box) & cells):
                    cuts |= {low, high + 1}
        return sorted(cell for cell in cuts if self.end < cell < self.start)

    def _standing(self, region: Box, cell: int) -> Standing:
        at = {**region, self.day.number: 1 << cell}
        near: Mask = self.contest.meeting(at)
        return self.contest.standing(at, near)
