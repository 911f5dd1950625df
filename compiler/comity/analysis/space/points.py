"""Points: which cell of every axis given facts lie in. The way back from facts to the engine.

Example: the facts `{"destination": "BY", "value": "7000 USD"}` lie in the cell of BY on one axis, and in that of
7,000 (or the stretch around it) on another; a fact that is not given lies in the cell *unknown*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from comity.analysis.space.axes import LineAxis
from comity.analysis.space.boxes import Box
from comity.analysis.space.elements import Collection, Variable
from comity.analysis.space.facts import THERE, key_of
from comity.analysis.space.formulas import All, Axis, Cells, Exists, Formula, Leaf, Some, Switch
from comity.analysis.space.recipes import Beyond, Later, Product, Quotient, Rounding, Same, Sum, TotalOf, Under
from comity.analysis.space.space import Space
from comity.analysis.space.symbols import Form, months_later
from comity.runtime import values
from comity.runtime.inputs import FINDINGS
from comity.runtime.kleene import KleeneSet, all_of, any_of
from comity.runtime.types import ECCN
from comity.runtime.values import ABSENT, Number

NOWHERE = object()
_NEW = object()


class Point:
    """One input. ``facts``: run-time values of the root's fields, with the day and findings where they are axes.

    ``bound``: the elements that variables stand for. ``outer``: the variable that was bound last, and the point before
    that, which knows all that does not depend on it. ``decided``: the outcome of a decision here (None: undetermined),
    where that is known without going through its conditions.
    """

    def __init__(
        self,
        space: Space,
        facts: Mapping[str, object],
        bound: Mapping[Variable, object] | None = None,
        decided: Callable[[str], str | None] | None = None,
        outer: tuple[Variable, Point] | None = None,
    ) -> None:
        self.outer = outer
        self.decided = decided
        self.space = space
        self.facts = facts
        self.bound = bound or {}
        self._cells: dict[int, int] = {}
        self._judged: dict[Formula, Any] = {}

    def cell(self, number: int) -> int:
        """The bit of the cell on axis ``number``; several where all of them are possible, or it does not matter."""
        if number not in self._cells:
            axis = self.space.axes[number]
            if self.outer is None or axis.owner is self.outer[0] or number in self.space.crossing:
                self._cells[number] = self._locate(axis)
            else:
                self._cells[number] = self.outer[1].cell(number)
        return self._cells[number]

    def forget(self, axes: Iterable[int]) -> None:
        """These axes mean something else than before."""
        for number in axes:
            self._cells.pop(number, None)
        self._judged.clear()

    def holds(self, formula: Formula) -> bool | None:
        """Whether the formula holds; None if it depends on something that nothing is known about."""
        known: bool | None = self._judged.get(formula, _NEW)
        if known is _NEW:
            outer = self.outer
            alike = outer is not None and outer[0] not in self.space.owners(formula) and not self.space.crosses(formula)
            known = outer[1].holds(formula) if outer is not None and alike else self._judge(formula)
            self._judged[formula] = known
        return known

    def _judge(self, formula: Formula) -> bool | None:
        match formula:
            case Leaf(axis=axis, mask=mask) | Cells(axis=axis, mask=mask):
                return self._within(axis.number, mask)
            case All(parts=parts):
                return all_of(map(self.holds, parts))
            case Some(parts=parts):
                return any_of(map(self.holds, parts))
            case Switch(arms=arms, otherwise=otherwise):
                perhaps: list[Formula] = []
                for guard, then in arms:
                    guarded = self.holds(guard)
                    if guarded:
                        return self.holds(then)
                    if guarded is None:
                        perhaps.append(then)
                return _alike([otherwise, *map(self.holds, perhaps)])
            case Exists(source=source, variable=variable, body=body, holds=holds):
                some = any_of(self.with_element(variable, each).holds(body) for each, _ in self._counted(source))
                return some if holds or some is None else not some

    def inside(self, box: Box) -> bool | None:
        return all_of(self._within(axis, mask) for axis, mask in box.items())

    def _within(self, number: int, mask: int) -> bool | None:
        cell = self.cell(number)
        return None if cell & mask and cell & ~mask else bool(cell & mask)

    def with_element(self, variable: Variable, element: object) -> Point:
        """The same input, with an element that a variable stands for."""
        return Point(self.space, self.facts, {**self.bound, variable: element}, self.decided, (variable, self))

    def elements(self, collection: Collection) -> tuple[object, ...]:
        """The elements of a collection; none where it is unknown or absent."""
        found = self._read(collection.path, collection.owner)
        if isinstance(found, frozenset):
            return tuple(sorted(found, key=str))
        if isinstance(found, KleeneSet):  # of records
            return tuple(element for element, _ in found.members)
        return found if isinstance(found, tuple) else ()

    def _counted(self, collection: Collection) -> Iterable[tuple[object, int]]:
        """The elements, those that are one object once, and how many times each occurs: it may take thousands of one
        amount to reach a sum.
        """
        found: dict[int, tuple[object, int]] = {}
        for each in self.elements(collection):
            found[id(each)] = each, found[id(each)][1] + 1 if id(each) in found else 1
        return found.values()

    def value(self, axis: Axis) -> object:
        """What the facts say of an axis; `NOWHERE` if there is no record that could."""
        return self._read(axis.path, axis.owner)

    def _read(self, path: tuple[str, ...], owner: Variable | None) -> object:
        value: object = self.facts if owner is None else self.bound[owner]
        for step in path:
            if not isinstance(value, Mapping):
                return NOWHERE
            value = value.get(key_of(step))
        return value

    def _locate(self, axis: Axis) -> int:
        if axis.number in self.space.recipes:
            return self._derived(axis)
        collection = self.space.element_atoms.get(axis.number)
        if collection is not None:
            return _cells(self._some(collection, collection.regions[axis.number]))
        if axis.number in self.space.named:
            if self.decided is not None and axis.number in self.space.decided:
                return axis.locate(self.decided(self.space.decided[axis.number]))
            return self._named(self.space.named[axis.number])
        if axis.number in self.space.opaque:
            return _cells(self.holds(self.space.opaque[axis.number]))
        value = self.value(axis)
        if value is NOWHERE:
            return axis.full
        if isinstance(value, Mapping | frozenset | KleeneSet | tuple):
            value = THERE
        return axis.locate(value) if axis.path[:1] == (FINDINGS,) else axis.cell_of(value)

    def _named(self, meaning: Sequence[Formula]) -> int:
        """The cells of an axis that stands for a choice between conditions, of which just one holds."""
        perhaps = 0
        for cell, each in enumerate(meaning):
            holds = self.holds(each)
            if holds:
                return 1 << cell
            perhaps |= (holds is None) << cell
        return perhaps

    def _some(self, collection: Collection, regions: tuple[Box, ...]) -> bool | None:
        variable = collection.first
        return any_of(
            self.with_element(variable, each).inside(region)
            for each, _ in self._counted(collection)
            for region in regions
        )

    # -------------------------------------------------------------------------------------- derived

    def number(self, form: Form) -> Number | None:
        """The value of a sum of facts; None if one of them is unknown or absent."""
        return form.value(self._number)

    def _number(self, axis: LineAxis) -> Number | None:
        recipe = self.space.recipes.get(axis.number)
        match recipe:
            case None:
                value = self.value(axis)
                if isinstance(value, date):
                    return value.toordinal()
                return value if isinstance(value, int | Fraction) else None
            case Sum(form=form):
                return self.number(form)
            case Product(left=left, right=right):
                return values.multiply(self.number(left), self.number(right))
            case Quotient(left=left, right=right):
                return values.divide(self.number(left), self.number(right))
            case Rounding(up=up, form=form):
                return values.round_up(self.number(form)) if up else values.round_down(self.number(form))
            case Later(day=day, months=months):
                ordinal = self.number(day)
                return None if ordinal is None else months_later(int(ordinal), months)
            case TotalOf():
                return self._total(recipe)
            case _:
                return None

    def _total(self, total: TotalOf) -> Number | None:
        result: Number | None = 0
        for each, times in self._counted(total.collection):
            point = self.with_element(total.variable, each)
            for guard, form in total.arms:
                holds = point.holds(guard)
                if holds is not False:
                    result = None if holds is None else values.add(result, values.multiply(times, point.number(form)))
        return result

    def _derived(self, axis: Axis) -> int:
        recipe = self.space.recipes[axis.number]
        match recipe:
            case Same(left=left, right=right):
                one, two = self.value(left), self.value(right)
                if any(side is None or side is ABSENT or side is NOWHERE for side in (one, two)):
                    return axis.full  # as of numbers
                return _cells(one == two)
            case Beyond(of=of):
                truth = self._beyond(of)
                return axis.full if truth is None else _cells(truth)
            case _:
                assert isinstance(axis, LineAxis)
                value = self._number(axis)
                # Where a part is unknown no question is put to the axis, so any cell will do.
                return axis.full if value is None else axis.locate(value)

    def _beyond(self, of: object) -> bool | None:
        """What the point shows of something without a theory, if anything."""
        match of:
            case Under(code=code, entry=entry, tree=tree):
                within = values.eccn_within if tree == ECCN else values.hs_within
                one, two = self.value(code), self.value(entry)
                return within(one, two) if isinstance(one, str) and isinstance(two, str) else None
            case Leaf() | Cells() | All() | Some() | Switch() | Exists():
                return self.holds(of)
            case _:
                return None


def _alike(truths: Sequence[bool | None]) -> bool | None:
    """What all of them say."""
    return truths[0] if all(truth is truths[0] for truth in truths) else None


def _cells(truth: bool | None) -> int:
    """The cells of a two-valued axis that a truth leaves open."""
    return 3 if truth is None else 1 + truth
