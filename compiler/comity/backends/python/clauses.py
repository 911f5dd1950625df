"""`_clauses.py` of a package: the clauses as data, for the reference semantics."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from datetime import date
from fractions import Fraction
from typing import TypeAlias

from comity import parts
from comity.backends.python import trees
from comity.backends.python.carried import program as carried
from comity.backends.python.imports import header
from comity.backends.python.literals import in_order
from comity.backends.python.module import Emission, File, docstring
from comity.backends.python.plan import qname
from comity.backends.python.trees import call, const, name
from comity.backends.python.types import type_tree
from comity.checked import ast as checked
from comity.checked.ast import Table
from comity.core.ast import Decision
from comity.runtime import types
from comity.runtime.kleene import KleeneSet
from comity.runtime.values import ABSENT
from comity.terms import Node

_TITLE = """The clauses of the policy as they were read, for the reference semantics.

Loaded only where it must be told what an answer still needs, or why facts are refused, and for tables.
`_reference/clauses.py` says how rows are read.
"""


_PARTS = frozenset(
    (
        checked.Agreement, parts.Allowing, checked.Commitment, parts.Impose, checked.Party, parts.Per,
        checked.Remedy, checked.Response, parts.Step, parts.TimeSpan, parts.Who, checked.Withdrawal,
    )
)  # fmt: skip
"""What agreements and responses are made of; `carried.program` has a stand-in of the same name for each."""


Row: TypeAlias = tuple[str, tuple[tuple[type, object], ...]]
"""Kind and parts of a row, each part with its type."""


class Clauses(File):
    """The file in the making. Each thing is one row: its kind, and the numbers of the rows of its parts."""

    def __init__(self, emission: Emission) -> None:
        super().__init__(emission, "_clauses")
        self.rows: dict[Row, int] = {}
        self.links: dict[str, ast.expr] = {}

    def emit(self) -> str:
        program = self.emission.program
        self._row(
            "program.Program",
            self.value(program.place),
            self._mapping((key, self._table(key, table)) for key, table in program.tables.items()),
            self._mapping(
                (key, self._row("program.SetDefinition", self.value(s.type), self.value(s.body)))
                for key, s in program.sets.items()
            ),
            self._mapping(
                (
                    key,
                    self._row(
                        "program.Define",
                        *(self.value(part) for part in (define.record, define.parameters, define.result, define.body)),
                    ),
                )
                for key, define in program.defines.items()
            ),
            self._mapping((key, self._decision(key, decision)) for key, decision in program.decisions.items()),
            self._mapping(
                (
                    key,
                    self._row(
                        "tuple",
                        *(
                            self._row("program.AlwaysLine", self.value(line.condition), self.value(line.text))
                            for line in lines
                        ),
                    ),
                )
                for key, lines in program.always.items()
            ),
            self.value(program.parties),
            self.value(program.agreements),
            self.value(program.responses),
            self.value(program.source_hash),
        )
        links = trees.dict_of((const(key), value) for key, value in self.links.items())
        statements: list[ast.stmt] = [
            trees.assign("ROWS", trees.tuple_of(trees.data(_plain(row)) for row in self.rows)),
            trees.assign("PROGRAM", call("read", name("ROWS"), name("schema"), links)),
            trees.assign("COMPILED", self._compiled(), _COMPILED),
        ]
        imports = [
            *header(self.plan, self.module, statements),
            trees.import_from(1, "_reference.clauses", ["read"]),
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
            case Node():
                return self._row(f"terms.{type(value).__name__}", *self._fields(value))
            case _ if type(value) in _PARTS:
                # As much of it as its stand-in has.
                kept = getattr(carried, type(value).__name__)
                required = [field.name for field in fields(kept) if field.default is MISSING]
                return self._row(f"program.{kept.__name__}", *(self.value(getattr(value, n)) for n in required))
            case types.RecordType() | types.EnumType() if qname(value) in self.plan.schema:
                return self._row("schema", self.plan.schema[qname(value)])
            case types.PlaceType() if value == self.emission.program.place:
                return self._row("schema", "PLACE")
            case (
                types.BoolType() | types.IntType() | types.NumberType() | types.PercentType() | types.MoneyType()
                | types.QuantityType() | types.MonthsType() | types.DateType() | types.TextType() | types.EccnType()
                | types.HsCodeType() | types.EnumType() | types.PlaceType() | types.PartyType() | types.RecordType()
                | types.SetType() | types.ListType() | types.PerPartyType() | types.AbsentType() | types.ErrorType()
            ):  # fmt: skip
                parts = (self.value(getattr(value, field.name)) for field in fields(value))
                return self._row(f"types.{type(value).__name__}", *parts)
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

    def _fields(self, node: Node) -> Iterable[int]:
        """The fields of a term but its span; defaults at the end are left out."""
        kept = [field for field in fields(node) if field.name != "span"]
        while kept and kept[-1].default is not MISSING and getattr(node, kept[-1].name) == kept[-1].default:
            kept.pop()
        return [self.value(getattr(node, field.name)) for field in kept]

    def _table(self, key: str, table: Table) -> int:
        compiled = self._link(f"table {key}", self.table(key))
        rows = self._row("rows", compiled, self.value(len(table.parameters)), self.value(table.result))
        otherwise = [self.value(True), self.value(table.otherwise)] if table.has_otherwise else []
        return self._row("program.Table", self.value(table.name), self.value(table.parameters), rows, *otherwise)

    def _decision(self, key: str, decision: Decision) -> int:
        made = call(f"{self.plan.aliases[self.plan.decisions[key]]}.DECISION.rules")
        ruleset = self._link(f"rules {key}", made)
        own = [
            self._row(
                "tuple",
                *map(self.value, (rule.family, rule.key, rule.condition, *([True] if rule.alike else []))),
            )
            for rule in decision.rules
        ]
        rules = self._row("rules", ruleset, *own)
        named, record, sources = map(self.value, (decision.name, decision.record, decision.sources))
        return self._row("program.Decision", named, record, ruleset, rules, sources)


_ANY = name("Any")
_COMPILED = trees.subscript(
    "dict", trees.tuple_of((name("str"), trees.subscript("tuple", trees.tuple_of((_ANY, _ANY)))))
)


def _plain(row: Row) -> tuple[object, ...]:
    kind, parts = row
    return (kind, *(part for _, part in parts))
