"""Asks all questions about the decisions of one study, in several processes where that takes long.

What is asked of a decision falls into tasks, which do not depend on each other within a stage:

    judging     the questions about a rule by itself, some rules at a time: what they find out about rules is known to
                all that come later
    others      each other question, some subjects at a time; last, as one task, those that make axes for what they
                search, since the order of axes counts

They are asked here, one after another, until that has taken a while. What is left of a stage is shared with copies of
this process (`base/workers.py`), and what these have found is told to the questions here, in the order in which it
would have been asked. So findings are the same for any number of processes. What a copy has not answered is asked here.
"""

from __future__ import annotations

import pickle
import time
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import fields
from io import BytesIO
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from comity.analysis.decision.study import Study, Undecided
from comity.analysis.decision.test_inputs import TestInput
from comity.analysis.questions.findings import Findings
from comity.analysis.questions.question import DecisionQuestion
from comity.analysis.questions.runner import DecisionRunner, ask_of
from comity.analysis.questions.units import Unit
from comity.base import watching
from comity.base.workers import MOST, shared
from comity.core import ast as core

LONG = 0.3
"""Seconds of processor time that asking takes before the rest of it is shared. Two copies of a process of 400 MB take a
tenth of that, and most of what is asked about small policies is answered sooner.
"""

SLICES = 16
"""Into how many tasks a question about many subjects is cut: eight processes then end at about the same time."""

T = TypeVar("T")


class Task(NamedTuple):
    """Questions about one decision, each of the same subjects."""

    runner: DecisionRunner
    questions: Sequence[DecisionQuestion[Any]]
    subjects: Sequence[Hashable]

    def ask(self, findings: Findings) -> None:
        findings.whom = self.runner.model.decision.name
        for question in self.questions:
            ask_of(question, self.subjects)
        findings.close()


def ask_everything(study: Study, findings: Findings, runners: Sequence[DecisionRunner], jobs: int = 1) -> bool:
    """Ask everything about decisions. False if the analysis failed at something, which is reported."""
    asking = _Asking(study, findings, runners, jobs)
    for stage in (judging(runners), others(runners)):
        asking.ask(stage)
    return not asking.failed


def judging(runners: Sequence[DecisionRunner]) -> list[list[Task]]:
    """By rules, what is asked of each by itself. A list of tasks that are asked in one process, for each."""
    return [
        [Task(runner, asked, units)]
        for runner in runners
        if (asked := [question for question in runner.questions if question.judges])
        for units in _slices(runner.model.units)
    ]


def others(runners: Sequence[DecisionRunner]) -> list[list[Task]]:
    """What does not judge rules; what makes axes is last."""
    made = [
        Task(runner, (question,), list(question.subjects()))
        for runner in runners
        for question in runner.questions
        if question.makes_axes
    ]
    rest = [
        [Task(runner, (question,), subjects)]
        for runner in runners
        for question in runner.questions
        if not (question.judges or question.makes_axes)
        for subjects in _slices(list(question.subjects()))
    ]
    return [*rest, made] if made else rest


