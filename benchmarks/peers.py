"""How fast other engines decide the licence policy, beside Comity and Python by hand, in one run.

    pip install -r requirements/peers.txt
    python benchmarks/peers.py [--rows 1000000] [--markdown]

*Scalar*: does one shipment, a dict, need a license? All must agree with `licences/by_hand.py` on 5,000 shipments before
anything is timed; then they take turns, and the best of several rounds counts, in processor time. *Batch*: the outcome
of every row of a table. A package that is not installed is said to be missing.
Only Comity checks the facts it is given, and knows unknown ones.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks"), str(ROOT / "compiler")]

ROUNDS = 5
FIRST = 1_000
"""Rows that one turn decides."""


def version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def scalar(folder: Path) -> dict[str, float]:
    """Seconds a decision."""
    from licences import by_hand, by_others
    from predicates import ROWS, compiled, shipments

    plain, given = zip(*shipments(ROWS), strict=True)
    built: Any = compiled(ROOT / "benchmarks" / "licences", "licences_beside_peers", folder).licensing
    records = [built.DECISION.read(facts, None, None)[0] for facts in given]
    expected = [by_hand.outcome(facts) == "license_required" for facts in plain]
    asked: dict[str, tuple[Callable[[Any], bool], list[Any]]] = {
        "Python by hand, idiomatic": (by_hand.license_required, list(plain)),
        "Python by hand, optimised": (by_hand.fast_license_required, list(plain)),
        "Comity, predicate of a record": (built.license_required, records),
        "Comity, predicate of a dict": (built.license_required, list(given)),
        "Comity, `decide` of a dict": (lambda facts: built.decide(facts).outcome == "license_required", list(given)),
    }
    rows = [by_others.given(facts) for facts in plain]
    for package, make in by_others.ENGINES.items():
        if not (found := version(package)):
            print(f"missing: {package}", file=sys.stderr)
            continue
        asked[f"{package} {found}"] = (make(), rows)
    for name, (ask, facts) in asked.items():
        said = [ask(each) for each in facts]
        assert said == expected, f"{name} says something else of {sum(map(bool.__ne__, said, expected))} shipments"
    best = dict.fromkeys(asked, float("inf"))
    for _ in range(ROUNDS):
        for name, (ask, facts) in asked.items():
            start = time.process_time()
            for each in facts[:FIRST]:
                ask(each)
            best[name] = min(best[name], (time.process_time() - start) / FIRST)
    return best


def tables(rows: int) -> dict[str, float]:
    """Seconds a row, on one core as far as an engine can be told."""
    import numpy as np
    import pyarrow as pa
    from licences import by_hand, by_hand_numpy, by_others
    from predicates import ROWS, shipments

    import comity
    from batch import encoded

    plain = [facts for facts, _ in shipments(ROWS)]
    few = pa.Table.from_pylist(plain)
    days = pa.array(np.array(few["date"].to_pylist(), "datetime64[D]"))
    few = few.set_column(few.column_names.index("date"), "date", days)
    places = np.arange(rows) % ROWS
    table = encoded(few.take(places))
    expected = np.array([by_hand.outcome(facts) for facts in plain])[places]
    decision = comity.load(ROOT / "benchmarks" / "licences").decision("licensing")
    units = {"value": "USD", "us_content": "%"}
    names = np.array(by_hand_numpy.OUTCOMES)
    asked: dict[str, Callable[[], Any]] = {
        "NumPy by hand, in chunks": lambda: by_hand_numpy.outcomes(table),
        "Comity, `decide_batch`": lambda: decision.decide_batch(table, units=units),
    }
    if found := version("polars"):
        asked[f"polars {found}"] = by_others.polars(table)
    else:
        print("missing: polars", file=sys.stderr)
    for name, ask in asked.items():
        said = ask()
        if name.startswith("Comity"):
            outcomes = np.array([row.outcome for row in said.rows])[said.codes]
        else:
            outcomes = names[said] if isinstance(said, np.ndarray) else said.to_numpy()
        assert (outcomes == expected).all(), name
    best = dict.fromkeys(asked, float("inf"))
    for _ in range(ROUNDS):
        for name, ask in asked.items():
            start = time.process_time()
            ask()
            best[name] = min(best[name], (time.process_time() - start) / rows)
    return best


def show(title: str, times: dict[str, float], unit: str, per: float, markdown: bool) -> None:
    base = next(iter(times.values()))
    if markdown:
        print(f"| {title} | Time | Ratio |\n| --- | ---: | ---: |")
    else:
        print(title)
    for name, taken in times.items():
        cells = f"{taken * per:,.3g} {unit}", f"{base / taken:.2g}"
        print(f"| {name} | {cells[0]} | {cells[1]} |" if markdown else f"  {name:34} {cells[0]:>12} {cells[1]:>8}")
    print()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        show("One shipment", scalar(Path(folder)), "us", 1e6, options.markdown)
    show("A table", tables(options.rows), "ns a row", 1e9, options.markdown)
    return 0


if __name__ == "__main__":
    sys.exit(main())
