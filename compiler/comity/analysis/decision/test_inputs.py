"""Test inputs: inputs that the author wrote down in tests. What one of them shows needs no search.

Most questions about a healthy policy ask for some input: one that a rule decides, one that a line is false on. A
policy with tests has them already, so the search is left with what the tests do not show, and with proofs.
Its rules are first looked at as formulas, on all test inputs at once (`seen.py`); what a test input is then relied
on to show, the reference interpreter has decided.

Example: `test "a laptop to Germany" for licensing` has the facts of an input on which `no_license` decides, so whether
that rule ever decides is answered by the test, and nothing is searched for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from comity.analysis.space.facts import AS_OF
from comity.analysis.space.points import Point
from comity.analysis.space.space import Space
from comity.core.given import Unfit, facts_of, findings_of
from comity.core.interpret import Interpreter
from comity.runtime.answer import PolicyError
from comity.runtime.inputs import FINDINGS
from comity.runtime.kleene import Truth
from comity.runtime.resolve import finding_on
from comity.runtime.rules import Mask
from comity.runtime.types import AbsentType, ListType, RecordType, Type


class Standing(NamedTuple):
    """How the rules of a decision stand on a test input: own condition true, or unknown; and what findings name."""

    true: Mask
    unknown: Mask
    day: date | None
    chosen: Mapping[int, str]

    @property
    def maybe(self) -> Mask:
        return self.true | self.unknown


class TestInput:
    """One input, for a record."""

    def __init__(
        self,
        interpreter: Interpreter,
        record: RecordType,
        facts: Mapping[str, object],
        findings: Mapping[str, bool | str],
        day: date | None,
    ) -> None:
        self.interpreter = interpreter
        self.record = record
        self.facts = facts
        self.findings = findings
        given = facts.get(record.as_of) if day is None and record.as_of is not None else day
        self.day = given if isinstance(given, date) else None
        self._stand: Callable[[str], tuple[Sequence[Truth], date | None, Mapping[int, str]]] | None = None
        self._standings: dict[str, Standing | None] = {}

    def standing(self, decision: str) -> Standing | None:
        """As the reference interpreter says. None if the cases of some definition fail on the facts."""
        if decision not in self._standings:
            self._standings[decision] = self._find(decision)
        return self._standings[decision]

    def _find(self, decision: str) -> Standing | None:
        if self._stand is None:
            self._stand = self.interpreter.standings(self.record, self.facts, self.day, self.findings)
        try:
            own, day, named = self._stand(decision)
        except PolicyError:
            return None
        true = unknown = 0
        for number, value in enumerate(own):
            if value is None:
                unknown |= 1 << number
            elif value:
                true |= 1 << number
        return Standing(true, unknown, day, named)

    def forget(self, decision: str) -> None:
        """The rules of a decision have changed."""
        self._standings.pop(decision, None)
        self._stand = None

    def chosen(self, decision: str) -> Mapping[int, str]:
        """The outcomes that findings name, by the rule that refers to counsel."""
        prepared = self.interpreter.prepared(decision)
        found = {
            number: finding_on(prepared.ruleset.rules[number].name, question, self.findings)
            for number, question in prepared.referring.items()
        }
        return {number: finding for number, finding in found.items() if isinstance(finding, str)}

    def point(self, space: Space, decided: Callable[[str], str | None]) -> Point:
        """``decided``: the outcomes of decisions here."""
        facts: dict[str, object] = {**self.facts, FINDINGS: self.findings}
        if self.record.as_of is None:
            facts[AS_OF] = self.day
        return Point(space, facts, decided=decided)


class Written(NamedTuple):
    """An input that a test is about."""

    record: RecordType
    facts: Mapping[str, object]
    findings: Mapping[str, bool | str]
    as_of: date | None


def written(interpreter: Interpreter) -> list[Written]:
    """The inputs of all tests, whatever they test."""
    program = interpreter.program
    subjects = {name: decision.record for name, decision in program.decisions.items()}
    subjects |= {name: define.record for name, define in program.defines.items() if define.record is not None}
    questions = {rule.question for each in program.decisions.values() for rule in each.rules if rule.refer is not None}
    found: list[Written] = []
    for test in program.tests:
        record = subjects.get(test.target)
        if record is not None:
            try:
                facts, _ = facts_of(test, record, interpreter)
                findings = findings_of(test, record, interpreter)
            except Unfit:
                continue
            if findings.keys() <= questions:  # a finding on one member of a family that asks one question has no axis
                found.append(Written(record, facts, findings, test.as_of))
    return found


def test_inputs(interpreter: Interpreter, inputs: Iterable[Written], record: RecordType) -> Iterator[TestInput]:
    """The ``inputs`` about a record, and what is such a record in others, that no `always` line refuses. Each once."""
    seen: set[str] = set()
    for each in inputs:
        if each.record == record:
            found = [(each.facts, each.findings, each.as_of)]
        else:
            as_of = each.record.as_of
            day = each.as_of if as_of is None else each.facts.get(as_of)
            if not (day is None or isinstance(day, date)):
                continue
            found = [(facts, {}, day) for facts in _inside(each.record, each.facts, record)]
        for one in found:
            name = repr(one)
            if name not in seen:
                seen.add(name)
                if interpreter.accepts(record, one[0], one[2]):
                    yield TestInput(interpreter, record, *one)


def _inside(type: Type, value: object, wanted: RecordType) -> Iterator[Mapping[str, object]]:
    """The records of one type in a value of another."""
    match type, value:
        case RecordType(), Mapping():
            if type == wanted:
                yield value
            for field in type.fields:
                yield from _inside(field.type, value.get(field.name), wanted)
        case ListType(element=element), tuple():
            for each in value:
                yield from _inside(element, each, wanted)
        case AbsentType(element=element), _:
            yield from _inside(element, value, wanted)
        case _:
            return
