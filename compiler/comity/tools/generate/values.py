"""Facts of an input by path, and the values that a fact may be given instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from comity.runtime.types import AbsentType, BoolType, EnumType, Field, PlaceType, SetType
from comity.runtime.values import ABSENT

Facts: TypeAlias = Mapping[str, object]

Path: TypeAlias = tuple[str | int, ...]
"""Steps from the record to a fact: names of fields and of parties, places in a list."""

MOST_VALUES = 24


def get(facts: object, path: Path) -> object:
    """The fact at a path; None (unknown) where there is nothing."""
    value = facts
    for step in path:
        if isinstance(step, int):
            value = value[step] if isinstance(value, tuple) and step < len(value) else None
        else:
            value = value.get(step) if isinstance(value, Mapping) else None
    return value


def domain(field: Field, most: int = MOST_VALUES) -> Iterator[object]:
    """The values that the type of a field lists: truth values, members (at most ``most``), sets of one member."""
    kind = field.type
    if isinstance(kind, AbsentType):
        yield ABSENT
        kind = kind.element
    match kind:
        case BoolType():
            yield from (True, False)
        case EnumType(members=members) | PlaceType(countries=members):
            yield from members[:most]
        case SetType(element=EnumType(members=members)):
            yield frozenset()
            yield from (frozenset((member,)) for member in members[:most])
        case _:
            pass
    if field.optional:
        yield None
