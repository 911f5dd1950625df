"""How long the command line takes to answer, as ratios to a bare `python -c pass` on the same machine.

    python benchmarks/startup.py [--check]

Measures `comity --help`, and a cold `comity lint` of the shipped policies (a fresh process; grammar tables cached).
`--check` fails where `comity --help` takes over 100 ms and eight times bare Python, or the policies over 2 s.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 7

COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "comity --help": ["-m", "comity", "--help"],
    "load policies/ear": ["-c", "import comity; comity.load('policies/ear')"],
    "comity lint policies": ["-m", "comity", "lint", "policies", "--fail-on", "never"],
}


def seconds(arguments: list[str]) -> float:
    """The best of several runs: what the machine can do when nothing else is in the way."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, capture_output=True)
        best = min(best, time.perf_counter() - start)
    return best


def main() -> int:
    times = {name: seconds(arguments) for name, arguments in COMMANDS.items()}
    bare = times["python -c pass"]
    for name, time_taken in times.items():
        print(f"{name:24} {time_taken * 1000:8.1f} ms  {time_taken / bare:6.1f} x")
    if "--check" not in sys.argv:
        return 0
    help_time = times["comity --help"]
    slow = [
        *(["comity --help"] if help_time > 0.1 and help_time > 8 * bare else []),
        *(["load policies/ear"] if times["load policies/ear"] > 2 else []),
    ]
    print(f"too slow: {', '.join(slow)}" if slow else "fast enough")
    return int(bool(slow))


if __name__ == "__main__":
    sys.exit(main())
