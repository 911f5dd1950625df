"""Adding any one country to Country Group E:1 only tightens: `python scripts/one_more_in_e1.py DE CN`, or `--all`.

For each country the policy of `policies/ear` is compared with itself but for one cell of the table of Country Groups,
as `comity diff` compares two projects. Every change found is shown by its direction; one that loosens fails the run.
The conditions of the EAR are too large to be gone through exhaustively, so that none loosens is not proved: it is what
thousands of inputs say, led to where the change matters.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from comity.core import ast as core
from comity.parts import Row
from comity.pipeline import driver
from comity.tools.diff import Difference, Direction, diff

EAR = Path(__file__).parents[1] / "policies" / "ear"
GROUPS = "ear.groups.group"
DECISIONS = ("licensing", "requirement", "jurisdiction")


def with_one_more(program: core.Program, country: str) -> core.Program:
    """The policy with one more country in E:1."""
    table = program.tables[GROUPS]
    key = (country, "E1")
    rows = [row for row in table.rows if row.keys != key]
    added = Row(key, True, None, place="added to E:1")
    return replace(program, tables={**program.tables, GROUPS: replace(table, rows=(*rows, added))})


def in_e1(program: core.Program) -> set[object]:
    return {row.keys[0] for row in program.tables[GROUPS].rows if row.keys[1] == "E1" and row.value is True}


def compared(program: core.Program, country: str, decisions: Sequence[str] = DECISIONS) -> Difference:
    """What changes in some decisions if one more country is in E:1."""
    named = [qname for qname, each in program.decisions.items() if each.name in decisions]
    return diff(program, with_one_more(program, country), [(qname, qname) for qname in named])


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("countries", nargs="*", metavar="COUNTRY")
    arguments.add_argument("--all", action="store_true", help="every country that the supplement names")
    options = arguments.parse_args()
    program = driver.build_one([EAR]).program
    rows = {str(row.keys[0]) for row in program.tables[GROUPS].rows}
    countries = sorted(rows - {*map(str, in_e1(program))}) if options.all else options.countries
    failed = False
    for country in countries:
        found = compared(program, country)
        count: Counter[Direction] = Counter(change.direction for change in found.changes)
        said = ", ".join(f"{each} {direction}" for direction, each in sorted(count.items())) or "no change"
        print(f"{country}: {said}", flush=True)
        for change in found.changes:
            if change.direction != "tightens":
                failed = failed or change.direction == "loosens"
                print(f"    {change.decision}: {change.before} -> {change.after}: {change.witness}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
