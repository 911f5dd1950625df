"""No input meets the condition of this rule, case, commitment, step or claim.

It reads like law and does nothing. Often two lines exclude each other, or an `unless` takes away all that the `when`
lets in. `unless`, `exception to` and being disapplied are counted. A commitment whose time is over before its agreement
is in force, or that waits for something that is not a duty to be performed, is never binding. A `prove` whose `given`
no input meets would hold whatever the rules say.

Fires on:

    rule chips for licensing:  # L202
        when all:
            item.eccn within 3A001
            item.eccn.category == 5
        then license_required

Fires on:

    prove nothing_at_all for licensing:  # L202
        given destination == RU and destination == BY
        then outcome == license_required

Quiet on:

    rule chips for licensing:
        when all:
            item.eccn within 3A001
            item.eccn.category == 3
            destination == RU
        then license_required
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from comity.analysis.decision.deduction import Deduction
from comity.analysis.decision.extents import Standing
from comity.analysis.decision.search import DecisionSearch, Verdict
from comity.analysis.decision.study import Undecided, Witness
from comity.analysis.propositional.gates import FALSE
from comity.analysis.questions.change import Change, in_order
from comity.analysis.questions.evidence import gather, is_settled
from comity.analysis.questions.model import DecisionModel
from comity.analysis.questions.question import DecisionQuestion, DefinitionQuestion
from comity.analysis.questions.solve import answer_of, any_of, find_in_extent, settled_by, support
from comity.analysis.questions.units import Unit
from comity.analysis.space.formulas import Formula
from comity.core.ast import Prove
from comity.terms import Term, is_empty


class NeverApplies(DecisionQuestion[Unit]):
    """Does a rule certainly apply to some input? Asked first of the three about a rule by itself, so it gathers what
    is seen of rules without a search, and says of which all three are asked again.
    """

    code = "L202"
    about_rules = judges = True
    words = "whether {} ever applies"

    def subjects(self) -> Iterable[Unit]:
        return self.model.units

    def prepare(self, subjects: Sequence[Unit]) -> None:
        gather(self.model, subjects)

    def ask(self, subject: Unit) -> None:
        rules = subject.rules
        if any(is_empty(interval) for rule in rules for interval in rule.window or ()):
            subject.flaw = "L211"  # reported with the other windows of the program
            return
        if subject.applies:
            return
        search = self.model.search
        found = self.model.settle_rule(
            lambda: any_of(partial(applies, search, rule.number) for rule in rules),
            f"whether `{subject.name}` ever applies",
            subject,
        )
        if isinstance(found, Witness):
            subject.learn(True, False, False, found.region)
        elif isinstance(found, Undecided):
            subject.is_open = True
        else:
            subject.flaw = "L202"
            self.report(
                f"`{subject.name}` never applies",
                subject.span,
                (subject.name,),
                help="no input meets its condition: correct it, or remove it",
            )

    def to_ask_again(self, change: Change) -> Iterable[Unit]:
        """Edited rules, and those of which something else may be true than was seen or proved.

        Which rules prevail over a rule, or say the same, depends on their own conditions: so a rule with L203 or L204
        is looked at wherever these meet. What was found to be impossible about a rule is used by other questions, and
        has to be what is found now.
        """
        unit_of = self.model.unit_of
        found = set(change.edited_units)
        near = {unit_of[number] for number in change.near}
        near |= {unit for number in change.meeting if (unit := unit_of[number]).flaw in ("L203", "L204")}
        found |= {unit for unit in near if unit.learnt or not self._stays(unit, change)}
        depending = self.model.study.depending
        found |= {unit for unit in self.model.units if any(not depending.isdisjoint(box) for box in unit.learnt)}
        before = change.judged  # they may have been judged again since, or be about to
        change.judged = {unit: before.get(unit, unit.state) for unit in in_order(found | before.keys())}
        return list(change.judged)

    def _stays(self, unit: Unit, change: Change) -> bool:
        """Of a rule that is not edited itself the same can be said as before."""
        rules, moved = self.model.search.ruleset, change.moved_rules
        match unit.flaw:
            case "L202" | "L203" | "L204" if unit.mask & moved:
                return False
            case "L211":
                return True
            case "L202":
                return not any(support(self.model.search, rule.number) & moved for rule in unit.rules)
            case "L203":
                return not any(rules.reach[rule.number] & moved for rule in unit.rules)
            case "L204":
                return unit.relies_on is not None and not unit.relies_on & moved and change.still_shows(unit)
            case _:
                return is_settled(self.model, unit) and change.still_shows(unit)


class CaseNeverHolds(DefinitionQuestion):
    """Does some input meet the condition of a case?"""

    code = "L202"
    words = "cases that never hold"

    def applies(self) -> bool:
        return self.model.cases is not None

    def ask(self, subject: str) -> None:
        name = self.model.define.name
        for case, formula in self.model.cases.conditions if self.model.cases is not None else ():
            if self.model.settle(partial(self._never, formula), "whether a case ever holds") is True:
                self.report(
                    f"this case of `{name}` never holds", case.span, (name,), help="no input meets its condition"
                )

    def _never(self, formula: Formula) -> bool:
        study = self.model.study
        return not study.shown(formula) and study.satisfy(formula) is None


class ClaimAboutNothing(DecisionQuestion[str]):
    """Does some input meet the `given` of a proof? Asked of each `prove` by its qualified name."""

    code = "L202"
    words = "whether the `given` of {} ever holds"

    def __init__(self, model: DecisionModel) -> None:
        super().__init__(model)
        proves = model.study.translator.program.proves.values()
        self.proves = {each.qname: each for each in proves if each.decision == model.name and each.given is not None}
        self.given = {name: self._translate(prove) for name, prove in self.proves.items()}

    def _translate(self, prove: Prove) -> Formula:
        assert prove.given is not None
        return self.model.study.translator.truth(prove.given, self.model.study.env).true

    def subjects(self) -> Iterable[str]:
        return self.proves

    def ask(self, subject: str) -> None:
        prove, study, given = self.proves[subject], self.model.study, self.given[subject]
        if study.shown(given):
            return
        found = answer_of(lambda: study.satisfy(given))
        if found is None:
            self.report(
                f"no input meets the `given` of `{prove.name}`, so it proves nothing",
                prove.span,
                (prove.name,),
                help="correct the `given`, or remove the proof",
            )
        elif isinstance(found, Undecided) and "L210" not in self.model.asked:  # else that says so of the whole claim
            self.model.leave_open(f"whether the `given` of `{prove.name}` ever holds", found, prove.name, prove.span)

    def to_ask_again(self, change: Change) -> Iterable[str]:
        return ()  # a `given` that reads an edited decision is translated again

    def translate_again(self, reads: Callable[[Term], bool]) -> Iterable[str]:
        asked = [name for name, prove in self.proves.items() if prove.given is not None and reads(prove.given)]
        self.given |= {name: self._translate(self.proves[name]) for name in asked}
        return asked


QUESTIONS = (NeverApplies, CaseNeverHolds, ClaimAboutNothing)


def applies(search: DecisionSearch, rule: int, facts: bool = False) -> Witness | None:
    """Holds iff on some input the rule certainly applies: L202 is that there is none."""
    depends_on = support(search, rule)

    def judge(standing: Standing) -> Verdict:
        certain, perhaps = search.ruleset.applying(standing.true, standing.unknown | standing.open)
        return settled_by(standing, bool(certain >> rule & 1), bool(perhaps >> rule & 1), rule)

    def pose(deduction: Deduction) -> None:
        certain, _ = deduction.applying()
        deduction.gates.require(certain.get(rule, FALSE))

    return find_in_extent(search, rule, judge, depends_on, facts, pose)
