"""Suspensions under a remedy: notice, which breach they answer, and when they are over."""

from __future__ import annotations

import pytest

from comity.core.idle import idle_events
from tests.backends.loading import imported
from tests.reciprocity.support import Log, act, event, load

PACT = """
record Report:
    acts send

record Flight:
    acts refuse

record Visit:
    acts accept
    size: Int?

agreement pact between A, B:
    status in_force from 2024-01-01

    commitment report by A:
        shall send Report by 2024-05-29

    commitment calm by A:
        shall not accept Visit when size > 5

    commitment flights by B:
        shall not refuse Flight

    commitment visits by A:
        shall accept Visit within 1000 days after report is accepted

    remedy answer by B:
        on breach of {breached}
        {notice}
        may suspend flights
        {until}
"""

SUSPENDED = event(1, "2024-06-01", "suspension", "B", commitment="flights")
SENT = act(2, "2024-06-20", "A", "send", "Report")


def states(
    days: list[str], *events: dict[str, object], breached: str = "report", notice: str = "", until: str = ""
) -> list[str | None]:
    """The state of `flights` for B; the built package says alike whether it binds."""
    program = load(PACT.format(breached=breached, notice=notice, until=until))
    log = Log(program, events)
    found = [log.bound(day).get(("flights", "B")) for day in days]
    with imported(program.program) as package:
        for day, state in zip(days, found, strict=True):
            if state != "undetermined":
                assert package.pact.in_force("flights", day, list(events)) is (state == "binding")
            else:
                with pytest.raises(package.Undetermined):
                    package.pact.in_force("flights", day, list(events))
    return found


def test_a_suspension_begins_when_its_notice_has_passed() -> None:
    days = ["2024-05-31", "2024-06-01", "2024-06-10", "2024-06-11", "2024-06-30"]
    assert states(days, SUSPENDED) == ["binding", *["suspended"] * 4]
    assert states(days, SUSPENDED, notice="notice 10 days") == [*["binding"] * 3, *["suspended"] * 2]


def test_declared_again_it_needs_no_other_notice() -> None:
    again = event(2, "2024-06-09", "suspension", "B", commitment="flights")
    assert states(["2024-06-10", "2024-06-11"], SUSPENDED, again, notice="notice 10 days") == ["binding", "suspended"]


def test_declared_anew_it_needs_notice_anew() -> None:
    lifted = event(2, "2024-06-05", "lift", "B", commitment="flights")
    again = event(3, "2024-06-08", "suspension", "B", commitment="flights")
    days = ["2024-06-11", "2024-06-17", "2024-06-18"]
    found = states(days, SUSPENDED, lifted, again, notice="notice 10 days")
    assert found == ["binding", "binding", "suspended"]


def test_it_ends_with_the_breach_where_the_remedy_says_so() -> None:
    days = ["2024-06-19", "2024-06-20"]
    assert states(days, SUSPENDED, SENT, until="until breach ends") == ["suspended", "binding"]
    assert states(days, SUSPENDED, SENT) == ["suspended", "suspended"]


def test_it_ends_when_what_the_remedy_waits_for_comes_to_hold() -> None:
    visited = act(3, "2024-07-01", "A", "accept", "Visit", size=1)
    days = ["2024-06-30", "2024-07-01", "2024-07-02"]
    assert states(days, SUSPENDED, visited, until="until visits is performed") == ["suspended", "binding", "binding"]
    assert states(days, SUSPENDED, until="until visits is performed") == ["suspended"] * 3
    assert states(days, SUSPENDED, act(3, "2024-07-01", "A", "accept", "Visit", size=None)) == ["suspended"] * 3


def test_without_a_breach_there_is_nothing_to_answer() -> None:
    """A declaration before the breach, or after it has ended, does not suspend."""
    sent = act(2, "2024-05-20", "A", "send", "Report")
    assert states(["2024-06-02"], SUSPENDED, sent) == ["binding"]
    late = event(3, "2024-06-25", "suspension", "B", commitment="flights")
    assert states(["2024-06-26"], SENT, late) == ["binding"]
    early = event(3, "2024-02-01", "suspension", "B", commitment="flights")
    assert states(["2024-02-02", "2024-05-30"], early) == ["binding", "suspended"]
    log = Log(load(PACT.format(breached="report", notice="notice 10 days", until="")), [SENT, late])
    assert [why for _, why in idle_events(log.standing)] == ["no breach is open that it could answer"]
    log = Log(load(PACT.format(breached="report", notice="notice 10 days", until="")), [SUSPENDED])
    assert idle_events(log.standing) == []


@pytest.mark.parametrize("until", ["", "until breach ends"])
def test_a_breach_in_doubt_leaves_the_suspension_in_doubt(until: str) -> None:
    for size, said in ((6, "suspended"), (None, "undetermined"), (5, "binding")):
        visit = act(2, "2024-03-01", "A", "accept", "Visit", size=size)
        assert states(["2024-06-02"], SUSPENDED, visit, breached="calm", until=until) == [said]
