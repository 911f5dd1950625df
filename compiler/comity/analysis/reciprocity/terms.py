"""R301 again: what the sides owe each other alike, but may leave, answer or be judged for on different terms.

`withdrawal a by RU` with `notice 6 months`, `withdrawal b by US` with `notice 3 months`: the commitments are the same,
and one side is out three months earlier.
"""

from __future__ import annotations

from collections.abc import Iterator

from comity.analysis.reciprocity.align import bare
from comity.analysis.reciprocity.states import apart, renamed
from comity.analysis.reciprocity.view import Undecided, View, both, gainer_of, mirror_names, not_true
from comity.base.diagnostics import Diagnostic, Related, diagnostic
from comity.core.agreements import later, plain
from comity.core.ast import Party, Remedy, Withdrawal
from comity.core.walk import rewrite, substitute
from comity.parts import TimeSpan
from comity.runtime.kleene import elements
from comity.runtime.light import dataclass
from comity.runtime.types import PARTY
from comity.terms import AtParty, Const, NamedSet, Term


def uneven_terms(view: View) -> Iterator[Diagnostic]:
    """R301 holds of territories, withdrawals and remedies that differ between sides whose commitments are mirrored."""
    yield from _territories(view)
    if view.agreement.reciprocal or view.agreement.mirrors:
        yield from _withdrawals(view)
        yield from _remedies(view)


# ------------------------------------------------------------------------------------------- territories


def _territories(view: View) -> Iterator[Diagnostic]:
    """A territory that is named for one side and whole for the other, in an agreement that speaks of it."""
    named = [view.program.parties[qname] for qname in view.agreement.parties]
    partial = [party for party in named if _is_partial(view, party)]
    if not partial or len(partial) == len(named) or not view.mirrored_pairs():
        return
    whole = next(party for party in named if party not in partial)
    if not any(_mentions(view, party) for party in partial):
        return
    for party in partial:
        gainers, witness = _by_partial(view, party)
        gains = gainers.pop() if len(gainers) == 1 else None
        yield diagnostic(
            "R301",
            f"the territory of `{party.name}` is partial, that of `{whole.name}` is whole"
            + (f"; {gains} gains" if gains else ""),
            party.span,
            related=(Related("the other side", whole.span),),
            subjects=(party.name, whole.name),
            witness=witness,
            fields=("territory",),
            gains=gains,
            help="name the territory of both sides, or of neither",
        )


def _by_partial(view: View, party: Party) -> tuple[set[str], dict[str, object] | None]:
    """Who gains by what a party leaves out of its territory, and an act there, treated otherwise if it were whole."""
    whole = NamedSet(party.qname, party.members.type)
    gainers: set[str] = set()
    witness = None
    for one, two, _ in view.mirrored_pairs():
        for clause, facing in ((one, two), (two, one)):
            region = view.inlined(clause.region)
            widened = rewrite(region, lambda term: whole if term == party.territory else None)
            for more, less, bound, free in ((widened, region, facing, clause), (region, widened, clause, facing)):
                if more == less:
                    continue
                try:
                    found = view.find(clause.commitment.record, view.in_time(clause, both(more, not_true(less))))
                except Undecided:
                    continue
                if found is not None:
                    gainers.add(gainer_of(bound, free))
                    witness = witness or view.act(found, clause, clause.owner)
    return gainers, witness


def _is_partial(view: View, party: Party) -> bool:
    """Whether the territory a party names leaves some of its countries out, or parts of them."""
    if party.territory is None:
        return False
    named = view.interpreter.evaluate(party.territory, {}, view.day)
    return named is None or not {place for place, sure in elements(named) if sure} >= set(view.members[party.name])


def _mentions(view: View, party: Party) -> bool:
    """Whether a mirrored clause speaks of a party's territory, or of what is measured to it."""
    wanted = party.territory
    found: list[Term] = []

    def look(term: Term) -> Term | None:
        if term == wanted or isinstance(term, AtParty):
            found.append(term)
        return None

    for one, two, _ in view.mirrored_pairs():
        for clause in (one, two):
            rewrite(view.inlined(clause.region), look)
    return bool(found)


# ------------------------------------------------------------------------------------------- withdrawal


def _withdrawals(view: View) -> Iterator[Diagnostic]:
    """Terms of withdrawal that differ between the parties."""
    by_party: dict[str, Withdrawal] = {}
    for withdrawal in view.agreement.withdrawals:
        owners = view.parties if withdrawal.who.party is None else (plain(withdrawal.who.party),)
        by_party.update(dict.fromkeys(owners, withdrawal))
    if not by_party:
        return
    first = view.parties[0]
    for party in view.parties[1:]:
        one, two = by_party.get(first), by_party.get(party)
        if one is two:
            continue
        there = one if one is not None else two
        assert there is not None
        fields = ["withdrawal"] if one is None or two is None or not _same_terms(view, one, first, two, party) else []
        if one is not None and two is not None and _judge(one) != _judge(two):
            fields.append("judge")
        if not fields:
            continue
        gains = _easier(view, first, one, party, two)
        yield diagnostic(
            "R301",
            f"{first} and {party} may withdraw on different terms",
            there.span,
            witness=_leaving(view, gains, one if gains == first else two, party if gains == first else first),
            related=(Related("the other side", two.span),) if one is not None and two is not None else (),
            subjects=tuple(w.name for w in (one, two) if w is not None),
            fields=tuple(fields),
            gains=gains,
            help="give both sides the same notice and grounds: `withdrawal … by each party:`",
        )


