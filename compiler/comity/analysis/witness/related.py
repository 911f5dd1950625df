"""Facts and elements compared with each other in ways without a theory: values that are related.

Of codes that lie within one another, and of elements compared with elements of another collection, nothing is worked
out (`Beyond`). What is mostly asked of them is met by few values: the same element in two collections, a code beside
one above or below it. Whether it is, a point shows.

Example: `not code within paragraphs and any p in paragraphs: p within code` holds of the code `3A001` where
`paragraphs` is `{"3A001.a"}`; `any t in item.direct_product_of: t within inputs` where both sets are `{"3A001"}`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, product

from comity.analysis import limits
from comity.analysis.space.boxes import Box
from comity.analysis.space.elements import Collection
from comity.analysis.space.facts import key_of
from comity.analysis.space.formulas import Axis, Cells, Exists, Formula, Leaf, parts_of
from comity.analysis.space.points import Point
from comity.analysis.space.recipes import Beyond, Same, Under
from comity.analysis.space.space import Space
from comity.core.given import replaced
from comity.core.tables import widenings
from comity.runtime.kleene import set_of
from comity.runtime.types import EccnType, HsCodeType, RecordType, SetType, Type
from comity.runtime.values import EAR99

Places = dict[Collection | Axis, Type]
"""Facts, and collections of facts without fields, that are compared with each other, and the type of their values."""


def with_related_values(point: Point, asked: Box, ordinary: Callable[[Type], object]) -> Point:
    """The point, with values that are related if that makes it lie in ``asked``. ``ordinary``: a value of a type."""
    places: Places = {}
    for number in asked:
        _note_compared(point.space, point.space.axes[number], places)
    others = islice(_related(point, places, ordinary), limits.current.related_values) if places else ()
    return next((other for other in others if other.inside(asked)), point)


# ------------------------------------------------------------------------------------ what is compared


def _note_compared(space: Space, axis: Axis, places: Places) -> None:
    """Note what an axis compares without a theory, be it in what it asks of elements."""
    for region in _regions(space, axis):
        for number in region:
            _note_compared(space, space.axes[number], places)
    match space.recipes.get(axis.number):
        case Beyond(of=Exists() as compared):
            _note_in_formula(space, compared, places)
        case Beyond(of=Under(code=code, entry=entry, tree=tree)):
            _note_side(code, tree, places)
            _note_side(entry, tree, places)
        case Same(left=left, right=right) if axis.number in space.crossing:
            for side in (left, right):
                if side.owner is not None:
                    _note_side(side, side.owner.collection.element, places)


def _regions(space: Space, axis: Axis) -> Iterable[Iterable[int]]:
    collection = space.element_atoms.get(axis.number)
    return () if collection is None else collection.regions[axis.number]


def _note_in_formula(space: Space, formula: Formula, places: Places) -> None:
    match formula:
        case Leaf(axis=axis) | Cells(axis=axis):
            _note_compared(space, axis, places)
        case _:
            for part in parts_of(formula):
                _note_in_formula(space, part, places)


def _note_side(axis: Axis, type: Type, places: Places) -> None:
    if axis.owner is None:
        places[axis] = type
    elif axis.owner.collection.owner is None and not axis.path and not isinstance(type, RecordType):
        places[axis.owner.collection] = type


# ------------------------------------------------------------------------------------------ points


def _related(point: Point, places: Places, ordinary: Callable[[Type], object]) -> Iterator[Point]:
    """The point with related values in these places."""
    there = {place: _values_at(point, place) for place in places}
    known = next((value for values in there.values() for value in values), None)
    options: list[list[object]] = []
    for place, type in places.items():
        values = _chain(type, ordinary(type) if known is None else known)
        if isinstance(place, Axis):
            options.append(list(dict.fromkeys((*there[place], *values))))
        else:
            alone = [(each,) for each in values]
            elements = dict.fromkeys((there[place], *alone, *(_added(there[place], each) for each in values)))
            options.append([_collected(each, place.type) for each in elements])
    for chosen in product(*options):
        facts = point.facts
        for place, value in zip(places, chosen, strict=True):
            facts = replaced(facts, [key_of(step) for step in place.path], value)
        yield Point(point.space, facts)


def _values_at(point: Point, place: Collection | Axis) -> tuple[object, ...]:
    if isinstance(place, Collection):
        return point.elements(place)
    value = point.value(place)
    return (value,) if isinstance(value, str) else ()


def _chain(type: Type, value: object) -> Sequence[object]:
    """Values each of which lies within the one before."""
    match type, value:
        case EccnType(), str():
            entry = "3A001" if value == EAR99 else widenings(type, value)[-1]
            return (entry, f"{entry}.a", f"{entry}.a.1")
        case HsCodeType(), str():
            return (value[:2], f"{value[:2]}01", f"{value[:2]}01.01")
        case _:
            return (value,)


def _added(elements: tuple[object, ...], more: object) -> tuple[object, ...]:
    return elements if more in elements else (*elements, more)


def _collected(elements: tuple[object, ...], type: Type) -> object:
    return set_of((each, True) for each in elements) if isinstance(type, SetType) else elements
