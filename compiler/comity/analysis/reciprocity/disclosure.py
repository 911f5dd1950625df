"""An act that a clause limits whatever is disclosed about it: for what some fields say, any value, and still a breach.

The question has two quantifiers: is there an act such that for every value of its `disclosure` fields the clause
forbids it? It is settled by examples and counterexamples. An act is sought that the clause forbids as it is. Then
values of its disclosure fields are sought with which it would be allowed. If there are none, the act is the answer.
Else those values become a further demand (the act must be forbidden with them too), and the search begins again.

A counterexample helps most as a term: of `unless notified >= due`, the value `due` refutes every act at once, where
the number 5 refutes only those with less to do. So the terms that a field is compared with are tried first, and the
values next to them and between two of them, which is all that comparisons can tell apart. What no such term refutes
is put to the search with all other facts fixed, so that an answer is never one that some value would refute.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, islice, product
from typing import Literal, TypeAlias

from comity.analysis import limits
from comity.analysis.reciprocity.view import Found, Undecided, View, both, either, not_true, surely_false
from comity.core.walk import children, rewrite
from comity.runtime.types import (
    DATE,
    DURATION,
    INT,
    NUMBER,
    AbsentType,
    BoolType,
    DateType,
    EnumType,
    Field,
    IntType,
    ListType,
    MoneyType,
    NumberType,
    PartyType,
    PercentType,
    PerPartyType,
    PlaceType,
    QuantityType,
    RecordType,
    SetType,
    TextType,
    Type,
)
from comity.runtime.values import ABSENT
from comity.terms import (
    THIS,
    AddDuration,
    Arithmetic,
    Compare,
    Const,
    DateDifference,
    Equal,
    InWindow,
    IsKnown,
    ListOf,
    Local,
    MemberOf,
    Negate,
    Not,
    PerPartyOf,
    RecordOf,
    Round,
    SetOf,
    Term,
    Unknown,
)
from comity.terms import Field as FieldOf

Path: TypeAlias = tuple[str, ...]
Said: TypeAlias = Mapping[Path, Term]
"""What disclosure fields say, as terms over the other facts."""


class Disclosure:
    """A record's disclosure fields, and the acts that a region holds of whatever they say."""

    def __init__(self, view: View, record: RecordType, region: Term) -> None:
        self.view = view
        self.record = record
        self.region = view.inlined(region)
        self.fields = dict(_disclosed(record, (), every=False))
        lines = view.program.always.get(f"{record.module}.{record.name}", ())
        self.always = [line for line in (view.inlined(each.condition) for each in lines) if self._reads(line)]
        """What is always so of the fields: an act that says otherwise cannot be."""
        self._terms = {path: list(self._candidates(path, field)) for path, field in self.fields.items()}

    def find(self, *wanted: Term) -> Found | None:
        """An act of which ``wanted`` is true, and the region whatever is disclosed; raises Undecided."""
        demands = [self.region]
        for _ in range(limits.current.disclosure_rounds):
            found = self.view.find(self.record, *wanted, *demands)
            if found is None:
                return None
            refuting = self._refuted_by_term(found) or self._refuted_by_value(found)
            if refuting is None:
                return found
            demands.append(self._holds(refuting))
        raise Undecided("what is disclosed depends on the other facts in too many ways")

    # ------------------------------------------------------------------------------------- refuting

    def _holds(self, said: Said) -> Term:
        """The region holds with what is said, unless nothing is said for want of facts or it can never be so."""
        region = _with(self.region, said)
        told = [term for term in said.values() if not isinstance(term, Const | Unknown)]
        missing = [Not(IsKnown(term)) for term in told if term.type != DATE]
        # Acts at the ends of the calendar, where there is no day to name, show nothing.
        on_a_day = [IsKnown(term) for term in told if term.type == DATE]
        impossible = [surely_false(_with(line, said)) for line in self.always]
        # Of what is left unsaid, only that it is certainly allowed counts.
        unsaid = any(isinstance(term, Unknown) for term in said.values())
        forbidden = Not(surely_false(region)) if unsaid else region
        return both(*on_a_day, either([*missing, *impossible, forbidden]))

    def _refuted_by_term(self, found: Found) -> Said | None:
        paths = [path for path, terms in self._terms.items() if terms]
        for terms in islice(product(*(self._terms[path] for path in paths)), limits.current.disclosure_combinations):
            said = dict(zip(paths, terms, strict=True))
            if said and self.view.interpreter.evaluate(self._holds(said), {THIS: found.facts}, found.day) is not True:
                return said
        return None

    def _refuted_by_value(self, found: Found) -> Said | None:
        """Values with which the act would be allowed, its other facts fixed."""
        if not self.fields:
            return None
        known = [IsKnown(_fact(self.record, path)) for path in self.fields]
        kept = [Not(surely_false(self._fixed(line, found))) for line in self.always]
        day = [] if found.day is None else [InWindow(((found.day, found.day),))]
        other = self.view.find(self.record, *known, *day, *kept, not_true(self._fixed(self.region, found)))
        if other is None:
            return None
        return {path: literal(_value(other.facts, path), field.type) for path, field in self.fields.items()}

    def _fixed(self, term: Term, found: Found) -> Term:
        """``term`` with every fact of an act put in, but for what it discloses."""

        def fix(node: Term) -> Term | None:
            path = path_of(node)
            if path is None:
                return None
            if any(path[: len(each)] == each or each[: len(path)] == path for each in self.fields):
                return node
            return literal(_value(found.facts, path), node.type)

        return rewrite(term, fix)

    def _reads(self, term: Term) -> bool:
        path = path_of(term)
        if path is not None and any(path[: len(each)] == each for each in self.fields):
            return True
        return any(self._reads(child) for child in children(term))

    # ------------------------------------------------------------------------------------- candidates

    def _candidates(self, path: Path, field: Field) -> Iterator[Term]:
        kind = field.type
        if field.optional:
            yield Unknown(kind)
        if isinstance(kind, AbsentType):
            yield Const(ABSENT, kind)
            kind = kind.element
        match kind:
            case BoolType():
                yield from (Const(value, kind) for value in (False, True))
            case EnumType(members=members):
                yield from (Const(member, kind) for member in members)
            case PlaceType(countries=countries, zones=zones):
                yield from (Const(place, kind) for place in (*countries, *(zone for zone, _ in zones)))
            case PartyType():
                yield from (Const(name, kind) for name in self.view.program.party_names)
            case TextType():
                texts = sorted({text for term in (self.region, *self.always) for text in _texts(term)})
                yield from (Const(text, kind) for text in (*texts, "".join(texts) + "other"))
            case IntType() | NumberType() | PercentType() | MoneyType() | QuantityType() | DateType():
                yield from islice(
                    _around(list(dict.fromkeys(self._compared(path))), kind), limits.current.disclosure_terms
                )
            case _:
                pass

    def _compared(self, path: Path) -> Iterator[Term]:
        """Terms over the other facts to which comparisons make a field equal."""
        waiting = [self.region, *self.always]
        while waiting:
            term = waiting.pop()
            waiting += children(term)
            pairs: Sequence[tuple[Term, Term]] = ()
            match term:
                case Compare(left=left, right=right) | Equal(left=left, right=right):
                    pairs = ((left, right), (right, left))
                case MemberOf(value=value, collection=SetOf(elements=elements) | ListOf(elements=elements)):
                    pairs = [(value, element) for element in elements]
                case MemberOf(
                    value=value, collection=Const(value=frozenset() as values, type=SetType(element=element))
                ):
                    pairs = [(value, Const(each, element)) for each in sorted(values, key=str)]
                case _:
                    pass
            for side, other in pairs:
                if _is_closed(other) and not self._reads(other):
                    solved = self._solved(side, other, path)
                    if solved is not None:
                        yield solved

    def _solved(self, side: Term, other: Term, path: Path) -> Term | None:
        """The value of the field at ``path`` for which ``side`` is ``other``, in steps that can be undone."""
        if path_of(side) == path:
            return other
        match side:
            case Negate(operand=operand):
                return self._solved(operand, Negate(other, operand.type), path)
            case Arithmetic(operator=operator, left=left, right=right):
                if self._reads(left):
                    return self._solved(left, _arithmetic(_UNDONE[operator], other, right, left.type), path)
                if operator in ("+", "*"):
                    return self._solved(right, _arithmetic(_UNDONE[operator], other, left, right.type), path)
                return self._solved(right, _arithmetic(operator, left, other, right.type), path)
            case AddDuration(day=day, amount=amount, negative=negative):
                if self._reads(day):
                    return self._solved(day, AddDuration(other, amount, not negative), path)
                between = DateDifference(day, other) if negative else DateDifference(other, day)
                return self._solved(amount, between, path)
            case DateDifference(left=left, right=right):
                if self._reads(left):
                    return self._solved(left, AddDuration(right, other), path)
                return self._solved(right, AddDuration(left, other, negative=True), path)
            case _:
                return None


