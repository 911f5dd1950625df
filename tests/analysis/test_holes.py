"""What lies outside boxes, found by the SAT solver: held to the search that splits the region."""

from __future__ import annotations

from random import Random

import pytest

from comity.analysis.propositional.holes import Holes
from comity.analysis.space.axes import FiniteAxis
from comity.analysis.space.boxes import Box, Budget, OutOfBudget, disjoint, inside, outside
from comity.analysis.space.space import Space


def space_of(axes: int, cells: int) -> Space:
    space = Space()
    for number in range(axes):
        space.add(FiniteAxis(f"fact {number}", None, range(cells), optional=False))
    space.settle()
    return space


@pytest.mark.parametrize("seed", range(10))
def test_as_by_splitting(seed: int) -> None:
    """Holes come one by one until nothing is left, and nothing is left at the same time."""
    random = Random(seed)
    space = space_of(5, 3)
    for _ in range(10):
        region: Box = {0: random.randint(1, 6)}
        holes, known = Holes(space, region, 500), list[Box]()
        while True:
            found, expected = holes.outside(known), outside(region, known, space.full, Budget(10_000))
            assert (found is None) == (expected is None)
            if found is None:
                break
            assert inside(found, region) and all(disjoint(found, hole) for hole in known)
            known += ({n: random.randint(1, 6) for n in random.sample(range(5), 3)} for _ in range(4))


def test_as_large_as_can_be() -> None:
    """One side is enough for both holes, and nothing is said of other facts."""
    holes = Holes(space_of(4, 2), {1: 1}, 10)
    assert holes.outside([{0: 1, 2: 1}, {0: 2, 2: 1}]) == {1: 1, 2: 2}


def test_pigeons() -> None:
    """Six things in five places: splitting takes thousands of steps, and of conflicts there is a limit."""
    space = space_of(6, 5)
    alike = [{one: 1 << cell, two: 1 << cell} for one in range(6) for two in range(one) for cell in range(5)]
    assert Holes(space, {}, 2_000).outside(alike) is None
    with pytest.raises(OutOfBudget):
        Holes(space, {}, 5).outside(alike)
