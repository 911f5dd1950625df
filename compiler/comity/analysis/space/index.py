"""An index of boxes: bit i of a big int stands for box i.

Two boxes meet iff they meet on every axis, and one holds another iff it does so on every axis. So for each axis and
mask there is a bitmap of the boxes that admit some of it, and one of those that admit all of it (the boxes that do not
constrain the axis included), and the answer for a box is the conjunction over its axes. On a line, whose cells are
many, a stretch meets the boxes that start before it ends and end after it starts: two prefix bitmaps.

Example: of boxes 0 (`{RU}`), 1 (`{RU, BY}`) and 2 (any destination), those that admit BY are 0b110; the boxes that
meet `destination == BY, value > 5_000` are that mask *and* the mask of those that admit such a value.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from comity.analysis import limits
from comity.analysis.space.axes import LineAxis, bits
from comity.analysis.space.boxes import Box, Budget
from comity.analysis.space.formulas import Axis
from comity.runtime.rules import mask_of, union


class Index:
    """Boxes by what they admit, and by the owner of each.

    The first box of owner n is number n, so that a bitmap of boxes is nearly a bitmap of owners; further boxes of the
    owners come after those of all, in their order.
    """

    def __init__(self, axes: Sequence[Axis], boxes: Iterable[tuple[Box, int]], owners: int) -> None:
        self._axes = axes
        self.first = (1 << owners) - 1
        self.boxes: dict[int, Box] = {}
        self.more: list[int] = []
        """The owners of the boxes from number ``owners`` on."""
        self.all = 0
        by_axis: dict[int, dict[int, int]] = {}
        for box, owner in boxes:
            number = owner
            if owner in self.boxes:
                number = owners + len(self.more)
                self.more.append(owner)
            self.boxes[number] = box
            bit = 1 << number
            self.all |= bit
            for axis, mask in box.items():
                groups = by_axis.setdefault(axis, {})
                groups[mask] = groups.get(mask, 0) | bit
        self.rows: dict[int, Row] = {}
        for axis, groups in sorted(by_axis.items()):
            constrained = 0
            for bitmap in groups.values():
                constrained |= bitmap
            row = _LineRow if isinstance(axes[axis], LineAxis) else Row
            self.rows[axis] = row(axes[axis], groups, self.all & ~constrained)

    def replace(self, owner: int, boxes: Sequence[Box]) -> None:
        """Put other boxes in the places of an owner's."""
        for _ in range(len(self._numbers(owner)), len(boxes)):
            self._add(owner)
        for _ in range(len(boxes), len(self._numbers(owner))):
            self._drop(self._numbers(owner)[-1])
        for number, box in zip(self._numbers(owner), boxes, strict=True):
            self._move(number, box)
        self.rows = {axis: self.rows[axis] for axis in sorted(self.rows) if self.all & ~self.rows[axis].free}

    def _numbers(self, owner: int) -> list[int]:
        """The numbers of an owner's boxes."""
        owners, first = self.first.bit_length(), [owner] if owner in self.boxes else []
        return first + [owners + n for n in range(bisect_left(self.more, owner), bisect_right(self.more, owner))]

    def _move(self, number: int, box: Box) -> None:
        before = self.boxes[number]
        for axis in {**before, **box}:
            old, new = before.get(axis), box.get(axis)
            if old != new:
                if axis not in self.rows:
                    line = isinstance(self._axes[axis], LineAxis)
                    self.rows[axis] = (_LineRow if line else Row)(self._axes[axis], {}, self.all)
                self.rows[axis].move(1 << number, old, new)
        self.boxes[number] = box

    def _add(self, owner: int) -> None:
        """Give an owner one box more, which admits everything."""
        number = owner
        if owner in self.boxes:
            place = bisect_right(self.more, owner)
            self.more.insert(place, owner)
            number = self.first.bit_length() + place
            self._renumber(lambda bitmap: bitmap >> number << number + 1 | bitmap & ((1 << number) - 1))
            self.boxes = {n + (n >= number): box for n, box in self.boxes.items()}
        self._turn(1 << number)
        self.boxes[number] = {}

    def _drop(self, number: int) -> None:
        """Take away a box, the last one of its owner."""
        self._move(number, {})
        self._turn(1 << number)
        del self.boxes[number]
        place = number - self.first.bit_length()
        if place >= 0:
            del self.more[place]
            self._renumber(lambda bitmap: bitmap >> number + 1 << number | bitmap & ((1 << number) - 1))
            self.boxes = {n - (n > number): box for n, box in self.boxes.items()}

    def _turn(self, bit: int) -> None:
        """A box that admits everything comes or goes."""
        self.all ^= bit
        for row in self.rows.values():
            row.turn(bit)

    def _renumber(self, change: Callable[[int], int]) -> None:
        self.all = change(self.all)
        for row in self.rows.values():
            row.renumber(change)
        self.__dict__.pop("_more", None)

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

    def outside(self, region: Box, covers: int, full: Sequence[int], budget: Budget) -> Box | None:
        """A box within ``region`` that meets none of the boxes in the bitmap ``covers``; None if there is none.

        All of ``covers`` must meet the region.

        `boxes.outside`, on all boxes at once: which of them the region sticks out of, and along how many axes, is
        counted in bitmaps.
        """
        # No box is all cells of an axis, so one that constrains the axis does not hold an unbounded region.
        held = {axis: row.holding(region[axis]) if axis in region else row.free for axis, row in self.rows.items()}
        return self._outside(region, covers, held, full, budget)

    def _outside(
        self, region: Box, live: int, held: Mapping[int, int], full: Sequence[int], budget: Budget
    ) -> Box | None:
        """``live``: the covers that meet the region. ``held``: for each axis, the boxes that hold it there."""
        budget.spend()
        region, held = region.copy(), {**held}
        while live:
            once = twice = more = 0
            sticking: list[tuple[int, int]] = []
            for axis, boxes in held.items():
                out = live & ~boxes
                if out:
                    more |= twice & out
                    twice |= once & out
                    once |= out
                    sticking.append((axis, out))
            if live & ~once:
                return None  # a cover holds the region
            units = once & ~twice
            if not units:
                break
            for axis, out in sticking:
                here = units & out
                if here:
                    left = self._beyond(axis, region.get(axis, full[axis]), here)
                    if not left:
                        return None
                    region[axis] = left
                    live, held[axis] = self._along(axis, left, live & ~here)
        if not live:
            return region
        choice = twice & ~more or live
        cover = self.boxes[(choice & -choice).bit_length() - 1]
        # First along the axis where fewest cells are left outside: on few cells other covers say the most.
        ways = [(region.get(axis, full[axis]), axis, mask) for axis, mask in cover.items()]
        for own, axis, mask in sorted(ways, key=lambda way: (way[0] & ~way[2]).bit_count()):
            if own & ~mask:
                for side in (own & ~mask, own & mask):
                    part = {**region, axis: side}
                    near, holding = self._along(axis, side, live)
                    around = {**held, axis: holding}
                    if side & ~mask:
                        found = self._outside(part, near, around, full, budget)
                        if found is not None:
                            return found
                region, live, held = part, near, around
        return None

    def _beyond(self, axis: int, mask: int, boxes: int) -> int:
        """The cells of a mask that none of the boxes, which are all bounded along the axis, admits."""
        if mask.bit_count() < boxes.bit_count():
            row = self.rows[axis]
            return union(1 << cell for cell in bits(mask) if not row.at(cell) & boxes)
        covered = 0
        for number in bits(boxes):
            covered |= self.boxes[number][axis]
        return mask & ~covered

    def _along(self, axis: int, mask: int, live: int) -> tuple[int, int]:
        """The ``live`` boxes that admit some cell of a mask, and (among others) those of them that admit every one."""
        row = self.rows[axis]
        bounded = live & ~row.free
        if 2 * bounded.bit_count() > min(mask.bit_count(), limits.current.scanned_boxes):
            return live & row.meeting(mask), row.holding(mask)
        met = every = live & row.free
        for number in bits(bounded):
            admitted = self.boxes[number][axis]
            if admitted & mask:
                met |= 1 << number
                if not mask & ~admitted:
                    every |= 1 << number
        return met, every

    def owned(self, bitmap: int) -> int:
        """The owners of the boxes in a bitmap, as a bitmap."""
        found = bitmap & self.first
        rest = bitmap >> self.first.bit_length()
        for number in bits(rest):
            found |= 1 << self.more[number]
        return found

    def of(self, owners: int) -> int:
        """The boxes of owners, given as a bitmap, as a bitmap."""
        more, having = self._more
        found = owners & self.all & self.first
        for owner in bits(owners & having):
            found |= more[owner]
        return found

    @cached_property
    def _more(self) -> tuple[dict[int, int], int]:
        """The further boxes of each owner that has several, as bitmaps; and these owners."""
        more: dict[int, int] = {}
        at = self.first.bit_length()
        for owner, count in Counter(self.more).items():  # which are in the order of their owners
            more[owner] = (1 << count) - 1 << at
            at += count
        return more, mask_of(more)

    def entries(self) -> list[int]:
        """For each owner the bitmap of its boxes."""
        owners = self.first.bit_length()
        return [self.of(1 << owner) for owner in range(owners)]


