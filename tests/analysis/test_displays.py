"""Counts and sums over sets that are written out or put together, and elements that are compared with each other."""

from __future__ import annotations

from textwrap import indent

import pytest

from comity.analysis import analyse
from comity.tools.testing import run_tests
from tests.core.text import interpreter

DEAL = """
    enum Land:
        LANDS

    enum Colour:
        red
        green
        blue

    record Owner:
        name: Text
        listed: Bool

    record Deal:
        owners: list of Owner
        others: list of Owner
        tags: set of Text
        more: set of Text
        places: set of Colour
        spots: set of Colour
        n: Int
        m: Int
        k: Int
        s: Text
        t: Text
        r: Text
        q: Text
        e: Land
        f: Land
        g: Land
        h: Land
        c: Colour
        d: Colour
        u: Int?
        code: Eccn
        codes: set of Eccn
        plants: set of Eccn
        entries: set of Eccn

    decision deal for Deal:
        outcomes:
            blocked
            free
        otherwise free

    rule one for deal:
        when FIRST
        then blocked

    rule two for deal:
        when SECOND
        then free
"""


def text_of(first: str, second: str) -> str:
    lands = "\n        ".join(f"V{number}" for number in range(40))
    return DEAL.replace("LANDS", lands).replace("FIRST", first).replace("SECOND", second)


def codes(first: str, second: str) -> list[tuple[str, str]]:
    """The contradictions, the rules that never apply, and what is left open; witnesses are tests that pass."""
    text = text_of(first, second)
    found = [each for each in analyse(interpreter(text).program) if each.code in ("L200", "L201", "L202")]
    tests = "\n\n".join(indent(each.test, "    ") for each in found if each.test)
    assert {each.status for each in run_tests(interpreter(f"{text}\n{tests}\n")).results} <= {"passed"}
    return sorted({(each.code, each.subjects[0]) for each in found})


@pytest.mark.parametrize(
    ("first", "second"),
    [
        # Equal facts are one element of a set, and two of a list.
        ("count(x in {n, m, k}) == 1", "n == 3"),
        ("count(x in {n, m, k}) == 2", "n == m"),
        ("count(x in [n, m, k] where x > 1) == 3", "n == m and m == k"),
        ("sum(x for x in {n, m}) == 3", "n == m"),
        ("count(x in {s, t}) == 1", "s == t"),
        ("count(x in {c, d}) == 2", "c == red"),
        ("count(x in {n, m} | {k, 7} where x > 5) == 4", "n > m and m > k"),
        ("count(x in {c} | places) == 3", "c == blue and not (c in places)"),
        ("count(x in places | spots) == 2", "count(x in places) == 1 and count(x in spots) == 2"),
        # Parts of one set, put together.
        ('count(x in {y in tags where y != "a"} | {z in tags where z != "b"}) == 2', "count(x in tags) == 2"),
    ],
)
def test_what_contradicts(first: str, second: str) -> None:
    assert codes(first, second) == [("L201", "two")]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("count(x in {n, m, k}) == 0", "n == 3"),
        ("count(x in {n, m, k}) > 3", "n == 3"),
        ("all:\n            n == m\n            count(x in {n, m}) == 2", "n == 3"),
        ("all:\n            s == t\n            count(x in {s, t}) == 2", "n == 3"),
        ("count(x in {c, d, red, green}) > 3 and c == d and c != blue", "n == 3"),
    ],
)
def test_what_never_applies(first: str, second: str) -> None:
    assert codes(first, second) == [("L202", "one")]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        # Equality is transitive, however far it goes.
        ("s == t and t == r", "s != r", []),
        ("s == t and t == r and r == q", "q != s", []),
        ("s == t and t == r", "q != s and q != t", [("L201", "two")]),
        ("s != t and t != r and r != s", "q != s and q != t and q != r", [("L201", "two")]),
        ('s == t and t == r and s == "a"', 'r == "b"', []),
        ('s == t and t == r and s in {"a", "b"}', 'r in {"b", "c"}', [("L201", "two")]),
        ('s != t and s == "a"', 't == "a"', []),
        ("e == f and f == g", "e != g", []),
        ("e == f and f == g", "e == h and g != V1 and h != V2", [("L201", "two")]),
    ],
)
def test_equality_is_transitive(first: str, second: str, expected: list[tuple[str, str]]) -> None:
    assert codes(first, second) == expected


@pytest.mark.parametrize(
    ("first", "second"),
    [
        # Related values show it: an element that is in both, a code above another.
        ("not code within entries and any x in entries: x within code", "n == 3"),
        ("code within entries and not (any x in entries: x == code)", "n == 3"),
        ("any x in codes: x within entries", "n == 3"),
        ("any x in tags: x in more", "count(x in tags) == 2"),
        ("tags & more != {}", 's in tags and s == "a"'),
        ("(any x in codes: x within entries) and (any x in plants: x within entries)", "n == 3"),
        ("(any x in codes: x within entries) and not (any x in plants: x within entries)", "n == 3"),
        ("(any x in codes: x within entries) and not (any x in codes: x == 3A001.a)", "n == 3"),
    ],
)
def test_what_related_values_show(first: str, second: str) -> None:
    assert codes(first, second) == [("L201", "two")]


def test_lines_of_a_definition_that_compare_elements_are_not_open() -> None:
    text = """
        record Item:
            codes: set of Eccn
            plants: set of Eccn

        define product_of(item: Item, inputs: set of Eccn):
            any:
                any t in item.codes: t within inputs
                any t in item.plants: t within inputs
                any t in item.plants: t in {3E001} and t == 3E002

        record Export:
            items: list of Item

        decision made for Export:
            outcomes:
                ours
                theirs
            otherwise theirs

        rule ours for made:
            when any i in items: product_of(i, {3E001})
            then ours
    """
    found = [(each.code, each.message) for each in analyse(interpreter(text).program)]
    assert [code for code, _ in found] == ["L208"]


@pytest.mark.parametrize(
    "line",
    [
        # Of elements compared with other elements there is no theory. Each of these holds of some input.
        "any o in owners: any x in others: o.name == x.name and o.listed",
        "any o in owners: any x in owners: o.name == x.name and o.listed != x.listed",
        "count(o in owners where any x in others: x.name == o.name) == 1 and count(o in owners) == 2",
        "any o in owners: count(x in others where x.name == o.name) == 2",
        "count(x in tags & more) == 1 and count(x in tags) == 2",
        "all x in tags: x in more",
        "count(x in tags | more) == 2 and count(x in tags | {s}) == 1",
        "count(x in {n, u}) == 2 and count(x in {m, u}) == 1",
        "owners == others and count(o in owners) == 1",
    ],
)
def test_what_there_is_no_theory_of_is_left_open(line: str) -> None:
    found = codes(line, "n == 3")
    assert {code for code, _ in found} <= {"L200", "L201"}
    assert ("L200", "one") in found or ("L201", "two") in found
    messages = [each.message for each in analyse(interpreter(text_of(line, "n == 3")).program)]
    assert not any("the analysis failed" in message for message in messages)


def test_counts_of_which_nothing_is_known_may_differ() -> None:
    """They were one number, so that no input met both lines."""
    found = codes("count(x in tags | more) == 1 and count(x in tags | {s}) == 2", "n == 3")
    assert ("L202", "one") not in found and ("L200", "one") in found
