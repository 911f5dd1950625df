"""Rules of one decision by what they say and how they stand to others: many of them are alike.

Example: of a chart with 2,000 cells, each of the form "this entry, this country: license_required", all rules have one
outcome and the same relations, so that what is worked out about one serves for all.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from comity.runtime.rules import Mask, Ruleset, mask_of


class Alike:
    """The rules of one ruleset, sorted."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset

    def group(self, number: int) -> Mask:
        """The rules that say the same as a rule and stand to all others as it does, itself included."""
        return self._groups[self._key(number)]

    @cached_property
    def _groups(self) -> dict[object, Mask]:
        groups: dict[object, Mask] = {}
        for number in range(len(self.ruleset.rules)):
            key = self._key(number)
            groups[key] = groups.get(key, 0) | 1 << number
        return groups

    def _key(self, number: int) -> object:
        rule = self.ruleset.rules[number]
        ground = (rule.rank, rule.begins) if self._asked else None
        return rule.outcome, rule.refers, ground, self.ruleset.relations[number]

    @cached_property
    def _asked(self) -> bool:
        """Grounds ask since when a rule is in effect, or how it ranks."""
        return any(ground.kind in ("rank", "later") for ground in self.ruleset.grounds)

    def revise(self, ruleset: Ruleset, changed: Iterable[int]) -> None:
        """Some rules are others, which stand to all others as those did."""
        self._turn(changed)
        self.ruleset = ruleset
        self._turn(changed)

    def _turn(self, rules: Iterable[int]) -> None:
        """Take rules out of where they are sorted in, or sort them in."""
        for number in rules:
            outcome, key, bit = self.ruleset.rules[number].outcome, self._key(number), 1 << number
            self._groups[key] = self._groups.get(key, 0) ^ bit
            if outcome is not None:
                self.saying[outcome] ^= bit

    @cached_property
    def undefeated(self) -> Mask:
        """The rules that nothing prevails over or disapplies."""
        defeats = zip(self.ruleset.prevailed_by, self.ruleset.disapplied_by, strict=True)
        return mask_of(number for number, masks in enumerate(defeats) if not any(masks))

    @cached_property
    def saying(self) -> dict[str, Mask]:
        """For each outcome, the rules that say it."""
        found = dict.fromkeys(self.ruleset.outcomes, 0)
        for number, rule in enumerate(self.ruleset.rules):
            if rule.outcome is not None:
                found[rule.outcome] |= 1 << number
        return found
