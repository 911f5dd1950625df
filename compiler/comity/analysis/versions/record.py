"""The record that two versions of a program have in common: what can be asked of both.

A field that one version lacks, or types otherwise, is not a fact of the comparison. The version that has it reads its
default there, or unknown: what nobody said. Example: `value: Money in USD` becomes `value: Money in EUR`, and
`re_export: Bool = false` is new. The comparison has neither; the amount is unknown to both, and no export is a
re-export.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from comity import terms
from comity.core.walk import rewrite
from comity.runtime.kleene import KleeneSet, elements, set_of
from comity.runtime.types import (
    AbsentType,
    EnumType,
    Field,
    ListType,
    PerPartyType,
    PlaceType,
    RecordType,
    SetType,
    Type,
)
from comity.terms import Term


def common(old: Type, new: Type) -> Type | None:
    """The values that both types have, as a type; None where there are none. Of two orders of members, the new one."""
    match old, new:
        case RecordType(), RecordType():
            if (old.name, old.as_of) != (new.name, new.as_of):
                return None
            fields = [_field(old.field(declared.name), declared) for declared in new.fields]
            return replace(new, fields=tuple(field for field in fields if field is not None))
        case EnumType(name=name, members=members), EnumType():
            shared = tuple(member for member in new.members if member in members)
            return replace(new, members=shared) if name == new.name and shared else None
        case PlaceType(), PlaceType():
            countries = tuple(country for country in new.countries if country in old.countries)
            return PlaceType(countries, tuple(zone for zone in new.zones if zone in old.zones))
        case SetType(element=one), SetType(element=two):
            element = common(one, two)
            return None if element is None else SetType(element)
        case ListType(element=one), ListType(element=two):
            element = common(one, two)
            return None if element is None else ListType(element)
        case AbsentType(element=one), AbsentType(element=two):
            element = common(one, two)
            return None if element is None else AbsentType(element)
        case PerPartyType(element=one), PerPartyType(element=two):
            element = common(one, two)
            return None if element is None else PerPartyType(element)
        case _:
            return new if old == new else None


def _field(old: Field | None, new: Field) -> Field | None:
    kind = None if old is None else common(old.type, new.type)
    if old is None or kind is None:
        return None
    return replace(
        new,
        type=kind,
        optional=old.optional and new.optional,
        has_default=new.has_default and old.has_default and new.default == old.default,
    )


def differences(own: Type, shared: Type, path: str = "") -> Iterator[str]:
    """The facts of a version that are not facts of the comparison, or not with all their values."""
    match own, shared:
        case RecordType(), RecordType():
            for declared in own.fields:
                at = f"{path}.{declared.name}" if path else declared.name
                other = shared.field(declared.name)
                if other is None:
                    yield at
                else:
                    yield from differences(declared.type, other.type, at)
        case (
            (SetType(element=one), SetType(element=two))
            | (ListType(element=one), ListType(element=two))
            | (AbsentType(element=one), AbsentType(element=two))
        ):
            yield from differences(one, two, path)
        case EnumType(members=members), EnumType():
            if members != shared.members:
                yield path
        case _:
            pass


def completed(own: Type, shared: Type, value: object) -> object:
    """Facts of the shared record as facts of one version's: what it has beside is as by default, or unknown."""
    match own, shared:
        case RecordType(), RecordType() if isinstance(value, Mapping):
            facts: dict[str, object] = {}
            for declared in own.fields:
                other = shared.field(declared.name)
                if other is not None:
                    facts[declared.name] = completed(declared.type, other.type, value.get(declared.name))
                else:
                    facts[declared.name] = declared.default if declared.has_default else None
            return facts
        case ListType(element=one), ListType(element=two) if isinstance(value, tuple):
            return tuple(completed(one, two, each) for each in value)
        case SetType(element=one), SetType(element=two) if isinstance(value, KleeneSet):
            return set_of((completed(one, two, each), sure) for each, sure in elements(value))
        case PerPartyType(element=one), PerPartyType(element=two) if isinstance(value, Mapping):
            return {party: completed(one, two, each) for party, each in value.items()}
        case AbsentType(element=one), AbsentType(element=two):
            return completed(one, two, value)
        case _:
            return value


def restricted(shared: Type, value: object) -> object:
    """Facts in JSON without the fields that the shared record lacks."""
    match shared:
        case RecordType() if isinstance(value, Mapping):
            return {
                name: restricted(declared.type, each)
                for name, each in value.items()
                if (declared := shared.field(name)) is not None
            }
        case ListType(element=element) | SetType(element=element) if isinstance(value, list):
            return [restricted(element, each) for each in value]
        case PerPartyType(element=element) if isinstance(value, Mapping):
            return {party: restricted(element, each) for party, each in value.items()}
        case AbsentType(element=element) if value != {"absent": True}:
            return restricted(element, value)
        case _:
            return value


def is_foreign(value: object, *types: Type) -> bool:
    """Whether facts in JSON hold a field that no version's type has: a misspelt one, which `eval` refuses."""
    types = tuple(each.element if isinstance(each, AbsentType) else each for each in types)
    records = [each for each in types if isinstance(each, RecordType)]
    elements = [each.element for each in types if isinstance(each, (ListType, SetType, PerPartyType))]
    if records and isinstance(value, Mapping) and value != {"absent": True}:
        for name, each in value.items():
            fields = [field for record in records if (field := record.field(name)) is not None]
            if not fields or is_foreign(each, *(field.type for field in fields)):
                return True
    elif elements and isinstance(value, (list, Mapping)):
        parts = value.values() if isinstance(value, Mapping) else value
        return any(is_foreign(each, *elements) for each in parts)
    return False


def confined(term: Term, own: RecordType, shared: RecordType) -> Term:
    """A term of one version, speaking of the shared record."""
    missing: dict[tuple[str, str, str], Term] = {}
    _missing(own, shared, missing)
    if not missing:
        return term

    def change(each: Term) -> Term | None:
        if isinstance(each, terms.Field) and isinstance(each.base.type, RecordType):
            record = each.base.type
            return missing.get((record.module, record.name, each.name))
        return None

    return rewrite(term, change)


def _missing(own: Type, shared: Type | None, found: dict[tuple[str, str, str], Term]) -> None:
    match own, shared:
        case RecordType(), RecordType():
            for declared in own.fields:
                other = shared.field(declared.name)
                if other is None:
                    known = declared.has_default and declared.default is not None
                    value = terms.Const(declared.default, declared.type) if known else terms.Unknown(declared.type)
                    found[own.module, own.name, declared.name] = value
                else:
                    _missing(declared.type, other.type, found)
        case (
            (SetType(element=one), SetType(element=two))
            | (ListType(element=one), ListType(element=two))
            | (AbsentType(element=one), AbsentType(element=two))
        ):
            _missing(one, two, found)
        case _:
            pass
