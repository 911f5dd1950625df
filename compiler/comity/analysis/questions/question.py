"""What a question is: the interface between the files of the codes and the runner.

Each L-code has a file in this folder, named like the code. Its docstring is the page that `comity explain` prints, and
`QUESTIONS` names the classes that ask it, of decisions or of definitions. For example, a file `same_outcome.py` with
a code L214 whose line is in `CODES`:

    class SameOutcome(DecisionQuestion[str]):
        code = "L214"
        words = "whether the rules of {} differ"

        def subjects(self) -> Iterable[str]:
            return [self.model.decision.name]

        def ask(self, subject: str) -> None:
            decision = self.model.decision
            if len({rule.outcome for rule in decision.rules}) == 1:
                self.report(f"all rules of `{subject}` say the same", decision.span, (subject,))

    QUESTIONS = (SameOutcome,)

The runner makes one of these for each decision, before the conditions of the record are settled; asks it of each
subject; and after an edit again of those subjects that it says the edit may have changed. A file whose findings can be
fixed has a function `fix` too, which makes the `Fix` of one of them with what `Repairs` offers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from comity.analysis.decision.study import Witness
from comity.analysis.questions.change import Change
from comity.analysis.questions.findings import Asked, Findings, Shows
from comity.analysis.questions.model import DecisionModel, DefinitionModel
from comity.analysis.space.boxes import Box
from comity.base.diagnostics import Applicability, Diagnostic, Fix
from comity.base.source import Span
from comity.core import ast as core
from comity.runtime.errors import PolicyError
from comity.terms import Term

Model = TypeVar("Model", DecisionModel, DefinitionModel)
Subject = TypeVar("Subject", bound=Hashable)


class Question(ABC, Generic[Model, Subject]):
    """One thing that is asked of every decision, or of every definition; made before the study is settled."""

    code: ClassVar[str]
    """The code of its findings."""
    words: ClassVar[str]
    """What is asked, for those who watch; {}: the name of the subject."""
    rests_on: ClassVar[tuple[str, ...]] = ()
    """Codes whose questions must be asked too, and before: one finding per cause."""

    def __init__(self, model: Model) -> None:
        """Translate whatever conditions the question needs: they cannot be translated later."""
        self.model: Model = model
        self.pending: dict[Subject, None] = {}
        """The subjects that are still to be asked about: all have to be before what was found is all there is."""

    @property
    def is_asked(self) -> bool:
        """Findings of its code are wanted. Questions are made in any case, so that the axes are the same."""
        return self.code in self.model.asked

    @property
    def findings(self) -> Findings:
        return self.model.findings

    @abstractmethod
    def subjects(self) -> Iterable[Subject]:
        """What the question is asked of, one after another; nothing where it does not apply."""

    def prepare(self, subjects: Sequence[Subject]) -> None:
        """Look at all subjects at once, before they are asked about one by one."""

    @abstractmethod
    def ask(self, subject: Subject) -> None:
        """Find the answer, and report what the author should know of it."""

    def key(self, subject: Hashable) -> Asked:
        """What findings about a subject are kept by."""
        return self.code, self.model.name, subject

    def found(self, subject: Hashable) -> Sequence[Diagnostic]:
        """What was reported about a subject when it was asked last."""
        return self.findings.to(self.key(subject))

    def begin(self, subject: Hashable) -> None:
        """Forget what was reported about a subject: what is reported from now on is about it."""
        self.findings.about(self.key(subject), self.words)

    def report(self, message: str, span: Span, subjects: Sequence[str], **details: object) -> None:
        """Report a finding that shows no input. ``details``: further fields of the diagnostic."""
        self.findings.add(self.code, message, span, subjects, **details)


class DecisionQuestion(Question[DecisionModel, Subject]):
    """A question about the rules of a decision."""

    about_rules: ClassVar[bool] = False
    """Some of its subjects are about one rule each."""

    judges: ClassVar[bool] = False
    """It is asked of the rules that are judged again (`Change.judged`)."""

    makes_axes: ClassVar[bool] = False
    """It makes axes for what it searches."""

    def is_about(self, subject: Subject, change: Change) -> bool:
        """A subject is about an edited rule, and depends on no other that is judged again."""
        return subject in change.edited_units

    def about_edited(self, change: Change) -> Iterable[Subject]:
        """The subjects to ask again that are about edited rules (`is_about`): asked before all others, as the author
        waits for them.
        """
        return [subject for subject in self.to_ask_again(change) if self.is_about(subject, change)]

    def to_ask_again(self, change: Change) -> Iterable[Subject]:
        """The subjects whose answer a change of rules may have changed: those it depends on. All, if nothing better
        is known.
        """
        return self.subjects()

    def translate_again(self, reads: Callable[[Term], bool]) -> Iterable[Subject]:
        """Translate terms of the question's own again that read what has changed; the subjects to ask again."""
        return ()

    def outdated(self) -> Iterable[Subject]:
        """The subjects whose answer depends on answers to other questions that are not what they were."""
        return ()

    def memory(self) -> object:
        """What it knows besides its findings, for another process that reads the same program: builtins, boxes, units,
        spans and `Undecided`. None: it is to be asked there too, for what it knows cannot be kept.
        """
        return ()

    def recall(self, memory: Any) -> None:
        """Know what ``memory`` says, without having been asked."""

    def knowledge(self, subjects: Sequence[Subject]) -> object:
        """What it knows of subjects besides its findings, for the process of which this one is a copy: what can be
        pickled. As `memory`, unless it is asked of some subjects here and of others there.
        """
        return self.memory()

    def know(self, subjects: Sequence[Subject], knowledge: Any) -> None:
        """Know what a copy of the process does (`knowledge`) that was asked of ``subjects``."""
        if knowledge is not None:
            self.recall(knowledge)

    def seal(self) -> None:
        """Make the boxes of the question's own terms, so that their axes do not depend on what is asked first."""

    def report_shown(
        self, message: str, span: Span, subjects: Sequence[str], found: Witness, shows: Shows, expect: str,
        **details: object,
    ) -> None:  # fmt: skip
        """Report a finding with an input, if the interpreter's answer to that ``shows`` it: a test of the input would
        ``expect`` that.
        """
        decision = self.model.decision
        self.findings.show(self.code, message, span, subjects, decision, found, shows, expect, **details)


