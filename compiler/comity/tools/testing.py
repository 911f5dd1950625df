"""Running `test` blocks: what was expected, what came out, and which rules and lines the tests exercised.

A test's facts are the examples of its file for the record, then its own `given`. Each of its `expect` lines must hold:

- `expect X by a, b`: the answer is X, and each rule named is among those that decide (a family by any of its members);
- `expect undetermined needing p, q`: undetermined, and exactly these needs (without `needing`: whatever they are);
- `expect contradiction`, `gap`: certainly so; `expect refused`: the facts break an `always` line;
- `expect 10%`, `expect unknown`: the value of a definition.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import field
from datetime import date
from typing import Literal, TypeAlias

from comity import expectations, terms
from comity.base.source import Span
from comity.core import ast as core
from comity.core.given import Unfit, assign, complete, facts_of, findings_of, value_of
from comity.core.interpret import Interpreter
from comity.core.walk import children
from comity.runtime import kleene
from comity.runtime.answer import Answer, ContradictionError, FactsError, GapError
from comity.runtime.light import dataclass
from comity.runtime.types import RecordType
from comity.runtime.values import format_value
from comity.terms import Term

Status: TypeAlias = Literal["passed", "failed", "error", "skipped"]


@dataclass(frozen=True, slots=True)
class Result:
    """One test's result. An ``error`` is a test that could not be run; ``got`` then says why."""

    name: str
    path: str
    line: int
    status: Status
    expected: str
    got: str

    def to_json(self) -> dict[str, object]:
        return {
            "name": self.name,
            "path": self.path,
            "line": self.line,
            "status": self.status,
            "expected": self.expected,
            "got": self.got,
        }


@dataclass(frozen=True, slots=True)
class RuleCoverage:
    """How many tests made a rule (any member, for a family) decide; disapply or refer, if it does only that."""

    name: str
    module: str
    decision: str
    path: str
    line: int
    decides: int

    def to_json(self) -> dict[str, object]:
        return {
            "name": self.name,
            "module": self.module,
            "decision": self.decision,
            "path": self.path,
            "line": self.line,
            "decides": self.decides,
        }


@dataclass(frozen=True, slots=True)
class LineCoverage:
    """Whether a condition line was seen true, and seen false."""

    path: str
    line: int
    seen_true: bool
    seen_false: bool

    def to_json(self) -> dict[str, object]:
        return {"path": self.path, "line": self.line, "seen_true": self.seen_true, "seen_false": self.seen_false}


@dataclass(frozen=True, slots=True)
class Run:
    """The results of tests in source order, and what they covered."""

    results: tuple[Result, ...]
    rules: tuple[RuleCoverage, ...]
    lines: tuple[LineCoverage, ...]

    def count(self, *statuses: Status) -> int:
        return sum(result.status in statuses for result in self.results)

    @property
    def passed(self) -> int:
        return self.count("passed")

    @property
    def failed(self) -> int:
        """Tests that failed or could not be run."""
        return self.count("failed", "error")

    def to_json(self) -> dict[str, object]:
        return {
            "passed": self.passed,
            "failed": self.failed,
            "skipped": self.count("skipped"),
            "tests": [result.to_json() for result in self.results],
            "coverage": {
                "rules": [rule.to_json() for rule in self.rules],
                "lines": [line.to_json() for line in self.lines],
            },
        }


RuleKey: TypeAlias = tuple[str, str, str]
"""A rule or family by decision, module and name."""


@dataclass(slots=True)
class Bench:
    """What tests run on, and what they were seen to exercise."""

    interpreter: Interpreter
    seen: dict[Span, set[bool | None]] = field(default_factory=dict)
    decided: dict[RuleKey, int] = field(default_factory=dict)
    """How often a rule decided."""

    def line(self, span: Span, value: bool | None) -> None:
        self.seen.setdefault(span, set()).add(value)


Verdict: TypeAlias = tuple[bool, str]
"""Whether everything expected came, and what came."""

Runner: TypeAlias = Callable[[core.Test, Bench], Verdict]
"""Runs the tests of one kind of target; raises Unfit."""


def run_tests(
    interpreter: Interpreter,
    tests: Iterable[core.Test] | None = None,
    runners: Mapping[str, Runner] | None = None,
    paths: Collection[str] | None = None,
) -> Run:
    """Run ``tests`` (all of the program's, if not given).

    ``runners``: by kind of target, beside those for decisions and definitions; a test of a kind without one is
    skipped, and says so. ``paths``: the files whose rules and lines are to be counted as covered or not.
    """
    program = interpreter.program
    bench = Bench(interpreter)
    by_kind = {**RUNNERS, **(runners or {})}
    results = tuple(_run(test, bench, by_kind) for test in (program.tests if tests is None else tests))
    return Run(results, tuple(_rule_coverage(program, bench, paths)), tuple(_line_coverage(program, bench, paths)))


