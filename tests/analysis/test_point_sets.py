"""Formulas judged on many points at once are judged as on each point by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice

import pytest

from comity.analysis import analyse
from comity.analysis.decision.search import DecisionSearch
from comity.analysis.decision.seen import standings
from comity.analysis.decision.study import Study
from comity.analysis.decision.test_inputs import TestInput
from comity.analysis.space.points import Point
from comity.analysis.space.recipes import Same
from comity.core.interpret import Interpreter

from .compare import KINDS
from .written import compiled

INPUTS = 60


@pytest.mark.parametrize("kind", KINDS)
def test_a_point_set_is_judged_as_its_points(kind: str) -> None:
    judged = 0
    for seed, study, search in studies(kind):
        point_set = study.test_points
        for rule in search.rules:
            own = search.own(rule.number)
            for formula in (own.true, own.false, own.unknown, own.maybe):
                true, false = point_set.judged(formula)
                for place, point in enumerate(point_set.points):
                    expected = {True: (1, 0), False: (0, 1), None: (0, 0)}[point.holds(formula)]
                    assert (true >> place & 1, false >> place & 1) == expected, (seed, rule.name, formula)
                    judged += 1
    assert judged > 5_000


@pytest.mark.parametrize("kind", KINDS)
def test_rules_stand_on_test_inputs_as_the_interpreter_says(kind: str) -> None:
    compared = 0
    for seed, study, search in studies(kind):
        found = standings(search, range(len(search.rules)))
        for test_input, standing in zip(study.test_inputs, found, strict=True):
            expected = test_input.standing(search.decision.qname)
            if expected is not None:  # else the cases of a definition fail on it
                assert standing == expected, (seed, test_input.facts, test_input.day)
                compared += 1
    assert compared > 500


def studies(kind: str) -> Iterator[tuple[int, Study, DecisionSearch]]:
    """Every decision of some policies, with inputs as test inputs."""
    for seed in range(30):
        subject = KINDS[kind](seed)
        interpreter = Interpreter(subject.program)
        for decision in subject.program.decisions.values():
            record = decision.record
            inputs = islice(subject.inputs(record), 0, None, 7)
            test_inputs = [TestInput(interpreter, record, facts, {}, day) for facts, day in islice(inputs, INPUTS)]
            study = Study(interpreter, record, test_inputs=test_inputs)
            search = DecisionSearch(study, decision)
            study.settle()
            study.decided = partial(outcome, test_inputs)
            yield seed, study, search


def outcome(test_inputs: Sequence[TestInput], place: int, decision: str) -> str | None:
    test_input = test_inputs[place]
    return test_input.interpreter.decide(decision, test_input.facts, test_input.day).outcome


def test_what_does_not_hang_on_an_element_is_judged_once_for_all() -> None:
    """Counts of counts, on one list: each is a fact of the whole. Else twelve of them take hours."""
    chain = "".join(f"define d{n} for R:\n    count(p in ps where d{n - 1}) > 2\n\n" for n in range(1, 13))
    program, errors = compiled(
        "record P:\n    x: Int\n\nrecord R:\n    ps: list of P\n    y: Int\n\n"
        f"define d0 for R:\n    y > 0\n\n{chain}"
        "decision d for R:\n    outcomes:\n        a\n        b\n    otherwise b\n\n"
        "rule r for d:\n    when d12\n    then a\n\n"
        'test "t" for d:\n    given:\n        y = 1\n        ps = [P(x = 1), P(x = 2), P(x = 3), P(x = 4)]\n'
        "    expect a\n",
        {},
    )
    assert program is not None, errors
    assert analyse(program) == []


@pytest.mark.parametrize(("seat", "cells"), [("a", 2), ("b", 1), (None, 3)])
def test_nothing_is_asked_of_an_equality_with_an_unknown_side(seat: str | None, cells: int) -> None:
    """As a condition asks it only where both are known, either cell will do, as of numbers that are unknown."""
    program, errors = compiled(
        "record R:\n    seat: Text?\n    place: Text\n\n"
        "decision d for R:\n    outcomes:\n        a\n        b\n    otherwise b\n\n"
        "rule r for d:\n    when seat == place\n    then a\n",
        {},
    )
    assert program is not None, errors
    decision = program.decisions["m.d"]
    study = Study(Interpreter(program), decision.record)
    own = DecisionSearch(study, decision).own(0)
    study.settle()
    (same,) = (number for number, recipe in study.space.recipes.items() if isinstance(recipe, Same))
    point = Point(study.space, {"seat": seat, "place": "a"})
    assert point.cell(same) == cells
    assert (point.holds(own.true), point.holds(own.unknown)) == (seat == "a", seat is None)
