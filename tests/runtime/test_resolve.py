"""Resolution against its definition: every way to settle what is unknown, tried one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from comity.runtime import completions
from comity.runtime.answer import Answer, ContradictionError
from comity.runtime.resolve import Ground, Resolution, Rule, Ruleset, referred, resolve, resolve_masks
from comity.runtime.rules import RANKS, bits, mask_of
from comity.runtime.trials import Trial
from tests.counting import calls
from tests.strategies import examples

OUTCOMES = ("prohibited", "license", "exception", "free")
DAYS = (date(2020, 1, 1), date(2021, 1, 1), date(2022, 1, 1))


# --------------------------------------------------------------------------- the definition, word by word


def says(own: Sequence[bool], outcomes: Sequence[str | None], ruleset: Ruleset, day: date) -> set[str]:
    """The outcomes left where every own condition is known: none is a gap (or `otherwise`), several a contradiction."""
    rules = ruleset.rules
    memo: dict[int, bool] = {}

    def applies(number: int) -> bool:
        if number not in memo:
            rule = rules[number]
            memo[number] = (
                own[number]
                and (not rule.exception_to or any(applies(other) for other in rule.exception_to))
                and not any(applies(n) for n, other in enumerate(rules) if number in other.disapplies)
            )
        return memo[number]

    applicable = [n for n in range(len(rules)) if applies(n)]
    left = [n for n in applicable if not any(n in rules[other].prevails_over for other in applicable)]
    left = [n for n in left if outcomes[n] is not None]
    for ground in ruleset.grounds:
        if len({outcomes[n] for n in left}) < 2:
            break
        match ground.kind:
            case "over":
                if any(outcomes[n] == ground.winner for n in left):
                    left = [n for n in left if outcomes[n] != ground.loser]
            case "rank":
                ranks = {n: (("", *RANKS).index(rules[n].rank or "")) for n in left}
                left = [n for n in left if ranks[n] == max(ranks.values())]
            case "later":
                since = {n: max((b for b in rules[n].begins if b <= day), default=date.min) for n in left}
                left = [n for n in left if since[n] == max(since.values())]
            case "restriction":
                first = min(OUTCOMES.index(outcomes[n] or "") for n in left)
                left = [n for n in left if outcomes[n] == OUTCOMES[first]]
    return {outcomes[n] or "" for n in left}


def ways_of(
    ruleset: Ruleset, own: Sequence[bool | None], chosen: dict[int, str]
) -> Iterator[tuple[tuple[bool, ...], tuple[str | None, ...]]]:
    """Every own condition true or false where unknown; every outcome where a rule refers for any."""
    conditions = [(value,) if value is not None else (True, False) for value in own]
    outcomes: list[tuple[str | None, ...]] = [
        (rule.outcome,) if rule.outcome or not rule.refers else (chosen[n],) if n in chosen else OUTCOMES
        for n, rule in enumerate(ruleset.rules)
    ]
    return ((c, o) for c in product(*conditions) for o in product(*outcomes))


@dataclass
class Expected:
    outcome: str | None
    possible: set[str]
    error: str | None
    relevant: set[int]


def by_definition(ruleset: Ruleset, own: Sequence[bool | None], day: date, chosen: dict[int, str]) -> Expected:
    fallback = set() if ruleset.otherwise is None else {ruleset.otherwise}
    said = {}
    for conditions, outcomes in ways_of(ruleset, own, chosen):
        left = says(conditions, outcomes, ruleset, day) or fallback
        said[conditions, outcomes] = frozenset(left)
    results = set(said.values())
    possible = {outcome for left in results for outcome in left}
    outcome = error = None
    if results == {frozenset()}:
        error = "gap"
    elif all(len(left) > 1 for left in results):
        error = "contradiction"
    elif len(results) == 1:
        outcome = next(iter(possible))
    relevant = set()
    if outcome is None and error is None:
        for (conditions, outcomes), left in said.items():
            for n, value in enumerate(own):
                if value is None and conditions[n]:
                    other = (*conditions[:n], False, *conditions[n + 1 :])
                    if said[other, outcomes] != left:
                        relevant.add(n)
                changed = [(*outcomes[:n], o, *outcomes[n + 1 :]) for o in OUTCOMES]
                if value is not None and any(said.get((conditions, o), left) != left for o in changed):
                    relevant.add(n)
    return Expected(outcome, possible, error, relevant)


# ------------------------------------------------------------------------------------------ at random


@st.composite
def rulesets(draw: st.DrawFn, size: int = 6) -> Ruleset:
    count = draw(st.integers(0, size))
    rules: list[Rule] = []
    for number in range(count):
        # Whether a rule applies depends on earlier rules only, so there is no circle.
        earlier = st.lists(st.integers(0, number - 1), unique=True, max_size=2).map(tuple) if number else st.just(())
        refers = draw(st.integers(0, 9)) == 0
        excepted = draw(earlier) if draw(st.booleans()) else ()
        prevails = draw(earlier) if draw(st.booleans()) else ()
        rules.append(
            Rule(
                name=f"r{number}",
                outcome=draw(st.sampled_from((*OUTCOMES, *OUTCOMES, None))),
                refers=refers,
                exception_to=excepted,
                prevails_over=tuple(sorted({*excepted, *prevails})) if draw(st.booleans()) else prevails,
                rank=draw(st.sampled_from((None, *RANKS[:2]))),
                begins=draw(st.sampled_from(((), DAYS[:1], DAYS[1:2], DAYS[:3:2]))),
            )
        )
        if draw(st.integers(0, 2)) == 0:
            for other in draw(earlier):
                rules[other] = replace(rules[other], disapplies=(*rules[other].disapplies, number))
    over = st.tuples(st.sampled_from(OUTCOMES), st.sampled_from(OUTCOMES)).filter(
        lambda pair: OUTCOMES.index(pair[0]) < OUTCOMES.index(pair[1])
    )
    ground = over.map(lambda pair: Ground("over", *pair)) | st.sampled_from(
        (Ground("rank"), Ground("later"), Ground("restriction"))
    )
    grounds = draw(st.lists(ground, max_size=4))
    otherwise = draw(st.sampled_from((None, *OUTCOMES)))
    return Ruleset(OUTCOMES, otherwise, rules, grounds)


@st.composite
def inputs(draw: st.DrawFn) -> tuple[Ruleset, list[bool | None], date, dict[int, str]]:
    ruleset = draw(rulesets())
    truth = st.sampled_from((True, None, None, False))
    own = [draw(truth) for _ in ruleset.rules]
    chosen = {
        n: draw(st.sampled_from(OUTCOMES))
        for n, rule in enumerate(ruleset.rules)
        if rule.refers and rule.outcome is None and draw(st.booleans())
    }
    return ruleset, own, draw(st.sampled_from(DAYS)), chosen


@examples(70)
@given(inputs())
def test_resolution_is_what_every_way_says(case: tuple[Ruleset, list[bool | None], date, dict[int, str]]) -> None:
    ruleset, own, day, chosen = case
    expected = by_definition(ruleset, own, day, chosen)
    got = resolve(ruleset, own, day, chosen)
    note(f"{ruleset.rules=} {ruleset.grounds=} {ruleset.otherwise=} {expected=}")
    assert got.exact
    assert (got.outcome, set(got.possible), got.error) == (expected.outcome, expected.possible, expected.error)
    # Whether an open outcome matters is only bounded from above.
    open_ended = {n for n, rule in enumerate(ruleset.rules) if rule.refers and not rule.outcome and own[n]}
    assert set(got.relevant) - open_ended == expected.relevant - open_ended
    assert expected.relevant <= set(got.relevant)


@examples(100)
@given(inputs())
def test_what_is_said_alone_is_the_same(case: tuple[Ruleset, list[bool | None], date, dict[int, str]]) -> None:
    """Without needs and statuses an open answer is mostly found by trying, which must come to the same."""
    ruleset, own, day, chosen = case
    expected = by_definition(ruleset, own, day, chosen)
    true = sum(1 << n for n, value in enumerate(own) if value)
    unknown = sum(1 << n for n, value in enumerate(own) if value is None)
    got = resolve_masks(ruleset, true, unknown, day, chosen, needs=False, statuses=False)
    note(f"{ruleset.rules=} {ruleset.grounds=} {ruleset.otherwise=} {expected=}")
    assert (got.outcome, set(got.possible), got.error) == (expected.outcome, expected.possible, expected.error)
    whole = resolve(ruleset, own, day, chosen)
    assert (got.certain, got.perhaps, got.deciding, got.candidates) == (
        whole.certain, whole.perhaps, whole.deciding, whole.candidates,
    )  # fmt: skip


@examples(70)
@given(inputs())
def test_a_trial_shows_only_what_ways_say(case: tuple[Ruleset, list[bool | None], date, dict[int, str]]) -> None:
    """Where trying gives an answer at all, it is that of the search; and for rules in a line it mostly does."""
    ruleset, own, day, chosen = case
    true = sum(1 << n for n, value in enumerate(own) if value)
    unknown = sum(1 << n for n, value in enumerate(own) if value is None)
    claims = ruleset.claims(day)
    certain, perhaps = ruleset.applying(true, unknown)
    remains, may_remain = ruleset.remaining(certain, perhaps)
    tried = Trial(ruleset, claims, chosen, (true, unknown), (certain, perhaps), (remains, may_remain)).outcomes()
    found, _, exact = completions.Completions(ruleset, claims, chosen, true, unknown, may_remain).results()
    fallback = () if ruleset.otherwise is None else (ruleset.otherwise,)
    assert exact
    assert tried is None or tried == {outcomes or fallback for outcomes in found}


def test_a_trial_answers_what_is_ordinary() -> None:
    """An exception, what it excepts and an unrelated rule, all unknown: nothing is left to the search."""
    ruleset = Ruleset(OUTCOMES, "free", LICENSING.rules[:4], [Ground("restriction")])
    certain, perhaps = ruleset.applying(0, 15)
    bounds = (certain, perhaps), ruleset.remaining(certain, perhaps)
    assert Trial(ruleset, ruleset.claims(None), {}, (0, 15), *bounds).outcomes() == {
        ("license",), ("exception",), ("free",),
    }  # fmt: skip


@examples(50)
@given(inputs())
def test_statuses_hold_in_every_way(case: tuple[Ruleset, list[bool | None], date, dict[int, str]]) -> None:
    """A rule said to apply, to decide, or not to, does so in every way, however the unknown turns out."""
    ruleset, own, day, chosen = case
    got = resolve(ruleset, own, day, chosen)
    numbers = range(len(ruleset.rules))
    for conditions, outcomes in ways_of(ruleset, own, chosen):
        way = resolve(ruleset, conditions, day, {n: outcome for n, outcome in enumerate(outcomes) if outcome})
        for n in numbers:
            assert got.applies(n) in (way.applies(n), None)
            if way.error is None:
                assert got.decides(n) in (way.decides(n), None)


@examples(50)
@given(inputs())
def test_giving_up_fails_closed(case: tuple[Ruleset, list[bool | None], date, dict[int, str]]) -> None:
    ruleset, own, day, chosen = case
    exact = resolve(ruleset, own, day, chosen)
    rough = Ruleset(ruleset.outcomes, ruleset.otherwise, ruleset.rules, ruleset.grounds)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(completions, "BUDGET", 0)
        patch.setattr(completions, "BUDGET_OF_NEEDS", 0)
        got = resolve(rough, own, day, chosen)
    assert set(exact.possible) <= set(got.possible)
    if got.exact:
        assert (got.outcome, got.error) == (exact.outcome, exact.error)
    else:
        assert got.outcome is None
        assert got.possible == OUTCOMES
    if got.outcome is None and exact.outcome is None:
        assert set(exact.relevant) <= set(got.relevant)


# ----------------------------------------------------------------------------- examples from the language


def statuses(resolution: Resolution) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {rule.name: (rule.status, rule.by) for rule in resolution.rules}


LICENSING = Ruleset(
    OUTCOMES,
    "free",
    [
        Rule("chart[NS1]", "ear.chart", "license", ("15 CFR 738.4(a)",)),
        Rule("chart[AT1]", "ear.chart", "license", ("15 CFR 738.4(a)",)),
        Rule("gbs[NS1]", "ear.exceptions", "exception", ("15 CFR 740.4",), exception_to=(0,), prevails_over=(0,)),
        Rule("embargoed", "ear.exceptions", citations=("15 CFR 740.2",), disapplies=(2,)),
        Rule("judged", "ear.counsel", refers=True),
    ],
    [Ground("over", "license", "exception", ("15 CFR 738.4",))],
)


def test_an_exception_displaces_only_what_it_excepts() -> None:
    excepted = resolve(LICENSING, [True, False, True, False, False])
    assert excepted.outcome == "exception"
    assert statuses(excepted) == {"gbs[NS1]": ("decides", ()), "chart[NS1]": ("defeated", ("gbs[NS1]",))}

    both = resolve(LICENSING, [True, True, True, False, False])
    assert both.outcome == "license"
    assert both.grounds == ("prevail license over exception (15 CFR 738.4)",)
    assert statuses(both) == {
        "chart[AT1]": ("decides", ()),
        "chart[NS1]": ("defeated", ("gbs[NS1]",)),
        "gbs[NS1]": ("defeated", ("chart[AT1]",)),
    }


def test_what_is_disapplied_no_longer_displaces() -> None:
    got = resolve(LICENSING, [True, False, True, True, False])
    assert got.outcome == "license"
    assert statuses(got) == {"chart[NS1]": ("decides", ()), "gbs[NS1]": ("disapplied", ("embargoed",))}


def test_unknown_is_never_false() -> None:
    got = resolve(LICENSING, [None, False, True, False, False])
    assert (got.outcome, got.possible, got.relevant) == (None, ("exception", "free"), (0,))
    assert statuses(got) == {"chart[NS1]": ("possible", ()), "gbs[NS1]": ("possible", ())}


def test_what_makes_no_difference_is_not_needed() -> None:
    got = resolve(LICENSING, [True, True, None, None, False])
    assert (got.outcome, got.relevant) == ("license", ())


def test_counsel_may_find_anything_until_a_finding_says() -> None:
    own: list[bool | None] = [True, False, False, False, referred(True, None)]
    got = resolve(LICENSING, own)
    # Were it an exception, the license required by the chart would prevail over it.
    assert (got.outcome, got.possible, got.relevant) == (None, ("prohibited", "license", "free"), (4,))

    own[4] = referred(True, finding=True)
    assert resolve(LICENSING, own).relevant == (4,)
    own[4] = referred(True, finding=False)
    assert resolve(LICENSING, own).outcome == "license"
    own[4] = referred(True, finding="license")
    assert resolve(LICENSING, own, chosen={4: "license"}).outcome == "license"
    own[4] = referred(True, finding="prohibited")
    contradiction = resolve(LICENSING, own, chosen={4: "prohibited"})
    assert (contradiction.error, contradiction.possible) == ("contradiction", ("prohibited", "license"))
    assert referred(False, finding=None) is False
    assert referred(None, finding=True) is None


def test_two_open_outcomes_may_differ() -> None:
    """Alone, `free` would lose to the license; another rule's `prohibited` may have dropped that before."""
    grounds = [Ground("over", "prohibited", "license"), Ground("over", "license", "free")]
    judged = [Rule("a", refers=True), Rule("b", refers=True)]
    certain = Rule("c", outcome="license")
    assert resolve(Ruleset(OUTCOMES, None, [judged[0], certain], grounds), [None, True]).possible == OUTCOMES[:3]
    assert resolve(Ruleset(OUTCOMES, None, [*judged, certain], grounds), [None, None, True]).possible == OUTCOMES


