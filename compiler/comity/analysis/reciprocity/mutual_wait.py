"""Commitments that wait for each other, so that none of them ever binds.

Even if everybody accepts and does what is due. Let one of them wait for acceptance only.

Fires on:

    agreement talks between NORTH, SOUTH:
        status proposed

        commitment first_step by NORTH:  # R305
            shall not deploy Missile
            binding when second_step is binding

        commitment second_step by SOUTH:
            shall not deploy Missile
            binding when first_step is binding

Quiet on:

    agreement talks between NORTH, SOUTH:
        status proposed

        commitment first_step by NORTH:
            shall not deploy Missile
            binding when second_step is accepted

        commitment second_step by SOUTH:
            shall not deploy Missile
            binding when first_step is binding
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from comity.analysis.reciprocity.view import View
from comity.base.diagnostics import Diagnostic, Related, diagnostic
from comity.core.agreements import Clause, kind_of, plain
from comity.core.walk import children
from comity.runtime.kleene import Truth
from comity.terms import CommitmentState, Term


def mutual_waits(view: View) -> Iterator[Diagnostic]:
    """R305 holds of a cycle of commitments iff, everyone accepting and doing what is due, none of them binds.

    That is: they are not in the least fixpoint of activation. Beginning with nothing bound, each round adds what has
    all that it waits for; what is left over waits in a circle. A duty whose time only runs after an event is active
    once that has come about; before, nothing is due. One finding per cycle.
    """
    least = _fixpoint(view)
    idle = {clause.name for clause in view.clauses} - least
    waits = {
        clause.name: sorted({plain(s.subject) for term in _conditions(clause) for s in _states(term)} & idle)
        for clause in view.clauses
        if clause.name in idle
    }
    told: set[str] = set()
    for name in waits:
        cycle = _cycle(name, waits)
        if not cycle or told & set(cycle):
            continue
        told |= set(cycle)
        first, *others = (view.commitments[each] for each in cycle)
        path = " → ".join([*cycle, cycle[0]])
        yield diagnostic(
            "R305",
            f"none of {', '.join(f'`{each}`' for each in cycle)} can ever bind: each waits for the next ({path})",
            first.span,
            related=tuple(Related("waits too", other.span) for other in others),
            subjects=tuple(cycle),
            witness={"cycle": list(cycle)},
            help="let one begin on a date, or wait for acceptance, which either side can give alone",
        )


def _fixpoint(view: View) -> set[str]:
    """The commitments that come to bind if everyone accepts and does what is due."""
    active: set[str] = set()
    changed = True
    while changed:
        changed = False
        for clause in view.clauses:
            if clause.name not in active and _binds(view, clause, active):
                active.add(clause.name)
                changed = True
    return active


def _binds(view: View, clause: Clause, active: set[str]) -> bool:
    def state_of(term: CommitmentState, env: Mapping[str, object]) -> Truth:
        match term.state:
            case "accepted" | "consents":
                return True
            case "performed" if kind_of(view.commitments[plain(term.subject)]) != "duty":
                return False
            case "binding" | "performed":
                return plain(term.subject) in active
            case _:
                return False

    sides = {"self": clause.owner, "other": clause.other}
    day = view.agreement.since
    return all(view.interpreter.evaluate(each, sides, day, state_of) is not False for each in _conditions(clause))


def _conditions(clause: Clause) -> list[Term]:
    """What must come about before anything of a clause can be due."""
    return [each for each in (clause.binding, clause.commitment.deadline_after) if each is not None]


def _states(term: Term | None) -> Iterator[CommitmentState]:
    """The states a condition waits for, that only come about once a commitment binds."""
    if term is None:
        return
    if isinstance(term, CommitmentState) and term.state in ("binding", "performed"):
        yield term
    for child in children(term):
        yield from _states(child)


def _cycle(start: str, waits: Mapping[str, list[str]]) -> list[str]:
    """A cycle that ``start`` is on, from its first member in the order written; empty if it is on none."""
    path: list[str] = []

    def visit(name: str) -> list[str]:
        if name == start and path:
            return list(path)
        if name in path:
            return []
        path.append(name)
        for following in waits.get(name, ()):
            if found := visit(following):
                return found
        path.pop()
        return []

    return visit(start)
