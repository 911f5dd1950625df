"""Random core programs, and facts for them: what every evaluator is compared on.

`program(random)` makes a small policy that uses the whole of core: records in records and lists, every type,
tables (dated, by code, with records, with gaps), sets (dated, filtered, uncertain), definitions by cases,
functions, precedence, counsel, grounds, decisions and definitions that ask other decisions, also of a part.
`facts(random, program, record)` makes facts in their JSON form, unknown ones included. ``random`` is a
`random.Random`; under hypothesis take it from `st.randoms(use_true_random=False)`.

Terms are made by type and kept well typed; guards before absent values and ECCN parts are sometimes left out
on purpose, because every evaluator must then say unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Any, Literal

from comity import parts, terms
from comity.core import ast as core
from comity.runtime.facts import encode
from comity.runtime.kleene import set_of
from comity.runtime.types import (
    BOOL,
    DATE,
    DURATION,
    ECCN,
    HS_CODE,
    INT,
    LENGTH,
    MONTHS,
    NUMBER,
    PARTY,
    PERCENT,
    TEXT,
    AbsentType,
    EnumType,
    Field,
    ListType,
    MoneyType,
    PerPartyType,
    PlaceType,
    RecordType,
    SetType,
    Type,
)
from comity.runtime.values import ABSENT
from comity.terms import THIS, Term

COUNTRY = EnumType("std.countries", "Country", ("BY", "DE", "NO", "RU", "US"))
LEVEL = EnumType("facts", "Level", ("low", "middle", "high"), ordered=True)
COLUMN = EnumType("facts", "Column", ("NS1", "NS2", "AT1"))
PLACE = PlaceType(COUNTRY.members, (("KALININGRAD", "RU"),))
USD = MoneyType("USD")
PARTIES = ("EAST", "WEST")
DAYS = [date(2020, 1, 1) + timedelta(30 * n) for n in range(40)]
ECCNS = ("EAR99", "3A001", "3A001.a", "3A001.a.5", "5A992.c", "9A610.x", "3B001")
HS = ("8542", "8542.31", "8542.39", "84", "8471")

ENTRY = RecordType(
    "facts",
    "Entry",
    (
        Field("columns", SetType(COLUMN)),
        Field("limit", AbsentType(USD)),
        Field("open", BOOL, optional=True),
    ),
)

_SCALARS: tuple[Type, ...] = (
    BOOL, BOOL, BOOL, INT, NUMBER, PERCENT, USD, LENGTH, DURATION, DATE, TEXT, ECCN, ECCN, HS_CODE, COUNTRY, COUNTRY,
    LEVEL, COLUMN, PLACE,
)  # fmt: skip
_RESULTS: tuple[Type, ...] = (BOOL, BOOL, BOOL, INT, PERCENT, USD, DATE, TEXT, COUNTRY, LEVEL, SetType(COUNTRY))


def program(random: Random) -> core.Program:
    """A random core program with one to three decisions; each may ask those before it."""
    return _Maker(random).program()


def facts(random: Random, type: RecordType, unknown: float = 0.35) -> dict[str, object]:
    """Facts of a record in their JSON form. ``unknown``: how often a fact that may be unknown is."""
    value = _Values(random, unknown).of(type)
    assert isinstance(value, dict)
    encoded = encode(type, value)
    assert isinstance(encoded, dict)
    for field in type.fields:
        if field.has_default and random.random() < 0.3:
            encoded.pop(field.name, None)
    return encoded


def findings(random: Random, program: core.Program) -> dict[str, object]:
    """Counsel's findings on some of the rules that refer."""
    found: dict[str, object] = {}
    for decision in program.decisions.values():
        for rule in decision.rules:
            if rule.refer is not None and random.random() < 0.5:
                named = [rule.outcome] if rule.outcome else list(decision.outcomes.members)
                found[random.choice([rule.question, rule.name])] = random.choice([True, False, *named])
    return found


def rows(random: Random, program: core.Program, record: RecordType, count: int) -> list[dict[str, Any]]:
    """Facts as JSON, some with counsel's findings."""
    made: list[dict[str, Any]] = []
    for _ in range(count):
        given: dict[str, Any] = facts(random, record)
        if random.random() < 0.4:
            given["findings"] = findings(random, program)
        made.append(given)
    return made


