"""Values for the numbers that a region asks about by arithmetic, by counts or by sums, and the elements these count.

If there are none, `Conflict` names a part of the region that is small enough to be learnt from: constraints are left
out, and cells widened, as long as the rest still cannot be met.

Example: a region wants `sum(item.value for item in items) > 5_000 USD`, at most one item, and none of more than 3,000
USD. One item of at most 3,000 USD does not reach the sum: the conflict names the cells of the sum, of the count and of
whether there is a dearer item, but no other fact.
"""

from __future__ import annotations

from collections.abc import Collection as CollectionOf
from collections.abc import Iterable, Mapping, Sequence, Set
from fractions import Fraction
from typing import Protocol, TypeAlias

from comity.analysis import limits
from comity.analysis.arithmetic.kinds import Division, Kind, Members, Numbers, TooManyKinds, split
from comity.analysis.arithmetic.linear import Unsettled
from comity.analysis.arithmetic.members import Kinds
from comity.analysis.arithmetic.numbers import Arithmetic, Problem, forms_of
from comity.analysis.arithmetic.solver import help_with_arithmetic
from comity.analysis.space.axes import LineAxis
from comity.analysis.space.boxes import Box
from comity.analysis.space.elements import Collection, Variable
from comity.analysis.space.facts import Facts
from comity.analysis.space.recipes import TotalOf
from comity.analysis.witness.conflicts import LEFT_OUT, Conflict, Unsure
from comity.runtime.light import dataclass

Solution: TypeAlias = tuple[dict[int, Fraction | int], list[Members]]
"""Values of facts by number, and the elements that counts and sums are made of."""


@dataclass(frozen=True, slots=True)
class Refuted:
    """There are no values. ``by``: as `Problem.refuting`."""

    by: Set[int] | None


class Elements(Protocol):
    """What is asked of whoever builds the elements of collections."""

    def is_possible(self, kind: Kind, own: Numbers) -> bool:
        """Elements of the kind are not ruled out by what its box says of more than plain facts. ``own``: values of
        numbers that they are to have.
        """

    def core(self, collection: Collection, wanted: int, unwanted: Sequence[int]) -> Box:
        """A few of the unwanted regions that together leave no room in the wanted one."""


