"""From terms to formulas: one total match, the symbolic twin of `core.evaluate`.

Definitions are inlined, cases become guarded values, tables and dated sets become sets of cells. The day is an axis
like any other: the record's as-of field, or a fact of its own where the record has none.

Example: `define big for Export: value > 5_000`, and `when big and not (destination == RU)`. The definition is inlined,
and the condition becomes a pair of formulas: true where the value is above 5,000 and the destination one of the
others; unknown where one of the two is unknown and the other does not make it false.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import TypeAlias, assert_never

from comity import terms
from comity.analysis.space.axes import DayAxis, FiniteAxis, Stretch
from comity.analysis.space.codes import CodeAxis, Within
from comity.analysis.space.facts import AS_OF, Facts
from comity.analysis.space.formulas import (
    FALSE,
    NO,
    UNKNOWN,
    YES,
    Formula,
    Tri,
    all_of,
    and_,
    negate,
    not_,
    or_,
    settled,
    switch_of,
)
from comity.analysis.space.recipes import Beyond, Later, Product, Quotient, Under
from comity.analysis.space.space import Space
from comity.analysis.space.symbols import (
    NOTHING_KNOWN,
    Choice,
    CodePart,
    Fact,
    Form,
    Items,
    Known,
    MonthsLater,
    PartyFacts,
    Place,
    RecordFact,
    RecordValue,
    Rounded,
    Symbol,
    Truth,
    by_cases,
    constant,
    guarded,
    just,
    listed,
    number,
    truth_of,
)
from comity.analysis.translate.collections import Sets
from comity.analysis.translate.compare import Comparisons, among, both, known, present
from comity.analysis.translate.counting import Counting
from comity.analysis.translate.decisions import Others
from comity.analysis.translate.lookups import Lookups, folded
from comity.analysis.translate.totals import Totals, round_form
from comity.analysis.translate.translation import Env
from comity.base.interruption import check_interrupted
from comity.core.interpret import Interpreter
from comity.core.limits import has_total
from comity.core.tables import widenings
from comity.runtime import values
from comity.runtime.types import (
    BOOL,
    DATE,
    ECCN,
    AbsentType,
    EnumType,
    ListType,
    MonthsType,
    RecordType,
    Type,
)
from comity.terms import THIS, Term

Reads: TypeAlias = Callable[[Term], bool]
"""Whether a term depends on decisions that have changed."""


class Translator:
    """Terms over the facts of one root: a record (`this`), or the parameters of a function."""

    def __init__(self, interpreter: Interpreter, root: RecordType | Sequence[tuple[str, Type]]) -> None:
        self.interpreter = interpreter
        self.program = interpreter.program
        self.space = Space()
        self.facts = Facts(self.space, self.program.place, self.program.party_names)
        self.compare = Comparisons(self.space)
        self.sets = Sets(self)
        self.lookups = Lookups(self)
        self.others = Others(self)
        self.findings: dict[str, FiniteAxis] = {}
        self._lines: dict[int, tuple[Term, Tri]] = {}
        self._calls: dict[tuple[object, ...], Choice] = {}
        self.called: set[str] = set()
        """The definitions that terms have named."""
        self.totals = Totals(self, Counting(self, self.sets))
        self._fields: dict[tuple[int, str], tuple[Choice, Choice]] = {}
        self.env: Env
        if isinstance(root, RecordType):
            self.env = {THIS: just(RecordFact(Place((), None), root))}
        else:
            self.env = {name: self.facts.value((name,), None, type, optional=True) for name, type in root}
        self.day = self._day(root)

    def revise(self, decisions: Mapping[str, Collection[int]], names: Collection[str], reads: Reads) -> None:
        """Go on with the interpreter's program, in which some ``decisions``, sets or definitions are others: what terms
        say that ``reads`` finds to read them is forgotten. ``names``: the sets and definitions that do; for each of the
        decisions its rules that do are given by number.
        """
        self.program = self.interpreter.program
        self._lines = {key: known for key, known in self._lines.items() if not reads(known[0])}
        for key in [key for key in self._calls if key[0] in names]:
            del self._calls[key]
        self.sets.forget(names)
        self.others.forget(decisions)

    @property
    def known_parameters(self) -> Formula:
        """Where all parameters of a function are known."""
        axes = (self.facts.axis((name,), None) for name in self.env if name != THIS)
        return all_of(axis.known for axis in axes if axis is not None)

    def _day(self, root: RecordType | Sequence[tuple[str, Type]]) -> DayAxis:
        field = root.field(root.as_of) if isinstance(root, RecordType) and root.as_of else None
        if field is None:
            axis = self.space.add(DayAxis(AS_OF, DATE, optional=True))
            axis.path = (AS_OF,)
            return axis
        symbol = self.facts.value((field.name,), None, field.type, field.optional).only
        assert isinstance(symbol, Form)
        day = symbol.terms[0][0]
        assert isinstance(day, DayAxis)
        return day

    # ---------------------------------------------------------------------------------------- truths

    def truth(self, term: Term, env: Env) -> Tri:
        """The three-valued truth of a Bool-typed term."""
        check_interrupted()
        match term:
            case terms.Const(value=value):
                return YES if value is True else NO
            case terms.Line(condition=condition):
                if env is not self.env:
                    return self.truth(condition, env)
                if id(term) not in self._lines:
                    self._lines[id(term)] = term, self.truth(condition, env)
                return self._lines[id(term)][1]
            case terms.Not(operand=operand):
                return not_(self.truth(operand, env))
            case terms.And(operands=operands):
                return and_([self.truth(each, env) for each in operands])
            case terms.Or(operands=operands):
                return or_([self.truth(each, env) for each in operands])
            case terms.InWindow(intervals=intervals):
                return self.in_window(intervals)
            case terms.Compare() | terms.Equal() if self._has_total(term):
                return self.totals.compared(term, env)
            case terms.Compare(operator=operator, left=left, right=right, operand_type=operand_type):
                strict = operator == "<"
                if isinstance(operand_type, EnumType):
                    return self._ordered(self.value(left, env), self.value(right, env), operand_type, strict)
                return both(
                    self.value(left, env), self.value(right, env), lambda a, b: self.compare.order(a, b, strict)
                )
            case terms.Equal(left=left, right=right, operand_type=operand_type):
                return self.equal(self.value(left, env), self.value(right, env), operand_type)
            case terms.MemberOf(value=value, collection=terms.SetOf(elements=elements)) if _plain(elements):
                symbol = self.value(value, env).only
                constants = tuple(each.value for each in elements if isinstance(each, terms.Const))
                if isinstance(symbol, Fact) and constants:
                    return among(symbol.axis, constants)
                return self.sets.member(self.value(value, env), constant(frozenset(constants)))
            case terms.MemberOf(value=value, collection=collection):
                return self.sets.member(self.value(value, env), self.value(collection, env))
            case terms.SubsetOf(left=left, right=right):
                inside = self.value(right, env)
                return self.sets.every(self.value(left, env), lambda each: self.sets.member(each, inside))
            case terms.EccnWithin(code=code, entry=entry) | terms.HsWithin(code=code, heading=entry):
                return both(self.value(code, env), self.value(entry, env), lambda a, b: self._within(a, b, code.type))
            case terms.PlaceWithin(place=place, area=area):
                return both(self.value(place, env), self.value(area, env), self._place_within)
            case terms.IsKnown(operand=operand):
                return settled(self.known(self.value(operand, env)))
            case terms.IsPresent(operand=operand):
                return self.value(operand, env).asks(present)
            case terms.Quantifier(kind=kind, variable=variable, source=source, body=body):
                over = self.sets.some if kind == "any" else self.sets.every
                return over(self.value(source, env), lambda each: self.truth(body, {**env, variable: each}))
            case terms.RuleHolds():
                return self.others.rule_holds(term, env)
            case terms.CommitmentState(subject=subject, state=state):
                return self.space.beyond(f"{subject} is {state}", ()).asks(2)
            case _:
                return truth_of(self.value(term, env))

    def _has_total(self, term: terms.Compare | terms.Equal) -> bool:
        return has_total(term.left, self.program) or has_total(term.right, self.program)

    def in_window(self, intervals: Sequence[terms.Interval]) -> Tri:
        return self.day.asks(self.stretches(intervals))

    def stretches(self, intervals: Sequence[terms.Interval]) -> tuple[Stretch, ...]:
        """Intervals of days as stretches of the line of days."""
        return tuple(
            (
                None if first is None else self.day.below(first.toordinal()),
                None if last is None else self.day.above(last.toordinal()),
            )
            for first, last in intervals
        )

    def known(self, choice: Choice) -> Formula:
        """Where a value is known."""
        return choice.asks(lambda symbol: settled(self._known_symbol(symbol))).true

    def _known_symbol(self, symbol: Symbol) -> Formula:
        return self.sets.decided(symbol) if isinstance(symbol, Items) else known(symbol)

    def equal(self, left: Choice, right: Choice, type: Type) -> Tri:
        """Equality of two values of one type; records and sets part by part."""
        return both(left, right, lambda a, b: self._equal(a, b, type))

    def _equal(self, left: Symbol, right: Symbol, type: Type) -> Tri:
        match left, right:
            case Items(), Items() if isinstance(type, ListType):
                return self.sets.same_lists(left, right, lambda a, b: self.equal(a, b, type.element))
            case Items(), Items():
                one, two = just(left), just(right)
                return and_((self.sets.subset(one, two), self.sets.subset(two, one)))
            case ((RecordFact() | RecordValue()), (RecordFact() | RecordValue())) if isinstance(type, RecordType):
                return and_(
                    self.equal_as_values(self.field(left, f.name), self.field(right, f.name), f.type)
                    for f in type.fields
                )
            case _:
                return self.compare.equal(left, right)

    def equal_as_values(self, left: Choice, right: Choice, type: Type) -> Tri:
        """Equality in which `absent` is a value like any other: of fields of records, of the values of cases."""
        if not isinstance(type, AbsentType):
            return self.equal(left, right, type)
        there = (left.asks(present), right.asks(present))
        neither = and_(not_(each) for each in there)
        return or_((neither, and_((*there, self.equal(left, right, type.element)))))

    def _ordered(self, left: Choice, right: Choice, kind: EnumType, strict: bool) -> Tri:
        """Members of an ordered enum, by position."""
        position = {member: place for place, member in enumerate(kind.members)}

        def below(member: object) -> list[str]:
            return [m for m in kind.members if position[m] < position[str(member)] + (not strict)]

        def above(member: object) -> list[str]:
            return [m for m in kind.members if position[m] > position[str(member)] - (not strict)]

        def compare(one: Symbol, two: Symbol) -> Tri:
            match one, two:
                case Known(value=a), Known(value=b) if a in position and b in position:
                    return YES if a in below(b) else NO
                case Fact(axis=FiniteAxis() as axis), Known(value=b) if b in position:
                    return axis.asks(axis.among(below(b)))
                case Known(value=a), Fact(axis=FiniteAxis() as axis) if a in position:
                    return axis.asks(axis.among(above(a)))
                case Fact(axis=FiniteAxis() as first), Fact(axis=FiniteAxis() as second):
                    return arms_over(first, lambda a: second.asks(second.among(above(a))))
                case _:
                    return UNKNOWN

        return both(left, right, compare)

    def _within(self, code: Symbol, entry: Symbol, type: Type) -> Tri:
        match code, entry:
            case Fact(axis=CodeAxis() as axis), Known(value=str() as heading):
                return axis.asks(Within(heading))
            case Known(value=str() as text), Known(value=str() as heading):
                lifted = values.eccn_within if type == ECCN else values.hs_within
                return YES if lifted(text, heading) else NO
            case Known(value=str() as text), Fact():
                return or_(self.compare.equal(entry, Known(wide)) for wide in widenings(type, text))
            case Fact(axis=one), Fact(axis=two):
                if one is two:
                    return Tri(one.present, FALSE)
                why = f"{one.name} within {two.name}"
                return self.space.beyond(why, (one, two), of=Under(one, two, type)).asks(2)
            case _:
                return UNKNOWN

    def _place_within(self, place: Symbol, area: Symbol) -> Tri:
        zones = self.program.place.zones
        country = dict(zones)
        match place, area:
            case Fact(axis=FiniteAxis() as axis), Known(value=str() as named):
                return axis.asks(axis.among((named, *(zone for zone, of in zones if of == named))))
            case Known(value=str() as named), Known(value=within):
                return YES if within in (named, country.get(named)) else NO
            case Known(value=str() as named), Fact(axis=FiniteAxis() as axis):
                return axis.asks(axis.among((named, country.get(named))))
            case Fact(axis=FiniteAxis() as one), Fact(axis=FiniteAxis() as two):
                return arms_over(one, lambda named: two.asks(two.among((named, country.get(str(named))))))
            case _:
                return UNKNOWN

    # ---------------------------------------------------------------------------------------- values

    def value(self, term: Term, env: Env) -> Choice:
        """What a term may be."""
        match term:
            case terms.Const(value=value, type=type):
                return just(Truth(YES if value else NO)) if type == BOOL else constant(value)
            case terms.Unknown():
                return NOTHING_KNOWN
            case terms.Local(name=name):
                return env[name]
            case terms.Field(base=terms.Lookup(table=table, keys=keys), name=name):
                return self.lookups.read(table, [self.value(key, env) for key in keys], name)
            case terms.Field(base=terms.Call(define=define, arguments=arguments)) if self._is_row(define):
                return self._call(define, [self.value(each, env) for each in arguments], term)
            case terms.Field(base=base, name=name):
                return self._field_of(self.value(base, env), name)
            case terms.AtParty(base=base, party=party):
                return self._at_party(self.value(base, env), self.value(party, env))
            case terms.Lookup(table=table, keys=keys):
                return self.lookups.read(table, [self.value(key, env) for key in keys])
            case terms.Call(define=define, arguments=arguments):
                return self._call(define, [self.value(each, env) for each in arguments])
            case terms.OutcomeOf():
                return self.others.outcome_of(term, env)
            case terms.RecordOf(fields=fields) | terms.PerPartyOf(entries=fields):
                return just(RecordValue({name: self.value(each, env) for name, each in fields}))
            case terms.SetOf(elements=elements) | terms.ListOf(elements=elements):
                return just(listed([self.value(each, env) for each in elements]))
            case terms.NamedSet(name=name):
                return self.sets.named(name)
            case terms.Filter(variable=variable, source=source, where=where):
                return self.sets.sieve(self.value(source, env), lambda each: self.truth(where, {**env, variable: each}))
            case terms.When(condition=condition, value=value):
                return self.sets.limited(self.truth(condition, env), self.value(value, env))
            case terms.SetOperation(operator=operator, left=left, right=right):
                return self.sets.operation(operator, self.value(left, env), self.value(right, env))
            case terms.Negate(operand=operand):
                return self.value(operand, env).then(lambda a: self.with_form(a, lambda form: just(form.times(-1))))
            case terms.Arithmetic(operator=operator, left=left, right=right):
                return self.numbers(
                    self.value(left, env), self.value(right, env), lambda a, b: self.arithmetic(operator, a, b)
                )
            case terms.Round(direction=direction, operand=operand):
                return self.value(operand, env).then(
                    lambda a: self.with_form(a, lambda f: round_form(f, direction == "up"))
                )
            case terms.AddDuration(day=day, amount=amount, negative=negative):
                months = isinstance(amount.type, MonthsType)
                sign = -1 if negative else 1
                return self.numbers(
                    self.value(day, env), self.value(amount, env), lambda d, a: self._add_duration(d, a, sign, months)
                )
            case terms.DateDifference(left=left, right=right):
                return self.numbers(
                    self.value(left, env), self.value(right, env), lambda a, b: just(a.plus(b, -1).times(24))
                )
            case terms.EccnPart(code=code, part=part):
                return self.value(code, env).then(lambda symbol: _code_part(symbol, part))
            case terms.Count() | terms.Sum():
                return self.totals.total(term, env, {}, exact=True).low
            case terms.Cases(cases=cases):
                conditional = [
                    (self.truth(case.condition, env), self.value(case.value, env))
                    for case in cases
                    if case.condition is not None
                ]
                otherwise = next((self.value(case.value, env) for case in cases if case.condition is None), None)
                return by_cases(conditional, otherwise)
            case (
                terms.RuleHolds()
                | terms.CommitmentState()
                | terms.Compare()
                | terms.Equal()
                | terms.MemberOf()
                | terms.SubsetOf()
                | terms.EccnWithin()
                | terms.HsWithin()
                | terms.PlaceWithin()
                | terms.IsKnown()
                | terms.IsPresent()
                | terms.Not()
                | terms.And()
                | terms.Or()
                | terms.InWindow()
                | terms.Quantifier()
                | terms.Line()
            ):
                return just(Truth(self.truth(term, env)))
            case _:
                assert_never(term)

    def _field_of(self, record: Choice, name: str) -> Choice:
        if record.only is not None:
            return self.field(record.only, name)
        # The rows of a table, for one, are the same choice wherever a definition looks them up.
        key = (id(record), name)
        known = self._fields.get(key)
        if known is None:
            known = self._fields[key] = (record, folded(record.then(lambda symbol: self.field(symbol, name))))
        return known[1]

    def field(self, symbol: Symbol, name: str) -> Choice:
        """A field of a record; unknown where there is no record."""
        match symbol:
            case RecordFact(place=place, type=RecordType() as kind):
                declared = kind.field(name)
                assert declared is not None
                return self.facts.field(place, name, declared.type, declared.optional)
            case RecordValue(fields=fields):
                return fields.get(name, NOTHING_KNOWN)
            case _:
                return NOTHING_KNOWN

    def _at_party(self, base: Choice, party: Choice) -> Choice:
        def of(facts: Symbol, named: Symbol) -> Choice:
            match facts, named:
                case PartyFacts(), Known(value=str() as name):
                    return self.facts.of_party(facts, name)
                case RecordValue(fields=fields), Known(value=str() as name):
                    return fields.get(name, NOTHING_KNOWN)
                case _:
                    return NOTHING_KNOWN

        named_party = party.then(_each_party)
        return base.then(lambda facts: named_party.then(lambda named: of(facts, named)))

    def _is_row(self, define: str) -> bool:
        """The definition is a row of a table. A field of it has fewer values than the row."""
        return isinstance(self.program.defines[define].body, terms.Lookup)

    def _call(self, name: str, arguments: Sequence[Choice], field: terms.Field | None = None) -> Choice:
        """The value of a definition, or a ``field`` of it."""
        symbols = [argument.only for argument in arguments]
        kept = all(isinstance(s, RecordFact | Fact | Known | Form) for s in symbols)
        key = (name, field and field.name, *symbols) if kept else None
        if key is not None and key in self._calls:
            return self._calls[key]
        self.called.add(name)
        define = self.program.defines[name]
        parameters = [parameter for parameter, _ in define.parameters]
        env = dict(zip(parameters, arguments, strict=True))
        if parameters == [THIS] and THIS in self.env and symbols == [self.env[THIS].only]:
            env = self.env  # type: ignore[assignment]
        value = self.value(define.body if field is None else replace(field, base=define.body), env)
        if key is not None:
            self._calls[key] = value
        return value

    # --------------------------------------------------------------------------------------- numbers

    def form(self, symbol: Symbol) -> Form | None:
        """A number as a sum; None if it is none."""
        return self.compare.form(symbol) if isinstance(symbol, Form | Rounded) else None

    def with_form(self, symbol: Symbol, step: Callable[[Form], Choice]) -> Choice:
        """What ``step`` makes of a number as a sum."""
        match symbol:
            case Form():
                return step(symbol)
            case Rounded() | MonthsLater():
                return guarded(known(symbol), symbol).then(lambda rounded: step(self.compare.form(rounded)))
            case _:
                return NOTHING_KNOWN

    def numbers(self, left: Choice, right: Choice, step: Callable[[Form, Form], Choice]) -> Choice:
        return left.then(
            lambda a: self.with_form(a, lambda one: right.then(lambda b: self.with_form(b, lambda two: step(one, two))))
        )

    def arithmetic(self, operator: str, left: Form, right: Form) -> Choice:
        """``left operator right`` (`+`, `-`, `*`, `/`). A product or quotient of facts is a number of its own."""
        match operator:
            case "+":
                return just(left.plus(right))
            case "-":
                return just(left.plus(right, -1))
            case "*" if not left.terms or not right.terms:
                factor, form = (left, right) if not left.terms else (right, left)
                # Also nothing times an unknown number is unknown.
                return just(form.times(factor.constant)) if factor.constant else guarded(form.present, number(0))
            case "*":
                return self._derived(Product(left, right), left, right, name="product")
            case _ if not right.terms:
                return just(left.times(1 / Fraction(right.constant))) if right.constant else NOTHING_KNOWN
            case _:
                nonzero = not_(self.compare.equal(right, number(0))).true
                quotient = self._derived(Quotient(left, right), left, right, name="quotient")
                return Choice(((nonzero, Known(None)),), negate(nonzero)).then(lambda _: quotient)

    def _derived(
        self, recipe: Product | Quotient | Later | Beyond, *forms: Form, name: str, whole: bool = False
    ) -> Choice:
        axis = self.space.number_axis(recipe, *forms, name=name, whole=whole)
        present_parts = all_of(form.present for form in forms)
        return guarded(present_parts, Form(((axis, 1),), 0))

    def _add_duration(self, day: Form, amount: Form, sign: int, months: bool) -> Choice:
        if amount.terms:
            why = f"a day plus {amount.terms[0][0].name}"
            return self._derived(Beyond(why), day, amount, name=why, whole=True)
        if not day.terms:
            start = date.fromordinal(int(day.constant))
            if months:
                return constant(values.add_months(start, int(amount.constant), sign < 0))
            return constant(values.add_hours(start, amount.constant, sign < 0))
        if months:
            if len(day.terms) == 1 and day.terms[0][1] == 1 and day.constant == 0:
                return just(MonthsLater(day.terms[0][0], sign * int(amount.constant)))
            later = Later(day, sign * int(amount.constant))
            return self._derived(later, day, name=f"{later.months} months later", whole=True)
        shifted = day.plus(number((Fraction(amount.constant) / 24).__floor__()), sign)
        first, last = number(date.min.toordinal()), number(date.max.toordinal())
        inside = and_((self.compare.order(first, shifted, False), self.compare.order(shifted, last, False))).true
        return guarded(inside, shifted)


def _plain(elements: Sequence[Term]) -> bool:
    """Constants that are not numbers: one look at a fact tells whether it is among them."""
    return all(isinstance(each, terms.Const) and isinstance(each.value, str) for each in elements)


def arms_over(axis: FiniteAxis, test: Callable[[object], Tri]) -> Tri:
    """The truth of a test of a fact, member by member."""
    arms = [(axis.leaf(1 << place), test(member)) for place, member in enumerate(axis.members)]
    rest = negate(axis.present)
    return Tri(
        switch_of(((guard, truth.true) for guard, truth in arms), rest),
        switch_of(((guard, truth.false) for guard, truth in arms), rest),
    )


def _each_party(symbol: Symbol) -> Choice:
    """A party that is a fact, as each party that it may be."""
    match symbol:
        case Fact(axis=FiniteAxis() as axis):
            arms = ((axis.leaf(1 << place), Known(name)) for place, name in enumerate(axis.members))
            return Choice(tuple(arms), negate(axis.present))
        case _:
            return just(symbol)


def _code_part(symbol: Symbol, part: values.EccnPartName) -> Choice:
    match symbol:
        case Fact(axis=axis):
            return just(CodePart(axis, part))
        case Known(value=str() as code):
            return constant(values.eccn_part(code, part))
        case _:
            return NOTHING_KNOWN