def trace_test(
    interpreter: Interpreter, test: core.Test, runners: Mapping[str, Runner] | None = None
) -> tuple[Result, dict[Span, set[bool | None]]]:
    """Run one test; its result, and the values that each line of a condition took (None: unknown)."""
    bench = Bench(interpreter)
    result = _run(test, bench, {**RUNNERS, **(runners or {})})
    return result, bench.seen


def _run(test: core.Test, bench: Bench, runners: Mapping[str, Runner]) -> Result:
    status: Status
    runner = runners.get(test.target_kind)
    if runner is None:
        status, got = "skipped", f"skipped: nothing runs tests of this kind of target ({test.target_kind})"
    else:
        try:
            holds, got = runner(test, bench)
            status = "passed" if holds else "failed"
        except Unfit as unfit:
            status, got = "error", str(unfit)
    expected = "; ".join(_expected(expect, test, bench.interpreter) for expect in test.expects)
    return Result(test.title, test.span.path, test.span.line, status, expected, got)


# ------------------------------------------------------------------------------------------- decisions


def run_decision(test: core.Test, bench: Bench) -> Verdict:
    interpreter = bench.interpreter
    decision = interpreter.program.decisions[test.target]
    facts, defaults = facts_of(test, decision.record, interpreter)
    findings = findings_of(test, decision.record, interpreter)
    try:
        answer = interpreter.decide(test.target, facts, test.as_of, findings, bench, defaults)
    except FactsError as error:
        kinds = [expect.kind for expect in test.expects if isinstance(expect, expectations.ExpectFailure)]
        refused = len(kinds) == len(test.expects) and set(kinds) == {"refused"}
        return refused, "refused: " + "; ".join(str(problem) for problem in error.problems)
    for key in set(_exercised(decision, answer)):
        bench.decided[key] = bench.decided.get(key, 0) + 1
    return all(_answers(answer, expect) for expect in test.expects), _said(answer)


def _exercised(decision: core.Decision, answer: Answer) -> Iterator[RuleKey]:
    """The rules that did what they are for: decide; disapply, if that is all they do; refer to counsel."""
    rules = {rule.name: rule for rule in decision.rules}
    for status in answer.rules:
        rule = rules[status.name]
        if (status.status == "decides" and answer.determined) or (status.status == "possible" and rule.refer):
            yield decision.qname, rule.module, rule.family
        if status.status == "disapplied":
            for name in status.by:
                if rules[name].outcome is None:
                    yield decision.qname, rules[name].module, rules[name].family


def _answers(answer: Answer, expect: expectations.Expectation) -> bool:
    match expect:
        case expectations.ExpectOutcome(outcome=outcome, by=by):
            return answer.outcome == outcome and all(_decides(answer, name) for name in by)
        case expectations.ExpectUndetermined(needing=needing):
            undetermined = not answer.determined and answer.error is None
            return undetermined and (not needing or set(needing) == set(answer.needs))
        case expectations.ExpectFailure(kind=kind):
            return answer.error == kind
        case _:
            raise Unfit("a decision has an outcome, or is undetermined; nothing else can be expected of it")


def _decides(answer: Answer, name: str) -> bool:
    """Whether the rule, by name as written, decides: `a`, `module.a`, a family, a member `a[NS2]`."""
    return any(
        name in (written, written.partition("[")[0])
        for rule in answer.rules
        if rule.status == "decides"
        for written in (rule.name, f"{rule.module}.{rule.name}")
    )


def _said(answer: Answer) -> str:
    deciding = ", ".join(rule.name for rule in answer.rules if rule.status == "decides")
    if answer.outcome is not None:
        return f"{answer.outcome} by {deciding}" if deciding else f"{answer.outcome} (no rule decides)"
    if answer.error is not None:
        if answer.reason:
            return f"{answer.error}: {answer.reason}"
        return f"{answer.error} between {deciding}" if deciding else answer.error
    needing = f" needing {', '.join(answer.needs)}" if answer.needs else ""
    return f"undetermined{needing} (possible: {', '.join(answer.possible)})"


# ------------------------------------------------------------------------------------------- definitions