def _slices(subjects: Sequence[T]) -> Iterator[Sequence[T]]:
    size = -(-len(subjects) // SLICES) or 1
    return (subjects[start : start + size] for start in range(0, len(subjects), size))


class _Asking:
    """``failed``: the decisions at which the analysis has failed, of which no more is asked."""

    def __init__(self, study: Study, findings: Findings, runners: Sequence[DecisionRunner], jobs: int) -> None:
        self.study, self.findings, self.jobs = study, findings, jobs
        self.failed: list[DecisionRunner] = []
        self._begun = time.process_time()
        self._references = _References(study, runners)

    def ask(self, stage: list[list[Task]]) -> None:
        """Ask what a stage asks, here or in copies."""
        while stage and (self.jobs < 2 or time.process_time() - self._begun < LONG):
            self._ask_here(stage.pop(0))
        while stage:
            self._share(stage[:MOST])
            del stage[:MOST]

    def _ask_here(self, tasks: Sequence[Task]) -> None:
        for task in tasks:
            if task.runner not in self.failed:
                try:
                    task.ask(self.findings)
                except Exception as error:  # a fault of the analysis must neither hide findings nor end the command
                    self._fail(task.runner, error)

    def _fail(self, runner: DecisionRunner, error: Exception) -> None:
        self.failed.append(runner)
        report_failure(self.findings, runner.model.decision, error)

    def _share(self, stage: Sequence[list[Task]]) -> None:
        found: dict[int, list[bytes]] = {}
        here, axes = self.findings, len(self.study.space.axes)
        makes_axes = any(question.makes_axes for question in stage[-1][-1].questions)

        def work(number: int) -> list[bytes]:
            answers = []
            for task in stage[number]:
                before = len(here.by_question)
                task.ask(here)
                answers.append(self._references.dumps(_answer(task, here, before)))
            if len(self.study.space.axes) != axes and not (makes_axes and number == len(stage) - 1):
                raise RuntimeError("boxes are of axes that are not known elsewhere")
            return answers

        def received(number: int, answers: list[bytes]) -> None:
            found[number] = answers
            names = ", ".join(dict.fromkeys(task.runner.model.decision.name for each in stage for task in each))
            watching.doing(f"{names}: {len(found)} of {len(stage)} groups of questions, in {self.jobs} processes")

        # What makes axes takes long, so it is asked first; in a copy of its own, where others must not meet its axes.
        numbers = range(len(stage))
        if makes_axes:
            shared(numbers[::-1], work, received, self.jobs + 1, alone=numbers[-1:])
        else:
            shared(numbers, work, received, self.jobs)
        for number, tasks in enumerate(stage):
            # Where an axis has been made here, those that come later are to be asked with it, as in one process.
            if number not in found or len(self.study.space.axes) != axes:
                self._ask_here(tasks)
            else:
                for task, answer in zip(tasks, found[number], strict=True):
                    if task.runner not in self.failed:
                        _tell(task, here, self._references.loads(answer))


def report_failure(findings: Findings, about: core.Define | core.Decision, error: Exception) -> None:
    """What the analysis fails at is an open question, and no reason to be silent about all the others."""
    findings.about(("failure", about.qname), "what went wrong")
    failure = Undecided(f"the analysis failed at it ({type(error).__name__})", "please report this")
    findings.undecided(f"what else is to be said of `{about.name}`", failure, about.span, (about.name,))


# ------------------------------------------------------------------------------------------- answers of copies

_KNOWN = tuple(each.name for each in fields(Unit) if each.name != "rules")
"""What is known of a rule."""


def _answer(task: Task, findings: Findings, before: int) -> object:
    """What a copy has found, and knows now: ``before`` there were so many questions with findings."""
    judged = task.subjects if any(question.judges for question in task.questions) else ()
    return (
        list(islice(findings.by_question.items(), before, None)),
        [[getattr(unit, name) for name in _KNOWN] for unit in judged],
        [question.knowledge(task.subjects) for question in task.questions],
    )


def _tell(task: Task, findings: Findings, answer: Any) -> None:
    found, units, knowledge = answer
    for unit, known in zip(task.subjects, units, strict=False):
        for name, value in zip(_KNOWN, known, strict=True):
            setattr(unit, name, value)
    for question, known in zip(task.questions, knowledge, strict=True):
        question.know(task.subjects, known)
    for asked, diagnostics in found:
        findings.by_question[asked] = diagnostics
        watching.found(diagnostics)


class _References:
    """Pickles in which rules as declared and inputs of tests are those that this process and its copies have."""

    def __init__(self, study: Study, runners: Sequence[DecisionRunner]) -> None:
        self._all: list[object] = [unit for runner in runners for unit in runner.model.units]
        self._all += study.test_inputs
        self._numbers = {id(each): number for number, each in enumerate(self._all)}

    def dumps(self, value: object) -> bytes:
        file = BytesIO()
        pickler = _Pickler(file, self._numbers)
        pickler.dump(value)
        return file.getvalue()

    def loads(self, data: bytes) -> Any:
        return _Unpickler(BytesIO(data), self._all).load()


class _Pickler(pickle.Pickler):
    def __init__(self, file: BytesIO, numbers: dict[int, int]) -> None:
        super().__init__(file, 5)
        self._numbers = numbers

    def persistent_id(self, value: object) -> int | None:
        return self._numbers[id(value)] if isinstance(value, Unit | TestInput) else None


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: BytesIO, known: Sequence[object]) -> None:
        super().__init__(file)
        self._known = known

    def persistent_load(self, number: int) -> object:
        return self._known[number]
