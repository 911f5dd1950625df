"""Which rules of a decision may apply, found by looking facts up instead of evaluating every rule.

For each fact that tells rules apart (a code, a country, a day) a package has an `Axis`: from the value of the fact to
two masks, the rules that it leaves possible and those that it leaves in doubt. The first masks of all facts, `and`ed,
are the rules that may apply; the second, `or`ed, those of which it is not known. Only the conditions of rules that are
possible are evaluated, and only where facts looked up do not say it all.

Two rules, `destination in {RU, BY} and listed` and `destination == RU and value > 5_000 USD`, with `listed` unknown:

    destination BY   possible 01   in doubt 00
    listed unknown   possible 11   in doubt 01     (the second rule does not ask)
    value 9_000      possible 11   in doubt 00
    together         possible 01   in doubt 01     the first rule is unknown, the second false
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from .kleene import Truth
from .rules import Mask, mask_of

Masks: TypeAlias = tuple[Mask, Mask]
"""Rules that one fact leaves possible, and those of them that it leaves in doubt."""

Numbers: TypeAlias = Sequence[int]
Cells: TypeAlias = Mapping[Any, Numbers]

_MOST_VALUES = 20_000
"""Maximum number of values of one fact that an axis caches; values share rows, so each costs a dict entry."""


class Axis(dict[Any, Masks]):
    """Rules by the value of one fact: ``axis[value]``. Rows are made when a value is first seen.

    ``size``: the number of rules. ``held``: rules that hold for values without a cell, where ``asked`` are all that
    read the fact; the others are indifferent to it. ``true``, ``false``, ``unknown``: by cell, the rules that are so
    there though they are not for values without a cell. ``blank``: where the fact is unknown, the rules that are true
    and those that are false nevertheless.
    """

    __slots__ = ("_elements", "_kept", "_masks", "all", "asked", "blank", "cells", "false", "held", "true", "unknown")

    def __init__(
        self,
        size: int,
        asked: Numbers,
        held: Numbers = (),
        *,
        true: Cells = {},  # noqa: B006 - only read
        false: Cells = {},  # noqa: B006
        unknown: Cells = {},  # noqa: B006
        blank: tuple[Numbers, Numbers] = ((), ()),
    ) -> None:
        super().__init__()
        self.all = (1 << size) - 1
        self.asked = asked
        self.held = held
        self.true = true
        self.false = false
        self.unknown = unknown
        self.blank = blank
        self.cells: dict[Any, Masks] = {}
        self._masks: Masks | None = None
        self._elements: dict[Any, Masks] = {}
        self._kept: dict[int, tuple[Numbers, Mask]] = {}

    @property
    def masks(self) -> Masks:
        """The masks of ``asked`` and ``held``, made when they are first wanted: they may have thousands of bits."""
        if self._masks is None:
            self._masks = mask_of(self.asked), mask_of(self.held)
        return self._masks

    def __missing__(self, value: Any) -> Masks:
        cell = self.cell(value)
        found = self.cells.get(cell)
        if found is None:
            found = self.cells[cell] = self.row(cell)
        if len(self) > _MOST_VALUES:
            self.clear()
        self[value] = found
        return found

    def cell(self, value: Any) -> Any:
        """The key of the cell that ``value`` lies in."""
        return value

    def mask(self, cells: Cells, cell: Any) -> Mask:
        """The rules that stand for a cell. Cells share their rows, whose masks are kept."""
        numbers = cells.get(cell)
        if not numbers:
            return 0
        kept = self._kept.get(id(numbers))
        if kept is None:
            kept = self._kept[id(numbers)] = numbers, mask_of(numbers)  # with the row, whose identity stays its own
        return kept[1]

    def row(self, cell: Any) -> Masks:
        asked, held = self.masks
        if cell is None:
            true, false = self.blank
            return self.all & ~mask_of(false), asked & ~mask_of(true) & ~mask_of(false)
        doubtful = self.mask(self.unknown, cell)
        held = held & ~self.mask(self.false, cell) | self.mask(self.true, cell)
        return self.all & ~asked | held | doubtful, doubtful


class CodeAxis(Axis):
    """An axis of codes: ``3A001`` is the cell of that entry itself, ``3A001.`` of every paragraph below it."""

    __slots__ = ()

    def cell(self, value: Any) -> Any:
        if value is None:
            return None
        true, false, unknown = self.true, self.false, self.unknown
        if value in true or value in false or value in unknown:
            return value
        while True:
            value = value.rpartition(".")[0]
            if not value:
                return ""
            below = value + "."
            if below in true or below in false or below in unknown:
                return below


class SetAxis(Axis):
    """An axis of sets, whose cells are their elements: a rule is true (or false) of a set if it is so of an element."""

    def __missing__(self, value: Any) -> Masks:
        """Sets are mostly new, so what their elements say is kept, and nothing but that is worked out."""
        if value is None:
            return super().__missing__(None)
        known = self._elements
        asked, held = self.masks
        true = false = 0
        for element in value:
            says = known.get(element)
            if says is None:
                says = known[element] = self.mask(self.true, element), self.mask(self.false, element)
            true |= says[0]
            false |= says[1]
        if len(self) > _MOST_VALUES:
            self.clear()
        self[value] = found = self.all & ~asked | held & ~false | true, 0
        return found


class StepAxis(Axis):
    """An axis of numbers or days: cells are the ``steps`` and the stretches between them, numbered upwards.

    Cell ``2 * n`` lies below step ``n``, cell ``2 * n + 1`` is that step. ``changes``: by cell, the rules that turn
    from false to true or back where it begins; a cell has the changes of all cells up to it.
    """

    __slots__ = ("changes", "steps")

    def __init__(
        self,
        size: int,
        asked: Numbers,
        held: Numbers,
        steps: Sequence[Any],
        changes: Mapping[int, Numbers],
        blank: tuple[Numbers, Numbers] = ((), ()),
    ) -> None:
        super().__init__(size, asked, held, blank=blank)
        self.steps = steps
        self.changes = changes

    def cell(self, value: Any) -> Any:
        return None if value is None else bisect_left(self.steps, value) + bisect_right(self.steps, value)

    def row(self, cell: Any) -> Masks:
        if cell is None:
            return super().row(None)
        asked, held = self.masks
        for start, numbers in self.changes.items():
            if start > cell:
                break
            held ^= mask_of(numbers)
        return self.all & ~asked | held, 0


def cells_of(numbered: Mapping[Any, int], rows: Sequence[Numbers]) -> Cells:
    """Cells that share their rows."""
    return {cell: rows[number] for cell, number in numbered.items()}


def remaining(
    possible: Mask, doubtful: Mask, coded: Mask, conditions: Mapping[int, Callable[..., Truth]], *given: object
) -> tuple[Mask, Mask]:
    """The rules whose own condition is true, and unknown.

    ``possible``, ``doubtful``: what facts looked up leave. ``coded``: rules whose condition is to be evaluated besides,
    with ``given``, in their order: the first that raises an error is the one that the decision raises.
    """
    left = possible & coded
    numbers = []
    while left:
        number = left.bit_length() - 1
        left ^= 1 << number
        numbers.append(number)
    false = 0
    for number in reversed(numbers):
        truth = conditions[number](*given)
        if not truth:
            if truth is False:
                false |= 1 << number
            else:
                doubtful |= 1 << number
    return truths(possible ^ false if false else possible, doubtful)


def truths(possible: Mask, doubtful: Mask) -> tuple[Mask, Mask]:
    """The rules that are true, and those that are unknown."""
    return (possible & ~doubtful, possible & doubtful) if doubtful else (possible, 0)


def asked_all(conditions: Sequence[Callable[..., Truth]], *given: object) -> tuple[Mask, Mask]:
    """The rules whose own condition is true, and unknown, where all of the few rules are evaluated."""
    true = unknown = 0
    bit = 1
    for condition in conditions:
        truth = condition(*given)
        if truth:
            true |= bit
        elif truth is None:
            unknown |= bit
        bit <<= 1
    return true, unknown
