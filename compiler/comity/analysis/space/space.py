"""Spaces: the facts of one record as axes, and formulas as boxes over them.

A space is made in two steps. While terms are translated, axes are added and asked questions. Then the cells are
settled, and every formula is a list of boxes: its disjunctive normal form.

What is not a box becomes one axis more. *An element of a collection lies in a region* is a two-valued axis of its own
(`Collection`); so is a formula whose boxes would be too many (`Space.opaque`). Such an axis is free for the search,
which asks whether its values go together only of what it finds (`theory`).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from copy import copy
from fractions import Fraction
from typing import TypeVar

from comity.analysis import limits
from comity.analysis.space.axes import DayAxis, FiniteAxis, LineAxis
from comity.analysis.space.boxes import Box, Budget, Live, OutOfBudget, inside, meet, narrowed, outside, tidy
from comity.analysis.space.elements import Collection, Variable, depth_of
from comity.analysis.space.formulas import (
    All,
    Axis,
    Cells,
    Exists,
    Formula,
    Leaf,
    Some,
    Switch,
    all_of,
    negate,
    parts_of,
    some_of,
    switch,
)
from comity.analysis.space.recipes import COMPARED, Beyond, Later, Recipe, Same, Sum, TotalOf, axis_of_first, of_first
from comity.analysis.space.symbols import Form
from comity.runtime.light import dataclass
from comity.runtime.rules import mask_of, union
from comity.runtime.types import BOOL

SomeAxis = TypeVar("SomeAxis", bound=Axis)


@dataclass(frozen=True, slots=True)
class Fork:
    """One of several branches holds, each a conjunction. ``axes``: of those that branches ask at once, as a bitmap."""

    branches: list[list[Formula]]
    axes: int


class Space:
    """Axes by number, and what is known about them. ``impossible``: boxes in which no input lies."""

    def __init__(self) -> None:
        self.axes: list[Axis] = []
        self.full: list[int] = []
        self.impossible: list[Box] = []
        self.learnt: list[Box] = []
        """Those of them that the question has found out which is being asked."""
        self.starts = 0
        """How often such boxes were forgotten again."""
        self._elements_known: tuple[int, int, list[Box]] = 0, 0, []
        """Those of them that speak of elements alone; how many were looked at, after so many `starts`."""
        self.lesson = 0
        """Stands for what has been learnt, and in which order."""
        self._lessons: dict[tuple[int, frozenset[tuple[int, int]]], int] = {}
        self.opaque: dict[int, Formula] = {}
        self.collections: list[Collection] = []
        self.element_atoms: dict[int, Collection] = {}
        self.recipes: dict[int, Recipe] = {}
        self.mixed: set[int] = set()
        self.crossing: set[int] = set()
        """The axes of two elements neither of which is part of the other, such as whether they have the same name."""
        self._crosses: dict[Formula, bool] = {}
        self._derived: dict[Hashable, Axis] = {}
        self.named: dict[int, tuple[Formula, ...]] = {}
        """For each axis that stands for a choice between conditions: what each of its cells stands for."""
        self.decided: dict[int, str] = {}
        """The decision whose outcome such an axis is."""
        self.forks: dict[tuple[Formula, int], Fork] = {}
        """What choices come to, by how deep they are looked into (`analysis.space.models`)."""
        self.cut_by: list[tuple[int, Hashable]] = []
        """The questions for which axes are cut, each with the number of its axis, as they came."""
        self._background: list[Formula] = []
        self._atoms: dict[Formula, tuple[int, int]] = {}
        """The axis and cell of each formula that is opaque."""
        self._asked: dict[Formula, int] = {}
        self._owners: dict[Formula, frozenset[Variable]] = {}

    @property
    def size(self) -> int:
        """How much it has been asked for: grows with every axis, collection, and place where an axis is cut."""
        return len(self.axes) + len(self.collections) + len(self.cut_by)

    def add(self, axis: SomeAxis, owner: Variable | None = None) -> SomeAxis:
        axis.number = len(self.axes)
        axis.owner = owner
        axis.cut_by = self.cut_by
        self.axes.append(axis)
        return axis

    def twin(self, axis: SomeAxis, owner: Variable) -> SomeAxis:
        """The same fact of another element of the same collection. It shares what is asked, hence the cells."""
        other = copy(axis)
        other.base = axis
        other._leaves = {}
        return self.add(other, owner)

    # ---------------------------------------------------------------------------------- derived axes

    def derived(self, recipe: Recipe, make: SomeAxis, parts: Iterable[Axis], owner: Variable | None = None) -> SomeAxis:
        """The axis of a value made of other axes; its owner is the innermost of theirs."""
        parts = tuple(parts)
        known = self._derived.get(recipe)
        if known is None:
            owners = sorted({axis.owner for axis in parts} or {owner}, key=depth_of)
            crosses = not _around(owners[-1]).issuperset(owners) or any(p.number in self.crossing for p in parts)
            first = recipe if crosses else of_first(recipe)
            if first != recipe and owners[-1] is not None:
                make = self.twin(self.derived(first, make, map(axis_of_first, parts)), owners[-1])
                known = self._derived[recipe] = make
            else:
                known = self._derived[recipe] = self.add(make, owners[-1])
            self.recipes[known.number] = recipe
            if len(owners) > 1:
                self.mixed.add(known.number)
            if crosses:
                self.crossing.add(known.number)
        assert isinstance(known, type(make))
        return known

    def total_axis(self, recipe: TotalOf, make: LineAxis, owners: Iterable[Variable | None]) -> LineAxis:
        """The line of a sum over a collection. ``owners``: the elements that it speaks of besides those added up."""
        among = sorted(owners, key=depth_of)
        known = self._derived.get(recipe)
        axis = self.derived(recipe, make, (), among[-1])
        if known is None and len(among) > 1:
            self.mixed.add(axis.number)
        return axis

    def sum_axis(self, form: Form) -> LineAxis:
        """The line of a sum of several facts, without its constant."""
        return self.number_axis(Sum(form), form, name=form.name)

    def number_axis(self, recipe: Recipe, *forms: Form, name: str, whole: bool = False) -> LineAxis:
        """The line of a number made of others."""
        parts = [axis for form in forms for axis, _ in form.terms]
        if isinstance(recipe, Sum):
            whole = all(axis.whole and Fraction(factor).denominator == 1 for axis, factor in recipe.form.terms)
        return self.derived(recipe, LineAxis(name, None, optional=False, whole=whole), parts)

    def later_axis(self, day: LineAxis, months: int) -> LineAxis:
        form = Form(((day, 1),), 0)
        return self.derived(Later(form, months), DayAxis(f"{day.name} + {months} months", None, optional=False), (day,))

    def equality_axis(self, one: Axis, two: Axis) -> FiniteAxis:
        """Whether two facts that are not finite are the same: cells false, true."""
        left, right = sorted((one, two), key=lambda axis: axis.number)
        left.unite(right)
        name = f"{left.name} == {right.name}"
        return self.derived(Same(left, right), FiniteAxis(name, BOOL, (False, True), optional=False), (left, right))

    def beyond(self, why: str, parts: Iterable[Axis], of: Hashable = None) -> FiniteAxis:
        """A truth about which nothing is known. ``of``: see `Beyond`."""
        return self.derived(Beyond(why, of), FiniteAxis(why, BOOL, (False, True), optional=True), parts)

    def crosses(self, formula: Formula) -> bool:
        """The formula speaks of two elements neither of which is part of the other."""
        if not self.crossing:
            return False
        found = self._crosses.get(formula)
        if found is None:
            match formula:
                case Leaf(axis=axis) | Cells(axis=axis):
                    found = axis.number in self.crossing
                case _:
                    found = any(map(self.crosses, parts_of(formula)))
            self._crosses[formula] = found
        return found

    def line_like(self, axis: LineAxis, recipe: Recipe) -> LineAxis:
        """The line of a number made in another way than that of ``axis``, cut as that is; once cells are settled."""
        key = (recipe, axis.number)
        known = self._derived.get(key)
        if known is None:
            known = self._derived[key] = self.add(copy(axis), axis.owner)
            known._leaves = {}
            self.full.append(known.full)
            self.recipes[known.number] = recipe
            if axis.number in self.mixed:
                self.mixed.add(known.number)
        assert isinstance(known, LineAxis)
        return known

    def named_like(self, axis: Axis, meaning: tuple[Formula, ...]) -> Axis:
        """The axis whose cells, those of ``axis``, stand for other conditions; once cells are settled."""
        key = (axis.number, *meaning)
        known = self._derived.get(key)
        if known is None:
            known = self._derived[key] = self.add(copy(axis), axis.owner)
            known._leaves = {}
            self.full.append(known.full)
            self.named[known.number] = meaning
        return known

    def as_axis(self, formula: Formula) -> Formula:
        """The formula as one axis, not written out."""
        ((number, mask),) = self._as_opaque(formula)[0].items()
        return Cells(self.axes[number], mask)

    def outcome_axis(self, decision: str, outcomes: Sequence[str], meaning: Sequence[Formula]) -> FiniteAxis:
        """An axis of what another decision (by qualified name) says of the input: its outcomes, and None.

        ``meaning``: what each cell stands for; just one holds anywhere. It takes the place of another one.
        """
        known = self._derived.get(decision)
        if known is None:
            name = f"outcome of {decision.rpartition('.')[2]}"
            known = self._derived[decision] = self.add(FiniteAxis(name, None, (*outcomes, None), optional=False))
            self.decided[known.number] = decision
        self.named[known.number] = tuple(meaning)
        assert isinstance(known, FiniteAxis)
        return known

    def choice_axis(self, name: str, meaning: Sequence[Formula]) -> FiniteAxis:
        """An axis of which of several conditions holds, by number; just one does anywhere."""
        key = ("choice", *meaning)
        known = self._derived.get(key)
        if known is None:
            known = self._derived[key] = self.add(FiniteAxis(name, None, range(len(meaning)), optional=False))
            self.named[known.number] = tuple(meaning)
        assert isinstance(known, FiniteAxis)
        return known

    def spelt_out(self, box: Box) -> list[Formula]:
        """What a box says by axes that stand for conditions, in other axes."""
        found: list[Formula] = []
        for number, mask in box.items():
            formula = self.opaque.get(number)
            if formula is not None:
                found.append(formula if mask & 2 else negate(formula))
            elif number in self.named:
                found.append(some_of(each for cell, each in enumerate(self.named[number]) if mask >> cell & 1))
        return found

    def describe(self, number: int) -> str:
        """What an axis is about, for the author: the names of those that stand for conditions are internal."""
        collection = self.element_atoms.get(number)
        if collection is not None:
            return f"elements of `{'.'.join(collection.path)}`"
        recipe = self.recipes.get(number)
        if isinstance(recipe, Beyond) and recipe.why == COMPARED:
            return COMPARED
        return "a condition of many cases" if number in self.opaque else f"`{self.axes[number].name}`"

    def exclude(self, formula: Formula) -> None:
        """No input lies where ``formula`` holds."""
        self._background.append(formula)

    def settle(self) -> None:
        """Fix all cells and turn background knowledge into boxes. Call once, after translating."""
        for axis in self.axes:
            axis.mask("known", 0)
        self.full = [axis.full for axis in self.axes]
        for formula in self._background:
            self.impossible += self.boxes(formula)
        self._background.clear()

    def start(self, lessons: Iterable[Box] = ()) -> None:
        """Another question is asked. Of all that was learnt before it knows ``lessons`` only."""
        lessons = list(lessons)
        last = self.impossible[len(self.impossible) - len(lessons) :]
        if len(self.learnt) == len(lessons) and all(one is two for one, two in zip(lessons, last, strict=True)):
            return  # as it began the last one
        if self.learnt:
            learnt = {id(box) for box in self.learnt}
            self.learnt.clear()
            self.impossible[:] = [box for box in self.impossible if id(box) not in learnt]
            self.starts += 1
            self.lesson = 0
        for box in lessons:
            self.learn(box)

    def learn(self, box: Box) -> None:
        """The question that is being asked has found out that no input lies in a box."""
        self.learnt.append(box)
        self.impossible.append(box)
        self.lesson = self._lessons.setdefault((self.lesson, frozenset(box.items())), len(self._lessons) + 1)

    def depending(self, decisions: Iterable[str]) -> set[int]:
        """The axes whose meaning depends on what some decisions say."""
        others = set(decisions)
        found = {number for number, decision in self.decided.items() if decision in others}
        axes = mask_of(found)
        for number in range(len(self.axes) if found else 0):
            if number in self.opaque:
                depends = bool(self.asked_in(self.opaque[number]) & axes)
            elif number in self.element_atoms:
                regions = self.element_atoms[number].regions[number]
                depends = any(not found.isdisjoint(region) for region in regions)
            else:
                depends = any(self.asked_in(each) & axes for each in self.named.get(number, ()))
            if depends:
                found.add(number)
                axes |= 1 << number
        return found

    def asked_in(self, formula: Formula) -> int:
        """The axes that a formula speaks of, as a bitmap."""
        found = self._asked.get(formula)
        if found is None:
            match formula:
                case Leaf(axis=axis) | Cells(axis=axis):
                    found = 1 << axis.number
                case _:
                    found = union(map(self.asked_in, parts_of(formula)))
            self._asked[formula] = found
        return found

    # ---------------------------------------------------------------------------------------- boxes

    def boxes(self, formula: Formula) -> list[Box]:
        """The formula as boxes (remembered: do not change them)."""
        if formula.boxes is None:
            formula.boxes = self._boxes(formula)
        found: list[Box] = formula.boxes
        return found

    def owners(self, formula: Formula) -> frozenset[Variable]:
        """The elements that the formula speaks of, without those that it binds itself."""
        found = self._owners.get(formula)
        if found is None:
            found = self._owners[formula] = frozenset(self._owners_of(formula))
        return found

    def _owners_of(self, formula: Formula) -> Iterator[Variable]:
        match formula:
            case Leaf(axis=axis) | Cells(axis=axis):
                if axis.owner is not None:
                    yield axis.owner
            case Exists(source=source, variable=variable, body=body):
                yield from self.owners(body) - {variable}
                if source.owner is not None:
                    yield source.owner
            case _:
                for part in parts_of(formula):
                    yield from self.owners(part)

    def _boxes(self, formula: Formula) -> list[Box]:
        match formula:
            case Leaf(axis=axis, mask=mask) | Cells(axis=axis, mask=mask):
                return [] if not mask else [{}] if mask == self.full[axis.number] else [{axis.number: mask}]
            case All(parts=parts):
                return self._conjunction(parts)
            case Some(parts=parts):
                return self._limited(formula, tidy([box for part in parts for box in self.boxes(part)], self.full))
            case Switch(arms=arms, rest=rest, otherwise=otherwise):
                found = [box for guard, then in arms for box in self.boxes(all_of((guard, then)))]
                found += self.boxes(rest) if otherwise else []
                return self._limited(formula, tidy(found, self.full))
            case Exists():
                return self._exists(formula)

    def _conjunction(self, parts: Iterable[Formula]) -> list[Box]:
        """Parts of many boxes that would multiply to too many become opaque, each by itself."""
        base: Box = {}
        factors: list[Formula] = []
        for part in parts:
            boxes = self.boxes(part)
            if not boxes:
                return []
            if len(boxes) == 1:
                met = meet(base, boxes[0])
                if met is None:
                    return []
                base = met
            else:
                factors.append(part)
        found = [base]
        for factor in sorted(factors, key=lambda part: len(self.boxes(part))):
            product = self._product(found, self.boxes(factor))
            if len(product) > limits.current.opaque_boxes:
                product = self._product(found, self._as_opaque(factor))
            found = product
        return found

    def _product(self, one: Sequence[Box], two: Sequence[Box]) -> list[Box]:
        found = [met for a in one for b in two if (met := meet(a, b)) is not None]
        return tidy(found, self.full) if len(found) > 1 else found

    def _limited(self, formula: Formula, boxes: list[Box]) -> list[Box]:
        """The boxes, or the one box in which the formula, now opaque, holds."""
        return boxes if len(boxes) <= limits.current.opaque_boxes else self._as_opaque(formula, boxes)

    def _as_opaque(self, formula: Formula, boxes: Sequence[Box] | None = None) -> list[Box]:
        """The one box in which a formula holds that stands as an axis. Its negation is the rest of that axis."""
        known = self._atoms.get(formula)
        if known is None:
            contrary = self._atoms.get(formula.negation) if formula.negation is not None else None
            if contrary is not None:
                known = (contrary[0], contrary[1] ^ 3)
            else:
                within = formula.boxes if boxes is None else boxes
                if within is None:
                    owners, crosses = set(self.owners(formula)), self.crosses(formula)
                else:
                    axes = {axis for box in within for axis in box}
                    owners = {owner for axis in axes if (owner := self.axes[axis].owner) is not None}
                    crosses = not self.crossing.isdisjoint(axes)
                # A condition on an element (of an element, …) is one of the innermost.
                innermost = _innermost(owners)
                crosses = crosses or not _around(innermost).issuperset(owners)
                first = None if crosses or within is None else self._of_first(within)
                if first is not None and innermost is not None:
                    ((number, mask),) = first.items()
                    axis = self.twin(self.axes[number], innermost)
                    self.full.append(axis.full)
                    self.opaque[axis.number] = formula if mask == 2 else negate(formula)
                else:
                    mask = 2
                    axis = self._two_valued(f"condition {len(self.opaque) + 1}", innermost)
                    self.opaque[axis.number] = formula
                    if crosses:
                        self.crossing.add(axis.number)
                known = (axis.number, mask)
            self._atoms[formula] = known
        return [dict((known,))]

    def _of_first(self, boxes: Sequence[Box]) -> Box | None:
        """The opaque box that asks of the first element what these ask of another; None if it is the first they ask."""
        based = [{self.base_of(axis): mask for axis, mask in box.items()} for box in boxes]
        if all(one.keys() == two.keys() for one, two in zip(based, boxes, strict=True)):
            return None
        return self._as_opaque(some_of(all_of(self.cells(box.items())) for box in based), based)[0]

    def _two_valued(self, name: str, owner: Variable | None) -> Axis:
        axis = self.add(FiniteAxis(name, BOOL, (False, True), optional=False), owner)
        axis.mask("known", 0)
        self.full.append(axis.full)
        return axis

    # ----------------------------------------------------------------------------------- collections

    def _exists(self, formula: Exists) -> list[Box]:
        """`Some element meets the body`: what the body says of other facts stands outside the quantifier.

        What is asked of this element and of one that is not part of it at once cannot be divided so, and some of what a
        second element is asked cannot be asked of the first. Then the whole is a truth about which nothing is known.
        """
        body = self.boxes(formula.body)
        if any(axis in self.crossing or self._is_of_another(axis) for box in body for axis in box):
            number = self._unknown_truth(formula if formula.holds else negate(formula))
            return [{number: 2 if formula.holds else self.full[number] & ~2}]
        by_context: dict[frozenset[tuple[int, int]], list[Box]] = {}
        for box in body:
            context = frozenset((a, m) for a, m in box.items() if self.axes[a].owner is not formula.variable)
            element = {a: m for a, m in box.items() if self.axes[a].owner is formula.variable}
            by_context.setdefault(context, []).append(element)
        arms = [
            (all_of(self.cells(context)), Cells(self.atom(formula.source, regions), 2))
            for context, regions in by_context.items()
        ]
        truth = self._guarded(arms)
        return self.boxes(truth if formula.holds else negate(truth))

    def _is_of_another(self, number: int) -> bool:
        """The axis is of an element that is not the first of its collection, and the first has none like it."""
        axis = self.axes[number]
        if axis.owner is None or axis.base is not None or number in self.element_atoms:
            return False
        return axis.owner is not axis.owner.collection.first

    def _unknown_truth(self, formula: Formula) -> int:
        """The axis of a truth about elements compared with elements, once cells are settled."""
        owners = self.owners(formula)
        innermost = _innermost(owners)
        made = len(self.axes)
        axis = self.derived(
            Beyond(COMPARED, formula), FiniteAxis(COMPARED, BOOL, (False, True), optional=True), (), innermost
        )
        if axis.number == made:
            axis.mask("known", 0)
            self.full.append(axis.full)
            if not _around(innermost).issuperset(owners):
                self.crossing.add(made)
        return axis.number

    def _guarded(self, arms: Sequence[tuple[Formula, Formula]]) -> Formula:
        contexts = [self.boxes(guard)[0] for guard, _ in arms]
        exclusive = all(meet(one, two) is None for number, one in enumerate(contexts) for two in contexts[:number])
        if exclusive:
            return switch(arms, negate(some_of(guard for guard, _ in arms)))
        return some_of(all_of(arm) for arm in arms)

    def cells(self, box: Iterable[tuple[int, int]]) -> list[Formula]:
        """A box as formulas whose conjunction it is."""
        return [Cells(self.axes[axis], mask) for axis, mask in sorted(box)]

    def atom(self, collection: Collection, regions: Sequence[Box]) -> Axis:
        """The axis that says whether some element lies in the union of ``regions``."""
        based = tidy([{self.base_of(axis): mask for axis, mask in box.items()} for box in regions], self.full)
        name = frozenset(frozenset(box.items()) for box in based)
        number = collection.names.get(name)
        if number is None:
            axis = self._two_valued(f"any {'.'.join(collection.path)} #{len(collection.names)}", collection.owner)
            number = collection.names[name] = axis.number
            collection.regions[number] = tuple(based)
            self.element_atoms[number] = collection
            self._relate(collection, number)
        return self.axes[number]

    def _relate(self, collection: Collection, number: int) -> None:
        """An element that lies in a region lies in every region around it: the search need not find that out."""
        own = collection.regions[number]
        for other, regions in collection.regions.items():
            for inner, outer, one, two in ((own, regions, number, other), (regions, own, other, number)):
                if one != two and all(self._within(box, outer) for box in inner):
                    self.impossible.append({one: 2, two: 1})

    def _within(self, box: Box, around: Sequence[Box]) -> bool:
        """Every element in the box is in one of those ``around``, as far as what is known of elements of elements."""
        if any(inside(box, each) for each in around):
            return True
        nested = self.element_atoms.keys()
        if nested.isdisjoint(box):
            return False
        covers = [*around, *self._known_of_elements()]
        left = narrowed(box, covers, self.full)
        if left is None or self._is_seen_outside(left[1]):
            return left is None
        try:
            return outside(box, covers, self.full, Budget(limits.current.element_region_steps)) is None
        except OutOfBudget:
            return False

    def _known_of_elements(self) -> list[Box]:
        """What cannot be of elements of collections, whatever else is."""
        if self._elements_known[0] != self.starts:
            self._elements_known = self.starts, 0, []
        _, seen, found = self._elements_known
        nested = self.element_atoms.keys()
        found += (each for each in self.impossible[seen:] if nested >= each.keys())
        self._elements_known = self.starts, len(self.impossible), found
        return found

    def _is_seen_outside(self, live: Live) -> bool:
        """An element without elements of its own, but for those that it must have, is seen to be outside all covers;
        by a fact of its own it is outside of one of them.

        `_relate` makes many covers of two: some element lies in a region, and none in a region around that. Where it
        need not have the first, nothing is to be searched.
        """
        nested, by_a_fact = self.element_atoms, 0
        for sticking, cover in live:
            if any(mask == 2 and sticking >> axis & 1 and axis in nested for axis, mask in cover.items()):
                continue
            by_a_fact += 1
            if by_a_fact > 1 or not any(sticking >> axis & 1 and axis not in nested for axis in cover):
                return False
        return True

    def base_of(self, number: int) -> int:
        """The axis of the collection's first variable that asks the same."""
        axis = self.axes[number]
        if axis.base is not None:
            return axis.base.number
        collection = self.element_atoms.get(number)
        if collection is not None and collection.base is not None:
            return self.atom(collection.base, collection.regions[number]).number
        return number


def _around(variable: Variable | None) -> set[Variable | None]:
    """A variable, and those of the elements that its own is part of; None, the input, is around all."""
    return {None} if variable is None else {variable, *_around(variable.collection.owner)}


def _innermost(variables: Iterable[Variable]) -> Variable | None:
    """One that no other is part of; of several, the same one each time."""
    return max(variables, key=lambda each: (depth_of(each), each.collection.path, each.depth), default=None)
