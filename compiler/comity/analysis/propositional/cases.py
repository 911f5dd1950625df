"""Cases of conditions of very many: boxes in which they hold, found one by one by the solver.

As `space.models`, which enumerates them and comes to no end where nearly all of them fail. Example: of `(a1 or b1) and
(a2 or b2) and … and (not a1 or not a2) and …` the solver learns which go together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from comity.analysis import limits
from comity.analysis.propositional.gates import Encoding
from comity.analysis.propositional.sat import OutOfConflicts
from comity.analysis.space.boxes import Box, OutOfBudget, meet
from comity.analysis.space.formulas import Formula
from comity.analysis.space.space import Space


def cases(space: Space, box: Box, formulas: Sequence[Formula] = ()) -> Iterator[Box]:
    """Boxes within ``box``, together all of it in which the formulas hold, and what it says by axes that stand for
    conditions. What is found to be impossible meanwhile is left out. Raises OutOfBudget.
    """
    encoding = Encoding(space, limits.current.solver_conflicts)
    encoding.require(encoding.box(box))
    for formula in formulas:
        encoding.require(encoding.literal(formula))
    encoding.exclude_impossible()
    for _ in range(limits.current.solver_models):
        try:
            if not encoding.solver.solve():
                return
        except OutOfConflicts:
            break
        region = encoding.region()
        met = meet(box, region)
        if met is not None:
            yield met
        encoding.exclude_impossible()
        encoding.forbid(region)
    raise OutOfBudget
