"""Hold the analysis to brute force on random small policies: `python scripts/fuzz_analysis.py --count 5000`.

A missed finding, a false alarm, a witness that does not show what it is said to, and a question left open all count as
failures. Half of the policies are made of core trees, half are written as text; `--seed` is where to begin, and a
policy is the same for its seed on every machine (`--show` prints one).

`--solver` asks the solver every question about rules, where otherwise the search by boxes settles nearly all of such
small policies.

`--ordinary` makes policies of ten ordinary rules (exceptions, sets, lists, dates, unknown facts): nothing may
be left open of them, and boxes and solver must find the same.

`--rules 100` holds it to z3 instead (`pip install comity[smt]`), on policies of a hundred rules that are shaped like
real ones; each takes some ten seconds.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.analysis import ordinary, shaped
from tests.analysis.compare import KINDS, Difference, Tally, compare
from tests.analysis.written import Written

from comity.analysis import limits
from comity.analysis.limits import SOLVER_ALONE


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=5000, help="how many policies (default: 5000)")
    parser.add_argument("--seed", type=int, default=0, help="the first seed (default: 0)")
    parser.add_argument("--kind", choices=[*KINDS, "both"], default="both", help="how policies are made")
    parser.add_argument("--show", action="store_true", help="print the text of policies that differ")
    parser.add_argument("--ordinary", action="store_true", help="policies of ten ordinary rules")
    parser.add_argument("--rules", type=int, metavar="N", help="policies of N rules, held to the solver")
    parser.add_argument("--solver", action="store_true", help="ask the solver every question, without trying boxes")
    options = parser.parse_args()
    if options.solver:
        limits.current = replace(limits.current, **SOLVER_ALONE)
    if options.ordinary:
        return ordinary_policies(options.seed, options.count)
    kinds = ["shaped"] if options.rules else list(KINDS) if options.kind == "both" else [options.kind]
    tally = Tally()
    began = time.process_time()
    for number in range(options.count):
        kind, seed = kinds[number % len(kinds)], options.seed + number // len(kinds)
        subject = KINDS[kind](seed) if kind in KINDS else None
        difference = compare(subject) if subject else by_solver(options.rules, seed)
        tally.add(difference)
        if difference.wrong:
            print(f"\r{kind} {seed}: {difference}", flush=True)
            if options.show and isinstance(subject, Written):
                print(subject.text, *(f"{name}:\n{text}" for name, text in subject.files.items()), sep="\n")
        if sys.stderr.isatty() or number % 500 == 499:
            end = "" if sys.stderr.isatty() else "\n"
            print(f"\r{number + 1} policies, {tally.differing} with a difference", end=end, file=sys.stderr, flush=True)
    print(f"\n{tally.table()}\n{time.process_time() - began:.0f} s of processor time")
    return 1 if tally.differing else 0


def ordinary_policies(first: int, count: int) -> int:
    began, differing = time.process_time(), 0
    for seed in range(first, first + count):
        wrong = ordinary.wrong(seed)
        if wrong is not None:
            differing += 1
            print(f"ordinary {seed}: {wrong}", flush=True)
    print(f"{count} policies, {differing} with a difference, {time.process_time() - began:.0f} s of processor time")
    return 1 if differing else 0


def by_solver(rules: int, seed: int) -> Difference:
    import z3

    return shaped.compare(rules, seed, z3)


if __name__ == "__main__":
    sys.exit(main())
