"""What in a program can be unknown, absent or refuse to answer, given that facts keep their types.

Most of a policy depends on facts that are always there. Where a part cannot be unknown, three-valued logic is Python's
own `and`, `or`, `<`, and the emitted code can say just that. This pass finds those parts.

It assumes of its inputs what the generated package makes sure of before it asks: a field without `?` is known, and so
is the day. Everything else is followed through definitions, parameters, tables and records built in place, as the
least fixpoint of "may be unknown". Too much doubt costs speed; too little would be a wrong answer.

Example: with the field `value: Money in USD`, `value > 5000 USD` is never unknown, and the code is `5000 < this.value`.
With `value: Money in USD?` the code has to look for None first, but not in `value is known and value > 5000 USD`: the
guard assures what stands after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import Literal, TypeVar

from comity import terms
from comity.backends.python.literals import NotExpressible
from comity.core.agreements import region_of
from comity.core.ast import Program, Table
from comity.core.walk import BINDERS, children
from comity.runtime.kleene import KleeneSet
from comity.runtime.light import dataclass
from comity.runtime.types import (
    AbsentType,
    EnumType,
    ListType,
    PerPartyType,
    RecordType,
    SetType,
    Type,
)
from comity.runtime.values import ABSENT
from comity.terms import Term


@dataclass(frozen=True, slots=True)
class Nullability:
    """``null``: the value may be unknown. ``inner``: in a set or list, an element or its membership may be."""

    null: bool = False
    inner: bool = False

    def __or__(self, other: Nullability) -> Nullability:
        return Nullability(self.null or other.null, self.inner or other.inner)


Key = TypeVar("Key")

SURE = Nullability()
NULL = Nullability(null=True)
ANY = Nullability(True, True)


@dataclass(frozen=True, slots=True)
class Assured:
    """What a guard assures of a value: that it is "known", "present" (not absent), or "listed" (not EAR99).

    ``value`` is the `key` of the term, ``locals`` the locals it reads.
    """

    what: Literal["known", "present", "listed"]
    value: str
    locals: frozenset[str]


@dataclass(frozen=True, slots=True)
class Context:
    """What holds where a term is evaluated: doubt about locals, and what guards passed on the way assure."""

    locals: Mapping[str, Nullability] = field(default_factory=dict)
    assured: frozenset[Assured] = frozenset()

    def bind(self, variable: str, doubt: Nullability) -> Context:
        kept = frozenset(each for each in self.assured if variable not in each.locals)
        return Context({**self.locals, variable: doubt}, kept)

    def knowing(self, facts: frozenset[Assured]) -> Context:
        return Context(self.locals, self.assured | facts) if facts else self

    def assures(self, what: Literal["known", "present", "listed"], term: Term) -> bool:
        if not self.assured:
            return False
        value = key(term)
        return any(each.what == what and each.value == value for each in self.assured)


def key(term: Term) -> str | None:
    """A text that two terms share only if they are read the same way; None for terms that do more than read."""
    match term:
        case terms.Local(name=name):
            return name
        case terms.Const(value=value):
            return repr(value)
        case terms.Field(base=base, name=name):
            below = key(base)
            return None if below is None else f"{below}.{name}"
        case terms.Lookup(table=name, keys=parts) | terms.Call(define=name, arguments=parts):
            return _joined(name, parts)
        case terms.OutcomeOf(decision=name, record=record):
            return _joined(f"outcome of {name}", (record,))
        case terms.RuleHolds(decision=name, rule=rule, verb=verb, record=record, key=member):
            rule = " or ".join(map(str, (rule, *getattr(term, "others", ()))))
            return _joined(f"{rule} {verb} in {name}", (record,) if member is None else (record, member))
        case _:
            return None


def _joined(name: str, parts: Sequence[Term]) -> str | None:
    keys = [key(part) for part in parts]
    return None if None in keys else f"{name}({', '.join(map(str, keys))})"


def within_the_variable(term: terms.Quantifier) -> Term | None:
    """The code of `any e in …: code within e`."""
    body = term.body
    while isinstance(body, terms.Line):
        body = body.condition
    match term.kind, body:
        case "any", terms.EccnWithin(code=code, entry=terms.Local(name=entry)) if entry == term.variable:
            return None if entry in free_locals(code) else code
        case _:
            return None


def around_the_variable(term: terms.Quantifier) -> Term | None:
    """The code of `any e in …: e within code`."""
    body = term.body
    while isinstance(body, terms.Line):
        body = body.condition
    match term.kind, body:
        case "any", terms.EccnWithin(code=terms.Local(name=element), entry=entry) if element == term.variable:
            return None if element in free_locals(entry) else entry
        case _:
            return None


def free_locals(term: Term) -> frozenset[str]:
    """Names of the locals that ``term`` reads and does not bind."""
    if isinstance(term, terms.Local):
        return frozenset({term.name})
    inner = frozenset[str]().union(*(free_locals(child) for child in children(term)))
    return inner - {term.variable} | free_locals(term.source) if isinstance(term, BINDERS) else inner


def when_true(term: Term) -> frozenset[Assured]:
    """What is assured where ``term`` is true."""
    match term:
        case terms.Line(condition=condition):
            return when_true(condition)
        case terms.And(operands=operands):
            return frozenset[Assured]().union(*map(when_true, operands))
        case terms.Not(operand=operand):
            return when_false(operand)
        case terms.IsKnown(operand=operand):
            return _assured("known", operand)
        case terms.IsPresent(operand=operand):
            return _assured("present", operand)
        case _:
            return frozenset()


def when_false(term: Term) -> frozenset[Assured]:
    """What is assured where ``term`` is false."""
    match term:
        case terms.Line(condition=condition):
            return when_false(condition)
        case terms.Or(operands=operands):
            return frozenset[Assured]().union(*map(when_false, operands))
        case terms.Not(operand=operand):
            return when_true(operand)
        case terms.Equal(left=code, right=terms.Const(value="EAR99")):
            return _assured("listed", code)
        case _:
            return frozenset()


def _assured(what: Literal["known", "present", "listed"], term: Term) -> frozenset[Assured]:
    value = key(term)
    return frozenset() if value is None else frozenset({Assured(what, value, free_locals(term))})


def plain(type: Type) -> bool:
    """Whether values of ``type`` have no parts, so that Python's `==` and `in` say what the language means."""
    return not isinstance(type, (AbsentType, RecordType, SetType, ListType, PerPartyType))


