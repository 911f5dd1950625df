"""Places of one side only, named in a text that binds each party: what would they be for the other side?

`by each party: shall not deploy … when location == KALININGRAD` bars one side from its own ground and the other from
foreign ground, in the same words. Read from the other side, a place of one side's must become one of the other's; the
text names none, so any will do to show that the sides are not bound alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from comity.analysis.reciprocity.view import View
from comity.core.agreements import Clause, Exchange, inlined
from comity.core.walk import children
from comity.runtime.kleene import elements
from comity.terms import Const, NamedSet, Term


def with_counterparts(view: View, clause: Clause, how: Exchange) -> Exchange:
    """``how``, and each place that only one of the sides has exchanged with one of the other side's.

    Nothing is added where each side has places named, which are then taken to answer each other.
    """
    if clause.commitment.who.kind != "each party":
        return how
    own, others = (_territory(view, party) for party in (clause.owner, clause.other))
    named = [each for each in _named(view, inlined(clause.region, view.program), how) if each[1] & (own ^ others)]
    here, there = (any(places & side for _, places in named) for side in (own - others, others - own))
    if here == there:
        return how
    free = _places(view, clause.other if here else clause.owner, own & others)
    names, sets = dict(how.names), dict(how.sets)
    for term, places in named:
        if isinstance(term, NamedSet):
            sets[term] = Const(frozenset(free[: len(places)]), term.type)
            continue
        unused = [each for each in free if each not in names]
        for place, other in zip(sorted(places - names.keys()), unused, strict=False):
            names[place], names[other] = other, place
    return replace(how, names=names, sets=sets)


def _territory(view: View, party: str) -> set[str]:
    """A party's countries and the zones in them."""
    countries = set(view.members[party])
    return countries | {zone for zone, country in view.program.place.zones if country in countries}


def _places(view: View, party: str, taken: set[str]) -> list[str]:
    places = [*view.members[party], *sorted(_territory(view, party) - set(view.members[party]))]
    return [place for place in places if place not in taken]


def _named(view: View, term: Term, how: Exchange) -> Iterator[tuple[Term, set[str]]]:
    """Every country, zone, and set of them that a term names, parties apart."""
    if type(term) in {type(each) for each in how.sets} and term in how.sets:
        return
    match term:
        case Const(value=str() as value):
            yield term, {value}
        case Const(value=frozenset() as values):
            yield term, {value for value in values if isinstance(value, str)}
        case NamedSet():
            found = view.interpreter.evaluate(term, {}, view.day)
            if found is not None:
                yield term, {str(value) for value, sure in elements(found) if sure}
        case _:
            for child in children(term):
                yield from _named(view, child, how)
