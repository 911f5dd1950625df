"""One fact of an input replaced by another, and where a fact comes from that nobody gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.core.given import complete, replaced
from comity.core.interpret import Interpreter
from comity.pipeline.driver import build_one
from comity.runtime.errors import FactsError
from comity.runtime.facts import Decoder
from comity.runtime.types import BOOL, Field, RecordType
from comity.tools.testing import run_tests

FACTS = {"a": 1, "r": {"b": 2}, "l": ({"c": 3}, {"c": 4}), "u": None}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("a",), {**FACTS, "a": 0}),
        (("r", "b"), {**FACTS, "r": {"b": 0}}),
        (("l", 1, "c"), {**FACTS, "l": ({"c": 3}, {"c": 0})}),
        (("l", 2, "c"), FACTS),
        (("u", "b"), FACTS),
        (("a", "b"), FACTS),
        (("l", 0, "c", "d"), FACTS),
        (("new",), {**FACTS, "new": 0}),
    ],
)
def test_a_fact_is_replaced(path: tuple[str | int, ...], expected: object) -> None:
    before = repr(FACTS)
    assert replaced(FACTS, path, 0) == expected
    assert repr(FACTS) == before


def test_a_record_that_is_unknown_is_made_if_asked() -> None:
    assert replaced(FACTS, ("u", "b", "c"), 0, make=True) == {**FACTS, "u": {"b": {"c": 0}}}
    assert replaced({}, ("u", "b"), 0, make=True) == {"u": {"b": 0}}


@pytest.mark.parametrize("optional", [False, True])
@pytest.mark.parametrize("has_default", [False, True])
@pytest.mark.parametrize("given", [{}, {"f": None}, {"f": True}])
def test_facts_over_an_example_come_from_where_those_in_json_do(
    optional: bool, has_default: bool, given: dict[str, object]
) -> None:
    field = Field("f", BOOL, optional=optional, has_default=has_default, default=False if has_default else None)
    record = RecordType("m", "R", (field,))
    missing: list[str] = []
    defaults: list[str] = []
    facts = complete(record, given, {}, missing, defaults)
    if missing:
        with pytest.raises(FactsError) as caught:
            Decoder(record)(given)
        assert missing == [problem.path for problem in caught.value.problems] == ["f"]
    else:
        decoded = Decoder(record)(given)
        assert (facts, defaults) == (decoded.value, list(decoded.defaults))


@pytest.mark.parametrize("optional", [False, True])
@pytest.mark.parametrize("has_default", [False, True])
@pytest.mark.parametrize("example", [{"f": None}, {"f": True}, {"r": {"f": None}}, {"r": None}])
@pytest.mark.parametrize("given", [{}, {"f": None}, {"f": False}, {"r": {}}, {"r": None}])
def test_what_the_example_says_is_as_good_as_given_where_nothing_is(
    optional: bool, has_default: bool, given: dict[str, object], example: dict[str, object]
) -> None:
    """Unknown, too, so that no default goes before what the example says."""
    field = Field("f", BOOL, optional=optional, has_default=has_default, default=True if has_default else None)
    record = RecordType("m", "R", (field, Field("r", RecordType("m", "S", (field,)), optional=optional)))
    made = []
    both = {**example, **given}
    if given.get("r") == {}:
        both["r"] = example.get("r") or {}
    for facts, over in ((given, example), (both, {})):
        missing: list[str] = []
        defaults: list[str] = []
        made.append((complete(record, facts, over, missing, defaults), missing, defaults))
    assert made[0] == made[1]


POLICY = """
record Owner:
    share: Percent?
    always share in 0%..100%

record Pair:
    first_one: Owner
    second_one: Owner

record Deal:
    owners: list of Owner
    others: set of Owner
    pair: Pair
    open: Bool

record Other:
    open: Bool

decision deal for Deal:
    outcomes:
        stop
        go
    otherwise go

rule owned for deal:
    when sum(o.share for o in owners) > 120%
    then stop

define size(n: Int) -> Int:
    1 when n == 1

define shut for Other:
    not open

example Other:
    open = true
"""
TESTS = """
example Deal:
    owners = []
    others = {}
    pair.first_one.share = 1%
    pair.second_one.share = 1%
    open = false

test "two whole shares at most" for deal:
    given:
        owners = [Owner(share = 20%), Owner(share = unknown)]
    expect go

test "or not" for deal:
    given:
        owners = [Owner(share = 30%), Owner(share = unknown)]
    expect undetermined needing owners[1].share

test "in a set" for deal:
    given:
        others = {Owner(share = 130%)}
    expect refused

test "in a record" for deal:
    given:
        pair = Pair(first_one = Owner(share = 130%), second_one = Owner(share = 1%))
    expect refused

test "an example of another record" for shut:
    expect false
"""


EXAMPLE, _, _ = TESTS.partition("test ")


def results(folder: Path, **modules: str) -> list[tuple[str, str]]:
    (folder / "comity.toml").write_text("")
    for name, text in modules.items():
        (folder / f"{name}.comity").write_text(text)
    run = run_tests(Interpreter(build_one([folder]).program))
    return [(result.status, result.got) for result in run.results]


def test_records_that_tests_build_are_facts(tmp_path: Path) -> None:
    """What is always so of them is used and held, as it is of facts from JSON."""
    found = results(tmp_path, m=POLICY + TESTS)
    assert [status for status, _ in found] == ["passed"] * 5, found


def test_examples_of_other_modules_are_not_used(tmp_path: Path) -> None:
    test = 'use m: *\n\ntest "alone" for deal:\n    given:\n        owners = []\n    expect go\n'
    assert results(tmp_path, m=POLICY + EXAMPLE, n=test) == [("error", "missing facts: `others`, `open`")]


def test_a_fact_that_has_no_value_is_an_error_of_the_test(tmp_path: Path) -> None:
    test = '\ntest "gap" for deal:\n    given:\n        open = size(2) == 1\n    expect go\n'
    ((status, got),) = results(tmp_path, m=POLICY + EXAMPLE + test)
    assert status == "error" and "`size`" in got
