"""L202 of commitments: no act meets the condition, the time is over before it begins, or what is awaited cannot come.

`shall not hold Exercise when size > 9_000 and size < 5_000` never applies: no size is both. The page of L202 is in
`analysis/questions/never_applies.py`, which asks it of rules.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from comity.analysis.reciprocity.states import can_hold, never_performed
from comity.analysis.reciprocity.view import Undecided, View
from comity.base.diagnostics import Diagnostic, Related, diagnostic
from comity.terms import is_empty


def never_applies(view: View) -> Iterator[Diagnostic]:
    """L202 holds of a commitment iff no act lies in the region of any of its clauses while it can bind."""
    for commitment in view.agreement.commitments:
        if commitment.window is not None and all(map(is_empty, commitment.window)):
            continue  # L211
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
