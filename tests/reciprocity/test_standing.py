"""Who is bound and who is in breach: sections 5 and 10 of the language, and the readings in `core.standing`."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.reciprocity.support import HEAD, Log, act, event, load

TANKS = """
record Tank:
    acts hold, inspect
    deployed: Bool?

agreement x between A, B:
    status in_force from 2020-01-01

    commitment cap by {who}:
        shall {rule}
{more}
"""


def tanks(rule: str, who: str = "each party", more: str = "") -> str:
    return TANKS.format(rule=rule, who=who, more=more)


def hold(number: int, day: str, party: str, count: int | None = None, deployed: bool | None = True) -> dict[str, Any]:
    more = {} if count is None else {"count": count}
    return act(number, day, party, "hold", "Tank", deployed=deployed, **more)


def inspect(number: int, day: str, party: str, count: int | None = None) -> dict[str, object]:
    return act(number, day, party, "inspect", "Tank", deployed=True, **({} if count is None else {"count": count}))


# ------------------------------------------------------------------------------------------- what is held


def test_a_report_without_a_number_is_of_one_more() -> None:
    program = load(tanks("hold at most 2 Tank when deployed"))
    two = [hold(1, "2021-01-01", "B"), hold(2, "2021-01-01", "B")]
    assert Log(program, two).breaches("2021-01-01") == []
    assert Log(program, [*two, hold(3, "2021-01-02", "B")]).breaches("2021-01-02") == [("cap", "B", "003")]


def test_a_number_takes_the_place_of_the_last_of_its_kind() -> None:
    program = load(tanks("hold at most 500 Tank when deployed"))
    log = Log(
        program,
        [hold(1, "2021-01-01", "B", 500), hold(2, "2021-02-01", "B", 501), hold(3, "2021-03-01", "B", 400)],
    )
    assert log.breaches("2021-01-31") == []
    assert log.breaches("2021-02-01") == [("cap", "B", "002")]
    assert log.breaches("2021-03-01") == []  # back under the number


def test_what_does_not_count_is_of_another_kind() -> None:
    program = load(tanks("hold at most 500 Tank when deployed"))
    log = Log(program, [hold(1, "2021-01-01", "B", 500), hold(2, "2021-01-01", "B", 900, deployed=False)])
    assert log.breaches("2021-01-01") == []


def test_stocks_of_members_add_up() -> None:
    program = load(tanks("hold at most 500 Tank when deployed"))
    log = Log(program, [hold(1, "2021-01-01", "US", 300), hold(2, "2021-01-01", "CA", 201)])
    assert log.breaches("2021-01-01") == [("cap", "A", "002")]


def test_each_member_is_counted_by_itself() -> None:
    program = load(tanks("hold at most 250 Tank when deployed", "each member of A"))
    log = Log(program, [hold(1, "2021-01-01", "US", 250), hold(2, "2021-01-01", "CA", 251)])
    assert log.breaches("2021-01-01") == [("cap", "CA", "002")]
    assert log.bound("2021-01-01") == {("cap", "CA"): "binding", ("cap", "US"): "binding"}


def test_doubtful_stock_is_doubt() -> None:
    program = load(tanks("hold at most 500 Tank when deployed"))
    log = Log(program, [hold(1, "2021-01-01", "B", 400), hold(2, "2021-01-02", "B", 101, deployed=None)])
    assert log.breaches("2021-01-02") == [] and log.undetermined("2021-01-02") == [("cap", "B", "002")]
    more = Log(program, [hold(1, "2021-01-01", "B", 501), hold(2, "2021-01-02", "B", 101, deployed=None)])
    assert more.breaches("2021-01-02") == [("cap", "B", "001")]


@pytest.mark.parametrize(("rule", "wrong"), [("at least 3", {1, 2}), ("exactly 3", {1, 2, 4}), ("at most 3", {4})])
def test_numbers_of_each_kind(rule: str, wrong: set[int]) -> None:
    program = load(tanks(f"hold {rule} Tank"))
    for count in (1, 2, 3, 4):
        log = Log(program, [hold(1, "2021-01-01", "B", count)])
        assert bool(log.breaches("2021-01-01")) == (count in wrong), count


# ------------------------------------------------------------------------------------------- numbers in periods


def test_at_most_in_a_calendar_year() -> None:
    program = load(tanks("inspect at most 2 Tank per calendar year"))
    log = Log(program, [inspect(n, day, "B") for n, day in enumerate(["2021-01-01", "2021-12-31", "2022-01-01"])])
    assert log.breaches("2022-01-01") == []
    third = Log(program, [inspect(n, "2021-06-01", "B") for n in range(3)])
    assert third.breaches("2021-06-01") == [("cap", "B", "002")]


def test_at_most_in_rolling_months() -> None:
    program = load(tanks("inspect at most 2 Tank per 12 months"))
    days = ["2021-03-01", "2021-09-01", "2022-02-28"]
    assert Log(program, [inspect(n, d, "B") for n, d in enumerate(days)]).breaches("2022-02-28") == [
        ("cap", "B", "002")
    ]
    days[2] = "2022-03-01"  # the first day after the twelve months that began with the first act
    assert Log(program, [inspect(n, d, "B") for n, d in enumerate(days)]).breaches("2022-03-01") == []


def test_at_least_in_a_calendar_year_is_judged_when_it_is_over() -> None:
    program = load(tanks("inspect at least 2 Tank per calendar year", "B"))
    log = Log(program, [inspect(1, "2021-03-01", "B", 2), inspect(2, "2022-03-01", "B")])
    assert log.breaches("2021-12-31") == log.breaches("2022-12-31") == []
    assert log.breaches("2023-01-01") == [("cap", "B", None)]


def test_a_year_is_judged_by_the_number_of_its_last_day() -> None:
    head = HEAD + "define due(side: Party) -> Int:\n    1 when (side == B until 2021-12-31)\n    5 otherwise\n\n"
    program = load(tanks("inspect at least due(self) Tank per calendar year", "B"), head)
    log = Log(program, [inspect(1, "2021-03-01", "B"), inspect(2, "2022-03-01", "B", 4)])
    assert log.breaches("2022-01-01") == [] and log.breaches("2023-01-01") == [("cap", "B", None)]


def test_a_year_without_any_event_counts_too() -> None:
    program = load(tanks("inspect at least 1 Tank per calendar year", "B"))
    log = Log(program, [inspect(1, "2021-03-01", "B"), inspect(2, "2023-03-01", "B")])
    assert log.breaches("2022-12-31") == []
    assert log.breaches("2023-01-01") == [("cap", "B", None)]


def test_a_number_missed_again_is_no_other_state_until_it_was_lifted() -> None:
    program = load(tanks("inspect at least 1 Tank per calendar year", "B"))
    missed = [inspect(1, "2020-03-01", "B"), inspect(2, "2024-03-01", "B")]
    log = Log(program, missed)  # nothing in 2021, 2022 and 2023
    assert [(state["from"], len(state["breaches"])) for state in log.states] == [
        ("2019-12-31", 0), ("2020-01-01", 0), ("2022-01-01", 1)
    ]  # fmt: skip
    lifted = Log(program, [*missed, event(3, "2023-06-01", "lift", commitment="cap")])
    assert [(state["from"], len(state["breaches"])) for state in lifted.states][2:] == [
        ("2022-01-01", 1), ("2023-06-01", 0), ("2024-01-01", 1)
    ]  # fmt: skip


def test_a_log_of_two_thousand_years_is_read() -> None:
    """A mistyped year must not take minutes: what is missed over and over is one breach."""
    program = load(tanks("inspect at least 1 Tank per calendar month"))
    log = Log(program, [inspect(1, "0022-03-01", "B"), inspect(2, "2022-03-01", "B")])
    assert [state["from"] for state in log.states] == ["0022-03-01", "2020-01-01", "2020-02-01"]
    assert len(log.breaches("2022-01-01")) == 2


def test_at_least_in_a_calendar_month() -> None:
    program = load(tanks("inspect at least 1 Tank per calendar month", "B"))
    log = Log(program, [inspect(1, "2021-02-28", "B"), inspect(2, "2021-04-01", "B")])
    assert log.breaches("2021-03-31") == []
    assert log.breaches("2021-04-01") == [("cap", "B", None)]


def test_at_least_in_rolling_days_is_judged_after_each_stretch() -> None:
    program = load(tanks("inspect at least 1 Tank per 30 days", "B"))
    log = Log(program, [inspect(1, "2020-01-20", "B"), inspect(2, "2020-02-10", "B")], until=date(2020, 4, 1))
    assert log.breaches("2020-03-11") == []
    assert log.breaches("2020-03-12") == [("cap", "B", None)]  # 2020-02-11 to 2020-03-11 without any


def test_exactly_is_too_many_at_once_and_too_few_at_the_end() -> None:
    program = load(tanks("inspect exactly 2 Tank per calendar year", "B"))
    many = Log(program, [inspect(n, "2021-03-01", "B") for n in range(3)])
    assert many.breaches("2021-03-01") == [("cap", "B", "002")]
    few = Log(program, [inspect(1, "2021-03-01", "B")])
    assert few.breaches("2021-12-31") == [] and few.breaches("2022-01-01") == [("cap", "B", None)]


# ------------------------------------------------------------------------------------------- duties

DUTY = """
record Data:
    acts transmit
    complete: Bool?

