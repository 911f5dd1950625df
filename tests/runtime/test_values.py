"""Exact values: numbers, days, codes and units."""

from __future__ import annotations

import copy
import pickle
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.runtime import values
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
    PERCENT,
    TEXT,
    AbsentType,
    EnumType,
    Field,
    ListType,
    MoneyType,
    PerPartyType,
    RecordType,
    SetType,
    Type,
)
from comity.runtime.values import ABSENT

NUMBERS = st.fractions(max_denominator=10**6).map(values.exact)
CODES = ("3A001", "3A001.a", "3A001.a.5", "3A001.a.5.b", "3A001.a.55", "3A002", "3A001.b", "EAR99")


def test_absent_is_one_value_everywhere() -> None:
    assert pickle.loads(pickle.dumps(ABSENT)) is ABSENT
    assert copy.deepcopy(ABSENT) is ABSENT
    assert repr(ABSENT) == "absent"


@given(NUMBERS, NUMBERS)
def test_arithmetic_is_exact_and_whole_numbers_are_ints(left: values.Number, right: values.Number) -> None:
    for got, exact in (
        (values.add(left, right), Fraction(left) + right),
        (values.subtract(left, right), Fraction(left) - right),
        (values.multiply(left, right), Fraction(left) * right),
        (values.divide(left, right), Fraction(left) / right if right else None),
    ):
        assert got == exact
        if exact is not None:
            assert isinstance(got, int) == (exact.denominator == 1)


def test_unknown_and_absent_operands_give_unknown() -> None:
    for nothing in (None, ABSENT):
        for operation in (values.add, values.subtract, values.multiply, values.divide, values.less, values.less_equal):
            assert operation(nothing, 1) is None
            assert operation(1, nothing) is None
        assert values.negate(nothing) is None
        assert values.round_up(nothing) is None
        assert values.round_down(nothing) is None
        assert values.add_months(nothing, 1) is None
        assert values.add_hours(nothing, 1) is None
        assert values.eccn_within(nothing, "3A001") is None
        assert values.hs_within("8542", nothing) is None
        assert values.eccn_part(nothing, "category") is None
    assert values.divide(1, 0) is None


@pytest.mark.parametrize(
    ("value", "up", "down"),
    [(Fraction(7, 2), 4, 3), (Fraction(-7, 2), -3, -4), (5, 5, 5), (Fraction(1, 3), 1, 0)],
)
def test_rounding(value: values.Number, up: int, down: int) -> None:
    assert (values.round_up(value), values.round_down(value)) == (up, down)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2022, 1, 31), 1, date(2022, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2022, 1, 15), 6, date(2022, 7, 15)),
        (date(2022, 11, 30), 3, date(2023, 2, 28)),
        (date(2022, 3, 31), -1, date(2022, 2, 28)),
        (date(9998, 12, 1), 12, date(9999, 12, 1)),
        (date(2, 1, 1), -12, date(1, 1, 1)),
        (date(9999, 12, 1), 1, None),
        (date(1, 1, 1), -1, None),
        (date(2022, 1, 1), 10**30, None),
    ],
)
def test_months_are_clamped_to_the_end_of_the_month(day: date, months: int, expected: date | None) -> None:
    assert values.add_months(day, months) == expected
    assert values.add_months(day, -months, negative=True) == expected


def test_hours_count_as_whole_days() -> None:
    day = date(2022, 3, 1)
    assert values.add_hours(day, 36) == date(2022, 3, 2)
    assert values.add_hours(day, 36, negative=True) == date(2022, 2, 28)
    assert values.add_hours(day, 42 * 24) == date(2022, 4, 12)
    assert values.add_hours(day, Fraction(47, 2)) == day
    assert values.add_hours(day, 24 * 10**12) is None
    assert values.date_difference(date(2022, 4, 12), day) == 42 * 24


