"""Counts and sums of which something is unknown: decided where their bounds decide, and only there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from random import Random
from typing import Any

import pytest

from comity.runtime.errors import FactsError
from tests.backends.loading import imported
from tests.core.text import interpreter

FACTS = """
    record Owner:
        blocked: Bool?
        share: Percent?
        profit: Int?
        always share in 0%..100%
        always not (profit > 50)

    record Deal:
        owners: list of Owner
        backers: list of Owner?
        fee: Int?
        stake: Percent?
        always all o in backers: o.profit >= 2
"""

POLICY = f"""{FACTS}
    define held for Deal -> Percent:
        sum(o.share for o in owners where o.blocked)

    define by_cases for Deal -> Percent:
        first match
        100% when count(o in owners) > 2
        held otherwise

    define in_doubt for Deal -> Percent:
        first match
        held when fee > 2
        held otherwise

    define test for Deal:
        CONDITION

    decision deal for Deal:
        outcomes:
            stop
            go
        otherwise go

    rule stop for deal:
        when test
        then stop
"""


def owner(blocked: bool | None = None, share: str | None = None, profit: int | None = None) -> dict[str, Any]:
    return {"blocked": blocked, "share": share, "profit": profit}


BOTH = [owner(True, "30%", 7), owner(None, "10%", -3)]

CASES: list[tuple[str, list[dict[str, Any]], bool | None]] = [
    ("count(o in owners where o.blocked) >= 1", BOTH, True),
    ("count(o in owners where o.blocked) >= 2", BOTH, None),
    ("count(o in owners where o.blocked) > 2", BOTH, False),
    ("3 <= count(o in owners where o.blocked)", BOTH, False),
    ("0 < count(o in owners where o.blocked)", BOTH, True),
    ("count(o in owners where o.blocked) == 0", BOTH, False),
    ("count(o in owners where o.blocked) != 3", BOTH, True),
    ("count(o in owners where o.blocked) == 1", BOTH, None),
    ("count(o in owners where o.blocked) in 1..2", BOTH, True),
    ("count(o in owners where o.blocked) in {0, 3}", BOTH, False),
    ("count(o in owners where o.blocked) not in {0, 3}", BOTH, True),
    ("count(o in owners where o.blocked) in {1, 2}", BOTH, None),
    ("count(o in owners) == 2", BOTH, True),
    ("held >= 50%", BOTH, False),
    ("held >= 30%", BOTH, True),
    ("held >= 31%", BOTH, None),
    ("held + 10% >= 50%", BOTH, None),
    ("held + 10% >= 40%", BOTH, True),
    ("by_cases >= 30%", BOTH, True),
    ("by_cases >= 31%", BOTH, None),
    ("by_cases < 30%", [owner(True, "30%"), owner(True, "1%"), *BOTH], False),
    ("by_cases <= 100%", [*BOTH, owner(None, "1%")], True),
    ("in_doubt >= 0%", BOTH, None),
    ("held * 2 < 0.6", BOTH, False),
    ("50% - held > 10%", BOTH, None),
    ("50% - held >= 10%", BOTH, True),
    # The second profit is a loss: with it the sum is less, not more.
    ("sum(o.profit for o in owners where o.blocked) <= 7", BOTH, True),
    ("sum(o.profit for o in owners where o.blocked) >= 4", BOTH, True),
    ("sum(o.profit for o in owners where o.blocked) >= 5", BOTH, None),
    ("-sum(o.profit for o in owners where o.blocked) < -3", BOTH, True),
    ("round_up(sum(o.profit for o in owners where o.blocked) / 4) == 2", BOTH, None),
    ("round_up(sum(o.profit for o in owners where o.blocked) / 2) in 2..4", BOTH, True),
    # What is unknown is within what is always so.
    ("held >= 30%", [owner(True, "30%"), owner(True)], True),
    ("held > 130%", [owner(True, "30%"), owner(True)], False),
    ("held > 120%", [owner(True, "30%"), owner(True)], None),
    ("sum(o.profit for o in owners) <= 60", [owner(profit=10), owner()], True),
    ("sum(o.profit for o in owners) >= 10", [owner(profit=10), owner()], None),
    ("sum(o.profit for o in backers) >= 4", [owner(profit=2), owner()], True),
    ("sum(o.profit for o in backers) >= 5", [owner(profit=2), owner()], None),
    ("sum(o.profit for o in owners) + fee > 60", [owner(profit=10), owner()], None),
    # Of a sum nothing is said where it is multiplied by a fact, or divides.
    ("sum(o.profit for o in owners) * fee <= 60", [owner(profit=10), owner()], None),
    ("10 / count(o in owners where o.blocked) > 0", BOTH, None),
    # What is built in place is not held to any `always` line.
    ("sum(o.share for o in [Owner(share = stake)]) >= 0%", BOTH, None),
]


@pytest.mark.parametrize(("condition", "owners", "expected"), CASES)
def test_bounds_decide_what_they_can(condition: str, owners: list[dict[str, Any]], expected: bool | None) -> None:
    policy = interpreter(POLICY.replace("CONDITION", condition))
    facts = {"owners": owners, "backers": owners if "backers" in condition else [], "fee": None}
    answer = policy.decide_json("m.deal", facts)
    assert answer.outcome == {True: "stop", False: "go", None: None}[expected]
    assert bool(answer.needs) == (expected is None)
    with imported(policy.program) as package:
        assert package.deal.answer(facts).outcome == answer.outcome


def test_a_list_nobody_knows() -> None:
    """A count is at least zero, as is a sum of what is never negative."""
    for condition, expected in [
        ("count(o in backers) >= 0", True),
        ("count(o in backers) >= 1", None),
        ("sum(o.share for o in backers) >= 0%", True),
        ("sum(o.share for o in backers) <= 0%", None),
        ("sum(o.profit for o in backers) < 0", False),
        ("sum(-o.profit for o in backers) > 0", False),
    ]:
        policy = interpreter(POLICY.replace("CONDITION", condition))
        facts = {"owners": [], "backers": None, "fee": 1}
        outcome = {True: "stop", False: "go", None: None}[expected]
        assert policy.decide_json("m.deal", facts).outcome == outcome, condition
        with imported(policy.program) as package:
            assert package.deal.answer(facts).outcome == outcome, condition


def completions(facts: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """All ways to make known what is unknown, with values from a small stock."""
    stock = {"blocked": [True, False], "share": ["0%", "20%", "100%"], "profit": [-60, 0, 2, 50]}
    owners = [dict(each) for each in facts["owners"]]
    places = [(each, name) for each in owners for name, value in each.items() if value is None]
    for values in product(*(stock[name] for _, name in places)):
        for (each, name), value in zip(places, values, strict=True):
            each[name] = value
        yield {**facts, "owners": [dict(each) for each in owners]}


def condition(random: Random) -> str:
    where = random.choice(["", " where o.blocked", " where not o.blocked and o.profit > 1", " where o.share >= 20%"])
    unit, value = random.choice([("", None), ("%", "o.share"), ("", "o.profit"), ("", "1 - 2 * o.profit")])
    total = f"count(o in owners{where})" if value is None else f"sum({value} for o in owners{where})"
    if not unit:
        total = random.choice([total, f"{total} + 1", f"3 - {total}", f"-2 * {total}", f"round_down({total} / 2)"])
    limit = f"{random.choice([-3, 0, 1, 2, 20, 50, 120])}{unit}"
    sides = [total, limit]
    random.shuffle(sides)
    return f"{sides[0]} {random.choice(['<', '<=', '==', '!=', '>', '>='])} {sides[1]}"


@pytest.mark.parametrize("seed", range(60))
def test_what_is_decided_is_so_however_it_is_completed(seed: int) -> None:
    random = Random(seed)
    policy = interpreter(POLICY.replace("CONDITION", condition(random)))

    def pick(*values: Any) -> Any:
        return random.choice([None, *values])

    for _ in range(8):
        owners = [owner(pick(True, False), pick("0%", "20%", "60%"), pick(-3, 0, 7)) for _ in range(2)]
        facts = {"owners": owners, "backers": [], "fee": None}
        answer = policy.decide_json("m.deal", facts).outcome
        if answer is not None:
            assert {policy.decide_json("m.deal", each).outcome for each in completions(facts)} == {answer}


def test_limits_hold_where_a_record_stands_in_a_set_too() -> None:
    """Facts in a set are held to the lines of their record: an unknown share is not negative there either."""
    text = POLICY.replace("owners: list of Owner", "owners: list of Owner\n        others: set of Owner")
    condition = "count(o in others where o.blocked) >= 9 or sum(o.share for o in owners where o.blocked) >= 50%"
    both = [owner(True, "60%"), owner(True, None)]
    policy = interpreter(text.replace("CONDITION", condition))
    assert policy.decide_json("m.deal", {"owners": both, "others": []}).outcome == "stop"
    with pytest.raises(FactsError, match="others"):
        policy.decide_json("m.deal", {"owners": both, "others": [owner(True, "-1%")]})