class _Values:
    """Random run-time values."""

    def __init__(self, random: Random, unknown: float) -> None:
        self.random = random
        self.unknown = unknown

    def of(self, type: Type) -> object:
        random = self.random
        match type:
            case RecordType(fields=fields):
                return {
                    field.name: None if field.optional and random.random() < self.unknown else self.of(field.type)
                    for field in fields
                }
            case ListType(element=element):
                return tuple(self.of(element) for _ in range(random.randint(0, 3)))
            case SetType(element=element):
                return set_of((self.of(element), True) for _ in range(random.randint(0, 3)))
            case PerPartyType(element=element):
                return {party: self.of(element) for party in PARTIES if random.random() < 0.8}
            case AbsentType(element=element):
                return ABSENT if random.random() < 0.4 else self.of(element)
            case _:
                return scalar(random, type)


def scalar(random: Random, type: Type) -> object:
    """A value of a type without parts, from a small stock so that comparisons come out both ways."""
    match type:
        case EnumType(members=members):
            return random.choice(members)
        case PlaceType(countries=countries, zones=zones):
            return random.choice([*countries, *(zone for zone, _ in zones)])
        case MoneyType():
            return random.choice([0, 100, 5000, Fraction(1, 2)])
    if type == BOOL:
        return random.random() < 0.5
    if type == INT:
        return random.randint(-2, 4)
    if type == MONTHS:
        return random.choice([1, 12, 24])
    if type in (NUMBER, PERCENT):
        return random.choice([0, 1, Fraction(1, 4), Fraction(1, 10), 2])
    if type == LENGTH:
        return random.choice([0, 1000, 200_000, Fraction(9, 2)])
    if type == DURATION:
        return random.choice([0, 24, 36, 1008])
    if type == DATE:
        return random.choice(DAYS)
    if type == TEXT:
        return random.choice(["", "GEO-7", "naïve “text”"])
    if type == ECCN:
        return random.choice(ECCNS)
    if type == HS_CODE:
        return random.choice(HS)
    if type == PARTY:
        return random.choice(PARTIES)
    raise AssertionError(type)


@dataclass(frozen=True, slots=True)
class _Scope:
    """Locals in scope, and which definitions, sets and decisions may be used (those made before)."""

    locals: Mapping[str, Type]
    depth: int

    def bind(self, name: str, type: Type) -> _Scope:
        return _Scope({**self.locals, name: type}, self.depth - 1)

    def deeper(self) -> _Scope:
        return replace(self, depth=self.depth - 1)


