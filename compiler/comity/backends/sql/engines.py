"""Every dialect by its name: those whose statements the tests run, and those that are only written.

Example: `comity build --target sql --dialect snowflake` writes a statement, but not of facts that are lists.
"""

from __future__ import annotations

from sqlglot import exp

from comity.backends.sql.columns import Kind
from comity.backends.sql.dialects import Dialect, E, text
from comity.backends.sql.duckdb import DuckDB
from comity.backends.sql.errors import Inexpressible
from comity.backends.sql.postgres import Postgres
from comity.backends.sql.sqlite import SQLite


class Emitted(Dialect):
    """A dialect that is written but not run by tests: facts without sets and lists, and no arithmetic on days."""

    lists = False
    says_materialized = False
    heads_outside = False

    def __init__(self, name: str) -> None:
        self.name = name
        self.separator = "__" if name == "bigquery" else "."

    def types(self, kind: Kind) -> str:
        return "TEXT" if kind == "text" else super().types(kind)

    def wide(self, operand: E) -> E:
        return exp.cast(operand, "DECIMAL(38, 0)")

    def quotient(self, top: E, below: E) -> E:
        raise Inexpressible(f"rounding is not written for {self.name}")

    def matches(self, operand: E, pattern: str) -> E:
        """To Java, `$` is also before a line break at the end."""
        ending = r"\z" if self.name == "spark" else "$"
        return exp.RegexpLike(this=operand, expression=text(f"^({pattern}){ending}"))


DIALECTS: dict[str, Dialect] = {
    each.name: each
    for each in (DuckDB(), SQLite(), Postgres(), *(Emitted(name) for name in ("snowflake", "bigquery", "spark")))
}
