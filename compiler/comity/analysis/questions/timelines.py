"""Timelines: the days of an input as cells, while all else about it stays as it is.

What compares the day with another date (`shipped + 30 days < date`) moves along the days, so where there are such sums
that date is given one value after another (`Timeline`), enough of them that every order of the days that matter is
seen. What another decision says of the input, and a condition of so many cases that it is an axis of its own, says
something else on each day: it is spelt out as what it comes to on that day (`analysis.questions.daily`), unless that
would take too long (`limits.timeline_parts`).
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import chain, pairwise, product
from math import prod

from comity.analysis import limits
from comity.analysis.decision.search import DecisionSearch, Extent, Mask
from comity.analysis.decision.study import Undecided
from comity.analysis.questions.daily import Daily, Settled, forms_of, made_of
from comity.analysis.questions.solve import saying
from comity.analysis.space.axes import Axis, DayAxis, LineAxis, bits
from comity.analysis.space.boxes import Box, narrowed
from comity.analysis.space.space import Later, Space, Sum, TotalOf
from comity.analysis.space.symbols import Form
from comity.runtime.rules import mask_of

SOME_DAY = date(2024, 1, 1)
"""Of many days that will do."""


class Timeline:
    """The days of an input as cells, and the rules over them; ``dates``: the values given to dates that days are
    compared with (None: unknown), by axis.

    ``converted``: the rules' boxes are over the cells of this timeline, not over those of the day's own axis.
    """

    def __init__(self, search: DecisionSearch, moves: Moves, dates: Mapping[DayAxis, int | None]) -> None:
        self.search = search
        self.day = search.study.translator.day
        self.moving = moving = moves.sums
        self.converted = bool(moving or moves.conditions)
        self.dates = dates
        self.key: Hashable = tuple(moving), moves.conditions, tuple((axis.number, day) for axis, day in dates.items())
        self.cuts = sorted({int(value) for value, _ in self.day.cuts} | set(self._moving_cuts()))
        assert self.day.low is not None and self.day.high is not None
        edges = [int(self.day.low[0]), *self.cuts, int(self.day.high[0])]
        self.cells = [(first, following - 1) for first, following in pairwise(edges)]
        self.fixed = {axis.number: axis.cell_of(_date(value)) for axis, value in dates.items()}
        for number, form in _between(search.space, dates):
            known = [int(factor) * value for axis, factor in form.terms if (value := dates[_day(axis)]) is not None]
            if len(known) == len(form.terms):
                self.fixed[number] = self._line(number).locate(sum(known))
        self._originals = [self.day.locate(first) for first, _ in self.cells]
        self._days: dict[tuple[int, int], int | None] = {}
        self._daily = Daily(search.space, moves.conditions, self._on, moves.settled)
        self.extents = [self._extent(extent) for extent in search.extents] if self.converted else search.extents
        self._silent: dict[tuple[int, int], Mask] = {}
        self._undated: dict[int, Box] = {}
        impossible = search.space.impossible
        converted = [b for box in impossible for b in self._converted(box)] if self.converted else impossible
        self.impossible = [(self.mask(box), self.undated(box)) for box in converted]
        """What no input can be, by the days on which it cannot."""

    def _moving_cuts(self) -> Iterator[int]:
        """The days on which a sum with the day passes one of its cuts."""
        low, high = date.min.toordinal(), date.max.toordinal()
        for number, form in self.moving.items():
            partner, factor = _partner(form, self.day)
            value = self.dates[partner]
            if value is not None:
                for cut, _ in self._line(number).cuts:
                    turn = _turn(value, int(cut), factor)
                    if low < turn <= high:
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
        rules = self.search.ruleset
        return mask_of(n for n in bits(saying(self.search)) if not rules.exception_to[n] and not rules.disapplied_by[n])

    def decided(self, region: Box, days: int) -> list[Box]:
        """Boxes that meet a region, in which an outspoken rule may say something on one of these cells of days."""
        if not self.converted:
            index = self.search.index
            near = index.meeting({**region, self.day.number: days}) & index.of(self.outspoken)
            for number in bits(near):
                if number not in self._undated:
                    self._undated[number] = self.undated(index.boxes[number])
            return [self._undated[number] for number in bits(near)]
        boxes = [box for number in bits(self.outspoken) for box in self.extents[number].maybe]
        return [self.undated(box) for box in boxes if self.mask(box) & days]

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


def _partner(form: Form, day: DayAxis) -> tuple[DayAxis, int]:
    """The other date of a sum that compares it with the day, and its factor (1: that date minus the day)."""
    ((other, factor),) = [(axis, factor) for axis, factor in form.terms if axis is not day]
    return _day(other), int(factor)


@dataclass(frozen=True, slots=True)
class Moves:
    """What changes with the day, besides the day. ``sums``: differences of it and another date; ``conditions``: axes
    that stand for conditions, or for what other decisions say; ``size``: how many parts these have, ``settled``: what
    they come to.
    """

    sums: Mapping[int, Form]
    conditions: frozenset[int]
    size: int = 0
    settled: Settled = field(default_factory=dict)


def timelines(search: DecisionSearch) -> Iterable[Timeline]:
    """One for every order in which the days that matter may stand."""
    moves = _moves(search)
    moving = moves.sums
    day = search.study.translator.day
    first, last = date.min.toordinal(), date.max.toordinal()
    turning = [first, *(int(cut) for cut, _ in day.cuts), last + 1]
    values: dict[DayAxis, list[int | None]] = {}
    for number, form in moving.items():
        partner, factor = _partner(form, day)
        line = search.space.axes[number]
        assert isinstance(line, LineAxis)
        cuts = {int(value) for value, _ in partner.cuts} | set(_relative(search.space, partner, values))
        for cut, _ in line.cuts:
            # Where the sum passes the cut before a turning day, on it, and after it.
            on = [turn + int(cut) - 1 if factor == 1 else turn - int(cut) for turn in turning]
            cuts.update(day for each in on for day in (each, each + 1))
        known = sorted(cut for cut in cuts if first < cut <= last)
        picked = [_one_of(low, high, plain=len(moving) == 1) for low, high in pairwise([first, *known, last + 1])]
        values[partner] = [*picked, None] if partner.optional else list(picked)
        # Other sums may pass theirs before that, on the same day, or after it.
        turning += {_turn(day, int(cut), factor) for day in picked for cut, _ in line.cuts}
    orders = prod(map(len, values.values()))
    if orders * len(search.rules) > limits.current.timelines:
        raise Undecided("the day is compared with other dates in many ways")
    if orders * moves.size > limits.current.timeline_parts_in_all:
        moves = Moves(moving, frozenset())
    return [Timeline(search, moves, dict(zip(values, picked, strict=True))) for picked in product(*values.values())]


def _between(space: Space, dates: Collection[DayAxis]) -> Iterator[tuple[int, Form]]:
    """The differences of two of the dates, by their axes."""
    for number, recipe in space.recipes.items():
        terms = recipe.form.terms if isinstance(recipe, Sum) else ()
        if sorted(factor for _, factor in terms) == [-1, 1] and all(axis in dates for axis, _ in terms):
            yield number, Form(terms, 0)


def _relative(space: Space, date: DayAxis, values: Mapping[DayAxis, Sequence[int | None]]) -> Iterator[int]:
    """Where the difference of a date and one whose ``values`` have been picked passes one of its cuts."""
    for number, form in _between(space, [*values, date]):
        factors, line = dict(form.terms), space.axes[number]
        assert isinstance(line, LineAxis)
        if date in factors:
            picked = [value for other in values if other in factors for value in values[other] if value is not None]
            cuts = [int(factors[date]) * int(cut) + step for cut, _ in line.cuts for step in (0, 1)]
            yield from (value + cut for value in picked for cut in cuts)


def _day(axis: LineAxis) -> DayAxis:
    assert isinstance(axis, DayAxis)
    return axis


def _turn(value: int, cut: int, factor: int) -> int:
    """The first day on which the sum of a date and the day lies on the other side of a cut."""
    return value - cut + 1 if factor == 1 else value + cut


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
    sums = {number: form for number in sorted(turning) if (form := _difference(space, number, day)) is not None}
    for number in sorted(turning - sums.keys()):
        if not _can_follow(space, number, {day.number, *sums}):
            facts = sorted({space.axes[each].name for each in made.of(number) if space.axes[each].path})
            raise Undecided(f"a value made of {' and '.join(f'`{name}`' for name in facts)} changes with the day")
    return Moves(sums, frozenset(turning - sums.keys()), made.size)


def _can_follow(space: Space, number: int, days: Collection[int]) -> bool:
    """What an axis that changes with the day is made of on each day can be said in axes that do not.

    Not so where it adds up ``days`` (the day and differences from it), or asks them of an element of an element.
    """
    if number in space.element_atoms:
        return space.element_atoms[number].owner is None
    recipe = space.recipes.get(number)
    if isinstance(recipe, TotalOf) and recipe.collection.owner is not None:
        return False
    added = [axis.number for form in forms_of(recipe) for axis, _ in form.terms]
    return not isinstance(recipe, Later) and not any(each in days for each in added)


def _difference(space: Space, number: int, day: DayAxis) -> Form | None:
    """The difference of the day and another date of the input, if that is what an axis is."""
    recipe = space.recipes.get(number)
    if not isinstance(recipe, Sum) or sorted(factor for _, factor in recipe.form.terms) != [-1, 1]:
        return None
    if not any(axis is day for axis, _ in recipe.form.terms):
        return None
    other = next(axis for axis, _ in recipe.form.terms if axis is not day)
    if not isinstance(other, DayAxis) or other.owner is not None or not other.path or other.absentable:
        return None
    return recipe.form
