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
from dataclasses import field
from fractions import Fraction
from functools import cache, cached_property

from comity.analysis import limits
from comity.analysis.arithmetic.decimals import with_decimals
from comity.analysis.arithmetic.kinds import Division, Kind, Members
from comity.analysis.arithmetic.linear import AtMost, Unsettled, solve, tight
from comity.analysis.arithmetic.simplex import Simplex, feasible_with_integers
from comity.analysis.space.axes import Cut, LineAxis, Stretch, ordinary
from comity.analysis.space.boxes import Budget
from comity.analysis.space.recipes import Rounding, Sum
from comity.analysis.space.space import Space
from comity.analysis.space.symbols import Form
from comity.runtime.light import dataclass
from comity.runtime.values import Number, exact

Terms = dict[int | None, Number]
"""A sum of variables by number; what is constant is under None."""


@dataclass(eq=False)
class Refutation:
    """What is enough for there to be no values: some of the given ``rows``, by place, and some of the conditions that
    elements are ``wanted`` to show.
    """

    rows: set[int] = field(default_factory=set)
    wanted: set[int] = field(default_factory=set)


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
        self.refutation = Refutation()
        """Why there were no values when they were last asked for."""
        fresh = iter(range(-1, -(10**6), -1))
        for kind in self.kinds:
            kind.number = next(fresh)
            kind.sums = {axis: next(fresh) for axis in kind.limits if not isinstance(space.recipes.get(axis), Sum)}

    def solve(
        self, rows: Sequence[AtMost], whole: Mapping[int, bool], thorough: bool = True
    ) -> dict[int, Number] | None:
        """Values of the variables in ``whole`` and of those of kinds that meet ``rows``; None if there are none.

        Each kind is left out or not, as inequalities over rationals suggest. Raises Unsettled; if it is not asked
        ``thorough``ly, wherever rationals will do, be they integers or not.
        """
        search = _Search(self, rows, whole)
        self.refutation = search.refutation
        if not thorough:
            search.refute()
            return None
        return search.solved()

    def chosen(self, values: Mapping[int, Number]) -> list[Members]:
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


