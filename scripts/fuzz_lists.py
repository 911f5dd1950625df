"""Hold the analysis of lists to the interpreter on random programs: `python scripts/fuzz_lists.py --count 2000`.

The programs have lists of records with unknown elements, counts, sums, quantifiers, money, percentages, ECCNs, dated
tables and several modules (`tests/analysis/ledgers.py`). An internal error, a question left open, and a contradiction,
gap or broken proof that lint does not report though inputs drawn at random show it, all count as failures. A program is
the same for its seed on every machine (`--show` prints one).

A program that takes more than `--slow` seconds of processor time is named, and given up after `--most` seconds, which
counts as a failure. With `--log FILE` a line of JSON is added for each program, and programs with a line are not looked
at again: a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from traceback import format_exception_only
from typing import TypedDict

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.analysis.ledgers import compare, ledger


class Line(TypedDict):
    """What came of one program: the codes of its findings, what is wrong, and the processor time it took."""

    seed: int
    codes: list[str]
    wrong: list[str]
    seconds: float


class TooLong(BaseException):
    """The program took more processor time than it may. Not an `Exception`, so that the analysis does not catch it."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raises TooLong after so much processor time."""

    def stop(_signal: int, _frame: object) -> None:
        raise TooLong

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def looked_at(seed: int, most: float) -> Line:
    start = time.process_time()
    codes: list[str] = []
    try:
        with at_most(most):
            _, found, wrong = compare(seed)
        codes = [each.code for each in found]
    except TooLong:
        wrong = [f"not done after {most:g} s"]
    except Exception as error:
        wrong = [f"internal error: {format_exception_only(error)[-1].strip()}"]
    return Line(seed=seed, codes=codes, wrong=wrong, seconds=round(time.process_time() - start, 2))


def lines_of(log: Path | None) -> dict[int, Line]:
    """What is in a log, by seed."""
    if log is None or not log.exists():
        return {}
    lines: list[Line] = list(map(json.loads, log.read_text(encoding="utf-8").splitlines()))
    return {line["seed"]: line for line in lines}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=2000, help="how many programs (default: 2000)")
    parser.add_argument("--seed", type=int, default=0, help="the first seed (default: 0)")
    parser.add_argument("--slow", type=float, default=5, help="seconds from which a program is named (default: 5)")
    parser.add_argument("--most", type=float, default=60, help="seconds after which it is given up (default: 60)")
    parser.add_argument("--log", type=Path, help="a file for what comes of each program, to go on from")
    parser.add_argument("--show", action="store_true", help="print the text of programs that fail")
    options = parser.parse_args()
    known = lines_of(options.log)
    codes: Counter[str] = Counter()
    failing = slow = 0
    seconds = 0.0
    for seed in range(options.seed, options.seed + options.count):
        line = known.get(seed)
        if line is None:
            line = looked_at(seed, options.most)
            if options.log is not None:
                with options.log.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(line) + "\n")
        codes.update(line["codes"])
        seconds += line["seconds"]
        for each in line["wrong"]:
            print(f"{seed}: {each}", flush=True)
        failing += bool(line["wrong"])
        if line["seconds"] > options.slow:
            slow += 1
            print(f"{seed}: {line['seconds']:.1f} s", flush=True)
        if line["wrong"] and options.show:
            print(ledger(seed).show())
    print(", ".join(f"{code} {count}" for code, count in sorted(codes.items())))
    print(f"{options.count} programs, {failing} with a failure, {slow} slow; {seconds:.0f} s of processor time")
    return 1 if failing else 0


if __name__ == "__main__":
    sys.exit(main())
