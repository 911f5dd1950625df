"""`facts.py` of a package: the facts of each record as a `TypedDict`, for type checkers and editors.

What is read at run time is wider: any mapping, exact numbers and days as Python objects.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import assert_never

from comity.backends.python import trees
from comity.backends.python.imports import header
from comity.backends.python.module import Emission, File, docstring
from comity.backends.python.plan import FACTS, qname
from comity.backends.python.trees import NONE, call, const, name
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

_TITLE = """The facts of each record as a dict in their JSON form, for type checkers.

Amounts, percentages and measures are text with their unit ("5000 USD", "25%", "200 km"). A key that need not be there
is unknown where it is left out or None, or has a default.
"""


class FactsFile(File):
    """The file in the making."""

    def __init__(self, emission: Emission) -> None:
        super().__init__(emission, FACTS)

    def emit(self) -> str:
        statements = list(self._classes())
        return trees.source(
            [*docstring(_TITLE, (), indent=0), *header(self.plan, self.module, statements), *statements]
        )

    def _classes(self) -> Iterator[ast.stmt]:
        for record in self.plan.record_types.values():
            keys: list[ast.expr] = []
            values: list[ast.expr] = []
            for field in record.fields:
                kept = self._type(field.type)
                kept = trees.union(kept, NONE) if field.optional else kept
                required = "NotRequired" if field.optional or field.has_default else "Required"
                keys.append(const(field.name))
                values.append(trees.subscript(required, kept))
            shown = self.plan.facts[qname(record)]
            if all(str(key.value).isidentifier() for key in keys if isinstance(key, ast.Constant)) and not any(
                attribute != field for field, attribute in self.plan.attributes[qname(record)].items()
            ):
                body: list[ast.stmt] = docstring(record.doc or f"Facts of the record `{record.name}`.", ())
                for field, value in zip(record.fields, values, strict=True):
                    body.append(ast.AnnAssign(ast.Name(field.name, ast.Store()), value, None, simple=1))
                yield trees.class_of(shown, body, bases=[name("TypedDict")])
            else:  # a field is called like a word of Python
                yield trees.assign(shown, call("TypedDict", const(shown), ast.Dict(list(keys), values)))

    def _type(self, type: Type) -> ast.expr:
        match type:
            case BoolType():
                return name("bool")
            case IntType():
                return name("int")
            case NumberType():
                return trees.union(name("int"), name("Fraction"), name("str"))
            case DateType():
                return trees.union(name("date"), name("str"))
            case EnumType():
                return self.enum(type)
            case RecordType():
                return name(self.plan.facts[qname(type)])
            case SetType(element=element) | ListType(element=element):
                return trees.subscript("list", self._type(element))
            case PerPartyType(element=element):
                return trees.subscript("dict", trees.tuple_of((name("str"), self._type(element))))
            case AbsentType(element=element):
                return trees.union(
                    self._type(element), trees.subscript("dict", trees.tuple_of((name("str"), name("bool"))))
                )
            case ErrorType():
                return name("object")
            case (
                PercentType()
                | MoneyType()
                | QuantityType()
                | MonthsType()
                | TextType()
                | EccnType()
                | HsCodeType()
                | PlaceType()
                | PartyType()
            ):
                return name("str")
            case _:
                assert_never(type)
