"""What an unknown value depends on: the facts, table rows, findings and day that would settle it.

The walk goes down only where the value is unknown, so nothing below a decided `and` or `or` is named. A fact that is
missing as a whole is named as a whole: `item`, not `item.eccn`. With the facts destination RU, item.eccn 3A001,

    chart[destination, NS1] and (destination == BY or value > 5_000 USD) and item.us_content >= 25%

is unknown (the chart has a mark for RU). The walk meets the three operands in turn: the first is true and names
nothing; of the second only `value` is named, since `destination == BY` is false; the third names `item.us_content`.

An *origin* says where a local's value comes from, so that a path can be named from inside a definition: in
`define costly for Item: value > 5_000 USD`, read as `item.costly`, the need is `item.value`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Protocol, TypeAlias

from comity import terms
from comity.core.ast import Table
from comity.core.closures import Env, EvaluationContext
from comity.core.evaluate import Evaluator
from comity.core.tables import Missing
from comity.core.walk import children
from comity.runtime import kleene
from comity.runtime.errors import ContradictionError, GapError
from comity.runtime.kleene import KleeneSet
from comity.runtime.light import dataclass
from comity.runtime.types import AbsentType, ListType, PerPartyType, RecordType, Type
from comity.runtime.values import ABSENT, format_value
from comity.terms import Term

Trail: TypeAlias = tuple[str, ...]
"""Steps from a value down to a part of it, as in the paths of facts: `.eccn`, `[0]`, `.RUSSIA`."""

Origin: TypeAlias = Callable[[Trail], Iterator[str]]
"""What the part at the end of the trail, of a local's value, depends on, given that it is unknown."""

_PLAIN = frozenset({terms.Const, terms.Local, terms.Field})
"""What is read as quickly as it is remembered."""

DAY = "as_of"
"""The name of the day where no record gives it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a term is evaluated: its locals, where their values come from, and the evaluation context."""

    env: Env
    origins: Mapping[str, Origin]
    context: EvaluationContext
    shared: bool = False
    """Kept as long as the walk, so that it is the same for all that is asked there."""

    def bind(self, name: str, value: object, origin: Origin) -> Place:
        return Place({**self.env, name: value}, {**self.origins, name: origin}, self.context)


def facts_origin(facts: object, name: str = "") -> Origin:
    """The origin of the facts themselves: a path, cut where a whole value is missing."""

    def origin(trail: Trail) -> Iterator[str]:
        value, path = facts, name
        for step in trail:
            if value is None:
                break
            path += step
            value = _part(value, step)
        yield path_of(path)

    return origin


def path_of(trail: str) -> str:
    """`item.eccn`, from `.item.eccn`."""
    return trail.removeprefix(".")


def nothing(trail: Trail) -> Iterator[str]:
    """The origin of values that come from no fact."""
    return iter(())


class Others(Protocol):
    """Answers for other decisions on a record: what they depend on, and which unknown facts `is known` asked about."""

    def others_need(self, term: OtherDecision, record: object, origin: Origin) -> Iterator[str]: ...

    def others_relied(self, term: OtherDecision, record: object, origin: Origin) -> Iterator[str]: ...


OtherDecision: TypeAlias = terms.OutcomeOf | terms.RuleHolds


