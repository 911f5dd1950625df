"""Days some months later, compared with other days: unknown where a fact is, or the calendar ends, and found."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from comity.analysis.decision.search import DecisionSearch
from comity.analysis.decision.seen import standings
from comity.analysis.decision.study import Study
from comity.analysis.decision.test_inputs import TestInput
from comity.core.interpret import Interpreter
from comity.runtime.types import RecordType

from .written import compiled

CONDITIONS = (
    "begin + 6 months > day",
    "begin + 6 months <= day",
    "day == begin + 1 years",
    "begin - 3 months > day",
    "begin + 3 weeks > day",
    "begin + 1 months + 2 days < day",
    "end_ is known and begin + 12 months < end_ + 11 months",
    "begin + 1 months < begin",
    "round_up(n / 3) > m",
    "round_down(n / 3) == m",
)
DAYS = [
    date(2022, 1, 31),
    date(2021, 2, 28),
    date(2020, 2, 29),
    date(2021, 8, 1),
    date.max,
    date(9999, 6, 30),
    date(9999, 7, 1),
    date.min,
]


def of(condition: str) -> tuple[Interpreter, Study, DecisionSearch]:
    program, _ = compiled(
        "record R as of day:\n    day: Date\n    begin: Date?\n    end_: Date?\n    n: Int?\n    m: Int?\n\n"
        "decision d for R:\n    outcomes:\n        a\n        b\n    otherwise b\n\n"
        f"rule r for d:\n    when {condition}\n    then a\n",
        {},
    )
    assert program is not None
    interpreter, (decision,) = Interpreter(program), program.decisions.values()
    study = Study(interpreter, decision.record, test_inputs=list(inputs(interpreter, decision.record)))
    search = DecisionSearch(study, decision)
    study.settle()
    return interpreter, study, search


def inputs(interpreter: Interpreter, record: RecordType) -> list[TestInput]:
    numbers = [(None, 0), (4, None), (4, 1), (4, 2), (0, 0)]
    every = [
        {"day": day, "begin": begin, "end_": end, "n": n, "m": m}
        for day, begin, end in product(DAYS, [None, *DAYS], [None, DAYS[0]])
        for n, m in numbers
    ]
    return [TestInput(interpreter, record, facts, {}, None) for facts in every]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_it_is_true_false_and_unknown_as_the_interpreter_says(condition: str) -> None:
    _, study, search = of(condition)
    for test_input, standing in zip(study.test_inputs, standings(search, [0]), strict=True):
        assert standing == test_input.standing(search.decision.qname), test_input.facts


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_witness_is_found_wherever_there_is_one(condition: str) -> None:
    interpreter, study, search = of(condition)
    decision, own = search.decision, search.own(0)
    seen = {(s.true, s.unknown) for each in study.test_inputs if (s := each.standing(decision.qname)) is not None}
    for formula, stands in ((own.true, (1, 0)), (own.false, (0, 0)), (own.unknown, (0, 1))):
        found = study.satisfy(formula, facts=True)
        assert (found is not None) == (stands in seen), stands
        if found is not None and found.facts is not None:
            shown = TestInput(interpreter, decision.record, found.facts, {}, None).standing(decision.qname)
            assert shown is not None and (shown.true, shown.unknown) == stands


def test_days_that_hang_on_each_other_by_months_are_found() -> None:
    """No plain days do: they are solved for, with the months as long as they turn out to be."""
    condition = "begin + 6 months >= day and begin < 2022-02-26 and end_ - 3 months > day and day >= 2022-02-26"
    interpreter, study, search = of(condition)
    found = study.satisfy(search.own(0).true, facts=True)
    assert found is not None and found.facts is not None
    shown = TestInput(interpreter, search.decision.record, found.facts, {}, None).standing(search.decision.qname)
    assert shown is not None and shown.true == 1
    _, study, search = of(f"{condition} and end_ < day + 2 months")
    assert study.satisfy(search.own(0).true, facts=True) is None


def test_days_beside_other_numbers() -> None:
    """What is asked of the days, and what of other facts, is decided by itself."""
    for condition, is_met in (
        ("begin + 1 months < day and begin + 31 days >= day and n + m > 3", True),
        ("begin + 1 months < day and begin + 28 days >= day and n + m > 3", False),
        ("begin + 1 months < day and begin + 31 days >= day and 2 * n + 2 * m == 3", False),
    ):
        _, study, search = of(condition)
        assert (study.satisfy(search.own(0).true, facts=True) is not None) == is_met
