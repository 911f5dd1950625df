"""Rules without an order of outcomes: the first contradictions are told one by one, the rest are counted."""

from __future__ import annotations

from itertools import combinations

import pytest

from comity.analysis import analyse, limits
from comity.base.diagnostics import Diagnostic
from comity.core.interpret import Interpreter
from comity.tools.testing import run_tests

from .written import compiled


def policy(rules: int, outcomes: int, grounds: str = "") -> str:
    """Rules on three unknown facts each, which say different things."""
    named = [f"o{number}" for number in range(outcomes)]
    return "".join(
        (
            "record Case:\n",
            *(f"    f{number}: Bool?\n" for number in range(3 * rules)),
            "decision verdict for Case:\n    outcomes:\n",
            *(f"        {name}\n" for name in (*named, "free")),
            grounds,
            "    otherwise free\n",
            *(
                f"rule r{number} for verdict:\n    when f{3 * number} or f{3 * number + 1} or f{3 * number + 2}\n"
                f"    then {named[number % outcomes]}\n"
                for number in range(rules)
            ),
        )
    )


def found(text: str) -> list[Diagnostic]:
    program, errors = compiled(text, {})
    assert program is not None, [each.message for each in errors]
    return analyse(program)


@pytest.mark.parametrize("outcomes", [3, 40])
def test_the_first_contradictions_are_told_and_the_rest_are_counted(outcomes: int) -> None:
    """Any two rules that say different things contradict each other where both apply and no other does."""
    pairs = sum(one % outcomes != two % outcomes for one, two in combinations(range(40), 2))
    said = found(policy(40, outcomes))
    assert {each.code for each in said} == {"L201"}
    told = [each for each in said if len(each.subjects) == 2]
    (more,) = (each for each in said if len(each.subjects) == 1)
    assert len(told) == limits.current.shown_contradictions
    untold = pairs - limits.current.shown_contradictions
    assert more.message == f"{untold} more pairs of rules of `verdict` decide the same case differently"


def test_contradictions_beside_unknown_facts_are_shown_by_their_tests() -> None:
    """Of forty outcomes each pair is a contradiction although it is unknown whether any of the others remains."""
    text = policy(40, 40)
    told = [each for each in found(text) if each.test is not None][::20]
    program, errors = compiled(text + "".join(each.test or "" for each in told), {})
    assert program is not None, [each.message for each in errors]
    results = run_tests(Interpreter(program)).results
    assert [each.status for each in results] == ["passed"] * len(told)


def test_what_is_proposed_settles_as_many_as_it_says() -> None:
    text = policy(40, 3)
    (more,) = (each for each in found(text) if len(each.subjects) == 1)
    assert more.help == (
        "say which outcomes prevail, for example `prevail o0 over o1` (182 of 533), `prevail o0 over o2` (182 of 533), "
        "`prevail o1 over o2` (169 of 533)"
    )
    ordered = "    prevail o0 over o1\n    prevail o0 over o2\n"
    assert sum(each.code == "L201" for each in found(policy(40, 3, ordered))) == 533 - 2 * 182
    assert not found(policy(40, 3, ordered + "    prevail o1 over o2\n"))


def test_one_more_is_told_in_the_singular() -> None:
    with limits.changed(shown_contradictions=2):
        told = [each.message for each in found(policy(3, 3)) if each.code == "L201"]
    assert sorted(told)[0] == "1 more pair of rules of `verdict` decides the same case differently"
    assert len(told) == 3


def test_pairs_that_are_neither_told_nor_counted() -> None:
    with limits.changed(shown_contradictions=1, counted_pairs=2):
        told = [each.message for each in found(policy(4, 4)) if len(each.subjects) == 1]
    assert told == ["2 more pairs of rules of `verdict` decide the same case differently; of 3 more it is not known"]
