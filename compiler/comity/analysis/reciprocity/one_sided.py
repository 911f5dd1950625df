"""A reciprocal agreement with a commitment that has no mirror.

`reciprocal` promises that every commitment of one side is matched by one of the other. Add the mirror, make the
commitment `by each party`, or say why it stands alone (`asymmetric because "…"`).

Fires on:

    agreement talks between NORTH, SOUTH:
        status proposed
        reciprocal

        commitment missiles by SOUTH:  # R306
            shall not deploy Missile

Quiet on:

    agreement talks between NORTH, SOUTH:
        status proposed
        reciprocal

        commitment missiles by each party:
            shall not deploy Missile
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from comity.analysis.reciprocity.view import View
from comity.base.diagnostics import Diagnostic, Severity, diagnostic


def one_sided(view: View) -> Iterator[Diagnostic]:
    """R306 holds of a commitment by one party of a `reciprocal` agreement iff no `mirror` names it."""
    if not view.agreement.reciprocal:
        return
    mirrored = {clause.name for left, right, _ in view.mirrored_pairs() for clause in (left, right)}
    for commitment in view.agreement.commitments:
        if commitment.who.kind == "each party" or commitment.name in mirrored:
            continue
        reason = commitment.asymmetric
        found = diagnostic(
            "R306",
            f"`{commitment.name}` has no mirror, but `{view.agreement.name}` is reciprocal",
            commitment.span,
            subjects=(commitment.name,),
            help='mirror it, bind `each party`, or say `asymmetric because "…"`',
        )
        yield found if reason is None else as_info(found, reason)


def as_info(found: Diagnostic, reason: str) -> Diagnostic:
    """A wanted difference, with the reason that the text gives."""
    return replace(found, severity=Severity.INFO, message=f"{found.message}, because {reason}", help=None)
