"""A rule that applies to some inputs, but never prevails.

Wherever it applies, rules that prevail over it apply too: its outcome reaches nobody. Displacement by several rules
together is counted.

Fires on:

    rule chips for licensing:  # L203
        subject to everything_there
        when item.eccn within 3A001 and destination == RU
        then license_required

    rule everything_there for licensing:
        when destination == RU
        then prohibited

Quiet on:

    rule chips for licensing:
        subject to everything_there
        when item.eccn within 3A001
        then license_required

    rule everything_there for licensing:
        when destination == RU
        then prohibited
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from comity.analysis.decision.deduction import Deduction
from comity.analysis.decision.extents import Standing
from comity.analysis.decision.search import DecisionSearch, Verdict
from comity.analysis.decision.study import Undecided, Witness
from comity.analysis.propositional.gates import FALSE
from comity.analysis.questions.change import Change
from comity.analysis.questions.question import DecisionQuestion
from comity.analysis.questions.solve import any_of, find_in_extent, remaining, settled_by
from comity.analysis.questions.units import Unit
from comity.analysis.space.axes import bits
from comity.base.diagnostics import Related


class NeverDecides(DecisionQuestion[Unit]):
    """Does a rule that applies prevail somewhere?"""

    code = "L203"
    words = "whether {} ever decides"
    about_rules = judges = True
    rests_on = ("L202",)

    def subjects(self) -> Iterable[Unit]:
        return self.model.units

    def ask(self, subject: Unit) -> None:
        if subject.flaw or subject.is_open or not subject.says or subject.decides:
            return
        search = self.model.search
        found = self.model.settle_rule(
            lambda: any_of(partial(decides, search, rule.number) for rule in subject.rules),
            f"whether `{subject.name}` ever decides",
            subject,
        )
        if isinstance(found, Witness):
            subject.learn(False, True, False, found.region)
        elif isinstance(found, Undecided):
            subject.is_open = True
        else:
            subject.flaw = "L203"
            self._report(subject, self._winners(subject))

    def _winners(self, unit: Unit) -> list[Unit]:
        """The rules that prevail over a rule and meet it."""
        search = self.model.search
        found: dict[Unit, None] = {}
        for rule in unit.rules:
            for box in search.extents[rule.number].true:
                for number in bits(search.meeting(box) & search.ruleset.prevailed_by[rule.number]):
                    found[self.model.unit_of[number]] = None
        return list(found)

    def _report(self, unit: Unit, winners: list[Unit]) -> None:
        others = " or ".join(f"`{winner.name}`" for winner in winners) or "another rule"
        self.report(
            f"`{unit.name}` never decides: wherever it applies {others} prevails over it",
            unit.span,
            (unit.name, *(winner.name for winner in winners)),
            related=tuple(Related("prevails over it", winner.span) for winner in winners),
            help="restrict what prevails, or remove the rule",
        )

    def to_ask_again(self, change: Change) -> Iterable[Unit]:
        return list(change.judged)


QUESTIONS = (NeverDecides,)


def decides(search: DecisionSearch, rule: int, facts: bool = False) -> Witness | None:
    """Holds iff on some input the rule certainly applies and no rule that may apply prevails over it: L203 is that
    there is none, though it applies.
    """
    reach = search.ruleset.reach[rule]

    def judge(standing: Standing) -> Verdict:
        remains, may_remain = remaining(search, standing)
        return settled_by(standing, bool(remains >> rule & 1), bool(may_remain >> rule & 1), rule)

    def pose(deduction: Deduction) -> None:
        remains, _ = deduction.remaining()
        deduction.gates.require(remains.get(rule, FALSE))

    return find_in_extent(search, rule, judge, reach, facts, pose)
