"""Sections 4 and 10 of the language reference, sentence by sentence, on real text."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from comity.runtime.answer import Answer, ContradictionError, FactsError, GapError

from .text import codes, interpreter

HEAD = """
record Inner:
    flag: Bool?
    size: Int = 1

record Case as of day:
    a: Bool?
    b: Bool?
    c: Bool?
    d: Bool?
    n: Int = 0
    inner: Inner
    day: Date
"""

DECISION = """
decision permit for Case:
    outcomes:
        prohibited
        license
        free
{grounds}{otherwise}
"""


def law(rules: str, grounds: str = "", otherwise: str = "    otherwise free\n", head: str = "") -> str:
    return head + HEAD + DECISION.format(grounds=grounds, otherwise=otherwise) + rules


def facts(true: str = "", unknown: str = "", **more: Any) -> dict[str, Any]:
    """JSON facts: the letters in ``true`` hold, those in ``unknown`` are unknown, the others are false."""
    truths = {letter: True if letter in true else None if letter in unknown else False for letter in "abcd"}
    return {**truths, "inner": {"flag": False}, "day": "2022-03-01", **more}


def decide(text: str, true: str = "", unknown: str = "", **more: Any) -> Answer:
    return interpreter(text).decide_json("m.permit", facts(true, unknown, **more))


def statuses(answer: Answer) -> dict[str, str]:
    return {rule.name: rule.status for rule in answer.rules}


R = "rule r for permit:\n    when a\n    then license\n"


def rule(name: str, then: str | None, when: str, *clauses: str) -> str:
    lines = [f"rule {name} for permit:", *(f"    {clause}" for clause in clauses), f"    when {when}"]
    return "\n".join([*lines, *([f"    then {then}"] if then else [])]) + "\n"


# ------------------------------------------------------------------------------------------- definitions


def test_a_record_s_definition_reads_like_a_field_of_it() -> None:
    text = law("define big for Inner:\n    size > 3\n" + rule("r", "license", "inner.big"))
    assert decide(text, inner={"size": 4}).outcome == "license"
    assert decide(text, inner={"size": 3}).outcome == "free"


def test_fields_are_in_scope_bare_and_this_is_the_whole() -> None:
    text = law(
        "define both for Case:\n    a and this.b\n"
        "define passed_on(x: Case):\n    x.both\n"
        "define whole for Case:\n    passed_on(this)\n" + rule("r", "license", "whole")
    )
    assert decide(text, "ab").outcome == "license"
    assert decide(text, "a").outcome == "free"
    assert decide(text, "a", "b").needs == ("b",)


def test_a_function_has_parameters_and_the_type_left_out_is_bool() -> None:
    text = law(
        "define twice(x: Int) -> Int:\n    x + x\ndefine above(x: Int, y: Int):\n    x > y\n"
        + rule("r", "license", "above(twice(n), 7)")
    )
    assert decide(text, n=4).outcome == "license"
    assert decide(text, n=3).outcome == "free"
    assert interpreter(text).call("m.twice", [4], None) == 8


CASES = law(
    """
define exclusive for Case -> Int:
    1 when a
    2 when b
    2 when c
    3 otherwise

define ordered for Case -> Int:
    first match
    1 when a
    2 when b
    3 otherwise

define open for Case -> Int:
    1 when a
