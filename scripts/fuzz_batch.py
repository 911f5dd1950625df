"""Compares decisions over tables with the interpreter, row by row.

    python scripts/fuzz_batch.py --count 1000000 [--seed 0] [--ear 0.001 [--package]]

Random policies (lists, findings, unknown facts, facts that do not fit, decisions that read each other), 200 rows each,
until so many rows are compared. ``--ear``: the share of rows that are random transactions of `policies/ear`, of which
the interpreter decides about sixty a second. ``--package``: those are held to the package that `comity build` writes,
which decides thousands a second and is itself held to the interpreter by the tests.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.backends import generate  # noqa: E402
from tests.batch.rows import compared, interpreted  # noqa: E402
from tests.content.transactions import DECISIONS, Transactions  # noqa: E402

import comity  # noqa: E402
from comity.backends.batch import BatchDecision  # noqa: E402
from comity.backends.batch.result import Row  # noqa: E402
from comity.backends.python import emit  # noqa: E402
from comity.core.interpret import Interpreter  # noqa: E402
from comity.pipeline.driver import load_program  # noqa: E402
from comity.runtime.errors import FactsError  # noqa: E402

EAR = ROOT / "policies" / "ear"
ROWS = 200


Asked = tuple[str, BatchDecision, list[Any], Any, Callable[[Any], Row]]
"""What is compared: a name, the decision, rows, the day, and what is said of a row elsewhere."""


def policies(seed: int) -> Iterator[Asked]:
    """Random policies without end, each decision with a table and a day."""
    while True:
        random = Random(seed)
        program = generate.program(random)
        interpreter = Interpreter(program)
        for about in program.decisions.values():
            rows = generate.rows(random, program, about.record, ROWS)
            day = random.choice([None, *generate.DAYS])
            said = partial(interpreted, interpreter, about.qname, day=day)
            yield f"seed {seed}", BatchDecision(interpreter, about.qname), rows, day, said
        seed += 1


def transactions(seed: int, package: Any) -> Iterator[Asked]:
    program = comity.load(EAR)
    draw = Transactions(seed)
    while True:
        for name in DECISIONS:
            batch = program.decision(name).batch
            said = partial(interpreted, batch.interpreter, batch.qname)
            if package is not None:
                said = partial(answered, getattr(package, name))
            yield batch.decision.qname, batch, [draw.export() for _ in range(10 * ROWS)], None, said


def answered(decision: Any, facts: Any) -> Row:
    """What a built package says of one row."""
    try:
        answer = decision.answer(facts)
    except Exception as error:
        if type(error).__name__ != FactsError.__name__:
            raise
        return Row(None, "refused", (), str(error))
    status = answer.error or ("determined" if answer.determined else "undetermined")
    return Row(answer.outcome, status, answer.possible, answer.reason or None)


def built(folder: str) -> Any:
    """The package of `policies/ear`."""
    for path, text in emit(load_program([EAR]), "fuzzed_ear").items():
        file = Path(folder) / "fuzzed_ear" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    sys.path.insert(0, folder)
    return importlib.import_module("fuzzed_ear")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--ear", type=float, default=0.0)
    parser.add_argument("--package", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        package = built(folder) if options.package else None
        ear = round(options.count * options.ear)
        wrong = compare(policies(options.seed), options.count - ear) if ear < options.count else 0
        if ear:
            wrong += compare(transactions(options.seed, package), ear)
    return int(wrong > 0)


def compare(tables: Iterator[Asked], count: int) -> int:
    """Compare so many rows, and print what they were; returns how many differ."""
    begun = time.perf_counter()
    seen: Counter[str] = Counter()
    wrong = done = 0
    first = last = ""
    for name, batch, rows, day, said in tables:
        first, last = first or name, name
        answers = batch.decide(rows, as_of=day, rows=max(64, len(rows) // 5))  # what is learnt serves the next
        seen.update(answers["status"].tolist())
        for facts, want, got in compared(rows, answers, said):
            wrong += 1
            print(f"{name}: {facts}\n  expected: {want}\n  of the table: {got}", flush=True)
        done += len(rows)
        if done >= count:
            break
    names = first if first == last else f"{first} to {last}"
    print(f"{names}: {done:,} rows, {wrong} differences, {time.perf_counter() - begun:.0f} s: {dict(seen)}", flush=True)
    return wrong


if __name__ == "__main__":
    sys.exit(main())
