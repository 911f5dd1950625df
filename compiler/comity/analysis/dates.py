"""Days that rules leave out (L213), and the days on which a finding holds.

The days of an input are a line of their own here: the same facts are judged on one day after another. What compares the
day with another date (`shipped + 30 days < date`) moves along it, so where there are such sums that date is given one
value after another (`_Timeline`), enough of them that every order of the days that matter is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import pairwise, product
from math import prod
from typing import TypeAlias

from comity.analysis.axes import DayAxis, LineAxis, bits
from comity.analysis.boxes import Box, OutOfBudget, disjoint, meet
from comity.analysis.contest import Contest, Extent, Mask, Standing
from comity.analysis.index import runs
from comity.analysis.questions import saying, support
from comity.analysis.space import Later, Product, Quotient, Rounding, Space, Sum
from comity.analysis.study import Study, Undecided, Witness
from comity.analysis.symbols import Form
from comity.runtime.rules import mask_of

MOST_PARTS = 100
"""So many stretches of days of one finding are looked for."""

SOME_DAY = date(2024, 1, 1)
"""Of many days that will do."""

MOST_TIMELINES = 20_000
"""So many orders of days are gone through, times the rules that are judged in each."""

Days = tuple[tuple[str | None, str | None], ...]

Breaks: TypeAlias = list[tuple[Box, int]]
"""Boxes of a rule, and a cell of days at which it may stop or begin to apply in them."""


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

    Each pair of rules next to the days left out is one finding: rules that certainly apply there, and decide or are
    decided by an exception. An exception has no say where nothing applies that it is an exception to, so what left
    the days out is never the exception.
    """

    def __init__(self, contest: Contest) -> None:
        self.contest = contest
        self._breaks: dict[bool, dict[int, Breaks]] = {True: {}, False: {}}

    @cached_property
    def _heads(self) -> list[int]:
        return _heads(self.contest)

    def find(self) -> Iterator[DateGap | Undecided]:
        told: set[tuple[str, str]] = set()
        try:
            timelines = _timelines(self.contest)
        except Undecided as undecided:
            yield undecided
            return
        for timeline in timelines:
            yield from _gaps(timeline, told, self._broken(timeline, after=True), self._broken(timeline, after=False))

    def forget(self, rules: Mask) -> None:
        """Rules have other extents than before."""
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

    def _broken(self, timeline: _Timeline, after: bool) -> list[tuple[int, Box, int]]:
        """For each head the boxes and cells of `_breaks`."""
        known = {} if timeline.moving else self._breaks[after]
        for number in self._heads:
            if number not in known:
                known[number] = list(_breaks(timeline, number, after))
        return [(number, box, cell) for number in self._heads for box, cell in known[number]]


def _gaps(
    timeline: _Timeline,
    told: set[tuple[str, str]],
    ends: Sequence[tuple[int, Box, int]],
    starts: Sequence[tuple[int, Box, int]],
) -> Iterator[DateGap | Undecided]:
    contest, day = timeline.contest, timeline.day
    for before, one, end in ends:
        for after, two, start in starts:
            names = (contest.rules[before].family, contest.rules[after].family)
            if start <= end + 1 or names in told:
                continue
            both = meet(_undated(one, day), _undated(two, day))
            if both is None:
                continue
            try:
                found = _Gap(timeline, (end, before), (start, after)).search(both)
            except Undecided as undecided:
                told.add(names)
                yield undecided
                continue
            if found is not None:
                told.add(names)
                yield DateGap(before, after, timeline.told(end + 1, start - 1), found)


# ----------------------------------------------------------------------------------------- timelines


