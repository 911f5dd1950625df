"""One agreement as the questions see it: its clauses, terms about acts, and findings with an act that shows them.

Every question about acts ends in `View.find`: of `size > 9_000 and not (location within RU)` it gives an act such as
an exercise of 9,001 in Estonia, or None, which is a proof that there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Protocol

from comity.analysis.reciprocity.align import bare, conjuncts, without
from comity.base.diagnostics import Diagnostic, diagnostic
from comity.base.source import Span
from comity.core.agreements import (
    Clause,
    Exchange,
    clauses,
    days_in,
    exchange,
    first_day,
    inlined,
    party_names,
    plain,
    swapped,
)
from comity.core.ast import Agreement, Commitment, Mirror
from comity.core.interpret import Interpreter
from comity.core.standing import Standing
from comity.core.walk import substitute
from comity.runtime.facts import encode
from comity.runtime.light import dataclass
from comity.runtime.types import PARTY, RecordType
from comity.terms import FALSE, And, Const, Interval, InWindow, IsKnown, Not, Or, Term

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Found:
    """Facts of a record, as run-time values, and the day (None: any) on which a term is true of them."""

    facts: Mapping[str, object]
    day: date | None


class Undecided(Exception):
    """A question that was not settled; the message says why, in the author's terms."""


class Search(Protocol):
    """Finds facts of ``record`` (as `this`) of which ``wanted`` is true, as plain as can be; None if there are none.

    ``parties`` are the keys of facts `per Party`. Raises Undecided.
    """

    def __call__(self, record: RecordType, wanted: Term, parties: Sequence[str]) -> Found | None: ...


def both(*terms: Term) -> Term:
    return And(tuple(terms))


def either(terms: Iterable[Term]) -> Term:
    return Or(tuple(terms))


def not_true(term: Term) -> Term:
    """True where ``term`` is false or unknown, and never unknown itself."""
    return Or((Not(IsKnown(term)), Not(term)))


def unknown(term: Term) -> Term:
    return Not(IsKnown(term))


def surely_false(term: Term) -> Term:
    """True where ``term`` is false, and never unknown itself."""
    return both(IsKnown(term), Not(term))


def sided(clause: Clause, term: Term) -> Term:
    """A term of a commitment, as the clause's owner reads it."""
    return substitute(term, {"self": Const(clause.owner, PARTY), "other": Const(clause.other, PARTY)})


