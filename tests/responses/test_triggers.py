"""What starts and ends a response: several triggers, lifts, and events of which it is unknown what they do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from comity.cli import main
from comity.core.events import EventReader
from comity.core.idle import idle_events
from comity.core.timeline import read_log, states_of
from comity.runtime.errors import Undetermined
from tests.backends.loading import imported
from tests.reciprocity.support import load

TEXT = """use std.countries: *

enum Kind:
    hack
    talks

enum Measure ordered:
    watch
    ban

enum Sector:
    chips
    oil

record Event:
    kind: Kind?
    over: Bool = false

response short by US against RU:
    imposes Measure on Sector
    trigger {trigger}
    posture none
    at once:
        impose ban on {{chips}} for 30 days
        impose watch on {{oil}}
    after 60 days:
        lift watch on {{oil}}
    lift when over
"""


def event(number: int, day: str, kind: str | None = None, over: bool = False, **more: object) -> dict[str, object]:
    return {"id": str(number), "date": day, "kind": "trigger", "facts": {"kind": kind, "over": over}, **more}


def said(day: str, *events: dict[str, object], trigger: str = "Event when kind == hack") -> tuple[str, ...] | None:
    """What is imposed on a day; None if that is open. The log's states and a built package say the same."""
    interpreter = load(TEXT.format(trigger=trigger), "")
    (response,) = interpreter.program.responses.values()
    good, problems = EventReader(interpreter, response).read_all(events)
    assert not problems
    at: dict[str, Any] = {"measures": [], "undetermined": []}
    for state in states_of(read_log(interpreter, response, good)):
        if str(state["from"]) <= day:
            at = state
    found = tuple(f"{each['measure']} {each['sector']}" for each in at["measures"])
    with imported(interpreter.program) as package:
        try:
            built = package.short.measures(day, events)
        except (Undetermined, package.Undetermined):
            assert at["undetermined"]
            return None
    assert not at["undetermined"]
    assert tuple(f"{each['measure']} {each['sector']}" for each in built) == found
    return found


BOTH = ("watch oil", "ban chips")


def test_every_trigger_starts_the_steps_anew() -> None:
    log = [event(1, "2024-01-01", "hack"), event(2, "2024-06-01", "hack")]
    days = {"2024-01-30": BOTH, "2024-01-31": ("watch oil",), "2024-03-01": (), "2024-05-31": ()}
    days |= {"2024-06-01": BOTH, "2024-06-30": BOTH, "2024-07-01": ("watch oil",), "2024-07-31": ()}
    assert {day: said(day, *log) for day in days} == days


def test_what_is_lifted_by_one_course_may_stand_by_another() -> None:
    log = [event(1, "2024-01-01", "hack"), event(2, "2024-02-20", "hack")]
    assert [said(day, *log) for day in ("2024-03-01", "2024-04-20")] == [BOTH, ()]


def test_a_lift_ends_all_that_run_and_a_later_trigger_starts_again() -> None:
    log = [event(1, "2024-01-01", "hack"), event(2, "2024-01-10", "hack"), event(3, "2024-01-20", "talks", over=True)]
    log.append(event(4, "2024-01-25", "hack"))
    days = {"2024-01-19": BOTH, "2024-01-20": (), "2024-01-24": (), "2024-01-25": BOTH}
    assert {day: said(day, *log) for day in days} == days


def test_a_lift_ends_what_an_event_may_have_started() -> None:
    doubtful = event(1, "2024-01-01", None)
    assert said("2023-12-31", doubtful) == ()
    assert said("2024-01-01", doubtful) is None
    lift: dict[str, object] = {"id": "2", "date": "2024-01-05", "kind": "lift"}
    assert said("2024-01-04", doubtful, lift) is None
    assert said("2024-01-05", doubtful, lift) == ()
    assert said("2024-01-05", doubtful, event(2, "2024-01-05", None, over=True)) == ()
    assert said("2024-01-06", doubtful, lift, event(3, "2024-01-06", None)) is None


@pytest.mark.parametrize(("lifted", "after"), [("2023-12-31", BOTH), ("2024-01-01", ()), ("2024-01-02", ())])
def test_a_lift_before_a_fixed_day_ends_nothing(lifted: str, after: tuple[str, ...]) -> None:
    lift: dict[str, object] = {"id": "1", "date": lifted, "kind": "lift"}
    assert said("2024-01-05", lift, trigger="Event on 2024-01-01") == after
    interpreter = load(TEXT.format(trigger="Event on 2024-01-01"), "")
    (response,) = interpreter.program.responses.values()
    log = read_log(interpreter, response, EventReader(interpreter, response).read_all([lift])[0])
    assert len(idle_events(log)) == (lifted < "2024-01-01")


def test_nothing_is_certainly_not_imposed_while_a_trigger_is_in_doubt(tmp_path: Path) -> None:
    text = TEXT.format(trigger="Event when kind == hack")
    for name, kind in (("known", "talks"), ("unknown", "unknown")):
        text += f'\ntest "{name}" for short:\n    given Event on 2024-01-01:\n        kind = {kind}\n'
        text += "    on day 3\n    expect not imposed ban on chips\n"
    (tmp_path / "short.comity").write_text(text, encoding="utf-8")
    result = CliRunner().invoke(main, ["test", str(tmp_path)])
    assert result.exit_code == 1 and "1 passed, 1 failed" in result.output
    assert "nothing imposed; whether more is triggered is undetermined" in result.output
