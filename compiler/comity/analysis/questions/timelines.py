"""Timelines: the days of an input as cells, while all else about it stays as it is.

What compares the day with another date (`shipped + 30 days < date`) moves along the days, so where there are such sums
that date is given one value after another (`Timeline`), enough of them that every order of the days that matter is
seen. What another decision says of the input, and a condition of so many cases that it is an axis of its own, says
something else on each day: it is spelt out as what it comes to on that day (`analysis.questions.daily`), unless that
would take too long (`limits.timeline_parts`).
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import date
from functools import cached_property
from itertools import chain, pairwise, product
from math import prod

from comity.analysis import limits
from comity.analysis.decision.conditions import Extent
from comity.analysis.decision.extents import Mask
from comity.analysis.decision.search import DecisionSearch
from comity.analysis.decision.study import Undecided
from comity.analysis.questions.daily import Daily, Settled, forms_of, made_of
from comity.analysis.questions.solve import saying
from comity.analysis.space.axes import DayAxis, LineAxis, bits
from comity.analysis.space.boxes import Box, narrowed
from comity.analysis.space.formulas import Axis
from comity.analysis.space.recipes import Later, Sum, TotalOf
from comity.analysis.space.space import Space
from comity.analysis.space.symbols import FIRST, LAST, first_day, months_later
from comity.runtime.light import dataclass
from comity.runtime.rules import mask_of

SOME_DAY = date(2024, 1, 1)
"""Of many days that will do."""

SPAN = 740
"""Days before and after one in which months are of every length there is: two years."""


class Timeline:
    """The days of an input as cells, and the rules over them; ``dates``: the values given to dates that days are
    compared with (None: unknown), by axis.

    ``converted``: the rules' boxes are over the cells of this timeline, not over those of the day's own axis.
    """

    def __init__(self, search: DecisionSearch, moves: Moves, dates: Mapping[DayAxis, int | None]) -> None:
        self.search = search
        self.day = search.study.translator.day
        self.moving = moving = moves.sums
        self.is_whole = moves.is_whole
        self.converted = bool(moving or moves.conditions)
        self.dates = dates
        self.key: Hashable = tuple(moving), moves.conditions, tuple((axis.number, day) for axis, day in dates.items())
        self.cuts = sorted({int(value) for value, _ in self.day.cuts} | set(self._moving_cuts()))
        assert self.day.low is not None and self.day.high is not None
        edges = [int(self.day.low[0]), *self.cuts, int(self.day.high[0])]
        self.cells = [(first, following - 1) for first, following in pairwise(edges)]
        self.fixed = {axis.number: axis.cell_of(_date(value)) for axis, value in dates.items()}
        for number, difference in _between(search.space, dates):
            between = difference.on(dates[difference.later.axis], dates[difference.earlier.axis])
            if between is not None:
                self.fixed[number] = self._line(number).locate(between)
        self._originals = [self.day.locate(first) for first, _ in self.cells]
        self._days: dict[tuple[int, int], int | None] = {}
        self._daily = Daily(search.space, moves.conditions, self._on, moves.settled)
        self.extents = [self._extent(extent) for extent in search.extents] if self.converted else search.extents
        self._silent: dict[tuple[int, int], Mask] = {}
        self._undated: dict[int, Box] = {}
        self.impossible = [each for box in search.space.impossible for each in self.without_days(box)]
        """What no input can be, by the days on which it cannot."""

    def without_days(self, box: Box) -> Iterator[tuple[int, Box]]:
        """Boxes without what changes with the day, and the cells of days on which an input in them is in the box."""
        for converted in self._converted(box) if self.converted else (box,):
            yield self.mask(converted), self.undated(converted)

    def _moving_cuts(self) -> Iterator[int]:
        """The days on which a sum with the day passes one of its cuts."""
        for number, difference in self.moving.items():
            value = self.dates[difference.partner(self.day)]
            if value is not None:
                for cut, _ in self._line(number).cuts:
                    turn = difference.turn(self.day, value, int(cut))
                    if FIRST < turn <= LAST:
                        yield turn

    def _line(self, number: int) -> LineAxis:
        axis = self.search.space.axes[number]
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
        conditions: Box = {}
        days = (1 << len(self.cells)) - 1
        for axis, mask in box.items():
            if axis in self._daily.conditions:
                conditions[axis] = mask
                continue
            on = self._days_on(axis, mask)
            if on is None:
                found[axis] = mask
            else:
                days &= on
        if conditions:
            yield from self._daily.boxes(found, conditions, days, self.day.number)
        elif days:
            yield found if days == (1 << len(self.cells)) - 1 else {**found, self.day.number: days}

    def _days_on(self, axis: int, mask: int) -> int | None:
        """The cells of days on which an axis is in a mask; None if that is not for this timeline to say."""
        if (axis, mask) not in self._days:
            self._days[axis, mask] = self._on_which(axis, mask)
        return self._days[axis, mask]

    def _on_which(self, axis: int, mask: int) -> int | None:
        if axis in self.moving:
            return self._days_of_sum(axis, mask)
        if axis == self.day.number:
            return self._days_of_mask(mask)
        if axis in self.fixed:
            return -1 if self.fixed[axis] & mask else 0
        return None

    def _on(self, axis: Axis, mask: int, cell: int) -> bool | None:
        """Whether an axis is in a mask on a cell of days, as `_days_on`."""
        days = self._days_on(axis.number, mask)
        return None if days is None else bool(days >> cell & 1)

    def _days_of_mask(self, mask: int) -> int:
        return mask_of(number for number, original in enumerate(self._originals) if original & mask)

    def _days_of_sum(self, number: int, mask: int) -> int:
        difference, line = self.moving[number], self._line(number)
        value = self.dates[difference.partner(self.day)]
        found = 0
        for place, (first, _) in enumerate(self.cells):
            between = difference.at(self.day, first, value)
            # Where there is no such day the sum says nothing.
            found |= (between is None or bool(line.locate(between) & mask)) << place
        return found

    @cached_property
    def outspoken(self) -> Mask:
        """The rules that wherever they are not false say something, whatever else applies, or else are disapplied by
        such a rule, which then does.
        """
        rules = self.search.ruleset
        left = mask_of(number for number in bits(saying(self.search)) if not rules.exception_to[number])
        found: Mask = 0
        while more := mask_of(number for number in bits(left) if not rules.disapplied_by[number] & ~found):
            found |= more
            left &= ~more
        return found

    def decided(self, region: Box, days: int) -> list[Box]:
        """Boxes that meet a region, in which an outspoken rule may say something on one of these cells of days."""
        if not self.converted:
            index = self.search.index
            near = index.meeting({**region, self.day.number: days}) & index.of(self.outspoken)
            for number in bits(near):
                if number not in self._undated:
                    self._undated[number] = self.undated(index.boxes[number])
            return [self._undated[number] for number in bits(near)]
        return [undated for mask, undated in self._spoken if mask & days]

    @cached_property
    def _spoken(self) -> list[tuple[int, Box]]:
        """Where an outspoken rule may say something, by the cells of days."""
        boxes = (box for number in bits(self.outspoken) for box in self.extents[number].maybe)
        return [(self.mask(box), self.undated(box)) for box in boxes]

    def undecided(self, region: Box, cell: int) -> Box | None:
        """The region without what an outspoken rule may decide on a cell of days, as far as that is seen at once."""
        left = narrowed(region, self.decided(region, 1 << cell), self.search.space.full)
        return None if left is None else left[0]

    def silent(self, cell: int, days: int) -> Mask:
        """The outspoken rules that are not false on a cell only where they are not on one of these cells of days."""
        if (cell, days) not in self._silent:
            self._silent[cell, days] = mask_of(
                number
                for number in bits(self.outspoken)
                if all(mask & days for box in self.extents[number].maybe if (mask := self.mask(box)) >> cell & 1)
            )
        return self._silent[cell, days]

    def undated(self, box: Box) -> Box:
        return {axis: mask for axis, mask in box.items() if axis != self.day.number}

    def lasting(self, box: Box) -> Box:
        """A box of the day's own axis without what changes with the day."""
        changing = {self.day.number, *self.moving, *self._daily.conditions}
        return {axis: mask for axis, mask in box.items() if axis not in changing}

    def told(self, first: int, last: int) -> tuple[str, str]:
        """The first and the last day of cells, for the author."""
        start, end = self.cells[first][0], self.cells[last][1]
        return date.fromordinal(start).isoformat(), date.fromordinal(end).isoformat()

    def original(self, cell: int) -> int:
        """The cell of the day's own axis that a cell lies in."""
        return self._originals[cell]

    def mask(self, box: Box) -> int:
        """The cells that a box admits."""
        return box.get(self.day.number, -1) & ((1 << len(self.cells)) - 1)


