"""R304: acts that are both permitted and prohibited, and duties that can only be done by a breach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from comity.analysis.reciprocity.view import Undecided, View, either, not_true
from comity.core.agreements import Clause
from comity.diagnostics import Diagnostic, Related, diagnostic
from comity.terms import TRUE, InWindow, Term


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
            if other.kind == "prohibition"
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
        elif clause.kind == "duty" and prohibiting and (clause.commitment.qname, "") not in seen:
            finding = _only_by_breach(view, clause, [other for other, _ in prohibiting])
            if finding is not None:
                seen.add((clause.commitment.qname, ""))
                yield finding


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
            if view.find(record, view.in_time(duty, duty.region), view.in_time(p, p.region)) is not None
        ]
        subjects += tuple(dict.fromkeys(p.name for p in prohibitions))
        due = _until_due(duty)
        for verb in duty.commitment.verbs:
            barred = either(view.in_time(p, p.region) for p in prohibitions if verb in p.commitment.verbs)
            if view.find(record, due, view.in_time(duty, duty.region), not_true(barred)) is not None:
                return None
        found = view.find(record, due, view.in_time(duty, duty.region))
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


def _until_due(duty: Clause) -> Term:
    """While the duty may still be done in time."""
    day = duty.commitment.deadline_day
    return TRUE if day is None else InWindow(((None, day),))
