"""What is computed, as a graph: every node gives one column for the rows of its frame, at most once per chunk.

A *frame* is a set of rows: those of the table, or the elements of all rows' lists (a row of such a frame has a row of
the frame around it). Nodes are shared: `translate` makes equal ones once.

What a node cannot say of a row (a case of a definition that fails, for one) makes the row *doubtful*: it is decided by
the interpreter afterwards, and what the columns say of it does not count.

Example: `value > 5000 USD` compares a column with a constant. Ten rules that ask for it share the node, so the numbers
are compared once per chunk. The body of `any p in parties: p.listed` is a node of the frame of all parties of all rows;
the quantifier gathers its truths into one for each export.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from itertools import count
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from comity.backends.batch.columns import (
    FALSE,
    KNOWN,
    TRUE,
    TRUTHS,
    UNKNOWN,
    Codes,
    Column,
    Domain,
    Index,
    Lists,
    Records,
    Truths,
    coded,
    spans,
)
from comity.runtime.answer import PolicyError
from comity.runtime.kleene import elements as members_of
from comity.runtime.values import ABSENT

Compute: TypeAlias = Callable[[tuple[Any, ...]], object]
"""From one value of each input to the value of the node."""

DENSE: Final = 20
"""Bits of a combination of values up to which what each gives is kept in an array, rather than searched for."""

FEW_DAYS: Final = 12
"""Days on which something changes, up to which the cell of a day is found by comparing it with each."""

_DOUBT: Final = 3
"""In a table of truths: evaluating them raises an error."""


class _Failed:
    """The value of what raises an error."""


_FAILED: Final = _Failed()


class Chunk:
    """Some rows of a table while they are decided. ``doubtful``: rows that the interpreter must decide."""

    def __init__(
        self, facts: Records, findings: dict[str, Codes], day: date | None, rows: int, doubtful: NDArray[np.bool_]
    ) -> None:
        self.facts = facts
        self.findings = findings
        self.day = day
        self.rows = rows
        self.doubtful = doubtful
        self.columns: dict[int, Any] = {}

    def doubt(self, frame: Frame, rows: NDArray[np.bool_]) -> None:
        """Mark rows of a frame: the rows of the table that they belong to."""
        places = np.flatnonzero(rows)
        while frame.around is not None:
            places = frame.parents(self).take(places)
            frame = frame.around
        self.doubtful[places] = True


class Frame:
    """Rows. ``around``: the frame that these are elements of; None for the rows of the table."""

    def __init__(self, around: Frame | None = None, source: Node | None = None) -> None:
        self.around = around
        self.source = source
        self.clear()

    def clear(self) -> None:
        """Forget what was kept from chunk to chunk."""
        self._elements = Domain()
        self._of: Domain | None = None
        self._members: list[tuple[list[int], list[int]]] = []

    def rows(self, chunk: Chunk) -> int:
        return chunk.rows if self.around is None else len(self.parents(chunk))

    def parents(self, chunk: Chunk) -> Index:
        """For each row, its row of the frame around."""
        found: Index = self._unfolded(chunk)[0]
        return found

    def offsets(self, chunk: Chunk) -> Index:
        """Where the elements of each row of the frame around begin and end."""
        found: Index = self._unfolded(chunk)[1]
        return found

    def elements(self, chunk: Chunk) -> Column:
        found: Column = self._unfolded(chunk)[2]
        return found

    def sure(self, chunk: Chunk) -> Truths | None:
        """How surely each element is in its set; None if all are."""
        found: Truths | None = self._unfolded(chunk)[3]
        return found

    def _unfolded(self, chunk: Chunk) -> Any:
        found = chunk.columns.get(id(self))
        if found is None:
            assert self.source is not None
            found = chunk.columns[id(self)] = self._unfold(self.source.column(chunk))
        return found

    def _unfold(self, column: Column) -> tuple[Index, Index, Column, Truths | None]:
        """The elements of all rows: their rows, where each row's begin, the elements, and how sure each is."""
        if isinstance(column, Lists):
            lengths = np.diff(column.offsets)
            return np.repeat(np.arange(len(lengths)), lengths), column.offsets, column.elements, None
        assert isinstance(column, Codes)
        if self._of is not column.domain:
            self.clear()
            self._of = column.domain
        for value in column.domain.values[len(self._members) :]:
            there = () if value in (None, ABSENT, _FAILED) else members_of(value)  # type: ignore[arg-type]
            pairs = [(self._elements.code(each), TRUE if truth else UNKNOWN) for each, truth in there]
            self._members.append(([code for code, _ in pairs], [truth for _, truth in pairs]))
        counts = np.array([len(codes) for codes, _ in self._members] or [0], np.int64)
        flat = np.array([code for codes, _ in self._members for code in codes] or [0], np.int64)
        sure = np.array([truth for _, truths in self._members for truth in truths] or [TRUE], np.uint8)
        lengths = counts.take(column.index)
        places = spans((counts.cumsum() - counts).take(column.index), lengths)
        offsets = np.concatenate([np.zeros(1, np.int64), lengths.cumsum()])
        truths = None if (sure == TRUE).all() else sure.take(places)
        return (
            np.repeat(np.arange(len(lengths)), lengths),
            offsets,
            Codes(flat.take(places), self._elements),
            truths,
        )


