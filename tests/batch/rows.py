"""Holding what is said of a table to what the interpreter says of each of its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from comity.backends.batch import Answers, Row
from comity.core.interpret import Interpreter
from comity.runtime.errors import FactsError


def interpreted(interpreter: Interpreter, decision: str, facts: object, day: date | None = None) -> Row:
    """What the interpreter says of one row."""
    try:
        return Row.of(interpreter.decide_json(decision, facts, day))
    except FactsError as error:
        return Row.of(error)


def differences(
    interpreter: Interpreter,
    decision: str,
    rows: Sequence[Mapping[str, object]],
    answers: Answers,
    day: date | None = None,
) -> list[tuple[object, Row, Row]]:
    """Facts, what the interpreter says of them, and what else was said."""
    return compared(rows, answers, lambda facts: interpreted(interpreter, decision, facts, day))


def compared(
    rows: Sequence[Mapping[str, object]], answers: Answers, said: Callable[[Mapping[str, object]], Row]
) -> list[tuple[object, Row, Row]]:
    """Facts, what should be said of them, and what was said of the table, where these differ."""
    of_table = [answers.rows[code] for code in answers.codes.tolist()]
    expected = ((facts, said(facts), got) for facts, got in zip(rows, of_table, strict=True))
    return [(facts, want, got) for facts, want, got in expected if want != got]