"""
)


def call(name: str, true: str = "", unknown: str = "") -> Any:
    made = interpreter(CASES)
    values = made.decoder(made.program.decisions["m.permit"].record)(facts(true, unknown)).value
    return made.call(f"m.{name}", [values], date(2022, 3, 1))


def test_cases_are_exclusive_unless_first_match_orders_them() -> None:
    assert call("exclusive", "a") == 1
    assert call("exclusive") == 3
    with pytest.raises(ContradictionError, match="`exclusive`"):
        call("exclusive", "ab")
    assert call("exclusive", "bc") == 2, "overlapping cases of one value are no error"
    assert call("ordered", "ab") == 1
    with pytest.raises(GapError, match="`open`"):
        call("open")


def test_a_value_by_cases_is_unknown_once_a_case_before_the_first_true_one_is() -> None:
    assert call("ordered", "b", "a") is None
    assert call("ordered", "a", "b") == 1
    assert call("exclusive", "a", "b") == 1
    assert call("exclusive", "b", "c") == 2
    assert call("open", "", "a") is None


def test_a_value_after_an_unknown_case_is_not_asked_for() -> None:
    """Its cases contradict each other, but the definition is unknown whatever they are."""
    text = law(
        "define exclusive for Case -> Int:\n    1 when a\n    2 when n == 0\n    3 otherwise\n"
        "define inmost for Case -> Int:\n    1 when exclusive > 0 or b is unknown\n    0 otherwise\n"
        "define outer for Case -> Int:\n    first match\n    1 when d\n    inmost when a\n    0 otherwise\n"
        + rule("r", "license", "outer > 0 or b is unknown")
    )
    answer = decide(text, "a", "bd")
    assert (answer.outcome, answer.error, answer.relied_on_unknown) == ("license", None, ("b",))


def test_a_contradiction_of_cases_is_a_contradiction_of_the_decision_that_asks() -> None:
    answer = decide(CASES + rule("r", "license", "exclusive == 1"), "ab")
    assert (answer.outcome, answer.error) == (None, "contradiction") and "exclusive" in answer.reason
    assert decide(CASES + rule("r", "license", "open == 1")).error == "gap"
    with pytest.raises(ContradictionError, match="exclusive"):
        answer.or_raise()


# ------------------------------------------------------------------------------------------- decisions


def test_outcomes_run_from_most_to_least_restrictive() -> None:
    text = law(rule("r", "free", "a") + rule("s", "license", "b") + rule("t", "prohibited", "c"))
    assert decide(text, "", "abc").possible == ("prohibited", "license", "free")


def test_without_otherwise_there_may_be_a_gap() -> None:
    text = law(R, otherwise="")
    assert decide(text, "a").outcome == "license"
    gap = decide(text)
    assert (gap.outcome, gap.determined, gap.error, gap.possible) == (None, False, "gap", ())
    with pytest.raises(GapError):
        gap.or_raise()


SECOND = """
decision second for Case:
    outcomes:
        yes
        nay
    otherwise nay

rule s for second:
    when {condition}
    then yes
"""


def second(condition: str, rules: str, true: str = "", unknown: str = "") -> Answer:
    text = law(rules) + SECOND.format(condition=condition)
    return interpreter(text).decide_json("m.second", facts(true, unknown))


FAMILY = """
enum Column:
    X1
    X2

table on(c: Column) -> Bool:
    X1: true
    X2: false

rule fam for permit:
    for each k in Column
    when on[k] and a
    then license
"""


@pytest.mark.parametrize(
    ("condition", "true", "outcome"),
    [
        ("permit == license", "a", "yes"),
        ("permit == license", "", "nay"),
        ("permit != free", "a", "yes"),
        ("permit in {license, prohibited}", "a", "yes"),
        ("r applies", "a", "yes"),
        ("r applies", "", "nay"),
        ("r decides", "a", "yes"),
        ("r applies", "ab", "yes"),
        ("r decides", "ab", "nay"),
        ("t decides", "ab", "yes"),
    ],
)
def test_a_decision_and_its_rules_are_values_elsewhere(condition: str, true: str, outcome: str) -> None:
    rules = R + rule("t", "prohibited", "b", "notwithstanding r")
    assert second(condition, rules, true).outcome == outcome


@pytest.mark.parametrize(
    ("condition", "outcome"), [("fam applies", "yes"), ("fam[X1] applies", "yes"), ("fam[X2] applies", "nay")]
)
def test_a_family_applies_if_any_of_its_rules_does(condition: str, outcome: str) -> None:
    assert second(condition, FAMILY, "a").outcome == outcome


def test_what_is_open_elsewhere_is_open_here_and_needs_the_same() -> None:
    answer = second("permit == license", R, "", "a")
    assert answer.possible == ("yes", "nay") and answer.needs == ("a",)
    assert second("r applies", R, "", "a").needs == ("a",)


def test_a_decision_of_another_record_is_asked_by_a_definition_of_it() -> None:
    text = """
        record Inner:
            flag: Bool?

        record Outer:
            inner: Inner

        decision lower for Inner:
            outcomes:
                yes
                nay
            otherwise nay

        rule l for lower:
            when flag
            then yes

        decision upper for Outer:
            outcomes:
                yes
                nay
            otherwise nay

        rule u for upper:
            when inner.lower == yes
            then yes
        """
    made = interpreter(text)
    assert made.decide_json("m.upper", {"inner": {"flag": True}}).outcome == "yes"
    assert made.decide_json("m.upper", {"inner": {"flag": None}}).needs == ("inner.flag",)


def test_decisions_of_one_name_in_two_modules() -> None:
    head = "record Case:\n    a: Bool\n"
    body = "decision permit for Case:\n    outcomes:\n        yes\n        nay\n    otherwise nay\n"
    made = interpreter(
        head + body + "rule r for m.permit:\n    when a\n    then yes\n",
        other="use m: Case\n" + body + "rule r for other.permit:\n    when not a\n    then yes\n",
    )
    assert made.decide_json("m.permit", {"a": True}).outcome == "yes"
    assert made.decide_json("other.permit", {"a": True}).outcome == "nay"


# ------------------------------------------------------------------------------------------- rules


WINDOW = """
rule r for permit:
    from 2022-02-24 until 2022-03-01
    from 2022-04-01
    until 2022-04-30
    when a
    then license
