"""What a plan says of rules, looked up in its axes as packages do, is what the interpreter says of them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from comity.core.interpret import Interpreter
from comity.plan import Axis, DecisionPlan, make, plan_decision
from comity.plan.explain import explain
from tests.core import text

POLICY = """
enum Column:
    NS2
    MT1

record Goods as of day:
    day: Date
    eccn: Eccn
    columns: set of Column
    confirmed: Bool?
    use: Column?
    weight: Int

table entries(eccn: Eccn) -> Column:
    1E002: MT1
    1E002.g: NS2
    3A001: NS2

decision licensing for Goods:
    "What"
    cite "15 CFR 736"
    outcomes:
        prohibited
        free
    otherwise free

rule dated for licensing:
    "Heavy goods from a day on"
    cite "15 CFR 736"
    from 2022-02-24
    when weight > 5
    then prohibited

rule coded for licensing:
    "Entries, but not one of their paragraphs"
    cite "15 CFR 736"
    when eccn within 1E002 and eccn != 1E002.g
    then prohibited

rule tabled for licensing:
    "A column of the entry, if somebody has confirmed it"
    cite "15 CFR 736"
    when entries[eccn] == NS2 and confirmed
    then prohibited

rule listed for licensing:
    "One of two columns"
    cite "15 CFR 736"
    when NS2 in columns or MT1 in columns
    then prohibited

rule used for licensing:
    "Either column"
    cite "15 CFR 736"
    when use in {NS2, MT1}
    then prohibited

rule categorised for licensing:
    "Part of a code"
    cite "15 CFR 736"
    when eccn != EAR99 and eccn.category in 1..2
    then prohibited
"""


@pytest.fixture(scope="module")
def interpreter() -> Interpreter:
    return text.interpreter(POLICY)


@pytest.fixture
def plan(interpreter: Interpreter, monkeypatch: pytest.MonkeyPatch) -> DecisionPlan:
    monkeypatch.setattr(make, "FEW_RULES", 1)
    (decision,) = interpreter.program.decisions.values()
    return plan_decision(decision, interpreter.evaluator)


def axis(plan: DecisionPlan, name: str) -> Axis:
    return next(each for each in plan.axes if each.name == name)


def names(plan: DecisionPlan, numbers: Any) -> list[str]:
    return [plan.rules[number].name for number in numbers]


def test_lines_that_read_one_fact_need_no_code(plan: DecisionPlan) -> None:
    assert names(plan, plan.coded) == ["tabled"]
    assert [each.name for each in plan.axes] == [
        "as of",
        "columns",
        "confirmed",
        "eccn",
        "eccn.category",
        "use",
        "weight",
    ]


def test_a_window_turns_on_its_day(plan: DecisionPlan) -> None:
    day = axis(plan, "as of")
    assert day.steps == (date(2022, 2, 24),)
    assert day.held == ()
    assert day.changes == {1: (0,)}  # cell 1 is the day itself


def test_a_paragraph_has_a_cell_of_its_own(plan: DecisionPlan) -> None:
    """1E002 is under MT1 and its paragraph .g under NS2: what is said of codes below 1E002 does not hold there."""
    eccn = axis(plan, "eccn")
    coded, tabled = (next(r.number for r in plan.rules if r.name == name) for name in ("coded", "tabled"))
    assert {cell for cell, rules in eccn.true.items() if coded in rules} == {"1E002", "1E002.", "1E002.g."}
    assert {cell for cell, rules in eccn.false.items() if tabled in rules} == {"1E002", "1E002."}
    assert tabled in eccn.held
    assert "1E002.g" in {**eccn.true, **eccn.false}


def test_a_set_has_the_cells_of_its_elements(plan: DecisionPlan) -> None:
    columns = axis(plan, "columns")
    assert columns.kind == "sets"
    assert set(columns.true) == {"NS2", "MT1"}
    assert columns.held == ()


def test_an_unknown_fact_leaves_its_rules_in_doubt(plan: DecisionPlan) -> None:
    use = axis(plan, "use")
    assert use.blank_true == use.blank_false == ()
    assert names(plan, use.asked) == ["used"]


def test_a_plan_in_words(plan: DecisionPlan) -> None:
    words = explain(plan).splitlines()
    assert words[0] == "m.licensing: 6 rules, 1 of them evaluated as code"
    assert "  look up as of: tells 1 rules apart, in 3 cells (steps)" in words
    assert words[-1] == "  evaluate tabled, where confirmed, eccn leave it possible"
