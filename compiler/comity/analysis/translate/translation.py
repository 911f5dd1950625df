"""What the parts of a translator ask of it: `Translator` does it, and imports them, so they cannot import it.

Example: to translate `count(p in parties where p.listed) >= 1`, `totals` asks for the truth of `p.listed` for an
element, and for the order of the number 1 and what the count may be at least.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeAlias

from comity import terms
from comity.analysis.space.axes import DayAxis, FiniteAxis, Stretch
from comity.analysis.space.facts import Facts
from comity.analysis.space.formulas import Formula, Tri
from comity.analysis.space.space import Space
from comity.analysis.space.symbols import Choice, Form, Symbol
from comity.analysis.translate.compare import Comparisons
from comity.core.ast import Program
from comity.core.interpret import Interpreter
from comity.runtime.types import Type
from comity.terms import Term

Env: TypeAlias = Mapping[str, Choice]
"""Locals by name."""


class Translation(Protocol):
    """Terms of a program over the facts of one root, as choices and three-valued truths (`Translator`).

    ``day``: the day as of which is decided. ``findings``: counsel's findings, by the name of the rule that refers.
    """

    interpreter: Interpreter
    program: Program
    space: Space
    facts: Facts
    compare: Comparisons
    day: DayAxis
    findings: dict[str, FiniteAxis]

    def truth(self, term: Term, env: Env) -> Tri: ...
    def value(self, term: Term, env: Env) -> Choice: ...
    def known(self, choice: Choice) -> Formula: ...
    def equal(self, left: Choice, right: Choice, type: Type) -> Tri: ...
    def form(self, symbol: Symbol) -> Form | None: ...
    def with_form(self, symbol: Symbol, step: Callable[[Form], Choice]) -> Choice: ...
    def numbers(self, left: Choice, right: Choice, step: Callable[[Form, Form], Choice]) -> Choice: ...
    def arithmetic(self, operator: str, left: Form, right: Form) -> Choice: ...
    def in_window(self, intervals: Sequence[terms.Interval]) -> Tri: ...
    def stretches(self, intervals: Sequence[terms.Interval]) -> tuple[Stretch, ...]: ...
