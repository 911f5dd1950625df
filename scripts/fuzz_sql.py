"""Compare SQL with the interpreter, row for row, on random policies or on `policies/ear`.

    python scripts/fuzz_sql.py [--count 1000] [--seed 0] [--rows 12] [--engines duckdb,sqlite] [--show]
    python scripts/fuzz_sql.py --ear --rows 100000

Facts are random and many of them unknown. A clause that SQL cannot say is counted, by what the error says; every row of
every other decision must have the interpreter's outcome, status and possible outcomes.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "compiler")]


def engines(options: argparse.Namespace) -> list[Any]:
    from tests.sql.engines import ENGINES

    known = {engine.name: engine for engine in ENGINES}
    return [known[name] for name in options.engines.split(",")]


def random_policies(options: argparse.Namespace) -> int:
    from tests.sql import comparing

    chosen = engines(options)
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
    options = parser.parse_args()
    if options.ear:
        from tests.sql import comparing

        found: Any = comparing.ear(options.seed, engines(options), options.rows)
        print(found)
        return int(found.differing > 0)
    return random_policies(options)


if __name__ == "__main__":
    sys.exit(main())
