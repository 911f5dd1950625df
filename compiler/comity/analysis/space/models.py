"""Models: boxes in which several conditions hold together, found one by one, without multiplying them out.

Example: `(a or b) and (not a or c)` has 2 * 2 products; the first model found is `a, c`, and going on without it gives
`not a, b`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from comity.analysis import limits
from comity.analysis.space.boxes import Box, Budget, meet, narrowed
from comity.analysis.space.formulas import All, Cells, Formula, Leaf, Some, Switch, all_of
from comity.analysis.space.space import Fork, Space
from comity.base.interruption import check_interrupted
from comity.runtime.light import dataclass
from comity.runtime.rules import mask_of


def models(space: Space, box: Box, formulas: Sequence[Formula], budget: Budget, foresight: int = 0) -> Iterator[Box]:
    """Boxes within ``box`` that make up the conjunction of ``formulas``, found one by one.

    A branch that the box so far rules out is not gone down, and a choice of which it meets one branch is none.
    ``foresight``: how deep it is looked into a branch to see that, and (if at all) whether there are such inputs: more
    of it takes fewer steps, each of which takes longer.
    """
    return _Models(space, budget, foresight).of(box, list(formulas), [])


@dataclass(frozen=True, slots=True)
class _Models:
    space: Space
    budget: Budget
    foresight: int

    def of(self, current: Box, waiting: list[Formula], forks: list[Fork]) -> Iterator[Box]:
        """Those within a box of all that is ``waiting``, and of one branch of each fork."""
        check_interrupted()
        self.budget.spend()
        space = self.space
        fresh: list[Fork] = []
        shrunk = 0
        while waiting:
            formula = waiting.pop()
            match formula:
                case All(parts=parts):
                    waiting.extend(parts)
                case Some() | Switch():
                    fresh.append(self._fork(formula))
                case _:
                    found = space.boxes(formula)
                    if len(found) == 1:
                        met = meet(current, found[0])
                        if met is None:
                            return
                        shrunk |= mask_of(axis for axis in found[0] if met[axis] != current.get(axis))
                        current = met
                        waiting.extend(space.spelt_out(found[0]))
                    else:
                        fresh.append(self._fork(formula))
            if not waiting:
                left: list[Fork] = []
                for fork in (*fresh, *(fork for fork in forks if fork.axes & shrunk)):
                    alive = self._alive(current, fork.branches)
                    if not alive:
                        return
                    if len(alive) == 1:
                        waiting.extend(alive[0])
                    elif not any(all(_holds(current, part) for part in branch) for branch in alive):
                        left.append(Fork(alive, fork.axes))
                forks = [*left, *(fork for fork in forks if not fork.axes & shrunk)]
                fresh, shrunk = [], 0
        if not forks:
            yield current
            return
        if self.foresight and narrowed(current, space.impossible, space.full) is None:
            return
        first = min(forks, key=lambda fork: len(fork.branches))
        others = [fork for fork in forks if fork is not first]
        for branch in first.branches:
            yield from self.of(current, list(branch), others)

    def _fork(self, choice: Formula) -> Fork:
        """The branches of a formula, which are found once."""
        key = choice, self.foresight
        known = self.space.forks.get(key)
        if known is None:
            branches = self._branches(choice)
            asked = {axis for branch in branches for part in branch for axis in _axes(part, self.foresight)}
            known = self.space.forks[key] = Fork(branches, mask_of(asked))
        return known

    def _branches(self, choice: Formula) -> list[list[Formula]]:
        if isinstance(choice, Some):
            return [[part] for part in choice.parts]
        if isinstance(choice, Switch):
            rest: list[list[Formula]] = [[choice.rest]] if choice.otherwise else []
            return [*([guard, then] for guard, then in choice.arms), *rest]
        return [[all_of(self.space.cells(each.items()))] for each in self.space.boxes(choice)]

    def _alive(self, box: Box, branches: Sequence[list[Formula]]) -> list[list[Formula]]:
        return [branch for branch in branches if not any(_fails(box, part, self.foresight) for part in branch)]


def _holds(box: Box, formula: Formula) -> bool:
    """The formula holds throughout the box, as is seen at once."""
    return isinstance(formula, Leaf | Cells) and not box.get(formula.axis.number, formula.axis.full) & ~formula.mask


def _fails(box: Box, formula: Formula, depth: int) -> bool:
    """The formula holds nowhere in the box, as is seen when it is looked into so deep."""
    if isinstance(formula, Leaf | Cells):
        return not box.get(formula.axis.number, formula.axis.full) & formula.mask
    if depth and isinstance(formula, All | Some) and len(formula.parts) <= limits.current.foreseen_parts:
        each = (_fails(box, part, depth - 1) for part in formula.parts)
        return any(each) if isinstance(formula, All) else all(each)
    return False


def _axes(formula: Formula, depth: int) -> Iterator[int]:
    """The axes that `_fails` looks at."""
    if isinstance(formula, Leaf | Cells):
        yield formula.axis.number
    elif depth and isinstance(formula, All | Some) and len(formula.parts) <= limits.current.foreseen_parts:
        for part in formula.parts:
            yield from _axes(part, depth - 1)
