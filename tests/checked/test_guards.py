"""What may be absent is used only where it is known to be present (E109)."""

from __future__ import annotations

import pytest

from comity.runtime.types import MoneyType
from comity.terms import And, Compare, Field, Line

from .support import Checked, expect, message


@pytest.mark.parametrize(
    "condition",
    [
        'purpose is present and purpose == "a"',
        'purpose is absent or purpose == "a"',
        'purpose is present implies purpose == "a"',
        'not (purpose is absent) and purpose == "a"',
        'not (purpose is absent or value < 5 USD) and purpose == "a"',
        'item.limit is present and value <= item.limit and purpose is present and purpose == "a"',
        "item.limit is present and (value > 5 USD or value <= item.limit)",
        "item.limit is present and any p in parties: value <= item.limit and p.listed",
        '(purpose is present and value > 1 USD or purpose is present and value > 2 USD) and purpose == "a"',
        "purpose is absent",
        "purpose is known",
        "item.limit is unknown",
        'count(p in parties where p.listed and purpose is present and purpose == "a") > 0',
        "sum(i.limit for i in [item] where i.limit is present) > 5 USD",
    ],
)
def test_guarded(condition: str) -> None:
    assert Checked(f"define x for Export:\n    {condition}").found == []


@pytest.mark.parametrize(
    "condition",
    [
        'purpose == "a"',
        'purpose == "a" and purpose is present',
        'purpose is present or purpose == "a"',
        'purpose is absent and purpose == "a"',
        'purpose is absent implies purpose == "a"',
        'not (purpose is present) and purpose == "a"',
        "value <= item.limit",
        'item.limit is present and purpose == "a"',
        "(any i in [item]: i.limit is present) and (any i in [item]: i.limit > 5 USD)",
        'purpose in {"a", "b"}',
        "item.limit in 1 USD .. 5 USD",
        "item.limit + 5 USD > value",
        "sum(i.limit for i in [item]) > 5 USD",
        "purpose == absent",
    ],
)
def test_unguarded(condition: str) -> None:
    checked = Checked(f"define x for Export:\n    {condition}")
    assert [d.code for d in checked.found] == ["E109"]


def test_lines_of_a_block() -> None:
    expect("""
        define a for Export:
            all:
                purpose is present
                purpose == "a"
                any:
                    item.limit is absent
                    value <= item.limit
                value <= item.limit  # E109
        define b for Export:
            none:
                purpose is absent
                purpose == "a"
        define c for Export:
            any:
                purpose is present
                purpose == "a"  # E109
        define d for Export:
            any p in parties:
                purpose is present
                p.listed
                purpose == "a"
        define e for Export:
            all:
                purpose is present from 2022-01-01
                purpose == "a"
    """)


def test_when_guards_unless() -> None:
    expect("""
        rule a for licensing:
            when purpose is present
            unless purpose == "a"
            then prohibited
        rule b for licensing:
            unless purpose == "a"  # E109
            then prohibited
    """)


def test_cases_guard_their_values() -> None:
    expect("""
        define a for Export -> Text:
            "none" when purpose is absent
            purpose otherwise
        define b for Export -> Money in USD:
            item.limit when item.limit is present and value > 5 USD
            0 USD otherwise
        define c for Export -> Text:
            first match
            "none" when purpose is absent
            "some" when purpose == "a"
            purpose otherwise
        define d for Export -> Text:
            "none" when purpose is absent
            "some" when purpose == "a"  # E109
            "else" otherwise
        define e for Export -> Text:
            purpose when value > 5 USD  # E109
            "else" otherwise
    """)


def test_absent_where_it_may_be() -> None:
    expect("""
        record R:
            a: Text or absent
            b: Text or absent = absent
        define may_be(x: Text or absent) -> Text or absent:
            x
        define a for Export -> Text or absent:
            may_be(purpose)
        define b for Export:
            R(a = purpose) == R(a = absent)
        define c for Export -> Text:
            purpose  # E109
    """)


def test_the_term_is_of_the_plain_type() -> None:
    body = Checked("""
        define a for Export:
            all:
                item.limit is present
                value <= item.limit
    """).define("a")
    match body:
        case And(operands=(_, Line(condition=Compare(right=Field(name="limit", type=type))))):
            assert type == MoneyType("USD")
        case _:
            raise AssertionError(body)


def test_the_message_says_what_to_do() -> None:
    assert message("define x for Export:\n    value <= item.limit") == (
        "E109 `item.limit` may be absent here",
        "item.limit",
        "put it behind `item.limit is present` or in a case of its own",
    )
