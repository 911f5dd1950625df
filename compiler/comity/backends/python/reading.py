"""A program from the rows in which a package keeps it; `clauses` writes them.

A row is the kind of a thing and the numbers of the rows that it is made of, which come before it. What occurs in many
clauses has one row:

    ('=', 'destination'), ('schema', 'EXPORT'), ('=', 'this'), ('terms.Local', 2, 1), ('terms.Field', 3, 0, …), …

Things of the trees are made from their positional fields (`core.ast` says why those are enough). What other files of
the package hold already is linked: the rows of tables, and what rules say of each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from comity import parts, terms
from comity.core import ast as core
from comity.runtime import types
from comity.runtime.compiled import DatedTable, Table
from comity.runtime.kleene import KleeneSet
from comity.runtime.package import plain
from comity.runtime.rules import Rule, Ruleset
from comity.runtime.values import ABSENT

_MODULES = {"core": core, "parts": parts, "terms": terms, "types": types}


def read(rows: Sequence[tuple[Any, ...]], schema: Any, links: Mapping[str, Any]) -> core.Program:
    """The program in the last row. ``schema``: the module of the types of facts. ``links``: things made elsewhere."""
    made: list[Any] = []
    makers = dict(_MADE)
    for kind, *fields in rows:
        if kind in _PLAIN:
            made.append(_PLAIN[kind](*fields))
        elif kind == "schema":
            made.append(getattr(schema, fields[0]))
        elif kind == "link":
            made.append(links[fields[0]])
        else:
            make = makers.get(kind)
            if make is None:
                make = makers[kind] = _class(kind)
            made.append(make(*[made[field] for field in fields]))
    result: core.Program = made[-1]
    return result


def _class(kind: str) -> Any:
    module, _, name = kind.partition(".")
    return getattr(_MODULES[module], name)


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


_PLAIN: Mapping[str, Callable[..., Any]] = {
    "=": lambda value: value,
    "fraction": Fraction,
    "day": date.fromordinal,
    "absent": lambda: ABSENT,
}
"""What is made of the rest of a row as it is."""

_MADE: Mapping[str, Callable[..., Any]] = {
    "tuple": lambda *items: items,
    "set": lambda *items: frozenset(items),
    "members": lambda *items: KleeneSet(items),
    "dict": lambda *items: dict(zip(items[::2], items[1::2], strict=True)),
    "rows": _rows,
    "rules": _rules,
}
"""What is made of the things in the rows that a row names; else the kind names a class of `_MODULES`."""
