"""`_clauses.py` of a package: the clauses as data, for the reference semantics.

For example:

    ('=', 'destination'),                row 20: a value of Python
    ('types.BoolType',),                 row 18: an object without parts
    ('terms.Field', 19, 20, 3),          row 21: its parts are earlier rows, so equal parts are written once
"""

from __future__ import annotations

import ast

from comity.backends.python import trees
from comity.backends.python.imports import header
from comity.backends.python.module import Emission, File, docstring
from comity.backends.python.plan import qname
from comity.backends.python.trees import call, const, name
from comity.backends.python.types import type_tree
from comity.core import ast as core
from comity.core.rows import Dataclass, Rows
from comity.runtime import types

SOURCE = "source"
"""The link to the hash of the sources, which changes with every text."""

_TITLE = """The clauses of the policy as they were read, for the reference semantics.

Loaded only where it must be told what an answer still needs, or why facts are refused, and for tables.
`_reference/rows.py` says how rows are read.
"""


class Clauses(File):
    """The file in the making."""

    def __init__(self, emission: Emission) -> None:
        super().__init__(emission, "_clauses")

    def emit(self) -> str:
        rows = _LinkedRows(self)
        rows.value(self.emission.program)
        links = trees.dict_of((const(key), value) for key, value in rows.links.items())
        statements: list[ast.stmt] = [
            trees.assign("ROWS", trees.tuple_of(map(trees.data, rows.all()))),
            trees.assign("PROGRAM", call("read_program", name("ROWS"), name("schema"), links)),
            trees.assign("COMPILED", self._compiled(), _COMPILED),
        ]
        imports = [
            *header(self.plan, self.module, statements),
            *([trees.import_from(1, None, ["SOURCE_HASH"])] if SOURCE in rows.links else []),
            trees.import_from(1, "_reference.reading", ["read_program"]),
        ]
        return trees.source([*docstring(_TITLE, (), indent=0), *imports, *statements])

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


class _LinkedRows(Rows):
    """Rows that say of what other files of the package hold already where it is. ``links``: these, by name."""

    def __init__(self, file: Clauses) -> None:
        super().__init__()
        self.file = file
        self.plan = file.plan
        self.links: dict[str, ast.expr] = {}

    def composed(self, value: object) -> int:
        match value:
            case types.RecordType() | types.EnumType() if qname(value) in self.plan.schema:
                return self.row("schema", self.plan.schema[qname(value)])
            case types.PlaceType() if value == self.file.emission.program.place:
                return self.row("schema", "PLACE")
            case _:
                return super().composed(value)

    def part(self, value: Dataclass, field: str) -> int:
        match value, field:
            case core.Table(), "rows":
                linked = self._link(f"table {value.qname}", self.file.table(value.qname))
                return self.row("rows", linked, self.value(len(value.parameters)), self.value(value.result))
            case core.Program(), "source_hash":
                return self._link(SOURCE, name("SOURCE_HASH"))
            case core.Decision(), "rules":
                return self._rules(value)
            case _:
                return super().part(value, field)

    def _link(self, key: str, value: ast.expr) -> int:
        self.links[key] = value
        return self.row("link", key)

    def _rules(self, decision: core.Decision) -> int:
        resolved = call(f"{self.plan.aliases[self.plan.decisions[decision.qname]]}.DECISION.rules")
        own = [
            (rule.family, rule.key, rule.window, rule.membership, rule.when, rule.unless, rule.refer, rule.alike)
            for rule in decision.rules
        ]
        return self.row("rules", self._link(f"rules {decision.qname}", resolved), *map(self.value, own))


_ANY = name("Any")
_COMPILED = trees.subscript(
    "dict", trees.tuple_of((name("str"), trees.subscript("tuple", trees.tuple_of((_ANY, _ANY)))))
)