class _Timeline:
    """The days of an input as cells, and the rules over them; ``dates``: the values given to dates that days are
    compared with (None: unknown), by axis."""

    def __init__(self, contest: Contest, moving: Mapping[int, Form], dates: Mapping[DayAxis, int | None]) -> None:
        self.contest = contest
        self.day = contest.study.translator.day
        self.moving = moving
        self.dates = dates
        self.cuts = sorted({int(value) for value, _ in self.day.cuts} | set(self._moving_cuts()))
        assert self.day.low is not None and self.day.high is not None
        edges = [int(self.day.low[0]), *self.cuts, int(self.day.high[0])]
        self.cells = [(first, following - 1) for first, following in pairwise(edges)]
        self.fixed = {axis.number: axis.cell_of(_date(value)) for axis, value in dates.items()}
        self.extents = [self._extent(extent) for extent in contest.extents] if moving else contest.extents
        self._decided: dict[int, list[Box]] = {}
        self._silent: dict[tuple[int, int], Mask] = {}
        impossible = contest.space.impossible
        self.impossible = [b for box in impossible for b in self._converted(box)] if moving else impossible

    def _moving_cuts(self) -> Iterator[int]:
        """The days on which a sum with the day passes one of its cuts."""
        low, high = date.min.toordinal(), date.max.toordinal()
        for number, form in self.moving.items():
            partner, factor = _partner(form, self.day)
            value = self.dates[partner]
            if value is not None:
                for cut, _ in self._line(number).cuts:
                    first = value - int(cut) + 1 if factor == 1 else value + int(cut)
                    if low < first <= high:
                        yield first

    def _line(self, number: int) -> LineAxis:
        axis = self.contest.space.axes[number]
        assert isinstance(axis, LineAxis)
        return axis

    def _extent(self, extent: Extent) -> Extent:
        true = [converted for box in extent.true for converted in self._converted(box)]
        if extent.maybe is extent.true:
            return Extent(true, true)
        return Extent(true, [converted for box in extent.maybe for converted in self._converted(box)])

    def _converted(self, box: Box) -> Iterator[Box]:
        """The box over this timeline's cells, without what its dates settle; nothing if they rule it out."""
        found: Box = {}
        days = -1
        for axis, mask in box.items():
            if axis in self.moving:
                days &= self._days_of_sum(axis, mask)
            elif axis == self.day.number:
                days &= self._days_of_mask(mask)
            elif axis in self.fixed:
                if not self.fixed[axis] & mask:
                    return
            else:
                found[axis] = mask
        if not days:
            return
        if days != -1:
            found[self.day.number] = days
        yield found

    def _days_of_mask(self, mask: int) -> int:
        return mask_of(number for number, (first, _) in enumerate(self.cells) if self.day.locate(first) & mask)

    def _days_of_sum(self, number: int, mask: int) -> int:
        form = self.moving[number]
        partner, factor = _partner(form, self.day)
        value = self.dates[partner]
        if value is None:
            return -1  # the sum says nothing
        line = self._line(number)
        sums = (factor * (value - first) for first, _ in self.cells)
        return mask_of(place for place, each in enumerate(sums) if line.locate(each) & mask)

    @cached_property
    def outspoken(self) -> Mask:
        """The rules that say something wherever they are not false, whatever else applies."""
        rules = self.contest.ruleset
        return mask_of(
            n for n in bits(saying(self.contest)) if not rules.exception_to[n] and not rules.disapplied_by[n]
        )

    def decided(self, days: int) -> list[Box]:
        """Boxes in which an outspoken rule may say something on one of these cells of days."""
        if days not in self._decided:
            boxes = [box for number in bits(self.outspoken) for box in self.extents[number].maybe]
            self._decided[days] = [_undated(box, self.day) for box in boxes if self.mask(box) & days]
        return self._decided[days]

    def silent(self, cell: int, days: int) -> Mask:
        """The outspoken rules that are not false on a cell only where they are not on one of these cells of days."""
        if (cell, days) not in self._silent:
            self._silent[cell, days] = mask_of(
                number
                for number in bits(self.outspoken)
                if all(mask & days for box in self.extents[number].maybe if (mask := self.mask(box)) >> cell & 1)
            )
        return self._silent[cell, days]

    def told(self, first: int, last: int) -> Days:
        """Cells as days for the author."""
        start, end = self.cells[first][0], self.cells[last][1]
        return ((date.fromordinal(start).isoformat(), date.fromordinal(end).isoformat()),)

    def original(self, cell: int) -> int:
        """The cell of the day's own axis that a cell lies in."""
        return self.day.locate(self.cells[cell][0])

    def mask(self, box: Box) -> int:
        """The cells that a box admits."""
        return box.get(self.day.number, -1) & ((1 << len(self.cells)) - 1)


def _date(ordinal: int | None) -> date | None:
    return None if ordinal is None else date.fromordinal(ordinal)


def _partner(form: Form, day: DayAxis) -> tuple[DayAxis, int]:
    """The other date of a sum that compares it with the day, and its factor (1: that date minus the day)."""
    ((other, factor),) = [(axis, factor) for axis, factor in form.terms if axis is not day]
    assert isinstance(other, DayAxis)
    return other, int(factor)