def _date(ordinal: int | None) -> date | None:
    return None if ordinal is None else date.fromordinal(ordinal)


@dataclass(frozen=True, slots=True)
class Shifted:
    """A date of the input and calendar months (which may be negative)."""

    axis: DayAxis
    months: int

    def on(self, ordinal: int | None) -> int | None:
        return None if ordinal is None else months_later(ordinal, self.months)

    def first(self, ordinal: int) -> int:
        """The first day whose sum is not before a day; the day after the calendar if there is none."""
        return first_day(ordinal, self.months)


@dataclass(frozen=True, slots=True)
class Difference:
    """The days from one date to a later one, each perhaps with some months."""

    later: Shifted
    earlier: Shifted

    def on(self, later: int | None, earlier: int | None) -> int | None:
        one, two = self.later.on(later), self.earlier.on(earlier)
        return None if one is None or two is None else one - two

    def of(self, day: DayAxis) -> tuple[Shifted, Shifted, bool]:
        """The side of a day, the other one, and whether the day is the later one."""
        is_later = self.later.axis is day
        return (self.later, self.earlier, True) if is_later else (self.earlier, self.later, False)

    def partner(self, day: DayAxis) -> DayAxis:
        return self.of(day)[1].axis

    def at(self, day: DayAxis, ordinal: int, other: int | None) -> int | None:
        """The difference on a day, for a date of the other side."""
        return self.on(ordinal, other) if self.later.axis is day else self.on(other, ordinal)

    def turn(self, day: DayAxis, other: int, cut: int) -> int:
        """The first day on which the difference lies on the other side of a cut."""
        own, partner, is_later = self.of(day)
        value = partner.on(other)
        if value is None:
            return LAST + 1  # where there is no such day nothing turns
        return own.first(value + cut if is_later else value - cut + 1)

    def turning(self, day: DayAxis, ordinal: int, cut: int) -> Iterator[int]:
        """The dates of the other side that are the first for which the difference turns on a day, or after it."""
        own, partner, is_later = self.of(day)
        for on in (ordinal - 1, ordinal):
            # It has turned on that day as long as the other date is not later than this.
            reached = own.on(on)
            if reached is not None:
                yield partner.first(reached - cut + 1 if is_later else reached + cut)


