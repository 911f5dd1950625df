"""Code lenses: how much a rule decides, a test to run, a contradiction to look at.

Counting is slow, so it is done when a lens is shown (`codeLens/resolve`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from comity import expectations
from comity.base.diagnostics import Diagnostic
from comity.base.interruption import check_interrupted
from comity.base.source import Span
from comity.core import ast as core
from comity.core.given import Unfit, facts_of, findings_of
from comity.core.interpret import Interpreter
from comity.lsp.index import Index
from comity.lsp.projects import Snapshot
from comity.pipeline.driver import Build
from comity.runtime.answer import Answer, FactsError, PolicyError
from comity.runtime.light import dataclass
from comity.runtime.types import EnumType, PlaceType, RecordType
from comity.tools.query import domain


@dataclass(frozen=True, slots=True)
class Lens:
    """``title``: "" where `decided` makes it. ``about``: the rule, the test, or the message of the finding."""

    span: Span
    title: str
    command: str
    about: str


def lenses(made: Build, found: Sequence[Diagnostic], path: str) -> Iterator[Lens]:
    """The lenses of one file."""
    for rule in made.checked.rules.values():
        if rule.span.path == path and rule.then is not None and not made.errors:
            yield Lens(rule.span, "", "", rule.qname)
    for test in made.checked.tests:
        if test.span.path == path:
            yield Lens(test.span, "run test", "comity.runTest", test.title)
            yield Lens(test.span, "explain test", "comity.explainTest", test.title)
    for diagnostic in found:
        if diagnostic.code == "L201" and diagnostic.test:
            yield Lens(diagnostic.span, "contradiction: show the case", "comity.showCase", diagnostic.message)


def decided(snapshot: Snapshot, rule: str) -> str | None:
    """`decides 157 of 250 destinations in the case "a chip to Russia"`: over all values of the country that the
    program reads most, with the other facts of the first test in which the rule decides.

    None where nothing is decided about a country. Takes up to a second; `interruption` ends it.
    """
    declared = snapshot.build.checked.rules.get(rule)
    if declared is None or snapshot.build.errors:
        return None
    key = ("decided", rule)
    if key not in snapshot.memo:
        snapshot.memo[key] = _title(snapshot, declared.decision, rule)
    found = snapshot.memo[key]
    return found if isinstance(found, str) else None


def _title(snapshot: Snapshot, qname: str, rule: str) -> str | None:
    program = snapshot.build.program
    decision = program.decisions[qname]
    field = _country_field(snapshot.index, decision.record)
    if field is None:
        return None
    interpreter = Interpreter(program)
    test = _named_by(program, qname, rule) or _shown_by(snapshot, interpreter, decision).get(rule)
    if test is None:
        return "no test shows what it decides"
    try:
        facts, _ = facts_of(test, decision.record, interpreter)
        findings = findings_of(test, decision.record, interpreter)
    except Unfit:
        return f'the test "{test.title}" cannot be run'
    number = of = 0
    for value in domain(program, decision.record, (field,)):
        check_interrupted()
        with suppress(FactsError, PolicyError):  # no such case can be: it counts for nothing
            answer = interpreter.decide(qname, {**facts, field: value}, test.as_of, findings)
            of += 1
            number += rule in _deciding(decision, answer)
    return f'decides {number} of {of} {_plural(field)} in the case "{test.title}"'


def _named_by(program: core.Program, qname: str, rule: str) -> core.Test | None:
    """The first test that expects a rule to decide."""
    module, _, family = rule.rpartition(".")
    for test in program.tests:
        for expect in test.expects if test.target == qname else ():
            if isinstance(expect, expectations.ExpectOutcome):
                names = {name.partition("[")[0] for name in expect.by}
                if rule in names or (family in names and _is_alone(program.decisions[qname], module, family)):
                    return test
    return None


def _is_alone(decision: core.Decision, module: str, family: str) -> bool:
    return all(rule.module == module for rule in decision.rules if rule.family == family)


def _shown_by(snapshot: Snapshot, interpreter: Interpreter, decision: core.Decision) -> dict[str, core.Test]:
    """The first test in which each rule of a decision decides."""
    key = ("tests", decision.qname)
    known = snapshot.memo.get(key)
    if isinstance(known, dict):
        return known
    found: dict[str, core.Test] = {}
    for test in snapshot.build.program.tests:
        check_interrupted()
        if test.target == decision.qname:
            with suppress(FactsError, PolicyError, Unfit):
                facts, _ = facts_of(test, decision.record, interpreter)
                given = findings_of(test, decision.record, interpreter)
                for rule in _deciding(decision, interpreter.decide(decision.qname, facts, test.as_of, given)):
                    found.setdefault(rule, test)
    snapshot.memo[key] = found
    return found


def _deciding(decision: core.Decision, answer: Answer) -> set[str]:
    """The rules, by qualified name, that decide; the members of a family are one rule."""
    families = {(rule.module, rule.name): f"{rule.module}.{rule.family}" for rule in decision.rules}
    return {families[rule.module, rule.name] for rule in answer.rules if rule.status == "decides"}


def _plural(noun: str) -> str:
    if len(noun) < 4:
        return f"values of `{noun}`"
    return f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"


def _country_field(index: Index, record: RecordType) -> str | None:
    """The field with a country that the program reads in the most places."""
    names = [
        field.name
        for field in record.fields
        if isinstance(field.type, PlaceType) or (isinstance(field.type, EnumType) and field.type.name == "Country")
    ]
    return max(names, key=lambda name: len(index.uses(f"{record.module}.{record.name}.{name}")), default=None)
