"""All limits of the analysis are in one place, with a unit and a reason, and are read where they apply."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from comity.analysis import limits

from .test_many_contradictions import found, policy

ANALYSIS = Path(limits.__file__).parent
NOT_LIMITS = {"RESTART", "UNEVEN", "FALSE", "TRUE"}
"""Whole numbers that belong to an algorithm or to the calendar: nothing is given up because of them."""


def test_no_other_module_has_a_limit_of_its_own() -> None:
    for file in sorted(ANALYSIS.rglob("*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and any(
                isinstance(each, ast.Constant) and type(each.value) is int for each in ast.walk(node.value)
            ):
                names = [each.id for each in ast.walk(node.targets[0]) if isinstance(each, ast.Name)]
                wrong = {name for name in names if re.match(r"(MOST|FEW|MANY)|.*STEPS", name)} - NOT_LIMITS
                assert not wrong, f"{file}:{node.lineno}: {wrong} belongs into analysis/limits.py"


@pytest.mark.parametrize("limit", limits.documented(), ids=lambda limit: limit.name)
def test_every_limit_says_what_it_is_for_and_is_read(limit: limits.Limit) -> None:
    assert limit.value > 0 and limit.unit and limit.reason.endswith(".")
    readers = [file for file in ANALYSIS.rglob("*.py") if f"limits.current.{limit.name}" in file.read_text("utf-8")]
    assert readers, "nothing reads it"


def test_only_limits_that_there_are_have_been_measured() -> None:
    assert limits.MEASURED.keys() <= {limit.name for limit in limits.documented()}


def test_a_limit_can_be_lowered_and_comes_back() -> None:
    usual = len(found(policy(8, 4)))
    with limits.changed(shown_contradictions=1, counted_pairs=1):
        assert limits.current.shown_contradictions == 1
        fewer = len(found(policy(8, 4)))
    assert fewer < usual == len(found(policy(8, 4)))
    assert limits.current == limits.Limits()
