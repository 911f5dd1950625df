"""A book of shipments in partitioned Parquet, decided on Spark.

    python examples/spark/decide.py BOOK OUT [--make]

``--make`` writes a small book first, as books are: partitioned by destination, most rows in one partition (skew), and
one partition whose amounts are in another currency. Its rows are refused, each with its reason, and stay rows; the job
does not fail, and nothing is decided about them.
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import date
from pathlib import Path
from typing import Any

import comity

ROOT = Path(__file__).resolve().parents[2]
SHARES = {"CN": 900, "DE": 60, "CU": 30, "GB": 10}
"""Rows by destination."""


def make(spark: Any, book: str) -> None:
    """Write a book of a thousand shipments."""
    rows = []
    for destination, count in SHARES.items():
        for number in range(count):
            currency = "GBP" if destination == "GB" else "USD"
            rows.append(
                {
                    "id": f"{destination}{number}",
                    "date": date(2024, 5, 1),
                    "eccn": ("EAR99", "3A001.a.5", "5A002.a")[number % 3],
                    "reason": "national_security",
                    "origin": "US",
                    "destination": destination,
                    "value": f"{1000 * (number % 10)} {currency}",
                    "use": ("civil", "civil", "military")[number % 3],
                    "us_content": "10%",
                    **dict.fromkeys(("deemed", "listed_party", "temporary", "government", "encryption"), False),
                }
            )
    spark.createDataFrame(rows).write.partitionBy("destination").parquet(book, mode="overwrite")


def decide(spark: Any, book: str, out: str) -> dict[str, int]:
    """Decide a book, write the answers, and count them by outcome or status."""
    licensing = comity.load(ROOT / "benchmarks" / "licences").decision("licensing")
    shipments = spark.read.parquet(book)
    # Partitions on disk are as uneven as the business; the work is shared out evenly first.
    shared = shipments.repartition(2 * spark.sparkContext.defaultParallelism)
    licensing.spark(shared, keep=["id"]).select("id", "outcome", "status", "reason").write.parquet(
        out, mode="overwrite"
    )
    answers = spark.read.parquet(out)
    counted = answers.selectExpr("coalesce(outcome, status) said").groupBy("said").count().collect()
    return {row["said"]: row["count"] for row in counted}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("book")
    parser.add_argument("out")
    parser.add_argument("--make", action="store_true")
    options = parser.parse_args()
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # workers need comity[batch] too
    builder = SparkSession.builder.master("local[2]").config("spark.driver.host", "127.0.0.1")
    spark = builder.getOrCreate()
    if options.make:
        make(spark, options.book)
    for said, count in sorted(decide(spark, options.book, options.out).items()):
        print(f"{count:6} {said}")
    spark.stop()


if __name__ == "__main__":
    main()
