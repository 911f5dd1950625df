"""Rules that are said never to remain beside each other do so for no conditions; in a chain nearly all pairs are."""

from __future__ import annotations

from itertools import product
from random import Random

from comity.analysis.decision.companions import Companions
from comity.runtime.rules import Rule, Ruleset


def ruleset(random: Random, count: int = 6) -> Ruleset | None:
    """Rules with relations at random; None if they go in a circle."""
    rules = []
    for number in range(count):
        others = random.sample(range(number), number)
        excepted, disapplied, prevailed = (
            tuple(sorted(others.pop() for _ in range(min(len(others), random.choice((0, 0, 1, 2)))))) for _ in range(3)
        )
        rules.append(
            Rule(
                f"r{number}",
                outcome=random.choice("ab"),
                exception_to=excepted,
                disapplies=disapplied,
                prevails_over=tuple(sorted({*excepted, *prevailed})),
            )
        )
    try:
        return Ruleset(("a", "b"), None, rules)
    except ValueError:
        return None


def remaining(rules: Ruleset) -> set[int]:
    """For each way that own conditions turn out, the rules that remain."""
    found = set()
    for own in product((False, True), repeat=len(rules.rules)):
        true = sum(1 << number for number, holds in enumerate(own) if holds)
        found.add(rules.remaining(*rules.applying(true, 0))[0])
    return found


def test_what_is_said_never_to_remain_together_never_does() -> None:
    told = 0
    for seed in range(120):
        rules = ruleset(Random(seed))
        if rules is None:
            continue
        companions, ways = Companions(rules), remaining(rules)
        for one, two in product(range(len(rules.rules)), repeat=2):
            if not companions.may_remain(one, two):
                told += 1
                assert not any(mask >> one & 1 and mask >> two & 1 for mask in ways), (seed, one, two)
    assert told > 500


def test_in_a_chain_of_exceptions_no_two_rules_remain() -> None:
    rules = [
        Rule(f"r{n}", outcome="ab"[n % 2], exception_to=(n - 1,) if n else (), prevails_over=(n - 1,) if n else ())
        for n in range(30)
    ]
    companions = Companions(Ruleset(("a", "b"), None, rules))
    assert not any(companions.may_remain(one, two) for one in range(30) for two in range(one))
