"""Tests and examples: facts, findings, expectations."""

from __future__ import annotations

from datetime import date

from comity.expectations import ExpectFailure, ExpectOutcome, ExpectUndetermined, ExpectValue
from comity.terms import Const, RecordOf, Unknown

from .support import Checked, expect

RULES = """
    rule chart_control for licensing:
        for each r in item.columns
        when chart[destination, r]
        then license_required
    rule ask for licensing:
        refer to counsel "Is it?"
        when destination == US
"""


def test_facts_are_merged_with_the_examples() -> None:
    checked = Checked("""
        example Export:
            item.origin = US
            item.eccn = EAR99
            destination = US
            parties = [Person(role = consignee, country = RU)]
            purpose = absent
        test "a" for licensing:
            given:
                item.eccn = 3A001.a
                item.share = unknown
                destination = RU
                date = 2022-03-01
            expect license_required
        test "b" for licensing:
            given:
                item = Item(eccn = 3A001, origin = US, columns = {}, limit = absent)
            expect license_required
    """)
    assert checked.found == []
    a, b = checked.program.tests
    assert [".".join(g.path) for g in a.facts] == [
        "item.origin",
        "parties",
        "purpose",
        "item.eccn",
        "item.share",
        "destination",
        "date",
    ]
    values = {".".join(g.path): g.value for g in a.facts}
    assert isinstance(values["item.share"], Unknown)
    assert isinstance(values["item.eccn"], Const) and values["item.eccn"].value == "3A001.a"
    assert [".".join(g.path) for g in b.facts] == ["destination", "parties", "purpose", "item"]
    item = b.facts[-1].value
    assert isinstance(item, RecordOf) and dict(item.fields)["share"] == Unknown(dict(item.fields)["share"].type)


def test_targets() -> None:
    checked = Checked("""
        define dear for Export:
            value > 5 USD
        define twice(n: Int) -> Int:
            2 * n
        test "a" for dear:
            given:
                value = 6 USD
            expect true
        test "b" for twice:
            given:
                n = 2
            expect 4
        test "c" for licensing as of 2022-03-01:
            expect undetermined needing item.share, chart[CU, NS1], parties
            expect contradiction
            expect gap
            expect refused
    """)
    assert checked.found == []
    a, b, c = checked.program.tests
    assert (a.target, a.target_kind, b.target_kind, c.target_kind) == ("m.dear", "define", "define", "decision")
    assert isinstance(b.expects[0], ExpectValue) and b.facts[0].path == ("n",)
    assert c.as_of == date(2022, 3, 1)
    undetermined = c.expects[0]
    assert isinstance(undetermined, ExpectUndetermined)
    assert undetermined.needing == ("item.share", "chart[CU, NS1]", "parties")
    assert [e.kind for e in c.expects if isinstance(e, ExpectFailure)] == ["contradiction", "gap", "refused"]


def test_rules_and_findings() -> None:
    checked = Checked(
        RULES
        + """
    test "a" for licensing:
        given:
            findings.ask = true
        expect license_required by chart_control[NS2], ask
        expect undetermined needing findings.ask
    test "b" for licensing:
        given:
            findings.ask = prohibited
        expect prohibited by ask
"""
    )
    assert checked.found == []
    a, b = checked.program.tests
    assert a.facts[0].path == ("findings", "ask") and isinstance(a.facts[0].value, Const)
    assert isinstance(b.facts[0].value, Const) and b.facts[0].value.value == "prohibited"
    outcome, undetermined = a.expects
    assert isinstance(outcome, ExpectOutcome) and outcome.by == ("chart_control[NS2]", "ask")
    assert isinstance(undetermined, ExpectUndetermined) and undetermined.needing == ("findings.ask",)


def test_mistakes() -> None:
    expect(
        RULES
        + """
    define dear for Export -> Money in USD:
        value
    example Exprt:  # E013
        value = 5 USD
    example Export:
        valeu = 5 USD  # E103
        item.share = 0.25  # E101
        item.origin.name = "x"  # E103
    test "a" for licencing:  # E013
        expect true
    test "b" for licensing:
        given:
            destination = RU
            destination = BY  # E012
            item.origin = UK  # E104
            value = value  # E013
            findings.askk = true  # E013
            findings.ask = 3  # E101
            date = 2022-02-30  # E106
        expect licence_required  # E105
        expect prohibited by chart_controll  # E013
        expect prohibited by ask[NS1]  # E108
        expect prohibited by chart_control[NS9]  # E104
        expect 3  # E101
        expect breach of x by y  # E101
        expect undetermined needing item.shar  # E103
    test "c" for dear:
        given:
            value = 5 EUR  # E102
        expect 5  # E101
        expect prohibited by ask  # E101
"""
    )


def test_tests_of_agreements() -> None:
    pact = """
    party EAST = {RU}
    party WEST = {US}
    record Exercise:
        acts conduct
        troops: Int
        distance_to: Length per Party
    agreement pact between EAST, WEST:
        commitment drill by each party:
            shall not conduct Exercise
            when troops > 9_000
    """
    checked = Checked(
        pact
        + """
    test "a" for pact:
        given conduct Exercise by EAST toward WEST on 2022-02-10:
            troops = 10_000
            distance_to = {EAST: 0 km, WEST: 40 km}
        expect breach of drill by EAST
    test "b" for pact:
        given conduct Exercise by EAST
        expect no breach
"""
    )
    assert checked.found == [], checked.found
    (act,) = checked.program.tests[0].acts
    assert (act.verb, act.party, act.toward, act.on) == ("conduct", "EAST", "WEST", date(2022, 2, 10))
    expect(
        pact
        + """
    test "a" for pact:
        given hold Exercise by EAST:  # E013
            troups = 10_000  # E103
            distance_to = {EAST: 0 kg, WST: 40 km}  # E102 E013
        given conduct Exercise by NORTH  # E013
        given:  # E101
            troops = 3
        expect breach of dril by EAST  # E013
        expect breach of drill by SOUTH  # E013
        expect imposed x on y  # E101
"""
    )


def test_unknown_is_for_tests_only() -> None:
    expect("""
        define a for Export:
            value == unknown  # E101
        rule b for licensing:
            when item.share is unknown
            then prohibited
    """)
