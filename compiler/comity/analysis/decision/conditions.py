"""The rules' own conditions as formulas: those that make the space at once, the others when one is asked for.

Conditions are translated in order, and each may add to the space: an axis, or a place where one is cut. Most of ten
thousand rules add no axis. Where their boxes, and what they have axes cut for, are known from a process that has
translated them, they need not be translated to be searched.

Example: `when destination == RU and value > 5_000` (rule 0), `when destination == BY` (rule 1), `when value > 9_000`
(rule 2). Rule 0 brings two axes. Rule 1 asks of an axis that has a cell for each country whatever is asked, and rule 2
has the other one cut at 9,000 too. So rule 0 is translated; of rule 1 it is enough to know its box,
{destination: BY}, and of rule 2 its box and its question, "above 9,000?".
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import TypeAlias

from comity.analysis.decision.study import Anew, Study
from comity.analysis.space.boxes import Box
from comity.analysis.space.formulas import Tri
from comity.analysis.translate.decisions import own_condition
from comity.core import ast as core
from comity.runtime.light import dataclass

Cuts: TypeAlias = Sequence[tuple[int, Hashable]]
"""Questions for which axes are cut, each with the number of its axis."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Where a condition is true, and where it is not false. The same list, if it is never unknown."""

    true: list[Box]
    maybe: list[Box]


@dataclass(frozen=True, slots=True)
class Condition:
    """A rule's own condition, and the same without its `unless`."""

    own: Tri
    without_unless: Tri


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a condition that is not translated: its boxes, and the questions for which it has axes cut."""

    extent: Extent
    cuts: Cuts = ()


class Conditions:
    """Those of the rules of a decision. Make it before the study is settled. ``known``: by number, rules that add no
    axis.
    """

    def __init__(self, study: Study, decision: core.Decision, known: Mapping[int, Known]) -> None:
        self.study = study
        self.known = known
        self.founders: set[int] = set()
        """Rules that have added an axis or a collection, or to whose lines or boxes the space owes something."""
        self.cuts: dict[int, Cuts] = {}
        """The questions for which other rules have had axes cut."""
        self._made: dict[int, Condition] = {}
        space = study.space
        for rule in decision.rules:
            if rule.number in known:
                for axis, question in known[rule.number].cuts:
                    space.axes[axis].collect(question)
                continue
            before, cuts = space.size, len(space.cut_by)
            self._made[rule.number] = self.translated(decision, rule)
            if space.size - before != len(space.cut_by) - cuts:
                self.founders.add(rule.number)
            elif space.size != before:
                self.cuts[rule.number] = space.cut_by[cuts:]

    def translated(self, decision: core.Decision, rule: core.Rule) -> Condition:
        return Condition(*own_condition(self.study.translator, decision, rule, self.study.env))

    def of(self, decision: core.Decision, rule: int) -> Condition:
        """The condition of a rule. Raises `Anew` if its boxes are not those that were known of it."""
        made = self._made.get(rule)
        if made is None:
            before = self.study.space.size
            made = self._made[rule] = self.translated(decision, decision.rules[rule])
            if self.extent(made.own) != self.known[rule].extent or self.study.space.size != before:
                raise Anew
        return made

    def replace(self, rule: int, condition: Condition) -> None:
        self._made[rule] = condition

    def extent(self, truth: Tri) -> Extent:
        """The boxes of a condition; once cells are settled."""
        boxes = self.study.space.boxes
        true = boxes(truth.true)
        return Extent(true, true if truth.never_unknown else boxes(truth.maybe))

    def asking(self, rules: Sequence[core.Rule]) -> Iterator[Tri | Cuts]:
        """Of each rule its own condition; of one that is not translated, the questions for which it has axes cut."""
        for rule in rules:
            made = self._made.get(rule.number)
            yield self.known[rule.number].cuts if made is None else made.own
