"""How fast a frame of Spark is decided, beside Spark SQL written by hand for the same policy.

    python benchmarks/spark.py [--rows 1000000]

Needs PySpark (`requirements/spark.txt`) and Java; Spark runs in this machine, on one core, and listens on 127.0.0.1.
The policy and the shipments are those of `benchmarks/predicates.py`. Every way must give the outcome of
`licences/by_hand.py` on all rows before anything is timed; then they take turns. Times are of the processor: of the
driver, its Java and its Python workers together.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks"), str(ROOT / "compiler")]

ROUNDS = 5


def spent() -> float:
    """Processor seconds of this process and all below it that are still there."""
    parents: dict[int, tuple[int, int]] = {}
    for each in Path("/proc").iterdir():
        if each.name.isdigit():
            try:
                words = (each / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it ended meanwhile
            parents[int(each.name)] = int(words[1]), sum(map(int, words[11:15]))
    wanted = {os.getpid()}
    total, last = 0, -1
    while last != len(wanted):
        last = len(wanted)
        wanted |= {process for process, (parent, _) in parents.items() if parent in wanted}
    total = sum(ticks for process, (_, ticks) in parents.items() if process in wanted)
    return total / os.sysconf("SC_CLK_TCK")


def session(folder: str) -> Any:
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT / "compiler"), os.environ.get("PYTHONPATH", "")])
    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
    builder = builder.config("spark.sql.warehouse.dir", folder).config("spark.log.level", "ERROR")
    return builder.getOrCreate()


def load(spark: Any, folder: str, rows: int) -> list[str]:
    """Makes the views `exports` and `chart`; returns the outcomes of the first shipments, which are repeated."""
    import numpy as np
    import pyarrow as pa
    from licences import by_hand
    from predicates import ROWS, shipments
    from pyarrow import parquet

    plain = [facts for facts, _ in shipments(ROWS)]
    few = pa.Table.from_pylist(plain)
    days = pa.array(np.array(few["date"].to_pylist(), "datetime64[D]"))
    shares = pa.compute.cast(pa.compute.divide(few["us_content"], 100.0), pa.float64())
    decimal = pa.decimal128(18, 4)
    few = few.set_column(few.column_names.index("date"), "date", days)
    few = few.set_column(few.column_names.index("us_content"), "us_content", shares.cast(decimal))
    few = few.set_column(
        few.column_names.index("value"), "value", few["value"].cast(pa.decimal128(19, 0)).cast(decimal)
    )
    table = few.take(np.arange(rows) % ROWS).append_column("id", pa.array(np.arange(rows)))
    parquet.write_table(table, f"{folder}/exports.parquet", row_group_size=100_000)
    spark.read.parquet(f"{folder}/exports.parquet").createOrReplaceTempView("exports")
    marked = [(country, reason) for country, reasons in by_hand.CHART.items() for reason in reasons]
    spark.createDataFrame(marked, "country string, reason string").cache().createOrReplaceTempView("chart")
    return [by_hand.outcome(facts) for facts in plain]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    try:
        import pyspark
    except ImportError:
        print("missing: pyspark")
        return 0
    from pyspark.sql import functions

    import comity

    licensing = comity.load(ROOT / "benchmarks" / "licences").decision("licensing")
    from sql import BY_HAND

    with tempfile.TemporaryDirectory() as folder:
        spark = session(folder)
        expected = load(spark, folder, options.rows)
        plain = spark.table("exports").withColumn("us_content", functions.expr("CAST(us_content * 100 AS INT)"))
        units = {"value": "USD", "us_content": "%"}
        ways: dict[str, Any] = {
            "Spark SQL by hand, unchecked": spark.sql(BY_HAND.replace('"use"', "`use`")),
            "of the policy, Arrow": licensing.spark(plain, keep=["id"], units=units).select("id", "outcome"),
            "of the policy, SQL": spark.sql(licensing.sql("spark", table="exports", columns=("outcome",))),
            "of the policy, SQL, all columns": spark.sql(licensing.sql("spark", table="exports")),
        }
        print(f"pyspark {pyspark.__version__}")
        best = {}
        for name, frame in ways.items():
            said = frame.select("id", "outcome").toPandas()
            outcomes = said.sort_values("id")["outcome"].tolist()
            assert len(outcomes) == options.rows, name
            assert all(each == expected[n % len(expected)] for n, each in enumerate(outcomes)), name
            best[name] = float("inf")
        for _ in range(ROUNDS):
            for name, frame in ways.items():
                start = spent()
                frame.write.format("noop").mode("overwrite").save()
                best[name] = min(best[name], spent() - start)
        spark.stop()
    base = next(iter(best.values()))
    for name, taken in best.items():
        print(f"{name:34} {options.rows / taken:12,.0f} rows a second {base / taken:8.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
