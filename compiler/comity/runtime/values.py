"""Exact values: numbers, dates, codes, units, and how people write them.

Values are as `runtime.types` says. Unknown is None. Functions that a policy's conditions are made of are *lifted*:
given an unknown operand, or an absent one (which only an unguarded read can give), they answer unknown. Nothing here
uses binary floating point: a threshold of 25% is a quarter, not a double near it.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Final, Literal, TypeAlias, TypeVar

from .types import (
    DURATION,
    LENGTH,
    MASS,
    MONTHS,
    AbsentType,
    BoolType,
    DateType,
    HsCodeType,
    IntType,
    ListType,
    MoneyType,
    MonthsType,
    NumberType,
    PercentType,
    PerPartyType,
    QuantityType,
    RecordType,
    SetType,
    TextType,
    Type,
)


class Absent(Enum):
    """The one value `absent`: there is no such thing. It is a known value, unlike None."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        return "absent"

    __str__ = __repr__


ABSENT: Final = Absent.ABSENT

T = TypeVar("T")
Maybe: TypeAlias = T | Absent | None
"""A value that may be unknown or absent."""

Number: TypeAlias = int | Fraction
"""An exact number; one without a fractional part is always an ``int``."""


# ------------------------------------------------------------------------------------------- numbers

MAX_DIGITS: Final = 400
"""Numbers longer than this are refused wherever they are read: `1e999999999` must not fill the memory."""


def exact(value: int | Fraction | Decimal) -> Number:
    """The same number as an ``int`` where it is whole, else a ``Fraction``."""
    if isinstance(value, int):
        return value
    numerator, denominator = value.as_integer_ratio()
    return numerator if denominator == 1 else Fraction(numerator, denominator)


def add(left: Maybe[Number], right: Maybe[Number]) -> Number | None:
    if left is None or right is None or left is ABSENT or right is ABSENT:
        return None
    return exact(left + right)


def subtract(left: Maybe[Number], right: Maybe[Number]) -> Number | None:
    if left is None or right is None or left is ABSENT or right is ABSENT:
        return None
    return exact(left - right)


def multiply(left: Maybe[Number], right: Maybe[Number]) -> Number | None:
    if left is None or right is None or left is ABSENT or right is ABSENT:
        return None
    return exact(left * right)


def divide(left: Maybe[Number], right: Maybe[Number]) -> Number | None:
    """``left / right``; by zero it is unknown."""
    if left is None or right is None or left is ABSENT or right is ABSENT or right == 0:
        return None
    return exact(Fraction(left) / right)


def negate(value: Maybe[Number]) -> Number | None:
    return None if value is None or value is ABSENT else -value


def round_up(value: Maybe[Number]) -> int | None:
    """The integer at or above ``value``."""
    return None if value is None or value is ABSENT else value.__ceil__()


def round_down(value: Maybe[Number]) -> int | None:
    """The integer at or below ``value``."""
    return None if value is None or value is ABSENT else value.__floor__()


Ordered = TypeVar("Ordered", int | Fraction, date)


def less(left: Maybe[Ordered], right: Maybe[Ordered]) -> bool | None:
    if left is None or right is None or left is ABSENT or right is ABSENT:
        return None
    return left < right


def less_equal(left: Maybe[Ordered], right: Maybe[Ordered]) -> bool | None:
    if left is None or right is None or left is ABSENT or right is ABSENT:
        return None
    return left <= right


# --------------------------------------------------------------------------------------------- dates


def add_months(day: Maybe[date], months: Maybe[int], negative: bool = False) -> date | None:
    """``day`` plus (or minus) calendar months, clamped to the month's end; outside the years 1–9999 unknown."""
    if day is None or months is None or day is ABSENT or months is ABSENT:
        return None
    year, month = divmod(day.year * 12 + day.month - 1 + (-months if negative else months), 12)
    if not date.min.year <= year <= date.max.year:
        return None
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add_hours(day: Maybe[date], hours: Maybe[Number], negative: bool = False) -> date | None:
    """``day`` plus (or minus) the whole days in ``hours``, rounded down; outside the years 1–9999 unknown."""
    if day is None or hours is None or day is ABSENT or hours is ABSENT:
        return None
    days = (Fraction(hours) / 24).__floor__()
    try:
        return day - timedelta(days) if negative else day + timedelta(days)
    except OverflowError:
        return None


