"""Comparisons of symbolic values: the atoms of which formulas are made.

Example: `value > 5_000` becomes the leaf "cells above 5,000 of the axis of `value`", with another leaf for when that
is unknown; `value > limit` of two facts becomes an inequality between two axes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from datetime import date
from fractions import Fraction

from comity.analysis import limits
from comity.analysis.space.axes import Cut, FiniteAxis, LineAxis, Stretch, TextAxis
from comity.analysis.space.codes import CodeAxis, Exactly, Part
from comity.analysis.space.formulas import (
    FALSE,
    NO,
    TRUE,
    UNKNOWN,
    YES,
    Formula,
    Tri,
    all_of,
    and_,
    negate,
    not_,
    or_,
    settled,
    some_of,
    switch_of,
)
from comity.analysis.space.recipes import Rounding
from comity.analysis.space.space import Space
from comity.analysis.space.symbols import (
    Choice,
    CodePart,
    Fact,
    Form,
    Known,
    MonthsLater,
    Rounded,
    Symbol,
    Truth,
    months_later,
)
from comity.runtime import values


class Comparisons:
    """Equality and order over one space."""

    def __init__(self, space: Space) -> None:
        self.space = space

    # -------------------------------------------------------------------------------------- numbers

    def order(self, left: Symbol, right: Symbol, strict: bool) -> Tri:
        """``left < right``, or ``left <= right``."""
        match left, right:
            case Form(), Form():
                return self._sign(left.plus(right, -1), strict)
            case Rounded(), Form(terms=(), constant=bound):
                return self._rounded(left, bound, strict)
            case Form(terms=(), constant=bound), Rounded():
                return not_(self._rounded(right, bound, not strict))
            case CodePart(), Form(terms=(), constant=bound):
                cut: Cut = (bound, 0) if strict else (bound, 1)
                return code_part(left, ((None, cut),))
            case Form(terms=(), constant=bound), CodePart():
                return not_(code_part(right, ((None, (bound, 1) if strict else (bound, 0)),)))
            case MonthsLater(), Form(terms=(), constant=bound):
                return self._later(left, bound, strict)
            case Form(terms=(), constant=bound), MonthsLater():
                return not_(self._later(right, bound, not strict))
            case (Known(value=values.ABSENT), _) | (_, Known(value=values.ABSENT)):
                return UNKNOWN
            case _:
                both = all_of((known(left), known(right)))
                sign = self._sign(self.form(left).plus(self.form(right), -1), strict)
                return Tri(all_of((both, sign.true)), all_of((both, sign.false)))

    def form(self, symbol: Symbol) -> Form:
        """A number as a sum, over an axis of its own where it is none."""
        match symbol:
            case Form():
                return symbol
            case Rounded(up=up, form=form):
                name = f"round_{'up' if up else 'down'}"
                return Form(((self.space.number_axis(Rounding(up, form), form, name=name, whole=True), 1),), 0)
            case MonthsLater(day=day, months=months):
                return Form(((self.space.later_axis(day, months), 1),), 0)
            case _:
                raise AssertionError(f"{symbol} is not a number")

    def _sign(self, form: Form, strict: bool) -> Tri:
        """``form < 0``, or ``form <= 0``."""
        if not form.terms:
            return _given(form, form.constant < 0 or (form.constant == 0 and not strict))
        axis, scale, constant = self._line(form)
        bound = values.exact(Fraction(-constant) / scale)
        if scale > 0:
            return self._at_most(form, axis, axis.below(bound) if strict else axis.above(bound))
        return not_(self._at_most(form, axis, axis.above(bound) if strict else axis.below(bound)))

    def _at_most(self, form: Form, axis: LineAxis, cut: Cut) -> Tri:
        return self._asks(form, axis, ((None, cut),))

    def _asks(self, form: Form, axis: LineAxis, stretches: tuple[Stretch, ...]) -> Tri:
        """The axis of a form's value, known only where all the facts in it are."""
        truth = axis.asks(stretches)
        if (len(form.terms) == 1 and not form.cancelled) or form.present is TRUE:
            return truth
        return Tri(all_of((form.present, truth.true)), all_of((form.present, truth.false)))

    def _line(self, form: Form) -> tuple[LineAxis, Fraction | int, Fraction | int]:
        """An axis, a scale and a constant: the form is scale * axis + constant."""
        if len(form.terms) == 1:
            ((axis, scale),) = form.terms
            return axis, scale, form.constant
        scale = form.terms[0][1]
        return self.space.sum_axis(Form(form.times(Fraction(1) / scale).terms, 0)), scale, form.constant

    def _rounded(self, rounded: Rounded, bound: Fraction | int, strict: bool) -> Tri:
        """``round(form) < bound``, or ``<=``: an integer is at most the greatest integer that is."""
        greatest = bound.__ceil__() - 1 if strict else bound.__floor__()
        if rounded.up:
            return self.order(rounded.form, Form((), greatest), strict=False)
        return self.order(rounded.form, Form((), greatest + 1), strict=True)

    def _later(self, later: MonthsLater, bound: Fraction | int, strict: bool) -> Tri:
        """``day + months < bound``, or ``<=``. The later day, the later the sum, so a cut among the days says it."""
        latest = bound.__ceil__() - 1 if strict else bound.__floor__()
        start, end = _within_the_calendar(later)
        days = range(start, end + 1)
        cut = start + bisect_left(days, True, key=lambda day: (months_later(day, later.months) or 0) > latest)
        axis = later.day
        low, middle, high = axis.below(start), axis.below(cut), axis.above(end)
        return Tri(axis.leaf(((low, middle),)), axis.leaf(((middle, high),)))

    # ------------------------------------------------------------------------------------- equality

    def equal(self, left: Symbol, right: Symbol) -> Tri:
        """Equality of two symbols that are not records or collections."""
        match left, right:
            case (Known(value=values.ABSENT), _) | (_, Known(value=values.ABSENT)):
                return UNKNOWN
            case Known(value=one), Known(value=two):
                return YES if one == two else NO
            case Truth(tri=one), Truth(tri=two):
                return or_((and_((one, two)), and_((not_(one), not_(two)))))
            case Form(), Form():
                return self._zero(left.plus(right, -1))
            case (Rounded() | MonthsLater(), _) | (_, Rounded() | MonthsLater()):
                return and_((self.order(left, right, False), self.order(right, left, False)))
            case (CodePart(), Form(terms=(), constant=at)) | (Form(terms=(), constant=at), CodePart()):
                part = left if isinstance(left, CodePart) else right
                assert isinstance(part, CodePart)
                return code_part(part, (((at, 0), (at, 1)),))
            case (CodePart(), Known(value=value)) | (Known(value=value), CodePart()):
                part = left if isinstance(left, CodePart) else right
                assert isinstance(part, CodePart)
                return code_part(part, frozenset((str(value),)))
            case (Fact(axis=axis), Known(value=value)) | (Known(value=value), Fact(axis=axis)):
                return among(axis, (value,))
            case Fact(axis=one), Fact(axis=two):
                return self._same(one, two)
            case _:
                axis = self.space.beyond("equality of lists", (), of=len(self.space.axes))
                return axis.asks(2)

    def _zero(self, form: Form) -> Tri:
        if not form.terms:
            return _given(form, not form.constant)
        axis, scale, constant = self._line(form)
        at = values.exact(Fraction(-constant) / scale)
        if axis.whole and Fraction(at).denominator != 1:
            return Tri(FALSE, form.present)
        return self._asks(form, axis, ((axis.below(at), axis.above(at)),))

    def _same(self, one: object, two: object) -> Tri:
        """Two facts have the same value."""
        if one is two:
            assert isinstance(one, FiniteAxis | TextAxis | CodeAxis)
            return Tri(one.present, FALSE)
        if isinstance(one, FiniteAxis) and isinstance(two, FiniteAxis) and not _is_wide(one, two):
            arms = [(one.leaf(1 << p), two.asks(two.among((member,)))) for p, member in enumerate(one.members)]
            rest = negate(one.present)
            true = switch_of(((guard, truth.true) for guard, truth in arms), rest)
            if one.present is TRUE and two.present is TRUE:
                return settled(true)
            return Tri(true, switch_of(((guard, truth.false) for guard, truth in arms), rest))
        assert isinstance(one, TextAxis | CodeAxis | FiniteAxis) and isinstance(two, TextAxis | CodeAxis | FiniteAxis)
        axis = self.space.equality_axis(one, two)
        known = all_of((one.present, two.present))
        return Tri(all_of((known, axis.leaf(2))), all_of((known, axis.leaf(1))))


