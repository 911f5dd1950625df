"""The search for an input on which the rules of one decision have a given status.

A question (`Judge`) looks at which rules are true, unknown or open in a box and says yes, no, or which open rule to
settle; then the box is split along that rule. Before splitting, a single point is tried, where nothing is open: most
questions about a healthy policy end there.

Example: does `chips` ever decide? Its box is `destination == RU, eccn in {3A001}`, where rule `embargo` is open, as it
is about {RU, BY} from a day on. The box is split at that day: before it `embargo` is false and `chips` decides, so the
search ends with a point there.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TypeAlias

from comity.analysis import limits
from comity.analysis.decision.companions import Companions
from comity.analysis.decision.conditions import Extent
from comity.analysis.decision.extents import Mask, RulesInBoxes, Standing
from comity.analysis.decision.study import Exhausted, OutOfSteps, Undecided, Witness
from comity.analysis.space.axes import bits
from comity.analysis.space.boxes import Box, Budget, OutOfBudget, disjoint, meet, subtract
from comity.runtime.light import dataclass
from comity.runtime.rules import mask_of

ANY = ""
"""Stands for the outcome of a rule that may have any."""


@dataclass(frozen=True, slots=True)
class Settle:
    """A verdict: it depends on this open rule."""

    rule: int


@dataclass(frozen=True, slots=True)
class Split:
    """A verdict: look at these boxes, which make up the region, one by one."""

    boxes: list[Box]


Verdict: TypeAlias = Settle | Split | bool
Judge: TypeAlias = Callable[[Standing], Verdict]
"""What a question makes of a standing: yes, no, or what it depends on. Where nothing is open it says yes or no."""


class DecisionSearch(RulesInBoxes):
    """One decision in a study, to be searched. Make it before the study is settled, ask after."""

    def periods(self, standing: Standing) -> Split | None:
        """The parts of a region in which findings name one outcome and no window opens; None if it is one already."""
        region = standing.region
        for number in self.open_ended:
            if (standing.true | standing.unknown) >> number & 1:
                axis = self.finding(number)
                mask = region.get(axis.number, axis.full)
                if mask & (mask - 1):
                    return Split([{**region, axis.number: 1 << cell} for cell in bits(mask)])
        if self.openings:
            day = self.study.translator.day
            mask = region.get(day.number, day.full)
            parts = [mask & period for _, period in self.day_periods if mask & period]
            if len(parts) > 1:
                return Split([{**region, day.number: part} for part in parts])
        return None

    def spot(self, region: Box, among: Mask = -1, near: int | None = None) -> Standing:
        """The status of the rules ``among`` in a part of the region with as few rules near it as can be had cheaply.

        No rule is open there, unless where it is true depends on more than where it is not false. ``near``: the boxes
        that meet the region, if that is known.
        """
        index = self.index
        if near is None:
            near = index.meeting(region)
        spot = region.copy()
        for axis, row in index.rows.items():
            mask = spot.get(axis, self.space.full[axis])
            if mask & (mask - 1) and near & ~row.free:
                best, fewest, kept = 0, -1, near
                least = (near & row.free).bit_count()
                for cell in _first_cells(mask):
                    left = near & row.at(cell)
                    count = left.bit_count()
                    if fewest < 0 or count < fewest:
                        best, fewest, kept = 1 << cell, count, left
                        if count == least:
                            break
                spot[axis], near = best, kept
        # Boxes near a single cell hold it, and along the other axes those that are left are not bounded.
        never_false = index.owned(near) & among
        if not never_false & self.doubtful:
            return Standing(spot, never_false, 0, 0)
        return self._standing(spot, never_false, never_false)

    def clear(self, region: Box, covers: Sequence[Box]) -> Box | None:
        """As `Study.clear`, with little patience: it is asked at every step of a search."""
        return self.study.clear(region, covers, limits.current.clearing_steps)

    def alone(self, region: Box, spared: Mask) -> Box | None:
        """A part of the region in which no rule but those ``spared`` may apply; None if there is none, or not soon."""
        covers = self.index.meeting(region) & ~self.index.of(spared)
        try:
            return self.index.outside(region, covers, self.space.full, Budget(limits.current.clearing_steps))
        except OutOfBudget:
            return None

    def surely(self, region: Box, rules: Mask) -> bool:
        """Everywhere in the region one of ``rules`` is true: as far as is seen soon."""
        covers = self.true_index.meeting(region) & self.true_index.of(rules) if rules else 0
        try:
            return (
                covers != 0
                and self.true_index.outside(region, covers, self.space.full, Budget(limits.current.clearing_steps))
                is None
            )
        except OutOfBudget:
            return False

    def at_a_point(self, region: Box, judge: Judge, spared: Mask) -> Witness | None:
        """An input at one point of a region where only ``spared`` rules may apply, if ``judge`` says yes there."""
        boxes = self.index.boxes
        near = mask_of(number for number in bits(self.index.of(spared)) if not disjoint(boxes[number], region))
        standing = self.spot(region, near=near)
        if standing.open or self.periods(standing) is not None or judge(standing) is not True:
            return None
        try:
            return self.study.find(standing.region)
        except Undecided:
            return None

    def along(self, region: Box, extent: Extent) -> Generator[Box, None, None]:
        """Disjoint parts of the region, in each of which the condition is true, unknown or false throughout."""
        rest = yield from self._cut([region], extent.true)
        if extent.maybe is not extent.true:
            rest = yield from self._cut(rest, extent.maybe)
        yield from rest

    def _cut(self, pieces: list[Box], boxes: Sequence[Box]) -> Generator[Box, None, list[Box]]:
        """Yield what the boxes hold of the pieces; return what is left."""
        for box in boxes:
            left: list[Box] = []
            for piece in pieces:
                both = meet(piece, box)
                if both is None:
                    left.append(piece)
                else:
                    yield both
                    left.extend(subtract(piece, box, self.space.full))
            pieces = left
        return pieces

    def rivals(self) -> Iterator[tuple[int, int]]:
        """Pairs of rules that meet, say different things, and are ordered by no clause and no ground of outcomes."""
        if self.never_contradicts:
            return
        index, rules = self.index, self.ruleset
        entries = index.entries()
        against = self._entries_against(entries)
        later = index.all
        for one, rule in enumerate(self.rules):
            later &= ~entries[one]
            against_one = against.get(rule.outcome if rule.outcome or rule.refer is None else ANY, 0) & later
            if not against_one:
                continue
            ordered = rules.prevails_over[one] | rules.prevailed_by[one]
            for other in bits(ordered):
                against_one &= ~entries[other]
            near = 0
            for box in self.extents[one].true:
                near |= index.meeting(box) & against_one
            for two in bits(index.owned(near)):
                if self._companions.may_remain(one, two):
                    yield one, two

    @cached_property
    def _companions(self) -> Companions:
        return Companions(self.ruleset)

    def _entries_against(self, entries: Sequence[int]) -> dict[str | None, int]:
        """For each outcome, the boxes of rules that say another one, which no ground orders against it."""
        grounds = self.ruleset.grounds
        over = {(g.winner, g.loser) for g in grounds if g.kind == "over"}
        restriction = any(g.kind == "restriction" for g in grounds)
        by_outcome: dict[str, int] = {}
        for number, rule in enumerate(self.rules):
            outcome = rule.outcome or (ANY if rule.refer is not None else None)
            if outcome is not None:
                by_outcome[outcome] = by_outcome.get(outcome, 0) | entries[number]
        found: dict[str | None, int] = {}
        for outcome in by_outcome:
            for other, boxes in by_outcome.items():
                ordered = restriction or (outcome, other) in over or (other, outcome) in over
                if ANY in (outcome, other) or (outcome != other and not ordered):
                    found[outcome] = found.get(outcome, 0) | boxes
        return found

    def find(
        self,
        region: Box,
        judge: Judge,
        among: Mask,
        facts: bool,
        budget: Budget,
        harmless: Sequence[Box] = (),
    ) -> Witness | None:
        """An input in ``region`` on which ``judge`` says yes; None if there is certainly none.

        ``among``: the rules that may matter to the judge (-1: all). ``facts``: spell the input out. ``harmless``:
        boxes in which it is known to say no.
        """
        walk = _Search(self, judge, facts, budget, harmless)
        found = walk.run(region, self.meeting(region) & among)
        if found is None and walk.undecided is not None:
            raise walk.undecided
        return found


def _first_cells(mask: int) -> Iterator[int]:
    """Few cells of a mask that may be long."""
    for _ in range(limits.current.point_cells):
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
        if not mask:
            return


class _Search:
    """One search: depth first, a point before a split."""

    def __init__(
        self, search: DecisionSearch, judge: Judge, facts: bool, budget: Budget, harmless: Sequence[Box]
    ) -> None:
        self.search = search
        self.harmless = harmless
        self.judge = judge
        self.facts = facts
        self.budget = budget
        self.undecided: Undecided | None = None

    def run(self, region: Box, among: Mask) -> Witness | None:
        try:
            return self._run(region, among)
        except OutOfBudget:
            raise OutOfSteps from None

    def _run(self, region: Box, among: Mask) -> Witness | None:
        self.budget.spend()
        search = self.search
        possible = search.study.narrowed(region)
        if possible is None:
            return None
        region = possible
        standing = search.standing(region, among)
        verdict = self._judged(standing)
        while isinstance(verdict, Settle) and search.surely(region, bit := 1 << verdict.rule):
            # True throughout, though no single box of it says so.
            standing = replace(standing, true=standing.true | bit, open=standing.open & ~bit)
            verdict = self._judged(standing)
        if verdict is False:
            return None
        if verdict is True:
            return self._find(region)
        clear = search.clear(region, self.harmless)
        if clear is None:
            return None
        if isinstance(verdict, Settle):
            point = search.spot(clear, among)
            if self._judged(point) is True:
                found = self._find(point.region)
                if found is not None:
                    return found
            parts: Iterable[Box] = search.along(region, search.extents[verdict.rule])
        else:
            parts = verdict.boxes
        left = standing.true | standing.unknown | standing.open
        for part in parts:
            found = self._run(part, left)
            if found is not None:
                return found
        return None

    def _judged(self, standing: Standing) -> Verdict:
        if not standing.open:
            split = self.search.periods(standing)
            if split is not None:
                return split
        return self.judge(standing)

    def _find(self, region: Box) -> Witness | None:
        try:
            found = self.search.study.find(region, facts=self.facts)
        except Exhausted:
            raise
        except Undecided as caught:
            self.undecided, found = caught, None
        if found is None:
            self.budget.spend(limits.current.vain_find)
        return found
