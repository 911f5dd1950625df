"""Code lenses: what a rule decides, a test to run, a contradiction to look at. Counts are made when they are shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from comity.core.interpret import Interpreter
from comity.diagnostics import Diagnostic
from comity.driver import Build
from comity.query import QueryError, query
from comity.runtime.answer import RuleStatus
from comity.runtime.types import EnumType, PlaceType, RecordType
from comity.source import Span


@dataclass(frozen=True, slots=True)
class Lens:
    """``command``: what a click does, "" for a text alone. ``about``: the rule, test or finding, for `count`."""

    span: Span
    title: str
    command: str
    about: str


def lenses(made: Build, found: Sequence[Diagnostic], path: str) -> Iterator[Lens]:
    """The lenses of one file. Those of rules have no title yet: `decided` makes it."""
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


def decided(made: Build, interpreter: Interpreter, rule: str) -> str | None:
    """`decides 12 of 249 destinations`: over the first country that the decision's record names, with what the
    examples of the rule's files say of the other facts. None where that asks nothing."""
    declared = made.checked.rules[rule]
    decision = made.program.decisions[declared.decision]
    field = _country_field(decision.record)
    if field is None:
        return None
    try:
        rows = list(query(interpreter, decision, None, [field], {}))
    except (QueryError, ValueError):
        return None
    answers = [row.answer for row in rows if row.answer is not None]
    count = sum(any(_is(declared.name, each) for each in answer.rules) for answer in answers)
    return f"decides {count} of {len(rows)} {field}s"


def _is(name: str, rule: RuleStatus) -> bool:
    """Whether a rule, or a member of a family, decides."""
    return rule.status == "decides" and rule.name.partition("[")[0] == name


def _country_field(record: RecordType) -> str | None:
    for field in record.fields:
        if isinstance(field.type, PlaceType) or (isinstance(field.type, EnumType) and field.type.name == "Country"):
            return field.name
    return None
