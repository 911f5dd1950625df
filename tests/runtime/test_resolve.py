"""Resolution against its definition: every way to settle what is unknown, tried one by one."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from comity.runtime import ways
from comity.runtime.resolve import Ground, Resolution, Rule, Ruleset, referred, resolve
from comity.runtime.rules import RANKS

OUTCOMES = ("prohibited", "license", "exception", "free")
DAYS = (date(2020, 1, 1), date(2021, 1, 1), date(2022, 1, 1))


# --------------------------------------------------------------------------- the definition, word by word


def says(
    rules: Sequence[Rule], own: Sequence[bool], outcomes: Sequence[str | None], ruleset: Ruleset, day: date
) -> set[str]:
    """The outcomes left where every own condition is known: none is a gap (or `otherwise`), several a contradiction."""
    memo: dict[int, bool] = {}

    def applies(number: int) -> bool:
        if number not in memo:
            rule = rules[number]
            memo[number] = (
                own[number]
                and (not rule.exception_to or any(applies(other) for other in rule.exception_to))
                and not any(applies(n) for n, other in enumerate(rules) if number in other.disapplies)
            )
        return memo[number]

    applicable = [n for n in range(len(rules)) if applies(n)]
    left = [n for n in applicable if not any(n in rules[other].prevails_over for other in applicable)]
    left = [n for n in left if outcomes[n] is not None]
    for ground in ruleset.grounds:
        if len({outcomes[n] for n in left}) < 2:
            break
        match ground.kind:
            case "over":
                if any(outcomes[n] == ground.winner for n in left):
                    left = [n for n in left if outcomes[n] != ground.loser]
            case "rank":
                ranks = {n: (("", *RANKS).index(rules[n].rank or "")) for n in left}
                left = [n for n in left if ranks[n] == max(ranks.values())]
            case "later":
                since = {n: max((b for b in rules[n].begins if b <= day), default=date.min) for n in left}
                left = [n for n in left if since[n] == max(since.values())]
            case "restriction":
                first = min(OUTCOMES.index(outcomes[n] or "") for n in left)
                left = [n for n in left if outcomes[n] == OUTCOMES[first]]
    return {outcomes[n] or "" for n in left}


def ways_of(
    ruleset: Ruleset, own: Sequence[bool | None], chosen: dict[int, str]
) -> Iterator[tuple[tuple[bool, ...], tuple[str | None, ...]]]:
    """Every own condition true or false where unknown; every outcome where a rule refers for any."""
    conditions = [(value,) if value is not None else (True, False) for value in own]
    outcomes: list[tuple[str | None, ...]] = [
        (rule.outcome,) if rule.outcome or not rule.refers else (chosen[n],) if n in chosen else OUTCOMES
        for n, rule in enumerate(ruleset.rules)
    ]
    return ((c, o) for c in product(*conditions) for o in product(*outcomes))


@dataclass
class Expected:
    outcome: str | None
    possible: set[str]
    error: str | None
    relevant: set[int]


def by_definition(ruleset: Ruleset, own: Sequence[bool | None], day: date, chosen: dict[int, str]) -> Expected:
    fallback = set() if ruleset.otherwise is None else {ruleset.otherwise}
    said = {}
    for conditions, outcomes in ways_of(ruleset, own, chosen):
        left = says(ruleset.rules, conditions, outcomes, ruleset, day) or fallback
        said[conditions, outcomes] = frozenset(left)
    results = set(said.values())
    possible = {outcome for left in results for outcome in left}
    outcome = error = None
    if results == {frozenset()}:
        error = "gap"
    elif all(len(left) > 1 for left in results):
        error = "contradiction"
    elif len(results) == 1:
        outcome = next(iter(possible))
    relevant = set()
    if outcome is None and error is None:
        for (conditions, outcomes), left in said.items():
            for n, value in enumerate(own):
                if value is None and conditions[n]:
                    other = (*conditions[:n], False, *conditions[n + 1 :])
                    if said[other, outcomes] != left:
                        relevant.add(n)
                changed = [(*outcomes[:n], o, *outcomes[n + 1 :]) for o in OUTCOMES]
                if value is not None and any(said.get((conditions, o), left) != left for o in changed):
                    relevant.add(n)
    return Expected(outcome, possible, error, relevant)


# ------------------------------------------------------------------------------------------ at random


@st.composite
def rulesets(draw: st.DrawFn, size: int = 6) -> Ruleset:
    count = draw(st.integers(0, size))
    rules: list[Rule] = []
    for number in range(count):
        # Whether a rule applies hangs on earlier rules only, so there is no circle.
        earlier = st.lists(st.integers(0, number - 1), unique=True, max_size=2).map(tuple) if number else st.just(())
        refers = draw(st.integers(0, 9)) == 0
        excepted = draw(earlier) if draw(st.booleans()) else ()
        prevails = draw(earlier) if draw(st.booleans()) else ()
        rules.append(
            Rule(
                name=f"r{number}",
                outcome=draw(st.sampled_from((*OUTCOMES, *OUTCOMES, None))),
                refers=refers,
                exception_to=excepted,
                prevails_over=tuple(sorted({*excepted, *prevails})) if draw(st.booleans()) else prevails,
                rank=draw(st.sampled_from((None, *RANKS[:2]))),
                begins=draw(st.sampled_from(((), DAYS[:1], DAYS[1:2], DAYS[:3:2]))),
            )
        )
        if draw(st.integers(0, 2)) == 0:
            for other in draw(earlier):
                rules[other] = replace(rules[other], disapplies=(*rules[other].disapplies, number))
    over = st.tuples(st.sampled_from(OUTCOMES), st.sampled_from(OUTCOMES)).filter(
        lambda pair: OUTCOMES.index(pair[0]) < OUTCOMES.index(pair[1])
    )
    ground = over.map(lambda pair: Ground("over", *pair)) | st.sampled_from(
        (Ground("rank"), Ground("later"), Ground("restriction"))
    )
    grounds = draw(st.lists(ground, max_size=4))
    otherwise = draw(st.sampled_from((None, *OUTCOMES)))
    return Ruleset(OUTCOMES, otherwise, rules, grounds)


@st.composite
def inputs(draw: st.DrawFn) -> tuple[Ruleset, list[bool | None], date, dict[int, str]]:
    ruleset = draw(rulesets())
    truth = st.sampled_from((True, None, None, False))
    own = [draw(truth) for _ in ruleset.rules]
    chosen = {
        n: draw(st.sampled_from(OUTCOMES))
        for n, rule in enumerate(ruleset.rules)
        if rule.refers and rule.outcome is None and draw(st.booleans())
    }
    return ruleset, own, draw(st.sampled_from(DAYS)), chosen


@settings(max_examples=1500, deadline=None)
@given(inputs())
def test_resolution_is_what_every_way_says(case: tuple[Ruleset, list[bool | None], date, dict[int, str]]) -> None:
    ruleset, own, day, chosen = case
    expected = by_definition(ruleset, own, day, chosen)
    got = resolve(ruleset, own, day, chosen)
    note(f"{ruleset.rules=} {ruleset.grounds=} {ruleset.otherwise=} {expected=}")
    assert got.exact
    assert (got.outcome, set(got.possible), got.error) == (expected.outcome, expected.possible, expected.error)
    assert set(got.relevant) == expected.relevant
