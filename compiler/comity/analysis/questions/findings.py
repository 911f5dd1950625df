"""What was found, by the question that it answers; and witnesses, shown only if the interpreter bears them out.

For example, the search says that `chips` and `allies` contradict each other on {destination: CA, eccn: 3A001}. The
input is decided by the reference interpreter: if that says "contradiction" too, the finding is kept, with the facts in
JSON and a `test` block that shows them. If not, the analysis has a fault: that the question is open is reported (L200),
never a finding that nobody can reproduce.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TypeAlias

from comity import terms
from comity.analysis.decision.study import Anew, Study, Undecided, Witness
from comity.analysis.witness.render import day_of, parted, test_block, to_json
from comity.base import watching
from comity.base.diagnostics import Diagnostic, diagnostic
from comity.base.source import Span
from comity.core import ast as core
from comity.runtime.answer import Answer
from comity.runtime.errors import ContradictionError, FactsError, PolicyError
from comity.terms import THIS

Shows: TypeAlias = Callable[[Answer], bool]
"""The interpreter's answer to the input of a witness shows what the finding says."""

Hidden: TypeAlias = Callable[[Diagnostic], bool]
"""A finding is not shown to the author, as the policy says that it is meant so."""

Asked: TypeAlias = tuple[Hashable, ...]
"""One question asked of one subject; the last part is the subject."""


