"""A built package says of acts and events what the interpreter says: on random agreements, unknown facts included."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import comity
from comity.backends.python import emit
from comity.core.predicates import AgreementPredicates, ResponsePredicates
from tests.backends.loading import imported
from tests.reciprocity.small import KEEPERS, OPEN, PLACES, RECORD, SIDE, SIZES, Condition, conditions
from tests.reciprocity.support import load

ROOT = Path(__file__).parents[2]

AGREEMENT = """
use std.countries: *

set SIDE: Country =
    {{US}} from 2000-01-01
    + {{CA}} from 2022-01-20

party A = SIDE
party B = {{RU}}
%s
agreement pact between A, B:
    commitment ban by each party:
        shall not do Act when {ban}
        unless {but}
        binding when ban is accepted and ban of other is accepted
        suspended while limit of other is breached

    commitment limit by each party:
        shall do at most 2 Act per 20 days when {limit}

    commitment leave_open by A:
        may do Act when {may}
        prevails over ban

    commitment must by B:
        shall undo Act within 10 days after ban is accepted

    withdrawal out by each party:
        notice 5 days
""".replace("%s", RECORD.replace("{", "{{").replace("}", "}}"))

RESPONSE = """
use std.countries: *

enum Measure ordered:
    low
    high

enum Sector:
    arms
    banks

record Event:
    kind: Sector?
    over: Bool?

record Sale:
    sectors: set of Sector
    value: Int?

response reply for Sale by US, JP against RU:
    imposes Measure on Sector
    reaches sectors
    trigger Event when kind == arms
    posture none
    at once:
        impose high on {arms}
        impose low on {banks} when value > 5
    after 10 days:
        impose high on {banks} by US for 10 days
        lift high on {arms} when value < 3 by JP
    lift when over
"""

DAY = date(2022, 1, 10)
SETTINGS = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))

days = st.integers(0, 40).map(lambda number: (DAY + timedelta(days=number)).isoformat())
acts = st.fixed_dictionaries(
    {
        "size": st.sampled_from(SIZES),
        "place": st.sampled_from(PLACES),
        "open": st.sampled_from(OPEN),
        "near": st.fixed_dictionaries({"A": st.integers(0, 2), "B": st.integers(0, 2)}),
        "keeper": st.sampled_from(KEEPERS),
    }
)
who = st.sampled_from(["A", "B", "US", "CA", "RU"])
done = st.fixed_dictionaries(
    {"kind": st.just("act"), "date": days, "party": who, "verb": st.sampled_from(["do", "undo"]), "facts": acts},
    optional={"other": st.sampled_from(["A", "B"]), "count": st.integers(0, 3)},
)
declared = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["acceptance", "breach", "suspension", "withdrawal", "lift"]),
        "date": days,
        "party": who,
        "commitment": st.sampled_from(["ban", "limit", "leave_open", "must"]),
    }
)
OWNERS = {"leave_open": "A", "must": "B"}
logs = st.lists(st.one_of(done, declared), max_size=7).map(
    lambda events: [{"id": number, **event} for number, event in enumerate(events) if means_something(event)]
)


def means_something(event: dict[str, object]) -> bool:
    """Whether a declaration is of what its party owes: others are refused."""
    side = SIDE[str(event["party"])]
    return event["kind"] in ("act", "withdrawal") or side == OWNERS.get(str(event["commitment"]), side)


def said(ask: Callable[[], Any]) -> Any:
    """An answer, or the error in its place; a package has error classes of its own, so they are told by name."""
    try:
        return ask()
    except Exception as error:
        if type(error).__name__ not in ("FactsError", "Undetermined"):
            raise
        return type(error).__name__, str(error)


@SETTINGS
@given(conditions, conditions, conditions, conditions, st.lists(done, min_size=1, max_size=6), logs, days)
def test_agreements(
    ban: Condition,
    but: Condition,
    limit: Condition,
    may: Condition,
    several: list[dict[str, object]],
    log: list[dict[str, object]],
    day: str,
) -> None:
    text = AGREEMENT.format(ban=ban.text(), but=but.text(), limit=limit.text(), may=may.text())
    interpreter = load(text, "")
    reference = AgreementPredicates(interpreter, next(iter(interpreter.program.agreements.values())))
    with imported(interpreter.program) as package:
        for event in several:
            act = {("act" if key == "facts" else key): value for key, value in event.items() if key != "kind"}
            for name, arguments in {"breaches": (), "breached": (), "permitted": ("B",)}.items():
                expected = said(lambda: getattr(reference, name)(act, *arguments))  # noqa: B023
                assert said(lambda: getattr(package.pact, name)(act, *arguments)) == expected  # noqa: B023
            expected = said(lambda: reference.breaches(act, None, "ban"))  # noqa: B023
            assert said(lambda: package.pact.ban(act)) == expected  # noqa: B023
        for commitment in ("ban", "limit", "leave_open", "must"):
            expected = said(lambda: reference.in_force(commitment, day, log))  # noqa: B023
            assert said(lambda: package.pact.in_force(commitment, day, log)) == expected  # noqa: B023


PARTS = """
use std.countries: *

party A = {US}
party B = {RU}

enum Kind:
    heavy
    light

record Part:
    class: Kind?
    mass: Mass

