"""What the statements look like, and what they are refused for."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot

import comity
from comity.backends.sql.engines import DIALECTS
from comity.backends.sql.errors import Inexpressible
from comity.backends.sql.package import emit, table_statement
from comity.backends.sql.statement import statement
from comity.workspace.project import UsageError
from tests.core import text
from tests.sql.engines import joined

LICENCES = Path(__file__).parents[2] / "benchmarks" / "licences"

POLICY = """
enum Use:
    "What for"
    civil
    military

record Case as of day:
    day: Date
    use: Use
    value: Money in USD?
    name: Text?
    always value >= 0 USD

decision permit for Case:
    "May it go?"
    outcomes:
        prohibited
        licence
        free
    prevail by restriction
    otherwise free

rule arms for permit:
    when use == military
    then prohibited

rule dear for permit:
    from 2024-01-01
    when value > 5_000 USD
    then licence

rule named for permit:
    when name == "it's; DROP TABLE facts --"
    then licence
"""


def run(source: str, rows: str, **options: Any) -> list[tuple[Any, ...]]:
    """The answers of `m.permit` on DuckDB for rows written as VALUES."""
    program = text.interpreter(source).program
    decision = program.decisions["m.permit"]
    with duckdb.connect() as connection:
        connection.execute(table_statement(program, decision, "duckdb", "facts", ("id",), ()))
        connection.execute(f"INSERT INTO facts VALUES {rows}")
        query = statement(program, "m.permit", "duckdb", "facts", **options)
        return sorted(tuple(map(joined, row)) for row in connection.execute(query).fetchall())


def test_every_row_has_an_answer() -> None:
    rows = """
        (1, '2024-05-01', 'civil', 5000, NULL),
        (2, '2024-05-01', 'civil', 5000.01, NULL),
        (3, '2024-05-01', 'civil', NULL, NULL),
        (4, '2023-05-01', 'civil', NULL, 'x'),
        (5, '2024-05-01', 'military', NULL, NULL),
        (6, '2024-05-01', 'naval', 1, NULL),
        (7, NULL, 'civil', 1, NULL),
        (8, '2024-05-01', 'civil', -1, NULL),
        (9, '2024-05-01', 'civil', 1, 'it''s; DROP TABLE facts --')
    """
    assert run(POLICY, rows) == [
        (1, None, "undetermined", "licence,free"),
        (2, "licence", "determined", "licence"),
        (3, None, "undetermined", "licence,free"),
        (4, "free", "determined", "free"),
        (5, "prohibited", "determined", "prohibited"),
        (6, None, "refused", None),
        (7, None, "refused", None),
        (8, None, "refused", None),
        (9, "licence", "determined", "licence"),
    ]


def test_as_of_a_day() -> None:
    rows = "(1, '2024-05-01', 'civil', 6000, 'x')"
    assert run(POLICY, rows, as_of=date(2023, 1, 1)) == [(1, "free", "determined", "free")]


def test_the_same_program_gives_the_same_text() -> None:
    program = text.interpreter(POLICY).program
    again = text.interpreter(POLICY).program
    for dialect in DIALECTS:
        assert statement(program, "m.permit", dialect, "facts") == statement(again, "m.permit", dialect, "facts")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_reads_what_is_written(dialect: str) -> None:
    """What is not executed is parsed back, by the parser of the dialect."""
    program = comity.load(LICENCES).core
    for written in emit(program, dialect).values():
        (parsed,) = [each for each in sqlglot.parse(written, dialect=dialect) if each is not None]
        assert parsed.sql(dialect=dialect, pretty=True) == written.rstrip(";\n")


def test_no_expression_is_a_giant() -> None:
    """Look-ups are tables and what rules share is a column: no CASE over the rows of the chart."""
    written = statement(comity.load(LICENCES).core, "licences.licensing", "duckdb", "exports")
    parsed = sqlglot.parse_one(written, dialect="duckdb")
    assert max(len(case.args["ifs"]) for case in parsed.find_all(sqlglot.exp.Case)) <= 6


def test_a_fact_of_few_values_is_looked_up_once() -> None:
    """Tests, the chart and the check of the fact are one row: a join for each country, none for the chart."""
    written = statement(comity.load(LICENCES).core, "licences.licensing", "duckdb", "exports")
    joins = list(sqlglot.parse_one(written, dialect="duckdb").find_all(sqlglot.exp.Join))
    assert len(joins) == 2
    assert all("facts" in join.this.name for join in joins), joins


def test_conditions_are_worked_out_where_a_case_comes_to_them() -> None:
    """One stage at most between the look-ups and the outcome, which is worked out in the last SELECT."""
    written = statement(comity.load(LICENCES).core, "licences.licensing", "duckdb", "exports", columns=("outcome",))
    parsed = sqlglot.parse_one(written, dialect="duckdb")
    stages = [cte.alias for cte in parsed.find_all(sqlglot.exp.CTE) if cte.alias.startswith("facts")]
    assert stages in (["facts", "facts_1"], ["facts", "facts_1", "facts_2"])


def test_names_of_tables_and_keys_are_quoted() -> None:
    program = text.interpreter(POLICY).program
    written = statement(program, "m.permit", "duckdb", "main.facts", ('odd "key', "b"))
    with duckdb.connect() as connection:
        connection.execute(
            table_statement(program, program.decisions["m.permit"], "duckdb", "facts", ('odd "key', "b"), ())
        )
        assert connection.execute(written).fetchall() == []
        assert [column[0] for column in connection.description] == ['odd "key', "b", "outcome", "status", "possible"]


def test_what_cannot_be_said_names_the_clause() -> None:
    source = POLICY.replace("    value: Money", "    sizes: set of Int?\n    value: Money").replace(
        'when name == "it\'s; DROP TABLE facts --"', "when count(s in sizes | {1} where s > 0) > 1"
    )
    program = text.interpreter(source).program
    with pytest.raises(Inexpressible) as caught:
        statement(program, "m.permit", "duckdb", "facts")
    assert caught.value.span.line == next(n for n, line in enumerate(source.strip().splitlines(), 1) if "count" in line)
    assert str(caught.value).startswith("m.comity:")


def test_python() -> None:
    licensing = comity.load(LICENCES).decision("licensing")
    with duckdb.connect() as connection:
        connection.execute(licensing.sql_table(table="exports"))
        assert connection.execute(licensing.sql(table="exports")).fetchall() == []
    with pytest.raises(UsageError, match="there is no dialect `oracle`; there are duckdb, sqlite"):
        licensing.sql(dialect="oracle")


def test_a_decision_of_which_no_rule_shows_an_outcome() -> None:
    """Nothing is ever said: a gap in every row, not a statement that cannot be written."""
    source = """
record Case:
    urgent: Bool

decision permit for Case:
    "May it go?"
    outcomes:
        stop
        go
"""
    assert run(source, "(1, true), (2, NULL)") == [(1, None, "gap", ""), (2, None, "refused", None)]
