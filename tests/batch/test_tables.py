"""The kinds of tables that there are, and what becomes of rows that do not fit."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from comity.backends.batch import Answers, BatchDecision
from comity.core.interpret import Interpreter
from comity.runtime.errors import FactsError
from tests.batch.rows import differences
from tests.core import text

POLICY = """
enum Country:
    RU
    BY
    US
    DE

enum Use:
    civil
    military

record Person:
    country: Country
    listed: Bool?

record Item:
    eccn: Eccn?
    uses: set of Use?

record Export as of day:
    day: Date
    item: Item
    destination: Country?
    value: Money in USD?
    share: Percent?
    pieces: Int = 1
    name: Text?
    urgent: Bool
    parties: list of Person?
    always pieces > 0

decision licensing for Export:
    outcomes:
        prohibited
        license_required
        free
    prevail by restriction
    otherwise free

rule russia for licensing:
    from 2022-02-24
    when destination in {RU, BY}
    then prohibited

rule chips for licensing:
    when item.eccn within 3A001 and military in item.uses
    then prohibited

rule much for licensing:
    when value > 5_000 USD or share > 25% or pieces > 10
    then license_required

rule listed for licensing:
    when any p in parties: p.listed and p.country != US
    then license_required

rule named for licensing:
    when name == "ACME" and urgent
    then license_required

rule unclear for licensing:
    when urgent
    refer to counsel "Is it so?"
    then license_required
"""

ROWS: list[dict[str, Any]] = [
    {
        "day": date(2022, 3, 1), "item.eccn": "3A001.a", "item.uses": ["civil"], "destination": "RU", "value": 100,
        "share": 10, "pieces": 1, "name": "ACME", "urgent": False, "findings.unclear": None,
        "parties": [{"country": "US", "listed": True}],
    },
    {
        "day": date(2021, 3, 1), "item.eccn": "3A001.a", "item.uses": ["civil", "military"], "destination": "RU",
        "value": 5001, "share": 10, "pieces": 1, "name": "ACME", "urgent": False, "findings.unclear": None,
        "parties": [{"country": "US", "listed": None}, {"country": "DE", "listed": None}],
    },
    {
        "day": date(2022, 3, 1), "item.eccn": None, "item.uses": None, "destination": None, "value": None,
        "share": None, "pieces": 11, "name": None, "urgent": True, "findings.unclear": False, "parties": None,
    },
    {
        "day": date(2022, 3, 1), "item.eccn": "EAR99", "item.uses": [], "destination": "DE", "value": 5000,
        "share": 26, "pieces": 1, "name": "ＡＣＭＥ", "urgent": True, "findings.unclear": True, "parties": [],
    },
    {
        "day": date(2022, 3, 1), "item.eccn": "3A1", "item.uses": [], "destination": "XX", "value": 1,
        "share": 1, "pieces": 0, "name": "x", "urgent": True, "findings.unclear": None, "parties": [],
    },
    {
        "day": date(2022, 3, 1), "item.eccn": "EAR99", "item.uses": [], "destination": "DE", "value": 1,
        "share": 1, "pieces": 0, "name": "x", "urgent": True, "findings.unclear": None, "parties": [],
    },
]  # fmt: skip
UNITS = {"value": "USD", "share": "%"}


@pytest.fixture(scope="module")
def batch() -> BatchDecision:
    return BatchDecision(text.interpreter(POLICY), "m.licensing")


def as_json(row: dict[str, Any]) -> dict[str, Any]:
    """A row as facts in JSON."""
    facts: dict[str, Any] = {"item": {}, "findings": {}}
    for name, value in row.items():
        above, _, last = name.rpartition(".")
        if value is not None and name in UNITS:
            value = f"{value} {UNITS[name]}".replace(" %", "%")
        place = facts[above] if above else facts
        place[last] = value
    return facts


def arrow(rows: list[dict[str, Any]]) -> pa.Table:
    person = pa.struct([("country", pa.string()), ("listed", pa.bool_())])
    kinds = {"value": pa.decimal128(12, 2), "share": pa.int16(), "item.uses": pa.list_(pa.string()),
             "parties": pa.list_(person), "findings.unclear": pa.bool_()}  # fmt: skip
    columns = {}
    for name in rows[0]:
        values = [Decimal(v) if name == "value" and (v := row[name]) is not None else row[name] for row in rows]
        columns[name] = pa.array(values, kinds.get(name))
    return pa.table(columns)


def dictionary_encoded(rows: list[dict[str, Any]]) -> pa.Table:
    table = arrow(rows)
    for place, name in enumerate(table.column_names):
        if pa.types.is_string(table.column(name).type):
            table = table.set_column(place, name, table.column(name).dictionary_encode())
    return pa.concat_tables([table.slice(0, 2), table.slice(2)])


def numpy_columns(rows: list[dict[str, Any]]) -> dict[str, Any]:
    columns: dict[str, Any] = {name: np.array([row[name] for row in rows] + [None], object)[:-1] for name in rows[0]}
    columns["day"] = np.array([row["day"] for row in rows], "datetime64[D]")
    columns["urgent"] = np.array([row["urgent"] for row in rows])
    columns["pieces"] = np.array([row["pieces"] for row in rows], np.int32)
    values = [row["value"] for row in rows]
    columns["value"] = np.array([np.nan if value is None else value for value in values], float)
    masked = np.ma.masked_array([row["share"] or 0 for row in rows], [row["share"] is None for row in rows])
    columns["share"] = masked
    return columns


def offsets(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Lists as offsets and elements, where no list is unknown."""
    columns = numpy_columns(rows)
    lists = [row["parties"] or [] for row in rows]
    people = [person for each in lists for person in each]
    ends = np.cumsum([0, *(len(each) for each in lists)])
    columns["parties"] = (ends, {name: [person[name] for person in people] for name in ("country", "listed")})
    return columns


