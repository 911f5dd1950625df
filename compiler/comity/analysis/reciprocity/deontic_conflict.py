"""An act that is both permitted and prohibited, or a duty that only a breach can fulfil.

A number is judged like a duty where it must be reached and like a prohibition where it is `at most 0`; a minimum above
the maximum of the same acts is a conflict too. Who keeps the one breaks the other. Say which prevails (`prevails over
NAME`), or make room in one of them.

Fires on:

    agreement talks between NORTH, SOUTH:
        status proposed

        commitment missiles by each party:
            shall not deploy Missile
            when reach > 500 km

        commitment defence by each party:  # R304
            may deploy Missile
            when location in {BE, CA, RU}

Quiet on:

    agreement talks between NORTH, SOUTH:
        status proposed

        commitment missiles by each party:
            shall not deploy Missile
            when reach > 500 km

        commitment defence by each party:
            may deploy Missile
            when reach <= 500 km
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import ceil

from comity.analysis.reciprocity.view import Undecided, View, either, not_true
from comity.base.diagnostics import Diagnostic, Related, diagnostic
from comity.core.agreements import Clause
from comity.parts import Per


def conflicts(views: Sequence[View]) -> Iterator[Diagnostic]:
    """R304 within each agreement, and across those that are in force between the same countries."""
    for view in views:
        own = view.clauses
        others = [
            (clause, other)
            for other in views
            if other is not view and _in_force(view) and _in_force(other)
            for clause in other.clauses
        ]
        yield from _of(view, [(clause, view) for clause in own] + others)


def _in_force(view: View) -> bool:
    return view.agreement.status not in ("proposed", "terminated", "")


def _of(view: View, against: list[tuple[Clause, View]]) -> Iterator[Diagnostic]:
    seen: set[tuple[str, str]] = set()
    for clause in view.clauses:
        prohibiting = [
            (other, where)
            for other, where in against
            if _prohibits(where, other)
            and (where is not view or other.other == clause.other)
            and other.commitment.record == clause.commitment.record
            and set(other.commitment.verbs) & set(clause.commitment.verbs)
            and _same_owner(view, clause, where, other)
            and not _ordered(view, clause, where, other)
        ]
        if clause.kind == "permission":
            for other, _ in prohibiting:
                pair = (clause.commitment.qname, other.commitment.qname)
                if pair not in seen and (finding := _permitted_and_prohibited(view, clause, other)) is not None:
                    seen.add(pair)
                    yield finding
        elif _is_due(view, clause) and (clause.commitment.qname, "") not in seen:
            finding = _too_few(view, clause, against)
            if finding is None and prohibiting:
                finding = _only_by_breach(view, clause, [other for other, _ in prohibiting])
            if finding is not None:
                seen.add((clause.commitment.qname, ""))
                yield finding


def _prohibits(view: View, clause: Clause) -> bool:
    """Whether no act that the clause speaks of is allowed: `shall not`, or at most none."""
    if clause.kind == "prohibition":
        return True
    number = view.number(clause) if clause.commitment.limit in ("at most", "exactly") else None
    return number is not None and number < 1


def _is_due(view: View, clause: Clause) -> bool:
    """Whether acts that the clause speaks of must be done: a duty, or a number that is not to be fallen short of."""
    if clause.kind == "duty":
        return True
    number = view.number(clause) if clause.commitment.limit in ("at least", "exactly") else None
    return number is not None and number > 0


def _same_owner(view: View, clause: Clause, where: View, other: Clause) -> bool:
    return bool(set(view.members[clause.owner]) & set(where.members[other.owner]))


def _ordered(view: View, clause: Clause, where: View, other: Clause) -> bool:
    """Whether `prevails over` says which of the two gives way; an agreement only binds who is party to it."""

    def over(one: View, first: Clause, two: View, second: Clause) -> bool:
        names = {*first.commitment.prevails_over, *one.agreement.prevails_over}
        named = second.commitment.qname in names or (one is not two and two.agreement.qname in names)
        bound = {country for party in one.parties for country in one.members[party]}
        return named and bound.issuperset(two.members[second.other])

    return over(view, clause, where, other) != over(where, other, view, clause)  # if each prevails, neither does


def _permitted_and_prohibited(view: View, permission: Clause, prohibition: Clause) -> Diagnostic | None:
    """It holds iff some act lies in the permission's region and in the prohibition's, on a day of both."""
    record = permission.commitment.record
    subjects = (permission.name, prohibition.name)
    try:
        found = view.find(
            record, view.in_time(permission, permission.region), view.in_time(prohibition, prohibition.region)
        )
    except Undecided as why:
        return view.undecided("the two meet", permission.commitment.span, why, subjects)
    if found is None:
        return None
    verb = next(v for v in permission.commitment.verbs if v in prohibition.commitment.verbs)
    return diagnostic(
        "R304",
        f"`{permission.name}` permits what `{prohibition.name}` prohibits",
        permission.commitment.span,
        related=(Related("the prohibition", prohibition.commitment.span),),
        subjects=subjects,
        witness=view.witness(found, record, verb, permission.owner, permission.other),
        help=f"say which gives way: `prevails over {prohibition.name}`",
    )


def _only_by_breach(view: View, duty: Clause, prohibitions: list[Clause]) -> Diagnostic | None:
    """It holds iff every act that would fulfil the duty, by every verb, is prohibited throughout its time."""
    record = duty.commitment.record
    subjects: tuple[str, ...] = (duty.name,)
    try:
        prohibitions = [
            p
            for p in prohibitions
            if view.find(record, view.while_due(duty, duty.region), view.in_time(p, p.region)) is not None
        ]
        subjects += tuple(dict.fromkeys(p.name for p in prohibitions))
        for verb in duty.commitment.verbs:
            barred = either(view.in_time(p, p.region) for p in prohibitions if verb in p.commitment.verbs)
            if view.find(record, view.while_due(duty, duty.region), not_true(barred)) is not None:
                return None
        found = view.find(record, view.while_due(duty, duty.region))
    except Undecided as why:
        return view.undecided(f"`{duty.name}` can be fulfilled", duty.commitment.span, why, subjects)
    if found is None:
        return None
    return diagnostic(
        "R304",
        f"every act that would fulfil `{duty.name}` is prohibited by `{prohibitions[0].name}`",
        duty.commitment.span,
        related=(Related("the prohibition", prohibitions[0].commitment.span),),
        subjects=subjects,
        witness=view.witness(found, record, duty.commitment.verbs[0], duty.owner, duty.other),
        help=f"say which gives way: `prevails over {prohibitions[0].name}`",
    )


# ------------------------------------------------------------------------------------------- numbers


def _too_few(view: View, least: Clause, against: list[tuple[Clause, View]]) -> Diagnostic | None:
    """It holds iff a number must be reached of which fewer are allowed: all that count for it count for a maximum."""
    wanted = _together(view, least, least.commitment.limit in ("at least", "exactly"))
    if wanted is None:
        return None
    for most, where in against:
        allowed = _together(where, most, most.commitment.limit in ("at most", "exactly"))
        if allowed is None or most is least or not _count_alike(view, least, where, most):
            continue
        times = _times(least.commitment.per, most.commitment.per)
        if times is None or wanted * times[0] <= allowed * times[1]:
            continue
        finding = _short_of(view, least, most)
        if finding is not None:
            return finding
    return None


def _together(view: View, clause: Clause, counts: bool) -> Fraction | None:
    """The number for all that a clause binds, its members together."""
    number = view.number(clause) if counts else None
    if number is None:
        return None
    members = len(view.members[clause.owner]) if clause.commitment.who.kind == "each member" else 1
    return Fraction(number) * members


def _count_alike(view: View, least: Clause, where: View, most: Clause) -> bool:
    """Whether every act that counts for the minimum is one by those, and of the kind, that the maximum speaks of."""
    return (
        (where is not view or most.other == least.other)
        and most.commitment.record == least.commitment.record
        and set(least.commitment.verbs) <= set(most.commitment.verbs)
        and set(view.members[least.owner]) <= set(where.members[most.owner])
        and not _ordered(view, least, where, most)
    )


def _times(least: Per | None, most: Per | None) -> tuple[int, int] | None:
    """How many periods of a minimum fit into one of a maximum, or how many of the maximum cover one of the minimum.

    The minimum times the first must not exceed the maximum times the second. Rolling periods begin on any day, so also
    where a calendar one does. None where what is held is compared with what is done in a time.
    """
    if least is None or most is None:
        return (1, 1) if least is most else None
    if least == most:
        return 1, 1
    months = _months(least), _months(most)
    if months[0] is not None and months[1] is not None:
        longest, shortest = Fraction(months[0]), Fraction(months[1])
    else:
        longest, shortest = _days(least, 31), _days(most, 28)
    fit = shortest // longest
    return (fit, 1) if fit else (1, ceil(longest / shortest))


def _months(per: Per) -> int | None:
    if per.calendar is not None:
        return 12 if per.calendar == "year" else 1
    return None if per.rolling is None else per.rolling.months


def _days(per: Per, of_a_month: int) -> Fraction:
    """The days of a period, whose months are taken to have so many."""
    months = _months(per)
    if months is not None:
        return Fraction(months * of_a_month)
    assert per.rolling is not None
    return Fraction(ceil(Fraction(per.rolling.hours or 0) / 24))


def _short_of(view: View, least: Clause, most: Clause) -> Diagnostic | None:
    record = least.commitment.record
    subjects = (least.name, most.name)
    try:
        outside = view.find(record, view.in_time(least, least.region), not_true(view.in_time(most, most.region)))
        if outside is not None:
            return None
        found = view.find(record, view.in_time(least, least.region))
    except Undecided as why:
        return view.undecided(f"`{least.name}` can be fulfilled", least.commitment.span, why, subjects)
    if found is None:
        return None
    return diagnostic(
        "R304",
        f"`{least.name}` demands more than `{most.name}` allows",
        least.commitment.span,
        related=(Related("the maximum", most.commitment.span),),
        subjects=subjects,
        witness=view.act(found, least, least.owner, count=ceil(view.number(least) or 0)),
        help=f"let the numbers meet, or say which gives way: `prevails over {most.name}`",
    )
