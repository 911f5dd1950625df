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
from fractions import Fraction

from comity.analysis.arithmetic.kinds import Division, Kind, Members
from comity.analysis.arithmetic.linear import AtMost, Unsettled, solve
from comity.analysis.arithmetic.simplex import STEPS, feasible, feasible_with_integers
from comity.analysis.space.axes import LineAxis, Stretch
from comity.analysis.space.boxes import Budget
from comity.analysis.space.space import Rounding, Space, Sum
from comity.analysis.space.symbols import Form

MOST_CHOICES = 30
"""Maximum number of times that some kinds are certain and others left out."""

FEW_BRANCHES = 20
"""Steps of branch and bound over all kinds, to find which occur, or that no integers will do."""

Terms = dict[int | None, Fraction]
"""A sum of variables by number; what is constant is under None."""


class Kinds:
    """The kinds of elements of some collections that matter for some totals. Their variables are negative numbers."""

    def __init__(
        self, space: Space, divisions: Sequence[Division], totals: Iterable[int], wanted: Iterable[int]
    ) -> None:
        self.space = space
        self.kinds = [kind for each in divisions for kind in each.kinds]
        self.idle = [members for each in divisions for members in each.idle]
        self.totals = tuple(totals)
        shown_idly = {number for each in divisions for number in each.shown_idly}
        self.wanted = tuple(number for number in wanted if number not in shown_idly)
        fresh = iter(range(-1, -(10**6), -1))
        for kind in self.kinds:
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
            for axis, variable in kind.sums.items():
                found[variable] = self._line(axis).whole
        return found

    def solve(self, rows: Sequence[AtMost], whole: Mapping[int, bool]) -> dict[int, Fraction | int] | None:
        """Values of the variables in ``whole`` and of those of kinds that meet ``rows``; None if there are none.

        Each kind is left out or not, as inequalities over rationals suggest. Raises Unsettled.
        """
        return _Search(self, rows, whole).solved()

    def chosen(self, values: Mapping[int, Fraction | int]) -> list[Members]:
        """The elements that a solution asks for."""
        found = [
            Members(kind, int(count), {axis: values[variable] for axis, variable in kind.sums.items()})
            for kind in self.kinds
            if (count := values.get(kind.number, 0))
        ]
        for idle in self.idle:
            if not all(self._is_shown(number, found, idle) for number in idle.kind.shows):
                found.append(idle)
        return found

    def _is_shown(self, number: int, found: list[Members], idle: Members) -> bool:
        """Some of the elements show what is wanted, if need be narrowed so that they do."""
        for place, members in enumerate(found):
            if members.kind.collection is idle.kind.collection:
                if number in members.kind.shows:
                    return True
                showing = members.showing(number, self.space)
                if showing is not None:
                    found[place] = showing
                    return True
        return False

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
        occurring = tuple(kind for kind in possible if _occurs(kind, values))
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


def _occurs(kind: Kind, values: Mapping[int, Fraction | int]) -> bool:
    """Values ask for elements of the kind. Without limits a sum may do so while their number is still zero."""
    return any(values.get(variable) for variable in (kind.number, *kind.sums.values()))


def _add(terms: Terms, others: Mapping[int | None, Fraction] | Mapping[int, Fraction]) -> None:
    for variable, factor in others.items():
        terms[variable] = terms.get(variable, Fraction(0)) + factor


def _less(terms: Terms, number: int, bound: Fraction | int) -> Terms:
    """A sum without ``bound`` for each of ``number`` elements."""
    return {**terms, number: terms.get(number, Fraction(0)) - Fraction(bound)}


def _factors(terms: Terms) -> dict[int, Fraction]:
    return {variable: factor for variable, factor in terms.items() if variable is not None and factor}
