"""Mirrored commitments that bind differently.

For every act, one side must breach, be in doubt and be free exactly where the other is, after the parties, facts `per
Party` and the `swapping` pairs are exchanged. Numbers are read in the same way, so that a table row which each side
looks up for itself (`lim[self]`) is not a difference. The finding says which fields differ, who gains, and an act that
one side may do and the other may not. Write the same for both, allow a tolerance (`within 10%`), or say why the
difference is wanted (`asymmetric because "…"`, which makes it information).

Fires on:

    agreement talks between NORTH, SOUTH:
        status proposed

        commitment north_missiles by NORTH:
            shall not deploy Missile
            when reach > 500 km

        commitment south_missiles by SOUTH:  # R301
            shall not deploy Missile
            when reach > 600 km

        mirror north_missiles with south_missiles:
            within 10%

Quiet on:

    agreement talks between NORTH, SOUTH:
        status proposed

        commitment north_missiles by NORTH:
            shall not deploy Missile
            when reach > 500 km and location == CA

        commitment south_missiles by SOUTH:
            shall not deploy Missile
            when reach > 550 km and location == KALININGRAD

        mirror north_missiles with south_missiles:
            swapping CA with KALININGRAD
            within 10%
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import date, timedelta
from fractions import Fraction

from comity.analysis.reciprocity.align import bare, places, tolerated, within
from comity.analysis.reciprocity.counterparts import with_counterparts
from comity.analysis.reciprocity.one_sided import as_info
from comity.analysis.reciprocity.states import (
    apart,
    binding_of,
    events,
    explicit,
    renamed,
    suspended_of,
    without_consents,
)
from comity.analysis.reciprocity.terms import uneven_terms
from comity.analysis.reciprocity.view import Undecided, View, both, gainer_of, mirror_names, sided, unknown
from comity.analysis.reciprocity.windows import days_apart, days_only_in
from comity.base.diagnostics import Diagnostic, Related, diagnostic
from comity.core.agreements import Clause, Exchange, later, plain
from comity.core.ast import Commitment, Mirror
from comity.parts import ToleranceValue
from comity.runtime.light import dataclass
from comity.runtime.types import Type
from comity.terms import FALSE, TRUE, And, Interval, InWindow, Not, Term

_ONE_DAY = timedelta(days=1)


@dataclass(slots=True)
class Difference:
    """Which fields differ, who gains by each, and an act (or day, count, log) that one side may do, the other not."""

    fields: list[str] = field(default_factory=list)
    gainers: set[str] = field(default_factory=set)
    witness: dict[str, object] | None = None
    days: tuple[Interval, ...] = ()

    def add(self, name: str, *gainers: str) -> None:
        if name not in self.fields:
            self.fields.append(name)
        self.gainers.update(gainers)

    def show(self, witness: dict[str, object] | None) -> None:
        """The first that shows anything is kept."""
        if self.witness is None:
            self.witness = witness

    @property
    def gains(self) -> str | None:
        """The one side that gains by all of it."""
        return next(iter(self.gainers)) if len(self.gainers) == 1 else None


def asymmetries(view: View) -> Iterator[Diagnostic]:
    """R301 holds of a mirrored pair iff some act (day, count, …) is treated differently after the exchange of sides.

    For example, of `a by RU: … when size > 9_000` and `b by NATO: … when size > 13_000` the parties of `b` are
    exchanged, which makes it a second text about RU. The two say different things of an exercise of 10,000.
    """
    seen: set[tuple[str, str]] = set()
    pairs = view.mirrored_pairs()
    for declared in view.agreement.mirrors:
        if not any(each is declared for _, _, each in pairs):
            yield _not_facing(view, declared)
    for left, right, mirror in pairs:
        key = (left.name, right.name)
        if key in seen:
            continue
        try:
            difference = _compare(view, left, right, mirror)
        except Undecided as why:
            seen.add(key)
            span = mirror.span if mirror is not None else left.commitment.span
            yield view.undecided(f"`{left.name}` and `{right.name}` bind alike", span, why, key)
            continue
        if difference.fields:
            seen.add(key)
            yield _finding(view, left, right, mirror, difference)
    yield from uneven_terms(view)


def _not_facing(view: View, mirror: Mirror) -> Diagnostic:
    """Both bind the same side: the other owes nothing of the kind."""
    left, right = (view.commitments[plain(name)] for name in (mirror.left, mirror.right))
    owners = {clause.owner for each in (left, right) for clause in view.of(each)}
    free = [party for party in view.parties if party not in owners]
    return diagnostic(
        "R301",
        f"`{left.name}` and `{right.name}` are mirrored, but nobody owes the one what is owed by the other",
        mirror.span,
        subjects=tuple(dict.fromkeys((left.name, right.name))),
        fields=("condition",),
        gains=free[0] if len(free) == 1 else None,
        help="mirror a commitment of one side with one of the other",
    )


def _finding(view: View, left: Clause, right: Clause, mirror: Mirror | None, difference: Difference) -> Diagnostic:
    what = " and ".join(difference.fields)
    gain = f"; {difference.gains} gains" if difference.gains else ""
    if mirror is None:
        message = f"`{left.name}` binds {left.owner} and {right.owner} differently in {what}{gain}"
    else:
        message = f"`{left.name}` and `{right.name}` are mirrored but differ in {what}{gain}"
    related = () if mirror is None else (Related("the mirror", mirror.span),)
    found = diagnostic(
        "R301",
        message,
        right.commitment.span if mirror is not None else left.commitment.span,
        related=(*related, *(() if mirror is None else (Related("its mirror", left.commitment.span),))),
        subjects=tuple(dict.fromkeys((left.name, right.name))),
        witness=difference.witness,
        days=_days(difference),
        fields=tuple(difference.fields),
        gains=difference.gains,
        help='make both sides say the same, or say why not: `asymmetric because "…"`',
    )
    reasons = [mirror.asymmetric if mirror is not None else None]
    reasons += [c.commitment.asymmetric for c in (left, right) if c.commitment.asymmetric is not None]
    reason = next((reason for reason in reasons if reason), None)
    return found if reason is None else as_info(found, reason)


# ------------------------------------------------------------------------------------------- one pair


@dataclass(frozen=True, slots=True)
class Pair:
    """Two clauses that face each other, and what the mirror says of them."""

    left: Clause
    right: Clause
    how: Exchange
    tolerances: tuple[ToleranceValue, ...]
    names: Mapping[str, str]


def _compare(view: View, left: Clause, right: Clause, mirror: Mirror | None) -> Difference:
    tolerances = mirror.tolerances if mirror is not None else ()
    how = view.exchange(left.owner, right.owner, mirror.swaps if mirror is not None else ())
    if mirror is None:
        how = with_counterparts(view, left, how)
    facing = {left.commitment.qname: right.commitment.qname, right.commitment.qname: left.commitment.qname}
    pair = Pair(left, right, how, tolerances, {**how.names, **mirror_names(view, qualified=True), **facing})
    difference = Difference()
    _acts(view, pair, difference)
    _quantity(view, pair, difference)
    _windows(view, pair, difference)
    _deadlines(view, pair, difference)
    _states(view, pair, difference)
    _protection(pair, difference)
    return difference


# ------------------------------------------------------------------------------------------- time


def _windows(view: View, pair: Pair, difference: Difference) -> None:
    """Acts on days on which only one of the two is in time."""
    for bound, free in ((pair.left, pair.right), (pair.right, pair.left)):
        days = days_only_in(bound.commitment.window, free.commitment.window)
        if not days:
            continue
        record, region, first = bound.commitment.record, bound.region, days[0][0] or days[0][1] or view.day
        found = view.find(record, view.in_time(bound, both(InWindow(((first, first),)), region)))
        for term in (region, unknown(region)):
            found = found or view.find(record, view.in_time(bound, both(InWindow(days), term)))
        if found is None:
            continue  # what the window leaves out, the condition leaves out too
        gainer = gainer_of(bound, free)
        difference.add("window", gainer)
        difference.days = days_apart(bound.commitment.window, free.commitment.window)
        difference.show(view.act(found, bound, gainer, date=(found.day or first).isoformat()))


def _days(difference: Difference) -> tuple[tuple[str | None, str | None], ...] | None:
    """The days of a difference that is one of windows alone, as findings say them."""
    if difference.fields != ["window"]:
        return None
    return tuple((_iso(first), _iso(last)) for first, last in difference.days)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _deadlines(view: View, pair: Pair, difference: Difference) -> None:
    """How long each has: the one with more time gains, by an act that is in time for it and late for the other."""
    left, right = pair.left, pair.right
    one, two = left.commitment, right.commitment
    after = [explicit(view, c, c.commitment.deadline_after) for c in (left, right) if c.commitment.deadline_after]
    if len(after) == 2 and apart(renamed(view.swapped(after[0], pair.how), pair.names), after[1]):
        difference.add("deadline")
        return
    start = one.window[0][0] if one.window and one.window[0][0] is not None else view.day
    ends = [_due(commitment, start) for commitment in (one, two)]
    alike = (one.deadline_day, one.deadline_within) == (two.deadline_day, two.deadline_within)
    if alike and len(after) != 1:
        return
    early, late = ends
    if early == late or (one.deadline_day is None) != (two.deadline_day is None):
        difference.add("deadline")
        return
    longer, day = (right, early) if late is None or (early is not None and early < late) else (left, late)
    assert day is not None
    difference.add("deadline", longer.owner)
    if day < date.max and (found := view.find(one.record, longer.region)) is not None:
        shown = view.act(found, longer, longer.owner, date=(day + _ONE_DAY).isoformat())
        if longer.commitment.deadline_after is not None:
            term = explicit(view, longer, longer.commitment.deadline_after)
            shown["events"] = events(view, apart(term, FALSE).left_only or frozenset(), start)
        difference.show(shown)


def _due(commitment: Commitment, start: date) -> date | None:
    """The last day to do what is due; of a time that runs from an event, if that happens on ``start``."""
    if commitment.deadline_within is not None:
        return later(start, commitment.deadline_within)
    return commitment.deadline_day


# ------------------------------------------------------------------------------------------- states


def _states(view: View, pair: Pair, difference: Difference) -> None:
    """States under which only one of the two binds, or is suspended."""
    left, right = pair.left, pair.right
    for name, condition in (("binding", binding_of), ("suspension", suspended_of)):
        one, two = (without_consents(condition(view, clause)) for clause in (left, right))
        found = apart(renamed(view.swapped(one, pair.how), pair.names), two)
        for states, holds, fails in ((found.left_only, left, right), (found.right_only, right, left)):
            if states is None:
                continue
            bound, free = (holds, fails) if name == "binding" else (fails, holds)
            gainer = gainer_of(bound, free)
            difference.add(name, gainer)
            if difference.witness is None and (act := view.find(bound.commitment.record, bound.region)) is not None:
                shown = view.act(act, bound, gainer)
                own = states if holds is right else _swapped_back(view, pair, states)
                difference.show({**shown, "events": events(view, own, view.day)})


def _protection(pair: Pair, difference: Difference) -> None:
    """Of one that is protected and one that is not, only one can ever be suspended."""
    for kept, free in ((pair.left, pair.right), (pair.right, pair.left)):
        if kept.commitment.protected and not free.commitment.protected:
            difference.add("suspension", gainer_of(kept, free))


def _swapped_back(view: View, pair: Pair, states: frozenset[Term]) -> frozenset[Term]:
    """States as the left side reads them."""
    return frozenset(renamed(view.swapped(state, pair.how), pair.names) for state in states)


# ------------------------------------------------------------------------------------------- acts


def _acts(view: View, pair: Pair, difference: Difference) -> None:
    left, right, how = pair.left, pair.right, pair.how
    one, two = left.commitment, right.commitment
    if left.kind != right.kind or one.record != two.record:
        _other_kinds(view, left, right, difference)
        return
    for each, any_ in ((left, right), (right, left)):
        if each.kind == "duty" and each.commitment.who.kind == "each member" != any_.commitment.who.kind:
            difference.add("condition", any_.owner)  # of a party any member may do what is due
    for bound, free in ((left, right), (right, left)):
        extra = [verb for verb in bound.commitment.verbs if verb not in free.commitment.verbs]
        if extra:
            difference.add("condition", gainer_of(bound, free))
            if (found := view.find(bound.commitment.record, bound.region)) is not None:
                difference.show(view.act(found, bound, gainer_of(bound, free), verb=extra[0]))
    common = [verb for verb in one.verbs if verb in two.verbs]
    if not common:
        return
    unified = within(view.swapped(left.region, how), right.region, pair.tolerances).term
    if unified == bare(right.region):
        return
    back = within(view.swapped(right.region, how), left.region, pair.tolerances).term
    # Asked from both sides: places that the mirror leaves where they are look different from each.
    left_more = view.find_more(right, left, unified, right.region)
    right_more = view.find_more(left, right, back, left.region)
    left_bound = left_more or view.find_more(left, right, left.region, back)
    right_bound = right_more or view.find_more(right, left, right.region, unified)
    if left_bound is None and right_bound is None:
        return
    gainers = []
    if left_bound is not None:
        gainers.append(gainer_of(left, right))
    if right_bound is not None:
        gainers.append(gainer_of(right, left))
    for name in _why(view, pair):
        difference.add(name, *gainers)
    if pair.tolerances:
        # Best is an act that tells the two apart as they stand, not only once the tolerated numbers are made the same.
        for doer, theirs, alike in ((right, left, unified), (left, right, back)):
            as_read = view.swapped(theirs.region, how)
            try:
                found = view.find_more(doer, theirs, both(as_read, alike), doer.region)
            except Undecided:
                continue
            if found is not None:
                difference.show(view.witness(found, one.record, common[0], doer.owner, doer.other))
    for found, doer in ((left_more, right), (right_more, left), (left_bound, left), (right_bound, right)):
        if found is not None:
            difference.show(view.witness(found, one.record, common[0], doer.owner, doer.other))


def _other_kinds(view: View, left: Clause, right: Clause, difference: Difference) -> None:
    """One may and the other must, or must not; or they speak of different things."""
    difference.add("condition")
    if left.commitment.record != right.commitment.record:
        return
    for may, bound in ((left, right), (right, left)):
        if may.kind == "permission":
            difference.add("condition", may.owner)
            verbs = [verb for verb in may.commitment.verbs if verb in bound.commitment.verbs]
            if verbs and (found := view.find(may.commitment.record, may.region)) is not None:
                difference.show(view.act(found, may, may.owner, verb=verbs[0]))


def _why(view: View, pair: Pair) -> list[str]:
    """The fields that make two regions differ."""
    left, right, how = pair.left, pair.right, pair.how
    over = within(view.swapped(left.region, how), right.region, pair.tolerances)
    if places(over.term, right.region):
        return ["map"]
    found: list[str] = []
    for name, part in (("condition", _condition), ("exception", _exception)):
        one, two = view.swapped(part(left), how), part(right)
        over = within(one, two, pair.tolerances)
        if over.term == bare(two):
            continue
        if view.find_more(right, left, over.term, two) or view.find_more(right, left, two, over.term):
            found.append("tolerance" if pair.tolerances and over.complete and over.pairs else name)
    return list(dict.fromkeys(found)) or ["condition"]


def _condition(clause: Clause) -> Term:
    return _sided(clause, clause.commitment.when)


def _exception(clause: Clause) -> Term:
    """Where the clause does not bind although its condition holds: `unless`, and what `ensure` asks for."""
    unless, ensure = clause.commitment.unless, clause.commitment.ensure
    if unless is None and ensure is None:
        return Not(TRUE)
    parts = [_sided(clause, part) for part in (unless, ensure) if part is not None]
    return parts[0] if len(parts) == 1 else Not(And(tuple(Not(part) for part in parts)))


def _sided(clause: Clause, term: Term | None) -> Term:
    return TRUE if term is None else sided(clause, term)


# ------------------------------------------------------------------------------------------- numbers


def _quantity(view: View, pair: Pair, difference: Difference) -> None:
    """Numbers are compared as conditions are: the other side's is read with the sides exchanged.

    So a number that a definition gives each side differs, and a row of a table that is looked up by the side does not:
    `lim[self]`, read from the other side, is that side's own row.
    """
    left, right = pair.left, pair.right
    one, two = left.commitment, right.commitment
    if one.limit is None or two.limit is None:
        return
    sizes = {clause.owner: len(view.members[clause.owner]) for clause in (left, right)}
    parity, other_parity = left.commitment.parity, right.commitment.parity
    each, of_each = (clause.commitment.who.kind == "each member" for clause in (left, right))
    if parity != other_parity or each != of_each or (parity is None and len(set(sizes.values())) > 1 and not each):
        difference.add("parity")
    if one.limit != two.limit or one.per != two.per:
        difference.add("quantity")
    if one.limit != two.limit:
        return
    factors = {clause.owner: Fraction(1) for clause in (left, right)}
    if each != of_each:
        # What the members of one side have each, and those of the other together: compared by what all have together.
        for clause, own in ((left, each), (right, of_each)):
            factors[clause.owner] = Fraction(sizes[clause.owner] if own else 1)
    elif parity == "member" == other_parity and not each:
        factors = {owner: Fraction(1, size or 1) for owner, size in sizes.items()}
    for doer, facing in ((left, right), (right, left)):
        _number(view, pair, doer, facing, factors, difference)


def _number(
    view: View, pair: Pair, doer: Clause, facing: Clause, factors: Mapping[str, Fraction], difference: Difference
) -> None:
    """The number of ``doer`` beside that of ``facing``, as ``doer`` reads it, on every day on which either changes."""
    own = _sided(doer, doer.commitment.limit_number)
    read = view.swapped(_sided(facing, facing.commitment.limit_number), pair.how)
    same_for_each = len(set(factors.values())) == 1
    if same_for_each and bare(view.inlined(own)) == bare(read):
        return
    for day in view.days_of(own, read):
        mine, theirs = (view.number_on(term, day) for term in (own, read))
        if mine is None or theirs is None:
            difference.add("quantity")
            continue
        a, b = mine * factors[doer.owner], theirs * factors[facing.owner]
        kind = _number_type(doer)
        if a == b or (kind is not None and tolerated(a, b, kind, pair.tolerances)):
            continue
        least = doer.commitment.limit == "at least"
        if doer.commitment.limit == "exactly":
            difference.add("quantity")
        elif (a < b) is least:
            difference.add("quantity", doer.owner)
            # A number that is enough for one side only, or still allowed to one side only.
            count = int(min(mine, theirs)) + (0 if least else 1)
            if (found := view.find(doer.commitment.record, (facing if least else doer).region)) is not None:
                difference.show(view.act(found, doer, doer.owner, count=count, date=day.isoformat()))


def _number_type(clause: Clause) -> Type | None:
    number = clause.commitment.limit_number
    return None if number is None else getattr(number, "type", None)
