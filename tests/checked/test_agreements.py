"""Agreements: who is bound, which acts, which names; parties as sets and as keys."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from comity.runtime.types import LENGTH, PARTY, PlaceType
from comity.terms import (
    And,
    AtParty,
    CommitmentState,
    Compare,
    Const,
    Equal,
    Line,
    Local,
    MemberOf,
    NamedSet,
    Or,
    PlaceWithin,
    Quantifier,
    SetOf,
    SetOperation,
    Term,
    When,
)

from .support import Checked, expect, message

PARTIES = """
    party EAST = {RU}
    party WEST = NATO as of 2022-01-10
    party BUFFER = {UA}:
        territory {UA, KALININGRAD}

    record Exercise:
        acts conduct, host
        troops: Int
        notified: Duration? disclosure
        distance_to: Length per Party
        location: Place
        held: Date
"""


def agreement(items: str, head: str = "") -> str:
    lines = "\n".join(f"        {line}" for line in items.strip("\n").splitlines())
    return f"{PARTIES}\n    agreement pact between EAST, WEST:\n{head}{lines}\n"


def condition(text: str) -> Term:
    checked = Checked(agreement(f"commitment c by each party:\n    shall not conduct Exercise\n    when {text}"))
    assert checked.found == [], checked.found
    when = checked.program.agreements["m.pact"].commitments[0].when
    assert isinstance(when, Line)
    return when.condition


# ------------------------------------------------------------------------------------------- conditions


def test_facts_per_party() -> None:
    match condition("distance_to[other] < 200 km and distance_to[EAST] > 1 km"):
        case And(operands=(Compare(left=AtParty(party=other, type=type)), Compare(right=AtParty(party=east)))):
            assert other == Local("other", PARTY) and east == Const("EAST", PARTY) and type == LENGTH
        case term:
            raise AssertionError(term)


def test_a_party_is_a_set_of_countries() -> None:
    match condition("location in WEST"):
        case MemberOf(collection=NamedSet(name=name)):
            assert name == "m.WEST"
        case term:
            raise AssertionError(term)
    assert isinstance(condition("any c in WEST: c == location"), Quantifier)
    assert isinstance(condition("{BE} within WEST"), object)
    match condition("location within EAST"):
        case Quantifier(source=NamedSet(name="m.EAST"), body=PlaceWithin()):
            pass
        case term:
            raise AssertionError(term)


def test_a_named_territory_is_meant_by_within() -> None:
    match condition("location within BUFFER"):
        case Quantifier(source=SetOf(elements=elements), body=PlaceWithin()):
            assert [e.value for e in elements if isinstance(e, Const)] == ["UA", "KALININGRAD"]
            assert all(isinstance(e.type, PlaceType) for e in elements)
        case term:
            raise AssertionError(term)


def test_self_and_other_are_whichever_party_they_stand_for() -> None:
    match condition("location within other"):
        case Quantifier(
            source=SetOperation(
                operator="|", left=When(condition=Equal(left=Local(name="other"), right=east)), right=When()
            )
        ):
            assert east == Const("EAST", PARTY)
        case term:
            raise AssertionError(term)
    assert isinstance(condition("location not in self"), object)
    assert isinstance(condition("self == EAST"), Equal)


def test_states() -> None:
    checked = Checked(
        agreement("""
commitment a by EAST:
    shall not conduct Exercise
    binding when a is accepted by 2022-03-01 and b of other is accepted and CL consents
    suspended while b is breached
commitment b by WEST:
    shall not conduct Exercise
    binding when all:
        a is accepted
        a is binding or b is ended
""")
    )
    assert checked.found == []
    a, b = checked.program.agreements["m.pact"].commitments
    assert a.binding == And(
        (
            CommitmentState("m.pact.a", "accepted", None, date(2022, 3, 1)),
            CommitmentState("m.pact.b", "accepted", Local("other", PARTY), None),
            CommitmentState("CL", "consents", None, None),
        )
    )
    assert a.suspended == CommitmentState("m.pact.b", "breached", None, None)
    assert isinstance(b.binding, And) and isinstance(b.binding.operands[1], Line)


def test_no_not_over_states() -> None:
    expect(
        agreement("""
commitment a by EAST:
    shall not conduct Exercise
    binding when not (b is accepted)  # E101
    suspended while none:
        b is breached  # E101
        b is binding  # E101
commitment b by WEST:
    shall not conduct Exercise
    binding when a is accepted implies a is binding  # E101
    suspended while not (not (a is breached))
""")
    )


# ------------------------------------------------------------------------------------------- names


def test_names_of_an_agreement() -> None:
    expect(
        agreement("""
commitment a by NORTH:  # E013
    shall not conduct Exercise
commitment b by EAST toward SOUTH:  # E013
    shall not hold Exercise  # E013
    when troups > 3  # E013
commitment c by each member of WEST:
    shall not conduct Exercize  # E013
