"""Engines that run what is written, and facts as rows for them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol

from comity.backends.sql.engines import DIALECTS
from comity.backends.sql.schema import columns_of
from comity.backends.sql.statement import DIGITS, FINDINGS
from comity.runtime.facts import Decoder
from comity.runtime.kleene import elements
from comity.runtime.types import AbsentType, ListType, PerPartyType, RecordType, SetType, Type
from comity.runtime.values import ABSENT

Row = Mapping[str, Any]
Answer = tuple[str | None, str, str | None]
"""Outcome, status and what is possible."""


class Engine(Protocol):
    name: str

    def run(self, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]], query: str) -> list[Any]: ...


class DuckDB:
    name = "duckdb"

    def run(self, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]], query: str) -> list[Any]:
        import duckdb

        with duckdb.connect() as connection:
            connection.execute(relation(columns))
            if rows:
                import pyarrow as pa

                schema = connection.table("facts_given").to_arrow_table().schema
                arrays = [pa.array(values, field.type) for field, *values in zip(schema, *rows, strict=True)]
                connection.register("given", pa.table(arrays, schema=schema))
                connection.execute("INSERT INTO facts_given SELECT * FROM given")
            return [tuple(map(joined, row)) for row in connection.execute(query).fetchall()]


class SQLite:
    name = "sqlite"

    def run(self, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]], query: str) -> list[Any]:
        connection = sqlite3.connect(":memory:")
        try:
            connection.execute(relation(columns))
            marks = ", ".join("?" * len(columns))
            connection.executemany(f"INSERT INTO facts_given VALUES ({marks})", rows)
            return connection.execute(query).fetchall()
        finally:
            connection.close()


ENGINES: tuple[Engine, ...] = (DuckDB(), SQLite())


def joined(value: Any) -> Any:
    """A list of names as those engines give it that have none."""
    return ",".join(value) if isinstance(value, list) else value


def relation(columns: Sequence[tuple[str, str]]) -> str:
    """The relation, its names quoted: they are this project's own, so plain quotes do."""
    return f"CREATE TABLE facts_given ({', '.join(f'{_quoted(name)} {kind}' for name, kind in columns)})"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def columns(engine: str, record: RecordType, parties: Sequence[str], findings: Sequence[str]) -> list[tuple[str, str]]:
    dialect = DIALECTS[engine]
    found = [("id", dialect.types("int")), *columns_of(record, parties, dialect)]
    return found + [(f"{FINDINGS}.{name}", dialect.types("text")) for name in findings]


class Rows:
    """Facts in their JSON form as rows of one engine's relation."""

    def __init__(self, engine: str, record: RecordType, parties: Sequence[str], findings: Sequence[str]) -> None:
        self.engine = engine
        self.record = record
        self.parties = parties
        self.findings = findings
        self.decoder = Decoder(record, parties=parties or None)
        self.columns = columns(engine, record, parties, findings)

    def row(self, number: int, facts: Mapping[str, object]) -> list[Any]:
        given = dict(facts)
        found = given.pop(FINDINGS, None) or {}
        assert isinstance(found, Mapping)
        value = self.decoder(given).value
        flat: dict[str, Any] = {"id": number}
        self._flatten(self.record, value, (), flat)
        for name in self.findings:
            finding = found.get(name)
            flat[f"{FINDINGS}.{name}"] = {True: "true", False: "false", None: None}.get(finding, finding)
        return [flat.get(name) for name, _ in self.columns]

    def _flatten(self, type: Type, value: Any, path: tuple[str, ...], into: dict[str, Any]) -> None:
        match type:
            case RecordType(fields=fields):
                for field in fields:
                    self._flatten(field.type, None if value is None else value[field.name], (*path, field.name), into)
            case AbsentType(element=element):
                absent = value is ABSENT
                into[".".join(path) + ".absent"] = None if value is None else self._bool(absent)
                self._flatten(element, None if absent else value, path, into)
            case PerPartyType(element=element):
                for party in self.parties:
                    self._flatten(element, (value or {}).get(party), (*path, party), into)
            case SetType(element=element) | ListType(element=element):
                found = None if value is None else [self._element(element, each) for each, _ in elements(value)]
                into[".".join(path)] = (
                    found if found is None or self.engine == "duckdb" else json.dumps(found, default=str)
                )
            case _:
                into[".".join(path)] = self._plain(type, value)

    def _bool(self, value: bool) -> Any:
        return int(value) if self.engine == "sqlite" else value

    def _element(self, type: Type, value: Any) -> Any:
        if not isinstance(type, RecordType):
            return self._plain(type, value)
        found: dict[str, Any] = {}
        for field in type.fields:
            self._put(field.name, field.type, value[field.name], found)
        return found

    def _put(self, name: str, type: Type, value: Any, into: dict[str, Any]) -> None:
        match type:
            case AbsentType(element=element):
                absent = value is ABSENT
                self._put(name, element, None if absent else value, into)
                into[f"{name}.absent"] = None if value is None else absent
            case RecordType():
                into[name] = None if value is None else self._element(type, value)
            case PerPartyType(element=element):
                into[name] = {party: self._plain(element, (value or {}).get(party)) for party in self.parties}
            case SetType(element=element) | ListType(element=element):
                into[name] = None if value is None else [self._element(element, each) for each, _ in elements(value)]
            case _:
                into[name] = self._plain(type, value)

    def _plain(self, type: Type, value: Any) -> Any:
        dialect = DIALECTS[self.engine]
        match value:
            case bool():
                return self._bool(value)
            case date():
                return value if self.engine == "duckdb" else value.isoformat()
            case int() | Fraction() if str(type) not in ("Int", "months"):
                scaled = Fraction(value) * 10**DIGITS
                assert scaled.denominator == 1
                if dialect.scaled:
                    return int(scaled)
                return Decimal(int(scaled)).scaleb(-DIGITS)
            case _:
                return value
