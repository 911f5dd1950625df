"""`records.py` and `_schema.py` of a package: the classes of facts, and their types for the reader of facts.

For example:

    record Export:                     @dataclass(frozen=True, slots=True, kw_only=True)
        destination: Country           class Export:
        code: Text?                        destination: Country
                                           code: str | None = None
"""

from __future__ import annotations

import ast

from comity.backends.python import trees
from comity.backends.python.imports import header
from comity.backends.python.literals import annotation, literal, optional
from comity.backends.python.module import Emission, File, docstring
from comity.backends.python.plan import qname
from comity.backends.python.trees import attribute, call, const, name
from comity.backends.python.types import enum_tree, place_tree, type_tree
from comity.core.ast import Record
from comity.runtime.types import (
    AbsentType,
    BoolType,
    DateType,
    EccnType,
    EnumType,
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


def schema(emission: Emission) -> str:
    """`_schema.py`."""
    file = File(emission, "_schema")
    plan = emission.plan
    statements: list[ast.stmt] = [trees.assign("PLACE", place_tree(emission.program.place))]
    for key, enum in plan.enum_types.items():
        statements.append(trees.assign(plan.schema[key], enum_tree(enum)))
    for key, record in plan.record_types.items():
        as_of = [] if record.as_of is None else [const(record.as_of)]
        fields = trees.tuple_of(_field(field, file) for field in record.fields)
        build = call("RecordType", const(record.module), const(record.name), fields, *as_of)
        statements.append(trees.assign(plan.schema[key], build))
    constants = [trees.assign(key, value) for key, value in sorted(file.constants.items())]
    title = trees.doc("The types of facts, for their reader.")
    return trees.source([*title, *header(plan, "_schema", [*constants, *statements]), *constants, *statements])


def _field(field: Field, file: File) -> ast.expr:
    keywords: dict[str, ast.expr] = {}
    if field.optional:
        keywords["optional"] = const(True)
    if field.has_default:
        keywords["has_default"] = const(True)
        keywords["default"] = _default(field, file)
    return call("Field", const(field.name), type_tree(field.type, file), **keywords)


def _default(field: Field, file: File) -> ast.expr:
    return literal(field.default, field.type, file)


def records(emission: Emission) -> str:
    """`records.py`."""
    file = File(emission, "records")
    plan = emission.plan
    parties = trees.tuple_of(const(party.name) for _, party in sorted(emission.program.parties.items()))
    statements: list[ast.stmt] = [trees.assign("facts", call("Records", parties))]
    for key, enum in plan.enum_types.items():
        statements += _enum(key, enum, file)
    place = emission.program.place
    if any(_mentions_place(field.type) for record in plan.record_types.values() for field in record.fields):
        every = (*place.countries, *(zone for zone, _ in place.zones))
        statements.append(trees.assign(plan.places, call("frozenset", ast.Set(list(map(const, sorted(every)))))))
    zones = trees.dict_of((const(zone), const(country)) for zone, country in sorted(place.zones))
    kept = trees.subscript("Final", trees.subscript("Mapping", trees.tuple_of((name("str"), name("str")))))
    statements.append(trees.assign(plan.zones, zones, kept))
    for key, record in plan.record_types.items():
        statements.append(_class(record, emission.program.records.get(key), file))
    constants = [trees.assign(key, value) for key, value in sorted(file.constants.items())]
    title = trees.doc(_TITLE)
    return trees.source([*title, *header(plan, "records", [*constants, *statements]), *constants, *statements])


_TITLE = """The records of facts.

None is a fact that is not known. Numbers are exact (int or Fraction), percentages shares (a quarter is 25%), amounts
in the currency of their field, lengths in metres, masses in grams, durations in hours. A record refuses values that
do not fit, with FactsError; it takes the written form ("200 km", "25%") too.
"""


def _enum(key: str, enum: EnumType, file: File) -> list[ast.stmt]:
    plan = file.plan
    declared = file.emission.program.enums[key]
    members = trees.tuple_of(map(const, enum.members))
    docs = [f"{member}: {doc}" for member, doc in zip(enum.members, declared.member_docs, strict=False) if doc]
    statements = [
        trees.assign(plan.enums[key], trees.subscript("Literal", members), name("TypeAlias")),
        *docstring(declared.doc, declared.cites, docs, indent=0),
        trees.assign(
            plan.members[key], call("frozenset", attribute(trees.dotted(f"schema.{plan.schema[key]}"), "members"))
        ),
    ]
    if key in plan.positions:
        positions = trees.dict_of((const(member), const(number)) for number, member in enumerate(enum.members))
        kept = trees.subscript("Final", trees.subscript("Mapping", trees.tuple_of((name("str"), name("int")))))
        statements.append(trees.assign(plan.positions[key], positions, kept))
    return statements


def _class(record: RecordType, declared: Record | None, file: File) -> ast.stmt:
    body: list[ast.stmt] = docstring(record.doc or f"The record `{record.name}`.", declared.cites if declared else ())
    attributes = file.plan.attributes[qname(record)]
    tests: list[ast.expr] = []
    for field in record.fields:
        attr = attributes[field.name]
        default = _default(field, file) if field.has_default else trees.NONE if field.optional else None
        kept = optional(annotation(field.type, file), field.optional)
        body.append(ast.AnnAssign(ast.Name(attr, ast.Store()), kept, default, simple=1))
        body += docstring(field.doc, ())
        value = attribute(name("self"), attr)
        test = exact_test(value, field.type, file)
        tests.append(trees.either([trees.is_none(value), test]) if field.optional else test)
    refine = ast.Expr(call("facts.refine", name("self")))
    if tests:
        check = ast.If(ast.UnaryOp(ast.Not(), trees.both(tests)), [refine], [])
        body.append(trees.function("__post_init__", [("self", None, None)], trees.NONE, [check]))
    changed = {attr: const(field) for field, attr in attributes.items() if attr != field}
    decorators = [
        call("facts.of", trees.dotted(f"schema.{file.plan.schema[qname(record)]}"), **changed),
        call("dataclass", frozen=const(True), slots=const(True), kw_only=const(True)),
    ]
    return trees.class_of(file.plan.records[qname(record)], body, decorators=decorators)


def exact_test(value: ast.expr, type: Type, file: File) -> ast.expr:
    """Whether ``value`` is of ``type`` in the form that conditions compute with."""
    match type:
        case BoolType():
            return _is_a(value, "bool")
        case IntType() | MonthsType():
            return _is_a(value, "int")
        case NumberType() | PercentType() | MoneyType() | QuantityType():
            return call("is_number", value)
        case DateType():
            return _is_a(value, "date")
        case TextType() | PartyType():
            return call("is_text", value)
        case EccnType():
            return trees.both([_is_a(value, "str"), call("is_code", value)])
        case HsCodeType():
            return trees.both([_is_a(value, "str"), call("is_heading", value)])
        case EnumType():
            members = file.in_records(file.plan.members[qname(type)])
            return trees.both([_is_a(value, "str"), trees.compare(value, ast.In(), members)])
        case PlaceType():
            return trees.both([_is_a(value, "str"), trees.compare(value, ast.In(), file.in_records(file.plan.places))])
        case RecordType():
            return trees.compare(call("type", value), ast.Is(), file.record(type))
        case SetType(element=element) if isinstance(element, (RecordType, SetType, ListType, PerPartyType, AbsentType)):
            return trees.either([_is_a(value, "KleeneSet"), trees.compare(value, ast.Eq(), call("frozenset"))])
        case SetType(element=element):
            return _allexact_test(value, "frozenset", element, file)
        case ListType(element=element):
            return _allexact_test(value, "tuple", element, file)
        case PerPartyType(element=element):
            inner = trees.both([_is_a(name("party"), "str"), exact_test(name("each"), element, file)])
            target = ast.Tuple([ast.Name("party", ast.Store()), ast.Name("each", ast.Store())], ast.Store())
            items = ast.comprehension(target, call(attribute(value, "items")), [], 0)
            return trees.both([_is_a(value, "dict"), call("all", ast.GeneratorExp(inner, [items]))])
        case AbsentType(element=element):
            return trees.either([trees.compare(value, ast.Is(), name("ABSENT")), exact_test(value, element, file)])
        case _:
            return const(True)


def _is_a(value: ast.expr, cls: str) -> ast.expr:
    return trees.compare(call("type", value), ast.Is(), name(cls))


def _allexact_test(value: ast.expr, cls: str, element: Type, file: File) -> ast.expr:
    each = ast.comprehension(ast.Name("each", ast.Store()), value, [], 0)
    inner = exact_test(name("each"), element, file)
    return trees.both([_is_a(value, cls), call("all", ast.GeneratorExp(inner, [each]))])


def _mentions_place(type: Type) -> bool:
    match type:
        case PlaceType():
            return True
        case SetType(element=e) | ListType(element=e) | PerPartyType(element=e) | AbsentType(element=e):
            return _mentions_place(e)
        case _:
            return False
