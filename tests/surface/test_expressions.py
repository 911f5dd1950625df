"""What expressions become, and which operators bind tighter."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from comity.surface import ast
from comity.surface.ast import (
    AbsentLit,
    And,
    Argument,
    Binary,
    BoolLit,
    Call,
    Compare,
    Comprehension,
    Consents,
    Count,
    DateLit,
    EccnLit,
    FieldExpr,
    HsLit,
    Implies,
    In,
    IndexExpr,
    ListLit,
    MapEntry,
    MapLit,
    MoneyLit,
    Name,
    NameExpr,
    Negate,
    Not,
    NumberLit,
    Or,
    Path,
    PercentLit,
    Quantified,
    QuantityLit,
    Range,
    RuleRef,
    RuleTest,
    SetLit,
    StateTest,
    Sum,
    TextLit,
    This,
    UnknownLit,
    Within,
)
from tests.surface.support import expression

A, B, C, D, P, S = (NameExpr(name) for name in ("a", "b", "c", "d", "p", "s"))
p, s = Name("p"), Name("s")


def n(value: int) -> NumberLit:
    return NumberLit(Fraction(value), True)


LITERALS = [
    ("true", BoolLit(True)),
    ("false", BoolLit(False)),
    ("unknown", UnknownLit()),
    ("absent", AbsentLit()),
    ("this", This()),
    ("9_000", n(9000)),
    ("0.25", NumberLit(Fraction(1, 4), False)),
    ("25%", PercentLit(Fraction(1, 4))),
    ("12.5%", PercentLit(Fraction(1, 8))),
    ("5_000 USD", MoneyLit(Fraction(5000), "USD")),
    ("0.5 EUR", MoneyLit(Fraction(1, 2), "EUR")),
    ("200 km", QuantityLit(Fraction(200), "km")),
    ("200km", QuantityLit(Fraction(200), "km")),
    ("12 nmi", QuantityLit(Fraction(12), "nmi")),
    ("6 months", QuantityLit(Fraction(6), "months")),
    ("2022-02-24", DateLit("2022-02-24", date(2022, 2, 24))),
    ("2022-02-30", DateLit("2022-02-30", None)),
    ('"GEO-7"', TextLit("GEO-7")),
    (r'"a \"b\" \\ c\n"', TextLit('a "b" \\ c\n')),
    ('"# no comment"', TextLit("# no comment")),
    ("3A001", EccnLit("3A001")),
    ("3A001.b.2.c", EccnLit("3A001.b.2.c")),
    ("9A610.x", EccnLit("9A610.x")),
    ("3Z999", EccnLit("3Z999")),
    ("EAR99", EccnLit("EAR99")),
    ("HS 8542.31", HsLit("8542.31")),
    ("HS   8542", HsLit("8542")),
    ("å_1", NameExpr("å_1")),
    ("EAR990", NameExpr("EAR990")),
    ("HSX", NameExpr("HSX")),
]

OPERATORS = [
    # A paragraph is one letter or one or two digits; anything longer is an accessor.
    ("3A001.category", FieldExpr(EccnLit("3A001"), Name("category"))),
    ("3A001.a.group", FieldExpr(EccnLit("3A001.a"), Name("group"))),
    ("3 and a", And((n(3), A))),
    ("a or b and c", Or((A, And((B, C))))),
    ("(a or b) and c", And((Or((A, B)), C))),
    ("a and b and c", And((A, B, C))),
    ("(a and b) and c", And((And((A, B)), C))),
    ("a implies b implies c", Implies(A, Implies(B, C))),
    ("a or b implies c", Implies(Or((A, B)), C)),
    ("not a and b", And((Not(A), B))),
    ("not a == b", Not(Compare("==", A, B))),
    ("not not a", Not(Not(A))),
    ("a + b * c", Binary("+", A, Binary("*", B, C))),
    ("a - b - c", Binary("-", Binary("-", A, B), C)),
    ("-a * b", Binary("*", Negate(A), B)),
    ("a - -b", Binary("-", A, Negate(B))),
    ("a | b & c - d", Binary("|", A, Binary("&", B, Binary("-", C, D)))),
    ("a + b <= c", Compare("<=", Binary("+", A, B), C)),
    ("a != b", Compare("!=", A, B)),
    ("a in 3..5", In(A, Range(n(3), n(5)))),
    ("a in b - c .. d", In(A, Range(Binary("-", B, C), D))),
    ("a in 500 km .. 5_500 km", In(A, Range(QuantityLit(Fraction(500), "km"), QuantityLit(Fraction(5500), "km")))),
    ("a in {b, c}", In(A, SetLit((B, C)))),
    ("a not in s", In(A, S, True)),
    ("a within 3A001", Within(A, EccnLit("3A001"))),
    ("a not within s", Within(A, S, True)),
    ("a within HS 8542", Within(A, HsLit("8542"))),
    ("a.b.c", FieldExpr(FieldExpr(A, Name("b")), Name("c"))),
    ("a[b, c].d", FieldExpr(IndexExpr(A, (B, C)), Name("d"))),
    ("{}", SetLit(())),
    ("{b,}", SetLit((B,))),
    ("[]", ListLit(())),
    ("[b, c]", ListLit((B, C))),
    (
        "{NATO_SIDE: 40 km, RUSSIA: 0 km}",
        MapLit(
            (
                MapEntry(Name("NATO_SIDE"), QuantityLit(Fraction(40), "km")),
                MapEntry(Name("RUSSIA"), QuantityLit(Fraction(0), "km")),
            )
        ),
    ),
    ("{p in s where a or b}", Comprehension(p, S, Or((A, B)))),
    ("f()", Call(Name("f"), ())),
    ("f(a, b + c)", Call(Name("f"), (Argument(None, A), Argument(None, Binary("+", B, C))))),
    ("f(a = b and c)", Call(Name("f"), (Argument(Name("a"), And((B, C))),))),
    ("round_up(a)", Call(Name("round_up"), (Argument(None, A),))),
    ("count(p in s)", Count(p, S, None)),
    ("count(p in s where a or b) > 3", Compare(">", Count(p, S, Or((A, B))), n(3))),
    ("count", NameExpr("count")),
    ("sum(p.a for p in s)", Sum(FieldExpr(P, Name("a")), p, S, None)),
    ("sum(p.a for p in s where b)", Sum(FieldExpr(P, Name("a")), p, S, B)),
    ("a is known", StateTest(A, Name("known"))),
    ("a.b is unknown", StateTest(FieldExpr(A, Name("b")), Name("unknown"))),
    ("a is absent or b is present", Or((StateTest(A, Name("absent")), StateTest(B, Name("present"))))),
    (
        "a of other is accepted by 2022-03-01",
        StateTest(A, Name("accepted"), Name("other"), DateLit("2022-03-01", date(2022, 3, 1))),
    ),
    ("a consents", Consents(A)),
    ("a applies", RuleTest(RuleRef(Path((Name("a"),))), "applies")),
    ("m.a[b] decides", RuleTest(RuleRef(Path((Name("m"), Name("a"))), B), "decides")),
    # The body of an inline quantifier reaches to the end of the expression.
    ("any p in s: a and b or c", Quantified("any", p, S, Or((And((A, B)), C)))),
    ("a and any p in s: b or c", And((A, Quantified("any", p, S, Or((B, C)))))),
    ("a or b and not no p in s: c", Or((A, And((B, Not(Quantified("no", p, S, C))))))),
    ("a implies all p in s: b implies c", Implies(A, Quantified("all", p, S, Implies(B, C)))),
    ("(any p in s: a) and b", And((Quantified("any", p, S, A), B))),
    # Keywords of clauses are names where no clause can begin.
    ("subject.rule + date - status", Binary("-", Binary("+", FieldExpr(NameExpr("subject"), Name("rule")),
                                                        NameExpr("date")), NameExpr("status"))),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"), LITERALS + OPERATORS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_expression(text: str, expected: ast.Expr) -> None:
    assert expression(text) == expected


@pytest.mark.parametrize("text", ["  a and b", "a\n  and b\n", "\ta and # why\r\nb"])
def test_line_ends_do_not_count_in_an_expression_by_itself(text: str) -> None:
    assert expression(text) == And((A, B))


def test_brackets_belong_to_the_span_of_what_they_hold() -> None:
    found = expression("(a or b) and c")
    assert isinstance(found, And)
    assert (found.span.start, found.span.end) == (0, 14)
    assert [(x.span.start, x.span.end) for x in found.operands] == [(0, 8), (13, 14)]


def test_spans_count_code_points_and_lines_from_one() -> None:
    found = expression('"𝔘🇺🇦" == b and\u0020(\n  c == d)')
    assert isinstance(found, And)
    second = found.operands[1].span
    assert (second.line, second.column, second.end_line, second.end_column) == (1, 16, 2, 10)
    assert isinstance(found.operands[1], Compare)
    assert (found.operands[1].left.span.line, found.operands[1].left.span.column) == (2, 3)


@pytest.mark.parametrize("text", ["9_000", "0.25", "25%", "5_000 USD", "200 km"])
def test_numbers_keep_how_they_are_written(text: str) -> None:
    found = expression(text)
    assert isinstance(found, NumberLit | PercentLit | MoneyLit | QuantityLit)
    assert found.text == text
