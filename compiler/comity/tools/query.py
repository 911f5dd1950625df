"""Asking a decision about every value of one fact: which destinations need a license for 3A001?

What the condition `where` fixes (`item.eccn == 3A001 and value == 10_000 USD`) are facts; whatever else it says only
keeps rows in which it is not false. Other facts are those given, unknown ones included, then those of an `example`,
then defaults (`runtime.inputs`); else they are unknown, so an answer may be undetermined: a row never says more than
what was asked about settles.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from comity.core import ast as core
from comity.core.given import complete, example_of, replaced
from comity.core.interpret import Interpreter
from comity.core.walk import children
from comity.runtime.answer import Answer, FactsError, PolicyError
from comity.runtime.facts import encode
from comity.runtime.light import dataclass
from comity.runtime.suggest import nearest
from comity.runtime.types import AbsentType, BoolType, EccnType, EnumType, HsCodeType, PlaceType, RecordType, Type
from comity.runtime.values import ABSENT
from comity.terms import THIS, And, Const, Equal, Field, IsPresent, Line, ListOf, Local, Lookup, Not, SetOf, Term


class QueryError(Exception):
    """A question that cannot be asked so; the message says why and what can."""


@dataclass(frozen=True, slots=True)
class Row:
    """``values``: those of the dimensions, as JSON. ``answer`` is None where no such input can be (``refused``)."""

    values: Mapping[str, object]
    answer: Answer | None
    refused: str | None = None

    def to_json(self) -> dict[str, object]:
        if self.answer is None:
            return {**self.values, "outcome": None, "error": "refused", "reason": self.refused, "rules": []}
        answer = self.answer
        row = {**self.values, "outcome": answer.outcome, "determined": answer.determined}
        if not answer.determined:
            row |= {"possible": list(answer.possible), "needs": list(answer.needs)}
        if answer.error is not None:
            row["error"] = answer.error
        deciding = ("decides",) if answer.determined else ("decides", "possible")
        row["rules"] = [rule.name for rule in answer.rules if rule.status in deciding]
        return row


def query(
    interpreter: Interpreter,
    decision: core.Decision,
    where: Term | None,
    by: Sequence[str],
    given: Mapping[str, object] | None = None,
    as_of: date | None = None,
) -> Iterator[Row]:
    """The answers for every combination of values of the facts ``by`` (dotted paths); raises QueryError, FactsError.

    ``given``: facts in JSON form that hold throughout, complete or not.
    """
    record = decision.record
    paths = [tuple(path.split(".")) for path in by]
    for number, path in enumerate(paths):
        if path in paths[:number]:
            raise QueryError(f"`{'.'.join(path)}` is asked about twice")
    domains = [domain(interpreter.program, record, path) for path in paths]
    base = interpreter.decoder(record, partial=True)(given or {}).value
    assert isinstance(base, Mapping)
    for path, value in fixed(where):
        if path in paths:
            domains[paths.index(path)] = [value]
        base = replaced(base, path, value, make=True)
    example = example_of(_module_of_example(interpreter, decision), record, interpreter)
    for values in _combinations(domains):
        own = base
        for path, value in zip(paths, values, strict=True):
            own = replaced(own, path, value, make=True)
        defaults: list[str] = []
        facts = complete(record, own, example, [], defaults)
        day = as_of or _day(record, facts)
        if where is not None and _is_false(interpreter, where, facts, day):
            continue
        shown = {
            ".".join(path): encode(_type_at(record, path), value) for path, value in zip(paths, values, strict=True)
        }
        try:
            yield Row(shown, interpreter.decide(decision.qname, facts, as_of, defaults=defaults))
        except FactsError as error:
            yield Row(shown, None, str(error))


def _is_false(interpreter: Interpreter, where: Term, facts: Mapping[str, object], day: date | None) -> bool:
    """Whether a condition leaves out these facts; one that asks a definition with a gap or contradiction does not."""
    try:
        return interpreter.evaluate(where, {THIS: facts}, day) is False
    except PolicyError:
        return False


def _combinations(domains: Sequence[Sequence[object]]) -> Iterator[tuple[object, ...]]:
    if not domains:
        yield ()
        return
    for first in domains[0]:
        for rest in _combinations(domains[1:]):
            yield (first, *rest)


def _module_of_example(interpreter: Interpreter, decision: core.Decision) -> str:
    """The module whose examples count: the decision's own; another one, if no other has any."""
    own = decision.qname.rpartition(".")[0]
    modules = {each.module for each in interpreter.program.examples if each.record == decision.record}
    return modules.pop() if own not in modules and len(modules) == 1 else own


