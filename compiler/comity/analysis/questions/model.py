"""What questions are asked of: a decision with its rules as boxes, or a definition with its cases.

For example, the model of `licensing` holds a `DecisionSearch` (rule `chips` is {item.eccn: within 3A001}), a `Unit` for
each rule as declared, and how the rules stand on each input of a test. All questions about a decision share it, so that
the rules are translated once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TypeVar

from comity.analysis.decision.answers import answer
from comity.analysis.decision.conditions import Known
from comity.analysis.decision.extents import Dropped, Mask
from comity.analysis.decision.revisable import RevisableSearch
from comity.analysis.decision.seen import Seen, standings
from comity.analysis.decision.study import Study, Undecided, Witness
from comity.analysis.questions.cases import Judged, judged
from comity.analysis.questions.dates import Days, days_of
from comity.analysis.questions.findings import Findings
from comity.analysis.questions.moving import Moved, Mover
from comity.analysis.questions.units import Unit
from comity.analysis.space.boxes import Box
from comity.analysis.space.formulas import Formula
from comity.base.source import Span
from comity.core import ast as core

Found = TypeVar("Found")


class DecisionModel:
    """One decision in a study. Make it before the study is settled."""

    def __init__(
        self,
        study: Study,
        decision: core.Decision,
        findings: Findings,
        asked: frozenset[str],
        known: Mapping[int, Known] | None = None,
    ) -> None:
        """``known``: what is known of conditions from another process (`Conditions`)."""
        self.study = study
        self.decision = decision
        self.findings = findings
        self.asked = asked
        """The codes whose questions are asked."""
        self.search = RevisableSearch(study, decision, known)
        units: dict[tuple[str, str], Unit] = {}
        for rule in decision.rules:
            units.setdefault((rule.module, rule.family), Unit([])).rules.append(rule)
        self.units = list(units.values())
        self.unit_of = {rule.number: unit for unit in self.units for rule in unit.rules}
        self.mover = Mover(study)
        study.lessons[decision.qname] = self._lessons

    @property
    def name(self) -> str:
        return self.decision.qname

    @cached_property
    def seen(self) -> list[Seen]:
        """How the rules stand on the tests of the policy."""
        search, test_inputs = self.search, self.study.test_inputs
        return [
            Seen(place, test_inputs[place], standing, search.resolve_at(*standing).outcome)
            for place, standing in enumerate(standings(search, range(len(search.rules))))
        ]

    def _lessons(self) -> list[Box]:
        return [box for unit in self.units for box in unit.learnt]

    def lessons(self) -> list[Box]:
        """What the questions about single rules, of this decision and those before it, have found to be impossible."""
        found: dict[frozenset[tuple[int, int]], Box] = {}
        for qname, lessons in self.study.lessons.items():
            found.update((frozenset(box.items()), box) for box in lessons())
            if qname == self.decision.qname:
                break
        return list(found.values())

    def is_borne_out(self, seen: Seen) -> bool:
        """The reference interpreter says of a test's input what the formulas say."""
        return seen.is_borne_out(self.decision.qname)

    def seen_to_matter(self, dropped: Dropped, near: Mask) -> bool:
        """On the input of some test that rules ``near`` may apply to, the answer changes without what is dropped."""
        search = self.search
        return any(
            answer(search.resolve_at(*each.standing)) != search.said_at(*each.standing, dropped).answer
            and self.is_borne_out(each)
            for each in self.seen
            if each.standing.maybe & near
        )

    def moved(self, regions: Iterable[Box]) -> Iterator[Moved]:
        """Inputs of tests moved into regions."""
        return self.mover.inputs(self.name, regions) if self.study.test_inputs else iter(())

    def around(self, moved: Moved) -> Box:
        """The cells in which an input lies, of all axes that bound rules and mean the same whatever is decided."""
        space = self.study.space
        axes = (number for number in self.search.index.rows if space.axes[number].owner is None)
        cells = ((number, moved.point.cell(number)) for number in axes if number not in self.study.deciding)
        return {number: cell for number, cell in cells if cell != space.full[number]}

    def shown_by_moved(self, regions: Iterable[Box], shows: Callable[[Moved], bool]) -> Box | None:
        """Where the input of a test lies that shows something when it is moved into one of the regions."""
        return next((self.around(moved) for moved in self.moved(regions) if shows(moved)), None)

    def settle(self, search: Callable[[], Found], what: str, unit: Unit | None = None) -> Found | Undecided:
        """What ``search`` finds. If that is not settled, it is reported (L200): ``what`` says what was asked, of a rule
        or of the decision.
        """
        try:
            return search()
        except Undecided as undecided:
            about = self.decision if unit is None else unit
            self.leave_open(what, undecided, about.name, about.span)
            return undecided

    def settle_rule(self, search: Callable[[], Found], what: str, unit: Unit) -> Found | Undecided:
        """As `settle`. What the search finds to be impossible is kept with the rule, for questions that come later."""
        found = self.settle(search, what, unit)
        unit.learnt += self.study.space.learnt
        return found

    def leave_open(self, what: str, undecided: Undecided, name: str, span: Span) -> None:
        """Report a question that is not settled."""
        self.study.require_order()
        self.findings.undecided(what, undecided, span, (name,))

    def days(self, ask: Callable[[Box], Witness | None]) -> Days | None:
        """The days on which ``ask`` finds an input; None if there is nothing to say of days."""
        return days_of(self.study, ask)


class DefinitionModel:
    """One definition in a study. Make it before the study is settled."""

    def __init__(self, study: Study, define: core.Define, findings: Findings, asked: frozenset[str]) -> None:
        self.study = study
        self.define = define
        self.findings = findings
        self.asked = asked
        self.cases: Judged | None = judged(study, define)

    @property
    def name(self) -> str:
        return self.define.qname

    def settle(self, search: Callable[[], Found], what: str) -> Found | Undecided:
        """What ``search`` finds. If that is not settled, it is reported (L200): ``what`` says what was asked."""
        try:
            return search()
        except Undecided as undecided:
            self.study.require_order()
            name = self.define.name
            self.findings.undecided(f"{what} of `{name}`", undecided, self.define.span, (name,))
            return undecided

    def find(self, formula: Formula, what: str) -> Witness | None:
        """An input that meets a formula, to be shown to the author; None if there is none, or it is left open."""
        found = self.settle(lambda: self.study.shown_by(lambda: self.study.satisfy(formula, facts=True)), what)
        return None if isinstance(found, Undecided) else found

    def days(self, formula: Formula) -> Days | None:
        """The days on which an input meets a formula; None if there is nothing to say of days."""
        return days_of(self.study, lambda within: self.study.satisfy(formula, within=within))