def test_a_contradiction_names_both_rules() -> None:
    rules = Ruleset(OUTCOMES, None, [Rule("a", outcome="license"), Rule("b", outcome="free")])
    got = resolve(rules, [True, True])
    assert (got.outcome, got.error, got.possible) == (None, "contradiction", ("license", "free"))
    with pytest.raises(ContradictionError, match=r"`a` \(license\) and `b` \(free\)"):
        Answer("d", None, False, got.possible, rules=got.rules, error=got.error).require()
    assert resolve(rules, [False, False]).error == "gap"
    perhaps = resolve(rules, [True, None])
    assert (perhaps.outcome, perhaps.error, perhaps.possible, perhaps.relevant) == (
        None,
        None,
        ("license", "free"),
        (1,),
    )


def test_later_takes_the_latest_beginning_that_has_begun() -> None:
    old, new = date(2020, 1, 1), date(2022, 1, 1)
    rules = Ruleset(
        OUTCOMES,
        None,
        [Rule("a", outcome="license", begins=(old, new)), Rule("b", outcome="free", begins=(date(2021, 1, 1),))],
        [Ground("later")],
    )
    assert resolve(rules, [True, True], date(2021, 6, 1)).outcome == "free"
    assert resolve(rules, [True, True], date(2022, 6, 1)).outcome == "license"
    unknown_day = resolve(rules, [None, None], None)
    assert (unknown_day.outcome, unknown_day.possible) == (None, ("license", "free"))


