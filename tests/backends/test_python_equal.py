"""Compiled Python says what the interpreter says: on random policies, random facts, unknown ones included."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import pytest
from hypothesis import given

from comity.backends.python import decision
from comity.core.ast import Program
from comity.core.interpret import Interpreter
from comity.plan import make
from comity.runtime.kleene import KleeneSet
from tests.backends import generate
from tests.backends.loading import imported
from tests.core import text
from tests.strategies import draws, examples


@pytest.fixture(params=["written out", "looked up"], autouse=True, scope="module")
def way(request: pytest.FixtureRequest) -> Iterator[str]:
    """Small decisions are written out, large ones look facts up; here each policy is compiled in both ways."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "looked up":
            patch.setattr(decision, "MOST_WRITTEN_OUT", -1)
            patch.setattr(make, "FEW_RULES", 1)
        yield request.param


def attempt(ask: Callable[[], Any]) -> Any:
    """What an evaluator says, errors included. A package has error classes of its own, so they are told by name."""
    try:
        return ask()
    except Exception as error:
        if type(error).__name__ not in ("FactsError", "Undetermined", "ContradictionError", "GapError"):
            raise
        return type(error).__name__, str(error)


def cases(random: Random, program: Program, times: int = 4) -> Any:
    """Decisions with facts as JSON and an as-of day."""
    for about in program.decisions.values():
        for _ in range(times):
            facts = generate.facts(random, about.record)
            if random.random() < 0.4:
                facts["findings"] = generate.findings(random, program)
            yield about, facts, random.choice([None, None, random.choice(generate.DAYS)])


def answers_are_equal(random: Random, program: Program, interpreter: Interpreter, package: Any) -> None:
    for about, facts, day in cases(random, program):
        module = getattr(package, about.name)
        expected = attempt(lambda: interpreter.decide_json(about.qname, facts, day).to_json())  # noqa: B023
        assert attempt(lambda: module.answer(facts, as_of=day).to_json()) == expected  # noqa: B023


def a_record_is_as_good_as_its_json(random: Random, program: Program, _: Interpreter, package: Any) -> None:
    """Predicates on records take the short way, so they are compared with the answer to the same facts as JSON."""
    for about, facts, day in cases(random, program):
        facts.pop("findings", None)
        module = getattr(package, about.name)
        record, _, _ = module.DECISION.read(facts, None, None)
        expected = attempt(lambda: module.decide(facts, as_of=day).require())  # noqa: B023
        assert attempt(lambda: module.outcome(record, day)) == expected  # noqa: B023
        for outcome in about.outcomes.members:
            predicate = getattr(module, outcome)
            held = attempt(lambda: predicate(record, as_of=day))  # noqa: B023
            assert held == (expected == outcome if isinstance(expected, str) else expected)


def conditions_are_equal(random: Random, program: Program, interpreter: Interpreter, package: Any) -> None:
    """Each rule's condition by itself: true, false or unknown."""
    for about, facts, day in cases(random, program):
        facts.pop("findings", None)
        facade = getattr(package, about.name).DECISION
        record, _, _ = facade.read(facts, None, None)
        read = interpreter.decoder(about.record)(facts).value
        day = facade.day(record, None) or day or date(2022, 2, 24)
        env, terms = {"this": read}, [rule.condition for rule in about.rules]
        expected = attempt(lambda: [interpreter.evaluate(term, env, day) for term in terms])  # noqa: B023
        assert attempt(lambda: facade.conditions(record, day)) == expected  # noqa: B023


def definitions_are_equal(random: Random, program: Program, interpreter: Interpreter, package: Any) -> None:
    for define in program.defines.values():
        if define.record is None:
            continue
        ask = getattr(package.definitions, define.name)
        facts = generate.facts(random, define.record)
        known = package.records.facts
        record = known.decoder(known.types[known.classes[f"facts.{define.record.name}"]])(facts).value
        read: Any = interpreter.decoder(define.record)(facts).value
        as_of = day = random.choice([None, None, random.choice(generate.DAYS)])
        if define.record.as_of is not None:
            read = read if as_of is None else {**read, define.record.as_of: as_of}
            day = read[define.record.as_of]
        expected = attempt(lambda: interpreter.call(define.qname, [read], day))  # noqa: B023
        given = random.choice([record, facts])
        got = attempt(lambda: ask(given, as_of=as_of))  # noqa: B023
        if expected is None or isinstance(expected, KleeneSet):
            assert got[0] == "Undetermined"
        else:
            assert got == expected


EVERY = (answers_are_equal, a_record_is_as_good_as_its_json, conditions_are_equal, definitions_are_equal)


@examples(8)
@given(draws())
def test_a_package_says_what_the_interpreter_says(random: Random) -> None:
    """A policy is compiled once, which takes longer than all that is then asked of it."""
    program = generate.program(random)
    interpreter = Interpreter(program)
    with imported(program) as package:
        for holds in EVERY:
            holds(random, program, interpreter, package)


