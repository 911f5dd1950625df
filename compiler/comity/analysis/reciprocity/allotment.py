"""R309: what the members may have together is more than their group may."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from comity.analysis.reciprocity.view import View
from comity.core.agreements import Clause
from comity.diagnostics import Diagnostic, Related, diagnostic


def over_allotted(view: View) -> Iterator[Diagnostic]:
    """R309 holds of a maximum `by each member` iff, times the members, it exceeds the group's maximum of the same."""
    for each in view.clauses:
        if each.commitment.who.kind != "each member" or not _is_maximum(each):
            continue
        for group in view.clauses:
            if group.commitment.who.kind == "each member" or not _is_maximum(group) or not _same_matter(each, group):
                continue
            allotted, ceiling = _number(view, each), _number(view, group)
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
                witness={"party": each.owner, "verb": each.commitment.verbs[0], "count": int(allotted * members)},
                help=f"allot at most {ceiling // members} to each",
            )
            break


def _is_maximum(clause: Clause) -> bool:
    limit = clause.commitment.node.modality.limit
    return limit is not None and limit.kind in ("at most", "exactly")


def _same_matter(each: Clause, group: Clause) -> bool:
    return (
        each.owner == group.owner
        and each.commitment.record == group.commitment.record
        and set(each.commitment.verbs) <= set(group.commitment.verbs)
        and each.commitment.node.modality.per == group.commitment.node.modality.per
        and each.region == group.region
    )


def _number(view: View, clause: Clause) -> Fraction | int | None:
    number = clause.commitment.limit_number
    if number is None:
        return None
    sides = {"self": clause.owner, "other": clause.other}
    value = view.interpreter.evaluate(number, sides, view.agreement.since)
    return value if isinstance(value, int | Fraction) else None
