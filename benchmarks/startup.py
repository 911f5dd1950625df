"""How long the command line takes to answer, as ratios to a bare `python -c pass` on the same machine.

    python benchmarks/startup.py [--check]

Each command runs in a fresh process, the grammar's tables cached. Times are of the processor, so that what else the
machine does counts little. `--check` fails where `comity --help` takes over 100 ms and eight times bare Python, loading
`policies/ear` with its Commerce Control List over 2 s, or linting it without changes over 0.5 s.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 5

BARE, HELP, LOAD, AGAIN = "python -c pass", "comity --help", "load policies/ear", "comity lint policies/ear, unchanged"
COMMANDS = {
    BARE: ["-c", "pass"],
    HELP: ["-m", "comity", "--help"],
    LOAD: ["-c", "import comity; comity.load('policies/ear')"],
    "comity lint policies/ear": ["-m", "comity", "lint", "policies/ear", "--no-cache"],
    AGAIN: ["-m", "comity", "lint", "policies/ear"],
}


def seconds(arguments: list[str], environment: dict[str, str]) -> float:
    """The best of several runs: what the machine can do when nothing else is in the way."""

    def spent() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    best = float("inf")
    for _ in range(ROUNDS):
        before = spent()
        subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, check=True, capture_output=True)
        best = min(best, spent() - before)
    return best


def main() -> int:
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "COMITY_CACHE_DIR": cache}
        times = {name: seconds(arguments, environment) for name, arguments in COMMANDS.items()}
    for name, time_taken in times.items():
        print(f"{name:36} {time_taken * 1000:8.1f} ms  {time_taken / times[BARE]:6.1f} x")
    if "--check" not in sys.argv:
        return 0
    slow = [
        *([HELP] if times[HELP] > 0.1 and times[HELP] > 8 * times[BARE] else []),
        *([LOAD] if times[LOAD] > 2 else []),
        *([AGAIN] if times[AGAIN] > 0.5 else []),
    ]
    print(f"too slow: {', '.join(slow)}" if slow else "fast enough")
    return int(bool(slow))


if __name__ == "__main__":
    sys.exit(main())
