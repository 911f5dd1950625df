"""Bounds of counts and sums that are partly unknown.

A count or sum is unknown as soon as one of its elements is. It lies between bounds all the same, and these may decide
what it is compared with. With shares of 30% for certain, 10% perhaps and no others,

    sum(o.share for o in owners where o.listed) >= 50%

is false: the sum lies between 30% and 40%. Bounds are a pair of the least and the greatest possible value, each None
where there is no limit. They never leave out a value that the sum takes once everything is known.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import TypeAlias

from .kleene import Truth
from .values import ABSENT, Maybe, Number, exact

Bounds: TypeAlias = tuple[Number | None, Number | None]

UNBOUNDED: Bounds = (None, None)


def exactly(value: Maybe[Number], limits: Bounds = UNBOUNDED) -> Bounds:
    """The bounds of one number. ``limits``: what holds of it where it is unknown."""
    if value is None:
        return limits
    return UNBOUNDED if value is ABSENT else (value, value)


def both(one: Bounds, two: Bounds) -> Bounds:
    """The bounds of what lies within both."""
    lows = [low for low, _ in (one, two) if low is not None]
    highs = [high for _, high in (one, two) if high is not None]
    return (max(lows, default=None), min(highs, default=None))


# ----------------------------------------------------------------------------------- counts and sums


def count_bounds(tests: Iterable[Truth]) -> Bounds:
    """How many hold: at least those that certainly do, at most those that may."""
    least = most = 0
    for test in tests:
        least += test is True
        most += test is not False
    return (least, most)


def sum_bounds(parts: Iterable[tuple[Truth, Bounds]]) -> Bounds:
    """The sum of the values whose test holds. A value whose test is unknown is added, or nothing is."""
    total: Bounds = (0, 0)
    for test, (low, high) in parts:
        if test is True:
            total = plus(total, (low, high))
        elif test is None:
            total = plus(total, (None if low is None else min(low, 0), None if high is None else max(high, 0)))
    return total


def any_number_of(value: Bounds) -> Bounds:
    """The sum of an unknown number of values within these bounds."""
    low, high = value
    return (0 if low is not None and low >= 0 else None, 0 if high is not None and high <= 0 else None)


# ---------------------------------------------------------------------------------------- arithmetic


def plus(left: Bounds, right: Bounds) -> Bounds:
    return (_sum(left[0], right[0]), _sum(left[1], right[1]))


def minus(left: Bounds, right: Bounds) -> Bounds:
    return plus(left, negated(right))


def negated(value: Bounds) -> Bounds:
    return times(value, -1)


def times(value: Bounds, factor: Maybe[Number]) -> Bounds:
    """The bounds of a product with a known number; a negative one exchanges them."""
    if factor is None or factor is ABSENT:
        return UNBOUNDED
    low, high = (None if end is None else exact(end * factor) for end in value)
    return (high, low) if factor < 0 else (low, high)


def divided(value: Bounds, divisor: Maybe[Number]) -> Bounds:
    """The bounds of a quotient by a known number; there are none by zero."""
    return UNBOUNDED if divisor is None or divisor is ABSENT or divisor == 0 else times(value, Fraction(1) / divisor)


def rounded(value: Bounds, up: bool) -> Bounds:
    low, high = (None if end is None else end.__ceil__() if up else end.__floor__() for end in value)
    return (low, high)


# --------------------------------------------------------------------------------------- comparisons


def surely_less(left: Bounds, right: Bounds) -> Truth:
    """``left < right``, where that is so of all values within the bounds, or of none."""
    if left[1] is not None and right[0] is not None and left[1] < right[0]:
        return True
    return False if left[0] is not None and right[1] is not None and left[0] >= right[1] else None


def surely_less_equal(left: Bounds, right: Bounds) -> Truth:
    after = surely_less(right, left)
    return None if after is None else not after


def surely_equal(left: Bounds, right: Bounds) -> Truth:
    if surely_less(left, right) or surely_less(right, left):
        return False
    return True if left == right and left[0] is not None and left[0] == left[1] else None


def _sum(left: Number | None, right: Number | None) -> Number | None:
    return None if left is None or right is None else exact(left + right)
