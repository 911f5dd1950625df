"""Small checked trees by hand, for tests that need no text."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, cast

from comity import parts, terms
from comity.base.source import SourceFile, Span
from comity.checked import ast as checked
from comity.runtime.types import BOOL, DATE, EnumType, Field, PlaceType, RecordType, SetType, Type
from comity.terms import Term

NODE = cast(Any, None)
"""No surface node stands behind these trees."""

OUTCOMES = ("prohibited", "license", "free")
COLUMN = EnumType("m", "Column", ("NS1", "NS2", "MT1"))
COLUMNS = SetType(COLUMN)


def span(line: int, path: str = "m.comity") -> Span:
    return Span(path, line * 100, line * 100 + 1, line, 1, line, 2)


def record(*fields: Field, as_of: str | None = "day", name: str = "Case") -> RecordType:
    return RecordType("m", name, (*fields, Field("day", DATE)), as_of)


def fact(name: str, type: Type = BOOL, optional: bool = True) -> Field:
    return Field(name, type, optional=optional)


def this(kind: RecordType) -> terms.Local:
    return terms.Local(terms.THIS, kind)


def read(kind: RecordType, name: str) -> terms.Field:
    declared = kind.field(name)
    assert declared is not None
    return terms.Field(this(kind), name, declared.type)


def decision(
    kind: RecordType,
    outcomes: tuple[str, ...] = OUTCOMES,
    grounds: Iterable[parts.Ground] = (),
    otherwise: str | None = "free",
    name: str = "permit",
) -> checked.Decision:
    return checked.Decision(
        qname=f"m.{name}",
        doc="",
        cites=(),
        span=span(1),
        record=kind,
        outcomes=EnumType("m", name, outcomes),
        outcome_docs=("",) * len(outcomes),
        grounds=tuple(grounds),
        otherwise=otherwise,
        node=NODE,
    )


def over(winner: str, loser: str, line: int = 2) -> parts.Ground:
    return parts.Ground("over", winner, loser, (), span=span(line))


def by(kind: str, line: int = 3) -> parts.Ground:
    return parts.Ground(cast(Any, kind), None, None, (), span=span(line))


def rule(
    name: str,
    then: str | None = "license",
    *clauses: checked.PrecedenceClause,
    when: Term | None = None,
    unless: Term | None = None,
    window: tuple[terms.Interval, ...] | None = None,
    for_each: tuple[str, Term, EnumType] | None = None,
    refer: str | None = None,
    rank: str | None = None,
    module: str = "m",
    of: str = "permit",
    cites: tuple[str, ...] = (),
) -> checked.Rule:
    return checked.Rule(
        qname=f"{module}.{name}",
        doc="",
        cites=cites,
        span=span(sum(map(ord, name))),
        decision=f"m.{of}",
        window=window,
        for_each=for_each,
        precedence=clauses,
        refer=refer,
        when=when,
        unless=unless,
        then=then,
        rank=rank,
        node=NODE,
    )


def clause(kind: str, *targets: str | tuple[str, Term] | checked.EveryRuleTarget, line: int = 9) -> Any:
    """A clause; targets by name (in module m, unless dotted), by name and key, or `every`."""
    made: list[checked.RuleTarget | checked.EveryRuleTarget] = []
    for target in targets:
        match target:
            case str():
                made.append(named(target, line=line))
            case (name, key):
                made.append(named(name, key, line))
            case checked.EveryRuleTarget():
                made.append(target)
    return checked.PrecedenceClause(cast(Any, kind), tuple(made), span(line))


def named(name: str, key: Term | None = None, line: int = 9) -> checked.RuleTarget:
    return checked.RuleTarget(name if "." in name else f"m.{name}", key, span(line))


def every(module: str | None = None, *excepted: str) -> checked.EveryRuleTarget:
    return checked.EveryRuleTarget(module, tuple(map(named, excepted)), span(9))


def program(
    decisions: Iterable[checked.Decision] = (),
    rules: Iterable[checked.Rule] = (),
    *,
    sets: Iterable[checked.NamedSet] = (),
    defines: Iterable[checked.Define] = (),
    tables: Iterable[checked.Table] = (),
    records: Iterable[checked.Record] = (),
    texts: dict[str, str] | None = None,
    place: PlaceType | None = None,
) -> checked.Program:
    modules = {
        name: checked.Module(name, SourceFile(f"{name}.comity", name, text), NODE, None, None)
        for name, text in (texts or {"m": ""}).items()
    }
    return checked.Program(
        modules=modules,
        place=place or PlaceType(),
        decisions={d.qname: d for d in decisions},
        rules={r.qname: r for r in rules},
        sets={s.qname: s for s in sets},
        defines={d.qname: d for d in defines},
        tables={t.qname: t for t in tables},
        records={r.qname: r for r in records},
    )


def named_set(
    name: str, type: SetType, *parts: tuple[str, Term, tuple[terms.Interval, ...] | None]
) -> checked.NamedSet:
    made = tuple(checked.SetPart(cast(Any, sign), value, window, span(5)) for sign, value, window in parts)
    return checked.NamedSet(f"m.{name}", "", (), span(5), type, made, NODE)


def define(
    name: str, parameters: tuple[tuple[str, Type], ...], result: Type, body: Term, record: RecordType | None = None
) -> checked.Define:
    return checked.Define(f"m.{name}", "", (), span(6), record, parameters, result, body, NODE)


def table(
    name: str,
    parameters: tuple[tuple[str, Type], ...],
    result: Type,
    rows: Iterable[tuple[tuple[object, ...], object] | tuple[tuple[object, ...], object, terms.Interval]],
    **otherwise: object,
) -> checked.Table:
    return checked.Table(
        f"m.{name}",
        "",
        (),
        span(7),
        parameters,
        result,
        tuple(parts.Row(row[0], row[1], row[2] if len(row) == 3 else None, place="rows.csv:2") for row in rows),
        "otherwise" in otherwise,
        otherwise.get("otherwise"),
        None,
        None,
        NODE,
    )


def columns(*members: str) -> terms.SetOf:
    return terms.SetOf(tuple(terms.Const(m, COLUMN) for m in members), COLUMNS)


def const_true() -> terms.Const:
    return terms.Const(True, BOOL)


def local(name: str, type: Type = COLUMN) -> terms.Local:
    return terms.Local(name, type)


def since(year: int, month: int = 1, day: int = 1) -> tuple[terms.Interval, ...]:
    return ((date(year, month, day), None),)
