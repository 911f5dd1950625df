"""A decision with many rules over a table: the rules that may apply to each row, found by the axes of the plan.

For each fact that tells rules apart a table has, by cell, a bit for each rule: whether the fact leaves it possible.
The fact that leaves the fewest says which words of bits are worth looking at; the others are `and`ed only there. What
is left are pairs of a row and a rule, a few for each row of a decision with ten thousand rules, and all that follows
(the lines that no axis says, exceptions, what prevails) goes over these pairs.

    row 0: eccn 3A001, destination RU      by eccn: rules 17, 18, 900       and destination: 17, 900
    row 1: eccn 5A002, destination DE      by eccn: rules 41, 900           and destination: 41
    pairs (0, 17), (0, 900), (1, 41)

A rule that is an exception is possible only where a rule that it is an exception to is, so it is looked for there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from math import ceil, floor
from operator import and_, or_
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from comity.backends.batch.classes import Said
from comity.backends.batch.columns import KNOWN, TRUTHS, UNKNOWN, Codes, Domain, Exact, Index, Truths, coded, spans
from comity.backends.batch.gathered import reduced
from comity.backends.batch.nodes import Chunk, Distinct, Frame, Node
from comity.backends.batch.rules import REMEMBERED, Deciding
from comity.plan.ast import Axis
from comity.runtime import dispatch
from comity.runtime.light import dataclass
from comity.runtime.rules import Ruleset, bits, mask_of, union

MANY_RULES: Final = 200
"""Rules from which on a decision is worked out here."""

ROWS: Final = 8_192
"""Rows that are looked up together: their pairs fit into the processor's cache."""

Words = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Edges:
    """For each of some members others: those of ``i`` are ``others[starts[i] : starts[i] + counts[i]]``."""

    starts: Index
    counts: Index
    others: Index

    @classmethod
    def of(cls, lists: Sequence[Sequence[int]]) -> Edges:
        counts = np.array([len(each) for each in lists] or [0], np.int64)
        others = np.array([other for each in lists for other in each], np.int64)
        return cls(counts.cumsum() - counts, counts, others)

    def expanded(self, members: Index) -> tuple[Index, Index]:
        """How many others each of the members has, and these, one after the other."""
        counts = self.counts.take(members)
        return counts, self.others.take(spans(self.starts.take(members), counts))


@dataclass(slots=True)
class Pairs:
    """Rows, each with what may apply to it, in the order of the rows. ``truths``: true or unknown."""

    rows: Index
    members: Index
    truths: Truths


