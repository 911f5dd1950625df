"""What a row says while some conditions are unknown: every way to settle them is tried, and what each shows gathered.

    listed is unknown; prohibited where listed, else free        shown: {prohibited} or {}; possible: prohibited, free

Classes that share none of the unknown conditions are independent: what they show together is every union of what each
may show. A way is a bit of an integer, so that thousands are tried at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import chain
from random import Random
from typing import Final

from comity.backends.batch.classes import Classes, Said
from comity.backends.batch.columns import TRUE, UNKNOWN
from comity.runtime.rules import bits, mask_of, union

TRIED: Final = 16
"""Unknown conditions of which all ways to settle them are tried at once."""

FEW: Final = 10
"""Unknown conditions up to which all ways are tried at once, and none picked first."""

SAMPLED: Final = 512
"""Ways picked at random."""

SPLIT: Final = 8
"""How often conditions that are too many are split into those where one is true and those where it is false."""


class _TooMany(Exception):
    """There are too many ways to try."""


class Completions:
    """Tries ways to settle what is unknown of the classes of one decision, and remembers what came of it."""

    def __init__(self, classes: Classes) -> None:
        self.classes = classes
        self._parts: dict[object, frozenset[int]] = {}
        self._samples: dict[int, tuple[list[int], int]] = {}

    def clear(self) -> None:
        self._parts.clear()

    def said(self, truths: Mapping[int, int], asked: Sequence[int], shown: int, resolved: Callable[[], Said]) -> Said:
        """What is said over all ways to settle the unknown conditions.

        ``truths``: by class, of the conditions that are not false and that it depends on. ``asked``: the classes of
        which it is open whether they remain. ``shown``: the mask of what is shown in any case. ``resolved``: says the
        same by `runtime.resolve`, where there are too many ways.
        """
        unknown = [number for number, truth in truths.items() if truth == UNKNOWN]
        if len(unknown) > FEW:
            said = self._sampled(asked, truths, unknown, shown)
            if said is not None:
                return said
        try:
            masks = self._shown(asked, truths, SPLIT)
        except _TooMany:
            return resolved()
        return self.classes.said({self.classes.says(shown | mask) for mask in masks})

    def _sampled(
        self, asked: Sequence[int], truths: Mapping[int, int], unknown: Sequence[int], shown: int
    ) -> Said | None:
        """What is said if some ways already say all that could be: whatever any of the classes may show."""
        classes = self.classes.classes
        shows = sorted({show for number in asked if (show := classes[number].show) is not None})
        most = {self.classes.says(shown | mask) for mask in _subsets(shows)}
        ways, every = self._some_ways(len(unknown))
        masks = self._tried(asked, truths, dict(zip(unknown, ways, strict=True)), every)
        return self.classes.said(most) if {self.classes.says(shown | mask) for mask in masks} == most else None

    def _some_ways(self, count: int) -> tuple[list[int], int]:
        """Some ways to settle conditions (one alone true, one alone false, and at random): for each condition those in
        which it holds, and all.
        """
        found = self._samples.get(count)
        if found is None:
            random = Random(0)
            ways = [1 << place | (((1 << count) - 1) ^ (1 << place)) << count for place in range(count)]
            for part in range(SAMPLED // 64):  # rare ones, even ones, frequent ones
                at = 2 * count + 64 * part
                for place in range(count):
                    one, two, three = (random.getrandbits(64) for _ in range(3))
                    ways[place] |= (one & two & three, one, one | two | three, one & two)[part % 4] << at
            found = self._samples[count] = ways, (1 << 2 * count + SAMPLED) - 1
        return found

    def _shown(self, asked: Sequence[int], truths: Mapping[int, int], splits: int) -> frozenset[int]:
        """The masks of what some classes show, over all ways to settle the conditions that are unknown."""
        classes = self.classes.classes
        unknown = mask_of(number for number, truth in truths.items() if truth == UNKNOWN)
        found = frozenset({0})
        for members in _sharing({number: classes[number].reach & unknown for number in asked}):
            reach = union(classes[number].reach for number in members)
            own = {number: truth for number, truth in truths.items() if reach >> number & 1}
            part = (members, *own.items())
            shown = self._parts.get(part)
            if shown is None:
                if (reach & unknown).bit_count() <= TRIED:
                    shown = self._every_way(members, own)
                elif not splits:
                    raise _TooMany
                else:
                    # On the condition that most of them depend on: what is left then falls apart.
                    conditions = [bits(classes[number].reach & unknown) for number in members]
                    most, _ = Counter(chain.from_iterable(conditions)).most_common(1)[0]
                    without = {number: truth for number, truth in own.items() if number != most}
                    shown = self._shown(members, {**own, most: TRUE}, splits - 1)
                    shown |= self._shown(members, without, splits - 1)
                self._parts[part] = shown
            found = frozenset([one | other for one in found for other in shown])
        return found

    def _every_way(self, asked: Sequence[int], truths: Mapping[int, int]) -> frozenset[int]:
        """The masks of what some classes show, all ways tried."""
        unknown = [number for number, truth in truths.items() if truth == UNKNOWN]
        ways, every = _all_ways(len(unknown))
        return self._tried(asked, truths, dict(zip(unknown, ways, strict=True)), every)

    def _tried(
        self, asked: Sequence[int], truths: Mapping[int, int], settled: Mapping[int, int], every: int
    ) -> frozenset[int]:
        """The masks of what some classes show in each way. ``truths``: of the conditions that it depends on;
        ``settled``: for those that are unknown, the ways in which they hold. Bit i of such an integer is way i.
        """
        classes = self.classes.classes
        applies: dict[int, int] = {}
        for number in sorted(truths):
            each = classes[number]
            holds = settled.get(number, every)
            if each.exception_to:
                holds &= union(applies.get(other, 0) for other in each.exception_to)
            for other in each.disapplied_by:
                holds &= ~applies.get(other, 0)
            applies[number] = holds
        shows: dict[int, int] = {}
        for number in asked:
            holds, show = applies.get(number, 0), classes[number].show
            assert show is not None
            for other in classes[number].prevailed_by:
                holds &= ~applies.get(other, 0)
            shows[show] = shows.get(show, 0) | holds
        # The ways by what is shown in them: parted show by show.
        parted = {0: every}
        for show, holds in shows.items():
            apart = [(mask | bit, ways) for mask, those in parted.items()
                     for bit, ways in ((1 << show, those & holds), (0, those & ~holds)) if ways]  # fmt: skip
            parted = dict(apart)
        return frozenset(parted)


# ------------------------------------------------------------------------------------------ helpers


def _sharing(conditions: Mapping[int, int]) -> list[tuple[int, ...]]:
    """Classes, each with the mask of the unknown conditions that it depends on, in groups that share none of them."""
    groups: list[tuple[int, tuple[int, ...]]] = []
    for number, mask in conditions.items():
        members: tuple[int, ...] = (number,)
        apart = []
        for other, those in groups:
            if other & mask:
                mask |= other
                members = (*those, *members)
            else:
                apart.append((other, those))
        groups = [*apart, (mask, members)]
    return [members for _, members in groups]


@cache
def _all_ways(count: int) -> tuple[list[int], int]:
    """All ways to settle conditions: for each condition those in which it holds, and all. Condition 0 holds in every
    second way, condition 1 in every second pair of ways, and so on: 0b1010, 0b1100.
    """
    every = (1 << (1 << count)) - 1
    return [every // ((1 << (1 << place)) + 1) << (1 << place) for place in range(count)], every


def _subsets(shows: Sequence[int]) -> list[int]:
    """The masks of all subsets."""
    found = [0]
    for show in shows:
        found += [mask | 1 << show for mask in found]
    return found