WIDTHS = (8, 64, 512)
"""What a mask says of so many neighbouring cells is remembered: most masks differ from others in few places."""


class Row:
    """The boxes by what they admit of one axis. ``free``: those that admit all."""

    def __init__(self, axis: Axis, groups: Mapping[int, int], free: int) -> None:
        self.free = free
        size = axis.full.bit_length()
        wide = {mask for mask in groups if 2 * mask.bit_count() > size}
        self.cells = [union((free, *(groups[mask] for mask in wide)))] * size
        for mask, bitmap in groups.items():
            # A box has one mask, so that it is counted in, or counted out where most cells are in it.
            for cell in bits(axis.full & ~mask if mask in wide else mask):
                self.cells[cell] ^= bitmap
        self._known: list[dict[tuple[int, int], tuple[int, int]]] = [{} for _ in (*WIDTHS, 0)]

    def move(self, bit: int, old: int | None, new: int | None) -> None:
        """A box, given by its bit, admits other cells than before. None: it admits all."""
        if (old is None) is not (new is None):
            self.free ^= bit
        everything = (1 << len(self.cells)) - 1
        for cell in bits((everything if old is None else old) ^ (everything if new is None else new)):
            self.cells[cell] ^= bit
        for known in self._known:
            known.clear()

    def turn(self, bit: int) -> None:
        """A box that admits every cell, given by its bit, comes or goes."""
        self.renumber(lambda bitmap: bitmap ^ bit)

    def renumber(self, change: Callable[[int], int]) -> None:
        """Change every bitmap of boxes."""
        self.free = change(self.free)
        self.cells = [change(bitmap) for bitmap in self.cells]
        for known in self._known:
            known.clear()

    def at(self, cell: int) -> int:
        """The boxes that admit a cell."""
        return self.cells[cell]

    def meeting(self, mask: int) -> int:
        """The boxes that admit some cell of a mask."""
        if not mask & (mask - 1):
            return self.at(mask.bit_length() - 1)
        if mask.bit_count() > limits.current.scanned_cells:
            return self._both(mask, 0, len(WIDTHS))[0]
        found = 0
        for cell in bits(mask):
            found |= self.cells[cell]
        return found

    def holding(self, mask: int) -> int:
        """The boxes that admit every cell of a mask."""
        if not mask & (mask - 1):
            return self.at(mask.bit_length() - 1)
        if mask.bit_count() > limits.current.scanned_cells:
            return self._both(mask, 0, len(WIDTHS))[1]
        found = -1
        for cell in bits(mask):
            found &= self.cells[cell]
        return found

    def _both(self, mask: int, first: int, level: int) -> tuple[int, int]:
        """Both, for a mask of the cells from ``first`` on."""
        known = self._known[level]
        found = known.get((first, mask))
        if found is None:
            some, every = 0, -1
            if level == 0:
                for cell in bits(mask):
                    some |= self.cells[first + cell]
                    every &= self.cells[first + cell]
            else:
                width = WIDTHS[level - 1]
                window, at, rest = (1 << width) - 1, first, mask
                while rest:
                    if rest & window:
                        part = self._both(rest & window, at, level - 1)
                        some |= part[0]
                        every &= part[1]
                    rest >>= width
                    at += width
            if len(known) > limits.current.cached_masks:
                known.clear()
            found = known[first, mask] = some, every
        return found