@dataclass(frozen=True, slots=True)
class Moves:
    """What changes with the day, besides the day. ``sums``: differences of it and another date; ``conditions``: axes
    that stand for conditions, or for what other decisions say; ``dates``: those compared with the day, or with one
    of those; ``size``: how many parts these have, ``settled``: what
    they come to. ``is_whole``: nothing else changes, as what compares the day with days of elements does.
    """

    sums: Mapping[int, Difference]
    conditions: frozenset[int]
    dates: tuple[DayAxis, ...] = ()
    size: int = 0
    settled: Settled = field(default_factory=dict)
    is_whole: bool = True


def timelines(search: DecisionSearch) -> Iterable[Timeline]:
    """One for every order in which the days that matter may stand."""
    moves = _moves(search)
    day = search.study.translator.day
    turning = [FIRST, *(int(cut) for cut, _ in day.cuts), LAST + 1]
    values: dict[DayAxis, list[int | None]] = {}
    for date_ in moves.dates:
        moving = _Turns(search.space, day, date_, moves.sums)
        cuts = {int(value) for value, _ in date_.cuts} | set(_relative(search.space, date_, values))
        cuts |= moving.passing(turning)
        known = sorted(cut for cut in cuts if FIRST < cut <= LAST)
        plain = len(moves.dates) == 1
        picked = [
            each
            for low, high in pairwise([FIRST, *known, LAST + 1])
            for each in moving.orders(low, high, _one_of(low, high, plain))
        ]
        values[date_] = [*picked, None] if date_.optional else list(picked)
        # Other differences may pass theirs before that, on the same day, or after it.
        turning += {turn for each in picked for turn in moving.on(each)}
    orders = prod(map(len, values.values()))
    if orders * len(search.rules) > limits.current.timelines:
        raise Undecided("the day is compared with other dates in many ways")
    if orders * moves.size > limits.current.timeline_parts_in_all:
        moves = Moves(moves.sums, frozenset(), moves.dates, is_whole=moves.is_whole)
    return [Timeline(search, moves, dict(zip(values, picked, strict=True))) for picked in product(*values.values())]


