"""What a condition comes to on one day after another.

An axis may stand for a whole condition: one of too many boxes (`Space.opaque`), what another decision says
(`Space.named`), that an element of a list meets it, or the sum over those that do. Where such a condition depends on
the day, its axis is not a property of the facts alone. Take

    prior == good        where `prior` has a rule p1 for n == 1 until May, and p2 for n == 2 from May on

On a day in April the axis of `prior` says `good` just where n == 1, on a day in June just where n == 2. So a box that
asks for `good` on all days becomes one box in April, with n == 1, and one in June, with n == 2: on each cell of days
the leaves that depend on the day are settled, and what is left of the condition is boxes over lasting facts again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TypeAlias

from comity.analysis import limits
from comity.analysis.space.axes import LineAxis, bits
from comity.analysis.space.boxes import Box, meet
from comity.analysis.space.formulas import (
    FALSE,
    TRUE,
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
from comity.analysis.space.recipes import Later, Product, Quotient, Recipe, Rounding, Same, Sum, TotalOf
from comity.analysis.space.space import Space
from comity.analysis.space.symbols import Form
from comity.runtime.light import dataclass

On: TypeAlias = Callable[[Axis, int, int], bool | None]
"""Whether an axis is in a mask on a cell of days; None if that does not depend on the day."""


Turns: TypeAlias = frozenset[tuple[int, int]]
"""Axes in masks that hold on some cells of days and not on others."""

Settled: TypeAlias = dict[tuple[Formula, Turns], Formula]
"""What formulas come to, by those of their turns that hold."""


class Daily:
    """Conditions by the cell of days. ``conditions``: the axes that stand for some which depend on the day.

    ``settled``: what is known of them, from whatever timeline.
    """

    def __init__(self, space: Space, conditions: Collection[int], on: On, settled: Settled) -> None:
        self.space = space
        self.conditions = conditions
        self._on = on
        self._settled = settled
        self._turns: dict[Formula, Turns] = {}

    def boxes(self, lasting: Box, conditions: Box, days: int, day: int) -> Iterator[Box]:
        """A box in which the axes of ``conditions`` are in their masks, on the cells ``days`` of the axis ``day``."""
        formula = all_of(self.space.cells(conditions.items()))
        found: dict[frozenset[tuple[int, int]], int] = {}
        for cell in bits(days):
            for box in self.space.boxes(self.on(formula, cell)):
                met = meet(lasting, box)
                if met is not None:
                    key = frozenset(met.items())
                    found[key] = found.get(key, 0) | 1 << cell
        for key, cells in found.items():
            yield {**dict(key), day: cells}

    def on(self, formula: Formula, cell: int) -> Formula:
        """What a formula comes to on a cell of days."""
        turns = self.turns(formula)
        if not turns:
            return formula
        axes = self.space.axes
        key = formula, frozenset(turn for turn in turns if self._on(axes[turn[0]], turn[1], cell))
        known = self._settled.get(key)
        if known is None:
            known = self._settled[key] = self._settle(formula, cell)
        return known

    def _settle(self, formula: Formula, cell: int) -> Formula:
        match formula:
            case Leaf(axis=axis, mask=mask) | Cells(axis=axis, mask=mask):
                if axis.number in self.conditions:
                    return self._condition(axis, mask, cell)
                return TRUE if self._on(axis, mask, cell) else FALSE
            case All(parts=parts):
                return all_of(self.on(part, cell) for part in parts)
            case Some(parts=parts):
                return some_of(self.on(part, cell) for part in parts)
            case Switch(otherwise=True):
                return negate(self.on(negate(formula), cell))
            case Switch(arms=arms, rest=rest):
                settled = [(self.on(guard, cell), self.on(then, cell)) for guard, then in arms]
                certain = next((then for guard, then in settled if guard is TRUE), None)
                return switch(settled, self.on(rest, cell)) if certain is None else certain
            case Exists(source=source, variable=variable, body=body, holds=holds):
                return Exists(source, variable, self.on(body, cell), holds)

    def _condition(self, axis: Axis, mask: int, cell: int) -> Formula:
        """An axis that stands for a condition is in a mask on a cell of days."""
        space, number = self.space, axis.number
        if number in space.element_atoms:
            source = space.element_atoms[number]
            return Exists(source, source.first, self.on(_region(space, number), cell), holds=mask == 2)
        if number in space.recipes:
            assert isinstance(axis, LineAxis)
            return Cells(self._line(axis, cell), mask)
        if number in space.opaque:
            one = self.on(space.opaque[number], cell)
            formula = one if _is_short(one) else space.as_axis(one)
            return formula if mask == 2 else negate(formula)
        meaning = tuple(self.on(each, cell) for each in space.named[number])
        if all(map(_is_short, meaning)):
            return some_of(each for n, each in enumerate(meaning) if mask >> n & 1)
        return Cells(space.named_like(axis, meaning), mask)

    def turns(self, formula: Formula) -> Turns:
        """The leaves of a formula, and of the conditions that its axes stand for, that the day settles."""
        known = self._turns.get(formula)
        if known is None:
            known = self._turns[formula] = self._turns_of(formula)
        return known

    def _turns_of(self, formula: Formula) -> Turns:
        match formula:
            case Leaf(axis=axis, mask=mask) | Cells(axis=axis, mask=mask):
                if axis.number in self.conditions:
                    return self._turns_behind(axis.number)
                return frozenset() if self._on(axis, mask, 0) is None else frozenset({(axis.number, mask)})
            case _:
                return frozenset().union(*map(self.turns, parts_of(formula)))

    def _turns_behind(self, number: int) -> Turns:
        """The turns of what an axis stands for."""
        space = self.space
        if number in space.element_atoms:
            return self.turns(_region(space, number))
        recipe = space.recipes.get(number)
        if recipe is None:
            return frozenset().union(*map(self.turns, meaning_of(space, number)))
        parts = {axis.number for form in forms_of(recipe) for axis, _ in form.terms}
        inner = [self._turns_behind(part) for part in sorted(parts & set(self.conditions))]
        guards = [guard for guard, _ in recipe.arms] if isinstance(recipe, TotalOf) else []
        return frozenset().union(*inner, *map(self.turns, guards))

    def _line(self, axis: LineAxis, cell: int) -> LineAxis:
        """The line of a number on a cell of days."""
        if axis.number not in self.conditions:
            return axis
        recipe = self.space.recipes[axis.number]
        match recipe:
            case TotalOf(collection=collection, variable=variable, arms=arms):
                settled = ((self.on(guard, cell), form) for guard, form in arms)
                recipe = TotalOf(collection, variable, tuple(arm for arm in settled if arm[0] is not FALSE))
            case Sum(form=form):
                recipe = Sum(self._form(form, cell))
            case Rounding(up=up, form=form):
                recipe = Rounding(up, self._form(form, cell))
            case Product(left=left, right=right):
                recipe = Product(self._form(left, cell), self._form(right, cell))
            case Quotient(left=left, right=right):
                recipe = Quotient(self._form(left, cell), self._form(right, cell))
        return axis if recipe == self.space.recipes[axis.number] else self.space.line_like(axis, recipe)

    def _form(self, form: Form, cell: int) -> Form:
        terms = tuple((self._line(part, cell), factor) for part, factor in form.terms)
        return Form(terms, form.constant, form.cancelled)


@dataclass(frozen=True, slots=True)
class Made:
    """What axes are made of. ``parts``: by axis, those that it is made of itself, or that are asked in the conditions
    it stands for; ``size``: how many parts these conditions have.
    """

    parts: Mapping[int, set[int]]
    size: int

    def from_(self, axis: int) -> set[int]:
        """The axes that are made of an axis, itself among them."""
        above: dict[int, list[int]] = {}
        for number, parts in self.parts.items():
            for part in parts:
                above.setdefault(part, []).append(number)
        return _closure([axis], lambda number: above.get(number, ()))

    def of(self, axis: int) -> set[int]:
        """The axes that an axis is made of, itself among them."""
        return _closure([axis], lambda number: self.parts[number])


def _closure(start: Iterable[int], following: Callable[[int], Iterable[int]]) -> set[int]:
    found: set[int] = set()
    waiting = list(start)
    while waiting:
        number = waiting.pop()
        if number not in found:
            found.add(number)
            waiting += following(number)
    return found


def made_of(space: Space, axes: Iterable[int], most: int) -> Made:
    """What axes are made of. Conditions of more than ``most`` parts are not looked into."""
    for conditions in (True, False):
        parts: dict[int, set[int]] = {}
        size = 0
        waiting = list(axes)
        while waiting and size <= most:
            number = waiting.pop()
            if number not in parts:
                seen: set[Formula] = set()
                waiting += parts.setdefault(number, set(_parts(space, number, seen, conditions)))
                size += len(seen)
        if size <= most:
            break
    return Made(parts, size)


def _parts(space: Space, number: int, seen: set[Formula], conditions: bool) -> Iterator[int]:
    """The axes that an axis is made of. ``conditions``: those too that are asked in the conditions it stands for, which
    go to ``seen``.
    """
    collection = space.element_atoms.get(number)
    if collection is not None:
        for box in collection.regions[number]:
            yield from box
    for formula in meaning_of(space, number) if conditions else ():
        yield from _leaves(formula, seen)
    recipe = space.recipes.get(number)
    for form in forms_of(recipe):
        yield from (axis.number for axis, _ in form.terms)
    match recipe:
        case Same(left=left, right=right):
            yield from (left.number, right.number)
        case TotalOf(arms=arms):
            for guard, _ in arms:
                yield from _leaves(guard, seen)
        case _:
            pass


def meaning_of(space: Space, number: int) -> tuple[Formula, ...]:
    """The conditions that the axis stands for, if it stands for some."""
    return (space.opaque[number],) if number in space.opaque else space.named.get(number, ())


def _region(space: Space, number: int) -> Formula:
    """What an element is in, where the axis says that there is one."""
    regions = space.element_atoms[number].regions[number]
    return some_of(all_of(space.cells(box.items())) for box in regions)


def _is_short(formula: Formula) -> bool:
    """A condition of few parts."""
    waiting, left = [formula], limits.current.daily_parts
    while waiting and left:
        left -= 1
        waiting += parts_of(waiting.pop())
    return not waiting


def forms_of(recipe: Recipe | None) -> list[Form]:
    """The sums of facts that a number is made of."""
    match recipe:
        case Sum(form=form) | Rounding(form=form) | Later(day=form):
            return [form]
        case Product(left=left, right=right) | Quotient(left=left, right=right):
            return [left, right]
        case TotalOf(arms=arms):
            return [form for _, form in arms]
        case _:
            return []


def _leaves(formula: Formula, seen: set[Formula]) -> Iterator[int]:
    """The axes of a formula, without those of formulas ``seen``, to which it is added."""
    if formula in seen:
        return
    seen.add(formula)
    match formula:
        case Leaf(axis=axis) | Cells(axis=axis):
            yield axis.number
        case All(parts=parts) | Some(parts=parts):
            for part in parts:
                yield from _leaves(part, seen)
        case Switch(arms=arms, rest=rest):
            for part in (rest, *(part for arm in arms for part in arm)):
                yield from _leaves(part, seen)
        case Exists(body=body):
            yield from _leaves(body, seen)