class WitnessNumbers:
    """Chooses the numbers of inputs of one root."""

    def __init__(self, facts: Facts, elements: Elements) -> None:
        self.facts = facts
        self.space = facts.space
        self.elements = elements
        self._answers: dict[object, Solution | Refuted | str] = {}
        """What came of numbers that are to lie in given cells, or why nothing did: regions that differ elsewhere ask
        the same."""

    def narrowed(self, region: Box) -> Box:
        """The region with one cell for each fact on which it depends what elements add to a count or sum."""
        narrowed = region
        for number in region:
            recipe = self.space.recipes.get(number)
            for total in self._totals_in(number):
                recipe = self.space.recipes[total]
                assert isinstance(recipe, TotalOf)
                for guard, _ in recipe.arms:
                    for _, context in split(self.space, recipe, guard):
                        narrowed = self._within_or_without(narrowed, context)
        return narrowed

    def _within_or_without(self, region: Box, context: Box) -> Box:
        for number, mask in context.items():
            axis = self.space.axes[number]
            own = region.get(number, axis.full)
            if axis.owner is None and own & mask and own & ~mask:
                region = {**region, number: next(axis.choices(own))[0]}
        return region

    def _totals_in(self, number: int) -> set[int]:
        """The counts and sums that a number is made of."""
        recipe = self.space.recipes.get(number)
        if isinstance(recipe, Arithmetic | TotalOf):
            return {part for part in self.parts([number]) if isinstance(self.space.recipes.get(part), TotalOf)}
        return set()

    def choose(
        self, region: Box, owner: Variable | None, outer: Mapping[int, Fraction | int]
    ) -> tuple[dict[int, Fraction | int], list[Members]]:
        """Values for the numeric facts that sums constrain, and elements of the collections among them.

        ``outer``: values that are fixed already.

        A sum says nothing where one of its parts is unknown or absent, so what conflicts are known parts.
        """
        asked = [number for number in region if self.space.axes[number].owner is owner and self.is_made(region, number)]
        if not asked:
            return {}, []
        values: dict[int, Fraction | int] = {}
        elements: list[Members] = []
        unsure: Unsure | None = None
        for together in self._apart(asked):
            try:
                found = self.solved(region, together, outer)
            except Unsure as caught:
                unsure = unsure or caught  # that others cannot be met is certain, if they cannot
                continue
            if isinstance(found, Refuted):
                if outer:
                    raise Unsure(self._arithmetic(together), help_with_arithmetic())
                if any(map(self._totals_in, together)):
                    raise Conflict(self._clash_of_totals(region, together, found.by))
                raise Conflict(self._smallest(region, together))
            values |= found[0]
            elements += found[1]
        if unsure is not None:
            raise unsure
        return values, elements

    def _apart(self, asked: Sequence[int]) -> list[list[int]]:
        """The numbers in groups that have no facts and no collections in common: each is a question by itself."""
        found: list[tuple[set[object], list[int]]] = []
        for number in asked:
            own: set[object] = set(self.parts([number]))
            own |= {self._recipe(total).collection for total in self._totals_in(number)}
            near = [group for group in found if not group[0].isdisjoint(own)]
            found = [group for group in found if group[0].isdisjoint(own)]
            joined = {number, *(each for _, numbers in near for each in numbers)}
            found.append((own.union(*(facts for facts, _ in near)), [n for n in asked if n in joined]))
        return [numbers for _, numbers in found]

    def is_made(self, region: Box, number: int) -> bool:
        """The number is made of facts by arithmetic, or a total, and the region lets them all be known."""
        recipe = self.space.recipes.get(number)
        if isinstance(recipe, TotalOf):
            return number not in self.space.mixed
        return isinstance(recipe, Arithmetic) and all(self.known(region, part) for part in self.parts([number]))

    def parts(self, numbers: Iterable[int]) -> set[int]:
        """The facts that numbers are made of, and what is not arithmetic (a count, say)."""
        found: set[int] = set()
        for number in numbers:
            recipe = self.space.recipes.get(number)
            if isinstance(recipe, Arithmetic):
                found |= self.parts(axis.number for form in forms_of(recipe) for axis, _ in form.terms)
            else:
                found.add(number)
        return found

    def solved(
        self, region: Box, asked: Sequence[int], outer: Mapping[int, Fraction | int], thorough: bool = True
    ) -> Solution | Refuted:
        """Values that bring the numbers ``asked`` where the region wants them, and the elements that they count.

        ``thorough``: see `Problem`.
        """
        problem = Problem(self.space)
        problem.thorough = thorough
        for number in asked:
            problem.add(number)
        cells = {number: self.known(region, number) for number in problem.numbers if number not in outer}
        totals = [number for number in problem.numbers if isinstance(self.space.recipes.get(number), TotalOf)]
        key: tuple[object, ...] = (
            tuple(asked),
            tuple(cells.items()),
            tuple((n, outer[n]) for n in problem.numbers if n in outer),
        )
        if totals:
            about = self._about(totals)
            key = (*key, thorough, tuple(sorted((n, mask) for n, mask in region.items() if n in about)))
        if key not in self._answers:
            if len(self._answers) > limits.current.cached_numbers:
                self._answers.clear()
            choices = {number: self._line(number).stretches(mask) for number, mask in cells.items()}
            try:
                problem.members = self._kinds(totals, region) if totals else None
                values = problem.solve(choices, outer)
            except Unsettled:
                self._answers[key] = self._arithmetic(asked)
            else:
                if values is None:
                    self._answers[key] = Refuted(problem.refuting)
                else:
                    elements = [] if problem.members is None else problem.members.chosen(values)
                    self._answers[key] = {n: value for n, value in values.items() if n >= 0}, elements
        answer = self._answers[key]
        if isinstance(answer, str):
            raise Unsure(answer, help_with_arithmetic())
        return answer

    # -------------------------------------------------------------------------------------- totals

    def _kinds(self, totals: Sequence[int], region: Box) -> Kinds:
        """The kinds of elements that bring totals where they must be. Raises Unsure where they are too many."""
        found: list[Division] = []
        wanted: list[int] = []
        for collection in self._collections(totals):
            own = [number for number in totals if self._recipe(number).collection is collection]
            shown = [number for number in collection.regions if region.get(number, 3) == 2]
            wanted += shown
            missing = [number for number in self._states(collection) if not self.known(region, number)]
            if missing:
                if shown:
                    raise Conflict({missing[0]: region[missing[0]], shown[0]: 2})
                continue
            unwanted = [number for number in collection.regions if region.get(number, 3) == 1]
            avoid = [*(box for n in unwanted for box in collection.regions[n]), *self._none(collection)]
            try:
                division = Division(self.space, collection, own, shown, avoid, region, self.elements.is_possible)
            except TooManyKinds:
                raise Unsure(f"elements of `{'.'.join(collection.path)}` that differ in many ways") from None
            for number in shown:
                if number not in division.shown:
                    raise Conflict(self.elements.core(collection, number, unwanted))
            found.append(division)
        return Kinds(self.space, found, totals, wanted)

    def _recipe(self, total: int) -> TotalOf:
        recipe = self.space.recipes[total]
        assert isinstance(recipe, TotalOf)
        return recipe

    def _collections(self, totals: Sequence[int]) -> list[Collection]:
        return list(dict.fromkeys(self._recipe(number).collection for number in totals))

    def _none(self, collection: Collection) -> list[Box]:
        """Boxes in which no element lies."""
        axes, first = self.space.axes, collection.first
        return [box for box in self.space.impossible if all(axes[number].owner is first for number in box)]

    def _states(self, collection: Collection) -> list[int]:
        """The axes of whether there is such a collection, and what it is part of."""
        path = collection.path
        axes = (self.facts.axis(path[: end + 1], collection.owner) for end in range(len(path)))
        return [axis.number for axis in axes if axis is not None]

    def _about(self, totals: Sequence[int]) -> set[int]:
        """The axes on which it depends what totals may be."""
        found: set[int] = set()
        for number in totals:
            recipe = self._recipe(number)
            found |= {number, *recipe.collection.regions, *self._states(recipe.collection)}
            for guard, _ in recipe.arms:
                for _, context in split(self.space, recipe, guard):
                    found |= context.keys()
        return found

    def _clash_of_totals(self, region: Box, asked: Sequence[int], by: Set[int] | None) -> Box:
        """Of what the region asks of totals, their elements and other numbers, little that cannot be met together.

        ``by``: the numbers and the conditions shown by elements that refute it (see `Refuted`), which is where to
        start: of forty facts three or four are left. Of what makes elements what they are, which no inequality is, a
        part is left out as long as that is still refuted.

        Example: a region asks for shares above 50% in all, no owner above 25%, at most two owners, that one of them is
        listed, and much else. Two numbers `n` and `s` make up the owners' shares: `s > 1/2` and `n <= 2`, which with
        `s <= n / 4` add up to `0 < 0`. So the sum, the count, and that there is no owner of more than 25% remain; that
        none has a share of 10%, which is not needed for `s <= n / 4`, is then found to be idle.
        """
        totals = {total for number in asked for total in self._totals_in(number)}
        parts = self.parts(asked)
        about = {*asked, *parts, *self._about(sorted(totals))}
        box = {number: mask for number, mask in region.items() if number in about}
        box |= self._alike(region, totals)
        if by is not None:
            shown = (number for total in totals for number in self._recipe(total).collection.regions)
            idle = {*asked, *parts, *(number for number in shown if region.get(number) == 2)} - by
            box = self._less(box, asked, idle, (False, True))
        # Where rationals refute it, that is soon seen.
        thorough = not self._impossible(box, [each for each in asked if each in box], thorough=False)
        for together in LEFT_OUT:
            numbers = list(box)
            for start in range(0, len(numbers), together):
                box = self._less(box, asked, numbers[start : start + together], (thorough,))
        for number, mask in box.items():
            if isinstance(self.space.axes[number], LineAxis):
                for wider in self._wider(number, mask):
                    wide = {**box, number: box[number] | wider}
                    if self._impossible(wide, [each for each in asked if each in wide], thorough):
                        box = wide
        for number in self.parts(n for n in asked if n in box):
            axis = self.space.axes[number]
            if axis.full != axis.values:
                box[number] = self.known(box, number)
        return box

    def _less(self, box: Box, asked: Sequence[int], out: CollectionOf[int], ways: Iterable[bool]) -> Box:
        """The box without some numbers if that is refuted as well, thoroughly or not; else the box."""
        less = {number: mask for number, mask in box.items() if number not in out}
        left = [number for number in asked if number in less]
        return less if any(self._impossible(less, left, thorough) for thorough in ways) else box

    def _alike(self, region: Box, totals: Iterable[int]) -> Box:
        """Of the facts on which it depends what elements add to totals, all cells on which that is as in the region."""
        found: Box = {}
        for total in totals:
            recipe = self._recipe(total)
            for guard, _ in recipe.arms:
                for _, context in split(self.space, recipe, guard):
                    for number, mask in context.items():
                        full = self.space.full[number]
                        if number in region:
                            same = mask if not region[number] & ~mask else full & ~mask
                            found[number] = found.get(number, full) & same
        return {number: mask for number, mask in found.items() if mask and mask != self.space.full[number]}

    def _arithmetic(self, asked: Iterable[int]) -> str:
        names = dict.fromkeys(self.space.axes[number].name for number in sorted(self.parts(asked)))
        return "arithmetic between " + ", ".join(f"`{name}`" for name in names)

    def _smallest(self, region: Box, asked: Sequence[int]) -> Box:
        """Of what the region asks of numbers and the facts in them, little that cannot be met together."""
        kept = list(asked)
        for each in asked:
            fewer = [other for other in kept if other != each]
            if fewer and self._impossible(region, fewer):
                kept = fewer
        parts = self.parts(kept)
        wanted = {number: region[number] for number in (*parts, *kept) if number in region}
        for number in parts & wanted.keys():
            less = {n: mask for n, mask in wanted.items() if n != number}
            if self._impossible(less, kept):
                wanted = less
        # As wide as can be: the search will not come back for the neighbouring cells.
        for number, mask in wanted.items():
            for wider in self._wider(number, mask):
                if self._impossible({**wanted, number: wanted[number] | wider}, kept):
                    wanted = {**wanted, number: wanted[number] | wider}
        # That is so where all parts are known: else a sum says nothing.
        for number in parts:
            axis = self.space.axes[number]
            if axis.full != axis.values:
                wanted[number] = self.known(wanted, number)
        return wanted

    def _wider(self, number: int, mask: int) -> tuple[int, int]:
        """The known cells below a mask, and those above it."""
        values = self.space.axes[number].values
        known = mask & values
        below = (known & -known) - 1
        return below & values, values & ~((1 << known.bit_length()) - 1)

    def _impossible(self, region: Box, asked: Sequence[int], thorough: bool = True) -> bool:
        try:
            return bool(asked) and isinstance(self.solved(region, asked, {}, thorough), Refuted)
        except Conflict:
            return True
        except Unsure:
            return False

    def known(self, region: Box, number: int) -> int:
        """The cells of known values that the region leaves to an axis."""
        axis = self.space.axes[number]
        return region.get(number, axis.full) & axis.values

    def _line(self, number: int) -> LineAxis:
        axis = self.space.axes[number]
        assert isinstance(axis, LineAxis)
        return axis
