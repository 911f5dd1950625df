"""What terms compile to: functions of their locals and of the context, put together from those of their parts.

`core.evaluate` says which term becomes which. Functions are named like the terms they are the meaning of, with `_`
where Python has the word; `..._bounds` give the bounds of a number that is not known, `in_...` whether a set has a
value.

    and_((at_destination, is_dear))({"this": facts}, context)        # True, False, or None: unknown
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Protocol, TypeAlias

from comity import terms
from comity.base.source import Span
from comity.core.tables import InPlace, Missing, TableIndex, in_place, within
from comity.runtime import bounds, kleene, values
from comity.runtime.bounds import UNBOUNDED, Bounds
from comity.runtime.kleene import KleeneSet, Truth
from comity.runtime.values import ABSENT

Env: TypeAlias = Mapping[str, object]
"""Locals by name: `this`, parameters, variables of quantifiers."""

Code: TypeAlias = Callable[[Env, "EvaluationContext"], Any]
"""A compiled term. Its value has the term's type, which Python cannot say here."""

Membership: TypeAlias = Callable[[object, Env, "EvaluationContext"], Truth]
"""A compiled set or list, asked whether a value is in it."""


class Trace(Protocol):
    """Called with every condition line that is evaluated, and its value: for coverage and explanations."""

    def line(self, span: Span, value: Truth) -> None: ...


@dataclass(slots=True)
class EvaluationContext:
    """What stays the same while one input is decided.

    ``day``: the as-of day of the outermost record. ``outcome_of``, ``rule_holds`` and ``state_of`` answer for other
    decisions and for commitments. ``relied`` is set once `is known` has been asked about an unknown fact. ``values``
    memoises the definitions of records, by name and the record's identity; the record is stored with the value, so that
    its identity is not reused.
    """

    day: date | None
    outcome_of: Callable[[str, object], str | None]
    rule_holds: Callable[[terms.RuleHolds, object, object], Truth]
    state_of: Callable[[terms.CommitmentState, Env], Truth]
    trace: Trace | None = None
    relied: bool = False
    values: dict[tuple[str, int], tuple[object, object]] | None = None


def context_of(day: date | None) -> EvaluationContext:
    """A day on which other decisions and commitments say nothing."""
    return EvaluationContext(
        day=day,
        outcome_of=lambda decision, record: None,
        rule_holds=lambda term, key, record: None,
        state_of=lambda term, env: None,
    )


# ------------------------------------------------------------------------------------------- facts


def constant(value: object) -> Code:
    return lambda env, context: value


def field(base: Code, name: str) -> Code:
    def read(env: Env, context: EvaluationContext) -> object:
        record = base(env, context)
        return None if record is None or record is ABSENT else record.get(name)

    return read


def at_party(base: Code, party: Code) -> Code:
    def read(env: Env, context: EvaluationContext) -> object:
        by_party, name = base(env, context), party(env, context)
        return None if by_party is None or by_party is ABSENT or name is None else by_party.get(name)

    return read


def lookup(index: TableIndex, keys: tuple[Code, ...]) -> Code:
    otherwise = in_place(index.table.otherwise) if index.table.has_otherwise else None

    def read(env: Env, context: EvaluationContext) -> object:
        asked = tuple([key(env, context) for key in keys])
        for key_value in asked:
            if key_value is None or key_value is ABSENT:
                return None
        match index.find(asked, context.day):
            case Missing.NO_ROW:
                return otherwise
            case Missing.NO_DAY:
                return None
            case row:
                return row.value

    return read


def mapping(entries: list[tuple[str, Code]]) -> Code:
    return lambda env, context: InPlace({name: value(env, context) for name, value in entries})


def outcome_of(decision: str, record: Code) -> Code:
    return lambda env, context: context.outcome_of(decision, record(env, context))


def rule_holds(term: terms.RuleHolds, key: Code | None, record: Code) -> Code:
    return lambda env, context: context.rule_holds(
        term, None if key is None else key(env, context), record(env, context)
    )


# ------------------------------------------------------------------------------------------- values


ARITHMETIC: dict[str, Callable[[Any, Any], object]] = {
    "+": values.add,
    "-": values.subtract,
    "*": values.multiply,
    "/": values.divide,
}


def lifted(function: Callable[..., object], *operands: Code) -> Code:
    """A function of `runtime` that already answers unknown for unknown operands."""
    if len(operands) == 1:
        (operand,) = operands
        return lambda env, context: function(operand(env, context))
    left, right = operands
    return lambda env, context: function(left(env, context), right(env, context))


def is_known(operand: Code) -> Code:
    def test(env: Env, context: EvaluationContext) -> bool:
        value = operand(env, context)
        if value is None or isinstance(value, KleeneSet):
            context.relied = True
            return False
        return True

    return test


def is_present(operand: Code) -> Code:
    def test(env: Env, context: EvaluationContext) -> Truth:
        value = operand(env, context)
        return None if value is None else value is not ABSENT

    return test


def in_window(intervals: tuple[terms.Interval, ...]) -> Code:
    def test(env: Env, context: EvaluationContext) -> Truth:
        day = context.day
        return None if day is None else any(within(day, interval) for interval in intervals)

    return test


# ------------------------------------------------------------------------------------------- logic


def not_(operand: Code) -> Code:
    def negation(env: Env, context: EvaluationContext) -> Truth:
        value = operand(env, context)
        return not value if value is True or value is False else None

    return negation


def and_(operands: tuple[Code, ...]) -> Code:
    def conjunction(env: Env, context: EvaluationContext) -> Truth:
        result: Truth = True
        for operand in operands:
            value = operand(env, context)
            if value is False:
                return False
            if value is not True:
                result = None
        return result

    return conjunction