class _Search:
    """Which kinds of elements there are, and how many. ``whole``: the other variables: are they integers?"""

    def __init__(self, kinds: Kinds, rows: Sequence[AtMost], whole: Mapping[int, bool]) -> None:
        self.space = kinds.space
        self.all = kinds
        self.given = rows
        self.whole = {variable: whole[variable] for variable in whole if variable not in kinds.totals}
        self.left = limits.current.kind_choices
        self.budget = Budget(limits.current.simplex_steps)
        self.complete = True
        self.refutation = Refutation()
        self._can_occur: dict[Kind, bool] = {}
        """Whether there may be an element of a kind at all, as far as inequalities say."""
        self.adds = {kind: self._added(kind) for kind in kinds.kinds}
        """What an element of a kind adds to each of the rows: a sum of its numbers, and what is constant under None."""
        self._limits = cache(lambda kind: tuple(self._limits_of(kind)))
        self._whole_of = cache(self._integers)
        self.harmless = self._harmless()
        shown = {number for kind in self.harmless for number in kind.shows}
        self.wanted = tuple(number for number in kinds.wanted if number not in shown)
        self.kinds = self._undominated()
        self._may: Simplex | None = None
        """The inequalities once more, to ask about one kind in the midst of a search."""

    @cached_property
    def simplex(self) -> Simplex:
        """What holds where all kinds are possible. Kinds are left out, and become certain, by further bounds: so a
        search goes on from what it has reached.
        """
        whole = self._whole(self.kinds)
        return Simplex((tight(row, whole) for row in self._rows((), self.kinds)), self.budget)

    @cached_property
    def _loose(self) -> list[frozenset[Kind] | None]:
        """For each of the given rows, the kinds that bring into it what need not be an integer; None if there is more
        of that.
        """
        found: list[frozenset[Kind] | None] = []
        for place, row in enumerate(self.given):
            others = (v for v in row.factors if v not in self.all.totals)
            if all(self.whole.get(variable) for variable in others):
                terms = {kind: _factors(self._sum(kind, self.adds[kind][place])) for kind in self.kinds}
                found.append(frozenset(k for k, own in terms.items() if not all(map(self._whole_of(k).get, own))))
            else:
                found.append(None)
        return found

    def solved(self) -> dict[int, Number] | None:
        found = self._search((), self.kinds)
        if found is None:
            if not self.complete:
                raise Unsettled
            return None
        return self._with_others(found)

    def refute(self) -> None:
        """Raises Unsettled unless no rationals at all will do."""
        self.budget = Budget(limits.current.kind_steps)
        if self._rationals() is not None:
            raise Unsettled

    # ---------------------------------------------------------------------------------- fewer kinds

    def _added(self, kind: Kind) -> list[Terms]:
        adds = {total: self._expanded(form) for total, form in kind.adds.items()}
        found: list[Terms] = []
        for row in self.given:
            terms: Terms = {}
            for total, factor in row.factors.items():
                for part, each in adds.get(total, {}).items():
                    terms[part] = terms.get(part, 0) + each * factor
            found.append({part: each for part, each in terms.items() if each})
        return found

    def _expanded(self, form: Form) -> Terms:
        """A form by the numbers of an element that no sum makes."""
        terms: Terms = {None: form.constant}
        for axis, factor in form.terms:
            base = axis.number if axis.base is None else axis.base.number
            recipe = self.space.recipes.get(base)
            if isinstance(recipe, Sum):
                _add(terms, self._expanded(recipe.form.times(factor)))
            else:
                _add(terms, {base: factor})
        return terms

    def _harmless(self) -> dict[Kind, dict[int, Number]]:
        """Kinds that show what is wanted and of which an element with some numbers makes no row harder to meet. One is
        there beside what a solution asks for.
        """
        found: dict[Kind, dict[int, Number]] = {}
        shown: set[int] = set()
        for kind in self.all.kinds:
            if kind.most is not None or shown >= kind.shows or any(axis in self.space.recipes for axis in kind.limits):
                continue
            own = {axis: ordinary(*stretch, self._line(axis).whole) for axis, stretch in kind.limits.items()}
            adds = ([f if part is None else f * own[part] for part, f in terms.items()] for terms in self.adds[kind])
            if all(sum(each) <= 0 for each in adds):
                found[kind] = own
                shown |= kind.shows
        return found

    def _undominated(self) -> tuple[Kind, ...]:
        """The kinds without those that need not occur, whatever the rows ask."""
        wanted = set(self.wanted)
        shows = {kind: kind.shows & wanted for kind in self.all.kinds}
        found: list[Kind] = []
        for kind in self.all.kinds:
            if not shows[kind] and self._helps_less(kind, None):
                continue
            if kind.most is None:
                if any(shows[each] >= shows[kind] and self._helps_less(kind, each) for each in found):
                    continue
                found = [e for e in found if e.most or not shows[kind] >= shows[e] or not self._helps_less(e, kind)]
            found.append(kind)
        return tuple(found)

    def _helps_less(self, kind: Kind, other: Kind | None) -> bool:
        """An element of ``other`` (None: none at all) with the same numbers instead of one of ``kind`` makes no row
        harder to meet.
        """
        if other is not None:
            if other.most is not None:
                return False
            for axis, (low, high) in other.limits.items():
                if axis not in kind.limits:
                    # One has the number zero, which adds nothing.
                    if axis in self.space.recipes or not _is_between((0, 0), low, high):
                        return False
                elif not _is_within(kind.limits[axis], (low, high)):
                    return False
        nothing: list[Terms] = [{}] * len(self.given)
        for own, others in zip(self.adds[kind], nothing if other is None else self.adds[other], strict=True):
            if own == others:
                continue
            most = others.get(None, 0) - own.get(None, 0)
            for part in own.keys() | others.keys():
                if part is None or part not in kind.limits:
                    continue
                more = others.get(part, 0) - own.get(part, 0)
                cut = kind.limits[part][more > 0]
                if more and cut is None:
                    return False
                if more and cut is not None:
                    most += more * cut[0]
            if most > 0:
                return False
        return True

    def _with_others(self, values: Mapping[int, Number]) -> dict[int, Number]:
        """A solution with the kinds that were left out, and the totals."""
        found = dict(values)
        for kind in self.all.kinds:
            own = self.harmless.get(kind)
            for variable in (kind.number, *kind.sums.values()):
                found.setdefault(variable, 0)
            if found[kind.number] and self._is_scalable(kind):
                found[kind.number] = _fewest(kind, found)
            for axis, variable in kind.sums.items():
                fixed = _fixed(kind, axis)
                if fixed is not None:
                    found[variable] = fixed * found[kind.number]
            if own is not None and not found[kind.number]:
                found[kind.number] = 1
                found.update((kind.sums[axis], value) for axis, value in own.items())
        for total in self.all.totals:
            terms: Terms = {}
            for kind in self.all.kinds:
                if total in kind.adds:
                    _add(terms, self._sum(kind, self._expanded(kind.adds[total])))
            found[total] = exact(sum(f * found[v] for v, f in terms.items() if v is not None))
        return found

    # ---------------------------------------------------------------------------------------- rows

    def _rows(self, certain: Sequence[Kind], possible: Sequence[Kind]) -> list[AtMost]:
        """What holds where there are elements of all ``certain`` kinds and perhaps of ``possible`` ones, no others: the
        given rows, one for each condition that is wanted, and what kinds are.

        Of possible kinds, limits that do not belong are left out.
        """
        rows: list[AtMost] = []
        for place in range(len(self.given)):
            rows.append(self._given(place, (*certain, *possible)))
        for each in self.wanted:
            shown = (kind.number for kind in (*certain, *possible) if each in kind.shows)
            rows.append(AtMost(dict.fromkeys(shown, -1), -1))
        for kind in certain:
            rows += self._limits(kind)
            rows.append(AtMost({kind.number: -1}, -1))
        for kind in possible:
            rows += (AtMost(row.factors, row.bound) for row in self._limits(kind))
            rows.append(AtMost({kind.number: -1}, 0))
        return rows

    def _restrict(self, simplex: Simplex, certain: Sequence[Kind], possible: Sequence[Kind]) -> None:
        """From now on there are elements of all ``certain`` kinds, perhaps of ``possible`` ones, and no others."""
        there = {*certain, *possible}
        for kind in self.kinds:
            if kind not in there:
                for variable in (kind.number, *(v for v in kind.sums.values() if v in simplex.values)):
                    simplex.bound(variable, 0, upper=True)
                    simplex.bound(variable, 0, upper=False)
        for kind in certain:
            own = self._whole_of(kind)
            simplex.bound(kind.number, 1, upper=False)
            for row in self._limits(kind):
                if row.strict:
                    simplex.add(tight(row, own))
        # Rows that are now of integers alone.
        whole: dict[int, bool] | None = None
        for place, loose in enumerate(self._loose):
            if loose is not None and loose and loose.isdisjoint(there):
                whole = whole or self._whole((*certain, *possible))
                row = self._given(place, (*certain, *possible))
                tighter = tight(row, whole)
                if tighter is not row and tighter.bound.denominator == 1:
                    simplex.add(tighter, place)

    def _given(self, place: int, kinds: Sequence[Kind]) -> AtMost:
        """One of the given rows, in terms of kinds."""
        row = self.given[place]
        factors = {variable: f for variable, f in row.factors.items() if variable not in self.all.totals}
        for kind in kinds:
            factors |= _factors(self._sum(kind, self.adds[kind][place]))
        return AtMost(factors, row.bound, row.strict)

    def _note(self, why: Iterable[int]) -> None:
        """Rows, by place, are part of the reason why there are no values."""
        given, wanted = len(self.given), len(self.wanted)
        for place in why:
            if place < given:
                self.refutation.rows.add(place)
            elif place < given + wanted:
                self.refutation.wanted.add(self.wanted[place - given])

    def _whole(self, kinds: Sequence[Kind]) -> dict[int, bool]:
        """The variables, those of kinds included: are they integers?"""
        found = dict(self.whole)
        for kind in kinds:
            found |= self._whole_of(kind)
        return found

    def _integers(self, kind: Kind) -> dict[int, bool]:
        own = {v: self._line(axis).whole for axis, v in kind.sums.items() if _fixed(kind, axis) is None}
        return {kind.number: not self._is_scalable(kind), **own}

    def _is_scalable(self, kind: Kind) -> bool:
        """More elements of the kind can add what fewer do, so their number need not be an integer: it is rounded up."""
        return (
            kind.most is None
            and not any(form.constant for form in kind.adds.values())
            and all(
                axis not in self.space.recipes and (low is None or low <= (0, 1)) and (high is None or high >= (0, 0))
                for axis, (low, high) in kind.limits.items()
            )
        )

    def _limits_of(self, kind: Kind) -> Iterator[AtMost]:
        """Where the sums of numbers of so many elements lie."""
        if kind.most is not None:
            yield AtMost({kind.number: 1}, kind.most)
        for axis, stretch in kind.limits.items():
            recipe = self.space.recipes.get(axis)
            if recipe is None and _fixed(kind, axis) is not None:
                continue
            own = Form(((self._line(axis), 1),), 0)
            yield from self._within(kind, recipe.form if isinstance(recipe, Sum) else own, stretch)
            if isinstance(recipe, Rounding):
                # Up: k - 1 < form <= k. Down: k <= form < k + 1.
                gap = recipe.form.plus(own, -1)
                yield from self._within(kind, gap, ((-1, 1), (0, 1)) if recipe.up else ((0, 0), (1, 0)))

    def _within(self, kind: Kind, form: Form, stretch: Stretch) -> Iterator[AtMost]:
        low, high = stretch
        terms = self._sum(kind, self._expanded(form))
        if high is not None:
            yield AtMost(_factors(_less(terms, kind.number, high[0])), 0, strict=high[1] == 0)
        if low is not None:
            less = _less(terms, kind.number, low[0])
            yield AtMost({v: -factor for v, factor in _factors(less).items()}, 0, strict=low[1] == 1)

    def _sum(self, kind: Kind, terms: Terms) -> Terms:
        """What a sum of numbers of an element adds up to over the elements of a kind."""
        found: Terms = {}
        for part, factor in terms.items():
            fixed = None if part is None else _fixed(kind, part)
            if part is None:
                _add(found, {kind.number: factor})
            elif fixed is None:
                _add(found, {kind.sums[part]: factor})
            else:
                _add(found, {kind.number: factor * fixed})
        return found

    def _line(self, number: int) -> LineAxis:
        axis = self.space.axes[number]
        assert isinstance(axis, LineAxis)
        return axis

    # -------------------------------------------------------------------------------------- search

    def _search(self, certain: tuple[Kind, ...], possible: tuple[Kind, ...]) -> dict[int, Number] | None:
        self.left -= 1
        if self.left < 0:
            self.complete = False
            return None
        self.simplex.push()
        try:
            return self._searched(certain, possible)
        finally:
            self.simplex.pop()

    def _searched(self, certain: tuple[Kind, ...], possible: tuple[Kind, ...]) -> dict[int, Number] | None:
        possible = tuple(kind for kind in possible if self._can_occur.get(kind, True))
        values = self._suggested(certain, possible)
        while values is not None:
            # A sum without limits may be anything while there are no elements. Often there can be none of them.
            idle = [kind for kind in possible if not values.get(kind.number)]
            unfounded = [kind for kind in idle if _occurs(kind, values)]
            if not unfounded:
                break
            found = self._with_some(idle)
            if found is not None:
                idle = unfounded
                found = self._with_some(unfounded)
            if found is not None:
                values = found
                break
            possible = tuple(kind for kind in possible if kind not in idle)
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
        picked = self._picked(certain, possible, [k for k in occurring if values.get(k.number)] or occurring)
        others = tuple(kind for kind in possible if kind is not picked)
        return self._search((*certain, picked), others) or self._search(certain, others)

    def _picked(self, certain: Sequence[Kind], possible: Sequence[Kind], occurring: Sequence[Kind]) -> Kind:
        """The occurring kind to decide about: one that shows what fewest kinds can show. Where one of two kinds must
        occur, what follows from either is soon seen; that one of fifty does not occur says nothing.
        """
        shown = {number for kind in certain for number in kind.shows}
        missing = [number for number in self.wanted if number not in shown]
        if not missing:
            return occurring[0]
        rarest = min(missing, key=lambda number: sum(number in kind.shows for kind in possible))
        return next((kind for kind in occurring if rarest in kind.shows), occurring[0])

    def _with_some(self, some: Sequence[Kind]) -> dict[int, Number] | None:
        """As `_rationals`, with elements of some of the possible kinds."""
        any_number = any(map(self._is_scalable, some))
        self.simplex.push()
        try:
            numbers = (kind.number for kind in some)
            self.simplex.add(AtMost(dict.fromkeys(numbers, -1), 0 if any_number else -1, any_number))
            return self._rationals()
        finally:
            self.simplex.pop()

    def _may_occur(self, kind: Kind) -> bool:
        """Not so where five of them at once are too many and a fifth of one would do: it is found out but once."""
        if kind not in self._can_occur:
            if self._may is None:
                self._may = Simplex(self._rows((), self.kinds), self.budget)
            self._may.push()
            try:
                others = [each for each in self.kinds if each is not kind and self._can_occur.get(each, True)]
                self._restrict(self._may, (kind,), others)
                self._can_occur[kind] = self._rationals(self._may) is not None
            finally:
                self._may.pop()
        return self._can_occur[kind]

    def _suggested(self, certain: Sequence[Kind], possible: Sequence[Kind]) -> dict[int, Number] | None:
        """Values, of integers if they are soon found, where limits of possible kinds are taken to belong; None if there
        are certainly none, whichever of the possible kinds occur.
        """
        why: set[int] = set()
        self._restrict(self.simplex, certain, possible)
        whole = self._whole((*certain, *possible))
        try:
            found = self.simplex.with_integers(whole, limits.current.kind_branches, why)
        except Unsettled:
            return self._rationals()
        self._note(why)
        return found

    def _rationals(self, simplex: Simplex | None = None) -> dict[int, Number] | None:
        """The same with the kinds there are, be they integers or not."""
        simplex = simplex or self.simplex
        found = simplex.solved()
        if found is None:
            self._note(simplex.refuting)
        return found

    def _with_just(self, kinds: Sequence[Kind]) -> dict[int, Number] | None:
        """Plain values, or at least some, with elements of just these kinds."""
        rows, whole = self._rows(kinds, ()), self._whole(kinds)
        try:
            found = solve(rows, whole, limits.current.kind_constraints)
        except Unsettled:
            try:
                found = feasible_with_integers(rows, whole, budget=self.budget)
            except Unsettled:
                self.complete = False
                return None
        return None if found is None else with_decimals(rows, whole, {**dict.fromkeys(whole, 0), **found})


