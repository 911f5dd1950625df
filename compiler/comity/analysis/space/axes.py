"""Axes: one fact each, its values cut into the few cells that a program can tell apart.

A set of values of a fact is a Python int, one bit per cell. For an enum a cell is a member. A number or a day is cut
at the constants it is compared with, so a cell is a point or an open stretch between two of them; a code is cut at the
entries it is asked to be within. Two more bits stand for *absent* and *unknown*. An axis first collects what is asked
of it (`Axis.leaf`), and only when asked for a mask settles its cells: from then on nothing finer may be asked.

Example: `value > 5_000` and `value >= 9_000` cut the values into what is below 5,000, 5,000 itself, what lies between,
9,000 and what is above: cells 0 to 4. `value > 5_000` is the mask 0b11100.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from typing import TypeAlias

from comity.analysis.space.formulas import Axis
from comity.runtime import rules, values
from comity.runtime.types import Type

COMMON_PLACES = ("US", "DE", "JP", "GB", "FR", "CA", "CN", "RU", "IN", "BR", "AU", "NO")
"""Places a reader knows, for witnesses that leave the choice open."""

bits = rules.bits
"""The positions of the bits set, ascending."""


class FiniteAxis(Axis):
    """Members of an enum, places, truth values. A question is the mask of members that answer yes."""

    def __init__(
        self, name: str, type: Type | None, members: Sequence[object], optional: bool, absentable: bool = False
    ) -> None:
        super().__init__(name, type, optional, absentable)
        self.members = tuple(members)
        self.positions = {member: position for position, member in enumerate(self.members)}

    def among(self, members: Sequence[object] | frozenset[object]) -> int:
        """The question whether the value is one of ``members``."""
        mask = 0
        for member in members:
            position = self.positions.get(member)
            if position is not None:
                mask |= 1 << position
        return mask

    def trivial(self, question: Hashable) -> bool | None:
        if question == 0:
            return False
        return True if question == (1 << len(self.members)) - 1 else None

    def cells(self) -> int:
        return len(self.members)

    def answer(self, question: int) -> int:
        return question

    def options(self, mask: int) -> Iterator[tuple[int, object]]:
        for member in COMMON_PLACES:
            position = self.positions.get(member)
            if position is not None and mask >> position & 1:
                yield 1 << position, member
        for position in bits(mask):
            if self.members[position] not in COMMON_PLACES:
                yield 1 << position, self.members[position]

    def locate(self, value: object) -> int:
        return 1 << self.positions[value]


class TextAxis(Axis):
    """Text: the constants it is compared with, and everything else. A question is a set of constants."""

    keeps_order = True

    def __init__(self, name: str, type: Type | None, optional: bool, absentable: bool = False) -> None:
        super().__init__(name, type, optional, absentable)
        self._constants: dict[str, int] = {}

    def collect(self, question: Hashable) -> None:
        for text in self.marks(question):
            self._constants.setdefault(text, len(self._constants))

    def marks(self, question: Hashable) -> list[str]:
        return sorted(question) if isinstance(question, frozenset) else []

    def marked(self) -> Iterable[Hashable]:
        return self._constants

    def cells(self) -> int:
        return len(self._constants) + 1

    def answer(self, question: frozenset[str]) -> int:
        return sum(1 << self._constants[text] for text in question)

    def options(self, mask: int) -> Iterator[tuple[int, object]]:
        if mask >> len(self._constants) & 1:
            other = next(t for t in ("other", *(f"other {n}" for n in range(10_000))) if t not in self._constants)
            yield 1 << len(self._constants), other
        for text, position in self._constants.items():
            if mask >> position & 1:
                yield 1 << position, text

    def another(self, value: object) -> object | None:
        return None if value in self._constants else f"{value} too"

    def unite(self, other: Axis) -> None:
        assert isinstance(other, TextAxis)
        for text in other._constants:
            self._constants.setdefault(text, len(self._constants))
        other._constants = self._constants

    def locate(self, value: str) -> int:
        return 1 << self._constants.get(value, len(self._constants))


# --------------------------------------------------------------------------------------------- lines

Cut: TypeAlias = tuple[Fraction | int, int]
"""A place between two neighbouring values: just below ``(v, 0)`` or just above ``(v, 1)`` the value v."""

Stretch: TypeAlias = tuple[Cut | None, Cut | None]
"""The values between two cuts; None is endless."""


class LineAxis(Axis):
    """Numbers, quantities, days (by their ordinal). A question is a tuple of stretches.

    ``whole``: only integers. ``bounds``: the first and last value there is, or None.
    """

    def __init__(
        self,
        name: str,
        type: Type | None,
        optional: bool,
        absentable: bool = False,
        *,
        whole: bool = False,
        bounds: tuple[int | None, int | None] = (None, None),
    ) -> None:
        super().__init__(name, type, optional, absentable)
        self.whole = whole
        low, high = bounds
        self.low: Cut | None = None if low is None else (low, 0)
        self.high: Cut | None = None if high is None else self.above(high)
        self._cuts: set[Cut] = set()
        self.cuts: list[Cut] = []

    def trivial(self, question: Hashable) -> bool | None:
        return True if question == ((None, None),) else super().trivial(question)

    def below(self, value: Fraction | int) -> Cut:
        """The cut between the values less than ``value`` and the rest."""
        return (value.__ceil__(), 0) if self.whole else (value, 0)

    def above(self, value: Fraction | int) -> Cut:
        """The cut between the values up to ``value`` and the rest."""
        return (value.__floor__() + 1, 0) if self.whole else (value, 1)

    def collect(self, question: Hashable) -> None:
        self._cuts.update(self.marks(question))

    def marks(self, question: Hashable) -> list[Cut]:
        if not isinstance(question, tuple):
            return []
        return [cut for stretch in question for cut in stretch if cut is not None]

    def marked(self) -> Iterable[Hashable]:
        return sorted(self._cuts)

    def cells(self) -> int:
        inner = (
            cut for cut in self._cuts if (self.low is None or cut > self.low) and (self.high is None or cut < self.high)
        )
        self.cuts = sorted(inner)
        return len(self.cuts) + 1

    def _index(self, cut: Cut) -> int:
        """How many cells lie below ``cut``."""
        if self.low is not None and cut <= self.low:
            return 0
        if self.high is not None and cut >= self.high:
            return len(self.cuts) + 1
        return bisect_right(self.cuts, cut)

    def answer(self, question: tuple[Stretch, ...]) -> int:
        mask = 0
        for low, high in question:
            start = 0 if low is None else self._index(low)
            end = len(self.cuts) + 1 if high is None else self._index(high)
            if end > start:
                mask |= (1 << end) - (1 << start)
        return mask

    def stretch(self, cell: int) -> Stretch:
        """The cuts around cell number ``cell``, the axis' own bounds included."""
        low = self.cuts[cell - 1] if cell else self.low
        high = self.cuts[cell] if cell < len(self.cuts) else self.high
        return low, high

    def stretches(self, mask: int) -> list[Stretch]:
        """The values of ``mask`` as maximal stretches, ascending."""
        found: list[Stretch] = []
        previous = -2
        for cell in bits(mask & self.values):
            low, high = self.stretch(cell)
            if cell == previous + 1:
                found[-1] = (found[-1][0], high)
            else:
                found.append((low, high))
            previous = cell
        return found

    def locate(self, value: Fraction | int | date) -> int:
        number = value.toordinal() if isinstance(value, date) else value
        return 1 << bisect_right(self.cuts, (number, 0))

    def options(self, mask: int) -> Iterator[tuple[int, object]]:
        found = [(self._dullness(value), cell, value) for cell in bits(mask) for value in (self._pick(cell),)]
        for _, cell, value in sorted(found):
            yield 1 << cell, value

    def _pick(self, cell: int) -> Fraction | int:
        return ordinary(*self.stretch(cell), whole=self.whole)

    def _dullness(self, value: Fraction | int) -> tuple[object, ...]:
        return (not values.has_decimal(value), value < 0, abs(value), 0)