agreement x between A, B:
    status in_force from 2020-01-01

    commitment data by {who}:
        shall transmit Data {deadline}
        when complete
{more}
"""


def transmit(number: int, day: str, party: str, complete: bool | None = True, **more: object) -> dict[str, object]:
    return act(number, day, party, "transmit", "Data", complete=complete, **more)


def test_a_duty_is_breached_when_its_day_has_passed() -> None:
    program = load(DUTY.format(who="each party", deadline="by 2021-03-01", more=""))
    log = Log(program, [transmit(1, "2021-03-01", "A")])
    assert log.breaches("2021-03-01") == []
    assert log.breaches("2021-03-02") == [("data", "B", None)]


def test_what_does_not_match_does_not_fulfil_and_doubt_is_doubt() -> None:
    program = load(DUTY.format(who="B", deadline="by 2021-03-01", more=""))
    assert Log(program, [transmit(1, "2021-02-01", "B", False)]).breaches("2021-03-02") == [("data", "B", None)]
    doubtful = Log(program, [transmit(1, "2021-02-01", "B", None)])
    assert doubtful.breaches("2021-03-02") == [] and doubtful.undetermined("2021-03-02") == [("data", "B", None)]


def test_a_late_act_ends_the_breach() -> None:
    program = load(DUTY.format(who="B", deadline="by 2021-03-01", more=""))
    log = Log(program, [transmit(1, "2021-03-05", "B")])
    assert log.breaches("2021-03-04") == [("data", "B", None)] and log.breaches("2021-03-05") == []


def test_an_act_in_doubt_ends_no_breach() -> None:
    program = load(DUTY.format(who="B", deadline="by 2021-03-01", more=""))
    log = Log(program, [transmit(1, "2021-03-05", "B", None), event(2, "2021-04-01", "acceptance", "A")])
    assert log.breaches("2021-03-05") == log.breaches("2021-04-01") == [("data", "B", None)]


def test_a_duty_of_each_member() -> None:
    program = load(DUTY.format(who="each member of A", deadline="by 2021-03-01", more=""))
    log = Log(program, [transmit(1, "2021-02-01", "US")])
    assert log.breaches("2021-03-02") == [("data", "CA", None)]


def test_time_that_runs_from_what_the_other_does() -> None:
    more = """
    commitment answer by A:
        shall transmit Data within 30 days after data is performed
