"""How soon `Session.lint` is there again after an edit, on generated policies: `python benchmarks/edit.py [100]`.

Each size is a process of its own: the policy is opened, then rules drawn at random are edited one after another, their
countries, outcomes or texts. Then a constant comes that is new, so that the analysis is made anew; and a rule is
widened to nearly everything. Times are of the processor, so that what else the machine does counts little.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from statistics import median

SIZES = (100, 1_000, 10_000)
COUNTRY = re.compile(r"\b[A-Z]{2}\b(?=[,}])")
RULE = re.compile(r"(?m)^(?=rule )")


class Bench:
    """A session, and the texts it is of."""

    def __init__(self, folder: Path) -> None:
        from comity.pipeline.session import Session

        self.texts = {file: file.read_text("utf-8") for file in sorted(folder.glob("part_*"))}
        self.countries = sorted({each for text in self.texts.values() for each in COUNTRY.findall(text)})
        began = time.process_time()
        self.session = Session([folder])
        self.session.lint()
        self.opened = time.process_time() - began

    def edit(self, file: Path, number: int, old: str, new: str) -> float:
        """Put ``new`` for the first ``old`` (a pattern) of a rule of a file; the seconds until all is said again."""
        parts = RULE.split(self.texts[file])
        parts[number] = re.sub(old, new, parts[number], count=1)
        self.texts[file] = "".join(parts)
        began = time.process_time()
        self.session.edit(file, self.texts[file])
        self.session.lint()
        return time.process_time() - began

    def ordinary(self, random: Random) -> float:
        file = random.choice(list(self.texts))
        number = random.randrange(1, len(RULE.split(self.texts[file])))
        match random.randrange(4):
            case 0 | 1:
                return self.edit(file, number, COUNTRY.pattern, random.choice(self.countries))
            case 2:
                outcome = random.choice(("prohibited", "license_required", "exception_available", "free"))
                return self.edit(file, number, r"then \w+", f"then {outcome}")
            case _:
                return self.edit(file, number, r"(Generated|Edited) rule", "Edited rule")

    def first(self, kind: str) -> tuple[Path, int]:
        """The first rule of a kind."""
        return next(
            (file, number)
            for file, text in self.texts.items()
            for number, part in enumerate(RULE.split(text))
            if part.startswith(f"rule {kind}")
        )


def measure(size: int, edits: int) -> dict[str, float]:
    from policy_text import write

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "policy"
        write(size, folder)
        bench = Bench(folder)
        random = Random(1)
        times = sorted(bench.ordinary(random) for _ in range(edits))
        exception = bench.first("exception")
        new_cut = bench.edit(*exception, r"value <= \d+ USD", "value <= 777 USD")
        widened = bench.edit(*bench.first("overlay"), r"destination in \{[^}]*\}", "value >= 0 USD")
        return {
            "open": bench.opened,
            "median": median(times),
            "nine of ten": times[len(times) * 9 // 10],
            "worst": times[-1],
            "new constant": new_cut,
            "widened": widened,
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, help="how many rules (default: %(default)s)")
    parser.add_argument("--edits", type=int, default=100, help="how many ordinary edits (default: %(default)s)")
    parser.add_argument("--one", action="store_true", help="measure one size in this process, and print JSON")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.sizes[0], options.edits)))
        return
    print("| Rules | Opened | Median | Nine of ten | Worst | New constant | Widened |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for size in options.sizes:
        command = [sys.executable, __file__, str(size), "--edits", str(options.edits), "--one"]
        found = json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
        cells = [f"{found['open']:.1f} s", *(f"{1000 * found[each]:.0f} ms" for each in list(found)[1:])]
        print(f"| {size:,} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