def or_(operands: tuple[Code, ...]) -> Code:
    def disjunction(env: Env, context: EvaluationContext) -> Truth:
        result: Truth = False
        for operand in operands:
            value = operand(env, context)
            if value is True:
                return True
            if value is not False:
                result = None
        return result

    return disjunction


def line(condition: Code, span: Span) -> Code:
    def line(env: Env, context: EvaluationContext) -> Truth:
        value: Truth = condition(env, context)
        if context.trace is not None:
            context.trace.line(span, value)
        return value

    return line


def quantifier(kind: Literal["any", "all"], variable: str, source: Code, body: Code) -> Code:
    over = kleene.any_in if kind == "any" else kleene.all_in
    return lambda env, context: over(
        set_or_unknown(source(env, context)), lambda each: body({**env, variable: each}, context)
    )


def count(variable: str, source: Code, where: Code) -> Code:
    return lambda env, context: kleene.count(
        set_or_unknown(source(env, context)), lambda each: where({**env, variable: each}, context)
    )


def sum_(value: Code, variable: str, source: Code, where: Code) -> Code:
    return lambda env, context: kleene.total(
        set_or_unknown(source(env, context)),
        lambda each: where({**env, variable: each}, context),
        lambda each: value({**env, variable: each}, context),
    )


# ----------------------------------------------------------------------------------------- bounds


def of_bounds(function: Callable[..., Bounds], *operands: Code) -> Code:
    return lambda env, context: function(*[operand(env, context) for operand in operands])


def field_bounds(base: Code, name: str, limit: Bounds) -> Code:
    def read(env: Env, context: EvaluationContext) -> Bounds:
        record = base(env, context)
        value: Any = None if record is None or record is ABSENT else record.get(name)
        return bounds.exactly(value, UNBOUNDED if isinstance(record, InPlace) else limit)

    return read


def count_bounds(variable: str, source: Code, where: Code) -> Code:
    def count(env: Env, context: EvaluationContext) -> Bounds:
        collection = set_or_unknown(source(env, context))
        if collection is None:
            return (0, None)
        tests = kleene.surely(collection, lambda each: where({**env, variable: each}, context))
        return bounds.count_bounds(test for _, test in tests)

    return count


def sum_bounds(value: Code, variable: str, source: Code, where: Code) -> Code:
    def total(env: Env, context: EvaluationContext) -> Bounds:
        collection = set_or_unknown(source(env, context))
        if collection is None:
            return bounds.any_number_of(value({**env, variable: None}, context))
        tests = kleene.surely(collection, lambda each: where({**env, variable: each}, context))
        return bounds.sum_bounds(
            (test, value({**env, variable: each}, context)) for each, test in tests if test is not False
        )

    return total


def first_true(cases: list[tuple[Code | None, Code]]) -> Code:
    """The bounds of the case that holds; none where that is unknown."""

    def chosen(env: Env, context: EvaluationContext) -> Bounds:
        for condition, value in cases:
            holds = True if condition is None else condition(env, context)
            if holds is not False:
                found: Bounds = value(env, context) if holds else UNBOUNDED
                return found
        return UNBOUNDED

    return chosen


# ------------------------------------------------------------------------------------------- sets


def set_or_unknown(value: Any) -> Any:
    """A set or list; one that is absent, which only an unguarded read can give, is unknown."""
    return None if value is ABSENT else value


def set_of(elements: tuple[Code, ...]) -> Code:
    return lambda env, context: kleene.set_of([(element(env, context), True) for element in elements])


def filter_(variable: str, source: Code, where: Code) -> Code:
    return lambda env, context: kleene.sieve(
        set_or_unknown(source(env, context)), lambda each: where({**env, variable: each}, context)
    )


def when(condition: Code, value: Code) -> Code:
    def part(env: Env, context: EvaluationContext) -> Any:
        holds: Truth = condition(env, context)
        # What is not asked for is not evaluated, so that its cases cannot fail.
        return kleene.limited(holds, frozenset() if holds is False else set_or_unknown(value(env, context)))

    return part


_OPERATIONS = {"|": kleene.union, "&": kleene.intersection, "-": kleene.difference}


def set_operation(operator: Literal["|", "&", "-"], left: Code, right: Code) -> Code:
    operation = _OPERATIONS[operator]
    return lambda env, context: operation(set_or_unknown(left(env, context)), set_or_unknown(right(env, context)))


def member_of(value: Code, contains: Membership) -> Code:
    def test(env: Env, context: EvaluationContext) -> Truth:
        sought = value(env, context)
        return contains(None if sought is ABSENT else sought, env, context)

    return test


def subset_of(left: Code, contains: Membership) -> Code:
    return lambda env, context: kleene.all_in(
        set_or_unknown(left(env, context)), lambda element: contains(element, env, context)
    )


def in_filter(variable: str, contains: Membership, where: Code) -> Membership:
    def test(value: object, env: Env, context: EvaluationContext) -> Truth:
        inside = contains(value, env, context)
        return False if inside is False else kleene.all_of((inside, where({**env, variable: value}, context)))

    return test


def in_when(condition: Code, contains: Membership) -> Membership:
    def test(value: object, env: Env, context: EvaluationContext) -> Truth:
        holds: Truth = condition(env, context)
        return False if holds is False else kleene.all_of((holds, contains(value, env, context)))

    return test


def in_operation(operator: Literal["|", "&", "-"], left: Membership, right: Membership) -> Membership:
    def test(value: object, env: Env, context: EvaluationContext) -> Truth:
        one = left(value, env, context)
        if one is (operator == "|"):
            return one
        two = right(value, env, context)
        match operator:
            case "|":
                return kleene.any_of((one, two))
            case "&":
                return kleene.all_of((one, two))
            case "-":
                return kleene.all_of((one, kleene.not_(two)))

    return test
