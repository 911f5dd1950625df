"""Rules as declared: a family of rules is one rule here, and one finding.

For example, `rule tier for each row in tiers` is declared once and becomes one core rule per row of the table; it
"never applies" if none of these does. What is known of a `Unit` comes from the tests of the policy, from a point or
two in its boxes (`evidence.py`), and from the questions L202, L203 and L204.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from comity.analysis.decision.extents import Mask
from comity.analysis.decision.test_inputs import TestInput
from comity.analysis.space.boxes import Box
from comity.base.source import Span
from comity.core.ast import Rule
from comity.runtime.rules import mask_of

SILENT = ("L202", "L203", "L211")
"""Flaws of a rule that leave nothing to say about its clauses."""


@dataclass(eq=False)
class Unit:
    """A rule as declared: one rule, or a family."""

    rules: list[Rule]
    applies: bool = False
    decides: bool = False
    matters: bool = False
    flaw: str | None = None
    """The first of L211, L202, L203, L204 that holds of it."""
    is_open: bool = False
    """One of them is left open, so that those after it are not asked."""
    regions: list[Box] = field(default_factory=list)
    """Where it is seen that it applies, decides and matters, each somewhere in them if not on ``tests``."""
    tests: list[TestInput] = field(default_factory=list)
    learnt: list[Box] = field(default_factory=list)
    """What was found out to be impossible meanwhile."""
    relies_on: Mask | None = None
    """If it is redundant, the only rules that this depends on; None if they are not known."""

    def begin(self) -> None:
        """Forget what is known of it."""
        self.applies = self.decides = self.matters = False
        self.flaw, self.is_open = None, False
        self.regions, self.tests, self.learnt = [], [], []
        self.relies_on = None

    def lacks(self, applies: bool, decides: bool, matters: bool) -> bool:
        """Something of that is not known of it yet."""
        return (applies and not self.applies) or (decides and not self.decides) or (matters and not self.matters)

    def learn(self, applies: bool, decides: bool, matters: bool, where: Box | TestInput) -> None:
        """What is seen at a place."""
        new = self.lacks(applies, decides, matters)
        if new and isinstance(where, TestInput):
            self.tests.append(where)
        elif new and not isinstance(where, TestInput):
            self.regions.append(where)
        self.applies, self.decides, self.matters = (
            self.applies or applies,
            self.decides or decides,
            self.matters or matters,
        )

    @property
    def state(self) -> tuple[str | None, bool]:
        """Its flaw, and whether one is left open: what other questions about it depend on."""
        return self.flaw, self.is_open

    @property
    def is_silent(self) -> bool:
        """Its clauses are not asked about: it has a flaw that says enough, or whether it has is left open, which is
        said of it.
        """
        return self.is_open or self.flaw in SILENT

    @property
    def name(self) -> str:
        return self.rules[0].family

    @property
    def span(self) -> Span:
        return self.rules[0].span

    @cached_property
    def mask(self) -> Mask:
        return mask_of(rule.number for rule in self.rules)

    @property
    def says(self) -> bool:
        """It has an outcome, or may have any."""
        return self.rules[0].outcome is not None or self.rules[0].refer is not None