def _same_terms(view: View, one: Withdrawal, first: str, two: Withdrawal, second: str) -> bool:
    """Whether notice and grounds are the same, the grounds of one read from the other's side."""
    if one.notice != two.notice:
        return False
    if one.when is None or two.when is None:
        return one.when is two.when
    sides: list[dict[str, Term]] = [
        {"self": Const(first, PARTY), "other": Const(second, PARTY)},
        {"self": Const(second, PARTY), "other": Const(first, PARTY)},
    ]
    grounds, others = (substitute(w.when, s) for w, s in zip((one, two), sides, strict=True) if w.when is not None)
    read = renamed(view.swapped(grounds, view.exchange(first, second)), mirror_names(view, qualified=True))
    return not apart(bare(read), bare(others))


def _judge(withdrawal: Withdrawal) -> str:
    """`self` where the one who withdraws judges for itself, which it does where nothing is said."""
    found, owner = withdrawal.found_by, withdrawal.who.party
    return "self" if found in (None, "self", owner and plain(owner)) else str(found)


def _easier(view: View, first: str, one: Withdrawal | None, second: str, two: Withdrawal | None) -> str | None:
    if one is None or two is None:
        return second if one is None else first
    a, b = (view.day if w.notice is None else later(view.day, w.notice) for w in (one, two))
    if a != b:
        return first if a < b else second
    judges = _judge(one) == "self", _judge(two) == "self"
    return None if judges[0] == judges[1] else first if judges[0] else second


def _leaving(view: View, party: str | None, by: Withdrawal | None, other: str) -> dict[str, object] | None:
    """That the one who may leave more easily does: from ``date`` on it is bound no more."""
    if party is None or by is None:
        return None
    event = {"id": "1", "date": view.day.isoformat(), "kind": "withdrawal", "party": party}
    free = view.day if by.notice is None else later(view.day, by.notice)
    return {"party": party, "other": other, "date": free.isoformat(), "events": [event]}


# ------------------------------------------------------------------------------------------- remedies


@dataclass(frozen=True, slots=True)
class _Right:
    """What a remedy gives one party: ``what`` it answers and with what, read from the other side where ``swapped``."""

    remedy: Remedy
    what: frozenset[object]
    judge: str
    notice: TimeSpan | None
    end: object


def _remedies(view: View) -> Iterator[Diagnostic]:
    """A right to answer a breach that one side has and the other has not, or has on other terms."""
    if len(view.parties) != 2 or not view.agreement.remedies:
        return
    first, second = view.parties
    told: set[str] = set()
    for party, other in ((first, second), (second, first)):
        theirs = _rights(view, other, {})
        for mine in _rights(view, party, mirror_names(view)):
            if mine.remedy.who.party is None or mine.remedy.name in told:
                continue
            alike = next((right for right in theirs if right.what == mine.what), None)
            fields = []
            gains: str | None = party
            if alike is None or alike.notice != mine.notice or not _end_alike(alike.end, mine.end):
                fields.append("suspension")
            if alike is not None and alike.judge != mine.judge:
                fields.append("judge")
                gains = party if mine.judge == "self" else other if alike.judge == "self" else None
            elif alike is not None:
                gains = None
            if not fields:
                continue
            told |= {mine.remedy.name} if alike is None else {mine.remedy.name, alike.remedy.name}
            yield diagnostic(
                "R301",
                f"{party} and {other} may answer a breach on different terms"
                if alike is not None
                else f"{party} may answer a breach by `{mine.remedy.name}`, {other} may not; {party} gains",
                mine.remedy.span,
                related=() if alike is None else (Related("the other side", alike.remedy.span),),
                subjects=(mine.remedy.name,) if alike is None else (mine.remedy.name, alike.remedy.name),
                fields=tuple(fields),
                gains=gains,
                help="give both sides the same answer: `remedy … by each party:`",
            )


def _end_alike(one: object, two: object) -> bool:
    """One without an end is R308 by itself."""
    return one == two or one is None or two is None


def _rights(view: View, party: str, swapped: dict[str, str]) -> list[_Right]:
    """The remedies of a party; with ``swapped``, commitments are called by their mirrors' names."""
    found = []
    for remedy in view.agreement.remedies:
        owner = remedy.who.party
        if owner is not None and plain(owner) != party:
            continue
        what: set[object] = set()
        for kind, parts in (("on", remedy.triggers), ("may", remedy.answers)):
            for part in parts:
                name = None if part.commitment is None else swapped.get(part.commitment, part.commitment)
                what.add((kind, name, part.verb, part.record))
        what |= {("may", answer.up_to, answer.counting_as) for answer in remedy.answers}
        end = "breach ends" if remedy.until_breach_ends else remedy.until
        found.append(_Right(remedy, frozenset(what), _found_by(view, remedy, party), remedy.notice, end))
    return found


def _found_by(view: View, remedy: Remedy, party: str) -> str:
    """Who finds the breach, as the party that answers it sees it: itself (also where nothing is said), or another."""
    judge = "self" if remedy.found_by is None else plain(remedy.found_by)
    if judge in view.parties:
        return "self" if judge == party else "other"
    return judge
