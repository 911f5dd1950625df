"""Sets and lists: membership, quantifiers, counts and sums.

A collection of constants is gone through element by element. An element of a collection among the facts is a
`Variable`: what is said of it becomes `Exists`, one atom about the whole collection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from comity import terms
from comity.analysis import limits
from comity.analysis.space.axes import LineAxis
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
from comity.analysis.space.space import COMPARED, Beyond, Collection, TotalOf, Variable
from comity.analysis.space.symbols import (
    NOTHING_KNOWN,
    Bounds,
    Choice,
    Fact,
    Form,
    Items,
    Known,
    Part,
    RecordFact,
    RecordValue,
    Symbol,
    combined,
    constant,
    guarded,
    just,
    listed,
    number,
)
from comity.analysis.translate.compare import among, known, present
from comity.core.walk import children
from comity.runtime.kleene import KleeneSet
from comity.runtime.types import EnumType, SetType
from comity.terms import Term

if TYPE_CHECKING:
    from comity.analysis.translate.translate import Translator


class Sets:
    """Collections over one space."""

    def __init__(self, translator: Translator) -> None:
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
            self._any(collection, variable, truth.true), negate(self._any(collection, variable, negate(truth.false)))
        )

    def _any(self, collection: Collection, variable: Variable, body: Formula) -> Formula:
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
                truths.append(self._some(Items((part,)), lambda each: self._equal(just(value), each)))
                continue
            for each in part.elements:
                # Equality first: of constants nearly all are others, and their tests need not be looked at.
                same = self._equal(just(value), each)
                if same.false is not TRUE:
                    truths.append(and_((same, part.sure, *(test(each) for test in part.tests))))
        return or_(truths)

    def _equal(self, value: Choice, element: Choice) -> Tri:
        kind = next((s.type for c in (value, element) for _, s in c.arms if isinstance(s, RecordFact)), None)
        if kind is not None:
            return self.translator.equal(value, element, kind)
        return value.asks(lambda a: element.asks(lambda b: self._plain_equal(a, b)))

    def _plain_equal(self, left: Symbol, right: Symbol) -> Tri:
        if isinstance(left, RecordValue) and isinstance(right, RecordValue):
            return and_(
                self._equal(left.fields.get(name, NOTHING_KNOWN), right.fields.get(name, NOTHING_KNOWN))
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
                    formulas.append(negate(self._any(part.elements, variable, open_)))
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

    # --------------------------------------------------------------------------------- counts and sums

    def total(
        self,
        source: Choice,
        where: Callable[[Choice], Tri],
        value: Callable[[Choice], Bounds] | None,
        of_set: bool,
        exact: bool,
    ) -> Bounds:
        """How many elements pass, or the sum of their values. Of a collection that is unknown only its sign is.

        ``exact``: the bounds need be right only where the total is known, which is a simpler question.
        """
        if exact:
            whole = source.then(lambda symbol: self._exact(symbol, where, value, of_set))
            return Bounds(whole, whole, negate(whole.rest))
        found: list[tuple[Formula, Bounds]] = []
        for guard, symbol in source.arms:
            if isinstance(symbol, Items):
                found.append((guard, self._total(symbol, where, value, of_set, exact=False)))
        others = negate(some_of(guard for guard, _ in found))
        found.append((others, self._of_anything(value)))
        low = combined((guard, total.low) for guard, total in found)
        alike = all(total.low is total.high for guard, total in found if guard is not FALSE)
        high = low if alike else combined((guard, total.high) for guard, total in found)
        return Bounds(low, high, some_of(all_of((guard, total.known)) for guard, total in found))

    def _exact(
        self, symbol: Symbol, where: Callable[[Choice], Tri], value: Callable[[Choice], Bounds] | None, of_set: bool
    ) -> Choice:
        """The total, unknown where anything of it is."""
        if not isinstance(symbol, Items):
            return NOTHING_KNOWN
        total = self._total(symbol, where, value, of_set, exact=True)
        arms = tuple((all_of((total.known, guard)), each) for guard, each in total.low.arms)
        return Choice(arms, negate(total.known))

    def _of_anything(self, value: Callable[[Choice], Bounds] | None) -> Bounds:
        """The total over a collection of which nothing is known."""
        if value is None:
            return Bounds(just(number(0)), NOTHING_KNOWN, FALSE)
        low, high, _ = value(NOTHING_KNOWN)
        never_negative = low.asks(lambda each: self.translator.compare.order(number(0), each, strict=False)).true
        never_positive = high.asks(lambda each: self.translator.compare.order(each, number(0), strict=False)).true
        return Bounds(guarded(never_negative, number(0)), guarded(never_positive, number(0)), FALSE)

    def _total(
        self,
        symbol: Items,
        where: Callable[[Choice], Tri],
        value: Callable[[Choice], Bounds] | None,
        of_set: bool,
        exact: bool,
    ) -> Bounds:
        symbol = self._merged(symbol)
        elements = _elements(symbol, of_set)
        fresh = [YES] * len(elements or ())
        if elements is None:
            elements, fresh = self._displayed(symbol)
        whole = just(symbol)
        truths = [
            and_((first, self._in(each, whole, len(symbol.parts)), where(each)))
            for each, first in zip(elements or (), fresh, strict=True)
        ]
        if (
            elements is None
            or sum(truth.true not in (TRUE, FALSE) for truth in truths) > limits.current.counted_elements
        ):
            part = symbol.parts[0] if len(symbol.parts) == 1 else None
            if part is None or not isinstance(part.elements, Collection):
                beyond = self._beyond("a count over many elements")
                return Bounds(beyond, beyond, TRUE)
            return self._total_of_facts(part.elements, part, where, value, exact)
        low = high = just(number(0))
        known: list[Formula] = []
        for each, inside in zip(elements, truths, strict=True):
            least, most, is_known = self._summand(inside, None if value is None else value(each), exact)
            rest = negate(some_of(guard for guard, _ in (*least.arms, (least.rest, None))))
            low = self._sum(low, Choice((*least.arms, (rest, number(0))), least.rest))
            rest = negate(some_of(guard for guard, _ in (*most.arms, (most.rest, None))))
            high = self._sum(high, Choice((*most.arms, (rest, number(0))), most.rest))
            known.append(is_known)
        return Bounds(low, high, all_of(known))

    def _merged(self, symbol: Items) -> Items:
        """Several parts of one collection of facts as one: what passes the tests of any of them."""
        first, parts = symbol.parts[0] if symbol.parts else None, symbol.parts
        if first is None or len(parts) == 1 or not isinstance(first.elements, Collection):
            return symbol
        if any(part.elements is not first.elements for part in parts):
            return symbol

        def test(each: Choice) -> Tri:
            return or_(and_((part.sure, *(sieve(each) for sieve in part.tests))) for part in parts)

        return Items((Part(first.elements, YES, (test,)),), symbol.nowhere)

    def _displayed(self, symbol: Items) -> tuple[list[Choice] | None, list[Tri]]:
        """The facts that a set is written out of, and where each differs from all before it: equal ones count once.

        Of a set `{n, m}` there is one element where `n == m`, else two. None where a fact may be unknown.
        """
        found: list[Choice] = []
        fresh: list[Tri] = []
        for part in symbol.parts:
            if isinstance(part.elements, Collection):
                return None, []
            for each in part.elements:
                if each.asks(lambda s: Tri(known(s), FALSE)).true is not TRUE:
                    return None, []
                fresh.append(not_(or_(self._equal(each, other) for other in found)))
                found.append(each)
        return found, fresh

    def _sum(self, left: Choice, right: Choice) -> Choice:
        return self.translator.numbers(left, right, lambda one, two: just(one.plus(two)))

    def _summand(self, inside: Tri, value: Bounds | None, exact: bool) -> Bounds:
        """What an element adds at least and at most, where that is not nothing; and where both are known to be one.

        Where its test is unknown, it adds its value or nothing, whichever is less (or more). The guards of each
        choice exclude each other; where none of them and not the rest holds, nothing is added.
        """
        if value is None:
            one = number(1)
            known = negate(inside.unknown)
            most = inside.true if exact else inside.maybe
            return Bounds(Choice(((inside.true, one),)), Choice(((most, one),)), known)
        order = self.translator.compare.order

        def end(bound: Choice, adds: Callable[[Form], Formula]) -> Choice:
            arms: list[tuple[Formula, Symbol]] = []
            unbounded = [all_of((inside.maybe, bound.rest))]
            perhaps = FALSE if exact else inside.unknown
            for guard, symbol in bound.arms:
                form = self.translator.form(symbol)
                if form is None:
                    unbounded.append(all_of((inside.maybe, guard)))
                    continue
                unbounded.append(all_of((inside.maybe, guard, negate(form.present))))
                counts = inside.true
                if perhaps is not FALSE and not inside.never_unknown:
                    counts = some_of((inside.true, all_of((perhaps, adds(form)))))
                arms.append((all_of((guard, form.present, counts)), form))
            return Choice(tuple(arms), FALSE if exact else some_of(unbounded))

        low = end(value.low, lambda form: order(form, number(0), strict=True).true)
        high = end(value.high, lambda form: order(number(0), form, strict=True).true)
        return Bounds(low, high, negate(some_of((inside.unknown, all_of((inside.true, negate(value.known)))))))

    def _in(self, element: Choice, collection: Choice, parts: int) -> Tri:
        """How surely an element is in the collection it was taken from."""
        symbol = collection.only
        assert isinstance(symbol, Items)
        if parts > 1 or isinstance(symbol.parts[0].elements, Collection):
            return self.member(element, collection)
        part = symbol.parts[0]
        return and_((part.sure, *(test(element) for test in part.tests)))

    def _beyond(self, why: str) -> Choice:
        """A number of which nothing is known, another one each time."""
        recipe = Beyond(why, len(self.space.axes))
        axis = self.space.derived(recipe, LineAxis(why, None, optional=True), ())
        if self._active:
            self.space.crossing.add(axis.number)  # it is another one for each element
        return just(Form(((axis, 1),), 0))

    def _total_of_facts(
        self,
        collection: Collection,
        part: Part,
        where: Callable[[Choice], Tri],
        value: Callable[[Choice], Bounds] | None,
        exact: bool,
    ) -> Bounds:
        with self.element(collection) as (variable, element):
            inside = and_((part.sure, *(test(element) for test in part.tests), where(element)))
            low, high, known = self._summand(inside, None if value is None else value(element), exact)
        if any(map(self.space.crosses, (known, low.rest, high.rest, *(g for g, _ in (*low.arms, *high.arms))))):
            beyond = self._beyond(COMPARED)
            return Bounds(beyond, beyond, TRUE)
        name = f"{'count' if value is None else 'sum'} of {'.'.join(collection.path)}"
        settled = negate(self._any(collection, variable, negate(known)))
        least = self._end(name, collection, variable, low)
        alike = exact or (low.arms == high.arms and low.rest is high.rest)
        # Not made twice: what is known of its axis would be searched twice as well.
        return Bounds(least, least if alike else self._end(name, collection, variable, high), settled)

    def _end(self, name: str, collection: Collection, variable: Variable, summand: Choice) -> Choice:
        """The least (or greatest) sum over a collection among the facts; unknown where an element has no limit."""
        arms = tuple(
            (guard, symbol) for guard, symbol in summand.arms if isinstance(symbol, Form) and guard is not FALSE
        )
        unlimited = self._any(collection, variable, summand.rest)
        if not arms:
            return guarded(negate(unlimited), number(0))
        recipe = TotalOf(collection, variable, arms)
        axes = [axis for _, form in arms for axis, _ in form.terms]
        whole = all(
            axis.whole and Fraction(factor).denominator == 1 for _, form in arms for axis, factor in form.terms
        ) and all(Fraction(form.constant).denominator == 1 for _, form in arms)
        never_negative = not axes and all(form.constant >= 0 for _, form in arms)
        line = LineAxis(name, None, optional=False, whole=whole, bounds=(0, None) if never_negative else (None, None))
        outer = {owner for guard, _ in arms for owner in self.space.owners(guard)} | {axis.owner for axis in axes}
        axis = self.space.total_axis(recipe, line, (outer - {variable, None}) | {collection.owner})
        # What is seen at once, so that the search need not find it out: nothing adds up to zero, a count to more.
        some = self._any(collection, variable, some_of(guard for guard, _ in arms))
        zero = axis.leaf((((axis.below(0)), axis.above(0)),))
        if all(not form.terms and form.constant > 0 for _, form in arms):
            self.space.exclude(all_of((some, zero)))
        self.space.exclude(all_of((negate(some), negate(zero))))
        return guarded(negate(unlimited), Form(((axis, 1),), 0))


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


def _elements(items: Items, of_set: bool) -> list[Choice] | None:
    """Every element that may be in a collection, once; None if they cannot be listed.

    Elements of a set that are not constants may be the same, and are not listed.
    """
    if len(items.parts) == 1 and not isinstance(items.parts[0].elements, Collection):
        elements = items.parts[0].elements
        if len(elements) < 2 or not of_set or all(_is_constant(each) for each in elements):
            return list(elements)
    found: dict[Symbol, Choice] = {}
    # Then every member is listed, so that a fact is one of them.
    of_enum = any(isinstance(p.elements, Collection) and isinstance(p.elements.element, EnumType) for p in items.parts)
    for part in items.parts:
        if isinstance(part.elements, Collection):
            kind = part.elements.element
            if not (isinstance(part.elements.type, SetType) and isinstance(kind, EnumType)):
                return None
            found |= {Known(member): just(Known(member)) for member in kind.members}
            continue
        for each in part.elements:
            if each.only is not None and _is_constant(each):
                found[each.only] = each
            elif not of_enum:
                return None
    return list(found.values())


def _is_constant(element: Choice) -> bool:
    symbol = element.only
    return isinstance(symbol, Known) or (isinstance(symbol, Form) and not symbol.terms)


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
