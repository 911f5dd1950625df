"""What a lint rule is shown, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from functools import cached_property
from typing import TypeAlias, TypeVar

from comity.base.diagnostics import Diagnostic
from comity.base.source import Span
from comity.base.watching import doing
from comity.checked import ast as checked
from comity.core import ast as core
from comity.core.interpret import Interpreter
from comity.runtime.light import dataclass
from comity.workspace.config import Config

T = TypeVar("T")
Item = TypeVar("Item")
Key: TypeAlias = tuple[str | int, ...]
Prove: TypeAlias = Callable[[core.Program, frozenset[str] | None], Sequence[Diagnostic]]


@dataclass(frozen=True, slots=True)
class Proved:
    """What the parts of the analysis found."""

    logic: Sequence[Diagnostic]
    agreements: Sequence[Diagnostic]
    responses: Sequence[Diagnostic]


@dataclass(frozen=True)
class Context:
    """A program under lint.

    ``modules``: those to speak of, without those that have errors. ``core`` is None while the program has
    errors anywhere: rules that judge the whole program are not run then. ``root``: display path of the project.
    ``codes``: those that are asked for (None: all), so that no proof is attempted that nobody wants.
    ``known``: what the analyses have found already, by the part of the analysis.
    """

    program: checked.Program
    core: core.Program | None
    modules: tuple[checked.Module, ...]
    config: Config
    root: str = "."
    codes: frozenset[str] | None = None
    known: Proved | None = None
    prove: Prove | None = None
    """What finds the L-findings of the program, if not `analyse`."""
    memory: dict[Key, tuple[object, object]] = field(default_factory=dict)
    """What `remember` keeps: by key, the thing looked at and what was found."""

    def remember(self, key: Key, about: Item, find: Callable[[Item], T]) -> T:
        """What ``find`` finds about a thing, which a session keeps as long as it is the same object.

        It may depend on that thing, and on declarations other than rules. ``key``: a code, and what names the thing.
        """
        kept = self.memory.get(key)
        if kept is None or kept[0] is not about:
            kept = self.memory[key] = about, find(about)
        return kept[1]  # type: ignore[return-value]

    def proved(self, code: str) -> Sequence[Diagnostic]:
        """What the analysis found of a code in the whole program. Only for rules that need a sound program.

        Only L-codes come from every analysis, so R- and S-codes do not wait for the proofs about decisions.
        """
        found: Iterable[Diagnostic]
        match code[0]:
            case "R":
                found = self.agreements
            case "S":
                found = self.responses
            case _:
                return self._of_all.get(code, ())
        return [each for each in found if each.code == code]

    @cached_property
    def _of_all(self) -> dict[str, list[Diagnostic]]:
        found: dict[str, list[Diagnostic]] = {}
        for families, part in (("L", "_logic"), ("LR", "agreements"), ("LS", "responses")):
            if self.asks_any(families):
                for each in getattr(self, part):
                    found.setdefault(each.code, []).append(each)
        return found

    def asks_any(self, families: str) -> bool:
        """Whether codes of one of the families are asked for."""
        return self.codes is None or any(code[0] in families for code in self.codes)

    @cached_property
    def _interpreter(self) -> Interpreter:
        assert self.core is not None
        return Interpreter(self.core)

    @cached_property
    def _logic(self) -> Sequence[Diagnostic]:
        if self.known is not None:
            return self.known.logic
        from comity.analysis import analyse

        doing("proving what holds of every decision")
        return (self.prove or analyse)(self._interpreter.program, self.codes)

    @cached_property
    def agreements(self) -> Sequence[Diagnostic]:
        if self.known is not None:
            return self.known.agreements
        if self.core is None or not self.core.agreements:
            return ()
        from comity.analysis.reciprocity import analyse_agreements
        from comity.analysis.responses.finder import search_of

        doing("comparing what agreements bind their parties to")
        return analyse_agreements(self._interpreter, search_of(self._interpreter), self.codes)

    @cached_property
    def responses(self) -> Sequence[Diagnostic]:
        if self.known is not None:
            return self.known.responses
        if self.core is None or not self.core.responses:
            return ()
        from comity.analysis.responses.checks import analyse_responses
        from comity.analysis.responses.finder import search_of

        doing("following responses day by day")
        return analyse_responses(self._interpreter, search_of(self._interpreter), self.codes)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a rule found. ``details``: further fields of a diagnostic (`related`, `subjects`, `help`, `fix`)."""

    message: str
    span: Span
    details: Mapping[str, object] = field(default_factory=dict)
