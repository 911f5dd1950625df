"""Passing moot rules over gives what evaluating all of them gives."""

from __future__ import annotations

from datetime import date

from hypothesis import given, note
from hypothesis import strategies as st

from comity.runtime.late import OPEN, Verdict, verdict_of
from comity.runtime.moot import Moot
from comity.runtime.resolve import Ground, Resolution, Rule, Ruleset, resolve_masks
from comity.runtime.rules import Mask, bits, mask_of
from tests.runtime.test_resolve import OUTCOMES, inputs
from tests.strategies import examples


def ruleset(*rules: Rule) -> Ruleset:
    return Ruleset(OUTCOMES, "free", rules, [Ground("restriction")])


def asked(moot: Moot, own: list[bool | None], coded: Mask) -> tuple[tuple[Mask, Mask] | Verdict, set[int]]:
    """What `Moot.ask` gives where all but the ``coded`` rules are known from tables, and the rules it evaluated."""
    evaluated: set[int] = set()

    def condition(number: int) -> bool | None:
        evaluated.add(number)
        return own[number]

    conditions = {number: lambda this, day, number=number: condition(number) for number in bits(coded)}
    known = mask_of(number for number in range(len(own)) if not coded >> number & 1)
    possible = coded | known & mask_of(number for number, value in enumerate(own) if value is not False)
    doubtful = known & mask_of(number for number, value in enumerate(own) if value is None)
    return Moot(moot.ruleset, moot.claims).ask(0, 0, possible, doubtful, coded, conditions, None, None), evaluated


def verdict(said: Resolution) -> tuple[object, ...]:
    return said.outcome, said.possible, said.error


@examples(200)
@given(inputs(), st.integers(0), st.booleans())
def test_moot_rules_make_no_difference(
    case: tuple[Ruleset, list[bool | None], date, dict[int, str]], chosen_to_code: int, dated: bool
) -> None:
    rules, own, day, chosen = case
    on = day if dated else None
    coded = chosen_to_code & (1 << len(own)) - 1
    moot = Moot(rules, rules.claims(on))
    found, evaluated = asked(moot, own, coded)
    note(f"{rules.rules=} {rules.grounds=} {own=} {evaluated=}")
    full_true = mask_of(number for number, value in enumerate(own) if value)
    full_unknown = mask_of(number for number, value in enumerate(own) if value is None)
    whole = resolve_masks(rules, full_true, full_unknown, on, chosen)
    if isinstance(found, Verdict):
        expected = verdict(whole)
        assert found.outcome == whole.outcome
        assert found is OPEN or tuple(found) == (whole.outcome, whole.possible, whole.error) == expected
        assert whole.error is None
        return
    true, unknown = found
    assert not true & unknown
    assert not true & ~full_true
    assert not unknown & ~full_unknown
    for statuses in (True, False):
        got = resolve_masks(rules, true, unknown, on, chosen, needs=False, statuses=statuses)
        assert verdict(got) == verdict(whole)


def test_each_stage_asks_some_rule_once() -> None:
    rules = ruleset(
        Rule("chart", outcome="license"),
        Rule("small", outcome="exception", exception_to=(0,), prevails_over=(0,)),
        Rule("not_small", disapplies=(1,)),
        Rule("denied", outcome="prohibited"),
    )
    stages = Moot(rules, rules.claims(None)).stages
    assert sorted(number for stage in stages for number in bits(stage)) == [0, 1, 2, 3]
    assert [list(bits(stage)) for stage in stages][-2:] == [[1], [2]]


def test_rules_are_passed_over() -> None:
    rules = ruleset(
        Rule("embargo", outcome="license"),
        Rule("chart", outcome="license"),
        Rule("small", outcome="exception", exception_to=(1,), prevails_over=(1,)),
        Rule("not_small", disapplies=(2,)),
        Rule("denied", outcome="prohibited"),
        Rule("another", outcome="license"),
    )
    moot = Moot(rules, rules.claims(None))
    everything = 0b111111
    assert list(bits(moot.after(0))) == [1, 2, 3, 5]
    assert list(bits(moot.after(4))) == [0, 1, 2, 3, 5]
    licensed, prohibited, free = map(verdict_of, ("license", "prohibited", "free"))
    assert asked(moot, [True, True, True, True, False, True], everything) == (licensed, {0, 4})  # the strongest first
    assert asked(moot, [True, None, True, None, True, None], everything) == (prohibited, {4})
    # Where no chart rule applies, neither does its exception, and none need be disapplied.
    assert asked(moot, [False, False, True, True, False, False], everything) == (free, {0, 1, 4, 5})
    everyone = {0, 1, 2, 3, 4, 5}
    assert asked(moot, [False, True, True, None, False, False], everything) == ((0b110, 0b1000), everyone)


