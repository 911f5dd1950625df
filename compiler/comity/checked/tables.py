"""Tables: CSV files and inline rows, read into typed rows at compile time (E107).

A country chart has thousands of cells, so cells do not go through the parser: each column has one small reader,
made once from its type, that knows the literals of that type, and remembers what it has read.
"""

from __future__ import annotations

import csv
import hashlib
import io
import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from comity import parts
from comity.base.diagnostics import Related
from comity.base.source import Span
from comity.checked import ast as checked
from comity.checked import errors
from comity.checked.constants import constant
from comity.checked.context import QUOTE, Context
from comity.checked.declarations import cites, doc
from comity.checked.expressions import open_context
from comity.checked.scope import Symbol
from comity.checked.signatures import TableSignature, World
from comity.checked.types import describe, member_names
from comity.runtime.suggest import did_you_mean
from comity.runtime.texts import InvisibleSign, canonical_text
from comity.runtime.types import (
    ECCN,
    HS_CODE,
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
    NumberType,
    PercentType,
    PlaceType,
    QuantityType,
    RecordType,
    SetType,
    TextType,
    Type,
)
from comity.runtime.values import (
    ABSENT,
    eccn_range,
    hs_range,
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
from comity.surface import ast as surface
from comity.surface.words import RESERVED
from comity.terms import Interval

MAX_ERRORS = 10
"""Maximum number of mistakes shown for one table; the last message says how many more there are."""

FROM, UNTIL, VALUE = "from", "until", "value"


class BadCell(Exception):
    """A cell that is not a literal of its column's type; the message says why."""


Read = Callable[[str], object]


def table(world: World, symbol: Symbol, node: surface.TableDecl, read_file: Callable[[str], bytes]) -> checked.Table:
    signature = world.table(symbol)
    context = open_context(world, world.scopes[symbol.module])
    otherwise: object = None
    has_otherwise = False
    if node.otherwise is not None:
        term = context.check(node.otherwise, signature.result)
        value = constant(term)
        if value is not None:
            otherwise, has_otherwise = value.value, True
        elif not isinstance(term.type, ErrorType):
            errors.type_mismatch(world.report, "`otherwise` must be a constant", node.otherwise.span)
    rows = _inline_rows(world, symbol, signature, node, context)
    path, digest = None, None
    broken = any(isinstance(type, ErrorType) for type in (signature.result, *(t for _, t in signature.parameters)))
    if node.file is not None:
        path = node.file.value
        where = posixpath.normpath(posixpath.join(posixpath.dirname(world.scopes[symbol.module].source.path), path))
        try:
            data = read_file(where)
        except OSError as error:
            reason = error.strerror or str(error) or "it is not there"
            errors.bad_table(world.report, f"`{path}` cannot be read: {reason[:1].lower()}{reason[1:]}", node.file.span)
        else:
            digest = hashlib.sha256(data).hexdigest()
            if not broken:
                rows += _Sheet(world, node, node.file, signature, where, path).read(data)
    return checked.Table(
        symbol.qname,
        doc(node.doc),
        cites(node.cites),
        symbol.span,
        signature.parameters,
        signature.result,
        tuple(rows),
        has_otherwise,
        otherwise,
        path,
        digest,
        node,
    )


# ------------------------------------------------------------------------------------------- inline rows


def _inline_rows(
    world: World, symbol: Symbol, signature: TableSignature, node: surface.TableDecl, context: Context
) -> list[parts.Row]:
    rows: list[parts.Row] = []
    seen: dict[tuple[object, ...], Span] = {}
    result = Related(f"`{symbol.name}` gives {describe(signature.result)}", node.result.span)
    for row in node.rows:
        if len(row.keys) != len(signature.parameters):
            errors.bad_table(
                world.report,
                f"`{symbol.name}` is read by {len(signature.parameters)} keys, but this row has {len(row.keys)}",
                row.span,
                related=(Related("the table", symbol.span),),
            )
            continue
        terms = [
            context.check(key, type, Related(f"the key `{name}` is {describe(type)}", parameter.span))
            for key, parameter, (name, type) in zip(row.keys, node.parameters, signature.parameters, strict=True)
        ]
        terms.append(context.check(row.value, signature.result, result))
        values = [constant(term) for term in terms]
        if any(isinstance(term.type, ErrorType) for term in terms):
            continue
        if any(value is None for value in values):
            errors.bad_table(world.report, "a row holds constants only", row.span)
            continue
        *keys, cell = (value.value for value in values if value is not None)
        first = seen.setdefault(tuple(keys), row.span)
        if first is not row.span:
            errors.bad_table(
                world.report, "there are two rows for one key", row.span, related=(Related("the first", first),)
            )
        else:
            rows.append(parts.Row(tuple(keys), cell, None, place=f"{row.span.path}:{row.span.line}"))
    return rows


# ------------------------------------------------------------------------------------------- files


@dataclass(slots=True)
class _Sheet:
    """Reads one CSV file. Rows count physical lines from 1, the header included; columns count from 1."""

    world: World
    node: surface.TableDecl
    file: surface.Text
    signature: TableSignature
    where: str
    shown: str
    problems: list[tuple[str, int, int]] = field(default_factory=list)
    hidden: int = 0

    def read(self, data: bytes) -> list[parts.Row]:
        rows = list(self._rows(data))
        for number, (message, row, column) in enumerate(self.problems):
            more = f" (and {self.hidden} more)" if self.hidden and number == len(self.problems) - 1 else ""
            place = f"row {row}, column {column}" if column else f"row {row}"
            at = max(column, 1)
            errors.bad_table(
                self.world.report,
                f"{place} of `{self.shown}`: {message}{more}",
                self.file.span,
                related=(Related(place, Span(self.where, 0, 0, row, at, row, at)),) if row else (),
            )
        return rows

    def problem(self, message: str, row: int, column: int = 0) -> None:
        if len(self.problems) < MAX_ERRORS:
            self.problems.append((message, row, column))
        else:
            self.hidden += 1

    def _lines(self, data: bytes) -> Iterator[tuple[int, list[str]]]:
        """The rows that are not blank, each with the line it begins on."""
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            self.problem("the file is not UTF-8", line)
            return
        if "\0" in text:
            self.problem("the file holds a NUL character", text.count("\n", 0, text.index("\0")) + 1)
            return
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        line = 1
        try:
            for row in reader:
                if row:
                    yield line, row
                line = reader.line_num + 1
        except csv.Error as error:
            self.problem(f"this is not CSV: {error}", line)

    def _rows(self, data: bytes) -> Iterator[parts.Row]:
        lines = self._lines(data)
        first = next(lines, None)
        if first is None:
            if not self.problems:
                self.problem("the file is empty: its first row names the columns", 1)
            return
        wrong = _wrong_separator(first[1])
        if wrong is not None:
            self.problem(wrong, first[0])
            return
        layout = self._layout(*first)
        if layout is None:
            return
        seen: dict[tuple[object, ...], list[tuple[Interval, int]]] = {}
        width = len(first[1])
        for line, cells in lines:
            if len(cells) != width:
                self.problem(f"{len(cells)} cells, but the header names {width} columns", line)
                continue
            before = len(self.problems) + self.hidden
            keys = tuple([self._cell(column, cells, line) for column in layout.keys])
            interval = self._interval(layout, cells, line)
            values = layout.values(lambda column, cells=cells, line=line: self._cell(column, cells, line))  # type: ignore[misc]
            if len(self.problems) + self.hidden > before:
                continue
            place = f"{self.where}:{line}"
            for more, value in values:
                key = keys + more
                others = seen.setdefault(key, [])
                days = interval or (None, None)
                clash = next((other for window, other in others if _overlap(window, days)), None)
                if clash is not None:
                    named = ", ".join(str(k) for k in keys)
                    self.problem(f"a second row for `{named}`; the first is row {clash}", line, layout.keys[0].number)
                    break
                others.append((days, line))
                yield parts.Row(key, value, interval, place=place)

    def _cell(self, column: _Column, cells: Sequence[str], line: int) -> object:
        text = cells[column.index].strip()
        try:
            return column.known[text]
        except KeyError:
            pass
        try:
            value = column.read(text)
        except BadCell as error:
            self.problem(f"{error} (`{column.header}`)", line, column.number)
            return None
        column.known[text] = value
        return value

    def _interval(self, layout: _Layout, cells: Sequence[str], line: int) -> Interval | None:
        opens = self._cell(layout.opens, cells, line) if layout.opens is not None else None
        closes = self._cell(layout.closes, cells, line) if layout.closes is not None else None
        if opens is None and closes is None:
            return None
        assert isinstance(opens, date | None) and isinstance(closes, date | None)
        return opens, closes

    # ------------------------------------------------------------------------------------ header

    def _layout(self, line: int, cells: list[str]) -> _Layout | None:
        """Which column is what; None if the header does not fit (reported)."""
        headers: dict[str, int] = {}
        for index, text in enumerate(cells):
            header = text.strip()
            if header in headers:
                self.problem(f"there are two columns `{header}`", line, index + 1)
            headers.setdefault(header, index)
        left = dict(headers)

        def column(header: str, read: Read, what: str) -> _Column | None:
            index = left.pop(header, None)
            if index is None:
                hint = did_you_mean(header, left)
                self.problem(f"there is no column `{header}` for {what}" + (f"; {hint}" if hint else ""), line)
                return None
            return _Column(header, index, read)

        names = [
            (name, parameter.header.value if parameter.header else name, type)
            for parameter, (name, type) in zip(self.node.parameters, self.signature.parameters, strict=True)
        ]
        last = names[-1][2] if names else None
        spread = isinstance(last, EnumType) and names[-1][1] not in headers and any(m in headers for m in last.members)
        keyed = names[:-1] if spread else names
        keys = [column(header, reader(type), f"the key `{name}`") for name, header, type in keyed]
        day = optional(_day)
        opens = column(FROM, day, "days") if FROM in left else None
        closes = column(UNTIL, day, "days") if UNTIL in left else None
        values = self._value_columns(last if isinstance(last, EnumType) and spread else None, left, column)
        ignored = {each.value if isinstance(each, surface.Text) else each.text for each in self.node.ignoring}
        for header, index in left.items():
            if header in ignored:
                continue
            if header:
                quoted = _as_written(header)
                hint = "" if quoted == header else f", in quotes: `{quoted}`"
                self.problem(f"nothing uses the column `{header}`: name it after `ignoring`{hint}", line, index + 1)
            else:
                self.problem("the column has no name: delete it, or the comma at the end of each row", line, index + 1)
        if self.problems:
            return None
        return _Layout([key for key in keys if key is not None], values, opens, closes)

    def _value_columns(
        self, spread: EnumType | None, left: dict[str, int], column: Callable[[str, Read, str], _Column | None]
    ) -> _Values:
        result = self.signature.result
        if spread is not None:
            read = reader(result)
            return _Spread([(m, c) for m in spread.members if (c := column(m, read, f"`{spread.name}`")) is not None])
        if isinstance(result, RecordType):
            columns: list[tuple[str, _Column | None, object]] = []
            for each in result.fields:
                known = each.has_default or each.optional
                if each.name not in left and known:
                    columns.append((each.name, None, each.default if each.has_default else None))
                    continue
                read = optional(reader(each.type)) if each.optional else reader(each.type)
                columns.append((each.name, column(each.name, read, f"the field of `{result.name}`"), None))
            return _Record(columns)
        found = column(VALUE, reader(result), "what the table gives")
        return _Single(found)


def _as_written(header: str) -> str:
    """How a column is named in the language: by a name, or in quotes."""
    if re.fullmatch(r"[^\W\d]\w*", header) and header not in RESERVED:
        return header
    escaped = header.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def _wrong_separator(header: list[str]) -> str | None:
    """What is wrong with the first row of a file whose cells are separated by something other than commas."""
    first = header[0].strip()
    if first.lower().startswith("sep="):
        return f"`{','.join(header)}` is a line for spreadsheet programs: delete it, and separate the cells by commas"
    for sign, name in (("\t", "tabs"), (";", "semicolons"), ("|", "bars")):
        if len(header) == 1 and sign in first:
            return f"the cells are separated by {name}: save the file with commas between them"
    return None


def _overlap(a: Interval, b: Interval) -> bool:
    """Whether two windows share a day."""
    return (a[0] or date.min) <= (b[1] or date.max) and (b[0] or date.min) <= (a[1] or date.max)


@dataclass(slots=True)
class _Column:
    """A column of the file and how its cells are read; ``known``: cells read before."""

    header: str
    index: int
    read: Read
    known: dict[str, object] = field(default_factory=dict)

    @property
    def number(self) -> int:
        return self.index + 1


Cell = Callable[[_Column], object]


@dataclass(slots=True)
class _Single:
    """One column `value`."""

    column: _Column | None

    def __call__(self, cell: Cell) -> list[tuple[tuple[object, ...], object]]:
        return [((), cell(self.column))] if self.column is not None else []


@dataclass(slots=True)
class _Spread:
    """A column for each member of the last key's enum."""

    columns: list[tuple[str, _Column]]

    def __call__(self, cell: Cell) -> list[tuple[tuple[object, ...], object]]:
        return [((member,), cell(column)) for member, column in self.columns]


@dataclass(slots=True)
class _Record:
    """A column for each field; a field without one has its default, or is unknown."""

    columns: list[tuple[str, _Column | None, object]]

    def __call__(self, cell: Cell) -> list[tuple[tuple[object, ...], object]]:
        return [((), {name: cell(column) if column else default for name, column, default in self.columns})]


_Values = _Single | _Spread | _Record


@dataclass(slots=True)
class _Layout:
    keys: list[_Column]
    values: _Values
    opens: _Column | None
    closes: _Column | None


# ------------------------------------------------------------------------------------------- cells


def reader(type: Type) -> Read:
    """The reader of one cell of ``type``. An empty cell is false, `{}` or `absent` where the type allows."""
    match type:
        case BoolType():
            return _bool
        case IntType():
            return _integer
        case TextType():
            return _text
        case DateType():
            return _day
        case EccnType():
            return _eccn
        case HsCodeType():
            return _parsed(parse_hs, "a code of the Harmonized System")
        case PercentType():
            return _parsed(parse_percent, "a percentage like `25%`")
        case NumberType():
            return _parsed(parse_number, "a number")
        case QuantityType() as kind:
            return _parsed(lambda text: parse_quantity(kind, text), f"a `{kind}`")
        case MoneyType(currency=currency):
            return _parsed(lambda text: _money(text, currency), f"an amount like `5_000 {currency}`")
        case EnumType() | PlaceType():
            return _member(type)
        case SetType(element=EccnType()):
            return _codes(reader(ECCN), eccn_range)
        case SetType(element=HsCodeType()):
            return _codes(reader(HS_CODE), hs_range)
        case SetType(element=element):
            one = reader(element)
            return lambda text: frozenset(one(part.strip()) for part in text.split(";")) if text else frozenset()
        case ListType(element=element):
            one = reader(element)
            return lambda text: tuple(one(part.strip()) for part in text.split(";")) if text else ()
        case AbsentType(element=element):
            inner = reader(element)
            return lambda text: ABSENT if text in ("", "absent") else inner(text)
        case _:
            return _unreadable(type)


def optional(read: Read) -> Read:
    """As ``read``, but an empty cell is unknown."""
    return lambda text: None if text in ("", "unknown") else read(text)


_BOOLS = {"X": True, "x": True, "true": True, "false": False, "": False}


def _bool(text: str) -> object:
    if text not in _BOOLS:
        raise BadCell(f"`{text}` is neither `X`, `true`, `false` nor empty")
    return _BOOLS[text]


def _integer(text: str) -> object:
    value = parse_number(text)
    if not isinstance(value, int):
        raise BadCell(f"{_shown(text)} is not an integer")
    return value


def _day(text: str) -> object:
    day = parse_date(text)
    if day is None:
        days = " or ".join(f"`{meant}`" for meant in suggest_dates(text))
        raise BadCell(f"{_shown(text)} is not a day" + (f": write {days}" if days else ""))
    return day


def _parsed(parse: Callable[[str], object], what: str) -> Read:
    def read(text: str) -> object:
        value = parse(text)
        if value is None:
            raise BadCell(f"{_shown(text)} is not {what}")
        return value

    return read


def _text(text: str) -> object:
    try:
        return canonical_text(text)
    except InvisibleSign as sign:
        raise BadCell(f"{_shown(text)} holds a sign that does not show ({sign}): delete it") from None


def _eccn(text: str) -> object:
    if is_eccn(text):
        return text
    meant = suggest_eccn(text)
    raise BadCell(f"{_shown(text)} is not an ECCN" + (f": write `{meant}`" if meant else ""))


def _codes(one: Read, between: Callable[[str, str], tuple[str, ...]]) -> Read:
    """The reader of a set of codes, which may hold ranges: `3A001.a; 3B001.k to 3B001.n`."""

    def read_part(part: str) -> tuple[object, ...]:
        first, to, last = part.partition(" to ")
        ends = [one(end.strip()) for end in ((first, last) if to else (first,))]
        if not to:
            return tuple(ends)
        try:
            return between(*map(str, ends))
        except ValueError as error:
            raise BadCell(str(error)) from None

    return lambda text: frozenset(code for part in text.split(";") for code in read_part(part)) if text else frozenset()


def _money(text: str, currency: str) -> object:
    measure = parse_measure(text)
    return None if measure is None or measure[1] != currency else measure[0]


def _member(type: EnumType | PlaceType) -> Read:
    members = {name: name for name in member_names(type)}
    what = "a place" if isinstance(type, PlaceType) else f"a member of `{type.name}`"

    def read(text: str) -> object:
        if text not in members:
            hint = did_you_mean(text, members)
            raise BadCell(f"{_shown(text)} is not {what}" + (f"; {hint}" if hint else ""))
        return members[text]

    return read


def _unreadable(type: Type) -> Read:
    def read(text: str) -> object:
        raise BadCell(f"{describe(type)} cannot be written in a cell")

    return read


def _shown(text: str) -> str:
    text = " ".join(text.split())
    if len(text) > QUOTE:
        text = text[: QUOTE - 1] + "…"
    return f"`{text}`" if text else "an empty cell"
