"""Three-valued logic agrees with every way to settle what is unknown."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.runtime import kleene
from comity.runtime.kleene import KleeneSet, Truth, set_of
from comity.runtime.values import ABSENT

TRUTH = st.sampled_from((True, False, None))
MEMBERS = "abc"
SURENESS = st.fixed_dictionaries(dict.fromkeys(MEMBERS, TRUTH))


def bounded(truth: Truth, ways: list[bool]) -> bool:
    """A known answer is that of every way."""
    return truth is None or all(way is truth for way in ways)


def settled(sureness: dict[str, Truth]) -> Iterator[frozenset[str]]:
    choices = [(True, False) if sure is None else (sure,) for sure in sureness.values()]
    for choice in product(*choices):
        yield frozenset(member for member, there in zip(sureness, choice, strict=True) if there)


@given(st.lists(TRUTH, max_size=4))
def test_all_and_any_are_exact(operands: list[Truth]) -> None:
    ways = list(product(*[(True, False) if each is None else (each,) for each in operands]))
    for got, known in (
        (kleene.all_of(operands), {all(w) for w in ways}),
        (kleene.any_of(operands), {any(w) for w in ways}),
    ):
        assert got == (known.pop() if len(known) == 1 else None)


def test_what_follows_the_deciding_operand_is_not_evaluated() -> None:
    def operands(decides: bool) -> Iterator[Truth]:
        yield None
        yield decides
        raise AssertionError

    assert kleene.all_of(operands(False)) is False
    assert kleene.any_of(operands(True)) is True
    assert [kleene.not_(each) for each in (True, False, None)] == [False, True, None]


@given(SURENESS, SURENESS)
def test_operations_on_uncertain_sets(left: dict[str, Truth], right: dict[str, Truth]) -> None:
    one, other = set_of(left.items()), set_of(right.items())
    assert isinstance(one, frozenset) == (None not in left.values())
    ways = [(a, b) for a in settled(left) for b in settled(right)]
    assert bounded(kleene.subset(one, other), [a <= b for a, b in ways])
    assert bounded(kleene.equal(one, other), [a == b for a, b in ways])
    for member in MEMBERS:
        assert kleene.member(member, one) is left[member]
        for operation, of in (
            (kleene.union, frozenset.union),
            (kleene.intersection, frozenset.intersection),
            (kleene.difference, frozenset.difference),
        ):
            got = kleene.member(member, operation(one, other))
            known = {member in of(a, b) for a, b in ways}
            assert got == (known.pop() if len(known) == 1 else None)


@given(SURENESS, st.fixed_dictionaries(dict.fromkeys(MEMBERS, TRUTH)))
def test_quantifiers_and_counts(sureness: dict[str, Truth], tests: dict[str, Truth]) -> None:
    uncertain = set_of(sureness.items())
    outcomes = [
        [member in members and passes[member] for member in MEMBERS]
        for members in settled(sureness)
        for passed in settled(tests)
        for passes in [{member: member in passed for member in MEMBERS}]
    ]
    assert bounded(kleene.any_in(uncertain, lambda m: tests[str(m)]), [any(o) for o in outcomes])
    count = kleene.count(uncertain, lambda m: tests[str(m)])
    assert count is None or {count} == {sum(o) for o in outcomes}
    total = kleene.total(uncertain, lambda m: tests[str(m)], lambda m: ord(str(m)))
    assert (total is None) == (count is None)
    within = kleene.sieve(uncertain, lambda m: tests[str(m)])
    for member in MEMBERS:
        assert kleene.member(member, within) == kleene.all_of((sureness[member], tests[member]))


def test_an_unknown_element_is_there_but_which_is_unknown() -> None:
    some = set_of([("US", True), (None, True)])
    assert kleene.member("US", some) is True
    assert kleene.member("RU", some) is None
    assert kleene.count(some, lambda _: True) is None  # it may be US
    assert kleene.subset(frozenset({"US"}), some) is True
    assert kleene.member(None, frozenset({"US"})) is None
    assert kleene.member(None, frozenset()) is False


def test_unknown_collections() -> None:
    assert kleene.member("US", None) is None
    assert kleene.any_in(None, lambda _: True) is None
    assert kleene.all_in(None, lambda _: True) is None
    assert kleene.sieve(None, lambda _: True) is None
    assert kleene.union(None, frozenset()) is None
    assert kleene.count(None, lambda _: True) is None
    assert kleene.limited(False, frozenset({"US"})) == frozenset()
    assert kleene.limited(None, frozenset({"US"})) == KleeneSet((("US", None),))


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ({"a": 1, "b": None}, {"a": 2, "b": 3}, False),
        ({"a": 1, "b": None}, {"a": 1, "b": 3}, None),
        ({"a": 1}, {"a": 1}, True),
        ({"a": ABSENT}, {"a": ABSENT}, True),
        ({"a": ABSENT}, {"a": 1}, False),
        (ABSENT, ABSENT, None),
        ((1, None), (1, 2), None),
        ((1, None), (2, None), False),
        ((1,), (1, 2), False),
        (None, 1, None),
        (frozenset({1}), frozenset({1}), True),
    ],
)
def test_equality_goes_into_values(left: object, right: object, expected: Truth) -> None:
    assert kleene.equal(left, right) is expected
    assert kleene.equal(right, left) is expected


def test_sets_of_records_hold_each_once() -> None:
    people = set_of([({"name": "a"}, True), ({"name": "a"}, True), ({"name": None}, True)])
    assert isinstance(people, KleeneSet)
    assert len(people.members) == 2
    assert kleene.member({"name": "a"}, people) is True
    assert kleene.member({"name": "b"}, people) is None
