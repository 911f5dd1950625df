"""Deciding: random small decisions against an evaluator that tries every way; needs; findings; other decisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity import parts, terms
from comity.base.diagnostics import Report
from comity.checked import ast as checked
from comity.core.interpret import Interpreter
from comity.core.lower import lower
from comity.runtime.answer import Answer, FactsError
from comity.runtime.types import BOOL, DATE, INT, EnumType, Field, ListType, RecordType, SetType
from comity.terms import Term
from tests.strategies import examples

from .build import (
    COLUMN,
    COLUMNS,
    NODE,
    OUTCOMES,
    by,
    clause,
    columns,
    const_true,
    decision,
    define,
    fact,
    local,
    over,
    program,
    read,
    record,
    rule,
    since,
    span,
    table,
    this,
)

DAY = date(2022, 3, 1)
SIZE = 5
CASE = record(*(fact(f"f{n}") for n in range(SIZE)))


def interpreter(*parts: Any, **more: Any) -> Interpreter:
    report = Report()
    made = lower(program(*parts, **more), report)
    assert not report.diagnostics, [d.message for d in report.diagnostics]
    return Interpreter(made)


# ------------------------------------------------------------------------------------------- by brute force


@dataclass(frozen=True)
class Plain:
    """A rule as the language reference speaks of it: by name, with sets of names."""

    then: str | None
    refers: bool
    exception_to: frozenset[int]
    disapplies: frozenset[int]
    notwithstanding: frozenset[int]
    rank: str | None
    begins: date | None


RANKS = [None, "guidance", "order", "regulation", "statute"]
Said = tuple[Literal["outcome", "gap", "contradiction"], frozenset[str]]


def decided(rules: Sequence[Plain], outcome_of: Mapping[int, str | None], grounds: Sequence[parts.Ground]) -> Said:
    """One way: ``outcome_of`` holds the rules whose own condition is true, and what each gives."""

    def applies(n: int) -> bool:
        rule = rules[n]
        if n not in outcome_of or (rule.exception_to and not any(map(applies, rule.exception_to))):
            return False
        return not any(n in other.disapplies and applies(m) for m, other in enumerate(rules))

    applying = {n for n in range(len(rules)) if applies(n)}
    left = {
        n
        for n in applying
        if outcome_of[n] is not None
        and not any(n in rules[m].notwithstanding | rules[m].exception_to for m in applying)
    }
    for ground in grounds:
        outcomes = {outcome_of[n] for n in left}
        if len(outcomes) < 2:
            break
        match ground.kind:
            case "over":
                if ground.winner in outcomes:
                    left = {n for n in left if outcome_of[n] != ground.loser}
            case "restriction":
                first = min(OUTCOMES.index(str(outcome)) for outcome in outcomes)
                left = {n for n in left if outcome_of[n] == OUTCOMES[first]}
            case "rank":
                left = {n for n in left if all(RANKS.index(rules[n].rank) >= RANKS.index(rules[m].rank) for m in left)}
            case "later":
                begun = {n: b if (b := rules[n].begins) and b <= DAY else date.min for n in left}
                left = {n for n in left if begun[n] == max(begun.values())}
    outcomes = frozenset(str(outcome_of[n]) for n in left)
    if len(outcomes) > 1:
        return "contradiction", outcomes
    return ("outcome", outcomes) if outcomes else ("gap", frozenset())


def every_way(rules: Sequence[Plain], own: Sequence[bool | None]) -> Iterator[dict[int, str | None]]:
    choices: list[list[tuple[bool, str | None]]] = []
    for plain, holds in zip(rules, own, strict=True):
        gives: list[tuple[bool, str | None]] = [(True, plain.then)]
        if plain.refers:
            holds = None if holds is not False else False
            if plain.then is None:
                gives = [(True, outcome) for outcome in OUTCOMES]
        choices.append([(False, None)] * (holds is not True) + gives * (holds is not False))
    for way in product(*choices):
        yield {n: outcome for n, (holds, outcome) in enumerate(way) if holds}


def brute_force(
    rules: Sequence[Plain], own: Sequence[bool | None], grounds: Sequence[parts.Ground], otherwise: str | None
) -> tuple[str | None, frozenset[str], str | None]:
    """Outcome, possible, error."""
    said = set()
    for way in every_way(rules, own):
        kind, outcomes = decided(rules, way, grounds)
        said.add(("outcome", frozenset({otherwise})) if kind == "gap" and otherwise else (kind, outcomes))
    possible = frozenset().union(*(outcomes for _, outcomes in said))
    kinds = {kind for kind, _ in said}
    if kinds == {"outcome"} and len(possible) == 1:
        return next(iter(possible)), possible, None
    error = next(iter(kinds)) if len(kinds) == 1 and kinds <= {"gap", "contradiction"} else None
    return None, possible, error


@st.composite
def rules_and_truths(draw: st.DrawFn) -> tuple[list[Plain], list[bool | None]]:
    count = draw(st.integers(1, SIZE))
    rules = []
    for n in range(count):
        earlier = st.frozensets(st.sampled_from(range(n)), max_size=2) if n else st.just(frozenset())
        refers = draw(st.integers(0, 7)) == 0
        kind = draw(st.sampled_from(["exception", "disapplies", "plain", "plain"]))
        rules.append(
            Plain(
                then=draw(st.sampled_from([*OUTCOMES, None] if refers or kind == "disapplies" else OUTCOMES)),
                refers=refers,
                exception_to=draw(earlier) if kind == "exception" else frozenset(),
                disapplies=draw(earlier) if kind == "disapplies" else frozenset(),
                notwithstanding=draw(earlier),
                rank=draw(st.sampled_from(RANKS)),
                begins=draw(st.sampled_from([None, date(2021, 1, 1), date(2022, 1, 1), date(2022, 3, 1)])),
            )
        )
    truths = draw(st.lists(st.sampled_from([True, True, False, None]), min_size=count, max_size=count))
    return rules, truths


GROUNDS = st.lists(
    st.sampled_from(
        [over("prohibited", "license"), over("license", "free"), by("rank"), by("later"), by("restriction")]
    ),
    unique=True,
    max_size=3,
)


def as_program(rules: Sequence[Plain], grounds: Sequence[parts.Ground], otherwise: str | None) -> Interpreter:
    made = []
    for n, plain in enumerate(rules):
        clauses = [
            clause(kind, *(f"r{target}" for target in sorted(targets)), line=10 * n + k)
            for k, (kind, targets) in enumerate(
                [
                    ("exception to", plain.exception_to),
                    ("disapplies", plain.disapplies),
                    ("notwithstanding", plain.notwithstanding),
                ]
            )
            if targets
        ]
        made.append(
            rule(
                f"r{n}",
                plain.then,
                *clauses,
                when=read(CASE, f"f{n}"),
                window=None if plain.begins is None else ((plain.begins, None),),
                refer="judge" if plain.refers else None,
                rank=plain.rank,
            )
        )
    return interpreter([decision(CASE, grounds=grounds, otherwise=otherwise)], made)


@given(rules_and_truths(), GROUNDS, st.sampled_from(["free", None]))
@examples(70)
def test_a_decision_is_what_trying_every_way_gives(
    case: tuple[list[Plain], list[bool | None]], grounds: list[parts.Ground], otherwise: str | None
) -> None:
    rules, truths = case
    facts = {f"f{n}": truth for n, truth in enumerate(truths)} | {"day": DAY}
    answer = as_program(rules, grounds, otherwise).decide("m.permit", facts)
    outcome, possible, error = brute_force(rules, truths, grounds, otherwise)
    assert (answer.outcome, frozenset(answer.possible), answer.error) == (outcome, possible, error)
    assert answer.determined is (outcome is not None)
    assert list(answer.possible) == sorted(answer.possible, key=OUTCOMES.index)


@given(rules_and_truths(), GROUNDS, st.data())
@examples(40)
def test_what_is_needed_settles_the_answer(
    case: tuple[list[Plain], list[bool | None]], grounds: list[parts.Ground], data: st.DataObject
) -> None:
    """Answering all needs, however, leads to a determined answer or a certain error in finitely many rounds."""
    rules, truths = case
    made = as_program(rules, grounds, "free")
    facts: dict[str, object] = {f"f{n}": truth for n, truth in enumerate(truths)} | {"day": DAY}
    findings: dict[str, bool | str] = {}
    for _ in range(2 * SIZE + 1):
        answer = made.decide("m.permit", facts, findings=findings)
        if answer.determined or answer.error:
            assert not answer.needs
            return
        assert answer.needs
        for need in answer.needs:
            if need.startswith("findings."):
                number = int(need.removeprefix("findings.r"))
                choices = [True, False] if rules[number].then else [*OUTCOMES, False]
                assert findings.get(f"r{number}") is None
                findings[f"r{number}"] = data.draw(st.sampled_from(choices))
            else:
                assert facts[need] is None
                facts[need] = data.draw(st.booleans())
    pytest.fail(f"still undetermined: {answer}")


# ------------------------------------------------------------------------------------------- what is needed

PERSON = RecordType("m", "Person", (Field("listed", BOOL, optional=True), Field("home", COLUMN)))
WIDE = record(
    fact("column", COLUMN),
    Field("boss", PERSON, optional=True),
    Field("people", ListType(PERSON)),
    fact("a"),
    fact("b"),
    fact("n", INT),
)
LISTED = terms.Field(local("p", PERSON), "listed", BOOL)
CHART = table("chart", (("c", COLUMN), ("d", COLUMN)), BOOL, [(("NS1", "NS1"), True), (("NS1", "NS2"), None)])
FACTS: dict[str, object] = {
    "column": "NS1",
    "boss": {"listed": False, "home": "NS1"},
    "people": (),
    "a": False,
    "b": False,
    "n": 0,
    "day": DAY,
}


def answer(when: Term, facts: Mapping[str, object], **parts: Any) -> Answer:
    made = interpreter([decision(WIDE)], [rule("r", when=when)], **parts)
    return made.decide("m.permit", {**FACTS, **facts})


def needs(when: Term, facts: Mapping[str, object], **parts: Any) -> tuple[str, ...]:
    return answer(when, facts, **parts).needs


def a(name: str) -> terms.Field:
    return read(WIDE, name)


def test_needs_are_unknown_facts_in_the_order_of_the_record() -> None:
    both = terms.And((a("b"), a("a")))
    assert needs(both, {"a": None, "b": None}) == ("a", "b")
    assert needs(both, {"a": None, "b": True}) == ("a",)
    assert needs(both, {"a": None, "b": False}) == ()


def test_nothing_below_a_decided_part_is_needed() -> None:
    inner = terms.Or((a("b"), const_true()))
    assert needs(terms.And((inner, a("a"))), {"a": None, "b": None}) == ("a",)


def test_a_record_that_is_missing_is_needed_as_a_whole() -> None:
    boss_listed = terms.Field(a("boss"), "listed", BOOL)
    assert needs(boss_listed, {"boss": None}) == ("boss",)
    assert needs(boss_listed, {"boss": {"listed": None, "home": "NS1"}}) == ("boss.listed",)


def test_elements_of_lists_are_named_by_their_place() -> None:
    people = ({"listed": False, "home": "NS1"}, {"listed": None, "home": "NS1"}, {"listed": None, "home": "NS2"})
    home = terms.Equal(terms.Field(local("p", PERSON), "home", COLUMN), terms.Const("NS1", COLUMN), COLUMN)
    condition = terms.Quantifier("any", "p", a("people"), terms.And((home, LISTED)))
    assert needs(condition, {"people": people}) == ("people[1].listed",)
    assert needs(terms.Quantifier("any", "p", a("people"), LISTED), {"people": people}) == (
        "people[1].listed",
        "people[2].listed",
    )
    assert needs(LISTED_COUNT, {"people": people}) == ("people[1].listed", "people[2].listed")


def test_elements_that_make_no_difference_are_not_needed() -> None:
    perhaps = terms.When(a("a"), columns("NS1", "NS2"), COLUMNS)
    is_1 = terms.Equal(local("c"), terms.Const("NS1", COLUMN), COLUMN)
    unknown = {"a": None, "b": None}
    assert needs(terms.Quantifier("any", "c", perhaps, terms.And((is_1, terms.Not(is_1)))), unknown) == ()
    assert needs(terms.Quantifier("any", "c", perhaps, terms.And((is_1, a("b")))), unknown) == ("a", "b")
    assert needs(terms.Quantifier("all", "c", perhaps, terms.Or((is_1, a("b")))), unknown) == ("a", "b")
    assert needs(terms.Quantifier("all", "c", perhaps, terms.TRUE), unknown) == ()


LISTED_COUNT = terms.Compare("<", terms.Const(1, INT), terms.Count("p", a("people"), LISTED), INT)


def test_table_rows_are_named_by_their_keys() -> None:
    lookup = terms.Lookup("m.chart", (a("column"), terms.Const("NS2", COLUMN)), BOOL)
    assert needs(lookup, {"column": "NS1"}, tables=[CHART]) == ("chart[NS1, NS2]",)
    assert needs(lookup, {"column": "MT1"}, tables=[CHART]) == ("chart[MT1, NS2]",)
    assert needs(lookup, {"column": None}, tables=[CHART]) == ("column",)
    assert needs(terms.And((lookup, a("a"))), {"column": "MT1", "a": None}, tables=[CHART]) == ("a", "chart[MT1, NS2]")


def test_needs_go_through_definitions_to_the_facts() -> None:
    negative = define("bad", (("this", PERSON),), BOOL, terms.Field(this(PERSON), "listed", BOOL), PERSON)
    is_a = define("same", (("x", BOOL),), BOOL, local("x", BOOL))
    boss = terms.Call("m.bad", (a("boss"),), BOOL)
    parts = {"defines": [negative, is_a]}
    assert needs(boss, {"boss": {"listed": None, "home": "NS1"}}, **parts) == ("boss.listed",)
    assert needs(boss, {"boss": None}, **parts) == ("boss",)
    assert needs(terms.Call("m.same", (terms.Not(a("a")),), BOOL), {"a": None}, **parts) == ("a",)


def test_the_day_is_needed_by_the_name_of_its_field() -> None:
    window = terms.InWindow(since(2022))
    assert needs(window, {"day": None}) == ("day",)
    dated = table("dated", (("c", COLUMN),), BOOL, [(("NS1",), True, since(2022)[0])])
    lookup = terms.Lookup("m.dated", (terms.Const("NS1", COLUMN),), BOOL)
    assert needs(lookup, {"day": None}, tables=[dated]) == ("day",)
    assert needs(lookup, {"day": date(2021, 1, 1)}, tables=[dated]) == ("dated[NS1]",)
    made = interpreter([decision(record(fact("a"), as_of=None))], [rule("r", window=since(2022))])
    assert made.decide("m.permit", {"a": True}).needs == ("as_of",)
    assert made.decide("m.permit", {"a": True}, as_of=DAY).outcome == "license"


def test_what_is_known_is_relied_on_and_not_needed() -> None:
    unknown = terms.Not(terms.IsKnown(a("a")))
    settled = answer(terms.And((unknown, terms.Not(a("b")))), {"a": None})
    assert settled.outcome == "license" and settled.relied_on_unknown == ("a",)
    assert answer(unknown, {"a": True}).relied_on_unknown == ()
    open_ = answer(terms.And((unknown, a("b"))), {"a": None, "b": None})
    assert open_.needs == ("b",) and open_.relied_on_unknown == ("a",)
    stopped = answer(terms.And((a("b"), unknown)), {"a": None})
    assert stopped.relied_on_unknown == (), "what is not evaluated is not relied on"


def test_what_is_not_evaluated_does_not_conflict_for_what_is_relied_on() -> None:
    both = (terms.Case(terms.TRUE, terms.TRUE), terms.Case(terms.TRUE, terms.FALSE))
    asks = terms.IsKnown(terms.Cases(both, False, "limit", BOOL))
    booleans = SetType(BOOL)
    when = terms.SubsetOf(terms.SetOf((), booleans), terms.SetOf((asks,), booleans))
    made = interpreter([decision(record(fact("a"), as_of=None))], [rule("r", when=when)])
    assert made.decide("m.permit", {"a": True}).relied_on_unknown == ()
    assert made.relied("m.permit", {"a": True}, None, {}) == ()


def test_what_another_decision_asked_is_relied_on() -> None:
    """Also through a definition and a set, and where the decision that is asked asks a third."""
    unknown, bools = terms.Not(terms.IsKnown(read(CASE, "f1"))), SetType(BOOL)
    blind = define("blind", (("this", CASE),), BOOL, unknown, CASE)
    third = terms.RuleHolds("m.third", "m.u", None, "applies", this(CASE))
    for when, more in [
        (unknown, []),
        (terms.Call("m.blind", (this(CASE),), BOOL), []),
        (terms.MemberOf(terms.TRUE, terms.Filter("x", terms.SetOf((terms.TRUE,), bools), unknown, bools)), []),
        (third, [rule("u", when=unknown, of="third")]),
    ]:
        for asked in (other(), other("applies"), terms.Not(other("decides", "t"))):
            made = interpreter(
                [decision(CASE), decision(CASE, name="other"), decision(CASE, name="third")],
                [
                    rule("own", when=asked),
                    rule("s", when=when, of="other"),
                    rule("t", when=read(CASE, "f0"), of="other"),
                    *more,
                ],
                defines=[blind],
            )
            found = made.decide("m.permit", {"f0": False, "f1": None, "day": DAY})
            assert (found.outcome, found.relied_on_unknown) == ("license", ("f1",))
            assert made.decide("m.permit", {"f0": False, "f1": True, "day": DAY}).relied_on_unknown == ()


def test_what_later_cases_and_elements_ask_is_not_relied_on() -> None:
    unknown = terms.Not(terms.IsKnown(a("a")))
    ordered = terms.Cases(
        (terms.Case(terms.Not(a("b")), terms.TRUE), terms.Case(unknown, terms.FALSE)), True, "it", BOOL
    )
    assert answer(ordered, {"a": None}).relied_on_unknown == ()
    assert answer(ordered, {"a": None, "b": True}).relied_on_unknown == ("a",)
    people = ({"listed": True, "home": "NS1"}, {"listed": None, "home": "NS1"})
    anyone = terms.Quantifier("any", "p", a("people"), terms.And((terms.IsKnown(LISTED), LISTED)))
    assert answer(anyone, {"people": people}).relied_on_unknown == ()
    assert answer(anyone, {"people": people[::-1]}).relied_on_unknown == ("people[0].listed",)


def test_records_built_in_place_are_not_taken_for_each_other() -> None:
    """Values of definitions are remembered by the record's identity, which Python gives away again."""
    small = RecordType("m", "Small", (Field("n", INT),))
    five = define("five", (("this", small),), BOOL, terms.Equal(read(small, "n"), terms.Const(5, INT), INT), small)
    numbers = terms.ListOf(tuple(terms.Const(n, INT) for n in range(9)), ListType(INT))
    built = terms.RecordOf((("n", local("k", INT)),), small)
    count = terms.Count("k", numbers, terms.Call("m.five", (built,), BOOL))
    assert answer(terms.Equal(count, terms.Const(1, INT), INT), {}, defines=[five]).outcome == "license"


