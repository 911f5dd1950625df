"""What is found about one decision: the questions in their order, and what is said about the answers.

Of never-applies, never-decides and redundant only the first that holds is reported of a rule. A family of rules is one
rule here (`Unit`): what is asked of it holds if it holds of none, or all, of its members.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TypeAlias, TypeVar

from comity.analysis import questions, specimens
from comity.analysis.answers import answer
from comity.analysis.axes import bits
from comity.analysis.boxes import Box, meet
from comity.analysis.contest import Contest, Dropped, Mask
from comity.analysis.dates import Days, date_gaps, days_of
from comity.analysis.findings import Findings
from comity.analysis.formulas import TRUE, Formula, Tri, all_of
from comity.analysis.lines import Reached, lines
from comity.analysis.study import FEW_STEPS_OF_A_PROOF, STEPS_OF_A_PROOF, Study, Undecided, Witness
from comity.analysis.symbols import Known, just
from comity.checked.ast import Prove
from comity.core import ast as core
from comity.core.ast import Edge, Rule
from comity.runtime.rules import mask_of
from comity.source import Span

MOST_PAIRS = 200
"""So many contradictions of one decision are spelt out."""

Found = TypeVar("Found")

Asked: TypeAlias = frozenset[str]
"""The codes whose questions are asked."""

RESTS_ON = {
    "L203": ("L202",),
    "L204": ("L202", "L203"),
    "L205": ("L202", "L203"),
    "L208": ("L202",),
    "L212": ("L202", "L203", "L204"),
}
"""What must be known before a code is reported: one finding per cause."""


def questions_for(codes: Collection[str] | None) -> Asked:
    """The codes whose questions must be asked to report ``codes`` (None: all there are)."""
    if codes is None:
        codes = [f"L{number}" for number in range(200, 214)]
    return frozenset(code for each in codes for code in (each, *RESTS_ON.get(each, ())))


@dataclass(eq=False)
class Unit:
    """A rule as declared: one rule, or a family."""

    rules: list[Rule]
    applies: bool = False
    decides: bool = False
    matters: bool = False
    flaw: str | None = None
    """The first of L211, L202, L203, L204 that holds of it."""

    @property
    def name(self) -> str:
        return self.rules[0].family

    @property
    def span(self) -> Span:
        return self.rules[0].span

    @cached_property
    def mask(self) -> Mask:
        return mask_of(rule.number for rule in self.rules)

    @property
    def says(self) -> bool:
        """It has an outcome, or may have any."""
        return self.rules[0].outcome is not None or self.rules[0].refer is not None


@dataclass(frozen=True, slots=True)
class Proof:
    """A `prove`, translated: where `given` holds, and for each outcome where `then` holds."""

    prove: Prove
    given: Formula
    then: dict[str, Tri]


@dataclass
class DecisionChecks:
    """All checks of one decision. Make it before the study is settled, run it after."""

    study: Study
    decision: core.Decision
    findings: Findings
    asked: Asked
    contest: Contest = field(init=False)
    seen: dict[int, specimens.Standing] = field(default_factory=dict)
    """How the rules stand on the specimens, by number."""
    given: set[str] = field(default_factory=set)
    """Outcomes that are the answer on some specimen."""

    def __post_init__(self) -> None:
        study, decision = self.study, self.decision
        self.contest = Contest(study, decision)
        units: dict[tuple[str, str], Unit] = {}
        for rule in decision.rules:
            units.setdefault((rule.module, rule.family), Unit([])).rules.append(rule)
        self.units = list(units.values())
        self.unit_of = {rule.number: unit for unit in self.units for rule in unit.rules}
        self.lines = [line for rule in decision.rules for line in self._lines(rule)] if "L208" in self.asked else []
        self.proofs = [
            self._proof(prove) for prove in study.translator.program.proves.values() if prove.decision == decision.qname
        ]

    def _lines(self, rule: Rule) -> Iterator[tuple[Rule, Reached]]:
        if rule.when is not None:
            translator = self.study.translator
            reach = TRUE if rule.window is None else translator.in_window(rule.window).true
            for line in lines(translator, rule.when, self.study.env, reach):
                yield rule, line

    def _proof(self, prove: Prove) -> Proof:
        translator, env = self.study.translator, self.study.env
        given = TRUE if prove.given is None else translator.truth(prove.given, env).true
        then = {
            outcome: translator.truth(prove.then, {**env, "outcome": just(Known(outcome))})
            for outcome in self.decision.outcomes.members
        }
        return Proof(prove, given, then)

    # ------------------------------------------------------------------------------------- asking

    def run(self) -> None:
        asked = self.asked
        self._look()
        if "L202" in asked:
            self._probe()
            for unit in self.units:
                self._judge(unit)
        if "L201" in asked:
            self._contradictions()
        if "L205" in asked:
            self._clauses()
        self._idle_lines()
        if self.decision.otherwise is None and "L207" in asked:
            self._gap()
        if self.decision.otherwise is not None and "L213" in asked:
            self._date_gaps()
        if "L209" in asked:
            self._outcomes()
        for rule in self.decision.rules if "L212" in asked else ():
            self._overreach(rule)
        for proof in self.proofs if "L210" in asked else ():
            self._prove(proof)

    def _is_settled(self, unit: Unit) -> bool:
        """Nothing that is asked of a rule by itself is left open."""
        return (unit.decides or not unit.says) and unit.applies and (unit.matters or "L204" not in self.asked)

    def _ask(self, question: Callable[[], Found], what: str, unit: Unit | None = None) -> Found | Undecided:
        """The answer. A question that is not settled is a finding of its own."""
        try:
            return question()
        except Undecided as undecided:
            name = self.decision.name if unit is None else unit.name
            self.findings.undecided(what, undecided.why, self.decision.span if unit is None else unit.span, (name,))
            return undecided

    def _days(self, ask: Callable[[Box], Witness | None]) -> Days | None:
        return days_of(self.study, ask)

    # ------------------------------------------------------------------------------ rules by themselves

    def _look(self) -> None:
        """What the tests of the policy show: rules that apply, decide and matter, and outcomes that are given."""
        contest = self.contest
        for place, specimen in enumerate(self.study.specimens):
            standing = specimen.standing(self.decision.qname)
            if standing is None:
                continue
            self.seen[place] = standing
            resolution = contest.resolve_at(*standing)
            if resolution.outcome is not None:
                self.given.add(resolution.outcome)
            said = contest.said_at(*standing)
            for unit in {self.unit_of[number]: None for number in bits(standing.true | standing.unknown)}:
                unit.applies = unit.applies or bool(said.certain & unit.mask)
                unit.decides = unit.decides or bool(said.remains & unit.mask)
                if not unit.matters:
                    unit.matters = said.answer != contest.said_at(*standing, Dropped(rules=unit.mask)).answer

    def _seen_to_matter(self, dropped: Dropped, near: Mask) -> bool:
        """On some specimen that rules ``near`` may apply to, the answer is another one without what is dropped."""
        contest = self.contest
        return any(
            answer(contest.resolve_at(*standing)) != contest.said_at(*standing, dropped).answer
            for standing in self.seen.values()
            if (standing.true | standing.unknown) & near
        )

    def _probe(self) -> None:
        """Try a point or two in each rule. Of most rules that shows that they apply, decide and matter."""
        contest = self.contest
        for unit in self.units:
            if self._is_settled(unit):
                continue
            dropped = Dropped(rules=unit.mask)
            for rule, box in ((r, b) for r in unit.rules for b in contest.regions(r.number)[:2]):
                if self._is_settled(unit):
                    break
                clear = self.study.clear(box)
                if clear is None:
                    continue
                standing = contest.spot(clear)
                if standing.open or contest.periods(standing) is not None or not self._is_possible(standing.region):
                    continue
                said = contest.said(standing)
                unit.applies = unit.applies or bool(said.certain >> rule.number & 1)
                unit.decides = unit.decides or bool(said.remains >> rule.number & 1)
                if not unit.matters:
                    unit.matters = said.answer != contest.said(standing, dropped).answer

    def _is_possible(self, point: Box) -> bool:
        return not self.study.hangs_on_more(point) and self.study.clear(point) is not None

    def _judge(self, unit: Unit) -> None:
        """The first of L211, L202, L203, L204 that holds."""
        contest, rules = self.contest, unit.rules
        if any(first and last and last < first for rule in rules for first, last in rule.window or ()):
            unit.flaw = "L211"  # reported with the other windows of the program
            return
        if not unit.applies:
            found = self._ask(
                lambda: _any(partial(questions.applies, contest, rule.number) for rule in rules),
                f"whether `{unit.name}` ever applies",
                unit,
            )
            if found is None:
                unit.flaw = "L202"
                self.findings.never_applies(unit.name, unit.span)
            if not isinstance(found, Witness):
                return
        if unit.says and not unit.decides:
            found = self._ask(
                lambda: _any(partial(questions.decides, contest, rule.number) for rule in rules),
                f"whether `{unit.name}` ever decides",
                unit,
            )
            if found is None:
                unit.flaw = "L203"
                self.findings.never_decides(unit.name, unit.span, self._related(self._winners(unit)))
            if not isinstance(found, Witness):
                return
        if not unit.matters and "L204" in self.asked:
            found = self._ask(
                lambda: questions.missed(contest, unit.mask),
                f"whether `{unit.name}` changes any decision",
                unit,
            )
            if found is None:
                unit.flaw = "L204"
                self.findings.redundant(unit.name, unit.span, self._related(self._likenesses(unit)))

    def _related(self, units: Iterable[Unit]) -> list[tuple[str, Span]]:
        return [(unit.name, unit.span) for unit in units]

    def _winners(self, unit: Unit) -> list[Unit]:
        """The rules that prevail over a unit and meet it."""
        contest = self.contest
        found: dict[Unit, None] = {}
        for rule in unit.rules:
            for box in contest.extents[rule.number].true:
                for number in bits(contest.meeting(box) & contest.ruleset.prevailed_by[rule.number]):
                    found[self.unit_of[number]] = None
        return list(found)

    def _likenesses(self, unit: Unit) -> list[Unit]:
        """Other rules with the same outcome that cover a box of the unit."""
        contest, index = self.contest, self.contest.true_index
        found: dict[Unit, None] = {}
        for rule in unit.rules:
            for box in contest.extents[rule.number].true:
                for number in bits(index.owned(index.holding(box)) & ~unit.mask):
                    if contest.rules[number].outcome == rule.outcome:
                        found[self.unit_of[number]] = None
        return list(found)[:3]

    # ------------------------------------------------------------------------------- rules in pairs

    def _contradictions(self) -> None:
        """L201: each pair of rules once."""
        contest = self.contest
        seen: set[tuple[Unit, Unit]] = set()
        shown = more = 0
        for one, two in contest.rivals():
            pair = (self.unit_of[one], self.unit_of[two])
            if pair in seen or pair[0] is pair[1]:
                continue
            if shown >= MOST_PAIRS:
                more += 1
                continue
            found = self._ask(
                partial(questions.contradiction, contest, one, two, facts=True),
                f"whether `{pair[0].name}` and `{pair[1].name}` contradict each other",
                pair[0],
            )
            if isinstance(found, Undecided):
                seen.add(pair)
            elif found is not None:
                seen.add(pair)
                shown += 1

                def again(within: Box, one: int = one, two: int = two) -> Witness | None:
                    return questions.contradiction(contest, one, two, within=within)

                self.findings.contradiction(
                    self.decision, contest.rules[one], contest.rules[two], found, self._days(again)
                )
        if more:
            self.findings.undecided(
                "which other rules contradict each other",
                f"there are {more} more pairs that may, and only {MOST_PAIRS} contradictions are spelt out",
                self.decision.span,
                (self.decision.name,),
            )

    # ------------------------------------------------------------------------------ clauses and lines

    def _clauses(self) -> None:
        """L205: clauses without which no decision changes."""
        clauses: dict[Span, list[tuple[Rule, Edge]]] = {}
        for rule in self.decision.rules:
            for edge in rule.edges:
                if edge.written != "exception to":
                    clauses.setdefault(edge.clause, []).append((rule, edge))
        for clause, edges in clauses.items():
            self._clause(clause, edges)
        for unit in self.units:
            if unit.rules[0].unless is not None and unit.flaw not in SILENT:
                self._unless(unit)

    def _clause(self, clause: Span, edges: list[tuple[Rule, Edge]]) -> None:
        contest = self.contest
        declarer = self.unit_of[edges[0][1].declared_by]
        written = edges[0][1].written
        named = {self.unit_of[rule.number if written == "subject to" else edge.target] for rule, edge in edges}
        if declarer.flaw in SILENT or any(unit.flaw in SILENT for unit in named):
            return
        targets: dict[int, Mask] = {}
        for rule, edge in edges:
            targets[rule.number] = targets.get(rule.number, 0) | 1 << edge.target
        dropped = Dropped(clauses=frozenset((clause,)))
        if self._seen_to_matter(dropped, mask_of(targets)):
            return
        regions = _Regions(contest, targets)
        found = self._ask(
            lambda: questions.differs(contest, dropped, regions),
            f"whether `{written}` of `{declarer.name}` makes a difference",
            declarer,
        )
        if found is None:
            self.findings.dead_exception(
                declarer.name,
                written,
                clause,
                [unit.name for unit in sorted(named, key=lambda u: u.rules[0].number)],
            )

    def _unless(self, unit: Unit) -> None:
        contest = self.contest
        if self._seen_to_spare(unit):
            return
        others = {rule.number: contest.without_unless(rule.number) for rule in unit.rules}
        regions = [box for number in others for box in contest.where_unless(number)]
        found = self._ask(
            lambda: questions.differs(contest, Dropped(), regions, replaced=others),
            f"whether `unless` of `{unit.name}` makes a difference",
            unit,
        )
        unless = unit.rules[0].unless
        if found is None and unless is not None:
            self.findings.dead_exception(unit.name, "unless", unless.span, [])

    def _seen_to_spare(self, unit: Unit) -> bool:
        """On some specimen the answer is another one without the `unless` of the unit."""
        contest, crowd = self.contest, self.study.crowd
        bare = [(1 << rule.number, contest.own_without_unless(rule.number)) for rule in unit.rules]
        without = [(bit, crowd.holds(own.true), crowd.holds(own.unknown)) for bit, own in bare]
        for place, standing in self.seen.items():
            true, unknown = standing.true, standing.unknown
            for bit, holds, hangs in without:
                if not true & bit and holds >> place & 1:
                    true, unknown = true | bit, unknown & ~bit
                elif not (true | unknown) & bit and hangs >> place & 1:
                    unknown |= bit
            if (true, unknown) != (standing.true, standing.unknown):
                changed = contest.said_at(true, unknown, standing.day, standing.chosen).answer
                if changed != answer(contest.resolve_at(*standing)):
                    return True
        return False

    def _idle_lines(self) -> None:
        """L208: lines of `when`. What is always false in a rule that never applies is no news."""
        by_span: dict[Span, list[tuple[Rule, Reached]]] = {}
        for rule, line in self.lines:
            by_span.setdefault(line.span, []).append((rule, line))
        for span, places in by_span.items():
            unit = self.unit_of[places[0][0].number]
            found = self._ask(partial(idle, self.study, [line for _, line in places]), "whether a line is idle", unit)
            if isinstance(found, bool) and (found or unit.flaw not in ("L202", "L211")):
                self.findings.idle(unit.name, span, found)

    # -------------------------------------------------------------------------- the decision as a whole

    def _gap(self) -> None:
        """L207: an input that no rule decides."""
        contest = self.contest
        found = self._ask(
            lambda: questions.gap(contest, facts=True), f"whether the rules of `{self.decision.name}` cover every input"
        )
        if isinstance(found, Witness):
            days = self._days(lambda within: questions.gap(contest, within=within))
            self.findings.gap(self.decision, found, days)

    def _date_gaps(self) -> None:
        """L213: days on which rules that decide before and after do not."""
        if self.decision.record.as_of is None:
            return
        for gap in date_gaps(self.contest):
            if isinstance(gap, Undecided):
                self.findings.undecided(
                    "whether rules leave out some days", gap.why, self.decision.span, (self.decision.name,)
                )
            else:
                rules = self.contest.rules
                self.findings.date_gap(self.decision, rules[gap.before], rules[gap.after], gap.witness, gap.days)

    def _outcomes(self) -> None:
        """L209: outcomes that are never the answer."""
        contest, otherwise = self.contest, self.decision.otherwise
        for outcome in self.decision.outcomes.members:
            if outcome in self.given:
                continue
            regions: list[Box] = []
            for rule in self.decision.rules:
                if rule.outcome == outcome or (rule.outcome is None and rule.refer is not None):
                    regions += contest.extents[rule.number].true
            if outcome == otherwise:
                regions.append({})
            found = self._ask(
                partial(questions.given, contest, outcome, regions),
                f"whether `{outcome}` is ever given",
            )
            if found is None:
                self.findings.never_given(self.decision, outcome)

    def _overreach(self, rule: Rule) -> None:
        """L212: a `notwithstanding` rule that gives more than the law says where what it displaces does not apply."""
        contest, unit = self.contest, self.unit_of[rule.number]
        displaces = [edge for edge in rule.edges if edge.written == "notwithstanding" and not edge.every_other]
        targets = mask_of(edge.target for edge in displaces)
        if not targets or rule.outcome is None or unit.flaw or self.findings.has("L212", unit.span):
            return
        found = self._ask(
            lambda: questions.overreach(contest, rule.number, targets, unit.mask, facts=True),
            f"whether `{rule.family}` reaches beyond what it displaces",
            unit,
        )
        if isinstance(found, Witness):
            self.findings.overreach(self.decision, rule, displaces[0].clause, found)

    def _prove(self, proof: Proof) -> None:
        """L210: an input where `given` holds, and the answer is outside what `then` says."""
        try:
            with self.study.given(FEW_STEPS_OF_A_PROOF):
                if not self._doubted(proof):
                    return  # which is most of what is proved; what is not is better refuted first
        except Undecided:
            pass
        with self.study.given(STEPS_OF_A_PROOF):
            self._try(proof)

    def _try(self, proof: Proof) -> None:
        prove = proof.prove
        try:
            found = self._refuted(proof, {})
            if found is not None:
                days = self._days(lambda within: self._refuted(proof, within))
                self.findings.refuted(self.decision, prove, found, days)
                return
            if self._doubted(proof):
                raise Undecided("on some inputs the answer is undetermined, a contradiction or a gap")
        except Undecided as undecided:
            seen = self._seen_to_refute(proof)
            if seen is not None:
                self.findings.refuted(self.decision, prove, seen, None)
            else:
                self.findings.undecided(f"whether `{prove.name}` holds", undecided.why, prove.span, (prove.name,))

    def _seen_to_refute(self, proof: Proof) -> Witness | None:
        """A specimen on which the answer is outside what is claimed."""
        crowd = self.study.crowd
        refuted = {outcome: crowd.holds(all_of((proof.given, then.false))) for outcome, then in proof.then.items()}
        for place, standing in self.seen.items():
            outcome = self.contest.resolve_at(*standing).outcome
            if outcome is not None and refuted.get(outcome, 0) >> place & 1:
                return Witness({}, crowd.points[place].facts)
        return None

    def _refuted(self, proof: Proof, within: Box) -> Witness | None:
        boxes = self.study.space.boxes
        for outcome, then in proof.then.items():
            outside = (meet(box, within) for box in boxes(all_of((proof.given, then.false))))
            found = questions.given(self.contest, outcome, [box for box in outside if box is not None], facts=True)
            if found is not None:
                return found
        return None

    def _doubted(self, proof: Proof) -> bool:
        """On some input there is no answer, or one is possible of which it is not certain that it is as claimed."""
        boxes = self.study.space.boxes
        return questions.fails(self.contest, boxes(proof.given)) is not None or any(
            questions.in_doubt(self.contest, outcome, boxes(all_of((proof.given, then.doubtful)))) is not None
            for outcome, then in proof.then.items()
        )


SILENT = ("L202", "L203", "L211")
"""Flaws of a rule that leave nothing to say about its clauses."""


class _Regions:
    """Where two rules meet that a clause orders: searched one after another, the likeliest first."""

    def __init__(self, contest: Contest, targets: dict[int, Mask]) -> None:
        self.contest = contest
        self.targets = targets

    def __iter__(self) -> Iterator[Box]:
        contest = self.contest
        for source, targets in self.targets.items():
            for box in contest.extents[source].maybe:
                for number in bits(contest.meeting(box) & targets):
                    for other in contest.extents[number].maybe:
                        both = meet(box, other)
                        if both is not None:
                            yield both


def idle(study: Study, places: Sequence[Reached]) -> bool | None:
    """Holds iff a line is never unknown and always the same where inputs reach it (L208): which it is, or None."""

    def met(part: Callable[[Reached], Formula]) -> bool:
        return any(study.shown(part(place)) for place in places) or any(study.satisfy(part(place)) for place in places)

    true, false = met(lambda place: place.true), met(lambda place: place.false)
    if true == false or met(lambda place: place.unknown):
        return None
    return true


def _any(searches: Iterable[Callable[[], Witness | None]]) -> Witness | None:
    """The first witness; a question left open counts only if there is none."""

    def tried() -> Iterator[Witness | Undecided | None]:
        for search in searches:
            try:
                yield search()
            except Undecided as undecided:
                yield undecided

    return questions.first_found(tried())
