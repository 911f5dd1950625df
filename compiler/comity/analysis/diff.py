"""Where two versions of a decision answer differently: both sets of rules over one space.

Rules that are the same in both versions stand there once, so whatever they say is settled once for both. A changed
rule stands there twice, and the search keeps to where the two differ. It goes through that region exhaustively, in
disjoint parts; so it finds every pair of answers there is, and counts the inputs where they can be counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeAlias

from comity import terms
from comity.analysis.axes import FiniteAxis, bits
from comity.analysis.boxes import Box, Budget, OutOfBudget, disjoint, subtract
from comity.analysis.contest import Contest, Mask, Standing
from comity.analysis.diff_changes import Causes, Changes, RuleChange, decision_frame, identity
from comity.analysis.diff_record import confined
from comity.analysis.formulas import FALSE, TRUE, Formula, all_of, negate, some_of
from comity.analysis.others import own_condition
from comity.analysis.study import Study, Undecided
from comity.core import ast as core
from comity.core.interpret import Interpreter, ruleset
from comity.core.walk import rewrite
from comity.runtime.resolve import Resolution, resolve_masks
from comity.runtime.rules import Rule, Ruleset, mask_of
from comity.runtime.types import RecordType
from comity.terms import Term

Said: TypeAlias = tuple[str, tuple[str, ...]]
"""An answer, as far as a change of it counts: the outcome, `undetermined`, `contradiction` or `gap`; what is possible."""

Transition: TypeAlias = tuple[Said, Said]

EARLIER = "earlier:"
"""Stands before the names of the old version's declarations in the program of both."""

MOST_TRANSLATED = 60_000
MOST_PARTS = 20_000
"""So many terms are translated, so many parts of a region looked at."""

WITNESSES = 3
"""In so many parts an input is looked for before a transition is given up as not shown."""


@dataclass
class Found:
    """One transition in the region of one cause. ``volume``: how much of the space it takes up, in ``total``.

    ``exact``: every part was found and is inhabited throughout. ``countable``: every fact that matters has few values,
    so the volume is a number of inputs.
    """

    causes: Causes
    transition: Transition
    witnesses: list[Mapping[str, object]] = field(default_factory=list)
    volume: int = 0
    total: int = 0
    exact: bool = True
    countable: bool = False


@dataclass(frozen=True)
class Comparison:
    """What was found, and for which causes that may not be all, with the reason."""

    found: list[Found]
    open: list[tuple[Causes, str]]


def said(resolution: Resolution) -> Said:
    label = resolution.outcome or resolution.error or "undetermined"
    return label, resolution.possible


def compare(
    changes: Changes, old: core.Decision, new: core.Decision, shared: RecordType, examples: Mapping[Any, object]
) -> Comparison:
    """Every pair of different answers on inputs of the shared record."""
    try:
        return _Joint(changes, old, new, shared, examples).run()
    except Undecided as undecided:
        groups = [change.group for change in changes.rules(old, new)] or [(new.name,)]
        return Comparison([], [(causes, undecided.why) for causes in dict.fromkeys(groups)])


def _merged(changes: Changes, old: core.Decision, new: core.Decision) -> tuple[core.Program, Callable[[Term], Term]]:
    """One program with the new declarations, and beside them the old ones that differ; and how old terms read these."""
    before, after = changes.old, changes.new
    renamed = {name: EARLIER + name for name in {*changes.causes, *(old.qname,)} if name not in after.records}

    def change(term: Term) -> Term | None:
        match term:
            case terms.Call(define=name) if name in renamed:
                return replace(term, define=renamed[name], arguments=tuple(map(earlier, term.arguments)))
            case terms.NamedSet(name=name) if name in renamed:
                return replace(term, name=renamed[name])
            case terms.Lookup(table=name) if name in renamed:
                return replace(term, table=renamed[name], keys=tuple(map(earlier, term.keys)))
            case terms.OutcomeOf(decision=name) if name in renamed:
                return replace(term, decision=renamed[name], record=earlier(term.record))
            case terms.RuleHolds(decision=name) if name in renamed:
                key = None if term.key is None else earlier(term.key)
                return replace(term, decision=renamed[name], record=earlier(term.record), key=key)
            case _:
                return None

    def earlier(term: Term) -> Term:
        return rewrite(term, change)

    def rule(each: core.Rule) -> core.Rule:
        return replace(
            each,
            membership=None if each.membership is None else earlier(each.membership),
            when=None if each.when is None else earlier(each.when),
            unless=None if each.unless is None else earlier(each.unless),
        )

    defines = {renamed[n]: replace(d, body=earlier(d.body)) for n, d in before.defines.items() if n in renamed}
    sets = {renamed[n]: replace(s, body=earlier(s.body)) for n, s in before.sets.items() if n in renamed}
    tables = {renamed[n]: table for n, table in before.tables.items() if n in renamed}
    decisions = {
        renamed[n]: replace(d, rules=tuple(map(rule, d.rules)))
        for n, d in before.decisions.items()
        if n in renamed and n != old.qname
    }
    program = replace(
        after,
        defines={**before.defines, **after.defines, **defines},
        sets={**before.sets, **after.sets, **sets},
        tables={**before.tables, **after.tables, **tables},
        decisions={**before.decisions, **after.decisions, **decisions},
    )
    return program, earlier