# ------------------------------------------------------------------------------------------- findings


def referred(then: str | None, findings: Mapping[str, bool | str], holds: bool | None = True) -> Answer:
    made = interpreter([decision(CASE)], [rule("r", then, when=read(CASE, "f0"), refer="why")])
    return made.decide("m.permit", {"f0": holds, "day": DAY}, findings=findings)


def test_counsel_with_an_outcome() -> None:
    assert referred("license", {}).possible == ("license", "free")
    assert referred("license", {}).needs == ("findings.r",)
    assert referred("license", {}, None).needs == ("f0", "findings.r")
    assert referred("license", {}, False).outcome == "free"
    assert referred("license", {"r": True}).outcome == "license"
    assert referred("license", {"r": True}, None).needs == ("f0",)
    assert referred("license", {"r": False}, None).outcome == "free"


def test_counsel_without_an_outcome() -> None:
    assert referred(None, {}).possible == OUTCOMES
    assert referred(None, {"r": True}).possible == OUTCOMES
    assert referred(None, {"r": True}).needs == ("findings.r",)
    assert referred(None, {"r": False}).outcome == "free"
    assert referred(None, {"r": "prohibited"}).outcome == "prohibited"
    assert referred(None, {"r": "prohibited"}, None).possible == ("prohibited", "free")
    assert referred(None, {"r": "prohibited"}, None).needs == ("f0",)


