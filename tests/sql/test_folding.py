"""What is looked up in dictionaries says what the interpreter says, also where they are made for next to nothing."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from random import Random

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

from predicates import exports, policy_of  # noqa: E402

from comity.backends.sql import folding  # noqa: E402
from comity.backends.sql.statement import statement  # noqa: E402
from tests.sql import comparing  # noqa: E402
from tests.sql.engines import ENGINES, Engine  # noqa: E402

EACH = pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)


@pytest.mark.parametrize("written_out", [1, 12])
@pytest.mark.parametrize("count", [15, pytest.param(300, marks=pytest.mark.slow)])
def test_random_policies(written_out: int, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "MOST_WRITTEN_OUT", written_out)
    for name in ("FEWEST_TESTS", "FEWEST_CODE_TESTS"):
        monkeypatch.setattr(folding, name, 1)
    monkeypatch.setattr(folding, "FEWEST_ALTERNATIVES", 2)
    seen: dict[str, Counter[str]] = {engine.name: Counter() for engine in ENGINES}
    for seed in range(7000, 7000 + count):
        for found in comparing.random_policy(Random(seed), ENGINES, 8):
            assert not found.differs, (found.engine, seed, found.decision, found.text, found.facts)
            seen[found.engine][found.kind] += 1
    for engine, kinds in seen.items():
        assert kinds["determined"] > 50 and kinds["refused"] > 50 and kinds["undetermined"], engine


@EACH
def test_many_rules(engine: Engine) -> None:
    program = policy_of(120)
    (decision,) = program.decisions.values()
    written = statement(program, decision.qname, engine.name, "facts_given")
    assert '"entries of eccn"' in written
    found = list(comparing.compare(program, decision, exports(120, 80), [engine]))
    assert not [each.text for each in found if each.differs]
    assert len(found) > 100
