"""Each recipe of the cookbook is a program with the facts that it begins with, and has no errors and no findings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import comity

PAGE = Path(__file__).parents[2] / "docs" / "cookbook.md"
FACTS, *RECIPES = re.findall(r"^```comity\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("number", range(len(RECIPES)))
def test_a_recipe_has_no_findings(number: int, tmp_path: Path) -> None:
    (tmp_path / "facts.comity").write_text(FACTS, encoding="utf-8")
    (tmp_path / "recipe.comity").write_text(RECIPES[number], encoding="utf-8")
    found = comity.lint(tmp_path / "recipe.comity")
    assert not found, [(d.code, d.message, d.span.line) for d in found]


def test_there_is_a_recipe_under_each_heading() -> None:
    headings = re.findall(r"^## ", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(headings) == len(RECIPES) + 1
