"""Formulas and rules as clauses for `sat.Solver`, without multiplying anything out.

Each conjunction becomes one variable (Tseitin's encoding), and conjunctions of the same parts the same one: so what two
readings of the rules have in common is compared for nothing. A disjunction is the negation of a conjunction.

A model says something about every variable, though few of them are the reason why what is required holds. `reason`
goes from what is required down to these, so that the region that is shown is as wide as can be. Example: required is
`a or b and c`, and the model makes all three true; the region is that of `a` alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from comity.analysis import limits
from comity.analysis.propositional.sat import FALSE, TRUE, Solver
from comity.analysis.space.boxes import Box
from comity.analysis.space.formulas import All, Cells, Exists, Formula, Leaf, Some, Switch, negate
from comity.analysis.space.space import Space

__all__ = ["FALSE", "TRUE", "Encoding", "Gates"]


class Gates:
    """Conjunctions of literals in one solver. ``required``: clauses of which each must hold."""

    def __init__(self, conflicts: int) -> None:
        self.solver = Solver(conflicts)
        self.required: list[list[int]] = []
        self._parts: dict[int, tuple[int, ...]] = {}
        """By variable: the literals whose conjunction it is."""
        self._known: dict[tuple[int, ...], int] = {}

    def all_of(self, literals: Iterable[int]) -> int:
        parts: set[int] = set()
        for literal in literals:
            if literal == FALSE or literal ^ 1 in parts:
                return FALSE
            if literal != TRUE:
                parts.add(literal)
        if len(parts) < 2:
            return parts.pop() if parts else TRUE
        key = tuple(sorted(parts))
        gate = self._known.get(key)
        if gate is None:
            gate = self._known[key] = self.solver.new()
            self._parts[gate >> 1] = key
            for part in key:
                self.solver.add((gate ^ 1, part))
            self.solver.add((gate, *(part ^ 1 for part in key)))
        return gate

    def any_of(self, literals: Iterable[int]) -> int:
        return self.all_of(literal ^ 1 for literal in literals) ^ 1

    def differ(self, one: int, two: int) -> int:
        if one == two:
            return FALSE
        return self.any_of((self.all_of((one, two ^ 1)), self.all_of((one ^ 1, two))))

    def require(self, *literals: int) -> None:
        """One of the literals holds."""
        clause = list(literals)
        self.required.append(clause)
        self.solver.add(clause)

    def reason(self, also: Iterable[int] = ()) -> set[int]:
        """Literals that are not conjunctions, true in the model, that are enough for all that is required.

        ``also``: literals for which they should be enough besides.
        """
        solver, parts = self.solver, self._parts
        found: set[int] = set()

        def why(literal: int) -> None:
            waiting = [literal]
            while waiting:
                here = waiting.pop()
                if here <= 1 or here in found:
                    continue
                found.add(here)
                inputs = parts.get(here >> 1)
                if inputs is not None:
                    waiting.extend(self._chosen(inputs, found) if here & 1 else inputs)

        clauses = [[each for each in clause if solver.holds(each)] for clause in self.required]
        clauses += [[literal] for literal in also]
        for clause in sorted(clauses, key=len):
            if found.isdisjoint(clause):
                why(clause[0])
        return {literal for literal in found if literal >> 1 not in parts}

    def _chosen(self, inputs: Iterable[int], found: set[int]) -> list[int]:
        """One of some literals that is false, as its negation: rather one that is needed anyway."""
        false = [each ^ 1 for each in inputs if self.solver.holds(each ^ 1)]
        return [] if any(each in found or each == TRUE for each in false) else false[:1]


class Encoding(Gates):
    """Formulas over a space."""

    def __init__(self, space: Space, conflicts: int) -> None:
        super().__init__(conflicts)
        self.space = space
        self._formulas: dict[Formula, int] = {}
        self._asked: dict[int, tuple[int, int]] = {}
        """By variable that asks about an axis: the axis and the cells."""
        self._axes: set[int] = set()
        self._preferred: dict[int, int] = {}
        """The most ordinary cell of each axis."""
        self._excluded: set[int] = set()
        """The impossible boxes that the solver knows, by number."""

    def literal(self, formula: Formula) -> int:
        """The literal that a formula holds."""
        known = self._formulas.get(formula)
        if known is None:
            negation = negate(formula)
            contrary = self._formulas.get(negation)
            known = self._formulas[formula] = self._encode(formula) if contrary is None else contrary ^ 1
        return known

    def _encode(self, formula: Formula) -> int:
        match formula:
            case Leaf(axis=axis, mask=mask) | Cells(axis=axis, mask=mask):
                return self.cells(axis.number, mask)
            case All(parts=parts):
                return self.all_of(map(self.literal, parts))
            case Some(parts=parts):
                return self.any_of(map(self.literal, parts))
            case Switch(arms=arms, rest=rest, otherwise=otherwise):
                guarded = [(self.literal(guard), self.literal(then)) for guard, then in arms]
                left = self.literal(rest)
                self.solver.add((left, *(guard for guard, _ in guarded)))
                return self.any_of((*map(self.all_of, guarded), left if otherwise else FALSE))
            case Exists():
                return self.any_of(map(self.box, self.space.boxes(formula)))

    def box(self, box: Box) -> int:
        """The literal that a point lies in a box."""
        return self.all_of(self.cells(axis, mask) for axis, mask in box.items())

    def cells(self, number: int, mask: int) -> int:
        """The literal that the value of an axis lies in ``mask``. Axes that stand for conditions are spelt out."""
        space = self.space
        if number in space.opaque:
            return self.literal(space.opaque[number]) ^ (not mask & 2) if mask in (1, 2) else TRUE
        if number in space.named:
            return self.any_of(self.literal(each) for n, each in enumerate(space.named[number]) if mask >> n & 1)
        axis = space.axes[number]
        self._axes.add(number)
        if number not in self._preferred:
            self._preferred[number] = next((cell for cell, _ in axis.choices(axis.full)), axis.full)
        literal = self.solver.within(number, mask, axis.full, self._preferred[number])
        self._asked[literal >> 1] = number, mask if not literal & 1 else axis.full & ~mask
        return literal

    def exclude_impossible(self) -> None:
        """Tell the solver which values do not go together, as far as that is known by now."""
        impossible = self.space.impossible
        left = [number for number in range(len(impossible)) if number not in self._excluded]
        many = len(left) > limits.current.excluded_boxes
        while True:
            near = [n for n in left if self._concerns(impossible[n], many)]
            if not near:
                return
            for number in near:
                self._excluded.add(number)
                self.solver.add((self.box(impossible[number]) ^ 1,))
            left = [number for number in left if number not in self._excluded]

    def _concerns(self, box: Box, wholly: bool) -> bool:
        if any(self.space.axes[number].owner is not None for number in box):
            return False
        return self._axes >= box.keys() if wholly else not self._axes.isdisjoint(self._spelt_out(box))

    def _spelt_out(self, box: Box) -> Iterable[int]:
        """The axes of a box; of those that stand for conditions it is not known what they ask."""
        behind = self.space.opaque.keys() | self.space.named.keys()
        return self._axes if not behind.isdisjoint(box) else box

    def region(self, also: Iterable[int] = ()) -> Box:
        """The reason for the model as a box."""
        found: Box = {}
        for literal in self.reason(also):
            asked = self._asked.get(literal >> 1)
            if asked is not None:
                number, mask = asked
                full = self.space.full[number]
                found[number] = found.get(number, full) & (full & ~mask if literal & 1 else mask)
        return {number: mask for number, mask in found.items() if mask != self.space.full[number]}

    def forbid(self, box: Box) -> None:
        """No point of the box is wanted any more."""
        self.solver.add((self.box(box) ^ 1,))
