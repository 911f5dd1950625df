"""Facts without parts: how a value of each plain type is read, and what refusals say should have been given.

A reader gets a JSON value, or the Python value in its place, and raises `Refused` with what was expected. For example
the reader of `Percent` makes 1/4 of `"25%"`, and of 0.25 the refusal `a percentage such as "25%"`. `Decoder`
(`facts.py`) puts readers together to those of records and collections, and knows the path of what is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from .errors import Problem, Unreadable
from .scalars import is_day, missing_mark, plain_scalar
from .texts import InvisibleSign, canonical_text
from .types import (
    DATE,
    ECCN,
    AbsentType,
    BoolType,
    DateType,
    EccnType,
    EnumType,
    ErrorType,
    HsCodeType,
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
    TextType,
    Type,
)
from .values import (
    MAX_DIGITS,
    Number,
    article,
    exact,
    is_eccn,
    parse_date,
    parse_hs,
    parse_measure,
    parse_number,
    parse_percent,
    parse_quantity,
    suggest_dates,
    suggest_eccn,
)


class Refused(Exception):
    """A value is not of its type; the reader above knows its path. ``expected``: what should have been given."""

    def __init__(self, expected: str, hint: str = "") -> None:
        self.expected = expected
        self.hint = hint


class Notes:
    """What reading one input yields besides values."""

    __slots__ = ("defaults", "problems")

    def __init__(self) -> None:
        self.defaults: list[str] = []
        self.problems: list[Problem] = []

    def refuse(self, path: str, value: object, refused: Refused) -> None:
        if isinstance(value, Unreadable):
            self.problems.append(Problem(path, value, value.why))
        else:
            self.problems.append(Problem(path, value, refused.expected, refused.hint))


Reader: TypeAlias = Callable[[object, str, Notes], object]
"""From a JSON value at a path. Plain types raise `Refused`; types with parts note their parts' problems."""


def plain_reader(type: Type, typed: bool) -> Reader:
    match type:
        case EnumType(members=members):
            return member_reader(members, article(type.name))
        case PlaceType(countries, zones):
            return member_reader((*countries, *(zone for zone, _ in zones)), "a country or zone")
        case TextType():
            return _read_text
        case EccnType():
            return _read_eccn
        case DateType():
            return _read_date
        case ErrorType():
            return lambda value, path, notes: value
    convert, expected = _converter(type, typed), expected_text(type)

    def read(value: object, path: str, notes: Notes) -> object:
        result = convert(value)
        if result is None:
            raise Refused(expected)
        return result

    return read


def _read_text(value: object, path: str, notes: Notes) -> object:
    if not isinstance(value, str):
        raise Refused("text")
    try:
        return canonical_text(str.__str__(value))
    except InvisibleSign as sign:
        raise Refused("text without signs that do not show", f"delete {sign}") from None


def _read_eccn(value: object, path: str, notes: Notes) -> object:
    if isinstance(value, str) and is_eccn(value):
        return str.__str__(value)
    meant = suggest_eccn(value) if isinstance(value, str) else None
    raise Refused(expected_text(ECCN), f"write `{meant}`" if meant else "")


def _read_date(value: object, path: str, notes: Notes) -> object:
    if (day := to_date(value)) is None:
        raise Refused(expected_text(DATE), day_hint(value))
    return day


def member_reader(members: Sequence[str], kind: str) -> Reader:
    canonical = {member: member for member in members}

    def read(value: object, path: str, notes: Notes) -> object:
        member = canonical.get(value) if isinstance(value, str) else None
        if member is None:
            raise no_member(members, kind, value)
        return member

    return read


def _converter(type: Type, typed: bool) -> Callable[[object], object]:
    """From a value as given to one at run time, None if it is not of the type."""
    match type:
        case BoolType():
            return lambda value: value if value is True or value is False else None
        case IntType():
            return _to_int
        case NumberType():
            return lambda value: parse_number(value) if isinstance(value, str) else _to_number(value)
        case PercentType():
            return _text_or_number(parse_percent, typed)
        case MoneyType(currency):
            return _money(currency, typed)
        case QuantityType() | MonthsType():
            return _quantity(type, typed)
        case HsCodeType():
            return lambda value: parse_hs(value) if isinstance(value, str) else None
        case PartyType():
            return lambda value: str.__str__(value) if isinstance(value, str) and value.isidentifier() else None
    raise TypeError(f"no facts are of type {type}")


def _to_number(value: object) -> Number | None:
    """An exact number, an int or Fraction itself. A float is one only if it is whole: 0.1 in binary is not a tenth."""
    if isinstance(value, int):
        return int(value) if value is not True and value is not False and value.bit_length() <= _MAX_BITS else None
    if isinstance(value, Decimal):
        return exact(value) if is_short(value) else None
    if isinstance(value, Fraction):
        return exact(value) if max(value.numerator.bit_length(), value.denominator.bit_length()) <= _MAX_BITS else None
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) <= 2**53 else None
    return None


