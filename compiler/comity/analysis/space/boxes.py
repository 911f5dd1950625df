"""Boxes: products of cells, and the algebra the whole engine stands on.

A box maps axis numbers to the cells it admits; an axis it does not name is unconstrained.
INVARIANT (boxes are inhabited): no mask is 0, and none is all cells of its axis.

Example: `destination in {RU, BY} and value > 5_000` is the box `{0: 0b011, 4: 0b11100}`. It meets `{0: 0b110}` in
`{0: 0b010, 4: 0b11100}`, and does not meet `{0: 0b100}`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from operator import xor
from typing import TypeAlias

from comity.runtime.rules import bits

Box: TypeAlias = dict[int, int]


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
    if len(boxes) < 2:
        return list(boxes)
    found = [(box, reduce(xor, map(hash, box.items()), 0)) for box in boxes]
    counts = Counter(axis for box in boxes for axis in box)
    for axis in sorted(axis for axis, count in counts.items() if count > 1):
        groups: dict[object, tuple[Box, int]] = {}
        for box, mark in found:
            if axis not in box:
                groups[id(box)] = box, mark
                continue
            rest = mark ^ hash((axis, box[axis]))  # the mark of what the box says of other axes
            known = groups.get((rest, len(box)))
            joined = None if known is None else _joined(known[0], box, axis, full)
            if known is None:
                groups[rest, len(box)] = box, mark
            elif joined is None:
                groups[id(box)] = box, mark
            else:
                groups[rest, len(box)] = joined, rest ^ hash((axis, joined[axis])) if axis in joined else rest
        found = list(groups.values())
        if len(found) == 1:
            break
    return _without_contained(sorted((box for box, _ in found), key=len))


def _joined(one: Box, two: Box, axis: int, full: Sequence[int]) -> Box | None:
    """Two boxes that differ along one axis only, as one; None if they differ elsewhere."""
    own = one.get(axis, full[axis])
    joined = {**one, axis: own}
    if joined != {**two, axis: own}:
        return None
    joined[axis] |= two[axis]
    if joined[axis] == full[axis]:
        del joined[axis]
    return joined


def _without_contained(boxes: Iterable[Box]) -> list[Box]:
    """The boxes that none before contains."""
    kept: list[Box] = []
    by_axes: dict[int, list[Box]] = {}
    for box in boxes:
        axes = 0
        for axis in box:
            axes |= 1 << axis
        if not any(_is_in_one(box, others) for bounded, others in by_axes.items() if not bounded & ~axes):
            kept.append(box)
            by_axes.setdefault(axes, []).append(box)
    return kept


def _is_in_one(box: Box, others: Iterable[Box]) -> bool:
    """One of ``others``, which name no axis that the box does not, contains it."""
    for other in others:
        for axis, mask in other.items():
            if box[axis] & ~mask:
                break
        else:
            return True
    return False


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

    __slots__ = ("left",)

    def __init__(self, steps: int) -> None:
        self.left = steps

    def spend(self, steps: int = 1) -> None:
        self.left -= steps
        if self.left < 0:
            raise OutOfBudget


class OutOfBudget(Exception):
    """The question was not settled within its budget."""


Live: TypeAlias = list[tuple[int, Box]]
"""Covers that a region sticks out of along several axes, each with these axes as a bitmap."""


def narrowed(region: Box, covers: Iterable[Box], full: Sequence[int]) -> tuple[Box, Live] | None:
    """The region without what covers cut off it along a single axis; None if nothing is left. And the other covers.

    A cover that misses the region is dropped, and one that holds it ends it. A cover that lets the region stick out
    along one axis only leaves just that part, of which others may then do the same.
    """
    region = region.copy()
    live: Live = []
    shrunk = 0
    for cover in covers:
        sticking = 0
        for axis, mask in cover.items():
            own = region.get(axis, full[axis])
            if not own & mask:
                break
            if own & ~mask:
                sticking |= 1 << axis
        else:
            if not sticking:
                return None
            if sticking & (sticking - 1):
                live.append((sticking, cover))
            else:
                axis = sticking.bit_length() - 1
                region[axis] = region.get(axis, full[axis]) & ~cover[axis]
                shrunk |= sticking
    return _narrowed(region, live, shrunk, full)


def _narrowed(region: Box, live: Live, shrunk: int, full: Sequence[int]) -> tuple[Box, Live] | None:
    """As `narrowed`, of a region (which is changed) that has just been made smaller along the axes in ``shrunk``.

    Only along these may a cover miss the region now, or let it no longer stick out.
    """
    while shrunk:
        looked_at, shrunk = shrunk, 0
        left: Live = []
        for entry in live:
            touched = entry[0] & looked_at
            if not touched:
                left.append(entry)
                continue
            sticking, cover = entry
            for axis in bits(touched):
                own, mask = region[axis], cover[axis]
                if not own & mask:
                    break
                if not own & ~mask:
                    sticking ^= 1 << axis
            else:
                if not sticking:
                    return None
                if sticking & (sticking - 1):
                    left.append((sticking, cover))
                    continue
                axis = sticking.bit_length() - 1
                own, mask = region.get(axis, full[axis]), cover[axis]
                if not own & mask:
                    continue
                if not own & ~mask:
                    return None
                region[axis] = own & ~mask
                shrunk |= sticking
        live = left
    return region, live


def outside(region: Box, covers: Iterable[Box], full: Sequence[int], budget: Budget) -> Box | None:
    """A box within ``region`` that meets none of ``covers``, as large as the search leaves it; None if there is none.

    The region is narrowed, then split along the cover that leaves fewest choices, and so on. Complete, and exponential
    at worst: hence the budget.
    """
    budget.spend()
    left = narrowed(region, covers, full)
    return None if left is None else _outside(*left, full, budget)


def _outside(region: Box, live: Live, full: Sequence[int], budget: Budget) -> Box | None:
    if not live:
        return region
    sticking, cover = _fewest(live)
    tried = 0
    for axis, mask in cover.items():
        if sticking >> axis & 1:
            budget.spend()
            own = region.get(axis, full[axis])
            tried |= 1 << axis
            left = _narrowed({**region, axis: own & ~mask}, live, tried, full)
            found = None if left is None else _outside(*left, full, budget)
            if found is not None:
                return found
            region[axis] = own & mask
    return None


def _fewest(live: Live) -> tuple[int, Box]:
    """The first of the covers that a region sticks out of along fewest axes."""
    best, fewest = live[0], live[0][0].bit_count()
    for each in live:
        if fewest == 2:
            break
        count = each[0].bit_count()
        if count < fewest:
            best, fewest = each, count
    return best
