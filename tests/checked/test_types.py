"""Which values fit where, what may be computed, and exact values in base units."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from comity.runtime.types import (
    DATE,
    DURATION,
    INT,
    LENGTH,
    NUMBER,
    PERCENT,
    AbsentType,
    ListType,
    MoneyType,
    PerPartyType,
    SetType,
)
from comity.terms import AddDuration, Arithmetic, Cases, Const, DateDifference, Round

from .support import Checked, codes, expect, message


def constant(type: str, written: str) -> object:
    """The value of a literal where ``type`` is wanted."""
    body = Checked(f"define x(n: Int) -> {type}:\n    {written}").define("x")
    assert isinstance(body, Const)
    return body.value


# ------------------------------------------------------------------------------------------- literals


@pytest.mark.parametrize(
    ("type", "written", "value"),
    [
        ("Int", "9_000", 9000),
        ("Number", "0.25", Fraction(1, 4)),
        ("Number", "2.0", 2),
        ("Percent", "25%", Fraction(1, 4)),
        ("Percent", "12.5%", Fraction(1, 8)),
        ("Money in USD", "5_000 USD", 5000),
        ("Money in EUR", "0.10 EUR", Fraction(1, 10)),
        ("Length", "200 km", 200_000),
        ("Length", "12 nmi", 22_224),
        ("Length", "1 mi", Fraction(1_609_344, 1000)),
        ("Length", "7 m", 7),
        ("Mass", "300 kg", 300_000),
        ("Mass", "1.5 t", 1_500_000),
        ("Mass", "1 g", 1),
        ("Duration", "42 days", 42 * 24),
        ("Duration", "2 weeks", 336),
        ("Duration", "36 hours", 36),
        ("Date", "2024-02-29", date(2024, 2, 29)),
        ("Text", '"GEO-7"', "GEO-7"),
        ("Eccn", "5A992.c", "5A992.c"),
        ("Eccn", "EAR99", "EAR99"),
        ("HsCode", "HS 8542.31", "8542.31"),
        ("Bool", "true", True),
        ("Int", "-3", -3),
        ("Money in USD", "-5 USD", -5),
        ("Country", "US", "US"),
        ("Place", "US", "US"),
        ("Place", "KALININGRAD", "KALININGRAD"),
    ],
)
def test_literals(type: str, written: str, value: object) -> None:
    got = constant(type, written)
    assert got == value and not isinstance(got, float)
    assert not (isinstance(got, Fraction) and got.denominator == 1)


@pytest.mark.parametrize(
    ("type", "written"),
    [
        ("Date", "2022-02-30"),
        ("Date", "2023-02-29"),
        ("Date", "2022-13-01"),
        ("Percent", "25%%"),
        ("Eccn", "3Z999"),
        ("Eccn", "3A99"),
        ("Eccn", "3A0011"),
        ("Eccn", "3A001.5"),
        ("Eccn", "3A001.ab"),
        ("Eccn", "3A001.a.05"),
        ("Text", '"Cri\u200bmea"'),
        ("Text", '"""Cri\u00admea"""'),
        ("HsCode", "HS 854"),
        ("HsCode", "HS 85423"),
    ],
)
def test_literals_that_mean_nothing(type: str, written: str) -> None:
    assert [code for _, code in codes(f"define x(n: Int) -> {type}:\n    {written}")] == ["E106"]


@pytest.mark.parametrize(
    ("range", "code"),
    [
        ("3B001.k to 3B001.n", None),
        ("HS 8541 to HS 8543", None),
        ("3B001.n to 3B001.k", "E106"),
        ("3B001.k to 3B002.n", "E106"),
        ("3B001.k to 3B001.05", "E106"),
        ("HS 8541 to HS 8542.31", "E106"),
        ("3B001.k to HS 8541", "E101"),
        ("3B001.k to x", "E101"),
        ("1 to 3", "E101"),
    ],
)
def test_ranges_of_codes(range: str, code: str | None) -> None:
    kind = "HsCode" if range.startswith("HS") else "Eccn"
    for test in (f"x in {{{range}}}", f"x within {{{range}}}"):
        assert [each for _, each in codes(f"define f(x: {kind}):\n    {test}")] == ([code] if code else [])
    assert codes("define f(x: Country):\n    x in {3A001 to 3A002}") != []


@pytest.mark.parametrize("written", ["3A001.a.12", "9A610.x", "3A001.a.b.1"])
def test_paragraphs(written: str) -> None:
    assert constant("Eccn", written) == written


def test_currencies() -> None:
    expect("""
        record R:
            a: Money in USD
            b: Money in XAU
            c: Money in USX  # E106
    """)


# ------------------------------------------------------------------------------------------- written types


def test_marks_speak_of_the_whole() -> None:
    checked = Checked("""
        record R:
            a: set of Column?
            b: Length? per Party
            c: set of Column or absent
            d: Text or absent?
            e: list of Person
    """)
    assert checked.found == []
    fields = {f.name: f for f in checked.program.records["m.R"].type.fields}
    assert isinstance(fields["a"].type, SetType) and fields["a"].optional
    assert isinstance(fields["b"].type, PerPartyType) and fields["b"].optional
    assert isinstance(fields["c"].type, AbsentType) and isinstance(fields["c"].type.element, SetType)
    assert isinstance(fields["d"].type, AbsentType) and fields["d"].optional
    assert isinstance(fields["e"].type, ListType) and not fields["e"].optional


def test_only_fields_may_be_unknown() -> None:
    expect("""
        set S: Country? = {US}  # E101
        define f(a: Int?):  # E101
            true
        define g for Export -> Int?:  # E101
            3
        table t(c: Country?) -> Bool:  # E101
            US: true
    """)


def test_unknown_types() -> None:
    expect("""
        record R:
            a: Countri  # E013
            b: NATO  # E101
            c: US  # E013
    """)
    assert message("record R:\n    a: Contry")[2] == "did you mean `Country`?"


def test_the_day_of_a_record() -> None:
    expect("""
        record A as of when_shipped:  # E103
            shipped: Date
        record B as of shipped:  # E101
            shipped: Duration
        record C as of shipped:
            shipped: Date?
    """)


def test_defaults() -> None:
    checked = Checked("""
        record R:
            a: Bool = false
            b: set of Country = {US, CA}
            c: Money in USD or absent = absent
            d: Percent = 25%
            e: Person = Person(role = end_user, country = US)
            f: list of Int = [1, 2]
            g: Number = -1
            h: set of Column = {}
    """)
    assert checked.found == []
    values = {f.name: f.default for f in checked.program.records["m.R"].type.fields if f.has_default}
    assert values["b"] == frozenset({"US", "CA"}) and values["d"] == Fraction(1, 4)
    assert values["e"] == {"role": "end_user", "country": "US", "listed": False}
    assert str(values["c"]) == "absent" and values["f"] == (1, 2) and values["h"] == frozenset()
    expect("""
        record R:
            a: Bool = 3  # E101
            b: Set = 3  # E013
            c: Country = b  # E104
            d: set of Country = NATO  # E101
    """)


# ------------------------------------------------------------------------------------------- arithmetic


@pytest.mark.parametrize(
    ("written", "type"),
    [
        ("count_of_items + 1", INT),
        ("count_of_items * 2", INT),
        ("count_of_items / 2", NUMBER),
        ("count_of_items + 0.5", NUMBER),
        ("value + 5 USD", MoneyType("USD")),
        ("value * 0.25", MoneyType("USD")),
        ("25% * value", MoneyType("USD")),
        ("value / 3", MoneyType("USD")),
        ("value / 5 USD", NUMBER),
        ("25% * count_of_items", NUMBER),
        ("25% + 10%", PERCENT),
        ("distance * 2", LENGTH),
        ("distance / 1 km", NUMBER),
        ("-distance", LENGTH),
        ("notice + 2 days", DURATION),
        ("date - date", DURATION),
        ("date + 42 days", DATE),
        ("42 days + date", DATE),
        ("date + 6 months", DATE),
        ("date - 2 years", DATE),
        ("date + notice", DATE),
        ("round_up(value / 300 USD)", INT),
        ("count(p in parties where p.listed)", INT),
        ("sum(1 for p in parties)", INT),
    ],
)
def test_types_of_arithmetic(written: str, type: object) -> None:
    name = str(type)
    body = Checked(f"define x for Export -> {name}:\n    {written}").define("x")
    assert body.type == type


def test_terms_of_dates() -> None:
    checked = Checked("""
        define a for Export -> Date:
            date - 6 months
        define b for Export -> Duration:
            date - 2022-01-01
        define c for Export -> Int:
            round_down(count_of_items / 7)
    """)
    assert isinstance(checked.define("a"), AddDuration) and checked.define("a").negative  # type: ignore[union-attr]
    assert isinstance(checked.define("b"), DateDifference)
    assert isinstance(checked.define("c"), Round)


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("destination == 300 kg", "E101"),
        ("destination == NS1", "E101"),
        ("destination == NS9", "E104"),
        ("distance < 3 days", "E102"),
        ("value > 5 EUR", "E102"),
        ("notice < 6 months", "E102"),
        ("value > 5", "E101"),
        ("item.share > 0.25", "E101"),
        ("item.share > 1", "E101"),
        ("value + 5 EUR > 5 USD", "E102"),
        ("value + 5 > 5 USD", "E101"),
        ("distance + weight > 5 km", "E102"),
        ("notice + 6 months > 5 days", "E102"),
        ("date + 5 > date", "E101"),
        ("date + date > date", "E101"),
        ("value * value > 5 USD", "E101"),
        ("item.share * item.share > 5%", "E101"),
        ("destination < US", "E101"),
        ('purpose is present and purpose < "a"', "E101"),
        ("destination in 3..5", "E101"),
        ("count_of_items in {1 km}", "E101"),
        ("distance in {1 kg}", "E102"),
        ("destination in {NS1}", "E101"),
        ("destination in {NS9}", "E104"),
        ("destination in US", "E101"),
        ("item.eccn in 3A001", "E101"),
        ("item.eccn in 3..5", "E101"),
        ("item.eccn within 8542", "E101"),
        ("item.eccn within HS 8542", "E101"),
        ("item.eccn within NATO", "E101"),
        ("count_of_items within 5", "E101"),
        ("item.columns within NATO", "E101"),
        ("review within {denial}", "E101"),
        ("any p in destination: true", "E101"),
        ("any p in parties: p", "E101"),
        ("not value", "E101"),
        ("value", "E101"),
        ("item.columns | parties == {}", "E101"),
        ("-destination == US", "E101"),
        ("sum(p.country for p in parties) > 3", "E101"),
        ("sum(1 for p in value) > 3", "E101"),
        ("round_up(value) > 3", "E101"),
        ("value is present", "E101"),
        ("item == unknown", "E101"),
        ("count(p in parties where p.listed) == 1 km", "E101"),
        ("value[1] == 3", "E101"),
        ("parties.listed", "E103"),
        ("destination.code == 3", "E103"),
        ("item.eccn.chapter == 3", "E103"),
        ("any x in {}: true", "E101"),
        ("licensing", "E101"),
        ("Export == 3", "E101"),
        ("item.eccn == EAR99 or 5", "E101"),
        ("round_up(1, 2) == 3", "E108"),
        ("3..5 == 4", "E001"),
    ],
)
def test_misfits(condition: str, code: str) -> None:
    assert [found for _, found in codes(f"define x for Export:\n    {condition}")] == [code]


@pytest.mark.parametrize(
    "condition",
    [
        "destination == place",
        "place == UA",
        "place in NATO",
        "NATO == {BE}",
        "place within RU",
        "place within KALININGRAD",
        "place within NATO",
        "place within {RU, KALININGRAD}",
        "place not within RU",
        "destination within NATO",
        "destination within RU",
        "NATO within Country",
        "item.columns within {NS1, NS2}",
        "item.eccn within {3A001, 3A002}",
        "item.hs within HS 8542",
        "item.hs in {HS 8542.31}",
        "item.eccn in {3A001, EAR99}",
        "count_of_items == 2.0",
        "2 * count_of_items in 1..2.5",
        "value / 100 USD > 25%",
        "100 USD / value in 5% .. 10%",
        "item.share in {10%, 25%}",
        "distance < 12 nmi + 500 m",
        "date in 2022-01-01 .. 2022-12-31",
        "review < denial",
        "review in approval .. case_by_case",
        "destination in {RU, BY} | NATO",
        "destination in NATO - {US}",
        "any c in NATO & {US, CA}: c == destination",
        "all r in Column: chart[destination, r] implies r in item.columns",
        "any c in {RU, BY}: c == destination",
        "no p in parties: p.listed and p.country == destination",
        "count(c in {US, CA} where c == destination) == 1",
        "Person(role = end_user, country = destination) in parties",
        "{destination} within {RU, BY}",
        "this == this",
        "begins is unknown or begins > date",
        "item is known",
        "-5 USD < -value",
        "not (review == denial) implies true",
        "count(r in item.columns where chart[destination, r]) > 0",
        "item.made_with_us_equipment == true",
        "purpose is absent",
        "chart[destination, NS1] is known",
    ],
)
def test_fits(condition: str) -> None:
    assert Checked(f"define x for Export:\n    {condition}").found == []


def test_a_ratio_is_usable_as_a_percentage() -> None:
    body = Checked("""
        define x for Export -> Percent:
            value / 100 USD when value > 0 USD
            0% otherwise
    """).define("x")
    assert isinstance(body, Cases)
    first = body.cases[0].value
    assert isinstance(first, Arithmetic) and first.type == PERCENT
    assert [c for _, c in codes("define x for Export -> Percent:\n    count_of_items / 2")] == ["E101"]


def test_both_sides_are_named_and_marked() -> None:
    checked = Checked("define x for Export:\n    destination == 300 kg")
    (found,) = checked.found
    assert found.message == "`destination` is a `Country`, but `300 kg` is a `Mass`"
    assert checked.underlined(found) == "300 kg"
    assert [r.message for r in found.related] == ["`destination` is a `Country`"]
    checked = Checked("define x for Export:\n    value > 5 EUR")
    assert checked.found[0].message == "`value` is a `Money in USD`, but `5 EUR` is a `Money in EUR`"


def test_what_wants_the_type_is_marked() -> None:
    checked = Checked("""
        record R:
            origin: Country = 3
    """)
    (found,) = checked.found
    assert (found.message, found.related[0].message) == (
        "`3` is an `Int`, but a `Country` is wanted here",
        "the field is of type `Country`",
    )


@pytest.mark.parametrize(
    ("condition", "help"),
    [
        ('destination == "RU"', "write `RU`, without quotes"),
        ('place == "KALININGRAD"', "write `KALININGRAD`, without quotes"),
        ('item.eccn == "3A001.a"', "write `3A001.a`, without quotes"),
        ('item.hs == "HS 8542"', "write `HS 8542`, without quotes"),
        ('"2022-02-24" <= date', "write `2022-02-24`, without quotes"),
        ('destination == "Russia"', None),
        ("value > 5_000", "write `5_000 USD`"),
        ("5 < weight", "write its unit: `5 kg`"),
        ("item.share > 25", "percentages are written `25%`"),
        ("item.share > value", None),
        ("date > date + 42", "write `42 days`"),
        ("destination == RU or BY", "say `destination in {RU, BY}`"),
        ("destination == RU or BY or value > 5 USD", "say `destination in {RU, BY}`"),
        ("value > 5 USD or count_of_items", None),
    ],
)
def test_what_to_write_instead(condition: str, help: str | None) -> None:
    said, _, found = message(f"define a for Export:\n    {condition}")
    assert said[:4] in ("E101", "E102") and found == help


def test_a_name_that_was_meant_as_a_text_or_as_the_record() -> None:
    said, _, help = message("define a for Export:\n    purpose is present and purpose == civil")
    assert said == "E013 there is no `civil` here" and help == 'a text is written in quotes: `"civil"`'
    said, _, help = message("define a for Export:\n    export.value > 5 USD")
    assert help == "the `Export` is `this`, and its fields are named by themselves"
    assert message("define a for Export:\n    destination in NATOS")[2] == "did you mean `NATO`?"
    assert message("define a for Export:\n    destination in GATT")[2] is None  # AT and TT are near to nothing


def test_a_list_is_no_set() -> None:
    """How often an element is there, and which comes first, is part of a list."""
    expect("""
        record Voyage:
            ports: list of Country
            flags: set of Country

        define many(places: set of Country):
            count(p in places) > 3

        define long for Voyage:
            many(ports)  # E101

        define colourful for Voyage:
            many(flags)

        define alike for Voyage:
            ports == flags  # E101
    """)