commitment d by EAST:
    shall not conduct Exercise
    binding when e is accepted  # E013
    suspended while Q consents  # E104
mirror a with z  # E013
red line r for SOUTH:  # E013
    no limit on hold Exercise  # E013
withdrawal w by each party:
    found by NOBODY  # E013
remedy m by each party:
    on breach of x  # E013
    on hold Exercise  # E013
    found by self
    may suspend y  # E013
    may conduct Exercise up to 100% counting as hold Exercise  # E013
    until breach ends
body COURT = {EAST, WAST} by consensus  # E013
EAST cannot hold Exercise when location within WEST  # E013
NORTH cannot conduct Exercise  # E013
""")
    )


def test_parts_have_one_name_each() -> None:
    expect(
        agreement("""
commitment a by EAST:
    shall not conduct Exercise
red line a for WEST:  # E012
    no limit on conduct Exercise
""")
    )


def test_a_party_that_is_not_there_is_reported_once() -> None:
    expect(
        PARTIES
        + """
    agreement pact between EAST, WST:  # E013
        commitment a by WST:
            shall not conduct Exercise
        red line r for WST:
            no limit on conduct Exercise
"""
    )


def test_verbs_say_what_they_are() -> None:
    text = agreement("commitment a by EAST:\n    shall not hostt Exercise")
    assert message(text) == (
        "E013 `Exercise` does not act `hostt`",
        "hostt",
        "did you mean `host`?",
    )


# ------------------------------------------------------------------------------------------- commitments


def test_a_commitment() -> None:
    checked = Checked(
        agreement("""
commitment drill by each party toward EAST:
    "A drill"
    cite "Article 1"
    shall not conduct or host Exercise
    when all:
        troops >= 9_000
    unless notified >= 42 days
    from 2022-01-01
    prevails over limits
commitment limits by each member of WEST:
    shall host at most 1_550 Exercise per 12 months
commitment duty by EAST:
    shall conduct Exercise within 30 days after limits is performed
commitment soon by EAST:
    shall conduct Exercise by 2028-03-01
commitment told by EAST:
    shall conduct Exercise
    when troops > 3 ensure notified >= 1 days
""")
    )
    assert checked.found == []
    drill, limits, duty, soon, told = checked.program.agreements["m.pact"].commitments
    assert (drill.qname, drill.name, drill.agreement) == ("m.pact.drill", "drill", "m.pact")
    assert drill.verbs == ("conduct", "host") and drill.record.name == "Exercise"
    assert (drill.who.kind, drill.who.party, drill.who.toward) == ("each party", None, "EAST")
    assert drill.window == ((date(2022, 1, 1), None),) and drill.prevails_over == ("m.pact.limits",)
    assert isinstance(drill.when, And) and isinstance(drill.unless, Line)
    assert (limits.who.kind, limits.who.party) == ("each member", "WEST")
    assert isinstance(limits.limit_number, Const) and limits.limit_number.value == 1550
    assert duty.deadline_within is not None and duty.deadline_within.hours == 30 * 24
    assert duty.deadline_after == CommitmentState("m.pact.limits", "performed", None, None)
    assert soon.deadline_day == date(2028, 3, 1) and isinstance(told.ensure, Line)


@pytest.mark.parametrize(
    ("clause", "at", "instead"),
    [
        ("may host at most 3 Exercise", "at most 3", "shall host at most 3 Exercise"),
        ("shall not host at least 3 Exercise", "at least 3", "shall host at most 2 Exercise"),
        (
            "shall host Exercise per calendar year",
            "per calendar year",
            "shall host at least 1 Exercise per calendar year",
        ),
        ("may host Exercise by 2028-03-01", "by 2028-03-01", "may host Exercise until 2028-03-01"),
        ("shall not host Exercise by 2028-03-01", "by 2028-03-01", "shall not host Exercise from 2028-03-01"),
        (
            "shall host at least 3 Exercise within 30 days after a is accepted",
            "within 30 days after a is accepted",
            "shall host at least 3 Exercise binding when a is accepted",
        ),
        (
            "shall host Exercise by 2028-03-01 ensure troops > 3",
            "by 2028-03-01",
            "shall host Exercise ensure troops > 3",
        ),
        ("may host Exercise ensure troops > 3", "troops > 3", "may host Exercise when troops > 3"),
        ("shall not host Exercise ensure troops > 3", "troops > 3", "shall not host Exercise unless troops > 3"),
        ("shall host at most 3 Exercise ensure troops > 3", "troops > 3", "shall host Exercise ensure troops > 3"),
        (
            "shall host Exercise parity per party",
            "shall host Exercise",
            "shall host at least 3 Exercise parity per party",
        ),
    ],
)
def test_clauses_that_mean_nothing_together(clause: str, at: str, instead: str) -> None:
    found = message(agreement(f"commitment a by EAST:\n    {clause}"))
    assert (found[0][:4], found[1]) == ("E111", at) and found[2]
    assert Checked(agreement(f"commitment a by EAST:\n    {instead}")).found == []


def test_status_and_precedence() -> None:
    checked = Checked(
        agreement(
            "commitment a by EAST:\n    shall not conduct Exercise",
            head="        status in_force from 2022-01-01\n        reciprocal\n",
        )
        + """
    agreement later between EAST, WEST:
        prevails over pact, pact.a
        commitment b by EAST:
            shall not conduct Exercise
