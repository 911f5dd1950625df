"""What terms mean: strong Kleene, exact values, sets, tables, cases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity import terms
from comity.base.diagnostics import Report
from comity.core.closures import EvaluationContext
from comity.core.evaluate import Evaluator
from comity.core.lower import lower
from comity.runtime.answer import ContradictionError, GapError
from comity.runtime.kleene import KleeneSet
from comity.runtime.types import (
    BOOL,
    DATE,
    DURATION,
    ECCN,
    HS_CODE,
    INT,
    MONTHS,
    NUMBER,
    TEXT,
    AbsentType,
    EnumType,
    ListType,
    PerPartyType,
    PlaceType,
    RecordType,
    SetType,
    Type,
)
from comity.runtime.types import Field as Declared
from comity.runtime.values import ABSENT
from comity.terms import Term

from .build import COLUMN, COLUMNS, columns, define, local, named_set, program, since, table

U = terms.Unknown(BOOL)
T = terms.Const(True, BOOL)
F = terms.Const(False, BOOL)
TRUTHS = {True: T, False: F, None: U}


def context(day: date | None = date(2022, 3, 1)) -> EvaluationContext:
    return EvaluationContext(day, lambda *_: None, lambda *_: None, lambda *_: None)


def value(term: Term, day: date | None = date(2022, 3, 1), env: dict[str, object] | None = None, **parts: Any) -> Any:
    evaluator = Evaluator(lower(program(**parts), Report()))
    return evaluator.code(term)(env or {}, context(day))


def const(given: object, type: Type) -> terms.Const:
    return terms.Const(given, type)


def number(n: int | Fraction | None) -> Term:
    return terms.Unknown(NUMBER) if n is None else const(n, NUMBER)


def text(t: str | None) -> Term:
    return terms.Unknown(TEXT) if t is None else const(t, TEXT)


# ------------------------------------------------------------------------------------------- logic


@pytest.mark.parametrize(("left", "right"), list(product((True, False, None), repeat=2)))
def test_and_or_not_are_strong_kleene(left: bool | None, right: bool | None) -> None:
    order = {False: 0, None: 1, True: 2}
    back = {0: False, 1: None, 2: True}
    operands = (TRUTHS[left], TRUTHS[right])
    assert value(terms.And(operands)) is back[min(order[left], order[right])]
    assert value(terms.Or(operands)) is back[max(order[left], order[right])]
    assert value(terms.Not(operands[0])) is back[2 - order[left]]


def test_empty_and_is_true_and_empty_or_false() -> None:
    assert value(terms.TRUE) is True
    assert value(terms.FALSE) is False


GAP = terms.Cases((terms.Case(F, T),), False, "hole", BOOL)


def test_evaluation_stops_at_the_deciding_operand() -> None:
    assert value(terms.And((F, GAP))) is False
    assert value(terms.Or((T, GAP))) is True
    with pytest.raises(GapError):
        value(terms.And((U, GAP)))


def test_a_bool_that_is_absent_where_no_guard_stands_reads_as_unknown() -> None:
    absent = const(ABSENT, AbsentType(BOOL))
    assert value(terms.And((absent,))) is None
    assert value(terms.Not(absent)) is None


# ------------------------------------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("operator", "left", "right", "result"),
    [
        ("+", 1, 2, 3),
        ("-", 1, 2, -1),
        ("*", Fraction(1, 3), 3, 1),
        ("/", 1, 3, Fraction(1, 3)),
        ("/", 1, 0, None),
        ("+", None, 2, None),
        ("*", 0, None, None),
    ],
)
def test_arithmetic_is_exact_and_division_by_zero_unknown(operator: Any, left: Any, right: Any, result: Any) -> None:
    assert value(terms.Arithmetic(operator, number(left), number(right), NUMBER)) == result


def test_rounding_and_negation() -> None:
    assert value(terms.Round("up", number(Fraction(-3, 2)))) == -1
    assert value(terms.Round("down", number(Fraction(-3, 2)))) == -2
    assert value(terms.Negate(number(3), NUMBER)) == -3


def test_dates() -> None:
    day = const(date(2022, 1, 31), DATE)
    assert value(terms.AddDuration(day, const(1, MONTHS))) == date(2022, 2, 28)
    assert value(terms.AddDuration(day, const(36, DURATION))) == date(2022, 2, 1)
    assert value(terms.AddDuration(day, const(31 * 24, DURATION), negative=True)) == date(2021, 12, 31)
    assert value(terms.AddDuration(day, const(120_000, MONTHS))) is None
    assert value(terms.DateDifference(day, const(date(2022, 1, 29), DATE))) == 48


def test_comparison_of_numbers_dates_and_ordered_members() -> None:
    order = EnumType("m", "Review", ("mild", "stern"), ordered=True)
    mild, stern = const("mild", order), const("stern", order)
    assert value(terms.Compare("<", mild, stern, order)) is True
    assert value(terms.Compare("<", stern, mild, order)) is False
    assert value(terms.Compare("<=", stern, stern, order)) is True
    assert value(terms.Compare("<", stern, terms.Unknown(order), order)) is None
    assert value(terms.Compare("<=", number(1), number(1), NUMBER)) is True
    assert value(terms.Compare("<", const(date(2022, 1, 1), DATE), const(date(2022, 1, 2), DATE), DATE)) is True


@pytest.mark.parametrize(
    ("code", "entry", "result"),
    [("3A001.a.1", "3A001", True), ("3A001", "3A001.a", False), ("3A0011", "3A001", False), (None, "3A001", None)],
)
def test_eccn_within(code: str | None, entry: str, result: bool | None) -> None:
    assert value(terms.EccnWithin(text(code), const(entry, ECCN))) is result


def test_parts_of_an_eccn_are_unknown_on_ear99() -> None:
    parts: tuple[Any, ...] = ("category", "group", "number", "paragraph")
    assert [value(terms.EccnPart(const("9A610.x", ECCN), part)) for part in parts] == [9, "A", 610, "x"]
    assert [value(terms.EccnPart(const("EAR99", ECCN), part)) for part in parts] == [None] * 4


def test_hs_codes_and_places() -> None:
    assert value(terms.HsWithin(const("8542.31", HS_CODE), const("8542", HS_CODE))) is True
    place = PlaceType(("RU", "UA"), (("KALININGRAD", "RU"),))
    kaliningrad, russia, ukraine = (const(name, place) for name in ("KALININGRAD", "RU", "UA"))
    assert value(terms.PlaceWithin(kaliningrad, russia), place=place) is True
    assert value(terms.PlaceWithin(kaliningrad, ukraine), place=place) is False
    assert value(terms.PlaceWithin(russia, kaliningrad), place=place) is False
    assert value(terms.PlaceWithin(terms.Unknown(place), russia), place=place) is None


def test_records_fields_and_per_party() -> None:
    person = RecordType("m", "Person", (Declared("listed", BOOL, optional=True), Declared("limit", AbsentType(INT))))
    built = terms.RecordOf((("listed", U), ("limit", const(ABSENT, AbsentType(INT)))), person)
    assert value(built) == {"listed": None, "limit": ABSENT}
    assert value(terms.Field(built, "listed", BOOL)) is None
    assert value(terms.Field(terms.Unknown(person), "listed", BOOL)) is None
    by_party = terms.PerPartyOf((("A", number(1)), ("B", number(2))), PerPartyType(NUMBER))
    assert value(terms.AtParty(by_party, text("B"), NUMBER)) == 2
    assert value(terms.AtParty(by_party, text(None), NUMBER)) is None
    assert value(terms.AtParty(by_party, text("C"), NUMBER)) is None
    for nobody in (terms.Unknown(PerPartyType(NUMBER)), const(ABSENT, AbsentType(PerPartyType(NUMBER)))):
        assert value(terms.AtParty(nobody, text("A"), NUMBER)) is None


def test_known_unknown_present_absent() -> None:
    absent = const(ABSENT, AbsentType(INT))
    assert value(terms.IsKnown(U)) is False
    assert value(terms.IsKnown(F)) is True
    assert value(terms.IsKnown(absent)) is True
    assert value(terms.IsPresent(absent)) is False
    assert value(terms.IsPresent(number(1))) is True
    assert value(terms.IsPresent(terms.Unknown(AbsentType(INT)))) is None
    assert value(terms.Equal(absent, number(1), NUMBER)) is None


# ------------------------------------------------------------------------------------------- sets


def test_membership_is_a_disjunction_of_equalities() -> None:
    some = terms.SetOf((text("a"), text(None)), SetType(TEXT))
    assert value(terms.MemberOf(text("a"), some)) is True
    assert value(terms.MemberOf(text("b"), some)) is None
    assert value(terms.MemberOf(text(None), terms.SetOf((), SetType(TEXT)))) is False
    assert value(terms.MemberOf(text("b"), terms.ListOf((text("a"), text("c")), ListType(TEXT)))) is False


def test_membership_is_read_off_the_structure() -> None:
    unknown = terms.Unknown(COLUMNS)
    either = terms.SetOperation("|", columns("NS1"), unknown, COLUMNS)
    both = terms.SetOperation("&", columns("NS1"), unknown, COLUMNS)
    less = terms.SetOperation("-", columns("NS1"), unknown, COLUMNS)
    for collection, in_set, outside in ((either, True, None), (both, None, False), (less, None, False)):
        assert value(terms.MemberOf(const("NS1", COLUMN), collection)) is in_set
        assert value(terms.MemberOf(const("NS2", COLUMN), collection)) is outside
        assert value(collection) is None


def test_dated_sets_are_read_at_the_day_and_may_be_unknown() -> None:
    parts = {"sets": [named_set("S", COLUMNS, ("+", columns("NS1"), since(2022)), ("+", columns("NS2"), None))]}
    name = terms.NamedSet("m.S", COLUMNS)
    assert value(name, date(2022, 1, 1), **parts) == {"NS1", "NS2"}
    assert value(name, date(2021, 12, 31), **parts) == {"NS2"}
    assert value(name, None, **parts) == KleeneSet((("NS1", None), ("NS2", True)))
    assert value(terms.MemberOf(const("NS1", COLUMN), name), None, **parts) is None
    assert value(terms.MemberOf(const("NS2", COLUMN), name), None, **parts) is True
    assert value(terms.MemberOf(const("MT1", COLUMN), name), None, **parts) is False


def test_windows_are_inclusive_and_unknown_without_a_day() -> None:
    window = terms.InWindow(((date(2022, 2, 24), date(2022, 3, 1)), (date(2023, 1, 1), None)))
    days = [date(2022, 2, 23), date(2022, 2, 24), date(2022, 3, 1), date(2022, 3, 2), date(2023, 1, 1), None]
    assert [value(window, day) for day in days] == [False, True, True, False, True, None]


def test_quantifiers_over_uncertain_sets() -> None:
    perhaps = terms.When(U, columns("NS1"), COLUMNS)
    some = terms.SetOperation("|", columns("NS2"), perhaps, COLUMNS)
    is_1 = terms.Equal(local("c"), const("NS1", COLUMN), COLUMN)
    is_2 = terms.Equal(local("c"), const("NS2", COLUMN), COLUMN)
    assert value(terms.Quantifier("any", "c", some, is_2)) is True
    assert value(terms.Quantifier("any", "c", some, is_1)) is None
    assert value(terms.Quantifier("all", "c", some, is_1)) is False
    assert value(terms.Quantifier("all", "c", some, is_2)) is None
    assert value(terms.Quantifier("any", "c", terms.Unknown(COLUMNS), is_2)) is None
    assert value(terms.Quantifier("any", "c", columns(), U)) is False
    assert value(terms.Quantifier("all", "c", columns(), U)) is True


def test_counts_and_sums_are_unknown_if_any_part_is() -> None:
    numbers = terms.ListOf((number(1), number(2), number(None)), ListType(NUMBER))
    small = terms.Compare("<", local("n", NUMBER), number(2), NUMBER)
    assert value(terms.Count("n", numbers, small)) is None
    assert value(terms.Count("n", numbers, terms.TRUE)) == 3
    assert value(terms.Sum(local("n", NUMBER), "n", numbers, terms.TRUE, NUMBER)) is None
    known = terms.ListOf((number(1), number(2), number(2)), ListType(NUMBER))
    assert value(terms.Sum(local("n", NUMBER), "n", known, terms.Not(small), NUMBER)) == 4
    assert value(terms.Count("c", terms.When(U, columns("NS1"), COLUMNS), terms.TRUE)) is None


def test_subsets_and_equal_sets() -> None:
    perhaps = terms.SetOperation("|", columns("NS2"), terms.When(U, columns("NS1"), COLUMNS), COLUMNS)
    assert value(terms.SubsetOf(columns("NS2"), perhaps)) is True
    assert value(terms.SubsetOf(columns("MT1"), perhaps)) is False
    assert value(terms.SubsetOf(perhaps, columns("NS2"))) is None
    assert value(terms.Equal(perhaps, columns("MT1"), COLUMNS)) is False
    assert value(terms.Equal(perhaps, columns("NS2"), COLUMNS)) is None
    assert value(terms.Equal(columns("NS1", "NS2"), columns("NS2", "NS1"), COLUMNS)) is True


# ------------------------------------------------------------------------------------------- tables

FLAT = table("flat", (("c", COLUMN),), BOOL, [(("NS1",), True), (("NS2",), None)])
CODES = table("codes", (("code", ECCN),), INT, [(("3A001",), 1), (("3A001.a",), 2), (("EAR99",), 3)])
HS = table("hs", (("code", HS_CODE),), INT, [(("85",), 1), (("8542",), 2), (("8542.31",), 3)])
DATED = table(
    "dated",
    (("code", ECCN),),
    INT,
    [
        (("3A001",), 1, (None, date(2022, 1, 1))),
        (("3A001",), 2, (date(2022, 1, 2), None)),
        (("3A001.a",), 9, (date(2023, 1, 1), None)),
        (("5A002",), 5),
    ],
)


def look(name: str, key: object, type: Type, day: date | None = date(2022, 3, 1)) -> Any:
    asked = terms.Unknown(type) if key is None else const(key, type)
    return value(terms.Lookup(f"m.{name}", (asked,), INT), day, tables=[FLAT, CODES, HS, DATED])


def test_a_row_gives_its_value_and_silence_is_unknown() -> None:
    assert [look("flat", key, COLUMN) for key in ("NS1", "NS2", "MT1", None)] == [True, None, None, None]


def test_otherwise_speaks_where_there_is_no_row_and_only_there() -> None:
    spoken = table("flat", (("c", COLUMN),), BOOL, [(("NS1",), True), (("NS2",), None)], otherwise=False)
    for key, expected in (("NS1", True), ("NS2", None), ("MT1", False)):
        assert value(terms.Lookup("m.flat", (const(key, COLUMN),), BOOL), tables=[spoken]) is expected


def test_codes_take_the_longest_row_they_are_within() -> None:
    assert [look("codes", key, ECCN) for key in ("3A001", "3A001.b.2", "3A001.a.1", "EAR99", "3A002")] == [
        1,
        1,
        2,
        3,
        None,
    ]
    assert [look("hs", key, HS_CODE) for key in ("8542.31", "8542.39", "8501", "9001")] == [3, 2, 1, None]


def test_dated_rows_are_read_at_the_day() -> None:
    days = (date(2022, 1, 1), date(2022, 1, 2), date(2023, 1, 1), None)
    assert [look("dated", "3A001.a", ECCN, day) for day in days] == [1, 2, 9, None]
    assert look("dated", "5A002", ECCN, None) == 5


# ------------------------------------------------------------------------------------------- definitions and cases


def cases(*given: tuple[bool | None, int], first_match: bool = False, otherwise: int | None = None) -> Term:
    made = [terms.Case(TRUTHS[holds], number(result)) for holds, result in given]
    if otherwise is not None:
        made.append(terms.Case(None, number(otherwise)))
    return terms.Cases(tuple(made), first_match, "limit", NUMBER)


def test_cases() -> None:
    assert value(cases((False, 1), (True, 2), otherwise=3)) == 2
    assert value(cases((False, 1), (False, 2), otherwise=3)) == 3
    assert value(cases((None, 1), (True, 2), otherwise=3)) is None
    assert value(cases((None, 1), (False, 2), otherwise=3)) is None
    assert value(cases((True, 1), (None, 2), otherwise=3)) == 1
    assert value(cases((False, 1), (None, 2))) is None


def test_cases_that_overlap_with_different_values_contradict() -> None:
    with pytest.raises(ContradictionError, match="`limit`"):
        value(cases((True, 1), (False, 7), (True, 2)))
    assert value(cases((True, 1), (True, 1))) == 1
    assert value(cases((True, 1), (True, 2), first_match=True)) == 1
    assert value(cases((None, 0), (True, 1), (True, 2))) is None


def test_no_case_and_no_otherwise_is_a_gap() -> None:
    with pytest.raises(GapError, match="`limit`"):
        value(cases((False, 1)))


def test_calls_bind_parameters_and_pass_the_day_on() -> None:
    body = terms.And((terms.Compare("<", local("n", INT), number(3), NUMBER), terms.InWindow(since(2022))))
    parts = {"defines": [define("small", (("n", INT),), BOOL, body)]}
    call = terms.Call("m.small", (number(2),), BOOL)
    assert value(call, date(2022, 1, 1), **parts) is True
    assert value(call, date(2021, 1, 1), **parts) is False
    assert value(call, None, **parts) is None


def test_membership_in_a_set_that_a_definition_gives() -> None:
    body = terms.SetOperation("|", columns("NS1"), terms.When(local("b", BOOL), columns("NS2"), COLUMNS), COLUMNS)
    parts = {"defines": [define("some", (("b", BOOL),), COLUMNS, body)]}
    call = terms.Call("m.some", (U,), COLUMNS)
    results = [value(terms.MemberOf(const(c, COLUMN), call), **parts) for c in COLUMN.members]
    assert results == [True, None, False]


def test_a_certain_member_is_one_whatever_the_rest_of_the_set_is() -> None:
    """Of a table's row that nobody knows: read through a named set, a definition, a selection or a dated line."""
    unknown = terms.Lookup("m.groups", (const("MT1", COLUMN),), COLUMNS)
    groups = table("groups", (("c", COLUMN),), COLUMNS, [(("NS1",), frozenset({"NS1"}))])
    body = terms.SetOperation("|", columns("NS1"), unknown, COLUMNS)
    given = terms.SetOperation("|", terms.SetOf((local("c"),), COLUMNS), unknown, COLUMNS)
    parts: dict[str, Any] = {
        "tables": [groups],
        "sets": [named_set("S", COLUMNS, ("+", columns("NS1"), None), ("+", unknown, None))],
        "defines": [define("with_others", (("c", COLUMN),), COLUMNS, given)],
    }
    sources = [
        terms.NamedSet("m.S", COLUMNS),
        terms.Call("m.with_others", (const("NS1", COLUMN),), COLUMNS),
        terms.Filter("each", body, T, COLUMNS),
        terms.When(terms.InWindow(since(2022)), body, COLUMNS),
        terms.SetOperation("&", body, columns("NS1", "MT1"), COLUMNS),
        terms.SetOperation("-", body, columns("NS2"), COLUMNS),
    ]
    for source in sources:
        assert value(terms.MemberOf(const("NS1", COLUMN), source), **parts) is True, source
        assert value(terms.MemberOf(const("MT1", COLUMN), source), **parts) is None, source


