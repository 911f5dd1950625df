"""R303: a commitment that binds a party on an act it has kept off the table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import TypeAlias

from comity.analysis.reciprocity.view import Undecided, View
from comity.checked.ast import RedLine, Reservation
from comity.core.agreements import Clause, inlined, plain
from comity.core.walk import children, rewrite, substitute
from comity.diagnostics import Diagnostic, Related, diagnostic
from comity.runtime.types import PARTY, BoolType, DateType, EnumType, PlaceType, RecordType, TextType, Type
from comity.runtime.types import Field as FieldType
from comity.terms import THIS, TRUE, And, Const, Field, Local, Term

Point: TypeAlias = int | Fraction
"""A number, or the ordinal of a day."""


def crossed(view: View) -> Iterator[Diagnostic]:
    """R303 holds of a commitment and a red line iff some reserved act lies in what the commitment limits.

    For `no limit on` only what is a breach however it is disclosed counts: a duty to tell is no limit.
    """
    for line in view.agreement.red_lines:
        for reservation in line.reservations:
            seen: set[str] = set()
            for clause in view.clauses:
                if clause.name in seen or not _speaks(clause, line, reservation):
                    continue
                finding = _crossing(view, clause, line, reservation)
                if finding is not None:
                    seen.add(clause.name)
                    yield finding


def _speaks(clause: Clause, line: RedLine, reservation: Reservation) -> bool:
    """A minimum, like a duty, is a commitment but no limit: no act of the kind is a breach."""
    limit = clause.commitment.limit
    limits = clause.kind == "prohibition" or (limit is not None and limit != "at least")
    binds = limits or (reservation.kind == "commitment" and clause.kind in ("duty", "quantity"))
    return (
        clause.owner == plain(line.party)
        and binds
        and clause.commitment.record == reservation.record
        and bool(set(clause.commitment.verbs) & set(reservation.verbs))
    )


def _crossing(view: View, clause: Clause, line: RedLine, reservation: Reservation) -> Diagnostic | None:
    record = reservation.record
    sides: dict[str, Term] = {"self": Const(clause.owner, PARTY), "other": Const(clause.other, PARTY)}
    reserved = TRUE if reservation.when is None else substitute(reservation.when, sides)
    region = clause.region
    if reservation.kind == "limit":
        region = _whatever_disclosed(inlined(region, view.program), record)
    try:
        found = view.find(record, reserved, view.in_time(clause, region))
    except Undecided as why:
        return view.undecided(
            f"`{clause.name}` crosses `{line.name}`", clause.commitment.span, why, (clause.name, line.name)
        )
    if found is None:
        return None
    verb = next(verb for verb in clause.commitment.verbs if verb in reservation.verbs)
    witness = view.witness(found, record, verb, clause.owner, clause.other)
    limit, number = clause.commitment.limit, view.number(clause)
    if limit is not None and limit != "at least" and number is not None:
        witness["count"] = int(number) + 1
    return diagnostic(
        "R303",
        f"`{clause.name}` binds {clause.owner} where `{line.name}` reserves {verb} {record.name}",
        clause.commitment.span,
        related=(Related("the red line", line.span),),
        subjects=(clause.name, line.name),
        witness=witness,
        help="leave the reserved acts out of the commitment",
    )


def _whatever_disclosed(region: Term, record: RecordType) -> Term:
    """True where ``region`` is true for every value of the fields that only tell (`disclosure`).

    A condition can tell apart no more values of a field than lie at, between and beyond the constants it is
    compared with, so one of each is enough.
    """
    for field in record.fields:
        if field.disclosure:
            values = list(_values(field, region))
            region = And(tuple(_with(region, field.name, value) for value in values)) if values else region
    return region


def _with(region: Term, name: str, value: Term) -> Term:
    def put(term: Term) -> Term | None:
        match term:
            case Field(base=Local(name=base), name=field) if base == THIS and field == name:
                return value
            case _:
                return None

    return rewrite(region, put)


def _values(field: FieldType, region: Term) -> Iterator[Term]:
    kind = field.type
    match kind:
        case BoolType():
            yield from (Const(False, kind), Const(True, kind))
        case EnumType(members=members):
            yield from (Const(member, kind) for member in members)
        case PlaceType(countries=countries, zones=zones):
            yield from (Const(place, kind) for place in (*countries, *(zone for zone, _ in zones)))
        case TextType():
            texts = sorted(_texts(region))
            yield from (Const(text, kind) for text in (*texts, "".join(texts) + "other"))
        case _:
            for point in _around(sorted(_constants(region, kind))):
                yield Const(date.fromordinal(int(point)) if isinstance(kind, DateType) else point, kind)


def _constants(term: Term, kind: Type) -> set[Point]:
    found: set[Point] = set()
    if isinstance(term, Const) and term.type == kind and isinstance(term.value, int | Fraction | date):
        found.add(term.value.toordinal() if isinstance(term.value, date) else term.value)
    for child in children(term):
        found |= _constants(child, kind)
    return found


def _texts(term: Term) -> set[str]:
    found = {term.value} if isinstance(term, Const) and isinstance(term.value, str) else set()
    return found.union(*map(_texts, children(term)))


def _around(points: list[Point]) -> Iterator[Point]:
    """Each of sorted points, one before the first, one between each two, one after the last."""
    for number, point in enumerate(points):
        if number == 0:
            yield point - 1
        yield point
        yield (point + points[number + 1]) / Fraction(2) if number + 1 < len(points) else point + 1
