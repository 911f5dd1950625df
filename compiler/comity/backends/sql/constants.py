"""Values of the policy as shapes, and equality of shapes.

Example: `{BY, RU}` is a shape that says of a value whether it is in the set, so `destination in EMBARGOED` becomes a
test of the column, and no set is left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from comity.backends.sql.columns import Columns, Kind, Node
from comity.backends.sql.errors import Inexpressible
from comity.backends.sql.numbers import Numbers
from comity.backends.sql.shapes import (
    Amount,
    Collection,
    Elements,
    Maybe,
    Members,
    PerParty,
    Plain,
    Record,
    Shape,
    holds_for_all,
    holds_for_any,
    plain,
)
from comity.runtime import types
from comity.runtime.kleene import elements
from comity.runtime.types import AbsentType, EnumType, ListType, PerPartyType, RecordType, SetType, Type
from comity.runtime.values import ABSENT


@dataclass(slots=True)
class Constants:
    """``scaled``: columns of numbers hold integers, counted in the last of ``numbers.digits``."""

    columns: Columns
    numbers: Numbers
    scaled: bool

    def wrap(self, type: Type, node: Node) -> Shape:
        """The shape of a column of a plain type."""
        match type:
            case types.IntType() | types.MonthsType():
                return Amount(node)
            case types.NumberType() | types.PercentType() | types.MoneyType() | types.QuantityType():
                return Amount(node, Fraction(1, 10**self.numbers.digits) if self.scaled else Fraction(1))
            case _:
                return Plain(node)

    def shape(self, value: Any, type: Type) -> Shape:
        """A value as `runtime.types` has it; None is unknown."""
        columns = self.columns
        match type:
            case AbsentType(element=element):
                present = columns.constant(None if value is None else value is not ABSENT, "bool")
                return Maybe(present, self.shape(None if value is ABSENT else value, element))
            case RecordType():
                given: Mapping[str, Any] = value or {}
                declared = {field.name: field.type for field in type.fields}
                known = columns.constant(value is not None, "bool")
                return Record(lambda name: self.shape(given.get(name), declared[name]), known, columns.facts, False)
            case PerPartyType(element=element):
                return PerParty({party: self.shape(each, element) for party, each in (value or {}).items()})
            case SetType(element=element):
                return self._set(value, element)
            case ListType(element=element):
                members = tuple((self.shape(each, element), columns.true) for each in value or ())
                known = columns.constant(value is not None, "bool")
                return Elements(columns, members, self.same(element), known, is_list=True)
            case _ if is_number(type):
                return self.numbers.constant(value)
            case _:
                return Plain(columns.constant(value, plain_kind(type)))

    def _set(self, value: Any, element: Type) -> Shape:
        columns = self.columns
        known = columns.constant(value is not None, "bool")
        found = list(elements(value)) if value is not None else []
        if isinstance(element, EnumType):
            truths = {str(each): columns.constant(sure, "bool") for each, sure in found if each is not None}
            if value is None:
                return Members(columns, dict.fromkeys(element.members, columns.unknown("bool")), known)
            if len(truths) == len(found):
                return Members(columns, truths, known)
        if value is None:
            return Unknown(columns, columns.false)
        members = tuple((self.shape(each, element), columns.constant(sure, "bool")) for each, sure in found)
        return Elements(columns, members, self.same(element), known)

    # ------------------------------------------------------------------------------------------ equality

    def same(self, type: Type) -> Callable[[Shape, Shape], Node]:
        return lambda left, right: self.equal(left, right, type)

    def equal(self, left: Shape, right: Shape, type: Type, inside: bool = False) -> Node:
        """Kleene equality. ``inside``: of a record, where `absent` is a value like any other."""
        columns = self.columns
        match type:
            case AbsentType(element=element):
                if not inside:
                    return self.equal(value_of(left), value_of(right), element)
                return self._equal_presence(left, right, element)
            case RecordType(fields=fields):
                one, two = value_of(left), value_of(right)
                if not (isinstance(one, Record) and isinstance(two, Record)):
                    raise Inexpressible("records of this kind cannot be compared in SQL")
                same = columns.every(
                    self.equal(one.field(each.name), two.field(each.name), each.type, inside=True) for each in fields
                )
                return columns.only_where(columns.every([one.known, two.known]), same)
            case SetType(element=element):
                one, two = self._collections(left, right)
                return columns.every([self.subset(one, two), self.subset(two, one)])
            case ListType(element=element):
                return self._equal_lists(left, right, element)
            case PerPartyType():
                raise Inexpressible("facts given for each party cannot be compared in SQL")
            case _ if is_number(type):
                return self.numbers.compare("=", amount(left), amount(right))
            case _:
                return columns.equal(plain(left), plain(right))

    def _equal_presence(self, left: Shape, right: Shape, element: Type) -> Node:
        columns = self.columns
        one, two = (each if isinstance(each, Maybe) else Maybe(columns.true, each) for each in (left, right))
        same = self.equal(one.value, two.value, element, inside=True)
        gone = [columns.negate(each.present) for each in (one, two)]
        differ = columns.some([columns.every([gone[0], two.present]), columns.every([gone[1], one.present])])
        branches = [
            (columns.surely(columns.every(gone)), columns.true),
            (columns.surely(differ), columns.false),
            (columns.surely(columns.every([one.present, two.present])), same),
        ]
        return columns.case(branches, columns.unknown("bool"))

    def _collections(self, left: Shape, right: Shape) -> tuple[Collection, Collection]:
        one, two = value_of(left), value_of(right)
        if not (isinstance(one, Collection) and isinstance(two, Collection)):
            raise Inexpressible("these sets cannot be compared in SQL")
        return one, two

    def subset(self, left: Collection, right: Collection) -> Node:
        return holds_for_all(self.columns, left, right.contains, right.home(self.columns))

    def _equal_lists(self, left: Shape, right: Shape, element: Type) -> Node:
        """Lists of facts are compared with the empty list only: their elements have no order in a relation."""
        columns = self.columns
        one, two = self._collections(left, right)
        for empty, other in ((one, two), (two, one)):
            if isinstance(empty, Elements) and not empty.members:
                found = holds_for_any(columns, other, lambda each: columns.true, columns.facts)
                return columns.only_where(empty.known, columns.negate(found))
        if isinstance(one, Elements) and isinstance(two, Elements):
            if len(one.members) != len(two.members):
                return columns.only_where(columns.every([one.known, two.known]), columns.false)
            pairs = zip(one.members, two.members, strict=True)
            return columns.every(self.equal(a, b, element, inside=True) for (a, _), (b, _) in pairs)
        raise Inexpressible("a list can be compared with `[]` only, in SQL")


@dataclass(eq=False, slots=True)
class Unknown(Collection):
    """A set of which nothing is known: any value may be in it."""

    columns: Columns
    known: Node

    def home(self, columns: Columns) -> Any:
        return columns.facts

    def contains(self, value: Shape) -> Node:
        return self.columns.unknown("bool")

    def any(self, test: Any, beside: Any) -> Node:
        return self.columns.unknown("bool")


def value_of(shape: Shape) -> Shape:
    """The value that may be absent, unknown where it is."""
    return value_of(shape.value) if isinstance(shape, Maybe) else shape


def amount(shape: Shape) -> Amount:
    shape = value_of(shape)
    if not isinstance(shape, Amount):
        raise Inexpressible("a value that is not a number is used in its place")
    return shape


def is_number(type: Type) -> bool:
    return isinstance(
        type,
        types.IntType | types.MonthsType | types.NumberType | types.PercentType | types.MoneyType | types.QuantityType,
    )


def plain_kind(type: Type) -> Kind:
    """What the nodes of a plain type are, numbers aside."""
    match type:
        case types.BoolType():
            return "bool"
        case types.DateType():
            return "date"
        case _:
            return "text"


__all__ = ["Constants", "Unknown", "amount", "is_number", "plain_kind", "value_of"]