_numbers = count()


class Node:
    """``frame``: the rows that it has a value for. ``number``: nodes made later have greater ones."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.number = next(_numbers)

    def column(self, chunk: Chunk) -> Any:
        """The value of each row."""
        found = chunk.columns.get(id(self))
        if found is None:
            found = chunk.columns[id(self)] = self.compute(chunk)
        return found

    def compute(self, chunk: Chunk) -> Any:
        raise NotImplementedError

    def clear(self) -> None:
        """Forget what was kept from chunk to chunk."""


class Constant(Node):
    """One value for all rows."""

    def __init__(self, frame: Frame, value: object, truth: bool) -> None:
        super().__init__(frame)
        self.value = value
        self.truth = truth
        self.domain = Domain([value])

    def compute(self, chunk: Chunk) -> Any:
        rows = self.frame.rows(chunk)
        if self.truth:
            return np.full(rows, TRUTHS.code(self.value), np.uint8)
        return Codes(np.zeros(rows, np.int64), self.domain)


class Fact(Node):
    """A field of a record of facts; or (``name`` None) the elements of a frame, or the facts of a row."""

    def __init__(self, frame: Frame, base: Fact | None, name: str | None) -> None:
        super().__init__(frame)
        self.base = base
        self.name = name

    def compute(self, chunk: Chunk) -> Any:
        if self.base is not None:
            records = self.base.column(chunk)
            assert isinstance(records, Records) and self.name is not None
            return records.fields[self.name]
        return chunk.facts if self.frame.around is None else self.frame.elements(chunk)


class Element(Node):
    """The elements of a frame, as values."""

    def compute(self, chunk: Chunk) -> Any:
        return self.frame.elements(chunk)


class Truth(Node):
    """A fact or element that is true or false, as truths; what is absent is unknown."""

    def __init__(self, frame: Frame, operand: Node) -> None:
        super().__init__(frame)
        self.operand = operand

    def compute(self, chunk: Chunk) -> Any:
        column = self.operand.column(chunk)
        if isinstance(column, np.ndarray):
            return column
        table = [TRUE if v is True else FALSE if v is False else UNKNOWN for v in column.domain.values]
        return np.array(table or [UNKNOWN], np.uint8).take(column.index)


class Sure(Node):
    """How surely each element of a frame is in the set that it comes from."""

    def compute(self, chunk: Chunk) -> Any:
        found = self.frame.sure(chunk)
        return np.full(self.frame.rows(chunk), TRUE, np.uint8) if found is None else found


class Lifted(Node):
    """The value of the row of a frame around, for each element."""

    def __init__(self, frame: Frame, node: Node) -> None:
        super().__init__(frame)
        self.node = node

    def compute(self, chunk: Chunk) -> Any:
        assert self.frame.around is not None
        return self.node.column(chunk).take(self.frame.parents(chunk))


class Finding(Node):
    """Counsel's finding on a rule, by its name or that of the question that its family shares."""

    def __init__(self, frame: Frame, rule: str, question: str) -> None:
        super().__init__(frame)
        self.names = (rule, question)

    def compute(self, chunk: Chunk) -> Any:
        found = [chunk.findings[name] for name in dict.fromkeys(self.names) if name in chunk.findings]
        if not found:
            return Codes(np.zeros(chunk.rows, np.int64), _NO_FINDING)
        if len(found) == 1:
            return found[0]
        domain = Domain([None])
        own, shared = (
            np.array([domain.code(v) for v in each.domain.values], np.int64).take(each.index) for each in found
        )
        return Codes(np.where(own != 0, own, shared), domain)


