"""Two rules give one input different outcomes, and nothing says which prevails.

A user who meets both would get an answer from neither: at run time this is an error, not a choice. The witness is
facts that both rules decide. Say which prevails, by `notwithstanding` or `subject to` on a rule, or by a `prevail`
line in the decision. The fix, which is unsafe, lets the stricter outcome prevail.

Fires on:

    rule chips for licensing:
        when item.eccn within 3A001
        then license_required

    rule allies for licensing:  # L201
        when destination in NATO
        then exception_available

Quiet on:

    rule chips for licensing:
        when item.eccn within 3A001
        then license_required

    rule allies for licensing:
        notwithstanding chips
        when destination in NATO
        then exception_available
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TypeAlias

from comity.analysis import limits
from comity.analysis.decision.deduction import Deduction, several
from comity.analysis.decision.extents import Standing
from comity.analysis.decision.search import DecisionSearch, Settle, Verdict
from comity.analysis.decision.study import Undecided, Witness
from comity.analysis.questions.change import Change
from comity.analysis.questions.model import DecisionModel
from comity.analysis.questions.question import DecisionQuestion, Repairs
from comity.analysis.questions.solve import answer_of, find, first, meets, remaining
from comity.analysis.questions.units import Unit
from comity.analysis.space.boxes import Box
from comity.base.diagnostics import Applicability, Diagnostic, Fix, Related
from comity.core import ast as core
from comity.runtime.answer import Answer

Pair: TypeAlias = tuple[int, int]
"""Two rules, by number."""


class Contradiction(DecisionQuestion[str]):
    """Do two rules contradict each other? Asked of each pair that meets and that nothing orders.

    Its one subject is the decision, since a pair of families is reported once; what is found is kept by pair.
    """

    code = "L201"
    words = "contradictions"

    def __init__(self, model: DecisionModel) -> None:
        super().__init__(model)
        self.pairs: dict[Pair, bool | Undecided] = {}
        """Whether rules contradict each other."""

    def subjects(self) -> Iterable[str]:
        return (self.model.name,)

    def ask(self, subject: str) -> None:
        """The first contradictions are shown one by one, with facts; of the rest, how many there are."""
        unit_of = self.model.unit_of
        known, rivals = self.pairs, set[Pair]()
        seen: set[tuple[Unit, Unit]] = set()
        shown: list[Pair] = []
        more: list[Pair] = []
        tried = left_open = 0
        for pair in self.model.search.rivals():
            units = (unit_of[pair[0]], unit_of[pair[1]])
            if units in seen or units[0] is units[1]:
                continue
            if len(shown) >= limits.current.shown_contradictions and tried >= limits.current.counted_pairs:
                left_open += 1
                continue
            found = known.get(pair)
            rivals.add(pair)
            if len(shown) < limits.current.shown_contradictions:
                if found is None or (found is not False and not self.found(pair)):
                    found = self._ask_pair(pair)
                shown += [pair] if found is True else []
            else:
                tried += 1
                if self.found(pair):
                    self.begin(pair)
                if found is None or isinstance(found, Undecided):
                    found = self._is_contradiction(pair)
                more += [pair] if found is True else []
                left_open += isinstance(found, Undecided)
            known[pair] = found
            if found is not False:
                seen.add(units)
        for forgotten in known.keys() - rivals:
            del known[forgotten]
            self.begin(forgotten)
        self.begin(subject)
        if more:
            self._report_more(shown, more, left_open)
        elif left_open:
            decision = self.model.decision
            self.findings.undecided(
                "which other rules contradict each other",
                Undecided(
                    f"{left_open} more pairs of rules may do", "order the rules: that settles many pairs at once"
                ),
                decision.span,
                (decision.name,),
            )

    def _is_contradiction(self, pair: Pair) -> bool | Undecided:
        """Whether two rules contradict each other, without facts that show it."""
        found = answer_of(partial(contradict, self.model.search, *pair))
        return found if isinstance(found, Undecided) else found is not None

    def _ask_pair(self, pair: Pair) -> bool | Undecided:
        model, search = self.model, self.model.search
        one, two = pair
        unit = model.unit_of[one]
        self.begin(pair)
        found = model.settle(
            lambda: model.study.shown_by(partial(contradict, search, one, two, facts=True)),
            f"whether `{unit.name}` and `{model.unit_of[two].name}` contradict each other",
            unit,
        )
        if isinstance(found, Undecided):
            return found
        if found is not None:
            self._report_pair(search.rules[one], search.rules[two], found)
        return found is not None

    def _report_pair(self, one: core.Rule, two: core.Rule, found: Witness) -> None:
        def shows(answer: Answer) -> bool:
            sides = {rule.name for rule in answer.rules if rule.status == "decides"}
            return answer.error == "contradiction" and {one.name, two.name} <= sides

        search = self.model.search
        days = self.model.days(lambda within: contradict(search, one.number, two.number, within=within))
        upper, lower = sorted((one, two), key=lambda rule: (rule.span.path, rule.span.start))
        record = self.model.decision.record.name.lower()
        self.report_shown(
            f"`{lower.family}` and `{upper.family}` decide the same {record} differently",
            lower.span,
            (lower.family, upper.family),
            found,
            shows,
            "contradiction",
            related=(Related("the other rule", upper.span),),
            days=days,
            help=f"say which prevails: `notwithstanding {upper.family}`, or `subject to {upper.family}`",
        )

    def _report_more(self, shown: Sequence[Pair], more: Sequence[Pair], left_open: int) -> None:
        """How many there are beside those that are shown, and which order of outcomes would settle how many."""
        decision = self.model.decision
        by_outcomes: Counter[tuple[str, str]] = Counter()
        for pair in (*shown, *more):
            given = {decision.rules[number].outcome for number in pair} - {None}
            named = [outcome for outcome in decision.outcomes.members if outcome in given]
            by_outcomes.update([(named[0], named[1])] if len(named) == 2 else [])
        lines = [
            f"`prevail {winner} over {loser}` ({number} of {len(shown) + len(more)})"
            for (winner, loser), number in by_outcomes.most_common(limits.current.proposed_grounds)
        ]
        kind = decision.record.name.lower()
        count = f"{len(more)} more pairs of rules" if len(more) != 1 else "1 more pair of rules"
        perhaps = f"; of {left_open} more it is not known" if left_open else ""
        self.report(
            f"{count} of `{decision.name}` decide{'s' if len(more) == 1 else ''} the same {kind} differently{perhaps}",
            decision.span,
            (decision.name,),
            help=f"say which outcomes prevail, for example {', '.join(lines)}" if lines else "order the rules",
        )

    def memory(self) -> object:
        return self.pairs

    def recall(self, memory: dict[Pair, bool | Undecided]) -> None:
        self.pairs = memory

    def to_ask_again(self, change: Change) -> Iterable[str]:
        """A pair of which a rule has changed, or that may both hold where the change is."""
        for one, two in list(self.pairs):
            meet = one in change.meeting and two in change.meeting
            if one in change.changed or two in change.changed or meet:
                del self.pairs[one, two]
                self.begin((one, two))
        return self.subjects()


QUESTIONS = (Contradiction,)


def contradict(
    search: DecisionSearch, one: int, two: int, facts: bool = False, within: Box | None = None
) -> Witness | None:
    """Holds iff on some input the answer is certainly a contradiction in which both rules stand (L201)."""
    rules = search.ruleset
    reach = -1 if rules.grounds else rules.reach[one] | rules.reach[two]
    both = 1 << one | 1 << two

    def judge(standing: Standing) -> Verdict:
        _, may_remain = remaining(search, standing)
        if may_remain & both != both:
            return False
        if standing.open:
            return Settle(first(standing.open & search.ruleset.reach[one] or standing.open))
        resolution = search.resolve(standing)
        return resolution.error == "contradiction" and resolution.deciding & both == both

    def pose(deduction: Deduction) -> None:
        deduction.gates.require(deduction.gates.box(within or {}))
        for rule in (one, two):
            deduction.gates.require(deduction.decides_beside_others(rule))
        deduction.always(deduction.whole, lambda gates, said: several(gates, said) ^ 1)

    regions = () if search.is_tangled else meets(search.extents[one].true, search.extents[two].true, [within or {}])
    return find(search, regions, judge, reach, facts, pose, implied=True)


def fix(repairs: Repairs, d: Diagnostic) -> Fix | None:
    """Let the stricter outcome prevail. Unsafe: only the law can say which does."""
    found = _rules(repairs.core, d) if repairs.core is not None and d.related else None
    if found is None:
        return None
    decision, rule, other = found
    outcomes = decision.outcomes.members
    if rule.outcome not in outcomes or other.outcome not in outcomes:
        return None
    prevails = outcomes.index(rule.outcome) < outcomes.index(other.outcome)
    alike = {each.module for each in decision.rules if each.family == other.family}
    name = other.family if len(alike) == 1 else f"{other.module}.{other.family}"
    clause = f"{'notwithstanding' if prevails else 'subject to'} {name}"
    return repairs.put_clause(d.span, clause, Applicability.UNSAFE, f"L201 {decision.qname}")


def _rules(program: core.Program, d: Diagnostic) -> tuple[core.Decision, core.Rule, core.Rule] | None:
    """The decision and the two rules that a finding is about."""
    for decision in program.decisions.values():
        rules = {rule.span: rule for rule in decision.rules}
        if d.span in rules and d.related[0].span in rules:
            return decision, rules[d.span], rules[d.related[0].span]
    return None
