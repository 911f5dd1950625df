"""Operators: arithmetic with units, comparison, membership, `within`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from comity.base.diagnostics import Related
from comity.base.source import Span
from comity.checked import errors, names
from comity.checked.advice import advice
from comity.checked.context import Context, is_error, is_ratio, retyped
from comity.checked.scope import Symbol
from comity.checked.types import (
    can_be_summed,
    describe,
    element_of,
    fits,
    is_country,
    is_measured,
    is_number,
    is_ordered,
    join,
)
from comity.runtime.types import (
    DATE,
    ECCN,
    INT,
    NUMBER,
    PERCENT,
    AbsentType,
    DateType,
    EccnType,
    EnumType,
    ErrorType,
    HsCodeType,
    IntType,
    ListType,
    MoneyType,
    MonthsType,
    PartyType,
    PercentType,
    PlaceType,
    QuantityType,
    SetType,
    Type,
)
from comity.runtime.values import EAR99, exact
from comity.surface import ast as surface
from comity.terms import (
    AddDuration,
    And,
    Arithmetic,
    Compare,
    Const,
    Count,
    DateDifference,
    EccnWithin,
    Equal,
    HsWithin,
    ListOf,
    Local,
    MemberOf,
    Negate,
    Not,
    Or,
    PlaceWithin,
    Quantifier,
    Round,
    SetOf,
    SetOperation,
    SubsetOf,
    Sum,
    Term,
)

ELEMENT = "each element"
"""The variable of quantifiers that sugar makes: no author can write it, so it hides no one's name."""

MIRRORED = {">": "<", ">=": "<="}


# ------------------------------------------------------------------------------------ tests of ECCN parts


def tested(context: Context, mark: int, test: Term) -> Term:
    """``test``, false where it reads a part (`.category` …) of EAR99, which has none.

    ``mark``: how many codes were pending before the operands were read.
    """
    codes = context.parts[mark:]
    if not codes:
        return test
    del context.parts[mark:]
    guards: list[Term] = []
    for code in codes:
        span = code.span
        guard = Not(Equal(code, Const(EAR99, ECCN, span=span), ECCN, span=span), span=span)
        if guard not in guards:
            guards.append(guard)
    return And((*guards, test), span=test.span)


# ------------------------------------------------------------------------------------ comparison


def compare(context: Context, expr: surface.Compare) -> Term:
    for side, other in ((expr.left, expr.right), (expr.right, expr.left)):
        if isinstance(side, surface.AbsentLit):
            help = f"write `{context.quote(other)[1:-1]} is absent`"
            errors.unguarded_absent(context.report, "`absent` is not a value to compare with", expr.span, help=help)
            return context.failed(expr.span)
    mark = len(context.parts)
    left, right = pair(context, expr.left, expr.right)
    if is_error(left.type) or is_error(right.type):
        del context.parts[mark:]
        return context.failed(expr.span)
    left, right = _as_percent(left, right), _as_percent(right, left)
    common = join(left.type, right.type)
    if common is None:
        _incomparable(context, expr.left, left.type, expr.right, right.type)
        return context.failed(expr.span)
    context.refer_compared(common, expr.span)
    test: Term
    match expr.operator:
        case "==":
            test = Equal(left, right, common, span=expr.span)
        case "!=":
            test = Not(Equal(left, right, common, span=expr.span), span=expr.span)
        case operator:
            if not is_ordered(common):
                _unordered(context, expr, common)
                return context.failed(expr.span)
            test = _less(context, operator, left, right, common, expr.span)
    return tested(context, mark, test)


def pair(context: Context, left: surface.Expr, right: surface.Expr) -> tuple[Term, Term]:
    """Both sides, each read with the type of the other in mind."""
    if names.is_bare(context, left) and not names.is_bare(context, right):
        second = context.value(right)
        return context.value(left, second.type), second
    first = context.value(left)
    return first, context.value(right, first.type)


def _less(context: Context, operator: str, left: Term, right: Term, common: Type, span: Span) -> Term:
    if operator in MIRRORED:
        operator, left, right = MIRRORED[operator], right, left
    return Compare("<" if operator == "<" else "<=", left, right, common, span=span)


def _incomparable(context: Context, left: surface.Expr, a: Type, right: surface.Expr, b: Type) -> None:
    say = errors.unit_mismatch if is_measured(a) and is_measured(b) else errors.type_mismatch
    say(
        context.report,
        f"{context.quote(left)} is {describe(a)}, but {context.quote(right)} is {describe(b)}",
        right.span,
        related=(context.says(left, a),),
        help=advice(right, b, a) or advice(left, a, b),
    )


