"""Holds every evaluator to the interpreter, row by row: the built package, tables, and SQL on each engine.

    python scripts/fuzz_rows.py [--count 1000000] [--seed 0] [--rows 400] [--engines duckdb,sqlite,postgres]
    python scripts/fuzz_rows.py --ear [--count 100000] [--rows 1000]

Each seed is a random policy, its decisions asked about so many rows each: lists, findings, unknown facts, decisions
that read each other. ``--count``: rows until it stops, each decided by the interpreter once and by every evaluator that
can say the decision. What SQL cannot say is counted by decision. ``--ear``: random transactions of `policies/ear`, all
of which the built package decides, and the interpreter one of 50; tables and SQL are held to the package. Engines that
are not installed are left out, and named. Prints each row that differs; fails where there is one.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "compiler")]

from scripts.fuzz_batch import EAR, answered, built  # noqa: E402
from tests.backends import generate  # noqa: E402
from tests.backends.loading import imported  # noqa: E402
from tests.batch.rows import compared, interpreted  # noqa: E402
from tests.content.transactions import DECISIONS, Transactions  # noqa: E402
from tests.sql import comparing, postgres  # noqa: E402
from tests.sql.engines import ENGINES, Engine  # noqa: E402

from comity.backends.batch import BatchDecision  # noqa: E402
from comity.backends.batch.result import Row  # noqa: E402
from comity.core import ast as core  # noqa: E402
from comity.core.interpret import Interpreter  # noqa: E402

INTERPRETED = 50
"""Of the EAR, one of so many rows is decided by the interpreter too."""

Facts: TypeAlias = Mapping[str, Any]


class Comparing:
    """Counts what was compared, by evaluator, and prints what differs."""

    def __init__(self, engines: Sequence[Engine]) -> None:
        self.engines = engines
        self.rows = 0
        self.compared: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self.unsaid = 0
        self.differing = 0

    def differs(self, about: str, evaluator: str, text: object, facts: object) -> None:
        self.differing += 1
        print(f"{about}, {evaluator}: {text}\n  {facts}", flush=True)

    def one_by_one(
        self, about: str, evaluator: str, given: Sequence[Facts], want: Sequence[Row], say: Callable[[Facts], Row]
    ) -> None:
        for facts, expected in zip(given, want, strict=True):
            if (got := say(facts)) != expected:
                self.differs(about, evaluator, f"{got}, not {expected}", facts)
        self.compared[evaluator] += len(given)

    def table(self, about: str, batch: BatchDecision, given: Sequence[Facts], want: Sequence[Row]) -> None:
        answers = batch.decide(list(given), rows=max(64, len(given) // 3))  # what is learnt serves the next
        expected = iter(want)
        for facts, one, got in compared(given, answers, lambda _: next(expected)):
            self.differs(about, "tables", f"{got}, not {one}", facts)
        self.compared["tables"] += len(given)

    def sql(
        self, about: str, program: core.Program, decision: core.Decision, given: Sequence[Facts], said: Any
    ) -> None:
        for found in comparing.compare(program, decision, given, self.engines, said=said):
            if found.differs:
                self.differs(about, found.engine, found.text, found.facts)
            if found.kind.startswith("inexpressible"):
                self.unsaid += 1
            else:
                self.compared[found.engine] += 1

    def print(self, begun: float) -> None:
        print(
            f"{self.rows:,} rows, {self.differing} differences, {time.process_time() - begun:.0f} s of processor time; "
            f"{dict(self.statuses)}; compared: {dict(self.compared)}; {self.unsaid} statements SQL cannot say",
            flush=True,
        )


def policies(compare: Comparing, seed: int, rows: int) -> Iterator[str]:
    """Each random policy, compared; yields its name."""
    generate.scalar = comparing.ascii_scalar
    while True:
        random = Random(seed)
        program = generate.program(random)
        interpreter = Interpreter(program)
        with imported(program) as package:
            for decision in program.decisions.values():
                given = generate.rows(random, program, decision.record, rows)
                want = [interpreted(interpreter, decision.qname, facts) for facts in given]
                about = f"seed {seed}, {decision.name}"
                compare.rows += len(given)
                compare.statuses.update(row.status for row in want)
                compare.one_by_one(about, "package", given, want, partial(answered, getattr(package, decision.name)))
                compare.table(about, BatchDecision(interpreter, decision.qname), given, want)
                said = [comparing.interpreted(interpreter, decision, facts) for facts in given]
                compare.sql(about, program, decision, given, said)
        yield f"seed {seed}"
        seed += 1


def transactions(compare: Comparing, seed: int, rows: int) -> Iterator[str]:
    """Transactions of the EAR, some at a time, each time with another seed."""
    import comity

    program = comity.load(EAR)
    with TemporaryDirectory() as folder:
        package = built(folder)
        while True:
            draw = Transactions(seed)
            given = [draw.export() for _ in range(rows)]
            for name in DECISIONS:
                decision = program.decision(name)
                about, say = f"seed {seed}, {name}", getattr(package, name)
                want = [answered(say, facts) for facts in given]
                compare.rows += len(given)
                compare.statuses.update(row.status for row in want)
                compare.compared["package"] += len(given)
                asked = partial(interpreted, program.interpreter, decision.core.qname)
                compare.one_by_one(about, "interpreter", given[::INTERPRETED], want[::INTERPRETED], asked)
                compare.table(about, decision.batch, given, want)
                said = [comparing.answered(say.answer, facts) for facts in given]
                compare.sql(about, program.core, decision.core, given, said)
            yield f"seed {seed}"
            seed += 1


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rows", type=int, default=400)
    parser.add_argument("--engines", default="duckdb,sqlite,postgres")
    parser.add_argument("--ear", action="store_true")
    options = parser.parse_args()
    begun = time.process_time()
    with ExitStack() as stack:
        known: dict[str, Engine] = {engine.name: engine for engine in ENGINES}
        names = options.engines.split(",")
        if "postgres" in names and postgres.missing():
            print(f"without postgres: {postgres.missing()}")
            names.remove("postgres")
        if "postgres" in names:
            known["postgres"] = stack.enter_context(postgres.server())
        compare = Comparing([known[name] for name in names if name])
        told = 0
        for name in (transactions if options.ear else policies)(compare, options.seed, options.rows):
            done = compare.rows >= options.count
            if done or compare.rows - told >= 20_000:
                told = compare.rows
                print(f"to {name}: ", end="")
                compare.print(begun)
            if done:
                break
    return int(compare.differing > 0)


if __name__ == "__main__":
    sys.exit(main())
