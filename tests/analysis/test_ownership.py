"""What is said of policies about owners, parts, parties and licence values as lawyers write them, with mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.analysis import analyse
from comity.core.interpret import Interpreter
from comity.tools.testing import run_tests

from .written import compiled

POLICIES = Path(__file__).parent / "ownership"

EXPECTED: dict[str, list[tuple[str, tuple[str, ...]]]] = {
    "aggregate": [
        ("L201", ("near", "one_owner")),
        ("L202", ("counted",)),
        ("L202", ("together",)),
        ("L204", ("clear_",)),
        ("L210", ("aggregated",)),
    ],
    "control": [
        ("L201", ("majority_unlisted", "votes")),
        ("L202", ("impossible",)),
        ("L204", ("neither",)),
    ],
    "de_minimis": [
        ("L201", ("small", "ten")),
        ("L202", ("mistaken",)),
        ("L204", ("none_",)),
    ],
    "directors": [
        ("L201", ("nobody", "half")),
        ("L201", ("nobody", "minority")),
        ("L201", ("recent", "half")),
        ("L201", ("recent", "majority")),
        ("L201", ("recent", "minority")),
        ("L204", ("nobody",)),
        ("L207", ("control",)),
    ],
    "fifty_percent": [
        ("L201", ("minority", "aggregate")),
        ("L201", ("unknown_owners", "aggregate")),
        ("L201", ("unknown_owners", "direct")),
        ("L202", ("absurd",)),
        ("L204", ("direct",)),
        ("L209", ("dealing", "review")),
    ],
    "license_value": [
        ("L201", ("many", "over")),
        ("L201", ("many", "under")),
        ("L207", ("license",)),
    ],
    "origin": [
        ("L201", ("critical", "mostly_eu")),
        ("L201", ("rest", "critical")),
        ("L207", ("origin",)),
    ],
    "party_lists": [
        ("L201", ("foreign", "denied")),
        ("L201", ("foreign", "listed")),
        ("L201", ("local", "denied")),
        ("L201", ("local", "listed")),
        ("L201", ("local", "unscreened")),
        ("L201", ("unscreened", "denied")),
        ("L201", ("unscreened", "listed")),
        ("L202", ("never",)),
    ],
    "routes": [
        ("L201", ("foreign", "local")),
        ("L201", ("home", "local")),
        ("L202", ("idle",)),
        ("L202", ("mixed",)),
    ],
    "yearly": [
        ("L201", ("in_time", "expired")),
        ("L201", ("spent", "in_time")),
        ("L202", ("nothing",)),
        ("L209", ("ship", "ask")),
    ],
}


@pytest.mark.parametrize("path", sorted(POLICIES.glob("*.comity")), ids=lambda path: path.stem)
def test_what_is_said_of_an_ordinary_policy(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    program, errors = compiled(text, {})
    assert program is not None, [error.message for error in errors]
    found = analyse(program)
    assert sorted((each.code, each.subjects) for each in found) == EXPECTED[path.stem]
    blocks = "\n\n".join(dict.fromkeys(each.test for each in found if each.test is not None))
    tested, errors = compiled(f"{text}\n\n{blocks}\n", {})
    assert tested is not None, [error.message for error in errors]
    assert [each for each in run_tests(Interpreter(tested)).results if each.status != "passed"] == []