_NO_FINDING: Final = Domain([None])


class Distinct(Node):
    """A function of few distinct combinations of values, evaluated once for each and then looked up."""

    def __init__(self, frame: Frame, inputs: Sequence[Node], function: Compute, truth: bool) -> None:
        super().__init__(frame)
        self.inputs = tuple(inputs)
        self.function = function
        self.truth = truth
        self.clear()

    def clear(self) -> None:
        self.domain = Domain()
        self.own = [Domain() for _ in self.inputs]
        self._seen: list[Domain] = []
        self._sizes: tuple[int, ...] = ()
        self._table: NDArray[Any] = np.zeros(0, np.uint8 if self.truth else np.int32)
        self._forget()
        self._doubts = False

    def met(self) -> int:
        """How many values and combinations are kept."""
        return len(self._keys) + sum(map(len, self.own))

    def compute(self, chunk: Chunk) -> Any:
        columns = [coded(each.column(chunk), domain) for each, domain in zip(self.inputs, self.own, strict=True)]
        return self.of(columns, chunk, self.frame.rows(chunk))

    def of(self, columns: Sequence[Codes], chunk: Chunk, rows: int, places: Index | None = None) -> Column:
        """The values for these columns of inputs; ``places``: the rows of the frame that they are, None for all."""
        domains = [each.domain for each in columns]
        if len(domains) != len(self._seen) or any(a is not b for a, b in zip(domains, self._seen, strict=True)):
            self._start(domains)
        match len(columns):
            case 0:
                found = np.full(rows, self._evaluated(()), self._table.dtype)
            case 1:
                found = self._unary(columns[0])
            case _:
                found = self._several(columns)
        if self._doubts:
            doubtful = found == _DOUBT if self.truth else found == self._doubt_code
            if doubtful.any():
                if places is not None:
                    every = np.zeros(self.frame.rows(chunk), np.bool_)
                    every[places] = doubtful
                    chunk.doubt(self.frame, every)
                else:
                    chunk.doubt(self.frame, doubtful)
                found = np.where(doubtful, UNKNOWN if self.truth else self.domain.code(None), found)
                found = found.astype(self._table.dtype, copy=False)
        return found if self.truth else Codes(found.astype(np.int64), self.domain)

    def _start(self, domains: Sequence[Domain]) -> None:
        """Inputs with domains of their own: what was evaluated stands for other values."""
        self._seen = list(domains)
        self._sizes = ()
        self._table = self._table[:0]
        self._forget()

    def _forget(self) -> None:
        """Combinations too many for an array have not been met: sorted, and what each gives."""
        self._keys: Index = np.zeros(0, np.int64)
        self._found: NDArray[Any] = np.zeros(0, self._table.dtype)

    def _evaluated(self, values: tuple[object, ...]) -> int:
        """The byte or code of the value for one combination."""
        try:
            value = None if _FAILED in values else self.function(values)
        except PolicyError:
            self._doubts = True
            if not self.truth:
                self._doubt_code = self.domain.code(_FAILED)
                return self._doubt_code
            return _DOUBT
        if self.truth:
            return TRUE if value is True else FALSE if value is False else UNKNOWN
        return self.domain.code(value)

    def _unary(self, column: Codes) -> NDArray[Any]:
        self._extend(column.domain)
        index, codes = column.parts
        return (self._table if codes is None else self._table.take(codes)).take(index)

    def _extend(self, domain: Domain) -> None:
        known, values = len(self._table), domain.values
        if len(values) > known:
            more = [self._evaluated((value,)) for value in values[known:]]
            self._table = np.concatenate([self._table, np.array(more, self._table.dtype)])

    def of_domain(self, domain: Domain) -> Truths | None:
        """The truth for each value of the only input; None if evaluating one of them raises an error."""
        if len(self._seen) != 1 or self._seen[0] is not domain:
            self._start([domain])
        self._extend(domain)
        return None if self._doubts else self._table

    def _several(self, columns: Sequence[Codes]) -> NDArray[Any]:
        sizes = tuple([max(1, (len(each.domain) - 1).bit_length()) for each in columns])
        if sum(sizes) > 62:
            return self._unpacked(columns)
        if sizes != self._sizes:
            self._grow(sizes)
        key = columns[0].index.astype(np.int64, copy=False)
        for size, each in zip(sizes[1:], columns[1:], strict=True):
            key = (key << size) | each.index
        if sum(sizes) <= DENSE:
            found = self._table.take(key)
            if not found.all():
                for each in np.unique(key[found == 0]).tolist():
                    self._table[each] = self._of_key(each, columns, sizes) + 1
                found = self._table.take(key)
            less: NDArray[Any] = found - self._table.dtype.type(1)
            return less
        distinct, index = np.unique(key, return_inverse=True)
        places = np.searchsorted(self._keys, distinct)
        known = places < len(self._keys)
        known[known] = self._keys[places[known]] == distinct[known]
        if not known.all():
            more = distinct[~known]
            codes = np.array([self._of_key(each, columns, sizes) for each in more.tolist()], self._table.dtype)
            at = places[~known]
            self._keys, self._found = np.insert(self._keys, at, more), np.insert(self._found, at, codes)
            places = np.searchsorted(self._keys, distinct)
        return self._found.take(places).take(index)

    def _grow(self, sizes: tuple[int, ...]) -> None:
        self._sizes = sizes
        self._forget()
        # Zeros, which take no memory until they are written: 0 is not yet evaluated.
        self._table = np.zeros(1 << sum(sizes) if sum(sizes) <= DENSE else 0, self._table.dtype)

    def _of_key(self, key: int, columns: Sequence[Codes], sizes: Sequence[int]) -> int:
        values: list[object] = []
        for size, each in zip(reversed(sizes), reversed(columns), strict=True):
            values.append(each.domain.values[key & ((1 << size) - 1)])
            key >>= size
        return self._evaluated(tuple(reversed(values)))

    def _unpacked(self, columns: Sequence[Codes]) -> NDArray[Any]:
        """Combinations too many for one integer: told apart step by step."""
        index = columns[0].index.astype(np.int64, copy=False)
        for each in columns[1:]:
            _, index = np.unique(index * len(each.domain) + each.index, return_inverse=True)
        _, first, index = np.unique(index, return_index=True, return_inverse=True)
        codes = [
            self._evaluated(tuple([each.domain.values[each.index[row]] for each in columns])) for row in first.tolist()
        ]
        return np.array(codes or [0], self._table.dtype).take(index)


