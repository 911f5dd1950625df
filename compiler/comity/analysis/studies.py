"""What is found about one record, or about one definition: by a study of it, or kept from another analysis.

Example: `licensing` and `review` are decided for an `Export`, so they are asked about in one `StudyChecks`. If a lint
before has kept what it found, and only texts were edited since, a `ToldOfRecord` takes its place, and no study is
made.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import ClassVar, TypeAlias

from comity.analysis.decision.conditions import Known
from comity.analysis.decision.study import Anew, Study
from comity.analysis.incremental.answers import (
    NotKept,
    Plain,
    Told,
    kept_answers,
    kept_findings,
    tell_answers,
    tell_findings,
)
from comity.analysis.incremental.conditions import known_conditions
from comity.analysis.incremental.readers import Names, Reach, Readers
from comity.analysis.incremental.recheck import Boxes, revise
from comity.analysis.questions.change import Change, in_few
from comity.analysis.questions.findings import Findings, Hidden
from comity.analysis.questions.runner import Codes, DecisionRunner, DefinitionRunner
from comity.analysis.questions.sharing import ask_everything, report_failure
from comity.analysis.questions.units import Unit
from comity.analysis.space.boxes import Box
from comity.base.diagnostics import Diagnostic
from comity.base.interruption import Interrupted
from comity.base.source import Span
from comity.core import ast as core
from comity.runtime.types import RecordType
from comity.terms import Term


class KeptFindings:
    """What another analysis has found, of which nothing is made."""

    decisions: Mapping[str, object]
    is_behind: ClassVar[bool] = False

    def __init__(self, name: str, kept: Plain, told: Told, hidden: Hidden) -> None:
        self.name = name
        self._hidden = hidden
        self._kept = kept
        self._may_be_others = bool(kept["provisional"])
        self.read = set(map(str, kept["read"]))
        self.diagnostics = self.so_far = [each for found in told.findings(name) for each in found]

    def answers(self) -> Plain:
        return self._kept

    @property
    def is_provisional(self) -> bool:
        """As `StudyChecks`: which of the findings might be others is not known."""
        return self._may_be_others and not all(map(self._hidden, self.diagnostics))

    def reads(self, reach: Reach) -> bool:
        """It depends on what has changed."""
        return not self.read.isdisjoint(reach.decisions)

    def is_touched(self, names: Names, reach: Reach) -> bool:
        """Which sets and definitions it depends on is not known."""
        return bool(names)

    def revise_names(self, names: Names, reach: Reach, readers: Readers) -> bool:
        """It is asked about again."""
        return False

    def found_in(self, spans: Collection[Span]) -> list[Diagnostic]:
        """What was found is forgotten where all is asked about again."""
        return []

    def ask_about_edited(self) -> bool:
        """Nothing here is of an edited rule."""
        return True

    def take_over_rest(self) -> bool:
        """Nothing was put off."""
        return True

    def ask_again(self) -> bool:
        """Nothing is to be asked."""
        return True


class ToldOfFunction(KeptFindings):
    """What another analysis has found about a definition that is about no record. Nothing is made of it until a
    decision changes that it reads, and then it is asked about again.
    """

    record: ClassVar[None] = None
    may_be_revised: ClassVar[bool] = True

    def __init__(self, define: core.Define, kept: Plain, told: Told, hidden: Hidden) -> None:
        super().__init__(define.qname, kept, told, hidden)
        self.decisions = {}
        self.defines = [define]


class ToldOfRecord(KeptFindings):
    """What another analysis has found about a record in ``program``. As long as only texts are edited, that is what
    there is to find. Else the study is made, and told the answers (`Analysis._made_of`), before it is revised.
    """

    may_be_revised: ClassVar[bool] = False

    def __init__(
        self,
        record: RecordType,
        decisions: Iterable[str],
        kept: Plain,
        told: Told,
        program: core.Program,
        hidden: Hidden,
    ) -> None:
        super().__init__(record_name(record), kept, told, hidden)
        self.record = record
        self.decisions = dict.fromkeys(decisions)
        self.told = told
        self.program = program


class StudyChecks:
    """What is found about one record, or about one definition."""

    def __init__(
        self,
        study: Study,
        decisions: Iterable[core.Decision],
        defines: Iterable[core.Define],
        asked: Codes,
        hidden: Hidden,
        told: Told | None = None,
        jobs: int = 1,
    ) -> None:
        self.study = study
        self.asked = asked
        self._is_told = told is not None
        """Conditions have not been translated, so what they read is not known."""
        self.defines = list(defines)
        self.findings = findings = Findings(study, hidden)
        about_defines = [DefinitionRunner(study, each, findings, asked) for each in self.defines]
        known = None if told is None else told.of(self.name)
        self.decisions = {
            each.qname: DecisionRunner(study, each, findings, asked, {} if told is None else _known(told, known, each))
            for each in decisions
        }
        study.decided = lambda place, decision: self.decisions[decision].model.seen[place].outcome
        study.settle()
        self.whole = True
        """The analysis failed at nothing."""
        self._changes: dict[str, Change] = {}
        """By decision, changes that not all was asked again for."""
        self._defines_to_ask: dict[str, bool] = {}
        """The definitions that are still to be asked about again; whether they have been edited themselves."""
        self.is_behind = False
        """Not all was asked again."""
        self._put_off: list[Callable[[], None]] = []
        """What is left to do to take over a change."""
        self._axes = [len(study.space.axes)]
        """How many there were when conditions were settled, definitions asked about, and rules boxes."""
        self._cells = [axis.full.bit_length() for axis in study.space.axes]
        if known is not None and known["cells"] != self._cells:
            raise NotKept
        if known is None or known["axes"][:2] != self._axes * 2:
            for define in about_defines:
                self.whole &= _guarded(define.run, findings, define.model.define)
        self._axes.append(len(study.space.axes))
        for each in self.decisions.values():
            each.seal()
        self._axes.append(len(study.space.axes))
        if known is None or told is None:
            self.whole &= ask_everything(study, findings, list(self.decisions.values()), jobs)
        else:
            self._tell(known, told)
        if known is not None and known["axes"] != self._axes:
            raise NotKept

    @property
    def record(self) -> RecordType | None:
        """What the study is about; None if it is about a function."""
        return self.study.root if isinstance(self.study.root, RecordType) else None

    @property
    def name(self) -> str:
        """What the study is about, by name."""
        return self.defines[0].qname if self.record is None else record_name(self.record)

    @property
    def diagnostics(self) -> list[Diagnostic]:
        return self.findings.diagnostics

    @property
    def so_far(self) -> list[Diagnostic]:
        """As `diagnostics`, with what was found before where that is being asked again."""
        return self.findings.so_far

    @property
    def is_provisional(self) -> bool:
        """What was found is right, but a study that is made anew might show it by other inputs, and is what counts."""
        return self.findings.is_provisional

    def found_in(self, spans: Collection[Span]) -> list[Diagnostic]:
        """What was found in one of some declarations."""
        return [
            each
            for each in self.so_far
            if any(span.path == each.span.path and span.start <= each.span.start <= span.end for span in spans)
        ]

    @property
    def read(self) -> set[str]:
        """The decisions that conditions read."""
        return self.study.translator.others.read

    def answers(self) -> Plain:
        """Raises `NotKept`."""
        if not self.whole:
            raise NotKept
        return {
            "axes": self._axes,
            "cells": self._cells,
            "read": sorted(self.read),
            "findings": kept_findings(self.findings, self._units),
            "provisional": bool(self.findings.provisional),
            "decisions": {qname: kept_answers(runner, self._axes[2]) for qname, runner in self.decisions.items()},
        }

    def _tell(self, known: Plain, told: Told) -> None:
        """Let the questions know what another study of the same has found. Raises `NotKept`."""
        models = {qname: runner.model for qname, runner in self.decisions.items()}
        tell_findings(self.findings, known["findings"], told.findings(self.name), models, told)
        if known["provisional"]:
            self.findings.provisional.update(self.findings.by_question)
        for qname, runner in self.decisions.items():
            tell_answers(runner, known["decisions"][qname], told)

    @property
    def _units(self) -> dict[str, list[Unit]]:
        return {qname: runner.model.units for qname, runner in self.decisions.items()}

    @property
    def may_be_revised(self) -> bool:
        """What was found about each question depends on that alone."""
        return self.whole

    def reads(self, reach: Reach) -> bool:
        """Something here depends on decisions that have changed."""
        return not self.read.isdisjoint(reach.decisions)

    def is_touched(self, names: Names, reach: Reach) -> bool:
        """Something here depends on sets and definitions that are others, or is about one of them."""
        translator = self.study.translator
        translator.program = self.study.interpreter.program
        return (
            self._is_told
            or any(define.qname in names or define.qname in reach.defines for define in self.defines)
            or not translator.called.isdisjoint(reach.defines)
            or not translator.sets.read.isdisjoint(reach.sets)
        )

    def revise(
        self, decision: core.Decision, changed: Mapping[int, core.Rule], reach: Reach | None, readers: Readers | None
    ) -> bool:
        """Take over changed rules; False where all is to be found anew.

        ``reach``: what depends on the decision, where rules or definitions read it.
        """

        def go_on() -> None:
            if reach is not None and readers is not None and self.reads(reach):
                self._revise_reached(reach, readers, (), decision, changed)
            else:
                self.study.translator.program = self.study.interpreter.program
                self._revise_rules(decision, changed, {})

        return self._goes_on(go_on)

    def _revise_rules(
        self,
        decision: core.Decision,
        changed: Mapping[int, core.Rule],
        reading: Mapping[int, Boxes],
        read: bool = False,
    ) -> Sequence[Box]:
        """As `recheck.revise`: boxes outside which the decision says what it said. What is to be asked again is noted.

        Raises `Anew`.
        """
        change = revise(self.decisions[decision.qname].model, decision, changed, reading, read)
        earlier = self._changes.get(decision.qname)
        self._changes[decision.qname] = change if earlier is None else change.after(earlier)
        return change.applying

    def ask_about_edited(self) -> bool:
        """Ask again what is about edited rules themselves; False where all is to be found anew."""

        def go_on() -> None:
            for qname, change in self._changes.items():
                self.decisions[qname].ask_about_edited(change)
            self._ask_about_defines([qname for qname, is_edited in self._defines_to_ask.items() if is_edited])
            self.findings.close()

        return not self.is_behind or self._goes_on(go_on)

    def ask_again(self) -> bool:
        """Ask all else again that changes may have given another answer to; False where all is to be found anew."""

        def go_on() -> None:
            for qname, change in self._changes.items():
                self.decisions[qname].ask_again(change)
            self._ask_about_defines(list(self._defines_to_ask))
            for runner in self.decisions.values():
                runner.ask_outdated()
            self.findings.close()
            self._changes.clear()
            self.study.depending.clear()
            self.is_behind = False

        return not self.is_behind or self._goes_on(go_on)

    def _ask_about_defines(self, names: Sequence[str]) -> None:
        """Raises `Anew`."""
        for qname in names:
            define = self.study.interpreter.program.defines[qname]
            about = DefinitionRunner(self.study, define, self.findings, self.asked)
            if about.model.cases is not None or not _guarded(about.run, self.findings, define):
                raise Anew
            del self._defines_to_ask[qname]

    def revise_names(self, names: Names, reach: Reach, readers: Readers) -> bool:
        """Take over other sets and definitions; False where all is to be found anew."""
        if self.record is None or self._is_told:
            return False
        return self._goes_on(lambda: self._revise_reached(reach, readers, names, None, {})) and self.take_over_rest()

    def take_over_rest(self) -> bool:
        """Take over what changes mean for other decisions, which was put off; False where all is to be found anew."""

        def go_on() -> None:
            while self._put_off:
                self._put_off.pop(0)()

        return not self._put_off or self._goes_on(go_on)

    def _goes_on(self, go_on: Callable[[], None]) -> bool:
        if not self.may_be_revised:
            return False
        self.study.revised = self.is_behind = True
        try:
            go_on()
        except Interrupted:
            self.findings.leave()
            raise
        except Anew:
            return False
        except (
            Exception
        ):  # whether that is a fault of the analysis or of going on with it is seen when all is made anew
            return False
        return True

    def _revise_reached(
        self,
        reach: Reach,
        readers: Readers,
        names: Collection[str],
        decision: core.Decision | None,
        changed: Mapping[int, core.Rule],
    ) -> None:
        """``names``: the sets and definitions that are other objects. ``decision``: the one of which rules are
        ``changed``, if any. Raises `Anew`.

        What it means for decisions that read the edited one is put off: what is about the edited rules is asked before.
        """
        program, runners = self.study.interpreter.program, self.decisions
        self.defines = [program.defines[define.qname] for define in self.defines]
        defines = [define for define in self.defines if define.qname in reach.defines or define.qname in names]
        terms = [define.body for define in defines] + [
            term
            for each in runners
            for number in reach.rules.get(each, ())
            for term in _conditions(runners[each].model.decision.rules[number])
        ]
        if any(readers.adds_up(term, reach.changed) for term in terms):
            raise Anew
        does_read = reads(readers, reach)
        self.study.revise(reach.rules, reach.sets | reach.defines, does_read)
        for define in defines:
            self._defines_to_ask[define.qname] = define.qname in names or self._defines_to_ask.get(define.qname, False)
        within: dict[str, Sequence[Box]] = {}

        def take_over(each: str) -> None:
            if each not in runners:
                if each in self.study.translator.others.read:
                    raise Anew
                return
            model = runners[each].model
            before = [seen.outcome for seen in model.seen]
            is_edited = decision is not None and each == decision.qname
            now = decision if decision is not None and is_edited else model.decision
            inner: Boxes = None
            if not is_edited:
                changed_so_far = within.values() if decision is None else (within[decision.qname],)
                inner = in_few([box for boxes in changed_so_far for box in boxes], self.study.space.full)
            reading = {
                number: [] if readers.of_rule(now.rules[number]).isdisjoint(reach.rules) else inner
                for number in reach.rules[each]
            }
            within[each] = self._revise_rules(now, changed if is_edited else {}, reading, read=True)
            if before != [seen.outcome for seen in model.seen]:
                self.study.forget_test_points()

        def take_over_rest() -> None:
            for each in reach.decisions[first:]:
                take_over(each)
            for runner in runners.values():
                runner.translate_again(does_read)

        first = 0 if decision is None else reach.decisions.index(decision.qname) + 1
        for each in reach.decisions[:first]:
            take_over(each)
        self._put_off.append(take_over_rest)


AnyStudy: TypeAlias = StudyChecks | ToldOfFunction | ToldOfRecord


def _known(told: Told, kept: Plain, decision: core.Decision) -> dict[int, Known]:
    """What is known of the conditions of a decision's rules, in what is ``kept`` of its study, if anything is."""
    if kept is None:
        return {}
    return known_conditions(kept["decisions"][decision.qname]["conditions"], told.numbers(decision))


def reads(readers: Readers, reach: Reach) -> Callable[[Term], bool]:
    """Whether a term depends on what has changed."""
    changed = reach.changed
    return lambda term: not readers.of(term).isdisjoint(changed)


def _conditions(rule: core.Rule) -> list[Term]:
    return [term for term in (rule.membership, rule.when, rule.unless) if term is not None]


def record_name(record: RecordType) -> str:
    return f"{record.module}.{record.name}"


def _guarded(run: Callable[[], None], findings: Findings, about: core.Define) -> bool:
    """What the analysis fails at is an open question, and no reason to be silent about all the others. Did it not?"""
    findings.whom = about.name
    try:
        run()
        findings.close()
        return True
    except Exception as error:  # a fault of the analysis must neither hide findings nor end the command
        report_failure(findings, about, error)
        return False
