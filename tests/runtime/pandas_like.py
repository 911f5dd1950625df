"""Scalars with the names and the behaviour that pandas gives its own, so that tests do not need pandas."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NoReturn


class NAType:
    """`pandas.NA`: comparing it gives itself, which has no truth value."""

    __module__ = "pandas._libs.missing"

    def __eq__(self, other: object) -> Any:
        return self

    __ne__ = __eq__
    __hash__ = object.__hash__

    def __bool__(self) -> NoReturn:
        raise TypeError("boolean value of NA is ambiguous")

    def __repr__(self) -> str:
        return "<NA>"


class NaTType(datetime):
    """`pandas.NaT`: a datetime whose parts are NaN, and which differs from itself."""

    __module__ = "pandas._libs.tslibs.nattype"
    year = month = day = hour = minute = second = microsecond = float("nan")  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return False

    def __ne__(self, other: object) -> bool:
        return True

    __hash__ = datetime.__hash__

    def __str__(self) -> str:
        return "NaT"


class Timestamp(datetime):
    """`pandas.Timestamp`: a datetime with nanoseconds."""

    __module__ = "pandas._libs.tslibs.timestamps"
    nanosecond = 0

    def with_nanosecond(self, count: int) -> Timestamp:
        self.nanosecond = count
        return self


class Timedelta(timedelta):
    """`pandas.Timedelta`: a timedelta with nanoseconds."""

    __module__ = "pandas._libs.tslibs.timedeltas"
    nanoseconds = 0

    def with_nanoseconds(self, count: int) -> Timedelta:
        self.nanoseconds = count
        return self


NA = NAType()
NAT = NaTType(1, 1, 1)
