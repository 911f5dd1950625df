"""An outcome that no input leads to.

It is listed, and users will prepare for it, but it is never the determined answer.

Fires on:

    decision review for Export:  # L209
        outcomes:
            denial
            case_by_case
            approval
        otherwise approval

    rule refuse for review:
        when destination in EMBARGOED
        then denial

Quiet on:

    decision review for Export:
        outcomes:
            denial
            approval
        otherwise approval

    rule refuse for review:
        when destination in EMBARGOED
        then denial
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from comity.analysis.decision.study import Witness
from comity.analysis.questions.change import Change
from comity.analysis.questions.moving import Moved
from comity.analysis.questions.outcomes import given
from comity.analysis.questions.question import LocatedQuestion
from comity.analysis.space.boxes import Box, disjoint


class OutcomeNeverGiven(LocatedQuestion[str]):
    """Is an outcome the determined answer to some input?"""

    code = "L209"
    words = "whether {} is ever given"

    def subjects(self) -> Iterable[str]:
        return self.model.decision.outcomes.members

    def ask(self, subject: str) -> None:
        search, decision = self.model.search, self.model.decision
        self.where.pop(subject, None)
        if self._is_shown(subject):
            return
        region = self.model.shown_by_moved(self._regions(subject), partial(self._is_answer, subject))
        if region is not None:
            self.where[subject] = region
            return
        found = self.model.settle(
            partial(given, search, subject, self._regions(subject)), f"whether `{subject}` is ever given"
        )
        if isinstance(found, Witness):
            self.where[subject] = found.region
        elif found is None:
            self.report(
                f"no input of `{decision.name}` leads to `{subject}`",
                decision.span,
                (decision.name, subject),
                help="add the rule that gives it, or remove the outcome",
            )

    def _is_answer(self, outcome: str, moved: Moved) -> bool:
        return self.model.search.resolve_at(*moved.standing).outcome == outcome

    def _regions(self, outcome: str) -> list[Box]:
        """Where a rule gives the outcome, or may; everywhere for `otherwise`."""
        search, decision = self.model.search, self.model.decision
        regions: list[Box] = [{}] if search.is_tangled else []
        for rule in () if search.is_tangled else decision.rules:
            if rule.outcome == outcome or (rule.outcome is None and rule.refer is not None):
                regions += search.extents[rule.number].true
        if outcome == decision.otherwise:
            regions.append({})
        return regions

    def _is_shown(self, outcome: str) -> bool:
        """The outcome is the answer to the input of some test."""
        return any(each.outcome == outcome and self.model.is_borne_out(each) for each in self.model.seen)

    def to_ask_again(self, change: Change) -> Iterable[str]:
        return [each for each in self.subjects() if change.moved and not self._is_as_before(each, change)]

    def _is_as_before(self, outcome: str, change: Change) -> bool:
        """A region in which it is given lies aside of the change; or none was, and none is where rules have moved."""
        if self._is_shown(outcome):
            return False
        region = self.where.get(outcome)
        if region is not None:
            return all(disjoint(region, box) for box in change.own)
        found = self.found(outcome)
        if not found or any(each.code == "L200" for each in found):
            return False  # a test showed it, or it was left open
        return not change.finds(lambda boxes: given(self.model.search, outcome, boxes))


QUESTIONS = (OutcomeNeverGiven,)
