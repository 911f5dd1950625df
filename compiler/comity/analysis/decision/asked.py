"""What rules ask of a space, so that it is seen when a changed rule leaves the space as it is.

Axes are numbered, and cut, in the order in which conditions ask for them. A study goes on with changed rules only if
one that is made anew would have the same axes, cut alike and in the same order: each thing that a rule asks, before the
change or after it, is asked earlier by others, or comes in both at the same place. Where numbers and codes are cut,
it is enough that others ask it, earlier or later: cells are in the order of their values.

Example: `when value > 5_000 USD` becomes `when value > 9_000 USD`. If another rule compares with 9,000 as well, the
axis of the value is cut there already, and goes on serving; if none does, the study is made anew.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import fields
from typing import NamedTuple, TypeAlias

from comity import terms
from comity.analysis.decision.conditions import Cuts
from comity.analysis.decision.lines import lines
from comity.analysis.space.elements import Variable
from comity.analysis.space.formulas import Axis, Cells, Exists, Formula, Leaf, Tri, parts_of
from comity.analysis.space.space import Space
from comity.analysis.translate.decisions import own_condition
from comity.analysis.translate.translate import Translator
from comity.core import ast as core
from comity.core.interpret import Interpreter
from comity.runtime.rules import Mask, union
from comity.runtime.types import EnumType, PlaceType, SetType
from comity.terms import Term, children

Thing: TypeAlias = Hashable
"""An axis, a place where one is cut, or a collection: named by what it is, so that it is the same in every space."""


class Mark(NamedTuple):
    """A place where an axis is cut. ``keeps_order``: it makes a difference when it came."""

    axis: Hashable
    mark: Hashable
    keeps_order: bool


def things_of(space: Space) -> Iterator[Thing]:
    """All that has been asked of a space, each thing once, in the order in which it came."""
    for collection in space.collections:
        yield "collection", collection.path, _owner(collection.owner)
    for axis in space.axes:
        name = _name(space, axis)
        yield name
        for mark in axis.marked():
            yield Mark(name, mark, axis.keeps_order)


def asked_by(interpreter: Interpreter, decision: core.Decision, rule: core.Rule) -> list[Thing]:
    """All that a rule by itself asks of a space."""
    translator = Translator(interpreter, decision.record)
    own_condition(translator, decision, rule, translator.env)
    by_condition = [*things_of(translator.space), "then, by its lines:"]
    for _ in () if rule.when is None else lines(translator, rule.when, translator.env):
        pass
    return [*by_condition, *things_of(translator.space)]


class Asked:
    """Which rules of a decision are seen to ask what. ``before``: what was asked before any of them was translated.
    ``conditions``: theirs; of one that is not translated, the questions for which it has axes cut.
    """

    def __init__(self, space: Space, before: Iterable[Thing], conditions: Iterable[Tri | Cuts]) -> None:
        self.space = space
        self._places: dict[Thing, int] = {}
        self._names: dict[int, Thing] = {}
        self._of_marks: dict[int, tuple[Iterable[Hashable], int, Mask]] = {}
        """By identity of the marks, which the entry keeps, the number of their axis, and what they are."""
        self._known: dict[Formula, Mask] = {}
        """What each formula asks, as bits by `_places`: rules have most of their parts in common."""
        self.before = self._mask(before)
        self._rules = [
            self._seen(each)
            if isinstance(each, Tri)
            else union(self._asked_of(space.axes[axis], q) for axis, q in each)
            for each in conditions
        ]

    def allows(self, old: Mapping[int, list[Thing]], new: Mapping[int, list[Thing]], read: bool) -> bool:
        """The space stays as it is if rules ask other things than before.

        ``read``: others read the decision, so its rules may have been translated before all others.
        """
        ever = self.before | union(asked for other, asked in enumerate(self._rules) if other not in old)

        def novel(things: list[Thing], number: int) -> list[Thing]:
            earlier = 0 if read else self.before
            for other in range(number):
                if other not in old:
                    earlier |= self._rules[other]
            return [each for each in things if not (earlier if _keeps_order(each) else ever) >> self._place(each) & 1]

        return all(old[n] == new[n] or novel(old[n], n) == novel(new[n], n) for n in old)

    def replace(self, number: int, new: Tri) -> None:
        """A rule has another condition."""
        self._rules[number] = self._seen(new)

    def _place(self, thing: Thing) -> int:
        return self._places.setdefault(thing, len(self._places))

    def _mask(self, things: Iterable[Thing]) -> Mask:
        return union(1 << self._place(each) for each in things)

    def _seen(self, condition: Tri) -> Mask:
        """Things that certainly were asked for to make a condition: others may have fallen out of it."""
        true = self._asked_in(condition.true)
        return true if condition.never_unknown else true | self._asked_in(condition.false)

    def _asked_in(self, formula: Formula) -> Mask:
        known = self._known.get(formula)
        if known is None:
            known = self._known[formula] = self._find(formula)
        return known

    def _find(self, formula: Formula) -> Mask:
        match formula:
            case Leaf(axis=axis, question=question):
                return self._asked_of(axis, question)
            case Cells(axis=axis):
                return self._mask((self._name_of(axis),))
            case Exists(source=source, body=body):
                return self._mask((("collection", source.path, _owner(source.owner)),)) | self._asked_in(body)
            case _:
                return union(map(self._asked_in, parts_of(formula)))

    def _asked_of(self, axis: Axis, question: Hashable) -> Mask:
        """What a question about an axis asks for. Those about one large table have the same thousands of marks."""
        marks = axis.marks(question)
        known = self._of_marks.get(id(marks))
        if known is None or known[0] is not marks or known[1] != axis.number:
            name = self._name_of(axis)
            found = self._mask((name, *(Mark(name, mark, axis.keeps_order) for mark in marks)))
            self._of_marks[id(marks)] = known = marks, axis.number, found
        return known[2]

    def _name_of(self, axis: Axis) -> Thing:
        if axis.number not in self._names:
            self._names[axis.number] = _name(self.space, axis)
        return self._names[axis.number]


def _keeps_order(thing: Thing) -> bool:
    """It makes a difference when something was asked for."""
    return not isinstance(thing, Mark) or thing.keeps_order


def _name(space: Space, axis: Axis) -> Thing:
    recipe = space.recipes.get(axis.number)
    # What is made of the parts of several elements is like nothing else.
    made_of = id(axis) if axis.number in space.mixed else "" if recipe is None else repr(recipe)
    return type(axis).__name__, axis.name, axis.path, _owner(axis.owner), made_of


def _owner(owner: Variable | None) -> Thing:
    if owner is None:
        return None
    return owner.depth, owner.collection.path, _owner(owner.collection.owner)


def asks_alike(old: core.Rule, new: core.Rule) -> bool:
    """Two rules ask the same of a space, as far as is seen without translating them: in other words than `asked_by`,
    they differ at most in the members of enums, or places, that they look for.
    """
    return old.window == new.window and all(
        one == two or (one is not None and two is not None and same_but_for_members(one, two, False))
        for one, two in ((old.membership, new.membership), (old.when, new.when), (old.unless, new.unless))
    )


def same_but_for_members(old: Term, new: Term, may_differ: bool) -> bool:
    """Two terms differ at most in the members of enums, or places, that they look for; ``may_differ``: which they are
    themselves, if they are sets of them.

    A fact of such a type has a cell for each member, whatever is asked of it: so another member asks nothing new of
    the space. What a table is read with, or a condition compares by order, is not looked for in this sense.
    """
    if old == new:
        return True
    was, now = _members(old), _members(new)
    if was is not None and now is not None:
        return may_differ and old.type == new.type and bool(was) and bool(now)
    match old, new:
        case terms.And() | terms.Or() | terms.Not() | terms.Line(), _ if type(old) is type(new):
            inside = False
        case terms.MemberOf() | terms.Equal(), terms.MemberOf() | terms.Equal() if _says(old) == _says(new):
            inside = True
        case terms.SetOperation() | terms.When(), terms.SetOperation() | terms.When() if _says(old) == _says(new):
            inside = may_differ
        case terms.Quantifier(), terms.Quantifier() if _says(old) == _says(new) and old.source == new.source:
            inside = False
        case _:
            return False
    below, others = children(old), children(new)
    return len(below) == len(others) and all(
        same_but_for_members(one, two, inside) for one, two in zip(below, others, strict=True)
    )


def _says(term: Term) -> tuple[object, ...]:
    """A term without the terms in it."""
    values = (getattr(term, each.name) for each in fields(term) if each.name != "span")
    return type(term), *(value for value in values if not isinstance(value, terms.Node))


def _members(term: Term) -> frozenset[object] | None:
    """The members of enums, or places, that a term names, if it is nothing but that."""
    match term:
        case terms.Const(value=value, type=EnumType() | PlaceType()):
            return frozenset((value,))
        case terms.Const(value=frozenset() as value, type=SetType(element=EnumType() | PlaceType())):
            return value
        case terms.SetOf(elements=elements, type=SetType(element=EnumType() | PlaceType())):
            each = [element.value for element in elements if isinstance(element, terms.Const)]
            return frozenset(each) if len(each) == len(elements) else None
        case _:
            return None
