"""SQL says what the interpreter says, on every engine that is here: on random policies and on the EAR."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from tests.sql import comparing
from tests.sql.engines import ENGINES, Engine

EACH = pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)


@EACH
@pytest.mark.parametrize("first", [0, pytest.param(1000, marks=pytest.mark.slow)])
def test_random_policies(engine: Engine, first: int) -> None:
    """Rows in which much is unknown. Clauses that SQL cannot say are the exception."""
    count = 40 if first == 0 else 400
    seen: Counter[str] = Counter()
    for seed in range(first, first + count):
        for found in comparing.random_policy(Random(seed), [engine], 8):
            assert not found.differs, (seed, found.decision, found.text, found.facts)
            seen[found.kind] += 1
    wanted = {"determined", "undetermined", "gap", "contradiction", *(["refused"] if first else [])}
    assert wanted <= set(seen)
    inexpressible = sum(number for kind, number in seen.items() if kind.startswith("inexpressible"))
    assert 4 * inexpressible < sum(seen.values())


@EACH
@pytest.mark.parametrize(
    ("decision", "rows"),
    [
        ("jurisdiction", 40),
        *(pytest.param(name, 1000, marks=pytest.mark.slow) for name in ("requirement", "licensing", "review")),
    ],
)
def test_the_ear(engine: Engine, decision: str, rows: int) -> None:
    found = comparing.ear(5, [engine], rows, [decision])
    assert not found.differing, found.first
    statuses = ("determined", "undetermined", "refused")
    assert set(found.statuses) == {f"{engine.name}, {decision}: {status}" for status in statuses}
