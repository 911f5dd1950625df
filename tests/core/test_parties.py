"""A party `as of` a day keeps the members of that day, those included of whom it is not known whether they are."""

from __future__ import annotations

from datetime import date

import pytest

from comity import terms
from comity.base.diagnostics import Report
from comity.core.interpret import Interpreter
from comity.core.lower import lower
from comity.runtime.types import SetType
from tests.checked.support import Checked

POLICY = """
    use std.countries: *

    table member(country: Country) -> Bool:
        BE: true
        FR: true
        RU: false

    table league(country: Country) -> set of Country:
        US: {US, CA}

    set ALLIES: Country =
        {BE}
        + {FR} from 2020-01-01
        - {BE} from 2022-01-01

    set ASKED: Country = {c in {BE, FR, RU, DE} where member[c]}

    party MOVING = ALLIES
    party EARLY = ALLIES as of 2019-12-31
    party LATE = ALLIES as of 2022-01-01
    party DOUBTFUL = ASKED as of 2019-06-01
    party LEAGUE = league[US] as of 2019-06-01
    party NOBODY_KNOWS = league[GB] as of 2019-06-01
"""


@pytest.fixture(scope="module")
def interpreter() -> Interpreter:
    checked = Checked(POLICY, facts=False)
    assert checked.found == []
    return Interpreter(lower(checked.program, Report()))


@pytest.mark.parametrize(
    ("party", "day", "members"),
    [
        ("MOVING", "2019-12-31", {"BE": True, "FR": False}),
        ("MOVING", "2020-01-01", {"BE": True, "FR": True}),
        ("MOVING", "2022-01-01", {"BE": False, "FR": True}),
        ("MOVING", None, {"BE": None, "FR": None, "RU": False}),
        *(("EARLY", day, {"BE": True, "FR": False}) for day in ("2019-12-31", "2020-01-01", "2023-01-01", None)),
        *(("LATE", day, {"BE": False, "FR": True}) for day in ("2019-12-31", "2023-01-01", None)),
        ("DOUBTFUL", "2023-01-01", {"BE": True, "FR": True, "RU": False, "DE": None, "US": False}),
        ("DOUBTFUL", None, {"BE": True, "FR": True, "RU": False, "DE": None, "US": False}),
        ("LEAGUE", "2023-01-01", {"US": True, "CA": True, "GB": False}),
        ("NOBODY_KNOWS", "2023-01-01", {"US": None, "GB": None}),
    ],
)  # fmt: skip
def test_who_is_a_member(
    interpreter: Interpreter, party: str, day: str | None, members: dict[str, bool | None]
) -> None:
    body = interpreter.program.sets[f"m.{party}"].body
    assert isinstance(body.type, SetType)
    on = None if day is None else date.fromisoformat(day)
    found = {
        country: interpreter.evaluate(terms.MemberOf(terms.Const(country, body.type.element), body), {}, on)
        for country in members
    }
    assert found == members
