"""States of commitments over time: what they may know of, and which of several clauses they speak of."""

from __future__ import annotations

from tests.reciprocity.support import Log, act, event, load

HEAD = """
party C = {JP}

record Report:
    acts send
    done: Bool?

record Flight:
    acts refuse

"""


def test_accepted_by_a_day_knows_nothing_of_later_days() -> None:
    program = load(
        HEAD
        + """
agreement pact between A, B:
    status proposed

    commitment flights by A:
        shall not refuse Flight
        binding when reports is accepted by 2024-12-31

    commitment reports by B:
        shall not send Report
"""
    )
    for day, bound in (("2024-06-01", True), ("2024-12-31", True), ("2025-01-01", False)):
        log = Log(program, [event(1, "2024-01-01", "lift"), event(2, day, "acceptance", "B", commitment="reports")])
        assert ("flights", "A") not in log.bound("2024-03-01")
        assert (("flights", "A") in log.bound("2026-01-01")) == bound


def test_a_commitment_has_ended_when_it_has_towards_everybody() -> None:
    program = load(
        HEAD
        + """
agreement pact between A, B, C:
    status in_force from 2024-01-01

    commitment reports by A:
        shall not send Report

    commitment flights by C:
        shall not refuse Flight
        suspended while reports is ended
"""
    )
    one, two = event(1, "2024-02-01", "withdrawal", "B"), event(2, "2024-03-01", "withdrawal", "A")
    log = Log(program, [one, two])
    assert log.bound("2024-02-02")["flights", "C"] == "binding"
    log = Log(program, [two])
    assert log.bound("2024-03-02")["flights", "C"] == "suspended"


def test_grounds_in_doubt_do_not_let_a_party_withdraw() -> None:
    program = load(
        HEAD
        + """
agreement pact between A, B:
    status in_force from 2024-01-01

    commitment reports by each party:
        shall not send Report when done

    withdrawal leave by each party:
        when reports of other is breached
"""
    )
    leave = event(2, "2024-03-01", "withdrawal", "A")
    for done, bound in ((True, False), (None, True), (False, True)):
        log = Log(program, [act(1, "2024-02-01", "B", "send", "Report", done=done), leave])
        assert (("reports", "A") in log.bound("2024-03-02")) == bound


def test_a_duty_perhaps_done_is_not_done() -> None:
    program = load(
        HEAD
        + """
agreement pact between A, B:
    status in_force from 2024-01-01

    commitment reports by A:
        shall send Report by 2024-02-01 when done
"""
    )
    for done, breached in ((True, []), (None, [("reports", "A", None)]), (False, [("reports", "A", None)])):
        log = Log(program, [event(1, "2024-01-01", "lift"), act(2, "2024-03-01", "A", "send", "Report", done=done)])
        assert log.breaches("2024-02-15") == [("reports", "A", None)]
        assert log.breaches("2024-03-02") == breached


ROLLING = """
agreement pact between A, B:
    status in_force from 2024-01-01

    commitment reports by A:
        shall send at least 1 Report per 30 days
        suspended while flights is breached

    commitment flights by B:
        shall not refuse Flight
"""


def test_a_rolling_period_begins_when_the_clause_binds_again() -> None:
    """Thirty days while it was suspended are not thirty days in which nothing was sent."""
    refuse = act(1, "2024-01-10", "B", "refuse", "Flight")
    lift = event(2, "2024-03-01", "lift", "B", commitment="flights")
    sent = act(3, "2024-03-02", "A", "send", "Report")
    log = Log(load(HEAD + ROLLING), [refuse, lift, sent], until=None)
    assert [each for each in log.breaches("2024-03-03") if each[0] == "reports"] == []
    log = Log(load(HEAD + ROLLING), [refuse, lift, event(4, "2024-06-01", "lift", "B")])
    assert ("reports", "A", None) not in log.breaches("2024-03-30")
    assert ("reports", "A", None) in log.breaches("2024-03-31")


def test_a_breach_that_goes_on_is_one() -> None:
    text = HEAD + ROLLING.replace("per 30 days", "per calendar year")
    log = Log(load(text), [event(1, "2024-01-01", "lift"), event(2, "2028-01-01", "lift", "B")])
    assert [each.since.isoformat() for each in log.standing.breaches] == ["2025-01-01"]
