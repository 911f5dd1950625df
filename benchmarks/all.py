"""Every benchmark, one after the other: what `docs/performance.md` is filled from.

    python benchmarks/all.py [--only peers,sql,…] [--quick] [--check]

Each is a process of its own, so that memory is its own too; ratios are within one process. `--quick` takes fewer rows
and rules. `--check` passes on to those that have targets, and fails where one is missed.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


BENCHMARKS: dict[str, tuple[str, list[str], list[str]]] = {
    "peers": ("scalar and batch, beside other engines", [], ["--rows", "200000"]),
    "predicates": ("scalar, many rules, the EAR", [], ["--sizes", "10,1000"]),
    "batch": ("tables, many rules, the EAR", [], ["--rows", "200000", "--sizes", "1000", "--decisions", "licensing"]),
    "sql": ("SQL on DuckDB", [], ["--rows", "200000", "--sizes", "100"]),
    "spark": ("Spark on this machine", [], ["--rows", "200000"]),
    "startup": ("start-up", [], []),
    "lint": ("parsing, checking and linting", [], ["1000"]),
    "analysis": ("proofs", ["--table"], ["--table", "1000"]),
}
"""By the name of the script: what it measures, and its options, in full and quick."""

WITH_TARGETS = ("predicates", "batch", "sql", "startup")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default=",".join(BENCHMARKS))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    failed = []
    environment = {**os.environ, "POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}
    for name in options.only.split(","):
        about, full, quick = BENCHMARKS[name]
        given = [*(quick if options.quick else full), *(["--check"] if options.check and name in WITH_TARGETS else [])]
        print(f"## {name}: {about}\n", flush=True)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, str(ROOT / "benchmarks" / f"{name}.py"), *given]
        if subprocess.run(command, cwd=ROOT, env=environment).returncode:
            failed.append(name)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(f"\n{spent:.0f} s of processor time; at most {after.ru_maxrss // 1024} MB so far\n", flush=True)
    print(f"failed: {', '.join(failed)}" if failed else "all done")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
