"""Whether an outcome is, or may be, the answer somewhere: what L209 and L210 ask.

For example, `prohibited` is the answer on some input in {destination: RU} iff some rule that says `prohibited` remains
there and nothing else does. Where a rule that leaves `prohibited` no say applies, the judge settles first what might
prevail over that rule; else the rules that say `prohibited`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from comity.analysis.decision.deduction import Deduction, only
from comity.analysis.decision.extents import Mask, Standing
from comity.analysis.decision.search import DecisionSearch, Judge, Settle, Verdict
from comity.analysis.decision.study import Witness
from comity.analysis.questions.solve import find, first, outcomes_left, support
from comity.analysis.space.axes import bits
from comity.analysis.space.boxes import Box
from comity.runtime.resolve import Resolution


def given(search: DecisionSearch, outcome: str, regions: Sequence[Box], facts: bool = False) -> Witness | None:
    """Holds iff on some input in ``regions`` the outcome is the determined answer (L209, L210)."""

    def settled(resolution: Resolution) -> bool:
        return outcome == resolution.outcome

    def pose(deduction: Deduction) -> None:
        deduction.always(deduction.whole, lambda gates, said: only(gates, said, outcome) ^ 1)

    return find(search, regions, _judging(search, outcome, settled), -1, facts, pose)


def possible(search: DecisionSearch, outcome: str, regions: Sequence[Box], facts: bool = False) -> Witness | None:
    """Holds iff on some input in ``regions`` the outcome is possible (L200: it is in the way of a proof)."""

    def settled(resolution: Resolution) -> bool:
        return outcome in resolution.possible

    def pose(deduction: Deduction) -> None:
        gates = deduction.gates
        gates.require(deduction.whole.outcomes(gates, deduction.some_way())[outcome])

    return find(search, regions, _judging(search, outcome, settled), -1, facts, pose)


def _judging(search: DecisionSearch, outcome: str, settled: Callable[[Resolution], bool]) -> Judge:
    """Judges whether ``outcome`` is the answer, or may be. ``settled``: whether it is, where no rule is open."""

    def judge(standing: Standing) -> Verdict:
        may, sure = outcomes_left(search, standing)
        if outcome not in may:
            return False
        if sure and may == {outcome}:
            return True
        if standing.open:
            return Settle(_in_the_way(search, standing, outcome))
        return settled(search.resolve(standing))

    return judge


def _in_the_way(search: DecisionSearch, standing: Standing, outcome: str) -> int:
    """The open rule to settle next, where it is asked whether ``outcome`` may be the answer.

    Where a rule applies that leaves the outcome no say unless something defeats it, all depends on what might defeat
    it; of several such rules the one with fewest of those. Else all depends on the rules that say the outcome.
    """
    rules = search.ruleset
    certain, perhaps = rules.applying(standing.true, standing.unknown | standing.open)
    found: list[Mask] = []
    for number in bits(certain):
        says = search.rules[number].outcome
        if says is not None and outcome in search.dominated.get(says, ()):
            found.append(rules.prevailed_by[number] & perhaps)
    if not found:
        silencing = _silencing(search, standing, outcome)
        if silencing:
            return first(silencing)
        remains = rules.remaining(certain, perhaps)[1]
        found = [1 << n for n in bits(remains) if search.rules[n].outcome == outcome][:1]
    for asked in sorted(found, key=int.bit_count):
        # Exceptions reach where something applies that they are an exception to, unless they are disapplied.
        disapplied, reached = 0, 0
        for number in bits(asked):
            disapplied |= rules.disapplied_by[number]
            reached |= rules.exception_to[number] if not rules.exception_to[number] & certain else 0
        for candidates in (asked, disapplied, reached, *(support(search, number) for number in bits(asked))):
            if candidates & standing.open:
                return first(candidates & standing.open)
    return first(standing.open)


def _silencing(search: DecisionSearch, standing: Standing, outcome: str) -> Mask:
    """Few open rules of which one is true anywhere in the region, and that leave the outcome no say; 0 if not seen."""
    found = 0
    for number in bits(standing.open):
        says = search.rules[number].outcome
        if says is not None and outcome in search.dominated.get(says, ()):
            found |= 1 << number
    if not search.surely(standing.region, found):
        return 0
    prevailing = search.ruleset.prevailed_by
    for number in sorted(bits(found), key=lambda each: -prevailing[each].bit_count()):
        if search.surely(standing.region, found & ~(1 << number)):
            found &= ~(1 << number)
    return found
