"""Many points at once: bit i of a mask is point i.

A formula is judged on all of them by one pass over its parts, each of which is judged once however many formulas it is
part of. What holds is what `Point.holds` says of each.

Example: points 0, 1 and 2 have the destinations RU, BY and DE. `destination in {RU, BY}` is the mask 0b011, and its
negation 0b100.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from comity.analysis.space.axes import bits
from comity.analysis.space.boxes import Box
from comity.analysis.space.elements import Collection, Variable
from comity.analysis.space.formulas import All, Cells, Exists, Formula, Leaf, Some, Switch
from comity.analysis.space.points import Point
from comity.analysis.space.space import Space
from comity.base.interruption import check_interrupted
from comity.runtime.rules import Mask, mask_of

Judged = tuple[Mask, Mask]
"""The points on which something certainly holds, and those on which it certainly does not."""


class PointSet:
    """Points of one space. ``bound``: the variable that was bound last, and the elements it stands for."""

    def __init__(self, space: Space, points: Sequence[Point], bound: tuple[Variable, _Elements] | None = None) -> None:
        self.bound = bound
        self.space = space
        self.points = points
        self.all: Mask = (1 << len(points)) - 1
        self._judged: dict[Formula, Judged] = {}
        self._rows: dict[int, dict[int, Mask]] = {}
        self._elements: dict[Collection, _Elements] = {}

    def forget(self, axes: set[int]) -> None:
        """These axes mean something else than before."""
        asked = mask_of(axes)
        self._judged = {
            formula: judged for formula, judged in self._judged.items() if not self.space.asked_in(formula) & asked
        }
        for number in axes:
            self._rows.pop(number, None)
        for point in self.points:
            point.forget(axes)
        for elements in self._elements.values():
            elements.forget(axes)

    def holds(self, formula: Formula) -> Mask:
        """The points on which the formula certainly holds."""
        return self.judged(formula)[0]

    def judged(self, formula: Formula) -> Judged:
        known = self._judged.get(formula)
        if known is None:
            contrary = None if formula.negation is None else self._judged.get(formula.negation)
            if contrary is not None:
                known = contrary[::-1]
            elif self.bound is not None and self.bound[0] not in self.space.owners(formula):
                known = self.bound[1].as_their_owners(formula)
            else:
                known = self._judge(formula)
            self._judged[formula] = known
        return known

    def _judge(self, formula: Formula) -> Judged:
        check_interrupted()
        match formula:
            case Leaf(axis=axis, mask=mask) | Cells(axis=axis, mask=mask):
                return self._within(axis.number, mask)
            case All(parts=parts):
                return self._each(map(self.judged, parts))
            case Some(parts=parts):
                return self._each(self.judged(part)[::-1] for part in parts)[::-1]
            case Switch():
                return self._switched(formula)
            case Exists(source=source, variable=variable, body=body, holds=holds):
                found = self._some(source, variable, lambda elements: elements.judged(body))
                return found if holds else found[::-1]

    def _each(self, parts: Iterable[Judged]) -> Judged:
        """Where all of them hold, and where one does not."""
        true, false = self.all, 0
        for holds, fails in parts:
            true &= holds
            false |= fails
            if false == self.all:
                break
        return true, false

    def _switched(self, formula: Switch) -> Judged:
        """As the arm says whose guard holds. Where none certainly does, as all say that may."""
        true = false = 0
        left = self.all
        alike = (self.all, 0) if formula.otherwise else (0, self.all)
        for guard, then in formula.arms:
            guarded, unguarded = self.judged(guard)
            if left & ~unguarded:
                holds, fails = self.judged(then)
                true |= left & guarded & holds
                false |= left & guarded & fails
                alike = alike[0] & (unguarded | holds), alike[1] & (unguarded | fails)
                left &= ~guarded
        return true | left & alike[0], false | left & alike[1]

    def _within(self, number: int, mask: int) -> Judged:
        """Where the cell of an axis lies in a mask, and where it does not."""
        inside = outside = 0
        for cells, points in self._row(number).items():
            if not cells & mask:
                outside |= points
            elif not cells & ~mask:
                inside |= points
        return inside, outside

    def _row(self, number: int) -> dict[int, Mask]:
        """The points by the cells that they may have of an axis."""
        found = self._rows.get(number)
        if found is None:
            found = self._rows[number] = {}
            space = self.space
            if number in space.opaque:
                self._put(found, self.judged(space.opaque[number]))
            elif number in space.element_atoms:
                collection = space.element_atoms[number]
                regions = collection.regions[number]
                self._put(found, self._some(collection, collection.first, lambda elements: elements.inside(regions)))
            else:
                for place, point in enumerate(self.points):
                    cell = point.cell(number)
                    found[cell] = found.get(cell, 0) | 1 << place
        return found

    def _put(self, row: dict[int, Mask], judged: Judged) -> None:
        """The row of a two-valued axis."""
        true, false = judged
        row.update({2: true, 1: false, 3: self.all & ~true & ~false})

    def inside(self, boxes: Sequence[Box]) -> Judged:
        """Where a point lies in one of the boxes, and where it lies in none."""
        each = (self._each(self._within(axis, mask) for axis, mask in box.items())[::-1] for box in boxes)
        return self._each(each)[::-1]

    def _some(self, collection: Collection, variable: Variable, judge: Callable[[PointSet], Judged]) -> Judged:
        """Where some element of a collection, which ``variable`` stands for, is as ``judge`` says."""
        elements = self._elements.get(collection)
        if elements is None:
            elements = self._elements[collection] = _Elements(self, collection)
        return elements.some(variable, judge)


class _Elements:
    """The elements that the points of a set have in one collection."""

    def __init__(self, point_set: PointSet, collection: Collection) -> None:
        self.point_set = point_set
        self.each = [
            (1 << place, element)
            for place, point in enumerate(point_set.points)
            for element in point.elements(collection)
        ]
        self._point_sets: dict[Variable, PointSet] = {}

    def some(self, variable: Variable, judge: Callable[[PointSet], Judged]) -> Judged:
        elements = self._point_sets.get(variable)
        if elements is None:
            points = self.point_set.points
            bound = [points[owner.bit_length() - 1].with_element(variable, element) for owner, element in self.each]
            elements = self._point_sets[variable] = PointSet(self.point_set.space, bound, (variable, self))
        holds, fails = judge(elements)
        some = perhaps = 0
        for number in bits(holds):
            some |= self.each[number][0]
        for number in bits(elements.all & ~fails):
            perhaps |= self.each[number][0]
        return some, self.point_set.all & ~perhaps

    def forget(self, axes: set[int]) -> None:
        """As `PointSet.forget`."""
        for elements in self._point_sets.values():
            elements.forget(axes)

    def as_their_owners(self, formula: Formula) -> Judged:
        """What holds of the points that they are elements of, whatever element is meant."""
        holds, fails = self.point_set.judged(formula)
        true = mask_of(number for number, (owner, _) in enumerate(self.each) if owner & holds)
        return true, mask_of(number for number, (owner, _) in enumerate(self.each) if owner & fails)
