"""Solutions that can be written: decimals, wherever inequalities leave any.

A witness is to be pasted as a test, and no decimal is a third. Where the inequalities leave a number room, there is a
decimal near it; the others may have to move with it. So one number after another that is not a decimal is set to a
decimal near it, the roundest first, and the rest is solved again.

Example: `x + 3y = 1` is solved by `x = 1/2, y = 1/6`. With x kept there is no decimal for y. Without that, y is tried
at 0, and x is 1. Of `3y = 1` nothing is a decimal, and the solution stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from comity.analysis import limits
from comity.analysis.arithmetic.linear import AtMost, Unsettled
from comity.analysis.arithmetic.simplex import Simplex
from comity.analysis.space.boxes import Budget
from comity.runtime.values import Number, exact, has_decimal


def with_decimals(rows: Sequence[AtMost], whole: Mapping[int, bool], found: dict[int, Number]) -> dict[int, Number]:
    """A solution of the rows, with decimals where that is possible; integers (``whole``) stay as they are."""
    if all(map(has_decimal, found.values())):
        return found
    for kept in (
        [v for v, value in found.items() if has_decimal(value)],
        [v for v in found if whole.get(v)],
    ):
        fixed = [row for v in kept for row in (AtMost({v: 1}, found[v]), AtMost({v: -1}, -found[v]))]
        try:
            solution = _Search().solved(Simplex([*rows, *fixed], Budget(limits.current.decimal_steps)))
        except Unsettled:
            continue
        if solution is not None:
            return {**found, **solution}
    return found


def near(value: Number) -> Iterator[Number]:
    """Decimals on both sides of a number, those with the fewest places first."""
    for places in range(limits.current.decimal_places + 1):
        scaled = value * 10**places
        around = (scaled.__floor__(), scaled.__ceil__())
        for each in sorted(dict.fromkeys(around), key=lambda one: abs(one - scaled)):
            yield exact(Fraction(each, 10**places))


class _Search:
    def __init__(self) -> None:
        self.left = limits.current.tried_decimals

    def solved(self, simplex: Simplex) -> dict[int, Number] | None:
        """A solution all in decimals; None if none was found."""
        values = simplex.solved()
        if values is None:
            return None
        loose = next((v for v, value in values.items() if not has_decimal(value)), None)
        if loose is None:
            return values
        for decimal in near(values[loose]):
            self.left -= 1
            if self.left < 0:
                return None
            found = self.solved(simplex.bounded(loose, decimal, upper=True).bounded(loose, decimal, upper=False))
            if found is not None:
                return found
        return None
