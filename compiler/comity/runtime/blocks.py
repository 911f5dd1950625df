"""Rules of a large decision in blocks, so that what a fact says of thousands of rules is a number of few bits.

Each rule is *at home* on the axis (`dispatch`) that leaves it possible for the fewest values: most rules of an export
control policy on that of the code. The rules at home there that one value leaves possible are a block: those that speak
of `3A001`. What another fact says of a block is a row of two bits for each of its rules, possible and sure; rows of all
facts, `and`ed, are the rules that may apply, and whether that is known:

    block of 3A001           rules 7 and 4021        possible 11  sure 11
    destination RU           rule 7 false            possible 10  sure 11
    us_content unknown       rule 4021 asks          possible 11  sure 01
    together                                         possible 10  sure 01    rule 4021 is unknown

A package makes blocks and rows when a value is first met, of the axes that it has anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from .dispatch import Axis, Numbers
from .kleene import Truth
from .resolve import resolve_masks
from .rules import Mask, Ruleset, bits, mask_of, union

_MOST_KEPT = 20_000
"""The most values, of one fact, and the most combinations of rules that are remembered."""


class Block:
    """``rules``: their numbers, ascending. ``coded``: the bits of those whose condition is to be evaluated besides.

    A block is itself only: it is part of keys, which must be quick to hash.
    """

    __slots__ = ("all", "coded", "mask", "places", "rules")

    def __init__(self, rules: tuple[int, ...], coded: Mask) -> None:
        self.rules = rules
        self.mask = mask_of(rules)
        self.all = (1 << len(rules)) - 1
        self.places = {rule: 1 << place for place, rule in enumerate(rules)}
        self.coded = self.narrow(coded)

    def row(self, masks: tuple[Mask, Mask]) -> Mask:
        """Rules that are possible in the low bits, sure ones in the high bits."""
        possible, doubtful = masks
        return self.narrow(possible) | (self.all & ~self.narrow(doubtful)) << len(self.rules)

    def narrow(self, mask: Mask) -> Mask:
        """Those of a mask of rules that are in the block, by their place in it."""
        here = mask & self.mask
        if not here:
            return 0
        missing = here ^ self.mask
        if not missing:
            return self.all
        if here.bit_count() > missing.bit_count():
            return self.all ^ union(self.places[rule] for rule in bits(missing))
        return union(self.places[rule] for rule in bits(here))


class Rows(dict[Any, Mask]):
    """What one axis says of a block, by the value of its fact."""

    __slots__ = ("_axis", "_block", "_cells")

    def __init__(self, axis: Axis, block: Block) -> None:
        super().__init__()
        self._axis = axis
        self._block = block
        self._cells: dict[Any, Mask] = {}

    def __missing__(self, value: Any) -> Mask:
        cell = self._axis.cell(value)
        row = self._cells.get(cell)
        if row is None:
            row = self._cells[cell] = self._block.row(self._axis[value])
        if len(self) >= _MOST_KEPT:
            self.clear()
        self[value] = row
        return row


Found: TypeAlias = tuple[Any, ...]
"""A block, the bits of its rules, those of its coded rules, what its own axis says of it, the rows of other axes."""


class Blocks(dict[Any, Found]):
    """The blocks of one axis, by the value of its fact.

    ``home``: the rules at home on it. ``others``: the axes that these ask, in the order in which their rows are read.
    """

    __slots__ = ("_axis", "_cells", "_coded", "_home", "_others", "_rules")

    def __init__(self, axis: Axis, home: Numbers, others: Sequence[Axis], coded: Mask) -> None:
        super().__init__()
        self._axis = axis
        self._home: Mask | None = None
        self._rules = home
        self._others = others
        self._coded = coded
        self._cells: dict[Any, Found] = {}

    def __missing__(self, value: Any) -> Found:
        if self._home is None:
            self._home = mask_of(self._rules)
        cell = self._axis.cell(value)
        found = self._cells.get(cell)
        if found is None:
            masks = self._axis[value]
            block = Block(tuple(bits(masks[0] & self._home)), self._coded)
            found = self._cells[cell] = found_of(block, block.row(masks), self._others)
        if len(self) >= _MOST_KEPT:
            self.clear()
        self[value] = found
        return found


def found_of(block: Block, row: Mask, others: Sequence[Axis]) -> Found:
    return (block, block.all, block.coded, row, *(Rows(axis, block) for axis in others))


def homeless(rules: Numbers, axes: Sequence[Axis], coded: Mask) -> Found:
    """The block of the rules that are at home nowhere."""
    block = Block(tuple(rules), coded)
    return found_of(block, block.row((block.mask, 0)), axes)


def asked(of: Block, row: Mask, conditions: Mapping[int, Callable[..., Truth]], *given: object) -> Mask:
    """The row of a block after its coded rules that are possible have been evaluated with ``given``."""
    size = len(of.rules)
    for place in bits(row & of.coded):
        truth = conditions[of.rules[place]](*given)
        if truth is None:
            row &= ~(1 << size + place)
        elif not truth:
            row &= ~(1 << place)
    return row


class Outcomes(dict[tuple[Any, ...], "str | None"]):
    """The outcome by what holds: blocks and their rows by turns, None and 0 where nothing of a block is left.

    None where the rules give no outcome, or it is open.
    """

    __slots__ = ("_ruleset",)

    def __init__(self, ruleset: Callable[[], Ruleset]) -> None:
        super().__init__()
        self._ruleset = ruleset

    def __missing__(self, held: tuple[Any, ...]) -> str | None:
        true = unknown = 0
        for of, row in zip(held[::2], held[1::2], strict=True):
            rules = () if of is None else of.rules
            size = len(rules)
            for place in bits(row & (1 << size) - 1):
                if row >> size + place & 1:
                    true |= 1 << rules[place]
                else:
                    unknown |= 1 << rules[place]
        said = resolve_masks(self._ruleset(), true, unknown, needs=False, statuses=False)
        if len(self) >= _MOST_KEPT:
            self.clear()
        self[held] = said.outcome
        return said.outcome


__all__ = ["Blocks", "Outcomes", "asked", "homeless"]