class _Turns:
    """The days on which differences of the day and one date pass their cuts."""

    def __init__(self, space: Space, day: DayAxis, date: DayAxis, sums: Mapping[int, Difference]) -> None:
        self.day = day
        self.cuts: list[tuple[Difference, int]] = []
        own = {number: each for number, each in sums.items() if each.partner(day) is date}
        for number, difference in own.items():
            line = space.axes[number]
            assert isinstance(line, LineAxis)
            self.cuts += [(difference, int(cut)) for cut, _ in line.cuts]
        self.is_even = len(own) < 2

    def on(self, value: int) -> list[int]:
        """The days on which they do for one value of the date."""
        return [difference.turn(self.day, value, cut) for difference, cut in self.cuts]

    def passing(self, turning: Iterable[int]) -> set[int]:
        """The values of the date from which on they do on some days, or after them."""
        every = sorted(set(turning))
        return {
            value for difference, cut in self.cuts for on in every for value in difference.turning(self.day, on, cut)
        }

    def orders(self, low: int, high: int, plain: int) -> Iterable[int]:
        """Values of the date, from ``low`` on and before ``high``, that bring about every order of these days.

        Thirty days after a date may be before a month after it, on the same day, or after that.
        """
        if self.is_even:
            return (plain,)
        found: dict[tuple[int, ...], int] = {}
        for value in (plain, *range(max(low, plain - SPAN), min(high, plain + SPAN))):
            days = self.on(value)
            places = {turn: place for place, turn in enumerate(sorted(set(days)))}
            found.setdefault(tuple(places[turn] for turn in days), value)
        return found.values()


def _differences(space: Space) -> Iterator[tuple[int, Difference]]:
    """The axes of differences of two dates of the input."""
    for number in space.recipes:
        difference = _difference(space, number)
        if difference is not None:
            yield number, difference


def _between(space: Space, dates: Collection[DayAxis]) -> Iterator[tuple[int, Difference]]:
    """The differences of two of the dates, by their axes."""
    for number, difference in _differences(space):
        if difference.later.axis in dates and difference.earlier.axis in dates:
            yield number, difference


def _relative(space: Space, date: DayAxis, values: Mapping[DayAxis, Sequence[int | None]]) -> Iterator[int]:
    """Where the difference of a date and one whose ``values`` have been picked passes one of its cuts."""
    for number, difference in _between(space, [*values, date]):
        line = space.axes[number]
        assert isinstance(line, LineAxis)
        if date in (difference.later.axis, difference.earlier.axis):
            picked = [value for value in values[difference.partner(date)] if value is not None]
            yield from (difference.turn(date, value, int(cut)) for value in picked for cut, _ in line.cuts)


