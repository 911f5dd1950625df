"""What each term means: one total match from terms to functions of their locals.

This is the reference that analysis and backends are tested against. A term compiles to a function of its local
variables and of the *context* (the day, and the outcomes of other decisions); it returns a run-time value, None for
unknown. Strong Kleene logic throughout: an unknown operand makes the result unknown, unless another operand alone
decides it. `and`, `or` and quantifiers evaluate from left to right and stop at the operand that decides.

    destination in {RU, BY} and value > 5_000 USD        destination RU, value unknown:  unknown
                                                         destination FR, value unknown:  False
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Protocol, TypeAlias, assert_never

from comity import terms
from comity.base.source import Span
from comity.core import ast as core
from comity.core.limits import Limits, has_total, limits_of, limits_of_elements, scaling_of
from comity.core.tables import InPlace, Missing, TableIndex, in_place, within
from comity.core.walk import children
from comity.runtime import bounds, kleene, values
from comity.runtime.answer import ContradictionError, GapError
from comity.runtime.bounds import UNBOUNDED, Bounds
from comity.runtime.kleene import KleeneSet, Truth
from comity.runtime.types import EnumType, MonthsType
from comity.runtime.values import ABSENT
from comity.terms import Term

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


_EMPTY = context_of(None)


class Evaluator:
    """Compiles the terms of one program, each at most once."""

    def __init__(self, program: core.Program) -> None:
        self.program = program
        self.tables = {name: TableIndex(table) for name, table in program.tables.items()}
        self._country_of = dict(program.place.zones)
        self._codes: dict[int, tuple[Term, Code]] = {}
        self._memberships: dict[int, tuple[Term, Membership]] = {}
        self._defines: dict[str, tuple[tuple[str, ...], Code]] = {}
        self._sets: dict[str, Code] = {}
        self._asking: dict[int, tuple[Term, bool]] = {}

    def revise(self, program: core.Program) -> None:
        """Continue with a program that differs only in rules of decisions (see `Interpreter.revise`)."""
        self.program = program
        self._asking.clear()

    def code(self, term: Term) -> Code:
        """The compiled term; remembered by identity, since terms of equal text are mostly the same term."""
        known = self._codes.get(id(term))
        if known is None:
            known = self._codes[id(term)] = (term, self._compile(term))
        return known[1]

    def constant(self, term: Term) -> Any:
        """The value of a term that depends on no facts, day or decision."""
        return self.code(term)({}, _EMPTY)

    def asks_known(self, term: Term) -> bool:
        """Whether the term, or a definition, set or decision that it reads, contains `is known`."""
        known = self._asking.get(id(term))
        if known is None:
            known = self._asking[id(term)] = (term, self._asks_known(term))
        return known[1]

    def _asks_known(self, term: Term) -> bool:
        match term:
            case terms.IsKnown():
                return True
            case terms.Call(define=name) if self.asks_known(self.program.defines[name].body):
                return True
            case terms.NamedSet(name=name) if self.asks_known(self.program.sets[name].body):
                return True
            case terms.OutcomeOf(decision=name) | terms.RuleHolds(decision=name) if any(
                self.asks_known(rule.condition) for rule in self.program.decisions[name].rules
            ):
                return True
            case _:
                return any(map(self.asks_known, children(term)))

    def define(self, name: str) -> tuple[tuple[str, ...], Code]:
        """Parameters and compiled body of a definition."""
        known = self._defines.get(name)
        if known is None:
            define = self.program.defines[name]
            known = self._defines[name] = (tuple(p for p, _ in define.parameters), self.code(define.body))
        return known

    def set_body(self, name: str) -> Code:
        """A named set as a function of the day."""
        if name not in self._sets:
            self._sets[name] = self.code(self.program.sets[name].body)
        return self._sets[name]

    def country_of(self, place: str) -> str:
        """The country of a zone, or the country itself."""
        return self._country_of.get(place, place)

    # --------------------------------------------------------------------------------------- values

    def _compile(self, term: Term) -> Code:
        match term:
            case terms.Const(value=value):
                return _constant(value)
            case terms.Unknown():
                return _constant(None)
            case terms.Local(name=name):
                return lambda env, context: env[name]
            case terms.Field(base=base, name=name):
                return _field(self.code(base), name)
            case terms.AtParty(base=base, party=party):
                return _at_party(self.code(base), self.code(party))
            case terms.Lookup(table=table, keys=keys):
                return _lookup(self.tables[table], tuple(map(self.code, keys)))
            case terms.Call(define=define, arguments=arguments):
                return self._call(define, tuple(map(self.code, arguments)))
            case terms.OutcomeOf(decision=decision, record=record):
                return _outcome_of(decision, self.code(record))
            case terms.RuleHolds(key=key, record=record):
                return _rule_holds(term, None if key is None else self.code(key), self.code(record))
            case terms.CommitmentState():
                return lambda env, context: context.state_of(term, env)
            case terms.RecordOf(fields=fields) | terms.PerPartyOf(entries=fields):
                return _mapping([(name, self.code(value)) for name, value in fields])
            case terms.SetOf(elements=elements):
                if all(isinstance(each, terms.Const) for each in elements):
                    return _constant(kleene.set_of((each.value, True) for each in elements))  # type: ignore[union-attr]
                return _set_of(tuple(map(self.code, elements)))
            case terms.ListOf(elements=elements):
                codes = tuple(map(self.code, elements))
                return lambda env, context: tuple([element(env, context) for element in codes])
            case terms.NamedSet(name=name):
                return lambda env, context: self.set_body(name)({}, context)
            case terms.Filter(variable=variable, source=source, where=where):
                return _filter(variable, self.code(source), self.code(where))
            case terms.When(condition=condition, value=value):
                return _when(self.code(condition), self.code(value))
            case terms.SetOperation(operator=operator, left=left, right=right):
                return _set_operation(operator, self.code(left), self.code(right))
            case terms.Negate(operand=operand):
                return _lifted(values.negate, self.code(operand))
            case terms.Arithmetic(operator=operator, left=left, right=right):
                return _lifted(_ARITHMETIC[operator], self.code(left), self.code(right))
            case terms.Round(direction=direction, operand=operand):
                return _lifted(values.round_up if direction == "up" else values.round_down, self.code(operand))
            case terms.AddDuration(day=day, amount=amount, negative=negative):
                add = values.add_months if isinstance(amount.type, MonthsType) else values.add_hours
                return _lifted(lambda start, length: add(start, length, negative), self.code(day), self.code(amount))
            case terms.DateDifference(left=left, right=right):
                return _lifted(values.date_difference, self.code(left), self.code(right))
            case terms.Compare(operator=operator, left=left, right=right, operand_type=operand_type):
                compare = values.less if operator == "<" else values.less_equal
                plain = _lifted(compare, self._comparable(left, operand_type), self._comparable(right, operand_type))
                return self._by_bounds(term, plain, bounds.surely_less if operator == "<" else bounds.surely_less_equal)
            case terms.Equal(left=left, right=right):
                return self._by_bounds(
                    term, _lifted(kleene.equal, self.code(left), self.code(right)), bounds.surely_equal
                )
            case terms.MemberOf(value=value, collection=collection):
                return _member_of(self.code(value), self.membership(collection))
            case terms.SubsetOf(left=left, right=right):
                return _subset_of(self.code(left), self.membership(right))
            case terms.EccnWithin(code=code, entry=entry):
                return _lifted(values.eccn_within, self.code(code), self.code(entry))
            case terms.HsWithin(code=code, heading=heading):
                return _lifted(values.hs_within, self.code(code), self.code(heading))
            case terms.PlaceWithin(place=place, area=area):
                return _lifted(self._place_within, self.code(place), self.code(area))
            case terms.EccnPart(code=code, part=part):
                return _lifted(lambda eccn: values.eccn_part(eccn, part), self.code(code))
            case terms.IsKnown(operand=operand):
                return _is_known(self.code(operand))
            case terms.IsPresent(operand=operand):
                return _is_present(self.code(operand))
            case terms.Not(operand=operand):
                return _not(self.code(operand))
            case terms.And(operands=operands):
                return _and(tuple(map(self.code, operands)))
            case terms.Or(operands=operands):
                return _or(tuple(map(self.code, operands)))
            case terms.InWindow(intervals=intervals):
                return _in_window(intervals)
            case terms.Quantifier(kind=kind, variable=variable, source=source, body=body):
                return _quantifier(kind, variable, self.code(source), self.code(body))
            case terms.Count(variable=variable, source=source, where=where):
                return _count(variable, self.code(source), self.code(where))
            case terms.Sum(value=value, variable=variable, source=source, where=where):
                return _sum(self.code(value), variable, self.code(source), self.code(where))
            case terms.Cases():
                return self._cases(term)
            case terms.Line(condition=condition):
                return _line(self.code(condition), term.span)
            case _:
                assert_never(term)

    def _call(self, name: str, arguments: tuple[Code, ...]) -> Code:
        def call(env: Env, context: EvaluationContext) -> object:
            parameters, body = self.define(name)
            given = [argument(env, context) for argument in arguments]
            return body(dict(zip(parameters, given, strict=True)), context)

        def call_on_record(env: Env, context: EvaluationContext) -> object:
            record = of_record(env, context)
            if context.values is None:
                return self.define(name)[1]({terms.THIS: record}, context)
            known = context.values.get((name, id(record)))
            if known is None:
                value = self.define(name)[1]({terms.THIS: record}, context)
                known = context.values[name, id(record)] = (record, value)
            return known[1]

        if self.program.defines[name].record is None:
            return call
        (of_record,) = arguments
        return call_on_record

    def _comparable(self, term: Term, operand_type: object) -> Code:
        """A number or date as it is; a member of an ordered enum as its position."""
        code = self.code(term)
        if not isinstance(operand_type, EnumType):
            return code
        position = {member: number for number, member in enumerate(operand_type.members)}
        return lambda env, context: position.get(code(env, context))

    def _place_within(self, place: object, area: object) -> Truth:
        if place is None or area is None or place is ABSENT or area is ABSENT:
            return None
        return place == area or self.country_of(str(place)) == area

    def _cases(self, term: terms.Cases) -> Code:
        cases = [(self.code(case.condition), self.code(case.value)) for case in term.cases if case.condition]
        otherwise = next((self.code(case.value) for case in term.cases if not case.condition), None)

        def chosen(env: Env, context: EvaluationContext) -> object:
            unknown = False
            for number, (condition, value) in enumerate(cases):
                holds = condition(env, context)
                if holds is True:
                    if unknown:
                        return None
                    result = value(env, context)
                    if not term.first_match:
                        for later, other in cases[number + 1 :]:
                            # As tuples, because `absent` is a value here like any other.
                            if later(env, context) is True and kleene.equal((result,), (other(env, context),)) is False:
                                raise ContradictionError(f"two cases of `{term.name}` hold with different values")
                    return result
                unknown = unknown or holds is not False
            if unknown:
                return None
            if otherwise is None:
                raise GapError(f"no case of `{term.name}` holds")
            return otherwise(env, context)

        return chosen

    # --------------------------------------------------------------------------------------- bounds

    def _by_bounds(
        self, term: terms.Compare | terms.Equal, plain: Code, compare: Callable[[Bounds, Bounds], Truth]
    ) -> Code:
        """A comparison of counts or sums: where they are not known, their bounds may decide it."""
        if not (has_total(term.left, self.program) or has_total(term.right, self.program)):
            return plain
        left, right = self._bounds(term.left, {}), self._bounds(term.right, {})

        def test(env: Env, context: EvaluationContext) -> Truth:
            truth: Truth = plain(env, context)
            return compare(left(env, context), right(env, context)) if truth is None else truth

        return test

    def _bounds(self, term: Term, limits: Limits) -> Code:
        """The bounds of a number. ``limits``: what is always so of fields of locals."""
        match term:
            case terms.Count(variable=variable, source=source, where=where):
                return _count_bounds(variable, self.code(source), self.code(where))
            case terms.Sum(value=value, variable=variable, source=source, where=where):
                of_value = self._bounds(value, {**limits, **limits_of_elements(term, self.program)})
                return _sum_bounds(of_value, variable, self.code(source), self.code(where))
            case terms.Field(base=base, name=name):
                limit = limits_of(term, self.program)
                if isinstance(base, terms.Local):
                    limit = bounds.both(limit, limits.get((base.name, name), UNBOUNDED))
                return _field_bounds(self.code(base), name, limit)
            case terms.Negate(operand=operand):
                return _of_bounds(bounds.negated, self._bounds(operand, limits))
            case terms.Arithmetic(operator="+" | "-" as operator, left=left, right=right):
                sides = (self._bounds(left, limits), self._bounds(right, limits))
                return _of_bounds(bounds.plus if operator == "+" else bounds.minus, *sides)
            case terms.Arithmetic(operator="*" | "/" as operator) if scaling := scaling_of(term):
                scaled, factor = scaling
                scale = bounds.times if operator == "*" else bounds.divided
                return _of_bounds(scale, self._bounds(scaled, limits), self.code(factor))
            case terms.Round(direction=direction, operand=operand):
                return _of_bounds(lambda b: bounds.rounded(b, direction == "up"), self._bounds(operand, limits))
            case terms.Call(define=name, arguments=arguments) if has_total(term, self.program):
                parameters, _ = self.define(name)
                given = tuple(map(self.code, arguments))
                body = self._bounds(self.program.defines[name].body, {})
                return lambda env, context: body(
                    dict(zip(parameters, [argument(env, context) for argument in given], strict=True)), context
                )
            case terms.Cases(cases=cases) if has_total(term, self.program):
                return _first_true(
                    [
                        (
                            None if case.condition is None else self.code(case.condition),
                            self._bounds(case.value, limits),
                        )
                        for case in cases
                    ]
                )
            case _:
                code = self.code(term)
                return lambda env, context: bounds.exactly(code(env, context))

    # ----------------------------------------------------------------------------------- membership

    def membership(self, term: Term) -> Membership:
        """Whether a value is in the set or list: read off its structure, without listing its elements.

        So `RU in {RU} | others` is true even where `others` is unknown.
        """
        known = self._memberships.get(id(term))
        if known is None:
            known = self._memberships[id(term)] = (term, self._membership(term))
        return known[1]

    def _membership(self, term: Term) -> Membership:
        match term:
            case terms.NamedSet(name=name):
                return lambda value, env, context: self.membership(self.program.sets[name].body)(value, {}, context)
            case terms.Call(define=name, arguments=arguments):
                return self._in_call(name, tuple(map(self.code, arguments)))
            case terms.Filter(variable=variable, source=source, where=where):
                return _in_filter(variable, self.membership(source), self.code(where))
            case terms.When(condition=condition, value=value):
                return _in_when(self.code(condition), self.membership(value))
            case terms.SetOperation(operator=operator, left=left, right=right):
                return _in_operation(operator, self.membership(left), self.membership(right))
            case _:
                code = self.code(term)
                return lambda value, env, context: kleene.member(value, _set(code(env, context)))

    def _in_call(self, name: str, arguments: tuple[Code, ...]) -> Membership:
        def contains(value: object, env: Env, context: EvaluationContext) -> Truth:
            parameters, _ = self.define(name)
            given = [argument(env, context) for argument in arguments]
            inside = self.membership(self.program.defines[name].body)
            return inside(value, dict(zip(parameters, given, strict=True)), context)

        return contains


# ------------------------------------------------------------------------------------------- facts


def _constant(value: object) -> Code:
    return lambda env, context: value


def _field(base: Code, name: str) -> Code:
    def read(env: Env, context: EvaluationContext) -> object:
        record = base(env, context)
        return None if record is None or record is ABSENT else record.get(name)

    return read


def _at_party(base: Code, party: Code) -> Code:
    def read(env: Env, context: EvaluationContext) -> object:
        by_party, name = base(env, context), party(env, context)
        return None if by_party is None or by_party is ABSENT or name is None else by_party.get(name)

    return read


def _lookup(index: TableIndex, keys: tuple[Code, ...]) -> Code:
    otherwise = in_place(index.table.otherwise) if index.table.has_otherwise else None

    def read(env: Env, context: EvaluationContext) -> object:
        asked = tuple([key(env, context) for key in keys])
        if None in asked or ABSENT in asked:
            return None
        match index.find(asked, context.day):
            case Missing.NO_ROW:
                return otherwise
            case Missing.NO_DAY:
                return None
            case row:
                return row.value

    return read


def _mapping(entries: list[tuple[str, Code]]) -> Code:
    return lambda env, context: InPlace({name: value(env, context) for name, value in entries})


def _outcome_of(decision: str, record: Code) -> Code:
    return lambda env, context: context.outcome_of(decision, record(env, context))


def _rule_holds(term: terms.RuleHolds, key: Code | None, record: Code) -> Code:
    return lambda env, context: context.rule_holds(
        term, None if key is None else key(env, context), record(env, context)
    )


# ------------------------------------------------------------------------------------------- values


_ARITHMETIC: dict[str, Callable[[Any, Any], object]] = {
    "+": values.add,
    "-": values.subtract,
    "*": values.multiply,
    "/": values.divide,
}


def _lifted(function: Callable[..., object], *operands: Code) -> Code:
    """A function of `runtime` that already answers unknown for unknown operands."""
    if len(operands) == 1:
        (operand,) = operands
        return lambda env, context: function(operand(env, context))
    left, right = operands
    return lambda env, context: function(left(env, context), right(env, context))


def _is_known(operand: Code) -> Code:
    def test(env: Env, context: EvaluationContext) -> bool:
        value = operand(env, context)
        if value is None or isinstance(value, KleeneSet):
            context.relied = True
            return False
        return True

    return test


def _is_present(operand: Code) -> Code:
    def test(env: Env, context: EvaluationContext) -> Truth:
        value = operand(env, context)
        return None if value is None else value is not ABSENT

    return test


def _in_window(intervals: tuple[terms.Interval, ...]) -> Code:
    def test(env: Env, context: EvaluationContext) -> Truth:
        day = context.day
        return None if day is None else any(within(day, interval) for interval in intervals)

    return test


# ------------------------------------------------------------------------------------------- logic


def _not(operand: Code) -> Code:
    def negation(env: Env, context: EvaluationContext) -> Truth:
        value = operand(env, context)
        return not value if value is True or value is False else None

    return negation


def _and(operands: tuple[Code, ...]) -> Code:
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


def _or(operands: tuple[Code, ...]) -> Code:
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


def _line(condition: Code, span: Span) -> Code:
    def line(env: Env, context: EvaluationContext) -> Truth:
        value: Truth = condition(env, context)
        if context.trace is not None:
            context.trace.line(span, value)
        return value

    return line


def _quantifier(kind: Literal["any", "all"], variable: str, source: Code, body: Code) -> Code:
    over = kleene.any_in if kind == "any" else kleene.all_in
    return lambda env, context: over(_set(source(env, context)), lambda each: body({**env, variable: each}, context))


def _count(variable: str, source: Code, where: Code) -> Code:
    return lambda env, context: kleene.count(
        _set(source(env, context)), lambda each: where({**env, variable: each}, context)
    )


def _sum(value: Code, variable: str, source: Code, where: Code) -> Code:
    return lambda env, context: kleene.total(
        _set(source(env, context)),
        lambda each: where({**env, variable: each}, context),
        lambda each: value({**env, variable: each}, context),
    )


# ----------------------------------------------------------------------------------------- bounds


def _of_bounds(function: Callable[..., Bounds], *operands: Code) -> Code:
    return lambda env, context: function(*[operand(env, context) for operand in operands])


def _field_bounds(base: Code, name: str, limit: Bounds) -> Code:
    def read(env: Env, context: EvaluationContext) -> Bounds:
        record = base(env, context)
        value: Any = None if record is None or record is ABSENT else record.get(name)
        return bounds.exactly(value, UNBOUNDED if isinstance(record, InPlace) else limit)

    return read


def _count_bounds(variable: str, source: Code, where: Code) -> Code:
    def count(env: Env, context: EvaluationContext) -> Bounds:
        collection = _set(source(env, context))
        if collection is None:
            return (0, None)
        tests = kleene.surely(collection, lambda each: where({**env, variable: each}, context))
        return bounds.count_bounds(test for _, test in tests)

    return count


def _sum_bounds(value: Code, variable: str, source: Code, where: Code) -> Code:
    def total(env: Env, context: EvaluationContext) -> Bounds:
        collection = _set(source(env, context))
        if collection is None:
            return bounds.any_number_of(value({**env, variable: None}, context))
        tests = kleene.surely(collection, lambda each: where({**env, variable: each}, context))
        return bounds.sum_bounds(
            (test, value({**env, variable: each}, context)) for each, test in tests if test is not False
        )

    return total


def _first_true(cases: list[tuple[Code | None, Code]]) -> Code:
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


def _set(value: Any) -> Any:
    """A set or list; one that is absent, which only an unguarded read can give, is unknown."""
    return None if value is ABSENT else value


def _set_of(elements: tuple[Code, ...]) -> Code:
    return lambda env, context: kleene.set_of([(element(env, context), True) for element in elements])


def _filter(variable: str, source: Code, where: Code) -> Code:
    return lambda env, context: kleene.sieve(
        _set(source(env, context)), lambda each: where({**env, variable: each}, context)
    )


def _when(condition: Code, value: Code) -> Code:
    def part(env: Env, context: EvaluationContext) -> Any:
        holds: Truth = condition(env, context)
        # What is not asked for is not evaluated, so that its cases cannot fail.
        return kleene.limited(holds, frozenset() if holds is False else _set(value(env, context)))

    return part


_OPERATIONS = {"|": kleene.union, "&": kleene.intersection, "-": kleene.difference}


def _set_operation(operator: Literal["|", "&", "-"], left: Code, right: Code) -> Code:
    operation = _OPERATIONS[operator]
    return lambda env, context: operation(_set(left(env, context)), _set(right(env, context)))


def _member_of(value: Code, contains: Membership) -> Code:
    def test(env: Env, context: EvaluationContext) -> Truth:
        sought = value(env, context)
        return contains(None if sought is ABSENT else sought, env, context)

    return test


def _subset_of(left: Code, contains: Membership) -> Code:
    return lambda env, context: kleene.all_in(_set(left(env, context)), lambda element: contains(element, env, context))


def _in_filter(variable: str, contains: Membership, where: Code) -> Membership:
    def test(value: object, env: Env, context: EvaluationContext) -> Truth:
        inside = contains(value, env, context)
        return False if inside is False else kleene.all_of((inside, where({**env, variable: value}, context)))

    return test


def _in_when(condition: Code, contains: Membership) -> Membership:
    def test(value: object, env: Env, context: EvaluationContext) -> Truth:
        holds: Truth = condition(env, context)
        return False if holds is False else kleene.all_of((holds, contains(value, env, context)))

    return test


def _in_operation(operator: Literal["|", "&", "-"], left: Membership, right: Membership) -> Membership:
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
