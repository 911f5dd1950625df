"""What has happened, and what became of it: events, and the breaches they make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import date
from typing import Literal, TypeAlias

from comity.runtime.light import dataclass

EventKind: TypeAlias = Literal["acceptance", "act", "breach", "suspension", "withdrawal", "trigger", "lift"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. ``facts`` are run-time values of the act's or event's record.

    ``party`` (and ``other``) is a party's name or one of its countries. ``count``: how many items or acts it is
    about; None is one. ``measure`` and ``sector``: what a member of a response imposes or lifts by an act.
    """

    id: str
    day: date
    kind: EventKind
    commitment: str | None = None
    party: str | None = None
    other: str | None = None
    verb: str | None = None
    record: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    count: int | None = None
    measure: str | None = None
    sector: str | None = None


@dataclass(frozen=True, slots=True)
class Breach:
    """``party``: who is in breach, a member where the commitment binds `each member`, of what it owes ``other``.

    ``event``: the id of the act, or None where a time ran out. ``since``: the day it began. ``side``: the party to
    the agreement that ``party`` is, or is a member of.
    """

    commitment: str
    party: str
    other: str
    event: str | None
    since: date
    side: str


def in_order(events: Iterable[Event]) -> list[Event]:
    """Events by day, those of one day by id; of several with one id the last given counts."""
    return sorted({event.id: event for event in events}.values(), key=lambda event: (event.day, event.id))
