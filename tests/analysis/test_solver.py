"""Products and quotients of facts: settled by trying where there is little to try, by z3 if it is there, else L200."""

from __future__ import annotations

import sys

import pytest

from comity.analysis import analyse

from .written import compiled

HEAD = """\
record Crate:
    w: Int
    d: Int
    h: Int
    price: Money in USD
    share: Percent
    always price >= 0 USD

decision handling for Crate:
    outcomes:
        crane
        hand
    otherwise hand

"""


def codes(rules: str, head: str = HEAD) -> list[str]:
    program, errors = compiled(head + rules, {})
    assert program is not None, errors[0].message
    return sorted({each.code for each in analyse(program)})


def rule(name: str, when: str, then: str) -> str:
    return f"rule {name} for handling:\n    when {when}\n    then {then}\n\n"


SQUARE = rule("r", "w * w < 0", "crane")
NEVER = rule("r", "price * share > 1_000 USD and share < 0%", "crane")
PROVED = (
    rule("r", "w * d > 100", "crane")
    + "prove big for handling:\n    given w > 20 and d > 10\n    then outcome == crane\n"
)
REFUTED = PROVED.replace("and d > 10", "and d > 2")
CUBES = rule("r", "h > 3", "crane") + (
    "prove cubes for handling:\n    given w > 0 and d > 0 and w * w * w + d * d * d == h * h * h\n"
    "    then outcome == hand\n"
)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (SQUARE, ["L202", "L209"]),
        (NEVER, ["L202", "L209"]),
        (PROVED, []),
        (REFUTED, ["L210"]),
        (CUBES, ["L200"]),
    ],
)
def test_with_the_solver(rules: str, expected: list[str]) -> None:
    pytest.importorskip("z3")
    assert codes(rules) == expected


@pytest.mark.parametrize("rules", [SQUARE, NEVER, PROVED])
def test_without_the_solver_it_is_open(rules: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "z3", None)
    assert codes(rules) == ["L200"]


def test_what_can_be_tried_needs_no_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "z3", None)
    small = HEAD.replace("    always price", "    always w in 0..9 and d in 0..9\n    always price")
    few = REFUTED.replace("> 100", "> 50").replace("w > 20 and d > 2", "w > 5 and d > 5")
    assert codes(few, small) == ["L210"]
    assert codes(few.replace("w > 5", "w > 8"), small) == []
    assert codes(rule("r", "w * d == 17", "crane"), small) == ["L202", "L209"]
    assert codes(rule("r", "w / d == 3", "crane"), small) == []


def test_roundings_in_sums_need_no_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "z3", None)
    assert codes(rule("r", "round_up(w / 2) + round_up(d / 2) == 3 and w + d > 6", "crane")) == ["L202", "L209"]
    assert codes(rule("r", "round_up(w / 2) + round_up(d / 2) == 3 and w + d == 6", "crane")) == []