class View:
    """An agreement, ready to be asked about."""

    def __init__(self, interpreter: Interpreter, search: Search, agreement: Agreement) -> None:
        self.interpreter = interpreter
        self.program = interpreter.program
        self.agreement = agreement
        self._search = search
        self.parties = party_names(agreement)
        self.qnames = dict(zip(self.parties, agreement.parties, strict=True))
        self.commitments = {commitment.name: commitment for commitment in agreement.commitments}

    @cached_property
    def members(self) -> dict[str, tuple[str, ...]]:
        """The countries of each party on the first day on which all that is dated has begun."""
        return Standing(self.interpreter, self.agreement, as_if=True).members(self.day)

    @cached_property
    def day(self) -> date:
        return first_day(self.program, self.agreement)

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        """One clause per commitment and ordered pair; clauses `by each member` once for all members."""
        one_each = {party: members[:1] for party, members in self.members.items()}
        return clauses(self.agreement, one_each)

    def of(self, commitment: Commitment) -> list[Clause]:
        return [clause for clause in self.clauses if clause.commitment.qname == commitment.qname]

    def mirrored_pairs(self) -> list[tuple[Clause, Clause, Mirror | None]]:
        """Clauses that are each other's mirror: by a `mirror` declaration, or by `each party` (or member) itself."""
        pairs: list[tuple[Clause, Clause, Mirror | None]] = []
        for mirror in self.agreement.mirrors:
            left, right = (self.commitments.get(plain(name)) for name in (mirror.left, mirror.right))
            if left is None or right is None:
                continue
            for one in self.of(left):
                for two in self.of(right):
                    if (one.owner, one.other) == (two.other, two.owner):
                        pairs.append((one, two, mirror))
        for commitment in self.agreement.commitments:
            if commitment.who.kind == "each party":
                all_of = self.of(commitment)
                for one in all_of:
                    for two in all_of:
                        facing = (one.owner, one.other) == (two.other, two.owner)
                        if facing and self.parties.index(one.owner) < self.parties.index(two.owner):
                            pairs.append((one, two, None))
        return pairs

    def exchange(self, left: str, right: str, swaps: tuple[tuple[str, str], ...] = ()) -> Exchange:
        return exchange(self.program, self.qnames[left], self.qnames[right], swaps)

    def swapped(self, term: Term, how: Exchange) -> Term:
        return swapped(term, how, self.program)

    def inlined(self, term: Term) -> Term:
        return inlined(term, self.program)

    def days_of(self, *undated: Term) -> list[date]:
        """A day for each stretch of days on which terms are what they are, ascending, and the day asked about."""
        changes = set().union(*(days_in(term, self.program) for term in undated))
        before = {min(changes) - _ONE_DAY} if changes and min(changes) > date.min else set()
        return sorted({self.day} | changes | before)

    @cached_property
    def force(self) -> Interval | None:
        """The days on which the agreement can bind, where its status bounds them."""
        since = self.agreement.since
        if since is None:
            return None
        match self.agreement.status:
            case "in_force":
                return since, None
            case "suspended" | "terminated" if since > date.min:
                return None, since - _ONE_DAY
            case _:
                return None

    def in_time(self, clause: Clause, term: Term) -> Term:
        """``term`` while the clause's window is open and the agreement in force."""
        window = clause.commitment.window
        timed = term if window is None else both(InWindow(window), term)
        # Where nothing is dated every day is like any other.
        dated = self.force is not None and (window is not None or days_in(term, self.program))
        return both(InWindow((self.force,)), timed) if dated and self.force is not None else timed

    def while_due(self, duty: Clause, term: Term) -> Term:
        """``term`` while the duty's time runs and it may still be done."""
        day = duty.commitment.deadline_day
        return self.in_time(duty, term if day is None else both(InWindow(((None, day),)), term))

    def find(self, record: RecordType, *wanted: Term) -> Found | None:
        return self._search(record, both(*wanted) if len(wanted) != 1 else wanted[0], self.parties)

    def find_more(self, clause: Clause, facing: Clause, left: Term, right: Term) -> Found | None:
        """An act, in the time of both clauses, of which ``left`` is further from false than ``right``.

        That is: true and not true, or unknown and false. What both demand alike cannot make the difference: where
        ``left`` is not false, a part of ``right`` that is also a part of ``left`` is as true as it must be. So only
        the other parts are asked about, each first with its counterpart, then with all that both have not in common,
        and only then in full: what is left to search is little, however long the text.
        """
        record = clause.commitment.record

        def in_time(term: Term) -> Term:
            return self.in_time(clause, self.in_time(facing, term))

        lefts, rights = conjuncts(bare(left)), conjuncts(bare(right))
        own = [part for part in lefts if part not in rights]
        for number, part in enumerate(rights):
            if part in lefts:
                continue
            # Where a part does not hold, none of its alternatives does, in whatever part of the other they stand.
            kept = [without(each, part) for each in lefts]
            if FALSE in kept:
                continue
            whole = kept[0] if len(kept) == 1 else both(*kept)
            circles = [[without(each, part) for each in own]]
            if len(lefts) == len(rights):
                circles.insert(0, [kept[number]])
            if all(self.find(record, *circle, not_true(part)) is not None for circle in circles):
                found = self.find(record, in_time(both(whole, not_true(part))))
                if found is not None:
                    return found
            doubts = ([not_true(surely_false(each)) for each in circle] for circle in circles)
            if all(self.find(record, *doubt, surely_false(part)) is not None for doubt in doubts):
                found = self.find(record, in_time(both(unknown(whole), surely_false(part))))
                if found is not None:
                    return found
        return None

    # ------------------------------------------------------------------------------------- findings

    def witness(
        self, found: Found, record: RecordType, verb: str, party: str, other: str | None = None
    ) -> dict[str, object]:
        """An act in JSON form: facts, verb, party, the other side, and the day."""
        shown: dict[str, object] = {
            "act": encode(record, found.facts),
            "record": record.name,
            "verb": verb,
            "party": party,
            "other": other,
        }
        shown["date"] = (self.day if found.day is None else found.day).isoformat()
        return shown

    def act(self, found: Found, clause: Clause, party: str, **more: object) -> dict[str, object]:
        """An act by a party that the clause binds or faces; ``more`` is said beside, or in place of what it says."""
        other = clause.other if party == clause.owner else clause.owner
        verb = str(more.pop("verb", clause.commitment.verbs[0]))
        return {**self.witness(found, clause.commitment.record, verb, party, other), **more}

    def number(self, clause: Clause) -> Fraction | int | None:
        """The number of a quantity, as far as it is known."""
        number = clause.commitment.limit_number
        return None if number is None else self.number_on(sided(clause, number), self.day)

    def number_on(self, term: Term, day: date) -> Fraction | int | None:
        """The number that a term without facts gives on a day, if it is known."""
        value = self.interpreter.evaluate(term, {}, day)
        return value if isinstance(value, int | Fraction) else None

    def undecided(self, question: str, span: Span, why: Undecided, subjects: tuple[str, ...]) -> Diagnostic:
        return diagnostic("L200", f"it was not settled whether {question}: {why}", span, subjects=subjects)


def gainer_of(bound: Clause, free: Clause) -> str:
    """Who is better off if ``bound`` speaks of more acts than ``free``: who is forbidden less, or may more.

    Of what is due, more acts are more ways to do it.
    """
    limit = bound.commitment.limit
    eased = bound.kind in ("permission", "duty") or limit == "at least"
    return bound.owner if eased else free.owner


def mirror_names(view: View, qualified: bool = False) -> dict[str, str]:
    """Commitments by name, each with the one that mirrors it."""
    names: dict[str, str] = {}
    for mirror in view.agreement.mirrors:
        pair = [view.commitments.get(plain(name)) for name in (mirror.left, mirror.right)]
        left, right = (None if each is None else each.qname if qualified else each.name for each in pair)
        if left is not None and right is not None:
            names[left], names[right] = right, left
    return names
