"""What an axis that is not a fact is made of: sums, products, later days, equalities.

Example: `a <= b + 3` asks the axis of the recipe `Sum(a - b)` whether it is at most 3. A point gives that axis a value
by its recipe (`space.points`), and a search takes the values together that go together (`arithmetic`).
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TypeAlias

from comity.analysis.space.elements import Collection, Variable
from comity.analysis.space.formulas import Axis, Formula
from comity.analysis.space.symbols import Form
from comity.runtime.light import dataclass
from comity.runtime.types import Type


@dataclass(frozen=True, slots=True)
class Sum:
    """A line that is a sum of facts: a - b for `a <= b + 3`."""

    form: Form


@dataclass(frozen=True, slots=True)
class Product:
    left: Form
    right: Form


@dataclass(frozen=True, slots=True)
class Quotient:
    left: Form
    right: Form


@dataclass(frozen=True, slots=True)
class Rounding:
    up: bool
    form: Form


@dataclass(frozen=True, slots=True)
class Later:
    """The ordinal of a day plus calendar months."""

    day: Form
    months: int


@dataclass(frozen=True, slots=True)
class Same:
    """Whether two facts of text or of codes are equal."""

    left: Axis
    right: Axis


@dataclass(frozen=True, slots=True)
class TotalOf:
    """A sum over the elements of a collection. Each adds the form whose guard it meets (one at most), or nothing."""

    collection: Collection
    variable: Variable
    arms: tuple[tuple[Formula, Form], ...]


@dataclass(frozen=True, slots=True)
class Under:
    """Whether one code lies within another, both facts: `t within entry`. ``tree``: the kind of code."""

    code: Axis
    entry: Axis
    tree: Type


@dataclass(frozen=True, slots=True)
class Beyond:
    """Something the engine has no theory of; ``why`` says what in the author's terms. ``of`` tells apart what is alike
    in that: of two counts of which nothing is known, one may be 1 and the other 2. Of an `Under` or a formula, a point
    shows nevertheless whether it holds there.
    """

    why: str
    of: Hashable = None


Recipe: TypeAlias = Sum | Product | Quotient | Rounding | Later | Same | TotalOf | Beyond
"""What an axis that is not a fact is made of."""

COMPARED = "elements of collections are compared with each other"
"""Why a question is left open that depends on how an element of one compares with one of another."""


def of_first(recipe: Recipe) -> Recipe:
    """The recipe, with the first element of a collection in place of another; the same where it speaks of more."""
    match recipe:
        case Sum(form=form):
            return Sum(_form_of_first(form))
        case Product(left=left, right=right) | Quotient(left=left, right=right):
            return type(recipe)(_form_of_first(left), _form_of_first(right))
        case Rounding(up=up, form=form):
            return Rounding(up, _form_of_first(form))
        case Later(day=day, months=months):
            return Later(_form_of_first(day), months)
        case Same(left=left, right=right):
            return Same(*sorted((axis_of_first(left), axis_of_first(right)), key=lambda axis: axis.number))
        case Beyond(why=why, of=Under(code=code, entry=entry, tree=tree)):
            return Beyond(why, Under(axis_of_first(code), axis_of_first(entry), tree))
        case TotalOf() | Beyond():
            return recipe


def axis_of_first(axis: Axis) -> Axis:
    """The axis that asks the same of the first element."""
    return axis if axis.base is None else axis.base


def _form_of_first(form: Form) -> Form:
    terms = sorted(((axis_of_first(axis), factor) for axis, factor in form.terms), key=lambda term: term[0].number)
    return Form(tuple(terms), form.constant, frozenset(map(axis_of_first, form.cancelled)))  # type: ignore[arg-type]