"""


@pytest.mark.parametrize(
    ("day", "outcome"),
    [
        ("2022-02-23", "free"),
        ("2022-02-24", "license"),
        ("2022-03-01", "license"),
        ("2022-03-02", "free"),
        ("2022-04-01", "license"),
        ("2022-04-30", "license"),
        ("2022-05-01", "free"),
    ],
)
def test_a_rule_applies_within_its_windows(day: str, outcome: str) -> None:
    assert decide(law(WINDOW), "a", day=day).outcome == outcome


def test_a_window_in_parentheses_is_of_what_stands_before_it() -> None:
    """Of two conditions on one line, the first holds on every day, and the second from its day on."""
    last = law("rule r for permit:\n    when a or (b from 2022-02-24)\n    then license\n")
    days = ("2022-02-23", "2022-02-24")
    assert [[decide(last, true, day=day).outcome for day in days] for true in ("a", "b")] == [
        ["license", "license"],
        ["free", "license"],
    ]
    whole = law("rule r for permit:\n    when (a or b) from 2022-02-24\n    then license\n")
    assert [decide(whole, "a", day=day).outcome for day in days] == ["free", "license"]
    denied = law("rule r for permit:\n    when a and not (b until 2022-02-23)\n    then license\n")
    assert [decide(denied, "ab", day=day).outcome for day in days] == ["free", "license"]


def test_when_holds_and_unless_does_not() -> None:
    text = law("rule r for permit:\n    when a\n    unless b\n    then license\n")
    assert [decide(text, true).outcome for true in ("a", "ab", "b", "")] == ["license", "free", "free", "free"]
    assert decide(text, "a", "b").needs == ("b",)
    assert decide(text, "", "b").outcome == "free"


def test_when_may_be_left_out() -> None:
    assert decide(law("rule r for permit:\n    then license\n")).outcome == "license"
    unless = law("rule r for permit:\n    unless any:\n        a\n        b\n    then license\n")
    assert [decide(unless, true).outcome for true in ("", "b")] == ["license", "free"]


def test_for_each_makes_one_rule_per_member() -> None:
    answer = decide(law(FAMILY), "a")
    assert statuses(answer) == {"fam[X1]": "decides"}


SETS = """
enum Column:
    X1
    X2
    X3

record Case:
    columns: set of Column?
    a: Bool

decision permit for Case:
    outcomes:
        license
        free
    otherwise free

rule fam for permit:
    for each k in columns
    when k != X2
    then license

rule exc for permit:
    for each k in {X1, X2}
    exception to fam[k]
    when a
    then free
