"""Commitments mirrored in words, of which only one can ever bind.

On the stated facts (`cannot`, `can`) one side can do nothing of what is forbidden, and the other can: equal words, and
a price that one side pays alone. Choose an act that both can do, or say that the difference is wanted.

Fires on:

    agreement talks between NORTH, SOUTH:
        status proposed

        SOUTH cannot deploy Missile when reach > 500 km
        NORTH can deploy Missile

        commitment missiles by each party:  # R302
            shall not deploy Missile
            when reach > 500 km

Quiet on:

    agreement talks between NORTH, SOUTH:
        status proposed

        SOUTH can deploy Missile
        NORTH can deploy Missile

        commitment missiles by each party:
            shall not deploy Missile
            when reach > 500 km
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from comity.analysis.reciprocity.not_decided import not_stated
from comity.analysis.reciprocity.view import Undecided, View, either, not_true, sided
from comity.base.diagnostics import Diagnostic, diagnostic
from comity.core.agreements import Clause, plain
from comity.core.ast import Capability
from comity.terms import TRUE, Term


def vacuous(view: View, uneven: Collection[str]) -> Iterator[Diagnostic]:
    """R302 holds of a mirrored pair iff one side can do nothing of what is forbidden, and the other can.

    R307 says of which parties no fact is stated. Pairs that are ``uneven`` (R301) are left to that finding.
    """
    asked: set[str] = set()
    for left, right, _ in view.mirrored_pairs():
        names = {left.name, right.name}
        if left.kind not in ("prohibition", "quantity") or names & set(uneven) or names & asked:
            continue
        asked |= names
        subjects = tuple(dict.fromkeys((left.name, right.name)))
        span = left.commitment.span
        bound: dict[str, bool | None] = {}
        try:
            for clause in (left, right):
                bound[clause.owner] = _can_be_bound(view, clause)
        except Undecided as why:
            yield view.undecided(f"both sides can be bound by `{left.name}`", span, why, subjects)
            continue
        free = [party for party, can in bound.items() if can is False]
        unsaid = [party for party, can in bound.items() if can is None]
        if len(free) == 1:
            other = left.owner if free[0] == right.owner else right.owner
            yield _only_one(view, left if left.owner == other else right, free[0], subjects)
        elif unsaid and not free:
            yield not_stated(left, unsaid, subjects)


def _only_one(view: View, binds: Clause, free: str, subjects: tuple[str, ...]) -> Diagnostic:
    found = view.find(binds.commitment.record, binds.region)
    witness = None
    if found is not None:
        witness = view.witness(found, binds.commitment.record, binds.commitment.verbs[0], binds.owner, free)
    return diagnostic(
        "R302",
        f"`{binds.name}` is mutual in words, but on the stated facts it can bind only {binds.owner}: {free} cannot "
        "do what it forbids",
        binds.commitment.span,
        subjects=subjects,
        witness=witness,
        gains=free,
        help=f"find something that {free} would give up too",
    )


def _can_be_bound(view: View, clause: Clause) -> bool | None:
    """Whether the owner can do an act that the clause forbids, by any verb; None if too little is stated about it."""
    known = [_can_do(view, clause, verb) for verb in clause.commitment.verbs]
    return True if True in known else None if None in known else False


def _can_do(view: View, clause: Clause, verb: str) -> bool | None:
    stated = [c for c in _capabilities(view) if _about(c, clause, verb)]
    if not stated:
        return None
    cannot = [_when(c, clause) for c in stated if not c.can]
    if not cannot:
        # What it can do elsewhere says nothing about here.
        here = either(_when(c, clause) for c in stated)
        return True if view.find(clause.commitment.record, clause.region, here) is not None else None
    return view.find(clause.commitment.record, clause.region, not_true(either(cannot))) is not None


def _capabilities(view: View) -> tuple[Capability, ...]:
    return (*view.program.capabilities, *view.agreement.capabilities)


def _about(capability: Capability, clause: Clause, verb: str) -> bool:
    return (
        plain(capability.party) == clause.owner
        and capability.record == clause.commitment.record
        and verb in capability.verbs
    )


def _when(capability: Capability, clause: Clause) -> Term:
    if capability.when is None:
        return TRUE
    return sided(clause, capability.when)