def run_define(test: core.Test, bench: Bench) -> Verdict:
    interpreter = bench.interpreter
    define = interpreter.program.defines[test.target]
    day = test.as_of
    if define.record is not None:
        facts, _ = facts_of(test, define.record, interpreter)
        arguments: list[object] = [facts]
        if day is None and define.record.as_of is not None:
            given_day = facts[define.record.as_of]
            day = given_day if isinstance(given_day, date) else None
    else:
        arguments = _arguments(test, define, interpreter)
    try:
        value = interpreter.call(define.qname, arguments, day, trace=bench)
    except (ContradictionError, GapError) as error:
        kind = "gap" if isinstance(error, GapError) else "contradiction"
        met = all(isinstance(expect, expectations.ExpectFailure) and expect.kind == kind for expect in test.expects)
        return met, f"{kind}: {error}"
    needs = interpreter.call_needs(define.qname, arguments, day) if value is None else ()
    met = all(_equals(value, needs, expect, day, interpreter) for expect in test.expects)
    needing = f" needing {', '.join(needs)}" if needs else ""
    return met, format_value(define.result, value) + needing


def _arguments(test: core.Test, define: core.Define, interpreter: Interpreter) -> list[object]:
    given: dict[str, object] = {}
    assign(given, test.facts, test.as_of, interpreter)
    missing: list[str] = []
    for name, type in define.parameters:
        if isinstance(type, RecordType) and (isinstance(given.get(name), Mapping) or name not in given):
            inner = given.get(name)
            given[name] = complete(type, inner if isinstance(inner, Mapping) else {}, {}, missing, [], f"{name}.")
        elif name not in given:
            missing.append(name)
    if missing:
        raise Unfit("missing facts: " + ", ".join(f"`{path}`" for path in missing))
    return [given[name] for name, _ in define.parameters]


def _equals(
    value: object, needs: Collection[str], expect: expectations.Expectation, day: date | None, interpreter: Interpreter
) -> bool:
    match expect:
        case expectations.ExpectValue(value=term):
            wanted = value_of(term, day, interpreter)
            # As tuples, because `absent` is a value here like any other.
            return value is wanted or kleene.equal((value,), (wanted,)) is True
        case expectations.ExpectUndetermined(needing=needing):
            return value is None and (not needing or set(needing) == set(needs))
        case expectations.ExpectFailure():
            return False
        case _:
            raise Unfit("a definition has a value; nothing else can be expected of it")


RUNNERS: Mapping[str, Runner] = {"decision": run_decision, "define": run_define}


# ------------------------------------------------------------------------------------------- what was expected


def _expected(expect: expectations.Expectation, test: core.Test, interpreter: Interpreter) -> str:
    match expect:
        case expectations.ExpectOutcome(outcome=outcome, by=by):
            return f"{outcome} by {', '.join(by)}" if by else outcome
        case expectations.ExpectValue(value=term):
            try:
                return format_value(term.type, value_of(term, test.as_of, interpreter))
            except Unfit as unfit:
                return str(unfit)
        case expectations.ExpectUndetermined(needing=needing):
            return f"undetermined needing {', '.join(needing)}" if needing else "undetermined"
        case expectations.ExpectFailure(kind=kind):
            return kind
        case expectations.ExpectBreach(none=none, commitment=commitment, party=party):
            return "no breach" if none else f"breach of {commitment}" + (f" by {party}" if party else "")
        case expectations.ExpectImposed(negated=negated, measure=measure, sector=sector, members=members):
            text = f"imposed {measure} on {sector}" + (f" by {', '.join(members)}" if members else "")
            return f"not {text}" if negated else text


# ------------------------------------------------------------------------------------------- coverage


def _rule_coverage(program: core.Program, bench: Bench, paths: Collection[str] | None) -> Iterator[RuleCoverage]:
    for decision in program.decisions.values():
        for module, name, span in dict.fromkeys((rule.module, rule.family, rule.span) for rule in decision.rules):
            if paths is None or span.path in paths:
                count = bench.decided.get((decision.qname, module, name), 0)
                yield RuleCoverage(name, module, decision.name, span.path, span.line, count)


def _line_coverage(program: core.Program, bench: Bench, paths: Collection[str] | None) -> Iterator[LineCoverage]:
    conditions: list[Term] = [define.body for define in program.defines.values()]
    for decision in program.decisions.values():
        for rule in decision.rules:
            conditions += [condition for condition in (rule.when, rule.unless) if condition is not None]
    spans = {span for condition in conditions for span in _lines(condition)}
    for span in sorted(spans):
        if paths is None or span.path in paths:
            seen = bench.seen.get(span, set())
            yield LineCoverage(span.path, span.line, True in seen, False in seen)


def _lines(term: Term) -> Iterator[Span]:
    waiting = [term]
    while waiting:
        each = waiting.pop()
        if isinstance(each, terms.Line):
            yield each.span
        waiting.extend(children(each))
