"""Numbers made of facts: values for the facts that bring sums, roundings, products and quotients where they must be.

Sums and roundings are linear inequalities, which are solved exactly here (`linear`). Products and quotients of facts
are not: the solver decides them (`solver`, with the extra `comity[smt]`); without it they stay open. A day some months
later is nearly linear: as many days later, but for a few. What that rules out is ruled out; else days are tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice, product
from math import prod
from typing import TypeAlias, assert_never

from comity.analysis import limits
from comity.analysis.arithmetic import solver
from comity.analysis.arithmetic.days import Apart, lengths, solve_days
from comity.analysis.arithmetic.decimals import with_decimals
from comity.analysis.arithmetic.linear import AtMost, Unsettled, solve
from comity.analysis.arithmetic.members import Kinds
from comity.analysis.space.axes import DayAxis, LineAxis, Stretch, ordinary
from comity.analysis.space.recipes import Later, Product, Quotient, Rounding, Sum
from comity.analysis.space.space import Space
from comity.analysis.space.symbols import FIRST, LAST, Form, first_day, months_later
from comity.runtime.values import Number, divide, multiply, round_down, round_up

Arithmetic: TypeAlias = Sum | Rounding | Product | Quotient | Later
"""What a number may be made by."""

ROUND = (0, 1, 2, 3, 10, 100, 1_000, 10_000, 100_000, 1_000_000)
"""Values that are tried before the solver is asked."""


Choices: TypeAlias = Mapping[int, Sequence[Stretch]]
"""For each number, the stretches that it may lie in."""

Values: TypeAlias = dict[int, Fraction | int]


def forms_of(recipe: Arithmetic) -> tuple[Form, ...]:
    match recipe:
        case Sum(form=form) | Rounding(form=form) | Later(day=form):
            return (form,)
        case Product(left=left, right=right) | Quotient(left=left, right=right):
            return (left, right)
        case _:
            assert_never(recipe)


class Problem:
    """Some numbers of one space, with all that they are made of. ``numbers``: each after its parts."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.members: Kinds | None = None
        """The elements that counts and sums among the numbers are made of."""
        self.thorough = True
        """Whether elements are looked for as integers, not only refuted over rationals."""
        self.refuting: set[int] | None = None
        """Where there are no values: numbers whose cells, and conditions that elements are to show, which are enough
        for that together with what elements there may be. None where that is not known."""
        self.numbers: list[int] = []
        self.recipes: dict[int, Arithmetic] = {}

    def add(self, number: int) -> None:
        if number in self.numbers:
            return
        recipe = self.space.recipes.get(number)
        if isinstance(recipe, Arithmetic):
            for form in forms_of(recipe):
                for axis, _ in form.terms:
                    self.add(axis.number)
            self.recipes[number] = recipe
        self.numbers.append(number)

    def whole(self, number: int) -> bool:
        axis = self.space.axes[number]
        assert isinstance(axis, LineAxis)
        return axis.whole

    def solve(self, choices: Choices, fixed: Mapping[int, Fraction | int]) -> Values | None:
        """Values of the numbers that no recipe makes; None if there are certainly none; else Unsettled is raised."""
        made_by = {type(recipe) for recipe in self.recipes.values()}
        if made_by & {Product, Quotient}:
            found, complete = self._tried(choices, fixed)
            if found is None and not complete:
                found = solver.solve(self, choices, fixed)
            if found is not None and self.members is not None:
                found = {**found, **self._elements(found)}
        elif Later in made_by or any(isinstance(self.space.axes[number], DayAxis) for number in self.numbers):
            found = self._later(choices, fixed)
        else:
            self.refuting = None if self.members is None else set()
            found = self._linear(choices, fixed)
        return None if found is None else {n: v for n, v in found.items() if n not in self.recipes}

    def _elements(self, found: Values) -> Values:
        """Elements for totals whose values are chosen already. Raises Unsettled where there are none."""
        assert self.members is not None
        rows = [row for n in self.members.totals for row in _within({n: Fraction(1)}, ((found[n], 0), (found[n], 1)))]
        elements = self._solved(rows, dict.fromkeys(self.members.totals, False))
        if elements is None:
            raise Unsettled
        return elements

    def _solved(self, rows: list[AtMost], whole: dict[int, bool]) -> Values | None:
        """Values that meet the rows, with the elements that totals need; None if there are certainly none."""
        if self.members is not None:
            return self.members.solve(rows, whole, self.thorough)
        found = solve(rows, whole)
        return None if found is None else with_decimals(rows, whole, found)

    def _tried(self, choices: Choices, fixed: Mapping[int, Fraction | int]) -> tuple[Values | None, bool]:
        """Plain values that happen to do: the plainest witness, and often there is one. And whether all were tried."""
        facts = {number: self._plain(number, choices[number]) for number in choices if number not in self.recipes}
        found = self._first({number: values for number, (values, _) in facts.items()}, choices, fixed)
        complete = all(complete for _, complete in facts.values())
        return found, complete and prod(
            len(values) for values, _ in facts.values()
        ) <= limits.current.tried_combinations

    def _first(
        self, facts: Mapping[int, Sequence[Fraction | int]], choices: Choices, fixed: Mapping[int, Fraction | int]
    ) -> Values | None:
        """The first of the combinations of values with which all numbers are where they must be."""
        for picked in islice(product(*facts.values()), limits.current.tried_combinations):
            values = self._made_of({**fixed, **dict(zip(facts, picked, strict=True))})
            if all(_lies_in(values[number], stretches) for number, stretches in choices.items()):
                return {number: value for number, value in values.items() if value is not None}
        return None

    def _made_of(self, facts: Mapping[int, Fraction | int]) -> dict[int, Number | None]:
        """The values of all numbers, from those of the facts."""
        values: dict[int, Number | None] = {**facts}
        for number in self.numbers:
            recipe = self.recipes.get(number)
            if recipe is not None:
                values[number] = _made(recipe, values)
        return values

    def _later(self, choices: Choices, fixed: Mapping[int, Fraction | int]) -> Values | None:
        """Days, some of which are to lie months after others. Raises Unsettled where none is found that does."""
        of_days = {number for number in self.numbers if self._is_of_days(number)}
        if not all(of_days.isdisjoint(self._parts(number)) for number in self.recipes if number not in of_days):
            return self._near_days(choices, fixed)
        others = self._linear({n: each for n, each in choices.items() if n not in of_days}, fixed)
        days = None if others is None else self._days({n: choices[n] for n in choices if n in of_days}, fixed)
        return None if others is None or days is None else {**others, **days}

    def _parts(self, number: int) -> list[int]:
        return [axis.number for form in forms_of(self.recipes[number]) for axis, _ in form.terms]

    def _is_of_days(self, number: int) -> bool:
        """It is a day, one some months later, or how far two of them lie apart."""
        recipe = self.recipes.get(number)
        if not isinstance(recipe, Sum):
            return self._base(number) is not None
        factors = sorted(factor for _, factor in recipe.form.terms)
        return factors == [-1, 1] and all(self._base(part) is not None for part in self._parts(number))

    def _base(self, number: int) -> tuple[int, int] | None:
        """The day that a number is some months after, and how many."""
        recipe = self.recipes.get(number)
        if recipe is None:
            return (number, 0) if isinstance(self.space.axes[number], DayAxis) else None
        terms = recipe.day.terms if isinstance(recipe, Later) and not recipe.day.constant else ()
        if isinstance(recipe, Later) and len(terms) == 1 and terms[0][1] == 1:
            number = terms[0][0].number
            return None if number in self.recipes else (number, recipe.months)
        return None

    def _days(self, choices: Choices, fixed: Mapping[int, Fraction | int]) -> Values | None:
        """The same where nothing else is asked, decided. Raises Unsettled."""
        try:
            if self._linear(choices, fixed, alone=True) is None:
                return None
        except Unsettled:
            pass
        unsettled = (
            len(list(islice(product(*choices.values()), limits.current.interval_splits + 1)))
            > limits.current.interval_splits
        )
        for picked in islice(product(*choices.values()), limits.current.interval_splits):
            bounds = {n: (int(day), int(day)) for n, day in fixed.items() if n in self.numbers and self._is_of_days(n)}
            apart: list[Apart] = []
            for number, stretch in zip(choices, picked, strict=True):
                low, high = _ends(stretch)
                recipe = self.recipes.get(number)
                if isinstance(recipe, Sum):
                    sides = {factor: self._base(axis.number) for axis, factor in recipe.form.terms}
                    one, two, constant = sides[1], sides[-1], int(recipe.form.constant)
                    assert one is not None and two is not None
                    apart += [] if low is None else [Apart(*one, *two, low - constant)]
                    apart += [] if high is None else [Apart(*two, *one, constant - high)]
                    continue
                base = self._base(number)
                assert base is not None
                own = bounds.get(base[0], (FIRST, LAST))
                first = own[0] if low is None else max(own[0], first_day(low, base[1]))
                bounds[base[0]] = first, own[1] if high is None else min(own[1], first_day(high + 1, base[1]) - 1)
            try:
                found = solve_days(bounds, apart)
            except Unsettled:
                unsettled = True
                continue
            if found is not None:
                return {number: day for number, day in found.items() if number not in fixed}
        if unsettled:
            raise Unsettled
        return None

    def _near_days(self, choices: Choices, fixed: Mapping[int, Fraction | int]) -> Values | None:
        """The same for days in other arithmetic: those near what rationals suggest are tried."""
        near: Values = {}
        spans: dict[int, int] = {}
        for _ in range(limits.current.span_rounds):
            try:
                found = self._linear(choices, fixed, spans)
            except Unsettled:
                break
            if found is None:
                if not spans:
                    return None
                break
            near = {number: value for number, value in found.items() if number not in self.recipes}
            if self._first({number: [value] for number, value in near.items()}, choices, fixed):
                return near
            spans = self._spans({**fixed, **near})
        months = {0, *(recipe.months for recipe in self.recipes.values() if isinstance(recipe, Later))}
        ends = {int(cut[0]) for stretches in choices.values() for stretch in stretches for cut in stretch if cut}
        ends |= {int(value) for value in fixed.values()} | {int(value) for value in near.values()}
        days = {day for end in ends for m in months for way in (m, -m) if (day := months_later(end, way)) is not None}
        facts: dict[int, Sequence[Fraction | int]] = {}
        for number in (number for number in choices if number not in self.recipes):
            plain, _ = self._plain(number, choices[number])
            own = [near[number]] if number in near else []
            around = sorted(day + step for day in days for step in (-1, 0, 1))
            every = dict.fromkeys((*own, *plain, *around))
            facts[number] = [day for day in every if _lies_in(day, choices[number])][: limits.current.tried_days]
        found = self._first(facts, choices, fixed)
        if found is None:
            raise Unsettled
        return found

    def _spans(self, facts: Mapping[int, Fraction | int]) -> dict[int, int]:
        """How many days months are, for these facts."""
        values = self._made_of(facts)
        found: dict[int, int] = {}
        for number, recipe in self.recipes.items():
            later = values[number]
            if isinstance(recipe, Later) and isinstance(later, int):
                day = recipe.day.value(lambda axis: values[axis.number])
                assert isinstance(day, int)
                found[number] = later - day
        return found

    def _plain(self, number: int, stretches: Sequence[Stretch]) -> tuple[list[Fraction | int], bool]:
        """A few values of a fact, the plainest first; and whether there are no others."""
        own = [ordinary(low, high, self.whole(number)) for low, high in stretches]
        every: list[Fraction | int] = []
        for low, high in stretches:
            if (
                not self.whole(number)
                or low is None
                or high is None
                or high[0] - low[0] > limits.current.exhausted_integers
            ):
                every += [value for value in ROUND if _lies_in(value, stretches)]
                return list(dict.fromkeys((*own, *every))), False
            every += range(int(low[0]), int(high[0]))
        return list(dict.fromkeys((*own, *every))), True

    def _linear(
        self,
        choices: Choices,
        fixed: Mapping[int, Fraction | int],
        spans: Mapping[int, int] | None = None,
        alone: bool = False,
    ) -> Values | None:
        """One choice of stretches after another. ``spans``: just so many days are the months of days made later;
        ``alone``: without elements.
        """
        free = [number for number in choices if not isinstance(self.recipes.get(number), Sum)]
        whole = {number: self.whole(number) for number in free}
        unsettled = False
        for attempt, picked in enumerate(product(*choices.values())):
            if attempt >= limits.current.interval_splits:
                unsettled = True
                break
            stretches = dict(zip(choices, picked, strict=True))
            try:
                about = [(n, row) for n in stretches for row in self._rows(n, stretches[n], fixed, spans or {})]
                rows = [row for _, row in about]
                found = solve(rows, whole) if alone else self._solved(rows, whole)
            except Unsettled:
                unsettled = True
                continue
            if found is not None:
                return found
            if self.refuting is not None and self.members is not None:
                refutation = self.members.refutation
                self.refuting |= refutation.wanted | {about[place][0] for place in refutation.rows}
        if unsettled:
            raise Unsettled
        return None

    def _rows(
        self, number: int, stretch: Stretch, fixed: Mapping[int, Fraction | int], spans: Mapping[int, int]
    ) -> Iterator[AtMost]:
        """The inequalities of one number: that it lies in its stretch, and what rounding is."""
        yield from _within(self._expanded(number, fixed), stretch)
        recipe = self.recipes.get(number)
        if isinstance(recipe, Rounding):
            # Up: k - 1 < form <= k. Down: k <= form < k + 1.
            low, high = ((-1, 1), (0, 1)) if recipe.up else ((0, 0), (1, 0))
            yield from _within(self._gap(number, recipe.form, fixed), (low, high))
        if isinstance(recipe, Later):
            least, most = (spans[number],) * 2 if number in spans else lengths(recipe.months)
            yield from _within(self._gap(number, recipe.day, fixed), ((-most, 0), (-least, 1)))

    def _gap(self, number: int, form: Form, fixed: Mapping[int, Fraction | int]) -> dict[int | None, Fraction]:
        """A sum without what is made of it."""
        gap = self._sum(form, fixed)
        gap[number] = gap.get(number, Fraction(0)) - 1
        return gap

    def _expanded(self, number: int, fixed: Mapping[int, Fraction | int]) -> dict[int | None, Fraction]:
        """A number as a sum of those that are not sums; what is constant stands under None."""
        recipe = self.recipes.get(number)
        if isinstance(recipe, Sum):
            return self._sum(recipe.form, fixed)
        if number in fixed:
            return {None: Fraction(fixed[number])}
        return {number: Fraction(1)}

    def _sum(self, form: Form, fixed: Mapping[int, Fraction | int]) -> dict[int | None, Fraction]:
        total: dict[int | None, Fraction] = {None: Fraction(form.constant)}
        for axis, factor in form.terms:
            for part, each in self._expanded(axis.number, fixed).items():
                total[part] = total.get(part, Fraction(0)) + each * Fraction(factor)
        return total


