"""The code blocks of the language reference are one program: it checks, and its tests pass."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import comity
from comity.core.interpret import Interpreter
from comity.linter.runner import order
from comity.pipeline.driver import Build, build
from comity.tools.testing import run_tests
from comity.workspace.project import select

REFERENCE = Path(__file__).parents[2] / "docs" / "language.md"
COLUMNS = "CB1 CB2 CB3 NP1 NP2 NS1 NS2 MT1 RS1 RS2 FC1 CC1 CC2 CC3 AT1 AT2".split()
GROUPS = "A1 A2 A3 A4 A5 A6 B D1 D2 D3 D4 D5 E1 E2".split()


def row(name: str, label: str, marked: str, among: list[str], *more: str) -> str:
    return ",".join([name, label, *("X" if column in marked.split() else "" for column in among), *more])


TABLES = {
    "data/country_chart.csv": [
        ",".join(["iso2", "name", *COLUMNS, "footnotes"]),
        row("RU", "Russia", "NS1 NS2 RS1 AT1", COLUMNS, "6"),
        row("CN", "China", "NS1 NS2 RS1", COLUMNS, ""),
        row("CA", "Canada", "", COLUMNS, ""),
    ],
    "data/country_groups.csv": [
        ",".join(["iso2", "name", *GROUPS]),
        row("RU", "Russia", "D1 D5", GROUPS),
        row("KP", "North Korea", "D1 D5 E1", GROUPS),
        row("CA", "Canada", "A1 B", GROUPS),
    ],
    "data/ccl.csv": [
        "eccn,columns,lvs_limit,gbs,heading",
        "3A001,NS2;RS1;AT1,5000 USD,true,Electronic items",
        "4A994,AT1,,,Computers",
        "EAR99,,,,Everything else",
    ],
}


def blocks(text: str) -> list[str]:
    return re.findall(r"^```comity\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Build:
    folder = tmp_path_factory.mktemp("reference")
    (folder / "data").mkdir()
    for name, rows in TABLES.items():
        (folder / name).write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "language.comity").write_text("\n".join(blocks(REFERENCE.read_text(encoding="utf-8"))), encoding="utf-8")
    return build(select([folder])[0])


def test_the_reference_checks(reference: Build) -> None:
    assert [f"{d.span.line}: {d.code} {d.message}" for d in sorted(reference.diagnostics, key=order)] == []


def test_the_tests_in_the_reference_pass(reference: Build) -> None:
    run = run_tests(Interpreter(reference.program))
    failed = [result for result in run.results if result.status in ("failed", "error")]
    assert not failed and run.passed >= 2


def test_every_diagnostic_is_named_in_the_reference_or_its_index() -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    for code in re.findall(r"\b[ELRSH]\d{3}\b", text):
        assert code in comity.base.diagnostics.CODES


def test_chips_to_russia(reference: Build) -> None:
    """What the page says of its example, through the interpreter."""
    interpreter = Interpreter(reference.program)
    facts = {
        "item": {"eccn": "3A001.a", "origin": "US", "us_content": None},
        "shipped_from": "US",
        "destination": "RU",
        "value": "10000 USD",
        "date": "2022-03-01",
        "parties": [{"role": "consignee", "country": "RU"}],
        "stated_purpose": "absent",
    }
    answer = interpreter.decide_json("language.licensing", facts)
    assert answer.outcome == "license_required" and answer.defaults == ("parties[0].listed",)
    assert {rule.name for rule in answer.rules if rule.status == "decides"} == {
        "russia_ccl", "chart_control[NS2]", "chart_control[RS1]", "chart_control[AT1]"
    }  # fmt: skip
    cuba = interpreter.decide_json("language.licensing", {**facts, "destination": "CU", "date": "2021-01-01"})
    assert not cuba.determined and set(cuba.needs) == {"chart[CU, NS2]", "chart[CU, RS1]", "chart[CU, AT1]"}
