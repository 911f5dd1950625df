"""An index of boxes: bit i of a big int stands for box i.

Two boxes meet iff they meet on every axis. So for each axis and mask there is a bitmap of the boxes that admit some of
it (those that do not constrain the axis included), and the boxes that meet a box are the conjunction of the bitmaps of
its axes. On a line, whose cells are many, an interval meets the boxes that start before it ends and end after it
starts: two prefix bitmaps.
"""

from __future__ import annotations

from collections.abc import Sequence

from comity.analysis.axes import Axis, LineAxis, bits
from comity.analysis.boxes import Box


class Index:
    """Boxes by what they admit. ``boxes`` are the entries: a box with holes on a line stands as several."""

    def __init__(self, axes: Sequence[Axis], boxes: Sequence[tuple[Box, int]]) -> None:
        self.boxes: list[Box] = []
        self.owners: list[int] = []
        lines = {axis.number for axis in axes if isinstance(axis, LineAxis)}
        for box, owner in boxes:
            for piece in _without_holes(box, lines, axes):
                self.boxes.append(piece)
                self.owners.append(owner)
        self.all = (1 << len(self.boxes)) - 1
        by_axis: dict[int, dict[int, int]] = {}
        constrained: dict[int, int] = {}
        for number, box in enumerate(self.boxes):
            bit = 1 << number
            for axis, mask in box.items():
                groups = by_axis.setdefault(axis, {})
                groups[mask] = groups.get(mask, 0) | bit
        for axis, groups in by_axis.items():
            everyone = 0
            for bitmap in groups.values():
                everyone |= bitmap
            constrained[axis] = everyone
        self.rows = {
            axis: (_LineRows if axis in lines else _Rows)(axes[axis], groups, self.all & ~constrained[axis])
            for axis, groups in by_axis.items()
        }

    def meeting(self, box: Box) -> int:
        """The boxes that share a point with ``box``."""
        found = self.all
        rows = self.rows
        for axis, mask in box.items():
            row = rows.get(axis)
            if row is not None:
                found &= row.meeting(mask)
                if not found:
                    break
        return found

    def owned(self, bitmap: int) -> set[int]:
        """The owners of the boxes in a bitmap."""
        return {self.owners[number] for number in bits(bitmap)}


class _Rows:
    """The boxes that admit each cell of one axis."""

    def __init__(self, axis: Axis, groups: dict[int, int], free: int) -> None:
        self.free = free
        cells = [free] * axis.full.bit_length()
        for mask, bitmap in groups.items():
            for cell in bits(mask):
                cells[cell] |= bitmap
        self.cells = cells
        self.known: dict[int, int] = {}

    def meeting(self, mask: int) -> int:
        if not mask & (mask - 1):
            return self.cells[mask.bit_length() - 1]
        row = self.known.get(mask)
        if row is None:
            row = self.free
            for cell in bits(mask):
                row |= self.cells[cell]
            self.known[mask] = row
        return row


class _LineRows:
    """Boxes by stretches of a line: ``starts[k]`` start at or before cell k, ``ends[k]`` end at or after it."""

    def __init__(self, axis: Axis, groups: dict[int, int], free: int) -> None:
        self.free = free
        self.values = axis.values
        self.special = {bit: 0 for bit in (axis.absent, axis.unknown) if bit}
        size = axis.values.bit_length()
        starting, ending = [0] * size, [0] * size
        for mask, bitmap in groups.items():
            for bit in self.special:
                if mask & bit:
                    self.special[bit] |= bitmap
            cells = mask & self.values
            if cells:
                starting[(cells & -cells).bit_length() - 1] |= bitmap
                ending[cells.bit_length() - 1] |= bitmap
        for cell in range(1, size):
            starting[cell] |= starting[cell - 1]
            ending[size - cell - 1] |= ending[size - cell]
        self.starts, self.ends = starting, ending
        self.known: dict[int, int] = {}

    def meeting(self, mask: int) -> int:
        row = self.known.get(mask)
        if row is None:
            row = self.free
            for bit, bitmap in self.special.items():
                if mask & bit:
                    row |= bitmap
            for low, high in runs(mask & self.values):
                row |= self.starts[high] & self.ends[low]
            self.known[mask] = row
        return row


def runs(mask: int) -> list[tuple[int, int]]:
    """The maximal stretches of neighbouring cells, as first and last cell."""
    found = []
    while mask:
        low = (mask & -mask).bit_length() - 1
        length = (~(mask >> low) & ((mask >> low) + 1)).bit_length() - 1
        found.append((low, low + length - 1))
        mask &= ~(((1 << length) - 1) << low)
    return found


def _without_holes(box: Box, lines: set[int], axes: Sequence[Axis]) -> list[Box]:
    """The box, cut so that its values on every line are one stretch (absent and unknown go with the first)."""
    pieces = [box]
    for axis, mask in box.items():
        if axis in lines:
            values = mask & axes[axis].values
            stretches = runs(values)
            if len(stretches) > 1:
                parts = [((1 << high - low + 1) - 1) << low for low, high in stretches]
                parts[0] |= mask & ~values
                pieces = [{**piece, axis: part} for piece in pieces for part in parts]
    return pieces