def date_difference(left: Maybe[date], right: Maybe[date]) -> int | None:
    """``left - right`` in hours."""
    if left is None or right is None or left is ABSENT or right is ABSENT:
        return None
    return (left - right).days * 24


_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse_date(text: str) -> date | None:
    """A day written ``2022-02-24``; None where there is no such day or it is written otherwise."""
    if _DATE.fullmatch(text) is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


_DAY_FIRST = re.compile(r"(?P<one>\d{1,2})(?P<sign>[./-])(?P<two>\d{1,2})(?P=sign)(?P<year>\d{4})(?!\d)", re.ASCII)
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})(?P<sign>[./-])(?P<two>\d{1,2})(?P=sign)(?P<one>\d{1,2})(?!\d)", re.ASCII)
_FIGURES = re.compile(r"(?P<year>\d{4})(?P<two>\d\d)(?P<one>\d\d)(?!\d)", re.ASCII)


def suggest_dates(text: str) -> list[str]:
    """The days that ``text`` may begin with, written as people write them: `24.02.2022`, `2022-2-24`, `20220224`.

    With slashes it may be the month that comes first, so that only a day after the 12th is sure.
    """
    start = text.lstrip()
    found = _YEAR_FIRST.match(start) or _FIGURES.match(start) or _DAY_FIRST.match(start)
    if found is None:
        return []
    parts = found.groupdict()
    orders = [("two", "one")]
    if found.re is _DAY_FIRST and parts["sign"] != ".":
        orders.append(("one", "two"))
    days = {f"{parts['year']}-{parts[month]:0>2}-{parts[day]:0>2}" for month, day in orders}
    return sorted(day for day in days if day != text and parse_date(day) is not None)


# --------------------------------------------------------------------------------------------- codes

EAR99: Final = "EAR99"
"""Subject to the EAR but on no entry of the Commerce Control List (15 CFR 734.3(c))."""

ECCN_PATTERN: Final = r"[0-9][A-E][0-9]{3}(?:\.[a-z](?:\.(?:[a-z]|[1-9][0-9]?))*)?"
"""Category, product group, number (15 CFR 738.2); then paragraphs: a letter first, numbers without a leading zero."""

_ECCN = re.compile(ECCN_PATTERN)
_HS = re.compile(r"(?:HS ?)?([0-9]{2}|[0-9]{4}(?:\.?[0-9]{2}){0,3})")


def is_eccn(text: str) -> bool:
    """Whether ``text`` is an Export Control Classification Number in canonical form, or EAR99."""
    return text == EAR99 or _ECCN.fullmatch(text) is not None


def suggest_eccn(text: str) -> str | None:
    """The classification number that ``text`` writes in another way (`3a001.A.05` for `3A001.a.5`); None if none."""
    head, dot, paragraphs = text.strip().partition(".")
    paragraphs = ".".join(part.lstrip("0") for part in paragraphs.lower().split("."))
    code = head.upper() + dot + paragraphs
    return code if code != text and is_eccn(code) else None


def eccn_within(code: Maybe[str], entry: Maybe[str]) -> bool | None:
    """Whether ``code`` is ``entry`` or a paragraph of it: `3A001.a.5` within `3A001.a`."""
    if code is None or entry is None or code is ABSENT or entry is ABSENT:
        return None
    return code == entry or code.startswith(entry + ".")