Operator: TypeAlias = Literal["+", "-", "*", "/"]
_UNDONE: dict[Operator, Operator] = {"+": "-", "-": "+", "*": "/", "/": "*"}


def _arithmetic(operator: Operator, left: Term, right: Term, kind: Type) -> Term:
    """A result of the type of the field; of one in whole numbers it may be any number."""
    if isinstance(kind, IntType) and (operator == "/" or not left.type == right.type == INT):
        kind = NUMBER
    return Arithmetic(operator, left, right, kind)


def _around(terms: list[Term], kind: Type) -> Iterator[Term]:
    """Each of ``terms`` and the values beside them; for numbers that lie densely also those halfway between two."""
    one = Const(24, DURATION) if isinstance(kind, DateType) else Const(1, kind)
    for term in terms:
        match kind:
            case DateType():
                yield from (term, AddDuration(term, one), AddDuration(term, one, negative=True))
            case IntType():
                down, up = (term, term) if term.type == INT else (Round("down", term), Round("up", term))
                yield from (down, Arithmetic("+", down, one, INT), Arithmetic("-", up, one, INT))
            case _:
                yield from (term, Arithmetic("+", term, one, kind), Arithmetic("-", term, one, kind))
    if not isinstance(kind, DateType | IntType):
        for left, right in combinations(terms, 2):
            yield Arithmetic("/", Arithmetic("+", left, right, kind), Const(2, NUMBER), kind)


