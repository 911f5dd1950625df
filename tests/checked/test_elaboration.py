"""The terms that conditions become: sugar is gone, every name is resolved."""

from __future__ import annotations

from datetime import date

import pytest

from comity.runtime.types import BOOL, ECCN, INT, EnumType, PlaceType, SetType
from comity.terms import (
    FALSE,
    And,
    Cases,
    Compare,
    Const,
    Count,
    EccnPart,
    EccnWithin,
    Equal,
    Field,
    Filter,
    InWindow,
    IsKnown,
    IsPresent,
    Line,
    Local,
    Lookup,
    MemberOf,
    NamedSet,
    Not,
    Or,
    OutcomeOf,
    PlaceWithin,
    Quantifier,
    RuleHolds,
    SetOf,
    SubsetOf,
    Sum,
    Term,
    Unknown,
)

from .support import Checked


def term(condition: str) -> Term:
    return Checked(f"define x for Export:\n    {condition}").define("x")


def fact(checked: Checked, *path: str) -> Term:
    record = checked.program.records["facts.Export"].type
    result: Term = Local("this", record)
    for name in path:
        kind = result.type
        result = Field(result, name, next(f.type for f in kind.fields if f.name == name))  # type: ignore[union-attr]
    return result


EMPTY = Checked("")
VALUE = fact(EMPTY, "value")
CODE = fact(EMPTY, "item", "eccn")
DESTINATION = fact(EMPTY, "destination")
PLACE = fact(EMPTY, "place")
COUNTRY = DESTINATION.type
USD = VALUE.type
NOT_EAR99 = Not(Equal(CODE, Const("EAR99", ECCN), ECCN))
CATEGORY = EccnPart(CODE, "category", INT)


def usd(amount: int) -> Const:
    return Const(amount, USD)


def test_comparisons() -> None:
    assert term("value > 5 USD") == Compare("<", usd(5), VALUE, USD)
    assert term("value >= 5 USD") == Compare("<=", usd(5), VALUE, USD)
    assert term("value < 5 USD") == Compare("<", VALUE, usd(5), USD)
    assert term("value != 5 USD") == Not(Equal(VALUE, usd(5), USD))
    assert term("value in 1 USD .. 5 USD") == And(
        (Compare("<=", usd(1), VALUE, USD), Compare("<=", VALUE, usd(5), USD))
    )
    assert term("value not in 1 USD .. 5 USD") == Not(term("value in 1 USD .. 5 USD"))


def test_places_and_countries_share_a_type() -> None:
    body = term("destination == place")
    assert isinstance(body, Equal) and isinstance(body.operand_type, PlaceType)
    assert term("place == UA") == Equal(PLACE, Const("UA", PLACE.type), PLACE.type)


def test_membership() -> None:
    assert term("destination in {RU, BY}") == MemberOf(
        DESTINATION, SetOf((Const("RU", COUNTRY), Const("BY", COUNTRY)), SetType(COUNTRY))
    )
    assert term("destination not in NATO") == Not(MemberOf(DESTINATION, NamedSet("facts.NATO", SetType(COUNTRY))))
    body = term("destination in Country")
    assert isinstance(body, MemberOf) and isinstance(body.collection, Const) and "US" in body.collection.value  # type: ignore[operator]


def test_within() -> None:
    entry = Const("3A001", ECCN)
    assert term("item.eccn within 3A001") == EccnWithin(CODE, entry)
    assert term("item.eccn not within 3A001") == Not(EccnWithin(CODE, entry))
    match term("item.eccn within {3A001, 3A002}"):
        case Quantifier(kind="any", variable=name, source=SetOf(), body=EccnWithin(code=code, entry=Local(name=inner))):
            assert name == inner and code == CODE
        case other:
            raise AssertionError(other)
    assert term("place within RU") == PlaceWithin(PLACE, Const("RU", PLACE.type))
    match term("place within NATO"):
        case Quantifier(kind="any", source=NamedSet(name="facts.NATO"), body=PlaceWithin(place=place)):
            assert place == PLACE
        case other:
            raise AssertionError(other)
    assert isinstance(term("NATO within Country"), SubsetOf)


def test_tests_of_parts_are_false_on_ear99() -> None:
    three = Const(3, INT)
    assert term("item.eccn.category == 3") == And((NOT_EAR99, Equal(CATEGORY, three, INT)))
    assert term("item.eccn.category != 3") == And((NOT_EAR99, Not(Equal(CATEGORY, three, INT))))
    in_range = And((Compare("<=", three, CATEGORY, INT), Compare("<=", CATEGORY, Const(5, INT), INT)))
    assert term("item.eccn.category in 3..5") == And((NOT_EAR99, in_range))
    assert term("item.eccn.category not in 3..5") == And((NOT_EAR99, Not(in_range)))
    assert term("item.eccn.category < item.eccn.number") == And(
        (NOT_EAR99, Compare("<", CATEGORY, EccnPart(CODE, "number", INT), INT))
    )
    assert term("item.eccn.category is known") == And((NOT_EAR99, IsKnown(CATEGORY)))
    assert term("not (item.eccn.category == 3)") == Not(And((NOT_EAR99, Equal(CATEGORY, three, INT))))


