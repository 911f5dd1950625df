"""Without this rule no decision changes.

Other rules, or the `otherwise`, give the same outcome wherever it decides. Each rule is taken alone: of two identical
rules both are redundant, and only one can go. Which rule an answer names is not a change.

Fires on:

    rule russia for licensing:
        when destination in {RU, BY}
        then license_required

    rule chips_to_russia for licensing:  # L204
        when destination == RU and item.eccn within 3A001
        then license_required

Quiet on:

    rule russia for licensing:
        when destination in {RU, BY}
        then license_required

    rule chips for licensing:
        when item.eccn within 3A001
        then license_required
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from comity.analysis.decision.covers import Covers
from comity.analysis.decision.deduction import Deduction, Side
from comity.analysis.decision.extents import Dropped, Mask, Standing
from comity.analysis.decision.search import DecisionSearch, Settle, Verdict
from comity.analysis.decision.study import Witness
from comity.analysis.questions.change import Change, in_order
from comity.analysis.questions.differences import makes_no_difference, open_rule_for_difference, require_difference
from comity.analysis.questions.question import DecisionQuestion
from comity.analysis.questions.solve import find, first, support
from comity.analysis.questions.units import Unit
from comity.analysis.space.axes import bits
from comity.analysis.space.boxes import Box
from comity.base.diagnostics import Related


class RedundantRule(DecisionQuestion[Unit]):
    """Does the answer to some input change without the rule?"""

    code = "L204"
    words = "whether {} changes any decision"
    about_rules = judges = True
    rests_on = ("L202", "L203")

    def subjects(self) -> Iterable[Unit]:
        return self.model.units

    def ask(self, subject: Unit) -> None:
        if subject.flaw or subject.is_open or subject.matters:
            return
        search = self.model.search
        covers = Covers(search)
        found = self.model.settle_rule(
            lambda: missed(search, subject.mask, covers), f"whether `{subject.name}` changes any decision", subject
        )
        if isinstance(found, Witness):
            subject.learn(False, False, True, found.region)
        elif found is None:
            subject.flaw = "L204"
            subject.relies_on = covers.relied
            self._report(subject)

    def _report(self, unit: Unit) -> None:
        alike = self._alike(unit)
        also = f": `{alike[0].name}` says the same wherever it applies" if alike else ""
        self.report(
            f"without `{unit.name}` no decision changes{also}",
            unit.span,
            (unit.name,),
            related=tuple(Related("says the same there", each.span) for each in alike),
            help="remove it, or narrow what makes it superfluous (of two such rules only one may go)",
        )

    def _alike(self, unit: Unit) -> list[Unit]:
        """Other rules with the same outcome that cover a box of the rule."""
        search, index = self.model.search, self.model.search.true_index
        found: dict[Unit, None] = {}
        for rule in unit.rules:
            for box in search.extents[rule.number].true:
                for number in bits(index.owned(index.holding(box)) & ~unit.mask):
                    if search.rules[number].outcome == rule.outcome:
                        found[self.model.unit_of[number]] = None
        return list(found)[:3]

    def to_ask_again(self, change: Change) -> Iterable[Unit]:
        """Of a rule that stays redundant, other rules may say the same now: that is reported anew, not asked."""
        for unit in in_order(self.model.unit_of[number] for number in change.near | change.meeting):
            if unit.flaw == "L204" and unit not in change.judged:
                self.begin(unit)
                self._report(unit)
        return list(change.judged)


QUESTIONS = (RedundantRule,)


def missed(search: DecisionSearch, rules: Mask, covers: Covers | None = None) -> Witness | None:
    """Holds iff on some input the answer is another one without ``rules`` (L204: there is none).

    ``covers`` notes what the answer relies on.
    """
    dropped = Dropped(rules=rules)
    covers = covers or Covers(search)

    def judge(standing: Standing) -> Verdict:
        if standing.open:
            if makes_no_difference(search, dropped, standing):
                return False
            return Settle(open_rule_for_difference(search, dropped, standing))
        return search.said(standing).answer != search.said(standing, dropped).answer

    def pose(deduction: Deduction) -> None:
        covers.relied = None
        require_difference(deduction, Side(search.ruleset, without=rules))

    waiting: list[Box] = []
    for rule in bits(0 if search.is_tangled else rules):
        spared = rules | support(search, rule)
        for region in search.regions(rule, maybe=True):
            part = search.alone(region, spared)
            if part is not None:
                found = search.at_a_point(search.clear(part, ()) or part, judge, spared)
                if found is not None:
                    return found
            waiting.append(region)

    def harmless(region: Box) -> Sequence[Box] | None:
        found = covers.of(rules & search.meeting(region), region)
        if found is None:
            return None
        covers.relied = None
        if rules.bit_count() == 1:
            found += covers.where_unknown(first(rules), ~rules, region)
        return found if search.clear(region, found) is not None else None

    return find(search, waiting, judge, -1, False, pose, harmless, implied=True)