class Order:
    """The rules in the order in which they have bits. Those that one cell leaves possible stand together."""

    def __init__(self, ruleset: Ruleset, axes: Sequence[Axis]) -> None:
        self.size = len(ruleset.rules)
        self.words = -(-self.size // 64)
        cells = [(_cells_true(axis), len(axis.changes) + len(axis.true)) for axis in axes]
        first = [[found.get(rule, last) for found, last in cells] for rule in range(self.size)]
        excepted = [rule.exception_to[0] if rule.exception_to else number for number, rule in enumerate(ruleset.rules)]
        keys = [first[rule] for rule in excepted]
        self.rules = np.array(sorted(range(self.size), key=lambda rule: (keys[rule], rule)), np.int64)
        place = np.empty(self.size, np.int64)
        place[self.rules] = np.arange(self.size)
        exceptions = [int(rule) for rule in self.rules if ruleset.exception_to[rule]]
        self.exceptions = place[exceptions]
        self.of_exceptions = place[[other for rule in exceptions for other in bits(ruleset.exception_to[rule])]]
        counts = np.array([ruleset.exception_to[rule].bit_count() for rule in exceptions], np.int64)
        self.starts = counts.cumsum() - counts

    def row(self, mask: int, possible: bool) -> Words:
        """A mask of rules as words in this order. ``possible``: an exception only beside what it is an exception to."""
        data = np.frombuffer(mask.to_bytes(8 * self.words, "little"), np.uint8)
        found = np.unpackbits(data, bitorder="little")[: self.size].take(self.rules)
        if possible and len(self.exceptions):
            found[self.exceptions] &= np.bitwise_or.reduceat(found.take(self.of_exceptions), self.starts)
        row = np.zeros(8 * self.words, np.uint8)
        packed = np.packbits(found, bitorder="little")
        row[: len(packed)] = packed
        return row.view(np.uint64)


def _cells_true(axis: Axis) -> dict[int, int]:
    """For each rule that some cells make true, the first of these."""
    found: dict[int, int] = {}
    cells = axis.changes if axis.kind == "steps" else axis.true
    for place, numbers in enumerate(cells.values()):
        for rule in numbers:
            found.setdefault(rule, place)
    return found


class Looked:
    """One fact that is looked up, with the axes that it and its parts have.

    ``parts``: each axis with the node of the part; the fact itself where it is the node of the fact. Cells that differ
    for none of the axes share a row of the tables.
    """

    def __init__(self, fact: Node, parts: Sequence[tuple[Node, Axis]], order: Order) -> None:
        self.fact = fact
        self.parts = [(node if node is not fact else None, axis, _axis_of(axis, order.size)) for node, axis in parts]
        self.order = order
        self.clear()

    def clear(self) -> None:
        self._rows: dict[tuple[object, ...], int] = {}
        self._possible: list[Words] = []
        self._doubtful: list[Words] = []
        self._domain: Domain | None = None
        self._places: list[int] = []
        self._own = Domain()
        self.doubts = False
        self._tables: tuple[Words, Words] | None = None
        self._filled: tuple[Index, Index, Index, Words] | None = None

    def places(self, chunk: Chunk) -> Index:
        """For each row of the frame, its row of the tables."""
        column = self.fact.column(chunk)
        if isinstance(column, np.ndarray):
            column = Codes(column, TRUTHS)
        if isinstance(column, Exact):
            found = self._of_numbers(column)
            if found is not None:
                return found
        column = coded(column, self._own)
        if self._domain is not column.domain:
            self._domain, self._places = column.domain, []
        for value in column.domain.values[len(self._places) :]:
            self._places.append(self._row(tuple([axis.cell(each) for axis, each in self._seen(value)])))
        index, codes = column.parts
        table = np.array(self._places or [0], np.int64)
        return (table if codes is None else table.take(codes)).take(index)

    def _seen(self, value: object) -> Iterator[tuple[dispatch.Axis, object]]:
        """For each axis, the value of the fact or of its part."""
        for node, _, axis in self.parts:
            assert node is None or isinstance(node, Distinct)
            yield axis, value if node is None else node.function((value,))

    def _of_numbers(self, column: Exact) -> Index | None:
        """The rows of numbers or days, by where they lie between the steps."""
        [(node, axis, _), *others] = self.parts
        if others or node is not None or axis.kind != "steps" or column.numerators.dtype == object:
            return None
        scaled = [_scaled(step, column.denominator) for step in axis.steps]
        if any(abs(each) >= 2**62 for each in scaled):
            return None
        below = np.array([floor(each) for each in scaled], np.int64)
        upto = np.array([ceil(each) for each in scaled], np.int64)
        cells = np.searchsorted(below, column.numerators, side="left")
        cells += np.searchsorted(upto, column.numerators, side="right")
        table = [self._row((cell,)) for cell in (*range(2 * len(axis.steps) + 1), None)]
        if column.states is not None:
            cells[column.states != KNOWN] = len(table) - 1
        return np.array(table, np.int64).take(cells)

    def _row(self, cells: tuple[object, ...]) -> int:
        found = self._rows.get(cells)
        if found is None:
            found = self._rows[cells] = len(self._possible)
            masks = [axis.row(cell) for (_, _, axis), cell in zip(self.parts, cells, strict=True)]
            possible = reduce(and_, [mask for mask, _ in masks])
            doubtful = reduce(or_, [mask for _, mask in masks])
            self._possible.append(self.order.row(possible, True))
            self._doubtful.append(self.order.row(doubtful, False))
            self.doubts = self.doubts or bool(doubtful)
            self._tables = self._filled = None
        return found

    @property
    def tables(self) -> tuple[Words, Words]:
        """By cell, the words of the rules that are possible, and of those that are in doubt."""
        if self._tables is None:
            self._tables = np.stack(self._possible), np.stack(self._doubtful)
        return self._tables

    @property
    def filled(self) -> tuple[Index, Index, Index, Words]:
        """By cell where its words that are not empty begin, and how many they are; which, and these words."""
        if self._filled is None:
            cells, words = np.nonzero(self.tables[0])
            counts = np.bincount(cells, minlength=len(self._possible))
            self._filled = counts.cumsum() - counts, counts, words, self.tables[0][cells, words]
        return self._filled


def _scaled(step: Any, denominator: int) -> Any:
    """A number of an axis, or a day, in units of a column's numerators."""
    return step.toordinal() if hasattr(step, "toordinal") else step * denominator


def _axis_of(axis: Axis, size: int) -> dispatch.Axis:
    blank = (axis.blank_true, axis.blank_false)
    if axis.kind == "steps":
        return dispatch.StepAxis(size, axis.asked, axis.held, axis.steps, axis.changes, blank)
    kind = {"members": dispatch.Axis, "codes": dispatch.CodeAxis, "sets": dispatch.SetAxis}[axis.kind]
    return kind(size, axis.asked, axis.held, true=axis.true, false=axis.false, unknown=axis.unknown, blank=blank)


class Sparse(Deciding):
    """A decision with many rules. ``axes``: each with the node of its fact. ``rest``: by rule the lines that no axis
    says.
    """

    def __init__(
        self,
        frame: Frame,
        ruleset: Ruleset,
        axes: Sequence[tuple[Node, Axis]],
        rest: Mapping[int, Sequence[Node]],
    ) -> None:
        super().__init__(frame, ruleset)
        of_fact: dict[Node, list[tuple[Node, Axis]]] = {}
        for node, axis in axes:
            of_fact.setdefault(_whole(node), []).append((node, axis))
        groups = [(fact, of_fact[fact]) for fact in _selective(of_fact, ruleset)]
        self.order = Order(ruleset, [axis for _, parts in groups for _, axis in parts])
        self.facts = [Looked(fact, parts, self.order) for fact, parts in groups]
        self.rest = list(dict.fromkeys(node for nodes in rest.values() for node in nodes))
        place = {node: number for number, node in enumerate(self.rest)}
        self._lines = Edges.of([[place[node] for node in rest.get(int(rule), ())] for rule in self.order.rules])
        classes = self.classes.classes
        self._class_of = np.array([self.classes.of_rule[int(rule)] for rule in self.order.rules], np.int64)
        self._exception_to = Edges.of([each.exception_to for each in classes])
        self._disapplied_by = Edges.of([each.disapplied_by for each in classes])
        self._prevailed_by = Edges.of([each.prevailed_by for each in classes])
        self._depth = np.array(self.classes.depth, np.int64)
        self._show = np.array([-1 if each.show is None else each.show for each in classes], np.int64)
        self.clear()

    def clear(self) -> None:
        super().clear()
        self._opened: dict[object, int] = {}
        for fact in self.facts:
            fact.clear()

    def said(self, chunk: Chunk) -> Codes:
        rows = self.frame.rows(chunk)
        places = [fact.places(chunk) for fact in self.facts]
        lines = [node.column(chunk) for node in self.rest]
        index = np.empty(rows, np.int64)
        for start in range(0, rows, ROWS):
            part = slice(start, start + ROWS)
            index[part] = self._said([each[part] for each in places], [each[part] for each in lines])
        return Codes(index, self.domain)

    def _said(self, places: Sequence[Index], lines: Sequence[Truths]) -> Index:
        """The codes of what is said of some rows. ``lines``: the truths of the lines that no axis says."""
        rows = len(places[0])
        held = self._limited(self._looked_up(places), lines)
        own = self._of_classes(held)
        keys = own.rows * len(self._show) + own.members
        applies = self._applies(own, keys)
        remains = self._unless(applies, self._prevailed_by, own, keys, applies, np.arange(len(keys)))
        shows = self._show.take(own.members)
        shown, maybe = self._masks(rows)
        for show in np.unique(shows[shows >= 0]).tolist():
            bit = shown.dtype.type(1 << show)
            of_show = shows == show
            shown[own.rows[of_show & (remains > UNKNOWN)]] |= bit
            maybe[own.rows[of_show & (remains > 0)]] |= bit
        undecided = self._undecided(shown, maybe)
        index = self._of_shown(shown)
        for row in np.flatnonzero(undecided).tolist():
            index[row] = self._of_open(row, own, remains, shows, int(shown[row]), int(undecided[row]), held)
        return index

    # ------------------------------------------------------------------------------------- own conditions

    def _looked_up(self, places: Sequence[Index]) -> Pairs:
        """The rules that the facts leave possible, by row."""
        first, *others = zip(self.facts, places, strict=True)
        starts, counts, words, values = first[0].filled
        number = counts.take(first[1])
        rows = np.repeat(np.arange(len(number)), number)
        at = spans(starts.take(first[1]), number)
        word, possible = words.take(at), values.take(at)
        for fact, place in others:
            table = fact.tables[0]
            possible &= table.ravel().take(place.take(rows) * table.shape[1] + word)
            kept = np.flatnonzero(possible)
            if 4 * len(kept) < 3 * len(rows):
                rows, word, possible = rows.take(kept), word.take(kept), possible.take(kept)
        kept = np.flatnonzero(possible)
        rows, word, possible = rows.take(kept), word.take(kept), possible.take(kept)
        doubtful = np.zeros(len(rows), np.uint64)
        for fact, place in zip(self.facts, places, strict=True):
            if fact.doubts:
                table = fact.tables[1]
                doubtful |= table.ravel().take(place.take(rows) * table.shape[1] + word)
        found = np.flatnonzero(np.unpackbits(possible.astype("<u8", copy=False).view(np.uint8), bitorder="little"))
        pair, bit = found >> 6, found & 63
        doubt = (doubtful.take(pair) >> bit.astype(np.uint64)) & np.uint64(1)
        return Pairs(rows.take(pair), (word.take(pair) << 6) | bit, (np.uint64(2) - doubt).astype(np.uint8))

    def _limited(self, pairs: Pairs, lines: Sequence[Truths]) -> Pairs:
        """The pairs whose other lines are not false either."""
        if not lines:
            return pairs
        counts, asked = self._lines.expanded(pairs.members)
        pair = np.repeat(np.arange(len(counts)), counts)
        order = np.argsort(asked, kind="stable")
        ends = np.searchsorted(asked.take(order), np.arange(len(lines) + 1))
        truths = pairs.truths
        for number, truth in enumerate(lines):
            those = pair.take(order[ends[number] : ends[number + 1]])
            truths[those] = np.minimum(truths.take(those), truth.take(pairs.rows.take(those)))
        kept = np.flatnonzero(truths)
        return Pairs(pairs.rows.take(kept), pairs.members.take(kept), truths.take(kept))

    def _of_classes(self, pairs: Pairs) -> Pairs:
        """What holds of the classes: the disjunction of what holds of their rules."""
        size = len(self._show)
        keys = (pairs.rows * size + self._class_of.take(pairs.members)) * 4 + pairs.truths
        keys.sort()
        last = np.ones(len(keys), np.bool_)
        last[:-1] = keys[1:] >> 2 != keys[:-1] >> 2
        keys = keys[last]
        rows, members = np.divmod(keys >> 2, size)
        return Pairs(rows, members, (keys & 3).astype(np.uint8))

    # ------------------------------------------------------------------------------------------- standing

    def _applies(self, own: Pairs, keys: Index) -> Truths:
        """How surely each class applies, in the order in which they depend on each other."""
        truths = own.truths.copy()
        depth = self._depth.take(own.members)
        for level in range(1, int(depth.max(initial=0)) + 1):
            those = np.flatnonzero(depth == level)
            found = truths.take(those)
            counts, most = self._most(self._exception_to, own, keys, truths, those)
            found = np.where(counts > 0, np.minimum(found, most), found)
            truths[those] = self._unless(found, self._disapplied_by, own, keys, truths, those)
        return truths

    def _unless(self, found: Truths, by: Edges, own: Pairs, keys: Index, truths: Truths, those: Index) -> Truths:
        """``found``, the truths of some pairs, and none of the classes that are set against theirs."""
        _, most = self._most(by, own, keys, truths, those)
        found = np.minimum(found, np.uint8(2) - most)
        return found

    def _most(self, edges: Edges, own: Pairs, keys: Index, truths: Truths, those: Index) -> tuple[Index, Truths]:
        """For some pairs, how many classes theirs has edges to, and the greatest truth of one of these in the row."""
        counts, others = edges.expanded(own.members.take(those))
        wanted = np.repeat(own.rows.take(those), counts) * len(self._show) + others
        at = np.minimum(np.searchsorted(keys, wanted), max(0, len(keys) - 1))
        there = keys.take(at) == wanted if len(keys) else np.zeros(0, np.bool_)
        found = np.where(there, truths.take(at), 0).astype(np.uint8) if len(keys) else np.zeros(0, np.uint8)
        return counts, reduced(np.maximum, found, np.concatenate([np.zeros(1, np.int64), counts.cumsum()]), 0)

    # ------------------------------------------------------------------------------------------ open rows

    def _of_open(
        self, row: int, own: Pairs, remains: Truths, shows: Index, shown: int, undecided: int, held: Pairs
    ) -> int:
        """What a row says in which it is open what remains: by the conditions that it depends on."""
        here = slice(*np.searchsorted(own.rows, [row, row + 1]).tolist())
        classes = self.classes.classes
        truths = dict(zip(own.members[here].tolist(), own.truths[here].tolist(), strict=True))
        asked = [
            number
            for number, truth, show in zip(truths, remains[here].tolist(), shows[here].tolist(), strict=True)
            if truth == UNKNOWN and show >= 0 and undecided >> show & 1
        ]
        reach = union(classes[number].reach for number in asked)
        truths = {number: truth for number, truth in truths.items() if reach >> number & 1}
        key = (*truths.items(), -1, *asked, shown)
        code = self._opened.get(key)
        if code is None:
            if len(self._opened) > REMEMBERED:
                self._opened.clear()
                self._completions.clear()
            said = self._completions.said(truths, asked, shown, lambda: self._resolved(row, held))
            code = self._opened[key] = self.domain.code(said)
        return code

    def _resolved(self, row: int, held: Pairs) -> Said:
        here = slice(*np.searchsorted(held.rows, [row, row + 1]).tolist())
        rules, truths = self.order.rules.take(held.members[here]), held.truths[here]
        return self._resolve(mask_of(rules[truths > UNKNOWN].tolist()), mask_of(rules[truths == UNKNOWN].tolist()))


def _whole(node: Node) -> Node:
    """The fact that a node is a part of."""
    if isinstance(node, Distinct) and not node.truth and len(node.inputs) == 1:
        return _whole(node.inputs[0])
    return node


def _share(axis: Axis, rules: int) -> NDArray[np.float64]:
    """For each rule, the share of the cells that leave it possible."""
    cells = 2 * len(axis.steps) + 1 if axis.kind == "steps" else len({*axis.true, *axis.false, *axis.unknown}) + 1
    found = np.ones(rules)
    found[list(axis.asked)] = 0
    found[list(axis.held)] = 1
    for numbers in (*axis.true.values(), *axis.unknown.values()):
        found[list(numbers)] += 1 / cells
    for numbers in axis.false.values():
        found[list(numbers)] -= 1 / cells
    sign = np.where(found == 1, -1, 1)
    for begin, numbers in axis.changes.items():
        those = list(numbers)
        found[those] += sign[those] * (cells - begin) / cells
        sign[those] *= -1
    return found


def _selective(groups: Mapping[Node, Sequence[tuple[Node, Axis]]], ruleset: Ruleset) -> list[Node]:
    """The facts, those first that leave the fewest rules possible, an exception only beside what it is from."""
    size = len(ruleset.rules)
    left: dict[Node, float] = {}
    for fact, parts in groups.items():
        shares = np.minimum.reduce([_share(axis, size) for _, axis in parts])
        of_exceptions = shares.copy()
        for number, rule in enumerate(ruleset.rules):
            if rule.exception_to:
                of_exceptions[number] = min(shares[number], max(shares[other] for other in rule.exception_to))
        left[fact] = float(of_exceptions.sum())
    return sorted(groups, key=left.__getitem__)