def test_findings_stand_beside_the_facts_in_json() -> None:
    made = interpreter([decision(CASE)], [rule("r", None, refer="why"), rule("s", "license", when=read(CASE, "f0"))])
    facts = {"f0": False, "day": "2022-03-01"}
    assert made.decide_json("m.permit", {**facts, "findings": {"r": "license"}}).outcome == "license"
    assert made.decide_json("m.permit", {**facts, "findings": {"r": None}}).needs == ("findings.r",)
    with pytest.raises(FactsError) as error:
        made.decide_json("m.permit", {"f0": 1, "findings": {"q": True, "r": "maybe"}})
    assert {p.path for p in error.value.problems} == {"f0", "day", "findings.q", "findings.r"}
    with pytest.raises(FactsError) as error:  # `s` is a rule, but asks nobody
        made.decide_json("m.permit", {**facts, "findings": {"s": True}})
    assert {p.path for p in error.value.problems} == {"findings.s"}


# ------------------------------------------------------------------------------------------- other decisions


def two_decisions(condition: Term, *rules: checked.Rule) -> Interpreter:
    own = rule("own", when=condition)
    return interpreter([decision(CASE), decision(CASE, name="other")], [own, *rules])


def other(verb: str | None = None, rule_name: str = "s", key: Term | None = None) -> Term:
    if verb:
        return terms.RuleHolds("m.other", rule_name, key, verb, this(CASE))  # type: ignore[arg-type]
    outcomes = EnumType("m", "other", OUTCOMES)
    outcome = terms.OutcomeOf("m.other", this(CASE), outcomes)
    return terms.Equal(outcome, terms.Const("license", outcomes), outcomes)