class _LineRow(Row):
    """``starts[k]``: the stretches that start at or before cell k; ``ends[k]``: those that end at or after it.

    What has holes, or is not a stretch of values at all, is looked at one by one.
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
        self._single: dict[int, int] = {}

    def move(self, bit: int, old: int | None, new: int | None) -> None:
        if old is None:
            self.free &= ~bit
            for special in self.special:
                self.special[special] &= ~bit
        else:
            self._take(bit, old)
        if new is None:
            self.free |= bit
            for special in self.special:
                self.special[special] |= bit
        else:
            self._put(bit, new)
        self._single.clear()

    def turn(self, bit: int) -> None:
        self.free ^= bit
        for special in self.special:
            self.special[special] ^= bit
        self._single.clear()

    def renumber(self, change: Callable[[int], int]) -> None:
        self.free = change(self.free)
        self.special = {special: change(bitmap) for special, bitmap in self.special.items()}
        self.starts = [change(bitmap) for bitmap in self.starts]
        self.ends = [change(bitmap) for bitmap in self.ends]
        self.holed = [(cells, change(bitmap)) for cells, bitmap in self.holed]
        self._single.clear()

    def _take(self, bit: int, mask: int) -> None:
        """Take a box out that was bounded to ``mask``."""
        for special in self.special:
            self.special[special] &= ~bit
        stretches = runs(mask & self.values)
        if len(stretches) == 1:
            ((low, high),) = stretches
            for cell in range(low, len(self.starts)):
                self.starts[cell] &= ~bit
            for cell in range(high + 1):
                self.ends[cell] &= ~bit
        self.holed = [(cells, left) for cells, bitmap in self.holed if (left := bitmap & ~bit)]

    def _put(self, bit: int, mask: int) -> None:
        """Put a box in, bounded to ``mask``."""
        for special in self.special:
            if mask & special:
                self.special[special] |= bit
        stretches = runs(mask & self.values)
        if len(stretches) == 1:
            ((low, high),) = stretches
            for cell in range(low, len(self.starts)):
                self.starts[cell] |= bit
            for cell in range(high + 1):
                self.ends[cell] |= bit
        elif stretches:
            self.holed.append((mask & self.values, bit))

    def at(self, cell: int) -> int:
        """Remembered: few cells are asked about, and again and again."""
        found = self._single.get(cell)
        if found is None:
            found = self._single[cell] = self._meeting(1 << cell)
        return found

    def meeting(self, mask: int) -> int:
        return self._meeting(mask) if mask & (mask - 1) else self.at(mask.bit_length() - 1)

    def holding(self, mask: int) -> int:
        return self._holding(mask) if mask & (mask - 1) else self.at(mask.bit_length() - 1)

    def _meeting(self, mask: int) -> int:
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
        return found

    def _holding(self, mask: int) -> int:
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
