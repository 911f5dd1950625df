"""How long the analysis takes, and how much memory: `python benchmarks/analysis.py [100 1000 10000]`.

Each size runs in a process of its own, so that the peak of memory is its own. Times are of one core.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections import Counter

SIZES = (100, 1_000, 10_000)


def measure(size: int) -> dict[str, object]:
    """Seconds for all codes, peak megabytes, and how many findings of each code."""
    from analysis_policies import policy

    from comity.analysis import analyse

    program = policy(size)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.process_time()
    found = analyse(program)
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    codes = Counter(each.code for each in found)
    return {"rules": size, "seconds": seconds, "peak": peak, "before": before, "codes": dict(sorted(codes.items()))}


def main() -> None:
    if len(sys.argv) == 3 and sys.argv[1] == "--one":
        print(json.dumps(measure(int(sys.argv[2]))))
        return
    print(f"{'rules':>7} {'seconds':>8} {'MB':>6}  findings")
    for size in [int(each) for each in sys.argv[1:]] or SIZES:
        run = subprocess.run([sys.executable, __file__, "--one", str(size)], capture_output=True, text=True, check=True)
        result = json.loads(run.stdout)
        print(f"{size:>7} {result['seconds']:>8.2f} {result['peak']:>6.0f}  {result['codes']}")


if __name__ == "__main__":
    main()
