"""One side waits for the consent of a third state, the other does not.

The side that waits can be held back by somebody who promised nothing.

Fires on:

    agreement talks between NORTH, SOUTH:
        status proposed

        commitment north_missiles by NORTH:  # R311
            shall not deploy Missile
            binding when TR consents

        commitment south_missiles by SOUTH:
            shall not deploy Missile

        mirror north_missiles with south_missiles

Quiet on:

    agreement talks between NORTH, SOUTH:
        status proposed

        commitment north_missiles by NORTH:
            shall not deploy Missile
            binding when TR consents

        commitment south_missiles by SOUTH:
            shall not deploy Missile
            binding when TR consents

        mirror north_missiles with south_missiles
"""

from __future__ import annotations

from collections.abc import Iterator

from comity.analysis.reciprocity.states import atoms, binding_of, consents, events
from comity.analysis.reciprocity.view import View
from comity.base.diagnostics import Diagnostic, diagnostic
from comity.core.agreements import Clause
from comity.terms import CommitmentState, Term


def third_parties(view: View) -> Iterator[Diagnostic]:
    """R311 holds of a mirrored pair iff one side's `binding` waits for a state's consent that the other's does not."""
    for left, right, mirror in view.mirrored_pairs():
        if mirror is None:
            continue
        swaps = dict(mirror.swaps) | {two: one for one, two in mirror.swaps}
        waits = {clause.owner: consents(clause.binding) for clause in (left, right)}
        for clause, other in ((left, right), (right, left)):
            answered = {swaps.get(country, country) for country in waits[other.owner]}
            for country in sorted(waits[clause.owner] - answered):
                yield diagnostic(
                    "R311",
                    f"`{clause.name}` waits for the consent of {country}, but its mirror `{other.name}` does not",
                    clause.commitment.span,
                    subjects=(clause.name, other.name),
                    witness=_waiting(view, clause, other, country),
                    help=f"make `{other.name}` wait for it too, or do without it",
                )


def _waiting(view: View, clause: Clause, other: Clause, country: str) -> dict[str, object] | None:
    """An act that only the other side may no longer do, once all has come about but the consent of ``country``."""
    found = view.find(other.commitment.record, other.region)
    if found is None:
        return None
    states = {state for c in (clause, other) for state in atoms(binding_of(view, c)) if not _consents(state, country)}
    return {**view.act(found, other, clause.owner), "events": events(view, frozenset(states), view.day)}


def _consents(state: Term, country: str) -> bool:
    return isinstance(state, CommitmentState) and state.state == "consents" and state.subject == country
