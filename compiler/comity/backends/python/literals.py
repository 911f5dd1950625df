"""Run-time values and types as Python expressions.

For example:

    5000 USD                    5000
    one third of a share        Fraction(1, 3), a constant of the module
    2022-02-24                  date(2022, 2, 24), a constant of the module
    {BY, RU}                    frozenset({'BY', 'RU'}), its members in order
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Protocol, assert_never

from comity.backends.python.trees import call, const, dict_of, name, subscript, tuple_of, union
from comity.core.rows import in_order
from comity.runtime.types import (
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
    MonthsType,
    NumberType,
    PartyType,
    PercentType,
    PerPartyType,
    PlaceType,
    QuantityType,
    RecordType,
    SetType,
    TextType,
    Type,
)
from comity.runtime.values import ABSENT


class NotExpressible(Exception):
    """A value or term that straight Python does not say; the reference semantics has to."""


class Shelf(Protocol):
    """Where a module finds what its expressions name."""

    def constant(self, value: date | Fraction) -> ast.expr:
        """A module-level name for a value that is not a literal of Python."""

    def record(self, type: RecordType) -> ast.expr:
        """The class of a record."""

    def attribute(self, type: RecordType, field: str) -> str:
        """The attribute of a record's field."""

    def enum(self, type: EnumType) -> ast.expr:
        """The type alias of an enum."""

    def runtime(self, function: str) -> ast.expr:
        """A function or class of the run-time library."""


def literal(value: object, type: Type, shelf: Shelf) -> ast.expr:
    """The expression that builds ``value``; the same text whatever order sets and mappings iterate in."""
    match value:
        case None | bool() | int() | str():
            return const(value)
        case date() | Fraction():
            return shelf.constant(value)
        case frozenset():
            return _frozenset(value, type, shelf)
        case tuple():
            return tuple_of(literal(item, _element(type), shelf) for item in value)
        case Mapping():
            return _mapping(value, type, shelf)
        case _ if value is ABSENT:
            return shelf.runtime("ABSENT")
        case _:
            raise NotExpressible(repr(value))


def _frozenset(value: frozenset[object], type: Type, shelf: Shelf) -> ast.expr:
    if not value:
        return call("frozenset")
    return call("frozenset", ast.Set([literal(item, _element(type), shelf) for item in in_order(value)]))


def _mapping(value: Mapping[str, object], type: Type, shelf: Shelf) -> ast.expr:
    while isinstance(type, AbsentType):
        type = type.element
    if isinstance(type, RecordType):
        given = ((field, value.get(field.name)) for field in type.fields)
        keywords = {shelf.attribute(type, field.name): literal(item, field.type, shelf) for field, item in given}
        return ast.Call(shelf.record(type), [], [ast.keyword(key, item) for key, item in keywords.items()])
    return dict_of((const(key), literal(item, _element(type), shelf)) for key, item in sorted(value.items()))


def _element(type: Type) -> Type:
    match type:
        case AbsentType(element=element):
            return _element(element)
        case SetType(element=element) | ListType(element=element) | PerPartyType(element=element):
            return element
        case _:
            return type


def annotation(type: Type, shelf: Shelf) -> ast.expr:
    """The Python type of known values of ``type``."""
    match type:
        case BoolType():
            return name("bool")
        case IntType() | MonthsType():
            return name("int")
        case NumberType() | PercentType() | MoneyType() | QuantityType():
            return shelf.runtime("Number")
        case DateType():
            return name("date")
        case TextType() | EccnType() | HsCodeType() | PlaceType() | PartyType():
            return name("str")
        case EnumType():
            return shelf.enum(type)
        case RecordType():
            return shelf.record(type)
        case SetType(element=element):
            return subscript("frozenset", annotation(element, shelf))
        case ListType(element=element):
            return subscript("tuple", tuple_of([annotation(element, shelf), const(...)]))  # type: ignore[arg-type]
        case PerPartyType(element=element):
            return subscript(shelf.runtime("Mapping"), tuple_of([name("str"), annotation(element, shelf)]))
        case AbsentType(element=element):
            return union(annotation(element, shelf), shelf.runtime("Absent"))
        case ErrorType():
            return name("object")
        case _:
            assert_never(type)


def optional(type: ast.expr, null: bool = True) -> ast.expr:
    """``type | None`` where the value may be unknown."""
    return union(type, const(None)) if null else type