@pytest.mark.parametrize(
    ("holds", "seed"),
    [
        # a part of a code, in a line that names EAR99, which has no paragraphs
        (a_record_is_as_good_as_its_json, 2_195_071_851),
        # an `always` line with a gap, of facts that another decision is asked about
        (conditions_are_equal, 172),
    ],
)
def test_what_was_not_so_once(holds: Callable[[Random, Program, Interpreter, Any], None], seed: int) -> None:
    random = Random(seed)
    program = generate.program(random)
    with imported(program) as package:
        holds(random, program, Interpreter(program), package)


LAW = """
record Goods as of day:
    day: Date
    weight: Int
    width: Int
    always grade <= weight

define grade for Goods -> Int:
    1 when weight > 0

decision licensing for Goods:
    "What"
    cite "15 CFR 736"
    outcomes:
        prohibited
        free
    otherwise free

define asked for Goods:
    licensing == prohibited
"""
"""A policy without rules. `grade` has a gap where the weight is 0."""


def said(program: Program, facts: dict[str, Any]) -> tuple[Any, Any]:
    """What the definition `m.asked` says of facts: interpreted, compiled."""
    interpreter = Interpreter(program)
    (record,) = (declared.type for declared in program.records.values())
    read: Any = interpreter.decoder(record)(facts).value
    with imported(program) as package:
        compiled = attempt(lambda: package.definitions.asked(package.records.Goods(**read)))
    return attempt(lambda: interpreter.call("m.asked", [read], read["day"])), compiled


def test_a_decision_asked_by_a_clause_asks_only_its_rules() -> None:
    """Whether facts keep their `always` lines is asked when they come in, not again by each decision."""
    rules = """
rule wide for licensing:
    cite "15 CFR 736"
    when width > 5
    then prohibited
"""
    program = text.interpreter(LAW + rules).program
    facts = {"day": "2022-03-01", "weight": 0, "width": 6}
    assert said(program, facts) == (True, True)
    gap = ("GapError", "no case of `grade` holds")
    with imported(program) as package:
        goods = package.records.Goods(day=date(2022, 3, 1), weight=0, width=6)
        assert attempt(lambda: package.licensing.outcome(goods)) == gap
        assert attempt(lambda: package.licensing.outcome(facts)) == gap
        assert package.licensing.outcome(replace(goods, weight=1)) == "prohibited"


@pytest.mark.parametrize("day", ["2024-06-30", "2024-07-01", None])
def test_both_name_the_sources_that_are_older_than_the_day(day: str | None) -> None:
    source = """
source "The act" as of 2024-06-30
source "An older act" as of 2020-01-01

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
    program = text.interpreter(source).program
    facts = {"a": True, "day": day}
    expected = Interpreter(program).decide_json("m.permit", facts)
    with imported(program) as package:
        answer = package.permit.answer(facts)
        assert answer.after_sources == expected.after_sources
        assert answer.to_json() == expected.to_json()
    assert bool(answer.after_sources) == (day == "2024-07-01")


def test_of_two_errors_a_decision_raises_that_of_its_first_rule() -> None:
    """Compiled code asks first the rules that others depend on, which may stand below them."""
    rules = """
define size_of(width: Int) -> Int:
    1 when width < 5

define class_of(width: Int) -> Int:
    1 when width > 0
    2 when width > 8

rule small for licensing:
    cite "15 CFR 736"
    when size_of(width) == 1
    then prohibited

rule first_class for licensing:
    cite "15 CFR 736"
    disapplies small
    when class_of(width) == 1
"""
    program = text.interpreter(LAW + rules).program
    answers = [said(program, {"day": "2022-03-01", "weight": 1, "width": width}) for width in (0, 1, 5, 9)]
    gaps = [("GapError", f"no case of `{name}` holds") for name in ("class_of", "size_of")]
    assert answers == [(each, each) for each in (gaps[0], False, gaps[1], gaps[1])]


def test_the_random_policies_come_out_in_every_way() -> None:
    """What the tests above compare is worth comparing, and most of it is compiled."""
    seen: Counter[str] = Counter()
    compiled: Counter[bool] = Counter()
    wanted = {"determined", "undetermined", "gap", "contradiction", "refused"}
    for seed in range(200):
        if seed >= 8 and set(seen) == wanted:
            break
        random = Random(seed)
        program = generate.program(random)
        with imported(program) as package:
            for about, facts, day in cases(random, program):
                facade = getattr(package, about.name).DECISION
                answer = attempt(lambda: facade.answer(facts, day, None))  # noqa: B023
                if isinstance(answer, tuple):
                    seen["refused"] += 1
                    continue
                seen[answer.error or ("determined" if answer.determined else "undetermined")] += 1
                record, _, _ = facade.read(facts, day, None)
                # Without a day the reference semantics answers, by design.
                if answer.determined and not facade.asks_known and facade.day(record, day) is not None:
                    compiled[type(answer).__name__ == "LateAnswer"] += 1
    assert set(seen) == wanted
    assert compiled[True] > 10 * compiled[False]


@pytest.mark.parametrize("seed", range(3))
def test_the_same_program_gives_the_same_text(seed: int) -> None:
    from comity.backends.python import emit

    first = emit(generate.program(Random(seed)), "p")
    assert emit(generate.program(Random(seed)), "p") == first
