"""Questions that the text alone answers, or one search: commitments that never bite, have no mirror, or wait abroad.

In an agreement that is `reciprocal`, `by RU: shall not deploy Missile` with no commitment of the other side about
missiles has no mirror. `shall not hold Exercise when size > 9_000 and size < 5_000` never applies: no size is both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date

from comity.analysis.reciprocity.states import atoms, binding_of, can_hold, consents, events, never_performed
from comity.analysis.reciprocity.view import Undecided, View
from comity.base.diagnostics import Diagnostic, Related, Severity, diagnostic
from comity.core.agreements import Clause
from comity.terms import CommitmentState, Term


def never_applies(view: View) -> Iterator[Diagnostic]:
    """L202 holds of a commitment iff no act lies in the region of any of its clauses while it can bind."""
    for commitment in view.agreement.commitments:
        record, own = commitment.record, view.of(commitment)
        try:
            if any(view.find(record, view.while_due(c, c.region)) is not None for c in own):
                continue
            ever = any(view.find(record, c.region) is not None for c in own)
        except Undecided as why:
            yield view.undecided(f"`{commitment.name}` ever applies", commitment.span, why, (commitment.name,))
            continue
        if ever:
            message = f"`{commitment.name}` can bind on no day{_of_force(view)}"
            help = "let its time overlap with that of the agreement, or leave it out"
        else:
            message = f"no act meets the condition of `{commitment.name}`"
            help = "the commitment binds nobody as it stands"
        yield diagnostic("L202", message, commitment.span, subjects=(commitment.name,), help=help)


def _of_force(view: View) -> str:
    """When the agreement can bind, as a message goes on to say."""
    match view.force:
        case date() as first, None:
            return f": `{view.agreement.name}` is in force from {first}"
        case None, date() as last:
            return f": `{view.agreement.name}` is in force until {last}"
        case _:
            return ""


def never_bind(view: View, uneven: Collection[str]) -> Iterator[Diagnostic]:
    """L202 holds of a commitment too iff what it waits for cannot come about; ``uneven`` ones (R301) are left out."""
    for commitment in view.agreement.commitments:
        conditions = [each for each in (commitment.binding, commitment.deadline_after) if each is not None]
        unmet = next((each for each in conditions if not can_hold(view, each)), None)
        if unmet is None or commitment.name in uneven:
            continue
        names = never_performed(view, unmet)
        waits = " and ".join(f"`{name}`" for name in names)
        yield diagnostic(
            "L202",
            f"`{commitment.name}` never binds: what it waits for cannot come about"
            + (f", for {waits} is not a duty and so is never performed" if waits else ""),
            commitment.span,
            related=tuple(Related("not a duty", view.commitments[name].span) for name in names),
            subjects=(commitment.name,),
            help="wait for a duty to be performed, or for acceptance",
        )


def one_sided(view: View) -> Iterator[Diagnostic]:
    """R306 holds of a commitment by one party of a `reciprocal` agreement iff no `mirror` names it."""
    if not view.agreement.reciprocal:
        return
    mirrored = {clause.name for left, right, _ in view.mirrored_pairs() for clause in (left, right)}
    for commitment in view.agreement.commitments:
        if commitment.who.kind == "each party" or commitment.name in mirrored:
            continue
        reason = commitment.node.asymmetric
        found = diagnostic(
            "R306",
            f"`{commitment.name}` has no mirror, but `{view.agreement.name}` is reciprocal",
            commitment.span,
            subjects=(commitment.name,),
            help='mirror it, bind `each party`, or say `asymmetric because "…"`',
        )
        yield found if reason is None else as_info(found, reason.value)


def as_info(found: Diagnostic, reason: str) -> Diagnostic:
    """A wanted difference, with the reason that the text gives."""
    return replace(found, severity=Severity.INFO, message=f"{found.message}, because {reason}", help=None)


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
