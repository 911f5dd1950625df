"""Asks the questions, in one order, and after an edit again those whose answers it may have changed.

The runner knows nothing of what is asked: only the interface `Question`. Which questions there are, and in which
order they are asked, is said once, by the lines of the L-codes in `CODES`; the file of a code names the classes that
ask it. For example, L205 is asked when L203 has found which rules never decide:

    runner = DecisionRunner(study, licensing, findings, asked)   # translates all that questions need
    study.settle()
    ask_everything(…)        # rules never apply? … pairs contradict? … clauses make no difference? …
    runner.ask_again(change)     # after an edit: the subjects that each question names, in the same order
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, TypeAlias

from comity.analysis.decision.conditions import Known
from comity.analysis.decision.study import Study
from comity.analysis.questions.change import Change
from comity.analysis.questions.findings import Findings
from comity.analysis.questions.model import DecisionModel, DefinitionModel
from comity.analysis.questions.question import DecisionQuestion, DefinitionQuestion, Question
from comity.base.diagnostics import CODES, LOGIC
from comity.core import ast as core
from comity.terms import Term

Codes: TypeAlias = frozenset[str]
"""The codes whose questions are asked."""


def file_of(code: str) -> ModuleType:
    """The file of an L-code: its docstring is the page."""
    return import_module(f"comity.analysis.questions.{CODES[code].name.replace('-', '_')}")


@cache
def questions() -> tuple[type[Question[Any, Any]], ...]:
    """Everything that is asked, in the order in which it is asked."""
    return tuple(question for code in LOGIC for question in getattr(file_of(code), "QUESTIONS", ()))


def codes_to_ask(codes: Collection[str] | None) -> Codes:
    """The codes whose questions must be asked to report ``codes`` (None: all there are)."""
    found = set(LOGIC if codes is None else codes)
    for question in reversed(questions()):
        if question.code in found:
            found.update(question.rests_on)
    return frozenset(found)


class DecisionRunner:
    """The questions about one decision. Make it before the study is settled, run it after."""

    def __init__(
        self,
        study: Study,
        decision: core.Decision,
        findings: Findings,
        asked: Codes,
        known: Mapping[int, Known] | None = None,
    ) -> None:
        """``known``: what is known of conditions from another process (`Conditions`)."""
        self.model = DecisionModel(study, decision, findings, asked, known)
        made = [question(self.model) for question in questions() if issubclass(question, DecisionQuestion)]
        self.questions = [question for question in made if question.is_asked]
        self._made = made
        self._answered: dict[DecisionQuestion[Any], set[Hashable]] = {}
        """What was asked about edited rules themselves, since the last edit."""
        self._told_of: Change | None = None
        """The change that made it necessary."""

    def seal(self) -> None:
        """Make the boxes of rules and proofs, so that their axes do not depend on which question is asked first."""
        self.model.search.seal()
        for question in self._made:
            question.seal()

    def ask(self, question: Question[Any, Any]) -> None:
        """Ask one question of all its subjects."""
        ask_of(question, question.subjects())

    def ask_about_edited(self, change: Change) -> None:
        """Ask again what is about the edited rules themselves, which their author waits for."""
        self._answered.clear()
        self._told_of = change
        for question in self.questions if change.edited else ():
            if question.about_rules:
                if question.judges:
                    question.pending |= dict.fromkeys(again := list(question.to_ask_again(change)))
                    about = [each for each in again if question.is_about(each, change)]
                else:
                    about = list(question.about_edited(change))
                ask_of(question, about)
                self._answered[question] = set(about)
        change.flawed_so_far = change.flawed

    def ask_again(self, change: Change) -> None:
        """Ask all else that the change may give another answer to. A question is told of the change when those before
        it are asked. What rules read may have changed too since the edited ones were asked about: then these answers
        are not those there are now.
        """
        if change is not self._told_of:
            self._answered.clear()
        for question in self.questions:
            answered = self._answered.get(question)
            if answered is None or not question.judges:
                again = dict.fromkeys(question.to_ask_again(change))
                # What depends on which rules have another flaw is asked again where more of them have one by now.
                if answered is not None and change.flawed == change.flawed_so_far:
                    again = {subject: None for subject in again if subject not in answered}
                question.pending |= again
            ask_of(question, _left(question))
        self._answered.clear()
        self._told_of = None

    def translate_again(self, reads: Callable[[Term], bool]) -> None:
        """Translate again what questions have of their own that reads decisions which have changed."""
        for question in self.questions:
            question.pending |= dict.fromkeys(question.translate_again(reads))

    def ask_outdated(self) -> None:
        """Ask again what is left, and what depends on other answers than those there are now."""
        for question in self.questions:
            ask_of(question, dict.fromkeys([*_left(question), *question.outdated()]))


class DefinitionRunner:
    """The questions about one definition. Make it before the study is settled, run it after."""

    def __init__(self, study: Study, define: core.Define, findings: Findings, asked: Codes) -> None:
        self.model = DefinitionModel(study, define, findings, asked)
        made = [question(self.model) for question in questions() if issubclass(question, DefinitionQuestion)]
        self.questions = [question for question in made if question.is_asked]

    def run(self) -> None:
        """Ask everything."""
        for question in self.questions:
            ask_of(question, question.subjects())


def _left(question: Question[Any, Any]) -> Iterable[Hashable]:
    """What is still to be asked about, of what there is."""
    if question.pending:
        there = set(question.subjects())
        question.pending = {subject: None for subject in question.pending if subject in there}
    return question.pending


def ask_of(question: Question[Any, Any], subjects: Iterable[Hashable]) -> None:
    """Ask a question of subjects, one after another. What an edit ends stays pending."""
    asked = list(subjects)
    question.pending |= dict.fromkeys(asked)
    if asked:
        question.prepare(asked)
    for subject in asked:
        question.begin(subject)
        question.ask(subject)
        del question.pending[subject]
