"""An exception that never makes a difference.

An `unless`, `notwithstanding`, `subject to` or `disapplies` without which every decision would be the same. Either it
is not needed, or it does not reach what it was meant for. The fix takes it out.

Fires on:

    rule chips for licensing:
        when item.eccn within 3A001
        unless item.eccn.category == 5  # L205
        then license_required

Quiet on:

    rule chips for licensing:
        when item.eccn within 3A001
        unless destination in NATO
        then license_required
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from comity.analysis.decision.answers import answer
from comity.analysis.decision.covers import Covers
from comity.analysis.decision.deduction import Deduction, Side
from comity.analysis.decision.extents import Dropped, Mask, Standing
from comity.analysis.decision.search import DecisionSearch, Settle, Split, Verdict
from comity.analysis.decision.study import Witness
from comity.analysis.propositional.gates import FALSE
from comity.analysis.questions.change import Change, in_order
from comity.analysis.questions.differences import makes_no_difference, open_rule_for_difference, require_difference
from comity.analysis.questions.model import DecisionModel
from comity.analysis.questions.moving import Moved
from comity.analysis.questions.question import LocatedQuestion, Repairs
from comity.analysis.questions.solve import find, first
from comity.analysis.questions.units import Unit
from comity.analysis.space.axes import bits
from comity.analysis.space.boxes import Box, disjoint, meet
from comity.analysis.space.formulas import Tri
from comity.base.diagnostics import Diagnostic, Fix
from comity.base.source import Span
from comity.core.ast import Edge, Rule
from comity.runtime.rules import mask_of


class DeadClause(LocatedQuestion[Span]):
    """Does the answer to some input change without a clause of precedence? `exception to` is not asked about."""

    code = "L205"
    words = "clauses of precedence"
    about_rules = True
    rests_on = ("L202", "L203")

    def __init__(self, model: DecisionModel) -> None:
        super().__init__(model)
        self.clauses: dict[Span, list[tuple[Rule, Edge]]] = {}
        """By clause, the rules that have edges of it."""
        for rule in model.decision.rules:
            self._note(rule)

    def _note(self, rule: Rule) -> None:
        for edge in rule.edges:
            if edge.written != "exception to":
                self.clauses.setdefault(edge.clause, []).append((rule, edge))

    def subjects(self) -> Iterable[Span]:
        return self.clauses

    def is_about(self, subject: Span, change: Change) -> bool:
        edges, unit_of, edited = self.clauses[subject], self.model.unit_of, change.edited_units
        ordered = {unit_of[number] for rule, edge in edges for number in (rule.number, edge.target)}
        return unit_of[edges[0][1].declared_by] in edited and ordered.isdisjoint(change.judged.keys() - edited)

    def ask(self, subject: Span) -> None:
        model, search, unit_of = self.model, self.model.search, self.model.unit_of
        edges = self.clauses[subject]
        self.where.pop(subject, None)
        declarer = unit_of[edges[0][1].declared_by]
        written = edges[0][1].written
        named = {unit_of[rule.number if written == "subject to" else edge.target] for rule, edge in edges}
        if declarer.is_silent or any(unit.is_silent for unit in named):
            return
        targets: dict[int, Mask] = {}
        for rule, edge in edges:
            targets[rule.number] = targets.get(rule.number, 0) | 1 << edge.target
        dropped = Dropped(clauses=frozenset((subject,)))
        if model.seen_to_matter(dropped, mask_of(targets)):
            return
        felt = model.shown_by_moved(_Meetings(search, targets), partial(self._matters, dropped))
        if felt is not None:
            self.where[subject] = felt
            return
        found = model.settle(
            lambda: differs(search, dropped, _Meetings(search, targets), implied=True),
            f"whether `{written}` of `{declarer.name}` makes a difference",
            declarer,
        )
        if isinstance(found, Witness):
            self.where[subject] = found.region
        elif found is None:
            names = [unit.name for unit in in_order(named)]
            listed = ", ".join(f"`{name}`" for name in names[:3])
            self.report(
                f"`{written}` {listed} of `{declarer.name}` never makes a difference",
                subject,
                (declarer.name, *names),
                help=HELP,
            )

    def _matters(self, dropped: Dropped, moved: Moved) -> bool:
        """The answer to an input is another one without a clause."""
        search = self.model.search
        return search.said_at(*moved.standing).answer != search.said_at(*moved.standing, dropped).answer

    def about_edited(self, change: Change) -> Iterable[Span]:
        asked, unit_of, edited = self._note_changed(change), self.model.unit_of, change.edited_units
        return [
            clause
            for clause, edges in self.clauses.items()
            if unit_of[edges[0][1].declared_by] in edited
            and self.is_about(clause, change)
            and (clause in asked or self._may_change(clause, edges, change))
        ]

    def to_ask_again(self, change: Change) -> Iterable[Span]:
        """Clauses that a changed rule has or had, that name a rule with another flaw, or that order rules near the
        change, unless they are felt far from it.
        """
        asked = self._note_changed(change)
        flawed = {rule.number for unit in change.flawed for rule in unit.rules}
        return [
            clause
            for clause, edges in self.clauses.items()
            if clause in asked or _names(edges, flawed) or (change.near and self._may_change(clause, edges, change))
        ]

    def _note_changed(self, change: Change) -> set[Span]:
        """Note the clauses of changed rules again; which these are, or were."""
        clauses = self.clauses
        rules = (*change.before.values(), *change.changed.values())
        asked = {edge.clause for rule in rules for edge in rule.edges}
        for clause in asked & clauses.keys():
            clauses[clause] = [each for each in clauses[clause] if each[0].number not in change.changed]
        for rule in change.changed.values():
            self._note(rule)
        for clause in asked & clauses.keys():
            clauses[clause].sort(key=lambda each: each[0].number)
            if not clauses[clause]:
                del clauses[clause]
                self.begin(clause)
        return asked

    def _may_change(self, clause: Span, edges: Iterable[tuple[Rule, Edge]], change: Change) -> bool:
        felt = self.where.get(clause)
        if felt is not None and change.is_apart(felt):
            return False
        return any(rule.number in change.near and edge.target in change.near for rule, edge in edges)


class DeadUnless(LocatedQuestion[Unit]):
    """Does the answer to some input change without the `unless` of a rule?"""

    code = "L205"
    words = "the `unless` of {}"
    about_rules = True
    rests_on = ("L202", "L203")

    def __init__(self, model: DecisionModel) -> None:
        super().__init__(model)
        self._places: dict[Unit, list[Box]] = {}
        """Where an `unless` may make a difference, once an edit has asked for it."""

    def subjects(self) -> Iterable[Unit]:
        return [unit for unit in self.model.units if unit.rules[0].unless is not None]

    def ask(self, subject: Unit) -> None:
        search, unless = self.model.search, subject.rules[0].unless
        self.where.pop(subject, None)
        if unless is None or subject.is_silent or self._is_seen_to_matter(subject):
            return
        others = {rule.number: search.own_without_unless(rule.number) for rule in subject.rules}
        places = (box for number in others for box in search.where_unless(number))
        felt = self.model.shown_by_moved(places, partial(self._matters, others))
        if felt is not None:
            self.where[subject] = felt
            return
        regions = (box for number in others for box in search.where_unless(number))
        found = self.model.settle(
            lambda: differs(search, Dropped(), regions, replaced=others, implied=True),
            f"whether `unless` of `{subject.name}` makes a difference",
            subject,
        )
        if isinstance(found, Witness):
            self.where[subject] = found.region
        elif found is None:
            message = f"`unless` of `{subject.name}` never makes a difference"
            self.report(message, unless.span, (subject.name,), help=HELP)

    def _matters(self, without: Mapping[int, Tri], moved: Moved) -> bool:
        """The answer to an input is another one without the `unless` of rules."""
        search, standing = self.model.search, moved.standing
        true, unknown = standing.true, standing.unknown
        for number, own in without.items():
            bit = 1 << number
            holds = moved.point.holds(own.true)
            true, unknown = true & ~bit, unknown & ~bit
            if holds:
                true |= bit
            elif not moved.point.holds(own.false):
                unknown |= bit
        changed = search.said_at(true, unknown, standing.day, standing.chosen)
        return changed.answer != search.said_at(*standing).answer

    def _is_seen_to_matter(self, unit: Unit) -> bool:
        """On the input of some test the answer is another one without the `unless`."""
        model, search, points = self.model, self.model.search, self.model.study.test_points
        bare = [(1 << rule.number, search.own_without_unless(rule.number)) for rule in unit.rules]
        without = [(bit, points.holds(own.true), points.holds(own.unknown)) for bit, own in bare]
        for each in model.seen:
            standing = each.standing
            true, unknown = standing.true, standing.unknown
            for bit, holds, is_unknown in without:
                if not true & bit and holds >> each.place & 1:
                    true, unknown = true | bit, unknown & ~bit
                elif not (true | unknown) & bit and is_unknown >> each.place & 1:
                    unknown |= bit
            if (true, unknown) != (standing.true, standing.unknown):
                changed = search.said_at(true, unknown, standing.day, standing.chosen).answer
                if changed != answer(search.resolve_at(*standing)) and model.is_borne_out(each):
                    return True
        return False

    def about_edited(self, change: Change) -> Iterable[Unit]:
        for unit in change.units:
            self._places.pop(unit, None)
        return in_order(change.edited_units)

    def to_ask_again(self, change: Change) -> Iterable[Unit]:
        """Changed rules, those with another flaw, and those whose `unless` may make a difference near the change."""
        for unit in change.units:
            self._places.pop(unit, None)
        near = (unit for unit in self.model.units if self._may_change(unit, change))
        return in_order([*change.units, *change.flawed, *near])

    def _may_change(self, unit: Unit, change: Change) -> bool:
        felt = self.where.get(unit)
        if not change.differing or (felt is not None and change.is_apart(felt)) or unit.rules[0].unless is None:
            return False
        if unit not in self._places:
            search = self.model.search
            self._places[unit] = [box for rule in unit.rules for box in search.where_unless(rule.number)]
        return any(not disjoint(one, two) for one in self._places[unit] for two in change.where)


QUESTIONS = (DeadClause, DeadUnless)

HELP = "remove it, or check what it was meant to reach"


def _names(edges: Iterable[tuple[Rule, Edge]], rules: set[int]) -> bool:
    """A clause is of one of ``rules``, or names one."""
    return bool(rules) and any(
        not rules.isdisjoint((rule.number, edge.target, edge.declared_by)) for rule, edge in edges
    )


class _Meetings:
    """Where two rules meet that a clause orders: searched one after another, the likeliest first."""

    def __init__(self, search: DecisionSearch, targets: dict[int, Mask]) -> None:
        self.search = search
        self.targets = targets

    def __iter__(self) -> Iterator[Box]:
        search = self.search
        for source, targets in self.targets.items():
            for box in search.extents[source].maybe:
                for number in bits(search.meeting(box) & targets):
                    for other in search.extents[number].maybe:
                        both = meet(box, other)
                        if both is not None:
                            yield both


def differs(
    search: DecisionSearch,
    dropped: Dropped,
    regions: Iterable[Box],
    replaced: Mapping[int, Tri] | None = None,
    facts: bool = False,
    implied: bool = False,
) -> Witness | None:
    """Holds iff on some input in ``regions`` the answer is another one without what is ``dropped``, or with other
    conditions for the rules ``replaced`` (L205: a clause, or `unless` from conditions).

    ``implied``: it can be another one in ``regions`` only.
    """
    changed = {rule: search.conditions.extent(truth) for rule, truth in (replaced or {}).items()}
    moved = mask_of(changed)
    covers = Covers(search)

    def judge(standing: Standing) -> Verdict:
        if standing.open:
            if not changed and makes_no_difference(search, dropped, standing):
                return False
            return Settle(open_rule_for_difference(search, dropped, standing))
        with_it = search.said(standing).answer
        if not changed:
            return with_it != search.said(standing, dropped).answer
        other = search.standing_of(standing.region, changed)
        if other.open:
            return Split(list(search.along(standing.region, changed[first(other.open)])))
        true, unknown = standing.true & ~moved | other.true, standing.unknown & ~moved | other.unknown
        return with_it != search.said(Standing(standing.region, true, unknown, 0)).answer

    def pose(deduction: Deduction) -> None:
        ruleset = search.without(dropped.clauses) if dropped.clauses else search.ruleset
        own = {rule: deduction.encode(truth) for rule, truth in (replaced or {}).items()}
        deduction.bounds |= {rule: (FALSE, FALSE) for rule in own if rule not in deduction.bounds}
        require_difference(deduction, Side(ruleset, replaced=own))

    def harmless(region: Box) -> Sequence[Box] | None:
        return covers.of(moved, region) if changed else ()

    return find(search, regions, judge, -1, facts, pose, harmless, implied)


def fix(repairs: Repairs, d: Diagnostic) -> Fix | None:
    """Take the clause out. Of several in one decision only one at a time: another may be needed then."""
    return repairs.take_out_clause(d.span)
