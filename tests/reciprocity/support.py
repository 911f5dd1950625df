"""Agreements from text, without files: what a log of events makes of them, and what the linter says of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from comity.analysis.reciprocity import analyse_agreements
from comity.analysis.responses.finder import search_of
from comity.base.diagnostics import Diagnostic
from comity.core.events import EventReader
from comity.core.interpret import Interpreter
from comity.core.standing import Standing
from comity.core.timeline import timeline
from comity.workspace import resources
from tests.core.text import interpreter as program_of

HEAD = """
use std.countries: *

party A = {US, CA}
party B = {RU}

"""


@cache
def countries() -> str:
    return (resources.stdlib() / "countries.comity").read_text(encoding="utf-8")


def load(text: str, head: str = HEAD) -> Interpreter:
    """The program of ``text``; what it declares comes after ``head``."""
    return program_of(head + text, **{"std.countries": countries()})


def event(number: int, day: str, kind: str, party: str | None = None, **more: object) -> dict[str, object]:
    return {"id": f"{number:03}", "date": day, "kind": kind, **({"party": party} if party else {}), **more}


def act(number: int, day: str, party: str, verb: str, record: str, **more: object) -> dict[str, object]:
    """``count`` and ``other`` are the event's, every other keyword a fact."""
    outer = {key: more.pop(key) for key in ("count", "other") if key in more}
    return event(number, day, "act", party, verb=verb, record=record, facts=more, **outer)


class Log:
    """The only agreement of a program under some events."""

    def __init__(
        self, program: Interpreter, events: Iterable[dict[str, object]], until: Any = None, as_if: bool = False
    ) -> None:
        self.agreement = next(iter(program.program.agreements.values()))
        good, problems = EventReader(program, self.agreement).read_all(list(events))
        assert not problems, [str(problem) for problem in problems]
        self.standing = Standing(program, self.agreement, good, as_if)
        self.periods = self.standing.run(until)
        self.states: list[dict[str, Any]] = timeline(program, self.agreement, good, until)  # type: ignore[assignment]

    def at(self, day: str) -> dict[str, Any]:
        """The state on a day; before the first nothing is bound."""
        found: dict[str, Any] = {"bound": [], "breaches": [], "undetermined": []}
        for state in self.states:
            if state["from"] <= day:
                found = state
        return found

    def bound(self, day: str) -> dict[tuple[str, str], str]:
        return {(each["commitment"], each["party"]): each["state"] for each in self.at(day)["bound"]}

    def breaches(self, day: str) -> list[tuple[str, str, str | None]]:
        return [(each["commitment"], each["party"], each["event"]) for each in self.at(day)["breaches"]]

    def undetermined(self, day: str) -> list[tuple[str, str, str | None]]:
        return [(each["commitment"], each["party"], each["event"]) for each in self.at(day)["undetermined"]]


def findings(program: Interpreter) -> Sequence[Diagnostic]:
    return analyse_agreements(program, search_of(program))
