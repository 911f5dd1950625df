"""Asks for the facts of a decision, one question at a time, and only for those that the answer still depends on.

All facts begin as unknown. The interpreter says which of them would settle the answer (`needs`); the first of these
is the next question, and so on until the answer is determined, or what it needs was answered `unknown`. Nothing is
guessed: what was not asked stays unknown, and the answer is the same whatever it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from typing import Any, TypeAlias

from comity.core import ast as core
from comity.core.interpret import Interpreter
from comity.core.needs import DAY
from comity.runtime.answer import Answer
from comity.runtime.errors import FactsError
from comity.runtime.facts import Decoder, encode, expected_text, loads_json
from comity.runtime.inputs import FINDINGS
from comity.runtime.light import dataclass
from comity.runtime.types import (
    BOOL,
    DATE,
    INT,
    AbsentType,
    BoolType,
    EnumType,
    Field,
    IntType,
    ListType,
    NumberType,
    PartyType,
    PerPartyType,
    PlaceType,
    RecordType,
    SetType,
    Type,
)
from comity.runtime.values import article, parse_number

Path: TypeAlias = tuple[str | int, ...]

MOST_ELEMENTS = 50
"""Elements that a list of records may be given by hand."""

MOST_LISTED = 12
"""Choices that are shown with a question; more are shown only to who asks for them."""

_STEP = re.compile(r"[^.\[\]]+")
_YES = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}


class Unfit(Exception):
    """A reply that cannot be taken; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question. ``path`` names the fact as `needs` does; ``text`` is its field's documentation, if it has any.

    ``expected``: what a reply looks like. ``choices``: the words there are, each with its documentation, if they are
    few enough to list or the type lists them. ``default``: the reply that an empty line stands for, if there is one.
    """

    path: str
    text: str
    expected: str
    choices: tuple[tuple[str, str], ...] = ()
    default: str | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question with what is needed to take its reply. ``count``: it asks how many elements a collection has;
    ``exists``: whether there is such a record at all.
    """

    question: Question
    steps: Path
    type: Type
    count: bool = False
    exists: bool = False


@dataclass
class _State:
    facts: dict[str, Any]
    findings: dict[str, Any]
    as_of: date | None
    unknown: frozenset[str] = frozenset()