"""
    program = load(DUTY.format(who="B", deadline="by 2021-03-01", more=more))
    late = Log(program, [transmit(1, "2021-01-10", "B")])
    assert late.breaches("2021-02-09") == [] and late.breaches("2021-02-10") == [("answer", "A", None)]
    in_time = Log(program, [transmit(1, "2021-01-10", "B"), transmit(2, "2021-02-09", "US")])
    assert in_time.breaches("2021-12-31") == []
    before = Log(program, [transmit(1, "2021-01-10", "B"), transmit(2, "2021-01-05", "A")])
    assert before.breaches("2021-12-31") == []


def test_months_are_calendar_months() -> None:
    more = """
    commitment answer by A:
        shall transmit Data within 6 months after data is performed
"""
    program = load(DUTY.format(who="B", deadline="by 2029-03-01", more=more))
    log = Log(program, [transmit(1, "2020-02-02", "B")])
    assert log.breaches("2020-08-02") == [] and log.breaches("2020-08-03") == [("answer", "A", None)]


def test_no_event_is_needed_for_time_to_run_out() -> None:
    program = load(DUTY.format(who="B", deadline="by 2021-03-01", more=""))
    assert Log(program, []).breaches("2021-03-02") == [("data", "B", None)]


# ------------------------------------------------------------------------------------------- states

MISSILES = """
record Missile:
    acts deploy
    location: Place?

