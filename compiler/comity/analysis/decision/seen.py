"""How the rules of a decision stand on the inputs of tests: as their formulas say, on all of them at once.

Most questions look at that first. What one of them then rests on is a single specimen, and of that the reference
interpreter has to say the same.

Example: of 700 tests, bit i of a mask says whether a rule applies on the i-th. "Does a rule ever decide?" is then
whether one mask is not 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from comity.analysis.decision.search import Contest
from comity.analysis.decision.test_inputs import Specimen, Standing
from comity.analysis.space.axes import bits
from comity.runtime.rules import mask_of


class Seen(NamedTuple):
    """A specimen, by its number and itself, how the rules of a decision stand on it, and what the answer is."""

    place: int
    specimen: Specimen
    standing: Standing
    outcome: str | None

    def is_borne_out(self, decision: str) -> bool:
        """The reference interpreter says the same."""
        return self.specimen.standing(decision) == self.standing


def standings(contest: Contest, numbers: Iterable[int], before: Sequence[Seen] = ()) -> list[Standing]:
    """How rules stand on each specimen; those that are not among ``numbers`` as ``before``."""
    specimens = contest.study.specimens
    if not specimens:
        return []
    crowd, numbers = contest.study.crowd, list(numbers)
    kept = ~mask_of(numbers)
    true = [each.standing.true & kept for each in before] or [0] * len(specimens)
    unknown = [each.standing.unknown & kept for each in before] or [0] * len(specimens)
    for number in numbers:
        own = contest.own(number)
        holds = crowd.holds(own.true)
        for place in bits(holds):
            true[place] |= 1 << number
        for place in bits(crowd.all & ~holds & ~crowd.holds(own.false)):
            unknown[place] |= 1 << number
    decision = contest.decision.qname
    return [
        Standing(true[place], unknown[place], specimen.day, specimen.chosen(decision))
        for place, specimen in enumerate(specimens)
    ]
