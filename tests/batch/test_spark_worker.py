"""What a worker of Spark does with batches of Arrow, without Spark."""

from __future__ import annotations

import pickle
from pathlib import Path

import pyarrow as pa

import comity
from comity.backends.spark import deciding

LICENCES = Path(__file__).parents[2] / "benchmarks" / "licences"


def test_batches_are_decided_in_plain_text() -> None:
    """Each batch by itself, with the columns kept; one without rows is left out."""
    decision = comity.load(LICENCES).decision("licensing")
    flags = dict.fromkeys(("deemed", "listed_party", "temporary", "government", "encryption"), False)
    facts = {"date": "2024-05-01", "eccn": "3A001.a.5", "reason": "national_security", "origin": "US", "use": "civil"}
    rows = [
        {"id": number, **facts, "destination": country, "value": "4999 USD", "us_content": "10%", **flags}
        for number, country in enumerate(("DE", "CU", "XX", "CA"))
    ]
    given = pa.Table.from_pylist(rows).combine_chunks().to_batches(max_chunksize=3)
    work = deciding(pickle.dumps(decision.program.core), decision.core.qname, None, False, ("id",), {})
    made = list(work(iter([given[0].slice(0, 0), *given])))
    assert [batch.num_rows for batch in made] == [3, 1]
    kinds = {"id": pa.int64(), "outcome": pa.string(), "status": pa.string()}
    kinds |= {"possible": pa.list_(pa.string()), "reason": pa.string()}
    assert all(dict(zip(batch.schema.names, batch.schema.types, strict=True)) == kinds for batch in made)
    answers = [row for batch in made for row in batch.to_pylist()]
    expected = decision.decide_batch(pa.Table.from_pylist(rows), keep=["id"])
    assert [row["id"] for row in answers] == [0, 1, 2, 3]
    for name in ("outcome", "status", "reason"):
        assert [row[name] for row in answers] == expected[name].tolist()
    assert [tuple(row["possible"]) for row in answers] == expected["possible"].tolist()
    assert answers[1]["outcome"] == "prohibited" and answers[2]["status"] == "refused"
