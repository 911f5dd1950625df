"""Rules that cannot remain beside each other, whatever the facts are: seen by their relations alone.

Example: `waiver` is an exception to `ban`, and `recall` one to `waiver`. Where `recall` applies so do the other two,
its companions, and `waiver` prevails over `ban`. So `recall` and `ban` never contradict each other, though no clause
orders them. A chain of thirty exceptions to exceptions has some four hundred such pairs.
"""

from __future__ import annotations

from functools import reduce
from operator import and_

from comity.runtime.rules import Mask, Ruleset, bits, union


class Companions:
    """The relations of rules; ``of[r]``: the rules that apply wherever rule number r does, itself among them."""

    def __init__(self, rules: Ruleset) -> None:
        self.rules = rules
        self.of: list[Mask] = [1 << number for number in range(len(rules.rules))]
        for level in rules.dependent:
            for number in bits(level):
                excepted = [self.of[other] for other in bits(rules.exception_to[number])]
                self.of[number] |= reduce(and_, excepted) if excepted else 0

    def may_remain(self, one: int, two: int) -> bool:
        """By their relations both rules may remain at once."""
        rules = self.rules
        together = self.of[one] | self.of[two]
        displaced = union(rules.prevails_over[number] for number in bits(together))
        if displaced & (1 << one | 1 << two):
            return False
        return not any(rules.disapplied_by[number] & together for number in bits(together))