def _one_of(low: int, high: int, plain: bool) -> int:
    """One day of several, which is to tell for all: a ``plain`` one, or one that leaves room on both sides."""
    some_day = SOME_DAY.toordinal()
    return some_day if low <= some_day < high else low if plain else (low + high - 1) // 2


def _moves(search: DecisionSearch) -> Moves:
    """What rules and `always` lines ask that changes with the day. Raises Undecided where that cannot be followed."""
    space, day = search.space, search.study.translator.day
    if not (space.recipes or space.element_atoms or space.opaque or space.named):
        return Moves({}, frozenset())
    boxes = chain(space.impossible, *(chain(extent.true, extent.maybe) for extent in search.extents))
    made = made_of(space, {axis for box in boxes for axis in box}, limits.current.timeline_parts)
    turning = made.from_(day.number) - {day.number}
    later = {number for number in turning if isinstance(space.recipes.get(number), Later)}
    asked = {number: each for number, each in _differences(space) if number in made.parts}
    sums = {number: asked[number] for number in sorted(turning & asked.keys())}
    conditions = turning - sums.keys() - later
    of_elements: set[int] = set()
    for number in sorted(conditions):
        if not _can_follow(space, number, {day.number, *sums, *later}):
            if any(space.axes[each].owner is not None for each in made.of(number)):
                of_elements |= made.from_(number)
                continue
            facts = sorted({space.axes[each].name for each in made.of(number) if space.axes[each].path})
            raise Undecided(f"a value made of {' and '.join(f'`{name}`' for name in facts)} changes with the day")
    dates = _related(day, sums, asked)
    return Moves(sums, frozenset(conditions - of_elements), dates, made.size, is_whole=not of_elements)


def _related(day: DayAxis, sums: Mapping[int, Difference], asked: Mapping[int, Difference]) -> tuple[DayAxis, ...]:
    """The dates that are compared with the day, or with one of those."""
    found = dict.fromkeys(each.partner(day) for each in sums.values())
    waiting = list(found)
    for date_ in waiting:
        for number, each in asked.items():
            if number not in sums and date_ in (each.later.axis, each.earlier.axis):
                other = each.partner(date_)
                if other not in found:
                    found[other] = None
                    waiting.append(other)
    return tuple(found)


def _can_follow(space: Space, number: int, days: Collection[int]) -> bool:
    """What an axis that changes with the day is made of on each day can be said in axes that do not.

    Not so where it adds up ``days`` (the day and differences from it), or asks them of an element of an element.
    """
    if number in space.element_atoms:
        return space.element_atoms[number].owner is None
    recipe = space.recipes.get(number)
    if isinstance(recipe, TotalOf) and recipe.collection.owner is not None:
        return False
    return not any(axis.number in days for form in forms_of(recipe) for axis, _ in form.terms)


def _difference(space: Space, number: int) -> Difference | None:
    """The difference of two dates of the input, if that is what an axis is."""
    recipe = space.recipes.get(number)
    if not isinstance(recipe, Sum) or sorted(factor for _, factor in recipe.form.terms) != [-1, 1]:
        return None
    sides = {factor: _shifted(space, axis) for axis, factor in recipe.form.terms}
    later, earlier = sides[1], sides[-1]
    return None if later is None or earlier is None or later.axis is earlier.axis else Difference(later, earlier)


def _shifted(space: Space, axis: LineAxis) -> Shifted | None:
    """A date of the input, perhaps with some months, if that is what an axis is."""
    recipe = space.recipes.get(axis.number)
    if isinstance(recipe, Later):
        ((inner, _),) = recipe.day.terms
        return Shifted(inner, recipe.months) if isinstance(inner, DayAxis) and _is_date(inner) else None
    return Shifted(axis, 0) if isinstance(axis, DayAxis) and _is_date(axis) else None


def _is_date(axis: DayAxis) -> bool:
    return axis.owner is None and bool(axis.path) and not axis.absentable
