"""A `notwithstanding` rule that also decides where what it displaces does not apply.

It was written to make room in another rule, and it gives a less restrictive outcome to inputs that the other rule
never reached. If it is meant as an exception, write `exception to`.

A rule `notwithstanding every other rule` displaces whatever would be decided, so it cannot reach beyond it.

Fires on:

    decision review for Export:
        outcomes:
            denial
            case_by_case
            approval
        otherwise denial

    rule chips for review:
        when item.eccn within 3A001
        then case_by_case

    rule allies for review:  # L212
        notwithstanding chips
        when destination in NATO
        then approval

Quiet on:

    decision review for Export:
        outcomes:
            denial
            case_by_case
            approval
        otherwise denial

    rule chips for review:
        when item.eccn within 3A001
        then case_by_case

    rule allies for review:
        exception to chips
        when destination in NATO
        then approval
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from comity.analysis.decision.deduction import Deduction, Outcomes, Side, only
from comity.analysis.decision.extents import Mask, Standing
from comity.analysis.decision.search import DecisionSearch, Settle, Verdict
from comity.analysis.decision.study import Witness
from comity.analysis.propositional.gates import FALSE, Gates
from comity.analysis.questions.change import Change, in_order
from comity.analysis.questions.question import DecisionQuestion
from comity.analysis.questions.solve import find_in_extent, first, outcomes_left
from comity.analysis.questions.units import Unit
from comity.analysis.space.axes import bits
from comity.base.diagnostics import Related
from comity.base.source import Span
from comity.core.ast import Rule
from comity.runtime.answer import Answer
from comity.runtime.rules import mask_of


class Overreach(DecisionQuestion[Unit]):
    """Does a `notwithstanding` rule give more than the law says where what it displaces does not apply? Of a family
    the first member that does is reported.
    """

    code = "L212"
    words = "whether {} reaches too far"
    rests_on = ("L202", "L203", "L204")

    def subjects(self) -> Iterable[Unit]:
        return self.model.units

    def ask(self, subject: Unit) -> None:
        for rule in subject.rules:
            if not any(found.code == self.code for found in self.found(subject)):
                self._ask_of(rule, subject)

    def _ask_of(self, rule: Rule, unit: Unit) -> None:
        model = self.model
        displaces = [edge for edge in rule.edges if edge.written == "notwithstanding" and not edge.every_other]
        targets = mask_of(edge.target for edge in displaces)
        if not targets or rule.outcome is None or unit.flaw:
            return
        found = model.settle(
            lambda: model.study.shown_by(lambda: overreach(model.search, rule.number, targets, unit.mask, facts=True)),
            f"whether `{rule.family}` reaches beyond what it displaces",
            unit,
        )
        if isinstance(found, Witness):
            self._report(rule, displaces[0].clause, found)

    def _report(self, rule: Rule, clause: Span, found: Witness) -> None:
        rules = self.model.decision.rules
        targets = list(dict.fromkeys(rules[e.target].family for e in rule.edges if e.written == "notwithstanding"))

        def shows(answer: Answer) -> bool:
            return answer.outcome == rule.outcome and any(
                r.name == rule.name and r.status == "decides" for r in answer.rules
            )

        named = ", ".join(f"`{target}`" for target in targets[:3])
        self.report_shown(
            f"`{rule.family}` also decides where {named} does not apply",
            rule.span,
            (rule.family, *targets),
            found,
            shows,
            str(rule.outcome),
            related=(Related("what it displaces", clause),),
            help=f"if it is meant as an exception, write `exception to {targets[0]}`",
        )

    def to_ask_again(self, change: Change) -> Iterable[Unit]:
        rules = self.model.decision.rules
        near = (n for n in change.meeting if any(edge.written == "notwithstanding" for edge in rules[n].edges))
        return in_order([*change.units, *change.flawed, *(self.model.unit_of[number] for number in near)])


QUESTIONS = (Overreach,)


def overreach(search: DecisionSearch, rule: int, targets: Mask, unit: Mask, facts: bool = False) -> Witness | None:
    """Holds iff on some input none of the rules a `notwithstanding` names may apply, the rule decides, and the answer
    would be a more restrictive one without it (L212).
    """
    outcome = search.rules[rule].outcome
    outcomes = search.ruleset.outcomes
    stricter = set(outcomes[: outcomes.index(str(outcome))])
    if not stricter:
        return None

    def judge(standing: Standing) -> Verdict:
        certain, perhaps = search.ruleset.applying(standing.true, standing.unknown | standing.open)
        others = Standing(standing.region, *(mask & ~unit for mask in standing.masks))
        if certain & targets or not perhaps >> rule & 1 or not stricter & outcomes_left(search, others)[0]:
            return False
        if standing.open:
            return Settle(first(standing.open & targets or standing.open))
        with_it = search.resolve(standing)
        decides = with_it.outcome == outcome and bool(with_it.deciding >> rule & 1)
        return not perhaps & targets and decides and search.resolve(others).outcome in stricter

    def pose(deduction: Deduction) -> None:
        deduction.is_exact = False
        gates = deduction.gates
        _, perhaps = deduction.applying()
        for target in bits(targets):
            gates.require(perhaps.get(target, FALSE) ^ 1)
        deduction.always(deduction.whole, lambda gates, said: only(gates, said, str(outcome)) ^ 1)
        options = {each: gates.solver.new() for each in sorted(stricter)}
        gates.require(*options.values())
        for each, option in options.items():
            never = partial(_says_not_only, outcome=each)
            deduction.always(Side(search.ruleset, without=unit), never, option)

    return find_in_extent(search, rule, judge, -1, facts, pose)


def _says_not_only(gates: Gates, said: Outcomes, outcome: str) -> int:
    return only(gates, said, outcome) ^ 1