def _day(record: RecordType, facts: Mapping[str, object]) -> date | None:
    day = facts.get(record.as_of) if record.as_of is not None else None
    return day if isinstance(day, date) else None


# ------------------------------------------------------------------------------------------- what is asked about


def fixed(where: Term | None) -> Iterator[tuple[tuple[str, ...], object]]:
    """The facts that a condition fixes: its conjuncts `path == value`, `path is absent`, `flag` and `not flag`."""
    match where:
        case And(operands=operands):
            for operand in operands:
                yield from fixed(operand)
        case Line(condition=condition):
            yield from fixed(condition)
        case Equal(left=Field() as fact, right=value) | Equal(left=value, right=Field() as fact) if _is_value(value):
            path = _path(fact)
            if path is not None:
                yield path, _value(value)
        case Not(operand=IsPresent(operand=Field() as fact)):
            path = _path(fact)
            if path is not None:
                yield path, ABSENT
        case Field(type=BoolType()):
            path = _path(where)
            if path is not None:
                yield path, True
        case Not(operand=Field(type=BoolType()) as fact):
            path = _path(fact)
            if path is not None:
                yield path, False
        case _:
            pass


def _is_value(term: Term) -> bool:
    """Whether a term is the same for all facts and days, as it is written out."""
    return isinstance(term, Const) or (isinstance(term, SetOf | ListOf) and all(map(_is_value, term.elements)))


def _value(term: Term) -> object:
    match term:
        case SetOf(elements=elements):
            return frozenset(map(_value, elements))
        case ListOf(elements=elements):
            return tuple(map(_value, elements))
        case _:
            assert isinstance(term, Const)
            return term.value


def _path(term: Term) -> tuple[str, ...] | None:
    match term:
        case Local(name=name) if name == THIS:
            return ()
        case Field(base=base, name=name):
            above = _path(base)
            return None if above is None else (*above, name)
        case _:
            return None


def _type_at(record: RecordType, path: Sequence[str]) -> Type:
    """The type of the fact at a path; raises QueryError where there is none."""
    kind: Type = record
    for number, name in enumerate(path):
        field = kind.field(name) if isinstance(kind, RecordType) else None
        if field is None:
            at = ".".join(path[:number]) or record.name
            known = (
                ", ".join(f.name for f in kind.fields) if isinstance(kind, RecordType) else "none: it is not a record"
            )
            near = nearest(name, [f.name for f in kind.fields]) if isinstance(kind, RecordType) else None
            hint = f"; did you mean `{'.'.join((*path[:number], near))}`?" if near else ""
            raise QueryError(f"`{at}` has no field `{name}`; it has {known}{hint}")
        kind = field.type
    return kind


def domain(program: core.Program, record: RecordType, path: Sequence[str]) -> list[object]:
    """Every value of a fact, in declared order; codes are those that tables list."""
    kind = _type_at(record, path)
    none: list[object] = []
    if isinstance(kind, AbsentType):
        none, kind = [ABSENT], kind.element
    match kind:
        case EnumType(members=members):
            return [*members, *none]
        case BoolType():
            return [True, False, *none]
        case PlaceType(countries=countries, zones=zones):
            return [*countries, *(zone for zone, _ in zones), *none]
        case EccnType() | HsCodeType():
            return [*_codes(program, kind), *none]
        case _:
            raise QueryError(
                f"`{'.'.join(path)}` is {kind}: only enums, countries, places, codes and Bool have few values"
            )


def _codes(program: core.Program, kind: Type) -> list[object]:
    """The codes that are keys of tables, or are named in rules, sorted."""
    found: set[str] = set()
    for table in program.tables.values():
        for position, (_, type) in enumerate(table.parameters):
            if type == kind:
                found.update(str(row.keys[position]) for row in table.rows)
    for decision in program.decisions.values():
        for rule in decision.rules:
            _constants(rule.condition, kind, found)
    return sorted(found)  # type: ignore[return-value]


def _constants(term: Term, kind: Type, found: set[str]) -> None:
    if isinstance(term, Const) and term.type == kind:
        found.add(str(term.value))
    if not isinstance(term, Lookup):
        for child in children(term):
            _constants(child, kind, found)