# --------------------------------------------------------------------------------------------- logic


class Both(Node):
    """Conjunction."""

    def __init__(self, frame: Frame, operands: Sequence[Node]) -> None:
        super().__init__(frame)
        self.operands = tuple(operands)

    def compute(self, chunk: Chunk) -> Any:
        first, *others = self.operands
        found = first.column(chunk)
        for number, each in enumerate(others):
            found = np.minimum(found, each.column(chunk), out=found if number else None)
        return found


class Either(Both):
    """Disjunction."""

    def compute(self, chunk: Chunk) -> Any:
        first, *others = self.operands
        found = first.column(chunk)
        for number, each in enumerate(others):
            found = np.maximum(found, each.column(chunk), out=found if number else None)
        return found


class Opposite(Node):
    """Negation."""

    def __init__(self, frame: Frame, operand: Node) -> None:
        super().__init__(frame)
        self.operand = operand

    def compute(self, chunk: Chunk) -> Any:
        return np.subtract(np.uint8(2), self.operand.column(chunk))


class Known(Node):
    """Whether a number, list or record is known or (``present``) present."""

    def __init__(self, frame: Frame, operand: Node, present: bool, distinct: Distinct) -> None:
        super().__init__(frame)
        self.operand = operand
        self.present = present
        self.distinct = distinct

    def compute(self, chunk: Chunk) -> Any:
        column = self.operand.column(chunk)
        if isinstance(column, Codes | np.ndarray):
            return self.distinct.column(chunk)
        if column.states is None:
            return np.full(self.frame.rows(chunk), TRUE, np.uint8)
        table = [TRUE, UNKNOWN, FALSE] if self.present else [TRUE, FALSE, TRUE]
        return np.array(table, np.uint8).take(column.states)


