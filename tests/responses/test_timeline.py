"""The recorded timeline of sanctions: for each day, who had imposed what, by log and by the steps of the record."""

from __future__ import annotations

import json
import runpy
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from comity.api import Program
from comity.cli import main
from comity.cli import monitor as command
from comity.pipeline.driver import Build, build_one
from comity.runtime.errors import Undetermined

ROOT = Path(__file__).parents[2]
POLICIES = ROOT / "policies"
LOG = ROOT / "examples" / "events" / "sanctions.jsonl"
RECORD = runpy.run_path(str(ROOT / "scripts" / "record_reciprocity.py"))


@cache
def built(paths: tuple[str | Path, ...]) -> Build:
    return build_one(paths)


@pytest.fixture(autouse=True)
def _built_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command reads the same policies for every log: once is enough here."""
    monkeypatch.setattr(command, "build_one", lambda paths: built(tuple(paths)))


@pytest.fixture(scope="module")
def program() -> Program:
    return Program(build_one([POLICIES / "responses"]).program)


def monitor(name: str, log: str, *options: str) -> Result:
    return CliRunner().invoke(main, ["monitor", name, "--project", str(POLICIES), "--events", "-", *options], input=log)


def states(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def imposed_on(found: list[dict[str, Any]], day: date) -> set[tuple[str, str, str]]:
    """(measure, sector, member) in force on a day."""
    for state in found:
        if state["from"] <= day.isoformat() and (state["until"] is None or day.isoformat() <= state["until"]):
            return {(each["measure"], each["sector"], each["member"]) for each in state["measures"]}
    return set()


def expected_on(target: str, day: date) -> set[tuple[str, str, str]]:
    """What the timeline's rows say, read anew."""
    return {RECORD["imposed"](row) for row in RECORD["rows"](target) if date.fromisoformat(row["effective"]) <= day}


def days(target: str) -> list[date]:
    """Every day on which a row takes effect, the day before and after each, and the ends."""
    found = {date(2022, 2, 20), date(2026, 3, 1)}
    for row in RECORD["rows"](target):
        effective = date.fromisoformat(row["effective"])
        found |= {effective - timedelta(1), effective, effective + timedelta(1)}
    return sorted(found)


def test_the_log_is_what_the_timeline_says() -> None:
    assert [json.loads(line) for line in LOG.read_text(encoding="utf-8").splitlines()] == list(RECORD["events"]())
    assert len(list(RECORD["rows"]("RU"))) == 47


def test_the_rows_left_out_are_those_that_say_so() -> None:
    """No exact day, no single named member, or nothing imposed; and targets with responses of their own."""
    told = {row["id"] for target in ("RU", "BY", "DNR", "unfriendly_states") for row in RECORD["rows"](target)}
    every = {f"T{number:02}" for number in range(1, 58)}
    assert every - told == {"T13", "T26", "T29", "T40", "T46", "T56", "T57"}


@pytest.mark.parametrize("name", ["reported", "imposed"])
def test_each_day_agrees_with_the_rows(name: str) -> None:
    """By the log of acts, and by the steps of the record, which need no log."""
    log = LOG.read_text(encoding="utf-8") if name == "reported" else ""
    result = monitor(name, log)
    assert result.exit_code == 0, result.output
    found = states(result)
    for day in days("RU"):
        assert imposed_on(found, day) == expected_on("RU", day), day


@pytest.mark.parametrize(("name", "target"), [("imposed_on_belarus", "BY"), ("imposed_on_territories", "DNR")])
def test_other_targets(name: str, target: str) -> None:
    found = states(monitor(name, ""))
    for day in days(target):
        assert imposed_on(found, day) == expected_on(target, day), day


def test_periods_follow_each_other() -> None:
    """No day is told twice or left out, and every state differs from the one before."""
    found = states(monitor("imposed", ""))
    for one, two in pairwise(found):
        assert date.fromisoformat(one["until"]) + timedelta(1) == date.fromisoformat(two["from"])
        assert one["measures"] != two["measures"]
    assert found[-1]["until"] is None


def test_the_python_interface_agrees(program: Program) -> None:
    log = [json.loads(line) for line in LOG.read_text(encoding="utf-8").splitlines()]
    for day in (date(2022, 2, 21), date(2022, 2, 24), date(2022, 3, 12), date(2025, 1, 1)):
        found = program.response("reported").measures(day, log)
        assert {(each["measure"], each["sector"], each["member"]) for each in found} == expected_on("RU", day)


# ------------------------------------------------------------------------------------------- logs as they come


