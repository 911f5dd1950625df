"""A decision of few rules is one function; it says what the interpreter says, whatever its rules depend on."""

from __future__ import annotations

from itertools import product
from random import Random
from typing import Any

import pytest

from comity.backends.python import decision
from comity.plan import make
from tests.backends.loading import imported
from tests.core import text

LAW = """
table limit(mark: Mark) -> Bool:
    {rows}

enum Mark:
    red
    blue

record Case:
    a: Bool
    b: Bool?
    mark: Mark

decision permit for Case:
    outcomes:
        stop
        license
        notice
        free
    {grounds}
{rules}
"""
CONDITIONS = (
    "", "", "when a", "when b", "when not a or b", "when mark == red", "when limit[red]", "when limit[mark]",
    "when limit[red] and a", "when 1 == 2", "when 1 == 1", "when b\n    unless a",
)  # fmt: skip
"""Without a condition; always true, always false, always unknown (a row that is not there)."""


def policy(random: Random) -> str:
    grounds = random.choice(["", "prevail by restriction", "prevail license over notice", "prevail by rank"])
    otherwise = random.choice(["otherwise free", "otherwise free", "otherwise stop", ""])
    rules = ""
    for number in range(random.randint(1, 4)):
        rules += f'\nrule r{number} for permit:\n    cite "1"\n'
        for _ in range(random.choice([0, 0, 1])):
            if number:
                clause = random.choice(["exception to", "notwithstanding", "subject to", "disapplies"])
                rules += f"    {clause} r{random.randrange(number)}\n"
        condition = random.choice(CONDITIONS)
        rules += f"    {condition}\n" if condition else ""
        rules += '    refer to counsel "Is it?"\n' if random.random() < 0.1 else ""
        rules += f"    then {random.choice(['stop', 'license', 'notice', 'free'])}\n"
    return LAW.format(rows="blue: true", grounds=f"{grounds}\n    {otherwise}", rules=rules)


def said(ask: Any) -> str:
    try:
        return str(ask())
    except Exception as error:
        if type(error).__name__ not in ("Undetermined", "ContradictionError", "GapError"):
            raise
        return type(error).__name__


CASES = [
    {"a": a, "b": b, "mark": mark} for a, b, mark in product([True, False], [True, False, None], ["red", "blue"])
]  # fmt: skip


def agree(source: str) -> None:
    interpreter = text.interpreter(source)
    with imported(interpreter.program) as package:
        for facts in CASES:
            expected = said(lambda: interpreter.decide_json("m.permit", facts).require())  # noqa: B023
            assert said(lambda: package.permit.outcome(facts)) == expected, (source, facts)  # noqa: B023
            record = package.records.Case(**facts)
            assert said(lambda: package.permit.outcome(record)) == expected, (source, facts)  # noqa: B023


@pytest.mark.parametrize(
    "seed", [*range(40), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(40, 1500))]
)
def test_every_way_in_which_few_rules_depend_on_each_other(seed: int) -> None:
    agree(policy(Random(seed)))


def test_a_rule_without_a_condition_decides() -> None:
    """Its outcome was passed over wherever other outcomes could prevail."""
    rules = """
rule usual for permit:
    cite "1"
    then notice

rule sometimes for permit:
    cite "1"
    notwithstanding usual
    when a
    then license
"""
    agree(LAW.format(rows="blue: true", grounds="otherwise free", rules=rules))


def test_a_line_about_an_amount_may_name_things_of_other_types(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a line compares its fact with is looked up in the order of amounts; a member of an enum is not in it."""
    source = """
enum Mark:
    red
    blue

record Case:
    size: Int
    day: Date

decision permit for Case:
    outcomes:
        stop
        free
    otherwise free

rule r for permit:
    cite "1"
    when (red == blue or 2024-01-01 < 2023-01-01) implies size > 3 or size > 5
    then stop

rule s for permit:
    cite "1"
    when 1 == 2 or red == blue or 5 < 4 or day > 2024-01-01
    then free
"""
    monkeypatch.setattr(decision, "MOST_WRITTEN_OUT", -1)
    monkeypatch.setattr(make, "FEW_RULES", 1)
    interpreter = text.interpreter(source)
    with imported(interpreter.program) as package:
        for size, day in product([3, 4, 5, 6], ["2024-01-01", "2024-01-02"]):
            facts = {"size": size, "day": day}
            expected = said(lambda: interpreter.decide_json("m.permit", facts).require())  # noqa: B023
            assert said(lambda: package.permit.outcome(facts)) == expected  # noqa: B023