def _unordered(context: Context, expr: surface.Compare, type: Type) -> None:
    help = None
    if isinstance(type, EnumType):
        help = f"if its members have an order, declare `enum {type.name} ordered:`"
    errors.type_mismatch(
        context.report,
        f"`{expr.operator}` needs an order, and {describe(type)} has none",
        expr.span,
        related=(context.says(expr.left, type),),
        help=help,
    )


# ------------------------------------------------------------------------------------ membership


def membership(context: Context, expr: surface.In) -> Term:
    mark = len(context.parts)
    test = (
        _in_range(context, expr, expr.collection) if isinstance(expr.collection, surface.Range) else _in(context, expr)
    )
    if isinstance(test.type, ErrorType):
        del context.parts[mark:]
        return test
    return tested(context, mark, Not(test, span=expr.span) if expr.negated else test)


def _in_range(context: Context, expr: surface.In, range: surface.Range) -> Term:
    value = context.value(expr.value)
    low, high = context.value(range.low, value.type), context.value(range.high, value.type)
    if any(is_error(term.type) for term in (value, low, high)):
        return context.failed(expr.span)
    value = _as_percent(value, low)
    tests: list[Term] = []
    for bound, source, below in ((low, range.low, True), (high, range.high, False)):
        common = join(value.type, bound.type)
        if common is None:
            _incomparable(context, expr.value, value.type, source, bound.type)
            return context.failed(expr.span)
        if not is_ordered(common):
            errors.type_mismatch(
                context.report,
                f"a range needs an order, and {describe(common)} has none",
                range.span,
                related=(context.says(expr.value, common),),
            )
            return context.failed(expr.span)
        sides = (bound, value) if below else (value, bound)
        tests.append(Compare("<=", *sides, common, span=expr.span))
    return And(tuple(tests), span=expr.span)


def _in(context: Context, expr: surface.In) -> Term:
    if names.is_bare(context, expr.value):
        collection = context.value(expr.collection)
        # Beside members only, a name that is none of them is meant to be a fact.
        asks = not names.is_bare(context, expr.collection) or names.is_member_of(
            context, expr.value, element_of(collection.type)
        )
        value = context.value(expr.value, element_of(collection.type) if asks else None)
    else:
        value = context.value(expr.value)
        collection = context.value(expr.collection, SetType(value.type), context.says(expr.value, value.type))
    if is_error(value.type) or is_error(collection.type):
        return context.failed(expr.span)
    if isinstance(collection.type, PartyType):
        collection = context.countries_of(collection)
    element = element_of(collection.type)
    if element is None:
        errors.type_mismatch(
            context.report,
            f"`in` needs a set, a list or a range, but {context.quote(expr.collection)} is {describe(collection.type)}",
            expr.collection.span,
            related=(context.says(expr.value, value.type),),
            help=f"write `within {context.quote(expr.collection)[1:]}"
            if isinstance(collection.type, EccnType | HsCodeType | PlaceType | EnumType)
            else None,
        )
        return context.failed(expr.span)
    if join(value.type, element) is None:
        say = errors.unit_mismatch if is_measured(value.type) and is_measured(element) else errors.type_mismatch
        say(
            context.report,
            f"{context.quote(expr.value)} is {describe(value.type)}, but {context.quote(expr.collection)} is "
            f"{describe(collection.type)}",
            expr.collection.span,
            related=(context.says(expr.value, value.type),),
        )
        return context.failed(expr.span)
    context.refer_compared(element, expr.span)
    if _is_computed(value) and isinstance(collection, SetOf | ListOf):
        # It may be made of counts and sums, whose bounds decide each comparison by itself.
        same = [Equal(value, each, element, span=expr.span) for each in collection.elements]
        return Or(tuple(same), span=expr.span)
    return MemberOf(value, collection, span=expr.span)


# ------------------------------------------------------------------------------------ within


