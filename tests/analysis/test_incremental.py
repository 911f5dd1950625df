"""What an analysis finds after rules were changed is what one finds that is made anew."""

from __future__ import annotations

from collections import Counter

import pytest

from comity.analysis.decision import search as contest

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


def test_a_revised_analysis_that_asks_the_solver_equals_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contest, "MANY_BOXES", -1)
    monkeypatch.setattr(contest, "MANY_BOXES_OF_A_RULE", -1)
    ways: Counter[str] = Counter()
    for kind in SEEDS:
        for seed in range(CHUNK):
            wrong = differing(kind, seed, EDITS, ways)
            assert wrong is None, f"{kind} {seed}: {wrong}"
    assert ways["in place"] > ways["anew"] / 4, ways
