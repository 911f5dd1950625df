"""Elements compared with elements of another collection: an element that is in both.

There is no theory of such comparisons (`Beyond`). What is mostly asked, that some element of one list equals an element
of another or lies within it, is met where the two share an element; whether it is, a point shows.

Example: `any t in item.direct_product_of: t within inputs` holds where both sets are `{"3E001"}`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import combinations

from comity.analysis.space.axes import Axis
from comity.analysis.space.formulas import Exists, Formula, parts_of
from comity.analysis.space.points import Point
from comity.analysis.space.space import Beyond, Collection, Space
from comity.runtime.kleene import set_of
from comity.runtime.types import RecordType, SetType, Type


def with_shared_elements(
    space: Space, facts: dict[str, object], asked: Iterable[tuple[int, int]], ordinary: Callable[[Type], object]
) -> dict[str, object]:
    """The facts, with an element put into two collections wherever that makes a comparison of theirs as it is asked.

    ``asked``: cells of axes. ``ordinary``: a value of a type.
    """
    point = Point(space, facts)
    for number, mask in asked:
        recipe = space.recipes.get(number)
        if not isinstance(recipe, Beyond) or not isinstance(recipe.of, Exists) or not point.cell(number) & ~mask:
            continue
        for other in _sharing(point, recipe.of, ordinary):
            if not other.cell(number) & ~mask:
                point = other
                break
    return dict(point.facts)


def _sharing(point: Point, compared: Exists, ordinary: Callable[[Type], object]) -> Iterator[Point]:
    """The point with an element that is in two of the compared collections."""
    for one, two in combinations(dict.fromkeys(_collections(compared)), 2):
        if one.element != two.element or isinstance(one.element, RecordType):
            continue
        there = (*point.elements(one), *point.elements(two))
        for element in dict.fromkeys((*there, ordinary(one.element))):
            facts = point.facts
            for each in (one, two):
                facts = _replaced(facts, each.path, _with(each, point.elements(each), element))
            yield Point(point.space, facts)


def _collections(formula: Formula) -> Iterator[Collection]:
    """Those among the facts of the input itself that a formula goes through."""
    if isinstance(formula, Exists) and formula.source.owner is None:
        yield formula.source
    for part in parts_of(formula):
        if not isinstance(part, Axis):
            yield from _collections(part)


def _with(collection: Collection, elements: tuple[object, ...], element: object) -> object:
    together = tuple(dict.fromkeys((*elements, element)))
    return set_of((each, True) for each in together) if isinstance(collection.type, SetType) else together


def _replaced(facts: Mapping[str, object], path: tuple[str, ...], value: object) -> dict[str, object]:
    """Facts with another value at a path; as they are where there is no record on the way."""
    first, *rest = path
    if not rest:
        return {**facts, first: value}
    inner = facts.get(first)
    return {**facts, first: _replaced(inner, tuple(rest), value)} if isinstance(inner, Mapping) else dict(facts)
