"""All logic findings of a program: one study for each record that something is decided or defined for.

Example: decisions `licensing` and `review` are both for an `Export`, and `listed` is defined for it: they are one
study, with one axis for each fact of an `Export`. A definition with parameters of its own has a study of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import cached_property

from comity import terms
from comity.analysis.decision.lines import has_lines, in_lines, reads_elsewhere
from comity.analysis.decision.study import Anew, Study
from comity.analysis.decision.test_inputs import Written, test_inputs, written
from comity.analysis.incremental.answers import (
    NotKept,
    Plain,
    Told,
    Windows,
    kept_windows,
)
from comity.analysis.incremental.kept import Changes, changes, mean_the_same, moved_places, with_places
from comity.analysis.incremental.readers import Names, Readers
from comity.analysis.questions import empty_window
from comity.analysis.questions.findings import Hidden
from comity.analysis.questions.runner import codes_to_ask
from comity.analysis.studies import AnyStudy, StudyChecks, ToldOfFunction, ToldOfRecord, reads, record_name
from comity.base import watching
from comity.base.diagnostics import Diagnostic
from comity.base.gc import collecting_rarely
from comity.base.interruption import uninterruptible
from comity.base.source import Span
from comity.base.workers import aside
from comity.core import ast as core
from comity.core.given import as_facts
from comity.core.interpret import Interpreter
from comity.runtime.types import RecordType
from comity.terms import Term

LEAST_BESIDE = 10
"""Rules and definitions from which those of small studies are asked about by a copy of this process."""

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
        hidden: Hidden = lambda _: False,
    ) -> None:
        """``told``: what another analysis of the same program has kept (`answers`), which is not asked again.
        ``jobs``: how many processes may ask at a time. ``hidden``: findings that are not shown may be kept after an
        edit where an analysis that is made anew might show them by other inputs; which these are may change.
        """
        self._jobs = jobs
        self._hidden = hidden
        self.asked = codes_to_ask(codes)
        self.program = program
        self._readers = Readers(program)
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
        _ = self._read_by_inputs, self._readers.read_elsewhere(self._readers.reach(()))
        for study in self.studies:
            runners = study.decisions.values() if isinstance(study, StudyChecks) and study.may_be_revised else ()
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
            if isinstance(each, ToldOfRecord) and self._is_asked_about(each, changes):
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
        if not isinstance(checks, StudyChecks) or (alike and not checks.may_be_revised):
            assert alike
            for number, rule in changed.items():
                self._moved[qname, number] = moved_places(known[number], rule)
            return True
        reach = readers = None
        if qname in self._decisions_read:
            readers = self._readers = self._readers.after(self.program)
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

    def _is_asked_about(self, told: ToldOfRecord, changes: Changes) -> bool:
        """Whether changes may have changed what was told of a record: they are not of texts alone."""
        return bool(changes.names) or any(
            qname in told.decisions and not mean_the_same(self._rules[qname][number], rule)
            for qname, changed in changes.rules.items()
            for number, rule in changed.items()
        )

    def _made_of(self, told: ToldOfRecord) -> StudyChecks:
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

    def _made_again(self, checks: AnyStudy) -> StudyChecks:
        if checks.record is None:
            return self._about_function(self.program.defines[checks.defines[0].qname])
        made = self._about(checks.record)
        assert made is not None
        return made

    def _note_rules(self, studies: Iterable[AnyStudy]) -> None:
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
                records.setdefault(record_name(decision.record), decision.record)
            self.__dict__.pop("_inputs", None)
            self.__dict__.pop("_read_by_inputs", None)
            functions: list[core.Define] = []
            for define in program.defines.values():
                if define.record is not None:
                    records.setdefault(record_name(define.record), define.record)
                elif _asks(define):
                    functions.append(define)
            self.studies = self._studies([*functions, *records.values()])
            self._told = None

    def _studies(self, subjects: Sequence[core.Define | RecordType]) -> list[AnyStudy]:
        """What is found about records, and definitions that are about none, in their order.

        What is small is asked about by a copy of this process, beside the largest of them. What comes of that is told,
        as if it had been kept.
        """
        sizes = list(map(self._size, subjects))
        alone = self._told is not None or sum(sizes) - max(sizes, default=0) < LEAST_BESIDE
        if self._jobs < 2 or alone:
            every = (self._told_study(each, self._told) or self._study(each) for each in subjects)
            return [study for study in every if study is not None]
        largest = sizes.index(max(sizes))
        _ = self._inputs  # so that the copy has them

        def about_others() -> dict[str, Plain]:
            self._jobs = 1
            made = (self._study(each) for place, each in enumerate(subjects) if place != largest)
            return {study.name: kept for study in made if study is not None and (kept := _kept(study)) is not None}

        jobs = self._jobs
        with aside(about_others, jobs) as result:
            made = self._study(subjects[largest])
            told = Told({"studies": result()}, lambda place: place)
        self._jobs = jobs
        every = (
            made if place == largest else self._told_study(each, told) or self._study(each)
            for place, each in enumerate(subjects)
        )
        return [study for study in every if study is not None]

    def _size(self, subject: core.Define | RecordType) -> int:
        """How many declarations there are to ask about."""
        if isinstance(subject, core.Define):
            return 1
        rules = sum(len(decision.rules) for decision in self._decisions_on(subject))
        return rules + len(self._defines_on(subject))

    def _told_study(self, subject: core.Define | RecordType, told: Told | None) -> AnyStudy | None:
        """What is kept of a subject; None if nothing is."""
        try:
            name = subject.qname if isinstance(subject, core.Define) else record_name(subject)
            known = None if told is None else told.of(name)
            if known is None or told is None:
                return None
            if isinstance(subject, core.Define):
                return ToldOfFunction(subject, known, told, self._hidden)
            decisions = [decision.qname for decision in self._decisions_on(subject)]
            return ToldOfRecord(subject, decisions, known, told, self.program, self._hidden)
        except _NOT_TOLD:
            return None

    def _study(self, subject: core.Define | RecordType) -> StudyChecks | None:
        """All that is to be found about a subject; None if nothing is asked."""
        return self._about_function(subject) if isinstance(subject, core.Define) else self._about(subject)

    def _told_windows(self) -> Windows | None:
        """The findings about windows of rules that are kept; None if they are not."""
        try:
            return None if self._told is None else self._told.windows(self.program)
        except _NOT_TOLD:
            return None

    def _windows_of_rules(self) -> Windows:
        return {
            (decision.qname, rule.number): empty_window.in_rule(decision, rule)
            for decision in self.program.decisions.values()
            for rule in decision.rules
        }

    def _about_function(self, define: core.Define) -> StudyChecks:
        """All that is to be found about a definition that is about no record."""
        return self._checked(lambda: Study(self._interpreter, define.parameters), (), (define,))

    def _checked(
        self, study: Callable[[], Study], decisions: Sequence[core.Decision], defines: Sequence[core.Define]
    ) -> StudyChecks:
        """A study about which everything has been asked, or told."""
        if self._told is not None:
            try:
                return StudyChecks(study(), decisions, defines, self.asked, self._hidden, self._told, self._jobs)
            except _NOT_TOLD:
                pass  # then it is asked
        return StudyChecks(study(), decisions, defines, self.asked, self._hidden, None, self._jobs)

    def _about(self, record: RecordType) -> StudyChecks | None:
        """All that is to be found about a record; None if nothing is asked."""
        program, interpreter = self.program, self._interpreter
        decisions, defines = self._decisions_on(record), self._defines_on(record)
        if not decisions and not defines:
            return None
        given = tuple(test_inputs(interpreter, self._inputs, record))
        known = examples(program, interpreter, record)
        return self._checked(lambda: Study(interpreter, record, known, given), decisions, defines)

    def _decisions_on(self, record: RecordType) -> list[core.Decision]:
        """The decisions whose facts are those of a record, by its name."""
        return [each for each in self.program.decisions.values() if record_name(each.record) == record_name(record)]

    def _defines_on(self, record: RecordType) -> list[core.Define]:
        """The definitions about a record of which there is something to ask."""
        return [each for each in self.program.defines.values() if each.record == record and _asks(each)]

    @cached_property
    def _inputs(self) -> list[Written]:
        """The inputs of tests."""
        return written(self._interpreter)

    @property
    def _decisions_read(self) -> set[str]:
        """The decisions that conditions, tests and examples read by now, by qualified name."""
        return self._read_by_inputs.union(*(study.read for study in self.studies))

    @cached_property
    def _read_by_inputs(self) -> set[str]:
        """The decisions that tests and examples read: an edit of these is never taken over."""
        waiting: list[object] = [*self.program.tests, *self.program.examples]
        found: set[str] = set()
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


def _kept(study: StudyChecks) -> Plain:
    """What a study has found; None if it failed at something, or that cannot be kept."""
    try:
        return study.answers()
    except NotKept:
        return None


def _body(program: core.Program, name: str) -> Term:
    return program.sets[name].body if name in program.sets else program.defines[name].body


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
