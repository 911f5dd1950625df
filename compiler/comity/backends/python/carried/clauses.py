"""Clauses from the rows in which a package keeps them.

A row is the kind of a thing and the numbers of the rows that it is made of, which stand above it. What occurs in many
clauses has one row:

    ('=', 'destination'), ('schema', 'EXPORT'), ('terms.Local', 3, 1), ('terms.Field', 2, 0, 5), …
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from comity import terms
from comity.backends.python.carried import program
from comity.runtime import types
from comity.runtime.kleene import KleeneSet
from comity.runtime.values import ABSENT

_MODULES = {"terms": terms, "program": program, "types": types}

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
    "rows": program.rows,
    "rules": program.rules,
}
"""What is made of the things in the rows that a row names."""


def read(rows: Sequence[tuple[Any, ...]], schema: Any, links: Mapping[str, Any]) -> program.Program:
    """The program in the last row. ``schema``: the module of the types of facts. ``links``: things made elsewhere."""
    made: list[Any] = []
    for kind, *parts in rows:
        if kind in _PLAIN:
            made.append(_PLAIN[kind](*parts))
        elif kind == "schema":
            made.append(getattr(schema, parts[0]))
        elif kind == "link":
            made.append(links[parts[0]])
        else:
            make = _MADE.get(kind) or _class(kind)
            made.append(make(*[made[part] for part in parts]))
    result: program.Program = made[-1]
    return result


def _class(kind: str) -> Any:
    module, _, name = kind.partition(".")
    return getattr(_MODULES[module], name)
