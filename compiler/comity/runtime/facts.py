"""Facts as JSON, read into exact values by their declared type, and written back.

Reading is strict, because a fact that is misread decides a case wrongly: a misspelt field is refused, not ignored;
a required fact that is missing is refused, not unknown; 0.25 is not a percentage (a quarter, or a quarter of a
percent?). Everything wrong is reported at once. A type is compiled once into nested functions (`Decoder`), since facts
are read far more often than types change.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

from .errors import MISSING, FactsError, Problem, Unreadable, key_text
from .kleene import KleeneSet, elements, set_of
from .light import dataclass
from .scalars import is_day, known_scalar, missing_mark, plain_scalar
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
    Field,
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
    ABSENT,
    MAX_DIGITS,
    Number,
    article,
    exact,
    is_eccn,
    number_text,
    parse_date,
    parse_hs,
    parse_measure,
    parse_number,
    parse_percent,
    parse_quantity,
    quantity_text,
    record_field,
    suggest_eccn,
)

__all__ = [
    "Decoder",
    "FactsError",
    "Problem",
    "decode",
    "encode",
    "expected_text",
    "loads_json",
    "read_day",
    "read_findings",
]


# --------------------------------------------------------------------------------------- reading JSON


def loads_json(text: str | bytes) -> object:
    """The JSON value of ``text`` with exact numbers: int or Decimal, never float.

    What JSON leaves open is closed: NaN, numbers longer than `MAX_DIGITS`, and objects with a key twice become
    `Unreadable`, which every decoder refuses at its path. Raises FactsError for text that is not JSON.
    """
    try:
        return _JSON.decode(text.decode("utf-8-sig") if isinstance(text, bytes) else text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        excerpt = error.doc[error.pos : error.pos + 20].split("\n")[0] or "the end"
        raise FactsError([Problem("", Unreadable(excerpt, ""), f"JSON ({where}: {error.msg.lower()})")]) from None
    except UnicodeDecodeError as error:
        raise FactsError([Problem("", Unreadable(f"byte {error.start}", ""), "JSON in UTF-8")]) from None
    except RecursionError:
        raise FactsError([Problem("", Unreadable("more", ""), "JSON nested less deeply")]) from None


def _read_integer(text: str) -> object:
    return int(text) if len(text) <= MAX_DIGITS else Unreadable(text, f"a number of at most {MAX_DIGITS} digits")


def _read_decimal(text: str) -> object:
    if len(text) <= MAX_DIGITS:
        try:
            number = Decimal(text)
        except ArithmeticError:  # an exponent beyond even those of Decimal
            pass
        else:
            if _is_short(number):
                return number
    return Unreadable(text, f"a number of at most {MAX_DIGITS} digits")


def _is_short(number: Decimal) -> bool:
    return number.is_finite() and -MAX_DIGITS <= number.adjusted() <= MAX_DIGITS


def _read_object(pairs: list[tuple[str, object]]) -> object:
    result = dict(pairs)
    if len(result) == len(pairs):
        return result
    keys = [key for key, _ in pairs]
    twice = next(key for key in keys if keys.count(key) > 1)
    return Unreadable(f"`{twice}` twice", "an object with each key once")


_JSON = json.JSONDecoder(
    parse_int=_read_integer,
    parse_float=_read_decimal,
    parse_constant=lambda text: Unreadable(text, "a number"),
    object_pairs_hook=_read_object,
)


# ------------------------------------------------------------------------------------------- decoding


class _Refused(Exception):
    """A value is not of its type; the reader above knows its path. ``expected``: what should have been given."""

    def __init__(self, expected: str, hint: str = "") -> None:
        self.expected = expected
        self.hint = hint


class _Notes:
    """What reading one input yields besides values."""

    __slots__ = ("defaults", "problems")

    def __init__(self) -> None:
        self.defaults: list[str] = []
        self.problems: list[Problem] = []

    def refuse(self, path: str, value: object, refused: _Refused) -> None:
        if isinstance(value, Unreadable):
            self.problems.append(Problem(path, value, value.why))
        else:
            self.problems.append(Problem(path, value, refused.expected, refused.hint))


_Reader: TypeAlias = Callable[[object, str, _Notes], object]
"""From a JSON value at a path. Plain types raise `_Refused`; types with parts note their parts' problems."""