@pytest.mark.parametrize("text", ["3A001", "5A992.c", "9A610.x", "EAR99", "3A001.a.5.b", "1C350.d.35"])
def test_classification_numbers(text: str) -> None:
    assert values.is_eccn(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3Z999",
        "3a001",
        "3A01",
        "3A0011",
        "3A001.",
        "3A001.A",
        "3A001.ab",
        "3A001.5",
        "3A001.a.123",
        "3A001.a.05",
        "3A001.a.0",
        "3A001.a.5.00",
        "EAR",
        "３A001",
    ],
)
def test_what_is_no_classification_number(text: str) -> None:
    assert not values.is_eccn(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("3A001.a.05", "3A001.a.5"),
        ("3a001.A.5", "3A001.a.5"),
        (" 3A001 ", "3A001"),
        ("ear99", "EAR99"),
        ("3A001.a.0", None),
        ("3A001.a.5", None),
        ("chips", None),
    ],
)
def test_what_a_number_written_otherwise_means(text: str, meant: str | None) -> None:
    assert values.suggest_eccn(text) == meant


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2022-2-24", ["2022-02-24"]),
        ("2022/02/24", ["2022-02-24"]),
        ("20220224", ["2022-02-24"]),
        ("24.02.2022", ["2022-02-24"]),
        ("9/9/2021", ["2021-09-09"]),
        ("2/3/2021", ["2021-02-03", "2021-03-02"]),
        ("2.3.2021", ["2021-03-02"]),
        (" 2022-02-24", ["2022-02-24"]),
        ("2022-02-24", []),
        ("2022-2-30", []),
        ("202202241", []),
        ("2022-2/24", []),
        ("1.2.3", []),
    ],
)
def test_what_a_day_written_otherwise_means(text: str, days: list[str]) -> None:
    assert values.suggest_dates(text) == days


@pytest.mark.parametrize(
    ("first", "last", "codes"),
    [
        ("3B001.k", "3B001.n", "3B001.k 3B001.l 3B001.m 3B001.n"),
        ("3A001.a.9", "3A001.a.11", "3A001.a.9 3A001.a.10 3A001.a.11"),
        ("3A001.a.5.a", "3A001.a.5.b", "3A001.a.5.a 3A001.a.5.b"),
        ("9A009", "9A011", "9A009 9A010 9A011"),
    ],
)
def test_a_range_of_classification_numbers(first: str, last: str, codes: str) -> None:
    assert list(values.eccn_range(first, last)) == codes.split()
    with pytest.raises(ValueError, match="ends before it begins: write"):
        values.eccn_range(last, first)
    with pytest.raises(ValueError, match="is one code"):
        values.eccn_range(first, first)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("3B001.k", "3B002.n"),
        ("3B001", "3B001.k"),
        ("3B001", "3C001"),
        ("3A001.a.1", "3A001.a.b"),
        ("3A001.a.1", "3A001.a.1.b"),
        ("3A001.a", "3A001.b.1"),
        ("EAR99", "3A001"),
        ("3A001", "EAR99"),
    ],
)
def test_ends_of_a_range_are_of_one_series(first: str, last: str) -> None:
    with pytest.raises(ValueError, match="not of one series"):
        values.eccn_range(first, last)


def test_a_range_of_goods() -> None:
    assert values.hs_range("8542.31", "8542.33") == ("8542.31", "8542.32", "8542.33")
    assert values.hs_range("84", "86") == ("84", "85", "86")
    assert values.hs_range("8541", "8542") == ("8541", "8542")
    for first, last in (("84", "8542"), ("8541", "8642"), ("8541.10", "8542.20")):
        with pytest.raises(ValueError, match="not of one series"):
            values.hs_range(first, last)
    with pytest.raises(ValueError, match="write `HS 84 to HS 86`"):
        values.hs_range("86", "84")


@given(st.sampled_from(CODES), st.sampled_from(CODES))
def test_within_is_by_paragraph_not_by_text(code: str, entry: str) -> None:
    parts, wanted = code.split("."), entry.split(".")
    assert values.eccn_within(code, entry) == (parts[: len(wanted)] == wanted)


