"""Values in SQL: what a term's value is made of, since a column holds plain values only.

A record is a shape for each field, a number is an exact quotient of columns, a set says whether a value is in it and
which elements it has. Shapes are built while the policy is compiled; only their nodes become SQL.

For example:

    value * 3 / 7             Amount(factor=3, top=value, below=7): nothing is divided
    an export's `item`        Record, which makes the shape of `item.eccn` when that is asked for
    {BY, RU}                  a Collection that says of each value whether it is in it
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from fractions import Fraction
from typing import TypeAlias

from comity.backends.sql.columns import Columns, Node, Relation
from comity.backends.sql.errors import Inexpressible
from comity.runtime.light import dataclass


class Shape:
    """The value of a term."""

    @property
    def key(self) -> object:
        """Equal of shapes that are the same value."""
        return id(self)

    def home(self, columns: Columns) -> Relation:
        """Where all of its nodes can be read."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Plain(Shape):
    """A value that fits a column: a truth value, a text, a code, a member, a day."""

    node: Node

    @property
    def key(self) -> object:
        return ("plain", self.node.number)

    def home(self, columns: Columns) -> Relation:
        return self.node.home


@dataclass(frozen=True, slots=True)
class Amount(Shape):
    """The exact number ``factor * top / below``. ``factor`` and ``below`` (None: one) are above zero.

    A quotient is kept as one: no engine divides exactly, and none has to until numbers are compared, crosswise.
    """

    top: Node
    factor: Fraction = Fraction(1)
    below: Node | None = None

    @property
    def key(self) -> object:
        return ("amount", self.top.number, self.factor, self.below and self.below.number)

    def home(self, columns: Columns) -> Relation:
        return columns.home_of([self.top, *([self.below] if self.below is not None else [])])


@dataclass(frozen=True, slots=True)
class Maybe(Shape):
    """A value that may be absent. ``present``: unknown where nothing is known; ``value`` is unknown unless present."""

    present: Node
    value: Shape

    @property
    def key(self) -> object:
        return ("maybe", self.present.number, self.value.key)

    def home(self, columns: Columns) -> Relation:
        return columns.deepest([self.present.home, self.value.home(columns)])


@dataclass(eq=False, slots=True)
class Record(Shape):
    """``make``: the shape of a field. ``known``: whether there is a record at all. ``at``: where it is at home.

    ``of_facts``: it is among the facts, so that `always` lines hold of it.
    """

    make: Callable[[str], Shape]
    known: Node
    at: Relation
    of_facts: bool = True
    fields: dict[str, Shape] = field(default_factory=dict)

    def field(self, name: str) -> Shape:
        if name not in self.fields:
            self.fields[name] = self.make(name)
        return self.fields[name]

    def home(self, columns: Columns) -> Relation:
        return self.at


@dataclass(eq=False, slots=True)
class PerParty(Shape):
    parties: Mapping[str, Shape]

    def home(self, columns: Columns) -> Relation:
        return columns.deepest(shape.home(columns) for shape in self.parties.values())


Test: TypeAlias = Callable[[Shape], Node]
"""Whether something holds of an element."""


class Collection(Shape):
    """A set or list. ``known``: whether the whole is; never unknown itself."""

    known: Node

    def contains(self, value: Shape) -> Node:
        """Whether the value is in it, read off the structure: so also where the whole is not known."""
        raise NotImplementedError

    def any(self, test: Test, beside: Relation) -> Node:
        """Whether an element that is in it passes, the whole being known. ``beside``: where the test reads."""
        raise NotImplementedError


def holds_for_any(columns: Columns, collection: Collection, test: Test, beside: Relation) -> Node:
    """Some element passes; unknown where the collection is."""
    return columns.only_where(collection.known, collection.any(test, beside))


def holds_for_all(columns: Columns, collection: Collection, test: Test, beside: Relation) -> Node:
    return columns.negate(holds_for_any(columns, collection, lambda each: columns.negate(test(each)), beside))


@dataclass(eq=False, slots=True)
class Members(Collection):
    """A set over the members of an enum: how surely each is in it. Members that are left out are not.

    ``make``: the shape of a member.
    """

    columns: Columns
    truths: Mapping[str, Node]
    known: Node

    def home(self, columns: Columns) -> Relation:
        return columns.home_of([*self.truths.values(), self.known])

    def contains(self, value: Shape) -> Node:
        node = plain(value)
        groups: dict[Node, list[str]] = {}
        for member, truth in self.truths.items():
            groups.setdefault(truth, []).append(member)
        among = self.columns.among
        return self.columns.some(
            self.columns.every([truth, among(node, members)])
            for truth, members in groups.items()
            if not (truth.is_constant and truth.value is False)
        )

    def any(self, test: Test, beside: Relation) -> Node:
        text = self.columns.constant
        return self.columns.some(
            self.columns.every([truth, test(Plain(text(member, "text")))])
            for member, truth in self.truths.items()
            if not (truth.is_constant and truth.value is False)
        )


@dataclass(eq=False, slots=True)
class Elements(Collection):
    """A set or list of the elements written in it, each as surely in it as said. ``same``: equality of elements."""

    columns: Columns
    members: tuple[tuple[Shape, Node], ...]
    same: Callable[[Shape, Shape], Node]
    known: Node
    is_list: bool = False

    def home(self, columns: Columns) -> Relation:
        return columns.deepest([columns.facts, *(each.home(columns) for each, _ in self.members)])

    def contains(self, value: Shape) -> Node:
        return self.any(lambda each: self.same(value, each), self.columns.facts)

    def any(self, test: Test, beside: Relation) -> Node:
        return self.columns.some(self.columns.every([sure, test(each)]) for each, sure in self.members)


