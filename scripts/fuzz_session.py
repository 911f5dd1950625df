"""Hold what is kept after edits to what is made anew: `python scripts/fuzz_session.py --count 500`.

Half of the runs change rules of random programs under an analysis, half edit texts under a session, 20 times each.
After every change the findings must be exactly those of an analysis, or of a lint, of its own. `--seed` is where to
begin. `--ear 5` makes so many ordinary edits of the export control regulations instead, one after another, each of
which is held to a lint of its own.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.analysis import edits as analysis_edits
from tests.analysis.compare import KINDS
from tests.session import edits as text_edits

TEXTS = ("named", "written", "named", "written", "named", "written", "responses", "treaties")
EDITS = 20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=500, help="how many runs (default: 500)")
    parser.add_argument("--seed", type=int, default=0, help="the first seed (default: 0)")
    parser.add_argument("--kept", action="store_true", help="hold commands with a cache to commands without one")
    parser.add_argument("--ear", type=int, default=0, help="how many edits of policies/ear (default: none)")
    options = parser.parse_args()
    if options.ear:
        return _edit_the_law(options.seed, options.ear)
    began, differing = time.process_time(), 0
    rules: Counter[str] = Counter()
    texts: Counter[str] = Counter()
    for number in range(options.count):
        seed = options.seed + (number if options.kept else number // 2)
        if number % 2 and not options.kept:
            kind = list(KINDS)[seed % len(KINDS)]
            wrong = analysis_edits.differing(kind, seed, EDITS, rules)
        else:
            kind = TEXTS[seed % len(TEXTS)]
            with tempfile.TemporaryDirectory() as place:
                folder = Path(place, "policy")
                folder.mkdir()
                made = text_edits.sources(kind, seed, folder)
                way = text_edits.differing_kept if options.kept else text_edits.differing
                wrong = way(folder, made, seed, EDITS, texts)
        if wrong is not None:
            differing += 1
            print(f"{'rules' if number % 2 and not options.kept else 'texts'} {kind} {seed}: {wrong}", flush=True)
    for what, ways in (("changes of rules", rules), ("edits of texts", texts)):
        print(f"{what}: {', '.join(f'{count} {way}' for way, count in sorted(ways.items()))}")
    print(f"{options.count} runs, {differing} with a difference, {time.process_time() - began:.0f} s of processor time")
    return 1 if differing else 0


def _edit_the_law(seed: int, edits: int) -> int:
    ways: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as place:
        wrong = text_edits.differing_law(Path(place), seed, edits, ways)
    print(f"edits of policies/ear: {', '.join(f'{count} {way}' for way, count in sorted(ways.items()))}")
    if wrong is not None:
        print(wrong)
    return 0 if wrong is None else 1


if __name__ == "__main__":
    sys.exit(main())
