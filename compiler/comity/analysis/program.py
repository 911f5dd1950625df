"""All logic findings of a program: one study for each record that something is decided or defined for.

Example: decisions `licensing` and `review` are both for an `Export`, and `listed` is defined for it: they are one
study, with one axis for each fact of an `Export`. A definition with parameters of its own has a study of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import cached_property
from typing import ClassVar, TypeAlias

from comity import terms
from comity.analysis.decision.conditions import Known
from comity.analysis.decision.lines import has_lines, in_lines, reads_elsewhere
from comity.analysis.decision.study import Anew, Study
from comity.analysis.decision.test_inputs import Written, test_inputs, written
from comity.analysis.incremental.answers import (
    NotKept,
    Places,
    Plain,
    Told,
    Windows,
    kept_answers,
    kept_findings,
    kept_windows,
    tell_answers,
    tell_findings,
    told_findings,
)
from comity.analysis.incremental.conditions import known_conditions
from comity.analysis.incremental.kept import Changes, changes, mean_the_same, moved_places, with_places
from comity.analysis.incremental.readers import Names, Reach, Readers
from comity.analysis.incremental.recheck import Boxes, revise
from comity.analysis.questions import empty_window
from comity.analysis.questions.change import Change
from comity.analysis.questions.findings import Findings
from comity.analysis.questions.runner import Codes, DecisionRunner, DefinitionRunner, codes_to_ask
from comity.analysis.questions.sharing import ask_everything, report_failure
from comity.analysis.questions.units import Unit
from comity.analysis.space.boxes import Box
from comity.base import watching
from comity.base.diagnostics import Diagnostic
from comity.base.gc import collecting_rarely
from comity.base.interruption import Interrupted, uninterruptible
from comity.base.source import Span
from comity.core import ast as core
from comity.core.given import as_facts
from comity.core.interpret import Interpreter
from comity.runtime.types import RecordType
from comity.terms import Term

_NOT_TOLD = (NotKept, Anew, KeyError, ValueError, TypeError, IndexError, AttributeError)
"""What comes of answers that are not those of the program: they are from a file that anybody may have written."""


def analyse(program: core.Program, codes: Collection[str] | None = None) -> list[Diagnostic]:
    """Every L-finding of ``codes`` (None: of all), by place; L200 where a question about one of them is left open."""
    return Analysis(program, codes).findings


class Analysis:
    """The L-findings of a program, and what they were found with: so that they are soon found again after a change."""

    def __init__(
        self,
        program: core.Program,
        codes: Collection[str] | None = None,
        told: Told | None = None,
        jobs: int = 1,
    ) -> None:
        """``told``: what another analysis of the same program has kept (`answers`), which is not asked again.
        ``jobs``: how many processes may ask at a time.
        """
        self._jobs = jobs
        self.asked = codes_to_ask(codes)
        self.program = program
        self._interpreter = Interpreter(program)
        self._rules: dict[str, tuple[core.Rule, ...]] = {}
        """The rules by which findings were made, by decision."""
        self._moved: dict[tuple[str, int], dict[Span, Span]] = {}
        """Where what was written in a rule then is by now, by decision and number."""
        self.is_broken = False
        """An edit has ended it where it cannot go on."""
        self._start(told)

    def answers(self) -> Plain:
        """What was found, for another analysis of the same program. None if something failed, or cannot be kept."""
        try:
            studies = {study.name: study.answers() for study in self.studies}
            return {"studies": studies, "windows": kept_windows(self._windows)}
        except NotKept:
            return None

    @property
    def findings(self) -> list[Diagnostic]:
        """By place."""
        found = [each for windows in self._windows.values() for each in windows]
        found += self._other_windows
        places = {old: new for moved in self._moved.values() for old, new in moved.items()}
        for study in self.studies:
            said = study.diagnostics
            found += [with_places(d, places) for d in said] if places else said
        return sorted(found, key=lambda d: (d.span.path, d.span.start, d.span.end, d.code, d.message))

    def make_ready(self) -> None:
        """Do beforehand what the first `revise` would take longer for than others."""
        _ = self.decisions_read
        for study in self.studies:
            runners = study.decisions.values() if isinstance(study, _StudyChecks) and study.may_be_revised else ()
            for checks in runners:
                checks.model.search.make_ready()
                _ = checks.model.study.deciding

    @property
    def so_far(self) -> list[Diagnostic]:
        """What is known while an edit is being judged: what was found before of each question that is not settled
        again, but nothing of that about an edited rule.
        """
        found = [each for windows in self._windows.values() for each in windows]
        found += self._other_windows
        found += [each for study in self.studies for each in study.so_far if id(each) not in self._left_behind]
        return found

    def revise(self, program: core.Program) -> None:
        """Go on with another program. What is found is what an analysis of it would find that is made anew.

        If only the conditions and outcomes of some rules have changed, or the members that sets and definitions name,
        that is mostly much faster than such a one. Where an edit ends it (Interrupted), it can be called again, unless
        it `is_broken`.
        """
        with collecting_rarely():
            before = self.program
            if program is not before:
                self.is_broken = True
                found = changes(before, program)
                with uninterruptible():
                    goes_on = found is not None and self._goes_on(before, program, found)
                if not goes_on:
                    self.program = program
                    self._interpreter = Interpreter(program)
                    self._start()
                self.is_broken = False
            self._ask_again()

    def _goes_on(self, before: core.Program, program: core.Program, changes: Changes) -> bool:
        """Take over what has changed; False where all is to be made anew."""
        for place, each in enumerate(self.studies):
            if isinstance(each, _ToldOfRecord) and self._is_asked_about(each, changes):
                self.studies[place] = self._made_of(each)
        if changes.names:
            self.program = replace(before, sets=program.sets, defines=program.defines) if changes.rules else program
            if not self._take_over_names(before, changes.names):
                return False
        self.program = program
        return all(map(self._take_over, changes.rules, changes.rules.values()))

    def _take_over_names(self, before: core.Program, names: Names) -> bool:
        """Take over sets and definitions that are other objects; False where all is to be made anew."""
        program = self.program
        readers = Readers(program)
        meant = frozenset(name for name in names if _body(before, name) != _body(program, name))
        reach = readers.reach((), meant)
        if meant and (readers.read_elsewhere(reach) or not readers.only_looked_in(meant)):
            return False
        self._other_windows = list(empty_window.in_others(program))
        self._leave_behind([(program.sets.get(name) or program.defines[name]).span for name in names])
        self._interpreter.forget(program, names | reach.sets | reach.defines, reads(readers, reach))
        for place, each in enumerate(self.studies):
            if place not in self._outdated and each.is_touched(names, reach):
                self._note(place, each.revise_names(names, reach, readers))
        self._note_rules(self.studies)
        return True

    def _take_over(self, qname: str, changed: Mapping[int, core.Rule]) -> bool:
        """Take over changed rules of a decision; False where all is to be made anew."""
        decision = self.program.decisions[qname]
        for number, rule in changed.items():
            self._windows[qname, number] = empty_window.in_rule(decision, rule)
        place = next(n for n, each in enumerate(self.studies) if qname in each.decisions)
        checks = self.studies[place]
        known = self._rules[qname]
        alike = all(mean_the_same(known[number], rule) for number, rule in changed.items())
        if not isinstance(checks, _StudyChecks) or (alike and not checks.may_be_revised):
            assert alike
            for number, rule in changed.items():
                self._moved[qname, number] = moved_places(known[number], rule)
            return True
        reach = readers = None
        if qname in self.decisions_read:
            readers = Readers(self.program)
            reach = readers.reach((qname,))
            if readers.read_elsewhere(reach) or not self._asks_known_alike(known, changed):
                return False
        self._interpreter.revise(self.program, qname, changed)
        self._leave_behind([rule.span for rule in changed.values()])
        if place not in self._outdated:
            goes_on = checks.take_over_rest() and checks.revise(decision, changed, None if alike else reach, readers)
            self._note(place, goes_on)
        for number, each in enumerate(self.studies):
            if reach is not None and not alike and number != place and each.reads(reach):
                self._note(number, False)
        self._note_rules(self.studies)
        return True

    def _is_asked_about(self, told: _ToldOfRecord, changes: Changes) -> bool:
        """Whether changes may have changed what was told of a record: they are not of texts alone."""
        return bool(changes.names) or any(
            qname in told.decisions and not mean_the_same(self._rules[qname][number], rule)
            for qname, changed in changes.rules.items()
            for number, rule in changed.items()
        )

    def _made_of(self, told: _ToldOfRecord) -> _StudyChecks:
        """The study that something was told of. If texts have changed since, all is asked."""
        self._told = told.told if told.program is self.program else None
        made = self._about(told.record)
        self._told = None
        assert made is not None
        self._note_rules([made])
        return made

    def _leave_behind(self, spans: Collection[Span]) -> None:
        """What was found in declarations that have been edited is known no more."""
        for study in self.studies:
            self._left_behind |= {id(each): each for each in study.found_in(spans)}

    @property
    def _going_on(self) -> list[int]:
        """The places of the studies that are not to be made again."""
        return [place for place in range(len(self.studies)) if place not in self._outdated]

    def _note(self, place: int, goes_on: bool) -> None:
        """A study is to be made again where it does not go on."""
        if not goes_on:
            self._outdated.add(place)

    def _ask_again(self) -> None:
        """Find what changes that were taken over have made of what was known."""
        try:
            for place in self._going_on:
                self._note(place, self.studies[place].ask_about_edited())
            if any(each.is_behind for each in self.studies):
                watching.settled(lambda: self.so_far)
        finally:
            with uninterruptible():
                for place in self._going_on:
                    self._note(place, self.studies[place].take_over_rest())
        for place in self._going_on:
            self._note(place, self.studies[place].ask_again())
        for place, each in enumerate(self.studies):
            if place in self._outdated or each.is_provisional:
                self.studies[place] = self._made_again(each)
                self._outdated.discard(place)
        self._note_rules(self.studies)
        self._left_behind.clear()

    def _asks_known_alike(self, known: Sequence[core.Rule], changed: Mapping[int, core.Rule]) -> bool:
        """Changed rules ask `is known` if they did before."""
        asks = self._interpreter.evaluator.asks_known
        return all(
            any(asks(term) for term in (known[number].when, known[number].unless) if term is not None)
            == any(asks(term) for term in (rule.when, rule.unless) if term is not None)
            for number, rule in changed.items()
        )

    def _made_again(self, checks: _Study) -> _StudyChecks:
        if checks.record is None:
            return self._about_function(self.program.defines[checks.defines[0].qname])
        made = self._about(checks.record)
        assert made is not None
        return made

    def _note_rules(self, studies: Iterable[_Study]) -> None:
        """Findings are by these rules of the program."""
        for checks in studies:
            if checks.may_be_revised:
                for qname in checks.decisions:
                    self._rules[qname] = self.program.decisions[qname].rules
                    self._moved = {key: places for key, places in self._moved.items() if key[0] != qname}

    def _start(self, told: Told | None = None) -> None:
        program, self._told = self.program, told
        with collecting_rarely():
            self._windows = self._windows_of_rules() if (windows := self._told_windows()) is None else windows
            self._other_windows = list(empty_window.in_others(program))
            self._rules = {qname: decision.rules for qname, decision in program.decisions.items()}
            self._moved = {}
            self._outdated: set[int] = set()
            """The studies that are to be made again, by place."""
            self._left_behind: dict[int, Diagnostic] = {}
            """By identity, what was found about rules that have been edited since."""
            records: dict[str, RecordType] = {}
            for decision in program.decisions.values():
                records.setdefault(_name(decision.record), decision.record)
            self.__dict__.pop("_inputs", None)
            self.__dict__.pop("decisions_read", None)
            self.studies: list[_Study] = []
            for define in program.defines.values():
                if define.record is not None:
                    records.setdefault(_name(define.record), define.record)
                elif _asks(define):
                    self.studies.append(self._told_about(define) or self._about_function(define))
            self.studies += filter(None, (self._told_of(each) or self._about(each) for each in records.values()))
            self._told = None

    def _told_windows(self) -> Windows | None:
        """The findings about windows of rules that are kept; None if they are not."""
        try:
            return None if self._told is None else self._told.windows()
        except _NOT_TOLD:
            return None

    def _windows_of_rules(self) -> Windows:
        return {
            (decision.qname, rule.number): empty_window.in_rule(decision, rule)
            for decision in self.program.decisions.values()
            for rule in decision.rules
        }

    def _told_about(self, define: core.Define) -> _ToldOfFunction | None:
        """What is kept of a definition that is about no record; None if nothing is."""
        try:
            known = None if self._told is None else self._told.of(define.qname)
            return None if known is None or self._told is None else _ToldOfFunction(define, known, self._told.places)
        except _NOT_TOLD:
            return None

    def _told_of(self, record: RecordType) -> _ToldOfRecord | None:
        """What is kept of a record; None if nothing is."""
        try:
            known = None if self._told is None else self._told.of(_name(record))
            if known is None or self._told is None:
                return None
            decisions = [d.qname for d in self.program.decisions.values() if _name(d.record) == _name(record)]
            return _ToldOfRecord(record, decisions, known, self._told, self.program)
        except _NOT_TOLD:
            return None

    def _about_function(self, define: core.Define) -> _StudyChecks:
        """All that is to be found about a definition that is about no record."""
        return self._checked(lambda: Study(self._interpreter, define.parameters), (), (define,))

    def _checked(
        self, study: Callable[[], Study], decisions: Sequence[core.Decision], defines: Sequence[core.Define]
    ) -> _StudyChecks:
        """A study about which everything has been asked, or told."""
        if self._told is not None:
            try:
                return _StudyChecks(study(), decisions, defines, self.asked, self._told, self._jobs)
            except _NOT_TOLD:
                pass  # then it is asked
        return _StudyChecks(study(), decisions, defines, self.asked, None, self._jobs)

    def _about(self, record: RecordType) -> _StudyChecks | None:
        """All that is to be found about a record; None if nothing is asked."""
        program, interpreter = self.program, self._interpreter
        decisions = [d for d in program.decisions.values() if _name(d.record) == _name(record)]
        defines = [d for d in program.defines.values() if d.record == record and _asks(d)]
        if not decisions and not defines:
            return None
        given = tuple(test_inputs(interpreter, self._inputs, record))
        known = examples(program, interpreter, record)
        return self._checked(lambda: Study(interpreter, record, known, given), decisions, defines)

    @cached_property
    def _inputs(self) -> list[Written]:
        """The inputs of tests."""
        return written(self._interpreter)

    @cached_property
    def decisions_read(self) -> set[str]:
        """The decisions that conditions, tests and examples read, by qualified name."""
        program = self.program
        waiting: list[object] = [*program.tests, *program.examples]
        found = {decision for study in self.studies for decision in study.read}
        seen: set[int] = set()
        names: dict[type, tuple[str, ...]] = {}
        while waiting:
            here = waiting.pop()
            if isinstance(here, tuple):
                waiting.extend(here)
                continue
            kind = type(here)
            if kind not in names:
                names[kind] = tuple(each.name for each in fields(here)) if is_dataclass(here) else ()
            if not names[kind] or id(here) in seen:
                continue
            seen.add(id(here))
            if isinstance(here, terms.OutcomeOf | terms.RuleHolds):
                found.add(here.decision)
            waiting.extend(getattr(here, name) for name in names[kind])
        return found


class _KeptFindings:
    """What another analysis has found, of which nothing is made."""

    decisions: Mapping[str, object]
    is_behind: ClassVar[bool] = False
    is_provisional: ClassVar[bool] = False

    def __init__(self, name: str, kept: Plain, places: Places) -> None:
        self.name = name
        self._kept = kept
        self.read = set(map(str, kept["read"]))
        self.diagnostics = self.so_far = told_findings(kept["findings"], places)

    def answers(self) -> Plain:
        return self._kept

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


class _ToldOfFunction(_KeptFindings):
    """What another analysis has found about a definition that is about no record. Nothing is made of it until a
    decision changes that it reads, and then it is asked about again.
    """

    record: ClassVar[None] = None
    may_be_revised: ClassVar[bool] = True

    def __init__(self, define: core.Define, kept: Plain, places: Places) -> None:
        super().__init__(define.qname, kept, places)
        self.decisions = {}
        self.defines = [define]


class _ToldOfRecord(_KeptFindings):
    """What another analysis has found about a record in ``program``. As long as only texts are edited, that is what
    there is to find. Else the study is made, and told the answers (`Analysis._made_of`), before it is revised.
    """

    may_be_revised: ClassVar[bool] = False

    def __init__(
        self, record: RecordType, decisions: Iterable[str], kept: Plain, told: Told, program: core.Program
    ) -> None:
        super().__init__(_name(record), kept, told.places)
        self.record = record
        self.decisions = dict.fromkeys(decisions)
        self.told = told
        self.program = program


class _StudyChecks:
    """What is found about one record, or about one definition."""

    def __init__(
        self,
        study: Study,
        decisions: Iterable[core.Decision],
        defines: Iterable[core.Define],
        asked: Codes,
        told: Told | None = None,
        jobs: int = 1,
    ) -> None:
        self.study = study
        self.asked = asked
        self._is_told = told is not None
        """Conditions have not been translated, so what they read is not known."""
        self.defines = list(defines)
        self.findings = findings = Findings(study)
        about_defines = [DefinitionRunner(study, each, findings, asked) for each in self.defines]
        known = None if told is None else told.of(self.name)
        self.decisions = {
            each.qname: DecisionRunner(study, each, findings, asked, {} if known is None else _known(known, each))
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
            self._tell(known, told.places)
        if known is not None and known["axes"] != self._axes:
            raise NotKept

    @property
    def record(self) -> RecordType | None:
        """What the study is about; None if it is about a function."""
        return self.study.root if isinstance(self.study.root, RecordType) else None

    @property
    def name(self) -> str:
        """What the study is about, by name."""
        return self.defines[0].qname if self.record is None else _name(self.record)

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
        return self.study.is_provisional

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
            "decisions": {qname: kept_answers(runner, self._axes[2]) for qname, runner in self.decisions.items()},
        }

    def _tell(self, known: Plain, places: Places) -> None:
        """Let the questions know what another study of the same has found. Raises `NotKept`."""
        tell_findings(self.findings, known["findings"], self._units, places)
        for qname, runner in self.decisions.items():
            tell_answers(runner, known["decisions"][qname], places)

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
                inner = [box for boxes in changed_so_far for box in boxes]
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


_Study: TypeAlias = "_StudyChecks | _ToldOfFunction | _ToldOfRecord"


def _known(kept: Plain, decision: core.Decision) -> dict[int, Known]:
    """What is known of the conditions of a decision's rules, in what is kept of its study."""
    return known_conditions(kept["decisions"][decision.qname]["conditions"])


