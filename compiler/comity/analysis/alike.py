"""Rules of one decision by what they say and how they stand to others: many of them are alike."""

from __future__ import annotations

from functools import cached_property

from comity.runtime.rules import Mask, Ruleset, mask_of


class Alike:
    """The rules of one ruleset, sorted."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset

    @cached_property
    def groups(self) -> list[Mask]:
        """For each rule, the rules that say the same and stand to all others as it does, itself included."""
        asked = any(ground.kind in ("rank", "later") for ground in self.ruleset.grounds)
        groups: dict[object, Mask] = {}
        keys = [
            (rule.outcome, rule.refers, (rule.rank, rule.begins) if asked else None, stands)
            for rule, stands in zip(self.ruleset.rules, self.ruleset.relations, strict=True)
        ]
        for number, key in enumerate(keys):
            groups[key] = groups.get(key, 0) | 1 << number
        return [groups[key] for key in keys]

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
