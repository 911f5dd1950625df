"""Code lenses: how much a rule decides, a test to run, a contradiction to look at.

Counting is slow, so it is done when a lens is shown (`codeLens/resolve`), once for all rules of a decision.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from comity.base.diagnostics import Diagnostic
from comity.base.interruption import check_interrupted
from comity.base.source import Span
from comity.core.interpret import Interpreter
from comity.lsp.index import Index
from comity.lsp.projects import Snapshot
from comity.pipeline.driver import Build
from comity.runtime.answer import FactsError, PolicyError
from comity.runtime.types import EnumType, PlaceType, RecordType
from comity.tools.query import QueryError, query


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


@dataclass(frozen=True, slots=True)
class _Counts:
    """How many of ``of`` values of the fact ``field`` each rule decides."""

    field: str
    of: int
    decided: Mapping[str, int]


def decided(snapshot: Snapshot, rule: str) -> str | None:
    """`decides 12 of 249 destinations`: over all values of the country that the rules of the decision read most.

    The other facts are those of an example of the decision, else unknown. None where there is no such fact. Where there
    are many rules this takes seconds; `interruption` ends it.
    """
    declared = snapshot.build.checked.rules.get(rule)
    if declared is None or snapshot.build.errors:
        return None
    key = ("decided", declared.decision)
    if key not in snapshot.memo:
        snapshot.memo[key] = _count(snapshot, declared.decision)
    counts = snapshot.memo[key]
    if not isinstance(counts, _Counts):
        return None
    return f"decides {counts.decided.get(rule, 0)} of {counts.of} {_plural(counts.field)}"


def _plural(noun: str) -> str:
    if len(noun) < 4:
        return f"values of `{noun}`"
    return f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"


def _count(snapshot: Snapshot, qname: str) -> _Counts | None:
    program = snapshot.build.program
    decision = program.decisions[qname]
    field = _country_field(snapshot.index, decision.record)
    if field is None:
        return None
    rows = []
    try:
        for row in query(Interpreter(program), decision, None, [field], {}):
            check_interrupted()
            rows.append(row)
    except (QueryError, FactsError, PolicyError):
        return None
    answers = [row.answer for row in rows if row.answer is not None]
    qnames = {(rule.module, rule.name): f"{rule.module}.{rule.family}" for rule in decision.rules}
    decided: Counter[str] = Counter()
    for answer in answers:  # the members of a family count as one rule
        decided.update({qnames[rule.module, rule.name] for rule in answer.rules if rule.status == "decides"})
    return _Counts(field, len(answers), decided)


def _country_field(index: Index, record: RecordType) -> str | None:
    """The field with a country that the program reads in the most places."""
    names = [
        field.name
        for field in record.fields
        if isinstance(field.type, PlaceType) or (isinstance(field.type, EnumType) and field.type.name == "Country")
    ]
    return max(names, key=lambda name: len(index.uses(f"{record.module}.{record.name}.{name}")), default=None)
