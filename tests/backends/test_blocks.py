"""A decision of many rules is settled by blocks of rules; it says what the interpreter says, whatever is unknown."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from comity.backends.python.blocks import Located, homes
from comity.backends.python.dispatch import LONG
from comity.backends.python.trees import name
from comity.plan import plan_decision
from tests.backends.loading import imported
from tests.backends.test_small_decisions import said
from tests.core import text

PLACES = [f"p{number}" for number in range(30)]
CODES = ["EAR99", "3A001", "3A001.a", "3A001.a.5", "3A002", "4A003.b", "5A002", "5A992.c", "9A610.x", "1C350"]

LAW = """
enum Place:
    {places}

record Case as of day:
    day: Date
    code: Eccn{code}
    to: Place
    origin: Place?
    price: Money in USD
    flag: Bool?
    ready: Bool

decision permit for Case:
    outcomes:
        stop
        license
        notice
        free
    {grounds}
    otherwise free
{rules}
"""


def policy(random: Random, size: int) -> str:
    """Most rules name a code or a few places; some have lines that only code can say, some none that tells apart."""
    rules = ""
    for number in range(size):
        lines = random.sample(
            [
                f"code within {random.choice(CODES[1:])}",
                f"code within {random.choice(CODES[1:])}",
                f"to in {{{', '.join(random.sample(PLACES, random.randint(1, 4)))}}}",
                f"to not in {{{', '.join(random.sample(PLACES, 2))}}}",
                f"origin == {random.choice(PLACES)}",
                f"price > {random.choice([5, 500, 5_000])} USD",
                "flag",
                "ready or flag",
                "to == origin",
            ],
            random.choice([1, 2, 2, 3]),
        )
        rules += f'\nrule r{number} for permit:\n    cite "1"\n'
        if number and random.random() < 0.2:
            rules += (
                f"    {random.choice(['exception to', 'notwithstanding', 'disapplies'])} r{random.randrange(number)}\n"
            )
        rules += "    from 2022-02-25\n" if random.random() < 0.2 else ""
        rules += f"    when {' and '.join(lines)}\n    then {random.choice(['stop', 'license', 'notice'])}\n"
    return LAW.format(
        places="\n    ".join(PLACES),
        rules=rules,
        code=random.choice(["", "?"]),
        grounds=random.choice(["", "prevail by restriction"]),
    )


def facts(random: Random) -> dict[str, Any]:
    return {
        "day": random.choice(["2022-02-24", "2022-02-25"]),
        "code": random.choice(CODES),
        "to": random.choice(PLACES),
        "origin": random.choice([*PLACES, None]),
        "price": random.choice(["4 USD", "500 USD", "7000 USD"]),
        "flag": random.choice([True, False, None]),
        "ready": random.choice([True, False]),
    }


def agree(seed: int, size: int, times: int) -> None:
    random = Random(seed)
    interpreter = text.interpreter(policy(random, size))
    with imported(interpreter.program) as package:
        assert package.permit._settled is package.permit._load_settled
        for _ in range(times):
            given = facts(random)
            expected = interpreter.decide_json("m.permit", dict(given))
            record = package.records.Case(**given)
            for each in (given, record, given):
                assert package.permit.answer(each).to_json() == expected.to_json()
                assert said(lambda: package.permit.outcome(each)) == said(expected.require)  # noqa: B023
        assert package.permit._settled is not package.permit._load_settled


@pytest.mark.parametrize("seed", [*range(4), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(4, 60))])
def test_many_rules_say_what_the_interpreter_says(seed: int) -> None:
    agree(seed, 60, 60)


@pytest.mark.slow
def test_rules_that_are_kept_as_json_do_too() -> None:
    agree(1, LONG + 50, 60)


def test_rules_are_at_home_where_fewest_values_leave_them_possible() -> None:
    rules = """
rule by_code for permit:
    cite "1"
    when code within 3A001 and to not in {p1, p2}
    then stop

rule by_place for permit:
    cite "1"
    when code != 5A002 and to in {p1, p2}
    then stop

rule anywhere for permit:
    cite "1"
    when price > 5 USD
    then stop
"""
    for number in range(20):
        rules += f'\nrule r{number} for permit:\n    cite "1"\n'
        rules += f"    when code within 1C{300 + number} and to in {{p1, p2, p3}}\n    then license\n"
    law = LAW.format(places="\n    ".join(PLACES), rules=rules, code="", grounds="")
    interpreter = text.interpreter(law)
    decision = interpreter.program.decisions["m.permit"]
    plan = plan_decision(decision, interpreter.evaluator)
    axes = [Located(axis.name, name(axis.name), axis) for axis in plan.axes]
    found, left = homes(axes, len(decision.rules))
    at = {decision.rules[rule].name: axes[place].target for place, rules in found.items() for rule in rules}
    assert (at["by_code"], at["by_place"]) == ("code", "to")
    assert [decision.rules[rule].name for rule in left] == ["anywhere"]
