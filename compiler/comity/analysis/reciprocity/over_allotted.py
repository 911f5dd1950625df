"""The members' maxima together exceed the group's.

Each member may keep its own limit while the group breaks the common one.

Fires on:

    agreement talks between NORTH, SOUTH:
        status proposed

        commitment group by NORTH:
            shall deploy at most 10 Missile

        commitment members by each member of NORTH:  # R309
            shall deploy at most 8 Missile

Quiet on:

    agreement talks between NORTH, SOUTH:
        status proposed

        commitment group by NORTH:
            shall deploy at most 10 Missile

        commitment members by each member of NORTH:
            shall deploy at most 5 Missile
"""

from __future__ import annotations

from collections.abc import Iterator

from comity.analysis.reciprocity.view import Undecided, View, not_true
from comity.base.diagnostics import Diagnostic, Related, diagnostic
from comity.core.agreements import Clause


def over_allotted(view: View) -> Iterator[Diagnostic]:
    """R309 holds of a maximum `by each member` iff, times the members, it exceeds the group's maximum of the same."""
    for each in view.clauses:
        if each.commitment.who.kind != "each member" or not _is_maximum(each):
            continue
        for group in view.clauses:
            if group.commitment.who.kind == "each member" or not _is_maximum(group) or not _same_matter(each, group):
                continue
            if not _is_part(view, each, group):
                continue
            allotted, ceiling = view.number(each), view.number(group)
            members = len(view.members[each.owner])
            if allotted is None or ceiling is None or allotted * members <= ceiling:
                continue
            yield diagnostic(
                "R309",
                f"`{each.name}` allots {allotted * members} to the {members} members of {each.owner}, but "
                f"`{group.name}` allows them {ceiling} together",
                each.commitment.span,
                related=(Related("the group's maximum", group.commitment.span),),
                subjects=(each.name, group.name),
                witness={
                    "party": each.owner,
                    "other": each.other,
                    "verb": each.commitment.verbs[0],
                    "date": view.day.isoformat(),
                    "count": int(allotted * members),
                },
                help=f"allot at most {ceiling // members} to each",
            )
            break


def _is_maximum(clause: Clause) -> bool:
    limit = clause.commitment.limit
    return limit is not None and limit in ("at most", "exactly")


def _same_matter(each: Clause, group: Clause) -> bool:
    return (
        each.owner == group.owner
        and each.commitment.record == group.commitment.record
        and set(each.commitment.verbs) <= set(group.commitment.verbs)
        and each.commitment.per == group.commitment.per
    )


def _is_part(view: View, each: Clause, group: Clause) -> bool:
    """Whether all that counts for a member counts for the group too."""
    if each.region == group.region:
        return True
    try:
        return view.find(each.commitment.record, view.in_time(each, each.region), not_true(group.region)) is None
    except Undecided:
        return False
