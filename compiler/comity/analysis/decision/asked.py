"""What rules ask of a space, so that it is seen when a changed rule leaves the space as it is.

Axes are numbered, and cut, in the order in which conditions ask for them. A study goes on with changed rules only if
one that is made anew would have the same axes, cut alike and in the same order: each thing that a rule asks, before the
change or after it, is asked earlier by others, or comes in both at the same place.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import TypeAlias

from comity.analysis.decision.lines import lines
from comity.analysis.space.axes import Axis
from comity.analysis.space.formulas import All, Cells, Exists, Formula, Leaf, Some, Switch, Tri
from comity.analysis.space.space import Space, Variable
from comity.analysis.translate.decisions import own_condition
from comity.analysis.translate.translate import Translator
from comity.core import ast as core
from comity.core.interpret import Interpreter
from comity.runtime.rules import Mask

Thing: TypeAlias = Hashable
"""An axis, a place where one is cut, or a collection: named by what it is, so that it is the same in every space."""


def things_of(space: Space) -> Iterator[Thing]:
    """All that has been asked of a space, each thing once, in the order in which it came."""
    for collection in space.collections:
        yield "collection", collection.path, _owner(collection.owner)
    for axis in space.axes:
        name = _name(space, axis)
        yield name
        for mark in axis.marked():
            yield name, mark


def asked_by(interpreter: Interpreter, decision: core.Decision, rule: core.Rule) -> list[Thing]:
    """All that a rule by itself asks of a space."""
    translator = Translator(interpreter, decision.record)
    own_condition(translator, decision, rule, translator.env)
    by_condition = [*things_of(translator.space), "then, by its lines:"]
    for _ in () if rule.when is None else lines(translator, rule.when, translator.env):
        pass
    return [*by_condition, *things_of(translator.space)]


class Asked:
    """Which rules of a decision are seen to ask what. ``before``: what was asked before any of them was translated."""

    def __init__(self, space: Space, before: Iterable[Thing], conditions: Iterable[Tri]) -> None:
        self.space = space
        self.before = frozenset(before)
        self._names: dict[int, Thing] = {}
        self._by: dict[Thing, Mask] = {}
        for number, condition in enumerate(conditions):
            self._note(number, condition)

    def allows(self, old: Mapping[int, list[Thing]], new: Mapping[int, list[Thing]]) -> bool:
        """The space stays as it is if rules ask other things than before."""
        changed = sum(1 << number for number in old)

        def novel(things: list[Thing], number: int) -> list[Thing]:
            earlier = (1 << number) - 1 & ~changed
            return [each for each in things if each not in self.before and not self._by.get(each, 0) & earlier]

        return all(novel(old[number], number) == novel(new[number], number) for number in old)

    def replace(self, number: int, old: Tri, new: Tri) -> None:
        """A rule has another condition."""
        bit = 1 << number
        for thing in self._seen(old):
            self._by[thing] &= ~bit
        self._note(number, new)

    def _note(self, number: int, condition: Tri) -> None:
        bit = 1 << number
        for thing in self._seen(condition):
            self._by[thing] = self._by.get(thing, 0) | bit

    def _seen(self, condition: Tri) -> set[Thing]:
        """Things that certainly were asked for to make a condition: others may have fallen out of it."""
        found: set[Thing] = set()
        _walk(condition.true, found, self._name_of)
        if not condition.never_unknown:
            _walk(condition.false, found, self._name_of)
        return found

    def _name_of(self, axis: Axis) -> Thing:
        if axis.number not in self._names:
            self._names[axis.number] = _name(self.space, axis)
        return self._names[axis.number]


def _walk(formula: Formula, found: set[Thing], name_of: Callable[[Axis], Thing]) -> None:
    match formula:
        case Leaf(axis=axis, question=question):
            name = name_of(axis)
            found.add(name)
            found.update((name, mark) for mark in axis.marks(question))
        case Cells(axis=axis):
            found.add(name_of(axis))
        case All(parts=parts) | Some(parts=parts):
            for part in parts:
                _walk(part, found, name_of)
        case Switch(arms=arms, rest=rest):
            for guard, then in arms:
                _walk(guard, found, name_of)
                _walk(then, found, name_of)
            _walk(rest, found, name_of)
        case Exists(source=source, body=body):
            found.add(("collection", source.path, _owner(source.owner)))
            _walk(body, found, name_of)


def _name(space: Space, axis: Axis) -> Thing:
    recipe = space.recipes.get(axis.number)
    # What is made of the parts of several elements is like nothing else.
    made_of = id(axis) if axis.number in space.mixed else "" if recipe is None else repr(recipe)
    return type(axis).__name__, axis.name, axis.path, _owner(axis.owner), made_of


def _owner(owner: Variable | None) -> Thing:
    if owner is None:
        return None
    return owner.depth, owner.collection.path, _owner(owner.collection.owner)
