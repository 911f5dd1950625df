"""From a box to facts: one input that lies in it, as plain as can be.

The search treats every axis as free. Whether the values of axes that are made of others go together is decided here:
sums by linear arithmetic (`WitnessNumbers`), collections by finding an element for each region that must be met outside
all that must not, opaque formulas by looking for one of their cases. If they cannot go together, `Conflict` names a box
in which no input lies, and the search goes on without it. If that is not settled, `Unsure` says why.

Example: the box says `value > 5_000 USD` of one axis and `value + freight <= 6_000 USD` of another. The amounts 5,001
and 0 are in it; with `freight >= 1_000 USD` beside them no amounts are, and the conflict names these three axes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction

from comity.analysis import limits
from comity.analysis.arithmetic.kinds import Kind, Members, Numbers
from comity.analysis.arithmetic.numbers import Arithmetic
from comity.analysis.propositional.cases import cases
from comity.analysis.space.axes import DayAxis
from comity.analysis.space.boxes import Box, Budget, OutOfBudget, meet, outside, subtract
from comity.analysis.space.elements import Collection, Variable
from comity.analysis.space.facts import PARTY_PATH, THERE, Facts
from comity.analysis.space.formulas import Axis
from comity.analysis.space.models import models
from comity.analysis.space.points import Point
from comity.analysis.space.recipes import Beyond, Same, TotalOf
from comity.analysis.space.space import Space
from comity.analysis.witness.conflicts import LEFT_OUT, Conflict, Unsure
from comity.analysis.witness.equalities import Clash, Equality, values_of
from comity.analysis.witness.numbers import Refuted, WitnessNumbers
from comity.analysis.witness.related import with_related_values
from comity.runtime.inputs import FINDINGS
from comity.runtime.kleene import set_of
from comity.runtime.types import (
    AbsentType,
    Field,
    ListType,
    PerPartyType,
    RecordType,
    SetType,
    Type,
)
from comity.runtime.values import ABSENT


class Chosen(dict[int, object]):
    """Values of facts that are chosen beforehand, by axis. ``elements``: those of collections that are added up."""

    def __init__(self, values: Mapping[int, object], elements: Sequence[Members] = ()) -> None:
        super().__init__(values)
        self.elements = elements


class WitnessBuilder:
    """Builds inputs of one root.

    ``examples``: values that a witness should rather have, by path. ``special``: axes of the day and of findings,
    where they are not fields of the root.
    """

    def __init__(
        self,
        facts: Facts,
        root: Sequence[Field],
        special: Sequence[Axis] = (),
        parties: Sequence[str] = (),
        examples: Mapping[tuple[str, ...], object] | None = None,
    ) -> None:
        self.facts = facts
        self.space = facts.space
        self.root = root
        self.special = special
        self.parties = parties
        self.examples = examples or {}
        self.steps = 0
        """Steps that looking for cases has taken so far."""
        self._of_elements: dict[Variable, tuple[int, int, list[Box]]] = {}
        """By element: how many of the impossible boxes have been looked at, and those that speak of it alone; before
        that, of what question.
        """
        self._options: dict[tuple[int, int], tuple[object, bool]] = {}
        """The plainest value in cells of an axis, and whether one is just that there is something."""
        self._equal: dict[object, dict[int, object] | Clash | None] = {}
        """What came of facts that are to be the same or not, in given cells and with given values."""
        self._numbers = WitnessNumbers(facts, self)

    def build(self, region: Box) -> dict[str, object]:
        """Facts in ``region``, which must not meet `Space.impossible`. Raises Conflict or Unsure."""
        region = self._numbers.narrowed(region)
        unsure: Unsure | None = None
        clashing = True
        for part in self._without_opaque(region):
            clashing = False
            try:
                return self._build(part)
            except Unsure as caught:
                unsure = caught if unsure is None or unsure.facts is None else unsure
            except Conflict as caught:
                if part == region:
                    raise
                self.space.learn(caught.box)
        if unsure is not None:
            raise unsure
        raise Conflict(self._clashing(region) if clashing else region)

    def _build(self, region: Box) -> dict[str, object]:
        narrowed = self._numbers.narrowed(region)
        if narrowed != region:
            return self.build(narrowed)
        numbers, elements = self._numbers.choose(region, None, {})
        values = Chosen({**numbers, **self._same(region, None, {})}, elements)
        unsure: Unsure | None = None
        for outer in self._compared_with_elements(region, values):
            try:
                return self._facts(region, Chosen({**values, **outer}, elements))
            except Unsure as caught:
                unsure = caught if unsure is None or unsure.facts is None else unsure
        assert unsure is not None, "there is a way to choose what elements are compared with"
        raise unsure

    def _facts(self, region: Box, values: Chosen) -> dict[str, object]:
        """The facts of a region with some values. Raises Unsure where they do not lie in it."""
        facts = self._record(self.root, (), None, region, values)
        for axis in self.special:
            for name, value in self._special(axis, region, values).items():
                known = facts.get(name)
                facts[name] = {**known, **value} if isinstance(known, dict) and isinstance(value, dict) else value
        # Skip axes that belong to list elements; they do not constrain the record itself.
        own = {number: mask for number, mask in region.items() if self.space.axes[number].owner is None}
        point = Point(self.space, facts)
        if not point.inside(own):
            point = with_related_values(point, own, self._ordinary)
            facts = dict(point.facts)
        for number, mask in own.items():
            if not point.cell(number) & mask:
                raise Unsure(self.space.describe(number))
        for number, mask in own.items():
            recipe = self.space.recipes.get(number)
            if isinstance(recipe, Beyond) and point.cell(number) & ~mask:
                raise Unsure(recipe.why, facts=facts)
        return facts

    def _special(self, axis: Axis, region: Box, values: Chosen) -> dict[str, object]:
        """The day or a finding, if the region asks for one."""
        if axis.number in values:
            return {axis.path[0]: _as_value(axis, values[axis.number])}
        if axis.number not in region:
            return {}
        value = next(value for _, value in axis.choices(region[axis.number]))
        if axis.path[0] != FINDINGS:
            return {axis.path[0]: value}
        return {FINDINGS: {axis.path[1]: value}} if value is not None else {}

    # -------------------------------------------------------------------------------------- opaque

    def _without_opaque(self, region: Box) -> Iterator[Box]:
        """Parts of the region in which the conditions that its axes stand for are as it says."""
        conditions = self.space.spelt_out(region)
        steps = Budget(limits.current.model_steps)
        try:
            yield from models(self.space, region, conditions, steps, limits.current.foresight)
            return
        except OutOfBudget:
            pass
        finally:
            self.steps += limits.current.model_steps - steps.left
        try:
            yield from cases(self.space, region)
        except OutOfBudget:
            raise Unsure("a condition with very many cases") from None

    def _clashing(self, region: Box) -> Box:
        """Of a region in which no conditions are as it says, few sides that are enough for that."""
        box = dict(region)
        for together in LEFT_OUT:
            numbers = list(box)
            for start in range(0, len(numbers), together):
                out = numbers[start : start + together]
                less = {n: mask for n, mask in box.items() if n not in out}
                budget = Budget(limits.current.conflict_steps)
                try:
                    if next(models(self.space, less, self.space.spelt_out(less), budget), None) is None:
                        box = less
                except OutOfBudget:
                    pass
                self.steps += limits.current.conflict_steps - budget.left
        return box

    # ------------------------------------------------------------------------- facts beside elements

    def _compared_with_elements(self, region: Box, values: Chosen) -> Iterable[dict[int, object]]:
        """Values of facts that elements are compared with: ways to choose them so that elements can be chosen to suit.

        Each element that the region asks for suggests some, by what is asked of it alone.
        """
        boxes = [each.kind.box for each in values.elements]
        for number in sorted(region.keys() & self.space.element_atoms.keys()):
            collection = self.space.element_atoms[number]
            regions = collection.regions[number] if collection.owner is None and region[number] == 2 else ()
            if not any(self.space.mixed & box.keys() for box in regions):
                continue
            unwanted = [n for n in collection.regions if region.get(n, 3) == 1]
            pieces = self._outside(regions, [box for n in unwanted for box in collection.regions[n]])
            if all(self._suggested(box, region, {}) is None for box in pieces):
                outer = {part for box in pieces for asked in box for part in self._outer(asked)}
                rest = {part: self._numbers.known(region, part) for part in sorted(outer)}
                raise Conflict({number: 2, **dict.fromkeys(unwanted, 1), **rest})
            boxes += [*pieces, *self._element_boxes(collection, region)]
        found = [each for box in boxes if (each := self._suggested(box, region, values)) is not None]
        together: dict[int, object] = {}
        for each in found:
            together = {**each, **together}
        ways = {tuple(sorted(each.items())): each for each in (together, *found[: limits.current.outer_choices])}
        return ways.values()

    def _outside(self, regions: Sequence[Box], avoid: Sequence[Box]) -> Sequence[Box]:
        """The regions without boxes, in pieces; as they are, if those would be too many."""
        pieces = list(regions)
        for hole in avoid:
            pieces = [
                left
                for box in pieces
                for left in ((box,) if meet(box, hole) is None else subtract(box, hole, self.space.full))
            ]
            if len(pieces) > limits.current.outer_choices:
                return regions
        return pieces

    def _outer(self, number: int) -> list[int]:
        """The facts of the input itself that an axis of an element is made of."""
        recipe = self.space.recipes.get(number)
        if isinstance(recipe, Same):
            parts = {recipe.left.number, recipe.right.number}
        else:
            parts = self._numbers.parts([number]) if isinstance(recipe, Arithmetic) else set()
        return sorted(part for part in parts if self.space.axes[part].owner is None)

    def _suggested(self, box: Box, region: Box, values: Mapping[int, object]) -> dict[int, object] | None:
        """Values for the facts that an element in a box is compared with, where that is asked of it alone; None if
        there are none. ``values``: those that are chosen already.
        """
        mixed = [number for number in box if number in self.space.mixed]
        parts = {part for number in mixed for part in self._outer(number)}
        both = {**{part: region.get(part, self.space.full[part]) for part in parts}, **box}
        found: dict[int, object] = {}
        asked = [n for n in box if isinstance(self.space.recipes.get(n), Arithmetic) and self._numbers.is_made(both, n)]
        if any(number in self.space.mixed for number in asked):
            fixed = {n: v for n in parts if isinstance(v := values.get(n), int | Fraction) and not isinstance(v, bool)}
            try:
                solved = self._numbers.solved(both, asked, fixed)
            except Unsure:
                return {}
            if isinstance(solved, Refuted):
                return None
            found |= {number: value for number, value in solved[0].items() if self.space.axes[number].owner is None}
        for number in mixed:
            recipe = self.space.recipes.get(number)
            if not isinstance(recipe, Same):
                continue
            sides = (recipe.left, recipe.right)
            masks = [self._numbers.known(both, axis.number) for axis in sides]
            if not all(masks):
                continue
            known = [found.get(axis.number, values.get(axis.number)) for axis in sides]
            pair = (_equal_values if box[number] & 2 else _different_values)(*sides, masks, known)
            if pair is None:
                return None
            found |= {axis.number: value for axis, value in zip(sides, pair, strict=True) if axis.owner is None}
        return {number: value for number, value in found.items() if number not in values}

    def _same(self, region: Box, owner: Variable | None, outer: Mapping[int, object]) -> dict[int, object]:
        """Values for facts of text or codes that must be the same, or must not. ``outer``: values that are fixed."""
        asked: list[Equality] = []
        masks: dict[int, int] = {}
        for number in sorted(region.keys() & self.space.recipes.keys()):
            recipe = self.space.recipes[number]
            if not isinstance(recipe, Same) or self.space.axes[number].owner is not owner:
                continue
            known = {axis.number: self._numbers.known(region, axis.number) for axis in (recipe.left, recipe.right)}
            if all(known.values()):  # else one of them is unknown or absent: nothing is asked of them
                masks |= known
                asked.append(Equality(number, recipe.left, recipe.right, bool(region[number] & 2)))
        if not asked:
            return {}
        fixed = {number: outer[number] for number in masks if outer.get(number) is not None}
        key = tuple((each.number, each.holds) for each in asked), tuple(masks.items()), tuple(fixed.items())
        if key not in self._equal:
            if len(self._equal) > limits.current.cached_numbers:
                self._equal.clear()
            self._equal[key] = values_of(asked, masks, fixed)
        found = self._equal[key]
        if isinstance(found, Clash) and not any(outer.get(axis.number) is not None for axis in found.axes):
            facts = {axis.number: axis.values if found.whichever else masks[axis.number] for axis in found.axes}
            raise Conflict({**facts, **{each.number: region[each.number] for each in found.equalities}})
        if found is None or isinstance(found, Clash):
            raise Unsure(self.space.describe((asked if found is None else found.equalities)[0].number))
        return found

    # --------------------------------------------------------------------------------------- facts

    def _record(
        self,
        fields: Iterable[Field],
        path: tuple[str, ...],
        owner: Variable | None,
        region: Box,
        values: Chosen,
    ) -> dict[str, object]:
        return {f.name: self._field(f, (*path, f.name), owner, region, values) for f in fields}

    def _field(
        self, field: Field, path: tuple[str, ...], owner: Variable | None, region: Box, values: Chosen
    ) -> object:
        if self._is_free(path, owner, region, values):
            if owner is None and path in self.examples:
                return self.examples[path]
            if field.has_default:
                return field.default
            if field.optional:
                return None
        return self._value(field.type, path, owner, region, values, field.optional)

    def _is_free(self, path: tuple[str, ...], owner: Variable | None, region: Box, values: Chosen) -> bool:
        """Nothing is asked of the fact or of any part of it."""
        for number in (*region, *values):
            axis = self.space.axes[number]
            collection = self.space.element_atoms.get(number)
            at = axis.path if collection is None else collection.path
            if axis.owner is owner and at[: len(path)] == path:
                return False
            recipe = self.space.recipes.get(number)
            at = recipe.collection.path if isinstance(recipe, TotalOf) and recipe.collection.owner is owner else ()
            if at[: len(path)] == path:
                return False
        return True

    def _value(
        self,
        declared: Type,
        path: tuple[str, ...],
        owner: Variable | None,
        region: Box,
        values: Chosen,
        optional: bool = False,
    ) -> object:
        """The value at ``path``: what the region asks, else something ordinary."""
        type = declared.element if isinstance(declared, AbsentType) else declared
        axis = self.facts.axis(path, owner)
        if axis is not None and axis.number in values:
            return _as_value(axis, values[axis.number])
        if axis is None and not isinstance(type, RecordType | SetType | ListType | PerPartyType):
            return self._ordinary(declared)
        chosen: object = THERE
        if axis is not None:
            chosen = self._choose(axis, path, owner, region, values)
        elif isinstance(declared, AbsentType) and self._is_free(path, owner, region, values):
            chosen = ABSENT
        if chosen is None or chosen is ABSENT:
            return chosen
        match type:
            case RecordType(fields=fields):
                return self._record(fields, path, owner, region, values)
            case SetType() | ListType():
                return self._collection(type, path, owner, region, values)
            case PerPartyType(element=element):
                return {
                    party: self._value(element, (*path, PARTY_PATH.format(party)), owner, region, values)
                    for party in self.parties
                }
            case _:
                assert axis is not None
                return chosen

    def _choose(self, axis: Axis, path: tuple[str, ...], owner: Variable | None, region: Box, values: Chosen) -> object:
        key = axis.number, region.get(axis.number, axis.full)
        if key not in self._options:
            options = [value for _, value in axis.choices(key[1])]
            self._options[key] = options[0], THERE in options
        plainest, may_be_there = self._options[key]
        return THERE if may_be_there and not self._is_free(path, owner, region, values) else plainest

    def _ordinary(self, type: Type) -> object:
        """An ordinary value of a fact that nothing asks about."""
        facts = Facts(Space(), self.facts.place, self.facts.parties)
        facts.value(("x",), None, type, optional=False)
        axis = facts.axis(("x",), None)
        assert axis is not None
        return next(value for _, value in axis.choices(axis.mask("known", 0)))

    # --------------------------------------------------------------------------------- collections

    def _collection(
        self,
        type: SetType | ListType,
        path: tuple[str, ...],
        owner: Variable | None,
        region: Box,
        values: Chosen,
    ) -> object:
        collection = self.facts.collection(path, owner)
        elements: list[object] = []
        members = [each for each in values.elements if each.kind.collection is collection]
        if members and collection is not None:
            for each in members:
                for own, times in each.one_by_one(self.space):
                    elements += [self._element(collection, each.kind.box, values, own)] * times
        elif collection is not None:
            boxes = self._element_boxes(collection, region)
            elements = [self._element(collection, box, values) for box in boxes]
        if isinstance(type, SetType):
            return set_of((element, True) for element in self._apart(path, owner, elements))
        return tuple(elements)

    def _apart(self, path: tuple[str, ...], owner: Variable | None, elements: Sequence[object]) -> list[object]:
        """Elements of a set, with other values of the same cell for texts and codes that are there already."""
        collection = self.facts.collection(path, owner)
        axis = None if collection is None else self.facts.axis((), collection.first)
        found: list[object] = []
        for element in elements:
            other: object | None = element
            while axis is not None and isinstance(other, str) and other in found:
                other = axis.another(other)
            found.append(element if other is None else other)
        return found

    def _element_boxes(self, collection: Collection, region: Box) -> list[Box]:
        """Boxes over the axes of the first variable, one for each element that the region asks for."""
        wanted = [n for n in collection.regions if region.get(n, 3) == 2]
        unwanted = [n for n in collection.regions if region.get(n, 3) == 1]
        avoid = [box for n in unwanted for box in collection.regions[n]]
        found: list[Box] = []
        for number in wanted:
            shared = self._shared(found, collection.regions[number])
            if shared is not None:
                place, box = shared
                found[place] = box
                continue
            fresh = self._one(collection, collection.regions[number], avoid)
            if fresh is None:
                raise Conflict(self.core(collection, number, unwanted))
            found.append(fresh)
        return found

    def _shared(self, found: Sequence[Box], regions: Sequence[Box]) -> tuple[int, Box] | None:
        """An element there is already, narrowed so that it lies in one of ``regions`` as well."""
        for place, box in enumerate(found):
            for region in regions:
                both = meet(box, region)
                if both is not None and self._is_clear(both):
                    return place, both
        return None

    def _is_clear(self, box: Box) -> bool:
        return not any(self.space.recipes.get(number) or number in self.space.element_atoms for number in box)

    def _one(self, collection: Collection, regions: Iterable[Box], avoid: Sequence[Box]) -> Box | None:
        """Where an element lies in one of ``regions`` and in none of ``avoid``."""
        variable = collection.first
        unsure: Unsure | None = None
        for region in regions:
            spared: list[Box] = []
            while True:
                impossible = self._impossible_elements(variable)
                try:
                    box = outside(region, [*avoid, *impossible, *spared], self.space.full, Budget(20_000))
                except OutOfBudget:
                    raise Unsure(f"elements of `{'.'.join(collection.path)}`") from None
                if box is None:
                    break
                try:
                    self._element(collection, box, Chosen({}))
                    return box
                except Conflict as caught:
                    self.space.learn(caught.box)
                except Unsure as caught:
                    unsure = caught
                    if any(number in self.space.mixed for number in box):
                        return box  # it depends on facts outside, which are not chosen yet
                    spared.append(box)
        if unsure is not None:
            raise unsure
        return None

    def _impossible_elements(self, variable: Variable) -> list[Box]:
        """The impossible boxes that speak of nothing but an element."""
        axes, impossible, starts = self.space.axes, self.space.impossible, self.space.starts
        since, looked_at, found = self._of_elements.get(variable, (starts, 0, []))
        if since != starts:
            looked_at, found = 0, []
        found += [box for box in impossible[looked_at:] if all(axes[number].owner is variable for number in box)]
        self._of_elements[variable] = starts, len(impossible), found
        return found

    def core(self, collection: Collection, wanted: int, unwanted: Sequence[int]) -> Box:
        """A few of the unwanted regions that together leave no room in the wanted one."""
        needed = list(unwanted)
        for number in unwanted:
            fewer = [n for n in needed if n != number]
            avoid = [box for n in fewer for box in collection.regions[n]]
            if self._one(collection, collection.regions[wanted], avoid) is None:
                needed = fewer
        return {wanted: 2, **dict.fromkeys(needed, 1)}

    def is_possible(self, kind: Kind, own: Numbers) -> bool:
        """Elements of the kind are not ruled out by what its box says of more than plain facts. ``own``: values of
        numbers that they are to have.
        """
        if self._is_clear(kind.box):
            return True
        try:
            self._element(kind.collection, kind.box, Chosen({}), own)
        except Conflict as conflict:
            self.space.learn(conflict.box)
            return False
        except Unsure:
            pass
        return True

    def _element(
        self, collection: Collection, box: Box, outer: Chosen, own: Mapping[int, Fraction | int] | None = None
    ) -> object:
        """An element in a box. ``own``: values of its numbers that are chosen already."""
        variable = collection.first
        fixed = {n: v for n, v in outer.items() if isinstance(v, int | Fraction) and not isinstance(v, bool)}
        numbers, elements = self._numbers.choose(box, variable, {**fixed, **(own or {})})
        values = Chosen({**numbers, **self._same(box, variable, outer), **(own or {})}, elements)
        if isinstance(collection.element, RecordType):
            return self._record(collection.element.fields, (), variable, box, values)
        return self._value(collection.element, (), variable, box, values)


def _equal_values(
    left: Axis, right: Axis, masks: Sequence[int], fixed: Sequence[object]
) -> tuple[object, object] | None:
    """``fixed``: the value of each side, where there is one already."""
    candidates = [value for axis, mask in zip((left, right), masks, strict=True) for _, value in axis.options(mask)]
    candidates = [value for value in fixed if value is not None] or candidates
    both = (v for v in candidates if left.cell_of(v) & masks[0] and right.cell_of(v) & masks[1])
    value = next(both, None)
    return None if value is None else (value, value)


def _different_values(
    left: Axis, right: Axis, masks: Sequence[int], fixed: Sequence[object]
) -> tuple[object, object] | None:
    options = [
        [value for _, value in axis.options(mask)] if known is None else [known]
        for axis, mask, known in zip((left, right), masks, fixed, strict=True)
    ]
    for one in options[0]:
        for two in options[1]:
            if one != two:
                return one, two
            for axis, place in ((left, 0), (right, 1)):
                other = axis.another(one) if fixed[place] is None else None
                if other is not None:
                    return (other, two) if place == 0 else (one, other)
    return None


def _as_value(axis: Axis, value: object) -> object:
    if isinstance(axis, DayAxis) and isinstance(value, int):
        return date.fromordinal(value)
    return value
