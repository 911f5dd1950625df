"""Two conditions over states of commitments beside each other: what one waits for and the other does not.

States only ever come to hold, so a condition over them is a formula of a few yes-or-no facts. They are put through all
their combinations; the fewest states that tell two conditions apart become a log of events that shows it. Example:
`binding when a is performed` and `binding when a is accepted` differ where `a` has been accepted and not performed:
the log is one acceptance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import combinations

from comity.analysis import limits
from comity.analysis.reciprocity.align import bare
from comity.analysis.reciprocity.view import View
from comity.core.agreements import Clause, kind_of, plain
from comity.core.walk import children, rewrite
from comity.runtime.light import dataclass
from comity.runtime.types import PARTY
from comity.terms import FALSE, TRUE, And, CommitmentState, Const, Not, Or, Term


@dataclass(frozen=True, slots=True)
class Apart:
    """States under which one of two conditions holds and the other does not; empty and None if there are none."""

    left_only: frozenset[Term] | None
    right_only: frozenset[Term] | None

    def __bool__(self) -> bool:
        return self.left_only is not None or self.right_only is not None


def apart(left: Term, right: Term) -> Apart:
    """The fewest states that tell two bare conditions apart, from each side."""
    states = list(dict.fromkeys((*atoms(left), *atoms(right))))
    if len(states) > limits.current.compared_states:
        return Apart(None, None) if left == right else Apart(frozenset(states), frozenset(states))
    return Apart(_fewest(left, right, states), _fewest(right, left, states))


def _fewest(holds: Term, fails: Term, states: list[Term]) -> frozenset[Term] | None:
    for size in range(len(states) + 1):
        for chosen in combinations(states, size):
            given = frozenset(chosen)
            if not _can_be(given, states):
                continue
            if _true(holds, given) and not _true(fails, given):
                return given
    return None


def _can_be(given: frozenset[Term], states: list[Term]) -> bool:
    """What holds by some day holds by every later one."""
    dated = [state for state in states if isinstance(state, CommitmentState)]
    return not any(
        one in given and two not in given and replace(one, by=None) == replace(two, by=None) and _by(one) <= _by(two)
        for one in dated
        for two in dated
    )


def _by(state: CommitmentState) -> date:
    return date.max if state.by is None else state.by


def atoms(term: Term) -> Iterator[Term]:
    match term:
        case And(operands=operands) | Or(operands=operands):
            for operand in operands:
                yield from atoms(operand)
        case Not(operand=operand):
            yield from atoms(operand)
        case Const():
            pass
        case _:
            yield term


def _true(term: Term, given: frozenset[Term]) -> bool:
    match term:
        case And(operands=operands):
            return all(_true(each, given) for each in operands)
        case Or(operands=operands):
            return any(_true(each, given) for each in operands)
        case Not(operand=operand):
            return not _true(operand, given)
        case Const(value=value):
            return bool(value)
        case _:
            return term in given


def binding_of(view: View, clause: Clause) -> Term:
    """When a clause binds: as it says, else once its owner has accepted it."""
    if clause.binding is None:
        return CommitmentState(clause.commitment.qname, "accepted", Const(clause.owner, PARTY), None)
    return explicit(view, clause, clause.binding)


def suspended_of(view: View, clause: Clause) -> Term:
    return FALSE if clause.suspended is None else explicit(view, clause, clause.suspended)


def explicit(view: View, clause: Clause, condition: Term) -> Term:
    """``condition``, bare, with each state's party named: its own where nothing else is said."""

    def name(node: Term) -> Term | None:
        match node:
            case CommitmentState(state="consents"):
                return None
            case CommitmentState(subject=subject, of=of):
                owners = {each.owner for each in view.clauses if each.commitment.qname == subject}
                if len(owners) == 1:
                    return replace(node, of=Const(owners.pop(), PARTY))
                return node if of is not None else replace(node, of=Const(clause.owner, PARTY))
            case _:
                return None

    return rewrite(bare(condition), name)


def without_consents(term: Term) -> Term:
    """A condition without the consents of third states that it also waits for: those are R311's."""
    parts = term.operands if isinstance(term, And) else (term,)
    own = tuple(part for part in parts if not (isinstance(part, CommitmentState) and part.state == "consents"))
    return And(own) if len(own) > 1 else own[0] if own else TRUE


def renamed(term: Term, names: Mapping[str, str]) -> Term:
    """``term`` with commitments called by their mirrors' names, and third states by those they are swapped with."""

    def rename(node: Term) -> Term | None:
        if isinstance(node, CommitmentState) and node.subject in names:
            return replace(node, subject=names[node.subject])
        return None

    return rewrite(term, rename)


def can_hold(view: View, condition: Term) -> bool:
    """Whether a condition over states can come to hold: no state ends, but only a duty is ever performed."""
    states = frozenset(atoms(bare(condition)))
    never = {each for each in states if isinstance(each, CommitmentState) and _never(view, each)}
    return _true(bare(condition), states - never)


def never_performed(view: View, condition: Term) -> list[str]:
    """The commitments whose performance a condition waits for, though they are not duties."""
    states = (each for each in atoms(bare(condition)) if isinstance(each, CommitmentState))
    return list(dict.fromkeys(plain(each.subject) for each in states if _never(view, each)))


def _never(view: View, state: CommitmentState) -> bool:
    """To keep a prohibition, to use a permission or to stay within a number is not to perform."""
    named = view.commitments.get(plain(state.subject))
    return state.state == "performed" and named is not None and kind_of(named) != "duty"


def consents(term: Term | None) -> set[str]:
    """The third states whose consent a condition waits for."""
    if term is None:
        return set()
    found = {term.subject} if isinstance(term, CommitmentState) and term.state == "consents" else set()
    return found.union(*(consents(child) for child in children(term)))


_KINDS = {
    "accepted": "acceptance",
    "binding": "acceptance",
    "consents": "acceptance",
    "breached": "breach",
    "suspended": "suspension",
    "ended": "withdrawal",
    "performed": "act",
}


def events(view: View, states: frozenset[Term], day: date) -> list[dict[str, object]]:
    """A log that brings about some states, as `comity monitor` reads it."""
    found: list[dict[str, object]] = []
    for state in sorted((each for each in states if isinstance(each, CommitmentState)), key=_order):
        event: dict[str, object] = {
            "id": str(len(found) + 1),
            "date": (day if state.by is None else min(day, state.by)).isoformat(),
            "kind": _KINDS[state.state],
        }
        if state.state == "consents":
            event["party"] = state.subject
        else:
            name = plain(state.subject)
            event["party"] = state.of.value if isinstance(state.of, Const) else None
            if state.state == "performed":
                commitment = view.commitments[name]
                event |= {"verb": commitment.verbs[0], "record": commitment.record.name}
            else:
                event["commitment"] = name
        found.append(event)
    return found


def _order(state: CommitmentState) -> tuple[str, str, str]:
    return state.subject, state.state, str(state.of.value) if isinstance(state.of, Const) else ""
