"""A frame of Spark is decided as the interpreter decides its rows, on a real Spark that listens on this machine only.

Run with `python scripts/dev.py spark`, which installs PySpark; skipped where that or Java is missing.
"""

from __future__ import annotations

import json
import os
import runpy
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import comity
from comity.runtime.errors import FactsError
from tests.batch.rows import interpreted
from tests.content.transactions import Transactions

pytest.importorskip("pyspark", reason="PySpark is not installed: python scripts/dev.py spark")
if shutil.which("java") is None:
    pytest.skip("there is no Java, which Spark needs", allow_module_level=True)

pytestmark = [
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # sockets that Spark's driver leaves to be collected
]

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
        .getOrCreate()
    )
    yield session
    session.stop()


def test_the_ear(spark: Any, tmp_path: Path) -> None:
    """Structs, lists and findings, most facts unknown."""
    draw = Transactions(9)
    rows = [draw.export() for _ in range(60)]
    table = pa.Table.from_pylist(rows).append_column("number", pa.array(range(len(rows))))
    from pyarrow import parquet

    parquet.write_table(table, tmp_path / "in.parquet")
    program = comity.load(ROOT / "policies" / "ear")
    licensing = program.decision("licensing")
    frame = spark.read.parquet(str(tmp_path / "in.parquet")).repartition(3)
    answers = {row["number"]: row for row in licensing.spark(frame, keep=["number"]).collect()}
    assert len(answers) == len(rows)
    for number, facts in enumerate(rows):
        want, got = interpreted(program.interpreter, licensing.core.qname, facts), answers[number]
        assert (got["outcome"], got["status"], tuple(got["possible"])) == (want.outcome, want.status, want.possible)


def test_the_example(spark: Any, tmp_path: Path) -> None:
    """The partition that does not fit is refused rows; all others are decided."""
    example = runpy.run_path(str(ROOT / "examples" / "spark" / "decide.py"))
    book, out = str(tmp_path / "book"), str(tmp_path / "out")
    example["make"](spark, book)
    counts = example["decide"](spark, book, out)
    assert counts["refused"] == 10
    assert sum(counts.values()) == sum(example["SHARES"].values())
    refused = spark.read.parquet(out).where("status = 'refused'").collect()
    assert {row["id"] for row in refused} == {f"GB{number}" for number in range(10)}
    assert all('"GBP' not in row["reason"] and "USD" in row["reason"] for row in refused)
    assert all(row["outcome"] is None for row in refused)


def test_a_column_that_is_no_fact_is_named_before_anything_runs(spark: Any) -> None:
    decision = comity.load(ROOT / "benchmarks" / "licences").decision("licensing")
    frame = spark.createDataFrame([{"destinaton": "DE"}])
    with pytest.raises(FactsError, match=r"destinaton"):
        decision.spark(frame)


def test_answers_may_be_explained(spark: Any, tmp_path: Path) -> None:
    example = runpy.run_path(str(ROOT / "examples" / "spark" / "decide.py"))
    example["make"](spark, str(tmp_path / "book"))
    decision = comity.load(ROOT / "benchmarks" / "licences").decision("licensing")
    frame = spark.read.parquet(str(tmp_path / "book")).where("id = 'CU2'")
    (row,) = decision.spark(frame, keep=["id"], explain=True).collect()
    assert row["rules"] == ["embargo"]
    assert json.loads(json.dumps(row["citations"])) == ["1(1)"]


def test_the_statement_says_what_it_says_on_duckdb(spark: Any) -> None:
    """Also of facts that are none: texts that nearly fit, NULLs, members that there are not."""
    import duckdb

    decision = comity.load(ROOT / "benchmarks" / "licences").decision("licensing")
    names = ["id", *(field.name for field in decision.core.record.fields)]
    sound = [1, "2024-05-01", "3A001.a.5", "terrorism", "CN", "DE", "4999", "civil", "0.30", *[False] * 5]
    rows = [sound]
    odd: dict[str, tuple[Any, ...]] = {
        "date": (None, "2022-02-23", "0001-01-01"),
        "eccn": (None, "EAR99", "EAR99\n", "3A001\n", "3A0010", "3A001xa", "3A001.a.", "3a001", "", "4A003.b"),
        "reason": (None, "Terrorism", "missile_technology"),
        "destination": (None, "XX", "CU", "RU", "US", "de"),
        "use": (None, "nuclear", "military"),
        "value": (None, "5000.0001", "-1"),
        "us_content": (None, "0.25", "0.2501"),
        "deemed": (None, True),
        "listed_party": (None, True),
        "temporary": (True,),
    }
    for name, values in odd.items():
        for value in values:
            rows.append([value if name == each else old for each, old in zip(names, sound, strict=True)])
            rows[-1][0] = len(rows)
    with duckdb.connect() as connection:
        connection.execute(decision.sql_table(table="exports"))
        connection.executemany(f"INSERT INTO exports VALUES ({', '.join('?' * len(names))})", rows)
        expected = connection.execute(decision.sql(table="exports", columns=("outcome", "status"))).fetchall()
    given = [f"CAST(`{name}` AS {kind}) AS `{name}`" for name, kind in TYPES.items()]
    texts = [[row[0], *(None if each is None else str(each) for each in row[1:])] for row in rows]
    frame = spark.createDataFrame(texts, ", ".join(["id long", *(f"`{name}` string" for name in names[1:])]))
    frame.selectExpr("id", *given).createOrReplaceTempView("exports")
    said = spark.sql(decision.sql("spark", table="exports", columns=("outcome", "status"))).collect()
    assert sorted(map(tuple, said)) == sorted(expected)
    assert {status for _, _, status in expected} == {"determined", "refused"}


TYPES = {
    "date": "DATE",
    **dict.fromkeys(("eccn", "reason", "origin", "destination"), "STRING"),
    "value": "DECIMAL(18, 4)",
    "use": "STRING",
    "us_content": "DECIMAL(18, 4)",
    **dict.fromkeys(("deemed", "listed_party", "temporary", "government", "encryption"), "BOOLEAN"),
}
"""The columns of a shipment, as Spark has them."""
