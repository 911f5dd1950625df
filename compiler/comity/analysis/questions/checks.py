"""What is found about one decision: the questions in their order, and what is said about the answers.

Of never-applies, never-decides and redundant only the first that holds is reported of a rule. A family of rules is one
rule here (`Unit`): what is asked of it holds if it holds of none, or all, of its members.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TypeVar

from comity.analysis.decision.answers import answer
from comity.analysis.decision.covers import Covers
from comity.analysis.decision.lines import Reached, idle, lines
from comity.analysis.decision.revisable import RevisableContest
from comity.analysis.decision.search import Contest, Dropped, Mask
from comity.analysis.decision.seen import Seen, standings
from comity.analysis.decision.study import Study, Undecided, Witness
from comity.analysis.questions import questions
from comity.analysis.questions.dates import DateGaps, Days, days_of
from comity.analysis.questions.findings import Findings
from comity.analysis.questions.units import Asked, Proof, Unit
from comity.analysis.space.axes import bits
from comity.analysis.space.boxes import Box, meet
from comity.analysis.space.formulas import TRUE, Formula, all_of
from comity.analysis.space.symbols import Known, just
from comity.base.source import Span
from comity.checked.ast import Prove
from comity.core import ast as core
from comity.core.ast import Edge, Rule
from comity.runtime.rules import mask_of, union

MOST_PAIRS = 200
"""Maximum number of contradictions of one decision that are told one by one."""

MOST_COUNTED = 1_000
"""Maximum number of further pairs of rules that are asked about, to count the contradictions among them."""

Found = TypeVar("Found")


@dataclass
class DecisionChecks:
    """All checks of one decision. Make it before the study is settled, run it after."""

    study: Study
    decision: core.Decision
    findings: Findings
    asked: Asked
    contest: RevisableContest = field(init=False)
    where_given: dict[str, Box] = field(default_factory=dict)
    """For outcomes that no specimen shows, a region in which they are the answer."""
    where_felt: dict[Span | Unit, Box] = field(default_factory=dict)
    """For clauses, and units with an `unless`, a region in which that makes a difference."""
    pairs: dict[tuple[int, int], bool | Undecided] = field(default_factory=dict)
    """Whether rules contradict each other."""

    def __post_init__(self) -> None:
        study, decision = self.study, self.decision
        self.contest = RevisableContest(study, decision)
        units: dict[tuple[str, str], Unit] = {}
        for rule in decision.rules:
            units.setdefault((rule.module, rule.family), Unit([])).rules.append(rule)
        self.units = list(units.values())
        self.unit_of = {rule.number: unit for unit in self.units for rule in unit.rules}
        self.clauses: dict[Span, list[tuple[Rule, Edge]]] = {}
        for rule in decision.rules:
            self.note_clauses(rule)
        self.lines = {rule.number: self.lines_of(rule) for rule in decision.rules} if "L208" in self.asked else {}
        self.date_gaps = DateGaps(self.contest)
        self.proofs = [
            self._proof(prove) for prove in study.translator.program.proves.values() if prove.decision == decision.qname
        ]

    def note_clauses(self, rule: Rule) -> None:
        """The clauses that L205 asks about, and the rules that have edges of them."""
        for edge in rule.edges:
            if edge.written != "exception to":
                self.clauses.setdefault(edge.clause, []).append((rule, edge))

    def lines_of(self, rule: Rule) -> list[Reached]:
        if rule.when is None:
            return []
        translator = self.study.translator
        reach = TRUE if rule.window is None else translator.in_window(rule.window).true
        return list(lines(translator, rule.when, self.study.env, reach))

    def _proof(self, prove: Prove) -> Proof:
        translator, env = self.study.translator, self.study.env
        given = TRUE if prove.given is None else translator.truth(prove.given, env).true
        then = {
            outcome: translator.truth(prove.then, {**env, "outcome": just(Known(outcome))})
            for outcome in self.decision.outcomes.members
        }
        return Proof(prove, given, then)

    def translate_again(self, proof: Proof) -> Proof:
        """A proof that reads decisions which have changed; it takes the place of what it was."""
        made = self._proof(proof.prove)
        self.proofs[self.proofs.index(proof)] = made
        return made

    # ------------------------------------------------------------------------------------- asking

    def run(self) -> None:
        self.judge(self.units)
        self.contradictions()
        self.judge_clauses(self.clauses)
        self.judge_unless(self.units)
        self.judge_lines(self.units)
        self.gap()
        self.judge_days()
        for outcome in self.decision.outcomes.members:
            self.outcome(outcome)
        self.overreaches(self.units)
        for proof in self.proofs:
            self.prove(proof)

    def is_settled(self, unit: Unit) -> bool:
        """Nothing that is asked of a rule by itself is left open."""
        return (unit.decides or not unit.says) and unit.applies and (unit.matters or "L204" not in self.asked)

    def _ask(self, question: Callable[[], Found], what: str, unit: Unit | None = None) -> Found | Undecided:
        """The answer. A question that is not settled is a finding of its own."""
        try:
            return question()
        except Undecided as undecided:
            self.study.require_order()
            name = self.decision.name if unit is None else unit.name
            self.findings.undecided(what, undecided, self.decision.span if unit is None else unit.span, (name,))
            return undecided

    def _days(self, ask: Callable[[Box], Witness | None]) -> Days | None:
        return days_of(self.study, ask)

    def seal(self) -> None:
        """Make the boxes of rules and proofs, so that their axes do not depend on which question is asked first."""
        self.contest.seal()
        for proof in self.proofs:
            self._boxes(proof.given, {})
            for then in proof.then.values():
                self._boxes(all_of((proof.given, then.false)), {})
                self._boxes(all_of((proof.given, then.doubtful)), {})

    # ------------------------------------------------------------------------------ rules by themselves

    @cached_property
    def seen(self) -> list[Seen]:
        """How the rules stand on the tests of the policy."""
        contest, specimens = self.contest, self.study.specimens
        return [
            Seen(place, specimens[place], standing, contest.resolve_at(*standing).outcome)
            for place, standing in enumerate(standings(contest, range(len(contest.rules))))
        ]

    def _is_borne_out(self, seen: Seen) -> bool:
        """What a specimen shows, the reference interpreter says too."""
        return seen.is_borne_out(self.decision.qname)

    def judge(self, units: Iterable[Unit]) -> None:
        """Whether rules apply, decide and matter: as the tests show it, then points in each, then the search."""
        if "L202" not in self.asked:
            return
        for unit in units:
            unit.begin()
        self._show(units)
        for unit in units:
            self._probe(unit)
        for unit in units:
            self.findings.about("rule", unit)
            self._judge(unit)

    def _show(self, units: Iterable[Unit]) -> None:
        """What the tests of the policy show of rules: that they apply, decide and matter."""
        contest = self.contest
        near = union(unit.mask for unit in units)
        for each in self.seen:
            standing = each.standing
            here = standing.maybe & near
            if not here:
                continue
            said = contest.said_at(*standing)
            for unit in {self.unit_of[number]: None for number in bits(here)}:
                matters = not unit.matters and (
                    said.answer != contest.said_at(*standing, Dropped(rules=unit.mask)).answer
                )
                applies, decides = bool(said.certain & unit.mask), bool(said.remains & unit.mask)
                if unit.lacks(applies, decides, matters) and self._is_borne_out(each):
                    unit.learn(applies, decides, matters, each.specimen)

    def _seen_to_matter(self, dropped: Dropped, near: Mask) -> bool:
        """On some specimen that rules ``near`` may apply to, the answer is another one without what is dropped."""
        contest = self.contest
        return any(
            answer(contest.resolve_at(*each.standing)) != contest.said_at(*each.standing, dropped).answer
            and self._is_borne_out(each)
            for each in self.seen
            if each.standing.maybe & near
        )

    def _probe(self, unit: Unit) -> None:
        """Try a point or two in a rule. Of most rules that shows that they apply, decide and matter."""
        contest = self.contest
        dropped = Dropped(rules=unit.mask)
        for rule, box in ((r, b) for r in unit.rules for b in contest.regions(r.number)[:2]):
            if self.is_settled(unit):
                return
            clear = self.study.clear(box)
            if clear is None:
                continue
            standing = contest.spot(clear)
            if standing.open or contest.periods(standing) is not None or not self._is_possible(standing.region):
                continue
            said = contest.said(standing)
            matters = not unit.matters and said.answer != contest.said(standing, dropped).answer
            applies, decides = bool(said.certain >> rule.number & 1), bool(said.remains >> rule.number & 1)
            unit.learn(applies, decides, matters, standing.region)

    def _is_possible(self, point: Box) -> bool:
        return not self.study.depends_on_more(point) and self.study.clear(point) is not None

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
            unit.learn(True, False, False, found.region)
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
            unit.learn(False, True, False, found.region)
        if not unit.matters and "L204" in self.asked:
            covers = Covers(contest)
            found = self._ask(
                lambda: questions.missed(contest, unit.mask, covers),
                f"whether `{unit.name}` changes any decision",
                unit,
            )
            if found is None:
                unit.flaw = "L204"
                unit.relies_on = covers.relied
                self.tell_redundant(unit)
            elif isinstance(found, Witness):
                unit.learn(False, False, True, found.region)

    def tell_redundant(self, unit: Unit) -> None:
        self.findings.about("rule", unit)
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

    def contradictions(self) -> None:
        """L201: each pair of rules once. The first are told one by one, with facts; of the rest, how many there are."""
        if "L201" not in self.asked:
            return
        contest = self.contest
        known, self.pairs = self.pairs, {}
        seen: set[tuple[Unit, Unit]] = set()
        told: list[tuple[int, int]] = []
        more: list[tuple[int, int]] = []
        tried = left_open = 0
        for one, two in contest.rivals():
            pair = (self.unit_of[one], self.unit_of[two])
            if pair in seen or pair[0] is pair[1]:
                continue
            if len(told) >= MOST_PAIRS and tried >= MOST_COUNTED:
                left_open += 1
                continue
            contradict = known.pop((one, two), None)
            if len(told) < MOST_PAIRS:
                if contradict is None or (contradict is not False and not self._is_told(one, two)):
                    contradict = self._contradiction(one, two)
                told += [(one, two)] if contradict is True else []
            else:
                tried += 1
                if self._is_told(one, two):
                    self.findings.about("pair", self.decision.qname, one, two)
                if contradict is None or isinstance(contradict, Undecided):
                    contradict = self._contradict(one, two)
                more += [(one, two)] if contradict is True else []
                left_open += isinstance(contradict, Undecided)
            self.pairs[one, two] = contradict
            if contradict is not False:
                seen.add(pair)
        for one, two in known:
            self.findings.about("pair", self.decision.qname, one, two)
        self.findings.about("pairs", self.decision.qname)
        if more:
            self.findings.more_contradictions(self.decision, told, more, left_open)
        elif left_open:
            self.findings.undecided(
                "which other rules contradict each other",
                Undecided(
                    f"{left_open} more pairs of rules may do", "order the rules: that settles many pairs at once"
                ),
                self.decision.span,
                (self.decision.name,),
            )

    def _is_told(self, one: int, two: int) -> bool:
        """Something has been found about a pair, and is told."""
        return bool(self.findings.to("pair", self.decision.qname, one, two))

    def _contradict(self, one: int, two: int) -> bool | Undecided:
        """Whether two rules contradict each other, without facts that show it."""
        found = _answer(partial(questions.contradiction, self.contest, one, two))
        return found if isinstance(found, Undecided) else found is not None

    def _contradiction(self, one: int, two: int) -> bool | Undecided:
        contest, unit = self.contest, self.unit_of[one]
        self.findings.about("pair", self.decision.qname, one, two)
        found = self._ask(
            lambda: self.study.shown_by(partial(questions.contradiction, contest, one, two, facts=True)),
            f"whether `{unit.name}` and `{self.unit_of[two].name}` contradict each other",
            unit,
        )
        if isinstance(found, Undecided):
            return found
        if found is not None:
            days = self._days(lambda within: questions.contradiction(contest, one, two, within=within))
            self.findings.contradiction(self.decision, contest.rules[one], contest.rules[two], found, days)
        return found is not None

    # ------------------------------------------------------------------------------ clauses and lines

    def judge_clauses(self, clauses: Iterable[Span]) -> None:
        """L205: clauses without which no decision changes."""
        for clause in clauses if "L205" in self.asked else ():
            self.findings.about("clause", clause)
            self.where_felt.pop(clause, None)
            self._clause(clause, self.clauses[clause])

    def judge_unless(self, units: Iterable[Unit]) -> None:
        for unit in units if "L205" in self.asked else ():
            self.findings.about("unless", unit)
            self.where_felt.pop(unit, None)
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
            lambda: questions.differs(contest, dropped, regions, implied=True),
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
        elif isinstance(found, Witness):
            self.where_felt[clause] = found.region

    def _unless(self, unit: Unit) -> None:
        contest = self.contest
        if self._seen_to_spare(unit):
            return
        others = {rule.number: contest.own_without_unless(rule.number) for rule in unit.rules}
        regions = (box for number in others for box in contest.where_unless(number))
        found = self._ask(
            lambda: questions.differs(contest, Dropped(), regions, replaced=others, implied=True),
            f"whether `unless` of `{unit.name}` makes a difference",
            unit,
        )
        unless = unit.rules[0].unless
        if found is None and unless is not None:
            self.findings.dead_exception(unit.name, "unless", unless.span, [])
        elif isinstance(found, Witness):
            self.where_felt[unit] = found.region

    def _seen_to_spare(self, unit: Unit) -> bool:
        """On some specimen the answer is another one without the `unless` of the unit."""
        contest, crowd = self.contest, self.study.crowd
        bare = [(1 << rule.number, contest.own_without_unless(rule.number)) for rule in unit.rules]
        without = [(bit, crowd.holds(own.true), crowd.holds(own.unknown)) for bit, own in bare]
        for each in self.seen:
            standing = each.standing
            true, unknown = standing.true, standing.unknown
            for bit, holds, hangs in without:
                if not true & bit and holds >> each.place & 1:
                    true, unknown = true | bit, unknown & ~bit
                elif not (true | unknown) & bit and hangs >> each.place & 1:
                    unknown |= bit
            if (true, unknown) != (standing.true, standing.unknown):
                changed = contest.said_at(true, unknown, standing.day, standing.chosen).answer
                if changed != answer(contest.resolve_at(*standing)) and self._is_borne_out(each):
                    return True
        return False

    def judge_lines(self, units: Iterable[Unit]) -> None:
        """L208: lines of `when`. A line that is the reason why a rule never applies is no finding beside that."""
        for unit in units if "L208" in self.asked else ():
            self.findings.about("lines", unit)
            by_span: dict[Span, list[Reached]] = {}
            for rule in unit.rules:
                for line in self.lines[rule.number]:
                    by_span.setdefault(line.span, []).append(line)
            values = {
                span: self._ask(partial(idle, self.study, places), "whether a line is idle", unit)
                for span, places in by_span.items()
            }
            for span, value in values.items():
                fatal = by_span[span][0].fatal
                is_reason = fatal is not None and all(values[each] is False for each in fatal)
                if isinstance(value, bool) and not (unit.flaw == "L202" and is_reason):
                    self.findings.idle(unit.name, span, value)

    # -------------------------------------------------------------------------- the decision as a whole

    def gap(self) -> None:
        """L207: an input that no rule decides."""
        if self.decision.otherwise is not None or "L207" not in self.asked:
            return
        contest = self.contest
        self.findings.about("gap", self.decision.qname)
        found = self._ask(
            lambda: self.study.shown_by(lambda: questions.gap(contest, facts=True)),
            f"whether the rules of `{self.decision.name}` cover every input",
        )
        if isinstance(found, Witness):
            days = self._days(lambda within: questions.gap(contest, [within]))
            self.findings.gap(self.decision, found, days)

    def judge_days(self) -> None:
        """L213: days on which rules that decide before and after do not."""
        if self.decision.otherwise is None or self.decision.record.as_of is None or "L213" not in self.asked:
            return
        self.findings.about("days", self.decision.qname)
        for gap in self.date_gaps.find():
            if isinstance(gap, Undecided):
                self.study.require_order()
                self.findings.undecided(
                    "whether rules leave out some days", gap, self.decision.span, (self.decision.name,)
                )
            else:
                rules = self.contest.rules
                self.findings.date_gap(self.decision, rules[gap.before], rules[gap.after], gap.witness, gap.days)

    def outcome(self, outcome: str) -> None:
        """L209: whether an outcome is never the answer."""
        self.findings.about("outcome", self.decision.qname, outcome)
        self.where_given.pop(outcome, None)
        if "L209" not in self.asked or self.is_shown(outcome):
            return
        contest = self.contest
        regions: list[Box] = [{}] if contest.is_tangled else []
        for rule in () if contest.is_tangled else self.decision.rules:
            if rule.outcome == outcome or (rule.outcome is None and rule.refer is not None):
                regions += contest.extents[rule.number].true
        if outcome == self.decision.otherwise:
            regions.append({})
        found = self._ask(partial(questions.given, contest, outcome, regions), f"whether `{outcome}` is ever given")
        if found is None:
            self.findings.never_given(self.decision, outcome)
        elif isinstance(found, Witness):
            self.where_given[outcome] = found.region

    def is_shown(self, outcome: str) -> bool:
        """The outcome is the answer on some specimen."""
        return any(each.outcome == outcome and self._is_borne_out(each) for each in self.seen)

    def overreaches(self, units: Iterable[Unit]) -> None:
        for unit in units if "L212" in self.asked else ():
            self.findings.about("overreach", unit)
            for rule in unit.rules:
                self._overreach(rule)

    def _overreach(self, rule: Rule) -> None:
        """L212: a `notwithstanding` rule that gives more than the law says where what it displaces does not apply."""
        contest, unit = self.contest, self.unit_of[rule.number]
        displaces = [edge for edge in rule.edges if edge.written == "notwithstanding" and not edge.every_other]
        targets = mask_of(edge.target for edge in displaces)
        if not targets or rule.outcome is None or unit.flaw:
            return
        if any(found.code == "L212" for found in self.findings.to("overreach", unit)):
            return
        found = self._ask(
            lambda: self.study.shown_by(
                lambda: questions.overreach(contest, rule.number, targets, unit.mask, facts=True)
            ),
            f"whether `{rule.family}` reaches beyond what it displaces",
            unit,
        )
        if isinstance(found, Witness):
            self.findings.overreach(self.decision, rule, displaces[0].clause, found)

    def prove(self, proof: Proof) -> None:
        """L210: an input where `given` holds, and the answer is outside what `then` says."""
        if "L210" not in self.asked:
            return
        self.findings.about("proof", proof.prove.qname)
        prove = proof.prove
        doubt = _answer(lambda: self.study.shown_by(lambda: self.doubted(proof, {})))
        if doubt is None:
            return
        found = _answer(lambda: self.study.shown_by(lambda: self.refuted(proof, {})))
        if isinstance(found, Witness):
            days = self._days(lambda within: self.refuted(proof, within))
            self.findings.refuted(self.decision, prove, found, days)
        elif found is None and isinstance(doubt, Witness):
            self.findings.unproved(self.decision, prove, doubt)
        elif (seen := self._seen_to_refute(proof)) is not None:
            self.findings.refuted(self.decision, prove, seen, None)
        else:
            undecided = found if isinstance(found, Undecided) else doubt
            assert isinstance(undecided, Undecided)
            self.findings.undecided(f"whether `{prove.name}` holds", undecided, prove.span, (prove.name,))

    def _seen_to_refute(self, proof: Proof) -> Witness | None:
        """A specimen on which the answer is outside what is claimed."""
        crowd = self.study.crowd
        refuted = {outcome: crowd.holds(all_of((proof.given, then.false))) for outcome, then in proof.then.items()}
        for each in self.seen:
            if each.outcome is None or not refuted.get(each.outcome, 0) >> each.place & 1:
                continue
            if self._is_borne_out(each):
                return Witness({}, crowd.points[each.place].facts)
        return None

    def refuted(self, proof: Proof, within: Box) -> Witness | None:
        for outcome, then in proof.then.items():
            outside = self._boxes(all_of((proof.given, then.false)), within)
            found = questions.given(self.contest, outcome, outside, facts=True)
            if found is not None:
                return found
        return None

    def doubted(self, proof: Proof, within: Box) -> Witness | None:
        """An input that no rule decides, or on which an outcome is possible of which it is not certain that it is as
        claimed. Where there is none, the claim is proved.
        """

        def asks() -> Iterator[Callable[[], Witness | None]]:
            yield lambda: questions.gap(self.contest, self._boxes(proof.given, within), facts=True)
            for outcome, then in proof.then.items():
                regions = self._boxes(all_of((proof.given, then.doubtful)), within)
                yield partial(questions.possible, self.contest, outcome, regions, facts=True)

        return _any(asks())

    def _boxes(self, formula: Formula, within: Box) -> list[Box]:
        met = (meet(box, within) for box in self.study.space.boxes(formula))
        return [box for box in met if box is not None]


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


def _any(searches: Iterable[Callable[[], Witness | None]]) -> Witness | None:
    """The first witness; a question left open counts only if there is none."""
    return questions.first_found(map(_answer, searches))


def _answer(search: Callable[[], Witness | None]) -> Witness | Undecided | None:
    """What a search finds; that it was not settled is an answer too."""
    try:
        return search()
    except Undecided as undecided:
        return undecided
