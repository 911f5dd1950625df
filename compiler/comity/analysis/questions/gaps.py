"""The search for days that rules leave out (L213): an input that is decided on a day and on a later one, and on none of
those between.

Example: rule `a` has the window `until 2022-02-23`, rule `b` the window `from 2022-03-01`. An input that both speak of
and that nothing else decides shows five days that were forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import chain

from comity.analysis import limits
from comity.analysis.decision.extents import Mask, Standing
from comity.analysis.decision.search import DecisionSearch
from comity.analysis.decision.study import Undecided, Witness
from comity.analysis.questions.solve import saying, support
from comity.analysis.questions.timelines import Timeline
from comity.analysis.space.axes import bits
from comity.analysis.space.boxes import Box, Budget, disjoint
from comity.analysis.space.index import runs
from comity.analysis.witness.render import parted
from comity.core.given import replaced
from comity.runtime.errors import FactsError
from comity.runtime.rules import mask_of


@dataclass(frozen=True, slots=True, eq=False)
class Break:
    """A rule, a box of it without its day, and a cell of days on which it may cease to apply there, or begin to."""

    cell: int
    rule: int
    box: Box


def heads(search: DecisionSearch) -> list[int]:
    """The rules that say something and are not an exception, or one to something that says nothing."""
    exception_to, says = search.ruleset.exception_to, saying(search)

    def goes_back_to_silence(rule: int) -> bool:
        return any(not says >> each & 1 or goes_back_to_silence(each) for each in bits(exception_to[rule]))

    return [rule for rule in bits(says) if not exception_to[rule] or goes_back_to_silence(rule)]


def breaks(timeline: Timeline, rule: int, after: bool) -> Iterator[Break]:
    """Boxes of a rule with each last (or first) cell of days on which it may apply, or else something in its place."""
    others = 0 if timeline.outspoken >> rule & 1 else support(timeline.search, rule) & ~(1 << rule)
    last = len(timeline.cells) - 1
    for box in timeline.extents[rule].true:
        if not others and timeline.day.number not in box:
            continue  # it applies on all days
        mask, undated = timeline.mask(box), timeline.undated(box)
        cells = {high if after else low for low, high in runs(mask)}
        for number in bits(others):
            for other in timeline.extents[number].maybe:
                if not disjoint(timeline.undated(other), undated):
                    for low, high in runs(timeline.mask(other)):
                        cells |= {low - 1, high} if after else {high + 1, low}
        for cell in sorted(cells):
            if 0 <= cell <= last and mask >> cell & 1 and cell != (last if after else 0):
                yield Break(cell, rule, undated)


class Gap:
    """The search for an input that two rules, or exceptions to them, decide, each on a cell of its own, and none on the
    cells between, in a region.
    """

    def __init__(
        self, timeline: Timeline, before: Break, after: Break, region: Box, budget: Budget, lessons: int
    ) -> None:
        """``lessons``: how many boxes were known to be impossible by what was learnt when the timeline was made."""
        self.region = region
        self.timeline = timeline
        self.search = timeline.search
        self.end, self.start = before.cell, after.cell
        self.heads = {before.cell: before.rule, after.cell: after.rule}
        self.voices = {cell: self.search.exceptions_to(head) | 1 << head for cell, head in self.heads.items()}
        self.day = timeline.day
        self.saying = saying(self.search)
        self.between = between = mask_of(range(self.end + 1, self.start))
        days = between | mask_of(self.heads)
        # Outside the covers these rules are false.
        self.silent = {cell: timeline.silent(cell, between) for cell in self.heads}
        self.days = days
        self.learnt = lessons
        self.budget = budget
        self.undecided: Undecided | None = None

    @cached_property
    def covers(self) -> list[Box]:
        """Where something is said on a day between, or no input is on one of the days."""
        impossible = (box for on, box in self.timeline.impossible if on & self.days)
        return [*self.timeline.decided(self.region, self.between), *impossible]

    def find(self) -> Witness | None:
        """Raises Undecided and OutOfBudget."""
        self._cover_what_was_learnt()
        found = self._search(self.region)
        if found is None and self.undecided is not None:
            raise self.undecided
        return found

    def _search(self, region: Box) -> Witness | None:
        self.budget.spend()
        verdict = self._verdict(region)
        if isinstance(verdict, bool):
            return self._anywhere(region) if verdict else None
        clear = self._left_of(region)
        if clear is None:
            return None
        spot = self.search.spot({**clear, self.day.number: self.timeline.original(self.end)})
        point = self.timeline.lasting(spot.region)
        if self._verdict(point) is True:
            found = self._witness(point)
            if found is not None:
                return found
        return next((f for part in verdict if (f := self._search(self.timeline.undated(part))) is not None), None)

    def _verdict(self, region: Box) -> bool | Iterable[Box]:
        """Whether the days are left out in the whole region; or parts of it to be looked at one by one."""
        search, rules, timeline = self.search, self.search.ruleset, self.timeline
        standings: dict[int, Standing] = {}
        for cell in (*self.heads, *self._between(region)):
            standing = standings[cell] = self._standing(region, cell)
            certain, perhaps = rules.applying(standing.true, standing.unknown | standing.open)
            if cell not in self.heads:
                if certain & self.saying:
                    return False
            elif self._is_defeated(cell, standing, certain, perhaps):
                return False
        asked = {cell: mask for cell, standing in standings.items() if (mask := self._in_the_way(cell, standing))}
        if asked:
            cell = min(asked, key=lambda each: asked[each].bit_count())
            rule = next(bits(asked[cell]))
            return search.along(standings[cell].region, timeline.extents[rule])
        for cell, standing in standings.items():
            if cell in self.heads:
                here = replace(standing, region={**region, self.day.number: timeline.original(cell)})
                split = search.periods(here)
                if split is not None:
                    return split.boxes
                resolution = search.resolve(here)
                decides = resolution.outcome is not None and resolution.deciding & self.voices[cell]
                if not decides or not resolution.certain >> self.heads[cell] & 1:
                    return False
            elif rules.applying(standing.true, standing.unknown)[1] & self.saying:
                return False
        return True

    def _is_defeated(self, cell: int, standing: Standing, certain: Mask, perhaps: Mask) -> bool:
        """The rule that is to apply on a cell does not, or none of its voices decides, whatever the open rules are."""
        rules = self.search.ruleset
        may_decide = rules.remaining(certain, perhaps)[1] & self.voices[cell]
        # What may apply and depends on nothing that is open may prevail, and so the other does not certainly decide.
        return not perhaps >> self.heads[cell] & 1 or all(
            any(not support(self.search, each) & standing.open for each in bits(rules.prevailed_by[voice] & perhaps))
            for voice in bits(may_decide)
        )

    def _in_the_way(self, cell: int, standing: Standing) -> Mask:
        """The open rules of which one is to be settled next, as far as this cell goes: what the rule that is to apply
        depends on, then what prevails over a rule that may decide.
        """
        rules, open_ = self.search.ruleset, standing.open
        if cell not in self.heads:
            return open_
        head = self.heads[cell]
        for candidates in (1 << head, support(self.search, head)):
            if candidates & open_:
                return candidates & open_
        certain, perhaps = rules.applying(standing.true, standing.unknown | open_)
        asked = (
            support(self.search, each) & open_
            for voice in bits(rules.remaining(certain, perhaps)[1] & self.voices[cell])
            for each in bits(1 << voice | rules.prevailed_by[voice] & perhaps)
        )
        return min(filter(None, asked), key=int.bit_count, default=open_)

    def _anywhere(self, region: Box) -> Witness | None:
        """Facts in the region and outside the covers."""
        seen: list[Box] = []
        while (clear := self._left_of(region, seen)) is not None:
            self.budget.spend()
            found = self._witness(clear)
            if found is not None or not self.timeline.is_whole:
                return found
            seen.append(clear)
        return None

    def _left_of(self, region: Box, seen: Sequence[Box] = ()) -> Box | None:
        """A part of the region outside the covers. What is impossible is among these by the days on which it is: of
        what changes with the day the region says nothing.
        """
        return self.search.study.left_of(region, chain(self.covers, seen), limits.current.clearing_steps)

    def _witness(self, region: Box) -> Witness | None:
        """Facts in the region and outside the covers, on the first day that is left out; None also if left open."""
        timeline, first = self.timeline, self.end + 1
        middle = {**region, **timeline.fixed, self.day.number: timeline.original(first)}
        try:
            found = self.search.study.find(middle, self.covers, facts=True)
            if found is not None and found.facts is not None:
                facts = self._dated(found.facts, first)
                if self._is_left_out(facts):
                    return Witness(found.region, facts)
        except Undecided as caught:
            self.undecided = caught
        finally:
            self._cover_what_was_learnt()
        return None

    def _cover_what_was_learnt(self) -> None:
        """What turned out to be impossible on one of the days covers the boxes that would be looked at next."""
        learnt = self.search.space.learnt
        for box in learnt[self.learnt :]:
            self.covers += (undated for on, undated in self.timeline.without_days(box) if on & self.days)
        self.learnt = len(learnt)

    def _dated(self, facts: Mapping[str, object], cell: int) -> dict[str, object]:
        """The facts on the first day of a cell."""
        dated = replaced(facts, self.day.path, date.fromordinal(self.timeline.cells[cell][0]))
        for axis, value in self.timeline.dates.items():
            dated = replaced(dated, axis.path, None if value is None else date.fromordinal(value))
        return dated

    def _is_left_out(self, facts: Mapping[str, object]) -> bool:
        """No rule has a say on any of the days, and some have beside them. Raises Undecided where that is not so,
        though all that changes with the day was followed.
        """
        study, qname = self.search.study, self.search.decision.qname
        for cell in range(self.end, self.start + 1):
            own, day, findings = parted(study.root, self._dated(facts, cell))
            try:
                answer = study.interpreter.decide(qname, own, day, findings)
            except FactsError:
                if not self.timeline.is_whole:
                    return False
                raise Undecided("what an `always` line says of the dates changes with the day") from None
            if any(rule.status in ("decides", "possible") for rule in answer.rules) is not (cell in self.heads):
                if not self.timeline.is_whole:
                    return False
                raise Undecided("what other decisions say, or a condition of many cases, changes with the day")
        return True

    def _between(self, region: Box) -> Iterable[int]:
        """One cell of each stretch of the days between in which the same rules are near."""
        timeline = self.timeline
        cuts = {self.end + 1}
        for number in bits(self._near({**region, self.day.number: self.between})):
            for box in timeline.extents[number].maybe:
                for low, high in runs(timeline.mask(box) & self.between):
                    cuts |= {low, high + 1}
        return sorted(cell for cell in cuts if self.end < cell < self.start)

    def _near(self, region: Box) -> Mask:
        """The rules that may apply somewhere in a region (over the cells of the timeline)."""
        if not self.timeline.converted:
            return self.search.meeting(region)
        return self.search.meeting({**self.timeline.undated(region), **self.timeline.fixed})

    def _standing(self, region: Box, cell: int) -> Standing:
        at = {**region, self.day.number: 1 << cell}
        near = self._near(at) & ~self.silent.get(cell, self.timeline.outspoken)
        if not self.timeline.converted:
            return self.search.standing(at, near)
        return self.search.standing_of(at, {number: self.timeline.extents[number] for number in bits(near)})