"""


def test_where_the_set_depends_on_facts_it_applies_for_the_members_in_it() -> None:
    made = interpreter(SETS)

    def answer(columns: list[str] | None, a: bool = False) -> Answer:
        return made.decide_json("m.permit", {"columns": columns, "a": a})

    assert statuses(answer(["X1", "X3"])) == {"fam[X1]": "decides", "fam[X3]": "decides"}
    assert answer(["X2"]).outcome == "free"
    assert answer(None).needs == ("columns",)
    assert answer(["X1"], a=True).outcome == "free"
    assert answer(["X3"], a=True).outcome == "license"
    assert statuses(answer(["X1"], a=True)) == {"exc[X1]": "decides", "fam[X1]": "defeated"}


def test_notwithstanding_and_subject_to() -> None:
    over = law(R + rule("s", "free", "b", "notwithstanding r"))
    under = law("rule r for permit:\n    subject to s\n    when a\n    then license\n" + rule("s", "free", "b"))
    for text in (over, under):
        assert decide(text, "a").outcome == "license"
        answer = decide(text, "ab")
        assert answer.outcome == "free" and statuses(answer) == {"s": "decides", "r": "defeated"}
        assert [status.by for status in answer.rules if status.name == "r"] == [("s",)]
    # `notwithstanding` also decides where what it displaces does not apply.
    assert statuses(decide(over, "b")) == {"s": "decides"}


def test_exception_to_reaches_only_where_any_of_several_applies() -> None:
    text = law(R + rule("t", "prohibited", "b") + rule("x", "free", "c", "exception to r, t"), otherwise="")
    assert decide(text, "c").error == "gap"
    assert decide(text, "ac").outcome == "free"
    assert decide(text, "bc").outcome == "free"
    assert statuses(decide(text, "abc")) == {"x": "decides", "r": "defeated", "t": "defeated"}
    assert decide(text, "c", "b").possible == ("free",), "a way that ends in a gap adds nothing"
    assert not decide(text, "c", "b").determined


def test_disapplies_revives_what_was_displaced() -> None:
    text = law(R + rule("x", "free", "b", "exception to r") + rule("n", None, "c", "disapplies x"))
    assert decide(text, "ab").outcome == "free"
    answer = decide(text, "abc")
    assert answer.outcome == "license" and statuses(answer) == {"r": "decides", "x": "disapplied"}
    assert [rule.by for rule in answer.rules if rule.name == "x"] == [("n",)]


def test_an_exception_to_what_is_disapplied_reaches_nothing() -> None:
    text = law(R + rule("x", "prohibited", "b", "exception to r") + rule("n", None, "c", "disapplies r"))
    assert decide(text, "ab").outcome == "prohibited"
    assert decide(text, "abc").outcome == "free"


def test_prevailing_is_not_transitive_and_what_is_defeated_still_defeats() -> None:
    chain = R + rule("s", "free", "b", "notwithstanding r") + rule("t", "prohibited", "c", "notwithstanding s")
    assert decide(law(chain), "ac").error == "contradiction", "t does not prevail over r"
    assert statuses(decide(law(chain), "abc")) == {"t": "decides", "r": "defeated", "s": "defeated"}


def test_disapplies_acts_even_if_its_rule_is_defeated() -> None:
    text = law(R + rule("d", "prohibited", "b", "disapplies r") + rule("s", "free", "c", "notwithstanding d"))
    assert decide(text, "abc").outcome == "free"


def test_a_disapplied_rule_does_not_disapply() -> None:
    text = law(R + rule("d", None, "b", "disapplies r") + rule("e", None, "c", "disapplies d"))
    assert decide(text, "ab").outcome == "free"
    assert decide(text, "abc").outcome == "license"


MODULES = {"x": "use m: *\n" + rule("one", "license", "a") + rule("two", "license", "b")}


@pytest.mark.parametrize(
    ("clause", "true", "outcome"),
    [
        ("notwithstanding every rule in x", "abc", "prohibited"),
        ("notwithstanding every rule in x except two", "ac", "prohibited"),
        ("notwithstanding every rule in x except two", "abc", None),
        ("notwithstanding every other rule", "abcd", "prohibited"),
        ("notwithstanding every other rule except own", "cd", None),
        ("disapplies every rule in x", "abc", "prohibited"),
        ("exception to every rule in x", "c", "free"),
        ("exception to every rule in x", "ac", "prohibited"),
    ],
)
def test_every_rule(clause: str, true: str, outcome: str | None) -> None:
    use = "use x: *\n" if "two" in clause else ""
    text = law(rule("p", "prohibited", "c", clause) + rule("own", "free", "d"), head=use)
    made = interpreter(text, **MODULES)
    answer = made.decide_json("m.permit", facts(true))
    assert answer.outcome == outcome
    assert (answer.error == "contradiction") is (outcome is None)


# ------------------------------------------------------------------------------------------- counsel


def counsel(then: str, findings: dict[str, Any], true: str = "a", unknown: str = "") -> Answer:
    text = law(f'rule r for permit:\n    refer to counsel "is it?"\n    when a\n{then}')
    return decide(text, true, unknown, findings=findings)


def test_counsel_with_an_outcome_means_it_or_nothing() -> None:
    then = "    then license\n"
    assert counsel(then, {}).possible == ("license", "free") and counsel(then, {}).needs == ("findings.r",)
    assert counsel(then, {"r": True}).outcome == "license"
    assert counsel(then, {"r": False}).outcome == "free"
    assert counsel(then, {"r": True}, "").outcome == "free", "a finding does not replace the condition"
    assert counsel(then, {"r": True}, "", "a").needs == ("a",)


def test_counsel_alone_means_any_outcome() -> None:
    assert counsel("", {}).possible == ("prohibited", "license", "free")
    assert counsel("", {"r": "prohibited"}).outcome == "prohibited"
    assert counsel("", {"r": False}).outcome == "free"


CHOICES = """
enum Choice:
    X1
    X2

