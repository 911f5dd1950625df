"""How fast compiled predicates decide, beside Python written by hand for the same policy.

    python benchmarks/predicates.py [--only licences,scale,ear] [--sizes 10,100,1000,10000] [--check]

`licences`: the policy in `benchmarks/licences` (13 facts, a chart, exceptions), compiled, against `by_hand.py`; all
agree on every row before anything is timed. Ratios are to idiomatic Python on a dict, higher is faster.
`scale`: policies of many rules, built and decided in a process of their own. `ear`: `policies/ear`, random
transactions in which many facts are unknown, some never decided before. All times are of the processor: the median of
rounds in which all of `licences` take turns, else the best of several.
`--check` fails where a target named in `TARGETS` is missed.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from statistics import median
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

ROWS, ROUNDS, TURNS = 5_000, 5, 21
MICRO = 1e6

TARGETS = {
    "predicate, record": 2.0,
    "predicate, mapping": 0.7,
    "decide, record": 1.0,
    "decide, mapping": 0.5,
    "interpreter": 0.0,
}
"""The least ratio to idiomatic Python."""


def seconds(ask: Callable[[Any], object], rows: Sequence[Any], rounds: int = ROUNDS) -> float:
    """Processor time for one row, best of some rounds."""
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        for row in rows:
            ask(row)
        best = min(best, time.process_time() - start)
    return best / len(rows)


def write(files: dict[str, str], folder: Path) -> None:
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def compiled(policy: Path, name: str, folder: Path) -> ModuleType:
    """A policy built into ``folder`` and imported from there."""
    from comity.backends.python import emit
    from comity.pipeline.driver import load_program

    write(emit(load_program([policy]), name), folder / name)
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))


# ------------------------------------------------------------------------------------------- licences


def shipments(count: int) -> Iterable[tuple[dict[str, Any], dict[str, Any]]]:
    """Shipments, each as plain Python values and as the JSON that Comity reads."""
    from licences import by_hand

    random = Random(7)
    countries = [*by_hand.CHART, "US", "CA", "CU", "IR", "KP", "SY"]
    common = ["CN", "RU", "BY", "DE", "GB", "JP", "US", "CA", "IN", "IR", "AE", "TR"]
    codes = ["EAR99", "3A001", "3A001.a.5", "4A003.b", "5A002", "5A002.a", "5A992.c", "9A610.x", "1C350.b", "7A994"]
    for _ in range(count):
        facts: dict[str, Any] = {
            "date": f"{random.randint(2020, 2026)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}",
            "eccn": random.choice(codes),
            "reason": random.choice(("national_security", "regional_stability", "missile_technology", "terrorism")),
            "origin": random.choice(common),
            "destination": random.choice(common if random.random() < 0.6 else countries),
            "value": random.choice((500, 1_000, 4_999, 5_000, 5_001, 20_000, 750_000)),
            "use": random.choice(("civil",) * 7 + ("military", "nuclear", "missile")),
            "us_content": random.randint(0, 60),
            **{name: random.random() < 0.1 for name in ("deemed", "listed_party", "temporary", "government")},
            "encryption": random.random() < 0.3,
        }
        yield facts, {**facts, "value": f"{facts['value']} USD", "us_content": f"{facts['us_content']}%"}


def licences() -> dict[str, float]:
    from licences import by_hand

    import comity

    plain, given = zip(*shipments(ROWS), strict=True)
    decision = comity.load(ROOT / "benchmarks" / "licences").decision("licensing")
    with tempfile.TemporaryDirectory() as folder:
        package: Any = compiled(ROOT / "benchmarks" / "licences", "compiled_licences", Path(folder))
        built = package.licensing
        records = [built.DECISION.read(facts, None, None)[0] for facts in given]
        expected = [by_hand.outcome(facts) for facts in plain]
        required = [outcome == "license_required" for outcome in expected]
        assert [by_hand.license_required(facts) for facts in plain] == required
        assert [by_hand.fast_license_required(facts) for facts in plain] == required
        assert [decision.decide(facts).outcome for facts in given] == expected
        for facts in (given, records):
            assert [built.license_required(each) for each in facts] == required
            assert [built.outcome(each) for each in facts] == expected
            assert [built.decide(each).outcome for each in facts] == expected
        asked: dict[str, tuple[Callable[[Any], object], Sequence[Any]]] = {
            "by hand, idiomatic": (by_hand.license_required, plain),
            "by hand, fast": (by_hand.fast_license_required, plain),
            "predicate, record": (built.license_required, records),
            "predicate, mapping": (built.license_required, given),
            "outcome, record": (built.outcome, records),
            "outcome, mapping": (built.outcome, given),
            "decide, record": (built.decide, records),
            "decide, mapping": (built.decide, given),
            "decide and explain, mapping": (lambda facts: built.decide(facts).to_json(), given[:500]),
            "interpreter": (decision.decide, given[:200]),
        }
        # By turns, so that what else the machine does falls on all alike.
        rounds = [{name: seconds(ask, rows, 1) for name, (ask, rows) in asked.items()} for _ in range(TURNS)]
        times = {name: median(each[name] for each in rounds) for name in asked}
    base = times["by hand, idiomatic"]
    for name, taken in times.items():
        print(f"{name:30} {taken * MICRO:9.2f} us {base / taken:9.3f}")
    return {name: base / taken for name, taken in times.items()}


# ------------------------------------------------------------------------------------------- scale


def policy_of(size: int) -> Any:
    """A policy of that many rules, complete enough to be built."""
    from analysis_policies import EXPORT, policy

    from comity.core import ast as core

    program = policy(size)
    record = core.Record("bench.Export", EXPORT, ())
    return replace(program, modules=("bench",), records={"bench.Export": record}, source_hash="0" * 64)


def exports(size: int, count: int = 2_000) -> list[dict[str, Any]]:
    """Facts for a policy of that many rules; in half of them something is unknown."""
    from analysis_policies import COUNTRIES, Maker

    entries = Maker(1, size).entries
    random = Random(11)

    def one() -> dict[str, Any]:
        return {
            "eccn": random.choice(entries) + random.choice(("", ".a", ".c", ".x", ".b.1")),
            "destination": random.choice(COUNTRIES),
            "origin": random.choice(COUNTRIES),
            "value": f"{random.choice((400, 900, 2_000, 4_000, 50_000))} USD",
            "us_content": random.choice((None, "5%", "20%", "60%")),
            "us_technology": random.choice((None, True, False)),
            "date": f"{random.randint(2012, 2026)}-06-15",
        }

    return [one() for _ in range(count)]


def scale(size: int) -> dict[str, float]:
    """One policy, built and decided; meant for a process of its own, whose memory is measured."""
    from comity.backends.python import emit

    start = time.process_time()
    files = emit(policy_of(size), "compiled_scale")
    figures = {"build, s": time.process_time() - start, "build, MB": peak()}
    with tempfile.TemporaryDirectory() as folder:
        write(files, Path(folder) / "compiled_scale")
        figures["import, ms"] = 1000 * import_time("compiled_scale.licensing", Path(folder))
        sys.path.insert(0, folder)
        built = importlib.import_module("compiled_scale.licensing")
        given = exports(size)
        start = time.process_time()
        built.answer(given[0])
        figures["first, ms"] = 1000 * (time.process_time() - start)
        records = [built.DECISION.read(facts, None, None)[0] for facts in given]
        before = peak()
        figures["mapping, us"] = MICRO * seconds(lambda facts: built.answer(facts).outcome, given)
        figures["record, us"] = MICRO * seconds(lambda record: built.answer(record).outcome, records)
        figures["grown, MB"] = peak() - before
    return figures


def peak() -> float:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def import_time(module: str, folder: Path) -> float:
    """Processor seconds to import a module whose byte code is cached, beyond those of Python itself."""
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # there would be nothing cached

    def spent(code: str) -> float:
        best = float("inf")
        for _ in range(4):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([sys.executable, "-c", code], env=environment, check=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        return best

    spent(f"import {module}")  # writes the byte code
    return spent(f"import {module}") - spent("pass")


def scales(sizes: Sequence[int]) -> dict[int, dict[str, float]]:
    found = {}
    for size in sizes:
        done = subprocess.run(
            [sys.executable, __file__, "--one", str(size)], check=True, capture_output=True, text=True
        )
        found[size] = json.loads(done.stdout)
        if len(found) == 1:
            print(f"{'rules':>8}" + "".join(f"{name:>14}" for name in found[size]))
        print(f"{size:>8}" + "".join(f"{value:>14.2f}" for value in found[size].values()), flush=True)
    return found


# ------------------------------------------------------------------------------------------- the EAR


def ear() -> dict[str, float]:
    from tests.content.transactions import DECISIONS, Transactions

    draw = Transactions(3)
    warm, given = ([draw.export() for _ in range(count)] for count in (3_000, 1_000))
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        start = time.process_time()
        package: Any = compiled(ROOT / "policies" / "ear", "compiled_ear", Path(folder))
        figures["load and build, s"] = time.process_time() - start
        size = sum(file.stat().st_size for file in Path(folder).rglob("*.py"))
        figures["package, MB"] = size / 1e6
        figures["import, ms"] = 1000 * import_time("compiled_ear.licensing", Path(folder))
        start = time.process_time()
        package.licensing.answer(given[0])
        figures["first answer, ms"] = 1000 * (time.process_time() - start)
        for name in DECISIONS:
            built = getattr(package, name)
            records = [built.DECISION.read(facts, None, None)[:2] for facts in given]

            def of_record(pair: Any, built: Any = built) -> object:
                return built.answer(pair[0], findings=pair[1] or None).outcome

            def of_mapping(facts: Any, built: Any = built) -> object:
                return built.answer(facts).outcome

            for facts in warm:
                of_mapping(facts)
            # A package remembers what it has worked out: facts that it has never seen are timed, once, and the same
            # again. Which half is new to it in which form makes no difference to what it remembers.
            half = len(given) // 2
            figures[f"{name}: mappings, new facts"] = 1 / seconds(of_mapping, given[:half], 1)
            figures[f"{name}: records, new facts"] = 1 / seconds(of_record, records[half:], 1)
            figures[f"{name}: mappings"] = 1 / seconds(of_mapping, given, 3)
            figures[f"{name}: records"] = 1 / seconds(of_record, records, 3)
    for name, value in figures.items():
        print(f"{name:30} {value:12,.1f}{' a second' if ': ' in name else ''}", flush=True)
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="licences,scale,ear")
    parser.add_argument("--sizes", default="10,100,1000")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one is not None:
        print(json.dumps(scale(options.one)))
        return 0
    missed: list[str] = []
    chosen = options.only.split(",")
    if "licences" in chosen:
        ratios = licences()
        missed += [f"{name}: {ratios[name]:.2f} < {least}" for name, least in TARGETS.items() if ratios[name] < least]
    if "scale" in chosen:
        scales([int(size) for size in options.sizes.split(",")])
    if "ear" in chosen:
        ear()
    for line in missed:
        print(f"missed: {line}")
    return int(options.check and bool(missed))


if __name__ == "__main__":
    sys.exit(main())
