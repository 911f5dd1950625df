"""Who belongs to an agreement, and who owes what by it: which events can mean anything."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cached_property

from comity.core.agreements import days_in, first_day, pairs, party_names, plain
from comity.core.ast import Agreement
from comity.core.interpret import Interpreter
from comity.runtime import kleene
from comity.terms import CommitmentState, Term, children

_ONE_DAY = timedelta(days=1)


def members_on(interpreter: Interpreter, agreement: Agreement, day: date) -> dict[str, tuple[str, ...]]:
    """The countries that certainly belong to each party on a day, by the party's plain name, sorted."""
    found: dict[str, tuple[str, ...]] = {}
    for qname in agreement.parties:
        party = interpreter.program.parties[qname]
        countries = interpreter.evaluate(party.members, {}, party.as_of or day)
        sure = () if countries is None else (str(c) for c, sure in kleene.elements(countries) if sure)
        found[plain(qname)] = tuple(sorted(sure))
    return found


class Membership:
    """The countries of an agreement's parties on any day, and the commitments that each party owes."""

    def __init__(self, interpreter: Interpreter, agreement: Agreement) -> None:
        self.interpreter = interpreter
        self.agreement = agreement
        self.parties = party_names(agreement)

    @cached_property
    def countries(self) -> dict[str, frozenset[str]]:
        """By party, the countries that belong to it on some day, for certain or perhaps."""
        program = self.interpreter.program
        found: dict[str, frozenset[str]] = {}
        for qname in self.agreement.parties:
            party = program.parties[qname]
            days = {first_day(program, self.agreement)} if party.as_of is None else {party.as_of}
            if party.as_of is None:
                starts = days_in(party.members, program)
                days |= starts | {day - _ONE_DAY for day in starts if day > date.min}
            members = (self.interpreter.evaluate(party.members, {}, day) for day in days)
            each = (kleene.elements(countries) for countries in members if countries is not None)
            found[plain(qname)] = frozenset(str(country) for countries in each for country, _ in countries)
        return found

    @cached_property
    def consenting(self) -> frozenset[str]:
        """The third states on whose consent something depends."""
        found: set[str] = set()
        for commitment in self.agreement.commitments:
            for condition in (commitment.binding, commitment.suspended, commitment.deadline_after):
                found.update(_consents(condition))
        for withdrawal in self.agreement.withdrawals:
            found.update(_consents(withdrawal.when))
        return frozenset(found)

    def sides_of(self, who: str) -> tuple[str, ...]:
        """The parties that somebody is, or belongs to on some day."""
        return tuple(party for party in self.parties if who == party or who in self.countries[party])

    def owners(self, commitment: str) -> tuple[str, ...]:
        """The parties that a commitment binds."""
        owed = (each for each in self.agreement.commitments if each.name == commitment)
        return tuple(dict.fromkeys(owner for each in owed for owner, _ in pairs(self.agreement, each)))


def _consents(term: Term | None) -> Iterator[str]:
    if isinstance(term, CommitmentState) and term.state == "consents":
        yield term.subject
    elif term is not None:
        for child in children(term):
            yield from _consents(child)
