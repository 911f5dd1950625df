"""Pairs of random small policies: diff says what going through every input says."""

from __future__ import annotations

import pytest

from .compare import compare


@pytest.mark.parametrize("start", range(0, 120, 20))
def test_diff_agrees_with_brute_force(start: int) -> None:
    wrong = {seed: found for seed in range(start, start + 20) if (found := compare(seed))}
    assert wrong == {}