agreement x between A, B:
    status {status}

    commitment a by A:
        shall not deploy Missile when location == UA
        {of_a}

    commitment b by B:
        shall not deploy Missile when location == BY
        {of_b}
{more}
"""


def missiles(of_a: str = "", of_b: str = "", status: str = "proposed", more: str = "") -> str:
    return MISSILES.format(of_a=of_a, of_b=of_b, status=status, more=more)


def deploy(number: int, day: str, party: str, place: str | None, **more: object) -> dict[str, object]:
    return act(number, day, party, "deploy", "Missile", location=place, **more)


BOTH = "binding when a is accepted and b is accepted"


def test_nothing_proposed_binds_before_it_is_accepted() -> None:
    program = load(missiles())
    events = [event(1, "2021-02-01", "acceptance", "A"), deploy(2, "2021-01-01", "A", "UA")]
    log = Log(program, [*events, deploy(3, "2021-02-01", "A", "UA")])
    assert log.bound("2021-01-31") == {} and log.bound("2021-02-01") == {("a", "A"): "binding"}
    assert log.breaches("2021-02-01") == [("a", "A", "003")]


def test_all_members_together_accept() -> None:
    program = load(missiles())
    log = Log(program, [event(1, "2021-01-01", "acceptance", "US"), event(2, "2021-02-01", "acceptance", "CA")])
    assert log.bound("2021-01-31") == {} and log.bound("2021-02-01") == {("a", "A"): "binding"}


def test_each_member_accepts_for_itself() -> None:
    program = load(missiles().replace("commitment a by A:", "commitment a by each member of A:"))
    log = Log(program, [event(1, "2021-01-01", "acceptance", "US"), deploy(2, "2021-02-01", "CA", "UA")])
    assert log.bound("2021-02-01") == {("a", "US"): "binding"} and log.breaches("2021-02-01") == []


def test_a_party_that_nobody_belongs_to_yet_has_declared_nothing() -> None:
    head = HEAD.replace("party A = {US, CA}", "set LATER: Country =\n    {US} from 2022-01-01\n\nparty A = LATER")
    program = load(missiles(), head)
    log = Log(program, [event(1, "2021-01-01", "acceptance", "B"), event(2, "2022-02-01", "acceptance", "US")])
    assert log.bound("2021-06-01") == {("b", "B"): "binding"}
    assert log.bound("2022-02-01") == {("a", "A"): "binding", ("b", "B"): "binding"}


def test_a_lift_takes_no_acceptance_back() -> None:
    program = load(missiles())
    events = [event(1, "2021-01-01", "acceptance", "A"), event(2, "2021-02-01", "suspension", "A")]
    log = Log(program, [*events, event(3, "2021-03-01", "lift", "A"), deploy(4, "2021-04-01", "A", "UA")])
    assert log.bound("2021-02-01") == {("a", "A"): "suspended"}
    assert log.bound("2021-03-01") == {("a", "A"): "binding"} and log.breaches("2021-04-01") == [("a", "A", "004")]


def test_conditional_reciprocity() -> None:
    program = load(missiles(BOTH, BOTH))
    log = Log(program, [event(1, "2021-01-01", "acceptance", "A"), event(2, "2021-02-01", "acceptance", "B")])
    assert log.bound("2021-01-31") == {}
    assert log.bound("2021-02-01") == {("a", "A"): "binding", ("b", "B"): "binding"}


def test_accepted_by_a_day() -> None:
    program = load(missiles("binding when b is accepted by 2021-02-01"))
    early = Log(program, [event(1, "2021-02-01", "acceptance", "B")])
    late = Log(program, [event(1, "2021-02-02", "acceptance", "B")])
    assert ("a", "A") in early.bound("2021-03-01") and ("a", "A") not in late.bound("2021-03-01")


def test_commitments_that_wait_for_each_other_never_bind() -> None:
    program = load(missiles("binding when b is binding", "binding when a is binding"))
    log = Log(program, [event(1, "2021-01-01", "acceptance", "A"), event(2, "2021-01-01", "acceptance", "B")])
    assert log.bound("2021-01-01") == {}


def test_a_third_state_consents() -> None:
    program = load(missiles("binding when a is accepted and PL consents"))
    log = Log(program, [event(1, "2021-01-01", "acceptance", "A"), event(2, "2021-02-01", "acceptance", "PL")])
    assert log.bound("2021-01-31") == {} and log.bound("2021-02-01") == {("a", "A"): "binding"}


def test_suspended_while_the_other_is_in_breach() -> None:
    program = load(missiles("suspended while b is breached", status="in_force from 2020-01-01"))
    log = Log(
        program,
        [
            deploy(1, "2021-01-01", "B", "BY"),
            deploy(2, "2021-01-02", "A", "UA"),
            event(3, "2021-02-01", "lift", "B", commitment="b"),
            deploy(4, "2021-02-01", "A", "UA"),
        ],
    )
    assert log.bound("2021-01-01")["a", "A"] == "suspended"
    assert log.breaches("2021-01-02") == [("b", "B", "001")]
    assert log.breaches("2021-02-01") == [("a", "A", "004")]


def test_doubt_about_a_breach_is_doubt_about_what_hangs_on_it() -> None:
    program = load(missiles("suspended while b is breached", status="in_force from 2020-01-01"))
    log = Log(program, [deploy(1, "2021-01-01", "B", None), deploy(2, "2021-01-02", "A", "UA")])
    assert log.bound("2021-01-01")["a", "A"] == "undetermined"
    assert log.undetermined("2021-01-02") == [("b", "B", "001"), ("a", "A", "002")]


def test_a_breach_that_a_body_has_found() -> None:
    program = load(missiles("suspended while b is breached", status="in_force from 2020-01-01"))
    log = Log(program, [event(1, "2021-01-01", "breach", "B", commitment="b")])
    assert log.breaches("2021-01-01") == [("b", "B", "001")] and log.bound("2021-01-01")["a", "A"] == "suspended"


def test_a_lift_speaks_of_what_was_before_its_day() -> None:
    program = load(missiles(status="in_force from 2020-01-01"))
    events = [deploy(1, "2021-01-01", "B", "BY"), event(2, "2021-01-01", "lift", "B", commitment="b")]
    assert Log(program, events).breaches("2021-01-01") == [("b", "B", "001")]
    assert Log(program, [*events, event(3, "2021-01-02", "lift", commitment="b")]).breaches("2021-01-02") == []


def test_a_member_lifts_what_its_party_breached() -> None:
    program = load(missiles(status="in_force from 2020-01-01"))
    events = [deploy(1, "2021-01-01", "A", "UA"), event(2, "2021-01-05", "lift", "CA", commitment="a")]
    log = Log(program, events)
    assert log.breaches("2021-01-04") == [("a", "A", "001")] and log.breaches("2021-01-05") == []


def test_declared_suspension_and_its_lift() -> None:
    program = load(missiles(status="in_force from 2020-01-01"))
    log = Log(
        program,
        [event(1, "2021-01-01", "suspension", "A", commitment="a"), event(2, "2021-02-01", "lift", "A")],
    )
    assert log.bound("2021-01-01") == {("a", "A"): "suspended", ("b", "B"): "binding"}
    assert log.bound("2021-02-01")["a", "A"] == "binding"


def test_a_protected_commitment_is_not_suspended() -> None:
    program = load(missiles("protected", status="in_force from 2020-01-01"))
    log = Log(program, [event(1, "2021-01-01", "suspension", "A")])
    assert log.bound("2021-01-01")["a", "A"] == "binding"


REMEDY = """
    remedy answer by each party:
        on breach of a
        on breach of b
        may suspend a
        may suspend b
        until breach ends
