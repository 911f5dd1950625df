"""A program read from rows answers as the program that was written."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given

from comity.core import rows
from comity.core.interpret import Interpreter
from comity.pipeline.driver import load_program
from comity.runtime.errors import FactsError
from comity.runtime.kleene import KleeneSet
from tests.backends import generate
from tests.strategies import draws, examples

ROOT = Path(__file__).parents[2]


def said(interpreter: Interpreter, decision: str, facts: object) -> object:
    try:
        return interpreter.decide_json(decision, facts, None).to_json()
    except FactsError as error:
        return str(error)


@examples(40)
@given(draws())
def test_answers_stay(random: Random) -> None:
    program = generate.program(random)
    again = rows.loads(rows.dumps(program))
    assert rows.dumps(again) == rows.dumps(program)
    before, after = Interpreter(program), Interpreter(again)
    for decision in program.decisions.values():
        for _ in range(3):
            facts = generate.facts(random, decision.record)
            assert said(before, decision.qname, facts) == said(after, decision.qname, facts)


@pytest.mark.parametrize("folder", sorted(path.parent for path in (ROOT / "examples").rglob("comity.toml")))
def test_whole_programs_stay(folder: Path) -> None:
    program = load_program([folder])
    again = rows.loads(rows.dumps(program))
    assert rows.dumps(again) == rows.dumps(program)
    assert (again.source_hash, list(again.decisions)) == (program.source_hash, list(program.decisions))


def test_true_and_one_have_rows_of_their_own() -> None:
    written = rows.Rows()
    last = written.value((True, 1, "1", None, frozenset({2, 1}), KleeneSet(((1, True),))))
    assert last == len(list(written.all())) - 1
    read = rows.read(written.all())
    assert read == (True, 1, "1", None, frozenset({1, 2}), KleeneSet(((1, True),)))
    assert read[0] is True and type(read[1]) is int


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'[["tuple"]]', b'[["terms.Nothing"]]', b'[["core.Program", 7]]'])
def test_what_is_no_program_is_refused(data: bytes) -> None:
    with pytest.raises((ValueError, TypeError, KeyError, IndexError, AttributeError)):
        rows.loads(data)
