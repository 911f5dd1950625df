"""What a lint rule is, what it is shown, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from comity.checked import ast as checked
from comity.config import Config
from comity.core import ast as core
from comity.diagnostics import Diagnostic, diagnostic
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


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a rule found. ``details``: further fields of a diagnostic (`related`, `subjects`, `help`, `fix`)."""

    message: str
    span: Span
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """One lint rule: its code and what finds it. ``whole``: it judges the program as a whole.

    Such a rule is not run while there are errors anywhere, for what it sees would not be the program.
    """

    code: str
    check: Callable[[Context], Iterator[Finding]]
    whole: bool = False

    def diagnostics(self, context: Context) -> Iterator[Diagnostic]:
        for finding in self.check(context):
            yield diagnostic(self.code, finding.message, finding.span, **finding.details)
