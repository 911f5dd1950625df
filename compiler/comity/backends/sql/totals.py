"""Counts and sums, and comparisons that their bounds decide where they are not known (`runtime.bounds`).

Example: `count(p in parties where p.listed) >= 1` is true of an export with one party that is listed, whatever is
unknown of the others: the least that the count may be is 1. The count itself is NULL there.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Protocol, TypeAlias

from comity import terms
from comity.backends.sql.choosing import Choosing
from comity.backends.sql.columns import Columns, Node, Relation
from comity.backends.sql.constants import Constants, amount, is_number
from comity.backends.sql.errors import Inexpressible
from comity.backends.sql.shapes import Amount, Collection, Elements, Members, Plain, Record, Rows, Shape, collection
from comity.core.ast import Program
from comity.core.limits import Limits, has_total, limits_of, limits_of_elements, scaling_of
from comity.runtime import bounds
from comity.runtime.light import dataclass
from comity.runtime.types import INT, AbsentType
from comity.terms import Term

Env: TypeAlias = Mapping[str, Shape]
Ends: TypeAlias = tuple[Amount, Amount]
"""The least and the greatest possible value; an end that is unknown is open."""


class Translation(Protocol):
    """What is asked of the `terms.Translator`, which makes the shapes of the terms that are counted and added up."""

    program: Program
    columns: Columns
    constants: Constants

    def truth(self, term: Term, env: Env) -> Node: ...
    def shape(self, term: Term, env: Env) -> Shape: ...
    def reads(self, term: Term, env: Env, *but: str) -> Relation: ...


@dataclass(frozen=True, slots=True)
class Totals:
    made: Translation
    choosing: Choosing

    # ------------------------------------------------------------------------------------------ values

    def count(self, term: terms.Count, env: Env) -> Amount:
        return self._total(term, env, None)

    def sum(self, term: terms.Sum, env: Env) -> Amount:
        return self._total(term, env, term.value)

    def _total(self, term: terms.Count | terms.Sum, env: Env, value: Term | None) -> Amount:
        columns, numbers = self.made.columns, self.made.constants.numbers
        source = collection(self.made.shape(term.source, env))
        one = numbers.constant(1)

        def passes(each: Shape) -> Node:
            return self.made.truth(term.where, {**env, term.variable: each})

        def worth(each: Shape) -> Amount:
            return one if value is None else amount(self.made.shape(value, {**env, term.variable: each}))

        if isinstance(source, Rows):
            if source.of_records and source.distinct:
                raise Inexpressible("a set of records is counted")
            rows = source.relation(self._beside(term, env))
            each = source.element(rows)
            test, number = passes(each), worth(each)
            open_ones = columns.some(
                [columns.negate(columns.is_known(test)), columns.every([test, self._open(number)])]
            )
            total, settled = self._sum_of(rows, test, number), self._none(rows, open_ones)
        else:
            found = [(columns.every([sure, passes(each)]), worth(each)) for each, sure in self._listed(source)]
            settled = columns.negate(
                columns.some(
                    columns.some([columns.negate(columns.is_known(test)), columns.every([test, self._open(number)])])
                    for test, number in found
                )
            )
            total = numbers.constant(0)
            for test, number in found:
                whole = numbers.whole(number)
                top = columns.case([(test, whole.top)], columns.constant(0, "int"))
                total = numbers.add(total, Amount(top, whole.factor, whole.below))
        known = columns.every([source.known, columns.surely(settled)])
        return Amount(columns.only_where(known, total.top), total.factor, total.below)

    def _open(self, number: Amount) -> Node:
        return self.made.columns.negate(self.made.constants.numbers.known(number))

    def _beside(self, term: terms.Count | terms.Sum, env: Env) -> Relation:
        parts = [term.where, term.value] if isinstance(term, terms.Sum) else [term.where]
        return self.made.columns.deepest(self.made.reads(part, env, term.variable) for part in parts)

    def _listed(self, source: Collection) -> list[tuple[Shape, Node]]:
        """The elements of a collection that is not a fact, each once."""
        text = self.made.columns.constant
        match source:
            case Members(truths=truths):
                return [(Plain(text(member, "text")), truth) for member, truth in truths.items()]
            case Elements(members=members, is_list=True):
                return list(members)
            case Elements(members=members) if all(_is_constant(each) for each, _ in members):
                return list(members)
            case _:
                raise Inexpressible("the elements of this collection may be the same, so SQL cannot count them")

    def _sum_of(self, rows: Relation, test: Node, number: Amount) -> Amount:
        columns = self.made.columns
        whole = self.made.constants.numbers.whole(number)
        if whole.below is not None:
            raise Inexpressible("quotients are added up, which SQL cannot do exactly")
        assert rows.parent is not None
        top = columns.case([(test, whole.top)], columns.constant(0, "int"))
        return Amount(columns.make("sum", (rows, top), "int", False, rows.parent), whole.factor)

    def _none(self, rows: Relation, test: Node) -> Node:
        assert rows.parent is not None
        columns = self.made.columns
        if test.is_constant and test.value is False:
            return columns.true
        return columns.negate(columns.make("any", (rows, columns.surely(test)), "bool", False, rows.parent))

    # ------------------------------------------------------------------------------------------ bounds

    def by_bounds(self, term: terms.Compare | terms.Equal, env: Env, found: Node) -> Node:
        """The comparison, decided by bounds where the sides are not known."""
        program, columns = self.made.program, self.made.columns
        if not (has_total(term.left, program) or has_total(term.right, program)):
            return found
        kind = term.operand_type
        if isinstance(kind, AbsentType) or not is_number(kind):
            raise Inexpressible("bounds of values that may be absent are compared")
        left, right = self._ends(term.left, env, {}), self._ends(term.right, env, {})
        if isinstance(term, terms.Equal):
            decided = self._surely_equal(left, right)
        elif term.operator == "<":
            decided = self._surely_less(left, right)
        else:
            decided = columns.negate(self._surely_less(right, left))
        return columns.case([(columns.is_known(found), found)], decided)

    def _compare(self, operator: str, left: Amount, right: Amount) -> Node:
        return self.made.columns.surely(self.made.constants.numbers.compare(operator, left, right))

    def _surely_less(self, left: Ends, right: Ends) -> Node:
        columns = self.made.columns
        branches = [
            (self._compare("<", left[1], right[0]), columns.true),
            (self._compare("<=", right[1], left[0]), columns.false),
        ]
        return columns.case(branches, columns.unknown("bool"))

    def _surely_equal(self, left: Ends, right: Ends) -> Node:
        columns = self.made.columns
        apart = columns.some([self._compare("<", left[1], right[0]), self._compare("<", right[1], left[0])])
        same = columns.every(
            [
                self._compare("=", left[0], left[1]),
                self._compare("=", right[0], right[1]),
                self._compare("=", left[0], right[0]),
            ]
        )
        return columns.case([(apart, columns.false), (same, columns.true)], columns.unknown("bool"))

    def _ends(self, term: Term, env: Env, limits: Limits) -> Ends:
        program, numbers = self.made.program, self.made.constants.numbers
        match term:
            case terms.Count():
                return self._ends_of_total(term, env, None, {})
            case terms.Sum(value=value):
                return self._ends_of_total(term, env, value, {**limits, **limits_of_elements(term, program)})
            case terms.Field(base=base, name=name):
                limit = limits_of(term, program)
                if isinstance(base, terms.Local):
                    limit = bounds.both(limit, limits.get((base.name, name), bounds.UNBOUNDED))
                return self._ends_of_field(term, env, limit)
            case terms.Negate(operand=operand):
                low, high = self._ends(operand, env, limits)
                return numbers.negate(high), numbers.negate(low)
            case terms.Arithmetic(operator="+" | "-" as operator, left=left, right=right):
                one, two = self._ends(left, env, limits), self._ends(right, env, limits)
                if operator == "-":
                    two = (numbers.negate(two[1]), numbers.negate(two[0]))
                return numbers.add(one[0], two[0]), numbers.add(one[1], two[1])
            case terms.Arithmetic(operator="*" | "/" as operator) if scaling := scaling_of(term):
                return self._scaled(operator, scaling, env, limits)
            case terms.Round(direction=direction, operand=operand):
                low, high = self._ends(operand, env, limits)
                return numbers.rounded(low, direction == "up"), numbers.rounded(high, direction == "up")
            case terms.Call(define=name, arguments=arguments) if has_total(term, program):
                define = program.defines[name]
                given = [self.made.shape(argument, env) for argument in arguments]
                names = [parameter for parameter, _ in define.parameters]
                return self._ends(define.body, dict(zip(names, given, strict=True)), {})
            case terms.Cases() if has_total(term, program):
                return self._first_true(term, env, limits)
            case _:
                single = amount(self.made.shape(term, env))
                return single, single

    def _scaled(self, operator: str, scaling: tuple[Term, Term], env: Env, limits: Limits) -> Ends:
        numbers = self.made.constants.numbers
        scaled, factor = scaling
        by = amount(self.made.shape(factor, env))
        value = None if by.top.value is None else by.top.value * by.factor
        low, high = self._ends(scaled, env, limits)
        if value is None or (operator == "/" and value == 0):
            nothing = numbers.constant(None)
            return nothing, nothing
        scale = numbers.constant(value if operator == "*" else Fraction(1) / value)
        low, high = numbers.multiply(low, scale), numbers.multiply(high, scale)
        return (high, low) if value < 0 else (low, high)

    def _ends_of_field(self, term: terms.Field, env: Env, limit: bounds.Bounds) -> Ends:
        base = self.made.shape(term.base, env)
        value = amount(self.made.shape(term, env))
        if not (isinstance(base, Record) and base.of_facts) or limit == bounds.UNBOUNDED:
            return value, value
        known = self.made.constants.numbers.known(value)
        known_base = self.made.columns.is_known(known)
        assert known_base is self.made.columns.true
        low, high = (self._or(value, known, self.made.constants.numbers.constant(end)) for end in limit)
        return low, high

    def _or(self, value: Amount, known: Node, limit: Amount) -> Amount:
        made = self.choosing.chosen([(known, value)], limit, _NUMBER)
        return amount(made)

    def _first_true(self, term: terms.Cases, env: Env, limits: Limits) -> Ends:
        columns = self.made.columns
        nothing = self.made.constants.numbers.constant(None)
        lows: list[tuple[Node, Shape]] = []
        highs: list[tuple[Node, Shape]] = []
        last: Ends = (nothing, nothing)
        for case in term.cases:
            low, high = self._ends(case.value, env, limits)
            if case.condition is None:
                last = (low, high)
                break
            condition = self.made.truth(case.condition, env)
            unknown = columns.negate(columns.is_known(condition))
            lows += [(condition, low), (unknown, nothing)]
            highs += [(condition, high), (unknown, nothing)]
        return amount(self.choosing.chosen(lows, last[0], _NUMBER)), amount(
            self.choosing.chosen(highs, last[1], _NUMBER)
        )

    def _ends_of_total(self, term: terms.Count | terms.Sum, env: Env, value: Term | None, limits: Limits) -> Ends:
        """The sum of what surely counts, and of what perhaps does as far as it makes the sum less, or greater."""
        columns, numbers = self.made.columns, self.made.constants.numbers
        source = collection(self.made.shape(term.source, env))
        if not isinstance(source, Rows):
            if isinstance(source, Members) and value is None:
                return self._ends_of_members(term, env, source)
            raise Inexpressible("the bounds of this sum cannot be said in SQL")
        if source.of_records and source.distinct:
            raise Inexpressible("a set of records is counted")
        rows = source.relation(self._beside(term, env))
        inner = {**env, term.variable: source.element(rows)}
        test = self.made.truth(term.where, inner)
        low, high = (numbers.constant(1),) * 2 if value is None else self._ends(value, inner, limits)
        zero = columns.constant(0, "int")
        ends = []
        for end, is_low in ((low, True), (high, False)):
            whole = numbers.whole(end)
            beyond = columns.less(whole.top, zero) if is_low else columns.less(zero, whole.top)
            part = columns.case([(test, whole.top), (columns.is_known(test), zero), (beyond, whole.top)], zero)
            wanted = columns.perhaps(test)
            lacks = columns.every([wanted, columns.negate(columns.is_known(whole.top))])
            total = self._sum_of(
                rows, columns.true, Amount(columns.case([(columns.is_known(part), part)], zero), whole.factor)
            )
            complete = columns.every([source.known, self._none(rows, lacks)])
            ends.append(Amount(columns.only_where(complete, total.top), total.factor))
        least, most = ends
        if value is None:
            least = Amount(columns.case([(source.known, least.top)], zero), least.factor)
            return least, most
        # Of a list that is not known, any number of values is added up, of which none but the sign is known.
        sign_low, sign_high = self._signs(value, env, term, limits)
        return (
            amount(self.choosing.chosen([(source.known, least)], sign_low, _NUMBER)),
            amount(self.choosing.chosen([(source.known, most)], sign_high, _NUMBER)),
        )

    def _signs(self, value: Term, env: Env, term: terms.Count | terms.Sum, limits: Limits) -> Ends:
        """Zero where no value can be below, or above; what is known of values of which there is none."""
        numbers = self.made.constants.numbers
        limit: bounds.Bounds = bounds.UNBOUNDED
        match value:
            case terms.Const(value=constant):
                limit = (constant, constant)  # type: ignore[assignment]
            case terms.Field(base=terms.Local(name=name)) if name == term.variable:
                limit = limits.get((name, value.name), bounds.UNBOUNDED)
                limit = bounds.both(limit, limits_of(value, self.made.program))
            case _:
                raise Inexpressible("the bounds of this sum cannot be said in SQL")
        low, high = bounds.any_number_of(limit)
        return numbers.constant(low), numbers.constant(high)

    def _ends_of_members(self, term: terms.Count | terms.Sum, env: Env, source: Members) -> Ends:
        columns, numbers = self.made.columns, self.made.constants.numbers
        least = most = numbers.constant(0)
        one, zero = columns.constant(1, "int"), columns.constant(0, "int")
        for each, sure in self._listed(source):
            test = columns.every([sure, self.made.truth(term.where, {**env, term.variable: each})])
            least = numbers.add(least, Amount(columns.case([(test, one)], zero)))
            most = numbers.add(most, Amount(columns.case([(columns.perhaps(test), one)], zero)))
        return (
            Amount(columns.case([(source.known, least.top)], zero)),
            Amount(columns.only_where(source.known, most.top)),
        )


def _is_constant(shape: Shape) -> bool:
    return isinstance(shape, Plain) and shape.node.is_constant and shape.node.value is not None


_NUMBER = INT
