"""Values for facts of which some must be the same, and some must not.

Facts that must be the same, directly or by way of others, are one group and get one value. Example: `a == b`, `b == c`
and `a != d` make the groups {a, b, c} and {d}, which get different values. With `a != c` as well there are none: the
groups that equality makes are refuted by that one line, with those that put `a` and `c` in one group.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from comity.analysis import limits
from comity.analysis.space.formulas import Axis
from comity.runtime.light import dataclass


@dataclass(frozen=True, slots=True)
class Equality:
    """The facts on two axes are the same, or are not; ``number``: the axis that says so."""

    number: int
    left: Axis
    right: Axis
    holds: bool


@dataclass(frozen=True, slots=True)
class Clash:
    """No values will do, for these equalities of these facts. ``whichever``: whatever the facts are, if known."""

    equalities: tuple[Equality, ...]
    whichever: bool = False

    @property
    def axes(self) -> list[Axis]:
        return list({axis.number: axis for each in self.equalities for axis in (each.left, each.right)}.values())


def values_of(
    equalities: Sequence[Equality], masks: Mapping[int, int], fixed: Mapping[int, object]
) -> dict[int, object] | Clash | None:
    """A value for each fact, by axis. ``masks``: the cells that each may lie in; ``fixed``: values that some have.

    None if neither values nor a clash were found.
    """
    groups = _groups(equalities)
    same = [each for each in equalities if each.holds]
    unlike: list[tuple[int, int, Equality]] = []
    for each in equalities:
        if not each.holds:
            one, two = (next(p for p, g in enumerate(groups) if a.number in g) for a in (each.left, each.right))
            if one == two:
                return Clash((each, *(e for e in same if e.left.number in groups[one])), whichever=True)
            unlike.append((one, two, each))
    # A group with more values than there are other groups always has one that none of them has.
    options = [list(islice(_options(group, masks, fixed, len(groups)), len(groups) + 1)) for group in groups]
    for group, own in zip(groups, options, strict=True):
        if not own:
            return Clash(tuple(e for e in equalities if {e.left.number, e.right.number} & group.keys() and e.holds))
    for one, two, each in unlike:
        if len(options[one]) == 1 and options[one] == options[two]:
            near = {*groups[one], *groups[two]}
            return Clash((each, *(e for e in same if e.left.number in near)))
    chosen = _chosen(options, [(one, two) for one, two, _ in unlike])
    if chosen is None:
        return None
    return {number: value for group, value in zip(groups, chosen, strict=True) for number in group}


def _groups(equalities: Sequence[Equality]) -> list[dict[int, Axis]]:
    """The facts that must be the same, each group by axis."""
    found: list[dict[int, Axis]] = []
    for each in equalities:
        sides = [{each.left.number: each.left}, {each.right.number: each.right}]
        for side in [{**sides[0], **sides[1]}] if each.holds else sides:
            near = [group for group in found if group.keys() & side.keys()]
            found = [group for group in found if group not in near]
            found.append({number: axis for group in (*near, side) for number, axis in group.items()})
    return found


def _options(
    group: Mapping[int, Axis], masks: Mapping[int, int], fixed: Mapping[int, object], count: int
) -> Iterator[object]:
    """Values that all facts of a group may have, and so many of each cell."""
    given = [fixed[number] for number in group if fixed.get(number) is not None]
    seen: list[object] = []
    for number, axis in group.items():
        for _, first in axis.options(masks[number]) if not given else [(0, given[0])]:
            value: object | None = first
            for _ in range(1 if given else count):
                if value is None or value in seen:
                    break
                if all(each.cell_of(value) & masks[n] for n, each in group.items()) and set(given) <= {value}:
                    seen.append(value)
                    yield value
                value = axis.another(value)


def _chosen(options: Sequence[Sequence[object]], unlike: Sequence[tuple[int, int]]) -> list[object] | None:
    """One of the options for each group, with different ones where groups must differ."""
    tried = 0

    def choose(chosen: list[object]) -> list[object] | None:
        nonlocal tried
        place = len(chosen)
        if place == len(options):
            return chosen
        taken = [chosen[min(pair)] for pair in unlike if max(pair) == place]
        for value in options[place]:
            tried += 1
            if tried > limits.current.unlike_values:
                return None
            found = None if value in taken else choose([*chosen, value])
            if found is not None:
                return found
        return None

    return choose([])
