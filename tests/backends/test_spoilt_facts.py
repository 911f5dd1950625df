"""Bad facts get the same refusal from the interpreter and from a built package; `scripts/fuzz_facts.py` tries more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from random import Random
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from tests.backends.loading import imported
from tests.backends.spoil import Both, differing
from tests.core import text
from tests.runtime.pandas_like import NA, NAT, Timestamp

POLICY = """
    enum Level:
        low
        high

    record Person:
        level: Level
        name: Text
        listed: Bool?

    record Case:
        people: set of Person
        crew: list of Person
        amount: Int = 1
        day: Date?

    decision permit for Case:
        outcomes:
            license
            free
        otherwise free

    rule listed for permit:
        when any p in people: p.listed
        then license

    rule doubtful for permit:
        when amount > 3
        refer to counsel "Is it?"
        then license
"""
ANN = {"level": "low", "name": "Ann", "listed": True}
FACTS: dict[str, Any] = {"people": [ANN], "crew": [], "day": None}


@pytest.fixture(scope="module")
def both() -> Iterator[Both]:
    interpreter = text.interpreter(POLICY)
    with imported(interpreter.program) as package:
        yield Both(interpreter, package)


@pytest.mark.parametrize("seed", [*range(6), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(6, 60))])
def test_spoilt_facts_are_taken_alike(seed: int) -> None:
    seen: Counter[str] = Counter()
    assert list(differing(Random(seed), 100, seen)) == []
    assert seen["refused"] > seen["accepted"] > 0


def test_a_bad_record_in_a_set_is_refused_by_its_path(both: Both) -> None:
    bad = {"level": "lw", "name": "Bob"}
    said = both.say("m.permit", {**FACTS, "people": [ANN, bad, 3], "amount": "x"})
    assert said["problems"] == [
        "`people[1].level`: expected a Level (low, high), got \"lw\"; did you mean `low`?",
        "`people[2]`: expected an object with the fields of Person, got 3",
        "`amount`: expected a whole number, got \"x\"",
    ]  # fmt: skip


KEPT = """
    enum Country:
        RU
        US

    party EAST = {RU}
    party WEST = {US}

    record Owner:
        share: Int?
        always share >= 0

    record Case:
        owners: set of Owner
        holding: Owner per Party
        sellers: list of Owner

    decision permit for Case:
        outcomes:
            stop
            free
        otherwise free

    rule large for permit:
        when any o in owners: o.share > 5
        then stop
"""


@pytest.mark.parametrize(
    ("facts", "place"),
    [
        ({"owners": [{"share": 7}, {"share": -1}]}, "owners"),
        ({"holding": {"EAST": {"share": None}, "WEST": {"share": -1}}}, "holding.WEST"),
        ({"sellers": [{}, {"share": -1}]}, "sellers[1]"),
    ],
)
def test_always_lines_hold_wherever_a_record_stands(facts: dict[str, Any], place: str) -> None:
    interpreter = text.interpreter(KEPT)
    good = {"owners": [{"share": None}, {"share": 6}], "holding": {"EAST": {"share": 0}}, "sellers": []}
    with imported(interpreter.program, "kept") as package:
        both = Both(interpreter, package)
        assert both.say("m.permit", good)["outcome"] == "stop"
        problems = both.say("m.permit", {**good, **facts})["problems"]
        assert problems == [f"`{place}`: expected facts that keep `always share >= 0`, got an object"]


@pytest.mark.parametrize("findings", [None, {}, {"doubtful": None}])
def test_no_findings_are_written_in_several_ways(both: Both, findings: object) -> None:
    said = both.say("m.permit", {**FACTS, "people": [], "amount": 4, "findings": findings})
    assert said["needs"] == ["findings.doubtful"]


@pytest.mark.parametrize("findings", [True, [], "doubtful", {"doubtful": 1}, {"listed": True}, {"doubtful": "free"}])
def test_bad_findings_are_refused(both: Both, findings: object) -> None:
    assert len(both.say("m.permit", {**FACTS, "findings": findings})["problems"]) == 1


def test_findings_given_apart_go_before_those_beside_the_facts(both: Both) -> None:
    facts = {**FACTS, "people": [], "amount": 4, "findings": {"doubtful": True}}
    for findings, outcome in (({"doubtful": False}, "free"), ({}, "license"), (None, "license")):
        asked = both.interpreter.decide_json("m.permit", facts, findings=findings)
        built = both.package.permit.answer(facts, findings=findings)
        assert asked.outcome == built.outcome == outcome


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ({"amount": np.int64(4), "findings": {"doubtful": np.bool_(True)}}, "license"),
        ({"people": [{**ANN, "listed": np.bool_(True)}]}, "license"),
        ({"people": [{**ANN, "listed": NA}]}, None),
        ({"people": [{**ANN, "listed": float("nan")}]}, None),
        ({"people": [], "day": Timestamp(2022, 2, 24)}, "free"),
        ({"people": [], "day": NAT}, "free"),
    ],
)
def test_scalars_of_numpy_and_pandas_are_facts(both: Both, facts: Mapping[str, object], outcome: str | None) -> None:
    assert both.say("m.permit", {**FACTS, "people": [], **facts})["outcome"] == outcome


def test_objects_of_a_package_hold_scalars(both: Both) -> None:
    records = both.package.records
    case = records.Case(people=[], crew=[], amount=np.int64(4), day=np.datetime64("2022-02-24"))
    assert (case.amount, case.day) == (4, date(2022, 2, 24))
    assert type(case.amount) is int
    assert records.Person(level="low", name="Ann", listed=NA).listed is None


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        (b'{"people": [], "people": [], "crew": []}', "expected an object with each key once, got `people` twice"),
        (b'{"people": [{"level": "low", "level": "low"}], "crew": []}', "`people[0]`: expected an object with each"),
        (b'{"people": [], "crew": [], "amount": NaN}', "`amount`: expected a number, got NaN"),
        (b'{"people": [], "crew": [], "amount": true}', "`amount`: expected a whole number, got true"),
        (b'{"people": null, "crew": []}', "`people`: expected an array"),
        (b'{"people": [null], "crew": []}', "`people[0]`: expected an object with the fields of Person, got null"),
        (b'{"people": [], "crew": [], "day": "2022-2-24"}', "`day`: expected a day such as \"2022-02-24\""),
        (b"[" * 100_000 + b"]" * 100_000, "JSON nested less deeply"),
        ({**FACTS, "amount": 10**5000}, "`amount`: expected a whole number, got a very long number"),
        ({**FACTS, "amount": Fraction(10**5000, 3)}, "`amount`: expected a whole number, got a very long number"),
        ({**FACTS, 10**5000: 1}, "`a very long number`: expected a field of Case"),
        (MappingProxyType({**FACTS, "amuont": 1}), "did you mean `amount`?"),
        ([FACTS], "expected an object with the fields of Case, got an array"),
        (None, "expected an object with the fields of Case, got null"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(both: Both, facts: object, problem: str) -> None:
    problems = both.say("m.permit", facts)["problems"]
    assert len(problems) == 1
    assert problem in problems[0]
