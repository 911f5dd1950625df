"""Facts and elements compared with each other in ways without a theory: values that are related.

Of codes that lie within one another, and of elements compared with elements of another collection, nothing is worked
out (`Beyond`). What is mostly asked of them is met by few values: the same element in two collections, a code beside
one above or below it. Whether it is, a point shows.

Example: `not code within paragraphs and any p in paragraphs: p within code` holds of the code `3A001` where
`paragraphs` is `{"3A001.a"}`; `any t in item.direct_product_of: t within inputs` where both sets are `{"3A001"}`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice, product

from comity.analysis import limits
from comity.analysis.space.axes import Axis
from comity.analysis.space.formulas import Exists, Formula, parts_of
from comity.analysis.space.points import Point
from comity.analysis.space.space import Beyond, Collection, Same, Space, Under
from comity.core.tables import widenings
from comity.runtime.kleene import set_of
from comity.runtime.types import EccnType, HsCodeType, RecordType, SetType, Type
from comity.runtime.values import EAR99

Places = dict[Collection | Axis, Type]
"""Facts, and collections of facts without fields, that are compared with each other, and the type of their values."""


def with_related_values(
    space: Space, facts: dict[str, object], asked: Sequence[tuple[int, int]], ordinary: Callable[[Type], object]
) -> dict[str, object]:
    """The facts, with values that are related wherever that makes them lie in the cells that are asked of axes.

    ``ordinary``: a value of a type.
    """
    places: Places = {}
    for number, _ in asked:
        _note_compared(space, space.axes[number], places)
    point = Point(space, facts)
    if not places or _lies_in(point, asked):
        return facts
    for other in islice(_related(point, places, ordinary), limits.current.related_values):
        if _lies_in(other, asked):
            return dict(other.facts)
    return facts


def _lies_in(point: Point, asked: Iterable[tuple[int, int]]) -> bool:
    return not any(point.cell(number) & ~mask for number, mask in asked)


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
    for part in parts_of(formula):
        if isinstance(part, Axis):
            _note_compared(space, part, places)
        else:
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
            facts = _replaced(facts, place.path, value)
        yield Point(point.space, facts)


def _values_at(point: Point, place: Collection | Axis) -> tuple[object, ...]:
    if isinstance(place, Collection):
        return point.elements(place)
    value: object = point.facts
    for step in place.path:
        value = value.get(step) if isinstance(value, Mapping) else None
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


def _replaced(facts: Mapping[str, object], path: Sequence[str], value: object) -> dict[str, object]:
    """Facts with another value at a path; as they are where there is no record on the way."""
    first, *rest = path
    if not rest:
        return {**facts, first: value}
    inner = facts.get(first)
    return {**facts, first: _replaced(inner, rest, value)} if isinstance(inner, Mapping) else dict(facts)