def within(context: Context, expr: surface.Within) -> Term:
    """By the type of what is asked about: a code, a place or a set."""
    value = context.value(expr.value)
    test: Term | None
    match value.type:
        case ErrorType():
            test = None
        case EccnType():
            test = _within_code(context, expr, value, EccnWithin)
        case HsCodeType():
            test = _within_code(context, expr, value, HsWithin)
        case SetType() | ListType():
            test = _within_set(context, expr, value)
        case PlaceType():
            test = _within_place(context, expr, value)
        case EnumType() as enum if is_country(enum, context.world.place):
            test = _within_place(context, expr, value)
        case type:
            errors.type_mismatch(
                context.report,
                f"`within` speaks of codes, places and sets, but {context.quote(expr.value)} is {describe(type)}",
                expr.value.span,
                help="write `in`" if isinstance(type, EnumType) else None,
            )
            test = None
    if test is None:
        return context.failed(expr.span)
    return Not(test, span=expr.span) if expr.negated else test


def _within_code(
    context: Context, expr: surface.Within, value: Term, within: type[EccnWithin] | type[HsWithin]
) -> Term | None:
    container = context.value(expr.container, SetType(value.type), context.says(expr.value, value.type))
    return _one_or_any(context, expr, value, container, value.type, lambda a, b: within(a, b, span=expr.span))


def _within_place(context: Context, expr: surface.Within, value: Term) -> Term | None:
    place = context.world.place
    hint = SetType(place) if isinstance(expr.container, surface.SetLit) else place
    container = context.value(expr.container, hint)
    if isinstance(container.type, PartyType):
        container = context.for_each_party(container, lambda party: _territory(context, party, expr.container.span))
    return _one_or_any(context, expr, value, container, place, lambda a, b: PlaceWithin(a, b, span=expr.span))


def _territory(context: Context, party: Symbol, span: Span) -> Term:
    """A party's territory: what it names as such, else its countries (and so their zones)."""
    named = context.world.territory(party)
    return context.members_of(party, span) if named is None else named


def _one_or_any(
    context: Context,
    expr: surface.Within,
    value: Term,
    container: Term,
    wanted: Type,
    within: Callable[[Term, Term], Term],
) -> Term | None:
    """``value`` within one entry or area, or within any of a set."""
    if is_error(container.type):
        return None
    if fits(container.type, wanted):
        return within(value, container)
    element = element_of(container.type)
    if element is not None and fits(element, wanted):
        each = Local(ELEMENT, element, span=container.span)
        return Quantifier("any", ELEMENT, container, within(value, each), span=expr.span)
    _not_a_container(context, expr, value, container)
    return None


def _within_set(context: Context, expr: surface.Within, value: Term) -> Term | None:
    container = context.value(expr.container, value.type)
    if is_error(container.type):
        return None
    if isinstance(container.type, PartyType):
        container = context.countries_of(container)
    mine, theirs = element_of(value.type), element_of(container.type)
    if mine is None or theirs is None or join(mine, theirs) is None:
        _not_a_container(context, expr, value, container)
        return None
    context.refer_compared(mine, expr.span)
    return SubsetOf(value, container, span=expr.span)


def _not_a_container(context: Context, expr: surface.Within, value: Term, container: Term) -> None:
    errors.type_mismatch(
        context.report,
        f"{context.quote(expr.value)} is {describe(value.type)}, but {context.quote(expr.container)} is "
        f"{describe(container.type)}",
        expr.container.span,
        related=(context.says(expr.value, value.type),),
    )


# ------------------------------------------------------------------------------------ arithmetic


def binary(context: Context, expr: surface.Binary, hint: Type | None) -> Term:
    """`+ - * /` on numbers, percents, money, quantities and dates; `| & -` on sets."""
    wanted = hint.element if isinstance(hint, AbsentType) else hint
    if not isinstance(wanted, SetType):
        wanted = None
    if names.is_bare(context, expr.left) and wanted is None:
        right = context.value(expr.right)
        left = context.value(expr.left, right.type)
    else:
        left = context.value(expr.left, wanted)
        right = context.value(expr.right, wanted or (left.type if isinstance(left.type, SetType) else None))
    if is_error(left.type) or is_error(right.type):
        return context.failed(expr.span)
    if isinstance(left.type, PartyType):
        left = context.countries_of(left)
    if isinstance(right.type, PartyType):
        right = context.countries_of(right)
    operator = expr.operator
    if isinstance(left.type, SetType) and isinstance(right.type, SetType):
        common = join(left.type, right.type)
        if common is not None and (operator == "|" or operator == "&" or operator == "-"):
            return SetOperation(operator, left, right, common, span=expr.span)
    elif operator == "+" or operator == "-":
        term = _sum(context, operator, left, right, expr.span)
        if term is not None:
            return term
    elif operator == "*" or operator == "/":
        type = _product(operator, left.type, right.type)
        if type is not None:
            return Arithmetic(operator, left, right, type, span=expr.span)
    _no_operation(context, expr, left.type, right.type)
    return context.failed(expr.span)


