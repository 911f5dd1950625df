"""All logic findings of a program: one study for each record that something is decided or defined for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from comity import terms
from comity.analysis.cases import Judged, judged
from comity.analysis.checks import Asked, DecisionChecks, idle, questions_for
from comity.analysis.dates import Days, days_of
from comity.analysis.findings import Findings
from comity.analysis.formulas import FALSE, Formula
from comity.analysis.lines import Reached, has_lines, lines
from comity.analysis.specimens import specimens, written
from comity.analysis.study import Study, Undecided, Witness
from comity.collector import collecting_rarely
from comity.core import ast as core
from comity.core.interpret import Interpreter
from comity.diagnostics import Diagnostic, diagnostic
from comity.runtime.types import RecordType
from comity.source import NOWHERE, Span
from comity.terms import Term


def analyse(program: core.Program, codes: Collection[str] | None = None) -> list[Diagnostic]:
    """Every L-finding of ``codes`` (None: of all), by place; L200 where a question about one of them is left open."""
    with collecting_rarely():
        return _analyse(program, codes)


def _analyse(program: core.Program, codes: Collection[str] | None) -> list[Diagnostic]:
    asked = questions_for(codes)
    found = list(_empty_windows(program))
    interpreter = Interpreter(program)
    records: dict[str, RecordType] = {}
    for decision in program.decisions.values():
        records.setdefault(f"{decision.record.module}.{decision.record.name}", decision.record)
    for define in program.defines.values():
        if define.record is not None:
            records.setdefault(f"{define.record.module}.{define.record.name}", define.record)
        elif _asks(define):
            study = Study(interpreter, define.parameters)
            found += _study(study, (), (define,), asked)
    inputs = written(interpreter)
    for name, record in records.items():
        study = Study(
            interpreter,
            record,
            examples(program, interpreter, record),
            tuple(specimens(interpreter, inputs, record)),
        )
        decisions = [d for d in program.decisions.values() if f"{d.record.module}.{d.record.name}" == name]
        defines = [d for d in program.defines.values() if d.record == record and _asks(d)]
        if decisions or defines:
            found += _study(study, decisions, defines, asked)
    return sorted(found, key=lambda d: (d.span.path, d.span.start, d.span.end, d.code, d.message))


def _study(
    study: Study, decisions: Iterable[core.Decision], defines: Iterable[core.Define], asked: Asked
) -> list[Diagnostic]:
    findings = Findings(study)
    about_defines = [_DefineChecks(study, each, findings, asked) for each in defines]
    about_decisions = [DecisionChecks(study, each, findings, asked) for each in decisions]
    study.settle()
    for define in about_defines:
        _guarded(define.run, findings, define.define)
    for decision in about_decisions:
        _guarded(decision.run, findings, decision.decision)
    return findings.diagnostics


def _guarded(run: Callable[[], None], findings: Findings, about: core.Define | core.Decision) -> None:
    """What the analysis fails at is an open question, and no reason to be silent about all the others."""
    try:
        run()
    except Exception as error:  # a fault of the analysis must neither hide findings nor end the command
        why = f"the analysis failed at it ({type(error).__name__}); please report this"
        findings.undecided(f"what else is to be said of `{about.name}`", why, about.span, (about.name,))


class _DefineChecks:
    """The cases and lines of one definition."""

    def __init__(self, study: Study, define: core.Define, findings: Findings, asked: Asked) -> None:
        self.asked = asked
        self.study = study
        self.define = define
        self.findings = findings
        self.cases: Judged | None = judged(study, define)
        judged_lines = lines(study.translator, define.body, study.env) if "L208" in asked else ()
        self.lines: list[Reached] = list(judged_lines)

    def run(self) -> None:
        if self.cases is not None:
            self._judge(self.cases)
        places: dict[Span, list[Reached]] = {}
        for line in self.lines:
            places.setdefault(line.span, []).append(line)
        for span, reached in places.items():
            try:
                value = idle(self.study, reached)
            except Undecided as undecided:
                self._open("whether a line is idle", undecided)
                continue
            if value is not None:
                self.findings.idle(self.define.name, span, value)

    def _judge(self, cases: Judged) -> None:
        for overlap in cases.overlaps if "L206" in self.asked else ():
            found = self._ask(overlap.formula, "whether two cases overlap")
            if found is not None:
                days = self._days(overlap.formula)
                self.findings.overlapping_cases(self.define, overlap.one.span, overlap.two.span, found, days)
        for case, formula in cases.conditions if "L202" in self.asked else ():
            if self._never(formula):
                self.findings.never_applies_case(self.define.name, case.span)
        if cases.gap is FALSE or "L207" not in self.asked:
            return
        found = self._ask(cases.gap, "whether the cases cover every input")
        if found is not None:
            self.findings.case_gap(self.define, found, self._days(cases.gap))

    def _days(self, formula: Formula) -> Days | None:
        return days_of(self.study, lambda within: self.study.satisfy(formula, within=within))

    def _ask(self, formula: Formula, what: str) -> Witness | None:
        try:
            return self.study.satisfy(formula, facts=True)
        except Undecided as undecided:
            self._open(what, undecided)
            return None

    def _never(self, formula: Formula) -> bool:
        try:
            return not self.study.shown(formula) and self.study.satisfy(formula) is None
        except Undecided as undecided:
            self._open("whether a case ever holds", undecided)
            return False

    def _open(self, what: str, undecided: Undecided) -> None:
        name = self.define.name
        self.findings.undecided(f"{what} of `{name}`", undecided.why, self.define.span, (name,))


def _asks(define: core.Define) -> bool:
    """There are cases or lines to judge."""
    return isinstance(define.body, terms.Cases) or has_lines(define.body)


def examples(program: core.Program, interpreter: Interpreter, record: RecordType) -> dict[tuple[str, ...], object]:
    """Values that the program's examples give the facts of a record; of two for one fact, the first."""
    found: dict[tuple[str, ...], object] = {}
    for example in program.examples:
        if example.record == record:
            for given in example.assignments:
                value = interpreter.evaluate(given.value, {}, None)
                if value is not None:
                    found.setdefault(given.path, value)
    return found


