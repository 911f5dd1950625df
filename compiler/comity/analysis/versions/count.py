"""How many inputs lie in a box: every cell has a size, where its values can be counted.

A member of an enum, a day between two cuts, a whole number between two bounds are so many values. Money, codes and
texts have no end; there only cells can be counted, the cases that the rules tell apart, and a share of those is an
estimate of the share of inputs. Example: the box `destination in {RU, BY}, date < 2022-02-24` of an export with no
other facts has two destinations times the days before; with an amount beside it, two cells of destinations times one
of days times the cells of the amount.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from comity.analysis import limits
from comity.analysis.space.axes import FiniteAxis, LineAxis, bits
from comity.analysis.space.boxes import Box, Budget, OutOfBudget, disjoint, subtract
from comity.analysis.space.facts import THERE
from comity.analysis.space.formulas import Axis
from comity.analysis.space.space import Space
from comity.runtime.light import dataclass
from comity.runtime.types import (
    AbsentType,
    BoolType,
    DateType,
    EnumType,
    Field,
    PlaceType,
    RecordType,
    SetType,
    Type,
)

DAYS = date.max.toordinal()
"""Number of days in the calendar (0001-01-01 to 9999-12-31)."""


@dataclass(frozen=True, slots=True)
class Amount:
    """``cells``: cases that the rules tell apart. ``inputs``: None where they cannot be counted."""

    cells: int
    inputs: int | None

    def __add__(self, other: Amount) -> Amount:
        inputs = None if self.inputs is None or other.inputs is None else self.inputs + other.inputs
        return Amount(self.cells + other.cells, inputs)


NOTHING = Amount(0, 0)


class Counter:
    """Counts inputs of one study, by the facts that matter: ``matter`` are the numbers of their axes."""

    def __init__(self, space: Space, matter: Iterable[int], fields: Iterable[Field]) -> None:
        self.space = space
        fields = list(fields)
        self._names = {declared.name for declared in fields}
        # The search adds to what is impossible; counts would no longer add up if what they leave out grew meanwhile.
        self._impossible = list(space.impossible)
        matter = {*matter, *(axis for box in self._impossible for axis in box)}
        self.matter = sorted(matter)
        self.facts = {number: _cell_sizes(space.axes[number]) for number in self.matter if not self.made(number)}
        told = {space.axes[number].path for number in self.facts}
        self.beside = _product(_domain(field.type, field.optional, (field.name,), told) for field in fields)
        """In how many ways the facts that do not matter can stand beside those that do; None: without end."""

    def made(self, number: int) -> bool:
        """The axis is not a fact of the record by itself (but a sum, a finding of counsel, the day of an undated
        record, …), so its values are not counted, and not every cell need have an input.
        """
        space = self.space
        path = space.axes[number].path
        return (
            (bool(path) and path[0] not in self._names)
            or number in space.recipes
            or number in space.element_atoms
            or number in space.opaque
            or space.axes[number].owner is not None
        )

    def amount(self, box: Box) -> Amount:
        """What one box holds. It must not meet what is impossible."""
        cells = 1
        for number in self.matter:
            cells *= box.get(number, self.space.full[number]).bit_count()
        if any(self.made(number) for number in box):
            return Amount(cells, None)
        full = self.space.full
        return Amount(cells, _product(_sum(s, box.get(number, full[number])) for number, s in self.facts.items()))

    def possible(self, box: Box, budget: Budget) -> list[Box]:
        """``box`` without what is impossible, in disjoint parts; raises OutOfBudget."""
        return without([box], self._impossible, self.space.full, budget)

    def total(self) -> Amount | None:
        """All inputs; None where going through them takes too long."""
        try:
            parts = self.possible({}, Budget(limits.current.count_steps))
        except OutOfBudget:
            return None
        return sum(map(self.amount, parts), NOTHING)


def without(boxes: list[Box], holes: Iterable[Box], full: Sequence[int], budget: Budget) -> list[Box]:
    """``boxes``, which are disjoint, without ``holes``: disjoint again."""
    for hole in holes:
        left: list[Box] = []
        for box in boxes:
            if disjoint(box, hole):
                left.append(box)
            else:
                for part in subtract(box, hole, full):
                    budget.spend()
                    left.append(part)
        boxes = left
    return boxes


def _cell_sizes(axis: Axis) -> list[int | None]:
    """How many values each cell has (bit by bit), None without end."""
    cells = axis.values.bit_length()
    special: list[int | None] = [1] * (axis.full.bit_length() - cells)
    match axis:
        case FiniteAxis(members=members):
            return [None if THERE in members else 1] * cells + special
        case LineAxis() if axis.whole:
            sizes: list[int | None] = []
            for cell in range(cells):
                low, high = axis.stretch(cell)
                sizes.append(None if low is None or high is None else int(high[0] - low[0]))
            return sizes + special
        case _:
            return [None] * cells + special


def _sum(sizes: Sequence[int | None], mask: int) -> int | None:
    total = 0
    for bit in bits(mask):
        size = sizes[bit]
        if size is None:
            return None
        total += size
    return total


def _product(sizes: Iterable[int | None]) -> int | None:
    total = 1
    for size in sizes:
        if size is None:
            return None
        total *= size
    return total


def _domain(kind: Type, optional: bool, path: tuple[str, ...], told: set[tuple[str, ...]]) -> int | None:
    """How many values the facts at and below a path have that no axis in ``told`` speaks of."""
    if path in told:
        return 1
    size: int | None
    match kind:
        case AbsentType(element=element):
            size = _domain(element, False, path, told)
            size = None if size is None else size + 1
        case RecordType(fields=fields):
            size = _product(_domain(f.type, f.optional, (*path, f.name), told) for f in fields)
        case BoolType():
            size = 2
        case EnumType(members=members):
            size = len(members)
        case PlaceType(countries=countries, zones=zones):
            size = len(countries) + len(zones)
        case DateType():
            size = DAYS
        case SetType(element=element):
            inner = _domain(element, False, (), set())
            size = None if inner is None or inner > 64 else 2**inner
        case _:
            size = None
    return size + 1 if size is not None and optional else size
