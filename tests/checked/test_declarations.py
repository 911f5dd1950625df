"""What a declaration with a mistake says, and what of it the program goes on with: never what was not understood."""

from __future__ import annotations

import pytest

from comity.checked.ast import EveryRuleTarget, RuleTarget

from .support import Checked, expect, message

DECISION = """
    decision permit for Export:
        outcomes:
            ban
            free
        otherwise free
"""


def permit(*rules: str, **more: object) -> Checked:
    return Checked(DECISION + "".join(rules), **more)  # type: ignore[arg-type]


def related(checked: Checked) -> list[list[tuple[str, str]]]:
    """Of each finding: what else it points at, with what it says of it."""
    texts = {source.path: source.text for source in checked.sources.values()}
    return [
        [(each.message, texts[each.span.path][each.span.start : each.span.end]) for each in found.related]
        for found in checked.found
    ]


# ------------------------------------------------------------------------------------------- rules that speak of rules


def test_every_rule_of_a_module_that_there_is_not() -> None:
    clause = """
    rule a for permit:
        disapplies every rule in fatcs
    """
    assert message(DECISION + clause) == ("E013 there is no module `fatcs`", "fatcs", "did you mean `facts`?")
    (spoken_of,) = permit(clause).program.rules["m.a"].precedence
    assert spoken_of.targets == ()  # else the rule would disapply nothing, and seem to mean it


def test_every_rule_of_a_module_that_is_missing_is_reported_once() -> None:
    expect("""
        use elsewhere  # E010
        decision permit for Export:
            outcomes:
                ban
                free
            otherwise free
        rule a for permit:
            disapplies every rule in elsewhere
    """)


@pytest.mark.parametrize(
    ("target", "found"),
    [("law.later.plain", "law.later.plain"), ("law.early.plain", "law.early.plain"), ("own", "m.own")],
)
def test_a_rule_is_named_by_its_module(target: str, found: str) -> None:
    head = "use facts: *\nuse m: permit\n"
    plain = "rule plain for permit:\n    when value > 5 USD\n    then ban\n"
    checked = permit(
        f"""
    rule own for permit:
        when value > 6 USD
        then ban
    rule over for permit:
        notwithstanding {target}
        when value > 7 USD
        then free
    """,
        modules={"law.early": head + plain, "law.later": head + plain},
    )
    assert checked.found == []
    (clause,) = checked.program.rules["m.over"].precedence
    (rule,) = clause.targets
    assert isinstance(rule, RuleTarget) and rule.rule == found


def test_a_rule_of_another_module_of_the_same_beginning_is_not_meant() -> None:
    head = "use facts: *\nuse m: permit\n"
    plain = "rule plain for permit:\n    when value > 5 USD\n    then ban\n"
    over = """
    rule over for permit:
        notwithstanding law.third.plain
        when value > 7 USD
        then free
    """
    said = message(DECISION + over, modules={"law.early": head + plain})
    assert said == ("E013 `permit` has no rule `law.third.plain`", "law.third.plain", "did you mean `law.early.plain`?")


def test_every_rule_but_one_that_there_is_not() -> None:
    checked = permit("""
    rule a for permit:
        when value > 5 USD
        then ban
    rule b for permit:
        notwithstanding every other rule except c, a
        then free
    """)
    assert [found.code for found in checked.found] == ["E013"]
    (clause,) = checked.program.rules["m.b"].precedence
    (every,) = clause.targets
    assert isinstance(every, EveryRuleTarget) and [rule.rule for rule in every.excepted] == ["m.a"]


# ------------------------------------------------------------------------------------------- outcomes


def test_an_outcome_that_there_is_not() -> None:
    rule = """
    rule a for permit:
        when value > 5 USD
        then fre
    """
    assert message(DECISION + rule) == (
        "E105 `fre` is not an outcome of `permit`; its outcomes are `ban`, `free`",
        "fre",
        "did you mean `free`?",
    )
    assert permit(rule).program.rules["m.a"].then is None


def test_a_rule_without_an_outcome_is_shown_how_to_end() -> None:
    rule = """
    rule a for permit:
        when value > 5 USD
    """
    said = message(DECISION + rule)
    assert said == ("E105 the rule `a` gives no outcome", "a", "end it with a line `then ban`, or another outcome")
    assert related(permit(rule)) == [[("the outcomes are declared here", "permit")]]


@pytest.mark.parametrize("pair", ["bann over free", "ban over fre", "bann over fre"])
def test_a_ground_between_outcomes_that_there_are_not(pair: str) -> None:
    checked = permit().program.decisions["m.permit"]
    assert checked.grounds == ()
    text = DECISION.replace(
        "        otherwise", f"        prevail {pair}\n        prevail free over ban\n        otherwise"
    )
    spoilt = Checked(text)
    assert {found.code for found in spoilt.found} == {"E105"}
    grounds = spoilt.program.decisions["m.permit"].grounds
    assert [(ground.winner, ground.loser) for ground in grounds] == [("free", "ban")]


# ------------------------------------------------------------------------------------------- names


def test_a_name_that_stands_twice_shows_the_first() -> None:
    checked = Checked("""
        enum Mood:
            glad
            sad
            glad
    """)
    assert [found.message for found in checked.found] == ["the member `glad` is named twice"]
    assert related(checked) == [[("the first", "glad")]]
    (found,) = checked.found
    assert found.related[0].span.line == found.span.line - 2


def test_a_definition_named_like_a_field_shows_the_field() -> None:
    checked = Checked("""
        record Sale:
            price: Int
        define price for Sale -> Int:
            7
    """)
    assert [found.message for found in checked.found] == ["`Sale` has a field `price` already"]
    assert related(checked) == [[("the field", "price")]]


# ------------------------------------------------------------------------------------------- proofs


def test_a_proof_about_a_decision_that_there_is_not() -> None:
    checked = permit("""
    prove safe for permitt:
        given value > 5 USD
        then outcome == ban
    """)
    (found,) = checked.found
    assert (found.code, checked.underlined(found)) == ("E013", "permitt")
    assert checked.program.proves == {}
