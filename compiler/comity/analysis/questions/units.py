"""What the checks of one decision are about: rules as declared, proofs, tests; and which of them are asked for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from comity.analysis.decision.search import Mask
from comity.analysis.decision.test_inputs import Specimen
from comity.analysis.space.boxes import Box
from comity.analysis.space.formulas import Formula, Tri
from comity.base.source import Span
from comity.checked.ast import Prove
from comity.core.ast import Rule
from comity.runtime.rules import mask_of

Asked: TypeAlias = frozenset[str]
"""The codes whose questions are asked."""

RESTS_ON = {
    "L203": ("L202",),
    "L204": ("L202", "L203"),
    "L205": ("L202", "L203"),
    "L208": ("L202",),
    "L212": ("L202", "L203", "L204"),
}
"""What must be known before a code is reported: one finding per cause."""


def questions_for(codes: Collection[str] | None) -> Asked:
    """The codes whose questions must be asked to report ``codes`` (None: all there are)."""
    if codes is None:
        codes = [f"L{number}" for number in range(200, 214)]
    return frozenset(code for each in codes for code in (each, *RESTS_ON.get(each, ())))


@dataclass(eq=False)
class Unit:
    """A rule as declared: one rule, or a family."""

    rules: list[Rule]
    applies: bool = False
    decides: bool = False
    matters: bool = False
    flaw: str | None = None
    """The first of L211, L202, L203, L204 that holds of it."""
    regions: list[Box] = field(default_factory=list)
    """Where it is seen that it applies, decides and matters, each somewhere in them if not on ``tests``."""
    tests: list[Specimen] = field(default_factory=list)
    relies_on: Mask | None = None
    """If it is redundant, rules of which that depends on none but these; None if they are not known."""

    def begin(self) -> None:
        """Nothing is known of it."""
        self.applies = self.decides = self.matters = False
        self.flaw = None
        self.regions, self.tests = [], []
        self.relies_on = None

    def lacks(self, applies: bool, decides: bool, matters: bool) -> bool:
        """Something of that is not known of it yet."""
        return (applies and not self.applies) or (decides and not self.decides) or (matters and not self.matters)

    def learn(self, applies: bool, decides: bool, matters: bool, where: Box | Specimen) -> None:
        """What is seen at a place."""
        new = self.lacks(applies, decides, matters)
        if new and isinstance(where, Specimen):
            self.tests.append(where)
        elif new and not isinstance(where, Specimen):
            self.regions.append(where)
        self.applies, self.decides, self.matters = (
            self.applies or applies,
            self.decides or decides,
            self.matters or matters,
        )

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


@dataclass(frozen=True, slots=True)
class Proof:
    """A `prove`, translated: where `given` holds, and for each outcome where `then` holds."""

    prove: Prove
    given: Formula
    then: dict[str, Tri]
