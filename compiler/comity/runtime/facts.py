"""Facts as JSON, read into exact values by their declared type, and written back.

Reading is strict, because a fact that is misread decides a case wrongly: a misspelt field is refused, not ignored;
a required fact that is missing is refused, not unknown; 0.25 is not a percentage (a quarter, or a quarter of a
percent?). Everything wrong is reported at once. A type is compiled once into nested functions (`Decoder`), since facts
are read far more often than types change.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

from .errors import MISSING, FactsError, Problem, Unreadable, key_text
from .kleene import KleeneSet, elements, set_of
from .light import dataclass
from .plain import (
    OR_ABSENT,
    Notes,
    Reader,
    Refused,
    day_hint,
    expected_text,
    is_short,
    member_reader,
    no_member,
    no_such_field,
    plain_reader,
    to_date,
)
from .scalars import known_scalar, missing_mark, plain_scalar
from .types import (
    DATE,
    AbsentType,
    DateType,
    Field,
    ListType,
    MoneyType,
    MonthsType,
    NumberType,
    PartyType,
    PercentType,
    PerPartyType,
    QuantityType,
    RecordType,
    SetType,
    TextType,
    Type,
)
from .values import (
    ABSENT,
    MAX_DIGITS,
    exact,
    number_text,
    quantity_text,
    record_field,
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
            if is_short(number):
                return number
    return Unreadable(text, f"a number of at most {MAX_DIGITS} digits")


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
        notes = Notes()
        try:
            result = self._reader(value, path, notes)
        except Refused as refused:
            result = _read_scalar(self._reader, value, path, notes, refused)
        if notes.problems:
            raise FactsError(notes.problems)
        return Decoded(result, tuple(notes.defaults))

    def _compile(self, type: Type, typed: bool, sparse: bool = False) -> Reader:
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
                return member_reader(sorted(self._parties), "a party")
            case _:
                return plain_reader(type, typed)

    def _record(self, type: RecordType, sparse: bool) -> Reader:
        constructor = self._constructors.get(f"{type.module}.{type.name}")
        from_mapping = self._fields(type, typed=False, sparse=sparse)
        from_object = [] if constructor is None else self._fields(type, typed=True, sparse=False)
        names = frozenset(field.name for field in type.fields)

        def read(value: object, path: str, notes: Notes) -> object:
            if value.__class__ is dict or isinstance(value, Mapping):
                given: Any = value
                fields = from_mapping
            elif constructor is not None and isinstance(value, constructor):
                given, fields = {name: record_field(value, name) for name in names}, from_object
            else:
                raise Refused(expected_text(type))
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
                except Refused as refused:
                    if missing_mark(item) is None:
                        record[name] = _read_scalar(read_field, item, prefix + name, notes, refused)
                    else:
                        record[name] = when_missing(item, prefix + name, notes)
            if not given.keys() <= names:
                for key, item in given.items():
                    if key not in names:
                        notes.refuse(prefix + key_text(key), item, no_such_field(type, key))
            if constructor is None or notes.problems:
                return record
            return constructor(**record)

        return read

    def _fields(self, type: RecordType, typed: bool, sparse: bool) -> list[tuple[str, Reader, bool, Reader]]:
        return [
            (field.name, self._compile(field.type, typed, sparse), _has_parts(field.type), self._when_missing(field))
            for field in type.fields
        ]

    def _when_missing(self, field: Field) -> Reader:
        """What to do with a field that is left out, or null, or a mark such as NaN."""
        left_out, null = field.source(said=False), field.source(said=True)

        def read(value: object, path: str, notes: Notes) -> object:
            source = left_out if value is MISSING else null
            if source == "default":
                notes.defaults.append(path)
                return field.default
            if source == "missing" and not self._partial:
                notes.refuse(path, value, Refused(expected_text(field.type)))
            return None

        return read

    def _array(
        self, type: ListType | SetType, element: Type, typed: bool, make: Callable[[list[object]], object]
    ) -> Reader:
        read_element, has_parts = self._compile(element, typed), _has_parts(element)

        def read(value: object, path: str, notes: Notes) -> object:
            if isinstance(value, KleeneSet):  # a set of records, as an object of a generated class holds it
                value = [element for element, _ in value.members]
            if not isinstance(value, (list, tuple, set, frozenset)):
                is_other_array = hasattr(value, "__array__") and getattr(value, "ndim", 0) == 1
                raise Refused(expected_text(type), "write `list(…)` around it" if is_other_array else "")
            result: list[object] = []
            for index, item in enumerate(value):
                try:
                    result.append(read_element(item, f"{path}[{index}]" if has_parts else "", notes))
                except Refused as refused:
                    result.append(_read_scalar(read_element, item, f"{path}[{index}]", notes, refused))
            return None if notes.problems else make(result)  # records that were refused cannot be made into a set

        return read

    def _per_party(self, type: PerPartyType, element: Type, typed: bool) -> Reader:
        read_element, parties = self._compile(element, typed), self._parties

        def read(value: object, path: str, notes: Notes) -> object:
            if not isinstance(value, Mapping):
                raise Refused(expected_text(type))
            result: dict[str, object] = {}
            for party, item in value.items():
                place = f"{path}.{key_text(party)}"
                if not isinstance(party, str) or (parties is not None and party not in parties):
                    notes.refuse(place, item, no_member(sorted(parties or ()), "the name of a party", party))
                    continue
                try:
                    result[party] = read_element(item, place, notes)
                except Refused as refused:
                    result[party] = _read_scalar(read_element, item, place, notes, refused)
            return result

        return read


def _read_scalar(read: Reader, value: object, path: str, notes: Notes, refused: Refused) -> object:
    """Read again what was refused, as the plain value of a scalar of NumPy or pandas; note the problem if it is none.

    Only after a refusal, so that plain facts, the usual case, are read at full speed.
    """
    plain = plain_scalar(value)
    if plain is not value:
        try:
            return read(plain, path, notes)
        except Refused as again:
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


def _or_absent(read_element: Reader, is_text: bool) -> Reader:
    def read(value: object, path: str, notes: Notes) -> object:
        if value is ABSENT or (isinstance(value, str) and value == "absent" and not is_text):
            return ABSENT
        if isinstance(value, Mapping) and value.keys() == {"absent"} and value["absent"] is True:
            return ABSENT
        try:
            return read_element(value, path, notes)
        except Refused as refused:
            raise Refused(refused.expected + OR_ABSENT, refused.hint) from None

    return read


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
    if type(value) is dict and value.keys() <= rules.keys():
        for given in value.values():
            if given is not True and given is not False:
                break
        else:
            return {**value}
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
            refused = no_member(sorted(rules), "a rule that refers to counsel", name)
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
