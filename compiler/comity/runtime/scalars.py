"""Scalars of NumPy and pandas in facts: the plain Python values they hold, and their marks for a missing value.

The runtime imports the standard library only, so a scalar is recognised by the name of its class and of the library
that the class comes from, or by the protocol of integers (`__index__`).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from operator import index
from typing import Any

__all__ = ["is_day", "known_scalar", "missing_mark", "plain_scalar"]

_FIXED_UNITS = frozenset(["W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as"])
"""NumPy's units of time that are always equally long, unlike months and years."""


def plain_scalar(value: object) -> object:
    """The bool, int, float, datetime or timedelta that is exactly the scalar ``value``; else ``value`` itself.

    NumPy's short floats become floats, which are taken where they are whole: they hold a tenth only nearly.
    """
    if isinstance(value, int | float | str | date | timedelta):
        return value
    given: Any = value
    library, name = _origin(value)
    if library == "numpy":
        if name in ("bool", "bool_"):
            return bool(given)
        if name == "datetime64" and _unit(given) in _FIXED_UNITS - {"W"}:  # a week is not a day
            return _in_microseconds(given, datetime)
        if name == "timedelta64" and _unit(given) in _FIXED_UNITS:
            return _in_microseconds(given, timedelta)
        if name in ("float16", "float32"):
            return float(given)
        if name in ("datetime64", "timedelta64", "ndarray"):
            return value
    if hasattr(type(value), "__index__"):
        try:
            return index(given)
        except Exception:  # a class of somebody else's; the value is refused as what it is
            return value
    return value


def missing_mark(value: object) -> str | None:
    """`NaN`, `NaT` or `NA` if ``value`` is a float's, NumPy's or pandas's mark for a missing value."""
    if isinstance(value, float):
        return "NaN" if value != value else None
    given: Any = value
    match _origin(value):
        case "pandas", "NAType":
            return "NA"
        case "pandas", "NaTType":
            return "NaT"
        case "numpy", "datetime64" | "timedelta64" if given != given:
            return "NaT"
        case "numpy", name if name.startswith(("float", "longdouble")) and given != given:
            return "NaN"
    return None


def known_scalar(value: object) -> object:
    """The plain value of a scalar; None for a mark that it is missing."""
    return None if missing_mark(value) else plain_scalar(value)


def is_day(moment: datetime) -> bool:
    """Whether a datetime is a day alone: midnight, without a time zone."""
    parts = (moment.hour, moment.minute, moment.second, moment.microsecond, getattr(moment, "nanosecond", 0))
    return moment.tzinfo is None and not any(parts)


def _origin(value: object) -> tuple[str, str]:
    """The library that the class of ``value`` comes from, and the name of the class."""
    cls = type(value)
    return str(cls.__module__).partition(".")[0], cls.__name__


def _unit(value: Any) -> str:
    """The unit of a `datetime64` or `timedelta64`; "" if it has none."""
    return str(value.dtype.name).partition("[")[2].rstrip("]")


def _in_microseconds(value: Any, cls: type) -> object:
    """The ``cls`` that equals a scalar of NumPy; the scalar itself if it is finer than that, or out of range."""
    rounded = value.astype(f"{value.dtype.name.partition('[')[0]}[us]")
    plain = rounded.item()
    return plain if rounded == value and isinstance(plain, cls) else value
