"""How the rules of a decision stand on the inputs of tests: as their formulas say, on all of them at once.

Most questions look at that first. What one of them then rests on is a single test input, and of that the reference
interpreter has to say the same.

Example: of 700 tests, bit i of a mask says whether a rule applies on the i-th. "Does a rule ever decide?" is then
whether one mask is not 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from comity.analysis.decision.search import DecisionSearch
from comity.analysis.decision.test_inputs import Standing, TestInput
from comity.analysis.space.axes import bits
from comity.runtime.rules import mask_of


class Seen(NamedTuple):
    """A test input, by its number and itself, how the rules of a decision stand on it, and what the answer is."""

    place: int
    test_input: TestInput
    standing: Standing
    outcome: str | None

    def is_borne_out(self, decision: str) -> bool:
        """The reference interpreter says the same."""
        return self.test_input.standing(decision) == self.standing


def standings(search: DecisionSearch, numbers: Iterable[int], before: Sequence[Seen] = ()) -> list[Standing]:
    """How rules stand on each test input; those that are not among ``numbers`` as ``before``."""
    test_inputs = search.study.test_inputs
    if not test_inputs:
        return []
    point_set, numbers = search.study.test_points, list(numbers)
    kept = ~mask_of(numbers)
    true = [each.standing.true & kept for each in before] or [0] * len(test_inputs)
    unknown = [each.standing.unknown & kept for each in before] or [0] * len(test_inputs)
    for number in numbers:
        own = search.own(number)
        holds = point_set.holds(own.true)
        for place in bits(holds):
            true[place] |= 1 << number
        for place in bits(point_set.all & ~holds & ~point_set.holds(own.false)):
            unknown[place] |= 1 << number
    decision = search.decision.qname
    return [
        Standing(true[place], unknown[place], test_input.day, test_input.chosen(decision))
        for place, test_input in enumerate(test_inputs)
    ]
