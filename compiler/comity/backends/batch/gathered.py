"""Nodes that gather the elements of each row's lists and sets: quantifiers, counts and sums.

For example:

    any p in parties: p.country in EMBARGOED      the greatest truth of the elements of each row; none: false
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from comity.backends.batch.columns import FALSE, KNOWN, LARGEST, TRUE, UNKNOWN, Codes, Exact, Index, Truths, numbers
from comity.backends.batch.nodes import Chunk, Frame, Node
from comity.runtime.values import ABSENT


class Quantified(Node):
    """Whether some element of each row passes the test of its part; ``every``: whether none does.

    ``parts``: the collections that make up one, each with the test of its elements. ``unknowns``: not `FALSE` where
    one of them is unknown, and so is the whole.
    """

    def __init__(
        self, frame: Frame, parts: Sequence[tuple[Frame, Node]], unknowns: Sequence[Node], every: bool
    ) -> None:
        super().__init__(frame)
        self.parts = tuple(parts)
        self.unknowns = tuple(unknowns)
        self.every = every

    def compute(self, chunk: Chunk) -> Any:
        found: Truths = np.full(self.frame.rows(chunk), FALSE, np.uint8)
        for inner, test in self.parts:
            np.maximum(found, reduced(np.maximum, test.column(chunk), inner.offsets(chunk), FALSE), out=found)
        if self.every:
            found = np.subtract(np.uint8(2), found)
        for each in self.unknowns:
            found[each.column(chunk) != FALSE] = UNKNOWN
        return found


def reduced(function: np.ufunc, values: NDArray[Any], offsets: Index, empty: int) -> NDArray[Any]:
    """``function`` over the elements of each row; ``empty`` where there are none."""
    rows = len(offsets) - 1
    found = np.full(rows, empty, values.dtype)
    filled = np.flatnonzero(offsets[1:] > offsets[:-1])
    if len(filled):
        found[filled] = function.reduceat(values, offsets[:-1][filled])
    return found


class Total(Node):
    """The number of elements that pass a test, or the sum of their values; unknown if one of the elements is."""

    def __init__(self, frame: Frame, inner: Frame, test: Node, value: Node | None) -> None:
        super().__init__(frame)
        self.inner = inner
        self.test = test
        self.value = value

    def compute(self, chunk: Chunk) -> Any:
        truths, offsets = self.test.column(chunk), self.inner.offsets(chunk)
        unknown = reduced(np.maximum, truths == UNKNOWN, offsets, False)
        passed = truths == TRUE
        denominator = 1
        if self.value is None:
            totals = reduced(np.add, passed.astype(np.int64), offsets, 0)
        else:
            column = numbers(self.value.column(chunk))
            denominator = column.denominator
            if column.states is not None:
                unknown |= reduced(np.maximum, passed & (column.states != KNOWN), offsets, False)
            addends = np.where(passed, column.numerators, 0)
            if addends.dtype != object and column.largest * (len(addends) + 1) >= LARGEST:
                addends = addends.astype(object)
            totals = reduced(np.add, addends, offsets, 0)
        lists = self.inner.source
        assert lists is not None
        states = lists.column(chunk).states
        if states is not None:
            unknown |= states != KNOWN
        return Exact(totals, denominator, unknown.astype(np.uint8) if unknown.any() else None)


class TotalEnd(Node):
    """One end of the bounds of a count or sum (``upper``: the greatest it may be); not known where there is no limit.

    ``value``: the same end of the bounds of what is added up, None for a count. An element that certainly passes
    counts; one that may pass counts where that carries the end further. ``otherwise``: where the list is unknown.
    """

    def __init__(
        self, frame: Frame, inner: Frame, test: Node, value: Node | None, upper: bool, otherwise: int | None
    ) -> None:
        super().__init__(frame)
        self.inner = inner
        self.test = test
        self.value = value
        self.upper = upper
        self.otherwise = otherwise

    def compute(self, chunk: Chunk) -> Any:
        truths, offsets = self.test.column(chunk), self.inner.offsets(chunk)
        denominator = 1
        if self.value is None:
            counted = truths != FALSE if self.upper else truths == TRUE
            totals = reduced(np.add, counted.astype(np.int64), offsets, 0)
            open_ended = np.zeros(len(totals), np.bool_)
        else:
            column = numbers(self.value.column(chunk))
            denominator = column.denominator
            addends = np.where(truths == FALSE, 0, column.numerators)
            further = np.maximum(addends, 0) if self.upper else np.minimum(addends, 0)
            addends = np.where(truths == UNKNOWN, further, addends)
            endless = np.zeros(len(truths), np.bool_)
            if column.states is not None:
                endless = (column.states != KNOWN) & (truths != FALSE)
                addends = np.where(endless, 0, addends)
            if addends.dtype != object and column.largest * (len(addends) + 1) >= LARGEST:
                addends = addends.astype(object)
            totals = reduced(np.add, addends, offsets, 0)
            open_ended = reduced(np.maximum, endless, offsets, False)
        lists = self.inner.source
        assert lists is not None
        states = lists.column(chunk).states
        if states is not None:
            unknown = states != KNOWN
            totals = np.where(unknown, self.otherwise or 0, totals)
            open_ended = np.where(unknown, self.otherwise is None, open_ended)
        return Exact(totals, denominator, open_ended.astype(np.uint8) if open_ended.any() else None)


class NotKnown(Node):
    """`FALSE` where a collection is known, else `UNKNOWN`."""

    def __init__(self, frame: Frame, operand: Node) -> None:
        super().__init__(frame)
        self.operand = operand

    def compute(self, chunk: Chunk) -> Any:
        column = self.operand.column(chunk)
        if isinstance(column, Codes):
            table = [UNKNOWN if v is None or v is ABSENT else FALSE for v in column.domain.values]
            return np.array(table or [FALSE], np.uint8).take(column.index)
        if column.states is None:
            return np.full(self.frame.rows(chunk), FALSE, np.uint8)
        return (column.states != KNOWN).astype(np.uint8)