def test_the_outcome_of_another_decision() -> None:
    made = two_decisions(other(), rule("s", when=read(CASE, "f1"), of="other"))
    results = [made.decide("m.permit", {"f1": truth, "day": DAY}) for truth in (True, False, None)]
    assert [each.outcome for each in results] == ["license", "free", None]
    assert results[2].needs == ("f1",)


def test_a_rule_of_another_decision_applies_or_decides() -> None:
    rules = [
        rule("s", when=read(CASE, "f1"), of="other"),
        rule("t", "free", clause("notwithstanding", "s"), when=read(CASE, "f2"), of="other"),
    ]
    applies, decides = two_decisions(other("applies"), *rules), two_decisions(other("decides"), *rules)
    both = {"f1": True, "f2": True, "day": DAY}
    assert applies.decide("m.permit", both).outcome == "license"
    assert decides.decide("m.permit", both).outcome == "free"
    open_ = {"f1": True, "f2": None, "day": DAY}
    assert applies.decide("m.permit", open_).outcome == "license"
    assert decides.decide("m.permit", open_).needs == ("f2",)


def test_a_contradiction_elsewhere_is_unknown_here() -> None:
    clash = [rule("s", of="other"), rule("t", "free", of="other")]
    made = two_decisions(other(), *clash)
    assert made.decide("m.permit", {"day": DAY}).possible == ("license", "free")
    assert made.decide("m.other", {"day": DAY}).error == "contradiction"


