"""Exact arithmetic on quotients of columns.

No engine has exact division, so there is none: `us_content / value > 25%` is compared crosswise, as
`us_content * 4 > value`. Factors are worked out here; what is left for the engine are products and sums of integers.
"""

from __future__ import annotations

from fractions import Fraction
from math import gcd

from comity.backends.sql.columns import Columns, Node
from comity.backends.sql.shapes import Amount
from comity.runtime.values import Number


class Numbers:
    """Makes amounts. ``digits``: decimals that a column of numbers may have; they are counted as integers of those."""

    def __init__(self, columns: Columns, digits: int) -> None:
        self.columns = columns
        self.digits = digits

    def constant(self, value: Number | None) -> Amount:
        if value is None:
            return Amount(self.columns.unknown("int"))
        number = Fraction(value)
        sign = -1 if number < 0 else 1
        if number == 0:
            return Amount(self.columns.constant(0, "int"))
        return Amount(self.columns.constant(sign, "int"), abs(number))

    def known(self, amount: Amount) -> Node:
        parts = [amount.top] + ([] if amount.below is None else [amount.below])
        return self.columns.every(map(self.columns.is_known, parts))

    # ------------------------------------------------------------------------------------------ on integers

    def whole(self, amount: Amount) -> Amount:
        """The same amount, of integers that are wide enough to count with."""
        top, factor = amount.top, amount.factor
        if top.kind == "number":
            top = self.columns.make("scaled", (top, self.digits), "int", top.null)
            factor /= 10**self.digits
        elif top.op in ("column", "sure"):
            top = self.columns.make("wide", (top,), "int", top.null)
        return Amount(top, factor, amount.below)

    def times(self, left: Node, right: Node | int) -> Node:
        if isinstance(right, int):
            right = self.columns.constant(right, "int")
        if left.is_constant and right.is_constant:
            either = left.value is None or right.value is None
            return self.columns.constant(None if either else left.value * right.value, "int")
        for one, other in ((left, right), (right, left)):
            if one.is_constant and one.value == 1:
                return other
            if one.is_constant and one.value is None:
                return one
        return self.columns.make("*", (left, right), "int", left.null or right.null)

    def _plus(self, left: Node, right: Node) -> Node:
        if left.is_constant and right.is_constant:
            either = left.value is None or right.value is None
            return self.columns.constant(None if either else left.value + right.value, "int")
        for one, other in ((left, right), (right, left)):
            if one.is_constant and one.value == 0:
                return other
            if one.is_constant and one.value is None:
                return one
        return self.columns.make("+", (left, right), "int", left.null or right.null)

    def add(self, left: Amount, right: Amount) -> Amount:
        left, right = self.whole(left), self.whole(right)
        each = unit(left.factor, right.factor)
        tops = [
            self.times(self._across(one.top, other.below), int(one.factor / each))
            for one, other in ((left, right), (right, left))
        ]
        return Amount(self._plus(*tops), each, self._product(left.below, right.below))

    def negate(self, amount: Amount) -> Amount:
        whole = self.whole(amount)
        return Amount(self.times(whole.top, -1), whole.factor, whole.below)

    def multiply(self, left: Amount, right: Amount) -> Amount:
        left, right = self.whole(left), self.whole(right)
        return Amount(
            self.times(left.top, right.top), left.factor * right.factor, self._product(left.below, right.below)
        )

    def divide(self, left: Amount, right: Amount) -> Amount:
        """By zero it is unknown."""
        left, right = self.whole(left), self.whole(right)
        top, below = left.top, right.top
        if right.below is not None:
            top = self.times(top, right.below)
        if below.is_constant:
            if not below.value:
                return self.constant(None)
            top, size = self.times(top, 1 if below.value > 0 else -1), abs(below.value)
            return Amount(top, left.factor / right.factor / size, left.below)
        negative = self.columns.less(below, self.columns.constant(0, "int"))
        top = self.columns.case([(negative, self.times(top, -1))], top)
        size = self.columns.make("size", (below,), "int", True)
        return Amount(top, left.factor / right.factor, self._product(left.below, size))

    def rounded(self, amount: Amount, up: bool) -> Amount:
        """The integer at or above (``up``), or at or below."""
        whole = self.whole(amount)
        top = self.times(whole.top, whole.factor.numerator)
        below = self.times(whole.below or self.columns.constant(1, "int"), whole.factor.denominator)
        if below.is_constant and below.value == 1:
            return Amount(top)
        if top.is_constant and below.is_constant:
            value = None if top.value is None else Fraction(top.value, below.value)
            return self.constant(None if value is None else value.__ceil__() if up else value.__floor__())
        if up:
            return self.negate(Amount(self._floor(self.times(top, -1), below)))
        return Amount(self._floor(top, below))

    def _floor(self, top: Node, below: Node) -> Node:
        return self.columns.make("floor", (top, below), "int", top.null or below.null)

    def _across(self, top: Node, below: Node | None) -> Node:
        return top if below is None else self.times(top, below)

    def _product(self, one: Node | None, two: Node | None) -> Node | None:
        return one if two is None else two if one is None else self.times(one, two)

    # ------------------------------------------------------------------------------------------ comparisons

    def compare(self, operator: str, left: Amount, right: Amount) -> Node:
        """``left`` < (or <=, =) ``right``."""
        one, two = self._sides(left, right)
        match operator:
            case "=":
                return self.columns.equal(one, two)
            case _:
                return self.columns.less(one, two, operator == "<=")

    def _sides(self, left: Amount, right: Amount) -> tuple[Node, Node]:
        """Two nodes that compare as the amounts do."""
        if left.below is not None or right.below is not None:
            left, right = self.whole(left), self.whole(right)
        one, two = self._across(left.top, right.below), self._across(right.top, left.below)
        ratio = left.factor / right.factor
        if one.is_constant and two.is_constant:
            return self.times(one, ratio.numerator), self.times(two, ratio.denominator)
        for constant in (one, two):
            if constant.is_constant and constant.value is None:
                return constant, constant
        # A constant takes the factor upon it where that leaves it whole, so that a column is compared as it is.
        if two.is_constant and (Fraction(two.value) / ratio).denominator == 1:
            return one, self.columns.constant(int(Fraction(two.value) / ratio), "int")
        if one.is_constant and (Fraction(one.value) * ratio).denominator == 1:
            return self.columns.constant(int(Fraction(one.value) * ratio), "int"), two
        return self._scale(one, ratio.numerator), self._scale(two, ratio.denominator)

    def _scale(self, node: Node, by: int) -> Node:
        if by == 1:
            return node
        return self.times(
            self.whole(Amount(node)).top if node.op in ("column", "sure") and node.kind == "int" else node, by
        )


def unit(one: Fraction, two: Fraction) -> Fraction:
    """The greatest fraction of which both are whole multiples."""
    below = one.denominator * two.denominator
    return Fraction(gcd(one.numerator * two.denominator, two.numerator * one.denominator), below)