"""


def test_a_remedy_lasts_no_longer_than_the_breach() -> None:
    program = load(missiles(status="in_force from 2020-01-01", more=REMEDY))
    events = [
        event(1, "2021-01-01", "suspension", "A", commitment="a"),
        deploy(2, "2021-02-01", "B", "BY"),
        event(3, "2021-03-01", "lift", "B", commitment="b"),
    ]
    log = Log(program, events)
    assert log.bound("2021-01-01")["a", "A"] == "binding"  # nothing to answer yet
    assert log.bound("2021-02-01")["a", "A"] == "suspended"
    assert log.bound("2021-03-01")["a", "A"] == "binding"


@pytest.mark.parametrize(
    ("status", "bound"),
    [
        ("in_force from 2021-06-01", {"2021-05-31": False, "2021-06-01": True}),
        ("terminated from 2021-06-01", {"2021-05-31": True, "2021-06-01": False}),
        ("suspended from 2021-06-01", {"2021-05-31": True, "2021-06-01": False}),
        ("terminated", {"2021-06-01": False}),
        ("signed", {"2021-06-01": False}),
    ],
)
def test_status(status: str, bound: dict[str, bool]) -> None:
    program = load(missiles(status=status))
    log = Log(program, [event(1, "2021-01-01", "lift")])
    for day, expected in bound.items():
        assert bool(log.bound(day)) == expected, day


def test_windows() -> None:
    program = load(missiles("from 2021-03-01 until 2021-03-31", status="in_force from 2020-01-01"))
    log = Log(program, [event(1, "2021-01-01", "lift")])
    told = {"2021-02-28": False, "2021-03-01": True, "2021-03-31": True, "2021-04-01": False}
    assert {day: ("a", "A") in log.bound(day) for day in told} == told


# ------------------------------------------------------------------------------------------- withdrawal

LEAVE = """
    withdrawal leave by {who}:
        notice 6 months
        {when}
