"""Days on which rules that decide before and after do not.

An input that rules decide before some days and after them is left to `otherwise` in between: usually a window that
was closed a day too early, or opened a day too late. The finding stands at the rule that decides before, with the
first one that decides again; later ones are not told of.

The rest of the input is the same on all these days. That includes what other decisions say of it, whose own days are
told of there, and conditions of so many cases that the proofs take each as one fact, or that compare the day with
days of elements of a list: days that are left out only because such a condition changes are not found.

Fires on:

    rule interim for licensing:  # L213
        from 2022-02-24 until 2022-06-29
        when destination == RU
        then license_required

    rule final for licensing:
        from 2022-07-01
        when destination == RU
        then license_required

Quiet on:

    rule interim for licensing:
        from 2022-02-24 until 2022-06-30
        when destination == RU
        then license_required

    rule final for licensing:
        from 2022-07-01
        when destination == RU
        then license_required
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from comity.analysis.decision.study import Undecided, Witness
from comity.analysis.questions.change import Change
from comity.analysis.questions.dates import DateGap, DateGaps
from comity.analysis.questions.model import DecisionModel
from comity.analysis.questions.question import DecisionQuestion
from comity.analysis.space.boxes import Box
from comity.base.diagnostics import Related
from comity.runtime.answer import Answer

DAY = timedelta(days=1)


class DaysLeftOut(DecisionQuestion[str]):
    """Are there days on which no rule decides an input that rules decide before and after? Asked of a decision with
    an `otherwise`, for a record with a day. `DateGaps` remembers what it has found between which rules.
    """

    code = "L213"
    words = "days that no rule decides"
    makes_axes = True

    def __init__(self, model: DecisionModel) -> None:
        super().__init__(model)
        self._gaps = DateGaps(model.search)

    def subjects(self) -> Iterable[str]:
        decision = self.model.decision
        return (decision.qname,) if decision.otherwise is not None and decision.record.as_of is not None else ()

    def ask(self, subject: str) -> None:
        decision = self.model.decision
        self.model.study.begin(self.model.lessons())
        for gap in self._gaps.find():
            if isinstance(gap, Undecided):
                self.model.leave_open("whether rules leave out some days", gap, decision.name, decision.span)
            else:
                self._report(gap)

    def _report(self, gap: DateGap) -> None:
        model, decision = self.model, self.model.decision
        before, after = model.search.rules[gap.before], model.search.rules[gap.after]
        first, last = gap.days[0][0], gap.days[-1][1]
        assert first is not None and last is not None, "there is a day before, and one after"
        next_to_it = (date.fromisoformat(first) - DAY, date.fromisoformat(last) + DAY)

        def shows(answer: Answer) -> bool:
            return answer.outcome == decision.otherwise and not _decided(answer) and all(map(decides_on, next_to_it))

        def decides_on(day: date) -> bool:
            facts = {**(gap.witness.facts or {}), str(decision.record.as_of): day}
            answer = model.findings.answer(decision, Witness(gap.witness.region, facts))
            return answer is not None and _decided(answer)

        days = f"on {first}" if first == last else f"from {first} to {last}"
        subjects = tuple(dict.fromkeys((before.family, after.family)))
        named = " and ".join(f"`{name}`" for name in subjects)
        self.report_shown(
            f"{days} an input that {named} decide{'s' if len(subjects) == 1 else ''} before and after is left to "
            f"`{decision.otherwise}`",
            before.span,
            subjects,
            gap.witness,
            shows,
            str(decision.otherwise),
            related=() if before is after else (Related("decides after", after.span),),
            days=gap.days,
            help="close the gap between the windows",
        )

    def memory(self) -> object:
        """The lessons alone: what was found between which rules is found again when it is asked for."""
        return self._gaps.lessons

    def recall(self, memory: list[Box]) -> None:
        self._gaps.lessons = memory

    def to_ask_again(self, change: Change) -> Iterable[str]:
        if not change.moved:
            return ()
        self._gaps.forget(change.moved_rules, change.where, change.around)
        return self.subjects()

    def outdated(self) -> Iterable[str]:
        """The lessons were others when days were searched."""
        return self.subjects() if self._gaps.lessons != self.model.lessons() else ()


QUESTIONS = (DaysLeftOut,)


def _decided(answer: Answer) -> bool:
    return any(rule.status == "decides" for rule in answer.rules)