def test_a_part_of_an_element_is_guarded_inside_its_quantifier() -> None:
    match term("any c in {3A001, EAR99}: c.category == 3"):
        case Quantifier(body=And(operands=(Not(operand=Equal(left=Local(name="c"))), Equal()))):
            pass
        case other:
            raise AssertionError(other)
    body = term("sum(c.number for c in {3A001, EAR99}) > 3")
    assert isinstance(body, Compare) and isinstance(body.right, Sum)


def test_a_part_of_a_constant_needs_no_guard() -> None:
    assert isinstance(term("3A001.category == 3"), Equal)


def test_connectives() -> None:
    a, b = term("value > 5 USD"), term("count_of_items == 1")
    assert term("value > 5 USD implies count_of_items == 1") == Or((Not(a), b))
    assert term("value > 5 USD and count_of_items == 1") == And((a, b))
    assert term("no p in parties: p.listed") == Not(term("any p in parties: p.listed"))
    assert term("purpose is absent") == Not(IsPresent(fact(EMPTY, "purpose")))
    assert term("begins is unknown") == Not(IsKnown(fact(EMPTY, "begins")))


def test_blocks_and_lines() -> None:
    a, b = term("value > 5 USD"), term("count_of_items == 1")
    body = Checked("""
        define x for Export:
            all:
                value > 5 USD
                any:
                    count_of_items == 1 from 2022-03-02 until 2022-12-31
                    value > 5 USD
                none:
                    count_of_items == 1
                any p in parties:
                    p.listed
    """).define("x")
    window = InWindow(((date(2022, 3, 2), date(2022, 12, 31)),))
    assert isinstance(body, And)
    first, second, third, fourth = body.operands
    assert first == Line(a)
    assert second == Or((Line(And((window, b))), Line(a)))
    assert third == Not(Or((Line(b),)))
    assert isinstance(fourth, Quantifier) and isinstance(fourth.body, And) and isinstance(fourth.body.operands[0], Line)


def test_whole_inline_clauses_are_lines() -> None:
    checked = Checked("""
        rule a for licensing:
            when value > 5 USD
            unless count_of_items == 1 until 2022-12-31
            then prohibited
        rule b for licensing:
            when all:
                value > 5 USD
            then prohibited
    """)
    assert checked.found == []
    a, b = checked.program.rules["m.a"], checked.program.rules["m.b"]
    assert a.when == Line(term("value > 5 USD"))
    window = InWindow(((None, date(2022, 12, 31)),))
    assert a.unless == And((Line(And((window, term("count_of_items == 1")))),))
    assert b.when == And((Line(term("value > 5 USD")),))


def test_lines_know_where_they_stand() -> None:
    checked = Checked("rule a for licensing:\n    when value > 5 USD\n    then prohibited")
    when = checked.program.rules["m.a"].when
    assert when is not None
    source = checked.sources["m"]
    assert source.text[when.span.start : when.span.end] == "value > 5 USD"


@pytest.mark.parametrize(
    ("window", "intervals"),
    [
        ("from 2022-01-01", ((date(2022, 1, 1), None),)),
        ("until 2022-01-01", ((None, date(2022, 1, 1)),)),
        ("from 2022-01-01 until 2022-06-30", ((date(2022, 1, 1), date(2022, 6, 30)),)),
        (
            "from 2022-01-01 until 2022-06-30 from 2023-01-01",
            ((date(2022, 1, 1), date(2022, 6, 30)), (date(2023, 1, 1), None)),
        ),
        (
            "until 2022-01-01 from 2023-01-01 until 2023-06-30",
            ((None, date(2022, 1, 1)), (date(2023, 1, 1), date(2023, 6, 30))),
        ),
        ("from 2022-06-30 until 2022-01-01", ((date(2022, 6, 30), date(2022, 1, 1)),)),
    ],
)
def test_windows(window: str, intervals: object) -> None:
    checked = Checked(f"rule a for licensing:\n    {window}\n    then prohibited")
    assert checked.found == []
    assert checked.program.rules["m.a"].window == intervals


@pytest.mark.parametrize(
    "window", ["from 2022-02-30", "from 2022-01-01 from 2022-02-01", "until 2022-01-01 until 2023-01-01"]
)
def test_windows_that_mean_nothing(window: str) -> None:
    checked = Checked(f"rule a for licensing:\n    {window}\n    then prohibited")
    assert [d.code for d in checked.found] == ["E106"]