def _fixed(kind: Kind, axis: int) -> Number | None:
    """The value of a number that all elements of a kind have. So many of them add up to a multiple of it, which
    integers may not reach: of 999.50 there are 0, 999.50 or 1,999, but never 1,000.
    """
    low, high = kind.limits.get(axis, (None, None))
    return low[0] if low is not None and high is not None and low[0] == high[0] else None


def _fewest(kind: Kind, values: Mapping[int, Number]) -> int:
    """How many elements of a kind with zero within its limits it takes for the sums of their numbers."""
    fewest = 1
    for axis, cuts in kind.limits.items():
        total = values[kind.sums[axis]]
        for cut, belongs in zip(cuts, (0, 1), strict=True):
            if cut is not None and total * cut[0] > 0:
                quotient = Fraction(total) / cut[0]
                fewest = max(fewest, quotient.__ceil__() if cut[1] == belongs else quotient.__floor__() + 1)
    return fewest


def _is_between(cut: Cut, low: Cut | None, high: Cut | None) -> bool:
    return (low is None or low <= cut) and (high is None or cut < high)


def _is_within(inner: Stretch, outer: Stretch) -> bool:
    (low, high), (least, most) = inner, outer
    return (least is None or (low is not None and least <= low)) and (
        most is None or (high is not None and high <= most)
    )


def _occurs(kind: Kind, values: Mapping[int, Number]) -> bool:
    """Values ask for elements of the kind. Without limits a sum may do so while their number is still zero."""
    return any(values.get(variable) for variable in (kind.number, *kind.sums.values()))


def _add(terms: Terms, others: Mapping[int | None, Number] | Mapping[int, Number]) -> None:
    for variable, factor in others.items():
        terms[variable] = terms.get(variable, 0) + factor


def _less(terms: Terms, number: int, bound: Number) -> Terms:
    """A sum without ``bound`` for each of ``number`` elements."""
    return {**terms, number: terms.get(number, 0) - bound}


def _factors(terms: Terms) -> dict[int, Number]:
    return {variable: factor for variable, factor in terms.items() if variable is not None and factor}
