"""The SAT solver finds a model iff there is one, by brute force over small problems with variables and axes."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest

from comity.analysis.propositional.sat import OutOfConflicts, Solver

Asked = tuple[int, int]
"""A variable (by place, after the axes) and the values for which it holds, as a mask; or an axis and cells."""


class Problem:
    """A random problem to which clauses are added. ``sizes``: how many cells each axis has, two for a variable."""

    def __init__(self, seed: int) -> None:
        self.random = random = Random(seed)
        self.axes = [random.randint(2, 5) for _ in range(random.randint(0, 3))]
        self.sizes = [*self.axes, *[2] * random.randint(1, 6)]
        self.solver = Solver(10_000)
        self.variables = [self.solver.new() for _ in self.sizes[len(self.axes) :]]
        self.clauses: list[list[Asked]] = []

    def add_clause(self) -> None:
        clause = [self._asked() for _ in range(self.random.randint(1, 3))]
        self.clauses.append(clause)
        self.solver.add([self._literal(*asked) for asked in clause])

    def _asked(self) -> Asked:
        place = self.random.randrange(len(self.sizes))
        if place >= len(self.axes):
            return place, self.random.randint(1, 2)
        return place, self.random.randint(1, (1 << self.sizes[place]) - 1)

    def _literal(self, place: int, mask: int) -> int:
        if place < len(self.axes):
            return self.solver.within(place, mask, (1 << self.sizes[place]) - 1, 1)
        return self.variables[place - len(self.axes)] ^ (mask == 1)

    def meets(self, values: tuple[int, ...]) -> bool:
        return all(any(mask >> values[place] & 1 for place, mask in clause) for clause in self.clauses)

    @property
    def points(self) -> list[tuple[int, ...]]:
        return list(product(*map(range, self.sizes)))

    def model(self) -> list[tuple[int, ...]]:
        """The points of the model: all of the cells that it leaves to each axis."""
        region = self.solver.region()
        cells = [region.get(axis, (1 << size) - 1) for axis, size in enumerate(self.axes)]
        cells += [2 if self.solver.holds(variable) else 1 for variable in self.variables]
        return [
            point for point in self.points if all(mask >> value & 1 for mask, value in zip(cells, point, strict=True))
        ]


@pytest.mark.parametrize("start", range(0, 400, 100))
def test_a_model_is_found_iff_there_is_one(start: int) -> None:
    """Clauses are added after each model, as counterexamples are."""
    for seed in range(start, start + 100):
        problem = Problem(seed)
        for _ in range(problem.random.randint(1, 25)):
            problem.add_clause()
            found = problem.solver.solve()
            assert found == any(map(problem.meets, problem.points)), seed
            if not found:
                break
            assert problem.model() and all(map(problem.meets, problem.model())), seed


def test_what_is_not_settled_within_the_limit_is_left_open() -> None:
    """Seven pigeons in six holes: there is no model, which takes many conflicts to see."""
    solver = Solver(20)
    inside = [[solver.new() for _ in range(6)] for _ in range(7)]
    for holes in inside:
        solver.add(holes)
    for hole in range(6):
        for one in range(7):
            for two in range(one):
                solver.add((inside[one][hole] ^ 1, inside[two][hole] ^ 1))
    with pytest.raises(OutOfConflicts):
        solver.solve()


def test_the_most_ordinary_cell_is_tried_first() -> None:
    solver = Solver(10)
    solver.add((solver.within(0, 0b0110, 0b1111, 0b0100), solver.within(0, 0b1001, 0b1111, 0b0100)))
    assert solver.solve()
    assert solver.region() == {0: 0b0110}
