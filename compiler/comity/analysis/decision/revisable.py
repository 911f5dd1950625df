"""A `DecisionSearch` whose rules may be changed in place: it is then as one that is made anew of the changed rules.

Example: the condition of rule 7 is widened from {RU} to {RU, BY}. The boxes of rule 7 are replaced in every index, and
those of all other rules stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from comity.analysis import limits
from comity.analysis.decision.asked import Asked, asked_by, asks_alike, things_of
from comity.analysis.decision.conditions import Extent, Known
from comity.analysis.decision.extents import Mask
from comity.analysis.decision.search import DecisionSearch
from comity.analysis.decision.study import Anew, Study
from comity.analysis.space.axes import bits
from comity.analysis.space.boxes import Box, disjoint
from comity.analysis.space.formulas import Tri
from comity.core import ast as core
from comity.core.interpret import revised
from comity.runtime.rules import union


class RevisableSearch(DecisionSearch):
    """Made before the study is settled, like any `DecisionSearch`."""

    def __init__(self, study: Study, decision: core.Decision, known: Mapping[int, Known] | None = None) -> None:
        self._before = list(things_of(study.space))
        super().__init__(study, decision, known)
        self._past: list[object] = []
        """Terms and formulas of before. Others are remembered by their identity, which must not be given away."""
        self._plain = 0
        """How many axes there were before."""

    def seal(self) -> None:
        """Make the boxes of all rules before anything is asked."""
        self._plain = len(self.space.axes)
        _ = self.index

    def _made(self, extent: Extent) -> frozenset[int]:
        """The axes that an extent speaks of and that were made for boxes."""
        boxes = [*extent.true, *(extent.maybe if extent.maybe is not extent.true else ())]
        return frozenset(axis for box in boxes for axis in box if axis >= self._plain)

    @cached_property
    def _asked(self) -> Asked:
        return Asked(self.space, self._before, self.conditions.asking(self.rules))

    def make_ready(self) -> None:
        """Do beforehand what the first change would have to wait for."""
        _ = self._asked

    def near(self, boxes: Iterable[Box], moved: Mask) -> Mask:
        """The rules that may apply somewhere in ``boxes``. Exceptions to rules that have ``moved`` may have before."""
        boxes = list(boxes)
        found = self.index.owned(union(self.index.meeting(box) for box in boxes))
        for number in bits(found & ~self.ruleset.unexcepting):
            regions = self.regions(number, maybe=True)
            if self._support(number) & moved or len(regions) * len(boxes) > limits.current.compared_pairs:
                continue
            if all(disjoint(region, box) for region in regions for box in boxes):
                found ^= 1 << number
        return found

    def _support(self, rule: int) -> Mask:
        """The rules that a rule is an exception to, these are exceptions to, and so on."""
        found, waiting = 0, 1 << rule
        while waiting:
            found |= waiting
            waiting = union(self.ruleset.exception_to[number] for number in bits(waiting)) & ~found
        return found

    def revise(
        self, decision: core.Decision, changed: Mapping[int, core.Rule], reading: Sequence[int] = (), read: bool = False
    ) -> bool:
        """``changed``: the rules that are other objects than before. They stand to all others as before. ``reading``:
        rules that read decisions which have changed. ``read``: others read this decision.

        Whether any rule has other boxes. Raises `Anew` where the axes would not be those that there are.
        """
        before = self.rules
        conditions = [number for number, rule in changed.items() if not same_condition(before[number], rule)]
        self._keep_the_space(decision, conditions, read)
        self._past += [(before[number], self.conditions.of(self.decision, number)) for number in changed]
        self.decision, self.rules = decision, decision.rules
        self._without = None
        self.__dict__.pop("_with_clause", None)
        self.ruleset = revised(self.ruleset, changed)
        if "alike" in self.__dict__:
            self.alike.revise(self.ruleset, changed)
        moved = [self._revise_condition(number) for number in dict.fromkeys((*conditions, *reading))]
        return any(moved)

    def _keep_the_space(self, decision: core.Decision, conditions: Iterable[int], read: bool) -> None:
        interpreter = self.study.interpreter
        conditions = [number for number in conditions if not asks_alike(self.rules[number], decision.rules[number])]
        old = {number: asked_by(interpreter, self.decision, self.rules[number]) for number in conditions}
        new = {number: asked_by(interpreter, decision, decision.rules[number]) for number in conditions}
        if not self._asked.allows(old, new, read):
            raise Anew

    def _revise_condition(self, number: int) -> bool:
        """Translate a rule again. Whether it has another condition than before."""
        axes = len(self.space.axes)
        conditions = self.conditions
        was, now = conditions.of(self.decision, number), conditions.translated(self.decision, self.rules[number])
        if len(self.space.axes) != axes:
            raise Anew
        if _same(now.own, was.own) and _same(now.without_unless, was.without_unless):
            return False
        self._asked.replace(number, now.own)
        conditions.replace(number, now)
        before, extent = self.extents[number], conditions.extent(now.own)
        if self._made(before) != self._made(extent):
            self.study.renumbered = True
        self.extents.put(number, extent)
        for each in bits(self.exceptions_to(number) | 1 << number):
            self._regions.pop((each, True), None)
            self._regions.pop((each, False), None)
        made = self.__dict__
        doubted = self.doubtful
        self.doubtful = doubted | 1 << number if extent.maybe is not extent.true else doubted & ~(1 << number)
        if made.get("true_index") is made.get("index") or not self.doubtful:
            made.pop("true_index", None)
        else:
            self.true_index.replace(number, extent.true)
        self.index.replace(number, extent.maybe)
        return True


def _same(one: Tri, two: Tri) -> bool:
    return one.true is two.true and one.false is two.false


def same_condition(one: core.Rule, two: core.Rule) -> bool:
    return (one.window, one.membership, one.when, one.unless) == (two.window, two.membership, two.when, two.unless)
