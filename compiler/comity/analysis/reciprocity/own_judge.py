"""The party in breach decides whether there is a breach, or can veto the finding.

Let a third body find it, or one that decides by majority.

Fires on:

    agreement talks between NORTH, SOUTH:
        status proposed
        body COMMISSION = {NORTH, SOUTH} by consensus

        commitment exercises by each party:
            shall not conduct Exercise
            when troops > 9_000

        remedy answer by each party:  # R310
            on breach of exercises
            found by COMMISSION
            may suspend exercises
            until breach ends

Quiet on:

    agreement talks between NORTH, SOUTH:
        status proposed
        body COMMISSION = {CH, AT, SE} by majority

        commitment exercises by each party:
            shall not conduct Exercise
            when troops > 9_000

        remedy answer by each party:
            on breach of exercises
            found by COMMISSION
            may suspend exercises
            until breach ends
"""

from __future__ import annotations

from collections.abc import Iterator

from comity.analysis.reciprocity.improper_remedy import breached
from comity.analysis.reciprocity.view import View
from comity.base.diagnostics import Diagnostic, diagnostic
from comity.core.agreements import plain
from comity.core.ast import Remedy


def own_judges(view: View) -> Iterator[Diagnostic]:
    for remedy in view.agreement.remedies:
        yield from _own_judge(view, remedy)


def _own_judge(view: View, remedy: Remedy) -> Iterator[Diagnostic]:
    """R310 holds of a remedy iff a party that may be in breach finds the breach, or can veto its finding."""
    if remedy.found_by in (None, "self"):
        return
    assert remedy.found_by is not None
    judge = plain(remedy.found_by)
    owner = None if remedy.who.party is None else plain(remedy.who.party)
    in_breach = [party for party in view.parties if party != owner]
    bodies = {plain(name): body for name, body in view.program.bodies.items()}
    bodies |= {plain(body.qname): body for body in view.agreement.bodies}
    deciding: list[str] = []
    if judge in view.parties or judge == "other":
        # `other`, as the one that answers sees it, is whoever is in breach.
        deciding = in_breach if judge == "other" else [judge] if judge in in_breach else []
        how = "finds"
    elif judge in bodies:
        body = bodies[judge]
        members = [plain(member) for member in body.members]
        deciding = [party for party in in_breach if _can_veto(view, party, members, body.by == "consensus")]
        how = "can veto the finding of"
    else:
        return
    if deciding:
        yield diagnostic(
            "R310",
            f"{' or '.join(deciding)}, if in breach, {how} its own breach under `{remedy.name}`",
            remedy.span,
            subjects=(remedy.name,) if judge == "other" else (remedy.name, judge),
            witness=breached(view, remedy, deciding[0]),
            help="let a body find it that the party in breach does not hold up",
        )


def _can_veto(view: View, party: str, members: list[str], consensus: bool) -> bool:
    """Whether a body of ``members`` decides nothing without those that are the party, or its countries."""
    own = sum(member == party or member in view.members[party] for member in members)
    return own > 0 and (consensus or 2 * (len(members) - own) <= len(members))
