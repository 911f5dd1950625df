"""Agreements in core: one clause for each commitment and ordered pair of parties.

A commitment is written once and read from each side: `self` owes it, `other` is owed it. `clauses` puts the
parties in, so that what is left are terms about one act (`this`), which interpreter, analysis and Python target
serve like any other. `swapped` reads a term from the other side, which is all that a mirror needs.

The 25 patterns of reciprocity that this serves, and their sources, are listed in docs/reciprocity.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Literal, TypeAlias

from comity.core import ast as core
from comity.core.ast import Agreement, Commitment, Party
from comity.core.walk import children, rewrite, substitute
from comity.parts import TimeSpan
from comity.runtime import values
from comity.runtime.light import dataclass
from comity.runtime.types import PARTY, PartyType, TextType
from comity.terms import (
    FALSE,
    TRUE,
    Call,
    Const,
    Equal,
    Interval,
    InWindow,
    Lookup,
    NamedSet,
    Not,
    PerPartyOf,
    SetOf,
    SetOperation,
    Term,
    When,
    conjunction,
)

Kind: TypeAlias = Literal["prohibition", "permission", "duty", "quantity"]


@dataclass(frozen=True, slots=True)
class Clause:
    """What ``owner`` owes ``other`` by one commitment; ``member`` for a clause `by each member`.

    ``region``: which acts (as `this`) it speaks of: those that breach a prohibition, that a permission allows,
    that fulfil a duty, that a quantity counts. ``binding`` and ``suspended`` are conditions over states.
    """

    commitment: Commitment
    owner: str
    other: str
    member: str | None
    kind: Kind
    region: Term
    binding: Term | None
    suspended: Term | None

    @property
    def name(self) -> str:
        return self.commitment.name


def party_names(agreement: Agreement) -> tuple[str, ...]:
    """The parties of an agreement by plain name, in the order written."""
    return tuple(plain(name) for name in agreement.parties)


def plain(qname: str) -> str:
    return qname.rpartition(".")[2]


def later(day: date, span: TimeSpan) -> date:
    """``day`` plus a length of time; the last day there is where that would go past it."""
    if span.months is not None:
        return values.add_months(day, span.months) or date.max
    return values.add_hours(day, span.hours) or date.max


def days_in(term: Term, program: core.Program) -> set[date]:
    """Every day on which something dated in a term, or in what it names, begins or has ended."""
    found: set[date] = set()
    seen: set[str] = set()
    waiting = [term]
    while waiting:
        node = waiting.pop()
        match node:
            case InWindow(intervals=intervals):
                for start, end in intervals:
                    found |= {day for day in (start, end and _day_after(end)) if day is not None}
            case NamedSet(name=qname) if qname not in seen:
                seen.add(qname)
                waiting += [each.body for each in (program.sets.get(qname),) if each is not None]
                waiting += [each.members for each in (program.parties.get(qname),) if each is not None]
            case Lookup(table=qname) if qname not in seen:
                seen.add(qname)
                dated = (row.interval for row in program.tables[qname].rows if row.interval is not None)
                found |= {day for start, end in dated for day in (start, end and _day_after(end)) if day is not None}
            case Call(define=qname) if qname not in seen:
                seen.add(qname)
                waiting.append(program.defines[qname].body)
            case _:
                pass
        waiting += children(node)
    return found


def _day_after(day: date) -> date:
    return day if day == date.max else day + timedelta(days=1)


def first_day(program: core.Program, agreement: Agreement) -> date:
    """The day on which an act is judged that names none: the first on which all that is dated has begun."""
    days = {agreement.since} if agreement.status == "in_force" else set()
    for qname in agreement.parties:
        party = program.parties[qname]
        days |= {party.as_of} if party.as_of is not None else days_in(party.members, program)
    for commitment in agreement.commitments:
        days |= {start for start, _ in commitment.window or ()}
    return max((day for day in days if day is not None), default=_ANY_DAY)


_ANY_DAY = date(2000, 1, 1)
"""Of an agreement in which nothing is dated every day is like any other."""


def in_force(agreement: Agreement, day: date) -> bool:
    """Whether an agreement is in force on a day by its own words; what is proposed or signed is not."""
    since = agreement.since
    if agreement.status in ("suspended", "terminated"):
        return since is not None and day < since
    return agreement.status == "in_force" and (since is None or day >= since)


def in_window(window: tuple[Interval, ...] | None, day: date) -> bool:
    """Whether a window is open on a day; what has none always is."""
    return window is None or any(
        (start is None or start <= day) and (end is None or day <= end) for start, end in window
    )


def kind_of(commitment: Commitment) -> Kind:
    """`shall V A when C ensure P` means `shall not V A when C unless P`, hence a prohibition."""
    if commitment.modality == "may":
        return "permission"
    if commitment.limit is not None:
        return "quantity"
    if commitment.modality == "shall not" or commitment.ensure is not None:
        return "prohibition"
    return "duty"


def pairs(agreement: Agreement, commitment: Commitment) -> Iterator[tuple[str, str]]:
    """The ordered pairs (self, other) that a commitment binds."""
    parties = party_names(agreement)
    who = commitment.who
    owners = parties if who.kind == "each party" or who.party is None else (plain(who.party),)
    for owner in owners:
        for other in parties:
            if other != owner and (who.toward is None or plain(who.toward) == other):
                yield owner, other


def region_of(commitment: Commitment) -> Term:
    """The acts a commitment speaks of, still with `self` and `other` open."""
    parts: list[Term] = []
    if commitment.when is not None:
        parts.append(commitment.when)
    if commitment.unless is not None:
        parts.append(Not(commitment.unless, span=commitment.unless.span))
    if commitment.ensure is not None:
        parts.append(Not(commitment.ensure, span=commitment.ensure.span))
    return conjunction(parts, commitment.span)


def clauses(agreement: Agreement, members: Mapping[str, tuple[str, ...]]) -> tuple[Clause, ...]:
    """Every clause of an agreement, in the order written.

    ``members``: the countries of each party, by its plain name, on the day that is asked about.
    """
    made: list[Clause] = []
    for commitment in agreement.commitments:
        region = region_of(commitment)
        for owner, other in pairs(agreement, commitment):
            sides: dict[str, Term] = {"self": Const(owner, PARTY), "other": Const(other, PARTY)}
            each: tuple[str | None, ...] = members[owner] if commitment.who.kind == "each member" else (None,)
            clause = Clause(
                commitment,
                owner,
                other,
                None,
                kind_of(commitment),
                settled(substitute(region, sides)),
                None if commitment.binding is None else substitute(commitment.binding, sides),
                None if commitment.suspended is None else substitute(commitment.suspended, sides),
            )
            made.extend(replace(clause, member=member) for member in each)
    return tuple(made)


def settled(term: Term) -> Term:
    """``term`` with what depends on which party stands where settled, now that the parties stand there."""

    def settle(node: Term) -> Term | None:
        match node:
            case Equal(left=Const(type=PartyType(), value=one), right=Const(type=PartyType(), value=two)):
                return TRUE if one == two else FALSE
            case When(condition=condition, value=value, type=kind):
                holds = settled(condition)
                if holds in (TRUE, FALSE):
                    return settled(value) if holds == TRUE else SetOf((), kind, span=node.span)
                return None
            case SetOperation(operator="|", left=left, right=right):
                kept = [
                    each for each in map(settled, (left, right)) if not (isinstance(each, SetOf) and not each.elements)
                ]
                return kept[0] if len(kept) == 1 else None
            case _:
                return None

    return rewrite(term, settle)


@dataclass(frozen=True, slots=True)
class Exchange:
    """What changes places when the other side reads a clause: an involution.

    ``names``: parties, countries and zones by plain name. ``sets``: terms that stand for a party's countries or
    territory.
    """

    names: Mapping[str, str]
    sets: Mapping[Term, Term]


def exchange(program: core.Program, left: str, right: str, swaps: tuple[tuple[str, str], ...] = ()) -> Exchange:
    """The exchange of two parties (qualified names) and of the pairs declared with `swapping`."""
    names: dict[str, str] = {}
    for one, two in ((plain(left), plain(right)), *swaps):
        names[one], names[two] = two, one
    first, second = program.parties[left], program.parties[right]
    sets: dict[Term, Term] = {}
    for of_one, of_two in zip(_sets(first), _sets(second), strict=True):
        sets[of_one], sets[of_two] = of_two, of_one
    return Exchange(names, sets)


def _sets(party: Party) -> tuple[Term, Term]:
    """A party's countries and its territory, which is all its countries unless it says otherwise."""
    countries = NamedSet(party.qname, party.members.type)
    return countries, party.territory if party.territory is not None else countries