def _is_wide(one: FiniteAxis, two: FiniteAxis) -> bool:
    """A fact of an element and one of something else, with very many values: to go through them all takes too long."""
    return one.owner is not two.owner and len(one.members) > limits.current.spelt_members


def _given(form: Form, truth: bool) -> Tri:
    """A truth about a sum in which no facts are left: known where those that cancelled out are."""
    return Tri(form.present, FALSE) if truth else Tri(FALSE, form.present)


def among(axis: object, members: tuple[object, ...]) -> Tri:
    """The fact is one of the constants."""
    match axis:
        case FiniteAxis():
            return axis.asks(axis.among(members))
        case TextAxis():
            return axis.asks(frozenset(map(str, members)))
        case CodeAxis():
            return or_(axis.asks(Exactly(str(member))) for member in members)
        case _:
            raise AssertionError(f"{axis} is compared as a number")


def code_part(part: CodePart, test: tuple[Stretch, ...] | frozenset[str]) -> Tri:
    """A part of a code passes a test; unknown on EAR99, which has no parts."""
    axis = part.code
    return Tri(
        axis.leaf(Part(part.part, test)),
        all_of((axis.leaf(Part(part.part, test), 1), axis.leaf(Exactly(values.EAR99), 1))),
    )


def _within_the_calendar(later: MonthsLater) -> tuple[int, int]:
    """The first and the last day whose sum is in the calendar. The others lie before, or behind, them."""
    first, last, months = date.min.toordinal(), date.max.toordinal(), later.months
    days = range(first, last + 1)
    start = first if months >= 0 else days[bisect_left(days, True, key=lambda d: months_later(d, months) is not None)]
    end = last if months <= 0 else days[bisect_left(days, True, key=lambda d: months_later(d, months) is None)] - 1
    return start, end