class Needs:
    """Asks what terms depend on. ``day``: the field that gives the day."""

    def __init__(self, evaluator: Evaluator, day: str, others: Others) -> None:
        self.evaluator = evaluator
        self.day = day
        self.others = others
        self._asked: set[tuple[int, int, Trail]] = set()
        self._values: dict[tuple[int, int], object] = {}
        self._own: dict[tuple[object, ...], Place] = {}
        """Where the bodies of definitions are evaluated: by definition and argument, and by where they are called."""
        self._inner: dict[tuple[str, int, int, int], Place] = {}
        """Where elements are: by variable and number, by collection, and by where they are gone through. In a package
        equal terms are one, so two quantifiers may go through the same collection with other variables.
        """
        self._bare: Place | None = None

    def begin(self) -> None:
        """Begin a walk, in which nothing is asked twice: conditions share much of what they read."""
        self._asked = set()

    def value(self, term: Term, place: Place) -> object:
        """The value of a term. The walk goes from a condition down to its parts, so those of a connective are kept."""
        if not place.shared or type(term) in _PLAIN or place.context.trace is not None:
            return self.evaluator.code(term)(place.env, place.context)
        key = (id(term), id(place))
        try:
            return self._values[key]
        except KeyError:
            value = self._values[key] = self._evaluated(term, place)
            return value

    def _evaluated(self, term: Term, place: Place) -> object:
        match term:
            case terms.Line(condition=condition):
                return self.value(condition, place)
            case terms.And(operands=operands):
                return self._connected(operands, place, False)
            case terms.Or(operands=operands):
                return self._connected(operands, place, True)
            case terms.Not(operand=operand):
                value = self.value(operand, place)
                return not value if isinstance(value, bool) else None
            case _:
                return self.evaluator.code(term)(place.env, place.context)

    def _connected(self, operands: tuple[Term, ...], place: Place, deciding: bool) -> kleene.Truth:
        """As evaluated: from left to right, up to the operand that decides."""
        result: kleene.Truth = not deciding
        for operand in operands:
            value = self.value(operand, place)
            if value is deciding:
                return deciding
            if not isinstance(value, bool):
                result = None
        return result

    def of(self, term: Term, place: Place, trail: Trail = ()) -> Iterator[str]:
        """What ``term``, or the part of its value at the end of ``trail``, depends on; nothing where that is known."""
        if place.shared:
            key = (id(term), id(place), trail)
            if key in self._asked:
                return
            self._asked.add(key)
        value = self.value(term, place)
        for step in trail:
            value = _part(value, step)
        if not _is_partly_unknown(value):
            return
        if isinstance(value, KleeneSet) and isinstance(term, (terms.Filter, terms.When, terms.SetOperation)):
            for element, _ in value.members:
                yield from self.membership(element, term, place)
            return
        match term:
            case terms.Local(name=name):
                yield from self._parts(value, trail, place.origins.get(name, nothing))
            case terms.Field(base=base, name=name):
                yield from self._parts(value, trail, lambda end: self.of(base, place, (f".{name}", *end)))
            case terms.AtParty(base=base, party=party):
                who = self.value(party, place)
                yield from self.of(party, place)
                if who is not None:
                    yield from self._parts(value, trail, lambda end: self.of(base, place, (f".{who}", *end)))
            case terms.Lookup():
                yield from self._lookup(term, place)
            case terms.Call(define=name, arguments=arguments):
                body = self.evaluator.program.defines[name].body
                yield from self.of(body, self._called(name, arguments, place), trail)
            case terms.OutcomeOf(record=record) | terms.RuleHolds(record=record):
                yield from self.others.others_need(term, self.value(record, place), self._origin(record, place))
            case terms.RecordOf(fields=entries) | terms.PerPartyOf(entries=entries):
                for name, entry in entries:
                    if not trail or trail[0] == f".{name}":
                        yield from self.of(entry, place, trail[1:])
            case terms.ListOf(elements=elements):
                for number, element in enumerate(elements):
                    if not trail or trail[0] == f"[{number}]":
                        yield from self.of(element, place, trail[1:])
            case terms.NamedSet(name=name):
                yield from self.of(self.evaluator.program.sets[name].body, self._nowhere(place), trail)
            case terms.InWindow():
                yield self.day
            case terms.MemberOf(value=sought, collection=collection):
                yield from self._member_of(sought, collection, place)
            case terms.Quantifier(kind=kind, variable=variable, source=source, body=body):
                yield from self._elements(variable, source, (body,), place, idle=kind == "all")
            case terms.Count(variable=variable, source=source, where=where):
                yield from self._elements(variable, source, (where,), place)
            case terms.Sum(variable=variable, source=source, where=where, value=summand):
                yield from self._elements(variable, source, (where, summand), place)
            case terms.Filter(variable=variable, source=source, where=where):
                yield from self._elements(variable, source, (where,), place)
            case terms.SubsetOf(left=left, right=right):
                yield from self.of(left, place)
                for element, _ in kleene.elements(self._collection(left, place)):
                    yield from self.membership(element, right, place)
            case terms.Cases(cases=cases):
                yield from self._cases(cases, place, trail)
            case _:
                # Operators and connectives, whose operands are evaluated in the same place.
                for child in children(term):
                    yield from self.of(child, place)

    def membership(self, value: object, term: Term, place: Place) -> Iterator[str]:
        """What ``value in term`` depends on, for a known value."""
        if self.evaluator.membership(term)(value, place.env, place.context) is not None:
            return
        match term:
            case terms.NamedSet(name=name):
                yield from self.membership(value, self.evaluator.program.sets[name].body, self._nowhere(place))
            case terms.Call(define=name, arguments=arguments):
                body = self.evaluator.program.defines[name].body
                yield from self.membership(value, body, self._called(name, arguments, place))
            case terms.Filter(variable=variable, source=source, where=where):
                yield from self.membership(value, source, place)
                yield from self.of(where, place.bind(variable, value, nothing))
            case terms.When(condition=condition, value=dated):
                yield from self.of(condition, place)
                yield from self.membership(value, dated, place)
            case terms.SetOperation(left=left, right=right):
                yield from self.membership(value, left, place)
                yield from self.membership(value, right, place)
            case terms.SetOf(elements=elements) | terms.ListOf(elements=elements):
                for element in elements:
                    if kleene.equal(value, self.value(element, place)) is None:
                        yield from self.of(element, place)
            case _:
                yield from self.of(term, place)

    def relied(self, term: Term, place: Place) -> Iterator[str]:
        """The unknown facts that `is known` asks about in ``term``, in the order of evaluation.

        Of a part that has no value, nothing: the decision has an answer, so it was not evaluated. In
        `{} subset of (S if c is known)` no element asks for the set on the right, nor for `c`.
        """
        if self.evaluator.asks_known(term):
            with suppress(GapError, ContradictionError):
                yield from self._relied(term, place)

    def _relied(self, term: Term, place: Place) -> Iterator[str]:
        match term:
            case terms.IsKnown(operand=operand):
                yield from self.of(operand, place)
            case terms.And(operands=operands) | terms.Or(operands=operands):
                deciding = isinstance(term, terms.Or)
                for operand in operands:
                    yield from self.relied(operand, place)
                    if self.value(operand, place) is deciding:
                        break
            case terms.Call(define=name, arguments=arguments):
                for argument in arguments:
                    yield from self.relied(argument, place)
                yield from self.relied(self.evaluator.program.defines[name].body, self._called(name, arguments, place))
            case terms.OutcomeOf(record=record) | terms.RuleHolds(record=record):
                yield from self.others.others_relied(term, self.value(record, place), self._origin(record, place))
            case terms.NamedSet(name=name):
                yield from self.relied(self.evaluator.program.sets[name].body, self._nowhere(place))
            case terms.MemberOf(collection=terms.Filter(variable=variable, source=source, where=where), value=sought):
                yield from self.relied(sought, place)
                yield from self.relied(source, place)
                yield from self.relied(where, place.bind(variable, self.value(sought, place), nothing))
            case terms.Quantifier() | terms.Count() | terms.Sum() | terms.Filter():
                yield from self.relied(term.source, place)
                bodies = [child for child in children(term) if child is not term.source]
                deciding = isinstance(term, terms.Quantifier) and term.kind == "any"
                for inner, sure in self._each(term.variable, term.source, place):
                    for body in bodies:
                        yield from self.relied(body, inner)
                    if isinstance(term, terms.Quantifier) and sure and self.value(term.body, inner) is deciding:
                        break
            case terms.Cases(cases=cases):
                unknown = False
                for case in cases:
                    holds = True if case.condition is None else self.value(case.condition, place)
                    if case.condition is not None:
                        yield from self.relied(case.condition, place)
                    if holds is True:
                        # After an unknown case the whole is unknown, and this value is not evaluated.
                        if not unknown:
                            yield from self.relied(case.value, place)
                        break
                    unknown = unknown or holds is None
            case _:
                for child in children(term):
                    yield from self.relied(child, place)

    # ------------------------------------------------------------------------------------------- parts

    def _parts(self, value: object, trail: Trail, origin: Origin) -> Iterator[str]:
        """The unknown parts of a value, each named by its own path."""
        match value:
            case Mapping():
                steps = [(f".{name}", part) for name, part in value.items()]
            case tuple():
                steps = [(f"[{number}]", part) for number, part in enumerate(value)]
            case KleeneSet(members=members):
                steps = [(f"[{number}]", part) for number, (part, _) in enumerate(members)]
            case _:
                steps = []
        if not steps:
            yield from origin(trail)
        for step, part in steps:
            if _is_partly_unknown(part):
                yield from self._parts(part, (*trail, step), origin)

    def _origin(self, term: Term, place: Place) -> Origin:
        return lambda trail: self.of(term, place, trail)

    def _called(self, name: str, arguments: tuple[Term, ...], place: Place) -> Place:
        """Where the body of a definition is evaluated."""
        if not place.shared:
            return self._bound(name, arguments, place)
        key = (name, id(place), *map(_name_of, arguments))
        known = self._own.get(key)
        if known is None:
            known = self._own[key] = replace(self._bound(name, arguments, place), shared=True)
        return known

    def _nowhere(self, place: Place) -> Place:
        """Where the body of a named set is evaluated."""
        if self._bare is None:
            self._bare = Place({}, {}, place.context, shared=True)
        return self._bare

    def _bound(self, name: str, arguments: tuple[Term, ...], place: Place) -> Place:
        names = [parameter for parameter, _ in self.evaluator.program.defines[name].parameters]
        given = dict(zip(names, arguments, strict=True))
        return Place(
            {parameter: self.value(argument, place) for parameter, argument in given.items()},
            {parameter: self._origin(argument, place) for parameter, argument in given.items()},
            place.context,
        )

    def _lookup(self, term: terms.Lookup, place: Place) -> Iterator[str]:
        asked = tuple(self.value(key, place) for key in term.keys)
        if None in asked or ABSENT in asked:
            for key in term.keys:
                yield from self.of(key, place)
            return
        index = self.evaluator.tables[term.table]
        if index.find(asked, place.context.day) is Missing.NO_DAY:
            yield self.day
        else:
            yield row_name(index.table, asked)

    def _member_of(self, sought: Term, collection: Term, place: Place) -> Iterator[str]:
        value = self.value(sought, place)
        yield from self.of(sought, place)
        if value is not None:
            yield from self.membership(value, collection, place)
        elif self.value(collection, place) is None or isinstance(collection, (terms.SetOf, terms.ListOf)):
            yield from self.of(collection, place)

    def _collection(self, term: Term, place: Place) -> kleene.Collection:
        value = self.value(term, place)
        return () if value is None or value is ABSENT else value  # type: ignore[return-value]

    def _each(self, variable: str, source: Term, place: Place) -> Iterator[tuple[Place, kleene.Truth]]:
        """A place for each element, and how surely it is in the collection."""
        for number, (element, sure) in enumerate(kleene.elements(self._collection(source, place))):
            key = (variable, number, id(source), id(place))
            inner = self._inner.get(key)
            if inner is None:
                inner = place.bind(variable, element, self._element_origin(source, place, number))
                if place.shared:
                    inner = self._inner[key] = replace(inner, shared=True)
            yield inner, sure

    def _element_origin(self, source: Term, place: Place, number: int) -> Origin:
        return lambda trail: self.of(source, place, (f"[{number}]", *trail))

    def _elements(
        self, variable: str, source: Term, bodies: tuple[Term, ...], place: Place, idle: bool = False
    ) -> Iterator[str]:
        """What depends on the elements; not on those for which the first of ``bodies`` is ``idle``."""
        if self.value(source, place) is None:
            yield from self.of(source, place)
        for inner, sure in self._each(variable, source, place):
            if self.value(bodies[0], inner) is idle:
                continue
            for body in bodies:
                yield from self.of(body, inner)
            if sure is None:
                yield from self.membership(inner.env[variable], source, place)

    def _cases(self, cases: tuple[terms.Case, ...], place: Place, trail: Trail) -> Iterator[str]:
        unknown = False
        for case in cases:
            holds = True if case.condition is None else self.value(case.condition, place)
            if holds is True:
                if not unknown:
                    yield from self.of(case.value, place, trail)
                return
            if holds is None and case.condition is not None:
                unknown = True
                yield from self.of(case.condition, place)


