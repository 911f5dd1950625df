"""A program from the rows in which a package keeps it (`core.rows`); `clauses` writes them.

What other files of the package hold already is linked: the rows of tables, and what rules say of each other.

    ('link', 'table ear.chart.chart'), ('rows', 22, 23, 21), ('core.Table', 13, 20, 21, 24, 10, 11)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from comity import parts
from comity.core import ast as core
from comity.core.rows import read
from comity.runtime import types
from comity.runtime.compiled import DatedTable, Table
from comity.runtime.package import plain
from comity.runtime.rules import Rule, Ruleset


def read_program(rows: Sequence[tuple[Any, ...]], schema: Any, links: Mapping[str, Any]) -> core.Program:
    """The program in the last row. ``schema``: the module of the types of facts. ``links``: things made elsewhere."""
    linked = {"schema": lambda name: getattr(schema, name), "link": links.__getitem__}
    program: core.Program = read(rows, linked, {"rows": _rows, "rules": _rules})
    return program


def _rules(ruleset: Ruleset, *own: tuple[Any, ...]) -> tuple[core.Rule, ...]:
    """The rules of a decision, from what the package resolves them by, and what `clauses` says of each besides."""
    rules = []
    for number, (each, says) in enumerate(zip(own, ruleset.rules, strict=True)):
        family, key, window, membership, when, unless, refer, alike = each
        rules.append(
            core.Rule(
                number,
                says.name,
                family,
                key,
                says.module,
                says.citations,
                window,
                membership,
                when,
                unless,
                refer,
                says.outcome,
                tuple(_edges(number, says)),
                says.rank,
                alike,
            )
        )
    return tuple(rules)


def _edges(number: int, rule: Rule) -> Iterator[core.Edge]:
    """The edges of a rule, as if it had declared each itself: who did, and in which words, is not kept."""
    for target in rule.exception_to:
        yield core.Edge("exception", target, written="exception to", declared_by=number)
    for target in rule.disapplies:
        yield core.Edge("disapplies", target, written="disapplies", declared_by=number)
    for target in rule.prevails_over:
        yield core.Edge("prevails", target, written="notwithstanding", declared_by=number)


def _rows(table: Table[Any, Any] | DatedTable[Any, Any], columns: int, result: types.Type) -> tuple[parts.Row, ...]:
    """The rows of a compiled table, with their records as mappings."""
    found = []
    for key, value in table.rows.items():
        keys: tuple[object, ...] = (key,) if columns == 1 else tuple(key)  # type: ignore[arg-type]
        dated = value if isinstance(table, DatedTable) else [(None, value)]
        found += [parts.Row(keys, plain(result, each), window) for window, each in dated]
    return tuple(found)
