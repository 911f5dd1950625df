"""PostgreSQL says what the interpreter says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest

from tests.sql import comparing, postgres

pytestmark = pytest.mark.skipif(bool(postgres.missing()), reason=postgres.missing() or "there is a server")


@pytest.fixture(scope="module")
def engine() -> Iterator[postgres.Postgres]:
    with postgres.server() as found:
        yield found


@pytest.mark.parametrize("first", [0, pytest.param(1000, marks=pytest.mark.slow)])
def test_random_policies(engine: postgres.Postgres, first: int) -> None:
    seen: Counter[str] = Counter()
    for seed in range(first, first + (15 if first == 0 else 300)):
        for found in comparing.random_policy(Random(seed), [engine], 8):
            assert not found.differs, (seed, found.decision, found.text, found.facts)
            seen[found.kind] += 1
    assert {"determined", "undetermined", "gap"} <= set(seen)


@pytest.mark.slow
@pytest.mark.parametrize("decision", ["jurisdiction", "licensing"])
def test_the_ear(engine: postgres.Postgres, decision: str) -> None:
    found = comparing.ear(5, [engine], 300, [decision])
    assert not found.differing, found.first
