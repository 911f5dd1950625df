"""Comparisons of numbers, days and members of enums, also of totals that are known only between bounds.

Example: `count(p in parties where p.listed) < 2` with facts that may be unknown compares both ends of the count, the
parties that are certainly listed and those that may be:

    surely_less(count_bounds(p.listed for p in this.parties), exactly(2))
"""

from __future__ import annotations

import ast
from fractions import Fraction

from comity import terms
from comity.backends.python.literals import NotExpressible, literal
from comity.backends.python.nullability import Context, plain
from comity.backends.python.strict import StrictExpressions
from comity.backends.python.substitution import captures, is_path
from comity.backends.python.trees import (
    NONE,
    attribute,
    call,
    choose,
    compare,
    const,
    display,
    is_simple,
    negation,
    subscript,
    tuple_of,
)
from comity.core.limits import Limits, has_total, limits_of, limits_of_elements
from comity.core.walk import children, substitute
from comity.runtime.bounds import UNBOUNDED, Bounds, any_number_of
from comity.runtime.bounds import both as both_bounds
from comity.runtime.types import PERCENT, EnumType, RecordType, Type
from comity.runtime.values import Number
from comity.terms import Term


class Comparisons:
    """Those among the terms that ``expressions`` has."""

    def __init__(self, expressions: StrictExpressions) -> None:
        self.expressions = expressions
        self.around = expressions.around
        self.nullability = expressions.nullability

    def order(self, term: terms.Compare, context: Context) -> ast.expr:
        """`<` or `<=`."""
        operator: ast.cmpop = ast.Lt() if term.operator == "<" else ast.LtE()
        kind = term.operand_type
        if self._needs_bounds(term.left, term.right, context):
            compared = "surely_less" if term.operator == "<" else "surely_less_equal"
            return self._by_bounds(compared, term.left, term.right, context)
        if not isinstance(kind, EnumType):
            lifted = "less" if term.operator == "<" else "less_equal"
            return self.expressions.strict(
                (term.left, term.right), context, lambda a, b: _ordered(term, a, operator, b), lifted
            )

        def position(value: ast.expr) -> ast.expr:
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                return const(kind.members.index(value.value))
            return subscript(self.around.positions(kind), value)

        return self.expressions.strict(
            (term.left, term.right), context, lambda a, b: compare(position(a), operator, position(b))
        )

    def equal(self, term: terms.Equal, context: Context) -> ast.expr:
        """`==`, of values of any type."""
        if self._needs_bounds(term.left, term.right, context):
            return self._by_bounds("surely_equal", term.left, term.right, context)
        for one, other in ((term.left, term.right), (term.right, term.left)):
            doubt = self.nullability.of(one, context)
            if _is_empty(other) and not doubt.inner and not self.nullability.absent(one, context):
                return self.expressions.strict((one,), context, negation)
        same = (lambda a, b: compare(a, ast.Eq(), b)) if plain(term.operand_type) else None
        return self.expressions.strict((term.left, term.right), context, same, "equal")

    # ------------------------------------------------------------------------- bounds

    def _needs_bounds(self, left: Term, right: Term, context: Context) -> bool:
        """Counts or sums are compared that may be partly unknown."""
        program = self.nullability.program
        return (has_total(left, program) or has_total(right, program)) and (
            self.expressions.maybe(left, context) or self.expressions.maybe(right, context)
        )

    def _by_bounds(self, function: str, left: Term, right: Term, context: Context) -> ast.expr:
        sides = (self._bounds(side, context, {}) for side in (left, right))
        return call(self.around.runtime(function), *sides)

    def _bounds(self, term: Term, context: Context, limits: Limits) -> ast.expr:
        """The bounds of a number (`runtime.bounds`), where they are plain to see."""
        program = self.nullability.program
        match term:
            case terms.Count() | terms.Sum():
                return self._total_bounds(term, context, limits)
            case terms.Arithmetic(operator="+" | "-" as operator, left=left, right=right):
                sides = (self._bounds(side, context, limits) for side in (left, right))
                return call(self.around.runtime("plus" if operator == "+" else "minus"), *sides)
            case terms.Call(define=define, arguments=arguments) if has_total(term, program):
                body = program.defines[define].body
                if not all(map(is_path, arguments)) or any(captures(body, each) for each in arguments):
                    raise NotExpressible(f"the bounds of {define}")
                parameters = [parameter for parameter, _ in program.defines[define].parameters]
                return self._bounds(substitute(body, dict(zip(parameters, arguments, strict=True))), context, {})
            case _ if has_total(term, program):
                raise NotExpressible("the bounds of a sum in a formula")
            case terms.Field(base=base, name=field):
                limit = limits_of(term, program)
                if isinstance(base, terms.Local):
                    limit = both_bounds(limit, limits.get((base.name, field), UNBOUNDED))
                if limit != UNBOUNDED and _qname(base.type) in self.nullability.in_place:
                    raise NotExpressible("a record that may have been built in place")
                return self._exactly(term, context, limit)
            case _:
                return self._exactly(term, context, UNBOUNDED)

    def _exactly(self, term: Term, context: Context, limit: Bounds) -> ast.expr:
        limits = [] if limit == UNBOUNDED else [tuple_of(self._end(end, term.type) for end in limit)]
        return call(self.around.runtime("exactly"), self.expressions.value(term, context), *limits)

    def _end(self, end: Number | None, type: Type) -> ast.expr:
        return NONE if end is None else literal(end, type, self.around)

    def _total_bounds(self, term: terms.Count | terms.Sum, context: Context, limits: Limits) -> ast.expr:
        self.expressions.settled(term.source, context)
        if any(map(self.nullability.raises, children(term))):
            raise NotExpressible("the order of errors in a sum")
        within = {**limits, **limits_of_elements(term, self.nullability.program)}
        collection = self.expressions.value(term.source, context)
        guards = []
        if self.expressions.maybe(term.source, context):
            guard, collection = self.expressions.known(term.source, collection)
            guards.append(guard)
            if self.nullability.absent(term.source, context):
                raise NotExpressible("a list that may be absent")
        inner = self.expressions.inside(context, term.variable, term.source)
        test = self.expressions.truth(term.where, inner)
        if isinstance(term, terms.Count):
            function, part, rest = "count_bounds", test, tuple_of((const(0), NONE))
        else:
            value = self._bounds(term.value, inner, within)
            function, part, rest = "sum_bounds", tuple_of((test, value)), self._bounds_of_any(term, within)
        bounds = call(
            self.around.runtime(function), self.expressions.generator(part, term.variable, display(collection))
        )
        return choose(guards[0], rest, bounds) if guards else bounds

    def _bounds_of_any(self, term: terms.Sum, limits: Limits) -> ast.expr:
        """The bounds of a sum over a list of which nothing is known."""
        match term.value:
            case terms.Field(base=terms.Local(name=local), name=field) if local == term.variable:
                limit = both_bounds(
                    limits_of(term.value, self.nullability.program), limits.get((local, field), UNBOUNDED)
                )
            case terms.Const(value=int() | Fraction() as value):
                limit = (value, value)
            case _:
                raise NotExpressible("the bounds of a sum of formulas")
        return tuple_of(self._end(end, term.type) for end in any_number_of(limit))


