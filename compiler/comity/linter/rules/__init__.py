"""The lint rules in the order in which they run. A rule is one file; its docstring is its page.

A house rule's file has a function `check`. The files of the other families are pages: the analysis finds all of their
codes in one go. Where such findings can be fixed, the file has a function `fix`, which makes the `Fix` of one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from types import ModuleType

from comity.base.diagnostics import CODES, Diagnostic, Fix, diagnostic
from comity.linter.context import Context
from comity.linter.rules.house import (
    coarser_code,
    expired,
    malformed_citation,
    missing_citation,
    missing_doc,
    naming,
    permissive_default,
    stale_source,
    unread_field,
    untested_rule,
    unused,
)
from comity.linter.rules.logic import (
    contradiction,
    date_gap,
    dead_exception,
    empty_window,
    gap,
    idle_condition,
    never_applies,
    never_decides,
    outcome_never_given,
    overlapping_cases,
    overreach,
    redundant_rule,
    refuted_proof,
    undecided,
)
from comity.linter.rules.reciprocity import (
    asymmetric_mirror,
    deontic_conflict,
    improper_remedy,
    mutual_wait,
    not_decided,
    one_sided,
    over_allotted,
    own_judge,
    red_line_crossed,
    third_party,
    vacuous_reciprocity,
)
from comity.linter.rules.responses import coalition_gap, lets_up, never_triggered, starts_low


@dataclass(frozen=True, slots=True)
class Rule:
    """One lint rule: the module with its page, and, for house rules, what finds it.

    ``whole``: it judges the program as a whole, and is not run while there are errors anywhere, for what it sees
    would not be the program. ``opt_in``: it is run only where its code is selected by name. ``local``: what it says of
    a module follows from the text of that module (``by_references``: from what is used where, too).
    """

    code: str
    module: ModuleType

    @property
    def whole(self) -> bool:
        return getattr(self.module, "WHOLE", self.is_proved)

    @property
    def opt_in(self) -> bool:
        return getattr(self.module, "OPT_IN", False)

    @property
    def local(self) -> bool:
        return getattr(self.module, "LOCAL", False)

    @property
    def by_references(self) -> bool:
        return getattr(self.module, "BY_REFERENCES", False)

    @property
    def is_proved(self) -> bool:
        """It is found by the analysis."""
        return not hasattr(self.module, "check")

    def find(self, context: Context) -> Iterator[Diagnostic]:
        """Everything the rule has to say, about whatever file."""
        if self.is_proved:
            fix: Callable[[Context, Diagnostic], Fix | None] | None = getattr(self.module, "fix", None)
            for d in context.proved(self.code):
                yield d if fix is None else replace(d, fix=fix(context, d))
            return
        for finding in self.module.check(context):
            yield diagnostic(self.code, finding.message, finding.span, **finding.details)


def _rule(module: ModuleType) -> Rule:
    """The rule of a module; its file is called after the code's name."""
    name = module.__name__.rpartition(".")[2].replace("_", "-")
    return Rule(next(code.code for code in CODES.values() if code.name == name), module)


RULES: tuple[Rule, ...] = tuple(
    _rule(module)
    for module in (
        undecided,
        contradiction,
        never_applies,
        never_decides,
        redundant_rule,
        dead_exception,
        overlapping_cases,
        gap,
        idle_condition,
        outcome_never_given,
        refuted_proof,
        empty_window,
        overreach,
        date_gap,
        asymmetric_mirror,
        vacuous_reciprocity,
        red_line_crossed,
        deontic_conflict,
        mutual_wait,
        one_sided,
        not_decided,
        improper_remedy,
        over_allotted,
        own_judge,
        third_party,
        starts_low,
        lets_up,
        coalition_gap,
        never_triggered,
        missing_citation,
        missing_doc,
        unused,
        naming,
        untested_rule,
        expired,
        malformed_citation,
        stale_source,
        unread_field,
        permissive_default,
        coarser_code,
    )
)
