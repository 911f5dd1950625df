"""A box within a region and outside many others, found by the SAT solver.

`boxes.outside` splits the region again and again, which is fastest where few boxes meet it, and exponential where many
do that speak of the same axes. Here each box to avoid is a clause, and each conflict between them is learnt once.

Example: of the region `{1: 0b11}`, to be outside `{0: 0b01, 2: 0b01}` and `{0: 0b10, 2: 0b01}`. The clauses are that
the value of axis 0 lies in 0b10 or that of axis 2 in 0b10, and that of axis 0 in 0b01 or that of axis 2 in 0b10. A
model has axis 0 in 0b10 and axis 2 in 0b10; axis 2 alone is enough for both, so the box is `{1: 0b11, 2: 0b10}`.
"""

from __future__ import annotations

from collections.abc import Iterable

from comity.analysis.propositional.sat import FALSE, TRUE, OutOfConflicts, Solver
from comity.analysis.space.boxes import Box, OutOfBudget
from comity.analysis.space.space import Space


class Holes:
    """What is left of a region without boxes, of which there may be ever more. ``conflicts``: how many the solver may
    have in all.
    """

    def __init__(self, space: Space, region: Box, conflicts: int) -> None:
        self.space = space
        self.region = region
        self.solver = Solver(conflicts)
        self._clauses: list[list[int]] = []
        self._asked: dict[int, tuple[int, int]] = {}
        """By literal: the axis and the cells that it says its value lies in."""
        self._avoided: set[int] = set()
        self._kept: list[Box] = []

    def outside(self, covers: Iterable[Box]) -> Box | None:
        """A box that meets no cover, and none of those given before; None if there is none. Raises OutOfBudget."""
        for cover in covers:
            if id(cover) not in self._avoided:
                self._avoided.add(id(cover))
                self._kept.append(cover)
                self._avoid(cover)
        try:
            return self._box() if self.solver.solve() else None
        except OutOfConflicts:
            raise OutOfBudget from None

    def _avoid(self, cover: Box) -> None:
        """Of a box that speaks of elements it is left to these to lie outside."""
        axes, full = self.space.axes, self.space.full
        if any(axes[number].owner is not None for number in cover):
            return
        clause: list[int] = []
        for number, mask in cover.items():
            left = self.region.get(number, full[number])
            axis = axes[number]
            preferred = next((cell for cell, _ in axis.choices(left)), left)
            literal = self.solver.within(number, left & ~mask, left, preferred)
            if literal == TRUE:
                return
            if literal != FALSE:
                self._asked[literal] = number, left & ~mask
                clause.append(literal)
        self._clauses.append(clause)
        self.solver.add(clause)

    def _box(self) -> Box:
        """Few of the literals of a model that are enough for all clauses, as a box."""
        holds = self.solver.holds
        chosen: set[int] = set()
        found = dict(self.region)
        true = [[literal for literal in clause if holds(literal)] for clause in self._clauses]
        for literals in sorted(true, key=len):
            if chosen.isdisjoint(literals):
                number, mask = self._asked[literals[0]]
                chosen.add(literals[0])
                found[number] = found.get(number, mask) & mask
        return found
