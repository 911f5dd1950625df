"""The conditions of a decision with few rules as bits of one word per row.

A rule's own condition is a conjunction. What its parts say of a row is looked up fact by fact: a table gives, for each
value of the fact, the word of the rules that it leaves possible. Facts of few values share a table, truths are bits of
its index, and the words of all tables, `and`ed, are the rules whose own condition holds. What a word then says of the
row is worked out once for each distinct word (`Patterns`).

    rule 0 when destination in {RU, BY} and listed      destination  RU 11, BY 01, US 00
    rule 1 when destination == RU                       listed       true 11, false 10      RU, not listed: 10

A second word has the rules that may be possible: where it differs something is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from comity.backends.batch.columns import FALSE, TRUE, TRUTHS, UNKNOWN, Codes, Truths
from comity.backends.batch.nodes import Both, Chunk, Distinct, Node

MOST_RULES: Final = 64
"""Rules that fit into a word."""

SHARED: Final = 1 << 13
"""Values of several facts that share a table: it stays in the processor's cache."""

DIRECT: Final = 16
"""Rules up to which what is said is found in an array of all words."""

KEPT: Final = 64
"""Tables that are kept from chunk to chunk."""

Words: TypeAlias = NDArray[Any]
"""Shape (rows,); the smallest unsigned integers that have a bit for each rule."""


@dataclass(frozen=True, eq=False, slots=True)
class Table:
    """What the values of some facts leave possible: surely, and perhaps. ``unknown``: whether these differ."""

    true: Words
    maybe: Words
    unknown: bool


@dataclass(frozen=True, eq=False, slots=True)
class Part:
    """A table, and for each row its place there."""

    index: NDArray[Any]
    table: Table


def conjuncts(node: Node) -> Iterator[Node]:
    """The conditions that a condition is a conjunction of."""
    if type(node) is Both:
        for each in node.operands:
            yield from conjuncts(each)
    else:
        yield node


