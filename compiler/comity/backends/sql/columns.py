"""Expressions over columns, before any dialect: the middle of the SQL backend. Read this page first.

A `Node` is an expression, an input column or a constant. Equal nodes are one object (`Columns` interns them), so what
rules share is found by itself and becomes a column of its own (`staging`). Every node is at home in a `Relation`: the
rows that are decided (``parent`` None), or the elements of a list, each beside the row that has it.

Truth is three-valued, as in SQL itself: NULL is unknown, and AND, OR and NOT are strong Kleene on every engine. Where
SQL's engines part ways (`IS TRUE`, `array_contains`, floats) no node exists that would ask them. ``null`` False: never
NULL.

    destination in {CU, IR} and not deemed      And(In(destination, CU, IR), Not(deemed))
    any p in parties: p.country in {CU, IR}     Any(In(p.country, CU, IR)) at home in the facts, its body in the parties
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Kind: TypeAlias = Literal["bool", "text", "date", "int", "number", "list", "names"]
"""What a node's values are. ``int`` and ``number`` are exact; a number is one of the dialect's decimals.

``names``: a list of names, or in dialects without lists a text with commas between them; the constant is such a text.
"""


@dataclass(eq=False, slots=True)
class Relation:
    """Rows: the facts, or the elements of ``source`` (a list-valued node of a relation above) beside each of its rows.

    ``distinct``: the source is a set, so each plain element counts once. ``depth``: 0 for the facts.
    """

    name: str
    parent: Relation | None = None
    source: Node | None = None
    distinct: bool = False

    @property
    def depth(self) -> int:
        return 0 if self.parent is None else self.parent.depth + 1

    def is_below(self, other: Relation) -> bool:
        """Whether this is ``other``, or its rows stand beside rows of ``other``."""
        return self is other or (self.parent is not None and self.parent.is_below(other))


@dataclass(eq=False, slots=True)
class Node:
    """One expression. ``number``: nodes are made in this order, so that arguments come before what is made of them."""

    op: str
    args: tuple[Any, ...]
    kind: Kind
    home: Relation
    null: bool
    number: int

    @property
    def parts(self) -> list[Node]:
        """The nodes this is made of."""
        return [arg for arg in self.args if isinstance(arg, Node)]

    @property
    def is_constant(self) -> bool:
        return self.op == "constant"

    @property
    def value(self) -> Any:
        """Of a constant; None is unknown."""
        return self.args[0]


@dataclass(slots=True)
class Columns:
    """Makes nodes. What is constant is worked out at once."""

    facts: Relation
    _nodes: dict[tuple[object, ...], Node] = field(default_factory=dict)
    _relations: dict[tuple[object, ...], Relation] = field(default_factory=dict)

    def make(self, op: str, args: Sequence[Any], kind: Kind, null: bool, home: Relation | None = None) -> Node:
        """The node of an operation; at home where its deepest argument is."""
        key = (op, kind, home, *[(id(arg),) if isinstance(arg, Node) else (type(arg), arg) for arg in args])
        found = self._nodes.get(key)
        if found is None:
            at = home or self.home_of(arg for arg in args if isinstance(arg, Node))
            found = self._nodes[key] = Node(op, tuple(args), kind, at, null, len(self._nodes))
        return found

    def home_of(self, nodes: Iterable[Node]) -> Relation:
        return self.deepest(node.home for node in nodes)

    def deepest(self, relations: Iterable[Relation]) -> Relation:
        """The one whose rows stand beside rows of all others."""
        home = self.facts
        for relation in relations:
            if relation.depth > home.depth:
                home = relation
        return home

    def elements(self, source: Node, beside: Relation, distinct: bool) -> Relation:
        """The elements of a list, beside the rows of a relation that is, or is below, the list's home."""
        key = (id(source), id(beside), distinct)
        found = self._relations.get(key)
        if found is None:
            name = f"elements_{len(self._relations) + 1}"
            found = self._relations[key] = Relation(name, beside, source, distinct)
        return found

    # ------------------------------------------------------------------------------------------ leaves

    def constant(self, value: object, kind: Kind) -> Node:
        return self.make("constant", (value,), kind, value is None, self.facts)

    def unknown(self, kind: Kind) -> Node:
        return self.constant(None, kind)

    @property
    def true(self) -> Node:
        return self.constant(True, "bool")

    @property
    def false(self) -> Node:
        return self.constant(False, "bool")

    def column(self, name: tuple[str, ...], kind: Kind, home: Relation, null: bool = True) -> Node:
        """A column of the input, or a field of the elements of a list (``name`` empty: the element itself)."""
        return self.make("column", (name,), kind, null, home)

    # ------------------------------------------------------------------------------------------- truth

    def negate(self, operand: Node) -> Node:
        if operand.is_constant:
            return self.constant(None if operand.value is None else not operand.value, "bool")
        if operand.op == "not":
            return operand.parts[0]
        return self.make("not", (operand,), "bool", operand.null)

    def every(self, operands: Iterable[Node]) -> Node:
        """Kleene conjunction."""
        return self._junction("and", operands, True)

    def some(self, operands: Iterable[Node]) -> Node:
        """Kleene disjunction."""
        return self._junction("or", operands, False)

    def _junction(self, op: str, operands: Iterable[Node], neutral: bool) -> Node:
        found: dict[int, Node] = {}
        for operand in operands:
            for part in operand.parts if operand.op == op else [operand]:
                if part.is_constant and part.value is (not neutral):
                    return part
                if not (part.is_constant and part.value is neutral):
                    found[part.number] = part
        for part in found.values():
            # A known operand and its denial settle the whole; an unknown one and its denial do not.
            if part.op == "not" and not part.null and part.parts[0].number in found:
                return self.constant(not neutral, "bool")
        if not found:
            return self.constant(neutral, "bool")
        parts = [found[number] for number in sorted(found)]
        return parts[0] if len(parts) == 1 else self.make(op, parts, "bool", any(part.null for part in parts))

    def is_known(self, operand: Node) -> Node:
        if operand.is_constant:
            return self.constant(operand.value is not None, "bool")
        return self.make("known", (operand,), "bool", False) if operand.null else self.true

    def surely(self, operand: Node) -> Node:
        """True where the operand is, false where it is false or unknown."""
        return self._settled(operand, False)

    def perhaps(self, operand: Node) -> Node:
        """False where the operand is, true where it is true or unknown."""
        return self._settled(operand, True)

    def _settled(self, operand: Node, unknown: bool) -> Node:
        if not operand.null:
            return operand
        if operand.is_constant:
            return self.constant(unknown, "bool")
        return self.make("coalesce", (operand, self.constant(unknown, "bool")), "bool", False)

    # -------------------------------------------------------------------------------------- comparisons

    def equal(self, left: Node, right: Node) -> Node:
        return self._compare("=", left, right)

    def less(self, left: Node, right: Node, or_equal: bool = False) -> Node:
        return self._compare("<=" if or_equal else "<", left, right)

    def _compare(self, op: str, left: Node, right: Node) -> Node:
        if left.is_constant and right.is_constant:
            one, two = left.value, right.value
            if one is None or two is None:
                return self.unknown("bool")
            return self.constant(one == two if op == "=" else one < two if op == "<" else one <= two, "bool")
        if (left.is_constant and left.value is None) or (right.is_constant and right.value is None):
            return self.unknown("bool")
        if op == "=" and left.kind == "bool" and (left.is_constant or right.is_constant):
            constant, other = (left, right) if left.is_constant else (right, left)
            return other if constant.value else self.negate(other)
        return self.make(op, (left, right), "bool", left.null or right.null)

    def among(self, operand: Node, members: Iterable[object]) -> Node:
        """The operand is one of some constants."""
        members = tuple(sorted(set(members)))  # type: ignore[type-var]
        if not members:
            return self.false
        if operand.is_constant:
            return self.constant(None if operand.value is None else operand.value in members, "bool")
        if len(members) == 1:
            return self.equal(operand, self.constant(members[0], operand.kind))
        return self.make("in", (operand, members), "bool", operand.null)

    def case(self, branches: Sequence[tuple[Node, Node]], otherwise: Node) -> Node:
        """The value of the first branch whose condition is true, else ``otherwise``."""
        kept: list[tuple[Node, Node]] = []
        for condition, value in branches:
            if condition.op == "coalesce" and condition.parts[1] is self.false:
                condition = condition.parts[0]  # a branch is not taken where its condition is unknown either
            if condition.is_constant:
                if condition.value is True:
                    otherwise = value
                    break
                continue
            kept.append((condition, value))
        while kept and kept[-1][1] is otherwise:
            kept.pop()
        if otherwise.op == "case":
            further = otherwise.parts
            kept += zip(further[:-1:2], further[1::2], strict=True)
            otherwise = further[-1]
        if not kept:
            return otherwise
        values = [value for _, value in kept] + [otherwise]
        flat = [part for branch in kept for part in branch]
        return self.make("case", (*flat, otherwise), values[0].kind, any(value.null for value in values))

    def only_where(self, condition: Node, value: Node) -> Node:
        """The value where the condition is true, else unknown."""
        return self.case([(condition, value)], self.unknown(value.kind))
