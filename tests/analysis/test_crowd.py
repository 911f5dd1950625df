"""Formulas judged on many points at once are judged as on each point by itself."""

from __future__ import annotations

from itertools import islice

import pytest

from comity.analysis.contest import Contest
from comity.analysis.crowd import Crowd
from comity.analysis.specimens import Specimen
from comity.analysis.study import Study
from comity.core.interpret import Interpreter

from .compare import KINDS

INPUTS = 60


@pytest.mark.parametrize("kind", KINDS)
def test_a_crowd_is_judged_as_its_points(kind: str) -> None:
    judged = 0
    for seed in range(30):
        subject = KINDS[kind](seed)
        interpreter = Interpreter(subject.program)
        for decision in subject.program.decisions.values():
            study = Study(interpreter, decision.record)
            contest = Contest(study, decision)
            study.settle()
            inputs = islice(subject.inputs(decision.record), 0, None, 7)
            specimens = [
                Specimen(interpreter, decision.record, facts, {}, day) for facts, day in islice(inputs, INPUTS)
            ]
            points = [specimen.point(study.space) for specimen in specimens]
            crowd = Crowd(study.space, points)
            for rule in decision.rules:
                own = contest.own(rule.number)
                for formula in (own.true, own.false, own.unknown, own.maybe):
                    true, false = crowd.judged(formula)
                    for place, point in enumerate(points):
                        expected = {True: (1, 0), False: (0, 1), None: (0, 0)}[point.holds(formula)]
                        assert (true >> place & 1, false >> place & 1) == expected, (seed, rule.name, formula)
                        judged += 1
    assert judged > 5_000
