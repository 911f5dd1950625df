"""The Export Administration Regulations with Russia, and other countries, moved to Country Group E:1."""

from __future__ import annotations

import pytest
from scripts.one_more_in_e1 import compared, in_e1

from comity.core import ast as core
from comity.tools import diff as comparing
from tests import shared


@pytest.fixture(scope="module")
def ear() -> core.Program:
    return shared.ear().core


@pytest.fixture(autouse=True)
def _shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    """In CI fewer inputs are tried than by the command."""
    monkeypatch.setattr(comparing, "MOST_TRIED", 3_000)


def test_the_groups_are_those_of_the_supplement(ear: core.Program) -> None:
    assert in_e1(ear) == {"IR", "KP", "SY"}


@pytest.mark.parametrize("country", [pytest.param(each, marks=pytest.mark.slow) for each in ("DE", "CN")])
def test_one_more_country_in_e1_only_tightens(ear: core.Program, country: str) -> None:
    found = compared(ear, country, ("licensing",))
    assert found.changes and found.open, "something changes, and that it is all is not claimed"
    assert {change.direction for change in found.changes} == {"tightens"}
    assert all(change.subjects[0] == "group" for change in found.changes)


def test_russia_in_e1_by_item_and_destination(ear: core.Program) -> None:
    """What the variant's README says: the content threshold, and License Exception ENC."""
    found = compared(ear, "RU", ("licensing",))
    ways = {(change.before[0], change.after[0]): change for change in found.changes}
    content = ways["not_subject", "license_required"]
    assert "outside_the_ear" in content.subjects
    assert content.among["destination"] == ["RU"] and len(content.among["item.eccn"]) > 20
    assert content.tried is not None and content.share is not None and not content.exact
    encryption = ways["exception_available", "license_required"]
    assert "enc" in encryption.subjects and "5A002.a" in encryption.among["item.eccn"]
    (neither,) = (change for change in found.changes if change.direction != "tightens")
    assert neither.direction == "other", "an answer that stays open, between fewer outcomes"
    assert set(neither.before[1]) - set(neither.after[1]) == {"exception_available"}