def test_dated_sets() -> None:
    checked = Checked("""
        set EU: Country =
            {DE, FR}
            + {GB} from 1993-11-01 until 2020-01-31
            - NATO from 2030-01-01
    """)
    assert checked.found == []
    parts = checked.program.sets["m.EU"].parts
    assert [(p.sign, p.intervals) for p in parts] == [
        ("+", None),
        ("+", ((date(1993, 11, 1), date(2020, 1, 31)),)),
        ("-", ((date(2030, 1, 1), None),)),
    ]


def test_collections() -> None:
    body = term("count(p in parties where p.listed) > 0")
    assert isinstance(body, Compare) and isinstance(body.right, Count) and body.right.variable == "p"
    body = term("destination in {c in NATO where chart[c, NS1]}")
    assert isinstance(body, MemberOf) and isinstance(body.collection, Filter)
    assert isinstance(body.collection.where, Lookup) and body.collection.where.table == "facts.chart"


def test_cases() -> None:
    body = Checked("""
        define x for Export -> Percent:
            first match
            0% when destination in NATO
            25% otherwise
    """).define("x")
    assert isinstance(body, Cases) and body.first_match and body.name == "x"
    assert [c.condition is None for c in body.cases] == [False, True]


def test_decisions_and_rules_as_conditions() -> None:
    checked = Checked("""
        rule chips for licensing:
            for each r in Column
            when chart[destination, r]
            then license_required
        decision policy for Export:
            outcomes:
                denied
                approved
            otherwise approved
        rule a for policy:
            when licensing == license_required and chips applies and chips[NS1] decides
            then denied
        record Deal:
            export: Export
        define b for Deal:
            export.licensing == prohibited
    """)
    assert checked.found == []
    when = checked.program.rules["m.a"].when
    match when:
        case Line(
            condition=And(operands=(Equal(left=OutcomeOf(decision=d)), RuleHolds() as any_of, RuleHolds() as one))
        ):
            assert d == "facts.licensing"
            assert (any_of.decision, any_of.rule, any_of.key, any_of.verb) == (
                "facts.licensing",
                "m.chips",
                None,
                "applies",
            )
            assert isinstance(one.key, Const) and one.key.value == "NS1" and one.verb == "decides"
        case _:
            raise AssertionError(when)
    body = checked.define("b")
    assert isinstance(body, Equal) and isinstance(body.left, OutcomeOf) and isinstance(body.left.record, Field)


def test_families_and_their_targets() -> None:
    checked = Checked("""
        rule chips for licensing:
            for each r in item.columns
            when chart[destination, r]
            then license_required
        rule allies for licensing:
            for each r in {NS1, NS2}
            exception to chips[r]
            subject to every other rule except chips[MT1]
            disapplies every rule in m except chips
            when destination in NATO
            then no_license_required
        rule broad for licensing:
            notwithstanding chips, allies[NS1]
            then prohibited
    """)
    assert checked.found == []
    rules = checked.program.rules
    chips, allies = rules["m.chips"], rules["m.allies"]
    assert chips.for_each is not None and isinstance(chips.for_each[2], EnumType)
    (exception, subject, disapplies) = allies.precedence
    (target,) = exception.targets
    assert target.rule == "m.chips" and isinstance(target.key, Local)  # type: ignore[union-attr]
    assert subject.targets[0].module is None and len(subject.targets[0].excepted) == 1  # type: ignore[union-attr]
    assert disapplies.targets[0].module == "m"  # type: ignore[union-attr]
    assert [t.key is None for t in rules["m.broad"].precedence[0].targets] == [True, False]  # type: ignore[union-attr]


def test_what_is_broken_is_unknown() -> None:
    checked = Checked("""
        define a for Export:
            vlaue > 5 USD
        rule r for licensing:
            when a and nothing
            then prohibited
    """)
    assert [d.code for d in checked.found] == ["E013", "E013"]
    body = checked.program.defines["m.a"].body
    assert body == FALSE or isinstance(body, Unknown)
    assert body.type is not BOOL or isinstance(body, Unknown)
    assert "m.r" in checked.program.rules


def test_proofs() -> None:
    checked = Checked("""
        prove a for licensing:
            given destination in NATO
            then outcome in {license_required, prohibited} or value > 5 USD
    """)
    assert checked.found == []
    then = checked.program.proves["m.a"].then
    assert isinstance(then, Or) and isinstance(then.operands[0], MemberOf)
    assert then.operands[0].value == Local("outcome", checked.program.decisions["facts.licensing"].outcomes)


def test_always_lines() -> None:
    checked = Checked("""
        record R:
            a: Int
            always a >= 0
            always any:
                a < 10
                a > 20
    """)
    assert checked.found == []
    first, second = checked.program.records["m.R"].always
    assert first.text == "a >= 0" and isinstance(first.condition, Compare)
    assert isinstance(second.condition, Or)
