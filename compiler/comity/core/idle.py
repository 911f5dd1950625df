"""Events that were read and change nothing, each with the reason, so that no event is ignored silently.

An act that no commitment speaks of, and an event that triggers nothing, are left out: that they change nothing is the
answer to what was asked.
"""

from __future__ import annotations

from datetime import date

from comity.core.agreements import later, plain
from comity.core.log import Event
from comity.core.membership import Membership
from comity.core.responses import Unfolding
from comity.core.standing import Standing


def idle_events(log: Standing | Unfolding, until: date | None = None) -> list[tuple[Event, str]]:
    """The events up to a day that are without effect, and why; a `Standing` must have run."""
    if isinstance(log, Standing):
        membership = Membership(log.interpreter, log.agreement)
        reasons = ((event, _in_agreement(log, membership, event)) for event in log.events)
    else:
        reasons = ((event, _in_response(log, event)) for event in log.events)
    return [(event, why) for event, why in reasons if why is not None and (until is None or event.day <= until)]


# ------------------------------------------------------------------------------------------- agreements


def _in_agreement(log: Standing, membership: Membership, event: Event) -> str | None:
    if event.kind == "lift":
        return None if _lifts(log, event) else "no breach is open, and no suspension declared, that it speaks of"
    if event.party is None or (event.kind == "acceptance" and event.party in membership.consenting):
        return None
    side = next((party for party in log.parties if log.is_of(event.party, party, event.day)), None)
    if side is None:
        return f"{event.party} does not belong to a party on that day"
    if event.kind in ("acceptance", "suspension", "withdrawal"):
        return _declaration(log, event, side)
    return None


def _declaration(log: Standing, event: Event, side: str) -> str | None:
    """Why what a party (or a member of it) declares has no effect."""
    days = {each.day for each in log.events if each.day >= event.day}
    if event.kind == "withdrawal":
        effect = log.effect_of(event, side)
        if effect is None:
            may = any(w.who.party is None or plain(w.who.party) == side for w in log.agreement.withdrawals)
            return "its grounds do not hold for certain on that day" if may else f"{side} may not withdraw"
        days.add(effect)
    about = [c for c in log.clauses if event.commitment in (None, c.name)]
    about = [c for c in about if c.owner == side or (event.kind == "withdrawal" and c.other == side)]
    if not about:
        return f"{side} owes nothing of the kind"
    if not any(log.has_declared(event.kind, clause, side, on) for clause in about for on in days):
        return f"{event.party} alone does not speak for {side}"
    if event.kind == "suspension" and all(clause.commitment.protected for clause in about):
        return "what it would suspend is protected"
    days |= {on for on in log.breach_days if on > event.day}
    days |= {later(on, r.notice) for on in [*days] for r in log.agreement.remedies if r.notice is not None}
    if event.kind == "suspension" and all(log.is_suspended(c, on) is False for c in about for on in days):
        return "no breach is open that it could answer"
    return None


def _lifts(log: Standing, lift: Event) -> bool:
    """Whether a lift ends a breach, or a suspension that the same party declared."""
    return log.ends_breach(lift) or any(
        event.kind == "suspension"
        and event.party == lift.party
        and (event.day, event.id) < (lift.day, lift.id)
        and (None in (event.commitment, lift.commitment) or event.commitment == lift.commitment)
        for event in log.events
    )


# ------------------------------------------------------------------------------------------- responses


def _in_response(log: Unfolding, event: Event) -> str | None:
    if event.kind == "lift" and event.record is None:
        return None if any(course.lifted == event.day for course in log.courses) else "nothing is imposed"
    if event.kind == "act" and event.verb == "lift":
        key = event.measure, event.sector, event.party
        before = [e for e in log.events if (e.day, e.id) < (event.day, event.id)]
        acts = [e for e in before if e.kind == "act" and (e.measure, e.sector, e.party) == key]
        if not acts or acts[-1].verb != "impose":
            return f"{event.party} has not imposed {event.measure} on {event.sector} by an act of its own"
    return None
