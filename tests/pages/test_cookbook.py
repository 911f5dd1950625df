"""Each recipe of the cookbook is a program that has no errors and no findings, and whose tests pass."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import comity
from comity.core.interpret import Interpreter
from comity.pipeline.driver import build
from comity.tools.testing import run_tests
from comity.tools.testing_acts import RUNNERS
from comity.workspace.project import select

PAGE = (Path(__file__).parents[2] / "docs" / "cookbook.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```comity\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PREAMBLE, *SECTIONS = re.split(r"^## ", PAGE, flags=re.MULTILINE)
FACTS = BLOCK.findall(PREAMBLE)[0]
RECIPES = {section.partition("\n")[0]: "".join(BLOCK.findall(section)) for section in SECTIONS}
"""By heading."""


def write(folder: Path, recipe: str) -> Path:
    """Write a recipe beside the facts that it may use."""
    (folder / "facts.comity").write_text(FACTS, encoding="utf-8")
    path = folder / "recipe.comity"
    path.write_text(recipe, encoding="utf-8")
    return path


@pytest.mark.parametrize("heading", RECIPES)
def test_a_recipe_has_no_findings(heading: str, tmp_path: Path) -> None:
    found = comity.lint(write(tmp_path, RECIPES[heading]))
    assert not found, [(d.code, d.message, d.span.line) for d in found]


@pytest.mark.parametrize("heading", RECIPES)
def test_the_tests_in_a_recipe_pass(heading: str, tmp_path: Path) -> None:
    made = build(select([write(tmp_path, RECIPES[heading])])[0])
    run = run_tests(Interpreter(made.program), None, RUNNERS)
    assert len(run.results) == RECIPES[heading].count('\ntest "')
    assert all(result.status == "passed" for result in run.results), run.results


def test_there_is_one_recipe_under_each_heading() -> None:
    assert [len(BLOCK.findall(section)) for section in SECTIONS] == [1] * len(SECTIONS)
    assert len(SECTIONS) == len(RECIPES) >= 12


@pytest.mark.parametrize(
    ("heading", "old", "new", "code"),
    [
        ("Mirrored commitments", "RUSSIA can produce", "RUSSIA cannot produce", "R302"),
        ("Mirrored commitments", "    RUSSIA can produce or flight_test", "    # ", "R307"),
        (
            "A red line",
            "    US_SIDE can",
            "    commitment forces by US_SIDE:\n        shall not deploy Troops when location == PL\n\n    US_SIDE can",
            "R303",
        ),
        ("Parity, and a ceiling per party", "        parity per party\n", "", "R301"),
        (
            "Start high, stay high",
            "    lift when",
            "    after 30 days:\n        impose export_ban on {financial_system}\n    lift when",
            "S401",
        ),
        ("Start high, stay high", "on {microelectronics}\n", "on {microelectronics} by US\n", "S403"),
        ("A text superseded by a later one", "until 2022-04-07", "until 2022-03-31", "L213"),
    ],
    ids=lambda value: value if re.fullmatch(r"[LRS]\d{3}", value) else "",
)
def test_a_finding_that_a_recipe_names_is_found(heading: str, old: str, new: str, code: str, tmp_path: Path) -> None:
    """The recipe's text says which mistake the linter points out; here it is made."""
    section = next(section for section in SECTIONS if section.startswith(heading + "\n"))
    assert code in BLOCK.sub("", section)
    assert RECIPES[heading].count(old) == 1
    found = comity.lint(write(tmp_path, RECIPES[heading].replace(old, new)))
    assert code in {d.code for d in found}, [(d.code, d.message) for d in found]
