"""Elements of lists by kind: what matters of them where counts and sums are to be what they must be.

A list is anything with the elements it has, so what matters of an element is which totals (counts and sums) it adds
to, which wanted conditions it shows, and between which limits its numbers lie. Of a question that asks for

    sum(o.share for o in owners where o.listed) >= 50%
    any o in owners: o.share > 10%

only elements that are listed add to the total, and the condition is shown by one that is not listed, which adds
nothing. There may be any number of such *idle* elements beside those that add up, so they take no part in arithmetic:
one is kept for what it shows, and one kind is left, "listed", of which a solution is asked (`members`).

Whatever elements of one kind bring about, those of another one do that *covers* it: one that adds the same, whose
limits are as wide, and that shows as much. Covered kinds are left out. Without that, elements of a few fields that a
dozen conditions are about are of hundreds of kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from fractions import Fraction
from itertools import pairwise, product
from typing import TypeAlias

from comity.analysis import limits
from comity.analysis.arithmetic.decimals import near
from comity.analysis.space.axes import FiniteAxis, LineAxis, Stretch
from comity.analysis.space.boxes import Box, disjoint, inside, meet, subtract
from comity.analysis.space.elements import Collection
from comity.analysis.space.recipes import Rounding, Sum, TotalOf
from comity.analysis.space.space import Space
from comity.analysis.space.symbols import Form
from comity.runtime.light import dataclass
from comity.runtime.types import SetType
from comity.runtime.values import Number, exact, has_decimal, round_down, round_up

Numbers: TypeAlias = Mapping[int, Fraction | int]
"""Values of some numbers of an element, by axis."""

Feature: TypeAlias = tuple[Sequence[Box], int, Form | None]
"""What elements in some boxes do: add a form to a total, or show what is wanted."""

Piece: TypeAlias = tuple[Box, list[Feature]]
"""A box and the features that all elements in it have."""


class TooManyKinds(Exception):
    """The elements differ in too many ways, or in other ways in parts of the region."""


@dataclass(eq=False)
class Kind:
    """Elements of a collection that add to the same totals.

    ``box``: what they are, by the axes of the collection's first variable. ``shows``: the wanted axes of the
    collection that they make true. ``adds``: what each adds to a total. ``limits``: where their numbers lie.
    ``most``: how many different ones there are, in a set. ``number``: the variable of how many there are; that of the
    sum of one of their numbers is in ``sums``.
    """

    collection: Collection
    box: Box
    shows: frozenset[int]
    adds: Mapping[int, Form]
    limits: Mapping[int, Stretch]
    most: int | None
    number: int = 0
    sums: Mapping[int, int] = field(default_factory=dict)

    def covers(self, other: Kind) -> bool:
        """Elements of this kind can stand for those of ``other``, which add the same."""
        return self.shows >= other.shows and _is_within(other.limits, self.limits)


@dataclass(frozen=True)
class Members:
    """How many elements of one kind there are, and what one of their numbers adds up to."""

    kind: Kind
    count: int
    sums: Numbers

    def one_by_one(self, space: Space) -> list[tuple[dict[int, Number], int]]:
        """The numbers of each element, and how many have just these: equal parts of the sums, of integers as equal as
        can be.

        Where a part is not a decimal, all but the last are rounded to one, if they stay in their limits.
        """
        found = self._split(space, rounded=True)
        return found if all(self._is_within(own, space) for own, _ in found) else self._split(space, rounded=False)

    def _split(self, space: Space, rounded: bool) -> list[tuple[dict[int, Number], int]]:
        parts = {axis: self._parts(axis, total, space, rounded) for axis, total in self.sums.items()}
        ends = sorted({0, self.count, *(first for first, _ in parts.values())})
        found: list[tuple[dict[int, Number], int]] = []
        for place, end in pairwise(ends):
            own = {axis: values[place >= first] for axis, (first, values) in parts.items()}
            found.append((own, end - place))
        return found

    def _parts(self, axis: int, total: Number, space: Space, rounded: bool) -> tuple[int, tuple[Number, Number]]:
        """A sum in as many parts as there are elements: how many have the first value, the others having the second."""
        line = space.axes[axis]
        if isinstance(line, LineAxis) and line.whole:
            quotient, rest = divmod(int(total), self.count)
            return rest, (quotient + 1, quotient)
        part = exact(Fraction(total) / self.count)
        for decimal in near(part) if rounded and has_decimal(total) and not has_decimal(part) else ():
            last = exact(total - decimal * (self.count - 1))
            if self._is_between(axis, decimal) and self._is_between(axis, last):
                return self.count - 1, (decimal, last)
        return 0, (part, part)

    def _is_between(self, axis: int, value: Number) -> bool:
        low, high = self.kind.limits.get(axis, (None, None))
        return (low is None or low <= (value, 0)) and (high is None or (value, 0) < high)

    def _is_within(self, own: Numbers, space: Space) -> bool:
        """What is made of the numbers of an element is in its limits."""

        def value(axis: int) -> Number | None:
            recipe = space.recipes.get(axis)
            if not isinstance(recipe, Sum | Rounding):
                return own.get(axis)
            total = recipe.form.value(lambda each: value(space.base_of(each.number)))
            if isinstance(recipe, Sum):
                return total
            return round_up(total) if recipe.up else round_down(total)

        made = {axis: value(axis) for axis in self.kind.limits}
        return all(each is None or self._is_between(axis, each) for axis, each in made.items())

    def showing(self, number: int, space: Space) -> Members | None:
        """The same ones, that lie where a wanted axis asks; None if their numbers do not, or that is not plain."""
        for region in self.kind.collection.regions[number]:
            both = meet(self.kind.box, region)
            if both is None or any(axis in space.recipes or axis in space.element_atoms for axis in both):
                continue
            if all(
                space.axes[axis].cell_of(value) & both.get(axis, space.full[axis])
                for own, _ in self.one_by_one(space)
                for axis, value in own.items()
            ):
                return replace(self, kind=replace(self.kind, box=both))
        return None


class Division:
    """The elements of a collection outside ``avoid``, divided by kind: those that add to one of the totals, or show
    what is wanted, in inputs of the region. ``is_possible``: whether there is an element of a kind, with given numbers.
    """

    def __init__(
        self,
        space: Space,
        collection: Collection,
        totals: Sequence[int],
        wanted: Sequence[int],
        avoid: Sequence[Box],
        region: Box,
        is_possible: Callable[[Kind, Numbers], bool],
    ) -> None:
        """Raises TooManyKinds."""
        self.space = space
        self.collection = collection
        self.is_possible = is_possible
        self.idle: list[Members] = []
        """Elements that add nothing, with what they are there to show."""
        features: list[Feature] = []
        for number in totals:
            recipe = space.recipes[number]
            assert isinstance(recipe, TotalOf)
            for guard, form in recipe.arms:
                boxes = [inner for inner, context in split(space, recipe, guard) if _is_decided(region, context)]
                features.append((boxes, number, form))
        pieces = _divided(space, [(box, []) for box in _outside(space, avoid)], features)
        shown = [(collection.regions[n], n, None) for n in wanted if not self._is_shown_idly(n, pieces)]
        self.kinds = self._kinds(_divided(space, pieces, shown))

    @property
    def shown(self) -> frozenset[int]:
        """What is wanted and can be shown."""
        return frozenset(number for kind in self.kinds for number in kind.shows) | self.shown_idly

    @property
    def shown_idly(self) -> frozenset[int]:
        return frozenset(number for members in self.idle for number in members.kind.shows)

    def _is_shown_idly(self, number: int, pieces: Sequence[Piece]) -> bool:
        """An element that adds nothing shows what is wanted, one that there is already if it can."""
        regions = self.collection.regions[number]
        for place, members in enumerate(self.idle):
            known = members.kind
            for region in regions:
                idle = self._idle(known.box, region, known.adds, known.shows | {number})
                if idle is not None:
                    self.idle[place] = idle
                    return True
        for box, features in pieces:
            adds = _adds(features)
            for region in regions:
                idle = self._idle(box, region, adds, frozenset((number,)))
                if idle is not None:
                    self.idle.append(idle)
                    return True
        return False

    def _idle(self, box: Box, region: Box, adds: Mapping[int, Form], shows: frozenset[int]) -> Members | None:
        """An element in both boxes that adds zero to all totals; None if there is none, as far as is plain."""
        both = meet(box, region)
        if both is None or any(form.constant for form in adds.values()):
            return None
        numbers = {self.space.base_of(axis.number) for form in adds.values() for axis, _ in form.terms}
        if not numbers.isdisjoint(self.space.recipes):
            return None
        for number in numbers:
            axis = self.space.axes[number]
            zero = axis.cell_of(0) & both.get(number, axis.full)
            if axis.owner is not self.collection.first or not zero:
                return None
            both[number] = zero
        members = Members(Kind(self.collection, both, shows, adds, {}, None), 1, dict.fromkeys(sorted(numbers), 0))
        return members if self.is_possible(members.kind, members.sums) else None

    def _kinds(self, pieces: Iterable[Piece]) -> list[Kind]:
        """The kinds that no other covers."""
        found: dict[object, list[Kind]] = {}
        for box, features in pieces:
            adds = _adds(features)
            shows = frozenset(number for _, number, form in features if form is None)
            if not adds and not shows:
                continue
            most = _different(self.space, self.collection, box)
            for stretches in _limits_in(self.space, self.collection, box, adds.values()):
                kind = Kind(self.collection, box, shows, adds, stretches, most)
                alike = found.setdefault(tuple(adds.items()), [])
                if most is None and any(each.most is None and each.covers(kind) for each in alike):
                    continue
                if not self.is_possible(kind, {}):
                    continue
                if most is None:
                    alike[:] = [each for each in alike if each.most is not None or not kind.covers(each)]
                alike.append(kind)
        return [kind for alike in found.values() for kind in alike]


def _is_decided(region: Box, context: Box) -> bool:
    """Whether the region lies in a context, or outside it. Raises TooManyKinds where it does both."""
    if inside(region, context):
        return True
    if disjoint(region, context):
        return False
    raise TooManyKinds


def _adds(features: Iterable[Feature]) -> dict[int, Form]:
    """What is added, without zeros."""
    return {number: form for _, number, form in features if form is not None and (form.terms or form.constant)}


def _is_within(inner: Mapping[int, Stretch], outer: Mapping[int, Stretch]) -> bool:
    """What lies within the one limits lies within the others."""
    for axis, (low, high) in outer.items():
        if axis not in inner:
            return False
        own_low, own_high = inner[axis]
        if low is not None and (own_low is None or own_low < low):
            return False
        if high is not None and (own_high is None or own_high > high):
            return False
    return True


def split(space: Space, recipe: TotalOf, guard: object) -> Iterator[tuple[Box, Box]]:
    """Each box of a guard as what it says of the element, by the axes of the first variable, and of all else."""
    for box in space.boxes(guard):  # type: ignore[arg-type]
        inner: Box = {}
        context: Box = {}
        for number, mask in box.items():
            axis = space.axes[number]
            if axis.owner is recipe.variable:
                inner[space.base_of(number)] = mask
            else:
                context[number] = mask
        yield inner, context


def _outside(space: Space, avoid: Sequence[Box]) -> list[Box]:
    """Disjoint boxes that make up everything outside ``avoid``."""
    free: list[Box] = [{}]
    for hole in avoid:
        free = [piece for box in free for piece in _without(space, box, hole)]
        if len(free) > limits.current.element_pieces:
            raise TooManyKinds
    return free


def _divided(space: Space, pieces: list[Piece], features: Iterable[Feature]) -> list[Piece]:
    """Disjoint boxes in which each feature holds throughout, or nowhere; and which of them hold."""
    for feature in features:
        divided: list[Piece] = []
        for box, shown in pieces:
            outside = [box]
            for each in feature[0]:
                left: list[Box] = []
                for piece in outside:
                    both = meet(piece, each)
                    if both is not None:
                        divided.append((both, [*shown, feature]))
                    left += _without(space, piece, each)
                outside = left
            divided += [(piece, shown) for piece in outside]
            if len(divided) > limits.current.element_pieces:
                raise TooManyKinds
        pieces = divided
    return pieces


def _without(space: Space, box: Box, hole: Box) -> list[Box]:
    return [box] if meet(box, hole) is None else list(subtract(box, hole, space.full))


def _limits_in(space: Space, collection: Collection, box: Box, forms: Iterable[Form]) -> Iterator[dict[int, Stretch]]:
    """Where the numbers that matter lie in a box, one stretch of each at a time."""
    numbers: dict[int, None] = {}

    def note(number: int) -> None:
        recipe = space.recipes.get(number)
        if isinstance(recipe, Sum | Rounding):
            for axis, _ in recipe.form.terms:
                note(space.base_of(axis.number))
        numbers[number] = None

    for form in forms:
        for axis, _ in form.terms:
            note(space.base_of(axis.number))
    for number in box:
        if isinstance(space.recipes.get(number), Sum | Rounding) and number not in space.mixed:
            note(number)
    lines: list[list[tuple[int, Stretch]]] = []
    for number in numbers:
        line = space.axes[number]
        assert isinstance(line, LineAxis)
        mask = box.get(number, line.full) & line.values if line.owner is collection.first else line.values
        lines.append([(number, _whole(stretch) if line.whole else stretch) for stretch in line.stretches(mask)])
    for picked in product(*lines):
        yield dict(picked)


def _whole(stretch: Stretch) -> Stretch:
    """A stretch of integers that ends with one. Below 3 is up to 2: two such numbers add up to 4 at most."""
    low, high = stretch
    if high is not None:
        high = (high[0].__ceil__() - 1 if high[1] == 0 else high[0].__floor__(), 1)
    if low is not None:
        low = (low[0].__floor__() + 1 if low[1] == 1 else low[0].__ceil__(), 0)
    return low, high


def _different(space: Space, collection: Collection, box: Box) -> int | None:
    """How many different elements of a set lie in the box, where that is few."""
    if not isinstance(collection.type, SetType):
        return None
    for axis in space.axes:
        if axis.owner is collection.first and axis.path == () and isinstance(axis, FiniteAxis):
            return (box.get(axis.number, axis.full) & axis.values).bit_count()
    return None
