"""What an analysis finds after rules were changed is what one finds that is made anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pytest

from comity.analysis import limits
from comity.analysis.limits import SOLVER_ALONE
from comity.analysis.program import Analysis
from comity.analysis.space.space import Space
from comity.base.interruption import Interrupted, interruptible
from comity.base.watching import watched
from comity.core import ast as core

from .edits import differing
from .written import compiled

EDITS = 8
CHUNK = 5
USUAL = [("trees", 0), ("text", 0)]
NIGHTLY = [(kind, start) for kind in ("trees", "text") for start in range(CHUNK, 60, CHUNK)]


@pytest.mark.parametrize(
    ("kind", "start"), [*USUAL, *(pytest.param(*chunk, marks=pytest.mark.slow) for chunk in NIGHTLY)]
)
def test_a_revised_analysis_equals_a_new_one(kind: str, start: int) -> None:
    ways: Counter[str] = Counter()
    for seed in range(start, start + CHUNK):
        wrong = differing(kind, seed, EDITS, ways)
        assert wrong is None, f"{kind} {seed}: {wrong}"
    assert ways["in place"] > ways["anew"] / 4, ways


@pytest.mark.parametrize("seeds", [range(3), pytest.param(range(3, 20), marks=pytest.mark.slow)], ids=str)
def test_a_revised_analysis_that_asks_the_solver_equals_a_new_one(
    seeds: range,
) -> None:
    ways: Counter[str] = Counter()
    with limits.changed(**SOLVER_ALONE):
        for kind, _ in USUAL:
            for seed in seeds:
                wrong = differing(kind, seed, EDITS, ways)
                assert wrong is None, f"{kind} {seed}: {wrong}"
    assert ways["in place"] > ways["anew"] / 4, ways


@pytest.mark.parametrize("seeds", [range(3), pytest.param(range(3, 10), marks=pytest.mark.slow)], ids=str)
@pytest.mark.parametrize("counted", [1, 4])
def test_a_revised_analysis_counts_contradictions_as_a_new_one(counted: int, seeds: range) -> None:
    """An edit moves the place from which on contradictions are counted, and no longer told."""
    ways: Counter[str] = Counter()
    with limits.changed(shown_contradictions=1, counted_pairs=counted):
        for kind, _ in USUAL:
            for seed in seeds:
                wrong = differing(kind, seed, EDITS, ways)
                assert wrong is None, f"{kind} {seed}: {wrong}"
    assert ways["in place"] > ways["anew"] / 4, ways


def test_what_a_question_learns_is_forgotten_by_the_next_one() -> None:
    space = Space()
    space.learn({0: 1})
    after_one = space.lesson
    space.learn({1: 2})
    space.start([{0: 1}])
    assert space.impossible == [{0: 1}]
    assert space.lesson == after_one
    space.start()
    assert not space.impossible
    assert not space.learnt


TWO = """\
record Case:
    a: Bool
    b: Bool

decision permit for Case:
    outcomes:
        ban
        free
    otherwise free

decision review for Case:
    outcomes:
        refused
        granted
    otherwise granted

rule banned for permit:
    when {banned}
    then ban

rule reader for review:
    when {reader}
    then refused

rule other for review:
    when {other}
    then refused
"""
START = {"banned": "a and b", "reader": "a and b", "other": "b"}


def _program(conditions: Mapping[str, str]) -> core.Program:
    made, errors = compiled(TWO.format_map(conditions), {})
    assert made is not None, errors
    return made


def _edited(program: core.Program, rule: str, condition: str) -> core.Program:
    """The program with another condition of one rule, and all else the same objects."""
    now = _program({**START, rule: condition})
    (qname,) = (qname for qname, decision in now.decisions.items() if any(each.name == rule for each in decision.rules))
    pairs = zip(program.decisions[qname].rules, now.decisions[qname].rules, strict=True)
    rules = tuple(replace(was, when=each.when) if each.name == rule else was for was, each in pairs)
    return replace(program, decisions={**program.decisions, qname: replace(program.decisions[qname], rules=rules)})


def _told(analysis: Analysis) -> list[tuple[str, tuple[str, ...]]]:
    assert analysis.findings == Analysis(analysis.program).findings
    return [(each.code, each.subjects) for each in analysis.findings]


def test_a_rule_that_has_come_to_read_a_decision() -> None:
    """An edit of the decision that it reads by now changes what is said of it."""
    program = _program(START)
    analysis = Analysis(program)
    analysis.make_ready()
    told = []
    for rule, condition in (("reader", "permit == ban and not b"), ("banned", "a or b")):
        program = _edited(program, rule, condition)
        analysis.revise(program)
        told.append(("L202", ("reader",)) in _told(analysis))
    assert told == [True, False]


def test_an_edit_of_what_is_read_while_a_reader_is_judged() -> None:
    """What was asked about the decision for the first edit does not do for the second."""
    program = _edited(_program(START), "reader", "permit == ban and not b")
    analysis = Analysis(program)
    assert ("L202", ("reader",)) in _told(analysis)
    settled: list[object] = []
    program = _edited(program, "other", "b and not a")
    with watched(settled=settled.append), interruptible(lambda: bool(settled)), pytest.raises(Interrupted):
        analysis.revise(program)
    assert settled and not analysis.is_broken
    analysis.revise(_edited(program, "banned", "a or b"))
    assert ("L202", ("reader",)) not in _told(analysis)
