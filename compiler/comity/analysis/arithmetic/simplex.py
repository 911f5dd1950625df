"""Linear inequalities over rationals, decided exactly (the general simplex of Dutertre and de Moura, 2006).

Where elimination (`linear`) finds the plainest values of a few variables, this decides about dozens. Every inequality
of several variables gets a variable of its own, the sum of the others, with the bound that the inequality sets. Some
variables are *basic*: they are sums of the others, which stay within their bounds all the time. As long as a basic
variable is out of bounds, it changes places with another that can make up for it; where there is none, its row is the
refutation. The smallest variable comes first (Bland's rule), so that it ends.

A strict bound is one by an infinitesimal less. Numbers are pairs: (3, -1) is just below 3. Of `x + 2y <= 4`, `y >= 1`
and `x > 1` the sum `s = x + 2y` starts at (3, 1), with y and x as near to zero as they may be: within its bound, so
that is a solution, and `x = 2, y = 1` one in numbers.

Rows are kept as integers: `3s = x + 6y` for `s = x/3 + 2y`. Most of the time goes into adding rows, and Python adds
fractions ten times slower.

Example: `x + y <= 5`, `x >= 3`, `y >= 3`. The sum `s = x + y` is basic, with the bound `s <= 5`. With x and y at their
least it is 6, which is out of bounds, and neither can become smaller: the row `s = x + y` refutes the three together.

What has been reached is a start for the next question: after a bound is taken back, all values are still within their
bounds or basic, and a further bound takes few exchanges. So a search goes down with `push` and `add`, and back up with
`pop`, in one tableau, as solvers modulo theories do.

Such a row is a certificate (Farkas, 1902): the bounds that are met in it are inequalities that, times its factors, add
up to `0 < 0`. Here `x + y <= 5`, `-x <= -3` and `-y <= -3` add up to `0 <= -1`. Whatever other inequalities were given,
these three are enough, so a `why` gets their numbers. Over integers each branch is refuted by itself, and all that
refutes one of them is enough for the whole: `x <= 0 or x >= 1` is true of an integer, whatever is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from fractions import Fraction
from math import gcd, lcm
from typing import TypeAlias

from comity.analysis import limits
from comity.analysis.arithmetic.linear import AtMost, Unsettled, tight
from comity.analysis.space.boxes import Budget, OutOfBudget
from comity.runtime.values import Number, exact

Value: TypeAlias = tuple[Number, Number]
"""A number and a multiple of an infinitesimal."""

ZERO: Value = (0, 0)


def feasible(
    rows: Iterable[AtMost], budget: Budget | None = None, why: set[int] | None = None
) -> dict[int, Number] | None:
    """Values that meet the inequalities; None if there are certainly none. Raises Unsettled where it takes too long.

    ``budget``: of several questions together. ``why``: gets the places of inequalities that are enough for None.
    """
    simplex = Simplex(rows, budget or Budget(limits.current.simplex_steps))
    found = simplex.solved()
    if found is None and why is not None:
        why |= simplex.refuting
    return found


def feasible_with_integers(
    rows: Sequence[AtMost],
    whole: Mapping[int, bool],
    branches: int | None = None,
    budget: Budget | None = None,
    why: set[int] | None = None,
) -> dict[int, Number] | None:
    """The same, with integers for variables that are ``whole``, by branch and bound."""
    simplex = Simplex((tight(row, whole) for row in rows), budget or Budget(limits.current.simplex_steps))
    return simplex.with_integers(whole, branches, why)


class Simplex:
    """Inequalities, and values on the way to meeting them."""

    def __init__(self, inequalities: Iterable[AtMost], budget: Budget) -> None:
        self.budget = budget
        self.low: dict[int, Value] = {}
        self.high: dict[int, Value] = {}
        self.rows: dict[int, dict[int, int]] = {}
        """Each basic variable, times its scale, as a sum of the others."""
        self.scales: dict[int, int] = {}
        self.contrary = False
        """A bound is below another of the same variable, or an inequality without variables does not hold."""
        self.refuting: set[int] = set()
        """The places of inequalities that are enough for there to be no solution, once that is known."""
        self.causes: dict[tuple[int, bool], int] = {}
        """The place of the inequality that sets a bound; of upper bounds under True. Those of branches have none."""
        self.values: dict[int, Value] = {}
        self.given: list[int] = []
        self._sums: dict[tuple[tuple[int, int], ...], int] = {}
        """Sums of several variables that have one of their own."""
        self._next = 10**9
        self._undo: list[tuple[int, bool, Value | None, int | None]] = []
        """Bounds that others took the place of, with their causes."""
        self._levels: list[tuple[int, bool, int]] = []
        """For each `push`: how many bounds had been replaced, whether they were contrary, and the next sum."""
        for place, row in enumerate(inequalities):
            self._add(row, place)
        for number in self.given:
            start = self._nearest(number)
            if start != ZERO:
                self._shift(number, start)

    def _add(self, row: AtMost, place: int | None) -> int | None:
        """Set the bound that an inequality is; return its variable, if it has one."""
        factors = sorted((v, f) for v, f in row.factors.items() if f)
        for variable, _ in factors:
            if variable not in self.values:
                self.values[variable] = ZERO
                self.given.append(variable)
        strict = -1 if row.strict else 0
        if not factors:
            if (row.bound, strict) < ZERO and not self.contrary:
                self.contrary, self.refuting = True, set() if place is None else {place}
            return None
        # Sums that are the same but for a factor share a variable; equalities are two bounds of one.
        denominators = lcm(*(f.denominator for _, f in factors))
        integers = [f.numerator * (denominators // f.denominator) for _, f in factors]
        common = gcd(*integers) if integers[0] > 0 else -gcd(*integers)
        key = tuple((v, f // common) for (v, _), f in zip(factors, integers, strict=True))
        bound = (_ratio(row.bound * denominators, common), _ratio(strict * denominators, common))
        number = key[0][0] if len(key) == 1 else self._sum(key)
        self._bound(number, bound, common > 0, place)
        return number

    def _sum(self, key: tuple[tuple[int, int], ...]) -> int:
        """The variable of a sum, which is basic when it is new: written by those that are not."""
        number = self._sums.get(key)
        if number is None:
            number = self._sums[key] = self._next
            self._next += 1
            row: dict[int, int] = {}
            scale = 1
            value = ZERO
            for variable, factor in key:
                each = self.values[variable]
                value = value[0] + factor * each[0], value[1] + factor * each[1]
                if variable in self.rows:
                    scale = self._replace(row, scale, factor * scale, self.rows[variable], self.scales[variable])
                else:
                    row[variable] = row.get(variable, 0) + factor * scale
                    if not row[variable]:
                        del row[variable]
            self.rows[number], self.scales[number], self.values[number] = row, scale, value
        return number

    def push(self) -> None:
        """Begin with inequalities that `pop` takes back."""
        self._levels.append((len(self._undo), self.contrary, self._next))

    def pop(self) -> None:
        """Take back all that was added since the last `push`. What has been reached stays."""
        bounds, self.contrary, sums = self._levels.pop()
        while len(self._undo) > bounds:
            number, upper, bound, place = self._undo.pop()
            known = self.high if upper else self.low
            if bound is None:
                del known[number]
            else:
                known[number] = bound
            if place is None:
                self.causes.pop((number, upper), None)
            else:
                self.causes[number, upper] = place
        while self._sums and (last := next(reversed(self._sums.items())))[1] >= sums and last[1] in self.rows:
            del self._sums[last[0]], self.rows[last[1]], self.scales[last[1]], self.values[last[1]]

    def add(self, row: AtMost, place: int | None = None) -> None:
        """One inequality more. ``place``: that of the reason for it, if it has one."""
        self._move(self._add(row, place))

    def bound(self, number: int, bound: Number, upper: bool) -> None:
        """The same of one variable."""
        self._bound(number, (bound, 0), upper, None)
        self._move(number)

    def _move(self, number: int | None) -> None:
        """Bring a variable that is not basic within its bounds."""
        if number is not None and number not in self.rows and not self.contrary:
            value = self.values[number]
            low, high = self.low.get(number), self.high.get(number)
            bound = low if low is not None and value < low else high if high is not None and value > high else None
            if bound is not None:
                self._shift(number, (bound[0] - value[0], bound[1] - value[1]))

    def with_integers(
        self, whole: Mapping[int, bool], branches: int | None = None, why: set[int] | None = None
    ) -> dict[int, Number] | None:
        """Values that are integers for variables that are ``whole``, by branch and bound; None if there are none."""
        refuting: set[int] = set()
        start = len(self._levels)
        waiting: list[tuple[int, AtMost | None]] = [(start, None)]
        try:
            for _ in range(limits.current.simplex_branches if branches is None else branches):
                if not waiting:
                    if why is not None:
                        why |= refuting
                    return None
                level, bound = waiting.pop()
                while len(self._levels) > level:
                    self.pop()
                if bound is not None:
                    self.push()
                    self.add(bound)
                found = self.solved()
                if found is None:
                    refuting |= self.refuting
                    continue
                broken = next((v for v, value in found.items() if whole.get(v) and value.denominator != 1), None)
                if broken is None:
                    return found
                below = found[broken].__floor__()
                # Upwards first: of elements of a list there may mostly be more, and seldom fewer.
                level = len(self._levels)
                waiting += [(level, AtMost({broken: 1}, below)), (level, AtMost({broken: -1}, -(below + 1)))]
        finally:
            while len(self._levels) > start:
                self.pop()
        raise Unsettled

    def bounded(self, number: int, bound: Number, upper: bool) -> Simplex:
        """The same inequalities and a bound of one variable more; goes on from what has been reached."""
        other = copy(self)
        other.low, other.high, other.values = dict(self.low), dict(self.high), dict(self.values)
        other.rows = {basic: dict(row) for basic, row in self.rows.items()}
        other.scales = dict(self.scales)
        other.causes = dict(self.causes)
        other._undo, other._levels, other._sums = [], [], dict(self._sums)
        other._bound(number, (bound, 0), upper, None)
        if number not in other.rows and not other.contrary:
            value = other.values[number]
            change = (bound - value[0], -value[1])
            if change > ZERO if not upper else change < ZERO:
                other._shift(number, change)
        return other

    def _bound(self, number: int, bound: Value, upper: bool, place: int | None) -> None:
        bounds = self.high if upper else self.low
        known = bounds.get(number)
        if known is None or (bound < known if upper else bound > known):
            if self._levels:
                self._undo.append((number, upper, known, self.causes.get((number, upper))))
            bounds[number] = bound
            if place is None:
                self.causes.pop((number, upper), None)
            else:
                self.causes[number, upper] = place
        if not self.contrary and number in self.low and number in self.high and self.low[number] > self.high[number]:
            self.contrary = True
            self.refuting = self._causes((number, True), (number, False))

    def _causes(self, *bounds: tuple[int, bool]) -> set[int]:
        """The places of the inequalities that set some bounds."""
        return {self.causes[each] for each in bounds if each in self.causes}

    def _nearest(self, number: int) -> Value:
        """The value nearest to zero within the bounds of a variable that is not basic."""
        low, high = self.low.get(number), self.high.get(number)
        if low is not None and low > ZERO:
            return low
        return high if high is not None and high < ZERO else ZERO

    def _shift(self, number: int, change: Value) -> None:
        """Change a variable that is not basic, and the sums that it is part of."""
        self.values[number] = _plus(self.values[number], change)
        for basic, row in self.rows.items():
            factor = row.get(number)
            if factor:
                self.values[basic] = _moved(self.values[basic], change, factor, self.scales[basic])

    def solved(self) -> dict[int, Number] | None:
        if self.contrary:
            return None
        while (broken := self._broken()) is not None:
            number, target = broken
            up = self.values[number] < target
            other = min((n for n, f in self.rows[number].items() if self._can_move(n, up == (f > 0))), default=None)
            if other is None:
                met = ((each, up == (factor > 0)) for each, factor in self.rows[number].items())
                self.refuting = self._causes((number, not up), *met)
                return None
            self._exchange(number, other, target)
        return self._rational()

    def _broken(self) -> tuple[int, Value] | None:
        """The first basic variable out of its bounds, and the bound."""
        first: tuple[int, Value] | None = None
        values, lows, highs = self.values, self.low, self.high
        for number in self.rows:
            if first is None or number < first[0]:
                value = values[number]
                low, high = lows.get(number), highs.get(number)
                if low is not None and value < low:
                    first = number, low
                elif high is not None and value > high:
                    first = number, high
        return first

    def _can_move(self, number: int, up: bool) -> bool:
        bound = (self.high if up else self.low).get(number)
        return bound is None or (self.values[number] < bound if up else self.values[number] > bound)

    def _exchange(self, basic: int, other: int, target: Value) -> None:
        """Bring a basic variable to its bound by another, which becomes basic instead."""
        row = self.rows.pop(basic)
        scale = self.scales.pop(basic)
        factor = row.pop(other)
        gap = (target[0] - self.values[basic][0], target[1] - self.values[basic][1])
        change = (_ratio(gap[0] * scale, factor), _ratio(gap[1] * scale, factor))
        self.values[basic] = target
        self.values[other] = _plus(self.values[other], change)
        sign = 1 if factor > 0 else -1
        solved = {n: -f * sign for n, f in row.items()}
        solved[basic] = scale * sign
        own = factor * sign
        changed = 1
        for number, each in self.rows.items():
            share = each.pop(other, None)
            if share is not None:
                changed += 1
                self.values[number] = _moved(self.values[number], change, share, self.scales[number])
                self.scales[number] = self._replace(each, self.scales[number], share, solved, own)
        self.rows[other] = solved
        self.scales[other] = own
        try:
            self.budget.spend(changed)
        except OutOfBudget:
            raise Unsettled from None

    @staticmethod
    def _replace(row: dict[int, int], scale: int, share: int, solved: Mapping[int, int], own: int) -> int:
        """Put ``solved`` (which is ``own`` times a variable) for ``share`` times the variable into a row with a scale;
        return the new scale.
        """
        common = gcd(share, own)
        share //= common
        own //= common
        if own != 1:
            scale *= own
            for number in row:
                row[number] *= own
        for number, factor in solved.items():
            total = row.get(number, 0) + share * factor
            if total:
                row[number] = total
            else:
                row.pop(number, None)
        common = gcd(scale, *row.values())
        if common != 1:
            scale //= common
            for number in row:
                row[number] //= common
        return scale

    def _rational(self) -> dict[int, Number]:
        """The values, with a number for the infinitesimal that is small enough for all bounds."""
        small: Number = 1
        for number, value in self.values.items():
            low, high = self.low.get(number), self.high.get(number)
            for least, most in ((low, value), (value, high)):
                if least is not None and most is not None and least[1] > most[1] and least[0] < most[0]:
                    small = min(small, _ratio(most[0] - least[0], least[1] - most[1]))
        found: dict[int, Number] = {}
        for number in self.given:
            whole, part = self.values[number]
            found[number] = exact(whole + small * part if part else whole)
        return found


def _ratio(one: Number, two: Number) -> Number:
    """The quotient, as an int where it is one: that is much faster to go on with."""
    if one.denominator == 1 and two.denominator == 1:
        dividend, divisor = one.numerator, two.numerator
        return dividend // divisor if dividend % divisor == 0 else Fraction(dividend, divisor)
    return exact(Fraction(one) / two)


def _moved(value: Value, change: Value, share: int, scale: int) -> Value:
    """A value that changes by a share of a change."""
    if scale == 1:
        return value[0] + change[0] * share, value[1] + change[1] * share
    return value[0] + _ratio(change[0] * share, scale), value[1] + _ratio(change[1] * share, scale)


def _plus(one: Value, two: Value) -> Value:
    return one[0] + two[0], one[1] + two[1]
