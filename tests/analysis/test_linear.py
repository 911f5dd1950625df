"""Linear inequalities: every verdict is compared with all points of a small grid."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import product
from random import Random

import pytest

from comity.analysis.arithmetic.linear import AtMost, Unsettled, solve


def row(bound: int, strict: bool = False, **factors: int) -> AtMost:
    return AtMost({"xyz".index(name): Fraction(factor) for name, factor in factors.items()}, Fraction(bound), strict)


def meets(rows: list[AtMost], values: Mapping[int, Fraction | int]) -> bool:
    def total(each: AtMost) -> Fraction:
        return sum((factor * values[v] for v, factor in each.factors.items()), Fraction(0))

    return all(total(each) < each.bound if each.strict else total(each) <= each.bound for each in rows)


def test_an_even_number_is_no_odd_one() -> None:
    """2x = 2y + 1 has rational solutions, and no whole ones."""
    rows = [row(1, x=2, y=-2), row(-1, x=-2, y=2)]
    assert solve(rows, {0: False, 1: False}) is not None
    assert solve(rows, {0: True, 1: True}) is None


def test_a_first_choice_that_leaves_no_integer_is_taken_back() -> None:
    """3x + 5y = 7: with x = 0 there is no y, with x = -1 there is."""
    rows = [row(7, x=3, y=5), row(-7, x=-3, y=-5), row(4, x=1), row(4, x=-1)]
    found = solve(rows, {0: True, 1: True})
    assert found is not None and meets(rows, found) and all(isinstance(value, int) for value in found.values())


def test_what_is_endless_and_not_found_is_left_open() -> None:
    """6x + 9y + 15z = 1 over all integers: no solution, which trying does not show, but dividing does."""
    rows = [row(1, x=6, y=9, z=15), row(-1, x=-6, y=-9, z=-15)]
    assert solve(rows, {0: True, 1: True, 2: True}) is None


@pytest.mark.parametrize("seed", range(8))
def test_verdicts_equal_a_search_of_the_grid(seed: int) -> None:
    random = Random(seed)
    for _ in range(60):
        size = random.randint(2, 3)
        rows = [AtMost({v: Fraction(1)}, Fraction(3)) for v in range(size)]
        rows += [AtMost({v: Fraction(-1)}, Fraction(2)) for v in range(size)]
        for _ in range(random.randint(1, 4)):
            factors = {v: Fraction(random.randint(-3, 3)) for v in range(size)}
            factors = {v: factor for v, factor in factors.items() if factor}
            if factors:
                rows.append(AtMost(factors, Fraction(random.randint(-6, 6)), random.random() < 0.4))
        grid = [dict(enumerate(point)) for point in product(range(-2, 4), repeat=size)]
        try:
            found = solve(rows, dict.fromkeys(range(size), True))
        except Unsettled:
            pytest.fail(f"not settled: {rows}")
        assert (found is not None) == any(meets(rows, point) for point in grid), rows
        assert found is None or meets(rows, found)
        rational = solve(rows, dict.fromkeys(range(size), False))
        assert rational is not None or found is None
        assert rational is None or meets(rows, rational)