def eccn_range(first: str, last: str) -> tuple[str, ...]:
    """The classification numbers from ``first`` to ``last``, as the law counts them: `3B001.k to n`.

    Both are paragraphs of one entry or paragraph, by letter or by number, or entries of one product group. Raises
    ValueError, with a message for people, where they are not, or not in this order.
    """
    above, last_above = (code.rpartition(".")[0] or code[:2] for code in (first, last))
    own, last_own = first[len(above) :].lstrip("."), last[len(last_above) :].lstrip(".")
    if above != last_above or own.isdigit() != last_own.isdigit() or EAR99 in (first, last):
        raise ValueError(f"`{first}` and `{last}` {_NO_SERIES}")
    if own.isdigit():
        width = 1 if "." in first else 3
        numbers = [f"{number:0{width}}" for number in range(int(own), int(last_own) + 1)]
    else:
        numbers = [chr(letter) for letter in range(ord(own), ord(last_own) + 1)]
    return _ascending(first, last, [f"{first.removesuffix(own)}{number}" for number in numbers])


def hs_range(first: str, last: str) -> tuple[str, ...]:
    """The Harmonized System codes from ``first`` to ``last``, both canonical; raises ValueError as `eccn_range`.

    Both have the same number of digits, and differ in the last two.
    """
    if len(first) != len(last) or first[:-2] != last[:-2]:
        raise ValueError(f"`HS {first}` and `HS {last}` {_NO_SERIES}")
    numbers = range(int(first[-2:]), int(last[-2:]) + 1)
    return _ascending(f"HS {first}", f"HS {last}", [f"{first[:-2]}{number:02}" for number in numbers])


def _ascending(first: str, last: str, codes: Sequence[str]) -> tuple[str, ...]:
    if first == last:
        raise ValueError(f"`{first} to {last}` is one code: write `{first}`")
    if not codes:
        raise ValueError(f"`{first} to {last}` ends before it begins: write `{last} to {first}`")
    return tuple(codes)


_NO_SERIES: Final = "are not of one series: both ends of a range stand under the same entry, and are counted alike"


EccnPartName: TypeAlias = Literal["category", "group", "number", "paragraph"]


def eccn_part(code: Maybe[str], part: EccnPartName) -> int | str | None:
    """A part of an ECCN: `9A610.x` has category 9, group "A", number 610, paragraph "x" ("" without one).

    EAR99 has no parts: the answer is None, and every test of it is guarded by `code != EAR99`.
    """
    if code is None or code is ABSENT or code == EAR99:
        return None
    match part:
        case "category":
            return int(code[0])
        case "group":
            return code[1]
        case "number":
            return int(code[2:5])
        case "paragraph":
            return code[6:7]


def parse_hs(text: str) -> str | None:
    """A Harmonized System code in canonical form (`8542.31`), from `HS 8542.31`, `8542.31` or `854231`.

    Chapter, heading, subheading or national line: 2, 4, 6, 8 or 10 digits. Odd lengths are refused: they are what a
    spreadsheet leaves of `8542.30` or `0101.21`.
    """
    match = _HS.fullmatch(text)
    if match is None:
        return None
    digits = match[1].replace(".", "")
    return f"{digits[:4]}.{digits[4:]}" if len(digits) > 4 else digits


def hs_within(code: Maybe[str], heading: Maybe[str]) -> bool | None:
    """Whether ``code`` is ``heading`` or falls under it: `8542.31` within `8542`."""
    if code is None or heading is None or code is ABSENT or heading is ABSENT:
        return None
    return code.startswith(heading)


# ------------------------------------------------------------------------------- units and currencies

UNITS: Final[Mapping[str, tuple[QuantityType | MonthsType, Number]]] = {
    "km": (LENGTH, 1000),
    "nmi": (LENGTH, 1852),  # international nautical mile (Monaco, 1929)
    "mi": (LENGTH, Fraction(1_609_344, 1000)),  # international mile (1959)
    "m": (LENGTH, 1),
    "kg": (MASS, 1000),
    "g": (MASS, 1),
    "t": (MASS, 1_000_000),
    "days": (DURATION, 24),
    "hours": (DURATION, 1),
    "weeks": (DURATION, 7 * 24),
    "months": (MONTHS, 1),
    "years": (MONTHS, 12),
}
"""Unit: its type and how many base units (metre, gram, hour, month) it has; a type's first unit is its usual one."""

