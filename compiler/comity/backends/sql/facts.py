"""The columns that facts come in, as shapes, and what makes a row one to refuse.

    record Export as of date:            date DATE, "item.eccn" VARCHAR, "item.value" DECIMAL, destination VARCHAR,
        date: Date                       parties a list of (role, country), "limit.absent" BOOLEAN beside "limit"
        item: Item                       where that is `Money in USD or absent`
        …

NULL is unknown where the type says `?`, the default where a field has one and may not be unknown, and else refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TypeAlias

from comity.backends.sql.columns import Columns, Kind, Node, Relation
from comity.backends.sql.constants import Constants
from comity.backends.sql.errors import Inexpressible
from comity.backends.sql.shapes import Amount, Maybe, Members, PerParty, Plain, Record, Rows, Shape
from comity.runtime import types
from comity.runtime.types import (
    AbsentType,
    EnumType,
    Field,
    ListType,
    PerPartyType,
    PlaceType,
    RecordType,
    SetType,
    Type,
)

Path: TypeAlias = tuple[str, ...]

MOST_MEMBERS = 64
"""A set over an enum of at most so many members is asked for each; a larger one is rows."""


@dataclass(slots=True)
class Facts:
    """Reads facts. ``scaled``: columns of numbers hold integers, counted in the last of so many ``digits``.

    ``lists_are_json``: a column of a list may hold any JSON.
    """

    columns: Columns
    constants: Constants
    parties: Sequence[str]
    digits: int
    scaled: bool
    lists_are_json: bool
    domains: dict[Node, tuple[str, ...]] = field(default_factory=dict)
    """The values of the columns that have few, as far as these were asked about."""
    _shapes: dict[tuple[Path, Relation], Shape] = field(default_factory=dict)

    def record(self, type: RecordType, path: Path = (), home: Relation | None = None, sure: bool = True) -> Record:
        home = home or self.columns.facts
        return self._record(type, path, home, self.columns.true if sure else self._held(type, path, home))

    def _record(self, type: RecordType, path: Path, home: Relation, there: Node) -> Record:
        def make(name: str) -> Shape:
            declared = type.field(name)
            assert declared is not None
            return self.fact(declared, (*path, name), home, there)

        return Record(make, there, home)

    def _held(self, type: Type, path: Path, home: Relation) -> Node:
        """Whether one of the columns of a fact is known."""
        return self.columns.some(self.columns.is_known(node) for node in self._leaves(type, path, home))

    def _present(self, element: Type, path: Path, home: Relation) -> Node:
        """Whether a value is given of a fact that may be absent.

        A record of which nothing is known is, where its column `absent` is false.
        """
        held = self._held(element, path, home)
        if not isinstance(element, RecordType):
            return held
        return self.columns.some([held, self.columns.surely(self.columns.negate(self._absent(path, home)))])

    def _leaves(self, type: Type, path: Path, home: Relation) -> Iterator[Node]:
        """The columns that a fact takes."""
        match type:
            case RecordType(fields=fields):
                for each in fields:
                    yield from self._leaves(each.type, (*path, each.name), home)
            case AbsentType(element=element):
                yield self._absent(path, home)
                yield from self._leaves(element, path, home)
            case PerPartyType(element=element):
                for party in self.parties:
                    yield from self._leaves(element, (*path, party), home)
            case _:
                yield self.columns.column(path, self.kind(type), home)

    def _absent(self, path: Path, home: Relation) -> Node:
        return self.columns.column((*path[:-1], f"{path[-1]}.absent"), "bool", home)

    def kind(self, type: Type) -> Kind:
        match type:
            case types.BoolType():
                return "bool"
            case types.DateType():
                return "date"
            case types.IntType() | types.MonthsType():
                return "int"
            case types.NumberType() | types.PercentType() | types.MoneyType() | types.QuantityType():
                return "int" if self.scaled else "number"
            case SetType() | ListType():
                return "list"
            case _:
                return "text"

    def fact(self, declared: Field, path: Path, home: Relation, there: Node) -> Shape:
        """A fact as terms read it. ``there``: whether the record that it is a fact of is.

        A required fact is read as known: a row where it is NULL is refused, whatever its rules say.
        """
        key = (path, home)
        if key not in self._shapes:
            known = there is self.columns.true and not declared.optional and not declared.has_default
            shape = self.value(declared.type, path, home, known)
            if declared.has_default and not declared.optional:
                shape = self._or_default(shape, declared, there)
            self._shapes[key] = shape
        return self._shapes[key]

    def _column(self, path: Path, kind: Kind, home: Relation, sure: bool) -> Node:
        node = self.columns.column(path, kind, home)
        return self.columns.make("sure", (node,), kind, False) if sure else node

    def _or_default(self, shape: Shape, declared: Field, there: Node) -> Shape:
        """The default where the column is NULL though the record is there."""
        columns, default = self.columns, self.constants.shape(declared.default, declared.type)
        match shape, default:
            case Plain(node=node), Plain(node=other):
                return Plain(self._coalesce(node, other, there))
            case Amount(top=top, factor=factor), Amount(top=other, factor=by):
                value = Fraction(other.value) * by / factor
                if top.kind == "int" and value.denominator != 1:
                    raise Inexpressible(f"the default of `{declared.name}` has too many decimals")
                own = columns.constant(int(value) if value.denominator == 1 else value, top.kind)
                return Amount(self._coalesce(top, own, there), factor)
            case Maybe(present=present, value=value), Maybe():
                # A value that is said to be absent is NULL too, and has no default.
                left_out = columns.every([there, columns.negate(columns.is_known(present))])
                kept = columns.case([(left_out, default.present)], present)
                if default.present.value is False:
                    return Maybe(kept, value)
                return Maybe(kept, self._or_default(value, _of_element(declared), left_out))
            case ((Rows() | Members()), _) if not declared.default:
                source = shape.source if isinstance(shape, Rows) else next(iter(shape.truths.values())).parts[0]
                empty = columns.make("or_empty", (source,), "list", False)
                return self._collection(declared.type, columns.only_where(there, empty))
            case _:
                raise Inexpressible(f"the default of `{declared.name}` has parts")

    def _coalesce(self, node: Node, default: Node, there: Node) -> Node:
        return self.columns.make(
            "coalesce", (node, self.columns.only_where(there, default)), node.kind, there.op != "constant"
        )

    def value(self, type: Type, path: Path, home: Relation, sure: bool) -> Shape:
        match type:
            case RecordType():
                return self.record(type, path, home, sure)
            case AbsentType(element=element):
                present = self._present(element, path, home)
                if isinstance(element, RecordType):
                    return Maybe(self._presence(path, home, present), self._record(element, path, home, present))
                return Maybe(self._presence(path, home, present), self.value(element, path, home, False))
            case PerPartyType(element=element):
                return PerParty({party: self.value(element, (*path, party), home, False) for party in self.parties})
            case SetType() | ListType():
                return self._collection(type, self._column(path, "list", home, sure))
            case _:
                return self.constants.wrap(type, self._column(path, self.kind(type), home, sure))

    def _presence(self, path: Path, home: Relation, given: Node) -> Node:
        columns = self.columns
        absent = columns.surely(self._absent(path, home))
        return columns.case([(absent, columns.false), (given, columns.true)], columns.unknown("bool"))

    def _collection(self, type: Type, source: Node) -> Shape:
        assert isinstance(type, SetType | ListType)
        columns, element = self.columns, type.element
        known = columns.is_known(source)
        if isinstance(type, SetType) and isinstance(element, EnumType) and len(element.members) <= MOST_MEMBERS:
            truths = {member: columns.make("has", (source, member), "bool", source.null) for member in element.members}
            return Members(columns, truths, known)

        def at(relation: Relation) -> Shape:
            if isinstance(element, RecordType):
                return self.record(element, (), relation)
            return self.value(element, (), relation, True)

        distinct = isinstance(type, SetType) and not isinstance(element, RecordType)
        of_records = isinstance(element, RecordType)
        return Rows(columns, source, distinct, at, self.constants.same(element), of_records, known)

    # ------------------------------------------------------------------------------------------ refusals

    def faults(self, type: RecordType) -> Node:
        """Whether a row holds something that is not a fact of its type. Never unknown."""
        home = self.columns.facts
        return self.columns.some(self._faults_of_fields(type, (), home, self.columns.true))

    def _faults_of_fields(self, type: RecordType, path: Path, home: Relation, there: Node) -> Iterator[Node]:
        columns = self.columns
        sound: list[Node] = []
        for declared in type.fields:
            own = (*path, declared.name)
            leaves = list(self._leaves(declared.type, own, home))
            given = columns.some(columns.is_known(leaf) for leaf in leaves)
            required = not declared.optional and not declared.has_default
            fit = self._fits(declared.type, leaves[0], True) if required and len(leaves) == 1 else None
            # What fits is unknown of NULL, but for numbers, of which engines look at the type of the column.
            if required and not isinstance(declared.type, PerPartyType | RecordType) and not _says_null(fit):
                sound.append(given)
            if fit is not None:
                sound.append(fit)
            else:
                yield from self._faults(declared.type, own, home, there if required else given)
        # One conjunction of all that must hold, which engines work out faster than a disjunction of denials.
        yield columns.every([there, columns.negate(columns.surely(columns.every(sound)))])

    def _faults(self, type: Type, path: Path, home: Relation, given: Node) -> Iterator[Node]:
        """What is wrong with a fact, where it is ``given``."""
        columns = self.columns
        match type:
            case RecordType():
                yield from self._faults_of_fields(type, path, home, given)
            case AbsentType(element=element):
                absent = columns.surely(self._absent(path, home))
                held = self._present(element, path, home)
                yield columns.every([absent, held])
                yield columns.every(
                    [columns.is_known(self._absent(path, home)), columns.negate(absent), columns.negate(held)]
                )
                yield from self._faults(element, path, home, held)
            case PerPartyType(element=element):
                for party in self.parties:
                    leaves = self._leaves(element, (*path, party), home)
                    own = columns.some(columns.is_known(leaf) for leaf in leaves)
                    yield from self._faults(element, (*path, party), home, own)
            case SetType(element=element) | ListType(element=element):
                source = columns.column(path, "list", home)
                if self.lists_are_json:
                    yield columns.negate(columns.perhaps(columns.make("is_list", (source,), "bool", source.null)))
                if isinstance(element, EnumType) and len(element.members) <= MOST_MEMBERS:
                    within = columns.make("all_among", (source, element.members), "bool", True)
                    yield columns.negate(columns.perhaps(within))
                    return
                if isinstance(element, SetType | ListType | PerPartyType):
                    raise Inexpressible(f"`{'.'.join(path)}` is a list of lists")
                rows = columns.elements(source, home, False)
                bad = columns.some(self._faults_of_element(element, rows))
                if not (bad.is_constant and bad.value is False):
                    yield columns.surely(columns.make("any", (rows, bad), "bool", False, home))
            case _:
                node = columns.column(path, self.kind(type), home)
                fit = self._fits(type, node)
                if fit is not None:
                    yield columns.negate(columns.perhaps(fit))

    def _faults_of_element(self, element: Type, rows: Relation) -> Iterator[Node]:
        columns = self.columns
        if isinstance(element, RecordType):
            whole = columns.column((), "list", rows)
            yield columns.negate(columns.is_known(whole))
            yield from self._faults_of_fields(element, (), rows, columns.true)
        else:
            node = columns.column((), self.kind(element), rows)
            yield columns.negate(columns.is_known(node))
            yield from self._faults(element, (), rows, columns.true)

    def _member(self, node: Node, members: Sequence[str], required: bool) -> Node:
        """Whether a value is one of few. Of NULL, false where a fact is ``required`` and unknown where not."""
        if node.op == "column" and members:
            self.domains[node] = tuple(members)
        null = node.null and not required
        return self.columns.make("member", (node, tuple(sorted(members)), required), "bool", null)

    def _fits(self, type: Type, node: Node, required: bool = False) -> Node | None:
        """Whether a known value is one of the type; None where the type of the column sees to it."""
        columns = self.columns
        match type:
            case EnumType(members=members):
                return self._member(node, members, required)
            case PlaceType(countries, zones):
                return self._member(node, (*countries, *(zone for zone, _ in zones)), required)
            case types.PartyType():
                return self._member(node, self.parties, required)
            case types.EccnType():
                return columns.make("is_eccn", (node,), "bool", node.null)
            case types.HsCodeType():
                return columns.make("is_hs", (node,), "bool", node.null)
            case types.TextType():
                return columns.make("is_plain_text", (node,), "bool", node.null)
            case types.DateType():
                return columns.make("is_day", (node,), "bool", node.null)
            case types.NumberType() | types.PercentType() | types.MoneyType() | types.QuantityType() | types.IntType():
                return columns.make("is_exact", (node, self.digits), "bool", node.null)
            case _:
                return None


def _says_null(fit: Node | None) -> bool:
    """Whether NULL, of which it is asked if it fits, makes that NULL."""
    return fit is not None and fit.op in ("member", "is_eccn", "is_hs", "is_plain_text")


def _of_element(declared: Field) -> Field:
    """The field without `or absent`."""
    assert isinstance(declared.type, AbsentType)
    return replace(declared, type=declared.type.element)
