"""Literals: from what is written to exact values in base units, or E106 / E102."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TypeAlias

from comity.base.diagnostics import Report
from comity.base.source import Span
from comity.checked import errors
from comity.runtime.suggest import did_you_mean
from comity.runtime.texts import InvisibleSign, canonical_text
from comity.runtime.types import (
    BOOL,
    DATE,
    ECCN,
    HS_CODE,
    INT,
    NUMBER,
    PERCENT,
    TEXT,
    MoneyType,
    MonthsType,
)
from comity.runtime.values import (
    CURRENCIES,
    UNITS,
    eccn_range,
    exact,
    hs_range,
    is_eccn,
    parse_hs,
    suggest_eccn,
)
from comity.surface import ast as surface
from comity.terms import Const, Interval, Term

_ECCN_HELP = "write a category 0–9, a group A–E, three digits and paragraphs, like `3A001.b.2`; or `EAR99`"

Literal: TypeAlias = (
    surface.BoolLit
    | surface.NumberLit
    | surface.PercentLit
    | surface.MoneyLit
    | surface.QuantityLit
    | surface.DateLit
    | surface.TextLit
    | surface.EccnLit
    | surface.HsLit
)


def literal(expr: Literal, report: Report) -> Term | None:
    """The constant that a literal means; None if it means nothing (reported)."""
    span = expr.span
    match expr:
        case surface.BoolLit(value=value):
            return Const(value, BOOL, span=span)
        case surface.NumberLit(value=number, is_int=is_int):
            return Const(exact(number), INT if is_int else NUMBER, span=span)
        case surface.PercentLit(value=number, text=text):
            if "%%" in text:
                errors.invalid_literal(report, f"`{text}` is not a percentage", span, help="one `%` is enough")
                return None
            return Const(exact(number), PERCENT, span=span)
        case surface.MoneyLit(amount=amount, currency=currency):
            if not currency_exists(currency, expr, report):
                return None
            return Const(exact(amount), MoneyType(currency), span=span)
        case surface.QuantityLit():
            return quantity(expr, report)
        case surface.DateLit():
            day = day_of(expr, report)
            return None if day is None else Const(day, DATE, span=span)
        case surface.TextLit(value=text):
            return _text(text, expr, report)
        case surface.EccnLit(text=text):
            if is_eccn(text):
                return Const(text, ECCN, span=span)
            no_eccn(text, span, report)
            return None
        case surface.HsLit(text=text):
            code = parse_hs(text)
            if code is not None:
                return Const(code, HS_CODE, span=span)
            errors.invalid_literal(
                report,
                f"`HS {text}` is not a code of the Harmonized System",
                span,
                help="write a chapter, heading, subheading or national line, like `HS 8542.31`: 2 to 10 digits",
            )
            return None


def no_eccn(text: str, span: Span, report: Report) -> None:
    """Report E106 for what stands for an export control classification number and is none."""
    meant = suggest_eccn(text)
    help = f"write `{meant}`" if meant else _ECCN_HELP
    errors.invalid_literal(report, f"`{text}` is not an ECCN", span, help=help)


def _text(text: str, node: surface.Node, report: Report) -> Const | None:
    """A text in the one form in which texts compare; reports E106 for one with signs that do not show."""
    try:
        return Const(canonical_text(text), TEXT, span=node.span)
    except InvisibleSign as sign:
        errors.invalid_literal(
            report, f"this text holds a sign that does not show ({sign})", node.span, help="delete it"
        )
        return None


def codes_of(expr: surface.Expr, report: Report) -> Sequence[surface.Expr]:
    """An element of a set, written out: `3B001.k to 3B001.m` is the three codes. Reports E106, E101."""
    if not isinstance(expr, surface.CodeRange):
        return (expr,)
    match expr.first, expr.last:
        case surface.EccnLit(text=first), surface.EccnLit(text=last):
            if not is_eccn(first) or not is_eccn(last):
                return (expr.first, expr.last)  # either is reported as the code that it is not
            codes = _written_out(eccn_range, first, last, expr, report)
            return [surface.EccnLit(code, span=expr.span) for code in codes] or (surface.ErrorExpr(span=expr.span),)
        case surface.HsLit(text=first), surface.HsLit(text=last):
            low, high = parse_hs(first), parse_hs(last)
            if low is None or high is None:
                return (expr.first, expr.last)
            codes = _written_out(hs_range, low, high, expr, report)
            return [surface.HsLit(code, span=expr.span) for code in codes] or (surface.ErrorExpr(span=expr.span),)
    if not isinstance(expr.first, surface.ErrorExpr) and not isinstance(expr.last, surface.ErrorExpr):
        message = "a range of codes goes from one code to another, both written out"
        errors.type_mismatch(report, message, expr.span, help="write `{3B001.k to 3B001.n}`")
    return (surface.ErrorExpr(span=expr.span),)


def _written_out(
    codes: Callable[[str, str], tuple[str, ...]], first: str, last: str, expr: surface.CodeRange, report: Report
) -> tuple[str, ...]:
    try:
        return codes(first, last)
    except ValueError as error:
        errors.invalid_literal(report, str(error), expr.span)
        return ()


def currency_exists(currency: str, node: surface.Node, report: Report) -> bool:
    """Whether ``currency`` is an ISO 4217 code; reports E106 if not."""
    if currency in CURRENCIES:
        return True
    errors.invalid_literal(
        report,
        f"`{currency}` is not a currency of ISO 4217",
        node.span,
        help=did_you_mean(currency, CURRENCIES),
    )
    return False


def quantity(expr: surface.QuantityLit, report: Report) -> Const | None:
    """`200 km` in base units: metre, gram, hour, or calendar months."""
    type, factor = UNITS[expr.unit]
    value = exact(expr.amount * factor)
    if isinstance(type, MonthsType) and not isinstance(value, int):
        errors.invalid_literal(
            report, f"`{expr.text or expr.unit}` is not a whole number of calendar months", expr.span
        )
        return None
    return Const(value, type, span=expr.span)


def day_of(expr: surface.DateLit, report: Report) -> date | None:
    """The day, or None for one that no calendar has (reported)."""
    if expr.value is None:
        errors.invalid_literal(report, f"there is no day `{expr.text}`", expr.span)
    return expr.value


def intervals(window: surface.Window, report: Report) -> tuple[Interval, ...] | None:
    """The inclusive days that a window names; None where it is not a window, or was reported.

    A window that ends before it begins is kept as it is: that is L211.
    """
    result: list[Interval] = []
    opened: date | None = None
    is_open = False
    for mark in window:
        day = day_of(mark.day, report)
        if day is None:
            return None
        if mark.kind == "from":
            if is_open:
                errors.invalid_literal(report, "this `from` opens a window that is open already", mark.span)
                return None
            opened, is_open = day, True
        else:
            if result and not is_open:
                errors.invalid_literal(report, "this `until` closes no window: none is open", mark.span)
                return None
            result.append((opened, day))
            opened, is_open = None, False
    if is_open:
        result.append((opened, None))
    return tuple(result) or None
