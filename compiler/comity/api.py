"""A program as Python sees it: `comity.load(…).decision(…).decide({…})`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from comity.checked import ast as checked
from comity.core import ast as core
from comity.core.agreements import first_day
from comity.core.events import EventReader
from comity.core.interpret import Interpreter
from comity.core.log import Event
from comity.core.responses import Unfolding
from comity.core.standing import Standing
from comity.diagnostics import Diagnostic
from comity.driver import build_one
from comity.linting import lint as lint_paths
from comity.project import UsageError
from comity.runtime import kleene
from comity.runtime.answer import Answer, FactsError, Undetermined

T = TypeVar("T")


def load(path: str | Path = ".") -> Program:
    """The program that ``path`` belongs to: all modules of its project.

    Raises `DiagnosticsError`, with ``.diagnostics``, if it has errors; `UsageError` if the path is no project's.
    """
    return Program(build_one([path]).program)


def lint(path: str | Path = ".") -> list[Diagnostic]:
    """Everything to be said about ``path``, sorted by place. Never raises for what stands in policies."""
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

        ``findings``: counsel's findings by rule, beside those in ``facts``. Raises `FactsError` for facts that do
        not fit, `GapError` and `ContradictionError` where the rules certainly give no answer.
        """
        return self.answer({**facts, "findings": findings} if findings else facts, as_of).or_raise()

    def answer(self, facts: object, as_of: date | str | None = None) -> Answer:
        """As `decide`, but a certain gap or contradiction is an answer too, with its ``error``."""
        day = date.fromisoformat(as_of) if isinstance(as_of, str) else as_of
        return self.program.interpreter.decide_json(self.core.qname, facts, day)


class Agreement:
    """One agreement of a program: what its commitments forbid, and what binds whom when.

    An act is an object `{"verb": "conduct", "party": "RUSSIA", "date": "2022-02-10", "act": {…facts…}}`, with
    ``record`` where several records have the verb and ``other`` where it concerns one party only. Every question is
    answered true or false, or raises `Undetermined` where facts are missing.
    """

    def __init__(self, program: Program, agreement: checked.Agreement) -> None:
        self.program = program
        self.core = agreement
        self._reader = EventReader(program.core, agreement)

    @property
    def name(self) -> str:
        return self.core.name

    def breaches(self, act: Mapping[str, object], party: str | None = None) -> bool:
        """Does the act (by ``party``, if given) breach a commitment, everyone having accepted?"""
        standing = self._judged(act, party)
        if standing.breaches:
            return True
        if standing.undetermined:
            doubtful = ", ".join(sorted({breach.commitment for breach in standing.undetermined}))
            raise Undetermined(f"facts are missing to say whether the act breaches {doubtful}")
        return False

    def breached(self, act: Mapping[str, object], party: str | None = None) -> tuple[str, ...]:
        """The commitments that the act certainly breaches, by name."""
        return tuple(dict.fromkeys(breach.commitment for breach in self._judged(act, party).breaches))

    def permitted(self, act: Mapping[str, object], party: str) -> bool:
        """May ``party`` do this?"""
        return not self.breaches(act, party)

    def in_force(self, commitment: str, day: date | str, events: Iterable[object] = ()) -> bool:
        """Does a commitment bind anyone on a day, by what has happened until then (events as for `comity monitor`)?"""
        when = date.fromisoformat(day) if isinstance(day, str) else day
        if commitment not in self._reader.commitments:
            raise UsageError(f"`{self.name}` has no commitment `{commitment}`")
        standing = Standing(self.program.interpreter, self.core, _read(self._reader, events))
        standing.run(when)
        states = zip(standing.clauses, standing.position(when), strict=True)
        truth = kleene.any_of(state.effective for clause, state in states if clause.name == commitment)
        if truth is None:
            raise Undetermined(f"facts are missing to say whether `{commitment}` binds on {when}")
        return truth

    def _judged(self, act: Mapping[str, object], party: str | None) -> Standing:
        event = {key: value for key, value in act.items() if key != "act"}
        event |= {"id": "act", "kind": "act", "facts": act.get("act", act.get("facts", {}))}
        event.setdefault("date", first_day(self.program.core, self.core))
        if party is not None:
            event["party"] = party
        standing = Standing(self.program.interpreter, self.core, _read(self._reader, [event]), as_if=True)
        standing.run()
        return standing


class Response:
    """One response of a program: what it imposes after the events that trigger it."""

    def __init__(self, program: Program, response: checked.Response) -> None:
        self.program = program
        self.core = response
        self._reader = EventReader(program.core, response)

    @property
    def name(self) -> str:
        return self.core.name

    def measures(
        self, day: date | str, events: Iterable[object], facts: Mapping[str, object] | None = None
    ) -> list[dict[str, str]]:
        """What is imposed on a day: objects with ``measure``, ``sector``, ``member``.

        With ``facts`` of an export, only what catches it. Raises `Undetermined` where facts are missing to say.
        """
        when = date.fromisoformat(day) if isinstance(day, str) else day
        export = None
        if facts is not None and self.core.record is not None:
            decoded = self.program.interpreter.decoder(self.core.record)(facts).value
            assert isinstance(decoded, Mapping)
            export = decoded
        unfolding = Unfolding(self.program.interpreter, self.core, _read(self._reader, events))
        imposed = unfolding.imposed(when, export)
        doubtful = [each for each in imposed if each.truth is None]
        if doubtful or unfolding.undetermined:
            raise Undetermined(f"facts are missing to say what `{self.name}` imposes on {when}")
        return [{"measure": each.measure, "sector": each.sector, "member": each.member} for each in imposed]


def _read(reader: EventReader, events: Iterable[object]) -> list[Event]:
    good, problems = reader.read_all(events)
    if problems:
        raise FactsError(problems)
    return good


def find(kind: str, name: str, known: Mapping[str, T]) -> T:
    """The thing called ``name``, by itself or qualified by its module. Raises UsageError with what might be meant."""
    if name in known:
        return known[name]
    fitting = [qname for qname in known if qname.endswith(f".{name}")]
    if len(fitting) == 1:
        return known[fitting[0]]
    if fitting:
        raise UsageError(f"several modules have a {kind} `{name}`: write {' or '.join(fitting)}")
    if not known:
        raise UsageError(f"there is no {kind} `{name}`: the program has no {kind}s")
    near = get_close_matches(name, [qname.rpartition(".")[2] for qname in known], 1)
    hint = f"did you mean `{near[0]}`?" if near else f"there is {', '.join(known)}"
    raise UsageError(f"there is no {kind} `{name}`; {hint}")
