"""Comity: policy-as-code for export controls and reciprocity.

    import comity

    program = comity.load("policies/ear")
    answer = program.decision("licensing").decide({"item": {…}, "destination": "RU", "date": "2022-03-01"})

Names are imported as they are used, so that `import comity` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from comity._version import __version__ as __version__

if TYPE_CHECKING:
    from comity.api import Decision, Program, lint, load
    from comity.base.diagnostics import Diagnostic, DiagnosticsError
    from comity.pipeline.session import Session
    from comity.runtime.answer import Answer
    from comity.runtime.errors import ContradictionError, FactsError, GapError, PolicyError, Undetermined
    from comity.workspace.project import UsageError

_PLACES = {
    "Answer": "comity.runtime.answer",
    "ContradictionError": "comity.runtime.errors",
    "Decision": "comity.api",
    "Diagnostic": "comity.base.diagnostics",
    "DiagnosticsError": "comity.base.diagnostics",
    "FactsError": "comity.runtime.errors",
    "GapError": "comity.runtime.errors",
    "PolicyError": "comity.runtime.errors",
    "Program": "comity.api",
    "Session": "comity.pipeline.session",
    "Undetermined": "comity.runtime.errors",
    "UsageError": "comity.workspace.project",
    "lint": "comity.api",
    "load": "comity.api",
}

__all__ = [
    "Answer",
    "ContradictionError",
    "Decision",
    "Diagnostic",
    "DiagnosticsError",
    "FactsError",
    "GapError",
    "PolicyError",
    "Program",
    "Session",
    "Undetermined",
    "UsageError",
    "lint",
    "load",
]


def __getattr__(name: str) -> object:
    if name not in _PLACES:
        raise AttributeError(f"module `comity` has no attribute `{name}`")
    value = getattr(import_module(_PLACES[name]), name)
    globals()[name] = value
    return value