def _made(recipe: Arithmetic, values: Mapping[int, Number | None]) -> Number | None:
    """The value of a number from those of its parts."""

    def total(form: Form) -> Number | None:
        return form.value(lambda axis: values[axis.number])

    match recipe:
        case Sum(form=form):
            return total(form)
        case Rounding(up=up, form=form):
            return round_up(total(form)) if up else round_down(total(form))
        case Product(left=left, right=right):
            return multiply(total(left), total(right))
        case Quotient(left=left, right=right):
            return divide(total(left), total(right))
        case Later(day=day, months=months):
            ordinal = total(day)
            return None if ordinal is None else months_later(int(ordinal), months)
        case _:
            assert_never(recipe)


def _ends(stretch: Stretch) -> tuple[int | None, int | None]:
    """The first and the last integer of a stretch."""
    low, high = stretch
    first = None if low is None else low[0].__ceil__() if low[1] == 0 else low[0].__floor__() + 1
    last = None if high is None else high[0].__ceil__() - 1 if high[1] == 0 else high[0].__floor__()
    return first, last


def _lies_in(value: Number | None, stretches: Sequence[Stretch]) -> bool:
    return value is not None and any(
        (low is None or low <= (value, 0)) and (high is None or (value, 0) < high) for low, high in stretches
    )


def _within(total: Mapping[int | None, Fraction], stretch: Stretch) -> Iterable[AtMost]:
    """The inequalities that a sum lies in a stretch."""
    low, high = stretch
    constant = total.get(None, Fraction(0))
    factors = {number: factor for number, factor in total.items() if number is not None and factor}
    if high is not None:
        yield AtMost(factors, Fraction(high[0]) - constant, strict=high[1] == 0)
    if low is not None:
        yield AtMost({n: -f for n, f in factors.items()}, constant - Fraction(low[0]), strict=low[1] == 1)