def _timelines(contest: Contest) -> Iterable[_Timeline]:
    """One for every order in which the days that matter may stand."""
    moving = _moving(contest)
    day = contest.study.translator.day
    first, last, some_day = date.min.toordinal(), date.max.toordinal(), SOME_DAY.toordinal()
    own = [first, *(int(cut) for cut, _ in day.cuts), last + 1]
    values: dict[DayAxis, list[int | None]] = {}
    for number, form in moving.items():
        partner, factor = _partner(form, day)
        line = contest.space.axes[number]
        assert isinstance(line, LineAxis)
        cuts = {int(value) for value, _ in partner.cuts}
        for cut, _ in line.cuts:
            # Where the sum passes the cut on the day of one of the day's own cuts, or where the calendar ends.
            cuts |= {c + int(cut) - 1 if factor == 1 else c - int(cut) for c in own}
        known = sorted(cut for cut in cuts if first < cut <= last)
        each: list[int | None] = [
            some_day if low <= some_day < high else low for low, high in pairwise([first, *known, last + 1])
        ]
        values[partner] = [*each, None] if partner.optional else each
    if prod(map(len, values.values())) * len(contest.rules) > MOST_TIMELINES:
        raise Undecided("the day is compared with other dates in many ways")
    return [_Timeline(contest, moving, dict(zip(values, picked, strict=True))) for picked in product(*values.values())]


def _moving(contest: Contest) -> dict[int, Form]:
    """The axes that hang on the day and that some rule or `always` line asks: differences of it and another date."""
    space, day = contest.space, contest.study.translator.day
    if not space.recipes and not space.element_atoms:
        return {}
    boxes = [*space.impossible, *(box for extent in contest.extents for box in extent.maybe)]
    asked = {axis for box in boxes for axis in box}
    found: dict[int, Form] = {}
    for number in sorted(asked & space.recipes.keys()):
        recipe = space.recipes[number]
        form = recipe.form if isinstance(recipe, Sum) else None
        if form is None or len(form.terms) != 2:
            if _hangs_on(space, number, day):
                raise Undecided(f"`{space.axes[number].name}` changes with the day")
        elif any(axis is day for axis, _ in form.terms):
            other = next(axis for axis, _ in form.terms if axis is not day)
            if other.owner is not None or other.number in space.recipes or not isinstance(other, DayAxis):
                raise Undecided(f"`{space.axes[number].name}` changes with the day")
            if sorted(factor for _, factor in form.terms) != [-1, 1] or other.absentable:
                raise Undecided(f"`{space.axes[number].name}` changes with the day")
            found[number] = form
    if any(_hangs_on(space, number, day) for number in asked & space.element_atoms.keys()):
        raise Undecided("elements are compared with the day")
    return found


def _hangs_on(space: Space, number: int, day: DayAxis) -> bool:
    """The axis is made of the day, among others."""
    collection = space.element_atoms.get(number)
    if collection is not None:
        return any(_hangs_on(space, axis, day) for box in collection.regions[number] for axis in box)
    match space.recipes.get(number):
        case None:
            return number == day.number
        case Sum(form=form) | Rounding(form=form) | Later(day=form):
            forms = [form]
        case Product(left=left, right=right) | Quotient(left=left, right=right):
            forms = [left, right]
        case _:
            return False
    return any(_hangs_on(space, axis.number, day) for form in forms for axis, _ in form.terms)


# ------------------------------------------------------------------------------------------- the search


def _undated(box: Box, day: DayAxis) -> Box:
    return {axis: mask for axis, mask in box.items() if axis != day.number}


def _heads(contest: Contest) -> list[int]:
    """The rules that say something and are no exception, or one to something that says nothing."""
    exception_to, says = contest.ruleset.exception_to, saying(contest)

    def goes_back_to_silence(rule: int) -> bool:
        return any(not says >> each & 1 or goes_back_to_silence(each) for each in bits(exception_to[rule]))

    return [rule for rule in bits(says) if not exception_to[rule] or goes_back_to_silence(rule)]


