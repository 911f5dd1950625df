"""`comity eval --table`: files in, files out."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pyarrow import parquet

from comity.cli import main
from tests.batch.test_tables import POLICY, ROWS, arrow, as_json

EXPECTED = ["prohibited", "prohibited", "", "license_required", "", ""]
STATUSES = ["determined", "determined", "undetermined", "determined", "refused", "refused"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "comity.toml").write_text("", encoding="utf-8")
    (tmp_path / "m.comity").write_text(POLICY.lstrip(), encoding="utf-8")
    parquet.write_table(arrow(ROWS), tmp_path / "in.parquet")
    with (tmp_path / "in.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps({"id": n, **as_json(row)}, default=str) + "\n" for n, row in enumerate(ROWS))
    with (tmp_path / "in.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", *ROWS[0]])
        for number, row in enumerate(ROWS):
            facts = as_json(row)
            cells = [facts.get(name, row[name]) for name in row]
            writer.writerow([number, *map(cell, cells)])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def cell(value: Any) -> str:
    """A value as a spreadsheet holds it."""
    if isinstance(value, bool | list):
        return json.dumps(value)
    return "" if value is None else str(value)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["eval", "licensing", "--table", *arguments], standalone_mode=False)


UNITS = ("--unit", "value=USD", "--unit", "share=%")


def test_parquet(project: Path) -> None:
    result = run("in.parquet", "-o", "out.parquet", *UNITS, "--keep", "name", "--keep", "destination")
    assert result.return_value == 1, result.output  # two rows are refused
    assert result.stderr == "6 rows: 2 prohibited, 1 license_required, 1 undetermined, 2 refused\n"
    table = parquet.read_table("out.parquet")
    assert table.column_names == ["name", "destination", "outcome", "status", "possible", "reason"]
    assert [each or "" for each in table.column("outcome").to_pylist()] == EXPECTED
    assert table.column("status").to_pylist() == STATUSES
    assert table.column("possible").to_pylist()[2] == ["prohibited", "license_required"]


def test_csv(project: Path) -> None:
    result = run("in.csv", "-o", "out.csv", "--keep", "id", "--keep", "destination")
    assert result.return_value == 1, result.output
    with (project / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == list("012345")
    with (project / "in.csv").open(encoding="utf-8", newline="") as file:
        assert [row["destination"] for row in rows] == [row["destination"] for row in csv.DictReader(file)]
    assert [row["outcome"] for row in rows] == EXPECTED
    assert [row["status"] for row in rows] == STATUSES
    assert rows[2]["possible"] == "prohibited,license_required"


def test_json_lines(project: Path) -> None:
    result = run("in.jsonl", "-o", "out.jsonl", "--keep", "id", "--keep", "destination", "--explain")
    assert result.return_value == 1, result.output
    rows = [json.loads(line) for line in (project / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["outcome"] or "" for row in rows] == EXPECTED
    assert rows[0]["rules"] == ["russia"]
    assert rows[2]["needs"][0] == "item.eccn"


def test_a_table_without_a_wrong_row(project: Path) -> None:
    parquet.write_table(arrow(ROWS[:3]), project / "well.parquet")
    result = run("well.parquet", "-o", "out.csv", *UNITS, "-q")
    assert (result.return_value, result.stderr) == (0, "")


def test_rows_of_several_chunks(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from comity.cli import eval_table

    monkeypatch.setattr(eval_table, "ROWS", 2)
    for name in ("in.parquet", "in.csv", "in.jsonl"):
        kept = () if name == "in.parquet" else ("--keep", "id")
        assert run(name, "-o", "out.parquet", *(UNITS if not kept else ()), *kept).return_value == 1
        assert parquet.read_table("out.parquet").column("status").to_pylist() == STATUSES


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["in.parquet"], "name the file for the answers"),
        (["in.parquet", "-o", "in.parquet"], "cannot take the place"),
        (["in.parquet", "-o", "out.xlsx"], "out.xlsx: tables are .csv, .parquet, .jsonl files"),
        (["in.csv", "-o", "out.csv"], "`id`"),
        (["in.csv", "-o", "out.csv", "--keep", "nr"], "has no such column"),
        (["n.csv", "-o", "out.csv", "--keep", "status"], "`keep`: expected names that no column of the answers has"),
        (["n.csv", "-o", "out.csv", "--explain", "--keep", "rules"], 'got "rules"; rename the column in the table'),
        (["in.parquet", "-o", "out.csv", "--unit", "value"], "write COLUMN=UNIT"),
        (["m.csv", "-o", "out.csv"], "line 2"),
        (["m.parquet", "-o", "out.csv"], "is not a Parquet file"),
        (["m.jsonl", "-o", "out.csv"], "object 1"),
        (["in.parquet", "-o", "out.csv", "--facts", "-"], "--table takes no --facts"),
    ],
)
def test_wrong_use_writes_nothing(project: Path, arguments: list[str], message: str) -> None:
    for name in ("m.csv", "m.parquet", "m.jsonl"):
        (project / name).write_text("a,b\n1\n", encoding="utf-8")
    (project / "n.csv").write_text("status,rules\n1,2\n", encoding="utf-8")
    before = sorted(path.name for path in project.iterdir())
    result = run(*arguments)
    assert result.exception is not None and message in str(getattr(result.exception, "message", result.exception))
    assert sorted(path.name for path in project.iterdir()) == before
