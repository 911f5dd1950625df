"""An input that no rule or case decides.

A decision without `otherwise` promises that its rules cover everything, and so do cases without one. The witness is
facts that nothing covers.

Fires on:

    decision review for Export:  # L207
        outcomes:
            denial
            approval

    rule refuse for review:
        when destination in EMBARGOED
        then denial

    rule approve for review:
        when destination in NATO
        then approval

Quiet on:

    decision review for Export:
        outcomes:
            denial
            approval

    rule refuse for review:
        when destination in EMBARGOED
        then denial

    rule approve for review:
        when destination not in EMBARGOED
        then approval
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from comity.analysis.decision.deduction import Deduction
from comity.analysis.decision.extents import Standing
from comity.analysis.decision.search import DecisionSearch, Settle, Verdict
from comity.analysis.decision.study import Witness
from comity.analysis.questions.change import Change
from comity.analysis.questions.question import DecisionQuestion, DefinitionQuestion
from comity.analysis.questions.solve import find, first, remaining, saying
from comity.analysis.space.boxes import Box
from comity.analysis.space.formulas import FALSE
from comity.runtime.errors import GapError


class Gap(DecisionQuestion[str]):
    """Is there an input on which no rule says anything? Asked of a decision without `otherwise`."""

    code = "L207"
    words = "inputs that no rule decides"

    def subjects(self) -> Iterable[str]:
        return (self.model.name,) if self.model.decision.otherwise is None else ()

    def ask(self, subject: str) -> None:
        model, decision = self.model, self.model.decision
        found = model.settle(
            lambda: model.study.shown_by(lambda: undecided_input(model.search, facts=True)),
            f"whether the rules of `{decision.name}` cover every input",
        )
        if isinstance(found, Witness):
            self.report_shown(
                f"no rule of `{decision.name}` decides this input",
                decision.span,
                (decision.name,),
                found,
                lambda answer: answer.error == "gap",
                "gap",
                days=model.days(lambda within: undecided_input(model.search, [within])),
                help="add a rule that covers it, or an `otherwise`",
            )

    def to_ask_again(self, change: Change) -> Iterable[str]:
        """Where there was no gap, one can only be where rules have moved."""
        if not change.moved:
            return ()
        return [name for name in self.subjects() if self.found(name) or change.finds(self._is_open_in)]

    def _is_open_in(self, boxes: Sequence[Box]) -> bool:
        return undecided_input(self.model.search, boxes) is not None


class CaseGap(DefinitionQuestion):
    """Is there an input that no case covers? Asked of cases without `otherwise`."""

    code = "L207"
    words = "inputs that no case covers"

    def applies(self) -> bool:
        return self.model.cases is not None and self.model.cases.gap is not FALSE

    def ask(self, subject: str) -> None:
        model = self.model
        assert model.cases is not None, "it applies"
        found = model.find(model.cases.gap, "whether the cases cover every input")
        if found is not None:
            self.report_raised(
                f"no case of `{model.define.name}` holds for this input",
                model.define.span,
                found,
                GapError,
                days=model.days(model.cases.gap),
                help="add a case, or an `otherwise`",
            )


QUESTIONS = (Gap, CaseGap)


def undecided_input(search: DecisionSearch, regions: Sequence[Box] = ({},), facts: bool = False) -> Witness | None:
    """Holds iff on some input in ``regions`` certainly no rule says anything, and there is no `otherwise` (L207)."""
    if search.ruleset.otherwise is not None:
        return None
    says = saying(search)

    def judge(standing: Standing) -> Verdict:
        remains, may_remain = remaining(search, standing)
        if not may_remain & says:
            return True
        if remains & says:
            return False
        if standing.open:
            return Settle(first(standing.open & says or standing.open))
        return search.resolve(standing).error == "gap"

    def pose(deduction: Deduction) -> None:
        deduction.always(deduction.whole, lambda gates, said: said[None] ^ 1)

    return find(search, regions, judge, -1, facts, pose)
