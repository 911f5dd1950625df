"""Measures the limits of the analysis: what half and twice of each change.

    python scripts/measure_limits.py                       # all limits
    python scripts/measure_limits.py box_steps foresight   # only these

The export control regulations and random policies are analysed with each limit halved, and doubled. Printed of each:
how many findings come or go, how many more questions are left open, and the processor time as a ratio to that with the
limits as they are. What it prints belongs into `MEASURED` (`analysis/limits.py`).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.analysis import ordinary, shaped  # noqa: E402
from tests.analysis.compare import KINDS  # noqa: E402
from tests.analysis.written import compiled  # noqa: E402

from comity.analysis import analyse, limits  # noqa: E402
from comity.core.ast import Program  # noqa: E402
from comity.pipeline.driver import load_program  # noqa: E402

EVERY = 10
"""Limits between two measurements with the limits as they are: a machine is not as fast all the time."""


class Run(NamedTuple):
    """What is found, how often, the questions left open, and the seconds of processor time."""

    found: Counter[tuple[int, str, tuple[str, ...]]]
    open: int
    seconds: float

    def beside(self, usual: Run) -> str:
        """What differs from a run with the limits as they are."""
        gone, come = (usual.found - self.found).total(), (self.found - usual.found).total()
        said = [f"{gone} findings fewer"] if gone else []
        said += [f"{come} findings more"] if come else []
        if self.open != usual.open:
            said.append(f"{self.open - usual.open:+d} left open")
        return ", ".join([*(said or ["the same findings"]), f"{self.seconds / usual.seconds:.2f} of the time"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="limits to measure (default: all)")
    parser.add_argument("--random", type=int, default=40, help="random policies of each kind (default: 40)")
    parser.add_argument("--ear", action="store_true", help="the regulations in policies/ear instead")
    options = parser.parse_args()
    if options.ear:
        programs = [load_program([ROOT / "policies" / "ear"])]
    else:
        programs = [
            *(make(seed).program for make in KINDS.values() for seed in range(options.random)),
            *(program_of(ordinary.policy(seed)) for seed in range(options.random // 4)),
            *(shaped.policy(40, seed) for seed in range(options.random // 4)),
        ]
    run(programs)
    chosen = [each for each in limits.documented() if not options.names or each.name in options.names]
    for number, limit in enumerate(chosen):
        if number % EVERY == 0:
            usual = run(programs)
        with limits.changed(**{limit.name: max(1, limit.value // 2)}):
            half = run(programs)
        with limits.changed(**{limit.name: limit.value * 2}):
            twice = run(programs)
        print(f'    "{limit.name}": "half: {half.beside(usual)}; twice: {twice.beside(usual)}",', flush=True)
    return 0


def program_of(text: str) -> Program:
    program, errors = compiled(text, {})
    if program is None:
        raise ValueError(errors[0].message)
    return program


def run(programs: Sequence[Program]) -> Run:
    found: Counter[tuple[int, str, tuple[str, ...]]] = Counter()
    began = time.process_time()
    for number, program in enumerate(programs):
        found.update((number, each.code, each.subjects) for each in analyse(program))
    seconds = time.process_time() - began
    return Run(found, sum(count for (_, code, _), count in found.items() if code == "L200"), seconds)


if __name__ == "__main__":
    sys.exit(main())