def _body(program: core.Program, name: str) -> Term:
    return program.sets[name].body if name in program.sets else program.defines[name].body


def reads(readers: Readers, reach: Reach) -> Callable[[Term], bool]:
    """Whether a term depends on what has changed."""
    changed = reach.changed
    return lambda term: not readers.of(term).isdisjoint(changed)


def _conditions(rule: core.Rule) -> list[Term]:
    return [term for term in (rule.membership, rule.when, rule.unless) if term is not None]


def _name(record: RecordType) -> str:
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


def _asks(define: core.Define) -> bool:
    """There are cases or lines to judge."""
    if isinstance(define.body, terms.Cases) or has_lines(define.body):
        return True
    # A function is a study of its own, which takes long to make of one that reads tables and other definitions.
    return has_lines(in_lines(define.body)) and (define.record is not None or not reads_elsewhere(define.body))


def examples(program: core.Program, interpreter: Interpreter, record: RecordType) -> dict[tuple[str, ...], object]:
    """Values that the program's examples give the facts of a record; of two for one fact, the first."""
    found: dict[tuple[str, ...], object] = {}
    for example in program.examples:
        if example.record == record:
            for given in example.assignments:
                value = as_facts(interpreter.evaluate(given.value, {}, None))
                if value is not None:
                    found.setdefault(given.path, value)
    return found
