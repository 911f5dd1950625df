"""The program of the language's page (`tests/corpus/language`) decides as the page says.

Its modules hold the code blocks of the page unchanged, each with the imports that complete it; the tables beside them
are made up.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from comity.core.interpret import Interpreter
from comity.pipeline.driver import build_one
from comity.runtime.answer import Answer, FactsError
from comity.tools.testing import run_tests

CORPUS = Path(__file__).parents[1] / "corpus" / "language"


@cache
def interpreter() -> Interpreter:
    return Interpreter(build_one([CORPUS]).program)


def export(
    eccn: str, destination: str, day: str = "2023-06-01", item: dict[str, Any] | None = None, **changes: Any
) -> dict[str, Any]:
    return {
        "item": {"eccn": eccn, "origin": "US", **(item or {})},
        "shipped_from": "US",
        "destination": destination,
        "value": "10000 USD",
        "date": day,
        "parties": [{"role": "consignee", "country": destination}],
        "stated_purpose": {"absent": True},
        **changes,
    }


def decide(facts: dict[str, Any], decision: str = "licensing.licensing", **more: Any) -> Answer:
    return interpreter().decide_json(decision, facts, **more)


def statuses(answer: Answer) -> dict[str, str]:
    return {rule.name: rule.status for rule in answer.rules}


def test_the_tests_of_the_page_pass() -> None:
    run = run_tests(interpreter())
    results = {result.name: result.status for result in run.results}
    assert results["chips to Russia"] == "passed"
    assert run.failed == 0


def test_russia_and_belarus_by_date() -> None:
    before = decide(export("9A991", "RU", "2022-02-23"))
    assert before.outcome == "no_license_required" and before.rules == ()
    since = decide(export("9A991", "RU", "2022-02-24"))
    assert since.outcome == "license_required" and statuses(since) == {"russia_ccl": "decides"}
    assert since.rules[0].citations == ("15 CFR 746.8(a)(1)",)
    outcomes = [decide(export("9A991", "BY", f"2022-03-{day:02}")).outcome for day in (1, 2)]
    assert outcomes == ["no_license_required", "license_required"]


def test_from_april_2022_every_code_but_ear99() -> None:
    codes = ("2B999", "3A991", "EAR99")
    assert [decide(export(code, "RU", "2022-04-07")).outcome for code in codes[1:]] == [
        "license_required",
        "no_license_required",
    ]
    # 2B999 has no row in this list, so its reasons for control are unknown; but they do not matter any more.
    assert decide(export("2B999", "RU", "2022-04-07")).needs == ("ccl[2B999]",)
    assert [decide(export(code, "RU", "2022-04-08")).outcome for code in codes] == [
        "license_required",
        "license_required",
        "no_license_required",
    ]


def test_unknown_content_does_not_matter_where_the_origin_decides() -> None:
    american = decide(export("9A991", "RU", item={"us_content": None}))
    assert american.determined and american.outcome == "license_required"
    foreign = decide(export("9A991", "RU", item={"origin": "JP", "us_content": None}, shipped_from="JP"))
    assert foreign.possible == ("license_required", "no_license_required")
    assert foreign.needs == ("item.us_content",)
    shares = [
        decide(export("9A991", "RU", item={"origin": "JP", "us_content": share}, shipped_from="JP")).outcome
        for share in ("25%", "25.1%")
    ]
    assert shares == ["no_license_required", "license_required"]


def test_the_chart_rule_is_a_family() -> None:
    answer = decide(export("9A610", "CN"))
    assert answer.outcome == "license_required"
    assert statuses(answer) == {f"chart_control[{r}]": "decides" for r in ("NS1", "MT1", "RS1")}
    assert decide(export("9A610", "CA")).outcome == "no_license_required"


def test_gbs_is_an_exception_to_the_national_security_columns_only() -> None:
    answer = decide(export("3A001.a", "BR"))
    assert answer.outcome == "exception_available"
    assert statuses(answer) == {"gbs[NS2]": "decides", "chart_control[NS2]": "defeated"}
    assert next(rule for rule in answer.rules if rule.name == "chart_control[NS2]").by == ("gbs[NS2]",)
    # 3A002 is controlled for MT, too; `prevail license_required over exception_available` then settles it.
    both = decide(export("3A002", "BR"))
    assert both.outcome == "license_required"
    assert both.grounds == ("prevail license_required over exception_available (15 CFR 738.4)",)
    # China is not in country group B.
    assert decide(export("3A001.a", "CN")).outcome == "license_required"


def test_an_embargo_disapplies_gbs() -> None:
    answer = decide(export("3A001.a", "KP"))
    assert answer.outcome == "license_required"
    assert statuses(answer) == {"chart_control[NS2]": "decides", "gbs[NS2]": "disapplied"}
    assert next(r for r in answer.rules if r.name == "gbs[NS2]").by == ("no_exceptions_for_embargoed",)


def test_a_listed_party_needs_a_license_for_anything() -> None:
    parties = [{"role": "consignee", "country": "CA"}, {"role": "end_user", "country": "CA", "listed": True}]
    answer = decide(export("EAR99", "CA", parties=parties))
    assert answer.outcome == "license_required" and statuses(answer) == {"entity_list": "decides"}
    assert answer.defaults == ("parties[0].listed",)


def test_a_missing_row_never_permits() -> None:
    assert decide(export("EAR99", "CU")).outcome == "no_license_required"
    answer = decide(export("3A991", "CU"))
    assert answer.outcome is None and answer.needs == ("chart[CU, AT1]",)
    assert answer.possible == ("license_required", "no_license_required")
    assert set(statuses(answer).values()) == {"possible"}


def test_an_unknown_cell_is_unknown() -> None:
    """The list does not say whether 3A003 may use GBS; then neither answer may be given."""
    answer = decide(export("3A003", "BR"))
    assert answer.possible == ("license_required", "exception_available")
    assert answer.needs == ("ccl[3A003]",)
    assert statuses(answer) == {"chart_control[NS2]": "possible", "gbs[NS2]": "possible"}


def test_facts_of_the_world_are_kept() -> None:
    with pytest.raises(FactsError, match="value >= 0 USD"):
        decide(export("3A001", "CA", value="-1 USD"))
    with pytest.raises(FactsError, match=r"p\.role == consignee"):
        decide(export("3A001", "CA", parties=[]))


def test_dated_sets_and_absent_purposes() -> None:
    made = interpreter()
    term = made.program.sets["facts.NATO"].body
    assert made.evaluate(term, {}, date(2023, 4, 3)) == {"BE", "CA", "US"}
    assert made.evaluate(term, {}, date(2023, 4, 4)) == {"BE", "CA", "US", "FI"}
    assert made.evaluate(term, {}, date(2024, 3, 7)) == {"BE", "CA", "US", "FI", "SE"}


@pytest.mark.parametrize(
    ("eccn", "destination", "day", "item", "outcome"),
    [
        ("3A001", "RU", "2022-03-01", {"made_with_us_equipment": True}, "yes"),
        ("3A001", "RU", "2022-03-01", {"made_with_us_equipment": False, "designed_with_us_technology": False}, "nay"),
        ("3A001", "BY", "2022-03-02", {}, "yes"),
        ("3A001", "BY", "2022-03-01", {}, None),
        ("3A001", "CN", "2022-03-02", {}, "nay"),
        ("6A001", "BY", "2022-03-02", {}, "nay"),
        ("EAR99", "BY", "2022-03-02", {}, "nay"),
    ],
)
def test_a_nested_condition(eccn: str, destination: str, day: str, item: dict[str, Any], outcome: str | None) -> None:
    answer = decide(export(eccn, destination, day, item), "shape.shape")
    assert answer.outcome == outcome
    if outcome is None:
        assert answer.needs == ("item.designed_with_us_technology", "item.made_with_us_equipment")