def swapped(term: Term, how: Exchange, program: core.Program) -> Term:
    """``term`` as the other side reads it. Definitions are swapped through; table rows are facts and are not."""
    kinds = {type(each) for each in how.sets}

    def swap(node: Term) -> Term | None:
        if type(node) in kinds and node in how.sets:  # looking a large term up costs as much as walking it
            return how.sets[node]
        match node:
            case Const(value=str() as value, type=kind) if value in how.names and not isinstance(kind, TextType):
                return replace(node, value=how.names[value])
            case Const(value=frozenset() as values) if not how.names.keys().isdisjoint(values):
                return replace(node, value=frozenset(how.names.get(each, each) for each in values))
            case PerPartyOf(entries=entries):
                renamed = tuple((how.names.get(party, party), rewrite(value, swap)) for party, value in entries)
                return replace(node, entries=tuple(sorted(renamed, key=lambda entry: entry[0])))
            case _:
                return None

    return rewrite(inlined(term, program), swap)


def inlined(term: Term, program: core.Program) -> Term:
    """``term`` with every definition put in place of its call (definitions are not circular: E011), and settled."""

    def put_in(node: Term) -> Term | None:
        if not isinstance(node, Call):
            return None
        define = program.defines[node.define]
        arguments = [rewrite(argument, put_in) for argument in node.arguments]
        names = [name for name, _ in define.parameters]
        return rewrite(substitute(define.body, dict(zip(names, arguments, strict=True))), put_in)

    return settled(rewrite(term, put_in))
