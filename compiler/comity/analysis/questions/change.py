"""A change of some rules, as questions see it that may have to be asked again.

A question has a place, the boxes in which its answer is searched. The search meets the rules whose boxes meet that
place, and no others; so its answer is the same as before wherever neither the old nor the new boxes of a changed rule
come near. For example, after `when destination == RU` has become `when destination == BY`, the changed rule may apply
in {destination: RU} before and in {destination: BY} after: whether `rule iran` ever applies is not asked again.

Whether a rule applies, decides or matters, or a clause makes a difference, is known without a witness, and there a
changed rule only counts where it may apply otherwise than before (``near``); questions with a witness count it wherever
its own condition may hold (``meeting``), for the search may come by another way to another witness. After `{RU, IR}`
has become `{RU, BY}`, the rule applies otherwise in {destination: IR or BY}, and its condition may hold in
{destination: RU} too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from comity.analysis import limits
from comity.analysis.decision.conditions import Extent
from comity.analysis.decision.extents import Mask
from comity.analysis.decision.search import DecisionSearch
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
    """Where moved rules may apply otherwise than before, or say something else."""
    differing: list[Box] = field(default_factory=list)
    """Where their own conditions may be others than before, or what they say when they hold."""
    own: list[Box] = field(default_factory=list)
    """Where their own conditions may hold, before or after."""
    near: set[int] = field(default_factory=set)
    """Rules that may apply where moved ones may apply otherwise."""
    meeting: set[int] = field(default_factory=set)
    """Rules whose own conditions may hold where those of moved ones may."""
    touched: set[TestInput] = field(default_factory=set)
    """Inputs of tests on which moved rules stand otherwise than before, or say something else."""
    judged: dict[Unit, tuple[str | None, bool]] = field(default_factory=dict)
    """Rules of which it is asked again whether they apply, decide and matter; with the state they had."""
    flawed_so_far: Sequence[Unit] = ()
    """As `flawed`, when all was asked that is about the edited rules themselves."""

    def after(self, earlier: Change) -> Change:
        """This change and one before it, as one: not all was asked again that the earlier one made necessary."""
        rules, numbers = self.model.decision.rules, {**earlier.changed, **self.changed}
        return Change(
            self.model,
            {number: rules[number] for number in numbers},
            {**self.before, **earlier.before},
            sorted({*earlier.moved, *self.moved}),
            list(dict.fromkeys((*self.edited, *earlier.edited))),
            _distinct((*earlier.applying, *self.applying)),
            _distinct((*earlier.differing, *self.differing)),
            _distinct((*earlier.own, *self.own)),
            earlier.near | self.near,
            earlier.meeting | self.meeting,
            earlier.touched | self.touched,
            earlier.judged,
        )

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

    def look_around(self, before: Mapping[int, Placed], again: Mapping[int, Sequence[Box]]) -> None:
        """Note where moved rules may apply, now that they have other boxes. ``before``: those they had; ``again``:
        where rules may have another meaning whose boxes are the same. What turns out not to differ has not moved.

        What a box says by an axis that has another meaning now, it does not say of the inputs that have left it: after
        an edit of `licensing`, {licensing: free} are those that it frees now. So of these axes nothing is said.
        """
        search, moved = self.model.search, []
        for number in self.moved:
            was, now = before[number], placed(search, number)
            own = self._bare([*was.own.maybe, *now.own.maybe])
            regions = self._bare([*was.regions, *now.regions])
            if self.before[number].outcome != self.changed[number].outcome:
                self.differing += own
                self.applying += regions
            else:
                differing = self._bare([*_differing(was.own, now.own, search.space.full), *again.get(number, ())])
                if not differing:
                    continue
                self.differing += differing
                # A rule that is not an exception applies wherever its own condition holds: all that differs is there.
                self.applying += met(differing, regions) if search.ruleset.exception_to[number] else differing
            moved.append(number)
            self.own += own
        self.moved = moved
        self.own, self.differing, self.applying = map(_distinct, (self.own, self.differing, self.applying))
        self.meeting = {*moved, *bits(union(search.meeting(box) for box in self.around))}
        self.near = {*moved, *bits(search.near(self.applying, mask_of(moved)))}

    def _bare(self, boxes: list[Box]) -> list[Box]:
        """Boxes without the axes whose meaning depends on what has changed."""
        depending = self.model.study.depending
        if not depending:
            return boxes
        return _distinct({axis: mask for axis, mask in box.items() if axis not in depending} for box in boxes)

    def is_far(self, region: Box) -> bool:
        """No moved rule may apply in a region, before or after, and all that it speaks of means what it meant."""
        return self.model.study.depending.isdisjoint(region) and all(disjoint(region, box) for box in self.applying)

    def is_apart(self, region: Box) -> bool:
        """As `is_far`, whatever rules are exceptions to: so also for rules without their clauses."""
        return self.model.study.depending.isdisjoint(region) and all(disjoint(region, box) for box in self.where)

    def still_shows(self, unit: Unit) -> bool:
        """Where a rule is seen to apply, decide and matter, nothing has changed."""
        return self.touched.isdisjoint(unit.tests) and all(map(self.is_far, unit.regions))

    @cached_property
    def where(self) -> Sequence[Box]:
        """As `differing`, in few boxes."""
        return in_few(self.differing, self.model.search.space.full)

    @cached_property
    def around(self) -> Sequence[Box]:
        """As `own`, in few boxes."""
        return in_few(self.own, self.model.search.space.full)

    def finds(self, ask: Callable[[Sequence[Box]], object]) -> bool:
        """A question is answered with yes, or left open, in the boxes where rules have changed."""
        self.model.study.begin()
        try:
            return bool(self.differing and ask(self.where))
        except Undecided:
            return True


def in_order(units: Iterable[Unit]) -> list[Unit]:
    """Rules as declared in the order of their numbers, each once."""
    return sorted(set(units), key=lambda unit: unit.rules[0].number)


def met(one: Sequence[Box], two: Sequence[Box]) -> Sequence[Box]:
    """What boxes have in common with others; where that would take long to say, they themselves."""
    if len(one) * len(two) > limits.current.compared_pairs:
        return one
    found = (meet(a, b) for a in one for b in two)
    return _distinct(box for box in found if box is not None)


class Placed(NamedTuple):
    """The boxes of a rule: of its own condition, and those outside which it certainly does not apply."""

    own: Extent
    regions: Sequence[Box]


def placed(search: DecisionSearch, number: int) -> Placed:
    return Placed(search.extents[number], search.regions(number, maybe=True))


def _differing(one: Extent, two: Extent, full: Sequence[int]) -> list[Box]:
    """Boxes outside which a condition is true, unknown or false where another one is."""
    return [*_between(one.maybe, two.maybe, full), *_between(one.true, two.true, full)]


def _between(one: Sequence[Box], two: Sequence[Box], full: Sequence[int]) -> Iterator[Box]:
    """Boxes outside which a place lies in one of some boxes if it lies in one of others.

    Two that differ in one axis alone differ only in the cells that one of them has: {destination: RU or IR} and
    {destination: RU or BY} in {destination: IR or BY}.
    """
    old, new = ({frozenset(box.items()): box for box in boxes} for boxes in (one, two))
    left = {name: box for name, box in new.items() if name not in old}
    by_rest = {(axis, name - {(axis, mask)}): name for name, box in left.items() for axis, mask in box.items()}
    for name, box in old.items():
        if name in new:
            continue
        for axis, mask in box.items():
            other = by_rest.get((axis, name - {(axis, mask)}))
            if other in left:
                yield {**box, axis: mask ^ left.pop(other).get(axis, full[axis])}
                break
        else:
            yield box
    yield from left.values()


def in_few(boxes: Sequence[Box], full: Sequence[int]) -> Sequence[Box]:
    """Few boxes in which many lie: of each what its narrowest axis says, with those of the same axis.

    Where a set of countries is another one, that is {destination: IR or BY} for all rules that ask for a destination.
    """
    if len(boxes) <= limits.current.changed_boxes or {} in boxes:
        return boxes
    found: Box = {}
    for box in boxes:
        axis = min(box, key=lambda each: box[each].bit_count() / full[each].bit_count())
        found[axis] = found.get(axis, 0) | box[axis]
    return [{axis: mask} for axis, mask in found.items()]


def _distinct(boxes: Iterable[Box]) -> list[Box]:
    return list({frozenset(box.items()): box for box in boxes}.values())
