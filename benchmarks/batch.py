"""How fast tables are decided, beside NumPy written by hand for the same policy.

    python benchmarks/batch.py [--only licences,scale,ear] [--rows 1000000] [--sizes 100,1000,10000] [--check]

`licences`: the policy in `benchmarks/licences`, a table of Arrow, against `licences/by_hand_numpy.py`; both agree on
every row before anything is timed. `scale`: policies of many rules. `ear`: `policies/ear`, the shuffled columns of
random transactions in which many facts are unknown. Times are of the processor, the best of the rounds but
for `ear`, where the first and only round is timed: what it learns of the values is part of the work.
`--check` fails where a target named in `TARGETS` is missed.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

TARGETS = {"licences, ratio to NumPy": 0.7, "ear: licensing, rows a minute": 1e6}

ROUNDS = 3


def best(ask: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Seconds, the least of some rounds."""
    found = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        ask()
        found = min(found, time.process_time() - start)
    return found


def encoded(table: pa.Table) -> pa.Table:
    """The table with its texts by codes, as Parquet files give them."""
    arrays = [
        column.combine_chunks().dictionary_encode() if pa.types.is_string(column.type) else column
        for column in table.columns
    ]
    return pa.table(arrays, names=table.column_names)


def licences(rows: int) -> dict[str, float]:
    from licences import by_hand_numpy
    from predicates import shipments

    import comity

    plain, given = zip(*shipments(20_000), strict=True)
    few = pa.Table.from_pylist(list(plain))
    days = pa.array(np.array(few["date"].to_pylist(), "datetime64[D]"))
    few = few.set_column(few.column_names.index("date"), "date", days)
    table = encoded(few.take(np.random.default_rng(1).integers(0, few.num_rows, rows)))
    decision = comity.load(ROOT / "benchmarks" / "licences").decision("licensing")
    units = {"value": "USD", "us_content": "%"}

    def batch() -> Any:
        return decision.decide_batch(table, units=units)

    said = batch()
    by_hand = by_hand_numpy.outcomes(table)
    assert (np.array([row.outcome for row in said.rows])[said.codes] == np.array(by_hand_numpy.OUTCOMES)[by_hand]).all()
    sample = decision.decide_batch(encoded(few), units=units)["outcome"].tolist()[:500]
    assert sample == [decision.decide(facts).outcome for facts in given[:500]]
    taken, hand = best(batch), best(lambda: by_hand_numpy.outcomes(table))
    return {
        "licences, ns a row": 1e9 * taken / rows,
        "licences by hand in NumPy, ns a row": 1e9 * hand / rows,
        "licences, ratio to NumPy": hand / taken,
    }


def scale(size: int, rows: int) -> dict[str, float]:
    """A policy of many rules, on random facts."""
    from predicates import exports, policy_of

    from comity.backends.batch import BatchDecision
    from comity.core.interpret import Interpreter

    program = policy_of(size)
    (name,) = program.decisions
    start = time.process_time()
    batch = BatchDecision(Interpreter(program), name)
    prepared = time.process_time() - start
    few = pa.Table.from_pylist(exports(size, 20_000))
    table = encoded(few.take(np.random.default_rng(1).integers(0, few.num_rows, rows)))
    start = time.process_time()
    batch.decide(table)
    first = time.process_time() - start
    return {
        f"{size} rules: prepared, s": prepared,
        f"{size} rules: first time, us a row": 1e6 * first / rows,
        f"{size} rules: us a row": 1e6 * best(lambda: batch.decide(table), 2) / rows,
    }


def transactions(rows: int, drawn: int = 30_000) -> pa.Table:
    """Random transactions of the EAR: the columns of those drawn, each shuffled by itself."""
    from tests.content.transactions import Transactions

    draw = Transactions(7)
    few = encoded(pa.Table.from_pylist([draw.export() for _ in range(drawn)]))
    random = np.random.default_rng(3)
    arrays = [column.combine_chunks().take(random.integers(0, few.num_rows, rows)) for column in few.columns]
    return pa.table(arrays, names=few.column_names)


def ear(rows: int, names: tuple[str, ...]) -> dict[str, float]:
    import comity

    program = comity.load(ROOT / "policies" / "ear")
    table = transactions(rows)
    figures: dict[str, float] = {}
    for name in names:
        decision = program.decision(name)
        start = time.process_time()
        said = decision.decide_batch(
            table,
            progress=lambda done, of: print(f"  {name} {done:,} {time.process_time() - start:.1f}s", file=sys.stderr),  # noqa: B023
        )
        taken = time.process_time() - start
        figures[f"ear: {name}, rows a minute"] = 60 * rows / taken
        print(f"  {name}: {said.counts()}")
    figures["ear: peak, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="licences,scale,ear")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--sizes", default="100,1000,10000")
    parser.add_argument("--decisions", default="licensing,requirement,review,jurisdiction")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    chosen = options.only.split(",")
    figures: dict[str, float] = {}
    if "licences" in chosen:
        figures |= licences(options.rows)
    if "scale" in chosen:
        for size in map(int, options.sizes.split(",")):
            figures |= scale(size, options.rows)
    if "ear" in chosen:
        figures |= ear(options.rows, tuple(options.decisions.split(",")))
    for name, value in figures.items():
        print(f"{name:40} {value:14,.2f}")
    missed = [name for name, least in TARGETS.items() if figures.get(name, least) < least]
    for name in missed:
        print(f"missed: {name}: {figures[name]:,.2f} < {TARGETS[name]:,}")
    return int(options.check and bool(missed))


if __name__ == "__main__":
    sys.exit(main())