def pandas_frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype=object) for name in rows[0]})
    frame["destination"] = frame["destination"].astype("category")
    frame["day"] = pd.to_datetime(frame["day"])
    frame["value"] = pd.array([row["value"] for row in rows], dtype="Int64")
    frame["share"] = [np.nan if row["share"] is None else row["share"] for row in rows]
    return frame


KINDS: dict[str, Callable[[list[dict[str, Any]]], Any]] = {
    "Arrow": arrow,
    "Arrow, encoded, in pieces": dictionary_encoded,
    "NumPy": numpy_columns,
    "lists": lambda rows: {name: [row[name] for row in rows] for name in rows[0]},
    "pandas": pandas_frame,
    "Polars": lambda rows: pl.from_arrow(arrow(rows)),
    "rows": lambda rows: list(map(as_json, rows)),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [2, 100])
def test_a_table_says_what_its_rows_say(batch: BatchDecision, kind: str, size: int) -> None:
    table = KINDS[kind](ROWS)
    units = {} if kind == "rows" else UNITS
    if kind == "lists":
        table["value"] = [as_json(row)["value"] for row in ROWS]
        table["share"] = [as_json(row)["share"] for row in ROWS]
    answers = batch.decide(table, units=units, rows=size)
    rows = list(map(as_json, ROWS))
    assert differences(batch.interpreter, "m.licensing", rows, answers) == []
    assert answers["status"].tolist() == [
        "determined", "determined", "undetermined", "determined", "refused", "refused",
    ]  # fmt: skip
    assert answers["outcome"].tolist() == ["prohibited", "prohibited", None, "license_required", None, None]


def test_lists_may_be_offsets_and_elements(batch: BatchDecision) -> None:
    rows = [row for row in ROWS if row["parties"] is not None]
    answers = batch.decide(offsets(rows), units=UNITS)
    assert differences(batch.interpreter, "m.licensing", list(map(as_json, rows)), answers) == []


def test_what_is_refused_is_a_row(batch: BatchDecision) -> None:
    """Every wrong fact is named, as for one input; the other rows are decided."""
    answers = batch.decide(arrow(ROWS), units=UNITS)
    assert answers.counts() == {"prohibited": 2, "license_required": 1, "undetermined": 1, "refused": 2}
    reasons = answers["reason"].tolist()
    assert reasons[:4] == [None] * 4
    assert "item.eccn" in reasons[4] and "destination" in reasons[4]
    assert "always" in reasons[5]


def test_plain_numbers_have_no_unit(batch: BatchDecision) -> None:
    """Is 26 an amount in dollars or in euros, and 25 a percentage? Nobody guesses."""
    answers = batch.decide(arrow(ROWS[:1]))
    assert answers["status"].tolist() == ["refused"]
    assert 'an amount such as "5000 USD"' in answers["reason"][0]


