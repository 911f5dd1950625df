"""`_clauses.py` of a package: the clauses as data, for the reference semantics.

For example:

    ('=', 'destination'),                row 20: a value of Python
    ('types.BoolType',),                 row 18: an object without parts
    ('terms.Field', 19, 20, 3),          row 21: its parts are earlier rows, so equal parts are written once
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date
from fractions import Fraction
from typing import Any, TypeAlias

from comity import parts, terms
from comity.backends.python import trees
from comity.backends.python.imports import header
from comity.backends.python.literals import in_order
from comity.backends.python.module import Emission, File, docstring
from comity.backends.python.plan import qname
from comity.backends.python.trees import call, const, name
from comity.backends.python.types import type_tree
from comity.core import ast as core
from comity.runtime import types
from comity.runtime.kleene import KleeneSet
from comity.runtime.values import ABSENT

_TITLE = """The clauses of the policy as they were read, for the reference semantics.

Loaded only where it must be told what an answer still needs, or why facts are refused, and for tables.
`_reference/reading.py` says how rows are read.
"""


_KINDS: Mapping[type, str] = {
    kind: f"{name}.{kind.__name__}"
    for name, module in (("core", core), ("parts", parts), ("terms", terms), ("types", types))
    for kind in vars(module).values()
    if isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == module.__name__
}
"""The classes of the trees, each with the kind of its rows."""


Row: TypeAlias = tuple[str, tuple[tuple[type, object], ...]]
"""Kind and parts of a row, each part with its type."""


class Clauses(File):
    """The file in the making. Each thing is one row: its kind, and the numbers of the rows of its parts."""

    def __init__(self, emission: Emission) -> None:
        super().__init__(emission, "_clauses")
        self.rows: dict[Row, int] = {}
        self.links: dict[str, ast.expr] = {}

    def emit(self) -> str:
        self.value(self.emission.program)
        links = trees.dict_of((const(key), value) for key, value in self.links.items())
        statements: list[ast.stmt] = [
            trees.assign("ROWS", trees.tuple_of(trees.data(_plain(row)) for row in self.rows)),
            trees.assign("PROGRAM", call("read", name("ROWS"), name("schema"), links)),
            trees.assign("COMPILED", self._compiled(), _COMPILED),
        ]
        imports = [
            *header(self.plan, self.module, statements),
            trees.import_from(1, "_reference.reading", ["read"]),
        ]
        return trees.source([*docstring(_TITLE, (), indent=0), *imports, *statements])

    def _row(self, kind: str, *parts: object) -> int:
        # A row is told by the types of its parts too: True and 1 are the same to Python.
        key = (kind, tuple((type(part), part) for part in parts))
        return self.rows.setdefault(key, len(self.rows))

    def _mapping(self, items: Iterable[tuple[str, int]]) -> int:
        return self._row("dict", *(number for key, value in items for number in (self.value(key), value)))

    def _compiled(self) -> ast.expr:
        """The functions of commitments, with the record that each reads."""
        commitments = [c for agreement in self.emission.program.agreements.values() for c in agreement.commitments]
        return trees.dict_of(
            (
                const(each.qname),
                trees.tuple_of((type_tree(each.record, self), self.at(self.plan.commitments[each.qname]))),
            )
            for each in commitments
            if each.qname not in self.emission.unspeakable
        )

    def _link(self, key: str, value: ast.expr) -> int:
        self.links[key] = value
        return self._row("link", key)

    def value(self, value: object) -> int:
        """The row of any part of a program: a term, a type, a run-time value."""
        match value:
            case None | bool() | int() | str():
                return self._row("=", value)
            case types.RecordType() | types.EnumType() if qname(value) in self.plan.schema:
                return self._row("schema", self.plan.schema[qname(value)])
            case types.PlaceType() if value == self.emission.program.place:
                return self._row("schema", "PLACE")
            case _ if type(value) in _KINDS:
                return self._row(_KINDS[type(value)], *self._fields(value))
            case date():
                return self._row("day", value.toordinal())
            case Fraction():
                return self._row("fraction", value.numerator, value.denominator)
            case tuple():
                return self._row("tuple", *map(self.value, value))
            case frozenset():
                return self._row("set", *map(self.value, in_order(value)))
            case KleeneSet(members=members):
                return self._row("members", *map(self.value, members))
            case Mapping():
                return self._mapping((str(key), self.value(each)) for key, each in value.items())
            case _ if value is ABSENT:
                return self._row("absent")
            case _:
                raise TypeError(f"a clause has {value!r}")

    def _fields(self, value: Any) -> Iterator[int]:
        """The positional fields of a thing; defaults at the end are left out."""
        kept = [field for field in fields(value) if not field.kw_only]
        while kept and getattr(value, kept[-1].name) == _default(kept[-1]):
            kept.pop()
        for field in kept:
            match value, field.name:
                case core.Table(), "rows":
                    linked = self._link(f"table {value.qname}", self.table(value.qname))
                    yield self._row("rows", linked, self.value(len(value.parameters)), self.value(value.result))
                case core.Decision(), "rules":
                    yield self._rules(value)
                case _:
                    yield self.value(getattr(value, field.name))

    def _rules(self, decision: core.Decision) -> int:
        resolved = call(f"{self.plan.aliases[self.plan.decisions[decision.qname]]}.DECISION.rules")
        own = [
            (rule.family, rule.key, rule.window, rule.membership, rule.when, rule.unless, rule.refer, rule.alike)
            for rule in decision.rules
        ]
        return self._row("rules", self._link(f"rules {decision.qname}", resolved), *map(self.value, own))


def _default(field: Field[object]) -> object:
    return field.default if field.default_factory is MISSING else field.default_factory()


_ANY = name("Any")
_COMPILED = trees.subscript(
    "dict", trees.tuple_of((name("str"), trees.subscript("tuple", trees.tuple_of((_ANY, _ANY)))))
)


def _plain(row: Row) -> tuple[object, ...]:
    kind, parts = row
    return (kind, *(part for _, part in parts))
