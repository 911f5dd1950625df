"""What depends on one fact of few values is looked up by that fact, all of it at once.

Of a fact that is a member of an enum or a country, every test that reads it alone is a bit of an integer, and whatever
tables say by it a column, of one *dictionary* with a row for each member. The statement joins the dictionary once, or,
of a few members, writes it as a CASE. A value without a row is not a member, so the look-up checks the fact too.

    destination in EMBARGOED     (d.word_0 & 1) <> 0     d: a row for each country
    destination in PARTNERS      (d.word_0 & 2) <> 0
    chart[destination, reason]   (d.word_0 & r.word_1) <> 0: in `d` a bit for each reason, in `r` the one of that reason
    destination is a country     d.word_0 IS NOT NULL

A code has endlessly many values. Where many tests name entries of its list, it is located among these first, and what
holds of an entry, below it and elsewhere is a dictionary too.

Of many alternatives that ask the same facts, each is a bit, the same one in the dictionary of every fact:

    eccn within 3A001 and destination in {RU, BY}        (e.word_0 & d.word_3) <> 0: the first bit
    or eccn within 4A003 and destination == IR or …      the second, and so on, sixty to a word
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from comity.backends.sql.columns import Columns, Kind, Node
from comity.backends.sql.lookups import BITS, Lookups
from comity.backends.sql.vectors import Vector, Vectors

MOST_WRITTEN_OUT = 12
"""Maximum number of members of a dictionary that is a CASE; a larger one is a join."""

FEWEST_CODE_TESTS = 24
"""Minimum number of tests for which a code is located."""

FEWEST_ALTERNATIVES = 4
"""Minimum number of alternatives that share a word."""

FEWEST_FACTS = 2
"""Minimum number of facts of an alternative in a word; one that asks a single fact is a bit anyway."""

ELSEWHERE, BELOW = "?", ".?"
"""A code that is within no entry, and the end of one that is below an entry without being one."""

FEWEST_TESTS = 2
"""Minimum number of tests for which a small dictionary pays, the check of the fact among them."""

OPERATIONS = frozenset(
    (
        "constant",
        "sure",
        "not",
        "and",
        "or",
        "known",
        "coalesce",
        "=",
        "<",
        "<=",
        "in",
        "case",
        "bit",
        "lookup",
        "under",
    )
)
"""What is worked out beforehand."""


@dataclass(slots=True)
class Dictionary:
    """``columns``: for each of its columns the kind and, in the order of the members, the values. ``key``: what finds
    the row of a ``source``.
    """

    source: Node
    key: Node
    members: tuple[str, ...]
    values_of: tuple[str, ...]
    """What stands for the members; one more than there are of codes, for those elsewhere."""
    columns: list[tuple[Kind, Vector]] = field(default_factory=list)
    used: int = BITS
    """How many bits of the last column of bits are taken."""
    word: int = -1
    """Which column of bits is the last."""
    bits: dict[tuple[Any, ...], tuple[int, int]] = field(default_factory=dict)
    values: dict[tuple[Kind, tuple[Any, ...]], int] = field(default_factory=dict)

    @property
    def is_small(self) -> bool:
        return len(self.members) <= MOST_WRITTEN_OUT and self.key is self.source

    def place(self, truths: Sequence[Sequence[bool]]) -> tuple[int, int]:
        """The column and the first of the bits, side by side, that are set for the members of which these are true."""
        key = tuple(tuple(each) for each in truths)
        if key not in self.bits:
            if self.used + len(truths) > BITS:
                self.word, self.used = len(self.columns), 0
                self.columns.append(("int", [0] * len(self.values_of)))
            first = self.used
            self.used += len(truths)
            _, words = self.columns[self.word]
            added = [sum(1 << first + n for n, each in enumerate(row) if each) for row in zip(*truths, strict=True)]
            self.columns[self.word] = ("int", [word | more for word, more in zip(words, added, strict=True)])
            self.bits[key] = self.word, first
        return self.bits[key]

    def word_of(self, truths: Sequence[Sequence[bool]]) -> int:
        """A column of its own for some bits, from the first on."""
        return self.column(
            "int", [sum(1 << n for n, each in enumerate(row) if each) for row in zip(*truths, strict=True)]
        )

    def column(self, kind: Kind, values: Vector) -> int:
        key = (kind, tuple(values))
        if key not in self.values:
            self.values[key] = len(self.columns)
            self.columns.append((kind, values))
        return self.values[key]


class Folding:
    """``domains``: the members of the columns that have few values."""

    def __init__(self, columns: Columns, lookups: Lookups, domains: Mapping[Node, tuple[str, ...]]) -> None:
        self.columns = columns
        self.lookups = lookups
        self.domains = dict(domains)
        self.entries: dict[Node, tuple[str, ...]] = {}
        """The entries among which codes are located."""
        self.dictionaries: dict[Node, Dictionary] = {}
        self._sources: dict[Node, frozenset[Node] | None] = {}
        self._vectors: dict[tuple[Node, ...], Vectors] = {}
        self._made: dict[Node, Node] = {}
        self._worth: set[Node] = set()

    def fold(self, outputs: Mapping[str, Node]) -> dict[str, Node]:
        self._locate(outputs.values())
        self._worth = self._worthwhile(outputs.values())
        return {name: self._folded(node) for name, node in outputs.items()}

    # ------------------------------------------------------------------------------------------ what to fold

    def _worthwhile(self, outputs: Iterable[Node]) -> set[Node]:
        """The columns that get a dictionary: what reads them alone is asked often enough."""
        tests: dict[Node, int] = {}
        seen: set[Node] = set()
        waiting = list(outputs)
        found = set()
        while waiting:
            node = waiting.pop()
            if node in seen:
                continue
            seen.add(node)
            sources = frozenset(node.parts) if node.op == "member" else self._read(node)
            whole = sources is not None and sources <= self.domains.keys() and _is_test(node)
            if sources is not None and len(sources) == 1 and whole:
                (source,) = sources
                tests[source] = tests.get(source, 0) + 1
                if len(self.domains[source]) > MOST_WRITTEN_OUT or tests[source] >= FEWEST_TESTS:
                    found.add(source)
            elif sources is not None and len(sources) == 2 and whole and _looks_up(node):
                found |= sources
            else:
                waiting += node.parts
        return found

    def _locate(self, outputs: Iterable[Node]) -> None:
        """Finds the codes of which many tests name entries."""
        tests: dict[Node, set[Node]] = defaultdict(set)
        entries: dict[Node, set[str]] = defaultdict(set)
        seen: set[Node] = set()
        waiting = list(outputs)
        while waiting:
            node = waiting.pop()
            if node in seen:
                continue
            seen.add(node)
            waiting += node.parts
            if node.op not in ("under", "=", "in") or node.parts[0].kind != "text":
                continue
            code = node.parts[0].parts[0] if node.parts[0].op == "sure" else node.parts[0]
            if code.op != "column" or (node.op == "=" and not node.parts[1].is_constant):
                continue
            if node.op == "under" and node.args[2] == ".":
                tests[code].add(node)
            named = node.args[1] if node.op != "=" else (node.parts[1].value,)
            entries[code].update(each for each in named if isinstance(each, str))
        for code, found in tests.items():
            if len(found) >= FEWEST_CODE_TESTS and code not in self.domains:
                self.entries[code] = tuple(sorted(entries[code]))
                self.domains[code] = tuple(cell for each in self.entries[code] for cell in (each, f"{each}."))

    def _read(self, node: Node) -> frozenset[Node] | None:
        """The columns of few values that a node reads; None where it reads others, or is more than they settle."""
        if node not in self._sources:
            self._sources[node] = self._reads(node)
        return self._sources[node]

    def _reads(self, node: Node) -> frozenset[Node] | None:
        if node in self.domains:
            return frozenset([node])
        if node.op not in OPERATIONS:
            return None
        found: frozenset[Node] = frozenset()
        for part in node.parts:
            read = self._read(part)
            if read is None:
                return None
            found |= read
        return found if len({each.home for each in found}) <= 1 else None

    # ------------------------------------------------------------------------------------------ folding

    def _folded(self, node: Node) -> Node:
        if node not in self._made:
            self._made[node] = self._fold(node)
        return self._made[node]

    def _fold(self, node: Node) -> Node:
        if node.op == "member":
            return self._checked(node) if node.parts[0] in self._worth else node
        sources = self._read(node)
        if sources and sources <= self._worth and _is_test(node):
            made = None
            if len(sources) == 1:
                made = self._looked_up(node, *sources)
            elif len(sources) == 2 and node.kind == "bool" and _looks_up(node):
                made = self._met(node, sources)
            if made is not None:
                return made
        if node.op == "or" and len(node.parts) >= FEWEST_ALTERNATIVES:
            return self._packed(node)
        args = [self._folded(arg) if isinstance(arg, Node) else arg for arg in node.args]
        if all(one is two for one, two in zip(args, node.args, strict=True)):
            return node
        return self.columns.make(node.op, args, node.kind, node.null, node.home)

    def _checked(self, node: Node) -> Node:
        """Whether a value is a member: whether it has a row."""
        column, _ = node.parts[0], node.args[1]
        dictionary = self._dictionary(column)
        if not dictionary.columns:
            dictionary.place([[True] * len(dictionary.values_of)])
        here = self.columns.is_known(self._column(dictionary, 0))
        return here if node.args[2] else self.columns.only_where(self.columns.is_known(column), here)

    def _looked_up(self, node: Node, source: Node) -> Node | None:
        vector = self._vector(node, (source,))
        if vector is None:
            return None
        *values, blank = vector
        dictionary = self._dictionary(source)
        if node.kind == "bool":
            if None in values:
                return None
            word, bit = dictionary.place([[bool(value) for value in values]])
            made = self.columns.make("bit", (self._column(dictionary, word), bit), "bool", True)
            return self._or_blank(made, node, source, blank)
        if blank is not None or not _looks_up(node):
            return None
        return self._column(dictionary, dictionary.column(node.kind, values))

    def _or_blank(self, made: Node, node: Node, source: Node, blank: Any) -> Node:
        """With what holds where the fact is unknown, which has no row."""
        if blank is not None and not self._is_required(node):
            return self.columns.make("coalesce", (made, self.columns.constant(blank, node.kind)), node.kind, False)
        return made if node.null else self.columns.make("bit", made.args, "bool", False)

    def _met(self, node: Node, sources: frozenset[Node]) -> Node | None:
        """A test of two facts: the members of the smaller one are bits, which the larger one sets."""
        if not self.entries.keys().isdisjoint(sources):
            return None
        few, many = sorted(sources, key=lambda each: (len(self.domains[each]), each.number))
        if len(self.domains[few]) > MOST_WRITTEN_OUT:
            return None
        vector = self._vector(node, (many, few))
        if vector is None:
            return None
        width = len(self.domains[few]) + 1
        rows = [list(vector[place : place + width]) for place in range(0, len(vector), width)]
        blanks = [rows[-1], [row[-1] for row in rows]]
        inside = [row[:-1] for row in rows[:-1]]
        if any(None in row for row in inside):
            return None
        if not self._is_required(node) and any(blank != [None] * len(blank) for blank in blanks):
            return None
        one, two = self._dictionary(many), self._dictionary(few)
        truths = [[bool(row[place]) for row in inside] for place in range(width - 1)]
        word, first = one.place(truths)
        mask = two.column("int", [1 << first + place for place in range(width - 1)])
        return self.columns.make("meets", (self._column(one, word), self._column(two, mask)), "bool", node.null)

    def _is_required(self, node: Node) -> bool:
        """Whether a row is refused where one of the facts that are read is unknown."""
        waiting = [node]
        while waiting:
            each = waiting.pop()
            if each in self.domains:
                return False
            if each.op != "sure":
                waiting += each.parts
        return True

    def _vector(self, node: Node, sources: tuple[Node, ...]) -> Vector | None:
        """By the members of the sources, and None after these; of two, the second changes fastest."""
        if sources not in self._vectors:
            every = [[*self._dictionary(source).values_of, None] for source in sources]
            given = dict(zip(sources, zip(*product(*every), strict=True), strict=True))
            self._vectors[sources] = Vectors(self.lookups, given)
        return self._vectors[sources].of(node)

    def _dictionary(self, source: Node) -> Dictionary:
        if source not in self.dictionaries:
            members = self.domains[source]
            key, values = source, members
            if source in self.entries:
                entry = self.columns.make("entry", (source, self.entries[source]), "text", True)
                key = self.columns.make("cell", (source, entry), "text", True)
                values = (*(f"{each[:-1]}{BELOW}" if each.endswith(".") else each for each in members), ELSEWHERE)
            self.dictionaries[source] = Dictionary(source, key, members, values)
        return self.dictionaries[source]

    def _column(self, dictionary: Dictionary, place: int) -> Node:
        kind, _ = dictionary.columns[place]
        return self.columns.make("word", (dictionary.key, dictionary.source, place), kind, True)

    # ------------------------------------------------------------------------------------------ alternatives

    def _packed(self, node: Node) -> Node:
        """Alternatives of a disjunction that ask the same required facts, as bits side by side."""
        groups: dict[tuple[Node, ...], list[tuple[Node, dict[Node, Vector]]]] = defaultdict(list)
        made = []
        for part in node.parts:
            truths, rest = self._asked(part)
            if len(truths) < FEWEST_FACTS:
                made.append(self._folded(part))
            else:
                facts = sorted(truths, key=lambda source: source.number)
                groups[(*facts, *rest)].append((part, truths))
        for key, alternatives in groups.items():
            if len(alternatives) < FEWEST_ALTERNATIVES:
                made += [self._folded(part) for part, _ in alternatives]
                continue
            sources = [each for each in key if each in self.domains]
            rest = [self._folded(each) for each in key[len(sources) :]]
            for start in range(0, len(alternatives), BITS):
                chunk = [truths for _, truths in alternatives[start : start + BITS]]
                words = [self._word(source, [truths[source] for truths in chunk]) for source in sources]
                made.append(self.columns.every([*rest, self.columns.make("meets", words, "bool", False)]))
        return self.columns.some(made)

    def _word(self, source: Node, truths: Sequence[Vector]) -> Node:
        dictionary = self._dictionary(source)
        return self._column(dictionary, dictionary.word_of(truths))

    def _asked(self, part: Node) -> tuple[dict[Node, Vector], list[Node]]:
        """Of an alternative, where what it asks of each required fact is true, and the rest."""
        asked: dict[Node, list[Node]] = defaultdict(list)
        rest = []
        for each in part.parts if part.op == "and" else [part]:
            sources = self._read(each)
            vector = None
            if sources and len(sources) == 1 and sources <= self._worth and self._is_required(each):
                (source,) = sources
                vector = self._vector(each, (source,))
            if vector is None or None in vector[:-1]:
                rest.append(each)
            else:
                asked[source].append(each)
        truths = {source: self._all_true(nodes, source) for source, nodes in asked.items()}
        return truths, rest

    def _all_true(self, nodes: Sequence[Node], source: Node) -> Vector:
        """Where all of some tests of a fact are true."""
        found = [self._vector(node, (source,)) for node in nodes]
        return [all(row) for row in zip(*(vector[:-1] for vector in found if vector is not None), strict=True)]


def _is_test(node: Node) -> bool:
    """Whether there is something to work out."""
    return node.op not in ("constant", "column", "sure")


def _looks_up(node: Node) -> bool:
    return node.op == "lookup" or any(map(_looks_up, node.parts))
