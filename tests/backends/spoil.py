"""What evaluators say to facts that may be bad: the interpreter and the built package, held to each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from comity.core.interpret import Interpreter


@dataclass(frozen=True, slots=True)
class Both:
    """An interpreter and the package of the same program."""

    interpreter: Interpreter
    package: Any

    def say(self, decision: str, facts: object, as_of: date | None = None) -> Mapping[str, Any]:
        """What both say: the answer as JSON, or ``{"problems": [each as text]}``; it must be the same."""
        by_interpreter = _said(lambda: self.interpreter.decide_json(decision, facts, as_of))
        module = getattr(self.package, decision.rpartition(".")[2])
        by_package = _said(lambda: module.answer(facts, as_of=as_of))
        assert by_package == by_interpreter
        return by_interpreter


def _said(ask: Any) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = ask().to_json()
    except Exception as error:
        if type(error).__name__ != "FactsError":
            raise
        return {"problems": [str(problem) for problem in error.problems]}  # type: ignore[attr-defined]
    return answer
