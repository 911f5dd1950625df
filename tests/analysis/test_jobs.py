"""Whatever the number of processes that ask, the same is found, and known of rules afterwards."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given

from comity.analysis import Analysis
from comity.analysis import program as analysis_program
from comity.analysis.questions import sharing
from comity.analysis.questions.date_gap import DaysLeftOut
from comity.analysis.questions.dead_exception import DeadClause
from comity.analysis.questions.never_applies import NeverApplies
from comity.base import workers
from comity.base.diagnostics import Diagnostic
from comity.base.interruption import Interrupted, interruptible
from comity.core import ast as core
from tests.copies import none_is_left, remembered
from tests.strategies import examples, small_policies

from . import midsize, shaped
from .brute import Subject
from .written import compiled

pytestmark = pytest.mark.skipif(not hasattr(os, "fork") or sys.platform == "darwin", reason="no copies here")

DATED = """
enum Place:
    a
    b
    c
record Case as of day:
    day: Date
    to: Place
    via: set of Place
    hidden: Bool?
decision permit for Case:
    outcomes:
        denied
        license
        free
    otherwise free
rule interim for permit:
    from 2022-02-24 until 2022-06-29
    when any place in via: place == a and to == b
    then license
rule final for permit:
    from 2022-07-01
    when any place in via: place == a and to == b
    then license
rule hidden_ones for permit:
    notwithstanding interim, final
    when hidden and to in {b, c}
    unless a in via
    then denied
rule never for permit:
    subject to final
    when to == a and to == b
    then denied
rule again for permit:
    from 2023-01-01
    when to == b and a in via and any place in via: place == a and to == b
    then license
"""


@pytest.fixture(autouse=True)
def shares(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever there is to ask is shared."""
    monkeypatch.setattr(workers, "may_share", lambda: True)
    monkeypatch.setattr(sharing, "LONG", 0)


def found_by(program: core.Program, jobs: int) -> tuple[Sequence[Diagnostic], object]:
    """Findings, and what is known of each rule. Where that was seen may be another place: any will do."""
    analysis = Analysis(program, jobs=jobs)
    units = (unit for study in analysis.studies for each in study.decisions.values() for unit in each.model.units)
    known = [(each.name, each.applies, each.decides, each.matters, each.flaw, each.is_open) for each in units]
    return analysis.findings, known


def dated() -> core.Program:
    program, errors = compiled(DATED, {})
    assert program is not None and not errors
    return program


@pytest.mark.parametrize(
    "make",
    [
        dated,
        lambda: midsize.policy(1, 25)[0],
        lambda: shaped.policy(60, 6),
        lambda: shaped.policy(40, 7),
    ],
)
def test_the_same_is_found(make: Any) -> None:
    program = make()
    alone = found_by(program, 1)
    assert alone[0]
    for jobs in (2, 3):
        assert found_by(program, jobs) == alone, jobs


@examples(8)
@given(small_policies())
def test_the_same_is_found_of_random_policies(subject: Subject) -> None:
    assert found_by(subject.program, 2) == found_by(subject.program, 1)


def test_copies_do_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    """With copies, nothing about decisions is asked in this process."""
    program = dated()
    wanted = found_by(program, 1)
    monkeypatch.setattr(sharing._Asking, "_ask_here", None)
    assert found_by(program, 2) == wanted


@pytest.mark.parametrize("question", [NeverApplies, DeadClause, DaysLeftOut])
def test_a_copy_that_dies_is_asked_for_here(question: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    program = dated()
    wanted, ask, here = found_by(program, 1), question.ask, os.getpid()

    def dying(self: Any, subject: Any) -> None:
        if os.getpid() != here:
            os._exit(9)
        ask(self, subject)

    monkeypatch.setattr(question, "ask", dying)
    assert found_by(program, 2)[0] == wanted[0]


@pytest.mark.parametrize("question", [NeverApplies, DeadClause, DaysLeftOut])
def test_a_fault_is_reported_as_by_one_process(question: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of the analysis hides nothing that was found before, and is told of."""
    program = dated()

    def failing(self: Any, subject: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(question, "ask", failing)
    alone = found_by(program, 1)
    assert any("ZeroDivisionError" in each.message for each in alone[0])
    assert found_by(program, 3) == alone


def test_what_makes_axes_unforeseen_is_asked_here(monkeypatch: pytest.MonkeyPatch) -> None:
    program = dated()
    wanted = found_by(program, 1)
    assert any(each.code == "L213" for each in wanted[0])
    monkeypatch.setattr(DaysLeftOut, "makes_axes", False)
    assert found_by(program, 2)[0] == wanted[0]


def test_interrupting_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    program = dated()
    copies = remembered(monkeypatch)
    asked: list[None] = []

    def unwanted() -> bool:
        asked.append(None)
        return len(asked) > 400

    with pytest.raises(Interrupted), interruptible(unwanted):
        for _ in range(50):
            Analysis(program, jobs=2)
    assert none_is_left(copies)


BESIDE = """
record Person:
    place: Place
    second: Place
define near for Person:
    all:
        place == a
        place in {a, b}
define kind(one: Place) -> Place:
    first match
    b when one == a
    c when one == a
    a otherwise
decision entry for Person:
    outcomes:
        refused
        open
    otherwise open
rule twice for entry:
    when place == a and place == b
    then refused
"""


def answers_by(program: core.Program, jobs: int) -> tuple[Sequence[Diagnostic], object]:
    analysis = Analysis(program, jobs=jobs)
    return analysis.findings, analysis.answers()


def test_small_studies_are_made_beside_the_largest(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found and kept is the same; no study but the largest is made in this process."""
    program, errors = compiled(DATED + BESIDE, {})
    assert program is not None and not errors
    alone = answers_by(program, 1)
    about = {each.code for each in alone[0] if each.span.start > len(DATED)}
    assert len(about) > 1 and alone[1] is not None
    monkeypatch.setattr(analysis_program, "LEAST_BESIDE", 0)
    study, here = Analysis._study, os.getpid()
    made: list[Any] = []

    def noted(self: Analysis, subject: Any) -> Any:
        made.append(subject)
        return study(self, subject)

    monkeypatch.setattr(Analysis, "_study", noted)
    for jobs in (2, 3):
        made.clear()
        assert answers_by(program, jobs) == alone
        assert [each.name for each in made] == ["Case"]

    def dying(self: Analysis, subject: Any) -> Any:
        return study(self, subject) if os.getpid() == here else os._exit(3)

    monkeypatch.setattr(Analysis, "_study", dying)
    assert answers_by(program, 2) == alone


def test_a_small_study_that_fails_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    program, errors = compiled(DATED + BESIDE, {})
    assert program is not None and not errors
    ask = NeverApplies.ask

    def failing(self: Any, subject: Any) -> None:
        if self.model.decision.name == "entry":
            raise ZeroDivisionError
        ask(self, subject)

    monkeypatch.setattr(NeverApplies, "ask", failing)
    alone = answers_by(program, 1)
    assert any("ZeroDivisionError" in each.message for each in alone[0])
    monkeypatch.setattr(analysis_program, "LEAST_BESIDE", 0)
    assert answers_by(program, 2) == alone
