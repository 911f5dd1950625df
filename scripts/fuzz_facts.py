"""Hold the built package to the interpreter on bad facts: `python scripts/fuzz_facts.py --count 100000`.

Facts of random programs are spoilt: wrong types, numbers without end, text that only looks right, keys that are wrong
or there twice, null in every place, findings that are none. Both must give the same answer, or refuse with the same
problems. `--seed` is where to begin; `--each` is how many facts there are for one program.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.backends.spoil import differing


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000, help="how many facts (default: 10000)")
    parser.add_argument("--each", type=int, default=250, help="how many of one program (default: 250)")
    parser.add_argument("--seed", type=int, default=0, help="the first seed (default: 0)")
    parser.add_argument("--show", type=int, default=5, help="how many differences to show (default: 5)")
    options = parser.parse_args()
    began, differences = time.process_time(), 0
    seen: Counter[str] = Counter()
    for number in range(-(-options.count // options.each)):
        seed = options.seed + number
        for found in differing(Random(seed), options.each, seen):
            differences += 1
            if differences <= options.show:
                print(f"seed {seed}, {found.decision} as of {found.as_of}: {_short(found.facts)}", flush=True)
                print(
                    f"  interpreter: {_short(found.by_interpreter)}\n  package: {_short(found.by_package)}", flush=True
                )
    spent = time.process_time() - began
    print(f"{seen['refused']} refused, {seen['accepted']} accepted, {differences} differences, {spent:.0f} s")
    return 1 if differences else 0


def _short(value: object) -> str:
    try:
        text = ascii(value)
    except ValueError:  # Python does not write numbers of so many digits
        return "facts with a number of very many digits"
    return text if len(text) <= 2000 else text[:2000] + "…"


if __name__ == "__main__":
    sys.exit(main())
