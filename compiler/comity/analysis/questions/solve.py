"""How a question is solved: by boxes first, and what these leave open by the SAT solver.

A question is given twice, as a *judge* of standings and as a *pose* of clauses. For "does rule 3 ever apply?", the
judge is shown boxes such as {destination: RU, value: above 5000} with what is known of the rules there (rule 3 true,
rule 7 open) and says yes, no, or "settle rule 7 first"; the pose requires the literal "rule 3 certainly applies" of a
`Deduction`. The search by boxes answers nearly every question of an ordinary policy in a few steps. What it has not
answered within `limits.box_steps` goes to the solver, and so do rules of very many boxes (`DecisionSearch.is_tangled`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from comity.analysis import limits
from comity.analysis.decision.deduction import Deduction, Region, are_many
from comity.analysis.decision.extents import Mask, Standing
from comity.analysis.decision.search import DecisionSearch, Judge, Settle, Verdict
from comity.analysis.decision.study import Exhausted, OutOfSteps, Undecided, Witness
from comity.analysis.space.axes import bits
from comity.analysis.space.boxes import Box, Budget, meet
from comity.runtime.rules import mask_of

Harmless: TypeAlias = Callable[[Box], Sequence[Box] | None]

Pose: TypeAlias = Callable[[Deduction], None]
"""Requires of a deduction what a question asks for."""


def answer_of(search: Callable[[], Witness | None]) -> Witness | Undecided | None:
    """What a search finds; that it was not settled is an answer too."""
    try:
        return search()
    except Undecided as undecided:
        return undecided


def any_of(searches: Iterable[Callable[[], Witness | None]]) -> Witness | None:
    """The first witness; a question left open counts only if there is none. Raises `Undecided`."""
    return first_found(map(answer_of, searches))


def first_found(searches: Iterable[Witness | Undecided | None]) -> Witness | None:
    """The first witness; if there is none, a question left open is one."""
    open_question: Undecided | None = None
    for found in searches:
        if isinstance(found, Undecided):
            open_question = found
        elif found is not None:
            return found
    if open_question is not None:
        raise open_question
    return None


def find(
    search: DecisionSearch,
    regions: Iterable[Box],
    judge: Judge,
    among: Mask,
    facts: bool,
    pose: Pose,
    harmless: Harmless = lambda _: (),
    implied: bool = False,
) -> Witness | None:
    """An input in one of ``regions`` that ``judge`` says yes to, among the rules ``among``; None if there is none.

    ``facts``: spell the input out. ``pose`` says the same as ``judge`` in clauses, for the solver. ``harmless`` finds
    boxes in which the judge is known to say no; None if a region is seen to lie in them. ``implied``: what is posed
    says by itself that the input lies in one of the regions. Raises `Undecided`.
    """
    if search.is_tangled:
        deduction = Deduction(search, [({}, ())] if implied else [(region, ()) for region in regions], among)
        pose(deduction)
        return deduction.find(judge, facts)
    left, tried = limits.current.box_steps, 0
    left_open: list[Region] = []
    undecided: Undecided | None = None
    for region in regions:
        if tried >= limits.current.further_regions and left < 0:
            left_open.append((region, ()))
            continue
        known = harmless(region)
        if known is None:
            continue
        steps = max(limits.current.further_box_steps, min(left, _steps(search, region)))
        budget = Budget(steps)
        try:
            found = _by_boxes(search, region, judge, among, facts, budget, known)
            if found is not None:
                return found
        except Exhausted:
            raise
        except OutOfSteps:
            left_open.append((region, known))
        except Undecided as caught:
            undecided = caught
        left -= steps - budget.left
        tried += 1
    if left_open:
        deduction = Deduction(search, left_open, among)
        pose(deduction)
        found = deduction.find(judge, facts)
        if found is not None:
            return found
    if undecided is not None:
        raise undecided
    return None


def _steps(search: DecisionSearch, region: Box) -> int:
    """The steps that the search by boxes should take in a region."""
    index = search.index
    if len(index.boxes) > limits.current.box_steps_times_boxes // 10:
        return limits.current.box_steps  # mostly few of so many are near, and to count these takes as long as a step
    return limits.current.box_steps_times_boxes // (index.meeting(region).bit_count() or 1)


def _by_boxes(
    search: DecisionSearch, region: Box, judge: Judge, among: Mask, facts: bool, budget: Budget, known: Sequence[Box]
) -> Witness | None:
    """Raises OutOfSteps where the solver is to go on."""
    try:
        return search.find(region, judge, among, facts, budget, known)
    except Exhausted:
        raise
    except OutOfSteps:
        if not are_many(search.meeting(region) & among):
            raise
    return search.find(region, judge, among, facts, Budget(limits.current.crowded_steps), known)


def find_in_extent(
    search: DecisionSearch, rule: int, judge: Judge, among: Mask, facts: bool, pose: Pose
) -> Witness | None:
    return find(search, search.regions(rule), judge, among, facts, pose, implied=True)


def settled_by(standing: Standing, sure: bool, may: bool, rule: int) -> Verdict:
    if sure:
        return True
    if not may or not standing.open:
        return False
    return Settle(rule if standing.open >> rule & 1 else first(standing.open))


def remaining(search: DecisionSearch, standing: Standing) -> tuple[Mask, Mask]:
    """The rules that certainly, and that perhaps, apply without being prevailed over."""
    rules = search.ruleset
    return rules.remaining(*rules.applying(standing.true, standing.unknown | standing.open))


def outcomes_left(search: DecisionSearch, standing: Standing) -> tuple[set[str], bool]:
    """The outcomes there may be, as far as that is seen without trying grounds; and whether there certainly is one.

    What certainly remains takes away from `may` what it leaves no say.
    """
    remains, may_remain = remaining(search, standing)
    may: set[str] = set()
    idle: set[str] = set()
    sure = False
    for number in bits(may_remain):
        rule = search.rules[number]
        if rule.outcome is not None:
            may.add(rule.outcome)
            if remains >> number & 1:
                idle |= search.dominated.get(rule.outcome, frozenset())
        elif rule.refer is not None:
            may.update(search.ruleset.outcomes)
        else:
            continue
        sure = sure or bool(remains >> number & 1)
    if not sure and search.ruleset.otherwise is not None:
        may.add(search.ruleset.otherwise)
        sure = True
    return may - idle, sure


def saying(search: DecisionSearch) -> Mask:
    """The rules that say something: those with an outcome, and those that refer for any."""
    return mask_of(rule.number for rule in search.rules if rule.outcome is not None or rule.refer is not None)


def support(search: DecisionSearch, rule: int) -> Mask:
    """The rules that a rule's applying depends on, itself included."""
    rules = search.ruleset
    found, waiting = 0, 1 << rule
    while waiting:
        number = first(waiting)
        found |= 1 << number
        waiting = (waiting | rules.exception_to[number] | rules.disapplied_by[number]) & ~found
    return found


def first(mask: Mask) -> int:
    return (mask & -mask).bit_length() - 1


def meets(*lists: Sequence[Box]) -> list[Box]:
    """The boxes that one from each list have in common."""
    found: list[Box] = [{}]
    for boxes in lists:
        found = [both for one in found for two in boxes if (both := meet(one, two)) is not None]
    return found
