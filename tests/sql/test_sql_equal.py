"""SQL says what the interpreter says, on every engine that is here: on random policies and on the EAR."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from tests.sql import comparing
from tests.sql.engines import ENGINES


@pytest.mark.parametrize("first", [0, pytest.param(1000, marks=pytest.mark.slow)])
def test_random_policies(first: int) -> None:
    """Rows in which much is unknown. Clauses that SQL cannot say are the exception."""
    count = 25 if first == 0 else 400
    seen: dict[str, Counter[str]] = {engine.name: Counter() for engine in ENGINES}
    for seed in range(first, first + count):
        for found in comparing.random_policy(Random(seed), ENGINES, 8):
            assert not found.differs, (found.engine, seed, found.decision, found.text, found.facts)
            seen[found.engine][found.kind] += 1
    wanted = {"determined", "undetermined", "gap", "contradiction", *(["refused"] if first else [])}
    for engine, kinds in seen.items():
        assert wanted <= set(kinds), engine
        inexpressible = sum(number for kind, number in kinds.items() if kind.startswith("inexpressible"))
        assert 4 * inexpressible < sum(kinds.values()), engine


@pytest.mark.parametrize(
    ("decision", "rows"),
    [
        ("jurisdiction", 40),
        *(pytest.param(name, 1000, marks=pytest.mark.slow) for name in ("requirement", "licensing", "review")),
    ],
)
def test_the_ear(decision: str, rows: int) -> None:
    found = comparing.ear(5, ENGINES, rows, [decision])
    assert not found.differing, found.first
    statuses = ("determined", "undetermined", "refused")
    assert set(found.statuses) == {f"{each.name}, {decision}: {status}" for each in ENGINES for status in statuses}
