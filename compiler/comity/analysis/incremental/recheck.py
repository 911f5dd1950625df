"""The checks of one decision after some of its rules have changed: only what the change may reach is asked again.

A question has a place, the boxes in which its answer is searched. The search meets the rules whose boxes meet that
place, and no others; so what it finds is the same as before wherever neither the old nor the new boxes of a changed
rule come near. Whether a rule applies, decides or matters, or a clause makes a difference, is known without a witness,
and there a changed exception only counts where it may apply; questions with a witness count it wherever its own
condition may hold, for the search may come by another way to another witness.

Questions whose place is everything keep what shows their answer: a region in which an outcome is given, that lies
aside of the change; or that there was no gap, so that one can only be where rules have changed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from comity.analysis.decision.revisable import same_condition
from comity.analysis.decision.seen import standings
from comity.analysis.decision.study import Undecided
from comity.analysis.decision.test_inputs import Specimen
from comity.analysis.questions import questions
from comity.analysis.questions.checks import DecisionChecks
from comity.analysis.questions.findings import Question
from comity.analysis.questions.units import Proof, Unit
from comity.analysis.space.axes import bits
from comity.analysis.space.boxes import Box, disjoint, meet
from comity.base.source import Span
from comity.core import ast as core
from comity.core.ast import Edge, Rule
from comity.runtime.rules import mask_of, union

Boxes: TypeAlias = Sequence[Box] | None


def _met(one: Sequence[Box], two: Sequence[Box]) -> list[Box]:
    met = (meet(a, b) for a in one for b in two)
    return _distinct(box for box in met if box is not None)


def _distinct(boxes: Iterable[Box]) -> list[Box]:
    return list({frozenset(box.items()): box for box in boxes}.values())


class Rechecks:
    """Checks that have been run, to be kept up to date with their rules."""

    def __init__(self, checks: DecisionChecks) -> None:
        self.checks = checks
        self._unless: dict[Unit, list[Box]] = {}
        """For units with an `unless`, where it may make a difference."""

    def revise(
        self, decision: core.Decision, changed: Mapping[int, Rule], read: bool, reading: Sequence[int], within: Boxes
    ) -> Boxes:
        """Ask again after a change.

        ``changed``: by number, the rules that are others; they stand to all others as before. ``read``: rules of other
        decisions read this one. ``reading``: the rules that read decisions which have changed, if only in the boxes
        ``within`` (None: somewhere). Boxes outside which the decision says what it said. Raises `Anew`.
        """
        if reading:
            changed = {**{number: decision.rules[number] for number in reading}, **changed}
        return _Revision(self.checks, changed, self._unless, reading, within).run(decision, read)


class _Revision:
    """One change of some rules."""

    def __init__(
        self,
        checks: DecisionChecks,
        changed: Mapping[int, Rule],
        unless: dict[Unit, list[Box]],
        reading: Sequence[int],
        within: Boxes,
    ) -> None:
        self.reading = reading
        self.within = within
        self.checks = checks
        self.contest = checks.contest
        self.findings = checks.findings
        self.changed = changed
        self.unless = unless
        rules = self.contest.rules
        self.conditions = [n for n, rule in changed.items() if n in reading or not same_condition(rules[n], rule)]
        self.moved = sorted({*self.conditions, *(n for n, rule in changed.items() if rules[n].outcome != rule.outcome)})
        self.moved_rules = mask_of(self.moved)
        self.applying: list[Box] = []
        """Where changed rules may apply, before or after."""
        self.own: list[Box] = []
        """Where their own conditions may hold."""
        self.near: set[int] = set()
        """Rules that may apply where changed ones may."""
        self.meeting: set[int] = set()
        """Rules whose own conditions may hold where those of changed ones may."""
        self.touched: set[Specimen] = set()
        """Specimens on which changed rules may apply, before or after."""

    def run(self, decision: core.Decision, read: bool) -> Boxes:
        """Boxes outside which the decision says what it said."""
        checks = self.checks
        self._look_around(None)
        forgotten = self._drop_clauses()
        if self.contest.revise(decision, self.changed, self.reading, read) or len(self.reading) < len(self.changed):
            self._look_around(None)
        elif self.within is not None:
            self._look_around(self.within)
        checks.decision = decision
        self._take_over()
        self._look_at_specimens()
        asked = self._to_ask(forgotten)
        self._ask(asked)
        if self.moved:
            for proof in checks.proofs if "L210" in checks.asked else ():
                if not self._as_proved_as_before(proof):
                    checks.prove(proof)
        return self.applying

    def _to_ask(self, forgotten: set[Span]) -> list[Question]:
        """The questions to which the change may give another answer by itself."""
        checks, rules, qname = self.checks, self.checks.decision.rules, self.checks.decision.qname
        own = [checks.unit_of[number] for number in self.changed]
        asked: list[Question] = [("rule", unit) for unit in self._to_judge()]
        asked += [("pair", qname, *pair) for pair in self._pairs()]
        asked += [("clause", clause) for clause in self._clauses(forgotten)]
        asked += [("unless", unit) for unit in (*own, *filter(self._spares, checks.units))]
        asked += [("lines", unit) for unit in own]
        asked += self._as_a_whole() if self.moved else []
        meeting = [
            checks.unit_of[n] for n in self.meeting if any(e.written == "notwithstanding" for e in rules[n].edges)
        ]
        return asked + [("overreach", unit) for unit in (*own, *meeting)]

    def _ask(self, asked: Iterable[Question]) -> None:
        """Ask questions again, and those that depend on whether a rule turns out to apply, to decide and to matter."""
        checks = self.checks
        about: dict[Hashable, list[Any]] = {}
        for question in asked:
            about.setdefault(question[0], []).append(question[-1])
            match question:
                case ("pair", _, int() as one, int() as two):
                    checks.pairs.pop((one, two), None)
                    checks.findings.about(*question)
        units = self._in_order(about.get("rule", ()))
        flaws = {unit: unit.flaw for unit in units}
        checks.judge(units)
        flawed = [unit for unit, flaw in flaws.items() if unit.flaw != flaw]
        checks.contradictions()
        hanging = {rule.number for unit in flawed for rule in unit.rules}
        clauses = {*about.get("clause", ()), *(clause for clause in checks.clauses if self._names(clause, hanging))}
        checks.judge_clauses(clause for clause in checks.clauses if clause in clauses)
        checks.judge_unless(self._in_order([*about.get("unless", ()), *flawed]))
        checks.judge_lines(self._in_order([*about.get("lines", ()), *flawed]))
        if "gap" in about:
            checks.gap()
        if "days" in about:
            checks.judge_days()
        for outcome in checks.decision.outcomes.members:
            if outcome in about.get("outcome", ()):
                checks.outcome(outcome)
        checks.overreaches(self._in_order([*about.get("overreach", ()), *flawed]))

    def _look_around(self, within: Boxes) -> None:
        """Note where changed rules may apply as they are. ``within``: elsewhere they apply as before, and what has been
        noted before does not count.
        """
        contest = self.contest
        applying = [box for number in self.moved for box in contest.regions(number, maybe=True)]
        own = [box for number in self.moved for box in contest.extents[number].maybe]
        if within is not None:
            self.near, self.meeting, self.applying, self.own = set(), set(), [], []
            applying, own = (_met(boxes, within) for boxes in (applying, own))
        self.near.update(bits(contest.near(applying)))
        self.meeting.update(bits(union(contest.meeting(box) for box in own)))
        self.applying = _distinct((*self.applying, *applying))
        self.own = _distinct((*self.own, *own))

    def _take_over(self) -> None:
        """Put the changed rules in the places of the old ones."""
        checks = self.checks
        for number, rule in self.changed.items():
            unit = checks.unit_of[number]
            unit.rules[next(place for place, old in enumerate(unit.rules) if old.number == number)] = rule
            self.unless.pop(unit, None)
            checks.note_clauses(rule)
            if "L208" in checks.asked:
                checks.lines[number] = checks.lines_of(rule)

    def _to_judge(self) -> set[Unit]:
        """The units of which it is to be asked again whether they apply, decide and matter."""
        unit_of = self.checks.unit_of
        found = {unit_of[number] for number in self.changed}
        near = {unit_of[number] for number in self.near}
        # Who prevails over a rule, or says the same, is told by their own conditions.
        near |= {unit for number in self.meeting if (unit := unit_of[number]).flaw in ("L203", "L204")}
        for unit in near - found:
            if not self._stays(unit):
                found.add(unit)
            elif unit.flaw == "L204":
                self.checks.tell_redundant(unit)
        return found

    def _stays(self, unit: Unit) -> bool:
        """Of a unit that is not changed itself the same can be said as before."""
        rules, moved = self.contest.ruleset, self.moved_rules
        match unit.flaw:
            case "L211":
                return True
            case "L202":
                return not any(questions.support(self.contest, rule.number) & moved for rule in unit.rules)
            case "L203":
                return not any(rules.reach[rule.number] & moved for rule in unit.rules)
            case "L204":
                return unit.relies_on is not None and not unit.relies_on & moved and self._still_shown(unit)
            case _:
                return self.checks.is_settled(unit) and self._still_shown(unit)

    def _still_shown(self, unit: Unit) -> bool:
        return self.touched.isdisjoint(unit.tests) and all(map(self._far, unit.regions))

    def _far(self, region: Box) -> bool:
        """No changed rule may apply in a region, before or after."""
        return all(disjoint(region, box) for box in self.applying)

    def _in_order(self, units: Iterable[Unit]) -> list[Unit]:
        return sorted(set(units), key=lambda unit: unit.rules[0].number)

    def _look_at_specimens(self) -> None:
        checks, contest = self.checks, self.contest
        found = []
        for known, standing in zip(checks.seen, standings(contest, self.conditions, checks.seen), strict=True):
            known.specimen.forget(checks.decision.qname)
            far = not self.moved_rules & (known.standing.maybe | standing.maybe)
            if not far:
                self.touched.add(known.specimen)
            outcome = known.outcome if far else contest.resolve_at(*standing).outcome
            found.append(known._replace(standing=standing, outcome=outcome))
        checks.seen = found

    # ------------------------------------------------------------------------------------- questions

    def _pairs(self) -> list[tuple[int, int]]:
        return [
            (one, two)
            for one, two in self.checks.pairs
            if one in self.changed or two in self.changed or (one in self.meeting and two in self.meeting)
        ]

    def _drop_clauses(self) -> set[Span]:
        """Forget the edges of the rules as they were; their clauses."""
        clauses = self.checks.clauses
        found = {edge.clause for number in self.changed for edge in self.contest.rules[number].edges}
        for clause in found & clauses.keys():
            clauses[clause] = [each for each in clauses[clause] if each[0].number not in self.changed]
        return found

    def _clauses(self, forgotten: set[Span]) -> set[Span]:
        clauses = self.checks.clauses
        asked = {edge.clause for rule in self.changed.values() for edge in rule.edges} | forgotten
        for clause in asked & clauses.keys():
            clauses[clause].sort(key=lambda each: each[0].number)
            if not clauses[clause]:
                del clauses[clause]
                self.findings.about("clause", clause)
        if self.near:
            asked |= {clause for clause, edges in clauses.items() if self._reaches(clause, edges)}
        return asked & clauses.keys()

    def _reaches(self, clause: Span, edges: Iterable[tuple[Rule, Edge]]) -> bool:
        """Whether a clause makes a difference may have changed."""
        felt = self.checks.where_felt.get(clause)
        if felt is not None and self._far(felt):
            return False
        return any(rule.number in self.near and edge.target in self.near for rule, edge in edges)

    def _names(self, clause: Span, rules: set[int]) -> bool:
        """A clause is of one of ``rules``, or names one."""
        edges = self.checks.clauses[clause] if rules else ()
        return any(not rules.isdisjoint((rule.number, edge.target, edge.declared_by)) for rule, edge in edges)

    def _spares(self, unit: Unit) -> bool:
        """The unit has an `unless` that may make a difference where a changed rule may apply."""
        if not self.applying or unit.rules[0].unless is None:
            return False
        felt = self.checks.where_felt.get(unit)
        if felt is not None and self._far(felt):
            return False
        if unit not in self.unless:
            self.unless[unit] = [box for rule in unit.rules for box in self.contest.where_unless(rule.number)]
        return any(not disjoint(one, two) for one in self.unless[unit] for two in self.applying)

    def _as_a_whole(self) -> list[Question]:
        checks, decision, qname = self.checks, self.checks.decision, self.checks.decision.qname
        checks.date_gaps.forget(self.moved_rules, self.own)
        asked: list[Question] = [("days", qname)]
        if decision.otherwise is None and "L207" in checks.asked and not self._covered_as_before():
            asked.append(("gap", qname))
        if "L209" in checks.asked:
            asked += [("outcome", qname, o) for o in decision.outcomes.members if not self._as_given_as_before(o)]
        return asked

    def _covered_as_before(self) -> bool:
        """There was no gap, and none has come where rules have changed."""
        found = self.findings.to("gap", self.checks.decision.qname)
        return not found and not self._finds(lambda box: questions.gap(self.contest, [box]))

    def _as_given_as_before(self, outcome: str) -> bool:
        """What is known of L209 still holds."""
        checks = self.checks
        if checks.is_shown(outcome):
            return False
        region = checks.where_given.get(outcome)
        if region is not None:
            return all(disjoint(region, box) for box in self.own)
        found = self.findings.to("outcome", checks.decision.qname, outcome)
        if not found or any(each.code == "L200" for each in found):
            return False  # a specimen showed it, or it was left open
        return not self._finds(lambda box: questions.given(self.contest, outcome, [box]))

    def _as_proved_as_before(self, proof: Proof) -> bool:
        """What is known of L210 still holds."""
        checks = self.checks
        given = checks.study.space.boxes(proof.given)
        if all(disjoint(box, each) for box in self.own for each in given):
            return True
        if self.findings.to("proof", proof.prove.qname):
            return False
        return not self._finds(lambda box: checks.doubted(proof, box))

    def _finds(self, ask: Callable[[Box], object]) -> bool:
        """A question is answered with yes, or left open, somewhere where rules have changed."""
        try:
            return any(ask(box) for box in self.own)
        except Undecided:
            return True
