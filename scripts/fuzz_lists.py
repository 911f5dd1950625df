"""Hold the analysis of lists to the interpreter on random programs: `python scripts/fuzz_lists.py --count 2000`.

The programs have lists of records with unknown elements, counts, sums, quantifiers, money, percentages, ECCNs, dated
tables and several modules (`tests/analysis/ledgers.py`). An internal error, a question left open, and a contradiction,
gap or broken proof that lint does not report though inputs drawn at random show it, all count as failures. A program is
the same for its seed on every machine (`--show` prints one).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.analysis.ledgers import compare


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=2000, help="how many programs (default: 2000)")
    parser.add_argument("--seed", type=int, default=0, help="the first seed (default: 0)")
    parser.add_argument("--show", action="store_true", help="print the text of programs that fail")
    options = parser.parse_args()
    codes: Counter[str] = Counter()
    failing = 0
    began = time.process_time()
    for seed in range(options.seed, options.seed + options.count):
        start = time.process_time()
        made, found, wrong = compare(seed)
        took = time.process_time() - start
        codes.update(each.code for each in found)
        failing += bool(wrong)
        for each in wrong:
            print(f"{seed}: {each}", flush=True)
        if took > 5:
            print(f"{seed}: {took:.1f} s", flush=True)
        if wrong and options.show:
            print(made.show())
    print(", ".join(f"{code} {count}" for code, count in sorted(codes.items())))
    print(f"{options.count} programs, {failing} with a failure; {time.process_time() - began:.0f} s of processor time")
    return 1 if failing else 0


if __name__ == "__main__":
    sys.exit(main())