def _disclosed(record: RecordType, above: Path, every: bool) -> Iterator[tuple[Path, Field]]:
    """The fields that only tell, in parts of the record too; a record that only tells does so by all its fields."""
    for field in record.fields:
        path = (*above, field.name)
        if isinstance(field.type, RecordType):
            yield from _disclosed(field.type, path, every or field.disclosure)
        elif every or field.disclosure:
            yield path, field


def path_of(term: Term) -> Path | None:
    """The steps from `this` to a fact."""
    match term:
        case FieldOf(base=Local(name=name), name=field) if name == THIS:
            return (field,)
        case FieldOf(base=FieldOf() as base, name=field):
            above = path_of(base)
            return None if above is None else (*above, field)
        case _:
            return None


def _fact(record: RecordType, path: Path) -> Term:
    term: Term = Local(THIS, record)
    kind: Type = record
    for step in path:
        assert isinstance(kind, RecordType)
        declared = kind.field(step)
        assert declared is not None
        term, kind = FieldOf(term, step, declared.type), declared.type
    return term


def _value(facts: object, path: Path) -> object:
    for step in path:
        facts = facts.get(step) if isinstance(facts, Mapping) else None
    return facts


def _with(term: Term, said: Said) -> Term:
    def put(node: Term) -> Term | None:
        path = path_of(node)
        return None if path is None else said.get(path)

    return rewrite(term, put)


def _is_closed(term: Term) -> bool:
    """Whether a term speaks of nothing but `this`."""
    if isinstance(term, Local):
        return term.name == THIS
    return all(map(_is_closed, children(term)))


def _texts(term: Term) -> Iterator[str]:
    if isinstance(term, Const) and isinstance(term.value, str):
        yield term.value
    for child in children(term):
        yield from _texts(child)


def literal(value: object, kind: Type) -> Term:
    """A run-time value as a term; None is unknown."""
    if value is None:
        return Unknown(kind)
    match kind, value:
        case AbsentType(element=element), _ if value is not ABSENT:
            return literal(value, element)
        case RecordType(fields=fields), Mapping():
            return RecordOf(tuple((f.name, literal(value.get(f.name), f.type)) for f in fields), kind)
        case ListType(element=element), tuple():
            return ListOf(tuple(literal(each, element) for each in value), kind)
        case SetType(element=element), frozenset():
            return SetOf(tuple(literal(each, element) for each in sorted(value, key=str)), kind)
        case PerPartyType(element=element), Mapping():
            return PerPartyOf(tuple((party, literal(each, element)) for party, each in sorted(value.items())), kind)
        case _:
            return Const(value, kind)
