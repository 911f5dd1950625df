"""Counts and sums of which something may be unknown: what they are at least and at most, as choices.

Example: `sum(item.value for item in items) > 5_000` where the values of two items are 6,000 and unknown, and no value
is below 0. The sum is at least 6,000, so the comparison is true, though the sum is unknown.
"""

from __future__ import annotations

from comity import terms
from comity.analysis.space.formulas import Formula, Tri, all_of, negate, some_of
from comity.analysis.space.symbols import (
    NOTHING_KNOWN,
    Bounds,
    Choice,
    Fact,
    Form,
    Known,
    RecordFact,
    RecordValue,
    Rounded,
    by_cases,
    combined,
    just,
    number,
)
from comity.analysis.translate.compare import both
from comity.analysis.translate.counting import Counting
from comity.analysis.translate.translation import Env, Translation
from comity.core.limits import Limits, has_total, limits_of, limits_of_elements, scaling_of
from comity.runtime import bounds as values_bounds
from comity.runtime.bounds import UNBOUNDED
from comity.runtime.bounds import both as both_bounds
from comity.runtime.types import SetType
from comity.runtime.values import Number
from comity.terms import Term


class Totals:
    """Counts and sums over one space, each made once."""

    def __init__(self, translator: Translation, counting: Counting) -> None:
        self.translator = translator
        self.counting = counting
        self._known: dict[tuple[object, ...], tuple[Term, Bounds]] = {}

    def compared(self, term: terms.Compare | terms.Equal, env: Env) -> Tri:
        """A comparison of counts or sums, of which something may be unknown, by their bounds (`runtime.bounds`)."""
        least, most, _ = self.bounds(term.left, env, {})
        other_least, other_most, _ = self.bounds(term.right, env, {})

        if least is most and other_least is other_most:
            # One value each: then what is not true is false, which two comparisons would not show.
            if isinstance(term, terms.Equal):
                return both(least, other_least, self.translator.compare.equal)
            strict = term.operator == "<"
            return both(least, other_least, lambda a, b: self.translator.compare.order(a, b, strict))

        def surely(left: Choice, right: Choice, strict: bool) -> Formula:
            return both(left, right, lambda a, b: self.translator.compare.order(a, b, strict)).true

        match term:
            case terms.Compare(operator=operator):
                strict = operator == "<"
                return Tri(surely(most, other_least, strict), surely(other_most, least, not strict))
            case terms.Equal():
                same = all_of((surely(most, other_least, False), surely(other_most, least, False)))
                return Tri(same, some_of((surely(most, other_least, True), surely(other_most, least, True))))

    def bounds(self, term: Term, env: Env, limits: Limits) -> Bounds:
        """The bounds of a number, as `core.evaluate` has them."""
        match term:
            case terms.Count() | terms.Sum():
                return self.total(term, env, limits)
            case terms.Field(base=base, name=name):
                limit = limits_of(term, self.translator.program)
                if isinstance(base, terms.Local):
                    limit = both_bounds(limit, limits.get((base.name, name), UNBOUNDED))
                return self._field_bounds(term, env, limit)
            case terms.Negate(operand=operand):
                return self._scaled(self.bounds(operand, env, limits), just(number(-1)))
            case terms.Arithmetic(operator="+" | "-" as operator, left=left, right=right):
                one, two = self.bounds(left, env, limits), self.bounds(right, env, limits)
                if operator == "-":
                    two = self._scaled(two, just(number(-1)))
                low, high = (
                    self.translator.numbers(a, b, lambda x, y: just(x.plus(y)))
                    for a, b in ((one.low, two.low), (one.high, two.high))
                )
                return Bounds(low, high, all_of((one.known, two.known)))
            case terms.Arithmetic(operator="*" | "/" as operator) if scaling := scaling_of(term):
                scaled, factor = scaling
                return self._scaled(self.bounds(scaled, env, limits), self.translator.value(factor, env), operator)
            case terms.Round(direction=direction, operand=operand):
                least, most, is_known = self.bounds(operand, env, limits)

                def rounded(end: Choice) -> Choice:
                    return end.then(lambda a: self.translator.with_form(a, lambda f: round_form(f, direction == "up")))

                return Bounds(rounded(least), rounded(most), is_known)
            case terms.Call(define=define, arguments=arguments) if has_total(term, self.translator.program):
                body = self.translator.program.defines[define]
                given = [self.translator.value(argument, env) for argument in arguments]
                return self.bounds(body.body, dict(zip([p for p, _ in body.parameters], given, strict=True)), {})
            case terms.Cases(cases=cases) if has_total(term, self.translator.program):
                found = [
                    (
                        None if case.condition is None else self.translator.truth(case.condition, env),
                        self.bounds(case.value, env, limits),
                    )
                    for case in cases
                ]
                low = by_cases(
                    [(when, bounds.low) for when, bounds in found if when is not None],
                    next((bounds.low for when, bounds in found if when is None), None),
                )
                high = by_cases(
                    [(when, bounds.high) for when, bounds in found if when is not None],
                    next((bounds.high for when, bounds in found if when is None), None),
                )
                return Bounds(low, high, self.translator.known(self.translator.value(term, env)))
            case _:
                value = self.translator.value(term, env)
                return Bounds(value, value, self.translator.known(value))

    def total(self, term: terms.Count | terms.Sum, env: Env, limits: Limits, exact: bool = False) -> Bounds:
        """The bounds of a count or sum: the same ones wherever it is read, or each would be an axis of its own."""
        symbols = [(name, choice.only) for name, choice in env.items()]
        kept = all(isinstance(symbol, RecordFact | Fact | Known | Form) for _, symbol in symbols)
        key = (id(term), tuple(symbols), tuple(limits.items()), exact) if kept else None
        if key is None:
            return self._new_total(term, env, limits, exact)
        if key not in self._known:
            self._known[key] = (term, self._new_total(term, env, limits, exact))
        return self._known[key][1]

    def _new_total(self, term: terms.Count | terms.Sum, env: Env, limits: Limits, exact: bool) -> Bounds:
        within = {**limits, **limits_of_elements(term, self.translator.program)}
        summand = term.value if isinstance(term, terms.Sum) else None
        return self.counting.total(
            self.translator.value(term.source, env),
            lambda each: self.translator.truth(term.where, {**env, term.variable: each}),
            None if summand is None else lambda each: self.bounds(summand, {**env, term.variable: each}, within),
            of_set=isinstance(term.source.type, SetType),
            exact=exact,
        )

    def _field_bounds(self, term: terms.Field, env: Env, limit: values_bounds.Bounds) -> Bounds:
        """A field of a record: where it is unknown, what is always so of it (unless the record was built in place)."""
        value = self.translator.value(term, env)
        is_known = self.translator.known(value)
        if limit == UNBOUNDED:
            return Bounds(value, value, is_known)
        in_place = [g for g, symbol in self.translator.value(term.base, env).arms if isinstance(symbol, RecordValue)]
        limited = all_of((negate(is_known), negate(some_of(in_place))))

        def end(bound: Number | None) -> Choice:
            if bound is None:
                return value
            unlimited = all_of((negate(is_known), some_of(in_place)))
            arms = ((is_known, value), (limited, just(number(bound))), (unlimited, NOTHING_KNOWN))
            return combined(arms)

        return Bounds(end(limit[0]), end(limit[1]), is_known)

    def _scaled(self, bounds: Bounds, factor: Choice, operator: str = "*") -> Bounds:
        """A number times (or divided by) a known one. A negative factor exchanges the bounds."""
        low, high, is_known = bounds
        sign = factor.asks(lambda each: self.translator.compare.order(number(0), each, strict=False))

        def scaled(end: Choice) -> Choice:
            return self.translator.numbers(end, factor, lambda a, b: self.translator.arithmetic(operator, a, b))

        def end(one: Choice, two: Choice) -> Choice:
            rest = negate(some_of((sign.true, sign.false)))
            return combined(((sign.true, scaled(one)), (sign.false, scaled(two)), (rest, NOTHING_KNOWN)))

        return Bounds(end(low, high), end(high, low), all_of((is_known, self.translator.known(factor))))


def round_form(form: Form, up: bool) -> Choice:
    """A number rounded to a whole one."""
    if form.terms:
        return just(Rounded(up, form))
    return just(number(form.constant.__ceil__() if up else form.constant.__floor__()))