"""


def test_notice_of_withdrawal() -> None:
    """2 February 2019 plus six calendar months is 2 August 2019; 180 days would end a day before."""
    program = load(missiles(status="in_force from 2018-01-01", more=LEAVE.format(who="each party", when="")))
    log = Log(program, [event(1, "2019-02-02", "withdrawal", "B")])
    assert len(log.bound("2019-08-01")) == 2 and log.bound("2019-08-02") == {}


def test_who_may_not_withdraw_stays_bound() -> None:
    program = load(missiles(status="in_force from 2018-01-01", more=LEAVE.format(who="A", when="")))
    log = Log(program, [event(1, "2019-02-02", "withdrawal", "B")])
    assert len(log.bound("2030-01-01")) == 2


def test_grounds_of_withdrawal() -> None:
    more = LEAVE.format(who="each party", when="when b is breached")
    program = load(missiles(status="in_force from 2018-01-01", more=more))
    without = Log(program, [event(1, "2019-02-02", "withdrawal", "A")])
    assert len(without.bound("2030-01-01")) == 2
    with_grounds = Log(program, [deploy(1, "2019-02-01", "B", "BY"), event(2, "2019-02-02", "withdrawal", "A")])
    assert len(with_grounds.bound("2019-08-01")) == 2 and with_grounds.bound("2019-08-02") == {}


def test_others_stay_bound_among_themselves() -> None:
    text = """