class Findings:
    """The findings of one study, by what was asked; those that are reported now belong to ``asked``.

    ``hidden``: of these it does not matter by which input they are shown, so they may be provisional.
    """

    def __init__(self, study: Study, hidden: Hidden = lambda _: False) -> None:
        self.study = study
        self.hidden = hidden
        self.provisional: set[Asked] = set()
        """What was asked of which a study that is made anew might show the findings by other inputs."""
        self.may_lack = False
        """Such a study might have a finding that there is none of here."""
        self.whom = ""
        """The decision or definition that questions are asked about."""
        self.asked: Asked = ()
        self.by_question: dict[Asked, list[Diagnostic]] = {}
        self._before: dict[Asked, list[Diagnostic]] = {}
        """What was found before about what is being asked, or was when an edit ended that."""

    @property
    def diagnostics(self) -> list[Diagnostic]:
        return [each for found in self.by_question.values() for each in found]

    @property
    def is_provisional(self) -> bool:
        """A study that is made anew might show something else to the author."""
        return self.may_lack or any(not self.hidden(each) for asked in self.provisional for each in self.to(asked))

    @property
    def so_far(self) -> list[Diagnostic]:
        """As `diagnostics`, and what was found before about a question that is not settled again."""
        settled = (found for asked, found in self.by_question.items() if asked not in self._before)
        return [each for found in (*settled, *self._before.values()) for each in found]

    def about(self, asked: Asked, words: str) -> None:
        """Begin with a question: what was found about it before is forgotten. ``words``: what it asks, for those who
        watch; {}: of what.
        """
        self.close()
        self.study.begin()
        self.study.is_out_of_order = False
        self.asked = asked
        self.provisional.discard(asked)
        before = self.by_question.pop(asked, None)
        if before is not None:
            self._before[asked] = before
        if watching.is_watched():
            watching.doing(f"{self.whom}: {words.format(f'`{_name(asked[-1])}`')}")

    def close(self) -> None:
        """What was asked is settled, and no more is asked for now."""
        watching.found(self.to(self.asked))
        self._before.pop(self.asked, None)
        self.may_lack |= self.study.is_out_of_order and self.asked != ()
        self.asked = ()

    def leave(self) -> None:
        """What is being asked is not settled, and will be asked again."""
        self.asked = ()

    def to(self, asked: Asked) -> Sequence[Diagnostic]:
        """What was found about a question."""
        return self.by_question.get(asked, ())

    def add(self, code: str, message: str, span: Span, subjects: Sequence[str], **details: object) -> None:
        """A finding. ``details``: further fields of the diagnostic. Raises `Anew` if it is provisional and nobody
        watches, who would see it until there is another one.
        """
        found = diagnostic(code, message, span, subjects=tuple(subjects), **details)
        self.by_question.setdefault(self.asked, []).append(found)
        if self.study.is_out_of_order:
            self.study.is_out_of_order = False
            self.provisional.add(self.asked)
            if not (watching.is_watched() or self.hidden(found)):
                raise Anew

    def undecided(self, question: str, undecided: Undecided, span: Span, subjects: Sequence[str]) -> None:
        """L200. What is left open of several rules of a family is reported once."""
        message = f"it is not settled {question}: {undecided.why}"
        if not any(each.message == message for each in self.to(self.asked)):
            self.add("L200", message, span, subjects, help=undecided.help)

    # ------------------------------------------------------------------------------------ with witness

    def show(
        self, code: str, message: str, span: Span, subjects: Sequence[str], decision: core.Decision, found: Witness,
        shows: Shows, expect: str, **details: object,
    ) -> None:  # fmt: skip
        """A finding about a decision, if the answer to its witness ``shows`` it; a test of it would ``expect`` that."""
        answer = self.answer(decision, found)
        if answer is None or not shows(answer):
            self._mismatch(code, span, subjects, found)
        else:
            self._add_shown(code, message, span, subjects, decision.name, found, expect, details)

    def show_raised(
        self, code: str, message: str, span: Span, define: core.Define, found: Witness, error: type[PolicyError],
        **details: object,
    ) -> None:  # fmt: skip
        """A finding about a definition, if it raises ``error`` on the witness."""
        facts = found.facts or {}
        own, _, _ = parted(self.study.root, facts)
        arguments = [own] if define.record is not None else list(own.values())
        try:
            self.study.interpreter.call(define.qname, arguments, day_of(self.study.root, facts))
            raised = False
        except error:
            raised = True
        except PolicyError:
            raised = False
        if not raised or self._broken(facts):
            self._mismatch(code, span, (define.name,), found)
        else:
            expect = "contradiction" if error is ContradictionError else "gap"
            self._add_shown(code, message, span, (define.name,), define.name, found, expect, details)

    def _add_shown(
        self, code: str, message: str, span: Span, subjects: Sequence[str], target: str, found: Witness, expect: str,
        details: Mapping[str, object],
    ) -> None:  # fmt: skip
        root, facts = self.study.root, found.facts or {}
        block = test_block(root, target, message.replace("`", ""), facts, expect)
        self.add(code, message, span, subjects, witness=to_json(root, facts), test=block, **details)

    def answer(self, decision: core.Decision, found: Witness) -> Answer | None:
        """The interpreter's answer to the input of a witness; None if it refuses the facts."""
        own, day, findings = parted(self.study.root, found.facts or {})
        try:
            return self.study.interpreter.decide(decision.qname, own, day, findings)
        except FactsError:
            return None

    def truth(self, term: terms.Term, found: Witness, outcome: str) -> object:
        """What the interpreter says of a condition about the input of a witness and an outcome."""
        own, _, findings = parted(self.study.root, found.facts or {})
        env = {THIS: own, "outcome": outcome}
        day = day_of(self.study.root, found.facts or {})
        return self.study.interpreter.evaluate(term, env, day, findings=findings)

    def _broken(self, facts: Mapping[str, object]) -> bool:
        """The facts break an `always` line of the record, or of one in it."""
        root = self.study.root
        if isinstance(root, Sequence):
            return False
        own, _, _ = parted(root, facts)
        try:
            return bool(self.study.interpreter.broken(root, own, day_of(root, facts)))
        except PolicyError:  # cases that a line asks fail, so that it refuses nothing
            return False

    def _mismatch(self, code: str, span: Span, subjects: Sequence[str], found: Witness) -> None:
        why = Undecided(
            "the input that the analysis found does not show it when it is decided (a fault of the analysis)",
            "please report this",
        )
        if found.assumed:
            why = Undecided(found.assumed)
        self.undecided(f"whether this is {code}", why, span, subjects)


def _name(subject: Hashable) -> str:
    """What those who watch call the subject of a question."""
    return getattr(subject, "name", None) or str(subject).rpartition(".")[2]