class Interview:
    """One conversation about one decision. ``facts``: what is known already, in JSON form."""

    def __init__(
        self, interpreter: Interpreter, decision: core.Decision, facts: Mapping[str, object], as_of: date | None
    ) -> None:
        """Raises FactsError if the facts there are already cannot be read."""
        self.interpreter = interpreter
        self.decision = decision
        known = dict(facts)
        findings = {} if decision.record.field(FINDINGS) is not None else known.pop(FINDINGS, None) or {}
        if not isinstance(findings, Mapping):
            findings = {FINDINGS: findings}  # refused below, with the usual message
        self._state = _State(_skeleton(decision.record, known), dict(findings), as_of)
        self._before: list[_State] = []
        self.answer = self._decide(self._state)
        self._asked: _Asked | None = None

    @property
    def facts(self) -> dict[str, object]:
        """The facts as they are known now, with counsel's findings, in JSON form; what is unknown is left out."""
        findings = {FINDINGS: self._state.findings} if self._state.findings else {}
        return {**deepcopy(self._state.facts), **findings}

    @property
    def as_of(self) -> date | None:
        """The day, where no fact gives it."""
        return self._state.as_of

    def _decide(self, state: _State) -> Answer:
        value = {**state.facts, **({FINDINGS: state.findings} if state.findings else {})}
        return self.interpreter.decide_json(self.decision.qname, value, state.as_of, partial=True)

    # ------------------------------------------------------------------------------------- asking

    def question(self) -> Question | None:
        """The next question; None if the answer is settled, or only things that nobody can be asked would settle it."""
        self._asked = None
        if self.answer.determined or self.answer.error is not None:
            return None
        for need in self.answer.needs:
            if need not in self._state.unknown:
                self._asked = self._ask(need)
                if self._asked is not None:
                    return self._asked.question
        return None

    def reply(self, text: str) -> None:
        """Take the reply to the last question; raises Unfit if it is none, and nothing has changed then."""
        asked = self._asked
        assert asked is not None
        state = deepcopy(self._state)
        words = text.strip()
        if not words and asked.question.default is not None:
            words = asked.question.default
        if not words:
            raise Unfit(f"expected {asked.question.expected}, or unknown")
        if words.lower() == "unknown":
            state.unknown |= {asked.question.path}
        else:
            value = self._read(asked, words)
            if asked.steps[0] == FINDINGS and self.decision.record.field(FINDINGS) is None:
                state.findings[str(asked.steps[1])] = value
            elif asked.steps == (DAY,) and self.decision.record.field(DAY) is None:
                state.as_of = date.fromisoformat(str(value))
            else:
                _put(state.facts, asked.steps, value)
        try:
            self.answer = self._decide(state)
        except FactsError as error:
            raise Unfit("; ".join(map(str, error.problems))) from None
        self._before.append(self._state)
        self._state = state

    def back(self) -> bool:
        """Take back the last reply; false if there is none."""
        if not self._before:
            return False
        self._state = self._before.pop()
        self.answer = self._decide(self._state)
        return True

    # ------------------------------------------------------------------------------------- questions

    def _ask(self, need: str) -> _Asked | None:
        """The question about a need; None for a row of a table, which is not for the user to say."""
        record = self.decision.record
        if need.startswith(f"{FINDINGS}.") and record.field(FINDINGS) is None:
            return self._counsel(need)
        if need == DAY and record.field(DAY) is None:
            return _Asked(Question(need, "The day on which the law is read", expected_text(DATE)), (DAY,), DATE)
        steps = tuple(int(step) if step.isdigit() else step for step in _STEP.findall(need))
        field = _field_at(record, steps)
        if field is None:
            return None
        text, kind = field.doc, field.type
        if isinstance(kind, ListType) and isinstance(kind.element, RecordType):
            question = Question(need, text, "how many there are: 0, 1, 2 …")
            return _Asked(question, steps, kind, count=True)
        inner = kind.element if isinstance(kind, AbsentType) else kind
        if isinstance(inner, RecordType):
            question = Question(need, text, "yes if there is one and something is known of it, or no")
            return _Asked(question, steps, kind, exists=True)
        default = None if not field.has_default or field.default is None else _typed(kind, field.default)
        return _Asked(Question(need, text, _expected(kind), self._choices(kind), default), steps, kind)

    def _counsel(self, need: str) -> _Asked:
        name = need.partition(".")[2]
        rules = [rule for each in self.interpreter.program.decisions.values() for rule in each.rules]
        rule = next((rule for rule in rules if name in (rule.question, rule.name) and rule.refer is not None), None)
        text = f"For counsel: {rule.refer}" if rule is not None else "For counsel"
        outcomes = self.interpreter.referring_rules.get(name, ())
        if len(outcomes) > 1:
            named = tuple((outcome, "") for outcome in outcomes)
            return _Asked(Question(need, text, "no, or an outcome", (*named, ("no", ""))), (FINDINGS, name), BOOL)
        return _Asked(Question(need, text, "yes or no"), (FINDINGS, name), BOOL)

    def _choices(self, kind: Type) -> tuple[tuple[str, str], ...]:
        match kind:
            case AbsentType(element=element):
                return self._choices(element)
            case ListType(element=element) | SetType(element=element):
                return self._choices(element)
            case EnumType(module=module, name=name, members=members):
                enum = self.interpreter.program.enums.get(f"{module}.{name}")
                docs = enum.member_docs if enum is not None else ("",) * len(members)
                return tuple(zip(members, docs, strict=True))
            case PlaceType(countries=countries, zones=zones):
                return tuple((place, "") for place in (*countries, *(zone for zone, _ in zones)))
            case PartyType():
                return tuple((party, "") for party in self.interpreter.program.party_names)
            case _:
                return ()

    # ------------------------------------------------------------------------------------- replies

    def _read(self, asked: _Asked, words: str) -> object:
        """A reply in JSON form; raises Unfit with the message that facts get."""
        if asked.steps[0] == FINDINGS and self.decision.record.field(FINDINGS) is None:
            return _YES.get(words.lower(), words)  # what is not a finding is refused when it is decided
        if asked.count:
            number = parse_number(words)
            if not isinstance(number, int) or not 0 <= number <= MOST_ELEMENTS:
                raise Unfit(f"expected {expected_text(INT)} from 0 to {MOST_ELEMENTS}, got {words}")
            assert isinstance(asked.type, ListType) and isinstance(asked.type.element, RecordType)
            return [_element(asked.type.element) for _ in range(number)]
        if asked.exists:
            there = _YES.get(words.lower())
            if there is None:
                raise Unfit(f"expected {asked.question.expected}, got {words}")
            if there:
                inner = asked.type.element if isinstance(asked.type, AbsentType) else asked.type
                assert isinstance(inner, RecordType)
                return _element(inner) if any(isinstance(step, int) for step in asked.steps) else _skeleton(inner, {})
            if not isinstance(asked.type, AbsentType):
                raise Unfit("there always is one; say unknown if nothing is known of it")
            return {"absent": True}
        value = _json(asked.type, words, asked.question.choices)
        parties = self.interpreter.program.party_names
        try:
            Decoder(asked.type, parties=parties or None)(value, asked.question.path)
        except FactsError as error:
            raise Unfit("; ".join(map(str, error.problems))) from None
        return value


