"""Days that rules leave out (L213), and the days on which a finding holds.

The days of an input are a line of their own here: the same facts are judged on one day after another (`timelines`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import chain
from typing import TypeAlias

from comity.analysis.decision.search import Contest, Mask
from comity.analysis.decision.study import Study, Undecided, Witness
from comity.analysis.questions.gaps import Break, Gap, breaks, heads
from comity.analysis.questions.timelines import Timeline, timelines
from comity.analysis.space.axes import DayAxis, bits
from comity.analysis.space.boxes import Box, Budget, disjoint, meet
from comity.runtime.rules import mask_of

MOST_PARTS = 100
"""Maximum number of intervals of days searched for one finding."""

FEW_STEPS = 60
"""Steps that the search of one pair may take at first: another pair may be easy."""

STEPS = 10_000
"""Steps that all pairs together may take after that."""

Days = tuple[tuple[str | None, str | None], ...]

Known: TypeAlias = dict[tuple[Break, Break], tuple[Box, Witness | None]]
"""For two breaks, where it was searched, without the days, and what was found left out between them."""


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
    """``before`` and ``after`` decide next to ``days``, on which no rule does. ``witness``: such a day."""

    before: int
    after: int
    days: Days
    witness: Witness


class DateGaps:
    """Holds iff for some input without its day rules decide on a day, then none does, and then some do again.

    Each rule that decides before is one finding, with the first rule to decide again. Rules count that certainly
    apply there, and decide or are decided by an exception. An exception has no say where nothing applies that it is an
    exception to, so what left the days out is never the exception.
    """

    def __init__(self, contest: Contest) -> None:
        self.contest = contest
        self._breaks: dict[bool, dict[int, list[Break]]] = {True: {}, False: {}}
        self._known: Known = {}
        self._before: dict[tuple[int, int], Witness] = {}

    @cached_property
    def _heads(self) -> list[int]:
        return heads(self.contest)

    def find(self) -> Iterator[DateGap | Undecided]:
        told: set[str] = set()
        left_open: dict[str, Undecided] = {}
        try:
            for timeline in timelines(self.contest):
                for family, search in self._families(timeline):
                    if family not in told:
                        try:
                            gap = search.first()
                        except Undecided as undecided:
                            left_open[family] = undecided
                            continue
                        if gap is not None:
                            told.add(family)
                            yield gap
        except Undecided as undecided:
            yield undecided
        yield from (undecided for family, undecided in left_open.items() if family not in told)

    def forget(self, rules: Mask, where: Sequence[Box]) -> None:
        """Rules have other extents or outcomes than before in these boxes."""
        ruleset = self.contest.ruleset
        found, waiting = 0, rules
        while waiting:
            number = next(bits(waiting))
            found |= 1 << number
            hanging = ruleset.excepted_by[number] | mask_of(ruleset.rules[number].disapplies)
            waiting = (waiting | hanging) & ~found
        for known in self._breaks.values():
            for number in bits(found):
                known.pop(number, None)
        day = self.contest.study.translator.day.number
        near = [{axis: mask for axis, mask in box.items() if axis != day} for box in where]
        left = {pair: known for pair, known in self._known.items() if not any(found >> each.rule & 1 for each in pair)}
        self._known = {pair: known for pair, known in left.items() if all(disjoint(known[0], each) for each in near)}

    def _families(self, timeline: Timeline) -> Iterator[tuple[str, _Search]]:
        """For each family what is to be searched after it."""
        starts = sorted(chain.from_iterable(self._broken(timeline, after=False)), key=lambda start: start.cell)
        families: dict[str, list[Break]] = {}
        for ends in self._broken(timeline, after=True):
            for end in ends:
                families.setdefault(self.contest.rules[end.rule].family, []).append(end)
        left: dict[Break, Box | None] = {}
        for family, ends in families.items():
            yield family, _Search(timeline, ends, starts, left, {} if timeline.converted else self._known, self._before)

    def _broken(self, timeline: Timeline, after: bool) -> Iterator[list[Break]]:
        """The breaks of each head."""
        known = {} if timeline.converted else self._breaks[after]
        for number in self._heads:
            if number not in known:
                known[number] = list(breaks(timeline, number, after))
            yield known[number]


@dataclass(frozen=True, slots=True)
class _Search:
    """The search for the first rule to decide again what one of ``ends`` leaves out.

    ``left``: of each break what may be left to no rule on the next day, or the one before; None if nothing is.
    """

    timeline: Timeline
    ends: Sequence[Break]
    starts: Sequence[Break]
    left: dict[Break, Box | None]
    known: Known
    before: dict[tuple[int, int], Witness]
    """What was shown last of two rules."""

    def first(self) -> DateGap | None:
        """With few steps for each pair first, then with more for all that are left. Raises Undecided."""
        timeline = self.timeline
        pairs = list(self._pairs())
        undecided: Undecided | None = None
        together = Budget(STEPS)
        for is_first in (True, False):
            left_open: list[tuple[Break, Break, Box]] = []
            for end, start, both in pairs:
                try:
                    if (end, start) not in self.known:
                        budget = Budget(FEW_STEPS) if is_first else together
                        region = meet(end.box, start.box)
                        assert region is not None, "they meet in a part of it"
                        self.known[end, start] = region, self._search(end, start, both, budget)
                    found = self.known[end, start][1]
                except Undecided as caught:
                    undecided = caught
                    left_open.append((end, start, both))
                    continue
                if found is not None:
                    return DateGap(end.rule, start.rule, (timeline.told(end.cell + 1, start.cell - 1),), found)
            pairs = left_open
        if pairs and undecided is not None:
            raise undecided
        return None

    def _search(self, end: Break, start: Break, both: Box, budget: Budget) -> Witness | None:
        study = self.timeline.contest.study
        gap = Gap(self.timeline, end, start, both, budget)
        before = self.before.get((end.rule, start.rule))
        if before is not None and not study.keeps_order and gap.is_shown_by(before):
            return before
        found = gap.search()
        if found is not None:
            study.require_order()
            self.before[end.rule, start.rule] = found
        return found

    def _pairs(self) -> Iterator[tuple[Break, Break, Box]]:
        for start in self.starts:
            for end in self.ends:
                if start.cell <= end.cell + 1:
                    continue
                if (end, start) in self.known:
                    known, found = self.known[end, start]
                    if found is not None:
                        yield end, start, known
                    continue
                region = meet(end.box, start.box)
                if region is not None:
                    before, after = self._left(end, end.cell + 1), self._left(start, start.cell - 1)
                    both = None if before is None or after is None else meet(before, after)
                    if both is None:
                        self.known[end, start] = region, None
                    else:
                        yield end, start, both

    def _left(self, each: Break, cell: int) -> Box | None:
        if each not in self.left:
            self.left[each] = self.timeline.undecided(each.box, cell)
        return self.left[each]
