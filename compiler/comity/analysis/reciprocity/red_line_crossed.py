"""A commitment binds a party on an act that the party has kept off the table.

`no commitment on` is crossed by any commitment that speaks of a reserved act, `no limit on` only where some reserved
act is a breach however it is disclosed: a duty to tell is not a limit. Only what keeps the record's `always` lines
can be disclosed.

Fires on:

    agreement talks between NORTH, SOUTH:
        status proposed

        red line posture for NORTH:
            no limit on deploy Missile when location == BE

        commitment missiles by each party:  # R303
            shall not deploy Missile
            when reach > 500 km

Quiet on:

    agreement talks between NORTH, SOUTH:
        status proposed

        red line posture for NORTH:
            no limit on conduct Exercise

        commitment exercises by each party:
            shall not conduct Exercise
            when troops > 9_000
            unless notified >= 42 days
"""

from __future__ import annotations

from collections.abc import Iterator

from comity.analysis.reciprocity.disclosure import Disclosure
from comity.analysis.reciprocity.view import Undecided, View, sided
from comity.base.diagnostics import Diagnostic, Related, diagnostic
from comity.core.agreements import Clause, plain
from comity.core.ast import RedLine
from comity.parts import Reservation
from comity.terms import TRUE


def crossed(view: View) -> Iterator[Diagnostic]:
    """R303 holds of a commitment and a red line iff some reserved act lies in what the commitment limits.

    For `no limit on` only what is a breach however it is disclosed counts: a duty to tell does not limit the act.
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
    reserved = TRUE if reservation.when is None else sided(clause, reservation.when)
    try:
        if reservation.kind == "limit":
            found = Disclosure(view, record, view.in_time(clause, clause.region)).find(reserved)
        else:
            found = view.find(record, reserved, view.in_time(clause, clause.region))
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
