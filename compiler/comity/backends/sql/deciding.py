"""`RULE decides`, asked of another decision: whether a rule is one of those that the answer comes from.

As `runtime.resolve` has it: true of a rule that surely remains and that the grounds leave, whatever remains beside it,
where the outcome is determined; unknown of one that may decide; else false.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TypeAlias

from comity.backends.sql.columns import Columns, Node
from comity.backends.sql.errors import Inexpressible
from comity.runtime.light import dataclass
from comity.runtime.rules import RANKS, Ground, Ruleset, bits

Claim: TypeAlias = tuple[str, int]
"""The outcome of a rule and its rank: what the grounds look at."""


@dataclass(frozen=True, slots=True)
class Deciding:
    """``applies``: of each rule. ``determined``: the decision is. ``possible``: by outcome, whether it may be."""

    columns: Columns
    rules: Ruleset
    applies: Sequence[Node]
    determined: Node
    possible: Mapping[str, Node]

    def nodes(self) -> list[Node]:
        """For each rule whether it decides, three-valued."""
        if self.rules.by_day or any(rule.refers and rule.outcome is None for rule in self.rules.rules):
            raise Inexpressible("`decides` is not written in SQL where rules have no single outcome, or by day")
        columns = self.columns
        remains = [self._remains(number) for number in range(len(self.applies))]
        may_remain = [columns.perhaps(node) for node in remains]
        is_open = columns.some(
            columns.every([may, columns.negate(columns.surely(node))])
            for may, node in zip(may_remain, remains, strict=True)
        )
        present = self._present(may_remain)
        kept = self._kept(present)
        found = []
        for number, rule in enumerate(self.rules.rules):
            if rule.outcome is None:
                found.append(columns.false)
                continue
            claim = self._claim(number)
            stands = columns.every([columns.surely(remains[number]), self._stands(claim, present)])
            settled = columns.every([may_remain[number], kept[claim]])
            steady = columns.case([(is_open, stands)], settled)
            candidate = columns.every([may_remain[number], self.possible.get(rule.outcome, columns.false)])
            decides = columns.every([self.determined, steady, candidate])
            found.append(columns.case([(decides, columns.true), (candidate, columns.unknown("bool"))], columns.false))
        return found

    def _remains(self, number: int) -> Node:
        prevailing = [self.applies[other] for other in bits(self.rules.prevailed_by[number])]
        return self.columns.every([self.applies[number], *map(self.columns.negate, prevailing)])

    def _claim(self, number: int) -> Claim:
        rule = self.rules.rules[number]
        return str(rule.outcome), RANKS.index(rule.rank) + 1 if rule.rank else 0

    def _present(self, may_remain: Sequence[Node]) -> dict[Claim, Node]:
        parts: dict[Claim, list[Node]] = {}
        for number, rule in enumerate(self.rules.rules):
            if rule.outcome is not None:
                parts.setdefault(self._claim(number), []).append(may_remain[number])
        return {claim: self.columns.some(nodes) for claim, nodes in parts.items()}

    def _groups(self, ground: Ground, claims: Sequence[Claim]) -> list[list[Claim]]:
        """The claims that a ground tells apart, those that prevail first."""
        if ground.kind == "restriction":
            return [[claim for claim in claims if claim[0] == outcome] for outcome in self.rules.outcomes]
        if ground.kind == "rank":
            return [[claim for claim in claims if claim[1] == rank] for rank in range(len(RANKS), -1, -1)]
        return [list(claims)]  # `later`, on which no window bears here

    def _stands(self, claim: Claim, present: Mapping[Claim, Node]) -> Node:
        """Whether the grounds leave a claim, whichever of the others are there beside it."""
        columns, rivals, conditions = self.columns, dict(present), []
        for ground in self.rules.grounds:
            if ground.kind == "over":
                if claim[0] == ground.loser:
                    conditions += [columns.negate(node) for rival, node in rivals.items() if rival[0] == ground.winner]
                if claim[0] == ground.winner:
                    rivals = {rival: node for rival, node in rivals.items() if rival[0] != ground.loser}
                continue
            for group in self._groups(ground, list(present)):
                if claim in group:
                    rivals = {rival: node for rival, node in rivals.items() if rival in group}
                    break
                conditions += [columns.negate(rivals[rival]) for rival in group if rival in rivals]
        return columns.every(conditions)

    def _kept(self, present: Mapping[Claim, Node]) -> dict[Claim, Node]:
        """What the grounds leave of the claims, where it is settled which remain: they stop at one outcome."""
        columns, kept = self.columns, dict(present)
        for ground in self.rules.grounds:
            several = self._several(kept)
            before = dict(kept)
            if ground.kind == "over":
                winners = columns.some(node for claim, node in before.items() if claim[0] == ground.winner)
                losing = {claim: winners for claim in before if claim[0] == ground.loser}
            else:
                losing = {}
                higher: list[Node] = []
                for group in self._groups(ground, list(present)):
                    losing |= dict.fromkeys(group, columns.some(higher))
                    higher = [*higher, *(before[claim] for claim in group)]
            for claim, lost in losing.items():
                kept[claim] = columns.every([before[claim], columns.negate(columns.every([several, lost]))])
        return kept

    def _several(self, claims: Mapping[Claim, Node]) -> Node:
        """Whether there is more than one outcome."""
        columns = self.columns
        found = [
            columns.some(node for claim, node in claims.items() if claim[0] == outcome)
            for outcome in self.rules.outcomes
        ]
        return columns.some(columns.every(pair) for pair in combinations(found, 2))