_MAX_BITS = int(MAX_DIGITS * 3.33)


def _to_int(value: object) -> int | None:
    number = _to_number(value)
    return number if isinstance(number, int) else None


def _text_or_number(parse: Callable[[str], Number | None], typed: bool) -> Callable[[object], Number | None]:
    return lambda value: parse(value) if isinstance(value, str) else _to_number(value) if typed else None


def _money(currency: str, typed: bool) -> Callable[[object], Number | None]:
    def parse(text: str) -> Number | None:
        amount, unit = parse_measure(text) or (None, None)
        return amount if unit == currency else None

    from_text = _text_or_number(parse, typed)

    def convert(value: object) -> Number | None:
        if not isinstance(value, Mapping):
            return from_text(value)
        if value.keys() != {"amount", "currency"}:
            return None
        amount, unit = plain_scalar(value["amount"]), value["currency"]
        if not isinstance(unit, str) or unit != currency:
            return None
        return parse_number(amount) if isinstance(amount, str) else _to_number(amount)

    return convert


def _quantity(type: QuantityType | MonthsType, typed: bool) -> Callable[[object], Number | None]:
    from_text = _text_or_number(lambda text: parse_quantity(type, text), typed)
    if str(type) != "Duration":
        return from_text
    return lambda value: _hours(value) if isinstance(value, timedelta) else from_text(value)


def _hours(value: timedelta) -> Number | None:
    """A duration in hours; None for one of pandas that is finer than microseconds."""
    microseconds = (value.days * 86_400 + value.seconds) * 10**6 + value.microseconds
    return None if getattr(value, "nanoseconds", 0) else exact(Fraction(microseconds, 3600 * 10**6))


def to_date(value: object) -> date | None:
    """The day that a program or JSON gives: a date, its text, or midnight without a time zone; else None."""
    if isinstance(value, str):
        return parse_date(value)
    if type(value) is date:
        return value
    plain = plain_scalar(value)
    # A datetime is a date to Python, but which day a time of day or a time zone means depends on the place.
    if not isinstance(plain, date) or (isinstance(plain, datetime) and not is_day(plain)):
        return None
    return date(plain.year, plain.month, plain.day)


def day_hint(value: object) -> str:
    """What to give in place of a time that is not a day, or of a day that is written otherwise."""
    if isinstance(value, str):
        days = suggest_dates(value)
        return f"write {' or '.join(f'`{day}`' for day in days)}" if days else ""
    is_moment = isinstance(plain_scalar(value), datetime) and missing_mark(value) is None
    return "give the day alone, without time and time zone (`.date()`)" if is_moment else ""


def is_short(number: Decimal) -> bool:
    return number.is_finite() and -MAX_DIGITS <= number.adjusted() <= MAX_DIGITS


# ------------------------------------------------------------------------------------------- messages


def expected_text(type: Type) -> str:
    """What a fact of a type should be, as refusals word it."""
    match type:
        case BoolType():
            return "true or false"
        case IntType():
            return "a whole number"
        case NumberType():
            return "an exact number (from Python an int, Decimal or Fraction, not a float)"
        case PercentType():
            return 'a percentage such as "25%"'
        case MoneyType(currency):
            return f'an amount such as "5000 {currency}"'
        case QuantityType() | MonthsType():
            return f'a {str(type).lower()} such as "{_EXAMPLE[str(type)]}"'
        case DateType():
            return 'a day such as "2022-02-24"'
        case TextType():
            return "text"
        case EccnType():
            return 'an ECCN such as "3A001.a" or "EAR99"'
        case HsCodeType():
            return 'an HS code such as "8542.31"'
        case EnumType(members=members):
            return _member_of(members, article(type.name))
        case PlaceType():
            return "a country or zone"
        case PartyType():
            return "the name of a party"
        case RecordType():
            return f"an object with the fields of {type.name}"
        case SetType(element) | ListType(element):
            return f"an array, each {expected_text(element)}"
        case PerPartyType(element):
            return f"an object by party, each {expected_text(element)}"
        case AbsentType(element):
            return expected_text(element) + OR_ABSENT
        case ErrorType():
            return "anything"


_EXAMPLE = {"Length": "200 km", "Mass": "300 kg", "Duration": "42 days", "months": "6 months"}


def _member_of(members: Sequence[str], kind: str) -> str:
    return f"{kind} ({', '.join(members)})" if 0 < len(members) <= 8 else kind


def no_member(members: Sequence[str], kind: str, given: object) -> Refused:
    """The values of a closed list, and which of them was probably meant."""
    from .suggest import did_you_mean  # the names of all countries, for what is wrong only

    hint = did_you_mean(given, members) if isinstance(given, str) else None
    return Refused(_member_of(members, kind), hint or "")


def no_such_field(type: RecordType, name: object) -> Refused:
    return no_member([field.name for field in type.fields], f"a field of {type.name}", name)


OR_ABSENT = ', or {"absent": true}'
