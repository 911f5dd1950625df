"""What a lint rule is shown, and what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from comity.checked import ast as checked
from comity.config import Config
from comity.core import ast as core
from comity.core.interpret import Interpreter
from comity.diagnostics import Diagnostic
from comity.source import Span


@dataclass(frozen=True)
class Context:
    """A program under lint.

    ``modules``: those to speak of, without those that have errors. ``core`` is None while the program has
    errors anywhere: rules that judge the whole program are not run then. ``root``: display path of the project.
    """

    program: checked.Program
    core: core.Program | None
    modules: tuple[checked.Module, ...]
    config: Config
    root: str = "."

    @cached_property
    def proved(self) -> Mapping[str, Sequence[Diagnostic]]:
        """What the analysis found in the whole program, by code. Only for rules that need a sound program."""
        from comity.analysis import analyse
        from comity.analysis.reciprocity import analyse_agreements
        from comity.analysis.responses import analyse_responses
        from comity.analysis.search import search_of

        assert self.core is not None
        interpreter = Interpreter(self.core)
        search = search_of(interpreter)
        found: dict[str, list[Diagnostic]] = {}
        for d in (
            *analyse(self.core),
            *analyse_agreements(interpreter, search),
            *analyse_responses(interpreter, search),
        ):
            found.setdefault(d.code, []).append(d)
        return found


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a rule found. ``details``: further fields of a diagnostic (`related`, `subjects`, `help`, `fix`)."""

    message: str
    span: Span
    details: Mapping[str, object] = field(default_factory=dict)