def _is_empty(term: Term) -> bool:
    match term:
        case terms.SetOf(elements=()) | terms.ListOf(elements=()):
            return True
        case terms.Const(value=frozenset() | tuple() as value):
            return not value
        case _:
            return False


def _qname(type: Type) -> tuple[str, str] | None:
    return (type.module, type.name) if isinstance(type, RecordType) else None


def _ordered(term: terms.Compare, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> ast.expr:
    """``left < right``; with a fraction as `1 * share.denominator < 4 * share.numerator`.

    Python compares two fractions in a microsecond, which is longer than most rules take, and two products of whole
    numbers in a tenth of it. Shares are mostly fractions; of other amounts few are, so a whole limit stays as it is.
    """
    for limit, other in ((term.left, right), (term.right, left)):
        if not isinstance(limit, terms.Const) or not isinstance(limit.value, int | Fraction) or not is_simple(other):
            continue
        if isinstance(other, ast.Constant) or not (isinstance(limit.value, Fraction) or term.operand_type == PERCENT):
            continue
        fixed = _times(limit.value.numerator, attribute(other, "denominator"))
        given = _times(limit.value.denominator, attribute(other, "numerator"))
        return compare(fixed, operator, given) if limit is term.left else compare(given, operator, fixed)
    return compare(left, operator, right)


def _times(factor: int, value: ast.expr) -> ast.expr:
    return const(0) if factor == 0 else value if factor == 1 else ast.BinOp(const(factor), ast.Mult(), value)