def test_a_binary_float_decides_nothing(batch: BatchDecision) -> None:
    columns = {**numpy_columns(ROWS[:1]), "share": np.array([10.1])}
    answers = batch.decide(columns, units=UNITS)
    assert answers["status"].tolist() == ["refused"]
    whole = batch.decide({**columns, "share": np.array([26.0])}, units=UNITS)
    assert whole["status"].tolist() == ["determined"]


@pytest.mark.parametrize("numbers", [[5000, 5001], [2**61, 2**61 + 1], [10**17, -(10**17)]])
def test_numbers_are_exact_however_large(batch: BatchDecision, numbers: list[int]) -> None:
    """5,000 and 5,001 cents are told apart, and nothing overflows."""
    rows = [{**ROWS[3], "share": 1, "value": number} for number in numbers]
    columns = {**numpy_columns(rows), "value": np.array(numbers)}
    answers = batch.decide(columns, units=UNITS)
    assert differences(batch.interpreter, "m.licensing", list(map(as_json, rows)), answers) == []


def test_columns_that_are_no_facts_are_named(batch: BatchDecision) -> None:
    table = arrow(ROWS).append_column("destinaton", pa.array(["x"] * len(ROWS)))
    with pytest.raises(FactsError, match=r"destinaton.*did you mean `destination`"):
        batch.decide(table, units=UNITS)
    kept = batch.decide(table, units=UNITS, keep=["destinaton"])
    assert kept.codes.tolist() == batch.decide(arrow(ROWS), units=UNITS).codes.tolist()
    with pytest.raises(FactsError, match="`valu`"):
        batch.decide(arrow(ROWS), units={"valu": "USD"})


def test_a_fact_that_is_kept_is_read_as_well(batch: BatchDecision) -> None:
    plain = batch.decide(arrow(ROWS), units=UNITS).codes.tolist()
    assert batch.decide(arrow(ROWS), units=UNITS, keep=["destination", "item"]).codes.tolist() == plain


@pytest.mark.parametrize("table", [3, {"day": 3}, {"day": [1], "urgent": [True, False]}, np.zeros(3)])
def test_what_is_no_table_is_refused(batch: BatchDecision, table: Any) -> None:
    with pytest.raises(FactsError):
        batch.decide(table)


def test_explanations_are_columns(batch: BatchDecision) -> None:
    answers: Answers = batch.decide(arrow(ROWS), units=UNITS, explain=True)
    assert answers["rules"].tolist()[:2] == [("russia",), ("chips",)]
    assert answers["needs"].tolist()[2][:3] == ("item.eccn", "item.uses", "destination")
    table = answers.to_arrow()
    assert table.column("needs").to_pylist()[0] == []
    assert table.column("outcome").to_pylist() == answers["outcome"].tolist()


@pytest.mark.parametrize("name", ["outcome", "status", "possible", "reason", "needs", "citations"])
def test_no_column_is_kept_that_the_answers_have(batch: BatchDecision, name: str) -> None:
    rows = [{**as_json(row), name: "x"} for row in ROWS]
    with pytest.raises(FactsError, match=f'`keep`: expected names that no column of the answers has, got "{name}"'):
        batch.decide(rows, keep=["id", name], explain=True)
    if name in ("needs", "citations"):  # only an explanation has these
        assert (
            batch.decide(rows, keep=[name])["status"].tolist() == batch.decide([*map(as_json, ROWS)])["status"].tolist()
        )


def test_progress_is_told(batch: BatchDecision) -> None:
    told: list[tuple[int, int]] = []
    batch.decide(arrow(ROWS), units=UNITS, rows=4, progress=lambda done, of: told.append((done, of)))
    assert told == [(4, 6), (6, 6)]


def test_what_was_learnt_may_be_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    from comity.backends.batch import decide

    monkeypatch.setattr(decide, "REMEMBERED", 1)
    batch = BatchDecision(Interpreter(text.interpreter(POLICY).program), "m.licensing")
    rows = list(map(as_json, ROWS)) * 3
    assert differences(batch.interpreter, "m.licensing", rows, batch.decide(rows, rows=4)) == []


def test_lists_may_be_json_text(batch: BatchDecision) -> None:
    rows = list(map(as_json, ROWS[:2]))
    columns = {name: [row[name] for row in rows] for name in rows[0] if name != "parties"}
    columns["parties"] = [json.dumps(row["parties"]) for row in rows]
    assert differences(batch.interpreter, "m.licensing", rows, batch.decide(columns)) == []