class DayAxis(LineAxis):
    """Days, by ordinal. The most ordinary day is the first one of the latest stretch."""

    def __init__(self, name: str, type: Type | None, optional: bool, absentable: bool = False) -> None:
        bounds = (date.min.toordinal(), date.max.toordinal())
        super().__init__(name, type, optional, absentable, whole=True, bounds=bounds)

    def _pick(self, cell: int) -> int:
        low, high = self.stretch(cell)
        assert low is not None and high is not None
        if cell:
            return int(low[0])
        plain = date(2020, 1, 1).toordinal()
        return plain if plain < high[0] else int(high[0]) - 1

    def _dullness(self, value: Fraction | int) -> tuple[object, ...]:
        return (-value,)

    def options(self, mask: int) -> Iterator[tuple[int, object]]:
        for cell, value in super().options(mask):
            assert isinstance(value, int)
            yield cell, date.fromordinal(value)


def ordinary(low: Cut | None, high: Cut | None, whole: bool = False) -> Fraction | int:
    """The plainest value between two cuts: zero, an end that belongs, or the number with the fewest digits.

    It is one that can be written as a decimal, if any can.
    """
    if (low is None or low <= (0, 0)) and (high is None or high > (0, 0)):
        return 0
    is_one = low is not None and high is not None and low[0] == high[0]
    if low is not None and low[1] == 0 and (is_one or values.has_decimal(low[0])):
        return values.exact(Fraction(low[0]))
    if high is not None and high[1] == 1 and (is_one or values.has_decimal(high[0])):
        return values.exact(Fraction(high[0]))
    if whole:
        assert high is not None
        return int(high[0]) - 1
    return roundest(None if low is None else Fraction(low[0]), None if high is None else Fraction(high[0]))


def roundest(low: Fraction | None, high: Fraction | None) -> Fraction | int:
    """A number with few digits strictly between two (at least one of them given)."""
    anchor = low if low is not None else high
    assert anchor is not None
    step = Fraction(10 ** len(str(abs(anchor.__floor__()))))
    while True:
        candidate = (anchor // step + 1 if low is not None else -(-anchor // step) - 1) * step
        if (low is None or low < candidate) and (high is None or candidate < high):
            return values.exact(candidate)
        step /= 10
