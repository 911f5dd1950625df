"""SQL beside the interpreter, row for row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest

from comity.backends.sql.errors import Inexpressible
from comity.backends.sql.statement import statement
from comity.core import ast as core
from comity.core.interpret import Interpreter
from comity.runtime.types import Type
from tests.backends import generate
from tests.sql.engines import Engine, Rows, interpreted


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
    program: core.Program, decision: core.Decision, given: Sequence[Mapping[str, object]], engines: Sequence[Engine]
) -> Iterator[Found]:
    """Every row on every engine."""
    interpreter = Interpreter(program)
    findings = questions(program)
    for engine in engines:
        rows = Rows(engine.name, decision.record, program.party_names, findings)
        try:
            query = statement(program, decision.qname, engine.name, "facts_given", findings=findings)
        except Inexpressible as error:
            yield Found(engine.name, decision.name, f"inexpressible: {error.message}")
            continue
        got = engine.run(rows.columns, [rows.row(number, facts) for number, facts in enumerate(given)], query)
        answers = {number: tuple(answer) for number, *answer in got}
        assert len(got) == len(answers) == len(given), "a row was dropped, or came twice"
        for number, facts in enumerate(given):
            expected = interpreted(interpreter, decision.qname, facts, None)
            answer = answers[number]
            text = f"SQL says {answer}, the interpreter {expected}"
            yield Found(engine.name, decision.name, expected[1], answer != expected, text, facts)


def _ascii(random: Random, type: Type) -> object:
    """A random value; texts beyond ASCII, which SQL refuses, spelt without."""
    value = _scalar(random, type)
    return "naive text" if isinstance(value, str) and not value.isascii() else value


_scalar = generate.scalar


def random_policy(random: Random, engines: Sequence[Engine], rows: int) -> Iterator[Found]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generate, "scalar", _ascii)
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


def ear(seed: int, engines: Sequence[Engine], rows: int, decisions: Sequence[str] = ()) -> Compared:
    """The policies of the EAR on random transactions."""
    from comity.pipeline.driver import load_program
    from tests.content.transactions import DECISIONS, EAR, Transactions

    draw = Transactions(seed)
    given = [draw.export() for _ in range(rows)]
    program = load_program([EAR])
    found = Compared(0, {}, [])
    for name in decisions or DECISIONS:
        (decision,) = [each for each in program.decisions.values() if each.name == name]
        for each in compare(program, decision, given, engines):
            kind = f"{each.engine}, {name}: {each.kind}"
            found.statuses[kind] = found.statuses.get(kind, 0) + 1
            if each.differs:
                found.differing += 1
                found.first += [each.text] if len(found.first) < 5 else []
    return found