def _name_of(term: Term) -> object:
    """The name of a local, or of a part of one; any other term by its identity."""
    match term:
        case terms.Local(name=name):
            return name
        case terms.Field(base=base, name=name):
            return _name_of(base), name
        case _:
            return id(term)


def _part(value: object, step: str) -> object:
    match value:
        case Mapping():
            return value.get(step[1:])
        case tuple():
            return value[int(step[1:-1])]
        case KleeneSet(members=members):
            return members[int(step[1:-1])][0]
        case _:
            return None


def _is_partly_unknown(value: object) -> bool:
    match value:
        case None:
            return True
        case KleeneSet(members=members):
            return any(sure is None or _is_partly_unknown(element) for element, sure in members)
        case Mapping():
            return any(map(_is_partly_unknown, value.values()))
        case tuple() | frozenset():
            return any(map(_is_partly_unknown, value))
        case _:
            return False


def row_name(table: Table, keys: Iterable[object]) -> str:
    """A table row as `needs` names it: `chart[CU, NS1]`; text without quotes."""
    types = [type for _, type in table.parameters]
    written = [format_value(type, key).strip('"') for type, key in zip(types, keys, strict=True)]
    return f"{table.name}[{', '.join(written)}]"


_STEP = re.compile(r"[^.\[\]]+")


def in_order(needs: Iterable[str], record: RecordType | None) -> tuple[str, ...]:
    """Each once: facts in the order the record declares them, then table rows, then counsel's findings."""

    def rank(need: str) -> tuple[object, ...]:
        steps = _STEP.findall(need)
        position = None if record is None else _position(steps, record)
        if position is not None:
            return (0, position, need)
        return (2 if need.startswith("findings.") else 1, (), need)

    return tuple(sorted(dict.fromkeys(needs), key=rank))


def _position(steps: list[str], type: Type) -> tuple[int, ...] | None:
    match type:
        case _ if not steps:
            return ()
        case AbsentType(element=element):
            return _position(steps, element)
        case RecordType(fields=fields):
            for number, declared in enumerate(fields):
                if declared.name == steps[0]:
                    below = _position(steps[1:], declared.type)
                    return None if below is None else (number, *below)
            return None
        case ListType(element=element):
            below = _position(steps[1:], element)
            return None if below is None or not steps[0].isdigit() else (int(steps[0]), *below)
        case PerPartyType():
            return ()
        case _:
            return None
