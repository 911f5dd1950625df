"""How fast the SQL of a policy decides, beside SQL written by hand for the same policy, on DuckDB.

    python benchmarks/sql.py [--rows 1000000] [--sizes 10,100,1000,10000] [--threads 1] [--check]

The policy and the shipments are those of `benchmarks/predicates.py`. All statements must give the outcome of
`licences/by_hand.py` on the first 5,000 shipments, and the same as each other on all rows, before anything is timed;
then they take turns, in one process, and the best of several rounds counts, in processor time. Ratios are to SQL by
hand with the same columns, that checks no facts or makes the checks that Comity makes; `--check` fails where one to the
second is below `TARGET`. `--sizes`: policies of so many rules, each in a process of its own: how long its statement
takes to write and to plan, and then a row; 500 rows are compared with the interpreter.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

ROUNDS = 7
TARGET = 0.7
"""The least ratio to SQL written by hand."""

BY_HAND = """
WITH facts AS (
    SELECT
        e.*,
        destination IN ('AU', 'CA', 'GB', 'JP', 'NZ', 'US') AS to_partner,
        chart.country IS NOT NULL AND eccn <> 'EAR99' AS charted
    FROM exports AS e
    LEFT JOIN chart ON chart.country = e.destination AND chart.reason = e.reason
)
SELECT
    id,
    CASE
        WHEN destination IN ('CU', 'IR', 'KP', 'SY') AND NOT deemed THEN 'prohibited'
        WHEN "use" IN ('nuclear', 'missile') AND NOT to_partner THEN 'prohibited'
        WHEN listed_party THEN 'license_required'
        WHEN date >= DATE '2022-02-24' AND destination IN ('RU', 'BY')
            AND (eccn = '3A001' OR eccn LIKE '3A001.%' OR eccn = '4A003' OR eccn LIKE '4A003.%')
            THEN 'license_required'
        WHEN "use" = 'military' AND NOT to_partner THEN 'license_required'
        WHEN origin <> 'US' AND us_content > 0.25 AND NOT to_partner THEN 'license_required'
        WHEN charted THEN CASE
            WHEN to_partner AND (value <= 5000 OR government) THEN 'exception_available'
            WHEN temporary AND reason <> 'missile_technology' THEN 'exception_available'
            WHEN encryption AND "use" = 'civil' AND (eccn = '5A002' OR eccn LIKE '5A002.%') THEN 'exception_available'
            ELSE 'license_required'
        END
        ELSE 'free'
    END AS outcome
FROM facts
"""

FAULTS = r"""
        WHEN date IS NULL OR eccn IS NULL
            OR NOT regexp_full_match(eccn, 'EAR99|[0-9][A-E][0-9]{3}(\.[a-z](\.([a-z]|[1-9][0-9]?))*)?')
            OR reason IS NULL
            OR reason NOT IN ('national_security', 'regional_stability', 'missile_technology', 'terrorism')
            OR origin IS NULL OR origin NOT IN (SELECT country FROM countries)
            OR destination IS NULL OR destination NOT IN (SELECT country FROM countries)
            OR "use" IS NULL OR "use" NOT IN ('civil', 'military', 'nuclear', 'missile')
            OR value IS NULL OR us_content IS NULL OR deemed IS NULL OR listed_party IS NULL
            OR temporary IS NULL OR government IS NULL OR encryption IS NULL
        THEN NULL
"""
"""What a careful author would refuse before deciding."""

CHECKED = BY_HAND.replace("    CASE\n", f"    CASE{FAULTS}", 1)

WITH_ALL_COLUMNS = """
SELECT
    id,
    outcome,
    CASE WHEN outcome IS NULL THEN 'refused' ELSE 'determined' END AS status,
    CASE WHEN outcome IS NOT NULL THEN [outcome] END AS possible
