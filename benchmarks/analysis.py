"""How long the analysis takes, and how much memory: `python benchmarks/analysis.py [100 1000 10000]`.

Each size runs in processes of its own, so that the peak of memory is its own. Times are processor time of one core.
`--table` prints the Markdown table of docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections import Counter
from typing import Any

SIZES = (100, 1_000, 10_000)

THREE = ("L201", "L202", "L204")
"""Contradictions, rules that never apply, redundant rules."""

TABLE = """\
| Rules | Contradictions, never applies, redundant | All L-codes | Peak memory |
| ---: | ---: | ---: | ---: |"""


def measure(size: int, codes: tuple[str, ...] | None) -> dict[str, Any]:
    """Seconds for ``codes`` (None: all), peak megabytes, and how many findings of each code."""
    from analysis_policies import policy

    from comity.analysis import analyse

    program = policy(size)
    start = time.process_time()
    found = analyse(program, codes)
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "peak": peak, "codes": dict(sorted(Counter(each.code for each in found).items()))}


def apart(size: int, codes: str) -> dict[str, Any]:
    """`measure` in a process of its own."""
    command = [sys.executable, __file__, "--one", codes, str(size)]
    result: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", type=int, nargs="*", default=SIZES, help="how many rules (default: 100 1000 10000)")
    parser.add_argument("--table", action="store_true", help="print a Markdown table")
    parser.add_argument("--one", choices=("three", "all"), help="measure here: print one result as JSON")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.sizes[0], THREE if options.one == "three" else None)))
        return
    print(TABLE if options.table else f"{'rules':>7} {'three':>7} {'all':>7} {'MB':>5}  findings")
    for size in options.sizes:
        three, every = apart(size, "three"), apart(size, "all")
        if options.table:
            print(f"| {size:,} | {three['seconds']:.2f} s | {every['seconds']:.2f} s | {every['peak']:.0f} MB |")
        else:
            seconds = f"{three['seconds']:>7.2f} {every['seconds']:>7.2f}"
            print(f"{size:>7} {seconds} {every['peak']:>5.0f}  {every['codes']}")


if __name__ == "__main__":
    main()