class LocatedQuestion(DecisionQuestion[Subject]):
    """A question that has no finding where some input answers it, and knows of a region in which one does."""

    def __init__(self, model: DecisionModel) -> None:
        super().__init__(model)
        self.where: dict[Subject, Box] = {}
        """For subjects with such an input that no test shows, a region in which there is one."""

    def memory(self) -> object:
        return self.where

    def recall(self, memory: dict[Subject, Box]) -> None:
        self.where = memory

    def knowledge(self, subjects: Sequence[Subject]) -> object:
        return {each: self.where[each] for each in subjects if each in self.where}

    def know(self, subjects: Sequence[Subject], knowledge: dict[Subject, Box]) -> None:
        self.where |= knowledge


class DefinitionQuestion(Question[DefinitionModel, str]):
    """A question about the cases or lines of a definition: its one subject is the definition's qualified name."""

    def subjects(self) -> Iterable[str]:
        return (self.model.define.qname,) if self.applies() else ()

    @abstractmethod
    def applies(self) -> bool:
        """There is something to ask."""

    def report_raised(
        self, message: str, span: Span, found: Witness, error: type[PolicyError], **details: object
    ) -> None:
        """Report a finding with an input, if the interpreter raises ``error`` there."""
        self.findings.show_raised(self.code, message, span, self.model.define, found, error, **details)


class Repairs(Protocol):
    """How a `fix` edits the text of the policy. None: it cannot be done, for example without losing a comment."""

    @property
    def core(self) -> core.Program | None:
        """The program, if it has no errors."""

    def put_clause(self, rule: Span, clause: str, applicability: Applicability, group: str) -> Fix | None:
        """Put a clause before the others of the rule declared at ``rule``."""

    def take_out_clause(self, clause: Span) -> Fix | None:
        """Take out a clause of precedence or an `unless`."""

    def take_out_line(self, line: Span, value: bool) -> Fix | None:
        """Take out a line that is always ``value``, where its block says the same without it."""