def known(symbol: Symbol) -> Formula:
    """Where a symbol has a value (absent is one)."""
    match symbol:
        case Truth(tri=tri):
            return some_of((tri.true, tri.false))
        case Fact(axis=axis):
            return axis.known
        case Form(terms=((axis, 1),), constant=0) if not symbol.cancelled:
            return axis.known
        case Form() | Rounded():
            form = symbol if isinstance(symbol, Form) else symbol.form
            return form.present
        case MonthsLater(day=day):
            start, end = _within_the_calendar(symbol)
            return day.leaf(((day.below(start), day.above(end)),))
        case CodePart(code=code):
            return all_of((code.present, code.leaf(Exactly(values.EAR99), 1)))
        case _:
            return TRUE


def present(symbol: Symbol) -> Tri:
    """`is present`."""
    match symbol:
        case Known(value=values.ABSENT):
            return NO
        case Fact(axis=axis) | Form(terms=((axis, 1),), constant=0):
            return Tri(axis.present, axis.is_absent) if axis.optional or axis.absentable else YES
        case _:
            return settled(known(symbol))


def both(left: Choice, right: Choice, test: Callable[[Symbol, Symbol], Tri]) -> Tri:
    """The truth of a test of two values."""
    return left.asks(lambda one: right.asks(lambda two: test(one, two)))