party C = {JP}

record Missile:
    acts deploy

agreement x between A, B, C:
    status in_force from 2020-01-01

    commitment none_of_them by each party:
        shall not deploy Missile
"""
    program = load(text)
    log = Log(program, [event(1, "2021-01-01", "withdrawal", "A"), act(2, "2021-02-01", "B", "deploy", "Missile")])
    assert log.bound("2021-01-01") == {("none_of_them", "B"): "binding", ("none_of_them", "C"): "binding"}
    assert log.breaches("2021-02-01") == [("none_of_them", "B", "002")]


# ------------------------------------------------------------------------------------------- acts


def test_unknown_facts_are_undetermined() -> None:
    program = load(missiles(status="in_force from 2020-01-01"))
    log = Log(program, [deploy(1, "2021-01-01", "A", None)])
    assert log.breaches("2021-01-01") == [] and log.undetermined("2021-01-01") == [("a", "A", "001")]


def test_toward() -> None:
    text = """
party C = {JP}

record Visa:
    acts refuse

agreement x between A, B, C:
    status in_force from 2020-01-01

    commitment visas by A toward B:
        shall not refuse Visa
"""
    program = load(text)
    assert Log(program, [act(1, "2021-01-01", "A", "refuse", "Visa", other="C")]).breaches("2021-01-01") == []
    assert Log(program, [act(1, "2021-01-01", "A", "refuse", "Visa", other="RU")]).breaches("2021-01-01") != []
    assert Log(program, [act(1, "2021-01-01", "B", "refuse", "Visa", other="A")]).breaches("2021-01-01") == []


PERMITTED = """
    commitment defence by A:
        may deploy Missile when location == UA {when}
        prevails over a
"""


def test_a_permission_that_prevails() -> None:
    program = load(missiles(status="in_force from 2020-01-01", more=PERMITTED.format(when="")))
    assert Log(program, [deploy(1, "2021-01-01", "A", "UA")]).breaches("2021-01-01") == []


def test_a_permission_in_doubt_leaves_doubt() -> None:
    text = missiles(status="in_force from 2020-01-01", more=PERMITTED.format(when="and needed"))
    program = load(text.replace("    location: Place?\n", "    location: Place?\n    needed: Bool?\n"))
    for needed, expected in ((True, (0, 0)), (False, (1, 0)), (None, (0, 1))):
        found = Log(program, [act(1, "2021-01-01", "A", "deploy", "Missile", location="UA", needed=needed)])
        assert (len(found.breaches("2021-01-01")), len(found.undetermined("2021-01-01"))) == expected


def test_a_permission_that_does_not_prevail_excuses_nothing() -> None:
    more = PERMITTED.format(when="").replace("        prevails over a\n", "")
    program = load(missiles(status="in_force from 2020-01-01", more=more))
    assert Log(program, [deploy(1, "2021-01-01", "A", "UA")]).breaches("2021-01-01") == [("a", "A", "001")]


def test_members_over_time() -> None:
    """Members count from the day they join; a clause `by each member` binds them from then on."""
    head = """
use std.countries: *

set ALLIES: Country =
    {US, CA}
    + {FI} from 2023-04-04

