"""Decisions with more rules than random policies have: their conditions are bits of words, or pairs of row and rule."""

from __future__ import annotations

import importlib
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

from analysis_policies import PLACE  # noqa: E402
from predicates import exports, policy_of  # noqa: E402

from comity import terms  # noqa: E402
from comity.backends.batch import BatchDecision  # noqa: E402
from comity.backends.batch.packed import DIRECT, MOST_RULES  # noqa: E402
from comity.backends.batch.rules import Decided  # noqa: E402
from comity.backends.batch.sparse import MANY_RULES, Sparse  # noqa: E402
from comity.backends.python import emit  # noqa: E402
from comity.core import ast as core  # noqa: E402
from comity.core.interpret import Interpreter  # noqa: E402
from comity.core.walk import children  # noqa: E402
from comity.runtime.types import ECCN  # noqa: E402
from comity.terms import Term  # noqa: E402
from tests.batch.rows import differences, interpreted  # noqa: E402

NAME = "bench.licensing"


def related(program: core.Program, random: Random) -> core.Program:
    """The program with exceptions to several rules and to exceptions, rules that disapply others, and fewer grounds."""
    decision = program.decisions[NAME]
    rules = list(decision.rules)
    for rule in random.sample(rules[3:-3], len(rules) // 4):
        kind: Any = random.choice(("exception", "disapplies", "prevails"))
        # A rule depends on those before it only: so they go in no circle.
        others = range(rule.number + 1, len(rules)) if kind == "disapplies" else range(rule.number)
        targets = random.sample(others, random.randint(1, 3))
        edges = [core.Edge(kind, each, written="disapplies", declared_by=rule.number) for each in targets]
        rules[rule.number] = replace(rule, edges=(*rule.edges, *edges))
    changed = replace(decision, rules=tuple(rules), grounds=decision.grounds[: random.randint(0, 3)])
    return replace(program, decisions={NAME: changed})


def constants(term: Term) -> Iterator[terms.Const]:
    if isinstance(term, terms.Const):
        yield term
    for child in children(term):
        yield from constants(child)


def rows(program: core.Program, count: int, random: Random) -> list[dict[str, Any]]:
    """Facts that rules are about, any of them perhaps unknown, or not facts at all."""
    rules = program.decisions[NAME].rules
    found = exports(len(rules), count)
    for row in found:
        named = list(constants(random.choice(rules).condition))
        for name, type in (("eccn", ECCN), ("destination", PLACE)):
            if values := [str(each.value) for each in named if each.type == type]:
                row[name] = random.choice(values)
        for name in ("us_content", "us_technology"):
            if random.random() < 0.5:
                del row[name]
        if random.random() < 0.05:
            row["eccn"] = random.choice(("EAR99", "no code", "0A001.a.1"))
    return found


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)])
@pytest.mark.parametrize("size", [DIRECT - 2, MOST_RULES - 4, MANY_RULES - 50, MANY_RULES + 50])
def test_what_the_interpreter_says(size: int, seed: int) -> None:
    random = Random(seed)
    program = related(policy_of(size), random)
    interpreter = Interpreter(program)
    batch = BatchDecision(interpreter, NAME)
    decided = batch.saying.decided
    assert isinstance(decided, Sparse if size >= MANY_RULES else Decided)
    if isinstance(decided, Decided):
        assert (decided.packed is not None) is (size <= MOST_RULES)
    given = rows(program, 150, random)
    seen: Counter[str] = Counter()
    for chunk in (40, 1000):
        answers = batch.decide(given, rows=chunk)
        assert differences(interpreter, NAME, given, answers) == []
        seen.update(answers["status"].tolist())
    assert len(seen) >= 2, seen


def test_a_built_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package carries what decides tables of large decisions."""
    program = policy_of(MANY_RULES + 20)
    for path, text in emit(program, "many_rules").items():
        file = tmp_path / "many_rules" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    package: Any = importlib.import_module("many_rules.licensing")
    given = rows(program, 100, Random(4))
    answers = package.decide_batch(given)
    interpreter = Interpreter(program)
    expected = [interpreted(interpreter, NAME, facts) for facts in given]
    assert answers["outcome"].tolist() == [each.outcome for each in expected]
    assert answers["status"].tolist() == [each.status for each in expected]
    assert len(set(answers["outcome"].tolist())) > 2
