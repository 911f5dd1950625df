"""Elements of lists and sets among the facts, which conditions speak of through variables.

Example: in `any p in parties: any q in parties: p.country == q.country` the collection `parties` has two variables, `p`
at depth 0 and `q` at depth 1, and each has axes of its own.
"""

from __future__ import annotations

from dataclasses import field

from comity.analysis.space.boxes import Box
from comity.runtime.light import dataclass
from comity.runtime.types import Type


@dataclass(eq=False)
class Variable:
    """An element of a collection that a quantifier speaks of. ``depth``: how many others of it stand around."""

    collection: Collection
    depth: int


@dataclass(eq=False)
class Collection:
    """A list or set among the facts. ``owner``: the element whose part it is, or None.

    ``regions``: what each of its axes asks, as boxes over the axes of its first variable. ``base``: the same
    collection of the first variable of the collection that holds the owner.
    """

    path: tuple[str, ...]
    type: Type
    element: Type
    owner: Variable | None
    variables: list[Variable] = field(default_factory=list)
    regions: dict[int, tuple[Box, ...]] = field(default_factory=dict)
    base: Collection | None = None
    names: dict[frozenset[frozenset[tuple[int, int]]], int] = field(default_factory=dict)

    @property
    def first(self) -> Variable:
        """The variable whose axes the regions speak of."""
        collection = self
        while collection.base is not None:
            collection = collection.base
        return collection.variable(0)

    def variable(self, depth: int) -> Variable:
        while len(self.variables) <= depth:
            self.variables.append(Variable(self, len(self.variables)))
        return self.variables[depth]


def depth_of(owner: Variable | None) -> int:
    """How many elements deep a variable stands."""
    return 0 if owner is None else 1 + depth_of(owner.collection.owner)
