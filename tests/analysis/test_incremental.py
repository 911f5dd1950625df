"""What an analysis finds after rules were changed is what one finds that is made anew."""

from __future__ import annotations

from collections import Counter

import pytest

from comity.analysis import limits
from comity.analysis.limits import SOLVER_ALONE
from comity.analysis.space.space import Space

from .edits import differing

EDITS = 8
CHUNK = 5
USUAL = [("trees", 0), ("text", 0)]
NIGHTLY = [(kind, start) for kind in ("trees", "text") for start in range(CHUNK, 60, CHUNK)]


@pytest.mark.parametrize(
    ("kind", "start"), [*USUAL, *(pytest.param(*chunk, marks=pytest.mark.slow) for chunk in NIGHTLY)]
)
def test_a_revised_analysis_equals_a_new_one(kind: str, start: int) -> None:
    ways: Counter[str] = Counter()
    for seed in range(start, start + CHUNK):
        wrong = differing(kind, seed, EDITS, ways)
        assert wrong is None, f"{kind} {seed}: {wrong}"
    assert ways["in place"] > ways["anew"] / 4, ways


@pytest.mark.parametrize("seeds", [range(3), pytest.param(range(3, 20), marks=pytest.mark.slow)], ids=str)
def test_a_revised_analysis_that_asks_the_solver_equals_a_new_one(
    seeds: range,
) -> None:
    ways: Counter[str] = Counter()
    with limits.changed(**SOLVER_ALONE):
        for kind, _ in USUAL:
            for seed in seeds:
                wrong = differing(kind, seed, EDITS, ways)
                assert wrong is None, f"{kind} {seed}: {wrong}"
    assert ways["in place"] > ways["anew"] / 4, ways


@pytest.mark.parametrize("seeds", [range(3), pytest.param(range(3, 10), marks=pytest.mark.slow)], ids=str)
@pytest.mark.parametrize("counted", [1, 4])
def test_a_revised_analysis_counts_contradictions_as_a_new_one(counted: int, seeds: range) -> None:
    """An edit moves the place from which on contradictions are counted, and no longer told."""
    ways: Counter[str] = Counter()
    with limits.changed(shown_contradictions=1, counted_pairs=counted):
        for kind, _ in USUAL:
            for seed in seeds:
                wrong = differing(kind, seed, EDITS, ways)
                assert wrong is None, f"{kind} {seed}: {wrong}"
    assert ways["in place"] > ways["anew"] / 4, ways


def test_what_a_question_learns_is_forgotten_by_the_next_one() -> None:
    space = Space()
    space.learn({0: 1})
    after_one = space.lesson
    space.learn({1: 2})
    space.start([{0: 1}])
    assert space.impossible == [{0: 1}]
    assert space.lesson == after_one
    space.start()
    assert not space.impossible
    assert not space.learnt
