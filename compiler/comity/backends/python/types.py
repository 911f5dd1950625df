"""Types of facts as Python expressions: the schema that the package's reader of facts goes by.

For example:

    list of Party        ListType(PARTY)
    Bool?                Field('listed', BOOL, optional=True), in the record that has it
    Money in USD         MoneyType('USD')
"""

from __future__ import annotations

import ast
from typing import Protocol, assert_never

from comity.backends.python import trees
from comity.backends.python.trees import call, const, name
from comity.runtime import types
from comity.runtime.types import Type


class Schema(Protocol):
    """Where records and enums are described."""

    def described(self, type: types.RecordType | types.EnumType | types.PlaceType) -> ast.expr | None:
        """The name that the description of ``type`` has, if it has one."""


_NAMED = ("BOOL", "INT", "NUMBER", "PERCENT", "MONTHS", "DATE", "TEXT", "ECCN", "HS_CODE", "PARTY", "ERROR")


def type_tree(type: Type, schema: Schema) -> ast.expr:
    """The expression that builds ``type``."""
    match type:
        case types.MoneyType(currency=currency):
            return call("MoneyType", const(currency))
        case types.QuantityType(dimension=dimension):
            return call("QuantityType", const(dimension))
        case types.EnumType():
            return schema.described(type) or enum_tree(type)
        case types.PlaceType():
            return schema.described(type) or place_tree(type)
        case types.RecordType():
            described = schema.described(type)
            assert described is not None, type
            return described
        case types.SetType(element=element):
            return call("SetType", type_tree(element, schema))
        case types.ListType(element=element):
            return call("ListType", type_tree(element, schema))
        case types.PerPartyType(element=element):
            return call("PerPartyType", type_tree(element, schema))
        case types.AbsentType(element=element):
            return call("AbsentType", type_tree(element, schema))
        case (
            types.BoolType()
            | types.IntType()
            | types.NumberType()
            | types.PercentType()
            | types.DateType()
            | types.MonthsType()
            | types.TextType()
            | types.EccnType()
            | types.HsCodeType()
            | types.PartyType()
            | types.ErrorType()
        ):
            return name(next(each for each in _NAMED if getattr(types, each) == type))
        case _:
            assert_never(type)


def enum_tree(type: types.EnumType) -> ast.expr:
    members = trees.tuple_of(map(const, type.members))
    ordered = [const(True)] if type.ordered else []
    return call("EnumType", const(type.module), const(type.name), members, *ordered)


def place_tree(type: types.PlaceType) -> ast.expr:
    zones = trees.tuple_of(trees.tuple_of((const(zone), const(country))) for zone, country in type.zones)
    return call("PlaceType", trees.tuple_of(map(const, type.countries)), zones)
