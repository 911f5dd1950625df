"""The solver, for products and quotients of facts: the one place where z3 is known.

It comes with the extra `comity[smt]` and is imported when it is first needed. What it finds is checked like any other
witness; that there is nothing is taken from it. Its limit is counted in steps of its own, so that an answer is the same
on every machine, and in time. Example: of `price * quantity > 5_000` and `price < 10`, with whole quantities, it may
find a price of 9 and 556 pieces.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

from comity.analysis import limits
from comity.analysis.arithmetic.linear import Unsettled
from comity.analysis.space.axes import Cut, Stretch
from comity.analysis.space.recipes import Product, Quotient, Rounding, Sum
from comity.analysis.space.symbols import Form


class Problem(Protocol):
    """What is asked of a `numbers.Problem`: its numbers, each after its parts, and what makes those that are made."""

    @property
    def numbers(self) -> Sequence[int]: ...
    @property
    def recipes(self) -> Mapping[int, object]: ...
    def whole(self, number: int) -> bool: ...


def solve(
    problem: Problem, choices: Mapping[int, Sequence[Stretch]], fixed: Mapping[int, Fraction | int]
) -> dict[int, Fraction | int] | None:
    """Values for the numbers of a problem; None if there are certainly none. Raises Unsettled, also without z3."""
    try:
        z3 = import_module("z3")
    except ImportError:
        raise Unsettled from None
    return _Encoding(z3, problem, fixed).solved(choices)


def help_with_arithmetic() -> str:
    """What would settle a question about arithmetic."""
    if find_spec("z3") is None:
        return "install the solver, which decides more arithmetic: `pip install comity[smt]`"
    return "compare fewer facts with each other, or with constants instead"


class _Encoding:
    """A problem in the solver's terms: a variable for each number, and what makes it."""

    def __init__(self, z3: Any, problem: Problem, fixed: Mapping[int, Fraction | int]) -> None:
        self.z3 = z3
        self.problem = problem
        self.solver = z3.Solver()
        self.solver.set("rlimit", limits.current.z3_steps)
        self.solver.set("timeout", limits.current.z3_milliseconds)
        self.numbers = {
            number: z3.Int(f"n{number}") if problem.whole(number) else z3.Real(f"n{number}")
            for number in problem.numbers
        }
        for number, value in fixed.items():
            if number in self.numbers:
                self.solver.add(self.numbers[number] == self._exact(value))
        for number, recipe in problem.recipes.items():
            self._make(self.numbers[number], recipe)

    def _make(self, made: Any, recipe: object) -> None:
        match recipe:
            case Sum(form=form):
                self.solver.add(made == self._sum(form))
            case Rounding(up=True, form=form):
                self.solver.add(made - 1 < self._sum(form), self._sum(form) <= made)
            case Rounding(form=form):
                self.solver.add(made <= self._sum(form), self._sum(form) < made + 1)
            case Product(left=left, right=right):
                self.solver.add(made == self._sum(left) * self._sum(right))
            case Quotient(left=left, right=right):
                self.solver.add(made * self._sum(right) == self._sum(left), self._sum(right) != 0)
            case _:
                raise Unsettled  # months are not even

    def solved(self, choices: Mapping[int, Sequence[Stretch]]) -> dict[int, Fraction | int] | None:
        for number, stretches in choices.items():
            made = self.numbers[number]
            self.solver.add(self.z3.Or([self._inside(made, stretch) for stretch in stretches]))
        answer = self.solver.check()
        if answer == self.z3.unsat:
            return None
        if answer != self.z3.sat:
            raise Unsettled
        model = self.solver.model()
        return {number: self._value(model.eval(made, model_completion=True)) for number, made in self.numbers.items()}

    def _inside(self, made: Any, stretch: Stretch) -> Any:
        low, high = stretch
        parts = []
        if low is not None:
            parts.append(made >= self._cut(low) if low[1] == 0 else made > self._cut(low))
        if high is not None:
            parts.append(made < self._cut(high) if high[1] == 0 else made <= self._cut(high))
        return self.z3.And(parts)

    def _cut(self, cut: Cut) -> Any:
        return self._exact(cut[0])

    def _sum(self, form: Form) -> Any:
        total = self._exact(form.constant)
        for axis, factor in form.terms:
            total = total + self._exact(factor) * self.numbers[axis.number]
        return total

    def _exact(self, value: Fraction | int) -> Any:
        exact = Fraction(value)
        if exact.denominator == 1:
            return self.z3.IntVal(exact.numerator)
        return self.z3.Q(exact.numerator, exact.denominator)

    def _value(self, value: Any) -> Fraction | int:
        if self.z3.is_int_value(value):
            return int(value.as_long())
        if self.z3.is_rational_value(value):
            exact = Fraction(value.numerator_as_long(), value.denominator_as_long())
            return exact.numerator if exact.denominator == 1 else exact
        raise Unsettled  # an irrational number, which no fact can be