# ------------------------------------------------------------------------------------------- properties

FACTS = ("p", "q", "r")


@st.composite
def conditions(draw: st.DrawFn, depth: int = 4) -> Term:
    """Conditions over three truth values and an enum, without `is known`."""
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from([*(local(name, BOOL) for name in FACTS), T, F, *map(is_column, COLUMN.members)]))
    below = conditions(depth - 1)
    match draw(st.integers(0, 5)):
        case 0:
            return terms.Not(draw(below))
        case 1:
            return terms.And(tuple(draw(st.lists(below, max_size=3))))
        case 2:
            return terms.Or(tuple(draw(st.lists(below, max_size=3))))
        case 3:
            some = terms.SetOperation(
                draw(st.sampled_from("|&-")),
                terms.When(draw(below), columns("NS1", "NS2"), COLUMNS),
                terms.Filter("v", columns("NS2", "MT1"), draw(below), COLUMNS),
                COLUMNS,
            )
            return terms.MemberOf(local("c"), some)
        case 4:
            source = terms.When(draw(below), columns("NS1", "MT1"), COLUMNS)
            body = terms.Or((terms.Equal(local("v"), local("c"), COLUMN), draw(below)))
            return terms.Quantifier(draw(st.sampled_from(["any", "all"])), "v", source, body)
        case _:
            return terms.Equal(draw(below), draw(below), BOOL)


def is_column(member: str) -> Term:
    return terms.Equal(local("c"), const(member, COLUMN), COLUMN)


def completions(env: dict[str, object]) -> Iterator[dict[str, object]]:
    domains = [(True, False) if n in FACTS else COLUMN.members for n in env]
    choices = [domain if given is None else (given,) for given, domain in zip(env.values(), domains, strict=True)]
    for values in product(*choices):  # type: ignore[arg-type]
        yield dict(zip(env, values, strict=True))


EVALUATOR = Evaluator(lower(program(), Report()))


@given(
    conditions(),
    st.fixed_dictionaries(
        {
            **{name: st.sampled_from([True, False, None]) for name in FACTS},
            "c": st.sampled_from([*COLUMN.members, None]),
        }
    ),
)
def test_what_is_known_stays_so_whatever_the_unknown_facts_turn_out_to_be(term: Term, env: dict[str, object]) -> None:
    code = EVALUATOR.code(term)
    result = code(env, context())
    outcomes = {code(each, context()) for each in completions(env)}
    assert outcomes <= {True, False}, "with every fact known every condition is known"
    if result is not None:
        assert outcomes == {result}
