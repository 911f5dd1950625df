"""Facts are missing, without which a question about an agreement stays open.

Whether a mirrored commitment can bind both sides depends on what they can do, which the text does not say. State it
(`SOUTH can deploy Missile`), with its source. This is information, never an error.

Fires on:

    agreement talks between NORTH, SOUTH:
        status proposed

        commitment missiles by each party:  # R307
            shall not deploy Missile

Quiet on:

    agreement talks between NORTH, SOUTH:
        status proposed

        NORTH can deploy Missile
        SOUTH can deploy Missile

        commitment missiles by each party:
            shall not deploy Missile
"""

from __future__ import annotations

from collections.abc import Sequence

from comity.base.diagnostics import Diagnostic, diagnostic
from comity.core.agreements import Clause


def not_stated(clause: Clause, parties: Sequence[str], subjects: tuple[str, ...]) -> Diagnostic:
    """R307 holds of a mirrored pair iff R302 cannot be asked of it, for nothing is stated about some ``parties``."""
    who = " and ".join(parties)
    acts = " or ".join(clause.commitment.verbs)
    return diagnostic(
        "R307",
        f"nothing is stated about what {who} can do, so whether `{clause.name}` binds both sides is not decided",
        clause.commitment.span,
        subjects=subjects,
        help=f"state it: `{parties[0]} can {acts} {clause.commitment.record.name} …` or `cannot`, with a citation",
    )
