"""Tables are decided as the interpreter decides their rows, one by one."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

import comity
from comity.backends.batch import BatchDecision, result
from comity.core.ast import Program
from comity.core.interpret import Interpreter
from comity.runtime.facts import encode
from tests import shared
from tests.analysis import ledgers
from tests.backends import generate
from tests.batch.rows import differences
from tests.content.transactions import DECISIONS, Transactions
from tests.core import text

ROOT = Path(__file__).resolve().parents[2]
EAR = ROOT / "policies" / "ear"


def tables(random: Random, program: Program, rows: int = 40) -> Any:
    """Decisions with rows of facts as JSON and an as-of day."""
    for about in program.decisions.values():
        table = generate.rows(random, program, about.record, rows)
        yield about, table, random.choice([None, None, random.choice(generate.DAYS)])


@pytest.mark.parametrize(
    "seed", [*range(12), 10_088, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(12, 500))]
)
def test_random_policies(seed: int) -> None:
    """Lists, findings, unknown facts, decisions that read each other, definitions that fail, facts that do not fit."""
    random = Random(seed)
    program = generate.program(random)
    interpreter = Interpreter(program)
    for about, table, day in tables(random, program):
        batch = BatchDecision(interpreter, about.qname)
        for rows in (7, 100):  # what one chunk has learnt serves the next
            answers = batch.decide(table, as_of=day, rows=rows)
            assert differences(interpreter, about.qname, table, answers, day) == []


def test_most_rows_are_computed_in_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the tests here compare is worth comparing: rows come out in every way, and few are left to the interpreter
    but those whose facts are refused or whose definitions fail.
    """
    seen: Counter[str] = Counter()
    doubtful: Counter[str] = Counter()
    add = result.Answers.add

    def counting(self: result.Answers, said: Any, rows: Any, decide: Any) -> None:
        def deciding(row: int) -> result.Row:
            found: result.Row = decide(row)
            doubtful[found.status if found.reason is None else "failed"] += 1
            return found

        add(self, said, rows, deciding)

    monkeypatch.setattr(result.Answers, "add", counting)
    for seed in range(40):
        random = Random(seed)
        program = generate.program(random)
        for about, table, day in tables(random, program, 20):
            answers = BatchDecision(Interpreter(program), about.qname).decide(table, as_of=day)
            seen.update(answers["status"].tolist())
    assert set(seen) == set(result.STATUSES)
    needless = sum(doubtful[status] for status in ("determined", "undetermined"))
    assert needless < 0.3 * (seen["determined"] + seen["undetermined"]), doubtful


@pytest.fixture(scope="module")
def ear() -> comity.Program:
    return shared.ear()


@pytest.mark.parametrize("name", DECISIONS)
@pytest.mark.parametrize("count", [30, pytest.param(3000, marks=pytest.mark.slow)])
def test_the_ear(ear: comity.Program, name: str, count: int) -> None:
    draw = Transactions(count)
    rows = [draw.export() for _ in range(count)]
    decision = ear.decision(name)
    answers = decision.decide_batch(rows)
    assert differences(ear.interpreter, decision.core.qname, rows, answers) == []
    assert answers.counts().keys() - {"undetermined"}


def test_a_day_asked_for_replaces_that_of_each_row(ear: comity.Program) -> None:
    draw = Transactions(5)
    rows = [draw.export() for _ in range(20)]
    day = date(2022, 3, 1)
    decision = ear.decision("licensing")
    answers = decision.decide_batch(rows, as_of=day)
    assert differences(ear.interpreter, decision.core.qname, rows, answers, day) == []


@pytest.mark.parametrize("seed", [*range(6), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(6, 300))])
def test_random_ledgers(seed: int) -> None:
    """Counts and sums that are partly unknown, compared by their bounds; quantifiers in quantifiers; tables by day."""
    program = ledgers.ledger(seed).program
    interpreter = Interpreter(program)
    sampler = ledgers.Sampler(Random(seed), 0.25)
    for about in program.decisions.values():
        rows: list[Any] = [encode(about.record, sampler.record(about.record)) for _ in range(150)]
        answers = BatchDecision(interpreter, about.qname).decide(rows)
        assert differences(interpreter, about.qname, rows, answers) == []


def test_lists_are_compared_with_the_empty_one() -> None:
    """Read off their lengths where they are facts; elements of sets are values."""
    source = """
record Part:
    weight: Int

record Case:
    parts: list of Part?
    spares: list of Part or absent
    kept: Bool

decision permit for Case:
    outcomes:
        license
        check
        free
    otherwise free

rule bare for permit:
    cite "1"
    when parts == []
    then license

rule with_spares for permit:
    cite "2"
    notwithstanding bare
    when kept and spares is present and spares != []
    then check
"""
    program = text.interpreter(source).program
    interpreter = Interpreter(program)
    lists: list[Any] = [[], [{"weight": 1}], [{"weight": 1}, {"weight": 2}], None]
    rows: list[Any] = [
        {"parts": parts, "spares": spares, "kept": kept}
        for parts in lists
        for spares in (*lists[:3], "absent")
        for kept in (True, False)
    ]
    answers = BatchDecision(interpreter, "m.permit").decide(rows)
    assert differences(interpreter, "m.permit", rows, answers) == []
    said = {(row["parts"] == [], row["kept"], row["spares"] not in ("absent", [])) for row in rows}
    assert len(said) == 8
    assert set(answers["outcome"].tolist()) == {"license", "check", "free", None}