party A = ALLIES
party B = {RU}

"""
    text = """
record Missile:
    acts deploy

agreement x between A, B:
    status in_force from 2020-01-01

    commitment ban by A:
        shall not deploy Missile

    commitment each_of_them by each member of A:
        shall not deploy Missile
"""
    program = load(text, head)
    acts = [act(1, "2023-04-03", "FI", "deploy", "Missile"), act(2, "2023-04-04", "FI", "deploy", "Missile")]
    log = Log(program, acts)
    assert log.breaches("2023-04-03") == []
    assert log.breaches("2023-04-04") == [("ban", "A", "002"), ("each_of_them", "FI", "002")]
    assert ("each_of_them", "FI") not in log.bound("2023-04-03")
    assert ("each_of_them", "FI") in log.bound("2023-04-04")


def test_order_and_repetition_do_not_matter() -> None:
    program = load(missiles(BOTH, BOTH, more=REMEDY))
    events = [
        event(1, "2021-01-01", "acceptance", "A"),
        event(2, "2021-01-02", "acceptance", "B"),
        deploy(3, "2021-01-03", "B", "BY"),
        event(4, "2021-01-04", "suspension", "A", commitment="a"),
        event(5, "2021-01-05", "lift", "B"),
    ]
    assert Log(program, events).states == Log(program, [*reversed(events), *events]).states


def test_a_run_can_be_repeated() -> None:
    program = load(missiles(status="in_force from 2020-01-01"))
    log = Log(program, [deploy(1, "2021-01-01", "A", "UA")])
    assert log.standing.run() == log.periods and len(log.standing.breaches) == 1


def test_far_days_do_not_overflow() -> None:
    program = load(missiles(status="in_force from 2018-01-01", more=LEAVE.format(who="each party", when="")))
    assert Log(program, [event(1, "9999-12-31", "withdrawal", "A")]).bound("9999-12-31") == {}
    program = load(DUTY.format(who="B", deadline="by 9999-12-31", more=""))
    assert Log(program, [transmit(1, "9999-12-30", "A")]).breaches("9999-12-31") == []
    assert Log(load(tanks("inspect at least 1 Tank per 12 months"), HEAD), [inspect(1, "9999-06-01", "B")]).states


# ------------------------------------------------------------------------------------------- what is shown


def test_states_have_one_shape_and_members_stand_in_order() -> None:
    """The same on every run, whatever order sets have."""
    countries = ["US", "FR", "DE", "GB", "CA", "BE", "NO", "NL", "IT", "ES"]
    head = HEAD.replace("{US, CA}", "{" + ", ".join(countries) + "}")
    program = load(tanks("hold at most 2 Tank when deployed", "each member of A"), head)
    for state in Log(program, [hold(1, "2021-01-01", "US", 3), hold(2, "2021-02-01", "FR", 3, None)]).states:
        assert set(state) == {"from", "until", "bound", "breaches", "measures", "undetermined"}
        assert state["measures"] == []
        binding = state["from"] >= "2020-01-01"
        assert [each["party"] for each in state["bound"]] == (sorted(countries) if binding else [])


def test_who_joins_a_party_is_bound_from_that_day_on() -> None:
    """Also where nothing else happens on it, and no longer once it has left."""
    side = "set SIDE: Country =\n    {US}\n    + {FI} from 2023-04-04 until 2024-05-05\n\nparty A = SIDE"
    program = load(
        tanks("hold at most 2 Tank when deployed", "each member of A"), HEAD.replace("party A = {US, CA}", side)
    )
    log = Log(program, [hold(1, "2021-01-01", "US"), hold(2, "2025-01-01", "US")])
    bound = [(state["from"], [each["party"] for each in state["bound"]]) for state in log.states]
    assert bound[-3:] == [("2020-01-01", ["US"]), ("2023-04-04", ["FI", "US"]), ("2024-05-06", ["US"])]