record Case:
    a: Bool?
    wanted: set of Choice

decision permit for Case:
    outcomes:
        license
        free
        closed
    otherwise closed

rule base for permit:
    when a
    then license

rule judged for permit:
    for each x in Choice
    exception to base
    refer to counsel "Are the conditions of this one met?"
    when x in wanted
    then free

rule shared for permit:
    for each x in Choice
    exception to base
    refer to counsel "Is it of a kind that every member is for?"
    when wanted == {}
    then free
"""


DATED = """instrument "1 ABC 1"
source "the act" as of 2024-01-01
source "its amendment" as of 2024-06-30

record Case as of day:
    a: Bool
    day: Date?

decision permit for Case:
    outcomes:
        license
        free
    otherwise free

rule r for permit:
    when a
    then license
"""


def test_an_answer_for_a_day_after_the_sources_names_them() -> None:
    made = interpreter(DATED)
    days = ("2024-06-30", "2024-07-01", None)
    answers = [made.decide_json("m.permit", {"a": True, "day": day}) for day in days]
    named = ("its amendment as of 2024-06-30",)
    assert [answer.after_sources for answer in answers] == [(), named, ()]
    assert [answer.to_json().get("after_sources") for answer in answers] == [None, list(named), None]
    assert "  later than the sources: its amendment as of 2024-06-30" in answers[1].explain().splitlines()
    assert "later than" not in answers[0].explain()


def judged(wanted: list[str], findings: dict[str, Any]) -> Answer:
    return interpreter(CHOICES).decide_json("m.permit", {"a": True, "wanted": wanted, "findings": findings})


def test_a_finding_on_one_member_says_nothing_of_another() -> None:
    both = ["X1", "X2"]
    assert judged(both, {}).needs == ("findings.judged[X1]", "findings.judged[X2]")
    answer = judged(both, {"judged[X1]": True})
    assert answer.outcome == "free"
    assert [rule.name for rule in answer.rules if rule.status == "decides"] == ["judged[X1]"]
    assert judged(["X2"], {"judged[X1]": True}).needs == ("findings.judged[X2]",)
    assert judged(both, {"judged[X1]": False, "judged[X2]": False}).outcome == "license"


def test_the_name_of_a_family_is_no_finding_where_its_members_differ() -> None:
    with pytest.raises(FactsError) as caught:
        judged(["X1"], {"judged": True, "judged[X3]": True})
    assert [problem.path for problem in caught.value.problems] == ["findings.judged", "findings.judged[X3]"]
    assert "such as `judged[X1]`" in str(caught.value)


def test_a_family_of_one_question_is_found_by_its_name_or_by_a_member() -> None:
    assert judged([], {}).needs == ("findings.shared",)
    assert judged([], {"shared": True}).outcome == "free"
    assert judged([], {"shared": False}).outcome == "license"
    answer = judged([], {"shared": False, "shared[X2]": True})
    assert [rule.name for rule in answer.rules if rule.status == "decides"] == ["shared[X2]"]
    assert judged([], {"shared[X1]": False}).needs == ("findings.shared",)


# ------------------------------------------------------------------------------------------- grounds


TWO = rule("r", "license", "a", "from 2022-01-01") + rule("s", "prohibited", "a") + rule("t", "free", "b")


@pytest.mark.parametrize(
    ("grounds", "outcome", "named"),
    [
        ([], None, []),
        (["prevail license over prohibited"], "license", ["prevail license over prohibited"]),
        (["prevail free over prohibited"], None, []),
        (["prevail by restriction"], "prohibited", ["prevail by restriction"]),
        (["prevail by later"], "license", ["prevail by later"]),
        (["prevail by rank"], None, []),
        (["prevail by later", "prevail by restriction"], "license", ["prevail by later"]),
        (["prevail by rank", "prevail by restriction"], "prohibited", ["prevail by restriction"]),
    ],
)
def test_grounds_are_tried_in_the_order_written(grounds: list[str], outcome: str | None, named: list[str]) -> None:
    answer = decide(law(TWO, "".join(f"    {ground}\n" for ground in grounds)), "a")
    assert answer.outcome == outcome and list(answer.grounds) == named
    assert answer.error == (None if outcome else "contradiction")


def test_each_ground_drops_what_loses_and_the_next_works_on_what_is_left() -> None:
    over = "    prevail license over free\n    prevail by restriction\n"
    assert decide(law(TWO, over), "ab").outcome == "prohibited"
    chain = "    prevail prohibited over license\n    prevail license over free\n"
    # After the first ground `license` is gone, so nothing is left for `free` to lose to.
    open_ = decide(law(TWO, chain), "ab")
    assert (open_.error, open_.grounds) == ("contradiction", ()), "a ground that settles nothing is not named"
    assert decide(law(TWO, "    prevail license over free\n    prevail prohibited over license\n"), "ab").outcome == (
        "prohibited"
    )


def test_a_contradiction_names_the_rules() -> None:
    answer = decide(law(TWO), "a")
    assert {rule.name for rule in answer.rules} == {"r", "s"} and answer.possible == ("prohibited", "license")
    with pytest.raises(ContradictionError, match=r"`r` .*`s` "):
        answer.or_raise()


def test_what_only_a_ground_settles_is_defeated_by_those_that_decide() -> None:
    answer = decide(law(TWO, "    prevail by restriction\n"), "a")
    assert statuses(answer) == {"s": "decides", "r": "defeated"}


def test_a_ground_s_citation_is_named() -> None:
    answer = decide(law(TWO, '    prevail license over prohibited cite "15 CFR 738.4"\n'), "a")
    assert answer.grounds == ("prevail license over prohibited (15 CFR 738.4)",)


def test_prevail_by_later_takes_the_latest_from_that_has_begun() -> None:
    rules = rule("r", "license", "a", "from 2020-01-01 until 2020-12-31", "from 2022-03-01") + rule(
        "s", "prohibited", "a", "from 2021-01-01"
    )
    text = law(rules, "    prevail by later\n")
    assert decide(text, "a", day="2022-02-28").outcome == "prohibited"
    assert decide(text, "a", day="2022-03-01").outcome == "license"
    equal = law(rule("r", "license", "a", "from 2021-01-01") + rule("s", "prohibited", "a", "from 2021-01-01"))
    assert decide(equal.replace("    otherwise", "    prevail by later\n    otherwise"), "a").error == "contradiction"


@pytest.mark.parametrize(
    ("one", "two", "outcome"),
    [
        ("statute", "regulation", "prohibited"),
        ("regulation", "order", "prohibited"),
        ("order", "guidance", "prohibited"),
        ("guidance", None, "prohibited"),
        ("order", "order", None),
        (None, "guidance", "license"),
    ],
)
def test_prevail_by_rank(one: str | None, two: str | None, outcome: str | None) -> None:
    def module(rank: str | None, name: str, then: str) -> str:
        head = f'instrument "I" rank {rank}\n' if rank else ""
        return head + f"use m: *\nrule {name} for permit:\n    when a\n    then {then}\n"

    made = interpreter(
        law("", "    prevail by rank\n"), x=module(one, "p", "prohibited"), y=module(two, "q", "license")
    )
    assert made.decide_json("m.permit", facts("a")).outcome == outcome


# ------------------------------------------------------------------------------------------- unknown


def test_each_rule_s_own_condition_is_strong_kleene() -> None:
    text = law(rule("r", "license", "a and b or c"))
    assert decide(text, "c", "ab").outcome == "license"
    assert decide(text, "", "a").outcome == "free"
    assert decide(text, "a", "bc").needs == ("b", "c")


def test_every_way_to_settle_the_unknown_counts_independently() -> None:
    text = law(rule("r", "license", "a") + rule("s", "license", "not a"))
    assert decide(text, "", "a").possible == ("license", "free")
    masked = law(R + rule("s", "prohibited", "b", "notwithstanding r"))
    assert decide(masked, "b", "a").outcome == "prohibited"
    assert decide(masked, "b", "a").needs == ()


def test_ways_that_contradict_add_the_outcomes_of_the_contradicting_rules() -> None:
    text = law(R + rule("s", "prohibited", "b"))
    open_ = decide(text, "a", "b")
    assert (open_.possible, open_.error, open_.determined) == (("prohibited", "license"), None, False)
    assert open_.needs == ("b",)


def test_a_gap_in_some_ways_is_no_gap() -> None:
    text = law(R, otherwise="")
    open_ = decide(text, "", "a")
    assert (open_.possible, open_.error, open_.determined, open_.needs) == (("license",), None, False, ("a",))


def test_is_known_and_is_unknown_take_the_fact_as_it_stands() -> None:
    text = law(rule("r", "license", "a is unknown") + rule("s", "prohibited", "b is known and b"))
    answer = decide(text, "", "ab")
    assert answer.outcome == "license" and answer.relied_on_unknown == ("a", "b") and answer.needs == ()


def test_after_an_edit_an_interpreter_says_what_a_new_one_says() -> None:
    """Conditions, outcomes and what was relied on: of rules that are others now, and of those that are not."""
    both = (
        law(rule("r", "license", "a is unknown") + rule("s", "prohibited", "b")),
        law(rule("r", "license", "c") + rule("s", "license", "b is known and b")),
    )
    for first, then in (both, both[::-1]):
        made, fresh = interpreter(first), interpreter(then)
        for true, unknown in (("", "ab"), ("b", "a"), ("c", "")):
            made.decide_json("m.permit", facts(true, unknown))
        assert made.relied("m.permit", {"a": None, "b": None, "c": False}, None, {})
        rules = fresh.program.decisions["m.permit"].rules
        made.revise(fresh.program, "m.permit", {each.number: each for each in rules})
        for true, unknown in (("", "ab"), ("b", "a"), ("c", ""), ("bc", "a"), ("a", "bc")):
            given = facts(true, unknown)
            assert made.decide_json("m.permit", given) == fresh.decide_json("m.permit", given)
            known = {name: given[name] for name in "abcd"}
            assert made.relied("m.permit", known, None, {}) == fresh.relied("m.permit", known, None, {})


def test_the_day_may_be_unknown_where_no_record_gives_it() -> None:
    made = interpreter(
        "record Case:\n    a: Bool\n"
        "decision permit for Case:\n    outcomes:\n        license\n        free\n    otherwise free\n"
        "rule r for permit:\n    from 2022-01-01\n    when a\n    then license\n"
    )
    assert made.decide_json("m.permit", {"a": False}).outcome == "free"
    assert made.decide_json("m.permit", {"a": True}).needs == ("as_of",)
    assert made.decide_json("m.permit", {"a": True}, as_of=date(2022, 1, 1)).outcome == "license"


# ------------------------------------------------------------------------------------------- the world, the day


def test_an_input_breaks_an_always_line_only_if_the_line_is_false() -> None:
    text = law(R).replace("    day: Date\n", "    day: Date\n    always c implies n > 0\n")
    assert decide(text, "ac", n=1).outcome == "license"
    assert decide(text, "a", "c").outcome == "license"
    with pytest.raises(FactsError, match="c implies n > 0"):
        decide(text, "ac")


def test_always_lines_hold_wherever_a_record_stands() -> None:
    made = interpreter("""
        party EAST = {RU}
        party WEST = {RU}
        enum Country:
            RU
        record Owner:
            share: Percent?
            always share <= 100%
        record Deal:
            one: Owner or absent
            two: list of Owner
            three: set of Owner
            four: Owner per Party
            five: set of Owner per Party
        decision deal for Deal:
            outcomes:
                stop
                go
            otherwise go
    """)
    good, bad = {"share": "100%"}, {"share": "101%"}
    two_sides = {"EAST": good, "WEST": good}
    sets = {"EAST": [good], "WEST": []}
    facts: dict[str, object] = {"one": good, "two": [good], "three": [good], "four": two_sides, "five": sets}
    assert made.decide_json("m.deal", facts).outcome == "go"
    for name, value, path in [
        ("one", bad, "one"),
        ("two", [good, bad], "two[1]"),
        ("three", [good, bad], "three"),
        ("four", {**two_sides, "WEST": bad}, "four.WEST"),
        ("five", {**sets, "WEST": [bad]}, "five.WEST"),
    ]:
        with pytest.raises(FactsError) as caught:
            made.decide_json("m.deal", {**facts, name: value})
        assert [problem.path for problem in caught.value.problems] == [path]


def test_the_day_is_passed_down_to_definitions_and_sets() -> None:
    text = law(
        """
        enum Land:
            aa
            bb

        set S: Land =
            {aa}
            + {bb} from 2022-03-01
            - {aa} from 2023-01-01

        define inside(l: Land):
            l in S
        """.replace("\n        ", "\n")
        + rule("r", "license", "inside(bb)")
        + rule("s", "prohibited", "not inside(aa)", "notwithstanding r")
    )
    days = {"2022-02-28": "free", "2022-03-01": "license", "2023-01-01": "prohibited"}
    assert {day: decide(text, day=day).outcome for day in days} == days
    replaced = interpreter(text).decide_json("m.permit", facts(), as_of=date(2023, 1, 1))
    assert replaced.outcome == "prohibited" and replaced.as_of == date(2023, 1, 1)


def test_arithmetic_decides_exactly() -> None:
    text = """
        record Case:
            value: Money in USD
            part: Percent

        define third for Case -> Number:
            value / 3 USD

        define share for Case -> Money in USD:
            value * part
        """
    made = interpreter(text)
    values = {"value": 1, "part": Fraction(1, 10)}
    assert made.call("m.third", [values], None) == Fraction(1, 3)
    assert made.call("m.share", [values], None) == Fraction(1, 10)


# ------------------------------------------------------------------------------------------- circles


@pytest.mark.parametrize(
    ("clauses", "others", "line"),
    [
        (["notwithstanding r"], [], 2),
        (["exception to s", "disapplies s"], [], 2),
        (["subject to s"], ["subject to r"], 2),
        (["unless b", "notwithstanding s"], ["notwithstanding r"], 3),
    ],
)
def test_a_loop_of_precedence_is_e110(clauses: list[str], others: list[str], line: int) -> None:
    before = law("")
    text = before + rule("r", "license", "a", *clauses) + rule("s", "free", "a", *others)
    assert codes(text) == [(before.lstrip("\n").count("\n") + line, "E110")]


def test_a_circle_of_prevail_x_over_y_is_e110() -> None:
    grounds = "    prevail license over free\n    prevail free over license\n"
    assert [code for _, code in codes(law("", grounds))] == ["E110"]
