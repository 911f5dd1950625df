"""Compare SQL with the interpreter, row for row, on random policies or on `policies/ear`.

    python scripts/fuzz_sql.py [--count 1000] [--seed 0] [--rows 12] [--engines duckdb,sqlite] [--show]
    python scripts/fuzz_sql.py --ear --rows 100000 [--package] [--engines duckdb,sqlite,postgres]

Facts are random and many of them unknown. A clause that SQL cannot say is counted, by what the error says; every row of
every other decision must have the interpreter's outcome, status, possible outcomes and deciding rules, and must be
refused where a required fact is left out. ``--package``: the EAR is held to the built package, which is itself held to
the interpreter by the tests. ``postgres`` starts a server of its own.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "compiler")]


CHUNK = 1_000
"""Transactions that are compared together."""


def engines(options: argparse.Namespace, stack: ExitStack) -> list[Any]:
    from tests.sql import postgres
    from tests.sql.engines import ENGINES

    known = {engine.name: engine for engine in ENGINES}
    names = options.engines.split(",")
    if "postgres" in names:
        known["postgres"] = stack.enter_context(postgres.server())
    return [known[name] for name in names]


def random_policies(options: argparse.Namespace, chosen: list[Any]) -> int:
    from tests.sql import comparing

    seen: Counter[str] = Counter()
    differing = 0
    for seed in range(options.seed, options.seed + options.count):
        for found in comparing.random_policy(Random(seed), chosen, options.rows):
            seen[found.kind] += 1
            if found.differs:
                differing += 1
                print(f"seed {seed}, {found.engine}, {found.decision}: {found.text}", flush=True)
                if options.show:
                    print(json.dumps(found.facts, indent=1, default=str))
    for kind, number in seen.most_common():
        print(f"{number:>8} {kind}")
    print(f"{differing} differences")
    return int(differing > 0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rows", type=int, default=12)
    parser.add_argument("--engines", default="duckdb,sqlite")
    parser.add_argument("--ear", action="store_true")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--package", action="store_true")
    options = parser.parse_args()
    with ExitStack() as stack:
        chosen = engines(options, stack)
        return ear(options, chosen, stack) if options.ear else random_policies(options, chosen)


def ear(options: argparse.Namespace, chosen: list[Any], stack: ExitStack) -> int:
    """Random transactions, some thousand at a time, each with a seed of its own."""
    from scripts.fuzz_batch import built
    from tests.sql import comparing

    package = built(stack.enter_context(TemporaryDirectory())) if options.package else None
    differing = 0
    for place, start in enumerate(range(0, options.rows, CHUNK)):
        seed, rows = options.seed + place, min(CHUNK, options.rows - start)
        found = comparing.ear(seed, chosen, rows, package=package)
        print(f"seed {seed}, {rows} rows: {found}", flush=True)
        differing += found.differing
    print(f"{options.rows} rows, {differing} differences")
    return int(differing > 0)


if __name__ == "__main__":
    sys.exit(main())
