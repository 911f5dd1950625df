"""An index of boxes: bit i of a big int stands for box i.

Two boxes meet iff they meet on every axis, and one holds another iff it does so on every axis. So for each axis and
mask there is a bitmap of the boxes that admit some of it, and one of those that admit all of it (the boxes that do not
constrain the axis included), and the answer for a box is the conjunction over its axes. On a line, whose cells are
many, a stretch meets the boxes that start before it ends and end after it starts: two prefix bitmaps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from comity.analysis.axes import Axis, LineAxis, bits
from comity.analysis.boxes import Box


class Index:
    """Boxes by what they admit, and by the owner of each.

    The first box of owner n is number n, so that a bitmap of boxes is nearly a bitmap of owners; further boxes of an
    owner come after those of all owners.
    """

    def __init__(self, axes: Sequence[Axis], boxes: Iterable[tuple[Box, int]], owners: int) -> None:
        self.first = (1 << owners) - 1
        self.more: list[int] = []
        """The owners of the boxes from number ``owners`` on."""
        self.all = 0
        by_axis: dict[int, dict[int, int]] = {}
        for box, owner in boxes:
            bit = 1 << owner
            if self.all & bit:
                bit = 1 << owners + len(self.more)
                self.more.append(owner)
            self.all |= bit
            for axis, mask in box.items():
                groups = by_axis.setdefault(axis, {})
                groups[mask] = groups.get(mask, 0) | bit
        self.rows: dict[int, Row] = {}
        for axis, groups in by_axis.items():
            constrained = 0
            for bitmap in groups.values():
                constrained |= bitmap
            row = _LineRow if isinstance(axes[axis], LineAxis) else Row
            self.rows[axis] = row(axes[axis], groups, self.all & ~constrained)

    def meeting(self, box: Box) -> int:
        """The boxes that share a point with ``box``."""
        return self._all(box, lambda row, mask: row.meeting(mask))

    def holding(self, box: Box) -> int:
        """The boxes in which all of ``box`` lies."""
        found = self._all(box, lambda row, mask: row.holding(mask))
        for axis, row in self.rows.items():
            if axis not in box:
                found &= row.free
        return found

    def _all(self, box: Box, test: Callable[[Row, int], int]) -> int:
        found = self.all
        rows = self.rows
        for axis, mask in box.items():
            row = rows.get(axis)
            if row is not None:
                found &= test(row, mask)
                if not found:
                    break
        return found

    def owned(self, bitmap: int) -> int:
        """The owners of the boxes in a bitmap, as a bitmap."""
        found = bitmap & self.first
        rest = bitmap >> self.first.bit_length()
        for number in bits(rest):
            found |= 1 << self.more[number]
        return found

    def entries(self) -> list[int]:
        """For each owner the bitmap of its boxes."""
        owners = self.first.bit_length()
        found = [self.all & 1 << owner for owner in range(owners)]
        for number, owner in enumerate(self.more):
            found[owner] |= 1 << owners + number
        return found


class Row:
    """The boxes by what they admit of one axis. ``free``: those that admit all."""

    def __init__(self, axis: Axis, groups: Mapping[int, int], free: int) -> None:
        self.free = free
        cells = [free] * axis.full.bit_length()
        for mask, bitmap in groups.items():
            for cell in bits(mask):
                cells[cell] |= bitmap
        self.cells = cells
        self.known: dict[int, int] = {}
        self.known_holding: dict[int, int] = {}

    def meeting(self, mask: int) -> int:
        """The boxes that admit some cell of a mask."""
        if not mask & (mask - 1):
            return self.cells[mask.bit_length() - 1]
        found = self.known.get(mask)
        if found is None:
            found = 0
            for cell in bits(mask):
                found |= self.cells[cell]
            self.known[mask] = found
        return found

    def holding(self, mask: int) -> int:
        """The boxes that admit every cell of a mask."""
        if not mask & (mask - 1):
            return self.cells[mask.bit_length() - 1]
        found = self.known_holding.get(mask)
        if found is None:
            found = -1
            for cell in bits(mask):
                found &= self.cells[cell]
            self.known_holding[mask] = found
        return found


class _LineRow(Row):
    """``starts[k]``: the stretches that start at or before cell k; ``ends[k]``: those that end at or after it.

    What has holes, or is no stretch of values at all, is looked at one by one.
    """

    def __init__(self, axis: Axis, groups: Mapping[int, int], free: int) -> None:
        self.free = free
        self.values = axis.values
        self.special = {bit: free for bit in (axis.absent, axis.unknown) if bit}
        size = axis.values.bit_length()
        starting, ending = [0] * size, [0] * size
        self.holed: list[tuple[int, int]] = []
        for mask, bitmap in groups.items():
            for bit in self.special:
                if mask & bit:
                    self.special[bit] |= bitmap
            stretches = runs(mask & self.values)
            if len(stretches) == 1:
                low, high = stretches[0]
                starting[low] |= bitmap
                ending[high] |= bitmap
            elif stretches:
                self.holed.append((mask & self.values, bitmap))
        for cell in range(1, size):
            starting[cell] |= starting[cell - 1]
            ending[size - cell - 1] |= ending[size - cell]
        self.starts, self.ends = starting, ending
        self.known: dict[int, int] = {}
        self.known_holding: dict[int, int] = {}

    def meeting(self, mask: int) -> int:
        found = self.known.get(mask)
        if found is None:
            found = 0
            for bit, bitmap in self.special.items():
                if mask & bit:
                    found |= bitmap
            cells = mask & self.values
            if cells:
                found |= self.free
            for low, high in runs(cells):
                found |= self.starts[high] & self.ends[low]
            for admitted, bitmap in self.holed:
                if admitted & cells:
                    found |= bitmap
            self.known[mask] = found
        return found

    def holding(self, mask: int) -> int:
        found = self.known_holding.get(mask)
        if found is None:
            found = -1
            for bit, bitmap in self.special.items():
                if mask & bit:
                    found &= bitmap
            cells = mask & self.values
            if cells:
                low, high = (cells & -cells).bit_length() - 1, cells.bit_length() - 1
                held = self.free | self.starts[low] & self.ends[high]
                for admitted, bitmap in self.holed:
                    if not cells & ~admitted:
                        held |= bitmap
                found &= held
            self.known_holding[mask] = found
        return found


def runs(mask: int) -> list[tuple[int, int]]:
    """The maximal stretches of neighbouring cells, as first and last cell."""
    found = []
    while mask:
        low = (mask & -mask).bit_length() - 1
        length = (~(mask >> low) & ((mask >> low) + 1)).bit_length() - 1
        found.append((low, low + length - 1))
        mask &= ~(((1 << length) - 1) << low)
    return found
