"""Linear inequalities over rationals and integers, solved exactly (Fourier 1827, Motzkin 1936).

Variables are eliminated one by one, which keeps exactly the constraints that the rest must meet. Going back, each gets
the plainest value that its constraints leave. A set of inequalities without a solution is refuted for certain. With
integers the refutation is as certain, but a rational solution may leave no integer. Then other integers are tried for
the variables before it: all, where there are few; else the answer is `Unsettled`.

Example: `x + y >= 10`, `x <= 4`, `y <= 7`. Without `y` what remains is `10 - x <= 7` and `x <= 4`, so `x` is between 3
and 4, and gets 3; then `y` is 7. With `y <= 5` what remains is `x >= 5` and `x <= 4`: refuted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import gcd, lcm

from comity.analysis import limits
from comity.analysis.space.axes import Cut, ordinary
from comity.runtime.light import dataclass
from comity.runtime.values import Number


class Unsettled(Exception):
    """Neither a solution nor a refutation was found."""


@dataclass(frozen=True, slots=True)
class AtMost:
    """The sum of ``factors`` times variables (by number) is at most ``bound`` (below it, if ``strict``)."""

    factors: Mapping[int, Number]
    bound: Number
    strict: bool = False


def solve(
    constraints: Sequence[AtMost], whole: Mapping[int, bool], most: int | None = None
) -> dict[int, Number] | None:
    """Values for the variables in ``whole`` (True: an integer) that meet all constraints; None if there are none.

    Raises Unsettled, for one thing where there are more than ``most`` constraints on the way
    (`limits.eliminated_constraints`).
    """
    rows = [tight(row, whole) for row in constraints]
    steps: list[tuple[int, list[AtMost]]] = []
    left = list(whole)
    while left:
        variable = min(left, key=lambda v: _growth(rows, v))
        left.remove(variable)
        bounding = [row for row in rows if row.factors.get(variable)]
        steps.append((variable, bounding))
        above = [row for row in bounding if row.factors[variable] > 0]
        below = [row for row in bounding if row.factors[variable] < 0]
        rows = [row for row in rows if not row.factors.get(variable)]
        rows += [tight(_without(variable, one, two), whole) for one in above for two in below]
        rows = list({_key(row): row for row in rows}.values())
        if len(rows) > (limits.current.eliminated_constraints if most is None else most):
            raise Unsettled
    if any(row.bound < 0 or (row.strict and row.bound == 0) for row in rows):
        return None
    return _Assignment(steps[::-1], whole).found()


def _growth(rows: Sequence[AtMost], variable: int) -> int:
    above = sum(row.factors.get(variable, 0) > 0 for row in rows)
    below = sum(row.factors.get(variable, 0) < 0 for row in rows)
    return above * below - above - below


def _key(row: AtMost) -> tuple[object, ...]:
    return tuple(sorted(row.factors.items())), row.bound, row.strict


def _without(variable: int, above: AtMost, below: AtMost) -> AtMost:
    """What two constraints say together once ``variable`` is gone."""
    scale, other = -below.factors[variable], above.factors[variable]
    factors: dict[int, Fraction] = {}
    for row, factor in ((above, scale), (below, other)):
        for v, f in row.factors.items():
            factors[v] = factors.get(v, Fraction(0)) + f * factor
    kept = {v: f for v, f in factors.items() if f}
    return AtMost(kept, above.bound * scale + below.bound * other, above.strict or below.strict)


def tight(row: AtMost, whole: Mapping[int, bool]) -> AtMost:
    """The same over integers, with the bound rounded to one that a sum of integers can reach: of `2x + 4y < 5` that is
    `x + 2y <= 2`.
    """
    if not row.factors or not all(whole.get(v, False) for v in row.factors):
        return row
    scale = Fraction(lcm(*(f.denominator for f in row.factors.values())))
    common = gcd(*(int(f * scale) for f in row.factors.values()))
    factors = {v: f * scale / common for v, f in row.factors.items()}
    bound = row.bound * scale / common
    reach = bound.__ceil__() - 1 if row.strict else bound.__floor__()
    return AtMost(factors, Fraction(reach))


class _Assignment:
    """Values for the variables, from the one that was eliminated last: with those before it, each has its bounds."""

    def __init__(self, steps: Sequence[tuple[int, list[AtMost]]], whole: Mapping[int, bool]) -> None:
        self.steps = steps
        self.whole = whole
        self.tries = 10 * limits.current.tried_integers
        self.complete = True

    def found(self) -> dict[int, Fraction | int] | None:
        values = self._assign(0, {})
        if values is None and not self.complete:
            raise Unsettled
        return values

    def _assign(self, place: int, values: dict[int, Fraction | int]) -> dict[int, Fraction | int] | None:
        if place == len(self.steps):
            return values
        variable, rows = self.steps[place]
        for value in self._options(variable, rows, values):
            self.tries -= 1
            found = self._assign(place + 1, {**values, variable: value})
            if found is not None:
                return found
            if self.tries < 0:
                self.complete = False
                return None
        return None

    def _options(
        self, variable: int, rows: Sequence[AtMost], values: Mapping[int, Fraction | int]
    ) -> Iterator[Fraction | int]:
        """The plainest value first; of integers all others too."""
        low, high = _bounds(variable, rows, values)
        if not self.whole[variable]:
            yield ordinary(low, high, whole=False)
            # What comes after may be an integer that depends on this.
            self.complete = self.complete and not any(self.whole.values())
            return
        low = None if low is None else ((low[0].__ceil__() if low[1] == 0 else low[0].__floor__() + 1), 0)
        high = None if high is None else ((high[0].__floor__() + 1 if high[1] == 1 else high[0].__ceil__()), 0)
        if low is not None and high is not None and low >= high:
            return
        first = ordinary(low, high, whole=True)
        yield first
        start = int(low[0]) if low is not None else int(first) - limits.current.tried_integers
        end = int(high[0]) if high is not None else start + 2 * limits.current.tried_integers
        if low is None or high is None or end - start > limits.current.tried_integers:
            self.complete = False
        yield from (
            value for value in range(start, min(end, start + 2 * limits.current.tried_integers)) if value != first
        )


def _bounds(
    variable: int, rows: Sequence[AtMost], values: Mapping[int, Fraction | int]
) -> tuple[Cut | None, Cut | None]:
    """What the constraints leave a variable, the others having values."""
    low: Cut | None = None
    high: Cut | None = None
    for row in rows:
        factor = Fraction(row.factors[variable])
        rest = sum((f * values[v] for v, f in row.factors.items() if v != variable), Fraction(0))
        bound = (row.bound - rest) / factor
        if factor > 0:
            cut: Cut = (bound, 0 if row.strict else 1)
            high = cut if high is None else min(high, cut)
        else:
            cut = (bound, 1 if row.strict else 0)
            low = cut if low is None else max(low, cut)
    return low, high
