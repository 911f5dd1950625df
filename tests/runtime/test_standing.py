"""What a decision says, rule by rule, of what others ask is what it says as a whole; and nothing else is evaluated."""

from __future__ import annotations

from datetime import date

from hypothesis import given, note
from hypothesis import strategies as st

from comity.runtime.late import OPEN, Verdict
from comity.runtime.moot import Moot
from comity.runtime.resolve import Rule, Ruleset, resolve_masks
from comity.runtime.rules import Mask, bits, mask_of
from comity.runtime.standing import Standing, looking_up
from tests.runtime.test_moot import ruleset
from tests.runtime.test_resolve import inputs
from tests.strategies import examples


def standing(rules: Ruleset, own: list[bool | None], coded: Mask) -> tuple[Standing, list[int]]:
    """Of rules of which all but the ``coded`` are known from tables; and the rules that it evaluates."""
    evaluated: list[int] = []

    def condition(number: int) -> bool | None:
        evaluated.append(number)
        return own[number]

    conditions = {number: lambda this, day, number=number: condition(number) for number in bits(coded)}
    known = mask_of(number for number in range(len(own)) if not coded >> number & 1)
    possible = coded | known & mask_of(number for number, value in enumerate(own) if value is not False)
    doubtful = known & mask_of(number for number, value in enumerate(own) if value is None)
    looked_up = looking_up(possible, doubtful, coded, conditions, None, None) if coded else (possible, doubtful)
    return Standing(rules, looked_up, 0, 0), evaluated


@examples(200)
@given(inputs(), st.integers(0), st.lists(st.integers(1), max_size=4))
def test_rules_apply_as_in_the_whole(
    case: tuple[Ruleset, list[bool | None], date, dict[int, str]], chosen_to_code: int, questions: list[int]
) -> None:
    rules, own, _, chosen = case
    every = (1 << len(own)) - 1
    coded = chosen_to_code & every
    asked, evaluated = standing(rules, own, coded)
    true = mask_of(number for number, value in enumerate(own) if value)
    unknown = mask_of(number for number, value in enumerate(own) if value is None)
    whole = resolve_masks(rules, true, unknown, None, chosen)
    note(f"{rules.rules=} {rules.grounds=} {own=} {evaluated=}")
    for mask in (*(question & every for question in questions), *(1 << rule for rule in bits(every))):
        expected = True if whole.certain & mask else None if whole.perhaps & mask else False
        assert asked.applies(mask) is asked.applies(mask) is expected
    found = asked.ask(Moot(rules, rules.claims(None)))
    assert len(evaluated) == len(set(evaluated)), "no condition is evaluated twice"
    if isinstance(found, Verdict):
        assert found.outcome == whole.outcome
        assert found is OPEN or found.error == whole.error
        return
    assert not found[0] & ~true and not found[1] & ~(true | unknown)
    part = resolve_masks(rules, *found, None, chosen)
    assert (part.outcome, part.possible, part.error) == (whole.outcome, whole.possible, whole.error)


def test_only_what_a_rule_depends_on_is_evaluated() -> None:
    cuba, food, medicine, other = (Rule(name, outcome="license") for name in ("cuba", "food", "medicine", "other"))
    food = Rule("food", outcome="free", exception_to=(0,), prevails_over=(0,))
    medicine = Rule("medicine", disapplies=(3,))
    rules = ruleset(cuba, food, medicine, other)
    asked, evaluated = standing(rules, [True, True, False, True], 0b1111)
    assert asked.applies(0b0001) is True
    assert evaluated == [0]
    assert asked.applies(0b0010) is True, "an exception to a rule that applies"
    assert evaluated == [0, 1]
    assert asked.applies(0b1000) is True, "a rule that nothing disapplies"
    assert evaluated == [0, 1, 3, 2]
    assert asked.applies(0b1010) is True
    assert evaluated == [0, 1, 3, 2]


def test_counsel_decides_what_is_referred() -> None:
    """A rule that refers to counsel is unknown without a finding, and does not hold where counsel says so."""
    rules = ruleset(Rule("a", outcome="license", refers=True), Rule("b", outcome="license", refers=True))
    conditions = {number: lambda this, day: True for number in range(2)}
    asked = Standing(rules, looking_up(0b11, 0, 0b11, conditions, None, None), 0b01, 0b10)
    assert asked.applies(0b01) is False
    assert asked.applies(0b10) is None
    assert asked.applies(0b11) is None
