"""Places of one side only, named in a text that binds each party: what would they be for the other side?

`by each party: shall not deploy … when location == KALININGRAD` bars one side from its own ground and the other from
foreign ground, in the same words. Read from the other side, a place of one side's must become one of the other's; the
text names none, so any will do to show that the sides are not bound alike.
"""

from __future__ import annotations

from collections.abc import Iterator

from comity.analysis.reciprocity.view import View
from comity.core.agreements import Clause, inlined
from comity.core.walk import children
from comity.terms import Const, Term


def counterparts(view: View, clause: Clause) -> tuple[tuple[str, str], ...]:
    """Pairs of names to exchange: each place that only one of the sides has, with one of the other side's.

    None if each side has places named, which are then taken to answer each other.
    """
    if clause.commitment.who.kind != "each party":
        return ()
    own, others = (_territory(view, party) for party in (clause.owner, clause.other))
    named = dict.fromkeys(name for name in _names(inlined(clause.region, view.program)) if name in own | others)
    here = [name for name in named if name in own - others]
    there = [name for name in named if name in others - own]
    if bool(here) == bool(there):
        return ()
    free = _first(view, clause.other if here else clause.owner, own & others)
    return tuple(zip(here or there, free, strict=False))


def _territory(view: View, party: str) -> set[str]:
    """A party's countries and the zones in them."""
    countries = set(view.members[party])
    return countries | {zone for zone, country in view.program.place.zones if country in countries}


def _first(view: View, party: str, taken: set[str]) -> list[str]:
    places = [*view.members[party], *sorted(_territory(view, party) - set(view.members[party]))]
    return [place for place in places if place not in taken]


def _names(term: Term) -> Iterator[str]:
    """Every country or zone that a term names."""
    match term:
        case Const(value=str() as value):
            yield value
        case Const(value=frozenset() as values):
            yield from sorted(value for value in values if isinstance(value, str))
        case _:
            for child in children(term):
                yield from _names(child)
