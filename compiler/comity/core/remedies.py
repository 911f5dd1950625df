"""How long a suspension may be held: what the remedies of an agreement say of it.

    remedy answer by each party:                 05-30  A is in breach of `report`
        on breach of report                      06-01  B declares `flights` suspended
        notice 10 days                           06-11  `flights` is suspended for B
        may suspend flights                      07-01  A allows inspections: `flights` binds B again
        until inspections is performed

Readings that the language leaves open:

- Where no remedy speaks of a commitment, a declaration suspends it from its day: the log says what happened, and the
  text does not say when it may.
- Where remedies do, one of them must allow it: its notice has passed since the declaration, a breach that it answers
  is or was open since then, and it is not over. A breach that is in doubt leaves the suspension in doubt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from comity.core.agreements import Clause, party_names, plain
from comity.core.ast import Agreement, Remedy


def remedies_of(agreement: Agreement) -> Mapping[tuple[str, str], Sequence[Remedy]]:
    """By party and commitment, the remedies that let the party suspend it."""
    found: dict[tuple[str, str], list[Remedy]] = {}
    for remedy in agreement.remedies:
        owners = party_names(agreement) if remedy.who.party is None else (plain(remedy.who.party),)
        for owner in owners:
            for suspended in remedy.suspends:
                found.setdefault((owner, suspended), []).append(remedy)
    return found


def answers(remedy: Remedy, clause: Clause, commitment: str, side: str) -> bool:
    """Whether a remedy answers a breach of a commitment by one side with the suspension of a clause."""
    return commitment in remedy.breached and side != clause.owner
