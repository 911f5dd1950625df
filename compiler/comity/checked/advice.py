"""What to write instead, where an expression is not of the type that is wanted."""

from __future__ import annotations

from comity.runtime.types import (
    DATE,
    ECCN,
    HS_CODE,
    TEXT,
    EnumType,
    MoneyType,
    MonthsType,
    PercentType,
    PlaceType,
    QuantityType,
    SetType,
    Type,
)
from comity.runtime.values import is_eccn, parse_date, parse_hs
from comity.surface import ast as surface
from comity.surface.words import iso_date

UNIT = {"Length": "km", "Mass": "kg", "Duration": "days"}


def advice(expr: surface.Expr, actual: Type, wanted: Type) -> str | None:
    """How a value of ``wanted`` is written, if ``expr`` looks like one."""
    match actual, wanted:
        case (MonthsType(), QuantityType(dimension="Duration")):
            return "months and years differ in length and only add to dates: write days, weeks or hours"
        case (PlaceType(), EnumType()):
            return "a place may be a zone: ask `within`"
    match expr, wanted:
        case surface.ListLit(), SetType():
            return "a set is written in braces: `{…}`"
        case surface.NumberLit(), PercentType():
            return "percentages are written `25%`"
        case surface.NumberLit(text=text), MoneyType(currency=currency):
            return f"write `{text} {currency}`"
        case surface.NumberLit(text=text), QuantityType(dimension=dimension):
            return f"write its unit: `{text} {UNIT[dimension]}`"
        case surface.NumberLit() | surface.Binary(), _ if wanted == DATE:
            return iso_date(_figures(expr) or "")
        case surface.TextLit(value=text), _ if _is_written(text, wanted):
            return f"write `{text}`, without quotes"
        case _:
            return None


def _figures(expr: surface.Expr) -> str | None:
    """A day written as a number or as an expression of numbers: `20220224`, `2022-2-24`, `24/2/2022`."""
    match expr:
        case surface.NumberLit(text=text):
            return text
        case surface.Binary(operator="-" | "/" as operator, left=left, right=surface.NumberLit(text=text)):
            before = _figures(left)
            return f"{before}{operator}{text}" if before else None
        case _:
            return None


def _is_written(text: str, type: Type) -> bool:
    """Whether a text is what a value of a type is in the language, or (of a code of goods) in facts."""
    match type:
        case EnumType(members=members):
            return text in members
        case PlaceType(countries=countries, zones=zones):
            return text in countries or text in dict(zones)
        case _ if type == DATE:
            return parse_date(text) is not None
        case _ if type == ECCN:
            return is_eccn(text)
        case _ if type == HS_CODE:
            return text.startswith("HS ") and parse_hs(text.removeprefix("HS ")) is not None
        case _:
            return False


def in_quotes(name: str, wanted: Type | None) -> str | None:
    """For a name that nothing declares, where a text is wanted."""
    return f'a text is written in quotes: `"{name}"`' if wanted == TEXT else None
