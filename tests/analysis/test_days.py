"""Days that rules leave out (L213) where the day is compared with other dates, days and months later or earlier."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby, product
from random import Random

import pytest

from comity.analysis import analyse
from comity.analysis.arithmetic.days import Apart, lengths, solve_days
from comity.analysis.arithmetic.linear import Unsettled
from comity.analysis.space.symbols import FIRST, LAST, first_day, months_later
from comity.core.interpret import Interpreter
from tests.core.text import interpreter

HEAD = """
    record Case as of day:
        filed: Date
        sent: Date
        day: Date

    decision permit for Case:
        outcomes:
            ban
            ask
            free
        otherwise free
"""

CONDITIONS = (
    "day < filed",
    "day <= filed + 1 months",
    "day > filed + 1 months",
    "day > filed + 30 days",
    "day > filed + 31 days",
    "day == filed + 2 months",
    "day - 1 months > filed",
    "day + 1 months < filed",
    "day - filed < 45 days",
    "day < 2024-02-10",
    "day >= 2024-03-05",
    "day > sent + 1 months",
    "sent + 1 months <= day",
    "day < sent",
    "sent > filed",
    "filed in 2024-01-30 .. 2024-02-02",
)
FILED = [date(2024, 1, 28) + timedelta(days) for days in range(0, 36, 1)] + [date(2023, 1, 31), date(2023, 2, 28)]
SENT = [date(2024, 1, 31), date(2024, 2, 27), date(2024, 3, 1)]


def written(random: Random) -> str:
    rules = []
    for number, outcome in enumerate(("ban", "ask", "ban")[: random.randint(1, 3)]):
        lines = "\n".join(f"            {each}" for each in random.sample(CONDITIONS, random.randint(1, 2)))
        rules.append(f"\n    rule r{number} for permit:\n        when all:\n{lines}\n        then {outcome}\n")
    return HEAD + "".join(rules)


def left_out(text: str, random: Random) -> Iterator[tuple[date, date, date]]:
    """Dates filed and sent, and a day on which no rule decides though some do before and after it."""
    run = interpreter(text)
    for filed in random.sample(FILED, 8):
        for sent in random.sample(SENT, 1 if "sent" not in text.split("decision")[1] else 3):
            line = [date(2023, 1, 1) + timedelta(days) for days in range(560)]
            runs = [
                (decided, list(days)) for decided, days in groupby(line, key=lambda d: decides(run, filed, sent, d))
            ]
            for (before, _), (inside, days), (after, _) in zip(runs, runs[1:], runs[2:], strict=False):
                if before and not inside and after:
                    yield filed, sent, days[0]


def decides(run: Interpreter, filed: date, sent: date, day: date) -> bool:
    answer = run.decide("m.permit", {"filed": filed, "sent": sent, "day": day})
    return any(rule.status in ("decides", "possible") for rule in answer.rules)


@pytest.mark.parametrize("seed", [*range(6), *(pytest.param(n, marks=pytest.mark.slow) for n in range(6, 200))])
def test_days_that_are_left_out_are_found(seed: int) -> None:
    random = Random(seed)
    text = written(random)
    found = analyse(interpreter(text).program)
    assert [each.message for each in found if each.code == "L200"] == []
    if not any(each.code == "L213" for each in found):
        assert list(left_out(text, random)) == [], text


CASES = [
    # A month is 28 to 31 days.
    (("day < filed + 30 days", "day > filed + 1 months"), True),
    (("day < filed + 1 months", "day > filed + 30 days"), True),
    (("day <= filed + 32 days", "day > filed + 1 months"), False),
    (("day <= filed + 1 months", "day > filed + 1 months"), False),
    (("day <= filed + 1 months", "day > filed + 27 days"), False),
    # From the other side: the last of a month is in the next one as well.
    (("day < filed", "day - 1 months > filed"), True),
    (("day < filed + 1 months", "day - 1 months >= filed"), True),
    (("day <= filed + 31 days", "day - 1 months >= filed"), False),
]


@pytest.mark.parametrize(("conditions", "is_left_out"), CASES)
def test_months_after_another_date(conditions: tuple[str, ...], is_left_out: bool) -> None:
    rules = "".join(
        f"\n    rule r{number} for permit:\n        when {condition}\n        then ban\n"
        for number, condition in enumerate(conditions)
    )
    codes = {each.code for each in analyse(interpreter(HEAD + rules).program)}
    assert "L200" not in codes
    assert ("L213" in codes) == is_left_out


MONTHS = (1, -1, 2, -3, 12, 13, 48, -60, 1199)


@pytest.mark.parametrize("months", MONTHS)
def test_how_many_days_months_are(months: int) -> None:
    days = range(date(2000, 1, 1).toordinal(), date(2400, 1, 1).toordinal())
    moved = {after(day, months) - day for day in days}
    assert lengths(months) == (min(moved), max(moved))


@pytest.mark.parametrize("months", MONTHS)
def test_the_first_day_months_before_another(months: int) -> None:
    random = Random(months)
    for ordinal in random.sample(range(700_000, 760_000), 500):
        first = first_day(ordinal, months)
        assert after(first - 1, months) < ordinal <= after(first, months)
    assert first_day(LAST, 1) == first_day(LAST + 1, 0) == LAST + 1
    assert first_day(FIRST, 1) == FIRST


def after(ordinal: int, months: int) -> int:
    later = months_later(ordinal, months)
    assert later is not None
    return later


@pytest.mark.parametrize("seed", [*range(4), *(pytest.param(n, marks=pytest.mark.slow) for n in range(4, 60))])
def test_days_apart_as_brute_force_finds_them(seed: int) -> None:
    random = Random(seed)
    start = date(2023, 11, 20).toordinal()
    bounds = {v: (start + random.randint(0, 40), start + random.randint(60, 130)) for v in range(2)}
    for _ in range(10):
        apart = [some_days_apart(random) for _ in range(random.randint(1, 3))]
        days = [range(low, high + 1) for low, high in bounds.values()]
        expected = [picked for picked in product(*days) if all(is_met(each, picked) for each in apart)]
        found = solve_days(bounds, apart)
        assert (found is None) == (not expected)
        assert found is None or tuple(found[v] for v in bounds) in expected


def some_days_apart(random: Random) -> Apart:
    later, earlier = random.choice(((0, 1), (1, 0), (0, 0)))
    return Apart(later, random.choice((0, 0, 1, 2, -1)), earlier, random.choice((0, 1, -2)), random.randint(-35, 35))


def is_met(each: Apart, days: Sequence[int]) -> bool:
    return after(days[each.later], each.plus) >= after(days[each.earlier], each.minus) + each.days


def test_days_that_never_come() -> None:
    """Round a cycle that moves them up for ever, and within a few years where it does not."""
    free = {0: (FIRST, LAST), 1: (FIRST, LAST)}
    assert solve_days(free, [Apart(1, 0, 0, 1, 1), Apart(0, 0, 1, -1, 1)]) is None
    assert solve_days(free, [Apart(1, 0, 0, 1, 0), Apart(0, 0, 1, 0, -27)]) is None
    found = solve_days(free, [Apart(1, 0, 0, 1, 0), Apart(0, 0, 1, 0, -28)])
    assert found is not None and date.fromordinal(found[0]).month in (1, 2)
    # After what no century may shorten: five years with a single leap day, which only 1900 and such years bring.
    five = [Apart(1, 0, 0, 60, 0), Apart(0, 0, 1, 0, -1_825)]
    assert solve_days({v: (date(1890, 1, 1).toordinal(), LAST) for v in free}, five) is not None
    with pytest.raises(Unsettled):
        solve_days({v: (date(1901, 1, 1).toordinal(), date(2090, 1, 1).toordinal()) for v in free}, five)