record Move:
    acts make
    parts: list of Part
    spare: Part or absent
    kinds: set of Kind
    near: Length per Party

agreement pact between A, B:
    commitment moves by each party:
        shall not make Move
        when all:
            any p in parts: p.class == heavy
            near[other] < 10 km
            heavy in kinds
        unless spare is present and spare.mass < 5 kg
"""


@pytest.mark.parametrize("class_", [None, "heavy", "light"])
@pytest.mark.parametrize(
    "spare", [{"absent": True}, {"class": None, "mass": "4 kg"}, {"class": "light", "mass": "6 kg"}]
)
@pytest.mark.parametrize("kinds", [[], ["heavy"], [None]])
def test_facts_with_parts(class_: str | None, spare: dict[str, object], kinds: list[str | None]) -> None:
    interpreter = load(PARTS, "")
    reference = AgreementPredicates(interpreter, next(iter(interpreter.program.agreements.values())))
    facts = {"parts": [{"class": class_, "mass": "1 kg"}], "spare": spare, "kinds": kinds}
    act = {"verb": "make", "party": "A", "act": {**facts, "near": {"A": "0 km", "B": "9 km"}}}
    with imported(interpreter.program) as package:
        assert said(lambda: package.pact.breaches(act)) == said(lambda: reference.breaches(act))


sales = st.fixed_dictionaries(
    {"sectors": st.lists(st.sampled_from(["arms", "banks"]), unique=True), "value": st.sampled_from([None, 1, 4, 9])}
)
happened = st.fixed_dictionaries(
    {
        "kind": st.just("trigger"),
        "date": days,
        "facts": st.fixed_dictionaries(
            {
                "kind": st.sampled_from([None, "arms", "arms", "banks"]),
                "over": st.sampled_from([None, True, False, False]),
            }
        ),
    }
)
courses = st.lists(happened, min_size=1, max_size=3).map(
    lambda events: [{"id": number, **event} for number, event in enumerate(events)]
)


@pytest.fixture(scope="module")
def reply() -> Iterator[tuple[ResponsePredicates, Any]]:
    """One response, asked of the interpreter and of its package."""
    interpreter = load(RESPONSE, "")
    reference = ResponsePredicates(interpreter, next(iter(interpreter.program.responses.values())))
    with imported(interpreter.program, "replies") as package:
        yield reference, package.reply


@settings(SETTINGS, max_examples=100)
@given(log=courses, day=days, sale=st.one_of(st.none(), sales))
def test_responses(
    reply: tuple[ResponsePredicates, Any], log: list[dict[str, object]], day: str, sale: Mapping[str, object] | None
) -> None:
    reference, package = reply
    expected = said(lambda: reference.measures(day, log, sale))
    assert said(lambda: package.measures(day, log, sale)) == expected


@cache
def geneva() -> comity.Program:
    return comity.load(ROOT / "policies" / "geneva")


TALKS = """
import sys
sys.modules |= dict.fromkeys(("comity", "lark", "click"))  # only the standard library is at hand
from law import FactsError, Undetermined, geneva, records, severe_costs
exercise = {"verb": "conduct", "date": "2022-02-10", "act": {"troops": 30_000}}
exercise["act"]["distance_to"] = {"US_SIDE": "40 km", "RUSSIA": "0 km"}
assert geneva.breaches(exercise, "RUSSIA") and geneva.ground_exercises(exercise, "RUSSIA")
assert not geneva.bombers(exercise, "RUSSIA") and not geneva.permitted(exercise, "RUSSIA")
small = records.Exercise(troops=12_999, distance_to={"US_SIDE": "40 km", "RUSSIA": "0 km"})
assert geneva.permitted({**exercise, "act": small}, "RUSSIA")
assert not geneva.in_force("bombers", "2022-02-01")
accepted = [
    {"id": side, "date": "2022-01-20", "kind": "acceptance", "party": side, "commitment": "bombers"}
    for side in ("US_SIDE", "RUSSIA")
]
assert geneva.in_force("bombers", "2022-02-01", accepted) and not geneva.in_force("bombers", "2022-01-19", accepted)
try:
    geneva.breaches({**exercise, "act": {"troops": -1}}, "RUSSIA")
except FactsError as error:
    assert "act.facts.distance_to" in str(error), error
print(geneva.ground_exercises.__doc__)
"""


def test_the_talks_from_a_real_import(tmp_path: Path) -> None:
    """Written without `comity build`, which lints the agreement first: its proofs take longer than all else here."""
    for path, text in emit(geneva().core, "law").items():
        (tmp_path / "law" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "law" / path).write_text(text, encoding="utf-8")
    run = subprocess.run([sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}){TALKS}"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "ART-3 (S)" in run.stdout


@pytest.mark.parametrize(("troops", "breached"), [(30_000, ("ground_exercises",)), (100, ())])
def test_the_talks_loaded(troops: int, breached: tuple[str, ...]) -> None:
    talks = geneva().agreement("geneva")
    act = {"verb": "conduct", "party": "RUSSIA", "act": {"troops": troops}}
    act["act"]["distance_to"] = {"US_SIDE": "40 km", "RUSSIA": "0 km"}  # type: ignore[index]
    assert talks.breached(act) == breached