def _json(kind: Type, words: str, choices: tuple[tuple[str, str], ...]) -> object:
    """What a reply says, in the JSON form of facts; what it cannot be is left as text, for the decoder to refuse."""
    match kind:
        case AbsentType(element=element):
            return {"absent": True} if words.lower() == "absent" else _json(element, words, choices)
        case BoolType():
            return _YES.get(words.lower(), words)
        case IntType() | NumberType():
            number = parse_number(words)
            return number if isinstance(number, int) else words
        case SetType(element=RecordType()):
            try:
                return loads_json(words)
            except FactsError:
                return words
        case ListType(element=element) | SetType(element=element):
            if words.lower() == "none":
                return []
            return [_json(element, each.strip(), choices) for each in re.split(r"[;,]", words) if each.strip()]
        case EnumType(members=members) if words.isdigit() and 1 <= int(words) <= len(members):
            return members[int(words) - 1]
        case _:
            return words


def _typed(kind: Type, value: object) -> str | None:
    """A value as a reply that means it; None if it takes more than a line."""
    match encode(kind, value):
        case bool() as truth:
            return "yes" if truth else "no"
        case {"absent": True}:
            return "absent"
        case list() as items if all(isinstance(item, str) for item in items):
            return ", ".join(items) or "none"
        case str() | int() as plain:
            return str(plain)
        case _:
            return None


def _expected(kind: Type) -> str:
    """What a reply looks like, for people: no quotes and brackets of JSON."""
    match kind:
        case BoolType():
            return "yes or no"
        case AbsentType(element=element):
            return f"{_expected(element)}, or absent"
        case SetType(element=RecordType() as record):  # its elements have no numbers to ask about them by
            return f"JSON: an array of objects with the fields of {record} ({', '.join(f.name for f in record.fields)})"
        case ListType(element=element) | SetType(element=element):
            return f"none, or several with commas between: each {_expected(element)}"
        case NumberType():
            return "a number"
        case EnumType(members=members) if len(members) > MOST_LISTED:
            return f"{article(str(kind))} such as {members[0]}"
        case EnumType():
            return "one of the choices, or its number"
        case _:
            return expected_text(kind).replace('"', "")


# ------------------------------------------------------------------------------------------- facts


def _skeleton(record: RecordType, known: Mapping[str, object]) -> dict[str, Any]:
    """The known facts, with the records and facts of parties that are always there, to be asked for one by one."""
    facts = dict(known)
    for field in record.fields:
        inner = facts.get(field.name, {})
        if isinstance(field.type, RecordType) and isinstance(inner, Mapping):
            facts[field.name] = _skeleton(field.type, inner)
        elif isinstance(field.type, PerPartyType):
            facts[field.name] = inner
    return facts


def _element(record: RecordType) -> dict[str, Any]:
    """A record in a list of which nothing is known: there, what is left out would be what its default says."""
    return {field.name: _element(field.type) if isinstance(field.type, RecordType) else None for field in record.fields}


def _field_at(record: RecordType, steps: Path) -> Field | None:
    """The declared field at a path; a field made up for an element of a list or a fact of a party."""
    found: Field | None = None
    kind: Type = record
    for step in steps:
        if isinstance(kind, AbsentType):
            kind = kind.element
        match kind:
            case RecordType():
                found = kind.field(str(step))
            case ListType(element=element) | SetType(element=element) if isinstance(step, int):
                found = Field("", element)
            case PerPartyType(element=element):
                found = Field(str(step), element, found.doc if found is not None else "")
            case _:
                return None
        if found is None:
            return None
        kind = found.type
    return found


def _put(inside: Any, steps: Path, value: object) -> None:
    """Set the fact at a path, in place; records on the way that are not there are made."""
    *way, last = steps
    for step in way:
        if not isinstance(step, int) and not isinstance(inside.get(step), dict | list):
            inside[step] = {}
        inside = inside[step]
    inside[last] = value
