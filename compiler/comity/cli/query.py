"""`comity query`: a decision's answers for every value of a fact."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import chain
from pathlib import Path

import click

from comity.base.diagnostics import Report
from comity.base.source import SourceFile
from comity.cli.output import (
    color_option,
    program_paths,
    project_option,
    quiet_option,
    read_day,
    show_diagnostics,
    verbose_option,
    width_of,
)
from comity.cli.streams import note
from comity.cli.tables import table
from comity.core.interpret import Interpreter
from comity.linter.formats import to_json
from comity.pipeline.driver import Build, build_one
from comity.pipeline.programs import find
from comity.runtime.errors import FactsError
from comity.runtime.facts import loads_json
from comity.runtime.types import RecordType
from comity.terms import And, Term
from comity.tools.query import QueryError, Row, query


@click.command("query")
@click.argument("decision")
@click.option(
    "--where", multiple=True, metavar="CONDITION", help="Condition that every input meets; repeatable, all must hold."
)
@click.option(
    "--by", multiple=True, required=True, metavar="PATH", help="Fact to go through all values of; repeatable."
)
@click.option("--facts", metavar="FILE", help="Facts that hold throughout, as JSON; - is standard input.")
@click.option("--as-of", callback=read_day, metavar="DATE", help="Decide as of DATE.")
@click.option(
    "--format", "format_name", type=click.Choice(["table", "csv", "json"]), default="table", help="Output format."
)
@project_option
@quiet_option
@color_option
@verbose_option
def command(
    decision: str,
    where: tuple[str, ...],
    by: tuple[str, ...],
    facts: str | None,
    as_of: date | None,
    format_name: str,
    project: str | None,
    quiet: bool,
    verbose: bool,
) -> int:
    """Show what DECISION answers for every value of a fact. Facts that nothing fixes are unknown."""
    made = build_one(program_paths(project))
    chosen = find("decision", decision, made.program.decisions)
    condition = _conditions(made, chosen.record, where)
    try:
        given = None if facts is None else _given(facts)
        rows = query(Interpreter(made.program), chosen, condition, by, given, as_of)
        first = next(rows, None)  # what is wrong with the question shows before anything is written
        rows = chain(() if first is None else (first,), rows)
        if format_name == "json":
            said = " and ".join(f"({each})" if len(where) > 1 else each for each in where) or None
            shown = [row.to_json() for row in rows]
            sys.stdout.write(to_json({"decision": chosen.name, "where": said, "by": list(by), "rows": shown}) + "\n")
        elif format_name == "csv":
            _write_csv(by, rows)
        else:
            sys.stdout.writelines(line + "\n" for line in _table(by, list(rows), width_of(sys.stdout)))
    except QueryError as error:
        raise click.UsageError(str(error)) from None
    except FactsError as error:
        raise click.UsageError(f"the facts that hold throughout cannot be read: {error}") from None
    if first is None and not quiet:
        note("no input is left by the conditions")
    return 0


def _given(facts: str) -> dict[str, object]:
    read = loads_json(sys.stdin.buffer.read() if facts == "-" else Path(facts).read_bytes())
    if not isinstance(read, dict):
        raise click.UsageError("the facts that hold throughout are one JSON object")
    return read


def _conditions(made: Build, record: RecordType, where: Sequence[str]) -> Term | None:
    """All conditions as one."""
    conditions = tuple(_condition(made, record, each) for each in where)
    return And(conditions) if len(conditions) > 1 else next(iter(conditions), None)


def _condition(made: Build, record: RecordType, where: str) -> Term:
    """The checked condition; what is wrong with it is shown, and is wrong use."""
    from comity.checked.check import check_condition
    from comity.surface.parse import parse_condition

    source = SourceFile("--where", "", where)
    report = Report()
    expr = parse_condition(source, report)
    term = None if expr is None else check_condition(made.checked, record, expr, report, source)
    if term is None or report.has_errors:
        show_diagnostics(report.sorted(), {"--where": source})
        raise click.exceptions.Exit(2)
    return term


def _cells(by: Sequence[str], row: Row) -> list[str]:
    document = row.to_json()
    values = [_text(document[path]) for path in by]
    outcome = document["outcome"] or document.get("error") or "undetermined"
    rules = document["rules"]
    possible = document.get("possible", [])
    assert isinstance(rules, list) and isinstance(possible, list)
    needs = document.get("needs", [])
    assert isinstance(needs, list)
    return [
        *values,
        str(outcome),
        ", ".join(map(str, rules)),
        ", ".join(map(str, possible)),
        ", ".join(map(str, needs)),
    ]


def _text(value: object) -> str:
    if isinstance(value, dict):  # {"absent": true}
        return "absent"
    return str(value).lower() if isinstance(value, bool) else str(value)


HEADER = ("outcome", "rules", "possible", "needs")


def _write_csv(by: Sequence[str], rows: Iterable[Row]) -> None:
    """Row by row, since there may be very many."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([*by, *HEADER])
    writer.writerows(_cells(by, row) for row in rows)


def _table(by: Sequence[str], rows: Sequence[Row], width: int | None) -> Iterator[str]:
    """Rows in columns; columns that are empty throughout are left out."""
    lines = [[*by, *HEADER], *(_cells(by, row) for row in rows)]
    kept = [n for n in range(len(lines[0])) if n < len(by) + 1 or any(line[n] for line in lines[1:])]
    return table([[line[n] for n in kept] for line in lines], len(by) + 1, width)