class _Maker:
    """One program in the making."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.values = _Values(random, 0.3)
        self.tables: dict[str, core.Table] = {}
        self.sets: dict[str, core.SetDefinition] = {}
        self.defines: dict[str, core.Define] = {}
        self.decisions: dict[str, core.Decision] = {}
        self.variables = 0

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def program(self) -> core.Program:
        random = self.random
        self.person = self._record("Person", ())
        self.item = self._record("Item", ())
        self.export = self._record("Export", (self.item, ListType(self.person), SetType(self.person)))
        if self.chance(0.8):
            optional = self.chance(0.15)
            day = Field("day", DATE, optional=optional)
            self.export = replace(self.export, fields=(*self.export.fields, day), as_of="day")
        self.records = {f"{r.module}.{r.name}": r for r in (ENTRY, self.person, self.item, self.export)}
        for number in range(random.randint(1, 3)):
            self._table(f"table{number}")
        for number in range(random.randint(1, 4)):
            self._set(f"SET{number}")
        for number in range(random.randint(1, 5)):
            self._define(f"define{number}")
        always = {}
        for key, record in self.records.items():
            if record is not ENTRY and self.chance(0.25):
                scope = _Scope({THIS: record}, 3)
                first = self._cases("kept", BOOL, scope) if self.chance(0.3) else self.term(BOOL, scope)
                condition = terms.Or((first, self.term(BOOL, scope), self.term(BOOL, scope)))
                always[key] = (parts.AlwaysLine(condition, "a line"),)
        if self.chance(0.3):
            self._decision("of_item", self.item)
        for number in range(random.randint(1, 2)):
            self._decision(f"decision{number}", self.export)
        for number in range(random.randint(0, 2)):
            self._asking(f"asking{number}")
        return core.Program(
            modules=("facts", "law", "std.countries"),
            place=PLACE,
            enums={f"{e.module}.{e.name}": _enum(e) for e in (COUNTRY, LEVEL, COLUMN)},
            records={key: core.Record(key, record, ()) for key, record in self.records.items()},
            always=always,
            tables=self.tables,
            sets=self.sets,
            defines=self.defines,
            decisions=self.decisions,
            parties={
                f"facts.{party}": core.Party(f"facts.{party}", terms.SetOf((), SetType(COUNTRY)), None, None)
                for party in PARTIES
            },
            source_hash="0" * 64,
        )

    # ------------------------------------------------------------------------------------- declarations

    def _record(self, name: str, parts: Sequence[Type]) -> RecordType:
        fields = []
        for number in range(self.random.randint(2, 6)):
            type: Type = self.random.choice(_SCALARS)
            wrap = self.random.random()
            if wrap < 0.12:
                type = AbsentType(type)
            elif wrap < 0.22:
                type = SetType(type)
            elif wrap < 0.30:
                type = ListType(type)
            elif wrap < 0.36:
                type = PerPartyType(type)
            fields.append(self._field(f"{name.lower()}_{number}", type))
        fields += [self._field(f"part_{number}", type, 0.2) for number, type in enumerate(parts)]
        return RecordType("facts", name, tuple(fields))

    def _field(self, name: str, type: Type, optional: float = 0.4) -> Field:
        if self.chance(optional):
            return Field(name, type, optional=True)
        if self.chance(0.15) and not isinstance(type, (RecordType, SetType, ListType, PerPartyType)):
            return Field(name, type, has_default=True, default=self.values.of(type))
        return Field(name, type, doc=self.random.choice(["", "A fact"]))

    def _table(self, name: str) -> None:
        random = self.random
        choices: tuple[Type, ...] = (COUNTRY, COLUMN, ECCN, HS_CODE, LEVEL)
        parameters = tuple((f"key{n}", random.choice(choices)) for n in range(random.randint(1, 2)))
        result = random.choice([BOOL, BOOL, INT, USD, AbsentType(USD), SetType(COUNTRY), ENTRY])
        dated = self.chance(0.4)
        rows = []
        for _ in range(random.randint(0, 8)):
            keys = tuple(scalar(random, type) for _, type in parameters)
            interval = self._interval() if dated and self.chance(0.7) else None
            if interval is None and any(row.keys == keys for row in rows):
                continue
            value = None if self.chance(0.1) else self.values.of(result)
            rows.append(parts.Row(keys, value, interval, place="rows.csv:2"))
        otherwise = self.chance(0.5)
        self.tables[f"law.{name}"] = core.Table(
            f"law.{name}", parameters, result, tuple(rows), otherwise, self.values.of(result) if otherwise else None
        )

    def _set(self, name: str) -> None:
        type = SetType(self.random.choice([COUNTRY, COUNTRY, COLUMN, ECCN]))
        body = self.term(type, _Scope({}, 3))
        for _ in range(self.random.randint(0, 2)):
            dated = terms.When(self._window(), self.term(type, _Scope({}, 2)), type)
            body = terms.SetOperation(self.random.choice(["|", "-"]), body, dated, type)
        self.sets[f"law.{name}"] = core.SetDefinition(f"law.{name}", type, body, doc="A set", cites=("§ 1",))

    def _define(self, name: str) -> None:
        random = self.random
        result = random.choice(_RESULTS)
        record = random.choice([None, self.item, self.export, self.export])
        if record is not None:
            parameters: tuple[tuple[str, Type], ...] = ((THIS, record),)
        else:
            types = (random.choice(_SCALARS) for _ in range(random.randint(1, 2)))
            parameters = tuple((f"p{n}", type) for n, type in enumerate(types))
        scope = _Scope(dict(parameters), 4)
        body = self._cases(name, result, scope) if self.chance(0.5) else self.term(result, scope)
        cites = ("15 CFR 734.3",) if self.chance(0.5) else ()
        self.defines[f"law.{name}"] = core.Define(
            f"law.{name}", record, parameters, result, body, doc="A definition", cites=cites
        )

    def _cases(self, name: str, result: Type, scope: _Scope) -> Term:
        cases = [
            terms.Case(self.term(BOOL, scope.deeper()), self.term(result, scope.deeper()))
            for _ in range(self.random.randint(1, 3))
        ]
        if self.chance(0.8):
            cases.append(terms.Case(None, self.term(result, scope.deeper())))
        return terms.Cases(tuple(cases), self.chance(0.5), name, result)

    def _asking(self, name: str) -> None:
        """A definition that asks a decision."""
        record = self.random.choice([self.item, self.export])
        scope = _Scope({THIS: record}, 3)
        asked = self._other_decision(scope)
        if asked is not None:
            several = (self.term(BOOL, scope), asked)
            body = self.random.choice([asked, terms.Not(asked), terms.And(several), terms.Or(several)])
            self.defines[f"law.{name}"] = core.Define(
                f"law.{name}", record, ((THIS, record),), BOOL, body, doc="A definition"
            )

    def _decision(self, name: str, record: RecordType) -> None:
        random = self.random
        qname = f"law.{name}"
        outcomes = tuple(f"{name}_outcome{n}" for n in range(random.randint(2, 4)))
        grounds = []
        for _ in range(random.randint(0, 2)):
            kind: Literal["over", "rank", "later", "restriction"] = random.choice(
                ["over", "rank", "later", "restriction"]
            )
            winner, loser = sorted(random.sample(range(len(outcomes)), 2))  # sorted: no cycle
            pair = (outcomes[winner], outcomes[loser]) if kind == "over" else (None, None)
            grounds.append(parts.Ground(kind, *pair, ("738.4",)))
        self.decisions[qname] = core.Decision(
            qname, record, EnumType("law", name, outcomes), tuple(grounds),
            random.choice(outcomes) if self.chance(0.8) else None, self._rules(name, record, outcomes),
            outcome_docs=("",) * len(outcomes), doc="A decision", cites=("15 CFR 736",),
        )  # fmt: skip

    def _rules(self, decision: str, record: RecordType, outcomes: Sequence[str]) -> tuple[core.Rule, ...]:
        random = self.random
        count = random.randint(1, 6)
        # Rules prevail over and except earlier ones in this order, and disapply later ones: no circle.
        order = random.sample(range(count), count)
        rules = []
        for number in range(count):
            edges: list[core.Edge] = []
            for target in order:
                earlier = order.index(target) < order.index(number)
                kinds = ["notwithstanding", "exception to"] if earlier else ["disapplies"]
                written: Any = random.choice([None, None, None, *kinds]) if target != number else None
                match written:
                    case "notwithstanding":
                        edges.append(core.Edge("prevails", target, written=written, declared_by=number))
                    case "exception to":
                        edges.append(core.Edge("exception", target, written=written, declared_by=number))
                        edges.append(core.Edge("prevails", target, written=written, declared_by=number))
                    case "disapplies":
                        edges.append(core.Edge("disapplies", target, written=written, declared_by=number))
            refers = self.chance(0.12)
            silent = self.chance(0.1) and (refers or any(edge.kind == "disapplies" for edge in edges))
            scope = _Scope({THIS: record}, 4)
            key = random.choice([None, None, *COLUMN.members])
            family = f"{decision}_rule{number}"
            rules.append(
                core.Rule(
                    number=number,
                    name=family if key is None else f"{family}[{key}]",
                    family=family,
                    key=key,
                    module=random.choice(["law", "facts"]),
                    doc="A rule",
                    cites=("15 CFR 742",) if self.chance(0.6) else (),
                    window=(self._interval(),) if self.chance(0.35) else None,
                    membership=self.term(BOOL, scope.deeper()) if key and self.chance(0.4) else None,
                    when=self.term(BOOL, scope) if self.chance(0.9) else None,
                    unless=self.term(BOOL, scope) if self.chance(0.3) else None,
                    refer="why" if refers else None,
                    outcome=None if silent else random.choice(outcomes),
                    edges=tuple(edges),
                    rank=random.choice([None, "statute", "regulation"]),
                )
            )
        return tuple(rules)

    # ------------------------------------------------------------------------------------- terms

    def _interval(self) -> terms.Interval:
        start, end = sorted(self.random.sample(DAYS, 2))
        return self.random.choice([(start, None), (start, end), (None, end)])

    def _window(self) -> Term:
        return terms.InWindow(tuple(self._interval() for _ in range(self.random.randint(1, 2))))

    def term(self, type: Type, scope: _Scope) -> Term:
        """A well-typed term."""
        makers: list[Callable[[], Term | None]] = [lambda: self._path(type, scope)] * 3
        if scope.depth > 0:
            makers += self._compound(type, scope.deeper())
        for _ in range(6):
            made = self.random.choice(makers)()
            if made is not None:
                return made
        return self._constant(type)

    def _constant(self, type: Type) -> Term:
        match type:
            case SetType(element=element):
                if isinstance(element, EnumType) and self.chance(0.2):
                    return terms.Const(frozenset(element.members), type)
                return terms.SetOf(tuple(self._constant(element) for _ in range(self.random.randint(0, 3))), type)
            case ListType(element=element):
                return terms.ListOf(tuple(self._constant(element) for _ in range(self.random.randint(0, 2))), type)
            case PerPartyType(element=element):
                return terms.PerPartyOf(tuple((party, self._constant(element)) for party in PARTIES), type)
            case RecordType(fields=fields):
                return terms.RecordOf(tuple((f.name, self._constant(f.type)) for f in fields), type)
            case AbsentType(element=element):
                return terms.Const(ABSENT, type) if self.chance(0.3) else self._constant(element)
            case _:
                return terms.Const(scalar(self.random, type), type)

    def operand(self, type: Type, scope: _Scope) -> Term:
        """A term for an operator that is unknown where an operand is: perhaps absent, without a guard."""
        unguarded = self._path(type, scope, absent=True) if self.chance(0.15) else None
        return unguarded or self.term(type, scope)

    def _path(self, type: Type, scope: _Scope, absent: bool = False) -> Term | None:
        """A fact, parameter or variable of the type, if the scope has one. ``absent``: also one that may be absent."""
        found: list[Term] = []

        def look(base: Term) -> None:
            if base.type == type or (base.type == AbsentType(type) and absent):
                found.append(base)
            elif base.type == AbsentType(BOOL) and type == BOOL:
                found.append(terms.And((terms.IsPresent(base), base)))
            if isinstance(base.type, RecordType):
                for field in base.type.fields:
                    look(terms.Field(base, field.name, field.type))
            if isinstance(base.type, PerPartyType):
                look(terms.AtParty(base, terms.Const(self.random.choice(PARTIES), PARTY), base.type.element))

        for name, local in scope.locals.items():
            look(terms.Local(name, local))
        return self.random.choice(found) if found else None

    def _compound(self, type: Type, scope: _Scope) -> list[Callable[[], Term | None]]:
        makers: list[Callable[[], Term | None]] = [
            lambda: self._call(type, scope),
            lambda: self._lookup(type, scope),
        ]
        if type == BOOL:
            makers += self._conditions(scope)
        elif isinstance(type, SetType):
            makers += self._sets(type, scope)
        elif type in (INT, NUMBER, PERCENT, USD, LENGTH, DURATION):
            makers += [
                lambda: terms.Arithmetic(
                    self.random.choice(["+", "-"]), self.operand(type, scope), self.term(type, scope), type
                ),
                lambda: terms.Negate(self.term(type, scope), type),
                lambda: self._sum(type, scope),
            ]
            if type == INT:
                makers += [
                    lambda: self._binder(scope, lambda v, s, inner: terms.Count(v, s, self.term(BOOL, inner))),
                    lambda: terms.Round(self.random.choice(["up", "down"]), self.term(NUMBER, scope)),
                    lambda: self._eccn_part(scope, "number"),
                ]
            if type == DURATION:
                makers.append(lambda: terms.DateDifference(self.term(DATE, scope), self.term(DATE, scope)))
            if type in (NUMBER, PERCENT, USD):
                makers.append(
                    lambda: terms.Arithmetic(
                        self.random.choice(["*", "/"]), self.term(type, scope), self.term(NUMBER, scope), type
                    )
                )
        elif type == DATE:
            makers.append(
                lambda: terms.AddDuration(
                    self.term(DATE, scope), self.term(self.random.choice([DURATION, MONTHS]), scope), self.chance(0.5)
                )
            )
        if type not in (BOOL,) and self.chance(0.3):
            makers.append(lambda: self._cases("inline", type, scope))
        return makers

    def _conditions(self, scope: _Scope) -> list[Callable[[], Term | None]]:
        random = self.random

        def several() -> tuple[Term, ...]:
            return tuple(self.term(BOOL, scope) for _ in range(random.randint(0, 3)))

        def comparable(build: Callable[[Term, Term, Type], Term], types: Sequence[Type]) -> Term:
            type = random.choice(types)
            return build(self.operand(type, scope), self.operand(type, scope), type)

        return [
            lambda: terms.And(several()),
            lambda: terms.Or(several()),
            lambda: terms.And(several()),
            lambda: terms.Or(several()),
            lambda: terms.Not(self.term(BOOL, scope)),
            lambda: terms.Line(self.term(BOOL, scope)),
            self._window,
            lambda: comparable(
                lambda a, b, t: terms.Compare(random.choice(["<", "<="]), a, b, t), (INT, PERCENT, USD, DATE, LEVEL)
            ),
            lambda: comparable(
                terms.Equal, (*_SCALARS, SetType(COUNTRY), ListType(COUNTRY), self.item, AbsentType(USD))
            ),
            lambda: self._member(scope),
            lambda: terms.SubsetOf(self.term(SetType(COUNTRY), scope), self.term(SetType(COUNTRY), scope)),
            lambda: terms.EccnWithin(self.operand(ECCN, scope), self.term(ECCN, scope)),
            lambda: terms.HsWithin(self.term(HS_CODE, scope), self.term(HS_CODE, scope)),
            lambda: terms.PlaceWithin(self.operand(PLACE, scope), self.operand(PLACE, scope)),
            lambda: terms.IsKnown(self.term(random.choice(_SCALARS), scope)),
            lambda: self._guarded(scope),
            lambda: self._eccn_test(scope),
            lambda: self._within_any(scope),
            lambda: self._binder(
                scope, lambda v, s, inner: terms.Quantifier(random.choice(["any", "all"]), v, s, self.term(BOOL, inner))
            ),
            lambda: self._other_decision(scope),
            lambda: self._case_condition(scope),
        ]

    def _case_condition(self, scope: _Scope) -> Term:
        return self._cases("inline", BOOL, scope)

    def _sets(self, type: SetType, scope: _Scope) -> list[Callable[[], Term | None]]:
        def named() -> Term | None:
            names = [name for name, declared in self.sets.items() if declared.type == type]
            return terms.NamedSet(self.random.choice(names), type) if names else None

        def filtered() -> Term:
            variable, source = self._variable(), self.term(type, scope)
            where = self.term(BOOL, scope.bind(variable, type.element))
            return terms.Filter(variable, source, where, type)

        def written() -> Term:
            return terms.SetOf(tuple(self.term(type.element, scope) for _ in range(self.random.randint(0, 3))), type)

        return [
            named,
            named,
            filtered,
            written,
            lambda: terms.When(self.term(BOOL, scope), self.term(type, scope), type),
            lambda: terms.SetOperation(
                self.random.choice(["|", "&", "-"]), self.term(type, scope), self.term(type, scope), type
            ),
        ]

    def _variable(self) -> str:
        self.variables += 1
        return f"v{self.variables % 7}"  # names come again, in scopes of their own

    def _binder(self, scope: _Scope, build: Callable[[str, Term, _Scope], Term]) -> Term:
        variable = self._variable()
        element = self.random.choice([self.person, self.person, COUNTRY, COLUMN, ECCN, INT])
        kind = ListType if self.chance(0.6) else SetType
        if kind is SetType and isinstance(element, RecordType):
            source = self._path(SetType(element), scope) or terms.ListOf((), ListType(element))
        else:
            source = self.term(kind(element), scope)
        return build(variable, source, scope.bind(variable, element))

    def _sum(self, type: Type, scope: _Scope) -> Term:
        return self._binder(
            scope, lambda v, s, inner: terms.Sum(self.term(type, inner), v, s, self.term(BOOL, inner), type)
        )

    def _member(self, scope: _Scope) -> Term:
        element = self.random.choice([COUNTRY, COUNTRY, COLUMN, ECCN, TEXT])
        kind = SetType if self.chance(0.8) else ListType
        return terms.MemberOf(self.operand(element, scope), self.term(kind(element), scope))

    def _guarded(self, scope: _Scope) -> Term:
        """`x is present and x <= 5_000 USD`, or its denial; sometimes without the guard."""
        path = self._path(USD, scope, absent=True) or self._lookup(AbsentType(USD), scope)
        if path is None:
            return self._window()
        test = terms.Compare("<=", path, self.term(USD, scope), USD)
        return self.random.choice(
            [
                terms.And((terms.IsPresent(path), test)),
                terms.Or((terms.Not(terms.IsPresent(path)), test)),
                terms.IsPresent(path),
                test,
            ]
        )

    def _eccn_test(self, scope: _Scope) -> Term:
        code = self.term(ECCN, scope)
        listed = terms.Not(terms.Equal(code, terms.Const("EAR99", ECCN), ECCN))
        part = terms.EccnPart(code, self.random.choice(["category", "number"]), INT)
        bounds = (terms.Const(3, INT), terms.Const(self.random.choice([5, 610]), INT))
        test = terms.And((terms.Compare("<=", bounds[0], part, INT), terms.Compare("<=", part, bounds[1], INT)))
        letter = terms.EccnPart(code, self.random.choice(["group", "paragraph"]), TEXT)
        spelled = terms.Equal(letter, terms.Const(self.random.choice(["A", "a", ""]), TEXT), TEXT)
        return self.random.choice([terms.And((listed, test)), terms.And((listed, spelled)), test, spelled])

    def _eccn_part(self, scope: _Scope, part: Literal["category", "number"]) -> Term:
        return terms.EccnPart(self.term(ECCN, scope), part, INT)

    def _within_any(self, scope: _Scope) -> Term:
        variable, code = self._variable(), self.term(ECCN, scope)
        pair = [code, terms.Local(variable, ECCN)]
        self.random.shuffle(pair)  # a paragraph of one of them, or one of them a paragraph of it
        within = terms.EccnWithin(pair[0], pair[1])
        return terms.Quantifier("any", variable, self.term(SetType(ECCN), scope), within)

    def _call(self, type: Type, scope: _Scope) -> Term | None:
        fitting = [d for d in self.defines.values() if d.result == type]
        if not fitting:
            return None
        define = self.random.choice(fitting)
        arguments = tuple(
            self._path(kind, scope) if isinstance(kind, RecordType) else self.term(kind, scope)
            for _, kind in define.parameters
        )
        if None in arguments:
            return None
        return terms.Call(define.qname, arguments, type)  # type: ignore[arg-type]

    def _lookup(self, type: Type, scope: _Scope) -> Term | None:
        fitting: list[tuple[core.Table, str | None]] = [(t, None) for t in self.tables.values() if t.result == type]
        fitting += [
            (t, f.name) for t in self.tables.values() if t.result == ENTRY for f in ENTRY.fields if f.type == type
        ]
        if not fitting:
            return None
        table, field = self.random.choice(fitting)
        keys = tuple(self.term(kind, scope) for _, kind in table.parameters)
        found = terms.Lookup(table.qname, keys, table.result)
        return found if field is None else terms.Field(found, field, type)

    def _other_decision(self, scope: _Scope) -> Term | None:
        if not self.decisions:
            return None
        decision = self.random.choice(list(self.decisions.values()))
        record = self._path(decision.record, scope)
        if record is None:
            return None
        if self.chance(0.5):
            outcome = terms.Const(self.random.choice(decision.outcomes.members), decision.outcomes)
            asked = terms.OutcomeOf(decision.qname, record, decision.outcomes)
            return terms.Equal(asked, outcome, decision.outcomes)
        rule = self.random.choice(decision.rules)
        key = None if rule.key is None or self.chance(0.5) else terms.Const(rule.key, COLUMN)
        verb: Literal["applies", "decides"] = self.random.choice(["applies", "decides"])
        return terms.RuleHolds(decision.qname, f"{rule.module}.{rule.family}", key, verb, record)


def _enum(type: EnumType) -> core.Enum:
    docs = tuple("" for _ in type.members)
    return core.Enum(f"{type.module}.{type.name}", type, docs, doc="An enum")
