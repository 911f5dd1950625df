"""Tables in a built package: what its own `answer` says of each row, and what the API says of the table."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from comity.backends.batch import Answers, BatchDecision
from comity.backends.python import emit
from comity.core.ast import Program
from comity.core.interpret import Interpreter
from tests import shared
from tests.backends import generate
from tests.backends.loading import imported
from tests.batch.test_equal import tables
from tests.batch.test_tables import POLICY
from tests.content.transactions import Transactions
from tests.core import text

ALONE = """
import json, sys
sys.modules["comity"] = None  # any import of the compiler fails
sys.path.insert(0, sys.argv[1])
from importlib import import_module

asked = json.load(sys.stdin)
alone = []
for package, decision, columns, day in asked:
    module = import_module(f"{package}.{decision}")
    alone.append([])
    for values in zip(*columns.values()):
        try:
            answer = module.answer(dict(zip(columns, values)), as_of=day)
            status = answer.error or ("determined" if answer.determined else "undetermined")
            alone[-1].append([answer.outcome, status, list(answer.possible), answer.reason or None])
        except import_module(package).FactsError as error:
            alone[-1].append([None, "refused", [], str(error)])
loaded = [name for name in sys.modules if name.partition(".")[0] == "numpy" or "._reference.batch" in name]
assert not loaded, f"only tables need {loaded}"

import numpy as np
together = []
for package, decision, columns, day in asked:
    table = {name: np.empty(len(values), object) for name, values in columns.items()}
    for name, values in columns.items():
        table[name][:] = values
    answers = import_module(f"{package}.{decision}").decide_batch(table, as_of=day)
    together.append(list(zip(*(answers[name].tolist() for name in answers))))
print(json.dumps(list(zip(alone, together))))
"""
"""Decides columns in a process of its own: each row by itself, then all together."""


def columns_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Rows as columns; what a row leaves out is unknown there."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def listed(answers: Answers) -> list[list[Any]]:
    """The rows of the answers, as JSON gives them back."""
    rows = list(zip(*(answers[name].tolist() for name in answers), strict=True))
    found: list[list[Any]] = json.loads(json.dumps(rows))
    return found


def write(program: Program, package: str, folder: Path) -> None:
    for path, content in emit(program, package).items():
        file = folder / package / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")


def decide_alone(folder: Path, asked: Sequence[Any]) -> list[Any]:
    """What packages in ``folder`` say: of each row by itself, and of all together."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", ALONE, str(folder)],
        input=json.dumps(asked, default=str), capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said: list[Any] = json.loads(done.stdout)
    return said


def known(about: Any, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows without what can be no column."""
    names = {field.name for field in about.record.fields} | {"findings"}
    return [{name: value for name, value in row.items() if name in names} for row in rows]


def test_random_policies_without_the_compiler(tmp_path: Path) -> None:
    """Unknown facts, refused ones, findings, decisions that read each other, definitions that fail."""
    asked, expected = [], []
    for seed in range(12):
        random = Random(seed)
        program = generate.program(random)
        write(program, f"built{seed}", tmp_path)
        for about, table, day in tables(random, program, 20):
            columns = json.loads(json.dumps(columns_of(known(about, table)), default=str))
            asked.append((f"built{seed}", about.name, columns, day))
            expected.append(listed(BatchDecision(Interpreter(program), about.qname).decide(columns, as_of=day)))
    seen: Counter[str] = Counter()
    for (alone, together), want in zip(decide_alone(tmp_path, asked), expected, strict=True):
        assert together == alone
        assert together == want
        seen.update(status for _, status, _, _ in together)
    assert set(seen) == {"determined", "undetermined", "gap", "contradiction", "refused"}


def test_the_ear_without_the_compiler() -> None:
    program = shared.ear()
    draw = Transactions(11)
    rows: list[Any] = [draw.export() for _ in range(40)]
    rows.append({**rows[0], "item": {**rows[0]["item"], "eccn": "3A01"}})
    columns = json.loads(json.dumps(columns_of(rows), default=str))
    expected = program.decision("licensing").decide_batch(columns)
    ((alone, together),) = decide_alone(shared.ear_package(), [("compiled_ear", "licensing", columns, None)])
    assert together == alone
    assert together == listed(expected)
    assert len(expected.counts()) > 2 and expected["status"][-1] == "refused"


@pytest.mark.parametrize("seed", [*range(8), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(8, 200))])
def test_random_policies(seed: int) -> None:
    """Rows as JSON has them, explained."""
    random = Random(seed)
    program = generate.program(random)
    with imported(program) as package:
        for about, table, day in tables(random, program, 20):
            answers = getattr(package, about.name).decide_batch(table, as_of=day, explain=True)
            expected = BatchDecision(Interpreter(program), about.qname).decide(table, as_of=day, explain=True)
            assert listed(answers) == listed(expected)


def test_what_it_takes() -> None:
    """Keywords mean what they mean in the API."""
    program = text.interpreter(POLICY).program
    table = {
        "id": [1, 2], "day": np.array(["2022-03-01"] * 2, "datetime64[D]"), "value": np.array([5000, 5001]),
        "item.eccn": ["EAR99"] * 2, "item.uses": [[], []], "urgent": np.zeros(2, bool), "destination": ["DE", "RU"],
        "share": ["0%"] * 2, "parties": [[], []], "name": ["A", "B"],
    }  # fmt: skip
    told: list[tuple[int, int]] = []
    with imported(program) as package:
        decide = package.licensing.decide_batch
        answers = decide(table, keep=["id"], units={"value": "USD"}, progress=lambda *each: told.append(each))
        assert answers["outcome"].tolist() == ["free", "prohibited"]
        assert told == [(2, 2)]
        earlier = decide(table, keep=["id"], units={"value": "USD"}, as_of="2022-02-23")
        assert earlier["outcome"].tolist() == ["free", "license_required"]
        with pytest.raises(package.FactsError, match="must be named in `keep`"):
            decide(table, units={"value": "USD"})
        with pytest.raises(package.FactsError, match="names that no column of the answers has"):
            decide({**table, "reason": ["", ""]}, keep=["id", "reason"], units={"value": "USD"})


def test_without_numpy_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    install = pytest.raises(ModuleNotFoundError, match="pip install numpy")
    with imported(text.interpreter(POLICY).program) as package, install:
        package.licensing.decide_batch({})


def test_an_outcome_or_definition_may_have_the_name_of_what_is_carried() -> None:
    source = """
record Case:
    a: Bool

define in_columns for Case:
    a

decision permit for Case:
    outcomes:
        decide_batch
        free
    otherwise free

rule r for permit:
    when in_columns
    then decide_batch
"""
    with imported(text.interpreter(source).program) as package:
        permit = package.permit
        assert permit.decide_batch({"a": [True, False]})["outcome"].tolist() == ["decide_batch", "free"]
        assert permit.decide_batch_({"a": True}) is True
        assert package.definitions.in_columns({"a": True}) is True
