"""One mistake gives one message: what was reported is not reported again where it is used."""

from __future__ import annotations

import pytest

from .support import Checked, expect


def test_a_broken_definition_is_known() -> None:
    expect("""
        define a for Export -> Int:
            vlaue  # E013
        define b for Export:
            a > 3 and a in 1..5 and a + 1 == 2
        rule r for licensing:
            when a == 3
            then prohibited
    """)


def test_a_broken_type_is_known() -> None:
    expect("""
        record R:
            a: Contry  # E013
            b: Money in USX  # E106
        define x for R:
            all:
                a == US
                a in {US, CA}
                US in {a}
                b > 5 USD
                b * 2 > 3 km
                a.code == 3
                not a
                any p in a: p.listed
                a within RU
                count(x in a where x == US) > 3
                {a, US} == {CA}
                R(a = US, b = 5 USD) == this
        define y(r: R) -> Contry:  # E013
            r.a
        define z for R -> Percent:
            first match
            b / b when a == b
            3 otherwise  # E101
    """)


def test_a_broken_record_is_known() -> None:
    expect("""
        decision d for Exprt:  # E013
            outcomes:
                yes
            otherwise yes
        rule a for d:
            when anything == 3 and other > thing
            then yes
        define x for Exprt:  # E013
            anything
        define y for Export:
            d == yes
        prove p for d:
            given nothing
            then outcome == yes
        test "t" for d:
            given:
                some.thing = 3
            expect yes
    """)


def test_a_broken_decision_is_known() -> None:
    expect("""
        rule a for licencing:  # E013
            when vlaue > 5
            then nothing
        rule b for licencing:  # E013
            then prohibited
        decision policy for Export:
            outcomes:
                denied
                approved
            otherwise approved
        rule c for policy:
            when b applies and a[NS1] decides
            then denied
    """)


def test_a_broken_family_is_known() -> None:
    expect("""
        rule a for licensing:
            for each r in item.colums  # E103
            when chart[destination, r]
            then license_required
        rule b for licensing:
            for each r in Column
            exception to a[r]
            then prohibited
        rule c for licensing:
            for each r in parties  # E101
            then prohibited
    """)


def test_a_missing_module_is_reported_once() -> None:
    expect("""
        use std.contries: *  # E010
        use other.module: thing, Kind  # E010
        define a for Export:
            thing == other_thing and something
        define b(k: Kind):
            k == small
        rule r for some_decision:
            subject to x
            then yes
    """)


@pytest.mark.parametrize("use", ["use elsewhere", "use elsewhere: *", "use elsewhere: other"])
@pytest.mark.parametrize(
    "line",
    [
        "when elsewhere.chips applies",
        "when elsewhere.chart[NS1] applies",
        "unless elsewhere.thing",
        "exception to elsewhere.chips",
        "subject to elsewhere.chart[NS1]",
        "disapplies every rule in elsewhere",
        "notwithstanding every other rule except elsewhere.chips",
    ],
)
def test_a_rule_of_a_missing_module_is_reported_once(use: str, line: str) -> None:
    expect(f"""
        {use}  # E010
        rule a for licensing:
            {line}
            then prohibited
    """)


AGREEMENT = """
        party EAST = {{RU}}
        party WEST = {{US}}
        record Exercise:
            acts conduct
            troops: Int
        {other}
        agreement pact between EAST, WEST:
            commitment a by EAST:
                shall not conduct Exercise
                binding when {state} is accepted
"""


@pytest.mark.parametrize(
    ("other", "state"),
    [
        ("use elsewhere  # E010", "other.b"),
        ("use elsewhere  # E010", "elsewhere.other.b"),
        ("use elsewhere: other  # E010", "other.b"),
        ("agreement other between EAST, WEST:\n            commitment b by  # E001", "other.b"),
        ("agreement other between EAST  # E001", "other.b"),
        ("agreement other between EAST, WEST:\n            commitment c by EAST:", "other.b  # E013"),
        ("agreement other between EAST, WEST:\n            commitment b by EAST:", "other.b"),
    ],
)
def test_a_commitment_of_a_broken_agreement_is_reported_once(other: str, state: str) -> None:
    if other.endswith(":"):
        other += "\n                shall not conduct Exercise"
    state, _, mark = state.partition("  # ")
    text = AGREEMENT.format(other=other, state=state)
    expect(text.rstrip("\n") + (f"  # {mark}\n" if mark else "\n"))


def test_a_missing_import_is_reported_once() -> None:
    expect("""
        use std.countries: Contry  # E013
        record R:
            c: Contry
        define a for R:
            c == US
    """)


def test_a_declaration_with_a_syntax_error_is_known() -> None:
    checked = Checked("""
        define a for Export:
            value > > 5 USD
        record R:
            a: : Int
        decision d for Export:
            outcomes
                yes
        rule r for d:
            when a and value > 5 USD
            then yes
        define x for R:
            a == 3
        define y(r: R):
            r.a == 3
        rule broken for licensing:
            when when
            then prohibited
        rule s for licensing:
            notwithstanding broken
            when broken applies
            then prohibited
    """)
    assert [d.code for d in checked.found] == ["E001"] * 4


@pytest.mark.parametrize(
    "line",
    [
        "vlaue > 5 USD and value > 3 USD",
        "vlaue + 5 USD > value * 2",
        "destination == UKK and true",
        "UKK == destination",
        "destination in {UKK, US}",
        "item.ecnn within 3A001",
        "item.ecnn.category in 3..5",
        "3Z999 == item.eccn",
        "item.eccn within {3Z999, 3A001}",
        "any p in partys: p.listed and p.country == US",
        "any p in parties: p.lsted and p.country in NATO",
        "chart[destination, NSX]",
        "charts[destination, NS1]",
        "count(p in partys where p.listed) > 3",
        "sum(p.valeu for p in parties) > 3 USD",
        "round_up(vlaue / 300 USD) > 3",
        "Person(role = usr, country = US) in parties",
        "Person(rle = end_user, country = US, role = end_user) in parties",
        "{c in Contry where chart[c, NS1]} == NATO",
        "vlaue is known",
        "vlaue is absent implies true",
        "value in 5 USD .. 10 EUR",
        "value in 1 .. 10",
        "-vlaue > 5 USD",
        "not vlaue",
        "licensing == licence_required",
        "chips applies",
        "place within KALININGRD",
        "distance > 5 km + 3 days",
        "[value, 3] == [value]",
        "{destination, 3 km} == NATO",
        "this.vlaue == 3",
        "date + 3 == 2022-01-01",
        "date > 2022-02-30",
        "near(destination)",
    ],
)
def test_one_message(line: str) -> None:
    checked = Checked(f"define x for Export:\n    {line}")
    assert len(checked.found) == 1, [d.message for d in checked.found]


def test_a_mistake_in_a_default_a_table_or_a_set() -> None:
    expect("""
        record R:
            a: set of Country = {US, UKK}  # E104
            b: Person = Person(role = usr, country = US)  # E104
        set S: Country = {US, UKK}  # E104
        set T: Country = S | {c in S where chart[c, NSX]}  # E104
        table t(c: Country) -> set of Column:
            US: {NS1, NSX}  # E104
        define x for Export:
            destination in S and destination in T and NS1 in t[destination]
    """)
