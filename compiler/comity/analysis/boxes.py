"""Boxes: products of cells, and the algebra the whole engine stands on.

A box maps axis numbers to the cells it admits; an axis it does not name is unconstrained.
INVARIANT (boxes are inhabited): no mask is 0, and none is all cells of its axis.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from comity.runtime.rules import union

Box: TypeAlias = dict[int, int]
EVERYTHING: Box = {}


def meet(one: Box, two: Box) -> Box | None:
    """What two boxes share; None for nothing."""
    if len(one) < len(two):
        one, two = two, one
    met = one.copy()
    for axis, mask in two.items():
        both = met.get(axis, mask) & mask
        if not both:
            return None
        met[axis] = both
    return met


def disjoint(one: Box, two: Box) -> bool:
    if len(one) > len(two):
        one, two = two, one
    return any(not two.get(axis, mask) & mask for axis, mask in one.items())


def inside(inner: Box, outer: Box) -> bool:
    """Every point of ``inner`` is in ``outer``."""
    if len(inner) < len(outer):
        return False
    for axis, mask in outer.items():
        own = inner.get(axis)
        if own is None or own & ~mask:
            return False
    return True


def tidy(boxes: Sequence[Box], full: Sequence[int]) -> list[Box]:
    """Fewer boxes with the same union: those that differ on one axis are joined, contained ones dropped."""
    found = list(boxes)
    if len(found) < 2:
        return found
    counts = Counter(axis for box in found for axis in box)
    for axis in sorted(axis for axis, count in counts.items() if count > 1):
        groups: dict[object, Box] = {}
        for box in found:
            mask = box.get(axis)
            rest = id(box) if mask is None else frozenset(box.items() - {(axis, mask)})
            known = groups.get(rest)
            if known is None:
                groups[rest] = box
            else:
                joined = {**known, axis: known.get(axis, full[axis]) | box[axis]}
                if joined[axis] == full[axis]:
                    del joined[axis]
                groups[rest] = joined
        found = list(groups.values())
        if len(found) == 1:
            return found
    found.sort(key=len)
    kept: list[tuple[int, Box]] = []
    for box in found:
        axes = union(1 << axis for axis in box)
        if not any(not bounded & ~axes and inside(box, other) for bounded, other in kept):
            kept.append((axes, box))
    return [box for _, box in kept]


def subtract(box: Box, hole: Box, full: Sequence[int]) -> Iterator[Box]:
    """Disjoint boxes that make up ``box`` without ``hole`` (which must meet it)."""
    rest = box
    for axis, mask in hole.items():
        own = rest.get(axis, full[axis])
        outside = own & ~mask
        if outside:
            yield {**rest, axis: outside}
            rest = {**rest, axis: own & mask}


class Budget:
    """A limit on the steps of one question. What does not end within it is undecided, never guessed."""

    __slots__ = ("left", "patience", "steps")

    def __init__(self, steps: int, patience: Patience | None = None) -> None:
        self.left = self.steps = steps
        self.patience = patience

    def spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            if self.patience is not None:
                self.patience.left -= self.steps
            raise OutOfBudget


class Patience:
    """How many steps all questions together may spend in vain. Counted in steps, so it is the same on any machine.

    What questions spend that are settled does not count. When patience is at its end, each question still gets a few.
    """

    __slots__ = ("least", "left", "most")

    def __init__(self, most: int, least: int) -> None:
        self.left = self.most = most
        self.least = least

    def budget(self) -> Budget:
        return Budget(max(self.least, self.left), self)


class OutOfBudget(Exception):
    """The question was not settled within its budget."""


Choice: TypeAlias = tuple[list[int], Box]
"""A cover, and the axes along which a region sticks out of it."""


def narrowed(region: Box, covers: Iterable[Box], full: Sequence[int]) -> tuple[Box, list[Choice]] | None:
    """The region without what covers cut off it along a single axis; None if nothing is left. And what is to be chosen.

    A cover that misses the region is dropped, and one that holds it ends it. A cover that lets the region stick out
    along one axis only leaves just that part, of which others may then do the same.
    """
    region = region.copy()
    live = list(covers)
    while True:
        choices: list[Choice] = []
        shrunk = False
        for cover in live:
            open_axes: list[int] = []
            for axis, mask in cover.items():
                own = region.get(axis, full[axis])
                if not own & mask:
                    break
                if own & ~mask:
                    open_axes.append(axis)
            else:
                if not open_axes:
                    return None
                if len(open_axes) == 1:
                    axis = open_axes[0]
                    region[axis] = region.get(axis, full[axis]) & ~cover[axis]
                    shrunk = True
                else:
                    choices.append((open_axes, cover))
        if not shrunk:
            return region, choices
        live = [cover for _, cover in choices]


def outside(region: Box, covers: Iterable[Box], full: Sequence[int], budget: Budget) -> Box | None:
    """A box within ``region`` that meets none of ``covers``, as large as the search leaves it; None if there is none.

    The region is narrowed, then split along the cover that leaves fewest choices, and so on. Complete, and exponential
    at worst: hence the budget.
    """
    budget.spend()
    left = narrowed(region, covers, full)
    if left is None:
        return None
    region, choices = left
    if not choices:
        return region
    live = [cover for _, cover in choices]
    open_axes, cover = min(choices, key=lambda choice: len(choice[0]))
    for axis in open_axes:
        own = region.get(axis, full[axis])
        found = outside({**region, axis: own & ~cover[axis]}, live, full, budget)
        if found is not None:
            return found
        region[axis] = own & cover[axis]
    return None
