"""A program as Python sees it: `comity.load(…).decision(…).decide({…})`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

from comity.base.diagnostics import Diagnostic
from comity.core import ast as core
from comity.core.interpret import Interpreter
from comity.core.predicates import AgreementPredicates, ResponsePredicates
from comity.pipeline.linting import lint as lint_paths
from comity.pipeline.programs import find
from comity.runtime.answer import Answer
from comity.runtime.facts import read_day
from comity.workspace.project import UsageError

if TYPE_CHECKING:
    from comity.backends.batch import Answers, BatchDecision


def load(path: str | Path = ".") -> Program:
    """The program that ``path`` belongs to: all modules of its project.

    Raises `DiagnosticsError`, with ``.diagnostics``, if it has errors; `UsageError` if the path is not a project's.
    """
    from comity.pipeline.driver import build_one  # all passes; what is read from the cache needs none of them

    return Program(build_one([path]).program)


def lint(path: str | Path = ".") -> list[Diagnostic]:
    """Everything to be said about ``path``, sorted by place. Never raises for what policies say."""
    return list(lint_paths([path]).diagnostics)


class Program:
    """A checked program, ready to decide. ``core`` is its tree."""

    def __init__(self, program: core.Program) -> None:
        self.core = program

    @cached_property
    def interpreter(self) -> Interpreter:
        return Interpreter(self.core)

    def decision(self, name: str) -> Decision:
        """A decision by name, or by ``module.name`` where two modules have one of that name. Raises UsageError."""
        return Decision(self, find("decision", name, self.core.decisions))

    def agreement(self, name: str) -> Agreement:
        """An agreement by name, qualified where two modules have one of that name. Raises UsageError."""
        return Agreement(self, find("agreement", name, self.core.agreements))

    def response(self, name: str) -> Response:
        """A response by name, qualified where two modules have one of that name. Raises UsageError."""
        return Response(self, find("response", name, self.core.responses))


class Decision:
    """One decision of a program."""

    def __init__(self, program: Program, decision: core.Decision) -> None:
        self.program = program
        self.core = decision

    @property
    def name(self) -> str:
        return self.core.name

    def decide(
        self,
        facts: Mapping[str, object],
        as_of: date | str | None = None,
        findings: Mapping[str, bool | str] | None = None,
    ) -> Answer:
        """The answer to ``facts`` (as in JSON), read at ``as_of`` instead of the day they name.

        ``findings``: counsel's findings by rule; they go before those in ``facts``. Raises `FactsError` for facts that
        do not fit, `GapError` and `ContradictionError` where the rules certainly give no answer.
        """
        return self.answer(facts, as_of, findings).or_raise()

    def answer(
        self, facts: object, as_of: date | str | None = None, findings: Mapping[str, bool | str] | None = None
    ) -> Answer:
        """As `decide`, but a certain gap or contradiction is an answer too, with its ``error``."""
        day = read_day(as_of, "as_of")
        return self.program.interpreter.decide_json(self.core.qname, facts, day, findings=findings)

    def sql(
        self,
        dialect: str = "duckdb",
        table: str = "facts",
        key: str | Sequence[str] = "id",
        findings: bool | Sequence[str] = False,
        as_of: date | str | None = None,
        columns: Sequence[str] = ("outcome", "status", "possible"),
    ) -> str:
        """A SELECT that decides every row of ``table``: its ``key`` columns and ``columns``, which may be `outcome`,
        `status`, `possible` and `rules`.

        ``findings``: whether the table has a column for each question to counsel, or the questions it has one for.
        ``as_of``: decide as of that day instead of each row's. Needs `comity[sql]`. Raises `UsageError` for what the
        dialect cannot say, with the clause.
        """
        backend, program, day = sql_backend(), self.program.core, read_day(as_of, "as_of")
        asked = backend.questions_of(program, self.core) if findings is True else findings or ()
        keys = (key,) if isinstance(key, str) else tuple(key)
        try:
            name = self.core.qname
            text: str = backend.statement(program, name, dialect, table, keys, tuple(asked), day, tuple(columns))
        except backend.Inexpressible as error:
            raise UsageError(str(error)) from None
        return text

    def sql_table(
        self,
        dialect: str = "duckdb",
        table: str = "facts",
        key: str | Sequence[str] = "id",
        findings: bool | Sequence[str] = False,
    ) -> str:
        """The CREATE TABLE of the facts that `sql` reads. Raises as `sql` does."""
        backend, program = sql_backend(), self.program.core
        asked = backend.questions_of(program, self.core) if findings is True else findings or ()
        keys = (key,) if isinstance(key, str) else tuple(key)
        try:
            text: str = backend.table_statement(program, self.core, dialect, table, keys, tuple(asked))
        except backend.Inexpressible as error:
            raise UsageError(str(error)) from None
        return text

    def schema(self, of: Literal["facts", "answer"] = "facts") -> dict[str, object]:
        """The JSON Schema (draft 2020-12) of the facts that `decide` reads, or of `Answer.to_dict`.

        Facts that `decide` accepts are valid by it. Some that it refuses are valid too, such as those that break an
        `always` line.
        """
        from comity.backends.schema import answer_schema, facts_schema

        if of == "answer":
            return answer_schema(self.program.core, self.core)
        return facts_schema(self.program.interpreter, self.core)

    @cached_property
    def batch(self) -> BatchDecision:
        """The decision made ready for tables; it keeps what it has worked out of the values it met."""
        from comity.backends.batch import BatchDecision

        return BatchDecision(self.program.interpreter, self.core.qname)

    def decide_batch(
        self,
        table: object,
        *,
        as_of: date | str | None = None,
        explain: bool = False,
        progress: Callable[[int, int], object] | None = None,
        keep: Collection[str] = (),
        units: Mapping[str, str] | None = None,
    ) -> Answers:
        """What the decision says of every row of a table, as columns; needs NumPy (`pip install comity[batch]`).

        ``table``: a mapping of columns (NumPy or Arrow arrays, lists), an Arrow table, a frame of pandas or Polars, or
        a list of facts as in JSON. Columns are fields; `item.eccn` is a field of a record; null is unknown. ``as_of``
        replaces the day in the table. ``progress`` is called with the numbers of rows decided and to decide.
        ``keep``: columns that need not be facts; one that is a fact is read as well. ``units``: by column of plain
        numbers, the unit that each number has, as in ``{"value": "USD", "us_content": "%"}``.

        ``explain`` adds the columns `needs`, `rules`, `citations`, `grounds`, `defaults` and `relied_on_unknown`; each
        row is then decided by itself. A row whose facts do not fit has the status "refused" and its reason. Raises
        FactsError only for columns that the record does not have, for names in ``keep`` that the answers have, and for
        what is not a table.
        """
        return self.batch.decide(table, as_of, explain, progress, keep, units)

    def spark(
        self,
        frame: object,
        *,
        as_of: date | str | None = None,
        explain: bool = False,
        keep: Collection[str] = (),
        units: Mapping[str, str] | None = None,
    ) -> Any:
        """What the decision says of every row of a frame of Spark, as a frame; needs `comity[spark]`.

        As `decide_batch`, each partition where it is. The frame has the columns of ``keep``, then
        `outcome`, `status`, `possible` and `reason`.
        """
        from comity.backends.spark import decided

        day = read_day(as_of, "as_of")
        return decided(self.program.core, self.core.qname, frame, day, explain, keep, units)


class Agreement(AgreementPredicates):
    """One agreement of a program: what its commitments forbid, and what binds whom when."""

    def __init__(self, program: Program, agreement: core.Agreement) -> None:
        super().__init__(program.interpreter, agreement)
        self.program = program
        self.core = agreement

    @property
    def name(self) -> str:
        return self.core.name


class Response(ResponsePredicates):
    """One response of a program: what it imposes after the events that trigger it."""

    def __init__(self, program: Program, response: core.Response) -> None:
        super().__init__(program.interpreter, response)
        self.program = program
        self.core = response

    @property
    def name(self) -> str:
        return self.core.name


def sql_backend() -> ModuleType:
    """The backend that writes SQL; raises UsageError where sqlglot is not installed."""
    try:
        from comity.backends.sql import package
    except ModuleNotFoundError as error:
        if error.name != "sqlglot":
            raise
        raise UsageError("SQL is written with sqlglot: `pip install comity[sql]`") from None
    return package
