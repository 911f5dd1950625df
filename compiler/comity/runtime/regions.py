"""The acts that commitments speak of, as compiled functions, for a reading of events that has facts as mappings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from .kleene import KleeneSet, Truth, elements, set_of
from .package import Records
from .types import AbsentType, ListType, PerPartyType, RecordType, SetType, Type
from .values import ABSENT

Compiled = Callable[[Any, str, str, date], Truth]
"""Of a record of the package, whose act it is, the other side, and the day."""


def regions(
    records: Records, compiled: Mapping[str, tuple[RecordType, Compiled]]
) -> dict[str, Callable[[Mapping[str, object], str, str, date], Truth]]:
    """By commitment: whether it speaks of an act with these facts."""
    return {name: _region(records, type, function) for name, (type, function) in compiled.items()}


def _region(
    records: Records, type: RecordType, function: Compiled
) -> Callable[[Mapping[str, object], str, str, date], Truth]:
    return lambda facts, owner, other, day: function(recorded(type, facts, records), owner, other, day)


def recorded(type: Type, value: object, records: Records) -> Any:
    """A value with its mappings as records of the package: what `plain` undoes. They have been read already."""
    if value is None or value is ABSENT:
        return value
    match type:
        case AbsentType(element):
            return recorded(element, value, records)
        case RecordType(fields=fields):
            made: Any = object.__new__(records.classes[f"{type.module}.{type.name}"])
            for field in fields:
                part = recorded(field.type, value[field.name], records)  # type: ignore[index]
                object.__setattr__(made, records.attribute(made, field.name), part)
            return made
        case ListType(element):
            return tuple(recorded(element, each, records) for each in value)  # type: ignore[attr-defined]
        case SetType(element):
            if isinstance(value, KleeneSet):
                return set_of((recorded(element, each, records), sure) for each, sure in elements(value))
            return frozenset(recorded(element, each, records) for each in value)  # type: ignore[attr-defined]
        case PerPartyType(element):
            return {party: recorded(element, each, records) for party, each in value.items()}  # type: ignore[attr-defined]
        case _:
            return value