class Packed:
    """The own conditions of some rules, by the facts that they read."""

    def __init__(self, own: Sequence[Node]) -> None:
        self.rules = len(own)
        size = next(size for size in (8, 16, 32, 64) if self.rules <= size)
        self.word: Any = np.dtype(f"uint{size}").type
        self.every = self.word((1 << self.rules) - 1)
        asked: dict[Node, int] = {}
        for rule, node in enumerate(own):
            for each in conjuncts(node):
                asked[each] = asked.get(each, 0) | 1 << rule
        self.by_fact: dict[Node, list[tuple[Distinct, int]]] = {}
        """Conditions on one fact each, with the rules that have them."""
        self.others: list[tuple[Node, int]] = []
        for node, rules in asked.items():
            if isinstance(node, Distinct) and node.truth and len(node.inputs) == 1:
                self.by_fact.setdefault(node.inputs[0], []).append((node, rules))
            else:
                self.others.append((node, rules))
        self.clear()

    def clear(self) -> None:
        self._tables: dict[object, tuple[Table, object]] = {}

    def masks(self, chunk: Chunk, rows: int) -> tuple[Words, Words | None]:
        """For each row the rules whose own condition holds, and those of which it may hold; None if they are these."""
        true = maybe = None
        for part in self._parts(chunk):
            here = part.table.true.take(part.index, mode="clip")
            if part.table.unknown:
                if maybe is None:
                    maybe = np.full(rows, self.every, self.word) if true is None else true.copy()
                maybe &= part.table.maybe.take(part.index, mode="clip")
            elif maybe is not None:
                maybe &= here
            if true is None:
                true = here
            else:
                true &= here
        return np.full(rows, self.every, self.word) if true is None else true, maybe

    def truths(self, true: Words, maybe: Words) -> list[Truths]:
        """The same as truths by rule."""
        one = self.word(1)
        shifts = map(self.word, range(self.rules))
        return [((true >> at) & one).astype(np.uint8) + ((maybe >> at) & one).astype(np.uint8) for at in shifts]

    # ------------------------------------------------------------------------------------------ tables

    def _parts(self, chunk: Chunk) -> list[Part]:
        columns: list[tuple[Truths, int]] = []
        facts: list[Part] = []
        for fact, asked in self.by_fact.items():
            part = self._of_fact(fact, asked, chunk)
            if part is None:
                columns += [(node.column(chunk), rules) for node, rules in asked]
            else:
                facts.append(part)
        columns += [(node.column(chunk), rules) for node, rules in self.others]
        return [*self._shared(facts), *self._of_truths(columns)]

    def _of_fact(self, fact: Node, asked: Sequence[tuple[Distinct, int]], chunk: Chunk) -> Part | None:
        """What a fact of few values says; None of numbers, and where a condition raises an error for a value."""
        column = fact.column(chunk)
        if isinstance(column, np.ndarray):
            column = Codes(column, TRUTHS)
        if not isinstance(column, Codes):
            return None
        index, codes = column.parts
        key = (fact, id(column.domain), len(column.domain), id(codes))

        def make() -> Table | None:
            true = np.full(max(1, len(column.domain)), self.every, self.word)
            maybe = true.copy()
            for node, rules in asked:
                truths = node.of_domain(column.domain)
                if truths is None:
                    return None
                others = self.every & ~self.word(rules)
                true[: len(truths)] &= np.where(truths == TRUE, self.every, others)
                maybe[: len(truths)] &= np.where(truths != FALSE, self.every, others)
            if codes is not None:
                true, maybe = true.take(codes), maybe.take(codes)
            return Table(true, maybe, bool((true != maybe).any()))

        table = self._kept(key, make, (column.domain, codes))
        return None if table is None else Part(index, table)

    def _kept(self, key: object, make: Callable[[], Table | None], of: object) -> Table | None:
        """A table, made once. ``of``: what it was made of, which is kept with it, as ``key`` has its identity."""
        found = self._tables.get(key)
        if found is not None:
            return found[0]
        table = make()
        if table is not None:
            if len(self._tables) > KEPT:
                self._tables.clear()
            self._tables[key] = table, of
        return table

    def _shared(self, parts: Sequence[Part]) -> Iterator[Part]:
        """Parts put together, so that one look-up serves several facts."""
        waiting = sorted(parts, key=lambda part: len(part.table.true))
        while waiting:
            first = waiting.pop()
            for each in reversed(waiting.copy()):
                size = len(each.table.true)
                if len(first.table.true) * size <= SHARED:
                    waiting.remove(each)
                    index = np.multiply(first.index, size, dtype=np.int32)
                    index += each.index
                    first = Part(index, self._product(first.table, each.table))
            yield first

    def _product(self, one: Table, two: Table) -> Table:
        def make() -> Table:
            true = (one.true[:, None] & two.true).ravel()
            maybe = (one.maybe[:, None] & two.maybe).ravel()
            return Table(true, maybe, one.unknown or two.unknown)

        found = self._kept((id(one), id(two)), make, (one, two))
        assert found is not None
        return found

    def _of_truths(self, columns: Sequence[tuple[Truths, int]]) -> Iterator[Part]:
        """Truths as bits of an index: one bit each, two where some are unknown."""
        fields: list[tuple[int, int, int]] = []
        index: NDArray[np.uint8] | None = None
        for truths, rules in columns:
            width = 2 if (truths == UNKNOWN).any() else 1
            at = sum(each for _, each, _ in fields)
            if at + width > 8 and index is not None:
                yield Part(index, self._table_of_bits(tuple(fields)))
                fields, index, at = [], None, 0
            bits = truths >> np.uint8(1) if width == 1 else truths
            if index is None:
                index = bits.copy() if width == 2 else bits
            else:
                index |= bits << np.uint8(at)
            fields.append((at, width, rules))
        if index is not None:
            yield Part(index, self._table_of_bits(tuple(fields)))

    def _table_of_bits(self, fields: tuple[tuple[int, int, int], ...]) -> Table:
        def make() -> Table:
            places = np.arange(1 << sum(width for _, width, _ in fields))
            true = np.full(len(places), self.every, self.word)
            maybe = true.copy()
            for at, width, rules in fields:
                others = self.every & ~self.word(rules)
                truths = (places >> at) & ((1 << width) - 1)
                true &= np.where(truths == width, self.every, others)
                maybe &= np.where(truths != 0, self.every, others)
            return Table(true, maybe, any(width == 2 for _, width, _ in fields))

        found = self._kept(fields, make, None)
        assert found is not None
        return found


class Patterns:
    """What is said of the words of rules. ``said``: the code of what one word says."""

    def __init__(self, rules: int, said: Callable[[int], int]) -> None:
        self.said = said
        self.is_direct = rules <= DIRECT
        self._codes = np.full(1 << min(rules, DIRECT), -1, np.int32)
        self._words = np.zeros(0 if self.is_direct else len(self._codes), np.uint64)
        self._known: dict[int, int] = {}

    def codes(self, words: Words) -> NDArray[np.int32]:
        """The code for each row."""
        if self.is_direct:
            found: NDArray[np.int32] = self._codes.take(words, mode="clip")
            missing = found < 0
            if missing.any():
                for each in np.unique(words[missing]).tolist():
                    self._codes[each] = self.said(each)
                found = self._codes.take(words, mode="clip")
            return found
        # Each word has one slot; of words that share one, all but one are looked up by themselves.
        mixed = words.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        slots = (mixed >> np.uint64(64 - DIRECT)).astype(np.int64)
        found = self._codes.take(slots)
        rows = np.flatnonzero((found < 0) | (self._words.take(slots) != words))
        if len(rows):
            distinct, first, index = np.unique(words[rows], return_index=True, return_inverse=True)
            codes = np.array([self._code(each) for each in distinct.tolist()], np.int32)
            found[rows] = codes.take(index)
            places = slots[rows[first]]
            self._codes[places], self._words[places] = codes, distinct
        return found

    def _code(self, word: int) -> int:
        code = self._known.get(word)
        if code is None:
            if len(self._known) > 1 << DIRECT:
                self._known.clear()
            code = self._known[word] = self.said(word)
        return code