def _sum(context: Context, operator: Literal["+", "-"], left: Term, right: Term, span: Span) -> Term | None:
    negative = operator == "-"
    match left.type, right.type:
        case DateType(), (QuantityType(dimension="Duration") | MonthsType()):
            return AddDuration(left, right, negative, span=span)
        case ((QuantityType(dimension="Duration") | MonthsType()), DateType()):
            return None if negative else AddDuration(right, left, span=span)
        case DateType(), DateType():
            return DateDifference(left, right, span=span) if negative else None
        case (PercentType(), _) | (_, PercentType()):
            left, right = _as_percent(left, right), _as_percent(right, left)
        case _:
            pass
    common = join(left.type, right.type)
    match common:
        case QuantityType() | MoneyType() | PercentType():
            return Arithmetic(operator, left, right, common, span=span)
        case _ if common is not None and is_number(common):
            return Arithmetic(operator, left, right, common, span=span)
        case _:
            return None


def _no_operation(context: Context, expr: surface.Binary, left: Type, right: Type) -> None:
    units = is_measured(left) and is_measured(right) and left != right
    help = None
    if MonthsType() in (left, right):
        help = "months and years differ in length and only add to dates"
    elif left == DATE and isinstance(expr.right, surface.NumberLit):
        help = f"write `{expr.right.text} days`"
    (errors.unit_mismatch if units else errors.type_mismatch)(
        context.report,
        f"`{expr.operator}` does not work here: {context.quote(expr.left)} is {describe(left)} and "
        f"{context.quote(expr.right)} is {describe(right)}",
        expr.right.span,
        related=(Related(f"{context.quote(expr.left)} is {describe(left)}", expr.left.span),),
        help=help,
    )


def negate(context: Context, expr: surface.Negate) -> Term:
    operand = context.value(expr.operand)
    match operand:
        case _ if is_error(operand.type):
            return context.failed(expr.span)
        case Const(value=int() as number, type=type) if not isinstance(number, bool) and _has_sign(type):
            return Const(-number, type, span=expr.span)
        case Const(value=number, type=type) if _has_sign(type):
            return Const(exact(-number), type, span=expr.span)  # type: ignore[operator]
        case _ if _has_sign(operand.type):
            return Negate(operand, operand.type, span=expr.span)
        case _:
            errors.type_mismatch(
                context.report,
                f"`-` needs a number, but {context.quote(expr.operand)} is {describe(operand.type)}",
                expr.operand.span,
            )
            return context.failed(expr.span)


def _has_sign(type: Type) -> bool:
    return is_number(type) or isinstance(type, PercentType | MoneyType | QuantityType | MonthsType)


def _as_percent(term: Term, other: Term) -> Term:
    """A ratio of two amounts beside a percentage is a percentage."""
    if isinstance(other.type, PercentType) and is_ratio(term):
        return retyped(term, PERCENT)
    return term


def _product(operator: Literal["*", "/"], left: Type, right: Type) -> Type | None:
    """The type of a product or quotient, by language section 2; None where it has no meaning.

    What has a unit is scaled by numbers and percents; one amount by another of its kind is a number.
    """
    if operator == "*":
        for a, b in ((left, right), (right, left)):
            match a, b:
                case ((MoneyType() | QuantityType()), _) if is_number(b) or isinstance(b, PercentType):
                    return a
                case PercentType(), _ if is_number(b):
                    return NUMBER
                case _:
                    pass
        if is_number(left) and is_number(right):
            return INT if isinstance(left, IntType) and isinstance(right, IntType) else NUMBER
        return None
    match left, right:
        case ((MoneyType() | QuantityType()), _) if is_number(right) or isinstance(right, PercentType):
            return left
        case ((MoneyType() | QuantityType() | PercentType()), _) if left == right:
            return NUMBER
        case PercentType(), _ if is_number(right):
            return PERCENT
        case _ if is_number(left) and (is_number(right) or isinstance(right, PercentType)):
            return NUMBER
        case _:
            return None


def _is_computed(value: Term) -> bool:
    """A number that is neither a constant nor a fact."""
    return can_be_summed(value.type) and isinstance(value, Arithmetic | Count | Negate | Round | Sum)
