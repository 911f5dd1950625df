"""`_clauses.py` of a package: the clauses as data, for the reference semantics."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import date
from fractions import Fraction

from comity.backends.python import trees
from comity.backends.python.carried import program as carried
from comity.backends.python.imports import header
from comity.backends.python.literals import in_order
from comity.backends.python.module import Emission, File, docstring
from comity.backends.python.trees import call, const, name
from comity.backends.python.types import place_tree, type_tree
from comity.checked import ast as checked
from comity.checked.ast import Table
from comity.core.ast import Decision
from comity.runtime import types
from comity.runtime.kleene import KleeneSet
from comity.runtime.values import ABSENT
from comity.terms import Node

_TITLE = """The clauses of the policy as they were read, for the reference semantics.

Loaded only where it must be told what an answer still needs, or why facts are refused.
"""


_PARTS = frozenset(
    (
        checked.Agreement, checked.Allowing, checked.Commitment, checked.Impose, checked.Party, checked.Per,
        checked.Remedy, checked.Response, checked.Step, checked.TimeSpan, checked.Who, checked.Withdrawal,
    )
)  # fmt: skip
"""What agreements and responses are made of; `carried.program` has a stand-in of the same name for each."""


class Clauses(File):
    """The file in the making."""

    def __init__(self, emission: Emission) -> None:
        super().__init__(emission, "_clauses")

    def emit(self) -> str:
        program = self.emission.program
        plan = self.plan
        statements: list[ast.stmt] = []
        decisions = []
        for key, decision in program.decisions.items():
            decisions.append((const(key), self._decision(key, decision)))
        build = call(
            "program.Program",
            place=place_tree(program.place),
            tables=trees.dict_of((const(key), self._table(key, table)) for key, table in program.tables.items()),
            sets=trees.dict_of(
                (const(key), call("program.SetDefinition", type_tree(s.type, self), self.term(s.body)))
                for key, s in program.sets.items()
            ),
            defines=trees.dict_of(
                (
                    const(key),
                    call(
                        "program.Define",
                        trees.NONE if d.record is None else type_tree(d.record, self),
                        trees.tuple_of(trees.tuple_of((const(n), type_tree(t, self))) for n, t in d.parameters),
                        type_tree(d.result, self),
                        self.term(d.body),
                    ),
                )
                for key, d in program.defines.items()
            ),
            decisions=trees.dict_of(decisions),
            always=trees.dict_of(
                (
                    const(key),
                    trees.tuple_of(
                        call("program.AlwaysLine", self.term(line.condition), const(line.text)) for line in lines
                    ),
                )
                for key, lines in program.always.items()
            ),
            parties=self._named(program.parties),
            agreements=self._named(program.agreements),
            responses=self._named(program.responses),
            source_hash=const(program.source_hash),
        )
        statements.append(trees.assign("PROGRAM", build))
        statements.append(trees.assign("COMPILED", self._compiled()))
        constants = [trees.assign(key, value) for key, value in sorted(self.constants.items())]
        imports = [
            *header(plan, self.module, [*constants, *statements]),
            trees.import_from(1, "_reference", ["program", "terms"]),
        ]
        return trees.source(
            [*docstring("\n".join(_TITLE.splitlines()), (), indent=0), *imports, *constants, *statements]
        )

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

    def _named(self, declared: Mapping[str, object]) -> ast.expr:
        return trees.dict_of((const(key), self.value(each)) for key, each in declared.items())

    def _part(self, part: object) -> ast.expr:
        """A part of an agreement or response, with as much of it as its stand-in has."""
        kept = getattr(carried, type(part).__name__)
        given: dict[str, ast.expr] = {}
        for field in fields(kept):
            if field.default is MISSING:
                given[field.name] = self.value(getattr(part, field.name))
        return call(f"program.{kept.__name__}", **given)

    def term(self, term: Node) -> ast.expr:
        """The expression that builds a term."""
        arguments: list[ast.expr] = []
        keywords: dict[str, ast.expr] = {}
        for field in fields(term):
            value = getattr(term, field.name)
            if field.name == "span" or (field.default is not MISSING and value == field.default):
                continue
            tree = self.value(value)
            if field.default is not MISSING:
                keywords[field.name] = tree
            else:
                arguments.append(tree)
        return call(f"terms.{type(term).__name__}", *arguments, **keywords)

    def value(self, value: object) -> ast.expr:
        """Any part of a term: another, a type, a run-time value."""
        match value:
            case Node():
                return self.term(value)
            case _ if type(value) in _PARTS:
                return self._part(value)
            case None | bool() | int() | str():
                return const(value)
            case date() | Fraction():
                return self.constant(value)
            case tuple():
                return trees.tuple_of(map(self.value, value))
            case frozenset():
                elements = [self.value(each) for each in in_order(value)]
                return call("frozenset", ast.Set(elements)) if elements else call("frozenset")
            case KleeneSet(members=members):
                return call("KleeneSet", self.value(members))
            case Mapping():
                return trees.dict_of((const(key), self.value(each)) for key, each in value.items())
            case _ if value is ABSENT:
                return name("ABSENT")
            case (
                types.BoolType() | types.IntType() | types.NumberType() | types.PercentType() | types.MoneyType()
                | types.QuantityType() | types.MonthsType() | types.DateType() | types.TextType() | types.EccnType()
                | types.HsCodeType() | types.EnumType() | types.PlaceType() | types.PartyType() | types.RecordType()
                | types.SetType() | types.ListType() | types.PerPartyType() | types.AbsentType() | types.ErrorType()
            ):  # fmt: skip
                return type_tree(value, self)
            case _:
                raise TypeError(f"a clause has {value!r}")

    def _table(self, key: str, table: Table) -> ast.expr:
        columns = const(len(table.parameters))
        rows = call("program.rows", self.table(key), columns, type_tree(table.result, self))
        parameters = trees.tuple_of(trees.tuple_of((const(n), type_tree(t, self))) for n, t in table.parameters)
        otherwise = [const(True), self.value(table.otherwise)] if table.has_otherwise else []
        return call("program.Table", const(table.name), parameters, rows, *otherwise)

    def _decision(self, key: str, decision: Decision) -> ast.expr:
        ruleset = trees.dotted(f"{self.plan.aliases[self.plan.decisions[key]]}.RULES")
        own = [
            trees.tuple_of(
                (const(rule.family), const(rule.key), self.term(rule.condition), *([const(True)] if rule.alike else []))
            )
            for rule in decision.rules
        ]
        return call(
            "program.Decision",
            const(decision.name),
            type_tree(decision.record, self),
            ruleset,
            call("program.rules", ruleset, *own),
        )
