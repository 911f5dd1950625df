"""SQL beside the interpreter, row for row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

import pytest

from comity.backends.sql.errors import Inexpressible
from comity.backends.sql.statement import ANSWERS, FINDINGS, RULES, statement
from comity.core import ast as core
from comity.core.interpret import Interpreter
from comity.runtime.errors import FactsError
from comity.runtime.inputs import read_input
from comity.runtime.resolve import resolve
from comity.runtime.rules import bits
from comity.runtime.types import PerPartyType, RecordType, Type
from tests.backends import generate
from tests.sql.engines import Answer, Engine, Rows

BLANKED = 100
"""Rows of a table that come once more without a required fact."""


@dataclass(frozen=True, slots=True)
class Found:
    """What came of one row, or of a decision that SQL cannot say. ``kind``: its status, or the error."""

    engine: str
    decision: str
    kind: str
    differs: bool = False
    text: str = ""
    facts: Any = None


def questions(program: core.Program) -> list[str]:
    """All questions to counsel."""
    rules = [rule for decision in program.decisions.values() for rule in decision.rules if rule.refer is not None]
    return list(dict.fromkeys(name for rule in rules for name in (rule.question, rule.name)))


def compare(
    program: core.Program,
    decision: core.Decision,
    given: Sequence[Mapping[str, object]],
    engines: Sequence[Engine],
    package: Any = None,
    said: Sequence[tuple[Answer, str]] = (),
) -> Iterator[Found]:
    """Every row on every engine, and some once more with a required fact left out, which are refused.

    ``package``: a built package to compare with, where the interpreter would take too long. ``said``: what is said of
    each row, where that is known.
    """
    findings = questions(program)
    if not said and package is None:
        interpreter = Interpreter(program)
        said = [interpreted(interpreter, decision, facts) for facts in given]
    elif not said:
        said = [answered(getattr(package, decision.name).decide, facts) for facts in given]
    for engine in engines:
        rows = Rows(engine.name, decision.record, program.party_names, findings)
        asked = partial(statement, program, decision.qname, engine.name, "facts_given", findings=findings)
        try:
            try:
                query, with_rules = asked(columns=(*ANSWERS, RULES)), True
            except Inexpressible:
                query, with_rules = asked(), False
        except Inexpressible as error:
            yield Found(engine.name, decision.name, f"inexpressible: {error.message}")
            continue
        table = [rows.row(number, facts) for number, facts in enumerate(given)]
        blanked = [
            _blanked(row, len(table) + number, rows, decision.record) for number, row in enumerate(table[:BLANKED])
        ]
        table += [row for row in blanked if row is not None]
        got = engine.run(rows.columns, table, query)
        answers = {number: tuple(answer) for number, *answer in got}
        assert len(got) == len(answers) == len(table), "a row was dropped, or came twice"
        for number, (facts, (expected, names)) in enumerate(zip(given, said, strict=True)):
            answer, rules = answers[number][:3], answers[number][3] if with_rules else None
            text = f"SQL says {answer}, the interpreter {expected}"
            differs = answer != expected
            if with_rules and sorted((rules or "").split(",")) != sorted(names.split(",")):
                differs, text = True, f"SQL says that {rules} decide, the interpreter {names}"
            yield Found(engine.name, decision.name, expected[1], differs, text, facts)
        for number in answers.keys() - set(range(len(given))):
            answer = answers[number][:3]
            text = f"SQL says {answer} of facts of which a required one is left out"
            yield Found(engine.name, decision.name, "refused", answer != (None, "refused", None), text)


def interpreted(interpreter: Interpreter, decision: core.Decision, facts: Mapping[str, object]) -> tuple[Answer, str]:
    """What the interpreter says of a row, and of which rules with an outcome that comes, or may come."""
    facts = as_columns(interpreter, decision.record, facts)
    answer, names = answered(partial(interpreter.decide_json, decision.qname), facts)
    if not names:
        return answer, names
    # An answer also lists rules that it depends on though nothing comes of them.
    record = decision.record
    read = read_input(facts, record, interpreter.decoder(record), interpreter.referring_rules, None, None)
    own, day, found = interpreter.standings(record, read.facts, None, read.findings)(decision.qname)
    resolution = resolve(interpreter.prepared(decision.qname).ruleset, own, day, found)
    rules = [decision.rules[number] for number in bits(resolution.candidates)]
    return answer, ",".join(rule.name for rule in rules if rule.outcome)


def as_columns(interpreter: Interpreter, record: RecordType, facts: Mapping[str, object]) -> Mapping[str, object]:
    """Facts as columns say them: a record that may be unknown is, where each of its columns is NULL."""
    given = {name: value for name, value in facts.items() if name != FINDINGS or record.field(name)}
    try:
        value = interpreter.decoder(record)(given).value
    except FactsError:
        return facts
    return _without_empty(record, value, facts)


def _without_empty(record: RecordType, value: Any, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    found = dict(facts)
    for field in record.fields:
        if isinstance(field.type, RecordType) and isinstance(found.get(field.name), Mapping):
            inner = value[field.name]
            found[field.name] = _without_empty(field.type, inner, found[field.name])
            if field.optional and not _is_known(inner):
                found[field.name] = None
    return found


def _is_known(value: Any) -> bool:
    return any(map(_is_known, value.values())) if isinstance(value, Mapping) else value is not None


def answered(decide: Callable[[Mapping[str, object]], Any], facts: Mapping[str, object]) -> tuple[Answer, str]:
    """What is said of a row as the columns of an answer, and the names of the rules that decide, or may."""
    try:
        answer = decide(facts)
    except Exception as error:  # packages have a class of their own for it
        if type(error).__name__ != FactsError.__name__:
            raise
        return (None, "refused", None), ""
    status = answer.error or ("determined" if answer.determined else "undetermined")
    # Beside these, an answer lists rules that the answer depends on though what they say is not possible.
    named = [rule for rule in answer.rules if rule.status == "decides" or rule.outcome in answer.possible]
    names = ",".join(rule.name for rule in named if rule.outcome and rule.status in ("decides", "possible"))
    return (answer.outcome, status, ",".join(answer.possible)), names


def _blanked(row: Sequence[Any], number: int, rows: Rows, record: RecordType) -> list[Any] | None:
    """The row with one of its required facts NULL; None if it has none."""
    required = [
        field.name
        for field in record.fields
        if not (field.optional or field.has_default or isinstance(field.type, RecordType | PerPartyType))
    ]
    if not required:
        return None
    name = required[number % len(required)]
    names = [each for each, _ in rows.columns]
    found = [number, *row[1:]]
    for place, each in enumerate(names):
        if each in (name, f"{name}.absent"):
            found[place] = None
    return found


def ascii_scalar(random: Random, type: Type) -> object:
    """A random value; texts beyond ASCII, which SQL refuses, spelt without."""
    value = _scalar(random, type)
    return "naive text" if isinstance(value, str) and not value.isascii() else value


_scalar = generate.scalar


def random_policy(random: Random, engines: Sequence[Engine], rows: int) -> Iterator[Found]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generate, "scalar", ascii_scalar)
        program = generate.program(random)
        for decision in program.decisions.values():
            given = generate.rows(random, program, decision.record, rows)
            yield from compare(program, decision, given, engines)


@dataclass(slots=True)
class Compared:
    """``statuses``: how many rows came out in which way, on all engines."""

    differing: int
    statuses: dict[str, int]
    first: list[str]


def ear(
    seed: int, engines: Sequence[Engine], rows: int, decisions: Sequence[str] = (), package: Any = None
) -> Compared:
    """The policies of the EAR on random transactions."""
    from tests import shared
    from tests.content.transactions import DECISIONS, Transactions

    draw = Transactions(seed)
    given = [draw.export() for _ in range(rows)]
    program = shared.ear().core
    found = Compared(0, {}, [])
    for name in decisions or DECISIONS:
        (decision,) = [each for each in program.decisions.values() if each.name == name]
        for each in compare(program, decision, given, engines, package):
            kind = f"{each.engine}, {name}: {each.kind}"
            found.statuses[kind] = found.statuses.get(kind, 0) + 1
            if each.differs:
                found.differing += 1
                found.first += [each.text] if len(found.first) < 5 else []
    return found
