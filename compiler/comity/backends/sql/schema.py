"""The relation that facts come in: a column per fact, typed as the dialect has it.

For example:

    record Export:                      "destination" TEXT
        destination: Country            "value" DECIMAL(18, 4)
        value: Money in USD             "parties" STRUCT("country" TEXT, "listed" BOOLEAN)[]
        parties: list of Party
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from comity.backends.sql.dialects import Dialect
from comity.backends.sql.errors import Inexpressible
from comity.runtime import types
from comity.runtime.types import AbsentType, ListType, PerPartyType, RecordType, SetType, Type


def columns_of(record: RecordType, parties: Sequence[str], dialect: Dialect) -> list[tuple[str, str]]:
    """Each column's name and type."""
    return [(dialect.separator.join(path), kind) for path, kind in _columns(record, (), parties, dialect)]


def _columns(
    type: Type, path: tuple[str, ...], parties: Sequence[str], dialect: Dialect
) -> Iterator[tuple[tuple[str, ...], str]]:
    match type:
        case RecordType(fields=fields):
            for field in fields:
                yield from _columns(field.type, (*path, field.name), parties, dialect)
        case AbsentType(element=element):
            yield from _columns(element, path, parties, dialect)
            yield (*path[:-1], f"{path[-1]}.absent"), dialect.types("bool")
        case PerPartyType(element=element):
            for party in parties:
                yield from _columns(element, (*path, party), parties, dialect)
        case SetType(element=element) | ListType(element=element):
            yield path, _list(element, parties, dialect)
        case _:
            yield path, _plain(type, dialect)


def _list(element: Type, parties: Sequence[str], dialect: Dialect) -> str:
    if not dialect.lists:
        raise Inexpressible(f"facts that are sets or lists are not written for {dialect.name}")
    if dialect.name != "duckdb":
        return dialect.types("list")
    if not isinstance(element, RecordType):
        return f"{_plain(element, dialect)}[]"
    return f"{_struct(element, parties, dialect)}[]"


def _struct(record: RecordType, parties: Sequence[str], dialect: Dialect) -> str:
    """A record in a list: a struct, with records in it and what is given for each party as structs."""
    fields = []
    for field in record.fields:
        for name, kind in _fields(field.name, field.type, parties, dialect):
            fields.append(f"{exp.to_identifier(name, quoted=True).sql(dialect.name)} {kind}")
    return f"STRUCT({', '.join(fields)})"


def _fields(name: str, type: Type, parties: Sequence[str], dialect: Dialect) -> Iterator[tuple[str, str]]:
    match type:
        case RecordType():
            yield name, _struct(type, parties, dialect)
        case AbsentType(element=element):
            yield from _fields(name, element, parties, dialect)
            yield f"{name}.absent", dialect.types("bool")
        case PerPartyType(element=element):
            each = [
                f"{exp.to_identifier(p, quoted=True).sql(dialect.name)} {_plain(element, dialect)}" for p in parties
            ]
            yield name, f"STRUCT({', '.join(each)})"
        case SetType(element=element) | ListType(element=element):
            yield name, _list(element, parties, dialect)
        case _:
            yield name, _plain(type, dialect)


def _plain(type: Type, dialect: Dialect) -> str:
    match type:
        case types.BoolType():
            return dialect.types("bool")
        case types.DateType():
            return dialect.types("date")
        case types.IntType() | types.MonthsType():
            return dialect.types("int")
        case types.NumberType() | types.PercentType() | types.MoneyType() | types.QuantityType():
            return dialect.types("number")
        case RecordType() | SetType() | ListType() | PerPartyType() | AbsentType():
            raise Inexpressible("a list of sets or lists is not a column in SQL")
        case _:
            return dialect.types("text")