class NullabilityAnalysis:
    """Answers for one program. Build it once; ask ``of(term, context)``, ``raises(term)``, ``dated(term)``."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._results: dict[str, Nullability] = dict.fromkeys(program.defines, SURE)
        self._parameters: dict[tuple[str, str], Nullability] = {}
        self._sets: dict[str, Nullability] = dict.fromkeys(program.sets, SURE)
        self._fields: dict[tuple[str, str, str], Nullability] = {}
        self._tables = {name: self._table(table) for name, table in program.tables.items()}
        self.in_place = {
            (table.result.module, table.result.name)
            for table in program.tables.values()
            if isinstance(table.result, RecordType)
        }
        """The types of records that are built in place or read from tables: no `always` lines hold for all of them."""
        self._raises: dict[str, bool] = {}
        self._dated: dict[str, bool] = {}
        self._asks: dict[str, bool] = {}
        self._costs: dict[str, int] = {}
        self._costs_of_rules: dict[tuple[str, str | None], int] = {}
        self.remembered: set[str] = set()
        """Definitions whose values are remembered, so that asking them again costs little."""
        self.members_remembered: set[str] = set()
        """Those of which it is remembered whether something is in the set that they give."""
        self._changed = True
        self._settled = False
        while self._changed:
            self._changed = False
            self._round()
        self._settled = True

    # ---------------------------------------------------------------------------------- the fixpoint

    def _round(self) -> None:
        for name, declared in self.program.sets.items():
            self._grow(self._sets, name, self.of(declared.body, Context()))
        for name, define in self.program.defines.items():
            self._grow(self._results, name, self.of(define.body, self.parameters(name)))
        for decision in self.program.decisions.values():
            for rule in decision.rules:
                self.of(rule.condition, Context({terms.THIS: SURE}))
        for lines in self.program.always.values():
            for line in lines:
                self.of(line.condition, Context({terms.THIS: SURE}))
        for agreement in self.program.agreements.values():
            for commitment in agreement.commitments:
                self.of(region_of(commitment), Context({terms.THIS: SURE, "self": SURE, "other": SURE}))

    def _grow(self, nullability: dict[Key, Nullability], key: Key, doubt: Nullability) -> None:
        grown = nullability.get(key, SURE) | doubt
        if grown != nullability.get(key, SURE):
            if self._settled:  # the functions that rely on it may be written already
                raise NotExpressible(f"more doubt about {key} than the program has")
            nullability[key] = grown
            self._changed = True

    def parameters(self, define: str) -> Context:
        """The context of a definition's body."""
        return Context(
            {name: self._parameters.get((define, name), SURE) for name, _ in self.program.defines[define].parameters}
        )

    def result(self, define: str) -> Nullability:
        return self._results[define]

    def table(self, table: str) -> Nullability:
        return self._tables[table]

    def set(self, name: str) -> Nullability:
        return self._sets[name]

    def field(self, record: RecordType, name: str) -> Nullability:
        """Nullability about a field of a record that is itself known."""
        declared = record.field(name)
        if declared is None:
            return ANY
        doubt = self._fields.get((record.module, record.name, name), SURE)
        return doubt | Nullability(null=declared.optional) | of_type(declared.type)

    # ---------------------------------------------------------------------------------- values

    def of(self, term: Term, context: Context) -> Nullability:
        """How much may be unknown about the value of ``term``."""
        if context.assures("known", term):
            return Nullability(inner=self._of(term, context).inner)
        return self._of(term, context)

    def _of(self, term: Term, context: Context) -> Nullability:
        match term:
            case terms.Const(value=value):
                return of_value(value)
            case terms.Unknown():
                return ANY
            case terms.Local(name=name):
                return context.locals.get(name, ANY)
            case terms.Field(base=base, name=name):
                whole = self.of(base, context)
                if not isinstance(base.type, RecordType):
                    return ANY
                return self.field(base.type, name) | Nullability(null=whole.null or whole.inner)
            case terms.AtParty() | terms.OutcomeOf() | terms.RuleHolds() | terms.CommitmentState():
                self._visit(term, context)
                return ANY
            case terms.Lookup(table=table, keys=keys):
                lifted = any(self.maybe(key, context) for key in keys)
                return self._tables[table] | Nullability(null=lifted)
            case terms.Call(define=define, arguments=arguments):
                for (name, _), argument in zip(self.program.defines[define].parameters, arguments, strict=True):
                    self._grow(self._parameters, (define, name), self.of(argument, context))
                return self._results[define]
            case terms.RecordOf(fields=fields, type=type):
                self.in_place.add((type.module, type.name))
                for name, value in fields:
                    self._grow(self._fields, (type.module, type.name, name), self.of(value, context))
                return SURE
            case terms.PerPartyOf():
                self._visit(term, context)
                return Nullability(inner=True)
            case terms.SetOf(elements=elements, type=type):
                nullability = [self.maybe(element, context) for element in elements]
                return Nullability(inner=any(nullability)) | of_type(type)
            case terms.ListOf(elements=elements):
                nullability = [self.maybe(element, context) for element in elements]
                return Nullability(inner=any(nullability) or any(self.of(e, context).inner for e in elements))
            case terms.NamedSet(name=name):
                return self._sets[name]
            case terms.Filter(where=where):
                whole, doubtful = self._bound(term, where, context)
                return Nullability(null=whole.null, inner=whole.inner or doubtful) | of_type(term.type)
            case terms.When(condition=condition, value=value):
                doubtful = self.maybe(condition, context)
                return self.of(value, context) | Nullability(inner=doubtful)
            case terms.SetOperation(left=left, right=right):
                return self.of(left, context) | self.of(right, context)
            case terms.Arithmetic(operator="/", left=left, right=right):
                self._visit(term, context)
                divisor_sure = isinstance(right, terms.Const) and right.value != 0
                return Nullability(null=not divisor_sure or self.maybe(left, context))
            case terms.AddDuration():
                self._visit(term, context)
                return NULL  # outside the years 1-9999
            case terms.Equal(left=left, right=right):
                known = self.of(left, context) | self.of(right, context)
                return Nullability(null=self._lifted(term, context) or known.inner or not plain(term.operand_type))
            case terms.MemberOf(value=value, collection=collection):
                known = self.of(collection, context)
                self.of(value, context)
                return Nullability(
                    null=self.maybe(value, context) or known.null or known.inner or not plain(value.type)
                )
            case terms.SubsetOf(left=left, right=right):
                both = self.of(left, context) | self.of(right, context)
                return Nullability(null=both.null or both.inner)
            case terms.EccnPart(code=code):
                return Nullability(null=self.maybe(code, context) or not context.assures("listed", code))
            case terms.IsKnown(operand=operand):
                self.of(operand, context)
                return SURE
            case terms.IsPresent(operand=operand):
                return Nullability(null=self.of(operand, context).null)
            case terms.And(operands=operands):
                return Nullability(null=any(doubtful for _, doubtful in self.conjuncts(operands, context)))
            case terms.Or(operands=operands):
                return Nullability(null=any(doubtful for _, doubtful in self.disjuncts(operands, context)))
            case terms.Not(operand=operand) | terms.Line(condition=operand):
                return Nullability(null=self.maybe(operand, context))
            case terms.InWindow():
                return SURE
            case terms.Quantifier(body=body):
                whole, doubtful = self._bound(term, body, context)
                return Nullability(null=whole.null or whole.inner or doubtful)
            case terms.Count(where=where):
                whole, doubtful = self._bound(term, where, context)
                return Nullability(null=whole.null or whole.inner or doubtful)
            case terms.Sum(where=where, value=value):
                whole, doubtful = self._bound(term, where, context)
                inside = self.inside(term, context)
                if not doubtful:
                    inside = inside.knowing(when_true(where))
                return Nullability(null=whole.null or whole.inner or doubtful or self.maybe(value, inside))
            case terms.Cases(cases=cases):
                doubt = SURE
                for case, inside in self.cases(cases, context):
                    doubt |= self.of(case.value, inside)
                    if case.condition is not None:
                        doubt |= Nullability(null=self.maybe(case.condition, inside))
                return doubt
            case _:  # strict in all parts: Negate, Arithmetic, Round, DateDifference, Compare, EccnWithin, ...
                return Nullability(null=self._lifted(term, context))

    def maybe(self, term: Term, context: Context) -> bool:
        """Whether ``term`` may give a strict operator nothing to work on: it is unknown, or absent."""
        return self.of(term, context).null or self.absent(term, context)

    def absent(self, term: Term, context: Context) -> bool:
        """Whether the value of ``term`` may be `absent` here."""
        if isinstance(term, terms.Line):
            return self.absent(term.condition, context)
        type = term.type
        if isinstance(term, terms.Field) and isinstance(term.base.type, RecordType):
            declared = term.base.type.field(term.name)
            type = declared.type if declared is not None else type
        return isinstance(type, AbsentType) and not context.assures("present", term)

    def _lifted(self, term: Term, context: Context) -> bool:
        nullability = [self.maybe(child, context) for child in children(term)]  # all of them, for what the look records
        return any(nullability)

    def _visit(self, term: Term, context: Context) -> None:
        for child in children(term):
            self.of(child, context)

    def inside(self, term: terms.Filter | terms.Quantifier | terms.Count | terms.Sum, context: Context) -> Context:
        """The context of a binder's body."""
        whole = self.of(term.source, context)
        return context.bind(term.variable, Nullability(null=whole.inner))

    def _bound(
        self, term: terms.Filter | terms.Quantifier | terms.Count | terms.Sum, body: Term, context: Context
    ) -> tuple[Nullability, bool]:
        return self.of(term.source, context), self.maybe(body, self.inside(term, context))

    def conjuncts(self, operands: Iterable[Term], context: Context) -> list[tuple[Context, bool]]:
        """For each operand of `and`, what holds where it stands, and whether it may be unknown there.

        What holds: those operands before it that are certain are true.
        """
        result = []
        for operand in operands:
            doubtful = self.maybe(operand, context)
            result.append((context, doubtful))
            if not doubtful:
                context = context.knowing(when_true(operand))
        return result

    def disjuncts(self, operands: Iterable[Term], context: Context) -> list[tuple[Context, bool]]:
        """The same for `or`, whose operands stand where those before it are false."""
        result = []
        for operand in operands:
            doubtful = self.maybe(operand, context)
            result.append((context, doubtful))
            if not doubtful:
                context = context.knowing(when_false(operand))
        return result

    def cases(self, cases: Iterable[terms.Case], context: Context) -> list[tuple[terms.Case, Context]]:
        """Each case with the context of its value (its condition true)."""
        return [
            (case, context if case.condition is None else context.knowing(when_true(case.condition))) for case in cases
        ]

    def _table(self, table: Table) -> Nullability:
        """A lookup with known keys: unknown where there is no row, or where a row says so."""
        doubt = SURE
        values = [row.value for row in table.rows]
        if table.has_otherwise:
            values.append(table.otherwise)
        elif not self._covers(table):
            doubt = NULL
        for value in values:
            doubt |= of_value(value)
            if isinstance(table.result, RecordType) and isinstance(value, Mapping):
                for declared in table.result.fields:
                    place = (table.result.module, table.result.name, declared.name)
                    self._fields[place] = self._fields.get(place, SURE) | of_value(value.get(declared.name))
        return doubt

    @staticmethod
    def _covers(table: Table) -> bool:
        """Whether there is an undated row for every value of the keys."""
        if any(row.interval is not None for row in table.rows):
            return False
        size = 1
        for _, type in table.parameters:
            if not isinstance(type, EnumType):
                return False
            size *= len(type.members)
        return len({row.keys for row in table.rows}) == size

    # ---------------------------------------------------------------------------------- other questions

    def raises(self, term: Term) -> bool:
        """Whether evaluating ``term`` may end in a contradiction or gap between cases."""
        match term:
            case terms.Cases(cases=cases, first_match=first_match):
                conditional = [case.value for case in cases if case.condition is not None]
                if len(conditional) == len(cases):
                    return True
                if not first_match and any(value != conditional[0] for value in conditional[1:]):
                    return True
            case terms.Call(define=define):
                if self._raises_in(define, self.program.defines[define].body):
                    return True
            case terms.NamedSet(name=name):
                if self._raises_in(name, self.program.sets[name].body):
                    return True
            case terms.OutcomeOf(decision=name) | terms.RuleHolds(decision=name):
                if name not in self._raises:  # that it contradicts itself or has a gap is not an error for others
                    rules = self.program.decisions[name].rules
                    self._raises[name] = any(self.raises(rule.condition) for rule in rules)
                if self._raises[name]:
                    return True
        return any(self.raises(child) for child in children(term))

    def _raises_in(self, name: str, body: Term) -> bool:
        if name not in self._raises:
            self._raises[name] = self.raises(body)
        return self._raises[name]

    def forget_costs(self) -> None:
        """Work out anew what definitions cost: it depends on which of them are known to be remembered."""
        self._costs.clear()
        self._costs_of_rules.clear()

    def costs(self, term: Term) -> int:
        """About how long a term takes: roughly the number of steps, where a collection has a few elements."""
        found = 0 if isinstance(term, terms.Const | terms.Local | terms.Line) else 1
        if isinstance(term, terms.MemberOf) and isinstance(term.collection, terms.Call):
            if term.collection.define in self.members_remembered:
                return 4
        elif isinstance(term, terms.Call):
            if term.define in self.remembered:
                return 4
            if term.define not in self._costs:
                self._costs[term.define] = self.costs(self.program.defines[term.define].body)
            found += 2 + self._costs[term.define]
        elif isinstance(term, terms.OutcomeOf | terms.RuleHolds):
            rule = term.rule if isinstance(term, terms.RuleHolds) else None
            asked = term.decision, rule
            if asked not in self._costs_of_rules:
                self._costs_of_rules[asked] = 0  # a decision that asks itself, which is an error elsewhere
                rules = self.program.decisions[term.decision].rules
                conditions = [each.condition for each in rules if rule in (None, each.family)]
                self._costs_of_rules[asked] = sum(map(self.costs, conditions))
            found += 2 + self._costs_of_rules[asked]
        elif isinstance(term, terms.Quantifier) and (code := within_the_variable(term) or around_the_variable(term)):
            return found + 2 + self.costs(term.source) + self.costs(code)  # looked up, whatever is in the set
        inner = sum(map(self.costs, children(term)))
        return found + (4 * inner if isinstance(term, BINDERS) else inner)

    def dated(self, term: Term) -> bool:
        """Whether the value of ``term`` may depend on the day."""
        match term:
            case terms.InWindow() | terms.OutcomeOf() | terms.RuleHolds():
                return True
            case terms.Call(define=define):
                if self.dated_in(define, self.program.defines[define].body):
                    return True
            case terms.NamedSet(name=name):
                if self.dated_in(name, self.program.sets[name].body):
                    return True
            case terms.Lookup(table=table):
                if self.dated_table(table):
                    return True
        return any(self.dated(child) for child in children(term))

    def dated_table(self, table: str) -> bool:
        """Whether some rows hold on some days only."""
        return any(row.interval is not None for row in self.program.tables[table].rows)

    def asks(self, term: Term) -> bool:
        """Whether ``term`` may ask what another decision says, and so needs counsel's findings."""
        match term:
            case terms.OutcomeOf() | terms.RuleHolds():
                return True
            case terms.Call(define=define):
                if self.asks_in(define):
                    return True
        return any(map(self.asks, children(term)))

    def asks_in(self, define: str) -> bool:
        """`asks` of the body of a definition."""
        if define not in self._asks:
            self._asks[define] = self.asks(self.program.defines[define].body)
        return self._asks[define]

    def dated_in(self, name: str, body: Term) -> bool:
        """`dated` of a named body, asked once."""
        if name not in self._dated:
            self._dated[name] = self.dated(body)
        return self._dated[name]


def of_type(type: Type) -> Nullability:
    """Sets of anything but plain values are kept as Kleene sets."""
    return Nullability(inner=isinstance(type, SetType) and not plain(type.element))


def of_value(value: object) -> Nullability:
    """Nullability about a constant."""
    match value:
        case None:
            return ANY
        case KleeneSet():
            return Nullability(inner=True)
        case frozenset() | tuple():
            return Nullability(inner=any(element is None or element is ABSENT for element in value))
        case _:
            return SURE
