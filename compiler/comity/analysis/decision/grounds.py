"""What grounds settle whatever the facts are: outcomes that others leave no say.

Example: an outcome `prohibited` that prevails over all others leaves them no say wherever a rule with it applies.
"""

from __future__ import annotations

from comity.runtime.rules import Ruleset


def dominated(rules: Ruleset) -> dict[str, frozenset[str]]:
    """For each outcome, those that can make no difference beside it: grounds drop them, whatever else there is.

    Let an outcome o be left, and A be o and all that can drop it, or drop what can, and so on. If everything in A
    beats p, and all that p beats, then p is dropped: of A something is left to the end, and was there when its ground
    against p was tried. What p could have dropped is dropped by it as well.
    """
    if any(ground.kind not in ("over", "restriction") for ground in rules.grounds):
        return {}
    outcomes = rules.outcomes
    beats: dict[str, set[str]] = {outcome: set() for outcome in outcomes}
    for ground in rules.grounds:
        if ground.kind == "over":
            beats[ground.winner].add(ground.loser)
        else:
            for place, outcome in enumerate(outcomes):
                beats[outcome].update(outcomes[place + 1 :])
    found: dict[str, frozenset[str]] = {}
    for outcome in outcomes:
        above = {outcome}
        while more := {each for each in outcomes if beats[each] & above} - above:
            above |= more
        found[outcome] = frozenset(
            each
            for each in outcomes
            if each not in above and all(each in beats[a] and beats[each] <= beats[a] for a in above)
        )
    return found
