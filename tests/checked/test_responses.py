"""Responses: measures on sectors, by members, in steps."""

from __future__ import annotations

from datetime import date

from comity.terms import And, Field, Line

from .support import Checked, expect

FACTS = """
    enum Measure ordered:
        travel_ban
        export_ban
    enum Sector:
        defence
        aviation
        officials
    enum EventKind:
        invasion
        annexation
    record Goods:
        sectors: set of Sector
        main_sector: Sector
        worth: Money in USD
    record Event:
        kind: EventKind
        territory: Place
        verified: Bool
    party EU_SIDE = {DE, FR}
"""

GOOD = (
    FACTS
    + """
    response costs for Goods by US, EU_SIDE, JP against RU:
        imposes Measure on Sector
        reaches sectors
        trigger Event on 2022-02-24 when kind == invasion and territory within UA
        posture start_high_stay_high on {defence, aviation}
        aligned within 7 days
        allowing worth < 100 USD until day 60
        JP cannot supply {aviation}
        at once:
            impose export_ban on {defence, aviation} when worth > 5 USD
        after 30 days:
            impose {travel_ban, export_ban} on officials by US, EU_SIDE for 90 days
            lift export_ban on Sector
        on 2022-06-01:
            impose export_ban on Sector
        lift when verified
"""
)


def test_a_response() -> None:
    checked = Checked(GOOD)
    assert checked.found == [], checked.found
    costs = checked.program.responses["m.costs"]
    assert costs.members == ("US", "EU_SIDE", "JP") and costs.target == "RU"
    assert (costs.posture, costs.posture_sectors) == ("start_high_stay_high", ("defence", "aviation"))
    assert costs.measures.name == "Measure" and costs.sectors.name == "Sector"
    assert isinstance(costs.reaches, Field) and isinstance(costs.trigger, Line)
    assert costs.trigger_on == date(2022, 2, 24) and isinstance(costs.trigger.condition, And)
    assert costs.aligned and costs.aligned_within is not None and costs.aligned_within.hours == 7 * 24
    assert costs.allowing[0].until_day == 60
    assert costs.cannot_supply == (("JP", ("aviation",)),)
    once, later, dated = costs.steps
    assert (once.after, once.on) == (None, None) and later.after is not None and dated.on == date(2022, 6, 1)
    first, lift = later.lines
    assert first.measures == ("travel_ban", "export_ban") and first.sectors == ("officials",)
    assert first.members == ("US", "EU_SIDE") and first.duration is not None and first.duration.hours == 90 * 24
    assert lift.lift and lift.sectors == ("defence", "aviation", "officials") and lift.members == ()
    assert isinstance(once.lines[0].when, Line) and isinstance(costs.lift_when, Line)


def test_mistakes_in_a_response() -> None:
    expect(
        FACTS
        + """
    response costs for Goods by US, EU_SDE against RUU:  # E013 E013
        imposes Measure on Sector
        reaches worth  # E101
        trigger Event when kind == invasions  # E104
        JP cannot supply {aviation}  # E013
        at once:
            impose export_bann on {defence}  # E104
            impose export_ban on {defense}  # E104
            impose export_ban on Measure  # E101
            impose export_ban on defence when worthy > 5 USD  # E013
            impose export_ban on defence by GB  # E013
        after 30 km:  # E102
            impose export_ban on defence for 3 kg  # E102
        lift when kind  # E101
"""
    )


def test_what_is_not_there_is_reported_once() -> None:
    expect(
        FACTS
        + """
    response costs for Goods by US against RU:
        imposes Measur on Sector  # E013
        trigger Evnt when kind == invasion  # E013
        at once:
            impose export_ban on defence
        lift when verified
"""
    )


def test_tests_of_responses() -> None:
    checked = Checked(
        GOOD
        + """
    test "after a month" for costs:
        given Event on 2022-02-24:
            kind = invasion
            territory = UA
            verified = false
        given:
            worth = 5 USD
        on day 31
        expect imposed export_ban on defence by JP
        expect not imposed travel_ban on defence
"""
    )
    assert checked.found == []
    (test,) = checked.program.tests
    assert (test.target, test.target_kind, test.on_day) == ("m.costs", "response", 31)
    assert test.events[0].record.name == "Event" and test.events[0].on == date(2022, 2, 24)
    expect(
        GOOD
        + """
    test "mistakes" for costs:
        given Event on 2022-02-30:  # E106
            knd = invasion  # E103
        on day 1.5  # E106
        expect imposed export_bann on defence  # E104
        expect imposed export_ban on defense  # E104
        expect imposed export_ban on defence by GB  # E013
        expect no breach  # E101
"""
    )
