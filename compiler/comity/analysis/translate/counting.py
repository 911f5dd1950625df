"""Counts and sums over sets and lists.

What can be listed is gone through element by element; of a collection among the facts the total is a number of its
own (`TotalOf`), of which the search knows what its elements add.

Example: of `count(c in {RU, BY} where c == destination)` the elements are RU and BY: the count is 1 where the
destination is either, else 0. `count(p in parties where p.listed)` is an axis, above 0 exactly where some party is
listed.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from comity.analysis import limits
from comity.analysis.space.axes import LineAxis
from comity.analysis.space.elements import Collection, Variable
from comity.analysis.space.formulas import (
    FALSE,
    TRUE,
    YES,
    Formula,
    Tri,
    all_of,
    and_,
    negate,
    not_,
    or_,
    some_of,
)
from comity.analysis.space.recipes import COMPARED, Beyond, TotalOf
from comity.analysis.space.symbols import (
    NOTHING_KNOWN,
    Bounds,
    Choice,
    Form,
    Items,
    Known,
    Part,
    Symbol,
    combined,
    guarded,
    just,
    number,
)
from comity.analysis.translate.collections import Sets
from comity.analysis.translate.compare import known
from comity.analysis.translate.translation import Translation
from comity.runtime.types import EnumType, SetType


class Counting:
    """Totals over the collections of one space."""

    def __init__(self, translator: Translation, sets: Sets) -> None:
        self.translator = translator
        self.space = translator.space
        self.sets = sets

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
                fresh.append(not_(or_(self.sets.equal(each, other) for other in found)))
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
            return self.sets.member(element, collection)
        part = symbol.parts[0]
        return and_((part.sure, *(test(element) for test in part.tests)))

    def _beyond(self, why: str) -> Choice:
        """A number of which nothing is known, another one each time."""
        recipe = Beyond(why, len(self.space.axes))
        axis = self.space.derived(recipe, LineAxis(why, None, optional=True), ())
        if self.sets.within_element:
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
        with self.sets.element(collection) as (variable, element):
            inside = and_((part.sure, *(test(element) for test in part.tests), where(element)))
            low, high, known = self._summand(inside, None if value is None else value(element), exact)
        if any(map(self.space.crosses, (known, low.rest, high.rest, *(g for g, _ in (*low.arms, *high.arms))))):
            beyond = self._beyond(COMPARED)
            return Bounds(beyond, beyond, TRUE)
        name = f"{'count' if value is None else 'sum'} of {'.'.join(collection.path)}"
        settled = negate(self.sets.exists(collection, variable, negate(known)))
        least = self._end(name, collection, variable, low)
        alike = exact or (low.arms == high.arms and low.rest is high.rest)
        # Not made twice: what is known of its axis would be searched twice as well.
        return Bounds(least, least if alike else self._end(name, collection, variable, high), settled)

    def _end(self, name: str, collection: Collection, variable: Variable, summand: Choice) -> Choice:
        """The least (or greatest) sum over a collection among the facts; unknown where an element has no limit."""
        arms = tuple(
            (guard, symbol) for guard, symbol in summand.arms if isinstance(symbol, Form) and guard is not FALSE
        )
        unlimited = self.sets.exists(collection, variable, summand.rest)
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
        some = self.sets.exists(collection, variable, some_of(guard for guard, _ in arms))
        zero = axis.leaf((((axis.below(0)), axis.above(0)),))
        if all(not form.terms and form.constant > 0 for _, form in arms):
            self.space.exclude(all_of((some, zero)))
        self.space.exclude(all_of((negate(some), negate(zero))))
        return guarded(negate(unlimited), Form(((axis, 1),), 0))


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
