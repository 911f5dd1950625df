"""Elements compared with facts of the input: their days with its day, their places with its places."""

from __future__ import annotations

import pytest

from comity.analysis import analyse
from comity.tools.testing import run_tests
from tests.core.text import interpreter

BOARD = """
    enum Land:
        LANDS

    record Director:
        since: Date
        pay: Money in USD
        land: Land
        by_state: Bool?

    record Company as of date:
        directors: list of Director
        founded: Date
        budget: Money in USD
        seat: Land
        place: Land
        date: Date

    decision control for Company:
        outcomes:
            state
            free
        otherwise free

    rule one for control:
        when all:
LINES
        then state

    rule two for control:
        when seat == L1
        then free
"""

NEVER = [
    "any d in directors: date - d.since < 30 days; all d in directors: date - d.since >= 30 days",
    "any d in directors: d.since > 2024-01-01 and date - d.since > 30 days; date < 2024-01-31",
    "any d in directors: d.since > founded + 1 months; founded >= 2024-01-31; all d in directors: d.since < 2024-02-28",
    "any d in directors: d.land == seat and d.land == L2; seat != L2",
    "count(d in directors where d.land == seat) >= 1; all d in directors: d.land != seat",
    "any d in directors: d.pay > budget; budget > 10 USD; all d in directors: d.pay < 5 USD",
]

SOMETIMES = [
    "any d in directors: date - d.since < 30 days; any d in directors: date - d.since > 400 days",
    "all d in directors: date - d.since < 30 days; count(d in directors where d.by_state) * 2 > count(d in directors)",
    "any d in directors: d.since > 2024-01-01 and date - d.since > 30 days; date < 2024-02-10",
    "any d in directors: d.since == founded + 1 months; any d in directors: date == d.since + 1 months",
    "any d in directors: d.land == seat; all d in directors: d.land == L1",
    "count(d in directors where d.land == seat) >= 2; any d in directors: d.land != seat and d.land != place",
    "any d in directors: d.pay > budget; budget > 10 USD",
    "sum(d.pay for d in directors where d.land == place) >= budget; budget >= 100 USD; seat != place",
]


def codes(lines: str, lands: int) -> list[tuple[str, str]]:
    text = BOARD.replace("LANDS", "\n        ".join(f"L{n}" for n in range(lands)))
    text = text.replace("LINES", "\n".join(f"            {line.strip()}" for line in lines.split(";")))
    found = [each for each in analyse(interpreter(text).program) if each.code in ("L200", "L201", "L202")]
    tests = "\n\n".join("\n".join(f"    {line}" for line in each.test.splitlines()) for each in found if each.test)
    assert {each.status for each in run_tests(interpreter(f"{text}\n{tests}\n")).results} <= {"passed"}
    return [(each.code, each.subjects[0]) for each in found]


@pytest.mark.parametrize("lands", [3, 30])
@pytest.mark.parametrize("lines", NEVER)
def test_what_no_element_is(lines: str, lands: int) -> None:
    assert codes(lines, lands) == [("L202", "one")]


@pytest.mark.parametrize("lands", [3, 30])
@pytest.mark.parametrize("lines", SOMETIMES)
def test_what_elements_are(lines: str, lands: int) -> None:
    assert codes(lines, lands) == [("L201", "two")]