@dataclass(eq=False, slots=True)
class Rows(Collection):
    """A fact that is a set or list: its elements are rows. ``source``: the column that holds it."""

    columns: Columns
    source: Node
    distinct: bool
    element: Callable[[Relation], Shape]
    same: Callable[[Shape, Shape], Node]
    of_records: bool
    known: Node

    @property
    def key(self) -> object:
        return ("rows", self.source.number, self.distinct)

    def home(self, columns: Columns) -> Relation:
        return self.source.home

    def relation(self, beside: Relation) -> Relation:
        at = self.columns.deepest([self.source.home, beside])
        return self.columns.elements(self.source, at, self.distinct)

    def contains(self, value: Shape) -> Node:
        beside = value.home(self.columns)
        found = self.any(lambda each: self.same(value, each), beside)
        return self.columns.only_where(self.known, found)

    def any(self, test: Test, beside: Relation) -> Node:
        rows = self.relation(beside)
        body = test(self.element(rows))
        if body.is_constant and body.value is False:
            return body
        assert rows.parent is not None
        return self.columns.make("any", (rows, body), "bool", body.null, rows.parent)


@dataclass(eq=False, slots=True)
class Combined(Collection):
    """``left`` with (`|`), and (`&`) or without (`-`) ``right``."""

    columns: Columns
    operator: str
    left: Collection
    right: Collection
    known: Node

    def home(self, columns: Columns) -> Relation:
        return columns.deepest([self.left.home(columns), self.right.home(columns)])

    def contains(self, value: Shape) -> Node:
        one, two = self.left.contains(value), self.right.contains(value)
        return self._both(one, two)

    def _both(self, one: Node, two: Node) -> Node:
        if self.operator == "|":
            return self.columns.some([one, two])
        return self.columns.every([one, self.columns.negate(two) if self.operator == "-" else two])

    def any(self, test: Test, beside: Relation) -> Node:
        if self.operator == "|":
            return self.columns.some([self.left.any(test, beside), self.right.any(test, beside)])
        also = self.columns.deepest([beside, self.right.home(self.columns)])
        every, negate = self.columns.every, self.columns.negate

        def kept(each: Shape) -> Node:
            inside = self.right.contains(each)
            return every([negate(inside) if self.operator == "-" else inside, test(each)])

        return self.left.any(kept, also)


@dataclass(eq=False, slots=True)
class Sieved(Collection):
    """The elements of ``source`` that pass ``where``. ``reads``: where the test reads."""

    columns: Columns
    source: Collection
    where: Test
    reads: Relation
    known: Node

    def home(self, columns: Columns) -> Relation:
        return columns.deepest([self.source.home(columns), self.reads])

    def contains(self, value: Shape) -> Node:
        return self.columns.every([self.source.contains(value), self.where(value)])

    def any(self, test: Test, beside: Relation) -> Node:
        also = self.columns.deepest([beside, self.reads])
        return self.source.any(lambda each: self.columns.every([self.where(each), test(each)]), also)


@dataclass(eq=False, slots=True)
class Limited(Collection):
    """``source`` while the condition holds, else the empty set."""

    columns: Columns
    condition: Node
    source: Collection
    known: Node

    def home(self, columns: Columns) -> Relation:
        return columns.deepest([self.condition.home, self.source.home(columns)])

    def contains(self, value: Shape) -> Node:
        return self.columns.every([self.condition, self.source.contains(value)])

    def any(self, test: Test, beside: Relation) -> Node:
        return self.columns.every([self.condition, self.source.any(test, beside)])


@dataclass(eq=False, slots=True)
class Chosen(Collection):
    """The first of some collections whose condition is true, else ``otherwise``."""

    columns: Columns
    branches: tuple[tuple[Node, Collection], ...]
    otherwise: Collection
    known: Node

    def home(self, columns: Columns) -> Relation:
        parts = [each for _, each in self.branches] + [self.otherwise]
        return columns.deepest([*(c.home for c, _ in self.branches), *(each.home(columns) for each in parts)])

    def _each(self, ask: Callable[[Collection], Node]) -> Node:
        return self.columns.case([(condition, ask(each)) for condition, each in self.branches], ask(self.otherwise))

    def contains(self, value: Shape) -> Node:
        return self._each(lambda each: each.contains(value))

    def any(self, test: Test, beside: Relation) -> Node:
        return self._each(lambda each: each.any(test, beside))


# ---------------------------------------------------------------------------------------- reading shapes


def plain(shape: Shape) -> Node:
    """The node of a plain value, unknown where it is absent."""
    match shape:
        case Plain(node=node):
            return node
        case Maybe(value=value):
            return plain(value)
        case Amount(top=top, factor=factor, below=None) if factor == 1:
            return top
        case _:
            raise Inexpressible("a value with parts stands where SQL has a column")


def collection(shape: Shape) -> Collection:
    """A set or list, unknown where it is absent."""
    while isinstance(shape, Maybe):
        shape = shape.value
    if not isinstance(shape, Collection):
        raise Inexpressible("a value that is not a set or list is used in its place")
    return shape


def possible(truths: Mapping[str, Node]) -> dict[str, Node]:
    """Without the members that are certainly not in."""
    return {member: truth for member, truth in truths.items() if not (truth.is_constant and truth.value is False)}
