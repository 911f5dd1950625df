"""Compare the engine with brute force on many random policies: `python tests/analysis/compare.py --count 5000`.

For every code a missed finding and a false alarm both count as failures, and so does a witness that the interpreter
does not confirm, and a question left open (no small policy needs that).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from analysis.policies import Brute, policy
from comity.analysis import analyse
from comity.diagnostics import Diagnostic


def key(found: Diagnostic) -> tuple[str, object]:
    """A finding as brute force names it."""
    match found.code:
        case "L201":
            return found.code, frozenset(found.subjects)
        case "L205" | "L208":
            return found.code, found.span
        case "L202" if found.message.startswith("this case"):
            return found.code, found.span
        case "L206":
            return found.code, (found.related[0].span, found.span)
        case "L209":
            return found.code, found.subjects[1]
        case "L213":
            first, last = found.subjects[0], found.subjects[-1]
            return found.code, (first, last)
        case _:
            return found.code, found.subjects[0]


def compare(seed: int) -> tuple[set[tuple[str, object]], set[tuple[str, object]]]:
    """What the engine missed, and its false alarms."""
    subject = policy(seed)
    expected = Brute(subject).run()
    got = {key(found) for found in analyse(subject.program)}
    return expected - got, got - expected


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--count", type=int, default=5000)
    arguments.add_argument("--start", type=int, default=0)
    options = arguments.parse_args()
    seen: Counter[str] = Counter()
    failures = 0
    began = time.monotonic()
    for seed in range(options.start, options.start + options.count):
        missed, false = compare(seed)
        for code, _ in missed:
            seen[f"{code} missed"] += 1
        for code, _ in false:
            seen[f"{code} false alarm"] += 1
        if missed or false:
            failures += 1
            print(f"seed {seed}: missed {missed or 'none'}, false alarms {false or 'none'}")
    print(f"{options.count} policies in {time.monotonic() - began:.0f} s, {failures} with a difference {dict(seen)}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
