"""How long it takes to decide whether two mirrored commitments of 50 condition lines each bind alike.

    python benchmarks/mirror.py [--check]

Measures the decision alone (R301), in processor time, for a pair of the same text, one in which every number is worded
differently, one that differs in its last line, one whose alternatives come in another order, and one that a tolerance
does not make alike. `--check` fails where one of them takes over 0.1 s.
"""

from __future__ import annotations

import sys
import time

from comity.analysis.reciprocity.asymmetric_mirror import asymmetries
from comity.analysis.reciprocity.view import View
from comity.analysis.responses.finder import search_of
from comity.base.diagnostics import Report
from comity.base.source import SourceFile
from comity.checked.check import check
from comity.core.interpret import Interpreter
from comity.core.lower import lower
from comity.surface.parse import parse
from comity.workspace import resources

LINES = 50
ROUNDS = 5
LIMIT = 0.1


def agreement(last: int, reworded: bool = False, block: str = "all", tolerance: str = "") -> str:
    """Two commitments over numbers, lengths, places and yes-or-no facts, every other line in an alternative.

    ``block``: how the lines are joined; in an `any` the second commitment has them in another order.
    """
    fields = ["near: Length per Party", "place: Place"]
    fields += [f"number_{n}: Int" for n in range(LINES)] + [f"fact_{n}: Bool?" for n in range(LINES)]
    commitments = []
    for name, party, home, limit in (("one", "A", "UA", 0), ("two", "B", "BY", last)):
        lines = []
        numbers = range((LINES - 10) // 4)
        for n in reversed(numbers) if block == "any" and party == "B" else numbers:
            first = f"number_{n} > {n - 1}" if reworded and party == "B" else f"number_{n} >= {n}"
            lines += [first, "any:", f"    fact_{n}", f"    number_{n + 20} < {n + 5}"]
        lines += ["near[other] < 200 km", f"place == {home}", *(f"not fact_{n}" for n in range(40, 47))]
        lines.append(f"number_49 >= {limit}")
        assert len(lines) == LINES
        body = "\n".join(f"            {line}" for line in lines)
        commitments.append(
            f"    commitment {name} by {party}:\n        shall not do Act\n        when {block}:\n{body}\n"
        )
    record = "\n".join(f"    {field}" for field in fields)
    return (
        "use std.countries: *\n\nparty A = {US}\nparty B = {RU}\n\n"
        f"record Act:\n    acts do\n{record}\n\nagreement x between A, B:\n"
        + "\n".join(commitments)
        + "\n    mirror one with two:\n        swapping UA with BY\n"
        + (f"        within {tolerance}\n" if tolerance else "")
    )


def view_of(text: str) -> View:
    report = Report()
    countries = (resources.stdlib() / "countries.comity").read_text(encoding="utf-8")
    sources = [SourceFile("m.comity", "m", text), SourceFile("countries.comity", "std.countries", countries)]
    program = lower(check([(s, parse(s, report)) for s in sources], report, lambda _: b""), report)
    if report.diagnostics:
        raise SystemExit(str(report.diagnostics[0]))
    interpreter = Interpreter(program)
    return View(interpreter, search_of(interpreter), next(iter(program.agreements.values())))


def seconds(text: str, findings: int) -> float:
    """The best of several runs, each with nothing remembered."""
    best = float("inf")
    for _ in range(ROUNDS):
        view = view_of(text)
        start = time.process_time()
        found = list(asymmetries(view))
        best = min(best, time.process_time() - start)
        if len(found) != findings or any(d.code != "R301" for d in found):
            raise SystemExit(f"expected {findings} findings, found {found}")
    return best


def main() -> int:
    times = {
        "alike": seconds(agreement(0), 0),
        "reworded": seconds(agreement(0, reworded=True), 0),
        "different": seconds(agreement(1), 1),
        "any order": seconds(agreement(0, block="any"), 0),
        "tolerance": seconds(agreement(1, tolerance="10%"), 1),
    }
    for name, taken in times.items():
        print(f"{name:10} {taken * 1000:7.1f} ms")
    return int("--check" in sys.argv and max(times.values()) > LIMIT)


if __name__ == "__main__":
    raise SystemExit(main())
