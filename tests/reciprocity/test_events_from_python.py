"""Events that a program gives, with scalars of NumPy and pandas, read as the same event in JSON."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from comity.core.events import EventReader
from comity.runtime.answer import FactsError
from tests.reciprocity.support import act, load
from tests.runtime.pandas_like import NA, NAT, Timestamp

PACT = """
record Missile:
    acts test

agreement pact between A, B:
    status in_force from 2020-01-01

    commitment few by each party:
        shall test at most 3 Missile
"""
TESTED = act(1, "2021-03-01", "A", "test", "Missile", count=2)


@pytest.fixture(scope="module")
def reader() -> EventReader:
    program = load(PACT)
    return EventReader(program, next(iter(program.program.agreements.values())))


@pytest.mark.parametrize(
    "spelling",
    [
        {"date": datetime(2021, 3, 1)},
        {"date": Timestamp(2021, 3, 1), "count": np.int64(2)},
        {"date": np.datetime64("2021-03-01"), "party": np.str_("A")},
        {"commitment": NA, "other": float("nan")},
    ],
)
def test_scalars_are_read_as_plain_values(reader: EventReader, spelling: dict[str, object]) -> None:
    assert reader.read({**TESTED, **spelling}) == reader.read(TESTED)


@pytest.mark.parametrize(
    ("spelling", "message"),
    [
        ({"date": NAT}, '`event.date`: expected a date such as "2022-02-24", got NaT'),
        ({"date": datetime(2021, 3, 1, 12)}, "got 2021-03-01 12:00:00; give the day alone"),
        ({"count": np.float64(2.5)}, "`event.count`: expected a whole number, got 2.5"),
        ({"verb": NA}, "`event.verb`: expected an act that a commitment speaks of: test, got NA"),
    ],
)
def test_what_is_not_exact_is_refused(reader: EventReader, spelling: dict[str, object], message: str) -> None:
    with pytest.raises(FactsError) as caught:
        reader.read({**TESTED, **spelling})
    assert message in str(caught.value)