def test_parts_of_a_classification_number() -> None:
    parts: tuple[values.EccnPartName, ...] = ("category", "group", "number", "paragraph")
    assert [values.eccn_part("9A610.x", part) for part in parts] == [9, "A", 610, "x"]
    assert [values.eccn_part("3B001", part) for part in parts] == [3, "B", 1, ""]
    assert [values.eccn_part("EAR99", part) for part in parts] == [None] * 4


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("HS 8542.31", "8542.31"),
        ("HS8542.31", "8542.31"),
        ("854231", "8542.31"),
        ("8542", "8542"),
        ("85", "85"),
        ("8542.31.0001", "8542.310001"),
        ("0101.21", "0101.21"),
        ("8542.3", None),  # a spreadsheet's 8542.30
        ("101.21", None),  # a spreadsheet's 0101.21
        ("85.42", None),
        ("8542.", None),
        ("٨٥٤٢", None),
        ("", None),
    ],
)
def test_tariff_codes(text: str, canonical: str | None) -> None:
    assert values.parse_hs(text) == canonical
    if canonical is not None:
        assert values.parse_hs(canonical) == canonical
        assert values.hs_within(canonical, canonical[:2])
        assert not values.hs_within(canonical, "99")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("9_000", 9000),
        ("-0.25", Fraction(-1, 4)),
        ("1/3", Fraction(1, 3)),
        ("5.0", 5),
        ("1.5/3", Fraction(1, 2)),
        ("1/0", None),
        ("1e9", None),
        ("_1", None),
        ("1__0", None),
        ("", None),
        ("+1", None),
        (".5", None),
        ("١", None),
        ("9" * 401, None),
    ],
)
def test_numbers_in_text(text: str, value: values.Number | None) -> None:
    assert values.parse_number(text) == value


@given(NUMBERS)
def test_number_text_is_read_back(value: values.Number) -> None:
    assert "_" not in values.number_text(value)
    assert values.parse_number(values.number_text(value)) == value


@pytest.mark.parametrize(
    ("type", "text", "value"),
    [
        (LENGTH, "200 km", 200_000),
        (LENGTH, "12 nmi", 22_224),
        (LENGTH, "1 mi", Fraction(1_609_344, 1000)),
        (LENGTH, "2.5km", 2500),
        (LENGTH, "42 days", None),
        (MASS, "3 t", 3_000_000),
        (DURATION, "2 weeks", 336),
        (DURATION, "6 months", None),
        (MONTHS, "2 years", 24),
        (MONTHS, "1.5 years", 18),
        (LENGTH, "200", None),
        (LENGTH, "200 USD", None),
    ],
)
def test_quantities(type: Type, text: str, value: values.Number | None) -> None:
    assert values.parse_quantity(type, text) == value  # type: ignore[arg-type]


@given(st.sampled_from([LENGTH, MASS, DURATION]), NUMBERS)
def test_quantity_text_is_read_back(type: Type, value: values.Number) -> None:
    assert values.parse_quantity(type, values.quantity_text(type, value)) == value  # type: ignore[arg-type]


def test_currencies_are_iso_4217() -> None:
    assert {"USD", "EUR", "JPY", "RUB", "CNY", "XXX"} <= values.CURRENCIES
    assert all(len(code) == 3 and code.isupper() for code in values.CURRENCIES)
    assert not {"DEM", "HRK", "XYZ"} & values.CURRENCIES
    assert not values.CURRENCIES & values.UNITS.keys()


OWNER = RecordType("m", "Owner", (Field("size", INT), Field("home", TEXT)))


@pytest.mark.parametrize(
    ("type", "value", "text"),
    [
        (NUMBER, Fraction(-1, 3), "-1 / 3"),
        (PERCENT, Fraction(1, 6), "50% / 3"),
        (PERCENT, Fraction(1, 8), "12.5%"),
        (MoneyType("USD"), Fraction(20000, 7), "20_000 USD / 7"),
        (LENGTH, Fraction(1, 30), "0.1 m / 3"),
        (DURATION, Fraction(8), "8 hours"),
        (ListType(PERCENT), (Fraction(1, 3), Fraction(1, 2)), "[100% / 3, 50%]"),
    ],
)
def test_values_as_expressions(type: Type, value: object, text: str) -> None:
    assert values.format_value(type, value, values.constant_text) == text