def _empty_windows(program: core.Program) -> Iterator[Diagnostic]:
    """L211: windows of rules, lines and sets that close before they open."""
    for decision in program.decisions.values():
        for rule in decision.rules:
            if rule.key is None or rule.number == 0 or decision.rules[rule.number - 1].family != rule.family:
                yield from _empty(rule.family, rule.span, rule.window or ())
                for condition in (rule.when, rule.unless):
                    yield from _empty_in(rule.family, rule.span, condition)
    for define in program.defines.values():
        yield from _empty_in(define.name, define.span, define.body)
    for declared in program.sets.values():
        yield from _empty_in(declared.qname.rpartition(".")[2], declared.span, declared.body)


def _empty_in(name: str, span: Span, term: Term | None) -> Iterator[Diagnostic]:
    match term:
        case terms.InWindow(intervals=intervals):
            yield from _empty(name, span if term.span == NOWHERE else term.span, intervals)
        case terms.And(operands=inner) | terms.Or(operands=inner):
            for each in inner:
                yield from _empty_in(name, span, each)
        case terms.Cases(cases=cases):
            for case in cases:
                yield from _empty_in(name, span, case.condition)
        case terms.When(condition=one, value=two) | terms.SetOperation(left=one, right=two):
            yield from _empty_in(name, span, one)
            yield from _empty_in(name, span, two)
        case terms.Not(operand=one) | terms.Line(condition=one) | terms.Quantifier(body=one):
            yield from _empty_in(name, span, one)
        case _:
            pass


def _empty(name: str, span: Span, intervals: Sequence[terms.Interval]) -> Iterator[Diagnostic]:
    for first, last in intervals:
        if first is not None and last is not None and last < first:
            yield diagnostic(
                "L211",
                f"this window of `{name}` closes on {last} before it opens on {first}",
                span,
                subjects=(name,),
                help="exchange the days, or correct one of them",
            )
