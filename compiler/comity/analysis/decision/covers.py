"""Where a rule certainly makes no difference: the boxes of rules that make up for it.

The question whether a rule is redundant is a search for an input on which the answer changes without it. Where another
rule that certainly applies does all that this one does, or silences it for good, there is nothing to find, whatever
the rest of the policy says; these boxes are left out of the search. Mostly nothing is left then, or a part in which
any point will do.

Example: `when destination in {RU, BY} then prohibited` makes up for `when destination == RU and item within 3A001 then
prohibited`: all boxes of the second rule lie in those of the first, so it is redundant without any search.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from comity.analysis import limits
from comity.analysis.decision.extents import Mask
from comity.analysis.decision.search import DecisionSearch
from comity.analysis.space.axes import bits
from comity.analysis.space.boxes import Box, meet, subtract
from comity.runtime.rules import Rule, mask_of, union


class Covers:
    """The boxes in which rules of one decision make no difference."""

    def __init__(self, search: DecisionSearch) -> None:
        self.search = search
        self.rules = search.ruleset
        self.relied: Mask | None = 0
        """As long as none of these changes, the regions seen to be covered are; None if a search had its say."""

    def of(self, rules: Mask, region: Box) -> list[Box] | None:
        """Boxes that meet ``region``, in each of which leaving out all of ``rules`` changes no answer.

        Whether they are true or unknown there makes none either. None if the boxes are seen to cover the region.
        """
        search, alike = self.search, self.search.alike
        near = search.meeting(region)
        always: Mask = 0
        doubting: Mask = 0
        doubtful: list[tuple[Mask, Mask]] = []
        candidates = near & ~rules & self._candidates(rules)
        # Those that nothing defeats come first: mostly they cover the region.
        for waiting in (candidates & alike.undefeated, candidates & ~alike.undefeated):
            found: Mask = 0
            while waiting:
                other = (waiting & -waiting).bit_length() - 1
                group = waiting & alike.group(other)
                waiting &= ~group
                doubts = self._doubts(other, rules)
                if doubts is not None and doubts & near:
                    doubtful.append((group, doubts & near))
                elif doubts is not None:
                    found |= group
                    doubting |= doubts
            always |= found
            if found and search.surely(region, always):
                self._rely(region, always, doubting | self._silenced(rules))
                return None
        index = search.true_index
        boxes = [index.boxes[number] for number in bits(index.meeting(region) & index.of(always))]
        for group, doubts in doubtful:
            holes = [box for rule in bits(doubts) for box in search.extents[rule].maybe]
            for other in bits(group):
                boxes += self._without(region, search.extents[other].true, holes)
        return boxes

    def _silenced(self, rules: Mask) -> Mask:
        """What falls with ``rules``, and what they defeat: it has nothing to say, as long as it says what it does."""
        fallen = union(self.search.exceptions_to(rule) for rule in bits(rules))
        return fallen | union(self.rules.prevails_over[rule] for rule in bits(rules | fallen))

    def _rely(self, region: Box, covering: Mask, doubting: Mask) -> None:
        """A region is covered by rules, or one of them, of which these others are far that might do harm to it, or
        might have something else to say.
        """
        if self.relied is not None:
            index = self.search.true_index
            whole = index.owned(index.holding(region)) & covering
            self.relied |= (whole & -whole or covering) | doubting

    def _candidates(self, rules: Mask) -> Mask:
        """The rules that may make up for each of ``rules``, by what they and these say."""
        found = -1
        for rule in bits(rules):
            found &= self._beside(self.rules.rules[rule].outcome) | self.rules.prevailed_by[rule]
            # An exception may not apply where the rule does, unless that is one to the same.
            alike = union(self.rules.excepted_by[target] for target in bits(self.rules.exception_to[rule]))
            found &= self.rules.unexcepting | alike
        return found

    def _beside(self, outcome: str | None) -> Mask:
        """The rules beside which ``outcome`` makes no difference."""
        if outcome is None:
            return 0
        saying, dominated = self.search.alike.saying, self.search.dominated
        return union(saying[each] for each in saying if each == outcome or outcome in dominated.get(each, ()))

    def where_unknown(self, rule: int, others: Mask, region: Box) -> Iterator[Box]:
        """Boxes in which ``rule`` is unknown and so is a twin of it, if it is not true: the rule may be left out."""
        own = self.search.extents[rule]
        if own.maybe is own.true or len(own.true) > limits.current.cover_holes:
            return
        for other in bits(self.search.meeting(region) & others):
            extent = self.search.extents[other]
            if extent.maybe is not extent.true and self._twins(other, rule):
                yield from self._without(region, extent.maybe, own.true)

    def _doubts(self, other: int, rules: Mask) -> Mask | None:
        """The rules but for which ``other``, where it is true, makes up for each of ``rules``; None if it does not.

        Rules are left out one by one: each leaving changes nothing, as long as what makes up for it stays.
        """
        found: Mask = 0
        for rule in bits(rules):
            doubts = self._between(other, rule)
            if doubts is None:
                return None
            found |= doubts
        return None if found & rules else found

    def _between(self, other: int, rule: int) -> Mask | None:
        rules = self.rules
        one, two = rules.rules[other], rules.rules[rule]
        if two.outcome is None or two.disapplies or _is_open_ended(one):
            return None
        excepted, own_excepted = rules.exception_to[other], rules.exception_to[rule]
        if excepted and (not own_excepted or own_excepted & ~excepted):
            return None  # it may not apply where the rule does
        # Exceptions to both apply without the rule too.
        fallen = self.search.exceptions_to(rule, spared=rules.excepted_by[other])
        if any(rules.rules[each].disapplies for each in bits(fallen)):
            return None
        defeated = rules.prevails_over[rule]
        for each in bits(fallen):
            defeated |= rules.prevails_over[each] & ~(1 << rule)
        beside = fallen | defeated & ~rules.prevails_over[other]
        if not all(self._idle_beside(each, other) for each in bits(beside)):
            return None  # what falls with the rule, or what it defeats, might have its say
        disapplied = rules.disapplied_by[other] & ~rules.disapplied_by[rule]
        defeats = rules.prevails_over[other] >> rule & 1
        if defeats and not beside:
            return disapplied  # the rule is defeated, and all that it defeats is defeated without it
        if not defeats and not self._idle_beside(rule, other):
            return None
        # What defeats all of these along with the other takes its place.
        all_these = beside | 1 << rule
        prevailing = bits(rules.prevailed_by[other])
        return disapplied | mask_of(each for each in prevailing if all_these & ~rules.prevails_over[each])

    def _twins(self, other: int, rule: int) -> bool:
        """Each does all that the other does, and the same is done to both."""
        rules = self.rules
        one, two = rules.rules[other], rules.rules[rule]
        return (
            one.outcome == two.outcome
            and not _is_open_ended(one)
            and self._alike_for_grounds(other, rule)
            and rules.relations[other] == rules.relations[rule]
        )

    def _idle_beside(self, rule: int, other: int) -> bool:
        """Where ``other`` remains, it makes no difference whether the rule does."""
        one, two = self.rules.rules[other], self.rules.rules[rule]
        if one.outcome is None or _is_open_ended(two):
            return False
        if two.outcome is None:
            return True
        if one.outcome == two.outcome:
            return self._alike_for_grounds(other, rule)
        return two.outcome in self.search.dominated.get(one.outcome, ())

    def _alike_for_grounds(self, other: int, rule: int) -> bool:
        one, two = self.rules.rules[other], self.rules.rules[rule]
        grounds = {ground.kind for ground in self.rules.grounds}
        return not grounds & {"rank", "later"} or (one.rank, one.begins) == (two.rank, two.begins)

    def _without(self, region: Box, boxes: Iterable[Box], holes: Sequence[Box]) -> Iterator[Box]:
        """What ``boxes`` share with the region, outside the holes."""
        for box in boxes:
            both = meet(box, region)
            if both is None:
                continue
            pieces = [both]
            for hole in holes:
                left: list[Box] = []
                for piece in pieces:
                    if meet(piece, hole) is None:
                        left.append(piece)
                    else:
                        left.extend(subtract(piece, hole, self.search.space.full))
                pieces = left
                if len(pieces) > limits.current.cover_pieces:
                    break
            else:
                yield from pieces


def _is_open_ended(rule: Rule) -> bool:
    """It may have any outcome: counsel says which."""
    return rule.refers and rule.outcome is None