FROM ({by_hand})
"""


def load(connection: duckdb.DuckDBPyConnection, rows: int) -> list[str]:
    """Make the tables; returns the outcomes of the first shipments."""
    import numpy as np
    import pyarrow as pa
    from licences import by_hand
    from predicates import ROWS, shipments

    import comity

    licensing = comity.load(ROOT / "benchmarks" / "licences").decision("licensing")
    connection.execute(licensing.sql_table(table="exports"))
    plain = [facts for facts, _ in shipments(ROWS)]
    values = {name: [facts[name] for facts in plain] for name in plain[0]}
    values["us_content"] = [each / 100 for each in values["us_content"]]
    given = pa.table({"n": np.arange(ROWS), **values})
    columns = ", ".join(f'"{name}"' for name in values)
    connection.register("given", given)
    connection.execute(
        f"INSERT INTO exports (id, {columns}) "
        f"SELECT copies.i * {ROWS} + n, {columns} FROM given, range({-(-rows // ROWS)}) AS copies(i)"
    )
    marked = [(country, reason) for country, reasons in by_hand.CHART.items() for reason in reasons]
    connection.execute("CREATE TABLE chart (country VARCHAR, reason VARCHAR)")
    connection.executemany("INSERT INTO chart VALUES (?, ?)", marked)
    connection.execute("CREATE TABLE countries (country VARCHAR)")
    countries = licensing.core.record.field("destination").type.members
    connection.executemany("INSERT INTO countries VALUES (?)", [(each,) for each in countries])
    return [by_hand.outcome(facts) for facts in plain]


def seconds(connection: duckdb.DuckDBPyConnection, statement: str) -> float:
    """Processor time to decide all rows into a table, as one would keep the answers."""
    start = time.process_time()
    connection.execute(f"CREATE OR REPLACE TEMP TABLE answers AS {statement}")
    return time.process_time() - start


MANY = 40_000_000
"""Rows times rules that are decided of policies of many rules."""


def scale(size: int, threads: int) -> None:
    """One policy of many rules: written, planned, and decided."""
    from predicates import exports, policy_of
    from tests.sql.engines import Rows, relation

    from comity.backends.sql.statement import statement
    from comity.core.interpret import Interpreter

    program = policy_of(size)
    (decision,) = program.decisions.values()
    start = time.process_time()
    written = statement(program, decision.qname, "duckdb", "facts_given")
    writing = time.process_time() - start
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    given = exports(size)
    rows = Rows("duckdb", decision.record, program.party_names, ())
    copies = max(2, min(100, MANY // size // len(given)))
    with duckdb.connect() as connection:
        connection.execute(f"SET threads = {threads}")
        connection.execute(relation(rows.columns))
        marks = ", ".join("?" * len(rows.columns))
        planning = seconds(connection, written)
        table = [rows.row(number, facts) for number, facts in enumerate(given)]
        connection.executemany(f"INSERT INTO facts_given VALUES ({marks})", table)
        names = ", ".join(f'"{name}"' for name, _ in rows.columns if name != "id")
        connection.execute(
            f"INSERT INTO facts_given (id, {names}) "
            f"SELECT id + i * {len(given)}, {names} FROM facts_given, range(1, {copies}) AS copies(i)"
        )
        taken = seconds(connection, written) - planning
        said = dict(connection.execute("SELECT id, outcome FROM answers WHERE id < 500").fetchall())
    interpreter = Interpreter(program)
    for number, facts in enumerate(given[:500]):
        assert said[number] == interpreter.decide_json(decision.qname, facts).outcome, facts
    print(
        f"{size:6} rules: written in {writing:.2f} s ({len(written) / 1e6:.2f} MB of text, peak {grown:.0f} MB), "
        f"planned in {planning:.2f} s, {1e6 * taken / (copies * len(given)):.1f} us a row",
        flush=True,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--sizes", default="10,100,1000,10000")
    parser.add_argument("--size", type=int, help="this one alone, in this process")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if options.size:
        scale(options.size, options.threads)
        return 0
    import comity

    licensing = comity.load(ROOT / "benchmarks" / "licences").decision("licensing")
    written = licensing.sql(table="exports")
    alone = licensing.sql(table="exports", columns=("outcome",))
    statements = {
        "by hand, unchecked": BY_HAND,
        "by hand, checked": CHECKED,
        "of the policy": alone,
        "by hand, unchecked, all columns": WITH_ALL_COLUMNS.format(by_hand=BY_HAND),
        "by hand, checked, all columns": WITH_ALL_COLUMNS.format(by_hand=CHECKED),
        "of the policy, all columns": written,
    }
    with duckdb.connect() as connection:
        connection.execute(f"SET threads = {options.threads}")
        expected = load(connection, options.rows)
        for statement in statements.values():
            first = connection.execute(
                f"SELECT outcome FROM ({statement}) WHERE id < {len(expected)} ORDER BY id"
            ).fetchall()
            assert [outcome for (outcome,) in first] == expected
        (differing,) = connection.execute(
            f"SELECT COUNT(*) FROM ({BY_HAND}) AS a JOIN ({written}) AS b USING (id) "
            "WHERE a.outcome IS DISTINCT FROM b.outcome OR b.status <> 'determined'"
        ).fetchone() or (None,)
        assert differing == 0, differing
        (rows,) = connection.execute("SELECT COUNT(*) FROM exports").fetchone() or (0,)
        best = dict.fromkeys(statements, float("inf"))
        for _ in range(ROUNDS):
            for name, statement in statements.items():
                best[name] = min(best[name], seconds(connection, statement))
    missed = []
    for name, taken in best.items():
        ending = ", all columns" if name.endswith(", all columns") else ""
        ratios = [best[f"by hand, {kind}{ending}"] / taken for kind in ("unchecked", "checked")]
        print(f"{name:32} {rows / taken:12,.0f} rows a second {ratios[0]:8.2f} {ratios[1]:8.2f}")
        if name.startswith("of the policy") and ratios[1] < TARGET:
            missed.append(f"missed: {name}: {ratios[1]:.2f} < {TARGET}")
    print(*missed, sep="\n", end="\n" if missed else "", flush=True)
    failed = False
    for size in filter(None, options.sizes.split(",")):
        command = [sys.executable, __file__, "--size", size, "--threads", str(options.threads)]
        failed |= subprocess.run(command).returncode != 0
    return int(failed or (options.check and bool(missed)))


if __name__ == "__main__":
    sys.exit(main())