def _breaks(timeline: _Timeline, rule: int, after: bool) -> Iterator[tuple[Box, int]]:
    """Boxes of a rule with each last (or first) cell of days on which it may apply."""
    contest, day = timeline.contest, timeline.day
    others = support(contest, rule) & ~(1 << rule)
    for box in timeline.extents[rule].true:
        mask = timeline.mask(box)
        cells = {high if after else low for low, high in runs(mask)}
        for number in bits(others):
            for other in timeline.extents[number].maybe:
                if not disjoint(_undated(other, day), _undated(box, day)):
                    for low, high in runs(timeline.mask(other)):
                        cells |= {low - 1, high} if after else {high + 1, low}
        last = len(timeline.cells) - 1
        for cell in sorted(cells):
            if 0 <= cell <= last and mask >> cell & 1 and cell != (last if after else 0):
                yield box, cell


class _Gap:
    """The search for an input that two rules, or exceptions to them, decide, each on a cell of its own, and none on the
    cells between."""

    def __init__(self, timeline: _Timeline, before: tuple[int, int], after: tuple[int, int]) -> None:
        self.timeline = timeline
        self.contest = timeline.contest
        self.end, self.start = before[0], after[0]
        self.heads = {self.end: before[1], self.start: after[1]}
        self.voices = {cell: self.contest.exceptions_to(head) | 1 << head for cell, head in self.heads.items()}
        self.day = timeline.day
        self.saying = saying(self.contest)
        self.between = between = mask_of(range(self.end + 1, self.start))
        days = between | 1 << self.end | 1 << self.start
        impossible = (_undated(box, self.day) for box in timeline.impossible if timeline.mask(box) & days)
        self.covers = [*timeline.decided(between), *impossible]
        # Outside the covers these rules are false.
        self.silent = {cell: timeline.silent(cell, between) for cell in (self.end, self.start)}
        self.budget = self.contest.study.patience.budget()

    def search(self, region: Box) -> Witness | None:
        try:
            return self._search(region)
        except OutOfBudget:
            raise Undecided("the search took too many steps") from None

    def _search(self, region: Box) -> Witness | None:
        self.budget.spend()
        clear = self.contest.clear(region, self.covers)
        if clear is None:
            return None
        verdict = self._verdict(region)
        if isinstance(verdict, bool):
            return self._witness(region) if verdict else None
        spot = self.contest.spot({**clear, self.day.number: self.timeline.original(self.end)})
        point = _undated(spot.region, self.day)
        if self._verdict(point) is True:
            found = self._witness(point)
            if found is not None:
                return found
        return next((f for part in verdict if (f := self._search(_undated(part, self.day))) is not None), None)

    def _verdict(self, region: Box) -> bool | Iterable[Box]:
        """Whether the days are left out in the whole region; or parts of it to be looked at one by one."""
        contest, rules, timeline = self.contest, self.contest.ruleset, self.timeline
        standings: dict[int, Standing] = {}
        for cell in (self.end, self.start, *self._between(region)):
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
            return contest.along(standings[cell].region, timeline.extents[rule])
        for cell, standing in standings.items():
            if cell in self.heads:
                here = replace(standing, region={**region, self.day.number: timeline.original(cell)})
                split = contest.periods(here)
                if split is not None:
                    return split.boxes
                resolution = contest.resolve(here)
                decides = resolution.outcome is not None and resolution.deciding & self.voices[cell]
                if not decides or not resolution.certain >> self.heads[cell] & 1:
                    return False
            elif rules.applying(standing.true, standing.unknown)[1] & self.saying:
                return False
        return True

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

    def _witness(self, region: Box) -> Witness | None:
        """Facts in the region and outside the covers, on the first day that is left out."""
        timeline = self.timeline
        first = self.end + 1
        middle = {**region, **timeline.fixed, self.day.number: timeline.original(first)}
        found = self.contest.study.find(middle, self.covers, facts=True)
        if found is None or found.facts is None or not timeline.moving:
            return found
        facts = dict(found.facts)
        _put(facts, self.day.path, date.fromordinal(timeline.cells[first][0]))
        for axis, value in timeline.dates.items():
            _put(facts, axis.path, _date(value))
        return Witness(found.region, facts)

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
        if not self.timeline.moving:
            return self.contest.meeting(region)
        return self.contest.meeting({**_undated(region, self.day), **self.timeline.fixed})

    def _standing(self, region: Box, cell: int) -> Standing:
        at = {**region, self.day.number: 1 << cell}
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