def test_a_rule_decides_for_certain_whatever_loses_to_it() -> None:
    """The guidance may or may not apply; it is later, but rank comes first and it never gets so far."""
    statute = Rule("statute", outcome="license", rank="statute", begins=DAYS[:1])
    guidance = Rule("guidance", outcome="free", rank="guidance", begins=DAYS[2:])
    rules = Ruleset(OUTCOMES, None, [statute, guidance], [Ground("rank"), Ground("later")])
    got = resolve(rules, [True, None], date(2023, 1, 1))
    assert (got.outcome, got.decides(0), got.decides(1)) == ("license", True, False)
    assert statuses(got) == {"statute": ("decides", ())}


def test_a_rule_that_another_of_its_outcome_may_drop_does_not_decide_for_certain() -> None:
    """A license either way; but with the statute, rank drops the guidance that requires it too."""
    rules = Ruleset(
        OUTCOMES,
        None,
        [
            Rule("guidance", outcome="license", rank="guidance"),
            Rule("relief", outcome="free", rank="guidance"),
            Rule("statute", outcome="license", rank="statute"),
        ],
        [Ground("rank"), Ground("over", "license", "free")],
    )
    got = resolve(rules, [True, True, None])
    assert (got.outcome, got.decides(0), got.decides(2)) == ("license", None, None)


