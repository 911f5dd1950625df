"""Specimens: inputs that the author wrote down in tests. What one of them shows needs no search.

Most questions about a healthy policy ask for some input: one that a rule decides, one that a line is false on. A
policy with tests has them already, so the search is left with what the tests do not show, and with proofs.
A specimen is decided by the reference interpreter; lines and clauses are then looked at where it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from comity.analysis.facts import AS_OF, FINDINGS
from comity.analysis.points import Point
from comity.analysis.space import Space
from comity.core.given import Unfit, facts_of, findings_of
from comity.core.interpret import Interpreter
from comity.runtime.answer import PolicyError
from comity.runtime.resolve import resolve_masks
from comity.runtime.rules import Mask
from comity.runtime.types import AbsentType, ListType, RecordType, Type


class Standing(NamedTuple):
    """How the rules of a decision stand on a specimen: own condition true, or unknown; and what findings name."""

    true: Mask
    unknown: Mask
    day: date | None
    chosen: Mapping[int, str]


class Specimen:
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
        self.day = day
        self._stand = interpreter.standings(record, facts, day, findings)
        self._point: Point | None = None
        self._standings: dict[str, Standing | None] = {}

    def outcome(self, decision: str) -> str | None:
        """What a decision says here; None if it is undetermined, or fails."""
        standing = self.standing(decision)
        if standing is None:
            return None
        return resolve_masks(self.interpreter.prepared(decision).ruleset, *standing).outcome

    def standing(self, decision: str) -> Standing | None:
        """None if the cases of some definition fail on the facts."""
        if decision not in self._standings:
            self._standings[decision] = self._find(decision)
        return self._standings[decision]

    def restand(self, decision: str, changed: Iterable[int]) -> Standing | None:
        """As `standing`, where the conditions of some rules have changed."""
        known = self._standings.pop(decision, None)
        self._stand = self.interpreter.standings(self.record, self.facts, self.day, self.findings)
        rules = self.interpreter.program.decisions[decision].rules
        if known is None or any(rules[number].refer is not None for number in changed):
            return self.standing(decision)
        true, unknown = known.true, known.unknown
        for number in changed:
            bit = 1 << number
            try:
                value = self.interpreter.holds(decision, number, self.facts, self.day, self.findings)
            except PolicyError:
                return self.standing(decision)
            true = true | bit if value else true & ~bit
            unknown = unknown | bit if value is None else unknown & ~bit
        self._standings[decision] = Standing(true, unknown, known.day, known.chosen)
        return self._standings[decision]

    def _find(self, decision: str) -> Standing | None:
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

    def point(self, space: Space) -> Point:
        if self._point is None:
            facts: dict[str, object] = {**self.facts, FINDINGS: self.findings}
            if self.record.as_of is None:
                facts[AS_OF] = self.day
            self._point = Point(space, facts, decided=self.outcome)
        return self._point


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
    found: list[Written] = []
    for test in program.tests:
        record = subjects.get(test.target)
        if record is not None:
            try:
                facts, _ = facts_of(test, record, interpreter)
                found.append(Written(record, facts, findings_of(test, record, interpreter), test.as_of))
            except Unfit:
                continue
    return found


def specimens(interpreter: Interpreter, inputs: Iterable[Written], record: RecordType) -> Iterator[Specimen]:
    """The ``inputs`` about a record, and what is such a record in others, that no `always` line refuses."""
    seen: set[str] = set()
    for each in inputs:
        if each.record == record:
            if interpreter.accepts(record, each.facts, each.as_of):
                yield Specimen(interpreter, record, each.facts, each.findings, each.as_of)
            continue
        as_of = each.record.as_of
        day = each.as_of if as_of is None else each.facts.get(as_of)
        for facts in _inside(each.record, each.facts, record):
            name = f"{facts} {day}"
            if name not in seen and (day is None or isinstance(day, date)):
                seen.add(name)
                if interpreter.accepts(record, facts, day):
                    yield Specimen(interpreter, record, facts, {}, day)


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
