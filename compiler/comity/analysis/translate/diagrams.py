"""Decision diagrams over variables of a few values each, and what of them holds however open variables turn out.

A function of variables is a node: it branches on the first variable that it depends on, to one function for each value.
Equal functions are the same number. Example: of `a and not b` with `a` before `b`, the node branches on `a`: to FALSE
where it is false, and else to a node that branches on `b`, to TRUE where that is false and FALSE where it is true.

Of each variable it may be certain which value it has, or nothing at all. A function then holds in every case exactly if
what is certain is an implicant of it. `Diagrams.surely` goes through the implicants variable by variable: a function F
of a truth `v` holds surely where both of its branches do surely, whichever `v` is; or the false branch does and `v` is
certainly false; or the true branch does and `v` is certainly true. With `v` unknown in `(v and x) or (not v and x)`
Kleene logic says "unknown" although `x` holds; here the branches are both `x`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import NamedTuple, TypeAlias

from comity.analysis.space.formulas import FALSE, TRUE, Formula, all_of, some_of

Diagram: TypeAlias = int
"""A function, by the number of its node."""

NEVER, ALWAYS = 0, 1
"""The constant functions."""


class TooLarge(Exception):
    """There would be more nodes than there may be."""


class Variable(NamedTuple):
    """What a diagram branches on. ``certain``: for each of its values, where it certainly is that.

    ``may_be_open``: somewhere it is not certain which value it has.
    """

    certain: tuple[Formula, ...]
    may_be_open: bool


class Diagrams:
    """Functions of the same variables, which are asked in order. At most ``limit`` nodes."""

    def __init__(self, variables: Sequence[Variable], limit: int) -> None:
        self.variables = variables
        self.limit = limit
        self._level = [len(variables), len(variables)]
        self._below: list[tuple[Diagram, ...]] = [(), ()]
        self._numbers: dict[tuple[int, tuple[Diagram, ...]], Diagram] = {}
        self._both: dict[tuple[Diagram, Diagram], Diagram] = {}
        self._negated: dict[Diagram, Diagram] = {NEVER: ALWAYS, ALWAYS: NEVER}
        self._surely: dict[Diagram, Formula] = {NEVER: FALSE, ALWAYS: TRUE}

    def is_value(self, variable: int, value: int) -> Diagram:
        """A variable, by number, has a value."""
        count = len(self.variables[variable].certain)
        return self._node(variable, tuple(ALWAYS if each == value else NEVER for each in range(count)))

    def negate(self, function: Diagram) -> Diagram:
        known = self._negated.get(function)
        if known is None:
            known = self._node(self._level[function], tuple(map(self.negate, self._below[function])))
            self._negated[function], self._negated[known] = known, function
        return known

    def all_of(self, functions: Iterable[Diagram]) -> Diagram:
        return reduce(self.both, functions, ALWAYS)

    def some_of(self, functions: Iterable[Diagram]) -> Diagram:
        return self.negate(self.all_of(map(self.negate, functions)))

    def both(self, one: Diagram, two: Diagram) -> Diagram:
        if one > two:
            one, two = two, one
        if one in (NEVER, two):
            return one
        if one == ALWAYS:
            return two
        known = self._both.get((one, two))
        if known is None:
            level = min(self._level[one], self._level[two])
            pairs = zip(self._branches(one, level), self._branches(two, level), strict=True)
            known = self._both[one, two] = self._node(level, tuple(self.both(a, b) for a, b in pairs))
        return known

    def surely(self, function: Diagram) -> Formula:
        """Where the function holds however what is open turns out."""
        known = self._surely.get(function)
        if known is None:
            variable, below = self.variables[self._level[function]], self._below[function]
            whichever = self.all_of(below) if variable.may_be_open else NEVER
            # What a branch adds to what holds whichever way: nothing, if it holds nowhere else.
            known = self._surely[function] = some_of(
                (
                    self.surely(whichever),
                    *(
                        all_of((certain, self.surely(each)))
                        for certain, each in zip(variable.certain, below, strict=True)
                        if each != whichever
                    ),
                )
            )
        return known

    def _branches(self, function: Diagram, level: int) -> Sequence[Diagram]:
        if self._level[function] == level:
            return self._below[function]
        return (function,) * len(self.variables[level].certain)

    def _node(self, level: int, below: tuple[Diagram, ...]) -> Diagram:
        if all(each == below[0] for each in below):
            return below[0]
        number = self._numbers.get((level, below))
        if number is None:
            number = len(self._below)
            if number > self.limit:
                raise TooLarge
            self._numbers[level, below] = number
            self._level.append(level)
            self._below.append(below)
        return number
