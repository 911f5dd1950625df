"""What an analysis finds after rules were changed is what one finds that is made anew."""

from __future__ import annotations

from collections import Counter

import pytest

from comity.analysis import study
from comity.analysis.findings import Question
from comity.analysis.turns import Turns

from .edits import differing

SEEDS = {"trees": 60, "text": 40}
EDITS = 8
CHUNK = 20


@pytest.mark.parametrize(
    ("kind", "start"), [(kind, start) for kind, count in SEEDS.items() for start in range(0, count, CHUNK)]
)
def test_a_revised_analysis_equals_a_new_one(kind: str, start: int) -> None:
    ways: Counter[str] = Counter()
    for seed in range(start, start + CHUNK):
        wrong = differing(kind, seed, EDITS, ways)
        assert wrong is None, f"{kind} {seed}: {wrong}"
    assert ways["in place"] > ways["anew"] / 4, ways


def test_questions_that_turn_out_to_take_the_time_of_others_are_no_reason_to_ask_all_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With few steps for all: an edit that makes a question take them, or no longer take them, changes what those
    after it are given."""
    asked = 0
    out_of_turn = Turns.out_of_turn

    def counted(self: Turns) -> list[Question]:
        nonlocal asked
        found = out_of_turn(self)
        asked += len(found)
        return found

    monkeypatch.setattr(study, "STEPS", 20)
    monkeypatch.setattr(study, "FEW_STEPS", 6)
    monkeypatch.setattr(Turns, "out_of_turn", counted)
    ways: Counter[str] = Counter()
    for kind, count in SEEDS.items():
        for seed in range(count):
            wrong = differing(kind, seed, EDITS, ways)
            assert wrong is None, f"{kind} {seed}: {wrong}"
    assert asked
