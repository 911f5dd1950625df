"""Nodes of numbers and days: exact integers over one denominator, compared and calculated for all rows at once.

    value <= 5_000 USD      numerators <= 5000 * denominator, where the value is known; else unknown

Where a number is unknown its bounds may decide a comparison (`Between`, of the ends that `Limited` gives).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from comity.backends.batch.columns import (
    FALSE,
    KNOWN,
    LARGEST,
    MISSING,
    TRUE,
    UNKNOWN,
    Column,
    Exact,
    Truths,
    numbers,
    rescaled,
)
from comity.backends.batch.nodes import DENSE, Chunk, Constant, Distinct, Frame, Node
from comity.runtime.values import ABSENT


class Comparison(Node):
    """``left < right``, ``<=`` or ``==`` of numbers or days. ``distinct``: the same by distinct values."""

    def __init__(self, frame: Frame, operator: str, left: Node, right: Node, distinct: Distinct) -> None:
        super().__init__(frame)
        self.operator = operator
        self.left = left
        self.right = right
        self.distinct = distinct

    def compute(self, chunk: Chunk) -> Any:
        one, two = self.left.column(chunk), self.right.column(chunk)
        if not isinstance(one, Exact) and not isinstance(two, Exact):
            constant = isinstance(self.left, Constant) or isinstance(self.right, Constant)
            if constant or len(one.domain) * len(two.domain) <= 1 << DENSE:
                return self.distinct.column(chunk)
        if isinstance(self.left, Constant) or isinstance(self.right, Constant):
            return self._with_constant(one, two)
        left, right = numbers(one), numbers(two)
        denominator = int(np.lcm(left.denominator, right.denominator, dtype=object))
        holds = self._compared(rescaled(left, denominator), rescaled(right, denominator))
        return _unless_unknown(holds, left.states, right.states)

    def _with_constant(self, one: Column, two: Column) -> Truths:
        """Against one number: n/d <= a/b is n <= floor(a * d / b), and n/d < a/b is n < ceil(a * d / b)."""
        is_left = isinstance(self.left, Constant)
        node = self.left if is_left else self.right
        assert isinstance(node, Constant)
        column = numbers(two if is_left else one)
        limit: Any = node.value
        if limit is None or limit is ABSENT:
            return np.full(len(column.numerators), UNKNOWN, np.uint8)
        limit = limit.toordinal() if column.is_day else limit
        whole, rest = divmod(limit.numerator * column.denominator, limit.denominator)
        array, state = column.numerators, column.states
        if self.operator == "==":
            holds = array == whole if not rest else np.zeros(len(array), np.bool_)
        elif is_left:  # limit < n or limit <= n
            holds = array > whole if rest or self.operator == "<" else array >= whole
        else:
            holds = array <= whole if rest or self.operator == "<=" else array < whole
        return _unless_unknown(holds, state, None)

    def _compared(self, left: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
        if self.operator == "<":
            return left < right
        return left <= right if self.operator == "<=" else left == right


def _unless_unknown(holds: NDArray[Any], *states: Truths | None) -> Truths:
    truths = holds.astype(np.bool_).view(np.uint8) << np.uint8(1)
    for each in states:
        if each is not None:
            truths[each != KNOWN] = UNKNOWN
    return truths


class Calculation(Node):
    """A sum, difference or product of numbers, or a difference of days in hours."""

    def __init__(self, frame: Frame, operator: str, left: Node, right: Node) -> None:
        super().__init__(frame)
        self.operator = operator
        self.left = left
        self.right = right

    def compute(self, chunk: Chunk) -> Any:
        left, right = numbers(self.left.column(chunk)), numbers(self.right.column(chunk))
        states = _either_state(left.states, right.states)
        if self.operator == "*":
            numerators, other = left.numerators, right.numerators
            if left.largest * right.largest >= LARGEST:
                numerators = numerators.astype(object)
            return narrowed(Exact(numerators * other, left.denominator * right.denominator, states))
        denominator = int(np.lcm(left.denominator, right.denominator, dtype=object))
        one, two = rescaled(left, denominator), rescaled(right, denominator)
        if self.operator == "+":
            return narrowed(Exact(one + two, denominator, states))
        if self.operator == "days":
            return narrowed(Exact((one - two) * 24, denominator, states))
        return narrowed(Exact(one - two, denominator, states))


def _either_state(one: Truths | None, two: Truths | None) -> Truths | None:
    """What is computed from a number that is unknown, or absent, is unknown."""
    if one is None and two is None:
        return None
    unknown = np.zeros(len(one if one is not None else two), np.bool_)  # type: ignore[arg-type]
    for each in (one, two):
        if each is not None:
            unknown |= each != KNOWN
    return np.where(unknown, np.uint8(MISSING), np.uint8(KNOWN))


def narrowed(column: Exact) -> Exact:
    """Numbers of which the next step may again take int64 for granted."""
    if column.numerators.dtype != object and column.largest >= LARGEST:
        return Exact(column.numerators.astype(object), column.denominator, column.states)
    return column


class Negative(Node):
    def __init__(self, frame: Frame, operand: Node) -> None:
        super().__init__(frame)
        self.operand = operand

    def compute(self, chunk: Chunk) -> Any:
        column = numbers(self.operand.column(chunk))
        return Exact(-column.numerators, column.denominator, _either_state(column.states, None))


class Limited(Node):
    """One end of the bounds of a number that is a fact: the number, or where it is unknown what holds of it anyway."""

    def __init__(self, frame: Frame, operand: Node, limit: Any) -> None:
        super().__init__(frame)
        self.operand = operand
        self.limit = limit

    def compute(self, chunk: Chunk) -> Any:
        column = numbers(self.operand.column(chunk))
        if column.states is None:
            return column
        limit = self.limit
        denominator = int(np.lcm(column.denominator, limit.denominator, dtype=object))
        missing = column.states == MISSING
        filled = np.where(missing, limit.numerator * (denominator // limit.denominator), rescaled(column, denominator))
        return narrowed(Exact(filled, denominator, np.where(missing, np.uint8(KNOWN), column.states)))


class Between(Node):
    """A comparison of numbers of which only bounds are known: each side by its lower and upper end."""

    def __init__(self, frame: Frame, operator: str, ends: Sequence[Node]) -> None:
        super().__init__(frame)
        self.operator = operator
        self.ends = tuple(ends)

    def compute(self, chunk: Chunk) -> Any:
        columns = [numbers(each.column(chunk)) for each in self.ends]
        denominator = int(np.lcm.reduce([each.denominator for each in columns], dtype=object))
        ends = [rescaled(each, denominator) for each in columns]
        known = [each.states == KNOWN if each.states is not None else None for each in columns]
        left_low, left_high, right_low, right_high = ends

        def surely(holds: Any, *places: int) -> NDArray[np.bool_]:
            found: NDArray[np.bool_] = holds.astype(np.bool_)
            for place in places:
                each = known[place]
                found = found if each is None else found & each
            return found

        less, not_less = surely(left_high < right_low, 1, 2), surely(left_low >= right_high, 0, 3)
        greater, not_greater = surely(right_high < left_low, 0, 3), surely(right_low >= left_high, 1, 2)
        match self.operator:
            case "<":
                true, false = less, not_less
            case "<=":
                true, false = not_greater, greater
            case _:
                same = (left_low == left_high) & (right_low == right_high) & (left_low == right_low)
                true, false = surely(same, 0, 1, 2, 3), less | greater
        return np.where(true, np.uint8(TRUE), np.where(false, np.uint8(FALSE), np.uint8(UNKNOWN)))
