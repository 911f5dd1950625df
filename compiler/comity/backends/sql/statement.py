"""One decision as one statement.

For example:

    WITH "by destination of facts" AS (…), "facts_5" AS (SELECT …, "value" > 5000 AS "c6" FROM …)
    SELECT "id", CASE … END AS "outcome", …, CASE … END AS "possible" FROM "facts_5"
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from comity.backends.sql.columns import Columns, Node, Relation
from comity.backends.sql.constants import Constants, value_of
from comity.backends.sql.decision import Decisions, Said
from comity.backends.sql.dialects import Dialect
from comity.backends.sql.engines import DIALECTS
from comity.backends.sql.errors import Inexpressible
from comity.backends.sql.facts import Facts
from comity.backends.sql.failures import Failures
from comity.backends.sql.folding import Folding
from comity.backends.sql.lookups import Lookups
from comity.backends.sql.numbers import Numbers
from comity.backends.sql.shapes import PerParty, Record, Rows, Shape, Test, plain
from comity.backends.sql.staging import Staging
from comity.backends.sql.terms import Translator
from comity.core import ast as core
from comity.core.tables import TableIndex
from comity.runtime.types import AbsentType, ListType, PerPartyType, RecordType, SetType, Type
from comity.terms import THIS

DIGITS = 4
"""Decimals of a column of numbers."""

FINDINGS = "findings"
REFUSED = "refused"

ANSWERS = ("outcome", "status", "possible")
"""The columns that an answer has, if no others are asked for."""

RULES = "rules"
"""The column of the rules that decide, or may."""


def statement(
    program: core.Program,
    decision: str,
    dialect: str,
    table: str,
    keys: Sequence[str] = ("id",),
    findings: Sequence[str] = (),
    as_of: date | None = None,
    columns: Sequence[str] = ANSWERS,
) -> str:
    """The SELECT that decides every row of ``table``: its ``keys``, and those of `ANSWERS` and `rules` in ``columns``.

    ``findings``: the questions to counsel of which the table has a column `findings.QUESTION`; what counsel has not
    found is NULL. ``as_of``: decide as of that day and not that of each row. Raises Inexpressible for what the dialect
    cannot say.
    """
    if dialect not in DIALECTS:
        raise Inexpressible(f"there is no dialect `{dialect}`; there are {', '.join(DIALECTS)}")
    for name in columns:
        if name not in (*ANSWERS, RULES):
            raise Inexpressible(f"answers have no column `{name}`; there are {', '.join((*ANSWERS, RULES))}")
    return _Statement(program, program.decisions[decision], DIALECTS[dialect], findings, as_of).write(
        table, keys, columns
    )


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
        self.facts = Facts(columns, constants, program.party_names, DIGITS, dialect.scaled, dialect.lists_are_json)
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
        self.failures = Failures(self.translator)
        self._broken: list[Node] = []
        self._failed: list[Node] = []
        self._ask_always(decision.record, self.record)

    def _choose(self, branches: Sequence[tuple[Node, Shape]], otherwise: Shape, type: Type) -> Shape:
        return self.translator.choosing.chosen(branches, otherwise, type)

    def write(self, table: str, keys: Sequence[str], names: Sequence[str]) -> str:
        columns = self.columns
        asked = self.decisions.with_rules if RULES in names else self.decisions.said
        said = asked(self.decision.qname, self.record)
        if said.status is self._determined:
            said = replace(said, possible=columns.unknown("names"))  # which nothing but a single outcome is read of
        said = self._unless(self.failures.of_rules(self.decision.qname, self.record), said)
        broken, failed = columns.some(self._broken), self.failures.first(self._failed)
        said = self._unless(columns.only_where(broken, columns.constant(REFUSED, "text")), said)
        said = self._unless(failed, said)
        faults = columns.some([self.facts.faults(self.decision.record), *self._bad_findings()])
        said = self._unless(columns.only_where(faults, columns.constant(REFUSED, "text")), said)
        outputs = {"outcome": said.outcome, "status": self._status(said)}
        for name, single, joined in (
            ("possible", said.outcome, said.possible),
            (RULES, columns.unknown("text"), said.rules),
        ):
            outputs[name] = columns.make("names", (single, joined), "names", True)
        folding = Folding(columns, self.lookups, self.facts.domains)
        outputs = folding.fold({name: outputs[name] for name in names})
        dictionaries = {each.key: each for each in folding.dictionaries.values()}
        staging = Staging(columns, self.lookups, dictionaries, self.dialect, table, keys)
        written = staging.statement(outputs).sql(dialect=self.dialect.name, pretty=True, copy=False)
        return written + "\n"

    def _unless(self, status: Node, said: Said) -> Said:
        """What is said where there is no other ``status`` (NULL): a refusal or an error."""
        columns, nothing = self.columns, self.columns.unknown("text")
        if status.is_constant and status.value is None:
            return said
        other = columns.is_known(status)
        match status.parts if status.op == "case" else []:
            case [condition, single, rest] if single.is_constant and rest is nothing:
                other, status = columns.surely(condition), single
        refused, none = columns.equal(status, columns.constant(REFUSED, "text")), columns.unknown("names")
        empty = columns.case([(refused, none)], columns.constant("", "names"))
        return Said(
            columns.only_where(columns.negate(other), said.outcome),
            columns.case([(other, status)], said.status),
            columns.case([(other, empty)], said.possible),
            columns.case([(other, empty)], said.rules),
        )

    @property
    def _determined(self) -> Node:
        return self.columns.constant("determined", "text")

    def _status(self, said: Said) -> Node:
        """The status, which is read off the outcome where there is one."""
        columns, known = self.columns, self.columns.is_known(said.outcome)
        if said.status.op != "case" or said.outcome.is_constant:
            return said.status
        *flat, otherwise = said.status.parts
        others = [
            (condition, value)
            for condition, value in zip(flat[::2], flat[1::2], strict=True)
            if value is not self._determined
        ]
        if otherwise is self._determined and others:
            _, otherwise = others.pop()  # some condition holds of all that are not determined
        return columns.case([(known, self._determined), *others], otherwise)

    def _ask_always(self, type: RecordType, record: Record) -> None:
        """Note where facts break an `always` line of the record, or of the records in it, and where a line fails."""
        columns, translator = self.columns, self.translator
        for line in self.program.always.get(f"{type.module}.{type.name}", ()):
            truth = translator.truth(line.condition, {THIS: record})
            self._broken.append(columns.every([record.known, columns.negate(columns.perhaps(truth))]))
            failed = self.failures.of(line.condition, {THIS: record})
            self._failed.append(columns.only_where(record.known, failed))
        for declared in type.fields:
            if self.program.has_always(declared.type):
                self._ask_always_of(declared.type, record, declared.name)

    def _ask_always_of(self, type: Type, record: Record, name: str) -> None:
        self._ask_always_in(type, record.field(name), name)

    def _ask_always_in(self, type: Type, shape: Shape, name: str) -> None:
        shape = value_of(shape)
        match type, shape:
            case AbsentType(element=element), _:
                self._ask_always_in(element, shape, name)
            case RecordType(), Record():
                self._ask_always(type, shape)
            case PerPartyType(element=element), PerParty(parties=parties):
                for each in parties.values():
                    self._ask_always_in(element, each, name)
            case ((ListType(element=element) | SetType(element=element)), Rows()):
                self._broken.append(self.columns.surely(shape.any(self._breaks(element), self.columns.facts)))
            case _:
                raise Inexpressible(f"`always` lines of `{name}` cannot be asked in SQL")

    def _breaks(self, type: Type) -> Test:
        """Whether an element of a list breaks an `always` line."""

        def test(each: Shape) -> Node:
            assert isinstance(each, Record) and isinstance(type, RecordType)
            outer = self._broken, self._failed
            self._broken, self._failed = [], []
            self._ask_always(type, each)
            broken, failed = self._broken, self._failed
            self._broken, self._failed = outer
            if self.failures.first(failed) is not self.failures.none:
                raise Inexpressible(f"`always` lines of `{type.name}` may fail for an element of a list")
            return self.columns.some(broken)

        return test

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
