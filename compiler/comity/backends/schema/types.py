"""The schema of a type: what its decoder (`runtime.facts`) accepts in JSON.

For example:

    Country              {"$ref": "#/$defs/Country"}, an enumeration of the codes
    Text?                {"anyOf": [{"type": "string"}, {"type": "null"}]}
    list of Party        {"type": "array", "items": {"$ref": "#/$defs/Party"}}
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from comity.backends.schema import patterns
from comity.core import ast as core
from comity.runtime.facts import encode, expected_text
from comity.runtime.types import (
    AbsentType,
    BoolType,
    DateType,
    EccnType,
    EnumType,
    ErrorType,
    Field,
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

Schema: TypeAlias = dict[str, object]

NULL: Schema = {"type": "null"}


def either(*schemas: Schema) -> Schema:
    return {"anyOf": list(schemas)}


def closed(properties: dict[str, Schema], required: Iterable[str] = ()) -> Schema:
    """An object with these properties and no others."""
    result: Schema = {"type": "object", "properties": properties}
    if names := list(required):
        result["required"] = names
    return {**result, "additionalProperties": False}


def described(schema: Schema, description: str) -> Schema:
    return {**schema, "description": description} if description else schema


def member_list(doc: str, members: Iterable[str], docs: Iterable[str]) -> str:
    """A description of an enumeration with those of its members."""
    items = [f"- `{member}`: {text}" for member, text in zip(members, docs, strict=False) if text]
    return "\n".join([*([doc, ""] if doc and items else [doc] if doc else []), *items])


class Definitions:
    """Schemas of the records, enums and places that a document refers to, by name under `$defs`.

    Of two with one name, the one that is met later is qualified by its module.
    """

    def __init__(self, program: core.Program) -> None:
        self.program = program
        self.made: dict[str, Schema] = {}
        self._names: dict[str, str] = {}

    def of(self, type: Type) -> Schema:
        """The schema of a value of ``type`` that is known."""
        match type:
            case BoolType():
                return {"type": "boolean"}
            case IntType():
                return {"type": "integer"}
            case NumberType():
                return either({"type": "number"}, _text(type, patterns.NUMBER))
            case PercentType():
                return _text(type, patterns.PERCENT)
            case MoneyType(currency):
                return self._money(type, currency)
            case QuantityType() | MonthsType():
                return _text(type, patterns.quantity(type))
            case DateType():
                return {"type": "string", "format": "date", "pattern": patterns.DATE}
            case TextType():
                return {"type": "string"}
            case EccnType():
                return _text(type, patterns.ECCN)
            case HsCodeType():
                return _text(type, patterns.HS_CODE)
            case EnumType(module=module, name=name):
                return self._reference(f"{module}.{name}", type)
            case PlaceType():
                return self._reference("Place", type)
            case PartyType():
                parties = self.program.party_names
                return {"type": "string", "enum": list(parties)} if parties else {"type": "string", "minLength": 1}
            case RecordType(module=module, name=name):
                return self._reference(f"{module}.{name}", type)
            case SetType(element) | ListType(element):
                return {"type": "array", "items": self.of(element)}
            case PerPartyType(element):
                return self._per_party(element)
            case AbsentType(element):
                absent = closed({"absent": {"const": True}}, ["absent"])
                words: list[Schema] = [] if isinstance(element, TextType) else [{"const": "absent"}]
                return either(self.of(element), absent, *words)
            case ErrorType():
                return {}

    def _reference(self, qname: str, type: EnumType | PlaceType | RecordType) -> Schema:
        if qname not in self._names:
            plain = qname.rpartition(".")[2]
            name = self._names[qname] = qname if plain in self.made else plain
            self.made[name] = {}  # keeps its place before the parts of a record, and the name from them
            self.made[name] = self._definition(type)
        return {"$ref": f"#/$defs/{self._names[qname]}"}

    def _definition(self, type: EnumType | PlaceType | RecordType) -> Schema:
        match type:
            case RecordType():
                return self.record(type)
            case EnumType(module, name, members):
                declared = self.program.enums.get(f"{module}.{name}")
                docs = declared.member_docs if declared else ()
                return described(
                    {"title": name, "type": "string", "enum": list(members)},
                    member_list(declared.doc if declared else "", members, docs),
                )
            case PlaceType(countries, zones):
                names = [zone for zone, _ in zones]
                lying = [f"in {country}" for _, country in zones]
                return described(
                    {"title": "Place", "type": "string", "enum": [*countries, *names]},
                    member_list("A country or zone", names, lying),
                )

    def record(self, type: RecordType, beside: dict[str, Schema] | None = None) -> Schema:
        """An object with the fields of a record, and the properties ``beside`` them."""
        properties = {field.name: self._field(field) for field in type.fields}
        required = [field.name for field in type.fields if field.source(said=False) == "missing"]
        return described({"title": type.name, **closed(properties | (beside or {}), required)}, type.doc)

    def _field(self, field: Field) -> Schema:
        known = self.of(field.type)
        schema = described(either(known, NULL) if field.optional else known, field.doc)
        return {**schema, "default": encode(field.type, field.default)} if field.has_default else schema

    def _money(self, type: MoneyType, currency: str) -> Schema:
        amount = either({"type": "number"}, {"type": "string", "pattern": patterns.NUMBER})
        parts = closed({"amount": amount, "currency": {"const": currency}}, ["amount", "currency"])
        return either(_text(type, patterns.money(currency)), parts)

    def _per_party(self, element: Type) -> Schema:
        parties = self.program.party_names
        if parties:
            return closed({party: self.of(element) for party in parties})
        return {"type": "object", "additionalProperties": self.of(element)}


def _text(type: Type, pattern: str) -> Schema:
    return {"type": "string", "pattern": pattern, "description": expected_text(type)}
