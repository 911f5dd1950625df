"""The search for days that rules leave out (L213): an input that is decided on a day and on a later one, and on none of
those between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from comity.analysis.axes import bits
from comity.analysis.boxes import Box, Budget, OutOfBudget, disjoint, outside
from comity.analysis.contest import CLEARING, Contest, Mask, Standing
from comity.analysis.index import runs
from comity.analysis.questions import saying, support
from comity.analysis.study import Undecided, Witness
from comity.analysis.timelines import Timeline
from comity.analysis.witness import parted
from comity.runtime.rules import mask_of

NO_CELL = -1

MOST_PARTS = 20
"""So many cases of what hangs on the day are tried for one witness."""


@dataclass(frozen=True, slots=True, eq=False)
class Break:
    """A rule, a box of it without its day, and a cell of days on which it may cease to apply there, or begin to."""

    cell: int
    rule: int
    box: Box


def heads(contest: Contest) -> list[int]:
    """The rules that say something and are no exception, or one to something that says nothing."""
    exception_to, says = contest.ruleset.exception_to, saying(contest)

    def goes_back_to_silence(rule: int) -> bool:
        return any(not says >> each & 1 or goes_back_to_silence(each) for each in bits(exception_to[rule]))

    return [rule for rule in bits(says) if not exception_to[rule] or goes_back_to_silence(rule)]


def breaks(timeline: Timeline, rule: int, after: bool) -> Iterator[Break]:
    """Boxes of a rule with each last (or first) cell of days on which it may apply."""
    contest, by_day = timeline.contest, timeline.by_day
    others = support(contest, rule) & ~(1 << rule)
    last = len(timeline.cells) - 1
    for box in timeline.extents[rule].true:
        mask, facts = timeline.mask(box), _facts(timeline, box)
        cells = {high if after else low for low, high in runs(mask)}
        turns = {turn for axis in box for turn in by_day.turns(axis)}
        for number in bits(others):
            for other in timeline.extents[number].maybe:
                if not disjoint(_facts(timeline, other), facts):
                    for low, high in runs(timeline.mask(other)):
                        cells |= {low - 1, high} if after else {high + 1, low}
                    turns |= {turn for axis in other for turn in by_day.turns(axis)}
        cells |= {turn - 1 for turn in turns} if after else turns
        for cell in sorted(cells):
            if 0 <= cell <= last and mask >> cell & 1 and cell != (last if after else 0):
                yield Break(cell, rule, by_day.on(box, cell))


def _facts(timeline: Timeline, box: Box) -> Box:
    """What a box says of facts, whatever the day."""
    by_day = timeline.by_day
    return {axis: mask for axis, mask in box.items() if axis != timeline.day.number and not by_day.turns(axis)}


class Gap:
    """The search for an input that two rules, or exceptions to them, decide, each on a cell of its own, and none on the
    cells between. Regions are those of `by_day`: without the day, and with what hangs on it on each cell."""

    def __init__(self, timeline: Timeline, before: Break, after: Break, budget: Budget) -> None:
        self.timeline = timeline
        self.contest = timeline.contest
        self.by_day = timeline.by_day
        self.end, self.first, self.start = before.cell, before.cell + 1, after.cell
        self.heads = {before.cell: before.rule, after.cell: after.rule}
        self.voices = {cell: self.contest.exceptions_to(head) | 1 << head for cell, head in self.heads.items()}
        self.day = timeline.day
        self.saying = saying(self.contest)
        self.between = mask_of(range(self.first, self.start))
        self.covers = [*timeline.decided(self.between, self.first), *self._impossible()]
        # Outside the covers these rules are false.
        self.silent = {cell: timeline.silent(cell, self.between) for cell in self.heads}
        self.budget = budget
        self.undecided: Undecided | None = None

    def _impossible(self) -> Iterator[Box]:
        """What cannot be on one of the days; where that hangs on the day itself, on the three that matter most."""
        days = self.between | mask_of(self.heads)
        for box in self.timeline.impossible:
            mask = self.timeline.mask(box) & days
            if mask and not self.by_day.hangs(box):
                yield self.by_day.on(box, self.first)
            elif mask:
                yield from (self.by_day.on(box, c) for c in (self.end, self.first, self.start) if mask >> c & 1)

    def search(self, region: Box) -> Witness | None:
        try:
            found = self._search(region)
        except OutOfBudget:
            raise Undecided("the search took too many steps") from None
        if found is None and self.undecided is not None:
            raise self.undecided
        return found

    def _search(self, region: Box) -> Witness | None:
        self.budget.spend()
        try:
            clear = self._clear(region, self.covers)
        except OutOfBudget:
            clear = region
        if clear is None:
            return None
        verdict = self._verdict(region)
        if isinstance(verdict, bool):
            return self._anywhere(region) if verdict else None
        original = {self.day.number: self.timeline.original(self.end)}
        spot = self.contest.spot({**self.by_day.at(clear, self.end), **original})
        point = self.by_day.put(clear, spot.region, self.end)
        if self._verdict(point) is True:
            found = self._anywhere(point)
            if found is not None:
                return found
        return next((found for part in verdict if (found := self._search(part)) is not None), None)

    def _clear(self, region: Box, covers: Iterable[Box]) -> Box | None:
        """A part of the region outside the covers. Raises OutOfBudget."""
        return outside(region, covers, self.by_day.full, Budget(CLEARING))

    def _verdict(self, region: Box) -> bool | Iterable[Box]:
        """Whether the days are left out in the whole region; or parts of it to be looked at one by one."""
        contest, rules, timeline = self.contest, self.contest.ruleset, self.timeline
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
            return self._parts(region, contest.along(standings[cell].region, timeline.extents[rule]), cell)
        for cell, standing in standings.items():
            if cell in self.heads:
                at = {**self.by_day.at(region, cell), self.day.number: timeline.original(cell)}
                here = replace(standing, region=at)
                split = contest.periods(here)
                if split is not None:
                    return self._parts(region, split.boxes, cell)
                resolution = contest.resolve(here)
                decides = resolution.outcome is not None and resolution.deciding & self.voices[cell]
                if not decides or not resolution.certain >> self.heads[cell] & 1:
                    return False
            elif rules.applying(standing.true, standing.unknown)[1] & self.saying:
                return False
        return True

    def _parts(self, region: Box, boxes: Iterable[Box], cell: int) -> Iterator[Box]:
        """The region by parts of what it says of a cell."""
        return (self.by_day.put(region, box, cell) for box in boxes)

    def _is_defeated(self, cell: int, standing: Standing, certain: Mask, perhaps: Mask) -> bool:
        """The rule that is to apply on a cell does not, or none of its voices decides, whatever the open rules are."""
        rules = self.contest.ruleset
        may_decide = rules.remaining(certain, perhaps)[1] & self.voices[cell]
        # What may apply and hangs on nothing that is open may prevail, and so the other does not certainly decide.
        return not perhaps >> self.heads[cell] & 1 or all(
            any(not support(self.contest, each) & standing.open for each in bits(rules.prevailed_by[voice] & perhaps))
            for voice in bits(may_decide)
        )

    def _in_the_way(self, cell: int, standing: Standing) -> Mask:
        """The open rules of which one is to be settled next, as far as this cell goes: what the rule that is to apply
        hangs on, then what prevails over a rule that may decide."""
        rules, open_ = self.contest.ruleset, standing.open
        if cell not in self.heads:
            return open_
        head = self.heads[cell]
        for candidates in (1 << head, support(self.contest, head)):
            if candidates & open_:
                return candidates & open_
        certain, perhaps = rules.applying(standing.true, standing.unknown | open_)
        asked = (
            support(self.contest, each) & open_
            for voice in bits(rules.remaining(certain, perhaps)[1] & self.voices[cell])
            for each in bits(1 << voice | rules.prevailed_by[voice] & perhaps)
        )
        return min(filter(None, asked), key=int.bit_count, default=open_)

    def _anywhere(self, region: Box) -> Witness | None:
        """Facts in the region and outside the covers."""
        covers = [*self.covers]
        try:
            while (clear := self._clear(region, covers)) is not None:
                self.budget.spend()
                found = self._witness(clear)
                if found is not None:
                    return found
                covers.append(clear)
        except Undecided as caught:
            self.undecided = caught
        return None

    def _witness(self, region: Box) -> Witness | None:
        """Facts in the region, on the first day that is left out. Raises Undecided."""
        timeline = self.timeline
        try:
            for number, part in enumerate(self.by_day.spelt_out(region, (self.end, self.start))):
                if number == MOST_PARTS:
                    raise Undecided("what hangs on the day has many cases")
                day = {self.day.number: timeline.original(self.first)}
                middle = {**self.by_day.at(part, self.first), **timeline.fixed, **day}
                found = self.contest.study.find(middle, facts=True)
                if found is not None and found.facts is not None:
                    facts = self._dated(found.facts, self.first)
                    if self._is_left_out(facts):
                        return Witness(found.region, facts)
        except OutOfBudget:
            raise Undecided("what hangs on the day has very many cases") from None
        return None

    def _dated(self, facts: Mapping[str, object], cell: int) -> dict[str, object]:
        """The facts on the first day of a cell."""
        dated = dict(facts)
        _put(dated, self.day.path, date.fromordinal(self.timeline.cells[cell][0]))
        for axis, value in self.timeline.dates.items():
            _put(dated, axis.path, None if value is None else date.fromordinal(value))
        return dated

    def _is_left_out(self, facts: Mapping[str, object]) -> bool:
        """No rule has a say on any of the days. Raises Undecided where that is seen only now."""
        study, qname = self.contest.study, self.contest.decision.qname
        for cell in range(self.first, self.start):
            own, day, findings = parted(study.root, self._dated(facts, cell))
            answer = study.interpreter.decide(qname, own, day, findings)
            if any(rule.status in ("decides", "possible") for rule in answer.rules):
                raise Undecided("what hangs on the day is another thing on a day between")
        return True

    def _between(self, region: Box) -> Iterable[int]:
        """One cell of each stretch of the days between in which the same rules are near."""
        timeline = self.timeline
        cuts = {self.first}
        for number in bits(self._near({**self.by_day.at(region, NO_CELL), self.day.number: self.between})):
            for box in timeline.extents[number].maybe:
                for low, high in runs(timeline.mask(box) & self.between):
                    cuts |= {low, high + 1}
                for axis in box:
                    cuts |= self.by_day.turns(axis)
        return sorted(cell for cell in cuts if self.end < cell < self.start)

    def _near(self, region: Box) -> Mask:
        """The rules that may apply somewhere in a region (over the cells of the timeline)."""
        if not self.timeline.moving:
            return self.contest.meeting(region)
        facts = {axis: mask for axis, mask in region.items() if axis != self.day.number}
        return self.contest.meeting({**facts, **self.timeline.fixed})

    def _standing(self, region: Box, cell: int) -> Standing:
        at = self.timeline.at(region, cell)
        near = self._near(at) & ~self.silent.get(cell, self.timeline.outspoken)
        if not self.timeline.moving:
            return self.contest.standing(at, near)
        return self.contest.standing_of(at, {number: self.timeline.extents[number] for number in bits(near)})


def _put(facts: dict[str, object], path: tuple[str, ...], value: object) -> None:
    """Set the fact at ``path``."""
    *way, last = path
    for step in way:
        inner = facts[step]
        assert isinstance(inner, dict)
        facts[step] = facts = dict(inner)
    facts[last] = value