def test_a_contradiction_in_every_way_is_certain_even_if_its_sides_are_not() -> None:
    rules = Ruleset(
        OUTCOMES,
        None,
        [Rule("a", outcome="license"), Rule("b", outcome="free"), Rule("c", outcome="prohibited")],
        [Ground("over", "prohibited", "license")],
    )
    got = resolve(rules, [True, True, None])
    assert (got.error, got.possible) == ("contradiction", ("prohibited", "license", "free"))
    assert statuses(got) == {"b": ("decides", ()), "a": ("possible", ()), "c": ("possible", ())}
    assert [got.decides(number) for number in range(3)] == [None, None, None]


def test_a_circle_of_exceptions_is_refused() -> None:
    with pytest.raises(ValueError, match="circle: a, b"):
        Ruleset(OUTCOMES, None, [Rule("a", exception_to=(1,)), Rule("b", exception_to=(0,))])


# ------------------------------------------------------------------------------------------- how fast

PAIRS = [Rule(f"c{i}", outcome="license") for i in range(16)] + [
    Rule(f"g{i}", outcome="exception", exception_to=(i,), prevails_over=(i,)) for i in range(16)
]
EVERY = tuple(range(300))


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param([Rule(f"r{i}", outcome=OUTCOMES[i % 2]) for i in range(200)], id="200 alone"),
        pytest.param(PAIRS, id="a family of 16 with its exceptions"),
        pytest.param(
            [*PAIRS, *(Rule(f"x{i}", disapplies=tuple(range(16 + i, 32))) for i in range(12))], id="disapplied"
        ),
        pytest.param(
            [*(Rule(f"r{i}", outcome="free") for i in EVERY), Rule("n", outcome="license", prevails_over=EVERY)],
            id="one over 300",
        ),
    ],
)
def test_all_unknown_is_settled_without_trying_every_way(rules: list[Rule]) -> None:
    ruleset = Ruleset(OUTCOMES, "free", rules, [Ground("restriction")])
    got: list[Resolution] = []
    assert calls(lambda: got.append(resolve(ruleset, [None] * len(rules)))) < 5_000_000, "fewer than 2^28 ways at least"
    assert got[0].exact
    assert got[0].outcome is None


