"""The flagged examples give exactly the findings that are recorded (scripts/record_reciprocity.py writes them)."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest

from comity.core.interpret import Interpreter
from comity.linter.formats import to_json
from comity.pipeline.driver import build
from comity.tools.testing import run_tests
from comity.tools.testing_acts import RUNNERS
from comity.workspace.project import select

ROOT = Path(__file__).parents[2]
RECORD = runpy.run_path(str(ROOT / "scripts" / "record_reciprocity.py"))
EXPECTED = json.loads((ROOT / "examples" / "flagged" / "expected.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def found() -> list[dict[str, object]]:
    return json.loads(to_json(RECORD["findings"]()))  # type: ignore[no-any-return]


def test_exactly_what_is_recorded(found: list[dict[str, object]]) -> None:
    assert found == EXPECTED


def test_the_drafts_are_flagged_as_our_reading_of_them_says(found: list[dict[str, object]]) -> None:
    """`mirror` in the records of the drafts: one-sided articles, formal ones, and vacuous ones."""
    codes: dict[tuple[object, object], set[object]] = {}
    for finding in found:
        subjects = finding["subjects"]
        assert isinstance(subjects, list)
        codes.setdefault((finding["path"], subjects[0]), set()).add(finding["code"])
    one_sided = {"draft_us.comity": ["enlargement", "bases"], "draft_nato.comity": ["enlargement", "activities"]}
    vacuous = {"draft_us.comity": ["forces", "missiles", "nuclear_weapons"], "draft_nato.comity": ["forces"]}
    formal = {"draft_us.comity": ["attacks", "bombers"], "draft_nato.comity": ["missiles", "exercises"]}
    for path, names in one_sided.items():
        assert all("R306" in codes[path, name] for name in names)
    for path, names in vacuous.items():
        assert all("R302" in codes[path, name] for name in names)
    for path, names in formal.items():
        assert all(codes.get((path, name), set()) <= {"R307"} for name in names)


def test_their_tests_pass() -> None:
    run = run_tests(Interpreter(build(select([ROOT / "examples" / "flagged"])[0]).program), None, RUNNERS)
    assert [result for result in run.results if result.status != "passed"] == [] and run.passed >= 9


def test_what_is_modelled_of_each_treaty_is_listed() -> None:
    """Whoever says `SCOPE.md` has one beside it, which names the file."""
    for file in sorted((ROOT / "policies").glob("*/*.comity")):
        if "SCOPE.md" in file.read_text(encoding="utf-8"):
            assert f"{file.stem}" in (file.parent / "SCOPE.md").read_text(encoding="utf-8")