def test_an_unknown_rule_makes_nothing_moot() -> None:
    rules = ruleset(*(Rule(f"r{number}", outcome="license") for number in range(4)))
    moot = Moot(rules, rules.claims(None))
    assert asked(moot, [True, None, None, None], 0b1111) == (verdict_of("license"), {0})  # r0 comes first
    assert asked(moot, [None, None, None, True], 0b1111) == (verdict_of("license"), {0, 1, 2, 3})
    assert asked(moot, [None, None, None, None], 0b1111) == (OPEN, {0, 1, 2, 3})


def test_nothing_more_is_evaluated_once_the_answer_is_open() -> None:
    rules = ruleset(
        Rule("chart", outcome="license"),
        Rule("small", outcome="exception", exception_to=(0,), prevails_over=(0,)),
        Rule("embargo", outcome="license"),
        Rule("denied", outcome="prohibited"),
        Rule("listed", outcome="prohibited"),
    )
    moot = Moot(rules, rules.claims(None))
    assert asked(moot, [True, True, True, None, False], 0b11111) == (OPEN, {3, 4})
    assert asked(moot, [False, True, None, False, False], 0b11111) == (OPEN, {0, 2, 3, 4})
    # Prohibited in any case.
    assert asked(moot, [True, True, True, True, None], 0b11111) == (verdict_of("prohibited"), {3})
    assert asked(moot, [True, True, True, None, True], 0b11111) == (verdict_of("prohibited"), {3, 4})
    otherwise = Ruleset(OUTCOMES, "prohibited", rules.rules, rules.grounds)
    found, _ = asked(Moot(otherwise, otherwise.claims(None)), [False, False, False, None, False], 0b11111)
    assert found == (0, 1 << 3)  # what holds otherwise is what the unknown rule says


def test_what_prevails_over_the_rest_leaves_the_answer_open() -> None:
    rules = (
        Rule("chart", outcome="license"),
        Rule("embargo", outcome="license"),
        Rule("denied", outcome="prohibited"),
        Rule("outside", outcome="free", prevails_over=(0, 1, 2)),
    )
    on = Ruleset(OUTCOMES, "exception", rules, [Ground("restriction")])
    moot = Moot(on, on.claims(None))
    assert asked(moot, [True, True, True, None], 0b1111) == (OPEN, {3})
    assert asked(moot, [True, True, True, True], 0b1111) == (verdict_of("free"), {3})


def test_few_rules_that_may_outdo_one_are_evaluated_next() -> None:
    rules = ruleset(
        Rule("chart", outcome="license"),
        Rule("small", outcome="exception", exception_to=(0,), prevails_over=(0,)),
        Rule("embargo", outcome="license"),
        Rule("denied", outcome="prohibited"),
    )
    moot = Moot(rules, rules.claims(None))
    licensed = verdict_of("license")
    # Once the chart is known to apply, its one exception decides, before the embargo is looked at.
    assert asked(moot, [True, False, True, False], 0b1111) == (licensed, {0, 1, 3})
    assert asked(moot, [True, None, True, False], 0b1111) == (licensed, {0, 1, 2, 3})
    assert asked(moot, [None, False, False, False], 0b1111) == (OPEN, {0, 1, 2, 3})


def test_what_refers_to_counsel_makes_nothing_moot() -> None:
    rules = ruleset(Rule("asks", outcome="license", refers=True), *(Rule(f"r{n}", outcome="license") for n in range(3)))
    assert not Moot(rules, rules.claims(None)).makes_moot & 1


def test_what_counsel_found_is_heard_before_conditions() -> None:
    rules = ruleset(
        Rule("in_transit", outcome="license", refers=True),
        Rule("chart", outcome="license"),
        Rule("asked", outcome="prohibited", refers=True),
    )
    evaluated: list[int] = []

    def condition(number: int, holds: bool) -> bool:
        evaluated.append(number)
        return holds

    def ask(refuted: Mask, undecided: Mask) -> object:
        evaluated.clear()
        moot = Moot(rules, rules.claims(None))
        return moot.ask(refuted, undecided, 0b111, 0, 0b111, conditions, None, None)

    conditions = {number: lambda this, day, number=number: condition(number, number != 1) for number in range(3)}
    assert ask(0, 0b101) == OPEN
    assert ask(0b100, 0) == verdict_of("license")
    assert sorted(evaluated) == [0, 1]
    assert ask(0b101, 0) == verdict_of("free")
