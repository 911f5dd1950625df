"""What rules say on one input, as far as questions about changes of it go.

`runtime.resolve` also tells what became of each rule; mostly nobody asks, and an answer is enough.

Example: if rules 0 and 3 apply, 3 is an exception to 0 and says `free`, the answer is `free`; that rule 0 was
displaced is not worked out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple, TypeAlias

from comity.runtime.resolve import Resolution, resolve_masks
from comity.runtime.rules import Mask, Ruleset

Answer: TypeAlias = tuple[object, ...]
"""What a change of the answer is a change of: the outcome, the possible ones, and what is wrong."""


class Said(NamedTuple):
    """``certain``: the rules that certainly apply; ``remains``: those of them over which certainly none prevails."""

    certain: Mask
    remains: Mask
    answer: Answer


def answer(resolution: Resolution) -> Answer:
    return resolution.outcome, resolution.possible, resolution.error


def said(rules: Ruleset, true: Mask, unknown: Mask, day: date | None, chosen: Mapping[int, str]) -> Said:
    """From the rules whose own condition is true, and unknown: as `resolve_masks` has it."""
    certain, perhaps = rules.applying(true, unknown)
    remains, may_remain = rules.remaining(certain, perhaps)
    claims = rules.claims(day)
    if remains != may_remain or remains & claims.open_ended:
        return Said(certain, remains, answer(resolve_masks(rules, true, unknown, day, chosen, needs=False)))
    outcomes = claims.outcomes(claims.settle(remains & claims.plain)[0])
    if not outcomes and rules.otherwise is not None:
        outcomes = (rules.otherwise,)
    if len(outcomes) == 1:
        return Said(certain, remains, (outcomes[0], outcomes, None))
    return Said(certain, remains, (None, outcomes, "contradiction" if outcomes else "gap"))
