"""Types: what a written type means, which value fits where, and what two values have in common."""

from __future__ import annotations

from collections.abc import Iterator

from comity.runtime.types import (
    BOOL,
    DATE,
    DURATION,
    ECCN,
    HS_CODE,
    INT,
    LENGTH,
    MASS,
    NUMBER,
    PARTY,
    PERCENT,
    TEXT,
    AbsentType,
    DateType,
    EnumType,
    ErrorType,
    IntType,
    ListType,
    MoneyType,
    MonthsType,
    NumberType,
    PartyType,
    PercentType,
    PerPartyType,
    PlaceType,
    QuantityType,
    RecordType,
    SetType,
    Type,
)

BUILT_IN: dict[str, Type] = {
    "Bool": BOOL,
    "Int": INT,
    "Number": NUMBER,
    "Percent": PERCENT,
    "Length": LENGTH,
    "Mass": MASS,
    "Duration": DURATION,
    "Date": DATE,
    "Text": TEXT,
    "Eccn": ECCN,
    "HsCode": HS_CODE,
    "Party": PARTY,
}
"""By the name they are written with; `Country`, `Place` and `Money in …` stand beside them."""

COUNTRY_MODULE, COUNTRY = "std.countries", "Country"


def is_country(type: EnumType, place: PlaceType) -> bool:
    """Whether ``type`` is the enum of countries, whose members are places."""
    return type.name == COUNTRY and type.members == place.countries


def fits(actual: Type, expected: Type) -> bool:
    """Whether a value of type ``actual`` may stand where ``expected`` is wanted.

    An Int is a Number, a country is a place, a value is a value that may be absent; sets and lists follow their
    elements. ErrorType fits everywhere.
    """
    if actual is expected:
        return True
    match actual, expected:
        case (ErrorType(), _) | (_, ErrorType()):
            return True
        case AbsentType(element=a), AbsentType(element=e):
            return fits(a, e)
        case _, AbsentType(element=e):
            return fits(actual, e)
        case IntType(), NumberType():
            return True
        case EnumType(), PlaceType():
            return is_country(actual, expected)
        case (SetType(element=a), SetType(element=e)) | (ListType(element=a), ListType(element=e)):
            return fits(a, e)
        case PerPartyType(element=a), PerPartyType(element=e):
            return fits(a, e)
        case RecordType(), RecordType():
            return actual.name == expected.name and actual.module == expected.module
        case _:
            return actual == expected


def join(left: Type, right: Type) -> Type | None:
    """The type that values of both fit; None where they have nothing in common."""
    if fits(left, right):
        return right
    if fits(right, left):
        return left
    return None


def is_number(type: Type) -> bool:
    return isinstance(type, IntType | NumberType)


def is_measured(type: Type) -> bool:
    """Quantities, money and calendar months: what has a unit, so that a mismatch is one of units (E102)."""
    return isinstance(type, QuantityType | MoneyType | MonthsType)


def is_ordered(type: Type) -> bool:
    """Whether `<` means something."""
    match type:
        case EnumType(ordered=ordered):
            return ordered
        case IntType() | NumberType() | PercentType() | MoneyType() | QuantityType() | DateType() | ErrorType():
            return True
        case _:
            return False


def can_be_summed(type: Type) -> bool:
    """Whether values of ``type`` can be added up."""
    return is_number(type) or isinstance(type, PercentType | MoneyType | QuantityType | ErrorType)


def element_of(type: Type) -> Type | None:
    """The element type of a set or list."""
    return type.element if isinstance(type, SetType | ListType) else None


def records_in(type: Type) -> Iterator[RecordType]:
    """The record that a value of ``type`` is, or of which it holds several."""
    match type:
        case RecordType():
            yield type
        case AbsentType(element=element) | ListType(element=element) | SetType(element=element):
            yield from records_in(element)
        case PerPartyType(element=element):
            yield from records_in(element)
        case _:
            pass


def members_of(type: Type | None) -> EnumType | PlaceType | None:
    """The type whose members may be written bare where ``type`` is expected."""
    while isinstance(type, AbsentType):
        type = type.element
    return type if isinstance(type, EnumType | PlaceType) else None


def member_names(type: EnumType | PlaceType) -> tuple[str, ...]:
    if isinstance(type, EnumType):
        return type.members
    return type.countries + tuple(zone for zone, _ in type.zones)


def describe(type: Type) -> str:
    """`a `Country``, `a list of `Person``: for messages."""
    match type:
        case ErrorType():
            return "unknown"
        case PartyType():
            return "a party"
        case MonthsType():
            return "a number of calendar months"
        case SetType(element=e):
            return f"a set of {_plain(e)}"
        case ListType(element=e):
            return f"a list of {_plain(e)}"
        case AbsentType(element=e):
            return f"{describe(e)} or absent"
        case PerPartyType(element=e):
            return f"{describe(e)} per party"
        case _:
            text = str(type)
            return f"{'an' if text[:1] in 'AEIOU' else 'a'} `{text}`"


def _plain(type: Type) -> str:
    return describe(type) if isinstance(type, SetType | ListType | AbsentType) else f"`{type}`"