Constructors: TypeAlias = Mapping[str, type]
"""Record (``module.name``) to the class whose instances stand for it; without one it is a dict."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """``defaults``: paths of the fields whose default was used."""

    value: object
    defaults: tuple[str, ...]


class Decoder:
    """Reads JSON values, or Python values and objects in their place, of one type.

    ``partial``: facts may be left out, and are then left out of the result too; a required one may be unknown (`null`).
    In the elements of collections, which nothing fills up later, they are by default, or unknown.
    ``parties``: the names that `per Party` facts may use, if known. Reading raises FactsError.
    """

    def __init__(
        self,
        type: Type,
        constructors: Constructors | None = None,
        partial: bool = False,
        parties: Iterable[str] | None = None,
    ) -> None:
        self._constructors = constructors or {}
        self._partial = partial
        self._parties = None if parties is None else frozenset(parties)
        self._reader = self._compile(type, typed=False, sparse=partial)

    def __call__(self, value: object, path: str = "") -> Decoded:
        notes = _Notes()
        try:
            result = self._reader(value, path, notes)
        except _Refused as refused:
            result = _read_scalar(self._reader, value, path, notes, refused)
        if notes.problems:
            raise FactsError(notes.problems)
        return Decoded(result, tuple(notes.defaults))

    def _compile(self, type: Type, typed: bool, sparse: bool = False) -> _Reader:
        """The reader of ``type``.

        ``typed``: inside an object of a generated class, where 5000 may be an amount. ``sparse``: fields that are left
        out stay out.
        """
        match type:
            case RecordType():
                return self._record(type, sparse)
            case ListType(element):
                return self._array(type, element, typed, tuple)
            case SetType(element):
                return self._array(type, element, typed, _set)
            case PerPartyType(element):
                return self._per_party(type, element, typed)
            case AbsentType(element):
                return _or_absent(self._compile(element, typed), isinstance(element, TextType))
            case PartyType() if self._parties is not None:
                return _member_reader(sorted(self._parties), "a party")
            case _:
                return _plain_reader(type, typed)

    def _record(self, type: RecordType, sparse: bool) -> _Reader:
        constructor = self._constructors.get(f"{type.module}.{type.name}")
        from_mapping = self._fields(type, typed=False, sparse=sparse)
        from_object = [] if constructor is None else self._fields(type, typed=True, sparse=False)
        names = frozenset(field.name for field in type.fields)

        def read(value: object, path: str, notes: _Notes) -> object:
            if value.__class__ is dict or isinstance(value, Mapping):
                given: Any = value
                fields = from_mapping
            elif constructor is not None and isinstance(value, constructor):
                given, fields = {name: record_field(value, name) for name in names}, from_object
            else:
                raise _Refused(expected_text(type))
            prefix = f"{path}." if path else ""
            record: dict[str, object] = {}
            for name, read_field, has_parts, when_missing in fields:
                item = given.get(name)
                if item is None:
                    if name in given:
                        record[name] = when_missing(None, prefix + name, notes)
                    elif not sparse:
                        record[name] = when_missing(MISSING, prefix + name, notes)
                    continue
                try:
                    record[name] = read_field(item, prefix + name if has_parts else "", notes)
                except _Refused as refused:
                    if missing_mark(item) is None:
                        record[name] = _read_scalar(read_field, item, prefix + name, notes, refused)
                    else:
                        record[name] = when_missing(item, prefix + name, notes)
            if not given.keys() <= names:
                for key, item in given.items():
                    if key not in names:
                        notes.refuse(prefix + key_text(key), item, _no_such_field(type, key))
            if constructor is None or notes.problems:
                return record
            return constructor(**record)

        return read

    def _fields(self, type: RecordType, typed: bool, sparse: bool) -> list[tuple[str, _Reader, bool, _Reader]]:
        return [
            (field.name, self._compile(field.type, typed, sparse), _has_parts(field.type), self._when_missing(field))
            for field in type.fields
        ]

    def _when_missing(self, field: Field) -> _Reader:
        """What to do with a field that is left out, or null, or a mark such as NaN."""
        left_out, null = field.source(said=False), field.source(said=True)

        def read(value: object, path: str, notes: _Notes) -> object:
            source = left_out if value is MISSING else null
            if source == "default":
                notes.defaults.append(path)
                return field.default
            if source == "missing" and not self._partial:
                notes.refuse(path, value, _Refused(expected_text(field.type)))
            return None

        return read

    def _array(
        self, type: ListType | SetType, element: Type, typed: bool, make: Callable[[list[object]], object]
    ) -> _Reader:
        read_element, has_parts = self._compile(element, typed), _has_parts(element)

        def read(value: object, path: str, notes: _Notes) -> object:
            if isinstance(value, KleeneSet):  # a set of records, as an object of a generated class holds it
                value = [element for element, _ in value.members]
            if not isinstance(value, (list, tuple, set, frozenset)):
                is_other_array = hasattr(value, "__array__") and getattr(value, "ndim", 0) == 1
                raise _Refused(expected_text(type), "write `list(…)` around it" if is_other_array else "")
            result: list[object] = []
            for index, item in enumerate(value):
                try:
                    result.append(read_element(item, f"{path}[{index}]" if has_parts else "", notes))
                except _Refused as refused:
                    result.append(_read_scalar(read_element, item, f"{path}[{index}]", notes, refused))
            return None if notes.problems else make(result)  # records that were refused cannot be made into a set

        return read

    def _per_party(self, type: PerPartyType, element: Type, typed: bool) -> _Reader:
        read_element, parties = self._compile(element, typed), self._parties

        def read(value: object, path: str, notes: _Notes) -> object:
            if not isinstance(value, Mapping):
                raise _Refused(expected_text(type))
            result: dict[str, object] = {}
            for party, item in value.items():
                place = f"{path}.{key_text(party)}"
                if not isinstance(party, str) or (parties is not None and party not in parties):
                    notes.refuse(place, item, _no_member(sorted(parties or ()), "the name of a party", party))
                    continue
                try:
                    result[party] = read_element(item, place, notes)
                except _Refused as refused:
                    result[party] = _read_scalar(read_element, item, place, notes, refused)
            return result

        return read


def _read_scalar(read: _Reader, value: object, path: str, notes: _Notes, refused: _Refused) -> object:
    """Read again what was refused, as the plain value of a scalar of NumPy or pandas; note the problem if it is none.

    Only after a refusal, so that plain facts, the usual case, are read at full speed.
    """
    plain = plain_scalar(value)
    if plain is not value:
        try:
            return read(plain, path, notes)
        except _Refused as again:
            refused = again
    notes.refuse(path, value, refused)
    return None


def _set(items: list[object]) -> object:
    return set_of((item, True) for item in items)


def _has_parts(type: Type) -> bool:
    """Whether its reader needs to know the path (it is built only for those)."""
    while isinstance(type, AbsentType):
        type = type.element
    return isinstance(type, (RecordType, ListType, SetType, PerPartyType))


def _or_absent(read_element: _Reader, is_text: bool) -> _Reader:
    def read(value: object, path: str, notes: _Notes) -> object:
        if value is ABSENT or (isinstance(value, str) and value == "absent" and not is_text):
            return ABSENT
        if isinstance(value, Mapping) and value.keys() == {"absent"} and value["absent"] is True:
            return ABSENT
        try:
            return read_element(value, path, notes)
        except _Refused as refused:
            raise _Refused(refused.expected + _OR_ABSENT, refused.hint) from None

    return read


_OR_ABSENT = ', or {"absent": true}'


# ------------------------------------------------------------------------------------- plain readers


def _plain_reader(type: Type, typed: bool) -> _Reader:
    match type:
        case EnumType(members=members):
            return _member_reader(members, article(type.name))
        case PlaceType(countries, zones):
            return _member_reader((*countries, *(zone for zone, _ in zones)), "a country or zone")
        case TextType():
            return _read_text
        case EccnType():
            return _read_eccn
        case DateType():
            return _read_date
        case ErrorType():
            return lambda value, path, notes: value
    convert, expected = _converter(type, typed), expected_text(type)

    def read(value: object, path: str, notes: _Notes) -> object:
        result = convert(value)
        if result is None:
            raise _Refused(expected)
        return result

    return read


def _read_text(value: object, path: str, notes: _Notes) -> object:
    if not isinstance(value, str):
        raise _Refused("text")
    try:
        return canonical_text(str.__str__(value))
    except InvisibleSign as sign:
        raise _Refused("text without signs that do not show", f"delete {sign}") from None


def _read_eccn(value: object, path: str, notes: _Notes) -> object:
    if isinstance(value, str) and is_eccn(value):
        return str.__str__(value)
    meant = suggest_eccn(value) if isinstance(value, str) else None
    raise _Refused(expected_text(ECCN), f"write `{meant}`" if meant else "")


def _read_date(value: object, path: str, notes: _Notes) -> object:
    if (day := to_date(value)) is None:
        raise _Refused(expected_text(DATE), day_hint(value))
    return day


def _member_reader(members: Sequence[str], kind: str) -> _Reader:
    canonical = {member: member for member in members}

    def read(value: object, path: str, notes: _Notes) -> object:
        member = canonical.get(value) if isinstance(value, str) else None
        if member is None:
            raise _no_member(members, kind, value)
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
        return exact(value) if _is_short(value) else None
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
    """What to give in place of a time that is not a day."""
    is_moment = isinstance(plain_scalar(value), datetime) and missing_mark(value) is None
    return "give the day alone, without time and time zone (`.date()`)" if is_moment else ""


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
            return expected_text(element) + _OR_ABSENT
        case ErrorType():
            return "anything"


_EXAMPLE = {"Length": "200 km", "Mass": "300 kg", "Duration": "42 days", "months": "6 months"}


def _member_of(members: Sequence[str], kind: str) -> str:
    return f"{kind} ({', '.join(members)})" if 0 < len(members) <= 8 else kind


def _no_member(members: Sequence[str], kind: str, given: object) -> _Refused:
    """The values of a closed list, and which of them was probably meant."""
    from .suggest import did_you_mean  # the names of all countries, for what is wrong only

    hint = did_you_mean(given, members) if isinstance(given, str) else None
    return _Refused(_member_of(members, kind), hint or "")


def _no_such_field(type: RecordType, name: object) -> _Refused:
    return _no_member([field.name for field in type.fields], f"a field of {type.name}", name)


def read_day(day: object, path: str) -> date | None:
    """A day as programs give it: a date or its text, or none; raises FactsError for anything else."""
    read = to_date(day)
    if read is None and day is not None:
        raise FactsError([Problem(path, day, expected_text(DATE), day_hint(day))])
    return read


# -------------------------------------------------------------------------------------- conveniences

_decoders: dict[tuple[int, bool], tuple[Type, Decoder]] = {}


def decode(
    type: Type, value: object, path: str = "", *, defaults: list[str] | None = None, partial: bool = False
) -> object:
    """Read one value; the paths of defaults used are added to ``defaults``. Raises FactsError.

    Decoders are kept per type object; hold a `Decoder` where even that look-up costs too much.
    """
    key = (id(type), partial)
    kept = _decoders.get(key)
    if kept is None or kept[0] is not type:
        if len(_decoders) > 500:  # a language server makes new types at every keystroke
            _decoders.clear()
        kept = _decoders[key] = (type, Decoder(type, partial=partial))
    decoded = kept[1](value, path)
    if defaults is not None:
        defaults.extend(decoded.defaults)
    return decoded.value


def read_findings(value: object, rules: Mapping[str, Sequence[str]]) -> dict[str, bool | str]:
    """Counsel's findings, `{"RULE": true}`; raises FactsError.

    ``rules``: every rule that refers, with the outcomes that a finding may name: its own, which then means true, or
    all of the decision's where the rule names none. Members of a family are rules of their own; the family's name is
    among ``rules`` only where all of them ask one question. `null` for a rule means that there is no
    finding, `null` for all that there are none.
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise FactsError([Problem("findings", value, 'an object by rule, such as {"RULE": true}')])
    findings: dict[str, bool | str] = {}
    problems: list[Problem] = []
    for name, given in value.items():
        outcomes = rules.get(name)
        if outcomes is not None and (given is True or given is False):
            findings[name] = given
            continue
        finding = known_scalar(given)
        path = f"findings.{key_text(name)}"
        if outcomes is None and (members := [rule for rule in sorted(rules) if rule.startswith(f"{key_text(name)}[")]):
            expected = f"a finding on one member of the family, such as `{members[0]}`: each is a question of its own"
            problems.append(Problem(path, finding, expected))
        elif outcomes is None:
            refused = _no_member(sorted(rules), "a rule that refers to counsel", name)
            problems.append(Problem(path, finding, refused.expected, refused.hint))
        elif finding is True or finding is False:
            findings[name] = finding
        elif isinstance(finding, str) and finding in outcomes:
            findings[name] = True if len(outcomes) == 1 else finding
        elif finding is not None:
            problems.append(Problem(path, finding, f"true, false or an outcome ({', '.join(outcomes)})"))
    if problems:
        raise FactsError(problems)
    return findings


