"""How fast the SQL of a policy decides, beside SQL written by hand for the same policy, on DuckDB.

    python benchmarks/sql.py [--rows 1000000] [--threads 1] [--check]

The policy and the shipments are those of `benchmarks/predicates.py`. Both statements must give the outcome of
`licences/by_hand.py` on the first 5,000 shipments, and the same as each other on all rows, before anything is timed;
then they take turns, and the best of several rounds counts. The statement written by hand checks no facts and knows no
unknown ones; that of the policy does, and also says what is possible. `--check` fails where the ratio is below
`TARGET`.
"""

from __future__ import annotations

import argparse
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
    return [by_hand.outcome(facts) for facts in plain]


def seconds(connection: duckdb.DuckDBPyConnection, statement: str) -> float:
    """Processor time to decide all rows into a table, as one would keep the answers."""
    start = time.process_time()
    connection.execute(f"CREATE OR REPLACE TEMP TABLE answers AS {statement}")
    return time.process_time() - start


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    import comity

    licensing = comity.load(ROOT / "benchmarks" / "licences").decision("licensing")
    written = licensing.sql(table="exports")
    statements = {"by hand": BY_HAND, "of the policy": written}
    with duckdb.connect() as connection:
        connection.execute(f"SET threads = {options.threads}")
        expected = load(connection, options.rows)
        for statement in statements.values():
            first = connection.execute(
                f"SELECT outcome FROM ({statement}) WHERE id < {len(expected)} ORDER BY id"
            ).fetchall()
            assert [outcome for (outcome,) in first] == expected
        (differing,) = connection.execute(
            f"SELECT COUNT(*) FROM ({statements['by hand']}) AS a JOIN ({statements['of the policy']}) AS b USING (id) "
            "WHERE a.outcome IS DISTINCT FROM b.outcome OR b.status <> 'determined'"
        ).fetchone() or (None,)
        assert differing == 0, differing
        (rows,) = connection.execute("SELECT COUNT(*) FROM exports").fetchone() or (0,)
        best = dict.fromkeys(statements, float("inf"))
        for _ in range(ROUNDS):
            for name, statement in statements.items():
                best[name] = min(best[name], seconds(connection, statement))
    for name, taken in best.items():
        print(f"{name:16} {rows / taken:14,.0f} rows a second {best['by hand'] / taken:8.2f}")
    ratio = best["by hand"] / best["of the policy"]
    if options.check and ratio < TARGET:
        print(f"missed: {ratio:.2f} < {TARGET}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
