"""Compares decisions over tables with the interpreter, row by row.

    python scripts/fuzz_batch.py --count 1000000 [--seed 0] [--ear 0.001]

Random policies (lists, findings, unknown facts, facts that do not fit, decisions that read each other), 200 rows each,
until so many rows are compared. ``--ear``: the share of rows that are random transactions of `policies/ear`, of which
the interpreter decides about sixty a second.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.backends import generate  # noqa: E402
from tests.batch.rows import differences  # noqa: E402
from tests.content.transactions import DECISIONS, Transactions  # noqa: E402

import comity  # noqa: E402
from comity.backends.batch import BatchDecision  # noqa: E402
from comity.core.interpret import Interpreter  # noqa: E402

ROWS = 200


def policies(seed: int) -> Iterator[tuple[str, BatchDecision, list[Any], Any]]:
    """Random policies without end, each decision with a table and a day."""
    while True:
        random = Random(seed)
        program = generate.program(random)
        interpreter = Interpreter(program)
        for about in program.decisions.values():
            rows = generate.rows(random, program, about.record, ROWS)
            yield f"seed {seed}", BatchDecision(interpreter, about.qname), rows, random.choice([None, *generate.DAYS])
        seed += 1


def transactions(seed: int) -> Iterator[tuple[str, BatchDecision, list[Any], Any]]:
    program = comity.load(ROOT / "policies" / "ear")
    batches = [program.decision(name).batch for name in DECISIONS]
    draw = Transactions(seed)
    while True:
        for batch in batches:
            yield batch.decision.qname, batch, [draw.export() for _ in range(ROWS)], None


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--ear", type=float, default=0.0)
    options = parser.parse_args()
    begun = time.perf_counter()
    seen: Counter[str] = Counter()
    wrong = 0
    for tables, count in (
        (policies(options.seed), round(options.count * (1 - options.ear))),
        (transactions(options.seed), round(options.count * options.ear)),
    ):
        done = 0
        for name, batch, rows, day in tables if count else ():
            answers = batch.decide(rows, as_of=day, rows=64)
            seen.update(answers["status"].tolist())
            for facts, want, got in differences(batch.interpreter, batch.decision.qname, rows, answers, day):
                wrong += 1
                print(f"{name}: {facts}\n  interpreted: {want}\n  of the table: {got}")
            done += len(rows)
            if done >= count:
                break
    total = sum(seen.values())
    print(f"{total:,} rows, {wrong} differences, {time.perf_counter() - begun:.0f} s: {dict(seen)}")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