class _Side:
    """One version's rules, by their numbers in the union."""

    def __init__(self, decision: core.Decision, number: Mapping[int, int], size: int) -> None:
        own = ruleset(decision)
        made = [Rule("never")] * size
        for rule, at in number.items():
            each = own.rules[rule]
            made[at] = replace(
                each,
                exception_to=tuple(number[n] for n in each.exception_to),
                disapplies=tuple(number[n] for n in each.disapplies),
                prevails_over=tuple(number[n] for n in each.prevails_over),
            )
        self.rules = Ruleset(own.outcomes, own.otherwise, made, own.grounds)
        self.mask = mask_of(number.values())
        self.says: list[frozenset[str]] = [self._says(rule, own) for rule in made]

    def _says(self, rule: Rule, own: Ruleset) -> frozenset[str]:
        if rule.outcome is not None:
            return frozenset((rule.outcome,))
        return frozenset(own.outcomes if rule.refers else ())

    def resolve(self, contest: Contest, standing: Standing) -> Resolution:
        day, chosen = contest._day(standing.region), contest._chosen(standing)
        return resolve_masks(self.rules, standing.true & self.mask, standing.unknown & self.mask, day, chosen)

    def may_say(self, standing: Standing) -> frozenset[str]:
        """The outcomes there may be before grounds are tried; empty if there may be none at all."""
        maybe = (standing.unknown | standing.open) & self.mask
        remains, may_remain = self.rules.remaining(*self.rules.applying(standing.true & self.mask, maybe))
        may = frozenset(outcome for number in bits(may_remain) for outcome in self.says[number])
        if any(self.says[number] for number in bits(remains)):
            return may
        return may | {self.rules.otherwise} if self.rules.otherwise is not None else frozenset()


class _Joint:
    """Two versions of a decision in one study."""

    def __init__(
        self,
        changes: Changes,
        old: core.Decision,
        new: core.Decision,
        shared: RecordType,
        examples: Mapping[Any, object],
    ) -> None:
        program, earlier = _merged(changes, old, new)
        changed = {identity(rule) for change in changes.rules(old, new) for rule in (change.old, change.new) if rule}
        rules: list[core.Rule] = []
        news: dict[int, int] = {}
        olds: dict[int, int] = {}
        place: dict[object, int] = {}
        for rule in new.rules:
            news[rule.number] = place[identity(rule)] = len(rules)
            rules.append(self._alone(rule, len(rules), lambda term: confined(term, new.record, shared)))
        for rule in old.rules:
            if identity(rule) in place and identity(rule) not in changed:
                olds[rule.number] = place[identity(rule)]
            else:
                olds[rule.number] = len(rules)
                rules.append(self._alone(rule, len(rules), lambda term: confined(earlier(term), old.record, shared)))
        grounds = new.grounds if any(g.kind == "later" for g in new.grounds) else old.grounds
        union = replace(new, record=shared, rules=tuple(rules), grounds=grounds)
        self.study = Study(Interpreter(program), shared, examples)
        self._limit()
        self.contest = Contest(self.study, union)
        self.old = _Side(old, olds, len(rules))
        self.new = _Side(new, news, len(rules))
        self.where: dict[Causes, list[Formula]] = {}
        for change in changes.rules(old, new):
            one = None if change.old is None else olds[change.old.number]
            two = None if change.new is None else news[change.new.number]
            self.where.setdefault(change.group, []).append(self._differs(union, change, one, two))
        if decision_frame(old) != decision_frame(new):
            self.where[(new.name,)] = [TRUE]
        self.study.settle()
        matter = {axis for extent in self.contest.extents for box in extent.maybe for axis in box}
        matter |= {axis for extent in self.contest.extents for box in extent.true for axis in box}
        self.matter = sorted(matter)

    def _alone(self, rule: core.Rule, number: int, adapt: Callable[[Term], Term]) -> core.Rule:
        return replace(
            rule,
            number=number,
            edges=(),
            membership=None if rule.membership is None else adapt(rule.membership),
            when=None if rule.when is None else adapt(rule.when),
            unless=None if rule.unless is None else adapt(rule.unless),
        )

    def _limit(self) -> None:
        """Give up on programs whose conditions are too large to be translated in the time a comparison may take."""
        translator, left = self.study.translator, Budget(MOST_TRANSLATED)
        truth = translator.truth

        def counted(term: Term, env: Any) -> Any:
            try:
                left.spend()
            except OutOfBudget:
                raise Undecided("the conditions are too large to be compared as a whole") from None
            return truth(term, env)

        translator.truth = counted  # type: ignore[method-assign]

    def _differs(self, union: core.Decision, change: RuleChange, one: int | None, two: int | None) -> Formula:
        """Where a change may matter: where the rule's conditions differ, or where it applies, if it now does another
        thing."""
        truths = [
            own_condition(self.study.translator, union, union.rules[number], self.study.env)
            for number in (one, two)
            if number is not None
        ]
        if len(truths) < 2 or change.role:
            return some_of(truth.maybe for truth in truths)
        before, after = truths
        parts: list[Formula] = []
        for a, b in ((before.true, after.true), (before.maybe, after.maybe)):
            if a is not b:
                parts += [all_of((a, negate(b))), all_of((negate(a), b))]
        return some_of(parts) if parts else FALSE

    # ------------------------------------------------------------------------------------- the walk

    def run(self) -> Comparison:
        found: list[Found] = []
        open_: list[tuple[Causes, str]] = []
        for causes, formulas in self.where.items():
            walk = _Walk(self, causes)
            try:
                walk.run(self._disjoint([box for each in formulas for box in self.study.space.boxes(each)], walk.budget))
            except OutOfBudget:
                walk.unsure = "the search took too many steps"
            if walk.unsure is not None:
                open_.append((causes, walk.unsure))
                for each in walk.found.values():
                    each.exact = False
            found += walk.found.values()
        return Comparison(found, open_)

    def _disjoint(self, boxes: Sequence[Box], budget: Budget) -> Iterator[Box]:
        """The union of boxes in disjoint parts, without what is impossible."""
        full = self.study.space.full
        for number, box in enumerate(boxes):
            yield from _without([box], boxes[:number], full, budget)

    def volume(self, region: Box) -> int:
        product = 1
        for axis in self.matter:
            product *= region.get(axis, self.study.space.full[axis]).bit_count()
        return product

    @cached_property
    def total(self) -> tuple[int, bool]:
        """The volume of all inputs, and whether that is exact."""
        space = self.study.space
        try:
            parts = _without([{}], space.impossible, space.full, Budget(MOST_PARTS))
        except OutOfBudget:
            return self.volume({}), False
        return sum(map(self.volume, parts)), True

    @property
    def countable(self) -> bool:
        """Every cell of the facts that matter is one value."""
        space = self.study.space
        return all(isinstance(space.axes[axis], FiniteAxis) and not self.made(axis) for axis in self.matter)

    def made(self, axis: int) -> bool:
        """The axis is no fact by itself, so a volume is no number of inputs."""
        space = self.study.space
        return (
            axis in space.recipes
            or axis in space.element_atoms
            or axis in space.opaque
            or space.axes[axis].owner is not None
        )


