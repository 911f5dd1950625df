"""Ordinary shapes of law that are long: exceptions to exceptions, decisions that read others. Nothing is left open.

How long they take is measured by `benchmarks/`; here they are settled within the limits, and what is found is right.
"""

from __future__ import annotations

from comity.analysis import analyse
from comity.base.diagnostics import Diagnostic

from .written import compiled

GOODS = ("chips", "lasers", "drones", "engines")
VERDICT = """decision verdict for Case:
    outcomes:
        denied
        license
        free
    otherwise free
"""


def head(facts: int) -> str:
    goods = "".join(f"    {each}\n" for each in GOODS)
    unknown = "".join(f"    q{number}: Bool?\n" for number in range(facts))
    return f"enum Good:\n{goods}\nrecord Case:\n    goods: set of Good\n{unknown}\n"


def rule(name: str, decision: str, relation: str, condition: str, outcome: str) -> str:
    clause = f"    {relation}\n" if relation else ""
    return f"rule {name} for {decision}:\n{clause}    when {condition}\n    then {outcome}\n\n"


def found(text: str) -> list[Diagnostic]:
    program, errors = compiled(text, {})
    assert program is not None, [each.message for each in errors]
    return analyse(program)


def test_thirty_exceptions_to_exceptions() -> None:
    text = head(30) + VERDICT + rule("base", "verdict", "", "chips in goods", "denied")
    for number in range(30):
        before = f"e{number - 1}" if number else "base"
        outcome = ("free", "denied")[number % 2]
        condition = f"q{number} and {GOODS[number % 4]} in goods"
        text += rule(f"e{number}", "verdict", f"exception to {before}", condition, outcome)
    assert {(each.code, each.subjects) for each in found(text)} == {("L209", ("verdict", "license"))}


def test_decisions_that_read_two_others() -> None:
    text = head(16) + VERDICT.replace("verdict", "scope") + VERDICT.replace("verdict", "review") + VERDICT
    for number in range(14):
        relation = ("", f"exception to s{number - 1}", f"notwithstanding s{number - 1}")[number % 3]
        condition = f"q{number} and {GOODS[number % 4]} in goods"
        text += rule(f"s{number}", "scope", relation, condition, ("license", "free")[number % 2])
    for number in range(12):
        relation = f"exception to v{number - 1}" if number % 3 == 1 else ""
        condition = f"scope == {('license', 'free')[number % 2]} and q{number}"
        text += rule(f"v{number}", "review", relation, condition, ("denied", "free")[number % 3 > 0])
    for number in range(12):
        conditions = (
            "scope == free and review == denied",
            f"review == free and q{number}",
            f"s{number} applies and q{number + 3}",
            f"v{number} decides",
        )
        relation = f"notwithstanding r{number - 1}" if number % 2 else ""
        text += rule(f"r{number}", "verdict", relation, conditions[number % 4], VERDICT.split()[5 + number % 3])
    assert not [each.message for each in found(text) if each.code == "L200"]