@pytest.mark.parametrize(
    ("type", "value", "text"),
    [
        (BOOL, True, "true"),
        (INT, 9000, "9_000"),
        (NUMBER, Fraction(-1, 4), "-0.25"),
        (NUMBER, Fraction(1, 3), "about 0.333333"),
        (PERCENT, Fraction(1, 4), "25%"),
        (MoneyType("USD"), 5000, "5_000 USD"),
        (LENGTH, 200_000, "200 km"),
        (LENGTH, 22_224, "12 nmi"),
        (LENGTH, 500, "500 m"),
        (LENGTH, 0, "0 km"),
        (DURATION, 1008, "42 days"),
        (DURATION, 5, "5 hours"),
        (MONTHS, 24, "2 years"),
        (MONTHS, 6, "6 months"),
        (DATE, date(2022, 2, 24), "2022-02-24"),
        (TEXT, 'a "b"', '"a \\"b\\""'),
        (ECCN, "3A001.a", "3A001.a"),
        (HS_CODE, "8542.31", "HS 8542.31"),
        (SetType(EnumType("m", "E", ("RU", "BY"))), frozenset({"RU", "BY"}), "{BY, RU}"),
        (ListType(INT), (1, 2), "[1, 2]"),
        (AbsentType(INT), ABSENT, "absent"),
        (AbsentType(INT), 9000, "9_000"),
        (AbsentType(OWNER), ABSENT, "absent"),
        (AbsentType(OWNER), {"size": 9000, "home": "A \\ B"}, 'Owner(size = 9_000, home = "A \\\\ B")'),
        (OWNER, {"size": None}, "Owner(size = unknown, home = unknown)"),
        (PerPartyType(MoneyType("EUR")), {"EAST": 9000, "WEST": None}, "{EAST: 9_000 EUR, WEST: unknown}"),
        (INT, None, "unknown"),
    ],
)
def test_values_read_as_a_policy_writes_them(type: Type, value: object, text: str) -> None:
    assert values.format_value(type, value) == text


def test_hours_are_rounded_down_before_a_day_too() -> None:
    day = date(2022, 3, 1)
    assert values.add_hours(day, -1) == date(2022, 2, 28)
    assert values.add_hours(day, Fraction(-1, 2)) == date(2022, 2, 28)
    assert values.add_hours(day, -24) == date(2022, 2, 28)


def test_rounding_goes_the_same_way_below_zero() -> None:
    assert values.round_up(Fraction(5, 2)) == 3
    assert values.round_up(Fraction(-5, 2)) == -2
    assert values.round_down(Fraction(5, 2)) == 2
    assert values.round_down(Fraction(-5, 2)) == -3


def test_what_is_no_number_or_quantity() -> None:
    assert values.parse_number("9" * 400) == 10**400 - 1
    for text in ("9" * 401, "0." + "1" * 400, "1/0", "1/00", "--1", "1_", "٣"):
        assert values.parse_number(text) is None, text
    assert values.parse_measure("5 xyz") is None
    assert values.parse_measure("5 usd") is None
    assert values.parse_quantity(MONTHS, "0.5 months") is None
    assert values.parse_quantity(MONTHS, "0.5 years") == 6
    assert values.parse_quantity(LENGTH, "5 kg") is None


def test_quantities_in_the_usual_unit() -> None:
    assert values.quantity_text(MONTHS, 24) == "2 years"
    assert values.quantity_text(MONTHS, 6) == "6 months"
    assert values.quantity_text(LENGTH, Fraction(1, 2)) == "0.5 m"
    assert values.decimal_text(Fraction(-3, 2)) == "-1.5"


def test_a_text_is_written_as_a_literal() -> None:
    assert values.format_value(TEXT, 'a "b"\n\\') == '"a \\"b\\"\\n\\\\"'


def test_an_article_goes_by_the_sound() -> None:
    with_a = (
        "use",
        "Use",
        "UserList",
        "unit",
        "Uniform",
        "Union",
        "European",
        "OneTimeKey",
        "rule",
        "Ukraine",
        "utility",
    )
    with_an = (
        "enum",
        "EndUse",
        "Unknown",
        "Uninsured",
        "Unimportant",
        "Urgent",
        "Utmost",
        "Onerous",
        "outcome",
        "Under",
    )
    assert [values.article(word) for word in with_a] == [f"a {word}" for word in with_a]
    assert [values.article(word) for word in with_an] == [f"an {word}" for word in with_an]
