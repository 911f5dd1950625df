"""Raw columns read as facts: each distinct value by the decoder that reads facts everywhere.

A row with a value that does not fit is marked as *doubtful*. The decoder that all evaluators share then reads that
row by itself and says what is wrong with it, so that nothing is refused, or accepted, only here.

For example, if 10,000 rows have 700 different texts in the column `value`, 700 texts such as "5000 USD" are decoded. A
row with "5000 USX" is doubtful, and is refused with the message that `comity eval` has for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from comity.backends.batch import raw
from comity.backends.batch.columns import (
    FALSE,
    IS_ABSENT,
    KNOWN,
    MISSING,
    TRUE,
    UNKNOWN,
    Codes,
    Column,
    Domain,
    Exact,
    Lists,
    Records,
    Truths,
    product,
)
from comity.backends.batch.raw import LEFT_OUT, Distinct, Integers, Plain, Raw, Structs
from comity.runtime.errors import FactsError
from comity.runtime.facts import Decoder, loads_json
from comity.runtime.types import (
    AbsentType,
    BoolType,
    DateType,
    Field,
    IntType,
    ListType,
    MoneyType,
    NumberType,
    PercentType,
    PerPartyType,
    QuantityType,
    RecordType,
    SetType,
    Type,
)
from comity.runtime.values import ABSENT, Number, parse_number

Mask: TypeAlias = NDArray[np.bool_]

_NO_SUCH = -1
"""The code of a value that does not fit."""


class RecordReader:
    """Reads records of one type. It keeps the values that it has met, so that each is decoded once."""

    def __init__(self, record: RecordType, parties: Iterable[str] | None) -> None:
        self.record = record
        self.fields = {field.name: FieldReader(field, parties) for field in record.fields}

    def read(self, given: Structs, active: Mask | None, doubtful: Mask) -> Records:
        """The facts of all rows. ``active``: the rows in which there is such a record, None for all. Rows in which
        something is wrong are marked in ``doubtful``.
        """
        for name in given.fields.keys() - self.fields.keys():
            doubtful |= _present(given.fields[name], given.rows)
        columns = {
            name: reader.read(given.fields.get(name), given.rows, active, doubtful)
            for name, reader in self.fields.items()
        }
        return Records(columns, given.rows, _states(active))

    def column(self, values: Sequence[object]) -> Records:
        """Records as run-time values, taken apart."""
        given = [value if isinstance(value, Mapping) else {} for value in values]
        columns = {name: reader.column([each.get(name) for each in given]) for name, reader in self.fields.items()}
        return Records(columns, len(values), _states_of(values))

    def clear(self) -> None:
        for reader in self.fields.values():
            reader.clear()

    def met(self) -> int:
        """How many values are kept."""
        return sum(reader.met() for reader in self.fields.values())


class FieldReader:
    """Reads one field of a record."""

    def __init__(self, field: Field, parties: Iterable[str] | None) -> None:
        self.field = field
        self.kind = field.type.element if isinstance(field.type, AbsentType) else field.type
        self._decoder = Decoder(RecordType("", "", (field,)), parties=parties)
        self._known: dict[object, int] = {}
        self._values: list[object] | None = None
        self._codes: NDArray[np.int64] = np.zeros(0, np.int64)
        self.domain = Domain([None])
        self.inner: RecordReader | FieldReader | None = None
        if isinstance(self.kind, RecordType):
            self.inner = RecordReader(self.kind, parties)
        elif isinstance(self.kind, ListType):
            element = self.kind.element
            plain = RecordReader(element, parties) if isinstance(element, RecordType) else None
            self._loose = FieldReader(Field("element", element), parties)
            if plain is not None:
                self._loose.inner = plain
            self.inner = plain or self._loose

    def clear(self) -> None:
        self._known.clear()
        self._values = None
        self.domain = Domain([None])
        if self.inner is not None:
            self.inner.clear()

    def met(self) -> int:
        return len(self.domain) + len(self._known) + (0 if self.inner is None else self.inner.met())

    # ----------------------------------------------------------------------------------- one value

    def decode(self, value: object) -> object:
        """The run-time value of one given value (`LEFT_OUT`: none is given); raises FactsError."""
        given = {} if value is LEFT_OUT else {self.field.name: value}
        return self._decoder(given).value[self.field.name]  # type: ignore[index]  # a record is read into a dict

    def _code(self, value: object) -> int:
        known = self._known.get(value) if value.__class__ is str else None
        if known is None:
            try:
                known = self.domain.code(self.decode(value))
            except FactsError:
                known = _NO_SUCH
            if isinstance(value, str):
                self._known[value] = known
        return known

    # ---------------------------------------------------------------------------------- all values

    def read(self, given: Raw | None, rows: int, active: Mask | None, doubtful: Mask) -> Column:
        """The column of ``rows`` rows; None: it is left out of the table."""
        if given is None:
            given = Distinct(np.zeros(rows, np.int64), [LEFT_OUT])
        if isinstance(self.kind, RecordType | ListType):
            return self._read_parts(given, rows, active, doubtful)
        if isinstance(given, Integers):
            found = self._read_integers(given, active, doubtful)
            if found is not None:
                return found
        if isinstance(given, Distinct) and active is None and isinstance(self.field.type, BoolType):
            codes = self._of_values(given.values)
            if (codes >= 0).all():
                truths = _truths_of(self.domain).take(codes)
                if len(truths) == 2 and truths[0] == FALSE and truths[1] == TRUE and given.index.dtype == np.uint8:
                    return given.index << np.uint8(1)
                return truths.take(given.index)
        if isinstance(given, Distinct) and active is None and not isinstance(self.field.type, BoolType):
            codes = self._of_values(given.values)
            if (codes >= 0).all():
                return Codes(given.index, self.domain, codes)
        index = self._index(given)
        if active is not None:
            index = np.where(active, index, 0)
        if isinstance(given, Distinct) and (self._codes >= 0).all():
            return self._column(index)
        refused = index < 0
        if refused.any():
            doubtful |= refused
            index = np.where(refused, 0, index)
        return self._column(index)

    def _column(self, index: NDArray[np.int64]) -> Column:
        if isinstance(self.field.type, BoolType):
            return _truths_of(self.domain).take(index)
        return Codes(index, self.domain)

    def _of_values(self, values: list[object]) -> NDArray[np.int64]:
        """The codes of distinct values; those of the last list are kept, as it often comes again."""
        if values is not self._values:
            self._values = values
            self._codes = np.fromiter(map(self._code, values), np.int64, len(values))
        return self._codes

    def _index(self, given: Raw) -> NDArray[np.int64]:
        """The codes of scalars and sets by row, `_NO_SUCH` where a value does not fit."""
        match given:
            case Distinct(index=index, values=values):
                return self._of_values(values).take(index)
            case raw.Lists(known=known) if isinstance(self.kind, SetType) and isinstance(given.elements, Distinct):
                found = self._sets(given, given.elements)
                return found if known is None else np.where(known, found, self._code(None))
            case Integers(values=values, known=known):
                distinct, index = np.unique(values, return_inverse=True)
                part = Integers(distinct, None, given.scale, given.is_day, given.unit)
                codes = np.fromiter((self._code(part.at(row)) for row in range(len(distinct))), np.int64, len(distinct))
                found = codes.take(index)
                return found if known is None else np.where(known, found, self._code(None))
            case _:
                rows = raw.length(given)
                return np.fromiter((self._code(given.at(row)) for row in range(rows)), np.int64, rows)

    def _sets(self, given: raw.Lists, elements: Distinct) -> NDArray[np.int64]:
        """Sets by which elements they have: as bits of an integer while there are few."""
        offsets, values = given.offsets, elements.values
        lengths = np.diff(offsets)
        codes = np.full(len(lengths), -2, np.int64)
        empty = lengths == 0
        if empty.any():
            codes[empty] = self._code([])
        rows = np.flatnonzero(~empty)
        if not len(rows):
            return codes
        if len(values) <= 62:
            ones = np.left_shift(np.int64(1), elements.index)
            masks = np.bitwise_or.reduceat(ones, offsets[rows])
            distinct, index = np.unique(masks, return_inverse=True)
            members = [[value for bit, value in enumerate(values) if int(mask) >> bit & 1] for mask in distinct]
            found = np.array([self._code(each) for each in members], np.int64)
            codes[rows] = found.take(index)
            return codes
        seen: dict[tuple[int, ...], int] = {}
        every, starts = elements.index.tolist(), offsets.tolist()
        for row in rows.tolist():
            key = tuple(every[starts[row] : starts[row + 1]])
            code = seen.get(key)
            if code is None:
                code = seen[key] = self._code([values[each] for each in key])
            codes[row] = code
        return codes

    def _read_integers(self, given: Integers, active: Mask | None, doubtful: Mask) -> Column | None:
        """Numbers and days straight from their integers; None where they must be read one by one."""
        unit = self._unit(given)
        if unit is None:
            return None
        numerators: NDArray[Any] = given.values
        denominator = 10**given.scale * unit.denominator
        wrong = np.zeros(len(numerators), np.bool_)
        if given.is_day:
            wrong |= numerators < 1
            wrong |= numerators > date.max.toordinal()
        elif isinstance(self.kind, IntType) and given.scale:
            wrong |= numerators % 10**given.scale != 0
        if unit.numerator != 1 and len(numerators):
            largest = max(abs(int(numerators.max())), abs(int(numerators.min())))
            numerators = product(numerators, unit.numerator, largest)
        missing = np.zeros(len(numerators), np.bool_)
        if given.known is not None:
            missing |= ~given.known
            code = self._code(None)
            if code != 0:  # null is refused, or is a value of its own
                wrong = (wrong & given.known) | missing
        if active is not None:
            missing |= ~active
            wrong &= active
        if wrong.any():
            doubtful |= wrong
            missing |= wrong
        states = np.where(missing, np.uint8(MISSING), np.uint8(KNOWN)) if missing.any() else None
        if given.is_day and states is not None:
            numerators = np.where(missing, 1, numerators)
        return Exact(numerators, denominator, states, given.is_day)

    def _unit(self, given: Integers) -> Number | None:
        """What one of the integers' units is worth in the field's own; None where that says too little."""
        match self.kind:
            case DateType():
                return 1 if given.is_day else None
            case IntType() | NumberType():
                return 1 if not given.is_day and not given.unit else None
            case PercentType() | MoneyType() | QuantityType() if given.unit and not given.is_day:
                try:
                    one = self.decode(Integers(np.ones(1, np.int64), unit=given.unit).at(0))
                except FactsError:
                    return None
                return one if isinstance(one, int | Fraction) else None
            case _:
                return None

    # --------------------------------------------------------------------------- records and lists

    def _read_parts(self, given: Raw, rows: int, active: Mask | None, doubtful: Mask) -> Column:
        fits = Structs if isinstance(self.kind, RecordType) else raw.Lists
        if not isinstance(given, fits):
            return self._one_by_one(given, active, doubtful)
        known = given.known
        if isinstance(given, Structs) and given.dotted and self.field.optional:
            known = np.zeros(rows, np.bool_)
            for each in given.fields.values():
                known |= _present(each, rows, null=True)
        if known is not None:
            null = ~known if active is None else ~known & active
            if null.any() and self._code(None) != 0:
                doubtful |= null
            active = known if active is None else active & known
        if isinstance(given, Structs):
            assert isinstance(self.inner, RecordReader)
            return self.inner.read(given, active, doubtful)
        assert isinstance(given, raw.Lists)
        return self._elements(given, rows, active, doubtful)

    def _elements(self, given: raw.Lists, rows: int, active: Mask | None, doubtful: Mask) -> Lists:
        count = raw.length(given.elements)
        wrong = np.zeros(count, np.bool_)
        elements: Column
        if isinstance(self.inner, FieldReader):
            elements = self.inner.read(given.elements, count, None, wrong)
        else:
            assert self.inner is not None
            below = given.elements
            if isinstance(below, Structs):
                if below.known is not None:
                    wrong |= ~below.known
                elements = self.inner.read(below, below.known, wrong)
            else:
                elements = self._loose.read(below, count, None, wrong)
        if wrong.any():
            row_of = np.repeat(np.arange(rows), np.diff(given.offsets))
            doubtful[row_of[wrong]] = True
        return Lists(given.offsets, elements, _states(active))

    def _one_by_one(self, given: Raw, active: Mask | None, doubtful: Mask) -> Column:
        """Records or lists that are Python objects: decoded whole, then taken apart again."""
        values = given.values if isinstance(given, Distinct) else [given.at(row) for row in range(raw.length(given))]
        index = given.index if isinstance(given, Distinct) else np.arange(len(values))
        read: list[object] = []
        wrong = np.zeros(len(values), np.bool_)
        for place, value in enumerate(values):
            try:
                read.append(self.decode(value))
            except FactsError:
                read.append(None)
                wrong[place] = True
        if active is not None:
            index = np.where(active, index, len(read))
            read.append(None)
            wrong = np.append(wrong, False)
        doubtful |= wrong.take(index)
        return self.column(read).take(index)

    def column(self, values: Sequence[object]) -> Column:
        """Run-time values as a column."""
        if isinstance(self.inner, RecordReader) and isinstance(self.kind, RecordType):
            return self.inner.column(values)
        if self.inner is not None:
            lists = [value if isinstance(value, tuple) else () for value in values]
            offsets = np.zeros(len(values) + 1, np.int64)
            offsets[1:] = np.cumsum([len(each) for each in lists], dtype=np.int64)
            elements = self.inner.column([item for each in lists for item in each])
            return Lists(offsets, elements, _states_of(values))
        index = np.fromiter(map(self.domain.code, values), np.int64, len(values))
        if isinstance(self.field.type, BoolType):
            return _truths_of(self.domain).take(index)
        return Codes(index, self.domain)


# ------------------------------------------------------------------------------------------ helpers


def _truths_of(domain: Domain) -> Truths:
    return np.array([UNKNOWN if v is None else TRUE if v else FALSE for v in domain.values], np.uint8)


def _states_of(values: Sequence[object]) -> Truths | None:
    states = np.array([MISSING if v is None else IS_ABSENT if v is ABSENT else KNOWN for v in values], np.uint8)
    return states if states.any() else None


def _states(active: Mask | None) -> Truths | None:
    if active is None or active.all():
        return None
    return np.where(active, np.uint8(KNOWN), np.uint8(MISSING))


def _present(given: Raw, rows: int, null: bool = False) -> Mask:
    """The rows in which there is a value, or (``null``) one that is not null."""
    match given:
        case Structs(known=known) | raw.Lists(known=known) | Integers(known=known):
            return np.ones(rows, np.bool_) if known is None or not null else known
        case Distinct(index=index, values=values):
            there = np.array([v is not LEFT_OUT and not (null and v is None) for v in values] or [False], np.bool_)
            return there.take(index)
        case Plain(values=values):
            return np.array([v is not LEFT_OUT and not (null and v is None) for v in values], np.bool_)


def spelled(given: Raw, kind: Type, text: bool) -> Raw:
    """A column in which text stands for what JSON has: JSON text for lists, sets and records; and where all is
    ``text`` (CSV) also for numbers and truths, the empty text being null.
    """
    inner = kind.element if isinstance(kind, AbsentType) else kind
    match given:
        case Distinct(index=index, values=values):
            return Distinct(index, [_spelled(each, inner, text) for each in values])
        case Plain(values=values):
            return Plain([_spelled(each, inner, text) for each in values])
        case Structs(fields=fields) if isinstance(inner, RecordType):
            types = {field.name: field.type for field in inner.fields}
            parts = {n: spelled(each, types[n], text) if n in types else each for n, each in fields.items()}
            return Structs(parts, given.rows, given.known, given.dotted)
        case _:
            return given


def _spelled(value: object, kind: Type, text: bool) -> object:
    if not isinstance(value, str):
        return value
    match kind:
        case _ if text and value == "":
            return None
        case RecordType() | ListType() | SetType() | PerPartyType() if value[:1] in ("[", "{"):
            try:
                return loads_json(value)
            except FactsError:
                return value
        case BoolType() if text:
            return {"true": True, "false": False}.get(value, value)
        case IntType() if text:
            number = parse_number(value)
            return value if number is None else number
        case _:
            return value


def needs_spelling(kind: Type, text: bool) -> bool:
    """Whether `spelled` may change a column of this type."""
    inner = kind.element if isinstance(kind, AbsentType) else kind
    return text or isinstance(inner, RecordType | ListType | SetType | PerPartyType)
