"""Tables of other libraries as raw columns, a stretch of rows at a time.

For example:

    {"item.eccn": ["3A001", "EAR99"], "destination": ["RU", "DE"]}

is, like a frame of pandas or Polars and an Arrow table with these columns, two rows of a record `destination` and a
record `item` with the field `eccn`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from comity.backends.batch import raw
from comity.backends.batch.raw import Distinct, Integers, Plain, Raw, Structs
from comity.runtime.errors import FactsError, Problem

Part: TypeAlias = Callable[[int, int], Raw]
"""The rows of a column from one number up to another."""

EPOCH = 719_163
"""The ordinal of 1970-01-01."""


class Table:
    """A table by column. ``rows``: how many. Columns `a.b` are fields of a record `a`."""

    def __init__(self, columns: Mapping[str, Part], rows: int) -> None:
        self.columns = columns
        self.rows = rows

    def part(self, start: int, stop: int) -> Structs:
        return nested({name: column(start, stop) for name, column in self.columns.items()}, stop - start)


def nested(columns: Mapping[str, Raw], rows: int) -> Structs:
    """Columns by dotted name as records in records."""
    found: dict[str, Any] = {}
    for name, column in columns.items():
        *above, last = name.split(".")
        if name.startswith("findings."):  # the name of a rule of a family has signs of its own
            above, last = ["findings"], name.removeprefix("findings.")
        place = found
        for part in above:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise FactsError([Problem(name, part, f"either a column `{part}` or columns `{part}.…`")])
        if last in place:
            raise FactsError([Problem(name, last, "each column once")])
        place[last] = column
    return _structs(found, rows, dotted=False)


def _structs(found: Mapping[str, Any], rows: int, dotted: bool) -> Structs:
    fields = {
        name: _structs(each, rows, dotted=True) if isinstance(each, dict) else each for name, each in found.items()
    }
    return Structs(fields, rows, dotted=dotted)


def table_of(table: object) -> Table:
    """A table of any kind: a mapping of columns, an Arrow table or batch, a frame of pandas or Polars.

    Raises FactsError if it is none, or if its columns differ in length.
    """
    library = type(table).__module__.partition(".")[0]
    if isinstance(table, Table):
        return table
    if isinstance(table, Mapping):
        columns = {str(name): _column(column) for name, column in table.items()}
        lengths = {name: rows for name, (_, rows) in columns.items()}
        if len(set(lengths.values())) > 1:
            raise FactsError([Problem("table", lengths, "columns of one length")])
        return Table({name: part for name, (part, _) in columns.items()}, next(iter(lengths.values()), 0))
    if library == "pyarrow" or hasattr(table, "__arrow_c_stream__"):
        import pyarrow as pa

        arrow: Any = table if isinstance(table, pa.Table) else pa.table(table)
        names = arrow.column_names
        return Table({name: _arrow_part(arrow.column(place)) for place, name in enumerate(names)}, arrow.num_rows)
    if isinstance(table, Sequence) and all(isinstance(row, Mapping) for row in table):
        structs = rows_of(table)
        return Table({name: _raw_part(column) for name, column in structs.fields.items()}, structs.rows)
    if library == "pandas":
        given: Any = table
        return table_of({str(name): given[name].to_numpy() for name in given.columns})
    expected = "a mapping of arrays, a table of Arrow, or a frame of pandas or Polars"
    raise FactsError([Problem("table", type(table).__name__, expected)])


def _column(column: Any) -> tuple[Part, int]:
    """One column of a mapping, and how many rows it has."""
    library = type(column).__module__.partition(".")[0]
    if isinstance(column, raw.Plain | raw.Distinct | raw.Integers | raw.Structs | raw.Lists):
        return _raw_part(column), raw.length(column)
    if library == "pyarrow":
        return _arrow_part(column), len(column)
    if isinstance(column, tuple) and len(column) == 2 and hasattr(column[0], "__array__"):
        offsets, elements = np.asarray(column[0], np.int64), column[1]
        if isinstance(elements, Mapping):
            inner = table_of(elements)
            lists = raw.Lists(offsets, inner.part(0, inner.rows))
        else:
            part, rows = _column(elements)
            lists = raw.Lists(offsets, part(0, rows))
        return _raw_part(lists), len(offsets) - 1
    if library in ("pandas", "polars") and hasattr(column, "to_numpy"):
        series: Any = column
        if hasattr(series, "to_arrow"):
            arrow = series.to_arrow()
            return _arrow_part(arrow), len(arrow)
        if hasattr(series, "codes") and hasattr(series, "categories"):
            return _categorical(series), len(series)
        column = series.to_numpy()
    if isinstance(column, np.ndarray):
        if column.ndim != 1:
            raise FactsError([Problem("table", f"an array of shape {column.shape}", "columns of one dimension")])
        return (lambda start, stop: _numpy(column[start:stop])), len(column)
    if isinstance(column, Sequence) and not isinstance(column, str | bytes):
        return (lambda start, stop: _objects(column[start:stop])), len(column)
    raise FactsError([Problem("table", type(column).__name__, "columns that are arrays")])


def _raw_part(column: Raw) -> Part:
    return lambda start, stop: _slice(column, start, stop)


def _slice(column: Raw, start: int, stop: int) -> Raw:
    match column:
        case Plain(values=values):
            return Plain(values[start:stop])
        case Distinct(index=index, values=values):
            return Distinct(index[start:stop], values)
        case Integers(values=numbers, known=known, scale=scale, is_day=is_day, unit=unit):
            return Integers(numbers[start:stop], _cut(known, start, stop), scale, is_day, unit)
        case Structs(fields=fields, known=known, dotted=dotted):
            parts = {name: _slice(each, start, stop) for name, each in fields.items()}
            return Structs(parts, stop - start, _cut(known, start, stop), dotted)
        case raw.Lists(offsets=offsets, elements=elements, known=known):
            cut = offsets[start : stop + 1]
            first, last = int(cut[0]), int(cut[-1])
            return raw.Lists(cut - first, _slice(elements, first, last), _cut(known, start, stop))


def _cut(known: NDArray[np.bool_] | None, start: int, stop: int) -> NDArray[np.bool_] | None:
    return None if known is None else known[start:stop]


def _categorical(column: Any) -> Part:
    """A column of pandas whose values are codes; code -1 is a missing value."""
    codes, values = np.asarray(column.codes, np.int64), [*column.categories.tolist(), None]
    codes = np.where(codes < 0, len(values) - 1, codes)
    return lambda start, stop: Distinct(codes[start:stop], values)


# --------------------------------------------------------------------------------------------- NumPy

_BOOLS: list[object] = [False, True]
_TRUTHS: list[object] = [False, True, None]


def _numpy(array: NDArray[Any]) -> Raw:
    known = None
    if isinstance(array, np.ma.MaskedArray):
        known = ~np.ma.getmaskarray(array)
        array = np.ma.getdata(array)
    match array.dtype.kind:
        case "b" if known is None:
            return Distinct(array.astype(np.int64), _BOOLS)
        case "i":
            return Integers(array.astype(np.int64), known)
        case "u" if not len(array) or int(array.max()) < 2**63:
            return Integers(array.astype(np.int64), known)
        case "f":
            return _floats(array, known)
        case "M":
            return _days(array, known)
    values: list[object] = array.tolist() if array.dtype.kind in "bOUu" else list(array)
    if known is not None:
        values = [value if kept else None for value, kept in zip(values, known.tolist(), strict=True)]
    return _objects(values)


def _objects(values: Sequence[object]) -> Raw:
    return raw.distinct(values) or Plain(values)


def _floats(array: NDArray[Any], known: NDArray[np.bool_] | None) -> Raw:
    """Floats are numbers only where they are whole: 0.1 in binary is not a tenth. NaN is a missing value."""
    missing = np.isnan(array)
    with np.errstate(invalid="ignore"):
        whole = missing | ((array == np.floor(array)) & (np.abs(array) <= 2.0**53))
    if not whole.all():
        values = array.tolist()
        if known is not None:
            values = [value if kept else None for value, kept in zip(values, known.tolist(), strict=True)]
        return Plain(values)
    if missing.any():
        known = ~missing if known is None else known & ~missing
    return Integers(np.where(missing, 0, array).astype(np.int64), known)


def _days(array: NDArray[Any], known: NDArray[np.bool_] | None) -> Raw:
    """Days of `datetime64`; other moments stay what they are, and are refused."""
    missing = np.isnat(array)
    days = array.astype("datetime64[D]")
    unit = np.datetime_data(array.dtype)[0]
    if unit in ("Y", "M", "W", "generic") or not ((days == array) | missing).all():
        return _objects(list(array))
    if missing.any():
        known = ~missing if known is None else known & ~missing
    numbers = np.where(missing, 0, days.astype(np.int64)) + EPOCH
    return Integers(numbers, known, is_day=True)


# --------------------------------------------------------------------------------------------- Arrow


def _arrow_part(column: Any) -> Part:
    reader = _ArrowReader()
    return lambda start, stop: reader.read(column.slice(start, stop - start))


class _ArrowReader:
    """Reads stretches of one column; a dictionary that they share is converted once."""

    def __init__(self) -> None:
        self.dictionary: Any = None
        self.values: list[object] = []
        self.inner: dict[object, _ArrowReader] = {}

    def read(self, array: Any) -> Raw:
        import pyarrow as pa

        if isinstance(array, pa.ChunkedArray):
            array = array.combine_chunks() if array.num_chunks != 1 else array.chunk(0)
            if isinstance(array, pa.ChunkedArray):  # Arrow keeps what it cannot put together
                array = pa.concat_arrays(array.chunks)
        kind = array.type
        if isinstance(array, pa.ExtensionArray):
            return self.read(array.storage)
        if pa.types.is_dictionary(kind):
            return self._dictionary(array)
        if pa.types.is_string(kind) or pa.types.is_large_string(kind) or kind == pa.string_view():
            if kind == pa.string_view():
                array = array.cast(pa.string())
            return self._dictionary(array.dictionary_encode())
        if pa.types.is_boolean(kind):
            return _bools(array)
        if pa.types.is_integer(kind) and kind != pa.uint64():
            return Integers(_filled(array, 0).astype(np.int64), _known(array))
        if pa.types.is_decimal128(kind) and kind.scale >= 0:
            numbers = _decimals(array)
            if numbers is not None:
                return Integers(numbers, _known(array), kind.scale)
        if pa.types.is_floating(kind):
            return _floats(_filled(array, float("nan")).astype(np.float64), None)
        if pa.types.is_date32(kind):
            days = np.add(_filled(array.cast(pa.int32()), 0), EPOCH, dtype=np.int64)
            return Integers(days, _known(array), is_day=True)
        if pa.types.is_timestamp(kind) and kind.tz is None:
            return _days(array.to_numpy(zero_copy_only=False), None)
        if pa.types.is_struct(kind):
            return self._struct(array)
        if pa.types.is_list(kind) or pa.types.is_large_list(kind):
            return self._list(array)
        return _objects(array.to_pylist())

    def _of(self, name: object) -> _ArrowReader:
        return self.inner.setdefault(name, _ArrowReader())

    def _dictionary(self, array: Any) -> Raw:
        dictionary = array.dictionary
        indices = array.indices
        has_null = indices.null_count > 0
        index = _filled(indices.cast("int64") if has_null else indices, -1)
        if len(dictionary) > 4 * len(index) + 64:  # a stretch of a table with more values than the stretch has rows
            used, index = np.unique(index, return_inverse=True)
            values: list[object] = [None if each < 0 else dictionary[int(each)].as_py() for each in used]
            return Distinct(index.astype(np.int64), values)
        if self.dictionary is None or not self.dictionary.equals(dictionary):
            self.dictionary = dictionary
            plain = dictionary.to_pylist()
            self.values = [*plain, None]
        return Distinct(np.where(index < 0, len(self.values) - 1, index) if has_null else index, self.values)

    def _struct(self, array: Any) -> Raw:
        kind = array.type
        fields = {}
        for place in range(kind.num_fields):
            name = kind.field(place).name
            fields[name] = self._of(name).read(array.field(place))
        return Structs(fields, len(array), _known(array))

    def _list(self, array: Any) -> Raw:
        offsets = array.offsets.to_numpy(zero_copy_only=False).astype(np.int64)
        known = _known(array)
        lengths = np.diff(offsets)
        if known is not None and lengths[~known].any():  # what stands below a null list counts for nothing
            array = array.take(_positions(len(array)))
            offsets = array.offsets.to_numpy(zero_copy_only=False).astype(np.int64)
        first, last = int(offsets[0]), int(offsets[-1])
        elements = array.values.slice(first, last - first)
        return raw.Lists(offsets - first, self._of("").read(elements), known)


def _bools(array: Any) -> Distinct:
    """Truths straight from their bits."""
    bits, first = array.buffers()[1], array.offset
    data = np.frombuffer(bits, np.uint8)[first // 8 :] if bits is not None else np.zeros(0, np.uint8)
    index = np.unpackbits(data, count=first % 8 + len(array), bitorder="little")[first % 8 :]
    known = _known(array)
    if known is None:
        return Distinct(index, _BOOLS)
    return Distinct(np.where(known, index, np.uint8(2)), _TRUTHS)


def _positions(count: int) -> Any:
    import pyarrow as pa

    return pa.array(np.arange(count))


def _known(array: Any) -> NDArray[np.bool_] | None:
    if not array.null_count:
        return None
    known: NDArray[np.bool_] = array.is_valid().to_numpy(zero_copy_only=False)
    return known


def _filled(array: Any, with_value: object) -> NDArray[Any]:
    import pyarrow.compute as pc

    if array.null_count:
        array = pc.fill_null(array, with_value)
    numbers: NDArray[Any] = array.to_numpy(zero_copy_only=False)
    return numbers


def _decimals(array: Any) -> NDArray[np.int64] | None:
    """The unscaled integers of 128-bit decimals; None if one is longer than 64 bits."""
    buffer = array.buffers()[1]
    words = np.frombuffer(buffer, np.int64)[2 * array.offset : 2 * (array.offset + len(array))]
    low, high = words[0::2].copy(), words[1::2]
    known = _known(array)
    fits = high == (low >> 63)
    if known is not None:
        fits = fits | ~known
        low[~known] = 0
    return low if fits.all() else None


def rows_of(values: Sequence[Mapping[str, object]]) -> Structs:
    """Rows of JSON as raw columns."""
    names = dict.fromkeys(name for row in values for name in row)
    fields: dict[str, Raw] = {}
    for name in names:
        fields[str(name)] = _objects([row.get(name, raw.LEFT_OUT) for row in values])
    return Structs(fields, len(values))


def slices(rows: int, size: int) -> Iterator[tuple[int, int]]:
    """The stretches of ``size`` rows."""
    for start in range(0, rows, size):
        yield start, min(start + size, rows)
