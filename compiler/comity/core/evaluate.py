"""What each term means: one total match from terms to functions of their locals.

This is the reference that analysis and backends are tested against. A term compiles to a function of its local
variables and of the *context* (the day, and the outcomes of other decisions); it returns a run-time value, None for
unknown. Strong Kleene logic throughout: an unknown operand makes the result unknown, unless another operand alone
decides it. `and`, `or` and quantifiers evaluate from left to right and stop at the operand that decides.

    destination in {RU, BY} and value > 5_000 USD        destination RU, value unknown:  unknown
                                                         destination FR, value unknown:  False
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, assert_never

from comity import terms
from comity.core import ast as core
from comity.core import closures
from comity.core.closures import Code, Env, EvaluationContext, Membership, context_of
from comity.core.limits import Limits, has_total, limits_of, limits_of_elements, scaling_of
from comity.core.tables import TableIndex
from comity.core.walk import children
from comity.runtime import bounds, kleene, values
from comity.runtime.answer import ContradictionError, GapError
from comity.runtime.bounds import UNBOUNDED, Bounds
from comity.runtime.kleene import Truth
from comity.runtime.types import EnumType, MonthsType
from comity.runtime.values import ABSENT
from comity.terms import Term

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

    def forget(self, names: Collection[str], reads: Callable[[Term], bool]) -> None:
        """Sets and definitions are others: these ``names`` depend on them, and all terms that are seen to read them."""
        self._codes = {key: known for key, known in self._codes.items() if not reads(known[0])}
        self._memberships = {key: known for key, known in self._memberships.items() if not reads(known[0])}
        for name in names:
            self._defines.pop(name, None)
            self._sets.pop(name, None)

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
                return closures.constant(value)
            case terms.Unknown():
                return closures.constant(None)
            case terms.Local(name=name):
                return lambda env, context: env[name]
            case terms.Field(base=base, name=name):
                return closures.field(self.code(base), name)
            case terms.AtParty(base=base, party=party):
                return closures.at_party(self.code(base), self.code(party))
            case terms.Lookup(table=table, keys=keys):
                return closures.lookup(self.tables[table], tuple(map(self.code, keys)))
            case terms.Call(define=define, arguments=arguments):
                return self._call(define, tuple(map(self.code, arguments)))
            case terms.OutcomeOf(decision=decision, record=record):
                return closures.outcome_of(decision, self.code(record))
            case terms.RuleHolds(key=key, record=record):
                return closures.rule_holds(term, None if key is None else self.code(key), self.code(record))
            case terms.CommitmentState():
                return lambda env, context: context.state_of(term, env)
            case terms.RecordOf(fields=fields) | terms.PerPartyOf(entries=fields):
                return closures.mapping([(name, self.code(value)) for name, value in fields])
            case terms.SetOf(elements=elements):
                if all(isinstance(each, terms.Const) for each in elements):
                    return closures.constant(kleene.set_of((each.value, True) for each in elements))  # type: ignore[union-attr]
                return closures.set_of(tuple(map(self.code, elements)))
            case terms.ListOf(elements=elements):
                codes = tuple(map(self.code, elements))
                return lambda env, context: tuple([element(env, context) for element in codes])
            case terms.NamedSet(name=name):
                return lambda env, context: self.set_body(name)({}, context)
            case terms.Filter(variable=variable, source=source, where=where):
                return closures.filter_(variable, self.code(source), self.code(where))
            case terms.When(condition=condition, value=value):
                return closures.when(self.code(condition), self.code(value))
            case terms.SetOperation(operator=operator, left=left, right=right):
                return closures.set_operation(operator, self.code(left), self.code(right))
            case terms.Negate(operand=operand):
                return closures.lifted(values.negate, self.code(operand))
            case terms.Arithmetic(operator=operator, left=left, right=right):
                return closures.lifted(closures.ARITHMETIC[operator], self.code(left), self.code(right))
            case terms.Round(direction=direction, operand=operand):
                return closures.lifted(values.round_up if direction == "up" else values.round_down, self.code(operand))
            case terms.AddDuration(day=day, amount=amount, negative=negative):
                add = values.add_months if isinstance(amount.type, MonthsType) else values.add_hours
                return closures.lifted(
                    lambda start, length: add(start, length, negative), self.code(day), self.code(amount)
                )
            case terms.DateDifference(left=left, right=right):
                return closures.lifted(values.date_difference, self.code(left), self.code(right))
            case terms.Compare(operator=operator, left=left, right=right, operand_type=operand_type):
                compare = values.less if operator == "<" else values.less_equal
                plain = closures.lifted(
                    compare, self._comparable(left, operand_type), self._comparable(right, operand_type)
                )
                return self._by_bounds(term, plain, bounds.surely_less if operator == "<" else bounds.surely_less_equal)
            case terms.Equal(left=left, right=right):
                return self._by_bounds(
                    term, closures.lifted(kleene.equal, self.code(left), self.code(right)), bounds.surely_equal
                )
            case terms.MemberOf(value=value, collection=collection):
                return closures.member_of(self.code(value), self.membership(collection))
            case terms.SubsetOf(left=left, right=right):
                return closures.subset_of(self.code(left), self.membership(right))
            case terms.EccnWithin(code=code, entry=entry):
                return closures.lifted(values.eccn_within, self.code(code), self.code(entry))
            case terms.HsWithin(code=code, heading=heading):
                return closures.lifted(values.hs_within, self.code(code), self.code(heading))
            case terms.PlaceWithin(place=place, area=area):
                return closures.lifted(self._place_within, self.code(place), self.code(area))
            case terms.EccnPart(code=code, part=part):
                return closures.lifted(lambda eccn: values.eccn_part(eccn, part), self.code(code))
            case terms.IsKnown(operand=operand):
                return closures.is_known(self.code(operand))
            case terms.IsPresent(operand=operand):
                return closures.is_present(self.code(operand))
            case terms.Not(operand=operand):
                return closures.not_(self.code(operand))
            case terms.And(operands=operands):
                return closures.and_(tuple(map(self.code, operands)))
            case terms.Or(operands=operands):
                return closures.or_(tuple(map(self.code, operands)))
            case terms.InWindow(intervals=intervals):
                return closures.in_window(intervals)
            case terms.Quantifier(kind=kind, variable=variable, source=source, body=body):
                return closures.quantifier(kind, variable, self.code(source), self.code(body))
            case terms.Count(variable=variable, source=source, where=where):
                return closures.count(variable, self.code(source), self.code(where))
            case terms.Sum(value=value, variable=variable, source=source, where=where):
                return closures.sum_(self.code(value), variable, self.code(source), self.code(where))
            case terms.Cases():
                return self._cases(term)
            case terms.Line(condition=condition):
                return closures.line(self.code(condition), term.span)
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
                return closures.count_bounds(variable, self.code(source), self.code(where))
            case terms.Sum(value=value, variable=variable, source=source, where=where):
                of_value = self._bounds(value, {**limits, **limits_of_elements(term, self.program)})
                return closures.sum_bounds(of_value, variable, self.code(source), self.code(where))
            case terms.Field(base=base, name=name):
                limit = limits_of(term, self.program)
                if isinstance(base, terms.Local):
                    limit = bounds.both(limit, limits.get((base.name, name), UNBOUNDED))
                return closures.field_bounds(self.code(base), name, limit)
            case terms.Negate(operand=operand):
                return closures.of_bounds(bounds.negated, self._bounds(operand, limits))
            case terms.Arithmetic(operator="+" | "-" as operator, left=left, right=right):
                sides = (self._bounds(left, limits), self._bounds(right, limits))
                return closures.of_bounds(bounds.plus if operator == "+" else bounds.minus, *sides)
            case terms.Arithmetic(operator="*" | "/" as operator) if scaling := scaling_of(term):
                scaled, factor = scaling
                scale = bounds.times if operator == "*" else bounds.divided
                return closures.of_bounds(scale, self._bounds(scaled, limits), self.code(factor))
            case terms.Round(direction=direction, operand=operand):
                return closures.of_bounds(lambda b: bounds.rounded(b, direction == "up"), self._bounds(operand, limits))
            case terms.Call(define=name, arguments=arguments) if has_total(term, self.program):
                parameters, _ = self.define(name)
                given = tuple(map(self.code, arguments))
                body = self._bounds(self.program.defines[name].body, {})
                return lambda env, context: body(
                    dict(zip(parameters, [argument(env, context) for argument in given], strict=True)), context
                )
            case terms.Cases(cases=cases) if has_total(term, self.program):
                return closures.first_true(
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
                return closures.in_filter(variable, self.membership(source), self.code(where))
            case terms.When(condition=condition, value=value):
                return closures.in_when(self.code(condition), self.membership(value))
            case terms.SetOperation(operator=operator, left=left, right=right):
                return closures.in_operation(operator, self.membership(left), self.membership(right))
            case _:
                code = self.code(term)
                return lambda value, env, context: kleene.member(value, closures.set_or_unknown(code(env, context)))

    def _in_call(self, name: str, arguments: tuple[Code, ...]) -> Membership:
        def contains(value: object, env: Env, context: EvaluationContext) -> Truth:
            parameters, _ = self.define(name)
            given = [argument(env, context) for argument in arguments]
            inside = self.membership(self.program.defines[name].body)
            return inside(value, dict(zip(parameters, given, strict=True)), context)

        return contains
