"""How values that JSON has no type for are written as text, as regular expressions.

They are what `runtime.values` parses, in the part of regular expressions that ECMA-262, Python and Rust (pydantic's
engine) share: no look-around, no classes that depend on Unicode.

For example:

    money("USD")      fits "5000 USD", "5_000.50 USD" and "1/3 USD", not "5,000 USD" and not "1/0 USD"
"""

from __future__ import annotations

from typing import Final

from comity.runtime.types import MonthsType, QuantityType
from comity.runtime.values import EAR99, ECCN_PATTERN, UNITS

_NUMBER: Final = r"-?[0-9]+(_[0-9]+)*(\.[0-9]+)?(/0*[1-9][0-9]*)?"
"""A decimal or a ratio; nothing is divided by zero."""

_YEAR: Final = "([0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]0{2}|[1-9]0{3})"
"""The years 0001 to 9999."""

_DAY_OF_YEAR: Final = (
    "(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|[12][0-9])"
)
"""Month and day. February has 29 days here in every year."""

NUMBER: Final = f"^{_NUMBER}$"
PERCENT: Final = f"^{_NUMBER}%$"
DATE: Final = f"^{_YEAR}-({_DAY_OF_YEAR})$"
ECCN: Final = f"^({EAR99}|{ECCN_PATTERN.replace('(?:', '(')})$"
HS_CODE: Final = r"^(HS ?)?([0-9]{2}|[0-9]{4}(\.?[0-9]{2}){0,3})$"


def money(currency: str) -> str:
    return f"^{_NUMBER} *{currency}$"


def quantity(type: QuantityType | MonthsType) -> str:
    units = [unit for unit, (dimension, _) in UNITS.items() if dimension == type]
    return f"^{_NUMBER} *({'|'.join(units)})$"
