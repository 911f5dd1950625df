"""`comity lint` from text to findings, on generated policies.

    python benchmarks/lint.py [--ignore L] [100 1000 10000]

Each run is a process of its own: cold (nothing kept), with nothing changed, and after edits of one rule: another text,
then another condition (one country fewer), then one rule more, after which everything is proved anew. Times are of the
processor, of all processes together.
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

SIZES = (100, 1_000, 10_000)

COUNTRY = re.compile(r"\{[A-Z]{2}, (?=[A-Z]{2})")
ANOTHER = "\nrule another for licensing:\n    when destination == RU and eccn within 3A001\n    then free\n"


def lint(folder: Path, cache: Path, *options: str) -> tuple[float, float]:
    """Seconds, and megabytes at most of all runs so far."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "comity", "lint", "--fail-on", "never", "--format", "concise", *options]
    # An installed Comity is compiled; so is this one, by the first run.
    environment = {**os.environ, "COMITY_CACHE_DIR": str(cache), "PYTHONPYCACHEPREFIX": str(cache / "compiled")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, after.ru_maxrss / 1024


def main() -> None:
    from policy_text import write

    options = sys.argv[1:3] if sys.argv[1:2] == ["--ignore"] else []
    print(f"{'rules':>7} {'cold':>7} {'same':>7} {'text':>7} {'when':>7} {'added':>7} {'MB':>5}")
    for size in map(int, sys.argv[1 + len(options) :] or SIZES):
        with tempfile.TemporaryDirectory() as place:
            folder, cache = Path(place) / "policy", Path(place) / "cache"
            write(size, folder)
            lint(Path(place), cache)  # the grammar's tables
            cold, _ = lint(folder, cache, *options)
            same, _ = lint(folder, cache, *options)
            part = folder / "part_000.comity"
            text = part.read_text("utf-8").replace("Generated rule 1", "Edited rule 1", 1)
            edited = []
            for each in (text, COUNTRY.sub("{", text, count=1), f"{text}{ANOTHER}"):
                part.write_text(each, "utf-8")
                seconds, megabytes = lint(folder, cache, *options)
                edited.append(f"{seconds:>7.2f}")
        print(f"{size:>7} {cold:>7.2f} {same:>7.2f} {' '.join(edited)} {megabytes:>5.0f}", flush=True)


if __name__ == "__main__":
    main()
