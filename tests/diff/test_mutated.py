"""Mutated copies of what is shipped are caught: a widened set, a dropped exception, a shifted date.

The policies of export control by `diff`, which must name the mutated declaration and the right direction; the
agreements and responses by what the linter proves of them; the starter project by its proof, too.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

import comity
from comity.core import ast as core
from comity.pipeline import driver
from comity.tools import diff as comparing
from comity.tools.diff import diff
from comity.workspace.project import Selection, select

ROOT = Path(__file__).parents[2]
STARTER = Path(comity.__file__).parent / "starter"


@pytest.fixture(scope="module")
def policies() -> Selection:
    return select([ROOT / "policies"])[0]


@pytest.fixture(scope="module")
def ear(policies: Selection) -> core.Program:
    return driver.build(policies).program


def mutated(selection: Selection, module: str, after: str, old: str, new: str) -> driver.Build:
    """The project with the first ``old`` after some text of a module replaced."""
    text = selection.project.files[module].read_text(encoding="utf-8")
    start = text.index(old, text.index(after))
    changed = text[:start] + new + text[start + len(old) :]
    made = driver.build(selection, {module: (f"{module}.comity", changed.encode())})
    assert not made.errors
    return made


def without_the_ear(selection: Selection) -> Selection:
    """The project without its largest part, which no agreement and no response reads."""
    files = {name: file for name, file in selection.project.files.items() if not name.startswith("ear.")}
    return replace(selection, project=replace(selection.project, files=files))


EAR = {
    "a widened set": ("ear.russia", "set COALITION", "NZ, PL", "NZ, CN, PL", "COALITION", "loosens"),
    "a shifted date": (
        "ear.embargoes",
        "rule donetsk_and_luhansk",
        "from 2022-02-24",
        "from 2022-03-24",
        "donetsk_and_luhansk",
        "loosens",
    ),
    "a dropped exception": (
        "ear.embargoes",
        "rule north_korea for",
        "    unless item.food_or_medicine\n",
        "",
        "north_korea",
        "tightens",
    ),
}


@pytest.mark.parametrize(
    "what",
    [
        "a dropped exception",
        pytest.param("a widened set", marks=pytest.mark.slow),
        pytest.param("a shifted date", marks=pytest.mark.slow),
    ],
)
def test_the_ear(what: str, policies: Selection, ear: core.Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "MOST_TRIED", 1_000)
    module, after, old, new, subject, direction = EAR[what]
    made = mutated(policies, module, after, old, new)
    licensing = next(qname for qname, each in ear.decisions.items() if each.name == "licensing")
    found = diff(ear, made.program, [(licensing, licensing)])
    assert not found.same
    assert any(subject in change.subjects and change.direction == direction for change in found.changes), [
        (change.subjects, change.direction) for change in found.changes
    ]


AGREEMENTS = {
    "a widened prohibition": (
        "geneva.talks",
        "commitment missiles_in_return",
        "when offensive and location == RETURN_ZONE",
        "when location == RETURN_ZONE",
        "R301",
    ),
    "a dropped exception": (
        "treaties.cfe",
        "commitment tanks_of_group_2",
        "battle_tank and not excepted",
        "battle_tank",
        "R301",
    ),
    "a shifted date": ("treaties.cfe", "commitment tanks_of_group_2", "from 1996-03-09", "from 1997-03-09", "R301"),
    "a measure that ends": (
        "responses.severe_costs",
        "at once:",
        "impose export_ban on {critical_industry}",
        "impose export_ban on {critical_industry} for 90 days",
        "S402",
    ),
    "a member less": (
        "responses.severe_costs",
        "at once:",
        "impose financial_sanctions on {financial_system}",
        "impose financial_sanctions on {financial_system} by US, EU_SIDE, GB, CA",
        "S403",
    ),
    "a measure that comes later": (
        "responses.severe_costs",
        "at once:",
        "        impose export_ban on {critical_industry}\n",
        "        impose listing on {critical_industry}\n    after 30 days:\n"
        "        impose export_ban on {critical_industry}\n    at once:\n",
        "S401",
    ),
}


@pytest.mark.parametrize("what", AGREEMENTS)
def test_agreements_and_responses(what: str, policies: Selection) -> None:
    module, after, old, new, code = AGREEMENTS[what]
    made = mutated(without_the_ear(policies), module, after, old, new)
    config = replace(made.project.config, select=("R", "S"), ignore=())
    made = replace(made, project=replace(made.project, config=config))
    assert code in {finding.code for finding in driver.findings(made)}


def starter(tmp_path: Path, old: str, new: str) -> tuple[driver.Build, driver.Build]:
    text = next(STARTER.rglob("licensing.comity")).read_text(encoding="utf-8")
    assert old in text
    made = []
    for name, each in (("before", text), ("after", re.sub(re.escape(old), lambda _: new, text, count=1))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "comity.toml").write_text("", encoding="utf-8")
        (tmp_path / name / "licensing.comity").write_text(each, encoding="utf-8")
        made.append(driver.build(select([tmp_path / name])[0]))
        assert not made[-1].errors
    return made[0], made[1]


@pytest.mark.parametrize(
    ("old", "new", "subject", "direction"),
    [
        ("from 2022-03-02", "from 2022-03-12", "russia", "loosens"),
        ("destination == RU\n", "destination in {RU, DE}\n", "russia", "tightens"),
        ("eccn != EAR99\n", "eccn not in {EAR99, 3A001.a}\n", "russia", "loosens"),
    ],
)
def test_the_starter_by_diff(tmp_path: Path, old: str, new: str, subject: str, direction: str) -> None:
    before, after = starter(tmp_path, old, new)
    found = diff(before.program, after.program, [("licensing.licensing", "licensing.licensing")])
    assert found.changes and not found.open
    assert {(change.subjects[0], change.direction) for change in found.changes} == {(subject, direction)}


def test_the_starter_by_its_proof(tmp_path: Path) -> None:
    before, after = starter(tmp_path, "when listed\n", "when listed and value > 100 USD\n")
    assert "L210" not in {finding.code for finding in driver.findings(before)}
    assert "L210" in {finding.code for finding in driver.findings(after)}