# ------------------------------------------------------------------------------------------- encoding


def encode(type: Type, value: object) -> object:
    """The canonical JSON of a run-time value, which `decode` reads back.

    A field that is unknown is left out, unless it has a default: then it is null, or the default would be read.
    """
    if value is None:
        return None
    if value is ABSENT:
        return {"absent": True}
    match type, value:
        case AbsentType(element), _:
            return encode(element, value)
        case NumberType(), Fraction():
            return number_text(value)
        case PercentType(), int() | Fraction():
            return f"{number_text(exact(Fraction(value) * 100))}%"
        case MoneyType(currency), int() | Fraction():
            return f"{number_text(value)} {currency}"
        case QuantityType() | MonthsType(), int() | Fraction():
            return quantity_text(type, value)
        case DateType(), date():
            return value.isoformat()
        case SetType(element), _:
            encoded = [encode(element, each) for each, sure in elements(value) if sure]  # type: ignore[arg-type]
            return sorted(encoded, key=lambda each: json.dumps(each, sort_keys=True))
        case ListType(element), tuple():
            return [encode(element, each) for each in value]
        case PerPartyType(element), Mapping():
            return {party: encode(element, each) for party, each in value.items()}
        case RecordType(fields=fields), _:
            items = ((field, record_field(value, field.name)) for field in fields)
            said = ((f, item) for f, item in items if item is not None or (f.has_default and f.optional))
            return {field.name: encode(field.type, item) for field, item in said}
        case _:
            return value