# ------------------------------------------------------------------------------------------- errors and the world


def test_cases_that_contradict_make_the_answer_an_error_with_its_reason() -> None:
    clash = terms.Cases((terms.Case(terms.TRUE, terms.TRUE), terms.Case(terms.TRUE, terms.FALSE)), False, "it", BOOL)
    made = answer(clash, {})
    assert made.outcome is None and made.error == "contradiction" and "`it`" in made.reason
    assert made.version == answer(terms.TRUE, {}).version != "" and made.as_of == DAY
    assert answer(terms.Cases((), False, "it", BOOL), {}).error == "gap"


def world(always: Term, kind: RecordType) -> checked.Record:
    line = parts.AlwaysLine(always, "it holds", span=span(1))
    return checked.Record(f"m.{kind.name}", "", (), span(1), kind, (), (line,), NODE)


def test_facts_that_break_an_always_line_are_refused_and_unknown_ones_are_not() -> None:
    made = interpreter([decision(CASE)], [], records=[world(read(CASE, "f0"), CASE)])
    assert made.decide("m.permit", {"f0": True, "day": DAY}).outcome == "free"
    assert made.decide("m.permit", {"f0": None, "day": DAY}).outcome == "free"
    with pytest.raises(FactsError, match="it holds"):
        made.decide("m.permit", {"f0": False, "day": DAY})
    assert [line.text for line in made.broken_always("m.Case", {"f0": False}, DAY)] == ["it holds"]


