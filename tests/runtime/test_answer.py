"""Answers: their JSON is a contract, their words are for people."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from datetime import date

import pytest

from comity.runtime.answer import Answer, GapError, RuleStatus, Undetermined

DETERMINED = Answer(
    decision="licensing",
    outcome="license_required",
    determined=True,
    possible=("license_required",),
    as_of=date(2022, 3, 1),
    rules=(
        RuleStatus("russia_ccl", "ear.russia", "license_required", ("15 CFR 746.8(a)(1)",), "decides"),
        RuleStatus("lvs", "ear.exceptions", "exception_available", ("15 CFR 740.3",), "defeated", ("russia_ccl",)),
    ),
    defaults=("parties[0].listed",),
)
OPEN = Answer("licensing", None, False, ("license_required", "free"), needs=("destination",))


def test_json_has_the_documented_keys_in_order() -> None:
    got = DETERMINED.to_json()
    assert list(got)[:7] == ["decision", "outcome", "determined", "possible", "needs", "as_of", "rules"]
    assert {"defaults", "relied_on_unknown", "grounds", "version"} <= got.keys()
    assert "error" not in got
    decides, defeated = DETERMINED.rules
    assert list(decides.to_json()) == ["name", "module", "outcome", "citations", "status"]
    assert defeated.to_json()["by"] == ["russia_ccl"]
    assert json.loads(json.dumps(got)) == got


def test_an_answer_explains_itself_with_its_citations() -> None:
    text = DETERMINED.explain()
    for part in ("license_required on 2022-03-01", "russia_ccl (15 CFR 746.8(a)(1))", "defeated by russia_ccl"):
        assert part in text
    assert "possible: license_required, free" in OPEN.explain()
    assert "needed: destination" in OPEN.explain()
    used = replace(OPEN, defaults=("transit",))
    assert "defaults" not in used.explain() and "defaults used: transit" in used.explain(defaults=True)


def test_an_outcome_is_required_or_why_there_is_none_is_raised() -> None:
    assert DETERMINED.require() == "license_required"
    with pytest.raises(Undetermined, match="destination") as caught:
        OPEN.require()
    assert caught.value.answer is OPEN
    with pytest.raises(GapError, match="licensing"):
        Answer("licensing", None, False, (), error="gap").require()


def test_answers_are_plain_values() -> None:
    assert pickle.loads(pickle.dumps(DETERMINED)) == DETERMINED
    with pytest.raises(AttributeError):
        DETERMINED.outcome = "free"  # type: ignore[misc]