@pytest.mark.parametrize(
    "numbers",
    [[], [0], [7], [0, 1, 2], [999], [1_000], [1_500], range(21), range(0, 40, 3), range(1_500), range(0, 3_000, 2),
     range(1, 3_000, 7), [0, *range(1_100, 1_130)], [*range(19), 1_200], [*range(20), 1_200, 1_201]],
)  # fmt: skip
def test_the_numbers_of_a_mask_ascend(numbers: Sequence[int]) -> None:
    """However long and full it is: long and full ones are read in another way."""
    assert list(bits(mask_of(numbers))) == list(numbers)


def test_what_stands_above_a_rule() -> None:
    """0 < 1 < 2, and 3 and 4 prevail over each other: of these, and of 5 below them, there is nothing on top."""
    over = ((), (0,), (1,), (4,), (3, 5), ())
    rules = Ruleset(("a",), None, [Rule(f"r{n}", outcome="a", prevails_over=each) for n, each in enumerate(over)])
    assert [rules.above(number) for number in range(3)] == [mask_of((1, 2)), mask_of((2,)), 0]
    assert [rules.above(number) for number in (3, 4, 5)] == [None, None, None]


def test_ranks_come_before_rules_without_one() -> None:
    rules = [Rule("plain", outcome="free"), Rule("ranked", outcome="ban", rank=RANKS[0])]
    ruleset = Ruleset(("ban", "free"), None, rules, [Ground("rank")])
    assert resolve(ruleset, (True, True)).outcome == "ban"
    assert resolve(ruleset, (True, False)).outcome == "free"


def test_rules_in_a_circle_are_named() -> None:
    rules = [Rule("one", outcome="a", exception_to=(1,)), Rule("two", outcome="a", exception_to=(0,)), Rule("three")]
    with pytest.raises(ValueError, match=r"in a circle: one, two$"):
        Ruleset(("a",), None, rules)