CURRENCIES: Final = frozenset(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE
    CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ
    GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL
    LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR
    PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY
    TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAD XAF XAG XAU XBA XBB XBC XBD XCD XCG XDR XOF
    XPD XPF XPT XSU XTS XUA XXX YER ZAR ZMW ZWG
    """.split()
)
"""ISO 4217, list one (current currency and funds codes), 2025."""

_NUMBER = re.compile(r"(-?)([0-9]+(?:_[0-9]+)*)(?:\.([0-9]+))?(?:/([0-9]+))?")
_MEASURE = re.compile(r"([-0-9_./]+) *([A-Za-z]+)")


def parse_number(text: str) -> Number | None:
    """An exact number written `9_000`, `-0.25`, or as a ratio `1/3` where no decimal is exact; else None."""
    if len(text) > MAX_DIGITS:
        return None
    if text.isascii() and text.isdigit():
        return int(text)
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    sign, whole, decimals, divisor = match.groups()
    digits = whole.replace("_", "") + (decimals or "")
    denominator = 10 ** len(decimals or "") * int(divisor or 1)
    if denominator == 0:
        return None
    return exact(Fraction(-int(digits) if sign else int(digits), denominator))


def parse_percent(text: str) -> Number | None:
    """`25%` is a quarter."""
    number = parse_number(text[:-1]) if text.endswith("%") else None
    return None if number is None else exact(Fraction(number, 100))


def parse_measure(text: str) -> tuple[Number, str] | None:
    """A number with a unit or currency, `200 km` or `5_000 USD`, apart; None where it is neither."""
    match = _MEASURE.fullmatch(text)
    if match is None or not (match[2] in CURRENCIES or match[2] in UNITS):
        return None
    number = parse_number(match[1])
    return None if number is None else (number, match[2])


def parse_quantity(kind: QuantityType | MonthsType, text: str) -> Number | None:
    """`200 km` in base units of ``kind``; None where it is written otherwise or in another dimension."""
    measure = parse_measure(text)
    if measure is None:
        return None
    number, unit = measure
    dimension, factor = UNITS.get(unit, (None, 0))
    value = exact(number * factor)
    return value if dimension == kind and (kind != MONTHS or isinstance(value, int)) else None


# ---------------------------------------------------------------------------------------- for people


def decimal_text(value: Number, group: str = "") -> str | None:
    """``value`` as a decimal, exactly, with its thousands grouped by ``group``; None where no decimal is exact."""
    numerator, denominator = abs(value.numerator), value.denominator
    places = max(_power(denominator, 2), _power(denominator, 5))
    if 10**places % denominator:
        return None
    whole, rest = divmod(numerator * 10**places // denominator, 10**places)
    digits = f"{whole:_}".replace("_", group)
    decimals = f".{rest:0{places}d}" if places else ""
    return ("-" if value < 0 else "") + digits + decimals


def _power(number: int, base: int) -> int:
    """How often ``base`` divides ``number``."""
    count = 0
    while number % base == 0:
        number //= base
        count += 1
    return count


def has_decimal(value: Number) -> bool:
    """A decimal is exactly ``value``: its denominator divides a power of ten."""
    return value.denominator == 1 or decimal_text(value) is not None


def number_text(value: Number, unit: str = "") -> str:
    """The text that `parse_number` reads as ``value``: a decimal, or a ratio where no decimal is exact."""
    return f"{decimal_text(value) or f'{value.numerator}/{value.denominator}'}{unit}"


def people_text(value: Number, unit: str = "") -> str:
    """``value`` as a policy would write it; "about" and rounded where no decimal is exact."""
    text = decimal_text(value, "_")
    if text is None:
        text = f"about {decimal_text(exact(Fraction(round(value * 10**6), 10**6)), '_')}"
    return f"{text}{unit}"


def constant_text(value: Number, unit: str = "") -> str:
    """``value`` as an expression of the language, exactly: `0.25`, `5_000 USD`, `50% / 3`."""
    ten = value.denominator
    for prime in (2, 5):
        ten //= prime ** _power(ten, prime)
    text = f"{decimal_text(exact(value * ten), '_')}{unit}"
    return text if ten == 1 else f"{text} / {ten}"


def quantity_text(
    kind: QuantityType | MonthsType, value: Number, text: Callable[[Number, str], str] = number_text
) -> str:
    """``value`` base units in the usual unit of which they are a whole number: 200 km, 12 nmi, 500 m, 42 days."""
    units = [(unit, factor) for unit, (dimension, factor) in UNITS.items() if dimension == kind]
    if kind == MONTHS:
        units.reverse()  # 24 months are two years
    for unit, factor in units:
        number = Fraction(value) / factor
        if number.denominator == 1:
            return text(number.numerator, f" {unit}")
    return text(value, f" {next(unit for unit, factor in units if factor == 1)}")


def format_value(type: Type, value: object, number: Callable[[Number, str], str] = people_text) -> str:
    """``value`` as a policy would write it: `5_000 USD`, `25%`, `200 km`, `{BY, RU}`, `unknown`.

    It is a literal of the language unless the number has no exact decimal, then it says "about".
    ``number``: how a number is written with its unit; `constant_text` writes what the language reads, always.
    """
    if value is None:
        return "unknown"
    if value is ABSENT:
        return "absent"
    match type, value:
        case AbsentType(element=element), _:
            return format_value(element, value, number)
        case BoolType(), bool():
            return "true" if value else "false"
        case ((IntType() | NumberType()), (int() | Fraction())):
            return number(value, "")
        case PercentType(), (int() | Fraction()):
            return number(exact(value * 100), "%")
        case MoneyType(currency=currency), (int() | Fraction()):
            return number(value, f" {currency}")
        case ((QuantityType() | MonthsType()), (int() | Fraction())):
            return quantity_text(type, value, number)
        case DateType(), date():
            return value.isoformat()
        case TextType(), str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
        case HsCodeType(), str():
            return f"HS {value}"
        case SetType(element=element), (frozenset() | tuple()) as members:
            return "{" + ", ".join(sorted(format_value(element, each, number) for each in members)) + "}"
        case ListType(element=element), tuple() as members:
            return "[" + ", ".join(format_value(element, each, number) for each in members) + "]"
        case PerPartyType(element=element), dict() as parts:
            said = (f"{party}: {format_value(element, each, number)}" for party, each in parts.items())
            return "{" + ", ".join(said) + "}"
        case RecordType(name=record, fields=declared), _:
            fields = ((f, record_field(value, f.name)) for f in declared)
            return f"{record}({', '.join(f'{f.name} = {format_value(f.type, each, number)}' for f, each in fields)})"
        case _:
            return str(value)


def record_field(record: object, name: str) -> object:
    """A field of a record at run time: a mapping, or a generated dataclass."""
    return record.get(name) if isinstance(record, Mapping) else getattr(record, name, None)


_LIKE_YOU = re.compile(r"[Uu](?:ni(?![nm])|s[aeiu]|t[aeio]|r[aeiu]|k|biq|v)|[Ee](?:u|we)|[Oo]n(?:e|ce)(?![a-z])")
"""Words that begin with the letter of a vowel and the sound of a consonant: use, unit, European, one-time."""


def article(word: str) -> str:
    """`a rule`, `an enum`, `a use`: it goes by the sound."""
    is_vowel = word[:1] in tuple("aeiouAEIOU") and not _LIKE_YOU.match(word)
    return f"{'an' if is_vowel else 'a'} {word}"