class Empty(Node):
    """Whether a list has no elements, read off its offsets; ``distinct``: the same of lists that are values."""

    def __init__(self, frame: Frame, operand: Node, distinct: Distinct) -> None:
        super().__init__(frame)
        self.operand = operand
        self.distinct = distinct

    def compute(self, chunk: Chunk) -> Any:
        column = self.operand.column(chunk)
        if not isinstance(column, Lists):
            return self.distinct.column(chunk)
        truths = np.where(np.diff(column.offsets) == 0, TRUE, FALSE).astype(np.uint8)
        if column.states is not None:
            truths[column.states != KNOWN] = UNKNOWN
        return truths


class Refined(Node):
    """A comparison of totals: where these are unknown their bounds may decide it, which ``distinct`` finds out."""

    def __init__(self, frame: Frame, plain: Node, distinct: Distinct) -> None:
        super().__init__(frame)
        self.plain = plain
        self.distinct = distinct

    def compute(self, chunk: Chunk) -> Any:
        found = self.plain.column(chunk)
        places = np.flatnonzero(found == UNKNOWN)
        if not len(places):
            return found
        columns = [
            coded(each.column(chunk).take(places), domain)
            for each, domain in zip(self.distinct.inputs, self.distinct.own, strict=True)
        ]
        found = found.copy()
        found[places] = self.distinct.of(columns, chunk, len(places), places)
        return found


class Cells(Node):
    """The stretch of days, between those on which something changes, that a day falls in; by its first day."""

    def __init__(self, frame: Frame, day: Node, firsts: Sequence[int]) -> None:
        super().__init__(frame)
        self.day = day
        self.firsts = np.array(firsts, np.int64)
        self.domain = Domain([None, *(date.fromordinal(each) for each in firsts)])
        self._every = np.arange(1, len(self.domain))
        self._by_day: NDArray[np.int32] | None = None
        self.clear()

    def clear(self) -> None:
        self._of: Domain | None = None
        self._cells: list[int] = []

    def compute(self, chunk: Chunk) -> Any:
        column = self.day.column(chunk)
        if isinstance(column, Codes):
            if self._of is not column.domain:
                self._of, self._cells = column.domain, []
            for day in column.domain.values[len(self._cells) :]:
                self._cells.append(0 if day is None else self._cell(day))
            return Codes(np.array(self._cells or [0], np.int64).take(column.index), self.domain)
        index = self._cells_of(column.numerators)
        if column.states is None:
            return Codes(index, self.domain, self._every)
        return Codes(np.where(column.states == KNOWN, index + index.dtype.type(1), 0), self.domain)

    def _cell(self, day: Any) -> int:
        return int(np.searchsorted(self.firsts, day.toordinal(), side="right"))

    def _cells_of(self, days: NDArray[Any]) -> NDArray[Any]:
        """The cells of ordinals, from 0: counted while there are few, else looked up by the day."""
        if len(self.firsts) <= FEW_DAYS:
            index = np.zeros(len(days), np.uint8)
            for first in self.firsts[1:].tolist():
                index += (days >= first).view(np.uint8)
            return index
        first, last = int(self.firsts[1]), int(self.firsts[-1])
        if self._by_day is None:
            every = np.arange(first - 1, last + 1)
            self._by_day = (np.searchsorted(self.firsts, every, side="right") - 1).astype(np.int32)
        found: NDArray[Any] = self._by_day.take(np.clip(days, first - 1, last) - (first - 1))
        return found


class AsOf(Node):
    """The day that was asked for, of records that have no day of their own."""

    def compute(self, chunk: Chunk) -> Any:
        return Codes(np.zeros(chunk.rows, np.int64), Domain([chunk.day]))


class Doubted(Node):
    """A truth of which unknown ones are left to the interpreter."""

    def __init__(self, frame: Frame, operand: Node) -> None:
        super().__init__(frame)
        self.operand = operand

    def compute(self, chunk: Chunk) -> Any:
        found = self.operand.column(chunk)
        chunk.doubt(self.frame, found == UNKNOWN)
        return found
