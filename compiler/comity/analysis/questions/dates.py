"""Days that rules leave out (L213), and the days on which a finding holds.

The days of an input are a line of their own here: the same facts are judged on one day after another (`timelines`).

Example: one rule decides until 2022-02-23 and the next from 2022-03-01; on 2022-02-24 to 2022-02-28 nobody decides,
though the same export is decided before and after.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from itertools import chain
from typing import TypeAlias

from comity.analysis import limits
from comity.analysis.decision.extents import Mask
from comity.analysis.decision.search import DecisionSearch
from comity.analysis.decision.study import Study, Undecided, Witness
from comity.analysis.questions.gaps import Break, Gap, breaks, heads
from comity.analysis.questions.timelines import Timeline, timelines
from comity.analysis.space.axes import DayAxis, bits
from comity.analysis.space.boxes import Box, Budget, OutOfBudget, disjoint, meet
from comity.runtime.light import dataclass
from comity.runtime.rules import mask_of

TOO_MANY_STEPS = "the search took too many steps"

Days = tuple[tuple[str | None, str | None], ...]


@dataclass(frozen=True, slots=True)
class Searched:
    """What was ``found`` left out between two breaks in a ``region``, without the days.

    ``steps``: how many of those that all pairs may take together; where ``is_open``, there were not so many left.
    ``doubtful``: boxes in which rules have changed since nothing was found.
    """

    region: Box
    found: Witness | Undecided | None
    steps: int = 0
    is_open: bool = False
    doubtful: tuple[Box, ...] = ()

    @property
    def is_none(self) -> bool:
        return self.found is None and not self.is_open

    def is_untouched(self, lessons: Sequence[Box] | None) -> bool:
        """It would be found if other boxes were known to be impossible (None: it is not known which)."""
        return self.is_none or (lessons is not None and all(disjoint(self.region, box) for box in lessons))


Known: TypeAlias = dict[tuple[Break, Break], Searched]


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
    for _ in range(limits.current.day_intervals):
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


def _others(before: Sequence[Box], after: Sequence[Box]) -> list[Box] | None:
    """The boxes that are only in one of two lists; None if the others are not in the same order."""
    one, two = ([frozenset(box.items()) for box in boxes] for boxes in (before, after))
    both = set(one) & set(two)
    if [name for name in one if name in both] != [name for name in two if name in both]:
        return None
    return [dict(name) for name in set(one) ^ set(two)]


@dataclass(frozen=True, slots=True)
class DateGap:
    """``before`` and ``after`` decide next to ``days``, on which no rule does. ``witness``: such a day."""

    before: int
    after: int
    days: Days
    witness: Witness


class _Kept:
    """What is known of one timeline. ``lasting``: a box without what changes with the day there."""

    def __init__(self) -> None:
        self.breaks: dict[bool, dict[int, list[Break]]] = {True: {}, False: {}}
        self.known: Known = {}
        self.stale: dict[bool, dict[int, list[Break]]] = {True: {}, False: {}}
        """The breaks of rules that may have others now."""
        self.lasting: Callable[[Box], Box] = dict

    def forget(self, rules: Mask, where: Sequence[Box], around: Sequence[Box]) -> None:
        """These rules may have other breaks, and in the boxes ``where`` rules may stand otherwise. What was found is
        searched again wherever a rule comes near (``around``) that stands otherwise somewhere.
        """
        for after, breaks_known in self.breaks.items():
            for number in bits(rules):
                if number in breaks_known:
                    self.stale[after][number] = breaks_known.pop(number)
        near, around = list(map(self.lasting, where)), list(map(self.lasting, around))
        left: Known = {}
        for pair, known in self.known.items():
            met = [each for each in (near if known.is_none else around) if not disjoint(known.region, each)]
            if not met:
                left[pair] = known
            elif known.is_none and len(known.doubtful) + len(met) <= limits.current.doubtful_boxes:
                left[pair] = replace(known, doubtful=(*known.doubtful, *met))
        self.known = left


class DateGaps:
    """Holds iff for some input without its day rules decide on a day, then none does, and then some do again.

    Each rule that decides before is one finding, with the first rule to decide again. Rules count that certainly
    apply there, and decide or are decided by an exception. An exception has no say where nothing applies that it is an
    exception to, so what left the days out is never the exception.
    """

    def __init__(self, search: DecisionSearch) -> None:
        self.search = search
        self._kept: dict[Hashable, _Kept] = {}
        """By timeline."""
        self._asked = False
        """Days were searched before, so that axes have been made for them."""
        self.lessons: list[Box] = []
        """What was known to be impossible when days were searched last, by what other questions had found out."""

    @cached_property
    def _heads(self) -> list[int]:
        return heads(self.search)

    def find(self) -> Iterator[DateGap | Undecided]:
        learnt = list(self.search.study.space.learnt)
        others = _others(self.lessons, learnt)
        if others is None or others:
            for kept in self._kept.values():
                kept.known = {pair: known for pair, known in kept.known.items() if known.is_untouched(others)}
        self.lessons = learnt
        told: set[str] = set()
        left_open: dict[str, Undecided] = {}
        try:
            study, axes = self.search.study, len(self.search.space.axes)
            times = list(timelines(self.search))
            study.renumbered |= study.revised and self._asked and len(study.space.axes) > axes
            self._asked = True
            self._kept = {
                each.key: self._kept.get(each.key) or _Kept() for each in times[: limits.current.kept_timelines]
            }
            for timeline in times:
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

    def forget(self, rules: Mask, where: Sequence[Box], around: Sequence[Box]) -> None:
        """Rules have other extents or outcomes than before, but the same as before outside the boxes ``where``. They
        had and have theirs ``around``.
        """
        ruleset = self.search.ruleset
        found, waiting = 0, rules
        while waiting:
            number = next(bits(waiting))
            found |= 1 << number
            hanging = ruleset.excepted_by[number] | mask_of(ruleset.rules[number].disapplies)
            waiting = (waiting | hanging) & ~found
        for kept in self._kept.values():
            kept.forget(found, where, around)

    def _families(self, timeline: Timeline) -> Iterator[tuple[str, _Search]]:
        """For each family what is to be searched after it."""
        kept = self._kept.get(timeline.key) or _Kept()
        kept.lasting = timeline.lasting
        starts = sorted(chain.from_iterable(self._broken(timeline, kept, after=False)), key=lambda start: start.cell)
        every = list(chain.from_iterable(self._broken(timeline, kept, after=True)))
        families: dict[str, list[Break]] = {}
        for end in every:
            families.setdefault(self.search.rules[end.rule].family, []).append(end)
        current = {*starts, *every}
        kept.known = {pair: known for pair, known in kept.known.items() if current.issuperset(pair)}
        left: dict[Break, Box | None] = {}
        for family, ends in families.items():
            yield family, _Search(timeline, ends, starts, left, kept.known, self.lessons)

    def _broken(self, timeline: Timeline, kept: _Kept, after: bool) -> Iterator[list[Break]]:
        """The breaks of each head."""
        known = kept.breaks[after]
        for number in self._heads:
            if number not in known:
                stale = {(each.cell, frozenset(each.box.items())): each for each in kept.stale[after].pop(number, ())}
                found = breaks(timeline, number, after)
                known[number] = [stale.get((each.cell, frozenset(each.box.items())), each) for each in found]
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
    lessons: Sequence[Box]

    def first(self) -> DateGap | None:
        """With few steps for each pair first, then with more for all that are left. Raises Undecided."""
        timeline = self.timeline
        pairs = list(self._pairs())
        undecided: Undecided | None = None
        for together in (None, Budget(limits.current.family_steps)):
            left_open: list[tuple[Break, Break, Box]] = []
            for end, start, both in pairs:
                try:
                    found = self._search(end, start, both, together)
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

    def _search(self, end: Break, start: Break, both: Box, together: Budget | None) -> Witness | None:
        """``together``: the steps left for all pairs; None: with few steps. What is known takes the steps that it took,
        so that what is found of others does not depend on that.
        """
        known = self.known.get((end, start))
        if known is None or (known.doubtful and not self._is_confirmed(end, start, both, known)):
            known = self._with_few_steps(end, start, both)
        if together is not None and known.is_open and known.steps <= together.left:
            known = self._with_more_steps(end, start, both, together)
        elif together is not None:
            together.left -= known.steps
        self.known[end, start] = known = replace(known, doubtful=())
        if known.is_open or (known.steps if together is None else together.left < 0):
            raise Undecided(TOO_MANY_STEPS)
        if isinstance(known.found, Undecided):
            raise known.found
        return known.found

    def _is_confirmed(self, end: Break, start: Break, both: Box, known: Searched) -> bool:
        """Nothing is left out where rules have changed; elsewhere nothing was before."""
        for box in known.doubtful:
            here = meet(both, box)
            if here is not None:
                self.timeline.search.study.begin(self.lessons)
                found = self._searched(end, start, here, Budget(limits.current.pair_steps))
                if not found.is_none:
                    return False
        return True

    def _with_few_steps(self, end: Break, start: Break, both: Box) -> Searched:
        """Once more from the start, where that has found out something that is impossible."""
        study, space = self.timeline.search.study, self.timeline.search.space
        study.begin(self.lessons)
        found = self._searched(end, start, both, Budget(limits.current.pair_steps))
        if found.is_open and len(space.learnt) > len(self.lessons):
            found = self._searched(end, start, both, Budget(limits.current.pair_steps))
        return replace(found, steps=0)

    def _with_more_steps(self, end: Break, start: Break, both: Box, budget: Budget) -> Searched:
        self.timeline.search.study.begin(self.lessons)
        return self._searched(end, start, both, budget)

    def _searched(self, end: Break, start: Break, both: Box, budget: Budget) -> Searched:
        region, steps = meet(end.box, start.box), budget.left
        assert region is not None, "they meet in a part of it"
        try:
            found: Witness | Undecided | None = Gap(self.timeline, end, start, both, budget, len(self.lessons)).find()
        except OutOfBudget:
            if self.timeline.is_whole:
                return Searched(region, None, steps + 1, is_open=True)
            found = None
        except Undecided as caught:
            found = caught
        if found is not None:
            self.timeline.search.study.require_order()
        return Searched(region, found, steps - budget.left)

    def _pairs(self) -> Iterator[tuple[Break, Break, Box]]:
        for start in self.starts:
            for end in self.ends:
                if start.cell <= end.cell + 1 or self._speaks_between(end, start):
                    continue
                known = self.known.get((end, start))
                if known is not None and not known.is_open and not known.doubtful:
                    if not known.is_none or known.steps:
                        yield end, start, known.region  # which is not searched again
                    continue
                region = meet(end.box, start.box)
                if region is not None:
                    before, after = self._left(end, end.cell + 1), self._left(start, start.cell - 1)
                    both = None if before is None or after is None else meet(before, after)
                    if both is None:
                        self.known[end, start] = Searched(region, None)
                    else:
                        yield end, start, both

    def _speaks_between(self, end: Break, start: Break) -> bool:
        """One of the two rules says something between wherever it decides before, or after."""
        between = mask_of(range(end.cell + 1, start.cell))
        return any(self.timeline.silent(each.cell, between) >> each.rule & 1 for each in (end, start))

    def _left(self, each: Break, cell: int) -> Box | None:
        if each not in self.left:
            self.left[each] = self.timeline.undecided(each.box, cell)
        return self.left[each]
