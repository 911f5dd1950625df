"""From core's terms to nodes: the total match of this backend, held to `core.evaluate`.

Example: `value > 5000 USD` is a comparison of the column `value` with 5000; `any p in parties: p.listed` is an
aggregate over a relation with a row for each party.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Protocol, TypeAlias, assert_never

from comity import terms
from comity.backends.sql.choosing import Choosing
from comity.backends.sql.columns import Columns, Node, Relation
from comity.backends.sql.constants import Constants, amount, is_number, value_of
from comity.backends.sql.errors import Inexpressible
from comity.backends.sql.facts import Facts
from comity.backends.sql.lookups import Lookups
from comity.backends.sql.shapes import (
    Amount,
    Collection,
    Combined,
    Elements,
    Limited,
    Members,
    PerParty,
    Plain,
    Record,
    Shape,
    Sieved,
    collection,
    holds_for_all,
    holds_for_any,
    plain,
    possible,
)
from comity.backends.sql.totals import Totals
from comity.base.source import NOWHERE, Span
from comity.core.ast import Program
from comity.core.walk import children
from comity.runtime import values
from comity.runtime.types import (
    AbsentType,
    EnumType,
    MonthsType,
    Type,
)
from comity.terms import Term

Env: TypeAlias = Mapping[str, Shape]
"""Locals by name."""


class Others(Protocol):
    """What other decisions say."""

    def outcome_of(self, decision: str, record: Record) -> Node: ...

    def rule_holds(self, term: terms.RuleHolds, key: Node | None, record: Record) -> Node: ...


@dataclass(slots=True)
class Translator:
    """Makes nodes of the terms of one program. ``day``: the as-of day. ``others``: set once decisions can be asked."""

    program: Program
    columns: Columns
    constants: Constants
    facts: Facts
    lookups: Lookups
    day: Node
    others: Others | None = None
    choosing: Choosing = field(init=False)
    totals: Totals = field(init=False)
    _shapes: dict[tuple[object, ...], tuple[Term, Env, Shape]] = field(default_factory=dict)
    _span: Span = NOWHERE

    def __post_init__(self) -> None:
        self.choosing = Choosing(self.columns, self.constants)
        self.totals = Totals(self, self.choosing)

    def truth(self, term: Term, env: Env) -> Node:
        return plain(self.shape(term, env))

    def shape(self, term: Term, env: Env) -> Shape:
        """The value of a term. Raises Inexpressible with the span of the innermost clause that has one."""
        names = free_locals(term)
        key = (id(term), *((name, env[name].key) for name in names))
        found = self._shapes.get(key)
        if found is None:
            try:
                shape = self._shape(term, env)
            except Inexpressible as error:
                if error.span == NOWHERE and term.span != NOWHERE:
                    raise Inexpressible(error.message, term.span) from None
                raise
            found = self._shapes[key] = (term, env, shape)
        return found[2]

    def _shape(self, term: Term, env: Env) -> Shape:
        columns = self.columns
        match term:
            case terms.Const(value=value, type=type):
                return self.constants.shape(value, type)
            case terms.Unknown(type=type):
                return self.constants.shape(None, type)
            case terms.Local(name=name):
                return env[name]
            case terms.Field(base=base, name=name, type=type):
                return self._field(self.shape(base, env), name, type)
            case terms.AtParty(base=base, party=party, type=type):
                return self._at_party(self.shape(base, env), self.truth(party, env), type)
            case terms.Lookup(table=table, keys=keys):
                return self.lookups.row(table, [self.truth(key, env) for key in keys])
            case terms.Call(define=name, arguments=arguments):
                return self._call(name, [self.shape(argument, env) for argument in arguments])
            case terms.OutcomeOf(decision=decision, record=record):
                return Plain(self._of_record(record, env, lambda of: self._asked.outcome_of(decision, of), "text"))
            case terms.RuleHolds(key=key, record=record):
                asked = None if key is None else self.truth(key, env)
                return Plain(self._of_record(record, env, lambda of: self._asked.rule_holds(term, asked, of), "bool"))
            case terms.CommitmentState():
                return Plain(columns.unknown("bool"))  # no facts are given about agreements
            case terms.RecordOf(fields=fields):
                made = {name: self.shape(value, env) for name, value in fields}
                home = columns.deepest(shape.home(columns) for shape in made.values())
                return Record(lambda name: made[name], columns.true, home, False)
            case terms.PerPartyOf(entries=entries):
                return PerParty({party: self.shape(value, env) for party, value in entries})
            case terms.SetOf(elements=elements, type=type):
                return self._written(elements, type, env)
            case terms.ListOf(elements=elements, type=type):
                return self._written(elements, type, env, is_list=True)
            case terms.NamedSet(name=name):
                return self.shape(self.program.sets[name].body, {})
            case terms.Filter():
                return self._filter(term, env)
            case terms.When(condition=condition, value=value):
                return self._when(self.truth(condition, env), collection(self.shape(value, env)))
            case terms.SetOperation(operator=operator, left=left, right=right):
                return self._combine(operator, collection(self.shape(left, env)), collection(self.shape(right, env)))
            case terms.Negate(operand=operand):
                return self.constants.numbers.negate(amount(self.shape(operand, env)))
            case terms.Arithmetic(operator=operator, left=left, right=right):
                return self._arithmetic(operator, amount(self.shape(left, env)), amount(self.shape(right, env)))
            case terms.Round(direction=direction, operand=operand):
                return self.constants.numbers.rounded(amount(self.shape(operand, env)), direction == "up")
            case terms.AddDuration():
                return Plain(self._add_duration(term, env))
            case terms.DateDifference(left=left, right=right):
                return self._date_difference(self.truth(left, env), self.truth(right, env))
            case terms.Compare() | terms.Equal():
                return Plain(self._compare(term, env))
            case terms.MemberOf(value=value, collection=source):
                return Plain(self._contains(source, env, value_of(self.shape(value, env))))
            case terms.SubsetOf(left=left, right=right):
                sides = collection(self.shape(left, env)), collection(self.shape(right, env))
                return Plain(self.constants.subset(*sides))
            case terms.EccnWithin(code=code, entry=entry):
                return Plain(self._under(self.truth(code, env), self.truth(entry, env), "."))
            case terms.HsWithin(code=code, heading=heading):
                return Plain(self._under(self.truth(code, env), self.truth(heading, env), ""))
            case terms.PlaceWithin(place=place, area=area):
                return Plain(self._place_within(self.truth(place, env), self.truth(area, env)))
            case terms.EccnPart(code=code, part=part):
                return self._eccn_part(self.truth(code, env), part)
            case terms.IsKnown(operand=operand):
                return Plain(self.choosing.is_known(self.shape(operand, env)))
            case terms.IsPresent(operand=operand):
                return Plain(self.choosing.is_present(self.shape(operand, env)))
            case terms.Not(operand=operand):
                return Plain(columns.negate(self.truth(operand, env)))
            case terms.And(operands=operands):
                return Plain(columns.every(self.truth(operand, env) for operand in operands))
            case terms.Or(operands=operands):
                return Plain(columns.some(self.truth(operand, env) for operand in operands))
            case terms.InWindow(intervals=intervals):
                return Plain(columns.some(self._in_interval(interval) for interval in intervals))
            case terms.Quantifier():
                return Plain(self._quantifier(term, env))
            case terms.Count():
                return self.totals.count(term, env)
            case terms.Sum():
                return self.totals.sum(term, env)
            case terms.Cases():
                return self._cases(term, env)
            case terms.Line(condition=condition):
                return self.shape(condition, env)
            case _:
                assert_never(term)

    # ------------------------------------------------------------------------------------------ records

    def _field(self, base: Shape, name: str, type: Type) -> Shape:
        record = value_of(base)
        if not isinstance(record, Record):
            raise Inexpressible(f"`.{name}` is asked of a value that SQL cannot take apart")
        return record.field(name)

    def _at_party(self, base: Shape, party: Node, type: Type) -> Shape:
        by_party = value_of(base)
        if not isinstance(by_party, PerParty):
            raise Inexpressible("facts for each party are asked of a value that SQL cannot take apart")
        unknown = self.constants.shape(None, type)
        if party.is_constant:
            return unknown if party.value is None else by_party.parties.get(party.value, unknown)
        equal, text = self.columns.equal, self.columns.constant
        branches = [(equal(party, text(name, "text")), shape) for name, shape in by_party.parties.items()]
        return self.choosing.chosen(branches, unknown, type)

    def _call(self, name: str, arguments: Sequence[Shape]) -> Shape:
        define = self.program.defines[name]
        names = [parameter for parameter, _ in define.parameters]
        return self.shape(define.body, dict(zip(names, arguments, strict=True)))

    @property
    def _asked(self) -> Others:
        assert self.others is not None
        return self.others

    def _of_record(self, record: Term, env: Env, ask: Callable[[Record], Node], kind: str) -> Node:
        shape = value_of(self.shape(record, env))
        if not isinstance(shape, Record):
            raise Inexpressible("a decision is asked about a value that SQL cannot take apart")
        return self.columns.only_where(shape.known, ask(shape))

    # ------------------------------------------------------------------------------------------ sets

    def _written(self, elements: Sequence[Term], type: Type, env: Env, is_list: bool = False) -> Shape:
        columns = self.columns
        element = type.element  # type: ignore[union-attr]  # a set or list
        shapes = [self.shape(each, env) for each in elements]
        if isinstance(element, EnumType) and not is_list:
            nodes = [plain(shape) for shape in shapes]
            if all(node.is_constant and node.value is not None for node in nodes):
                return Members(columns, {node.value: columns.true for node in nodes}, columns.true)
        members = tuple((shape, columns.true) for shape in shapes)
        return Elements(columns, members, self.constants.same(element), columns.true, is_list)

    def _contains(self, source: Term, env: Env, value: Shape) -> Node:
        """Whether a value is in a collection.

        Of a value that may be unknown it is asked as the set is written, as the interpreter does: whether an unknown
        country is in {RU} & {BY} is unknown, although that set is empty.
        """
        if not (isinstance(value, Plain) and value.node.null):
            return collection(self.shape(source, env)).contains(value)
        every, some, negate = self.columns.every, self.columns.some, self.columns.negate
        match source:
            case terms.NamedSet(name=name):
                return self._contains(self.program.sets[name].body, {}, value)
            case terms.Call(define=name, arguments=arguments):
                define = self.program.defines[name]
                given = [self.shape(argument, env) for argument in arguments]
                names = [parameter for parameter, _ in define.parameters]
                return self._contains(define.body, dict(zip(names, given, strict=True)), value)
            case terms.Filter(variable=variable, source=whole, where=where):
                passes = self.truth(where, {**env, variable: value})
                return every([self._contains(whole, env, value), passes])
            case terms.When(condition=condition, value=inside):
                return every([self.truth(condition, env), self._contains(inside, env, value)])
            case terms.SetOperation(operator=operator, left=left, right=right):
                one, two = self._contains(left, env, value), self._contains(right, env, value)
                if operator == "|":
                    return some([one, two])
                return every([one, negate(two) if operator == "-" else two])
            case _:
                return collection(self.shape(source, env)).contains(value)

    def _filter(self, term: terms.Filter, env: Env) -> Shape:
        columns, source = self.columns, collection(self.shape(term.source, env))

        def where(each: Shape) -> Node:
            return self.truth(term.where, {**env, term.variable: each})

        if isinstance(source, Members):
            text = columns.constant
            truths = {
                member: columns.every([truth, where(Plain(text(member, "text")))])
                for member, truth in source.truths.items()
                if not (truth.is_constant and truth.value is False)
            }
            return Members(columns, possible(truths), source.known)
        return Sieved(columns, source, where, self.reads(term.where, env, term.variable), source.known)

    def _when(self, condition: Node, value: Collection) -> Shape:
        columns = self.columns
        known = columns.some([columns.negate(columns.perhaps(condition)), value.known])
        if isinstance(value, Members):
            truths = {member: columns.every([condition, truth]) for member, truth in value.truths.items()}
            return Members(columns, possible(truths), known)
        return Limited(columns, condition, value, known)

    def _combine(self, operator: str, left: Collection, right: Collection) -> Shape:
        columns = self.columns
        known = columns.every([left.known, right.known])
        if not (isinstance(left, Members) and isinstance(right, Members)):
            return Combined(columns, operator, left, right, known)
        truths = {}
        for member in dict.fromkeys([*left.truths, *(right.truths if operator == "|" else ())]):
            one, two = (side.truths.get(member, columns.false) for side in (left, right))
            if operator == "|":
                truths[member] = columns.some([one, two])
            else:
                truths[member] = columns.every([one, columns.negate(two) if operator == "-" else two])
        return Members(columns, possible(truths), known)

    def reads(self, term: Term, env: Env, *but: str) -> Relation:
        """Where everything that a term reads is at hand, its own variables aside."""
        names = [name for name in free_locals(term) if name not in but]
        return self.columns.deepest([self.columns.facts, *(env[name].home(self.columns) for name in names)])

    def _quantifier(self, term: terms.Quantifier, env: Env) -> Node:
        over = holds_for_any if term.kind == "any" else holds_for_all

        def body(each: Shape) -> Node:
            return self.truth(term.body, {**env, term.variable: each})

        source = collection(self.shape(term.source, env))
        return over(self.columns, source, body, self.reads(term.body, env, term.variable))

    # ------------------------------------------------------------------------------------------ values

    def _arithmetic(self, operator: str, left: Amount, right: Amount) -> Amount:
        numbers = self.constants.numbers
        match operator:
            case "+":
                return numbers.add(left, right)
            case "-":
                return numbers.add(left, numbers.negate(right))
            case "*":
                return numbers.multiply(left, right)
            case _:
                return numbers.divide(left, right)

    def _add_duration(self, term: terms.AddDuration, env: Env) -> Node:
        columns, day, length = self.columns, self.truth(term.day, env), amount(self.shape(term.amount, env))
        months = isinstance(term.amount.type, MonthsType)
        if not months:
            numbers = self.constants.numbers
            length = numbers.rounded(numbers.divide(length, numbers.constant(24)), up=False)
        count = length.top
        if length.below is not None or length.factor.denominator != 1:
            raise Inexpressible("this length of time is not a whole number of days or months", term.span)
        if length.factor != 1:
            count = self.constants.numbers.multiply(length, self.constants.numbers.constant(1)).top
            count = columns.constant(int(count.value * length.factor), "int") if count.is_constant else count
            if not count.is_constant:
                count = self.constants.numbers.times(count, length.factor.numerator)
        if day.is_constant and count.is_constant:
            if day.value is None or count.value is None:
                return columns.unknown("date")
            add = values.add_months if months else lambda d, n, less: values.add_hours(d, n * 24, less)
            return columns.constant(add(day.value, count.value, term.negative), "date")
        if term.negative:
            count = self.constants.numbers.negate(Amount(count)).top
        return columns.make("add_months" if months else "add_days", (day, count), "date", True)

    def _date_difference(self, left: Node, right: Node) -> Amount:
        if left.is_constant and right.is_constant:
            return self.constants.numbers.constant(values.date_difference(left.value, right.value))
        days = self.columns.make("days_between", (left, right), "int", left.null or right.null)
        return Amount(days, Fraction(24))

    def _compare(self, term: terms.Compare | terms.Equal, env: Env) -> Node:
        kind = term.operand_type
        while isinstance(kind, AbsentType):
            kind = kind.element
        left, right = self.shape(term.left, env), self.shape(term.right, env)
        if isinstance(term, terms.Equal):
            found = self.constants.equal(value_of(left), value_of(right), kind)
        elif is_number(kind):
            found = self.constants.numbers.compare(term.operator, amount(left), amount(right))
        else:
            sides = [plain(left), plain(right)]
            if isinstance(kind, EnumType):
                sides = [self._position(side, kind) for side in sides]
            found = self.columns.less(sides[0], sides[1], term.operator == "<=")
        return self.totals.by_bounds(term, env, found)

    def _position(self, node: Node, type: EnumType) -> Node:
        """The place of a member in its ordered enum."""
        columns = self.columns
        if node.is_constant:
            return columns.constant(None if node.value is None else type.members.index(node.value), "int")
        branches = [
            (columns.equal(node, columns.constant(member, "text")), columns.constant(number, "int"))
            for number, member in enumerate(type.members)
        ]
        return columns.case(branches, columns.unknown("int"))

    def _under(self, code: Node, entry: Node, separator: str) -> Node:
        """``code`` is ``entry``, or continues it after the separator."""
        columns = self.columns
        if code.is_constant and entry.is_constant:
            within = values.eccn_within if separator else values.hs_within
            return columns.constant(within(code.value, entry.value), "bool")
        if (code.is_constant and code.value is None) or (entry.is_constant and entry.value is None):
            return columns.unknown("bool")
        if entry.is_constant:
            return columns.make("under", (code, (entry.value,), separator), "bool", code.null)
        return columns.make("under_column", (code, entry, separator), "bool", code.null or entry.null)

    def _place_within(self, place: Node, area: Node) -> Node:
        columns = self.columns
        zones = self.program.place.zones
        if area.is_constant:
            inside = [zone for zone, country in zones if country == area.value]
            return columns.unknown("bool") if area.value is None else columns.among(place, [area.value, *inside])
        branches = [
            (columns.equal(place, columns.constant(zone, "text")), columns.constant(country, "text"))
            for zone, country in zones
        ]
        country = columns.case(branches, place)
        return columns.some([columns.equal(place, area), columns.equal(country, area)])

    def _eccn_part(self, code: Node, part: str) -> Shape:
        columns = self.columns
        number = part in ("category", "number")
        kind = "int" if number else "text"
        if code.is_constant:
            value = values.eccn_part(code.value, part)  # type: ignore[arg-type]
            node = columns.constant(value, "int" if number else "text")
        else:
            node = columns.make("eccn_part", (code, part), "int" if number else "text", True)
        return Amount(node) if kind == "int" else Plain(node)

    def _in_interval(self, interval: tuple[date | None, date | None]) -> Node:
        columns = self.columns
        first, last = interval
        parts = []
        if first is not None:
            parts.append(columns.less(columns.constant(first, "date"), self.day, or_equal=True))
        if last is not None:
            parts.append(columns.less(self.day, columns.constant(last, "date"), or_equal=True))
        return columns.every(parts) if parts else columns.only_where(columns.is_known(self.day), columns.true)

    # ------------------------------------------------------------------------------------------ cases

    def _cases(self, term: terms.Cases, env: Env) -> Shape:
        branches: list[tuple[Node, Shape]] = []
        unknown = self.constants.shape(None, term.type)
        otherwise: Shape = unknown
        for case in term.cases:
            if case.condition is None:
                otherwise = self.shape(case.value, env)
                break
            condition = self.truth(case.condition, env)
            branches.append((condition, self.shape(case.value, env)))
            if condition.null:
                branches.append((self.columns.negate(self.columns.is_known(condition)), unknown))
        return self.choosing.chosen(branches, otherwise, term.type)


_FREE: dict[int, tuple[Term, tuple[str, ...]]] = {}


def free_locals(term: Term) -> tuple[str, ...]:
    """The locals that a term reads and does not bind itself."""
    known = _FREE.get(id(term))
    if known is None or known[0] is not term:
        if len(_FREE) > 200_000:
            _FREE.clear()
        known = _FREE[id(term)] = (term, _free_locals(term))
    return known[1]


def _free_locals(term: Term) -> tuple[str, ...]:
    if isinstance(term, terms.Local):
        return (term.name,)
    found: dict[str, None] = {}
    for child in children(term):
        names = free_locals(child)
        if isinstance(term, terms.Filter | terms.Quantifier | terms.Count | terms.Sum) and child is not term.source:
            names = tuple(name for name in names if name != term.variable)
        found |= dict.fromkeys(names)
    return tuple(found)