def test_out_of_order_and_twice() -> None:
    lines = LOG.read_text(encoding="utf-8").splitlines()
    mixed = monitor("reported", "\n".join([*reversed(lines), *lines[::3]]))
    assert mixed.exit_code == 0
    assert mixed.stdout == monitor("reported", "\n".join(lines)).stdout


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{not json", "line 48"),
        ("[1, 2]", 'an object such as {"id"'),
        ('{"id": "T02", "date": "2022-02-22", "kind": "act", "party": "US", "verb": "impose", '
         '"facts": {"measure": "large_part", "sector": "multi"}}', "another event has it"),
        ('{"id": "x", "date": "2022-02-30", "kind": "act", "party": "US", "verb": "impose", '
         '"facts": {"measure": "large_part", "sector": "multi"}}', ".date"),
        ('{"id": "x", "date": "2022-02-22", "kind": "act", "party": "FR", "verb": "impose", '
         '"facts": {"measure": "large_part", "sector": "multi"}}', "a member: US, EU_SIDE"),
        ('{"id": "x", "date": "2022-02-22", "kind": "act", "party": "US", "verb": "threaten", '
         '"facts": {"measure": "large_part", "sector": "multi"}}', "`impose` or `lift`"),
        ('{"id": "x", "date": "2022-02-22", "kind": "act", "party": "US", "verb": "impose", '
         '"facts": {"measure": "large_prt", "sector": "multi"}}', "did you mean `large_part`?"),
        ('{"id": "x", "date": "2022-02-22", "kind": "act", "party": "US", "verb": "impose"}', '.facts'),
        ('{"id": "x", "date": "2022-02-22", "kind": "acts", "party": "US"}', "did you mean `act`?"),
        ('{"id": "x", "date": "2022-02-22", "kind": "act", "partie": "US"}', "no such key"),
        ('{"id": {"a": 1}, "date": [], "kind": {}, "party": ["US"], "facts": 7}', ".date"),
        ('{"id": "x", "date": "2022-02-22", "kind": "act", "party": "US", "verb": ["impose"], "facts": {}}', ".verb"),
    ],
)  # fmt: skip
def test_bad_events_are_named_and_left_out(line: str, said: str) -> None:
    """The rest of the log is read all the same; the exit code says that something was wrong."""
    good = LOG.read_text(encoding="utf-8")
    result = monitor("reported", good + line + "\n")
    assert result.exit_code == 2
    assert said in result.stderr and "Traceback" not in result.output
    assert result.stdout == monitor("reported", good).stdout


def test_events_on_lines_are_named_by_their_lines() -> None:
    """Whatever lines before them are blank or no JSON."""
    bad = '{"id": 1, "date": "2022-02-22", "kind": "acts"}'
    assert "`events[4].kind`" in monitor("reported", f"\n{{\n\n{bad}\n").stderr
    assert "`events[1].kind`" in monitor("reported", f"\n\ufeff[\n\n{bad}]\n".lstrip()).stderr


def test_what_is_lifted_is_over_and_may_come_back() -> None:
    act = {"kind": "act", "party": "GB", "facts": {"measure": "large_part", "sector": "multi"}}
    log = [
        {"id": "1", "date": "2030-01-01", "verb": "impose", **act},
        {"id": "2", "date": "2030-02-01", "verb": "lift", **act},
        {"id": "3", "date": "2030-03-01", "verb": "impose", **act},
    ]
    found = states(monitor("reported", json.dumps(log)))
    assert [(state["from"], len(state["measures"])) for state in found] == [
        ("2030-01-01", 1),
        ("2030-02-01", 0),
        ("2030-03-01", 1),
    ]


def test_until_cuts() -> None:
    found = states(monitor("imposed", "", "--until", "2022-02-24"))
    assert found[-1]["from"] == "2022-02-24"


WIND_DOWN = """
use std.countries: *

enum Measure ordered:
    watch
    ban

enum Sector:
    energy
    chips

record Event:
    invades: Bool

record Sale:
    sector: Sector
    value: Money in USD?

response costs for Sale by US, DE against RU:
    imposes Measure on Sector
    reaches sector
    trigger Event when invades
    allowing value < 100 USD until day 60
    at once:
        impose ban on {energy} by US
"""


@pytest.mark.parametrize(
    ("day", "sector", "value", "caught"),
    [
        ("2022-02-24", "energy", "99 USD", False),
        ("2022-02-24", "energy", "100 USD", True),
        ("2022-02-24", "energy", None, None),
        ("2022-02-24", "chips", None, False),
        ("2022-04-25", "energy", "99 USD", False),
        ("2022-04-26", "energy", "99 USD", True),
        ("2022-04-26", "energy", None, True),
    ],
)
def test_a_wind_down_is_not_caught(
    tmp_path: Path, day: str, sector: str, value: str | None, caught: bool | None
) -> None:
    (tmp_path / "costs.comity").write_text(WIND_DOWN, encoding="utf-8")
    response = Program(build_one([tmp_path]).program).response("costs")
    log = [{"id": 1, "date": "2022-02-24", "kind": "trigger", "facts": {"invades": True}}]
    assert response.measures(day, log) == [{"measure": "ban", "sector": "energy", "member": "US"}]
    sale = {"sector": sector, "value": value}
    if caught is None:
        with pytest.raises(Undetermined):
            response.measures(day, log, sale)
    else:
        assert bool(response.measures(day, log, sale)) == caught