"""
    )
    assert checked.found == []
    pact, later = checked.program.agreements["m.pact"], checked.program.agreements["m.later"]
    assert (pact.status, pact.since, pact.reciprocal) == ("in_force", date(2022, 1, 1), True)
    assert later.prevails_over == ("m.pact", "m.pact.a") and later.status == ""
    assert pact.parties == ("m.EAST", "m.WEST")


def test_lengths_of_time() -> None:
    checked = Checked(agreement("withdrawal leave by each party:\n    notice 6 months\n    found by self"))
    (leave,) = checked.program.agreements["m.pact"].withdrawals
    assert leave.notice is not None and (leave.notice.months, leave.notice.hours) == (6, None)
    expect(agreement("withdrawal leave by each party:\n    notice 6 km  # E102"))


# ------------------------------------------------------------------------------------------- mirrors


def test_a_mirror() -> None:
    checked = Checked(
        agreement("""
commitment a by EAST:
    shall not conduct Exercise
commitment b by WEST:
    shall not conduct Exercise
mirror a with b:
    swapping UA with KALININGRAD, BE with FR
    within 10%
    within 1 km
    within 10% of 9_000
    asymmetric because "of geography"
""")
    )
    assert checked.found == []
    (mirror,) = checked.program.agreements["m.pact"].mirrors
    assert (mirror.left, mirror.right, mirror.asymmetric) == ("a", "b", "of geography")
    assert mirror.swaps == (("UA", "KALININGRAD"), ("BE", "FR"))
    assert [(t.relative, t.absolute, t.reference) for t in mirror.tolerances] == [
        (Fraction(1, 10), None, None),
        (None, Fraction(1000), None),
        (Fraction(1, 10), None, Fraction(9000)),
    ]
    assert mirror.tolerances[1].type == LENGTH


def test_a_swap_is_an_involution() -> None:
    text = """
commitment a by EAST:
    shall not conduct Exercise
commitment b by WEST:
    shall not conduct Exercise
mirror a with b:
    swapping UA with KALININGRAD
    swapping KALININGRAD with UA
    swapping KALININGRAD with BE  # E012
    swapping BE with FRR  # E013
"""
    expect(agreement(text))


# ------------------------------------------------------------------------------------------- parties and capabilities


def test_parties() -> None:
    checked = Checked(PARTIES)
    assert checked.found == []
    east, west, buffer = (checked.program.parties[f"m.{name}"] for name in ("EAST", "WEST", "BUFFER"))
    assert isinstance(east.members, SetOf) and east.as_of is None and east.territory is None
    assert west.members == NamedSet("facts.NATO", west.members.type) and west.as_of == date(2022, 1, 10)
    assert isinstance(buffer.territory, SetOf)
    expect("""
        party A = {RUU}  # E104
        party B = Exercise  # E013
        party C = {US} as of 2022-02-30  # E106
    """)


def test_capabilities() -> None:
    checked = Checked(
        PARTIES
        + """
    EAST cannot conduct or host Exercise when location not within EAST cite "Statement of 2022"
    WEST can conduct Exercise
"""
    )
    assert checked.found == []
    cannot, can = checked.program.capabilities
    assert (cannot.party, cannot.can, cannot.verbs, cannot.cites) == (
        "EAST",
        False,
        ("conduct", "host"),
        ("Statement of 2022",),
    )
    assert can.can and can.when is None and cannot.record.name == "Exercise"


def test_bodies() -> None:
    checked = Checked(
        agreement("body COURT = {EAST, WEST, CH} by majority\nwithdrawal w by each party:\n    found by COURT")
    )
    assert checked.found == []
    pact = checked.program.agreements["m.pact"]
    assert pact.bodies[0].members == ("EAST", "WEST", "CH") and pact.withdrawals[0].found_by == "COURT"


def test_definitions_of_an_act() -> None:
    checked = Checked(
        PARTIES
        + """
    define big for Exercise:
        troops > 9_000
    agreement pact between EAST, WEST:
        commitment a by EAST:
            shall not conduct Exercise
            when big and held + 6 months < 2023-01-01
"""
    )
    assert checked.found == []


def test_or_of_states_is_a_condition() -> None:
    checked = Checked(
        agreement(
            "commitment a by EAST:\n    shall not conduct Exercise\n    binding when a is accepted or CL consents"
        )
    )
    assert checked.found == []
    assert isinstance(checked.program.agreements["m.pact"].commitments[0].binding, Or)
