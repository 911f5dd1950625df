"""Reading facts: every spelling, everything wrong at once, and back again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.runtime.facts import Decoder, FactsError, decode, encode, loads_json, read_findings
from comity.runtime.kleene import set_of
from comity.runtime.texts import is_canonical_text
from comity.runtime.types import (
    BOOL,
    DATE,
    DURATION,
    ECCN,
    HS_CODE,
    INT,
    LENGTH,
    MASS,
    MONTHS,
    NUMBER,
    PARTY,
    PERCENT,
    TEXT,
    AbsentType,
    EnumType,
    Field,
    ListType,
    MoneyType,
    PerPartyType,
    PlaceType,
    RecordType,
    SetType,
    Type,
)
from comity.runtime.values import ABSENT, exact

COUNTRY = EnumType("std.countries", "Country", ("BY", "CN", "RU", "US"))
PLACE = PlaceType(COUNTRY.members, (("KALININGRAD", "RU"),))
PERSON = RecordType(
    "m",
    "Person",
    (Field("country", COUNTRY), Field("listed", BOOL, has_default=True, default=False)),
)
ITEM = RecordType("m", "Item", (Field("eccn", ECCN), Field("us_content", PERCENT, optional=True)))
EXPORT = RecordType(
    "m",
    "Export",
    (
        Field("item", ITEM),
        Field("value", MoneyType("USD")),
        Field("parties", ListType(PERSON)),
        Field("purpose", AbsentType(TEXT)),
        Field("date", DATE),
    ),
    as_of="date",
)
GOOD = {
    "item": {"eccn": "3A001.a"},
    "value": "5000 USD",
    "parties": [{"country": "RU"}, {"country": "US", "listed": True}],
    "purpose": {"absent": True},
    "date": "2022-03-01",
}


def problems(type: Type, value: object) -> list[str]:
    with pytest.raises(FactsError) as caught:
        decode(type, value)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("type", "given", "value"),
    [
        (BOOL, True, True),
        (INT, 5, 5),
        (INT, Decimal("5e3"), 5000),
        (INT, 5.0, 5),
        (NUMBER, Decimal("0.25"), Fraction(1, 4)),
        (NUMBER, "1/3", Fraction(1, 3)),
        (PERCENT, "25%", Fraction(1, 4)),
        (PERCENT, "100%", 1),
        (MoneyType("USD"), "5_000 USD", 5000),
        (MoneyType("USD"), {"amount": "5000.5", "currency": "USD"}, Fraction(10001, 2)),
        (MoneyType("USD"), {"amount": Decimal("5000.50"), "currency": "USD"}, Fraction(10001, 2)),
        (LENGTH, "200 km", 200_000),
        (LENGTH, "12 nmi", 22_224),
        (DURATION, timedelta(days=2), 48),
        (DURATION, "42 days", 1008),
        (MONTHS, "2 years", 24),
        (DATE, date(2022, 2, 24), date(2022, 2, 24)),
        (TEXT, "absent", "absent"),
        (AbsentType(TEXT), "absent", "absent"),
        (AbsentType(INT), "absent", ABSENT),
        (AbsentType(TEXT), {"absent": True}, ABSENT),
        (AbsentType(INT), ABSENT, ABSENT),
        (HS_CODE, "854231", "8542.31"),
        (PLACE, "KALININGRAD", "KALININGRAD"),
        (SetType(COUNTRY), ["RU", "BY", "RU"], frozenset({"RU", "BY"})),
        (ListType(COUNTRY), ("RU", "RU"), ("RU", "RU")),
        (PerPartyType(LENGTH), {"A": "1 km"}, {"A": 1000}),
    ],
)
def test_every_spelling(type: Type, given: object, value: object) -> None:
    got = decode(type, given)
    assert got == value
    assert got.__class__ is value.__class__


@pytest.mark.parametrize(
    ("type", "given"),
    [
        (BOOL, 1),
        (BOOL, "true"),
        (INT, True),
        (INT, "5"),
        (INT, Decimal("0.5")),
        (NUMBER, 0.1),
        (NUMBER, float("nan")),
        (NUMBER, float("inf")),
        (NUMBER, Decimal("NaN")),
        (NUMBER, Decimal("1e999999999")),
        pytest.param(NUMBER, 10**5000, id="10**5000"),
        (PERCENT, Decimal("0.25")),
        (PERCENT, 25),
        (PERCENT, "25"),
        (PERCENT, "25%%"),
        (MoneyType("USD"), 5000),
        (MoneyType("USD"), "5000 EUR"),
        (MoneyType("USD"), {"amount": "5000"}),
        (MoneyType("USD"), {"amount": "5000", "currency": "EUR"}),
        (LENGTH, "42 days"),
        (LENGTH, 200),
        (DATE, "2022-02-30"),
        (DATE, "2022-2-3"),
        (DATE, "20220203"),
        (DATE, datetime(2022, 2, 24, 12)),
        (TEXT, 3),
        (TEXT, "\ud800"),
        (ECCN, "3Z999"),
        (HS_CODE, 854231),
        (COUNTRY, "ru"),
        (COUNTRY, ["RU"]),
        (PLACE, "KRASNODAR"),
        (SetType(COUNTRY), "RU"),
        (AbsentType(INT), {"absent": False}),
        (AbsentType(INT), {"absent": 1}),
        (INT, {"absent": True}),
        (INT, ABSENT),
        (INT, None),
    ],
)
def test_what_is_refused(type: Type, given: object) -> None:
    assert len(problems(type, given)) == 1


def test_everything_wrong_is_said_at_once() -> None:
    bad = {
        "item": {"ecn": "3A001", "us_content": Decimal("0.25")},
        "value": "5000 EUR",
        "parties": [{"country": "Ru"}, 3],
        "purpose": None,
        "date": "2022-02-30",
        "dat": 1,
    }
    assert problems(EXPORT, bad) == [
        '`item.eccn`: expected an ECCN such as "3A001.a" or "EAR99", got nothing',
        '`item.us_content`: expected a percentage such as "25%", got 0.25',
        '`item.ecn`: expected a field of Item (eccn, us_content), got "3A001"; did you mean `eccn`?',
        '`value`: expected an amount such as "5000 USD", got "5000 EUR"',
        '`parties[0].country`: expected a Country (BY, CN, RU, US), got "Ru"; did you mean `RU`?',
        "`parties[1]`: expected an object with the fields of Person, got 3",
        '`purpose`: expected text, or {"absent": true}, got null',
        '`date`: expected a day such as "2022-02-24", got "2022-02-30"',
        "`dat`: expected a field of Export (item, value, parties, purpose, date), got 1; did you mean `date`?",
    ]


def test_unknown_only_where_it_may_be_and_defaults_are_told() -> None:
    defaults: list[str] = []
    facts = decode(EXPORT, GOOD, defaults=defaults)
    assert isinstance(facts, dict)
    assert facts["item"] == {"eccn": "3A001.a", "us_content": None}
    assert defaults == ["parties[0].listed"]
    assert problems(PERSON, {"country": "RU", "listed": None}) == ["`listed`: expected true or false, got null"]


def test_partial_facts_are_those_given() -> None:
    given = {"value": "1 USD", "item": {"us_content": None}, "date": None, "parties": [{"country": "RU"}]}
    assert decode(EXPORT, given, partial=True) == {
        "value": 1,
        "item": {"us_content": None},
        "date": None,
        "parties": ({"country": "RU", "listed": False},),
    }
    with pytest.raises(FactsError, match=r"`item\.ecn`: expected a field of Item.*did you mean `eccn`"):
        decode(EXPORT, {"item": {"ecn": 3}}, partial=True)


def test_only_the_parties_there_are() -> None:
    decoder = Decoder(PerPartyType(LENGTH), parties=["NATO_SIDE", "RUSSIA"])
    assert decoder({"RUSSIA": "1 km"}).value == {"RUSSIA": 1000}
    with pytest.raises(FactsError, match="did you mean `RUSSIA`"):
        decoder({"RUSIA": "1 km"}, "distance_to")


@dataclass(frozen=True)
class Person:
    country: str
    listed: bool = False


def test_objects_are_checked_like_mappings() -> None:
    decoder = Decoder(ListType(PERSON), {"m.Person": Person})
    assert decoder([Person("RU"), {"country": "US"}]).value == (Person("RU"), Person("US"))
    with pytest.raises(FactsError, match=r"`\[0\].country`"):
        decoder([Person("Rusia")])


# ---------------------------------------------------------------------------------------------- JSON


def test_json_numbers_are_exact() -> None:
    assert loads_json("0.1") == Decimal("0.1")
    assert decode(NUMBER, loads_json("0.1")) == Fraction(1, 10)
    assert loads_json(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


@pytest.mark.parametrize(
    "text", ["1e999999999", "1e99999999999999999999", "-1e-999999999", "9" * 100_000, "NaN", "Infinity"]
)
def test_monstrous_numbers_are_refused_at_once(text: str) -> None:
    """Worked out, most of them would fill the memory before they are refused."""
    with pytest.raises(FactsError) as caught:
        decode(RecordType("m", "R", (Field("x", NUMBER),)), loads_json(f'{{"x": {text}}}'))
    assert [problem.path for problem in caught.value.problems] == ["x"]
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the end"),
        ("{", "line 1"),
        ('{"a": 1,}', "line 1"),
        ("{'a': 1}", "line 1, column 2"),
        (b"\xff", "UTF-8"),
        ("[" * 100_000, "less deeply"),
    ],
)
def test_what_is_no_json(text: str | bytes, message: str) -> None:
    with pytest.raises(FactsError, match=message):
        loads_json(text)


def test_a_key_twice_is_refused_where_it_stands() -> None:
    with pytest.raises(FactsError) as caught:
        decode(EXPORT, loads_json(json.dumps(GOOD).replace('"eccn": ', '"eccn": "EAR99", "eccn": ')))
    assert [str(p) for p in caught.value.problems] == [
        "`item`: expected an object with each key once, got `eccn` twice"
    ]


# ----------------------------------------------------------------------------------------- round trip

AMOUNTS = st.fractions(max_denominator=10**4).map(exact)
PLAIN: list[tuple[Type, st.SearchStrategy[object]]] = [
    (BOOL, st.booleans()),
    (INT, st.integers(-(10**30), 10**30)),
    (NUMBER, AMOUNTS),
    (PERCENT, AMOUNTS),
    (MoneyType("USD"), AMOUNTS),
    (LENGTH, AMOUNTS),
    (MASS, AMOUNTS),
    (DURATION, AMOUNTS),
    (MONTHS, st.integers(0, 1000)),
    (DATE, st.dates()),
    (TEXT, st.text(st.characters(exclude_categories=["Cs"])).filter(is_canonical_text)),
    (ECCN, st.from_regex(r"\A[0-9][A-E][0-9]{3}(\.[a-z](\.[1-9][0-9]?)?)?\Z")),
    (HS_CODE, st.from_regex(r"\A[0-9]{4}\.[0-9]{2}\Z")),
    (COUNTRY, st.sampled_from(COUNTRY.members)),
    (PLACE, st.sampled_from((*COUNTRY.members, "KALININGRAD"))),
]


@st.composite
def typed_values(draw: st.DrawFn, depth: int = 2) -> tuple[Type, object]:
    kind = draw(st.integers(0, 5 if depth else 0))
    if kind == 5:
        fields, record = [], {}
        for number in range(draw(st.integers(0, 3))):
            type, value = draw(typed_values(depth - 1))
            optional = draw(st.booleans())
            fields.append(Field(f"f{number}", type, optional=optional))
            record[f"f{number}"] = None if optional and draw(st.booleans()) else value
        return RecordType("m", "R", tuple(fields)), record
    if kind == 4:
        type, value = draw(typed_values(depth - 1))
        if isinstance(type, AbsentType):
            return type, value
        return AbsentType(type), draw(st.sampled_from((ABSENT, value)))
    type, values = draw(st.sampled_from(PLAIN))
    match kind:
        case 1:
            return SetType(type), frozenset(draw(st.lists(values, max_size=3)))
        case 2:
            return ListType(type), tuple(draw(st.lists(values, max_size=3)))
        case 3:
            return PerPartyType(type), draw(st.dictionaries(st.sampled_from("AB"), values))
    return type, draw(values)


@given(typed_values())
def test_what_is_written_is_read_back(case: tuple[Type, object]) -> None:
    type, value = case
    encoded = encode(type, value)
    assert decode(type, encoded) == value
    assert decode(type, loads_json(json.dumps(encoded))) == value
    assert encode(type, decode(type, encoded)) == encoded


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["25%", "5 USD", "absent", "RU"]),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text() | st.sampled_from(["item", "absent"]), children)
    ),
    max_leaves=8,
)


@given(typed_values(), JSON)
def test_whatever_is_given_is_read_or_refused(case: tuple[Type, object], value: object) -> None:
    """And never ends in any other error; the message can be written out."""
    try:
        decode(case[0], value)
    except FactsError as error:
        str(error).encode()


# ------------------------------------------------------------------------------------------- findings


def test_findings() -> None:
    rules = {"judged": ("prohibited", "free"), "nuclear_use": ("license",)}
    assert read_findings({"judged": "free", "nuclear_use": True}, rules) == {"judged": "free", "nuclear_use": True}
    assert read_findings({"nuclear_use": "license", "judged": None}, rules) == {"nuclear_use": True}
    with pytest.raises(FactsError) as caught:
        read_findings({"nuclear_us": True, "judged": "perhaps"}, rules)
    assert [problem.path for problem in caught.value.problems] == ["findings.nuclear_us", "findings.judged"]
    with pytest.raises(FactsError):
        read_findings([], rules)


def test_a_fact_that_is_not_given_is_called_nothing_also_by_python() -> None:
    with pytest.raises(FactsError) as error:
        decode(RecordType("m", "R", (Field("a", BOOL),)), {})
    assert repr(error.value.problems) == "[Problem(path='a', value=nothing, expected='true or false', hint='')]"


def test_numbers_have_as_many_digits_from_python_as_from_text() -> None:
    longest = 10**400 - 1
    for type in (INT, NUMBER):
        assert decode(type, longest) == longest
        assert decode(type, -longest) == -longest
    for value in (10**402, -(10**402), Fraction(1, 10**402), Decimal("1e402"), Decimal("1e-402")):
        assert problems(NUMBER, value)[0].startswith("expected an exact number")
    assert decode(NUMBER, 2.0**53) == 2**53
    assert problems(NUMBER, 2.0**60)[0].startswith("expected an exact number")  # not every integer near it is a float


def test_an_amount_has_two_keys() -> None:
    amount = {"amount": "5", "currency": "USD"}
    assert decode(MoneyType("USD"), amount) == 5
    for wrong in (
        {**amount, "unit": "USD"},
        {"amount": "5"},
        {**amount, "currency": "EUR"},
        {**amount, "amount": True},
    ):
        assert problems(MoneyType("USD"), wrong) == ['expected an amount such as "5000 USD", got an object']


def test_a_timedelta_is_exact() -> None:
    assert decode(DURATION, timedelta(minutes=90)) == Fraction(3, 2)
    assert decode(DURATION, timedelta(days=-1, microseconds=1)) == Fraction(1, 3_600_000_000) - 24


def test_a_finding_is_true_false_or_an_outcome() -> None:
    rules = {"r": ("license",), "q": ("ban", "license")}
    assert read_findings({"r": "license", "q": "ban"}, rules) == {"r": True, "q": "ban"}
    assert read_findings({"r": None, "q": False}, rules) == {"q": False}
    assert read_findings(None, rules) == {}
    for wrong in (1, 0, "no", {}, 1.0):
        with pytest.raises(FactsError, match="expected true, false or an outcome"):
            read_findings({"q": wrong}, rules)


def test_who_is_perhaps_in_a_set_is_not_written_as_if_he_were() -> None:
    perhaps = set_of([("BY", True), ("RU", None)])
    assert encode(SetType(COUNTRY), perhaps) == ["BY"]


def test_values_of_subclasses_become_plain_ones() -> None:
    """Evaluators tell exact forms by their class, and a built package would refine such a value for ever."""

    class Small(IntEnum):
        ONE = 1

    class Day(date):
        pass

    class Words(str):
        pass

    for type, like in (
        (INT, Small.ONE),
        (NUMBER, Small.ONE),
        (DATE, Day(2022, 2, 24)),
        (TEXT, Words("a b")),
        (ECCN, Words("3A001")),
        (HS_CODE, Words("8542")),
        (COUNTRY, Words("RU")),
        (PARTY, Words("EAST")),
    ):
        value = decode(type, like)
        assert value == like
        assert value.__class__ in (int, date, str)