def _without(boxes: list[Box], holes: Iterable[Box], full: Sequence[int], budget: Budget) -> list[Box]:
    """``boxes``, which are disjoint, without ``holes``: disjoint again."""
    for hole in holes:
        left: list[Box] = []
        for box in boxes:
            if disjoint(box, hole):
                left.append(box)
            else:
                for part in subtract(box, hole, full):
                    budget.spend()
                    left.append(part)
        boxes = left
    return boxes


class _Walk:
    """Through the region of one cause, part by part."""

    def __init__(self, joint: _Joint, causes: Causes) -> None:
        self.joint = joint
        self.causes = causes
        self.contest = joint.contest
        self.budget = Budget(MOST_PARTS)
        self.found: dict[Transition, Found] = {}
        self.unsure: str | None = None

    def run(self, boxes: Iterable[Box]) -> None:
        for box in boxes:
            self._go(box, self.contest.meeting(box))

    def _go(self, region: Box, among: Mask) -> None:
        self.budget.spend()
        contest, joint = self.contest, self.joint
        standing = contest.standing(region, among)
        if standing.open:
            may = joint.old.may_say(standing)
            if len(may) == 1 and may == joint.new.may_say(standing):
                return
            rule = (standing.open & -standing.open).bit_length() - 1
            parts: Iterable[Box] = contest.along(region, contest.extents[rule])
        else:
            split = contest.periods(standing)
            if split is None:
                self._judge(region, standing)
                return
            parts = split.boxes
        left = standing.true | standing.unknown | standing.open
        for part in parts:
            self._go(part, left)

    def _judge(self, region: Box, standing: Standing) -> None:
        before = said(self.joint.old.resolve(self.contest, standing))
        after = said(self.joint.new.resolve(self.contest, standing))
        if before == after:
            return
        study = self.joint.study
        key = before, after
        known = self.found.get(key)
        impossible = [box for box in study.space.impossible if not disjoint(box, region)]
        parts = _without([region], impossible, study.space.full, self.budget)
        if not parts:
            return
        if known is None:
            total, exact = self.joint.total
            known = Found(self.causes, key, total=total, exact=exact, countable=self.joint.countable)
        sure = not any(self.joint.made(axis) for axis in region)
        if len(known.witnesses) < WITNESSES:
            try:
                witness = study.find(region, facts=True)
            except Undecided as undecided:
                self.unsure = self.unsure or undecided.why
                return
            if witness is None:
                return
            assert witness.facts is not None
            known.witnesses.append(witness.facts)
        self.found[key] = known
        known.volume += sum(map(self.joint.volume, parts))
        known.exact = known.exact and sure


def share(found: Found) -> Fraction:
    """The part of the space that a change takes up."""
    return Fraction(found.volume, found.total)
