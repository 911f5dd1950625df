"""The rules of a decision by class: those that show the same and relate to all others in the same way.

What the members of a class do together one rule does whose condition is their disjunction. Of a thousand rules of a
control list nearly all are in one class, so what is computed for every row grows with the classes, not with the rules.
What a row says follows from the *shows* (outcome and rank) of the classes that remain.

    rule a then prohibited        a and b are one class, c is another: it prevails over a and b alike
    rule b then prohibited
    rule c exception to a, b
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from comity.backends.batch.columns import FALSE, TRUE, UNKNOWN
from comity.runtime.light import dataclass
from comity.runtime.rules import Ruleset, bits, mask_of, union

Says = tuple[str, ...]


class Said(NamedTuple):
    """What a decision says of a row, as in `Resolution`."""

    outcome: str | None
    possible: Says
    error: Literal["gap", "contradiction"] | None


@dataclass(frozen=True, slots=True)
class Class:
    """Rules that show the same (``show``: a number, None for nothing) and relate to all others in the same way.

    The other fields are classes by number. ``reach``: those that it depends on whether this one remains, as a mask.
    """

    members: tuple[int, ...]
    show: int | None
    exception_to: tuple[int, ...]
    disapplied_by: tuple[int, ...]
    prevailed_by: tuple[int, ...]
    reach: int


class Classes:
    """The rules of a decision by class, in an order in which each class comes after those it depends on to apply."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset
        groups: dict[object, list[int]] = {}
        for number, rule in enumerate(ruleset.rules):
            groups.setdefault((ruleset.relations[number], rule.outcome, rule.rank), []).append(number)
        depth = _depths(ruleset)
        members = sorted(groups.values(), key=lambda each: (depth[each[0]], each[0]))
        self.depth = [depth[each[0]] for each in members]
        """How many levels of classes each depends on to apply."""
        self.of_rule = {rule: place for place, each in enumerate(members) for rule in each}
        shows: dict[tuple[str, str | None], int] = {}
        self.classes: list[Class] = []
        for each in members:
            first = each[0]
            rule = ruleset.rules[first]
            show = None if rule.outcome is None else shows.setdefault((rule.outcome, rule.rank), len(shows))
            self.classes.append(
                Class(
                    tuple(each),
                    show,
                    self._of(ruleset.exception_to[first]),
                    self._of(ruleset.disapplied_by[first]),
                    self._of(ruleset.prevailed_by[first]),
                    mask_of(self._of(ruleset.reach[first])),
                )
            )
        self.shows = list(shows)
        claims = ruleset.claims(None)
        first_with = {
            show: next(c.members[0] for c in self.classes if c.show == place) for show, place in shows.items()
        }
        self._claims = [1 << first_with[show] for show in self.shows]
        """For each show, the claim of some rule that has it."""
        self.claims = claims
        self._settled: dict[int, Says] = {}
        by_restriction = bool(ruleset.grounds) and ruleset.grounds[0].kind == "restriction"
        order = {outcome: place for place, outcome in enumerate(ruleset.outcomes)}
        self.restriction = [order[outcome] for outcome, _ in self.shows] if by_restriction else None
        """Where the first ground is restriction, how far down the outcomes each show is."""

    def _of(self, rules: int) -> tuple[int, ...]:
        return tuple(sorted({self.of_rule[rule] for rule in bits(rules)}))

    def shown(self, remains: int) -> int:
        """The mask of the shows of the rules that remain."""
        shows = [self.classes[self.of_rule[rule]].show for rule in bits(remains)]
        return union(1 << show for show in shows if show is not None)

    def says(self, shown: int) -> Says:
        """The outcomes that the grounds leave of the shows in a mask."""
        found = self._settled.get(shown)
        if found is None:
            kept, _ = self.claims.settle(self._claims_of(shown))
            found = self._settled[shown] = self.claims.outcomes(kept)
        return found

    def _claims_of(self, shown: int) -> int:
        return sum(self._claims[show] for show in bits(shown))

    def said(self, results: Iterable[Says]) -> Said:
        """What is said where each of the results comes of some way; as in `runtime.resolve`."""
        fallback = () if self.ruleset.otherwise is None else (self.ruleset.otherwise,)
        says = {outcomes or fallback for outcomes in results}
        named = {outcome for outcomes in says for outcome in outcomes}
        possible = tuple([outcome for outcome in self.ruleset.outcomes if outcome in named])
        if not named:
            return Said(None, possible, "gap")
        if all(len(outcomes) > 1 for outcomes in says):
            return Said(None, possible, "contradiction")
        return Said(possible[0] if len(says) == 1 else None, possible, None)

    def decides(self, show: int, shown: int, is_open: bool, said: Said) -> tuple[int, int]:
        """What `RULE decides` is, of a rule with that show that remains, and of one that may remain."""
        outcome = self.shows[show][0]
        if outcome not in said.possible:
            return FALSE, FALSE
        if said.error or said.outcome is None:
            return UNKNOWN, UNKNOWN
        every, own = self._claims_of(shown), self._claims[show]
        if is_open:
            steady = self.claims.stands(own.bit_length() - 1, every)
        else:
            steady = bool(self.claims.settle(every)[0] & own)
        return TRUE if steady else UNKNOWN, UNKNOWN


def _depths(ruleset: Ruleset) -> list[int]:
    """How many levels of rules each rule depends on to apply."""
    depth = [0] * len(ruleset.rules)
    for level, mask in enumerate(ruleset.dependent, 1):
        for rule in bits(mask):
            depth[rule] = level
    return depth
