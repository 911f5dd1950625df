"""R301 against every act there is: no asymmetry is missed, none is imagined, and the witness shows what it says.

CI takes a sample; `COMITY_EXAMPLES=5000 pytest tests/reciprocity/test_mirrors_by_force.py` asks for a larger one.
"""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from comity.base.diagnostics import Diagnostic
from comity.core.interpret import Interpreter
from comity.runtime.facts import decode
from tests.reciprocity.small import PLACES_OF, RECORD, Condition, Facts, Truth, all_of, conditions, every_act, not_
from tests.reciprocity.support import findings, load
from tests.strategies import examples

HEAD = """
use std.countries: *

party A = {US}
party B = {RU}
"""

SWAPS: dict[str, dict[str, str]] = {"": {}, "swapping UA with EXCLAVE": {"UA": "EXCLAVE", "EXCLAVE": "UA"}}

PAIR = """
agreement x between A, B:
    commitment one by A:
        shall not do Act when {one}
        {unless_one}

    commitment two by B:
        shall not do Act when {two}
        {unless_two}

    mirror one with two:
        {how}
"""

EACH = """
agreement x between A, B:
    commitment one by each party:
        shall not do Act when {one}
        {unless_one}
"""


def region(when: Condition, unless: Condition | None, facts: Facts, me: str, other: str) -> Truth:
    truth = when.holds(facts, me, other)
    return truth if unless is None else all_of([truth, not_(unless.holds(facts, me, other))])


def asymmetric(
    one: tuple[Condition, Condition | None], two: tuple[Condition, Condition | None], names: Mapping[str, str]
) -> bool:
    """Whether some act is treated differently: A's clause read by B and B's own, or B's read by A and A's own."""
    return read_by("B", "A", one, two, names) or read_by("A", "B", two, one, names)


def read_by(
    me: str,
    other: str,
    theirs: tuple[Condition, Condition | None],
    mine: tuple[Condition, Condition | None],
    names: Mapping[str, str],
) -> bool:
    names = {**names, "A": "B", "B": "A"}
    when, unless_ = theirs[0].swapped(names), None if theirs[1] is None else theirs[1].swapped(names)
    return any(region(when, unless_, act, me, other) != region(*mine, act, me, other) for act in every_act())


def unless(condition: Condition | None) -> str:
    return "" if condition is None else f"unless {condition.text()}"


def r301(program: Interpreter) -> list[Diagnostic]:
    found = findings(program)
    assert not [d for d in found if d.code == "L200"]
    return [d for d in found if d.code == "R301"]


exceptions = st.one_of(st.none(), conditions)
SETTINGS = examples(30)


@SETTINGS
@given(conditions, exceptions, conditions, exceptions, st.sampled_from(list(SWAPS)))
def test_mirrors(
    one: Condition, but_one: Condition | None, two: Condition, but_two: Condition | None, how: str
) -> None:
    text = PAIR.format(one=one.text(), unless_one=unless(but_one), two=two.text(), unless_two=unless(but_two), how=how)
    text = text.replace("two:\n        \n", "two\n")
    found = r301(load(RECORD + text, HEAD))
    assert bool(found) == asymmetric((one, but_one), (two, but_two), SWAPS[how]), text
    for finding in found:
        shows(finding, {"A": (one, but_one), "B": (two, but_two)}, SWAPS[how])


@SETTINGS
@given(conditions, exceptions)
def test_a_text_mirrors_its_own_swap(one: Condition, but: Condition | None) -> None:
    """Swapping is an involution: a clause and the same with the sides exchanged are never asymmetric."""
    names = {"A": "B", "B": "A", "UA": "EXCLAVE", "EXCLAVE": "UA"}
    two, but_two = one.swapped(names), None if but is None else but.swapped(names)
    text = PAIR.format(
        one=one.text(),
        unless_one=unless(but),
        two=two.text(),
        unless_two=unless(but_two),
        how="swapping UA with EXCLAVE",
    )
    assert r301(load(RECORD + text, HEAD)) == []


@SETTINGS
@given(conditions, exceptions)
def test_each_party(one: Condition, but: Condition | None) -> None:
    """A text for both sides is uneven where it names a place or party of one side only."""
    found = r301(load(RECORD + EACH.format(one=one.text(), unless_one=unless(but)), HEAD))
    assert bool(found) == asymmetric((one, but), (one, but), counterparts(one, but))


def counterparts(one: Condition, but: Condition | None) -> dict[str, str]:
    """What the other side would have in place of each place of one side, where only one side's places are named."""
    named = list(dict.fromkeys([*one.places(), *(() if but is None else but.places())]))
    of_a, of_b = ([place for place in named if place in PLACES_OF[party]] for party in "AB")
    if bool(of_a) == bool(of_b):
        return {}
    pairs = dict(zip(of_a or of_b, PLACES_OF["B" if of_a else "A"], strict=False))
    return {**pairs, **{there: here for here, there in pairs.items()}}


def shows(
    finding: Diagnostic, regions: Mapping[str, tuple[Condition, Condition | None]], names: Mapping[str, str]
) -> None:
    """The act of the witness: one side may do it and the other, each clause read by its party, may not."""
    witness = finding.witness
    assert witness is not None
    party, other = str(witness["party"]), str(witness["other"])
    record = next(iter(load(RECORD, HEAD).program.records.values())).type
    act = decode(record, witness["act"])
    names = {**names, "A": "B", "B": "A"}
    when, unless_ = regions[other]
    theirs = region(when.swapped(names), None if unless_ is None else unless_.swapped(names), act, party, other)
    own = region(*regions[party], act, party, other)
    degree = {False: 0, None: 1, True: 2}
    assert degree[theirs] != degree[own]
    if finding.gains is not None:
        assert finding.gains == (party if degree[theirs] > degree[own] else other)
