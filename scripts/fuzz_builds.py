"""Compare packages built again after edits with packages built afresh: `python scripts/fuzz_builds.py --count 200`.

Each run edits the texts of a random project, 20 times, and builds its package after every edit that leaves no errors,
from what the build before it left behind. Every file must be exactly that of a build with nothing to go on with.
`--seed` is where to begin. `--ear 5` makes that many edits of the export control regulations instead.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.backends import rebuilding
from tests.session import edits as text_edits

TEXTS = ("named", "written", "named", "written", "responses", "treaties")
EDITS = 20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200, help="number of runs (default: 200)")
    parser.add_argument("--seed", type=int, default=0, help="the first seed (default: 0)")
    parser.add_argument("--ear", type=int, default=0, help="edit policies/ear so many times")
    options = parser.parse_args()
    began, differing = time.process_time(), 0
    ways: Counter[str] = Counter()
    for seed in range(options.seed, options.seed + (1 if options.ear else options.count)):
        with tempfile.TemporaryDirectory() as place:
            if options.ear:
                kind, wrong = "ear", rebuilding.differing_law(Path(place), seed, options.ear, ways)
            else:
                kind = TEXTS[seed % len(TEXTS)]
                folder = Path(place, "policy")
                folder.mkdir()
                made = text_edits.sources(kind, seed, folder)
                wrong = rebuilding.differing(folder, made, seed, EDITS, ways)
        if wrong is not None:
            differing += 1
            print(f"{kind} {seed}: {wrong}", flush=True)
    print(f"units: {', '.join(f'{count} {way}' for way, count in sorted(ways.items()))}")
    print(f"{differing} runs with a difference, {time.process_time() - began:.0f} s of processor time")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