def test_records_inside_the_facts_keep_their_always_lines_too() -> None:
    made = interpreter(
        [decision(WIDE)], [], records=[world(terms.Not(terms.Field(this(PERSON), "listed", BOOL)), PERSON)]
    )
    bad = {"listed": True, "home": "NS1"}
    with pytest.raises(FactsError) as error:
        made.decide("m.permit", {**FACTS, "boss": bad, "people": ({**bad, "listed": None}, bad)})
    assert [p.path for p in error.value.problems] == ["boss", "people[1]"]


def test_as_of_replaces_the_field() -> None:
    later = terms.Compare("<", terms.Const(DAY, DATE), read(CASE, "day"), DATE)
    made = interpreter([decision(CASE)], [rule("r", when=later)])
    assert made.decide("m.permit", {"day": DAY}).outcome == "free"
    replaced = made.decide("m.permit", {"day": DAY}, as_of=date(2023, 1, 1))
    assert replaced.outcome == "license" and replaced.as_of == date(2023, 1, 1)
    assert made.decide_json("m.permit", {}, as_of=date(2023, 1, 1)).outcome == "license"


def test_the_version_names_sources_and_compiler() -> None:
    made = interpreter([decision(CASE)], [])
    assert made.decide("m.permit", {"day": DAY}).version == made.version
    assert made.program.source_hash in made.version


def test_deciding_again_compiles_nothing_more() -> None:
    unknown = terms.Not(terms.IsKnown(a("a")))
    rules = [rule("r", when=terms.And((unknown, a("b"))), window=since(2020))]
    made = interpreter([decision(WIDE)], rules)
    facts = {**FACTS, "a": None, "b": None}
    first = made.decide("m.permit", facts)
    compiled = len(made.evaluator._codes), len(made.evaluator._asking)
    assert made.decide("m.permit", facts) == first and first.needs == ("b",)
    assert (len(made.evaluator._codes), len(made.evaluator._asking)) == compiled
