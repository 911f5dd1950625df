"""One decision as one statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from comity.backends.sql.columns import Columns, Node, Relation
from comity.backends.sql.constants import Constants, value_of
from comity.backends.sql.decision import Decisions, Said
from comity.backends.sql.dialects import DIALECTS, Dialect
from comity.backends.sql.errors import Inexpressible
from comity.backends.sql.facts import Facts
from comity.backends.sql.lookups import Lookups
from comity.backends.sql.numbers import Numbers
from comity.backends.sql.shapes import Record, Rows, Shape, plain
from comity.backends.sql.staging import Staging
from comity.backends.sql.terms import Translator
from comity.core import ast as core
from comity.core.tables import TableIndex
from comity.runtime.types import AbsentType, ListType, RecordType, Type
from comity.terms import THIS

DIGITS = 4
"""Decimals of a column of numbers."""

FINDINGS = "findings"


def statement(
    program: core.Program,
    decision: str,
    dialect: str,
    table: str,
    keys: Sequence[str] = ("id",),
    findings: Sequence[str] = (),
    as_of: date | None = None,
) -> str:
    """The SELECT that decides every row of ``table``: its ``keys``, `outcome`, `status` and `possible`.

    ``findings``: the questions to counsel of which the table has a column `findings.QUESTION`; what counsel has not
    found is NULL. ``as_of``: decide as of that day and not that of each row. Raises Inexpressible for what the dialect
    cannot say.
    """
    if dialect not in DIALECTS:
        raise Inexpressible(f"there is no dialect `{dialect}`; there are {', '.join(DIALECTS)}")
    return _Statement(program, program.decisions[decision], DIALECTS[dialect], findings, as_of).write(table, keys)


class _Statement:
    def __init__(
        self,
        program: core.Program,
        decision: core.Decision,
        dialect: Dialect,
        findings: Sequence[str],
        as_of: date | None,
    ) -> None:
        self.program = program
        self.decision = decision
        self.dialect = dialect
        self.columns = columns = Columns(Relation("facts"))
        constants = Constants(columns, Numbers(columns, DIGITS), dialect.scaled)
        self.facts = Facts(columns, constants, program.party_names, DIGITS, dialect.scaled)
        self.record = self.facts.record(decision.record)
        if as_of is not None:
            day = columns.constant(as_of, "date")
        elif decision.record.as_of is None:
            day = columns.unknown("date")
        else:
            day = plain(self.record.field(decision.record.as_of))
        tables = {name: TableIndex(table) for name, table in program.tables.items()}
        self.lookups = Lookups(columns, constants, tables, day, self._choose)
        self.translator = Translator(program, columns, constants, self.facts, self.lookups, day)
        self.findings = {name: columns.column((FINDINGS, name), "text", columns.facts) for name in findings}
        self.decisions = Decisions(program, self.translator, self.findings)
        self.translator.others = self.decisions

    def _choose(self, branches: Sequence[tuple[Node, Shape]], otherwise: Shape, type: Type) -> Shape:
        return self.translator.chosen(branches, otherwise, type)

    def write(self, table: str, keys: Sequence[str]) -> str:
        columns = self.columns
        said = self.decisions.said(self.decision.qname, self.record)
        refused = columns.some([self.facts.faults(self.decision.record), self._broken(), *self._bad_findings()])
        said = self._unless(refused, said)
        staging = Staging(columns, self.lookups, self.dialect, table, keys)
        outputs = {"outcome": said.outcome, "status": said.status, "possible": said.possible}
        return staging.statement(outputs).sql(dialect=self.dialect.name, pretty=True, copy=False) + "\n"

    def _unless(self, refused: Node, said: Said) -> Said:
        columns = self.columns
        nothing = columns.unknown("text")
        outcome = columns.case([(refused, nothing)], said.outcome)
        possible = columns.case([(refused, nothing)], said.possible)
        return Said(
            outcome,
            columns.case([(refused, columns.constant("refused", "text"))], said.status),
            columns.make("coalesce", (outcome, possible), "text", True),
        )

    def _broken(self) -> Node:
        """Whether facts break an `always` line of the record, or of the records in it."""
        return self._broken_in(self.decision.record, self.record)

    def _broken_in(self, type: RecordType, record: Record) -> Node:
        columns, translator = self.columns, self.translator
        found = []
        for line in self.program.always.get(f"{type.module}.{type.name}", ()):
            truth = translator.truth(line.condition, {THIS: record})
            found.append(columns.negate(columns.perhaps(truth)))
        for declared in type.fields:
            found.append(self._broken_at(declared.type, record, declared.name))
        return columns.every([record.known, columns.some(found)])

    def _broken_at(self, type: Type, record: Record, name: str) -> Node:
        columns = self.columns
        if not _has_always(type, self.program):
            return columns.false
        while isinstance(type, AbsentType):
            type = type.element
        shape = value_of(record.field(name))
        match type, shape:
            case RecordType(), Record():
                return self._broken_in(type, shape)
            case ListType(element=element), Rows():

                def broken(each: object) -> Node:
                    assert isinstance(each, Record) and isinstance(element, RecordType)
                    return self._broken_in(element, each)

                return columns.surely(shape.any(broken, columns.facts))
            case _:
                raise Inexpressible(f"`always` lines of `{name}` cannot be asked in SQL")

    def _bad_findings(self) -> list[Node]:
        """Findings that are neither true, false nor an outcome of their rules."""
        columns = self.columns
        allowed: dict[str, set[str]] = {name: {"true", "false"} for name in self.findings}
        for decision in self.program.decisions.values():
            for rule in decision.rules:
                if rule.refer is not None:
                    for name in (rule.name, rule.question):
                        if name in allowed:
                            allowed[name] |= set(decision.outcomes.members if rule.outcome is None else [rule.outcome])
        return [
            columns.negate(columns.perhaps(columns.among(node, allowed[name]))) for name, node in self.findings.items()
        ]


def _has_always(type: Type, program: core.Program) -> bool:
    match type:
        case AbsentType(element=element) | ListType(element=element):
            return _has_always(element, program)
        case RecordType(module=module, name=name, fields=fields):
            own = bool(program.always.get(f"{module}.{name}"))
            return own or any(_has_always(each.type, program) for each in fields)
        case _:
            return False
