"""No event of a log is passed over in silence: what can mean nothing is refused, what changes nothing is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from comity.cli import main

PACT = """
use std.countries: *

set JOINING: Country =
    {{FI}} from 2023-04-04
    + {{US}} from 1949-04-04

party A = JOINING
party B = {{RU, BY}}
party C = {{JP}}

record Missile:
    acts deploy, test
    location: Place

agreement pact between A, B, C:
    status {status}

    commitment a by A:
        shall not deploy Missile
        binding when a is accepted and CL consents

    commitment b by B:
        shall not deploy Missile

    commitment kept by each party:
        protected
        shall not test Missile

    remedy answer by A:
        on breach of b
        may suspend a
        until breach ends

    withdrawal leave by A:
        notice 6 months
        when b is breached
"""


def monitor(folder: Path, *events: dict[str, object], status: str = "in_force from 2020-01-01") -> Result:
    (folder / "pact.comity").write_text(PACT.format(status=status), encoding="utf-8")
    log = "".join(json.dumps({"id": f"e{n}", **event}) + "\n" for n, event in enumerate(events, 1))
    (folder / "log.jsonl").write_text(log, encoding="utf-8")
    arguments = ["monitor", "pact", "--project", str(folder), "--events", str(folder / "log.jsonl")]
    return CliRunner().invoke(main, arguments)


def declared(kind: str, day: str, party: str | None = None, **more: object) -> dict[str, object]:
    return {"kind": kind, "date": day, **({"party": party} if party else {}), **more}


def deploys(day: str, party: str, **more: object) -> dict[str, object]:
    return declared("act", day, party, verb="deploy", facts={"location": "UA"}, **more)


@pytest.mark.parametrize(
    ("event", "key", "said"),
    [
        (deploys("2021-01-01", "CN"), "party", "a party (A, B, C) or one of its countries"),
        (deploys("2021-01-01", "B", other="CN"), "other", "a party (A, B, C) or one of its countries"),
        (deploys("2021-01-01", "BY", other="RU"), "other", "another side than B"),
        (declared("withdrawal", "2021-01-01", "CN"), "party", "a party (A, B, C) or one of its countries"),
        (declared("acceptance", "2021-01-01", "CN"), "party", "a party (A, B, C) or one of its countries"),
        (declared("acceptance", "2021-01-01", "A", commitment="b"), "party", "who owes `b`: B"),
        (declared("breach", "2021-01-01", "JP", commitment="b"), "party", "who owes `b`: B"),
        (declared("breach", "2021-01-01", "B"), "commitment", "which commitment is in breach"),
        (declared("suspension", "2021-01-01", "BY", commitment="a"), "party", "who owes `a`: A"),
        (declared("lift", "2021-01-01", "C", commitment="a"), "party", "who owes `a`: A"),
        (declared("suspension", "2021-01-01"), "party", "who suspends"),
        (
            declared("trigger", "2021-01-01", "A"),
            "kind",
            "one of acceptance, act, breach, suspension, withdrawal, lift",
        ),
    ],
)
def test_what_can_mean_nothing_is_refused(tmp_path: Path, event: dict[str, object], key: str, said: str) -> None:
    result = monitor(tmp_path, event)
    assert result.exit_code == 2
    assert f"`events[1].{key}`" in result.stderr and said in result.stderr


@pytest.mark.parametrize(
    ("events", "note"),
    [
        ([deploys("2021-01-01", "FI")], "`e1` (act on 2021-01-01) changes nothing: FI does not belong to a party"),
        (
            [declared("suspension", "2021-01-01", "RU")],
            "`e1` (suspension on 2021-01-01) changes nothing: RU alone does",
        ),
        ([declared("suspension", "2021-01-01", "A", commitment="kept")], "what it would suspend is protected"),
        ([declared("suspension", "2021-01-01", "A", commitment="a")], "no breach is open that it could answer"),
        ([declared("lift", "2021-01-01", "A")], "no breach is open, and no suspension declared"),
        ([declared("suspension", "2021-01-01", "B"), declared("lift", "2021-02-01")], "`e2` (lift on 2021-02-01)"),
        ([declared("withdrawal", "2021-01-01", "B")], "B may not withdraw"),
        ([declared("withdrawal", "2021-01-01", "A")], "its grounds do not hold for certain on that day"),
    ],
)
def test_what_changes_nothing_is_named(tmp_path: Path, events: list[dict[str, object]], note: str) -> None:
    result = monitor(tmp_path, *events)
    assert result.exit_code == 0
    (line,) = result.stderr.splitlines()
    assert line.startswith("note: event ") and note in line


def test_what_has_an_effect_is_not_named(tmp_path: Path) -> None:
    events = [
        declared("acceptance", "2020-06-01", "CL"),
        deploys("2021-01-01", "BY"),
        declared("suspension", "2021-01-02", "A", commitment="a"),
        declared("withdrawal", "2021-01-03", "A"),
        declared("lift", "2021-02-01", "B", commitment="b"),
        declared("suspension", "2021-03-01", "RU", commitment="b"),
        declared("suspension", "2021-03-02", "BY", commitment="b"),
        declared("lift", "2021-04-02", "BY"),
        deploys("2021-05-01", "JP"),
        declared("acceptance", "2021-06-01", "US", commitment="a"),
    ]
    result = monitor(tmp_path, *events)
    assert (result.stderr, result.exit_code) == ("", 1)


def test_a_breach_and_its_lift_towards_one_side(tmp_path: Path) -> None:
    found = declared("breach", "2021-01-01", "B", commitment="b", other="C")
    result = monitor(tmp_path, found, declared("lift", "2021-02-01", "B", commitment="b", other="A"))
    assert result.exit_code == 1
    assert "e2" in result.stderr and "changes nothing" in result.stderr
    result = monitor(tmp_path, found, declared("lift", "2021-02-01", "B", commitment="b", other="JP"))
    assert result.stderr == ""
    assert json.loads(result.stdout.splitlines()[-1])["breaches"] == []


RESPONSE = """
use std.countries: *

enum Measure ordered:
    watch
    ban

enum Sector:
    energy

record Event:
    over: Bool

response reply by US, JP against RU:
    imposes Measure on Sector
    trigger Event when not over
    posture none
    at once:
        impose ban on {energy}
    lift when over
"""


def test_responses(tmp_path: Path) -> None:
    (tmp_path / "reply.comity").write_text(RESPONSE, encoding="utf-8")
    facts = {"measure": "ban", "sector": "energy"}

    def run(*events: dict[str, object]) -> Result:
        log = json.dumps([{"id": n, **event} for n, event in enumerate(events)])
        return CliRunner().invoke(main, ["monitor", "reply", "--project", str(tmp_path), "--events", "-"], input=log)

    refused = run(declared("breach", "2021-01-01", "US"))
    assert refused.exit_code == 2 and "`events[1].kind`" in refused.stderr
    assert "one of act, trigger, lift" in refused.stderr
    idle = run(declared("lift", "2021-01-01"), declared("act", "2021-01-02", "US", verb="lift", facts=facts))
    assert idle.exit_code == 0
    assert "nothing is imposed" in idle.stderr
    assert "US has not imposed ban on energy by an act of its own" in idle.stderr
    trigger = declared("trigger", "2021-01-01", facts={"over": False})
    assert run(trigger, declared("lift", "2021-02-01")).stderr == ""
    assert (
        run(
            *(declared("act", f"2021-01-0{n}", "US", verb=v, facts=facts) for n, v in ((1, "impose"), (2, "lift")))
        ).stderr
        == ""
    )
