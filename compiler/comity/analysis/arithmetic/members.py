"""Elements that bring counts and sums over lists where they must be.

A list is anything with the elements it has, so what matters of an element is its *kind*: which counts and sums it adds
to, which wanted conditions it shows, and between which limits its numbers lie. With `n` elements of one kind whose
share lies between 0% and 25%, the shares add up to a sum `s` with `0 <= s <= n / 4`, and to any such `s`: give each
element `s / n`. So a question about sums is one about the numbers `n` and `s` of a few kinds, linear and exact:

    sum(o.share for o in owners where o.listed) >= 50%,  where always share in 0%..25%

has the kind "listed, share in 0%..25%" and asks for `s >= 1/2`, `0 <= s <= n / 4`: two elements with 25% each.

Limits that do not belong (`share > 0%`) hold only if there are elements of the kind. So kinds are *certain* (there is
such an element), *possible* (the limits are taken to belong) or left out, and a search decides which are which.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from comity.analysis.arithmetic.linear import AtMost, Unsettled, solve
from comity.analysis.arithmetic.simplex import STEPS, feasible, feasible_with_integers
from comity.analysis.space.axes import FiniteAxis, LineAxis, Stretch
from comity.analysis.space.boxes import Box, Budget, meet, subtract
from comity.analysis.space.space import Collection, Rounding, Space, Sum, TotalOf
from comity.analysis.space.symbols import Form
from comity.runtime.types import SetType
from comity.runtime.values import exact

MOST_PIECES = 400
"""Maximum number of boxes into which the elements of a collection are divided."""

MOST_CHOICES = 30
"""Maximum number of times that some kinds are certain and others left out."""

FEW_BRANCHES = 20
"""Steps of branch and bound over all kinds, to find which occur, or that no integers will do."""

Terms = dict[int | None, Fraction]
"""A sum of variables by number; what is constant is under None."""


class TooManyKinds(Exception):
    """The elements differ in too many ways."""


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
    sums: Mapping[int, int] | None = None


@dataclass(frozen=True)
class Members:
    """How many elements of one kind there are, and what one of their numbers adds up to."""

    kind: Kind
    count: int
    sums: Mapping[int, Fraction | int]

    def one_by_one(self, space: Space) -> Iterator[dict[int, Fraction | int]]:
        """The numbers of each element: equal parts of the sums, of integers as equal as can be."""
        for place in range(self.count):
            own: dict[int, Fraction | int] = {}
            for axis, total in self.sums.items():
                line = space.axes[axis]
                if isinstance(line, LineAxis) and line.whole:
                    quotient, rest = divmod(int(total), self.count)
                    own[axis] = quotient + (place < rest)
                else:
                    own[axis] = exact(Fraction(total) / self.count)
            yield own


class Kinds:
    """The kinds of elements of some collections that matter for some totals. Their variables are negative numbers."""

    def __init__(self, space: Space, kinds: Sequence[Kind], totals: Iterable[int], wanted: Iterable[int]) -> None:
        self.space = space
        self.kinds = kinds
        self.totals = tuple(totals)
        self.wanted = tuple(wanted)
        fresh = iter(range(-1, -(10**6), -1))
        for kind in kinds:
            kind.number = next(fresh)
            kind.sums = {axis: next(fresh) for axis in kind.limits if not isinstance(space.recipes.get(axis), Sum)}

    # -------------------------------------------------------------------------------------- problems

    def rows(self, certain: Sequence[Kind], possible: Sequence[Kind]) -> list[AtMost]:
        """What holds where there are elements of all ``certain`` kinds and perhaps of ``possible`` ones, no others.

        Of the latter, limits that do not belong are left out.
        """
        rows = list(self._totals([*certain, *possible]))
        for kind in certain:
            rows += self._limits(kind)
            rows.append(AtMost({kind.number: Fraction(-1)}, Fraction(-1)))
        for kind in possible:
            rows += (AtMost(row.factors, row.bound) for row in self._limits(kind))
            rows.append(AtMost({kind.number: Fraction(-1)}, Fraction(0)))
        for each in self.wanted:
            shown = (kind.number for kind in (*certain, *possible) if each in kind.shows)
            rows.append(AtMost(dict.fromkeys(shown, Fraction(-1)), Fraction(-1)))
        return rows

    def whole(self, kinds: Sequence[Kind]) -> dict[int, bool]:
        """The variables of kinds: are they integers?"""
        found: dict[int, bool] = {}
        for kind in kinds:
            found[kind.number] = True
            for axis, variable in (kind.sums or {}).items():
                found[variable] = self._line(axis).whole
        return found

    def solve(self, rows: Sequence[AtMost], whole: Mapping[int, bool]) -> dict[int, Fraction | int] | None:
        """Values of the variables in ``whole`` and of those of kinds that meet ``rows``; None if there are none.

        Each kind is left out or not, as inequalities over rationals suggest. Raises Unsettled.
        """
        return _Search(self, rows, whole).solved()

    def chosen(self, values: Mapping[int, Fraction | int]) -> list[Members]:
        """The elements that a solution asks for."""
        return [
            Members(kind, int(count), {axis: values[variable] for axis, variable in (kind.sums or {}).items()})
            for kind in self.kinds
            if (count := values.get(kind.number, 0))
        ]

    def _totals(self, kinds: Sequence[Kind]) -> Iterator[AtMost]:
        """Each total is the sum of what its elements add."""
        for total in self.totals:
            terms: Terms = {total: Fraction(-1)}
            for kind in kinds:
                if total in kind.adds:
                    _add(terms, self._sum(kind, kind.adds[total]))
            yield AtMost(_factors(terms), Fraction(0))
            yield AtMost({variable: -factor for variable, factor in _factors(terms).items()}, Fraction(0))

    def _limits(self, kind: Kind) -> Iterator[AtMost]:
        """Where the sums of numbers of so many elements lie."""
        if kind.most is not None:
            yield AtMost({kind.number: Fraction(1)}, Fraction(kind.most))
        for axis, stretch in kind.limits.items():
            recipe = self.space.recipes.get(axis)
            own = Form(((self._line(axis), 1),), 0)
            yield from self._within(kind, recipe.form if isinstance(recipe, Sum) else own, stretch)
            if isinstance(recipe, Rounding):
                # Up: k - 1 < form <= k. Down: k <= form < k + 1.
                gap = recipe.form.plus(own, -1)
                yield from self._within(kind, gap, ((-1, 1), (0, 1)) if recipe.up else ((0, 0), (1, 0)))

    def _within(self, kind: Kind, form: Form, stretch: Stretch) -> Iterator[AtMost]:
        low, high = stretch
        terms = self._sum(kind, form)
        if high is not None:
            yield AtMost(_factors(_less(terms, kind.number, high[0])), Fraction(0), strict=high[1] == 0)
        if low is not None:
            less = _less(terms, kind.number, low[0])
            yield AtMost({v: -factor for v, factor in _factors(less).items()}, Fraction(0), strict=low[1] == 1)

    def _sum(self, kind: Kind, form: Form) -> Terms:
        """What a form adds up to over the elements of a kind."""
        terms: Terms = {kind.number: Fraction(form.constant)}
        for axis, factor in form.terms:
            base = axis.number if axis.base is None else axis.base.number
            recipe = self.space.recipes.get(base)
            if isinstance(recipe, Sum):
                _add(terms, self._sum(kind, recipe.form.times(factor)))
            else:
                assert kind.sums is not None
                _add(terms, {kind.sums[base]: Fraction(factor)})
        return terms

    def _line(self, number: int) -> LineAxis:
        axis = self.space.axes[number]
        assert isinstance(axis, LineAxis)
        return axis


class _Search:
    """Which kinds of elements there are. ``whole``: the other variables."""

    def __init__(self, kinds: Kinds, rows: Sequence[AtMost], whole: Mapping[int, bool]) -> None:
        self.kinds = kinds
        self.given = rows
        self.given_whole = whole
        self.left = MOST_CHOICES
        self.budget = Budget(STEPS)
        self.complete = True
        self._can_occur: dict[Kind, bool] = {}
        """Whether there may be an element of a kind at all, as far as inequalities say."""

    def solved(self) -> dict[int, Fraction | int] | None:
        found = self._search((), tuple(self.kinds.kinds))
        if found is None and not self.complete:
            raise Unsettled
        return found

    def _search(self, certain: tuple[Kind, ...], possible: tuple[Kind, ...]) -> dict[int, Fraction | int] | None:
        self.left -= 1
        if self.left < 0:
            self.complete = False
            return None
        possible = tuple(kind for kind in possible if self._can_occur.get(kind, True))
        values = self._suggested(certain, possible)
        if values is None:
            return None
        occurring = tuple(kind for kind in possible if values.get(kind.number))
        found = self._with_just((*certain, *occurring))
        if found is None and not all(map(self._may_occur, occurring)):
            return self._search(certain, possible)
        if found is not None:
            return found
        if not occurring:
            self.complete = False  # others may make integers of what is none
            return None
        others = tuple(kind for kind in possible if kind is not occurring[0])
        return self._search((*certain, occurring[0]), others) or self._search(certain, others)

    def _may_occur(self, kind: Kind) -> bool:
        """Not so where five of them at once are too many and a fifth of one would do: it is found out but once."""
        if kind not in self._can_occur:
            others = [each for each in self.kinds.kinds if each is not kind and self._can_occur.get(each, True)]
            self._can_occur[kind] = feasible([*self.given, *self.kinds.rows((kind,), others)], self.budget) is not None
        return self._can_occur[kind]

    def _suggested(self, certain: Sequence[Kind], possible: Sequence[Kind]) -> dict[int, Fraction | int] | None:
        """Values, of integers if they are soon found, where limits of possible kinds are taken to belong; None if there
        are certainly none, whichever of the possible kinds occur.
        """
        rows = [*self.given, *self.kinds.rows(certain, possible)]
        whole = {**self.kinds.whole([*certain, *possible]), **self.given_whole}
        try:
            return feasible_with_integers(rows, whole, FEW_BRANCHES, self.budget)
        except Unsettled:
            return feasible(rows, self.budget)

    def _with_just(self, kinds: Sequence[Kind]) -> dict[int, Fraction | int] | None:
        """Plain values, or at least some, with elements of just these kinds."""
        rows = [*self.given, *self.kinds.rows(kinds, ())]
        whole = {**self.kinds.whole(kinds), **self.given_whole}
        try:
            return solve(rows, whole)
        except Unsettled:
            pass
        try:
            found = feasible_with_integers(rows, whole, budget=self.budget)
        except Unsettled:
            self.complete = False
            return None
        return None if found is None else {**dict.fromkeys(whole, 0), **found}


def _add(terms: Terms, others: Mapping[int | None, Fraction] | Mapping[int, Fraction]) -> None:
    for variable, factor in others.items():
        terms[variable] = terms.get(variable, Fraction(0)) + factor


def _less(terms: Terms, number: int, bound: Fraction | int) -> Terms:
    """A sum without ``bound`` for each of ``number`` elements."""
    return {**terms, number: terms.get(number, Fraction(0)) - Fraction(bound)}


def _factors(terms: Terms) -> dict[int, Fraction]:
    return {variable: factor for variable, factor in terms.items() if variable is not None and factor}


# ------------------------------------------------------------------------------------------- kinds


def kinds_of(
    space: Space,
    collection: Collection,
    totals: Sequence[int],
    wanted: Sequence[int],
    avoid: Sequence[Box],
    region: Box,
) -> list[Kind]:
    """The kinds of elements outside ``avoid`` that add to a total or show what is wanted, in inputs of the region."""
    features: list[tuple[Sequence[Box], int, Form | None]] = [(collection.regions[n], n, None) for n in wanted]
    for number in totals:
        recipe = space.recipes[number]
        assert isinstance(recipe, TotalOf)
        for guard, form in recipe.arms:
            boxes = [inner for inner, context in split(space, recipe, guard) if meet(region, context) is not None]
            features.append((boxes, number, form))
    found: dict[object, list[Kind]] = {}
    for box, shown in _pieces(space, avoid, features):
        adds = {number: form for _, number, form in shown if form is not None}
        shows = frozenset(number for _, number, form in shown if form is None)
        if not adds and not shows:
            continue
        for limits in _limits_in(space, collection, box, adds.values()):
            most = _different(space, collection, box)
            alike = found.setdefault((shows, tuple(adds.items())), [])
            if most is None:
                if any(_is_within(limits, kind.limits) for kind in alike):
                    continue
                alike[:] = [kind for kind in alike if not _is_within(kind.limits, limits)]
            alike.append(Kind(collection, box, shows, adds, limits, most))
    return [kind for alike in found.values() for kind in alike]


def _is_within(inner: Mapping[int, Stretch], outer: Mapping[int, Stretch]) -> bool:
    """What lies within the one limits lies within the others."""
    if inner.keys() != outer.keys():
        return False
    for axis, (low, high) in outer.items():
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


def _pieces(
    space: Space, avoid: Sequence[Box], features: Sequence[tuple[Sequence[Box], int, Form | None]]
) -> list[tuple[Box, list[tuple[Sequence[Box], int, Form | None]]]]:
    """Disjoint boxes in which each feature holds throughout, or nowhere; and which of them hold."""
    free: list[Box] = [{}]
    for hole in avoid:
        free = [piece for box in free for piece in _without(space, box, hole)]
        if len(free) > MOST_PIECES:
            raise TooManyKinds
    pieces = [(box, list[tuple[Sequence[Box], int, Form | None]]()) for box in free]
    for feature in features:
        divided = []
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
            if len(divided) > MOST_PIECES:
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
