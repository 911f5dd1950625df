"""A change of some rules, as questions see it that may have to be asked again.

A question has a place, the boxes in which its answer is searched. The search meets the rules whose boxes meet that
place, and no others; so its answer is the same as before wherever neither the old nor the new boxes of a changed rule
come near. For example, after `when destination == RU` has become `when destination == BY`, the changed rule may apply
in {destination: RU} before and in {destination: BY} after: whether `rule iran` ever applies is not asked again.

Whether a rule applies, decides or matters, or a clause makes a difference, is known without a witness, and there a
changed exception only counts where it may apply (``near``); questions with a witness count it wherever its own
condition may hold (``meeting``), for the search may come by another way to another witness.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from comity.analysis.decision.extents import Mask
from comity.analysis.decision.study import Undecided
from comity.analysis.decision.test_inputs import TestInput
from comity.analysis.questions.model import DecisionModel
from comity.analysis.questions.units import Unit
from comity.analysis.space.axes import bits
from comity.analysis.space.boxes import Box, disjoint, meet
from comity.core.ast import Rule
from comity.runtime.rules import mask_of, union


@dataclass(eq=False)
class Change:
    """``changed``: by number, the rules that are other objects; they stand to all others as before. ``moved``: those
    of them whose condition or outcome is another one.
    """

    model: DecisionModel
    changed: Mapping[int, Rule]
    before: Mapping[int, Rule]
    """The changed rules as they were."""
    moved: Collection[int]
    edited: Collection[int] = ()
    """Those that the author has edited; of others it is what they read that has changed."""
    applying: list[Box] = field(default_factory=list)
    """Where moved rules may apply, before or after."""
    own: list[Box] = field(default_factory=list)
    """Where their own conditions may hold."""
    near: set[int] = field(default_factory=set)
    """Rules that may apply where moved ones may."""
    meeting: set[int] = field(default_factory=set)
    """Rules whose own conditions may hold where those of moved ones may."""
    touched: set[TestInput] = field(default_factory=set)
    """Inputs of tests on which moved rules may apply, before or after."""
    judged: dict[Unit, tuple[str | None, bool]] = field(default_factory=dict)
    """Rules of which it is asked again whether they apply, decide and matter; with the state they had."""

    @cached_property
    def moved_rules(self) -> Mask:
        return mask_of(self.moved)

    @property
    def units(self) -> list[Unit]:
        """The changed rules as declared."""
        return [self.model.unit_of[number] for number in self.changed]

    @cached_property
    def edited_units(self) -> set[Unit]:
        """The edited rules as declared."""
        return {self.model.unit_of[number] for number in self.edited}

    @property
    def flawed(self) -> list[Unit]:
        """Rules that turned out to have another flaw than before, or one left open. Known when L202, L203 and L204 have
        been asked.
        """
        return [unit for unit, state in self.judged.items() if unit.state != state]

    def look_around(self, within: Sequence[Box] | None = None) -> None:
        """Note where moved rules may apply as they are. ``within``: elsewhere they apply as before, and what has been
        noted before does not count.
        """
        search = self.model.search
        applying = [box for number in self.moved for box in search.regions(number, maybe=True)]
        own = [box for number in self.moved for box in search.extents[number].maybe]
        if within is not None:
            self.near, self.meeting, self.applying, self.own = set(), set(), [], []
            applying, own = (_met(boxes, within) for boxes in (applying, own))
        self.near.update(bits(search.near(applying)))
        self.meeting.update(bits(union(search.meeting(box) for box in own)))
        self.applying = _distinct((*self.applying, *applying))
        self.own = _distinct((*self.own, *own))

    def is_far(self, region: Box) -> bool:
        """No moved rule may apply in a region, before or after, and all that it speaks of means what it meant."""
        return self.model.study.depending.isdisjoint(region) and all(disjoint(region, box) for box in self.applying)

    def still_shows(self, unit: Unit) -> bool:
        """Where a rule is seen to apply, decide and matter, nothing has changed."""
        return self.touched.isdisjoint(unit.tests) and all(map(self.is_far, unit.regions))

    def finds(self, ask: Callable[[Sequence[Box]], object]) -> bool:
        """A question is answered with yes, or left open, in the boxes where rules have changed."""
        self.model.study.begin()
        try:
            return bool(self.own and ask(self.own))
        except Undecided:
            return True


def in_order(units: Iterable[Unit]) -> list[Unit]:
    """Rules as declared in the order of their numbers, each once."""
    return sorted(set(units), key=lambda unit: unit.rules[0].number)


def _met(one: Sequence[Box], two: Sequence[Box]) -> list[Box]:
    met = (meet(a, b) for a in one for b in two)
    return _distinct(box for box in met if box is not None)


def _distinct(boxes: Iterable[Box]) -> list[Box]:
    return list({frozenset(box.items()): box for box in boxes}.values())
