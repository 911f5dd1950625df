"""Axes that hang on the day, told apart by it.

An axis may stand for a condition, or for what another decision says. If that hangs on the day, the axis may say one
thing about an input on one day and another on the next. So where several days are looked at together it is one axis on
each of them; what it says there is spelt out when an input is made up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from comity.analysis.axes import DayAxis
from comity.analysis.boxes import Box, Budget
from comity.analysis.formulas import All, Cells, Exists, Formula, Leaf, Some, Switch
from comity.analysis.index import runs
from comity.analysis.realise import MODELS, models
from comity.analysis.space import Later, Product, Quotient, Rounding, Space, Sum

ROOM = 256
"""Axes that may yet come, beside as many as there are."""


class ByDay:
    """The axes of one space on each cell of days."""

    def __init__(self, space: Space, day: DayAxis) -> None:
        self.space = space
        self.day = day
        self.first = 2 * len(space.axes) + ROOM
        self.axes: list[tuple[int, int]] = []
        """The axis and cell of days of each number from ``first`` on."""
        self._numbers: dict[tuple[int, int], int] = {}
        self._turns: dict[int, frozenset[int]] = {}
        self.full: Sequence[int] = _Full(self)

    def turns(self, axis: int) -> frozenset[int]:
        """The cells of days on which the axis may say other than on the day before; none if it does not hang on it."""
        if axis not in self._turns:
            self._turns[axis] = frozenset(self._turns_of(axis, {axis}))
        return self._turns[axis]

    def _turns_of(self, axis: int, seen: set[int]) -> Iterator[int]:
        space = self.space
        waiting: list[Formula] = [space.opaque[axis]] if axis in space.opaque else [*space.named.get(axis, ())]
        known: set[Formula] = set()
        while waiting:
            formula = waiting.pop()
            if formula in known:
                continue
            known.add(formula)
            match formula:
                case Leaf(axis=asked, mask=mask) | Cells(axis=asked, mask=mask):
                    if asked is self.day:
                        for low, high in runs(mask & self.day.values):
                            yield from (low, high + 1)
                    elif asked.number not in seen:
                        seen.add(asked.number)
                        if hangs_on(space, asked.number, self.day):
                            yield from range(self.day.values.bit_length())
                        yield from self._turns_of(asked.number, seen)
                case All(parts=parts) | Some(parts=parts):
                    waiting.extend(parts)
                case Switch(arms=arms, rest=rest):
                    waiting.extend((rest, *(part for arm in arms for part in arm)))
                case Exists(body=body):
                    waiting.append(body)

    def hangs(self, box: Iterable[int]) -> bool:
        """Some axis of a box hangs on the day."""
        return any(self.turns(axis) for axis in box if axis != self.day.number)

    def on(self, box: Box, cell: int) -> Box:
        """A box on a cell of days, without its day."""
        return {
            self._number(axis, cell) if self.turns(axis) else axis: mask
            for axis, mask in box.items()
            if axis != self.day.number
        }

    def _number(self, axis: int, cell: int) -> int:
        key = (axis, cell)
        if key not in self._numbers:
            assert len(self.space.axes) <= self.first, "there is room for all axes"
            self._numbers[key] = self.first + len(self.axes)
            self.axes.append(key)
        return self._numbers[key]

    def at(self, region: Box, cell: int) -> Box:
        """What a region says of one cell of days: the way back from `on`."""
        found: Box = {}
        for number, mask in region.items():
            axis, where = self.axis(number)
            if where is None or where == cell:
                found[axis] = mask
        return found

    def axis(self, number: int) -> tuple[int, int | None]:
        """An axis, and the cell of days if it is the axis on that one."""
        return self.axes[number - self.first] if number >= self.first else (number, None)

    def put(self, region: Box, part: Box, cell: int) -> Box:
        """``region`` with ``part`` of what it says of a cell of days."""
        others = {n: mask for n, mask in region.items() if self.axis(n)[1] not in (None, cell)}
        return {**others, **self.on(part, cell)}

    def spelt_out(self, region: Box, cells: Sequence[int]) -> Iterator[Box]:
        """Parts of the region in which axes say on ``cells`` what it says of them, without these axes.

        Raises OutOfBudget.
        """
        if not cells:
            yield region
            return
        cell, *others = cells
        said = {self.axis(n)[0]: mask for n, mask in region.items() if self.axis(n)[1] == cell}
        if not said:
            yield from self.spelt_out(region, others)
            return
        rest = {n: mask for n, mask in region.items() if self.axis(n)[1] not in (None, cell)}
        here = {**self.at(region, cell), self.day.number: 1 << cell}
        for part in models(self.space, here, self.space.spelt_out(said), Budget(MODELS)):
            stays = {n: mask for n, mask in part.items() if n != self.day.number and not self.turns(n)}
            yield from self.spelt_out({**rest, **stays}, others)


class _Full(Sequence[int]):
    """All cells of every axis."""

    def __init__(self, by_day: ByDay) -> None:
        self.by_day = by_day

    def __len__(self) -> int:
        return self.by_day.first + len(self.by_day.axes)

    def __getitem__(self, number: int) -> int:  # type: ignore[override]
        return self.by_day.space.full[self.by_day.axis(number)[0]]


def hangs_on(space: Space, number: int, day: DayAxis) -> bool:
    """The axis is made of the day, among others."""
    collection = space.element_atoms.get(number)
    if collection is not None:
        return any(hangs_on(space, axis, day) for box in collection.regions[number] for axis in box)
    match space.recipes.get(number):
        case None:
            return number == day.number
        case Sum(form=form) | Rounding(form=form) | Later(day=form):
            forms = [form]
        case Product(left=left, right=right) | Quotient(left=left, right=right):
            forms = [left, right]
        case _:
            return False
    return any(hangs_on(space, axis.number, day) for form in forms for axis, _ in form.terms)
