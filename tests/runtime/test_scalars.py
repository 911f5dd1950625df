"""Facts from NumPy and pandas: read as what they are where that is exact, else refused by their own name."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction

import numpy as np
import pytest

from comity.runtime.errors import MISSING, FactsError, Problem
from comity.runtime.facts import Decoder, read_day, read_findings
from comity.runtime.types import (
    BOOL,
    DATE,
    DURATION,
    INT,
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
from tests.runtime.pandas_like import NA, NAT, Timedelta, Timestamp

DAY = date(2022, 2, 24)
COUNTRY = EnumType("m", "Country", ("BY", "RU"))
MARKS = [NA, NAT, float("nan"), np.float64("nan"), np.float32("nan"), np.datetime64("NaT"), np.timedelta64("NaT")]

NAMES = ["NA", "NaT", "NaN", "NaN", "NaN", "NaT", "NaT"]


def refusal(type: Type, value: object) -> str:
    """What is said to a fact `x` that is refused."""
    with pytest.raises(FactsError) as caught:
        Decoder(RecordType("m", "R", (Field("x", type),)))({"x": value})
    (problem,) = caught.value.problems
    return str(problem)


@pytest.mark.parametrize(
    ("type", "given", "value"),
    [
        (BOOL, np.bool_(True), True),
        (BOOL, np.bool_(False), False),
        (INT, np.int64(5), 5),
        (INT, np.uint8(200), 200),
        (INT, np.float64(5), 5),
        (INT, np.float32(5), 5),
        (INT, np.float16(5), 5),
        (INT, np.array(5)[()], 5),
        (NUMBER, np.int32(-7), -7),
        (NUMBER, Decimal("0.1"), Fraction(1, 10)),
        (MoneyType("USD"), {"amount": np.int64(5000), "currency": np.str_("USD")}, 5000),
        (DATE, datetime(2022, 2, 24), DAY),
        (DATE, Timestamp(2022, 2, 24), DAY),
        (DATE, np.datetime64("2022-02-24"), DAY),
        (DATE, np.datetime64("2022-02-24T00:00:00", "ns"), DAY),
        (DATE, np.str_("2022-02-24"), DAY),
        (DURATION, np.timedelta64(36, "h"), 36),
        (DURATION, np.timedelta64(36 * 3600 * 10**9, "ns"), 36),
        (DURATION, Timedelta(days=2), 48),
        (TEXT, np.str_("radar"), "radar"),
        (COUNTRY, np.str_("RU"), "RU"),
        (AbsentType(INT), np.int16(3), 3),
        (ListType(INT), [np.int64(1), 2], (1, 2)),
        (SetType(DATE), [np.datetime64("2022-02-24"), Timestamp(2022, 2, 24)], frozenset({DAY})),
        (PerPartyType(BOOL), {"A": np.bool_(True)}, {"A": True}),
    ],
)
def test_exact_scalars_are_read_as_plain_values(type: Type, given: object, value: object) -> None:
    read = Decoder(type)(given).value
    assert read == value
    assert read.__class__ is value.__class__
    if isinstance(read, tuple | frozenset):
        assert all(each.__class__ in (int, date) for each in read)


@pytest.mark.parametrize(
    ("type", "given", "message"),
    [
        (BOOL, np.int64(1), "`x`: expected true or false, got 1"),
        (INT, np.bool_(True), "`x`: expected a whole number, got True"),
        (INT, np.float64(0.5), "`x`: expected a whole number, got 0.5"),
        (INT, np.datetime64(0, "ns"), "`x`: expected a whole number, got 1970-01-01T00:00:00.000000000"),
        (INT, np.timedelta64(5, "ns"), "`x`: expected a whole number, got 5 nanoseconds"),
        (PERCENT, np.float64(0.25), "`x`: expected a percentage such as \"25%\", got 0.25"),
        (
            NUMBER,
            np.float32(0.25),
            "`x`: expected an exact number (from Python an int, Decimal or Fraction, not a float), got 0.25",
        ),
        (DURATION, np.timedelta64(1, "Y"), "`x`: expected a duration such as \"42 days\", got 1 years"),
        (DURATION, np.timedelta64(1, "ns"), "`x`: expected a duration such as \"42 days\", got 1 nanoseconds"),
        (ListType(INT), np.array([1, 2]), "got an object of class ndarray; write `list(…)` around it"),
        (INT, np.array([[1], [2]]), "`x`: expected a whole number, got an object of class ndarray"),
        (INT, object(), "`x`: expected a whole number, got an object of class object"),
    ],
)  # fmt: skip
def test_what_is_not_exact_is_refused_as_it_was_given(type: Type, given: object, message: str) -> None:
    assert message in refusal(type, given)


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2022, 2, 24, 12),
        datetime(2022, 2, 24, tzinfo=UTC),
        Timestamp(2022, 2, 24, 12),
        Timestamp(2022, 2, 24, tzinfo=UTC),
        Timestamp(2022, 2, 24).with_nanosecond(1),
        np.datetime64("2022-02-24T12"),
    ],
)
def test_a_moment_is_not_a_day(moment: object) -> None:
    message = refusal(DATE, moment)
    assert message.startswith('`x`: expected a day such as "2022-02-24", got 2022-02-24')
    assert message.endswith("; give the day alone, without time and time zone (`.date()`)")
    with pytest.raises(FactsError, match="give the day alone"):
        read_day(moment, "as_of")


@pytest.mark.parametrize("period", [np.datetime64("2022-02", "M"), np.datetime64("2022-02-24", "W")])
def test_a_month_or_week_is_not_a_day(period: object) -> None:
    assert "expected a day" in refusal(DATE, period)


def test_a_duration_finer_than_microseconds_is_refused() -> None:
    assert "expected a duration" in refusal(DURATION, Timedelta(days=2).with_nanoseconds(1))


@pytest.mark.parametrize("mark", MARKS, ids=repr)
@pytest.mark.parametrize("type", [BOOL, INT, NUMBER, DATE, DURATION, TEXT, COUNTRY, AbsentType(INT), ListType(INT)])
def test_a_missing_mark_is_unknown_where_that_is_allowed(type: Type, mark: object) -> None:
    fields = (Field("x", type, optional=True), Field("y", INT, optional=True, default=3, has_default=True))
    decoded = Decoder(RecordType("m", "R", fields))({"x": mark, "y": mark})
    assert (decoded.value, decoded.defaults) == ({"x": None, "y": None}, ())


@pytest.mark.parametrize(("mark", "name"), list(zip(MARKS, NAMES, strict=True)), ids=repr)
def test_a_missing_mark_is_refused_by_its_name_elsewhere(mark: object, name: str) -> None:
    assert refusal(INT, mark) == f"`x`: expected a whole number, got {name}"
    assert refusal(ListType(INT), [mark]) == f"`x[0]`: expected a whole number, got {name}"
    assert refusal(PerPartyType(INT), {"A": mark}) == f"`x.A`: expected a whole number, got {name}"
    with pytest.raises(FactsError, match=f"expected a whole number, got {name}"):
        Decoder(RecordType("m", "R", (Field("x", INT, default=3, has_default=True),)))({"x": mark})
    with pytest.raises(FactsError, match=f"got {name}$"):
        read_day(mark, "as_of")
    assert "got an object" in refusal(MoneyType("USD"), {"amount": 5, "currency": mark})


def test_findings_come_as_scalars_too() -> None:
    rules = {"embargo": ["denied"], "parole": ["denied"]}
    assert read_findings({"embargo": np.bool_(True), "parole": NA}, rules) == {"embargo": True}


class Code(str, Enum):  # noqa: UP042 - a StrEnum is shown as its value
    """A text that Python shows as `Code.RADAR`."""

    RADAR = "radar"


def test_a_text_of_an_enum_is_its_value() -> None:
    assert Decoder(TEXT)(Code.RADAR).value == "radar"


def test_a_fact_that_is_missing_is_shown_as_nothing() -> None:
    assert f"{MISSING} {MISSING!r}" == "nothing nothing"
    assert str(Problem("x", MISSING, "text")) == "`x`: expected text, got nothing"
