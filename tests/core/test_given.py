"""One fact of an input replaced by another, and where a fact comes from that nobody gives."""

from __future__ import annotations

import pytest

from comity.core.given import complete, replaced
from comity.runtime.errors import FactsError
from comity.runtime.facts import Decoder
from comity.runtime.types import BOOL, Field, RecordType

FACTS = {"a": 1, "r": {"b": 2}, "l": ({"c": 3}, {"c": 4}), "u": None}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("a",), {**FACTS, "a": 0}),
        (("r", "b"), {**FACTS, "r": {"b": 0}}),
        (("l", 1, "c"), {**FACTS, "l": ({"c": 3}, {"c": 0})}),
        (("l", 2, "c"), FACTS),
        (("u", "b"), FACTS),
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
