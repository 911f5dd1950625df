"""Sets and lists: membership, quantifiers, and sets made of others (`counting` counts and adds up).

A collection of constants is gone through element by element. An element of a collection among the facts is a
`Variable`: what is said of it becomes `Exists`, one atom about the whole collection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Literal

from comity import terms
from comity.analysis.space.elements import Collection, Variable
from comity.analysis.space.formulas import (
    FALSE,
    NO,
    TRUE,
    UNKNOWN,
    YES,
    Exists,
    Formula,
    Tri,
    all_of,
    and_,
    negate,
    not_,
    or_,
    some_of,
)
from comity.analysis.space.recipes import COMPARED
from comity.analysis.space.symbols import (
    NOTHING_KNOWN,
    Choice,
    Fact,
    Items,
    Known,
    Part,
    RecordFact,
    RecordValue,
    Symbol,
    constant,
    just,
    listed,
)
from comity.analysis.translate.compare import among, known, present
from comity.analysis.translate.translation import Translation
from comity.core.walk import children
from comity.runtime.kleene import KleeneSet
from comity.runtime.types import SetType
from comity.terms import Term


class Sets:
    """Collections over one space."""

    def __init__(self, translator: Translation) -> None:
        self.translator = translator
        self.space = translator.space
        self._active: list[Variable] = []
        self._named: dict[str, Choice] = {}
        self._members: dict[tuple[object, ...], tuple[Choice, Tri]] = {}
        self._windows: dict[str, frozenset[date]] = {}

    # ----------------------------------------------------------------------------------- quantifiers

    def some(self, source: Choice, test: Callable[[Choice], Tri]) -> Tri:
        """Some element is in the collection and passes."""
        return source.asks(lambda symbol: self._some(symbol, test))

    def every(self, source: Choice, test: Callable[[Choice], Tri]) -> Tri:
        return not_(self.some(source, lambda each: not_(test(each))))

    def _some(self, symbol: Symbol, test: Callable[[Choice], Tri]) -> Tri:
        if not isinstance(symbol, Items):
            return UNKNOWN
        truths: list[Tri] = []
        for part in symbol.parts:
            if isinstance(part.elements, Collection):
                truths.append(and_((part.sure, self._exists(part.elements, part.tests, test))))
            else:
                truths += [
                    and_((part.sure, *(sieve(each) for sieve in part.tests), test(each))) for each in part.elements
                ]
        return or_(truths)

    def _exists(
        self, collection: Collection, tests: Sequence[Callable[[Choice], Tri]], test: Callable[[Choice], Tri]
    ) -> Tri:
        variable = self.variable(collection)
        truth = self._of(variable, (*tests, test))
        return Tri(
            self.exists(collection, variable, truth.true),
            negate(self.exists(collection, variable, negate(truth.false))),
        )

    def exists(self, collection: Collection, variable: Variable, body: Formula) -> Formula:
        """Some element meets the body. Of elements compared with other elements there is no theory: the outermost
        quantifier over them is a truth of its own, about which nothing is known.
        """
        if body is FALSE:
            return FALSE
        if not self._active and self.space.crosses(body):
            return self.space.beyond(COMPARED, (), of=Exists(collection, variable, body)).leaf(2)
        return Exists(collection, variable, body)

    def variable(self, collection: Collection) -> Variable:
        """A variable for an element, another than those of the quantifiers around."""
        return collection.variable(sum(v.collection is collection for v in self._active))

    @property
    def within_element(self) -> bool:
        """Whether what is being translated speaks of an element."""
        return bool(self._active)

    @contextmanager
    def element(self, collection: Collection) -> Iterator[tuple[Variable, Choice]]:
        """A variable for an element, and the element."""
        variable = self.variable(collection)
        self._active.append(variable)
        yield variable, self.translator.facts.element(variable)
        self._active.pop()

    def _of(self, variable: Variable, tests: Sequence[Callable[[Choice], Tri]]) -> Tri:
        """What the tests say of the variable."""
        self._active.append(variable)
        element = self.translator.facts.element(variable)
        truth = and_([test(element) for test in tests])
        self._active.pop()
        return truth

    # ------------------------------------------------------------------------------------ membership

    def member(self, value: Choice, collection: Choice) -> Tri:
        """``value in collection``. Of an unknown value the answer depends on how the collection is made."""
        if not isinstance(value.only, Known):
            return self._member_of(value, collection)
        # A definition's set is one object wherever it is called, and much is asked of the same constants.
        key = (type(value.only.value), value.only.value, id(collection), len(self._active))
        known = self._members.get(key)
        if known is None:
            known = self._members[key] = (collection, self._member_of(value, collection))
        return known[1]

    def _member_of(self, value: Choice, collection: Choice) -> Tri:
        truth = value.asks(lambda one: collection.asks(lambda items: self._member(one, items)))
        there = value.asks(lambda one: Tri(present(one).true, FALSE)).true
        if there is TRUE:
            return truth
        nowhere = collection.asks(lambda s: Tri(FALSE, s.nowhere if isinstance(s, Items) else FALSE)).false
        return Tri(truth.true, some_of((all_of((there, truth.false)), all_of((negate(there), nowhere)))))

    def _member(self, value: Symbol, symbol: Symbol) -> Tri:
        if not isinstance(symbol, Items):
            return UNKNOWN
        kept: list[Part] = []
        truths: list[Tri] = []
        for part in symbol.parts:
            constants = _constants(part)
            if constants == ():
                continue
            if constants is not None and isinstance(value, Fact):
                # One look at the fact instead of one for each element.
                truths.append(and_((part.sure, among(value.axis, constants))))
            elif constants is not None and isinstance(value, Known):
                truths.append(part.sure if value.value in constants else NO)
            else:
                kept.append(part)
        for part in kept:
            if isinstance(part.elements, Collection):
                truths.append(self._some(Items((part,)), lambda each: self.equal(just(value), each)))
                continue
            for each in part.elements:
                # Equality first: of constants nearly all are others, and their tests need not be looked at.
                same = self.equal(just(value), each)
                if same.false is not TRUE:
                    truths.append(and_((same, part.sure, *(test(each) for test in part.tests))))
        return or_(truths)

    def equal(self, value: Choice, element: Choice) -> Tri:
        kind = next((s.type for c in (value, element) for _, s in c.arms if isinstance(s, RecordFact)), None)
        if kind is not None:
            return self.translator.equal(value, element, kind)
        return value.asks(lambda a: element.asks(lambda b: self._plain_equal(a, b)))

    def _plain_equal(self, left: Symbol, right: Symbol) -> Tri:
        if isinstance(left, RecordValue) and isinstance(right, RecordValue):
            return and_(
                self.equal(left.fields.get(name, NOTHING_KNOWN), right.fields.get(name, NOTHING_KNOWN))
                for name in {**left.fields, **right.fields}
            )
        return self.translator.compare.equal(left, right)

    def subset(self, left: Choice, right: Choice) -> Tri:
        return self.every(left, lambda each: self.member(each, right))

    def same_lists(self, left: Items, right: Items, same: Callable[[Choice, Choice], Tri]) -> Tri:
        """Lists are equal if they are element by element; only lists built in place are looked into.

        A list equals the empty one iff nothing is in it.
        """
        one, two = _listed(left), _listed(right)
        if () in (one, two):
            return not_(self._some(right if one == () else left, lambda _: YES))
        if one is None or two is None:
            return self.space.beyond("equality of lists", (), of=len(self.space.axes)).asks(2)
        return and_(map(same, one, two)) if len(one) == len(two) else NO

    def decided(self, symbol: Items) -> Formula:
        """Where each membership is known (`is known`)."""
        formulas: list[Formula] = []
        for part in symbol.parts:
            formulas.append(some_of((part.sure.true, part.sure.false)))
            if isinstance(part.elements, Collection):
                if part.tests:
                    variable = self.variable(part.elements)
                    open_ = self._of(variable, part.tests).unknown
                    formulas.append(negate(self.exists(part.elements, variable, open_)))
            else:
                for each in part.elements:
                    inside = and_([test(each) for test in part.tests])
                    knows = each.asks(lambda s: Tri(known(s), FALSE)).true
                    formulas.append(some_of((part.sure.false, inside.false, all_of((inside.true, knows)))))
        return all_of(formulas)

    # ---------------------------------------------------------------------------------- set algebra

    def sieve(self, source: Choice, test: Callable[[Choice], Tri]) -> Choice:
        """`{v in source where test}`."""

        def change(symbol: Symbol) -> Choice:
            if not isinstance(symbol, Items):
                return NOTHING_KNOWN
            parts = (Part(part.elements, part.sure, (*part.tests, test)) for part in symbol.parts)
            return just(Items(tuple(parts), some_of((symbol.nowhere, test(NOTHING_KNOWN).false))))

        return source.then(change)

    def limited(self, condition: Tri, value: Choice) -> Choice:
        """The set while the condition holds, else none of it."""

        def change(symbol: Symbol) -> Choice:
            if not isinstance(symbol, Items):
                return NOTHING_KNOWN
            parts = (Part(part.elements, and_((part.sure, condition)), part.tests) for part in symbol.parts)
            return just(Items(tuple(parts), some_of((symbol.nowhere, condition.false))))

        return value.then(change)

    def operation(self, operator: Literal["|", "&", "-"], left: Choice, right: Choice) -> Choice:
        match operator:
            case "|":
                return left.then(lambda one: right.then(lambda two: _union(one, two)))
            case "&":
                return self.sieve(left, lambda each: self.member(each, right))
            case "-":
                return self.sieve(left, lambda each: not_(self.member(each, right)))

    # ------------------------------------------------------------------------------------ named sets

    def named(self, name: str) -> Choice:
        """A declared set: what the interpreter says it is, day by day between the days on which it may change."""
        if name not in self._named:
            self._named[name] = self._name(name)
        return self._named[name]

    @property
    def read(self) -> set[str]:
        """The declared sets that have been read."""
        return set(self._named)

    def forget(self, names: Iterable[str]) -> None:
        """Some sets are others, whose windows are as they were."""
        for name in names:
            self._named.pop(name, None)

    def _name(self, name: str) -> Choice:
        day = self.translator.day
        type = self.translator.program.sets[name].type
        term = terms.NamedSet(name, type)
        starts = [date.min, *sorted(change for change in self.windows(term) if change > date.min)]
        intervals: dict[tuple[object, bool], list[terms.Interval]] = {}
        for start, following in zip(starts, [*starts[1:], None], strict=True):
            last = None if following is None else date.fromordinal(following.toordinal() - 1)
            intervals.setdefault(self._read(term, start), []).append((start, last))
        guards = {value: day.leaf(self.translator.stretches(_joined(held))) for value, held in intervals.items()}
        if day.optional:
            unknown = self._read(term, None)
            guards[unknown] = some_of((guards.get(unknown, FALSE), negate(day.known)))
        if len(guards) == 1:
            return just(_items(*next(iter(guards))))
        return Choice(tuple((guard, _items(*value)) for value, guard in guards.items()))

    def _read(self, term: Term, day: date | None) -> tuple[object, bool]:
        """The set on a day, and whether not even an unknown value is in it."""
        evaluate = self.translator.interpreter.evaluate
        assert isinstance(term.type, SetType)
        return evaluate(term, {}, day), evaluate(
            terms.MemberOf(terms.Unknown(term.type.element), term), {}, day
        ) is False

    def windows(self, term: Term) -> frozenset[date]:
        """The days on which something dated in a term changes."""
        program = self.translator.program
        found: set[date] = set()
        match term:
            case terms.InWindow(intervals=intervals):
                found |= _changes(intervals)
            case terms.Lookup(table=table):
                found |= _changes([row.interval for row in program.tables[table].rows if row.interval])
            case terms.NamedSet(name=name):
                found |= self._windows_of(name, program.sets[name].body)
            case terms.Call(define=name):
                found |= self._windows_of(name, program.defines[name].body)
        for child in children(term):
            found |= self.windows(child)
        return frozenset(found)

    def _windows_of(self, name: str, body: Term) -> frozenset[date]:
        if name not in self._windows:
            self._windows[name] = self.windows(body)
        return self._windows[name]


def _union(left: Symbol, right: Symbol) -> Choice:
    if isinstance(left, Items) and isinstance(right, Items):
        return just(Items((*left.parts, *right.parts), all_of((left.nowhere, right.nowhere))))
    return NOTHING_KNOWN


def _items(value: object, nowhere: bool) -> Items:
    """A set as the interpreter gives it."""
    if isinstance(value, KleeneSet):
        sure = tuple(constant(each) for each, is_sure in value.members if is_sure)
        perhaps = tuple(constant(each) for each, is_sure in value.members if not is_sure)
        return Items((Part(sure), Part(perhaps, UNKNOWN)), TRUE if nowhere else FALSE)
    assert isinstance(value, frozenset)
    return Items(listed([constant(each) for each in sorted(value)]).parts, TRUE if nowhere else FALSE)


def _constants(part: Part) -> tuple[object, ...] | None:
    """The elements, if they are constants that need no test."""
    if isinstance(part.elements, Collection) or part.tests:
        return None
    found = [each.only for each in part.elements]
    return tuple(s.value for s in found if isinstance(s, Known)) if all(isinstance(s, Known) for s in found) else None


def _listed(items: Items) -> tuple[Choice, ...] | None:
    if any(isinstance(part.elements, Collection) or part.tests or part.sure is not YES for part in items.parts):
        return None
    return tuple(each for part in items.parts if not isinstance(part.elements, Collection) for each in part.elements)


def _changes(intervals: Sequence[terms.Interval]) -> set[date]:
    """The first days of being inside or outside."""
    starts = {first for first, _ in intervals if first is not None}
    ends = {date.fromordinal(last.toordinal() + 1) for _, last in intervals if last is not None and last != date.max}
    return starts | ends


def _joined(intervals: Sequence[terms.Interval]) -> list[terms.Interval]:
    """Neighbouring intervals as one."""
    found: list[terms.Interval] = []
    for first, last in intervals:
        if found and found[-1][1] is not None and first is not None:
            before = found[-1]
            if before[1] is not None and before[1].toordinal() + 1 == first.toordinal():
                found[-1] = (before[0], last)
                continue
        found.append((first, last))
    return found
