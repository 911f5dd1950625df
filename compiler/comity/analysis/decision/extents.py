"""The rules of one decision as boxes: where each applies, which are true in a region, and what they say there.

A rule's own condition becomes its *extent*: the boxes in which it is true, and those in which it is not false. In a
region a rule is true, unknown or false throughout, or it is *open*. Where no rule is open, the rules that are true or
unknown are resolved as those of an input are.

Example: `embargo` is true in the box `destination in {RU, BY}` and `chips` in `eccn in {3A001}`. In the region
`destination == RU` the first is true and the second is open; in `destination == RU, eccn in {3A001}` both are true,
and what they say there is the answer for every input of the region.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import TypeAlias, overload

from comity.analysis import limits
from comity.analysis.decision.alike import Alike
from comity.analysis.decision.answers import Said, said
from comity.analysis.decision.conditions import Conditions, Extent, Known
from comity.analysis.decision.grounds import dominated
from comity.analysis.decision.study import Study
from comity.analysis.decision.without import Without
from comity.analysis.space.axes import DayAxis, bits
from comity.analysis.space.boxes import Box, inside, meet
from comity.analysis.space.formulas import Axis, Tri, all_of, some_of
from comity.analysis.space.index import Index
from comity.base.interruption import check_interrupted
from comity.base.source import Span
from comity.core import ast as core
from comity.core.interpret import ruleset
from comity.runtime.light import dataclass
from comity.runtime.resolve import Resolution, resolve_masks
from comity.runtime.rules import Ruleset, mask_of

Mask: TypeAlias = int
"""Bit i is rule number i."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known in ``region`` of the rules that matter there: own condition true, unknown, or open."""

    region: Box
    true: Mask
    unknown: Mask
    open: Mask

    @property
    def masks(self) -> tuple[Mask, Mask, Mask]:
        return self.true, self.unknown, self.open


@dataclass(frozen=True, slots=True)
class Dropped:
    """Rules, and clauses (by their span), that a question thinks away."""

    rules: Mask = 0
    clauses: frozenset[Span] = frozenset()


NOTHING = Dropped()


class RulesInBoxes:
    """The rules of one decision in a study. Make it before the study is settled, ask after."""

    def __init__(self, study: Study, decision: core.Decision, known: Mapping[int, Known] | None = None) -> None:
        """``known``: what is known of conditions from another process (`Conditions`)."""
        self.study = study
        self.space = study.space
        self.decision = decision
        self.rules = decision.rules
        self.ruleset: Ruleset = ruleset(decision)
        self.conditions = Conditions(study, decision, known or {})
        self._regions: dict[tuple[int, bool], list[Box]] = {}
        self._without: tuple[frozenset[Span], Ruleset] | None = None

    def exceptions_to(self, rule: int, spared: Mask = 0) -> Mask:
        """The exceptions to a rule, those to them, and so on; without the ``spared`` and what depends on them alone."""
        found, waiting = 0, 1 << rule
        while waiting:
            number = waiting.bit_length() - 1
            more = self.ruleset.excepted_by[number] & ~spared & ~found
            found |= more
            waiting = waiting & ~(1 << number) | more
        return found

    @cached_property
    def alike(self) -> Alike:
        return Alike(self.ruleset)

    @cached_property
    def dominated(self) -> dict[str, frozenset[str]]:
        """For each outcome, those that can make no difference beside it."""
        return dominated(self.ruleset)

    @property
    def never_contradicts(self) -> bool:
        """Of any two outcomes, one leaves the other no say."""
        return all(
            one == two or one in self.dominated.get(two, ()) or two in self.dominated.get(one, ())
            for one in self.ruleset.outcomes
            for two in self.ruleset.outcomes
        )

    # -------------------------------------------------------------------------------------- extents

    @cached_property
    def extents(self) -> _Extents:
        """By rule; each is found when it is asked for."""
        return _Extents(self)

    def regions(self, rule: int, maybe: bool = False) -> list[Box]:
        """Boxes outside which the rule certainly does not apply: its own, within those of what it is an exception to.

        ``maybe``: those where its own condition is not false, instead of those where it is true.
        """
        key = (rule, maybe)
        if key not in self._regions:
            check_interrupted()
            extent = self.extents[rule]
            found = extent.maybe if maybe else extent.true
            targets = self.rules[rule].targets("exception")
            if targets:
                inner = [box for target in targets for box in self.regions(target, maybe)]
                met = [both for one in found for two in inner if (both := meet(one, two)) is not None]
                found = found if len(met) > limits.current.exception_boxes else met
            self._regions[key] = found
        return self._regions[key]

    def own(self, rule: int) -> Tri:
        """A rule's own condition."""
        return self.conditions.of(self.decision, rule).own

    def own_without_unless(self, rule: int) -> Tri:
        return self.conditions.of(self.decision, rule).without_unless

    def where_unless(self, rule: int) -> list[Box]:
        """Where the `unless` of a rule may make a difference to its own condition."""
        own, without = self.own(rule), self.own_without_unless(rule)
        return self.space.boxes(some_of((all_of((without.true, own.doubtful)), all_of((without.maybe, own.false)))))

    @cached_property
    def index(self) -> Index:
        """Every box in which a rule's own condition is not false, by rule."""
        boxes = [(box, number) for number, extent in enumerate(self.extents) for box in extent.maybe]
        return Index(self.space.axes, boxes, len(self.rules))

    @property
    def is_tangled(self) -> bool:
        """Rules have so many boxes that to look at these takes longer than to ask the solver, which needs none."""
        boxes = len(self.index.boxes)
        return boxes > limits.current.tangled_boxes and limits.current.tangled_boxes_of_a_rule * len(self.rules) < boxes

    @cached_property
    def true_index(self) -> Index:
        """Every box in which a rule's own condition is true, by rule."""
        if not self.doubtful:
            return self.index
        boxes = [(box, number) for number, extent in enumerate(self.extents) for box in extent.true]
        return Index(self.space.axes, boxes, len(self.rules))

    @cached_property
    def doubtful(self) -> Mask:
        """The rules whose own condition may be unknown."""
        return mask_of(number for number, extent in enumerate(self.extents) if extent.maybe is not extent.true)

    def meeting(self, region: Box) -> Mask:
        """The rules whose own condition is not false throughout ``region``."""
        return self.index.owned(self.index.meeting(region))

    # ------------------------------------------------------------------------------------- standing

    def standing(self, region: Box, among: Mask = -1) -> Standing:
        """The status of the rules ``among`` in ``region``."""
        maybe = self.index
        near = maybe.meeting(region)
        held = maybe.holding(region) if near else 0
        met, never_false = maybe.owned(near) & among, maybe.owned(held) & among
        if not met & self.doubtful:
            return Standing(region, never_false, 0, met & ~never_false)
        return self._standing(region, met, never_false)

    def _standing(self, region: Box, met: Mask, never_false: Mask) -> Standing:
        """How rules stand that are not false somewhere, and those of them that are so nowhere."""
        true = self.true_index
        near = true.meeting(region)
        somewhere = true.owned(near) & met
        always = true.owned(true.holding(region)) & met if near else 0
        unknown = never_false & ~somewhere
        return Standing(region, always, unknown, met & ~always & ~unknown)

    def standing_of(self, region: Box, extents: Mapping[int, Extent]) -> Standing:
        """The status that rules would have in ``region`` if they had these extents."""
        true = unknown = open_ = 0
        for number, extent in extents.items():
            match self._stands(region, extent):
                case True:
                    true |= 1 << number
                case None:
                    unknown |= 1 << number
                case "open":
                    open_ |= 1 << number
        return Standing(region, true, unknown, open_)

    def _stands(self, region: Box, extent: Extent) -> bool | str | None:
        if any(inside(region, box) for box in extent.true):
            return True
        if any(meet(region, box) is not None for box in extent.true):
            return "open"
        if any(inside(region, box) for box in extent.maybe):
            return None
        return "open" if any(meet(region, box) is not None for box in extent.maybe) else False

    def resolve(self, standing: Standing) -> Resolution:
        """What the rules say where nothing is open."""
        return self.resolve_at(standing.true, standing.unknown, self._day(standing.region), self._chosen(standing))

    def resolve_at(self, true: Mask, unknown: Mask, day: date | None, chosen: Mapping[int, str]) -> Resolution:
        """What the rules say, given which conditions are true and unknown, the day, and what findings name."""
        return resolve_masks(self.ruleset, true, unknown, day, chosen, needs=False)

    def said(self, standing: Standing, dropped: Dropped = NOTHING) -> Said:
        """As `resolve`, as far as the answer goes. ``dropped``: without these rules or clauses."""
        return self.said_at(
            standing.true, standing.unknown, self._day(standing.region), self._chosen(standing), dropped
        )

    def said_at(
        self, true: Mask, unknown: Mask, day: date | None, chosen: Mapping[int, str], dropped: Dropped = NOTHING
    ) -> Said:
        """As `resolve_at`, as far as the answer goes."""
        rules = self.without(dropped.clauses) if dropped.clauses else self.ruleset
        return said(rules, true & ~dropped.rules, unknown & ~dropped.rules, day, chosen)

    def without(self, clauses: frozenset[Span]) -> Ruleset:
        """The rules without some clauses. Kept for the last question only: each is about a clause of its own."""
        if self._without is None or self._without[0] != clauses:
            rules = [rule for clause in clauses for rule in self._with_clause.get(clause, ())]
            self._without = clauses, Without(self.ruleset, rules, clauses)
        return self._without[1]

    @cached_property
    def _with_clause(self) -> dict[Span, list[core.Rule]]:
        """For each clause, the rules that have edges of it."""
        found: dict[Span, list[core.Rule]] = {}
        for rule in self.rules:
            for clause in dict.fromkeys(edge.clause for edge in rule.edges):
                found.setdefault(clause, []).append(rule)
        return found

    def _day(self, region: Box) -> date | None:
        """A day of the region, which lies in one period, if `prevail by later` asks for it."""
        if not self.openings:
            return None
        axis = self.study.translator.day
        mask = region.get(axis.number, axis.full)
        value = next((value for _, value in axis.choices(mask)), None)
        return value if isinstance(value, date) else None

    def _chosen(self, standing: Standing) -> dict[int, str]:
        """Outcomes that findings name for rules that refer for any outcome."""
        chosen: dict[int, str] = {}
        for number in self.open_ended:
            if standing.true >> number & 1 or standing.unknown >> number & 1:
                axis = self.finding(number)
                values = [value for _, value in axis.choices(standing.region.get(axis.number, axis.full))]
                if len(values) == 1 and isinstance(values[0], str):
                    chosen[number] = values[0]
        return chosen

    @cached_property
    def open_ended(self) -> list[int]:
        """Rules that refer to counsel for any outcome."""
        return [rule.number for rule in self.rules if rule.refer is not None and rule.outcome is None]

    def finding(self, rule: int) -> Axis:
        """The axis of counsel's finding on a rule that refers to it."""
        return self.study.translator.findings[self.rules[rule].question]

    @cached_property
    def openings(self) -> list[date]:
        """The days on which a window opens, if `prevail by later` asks for them."""
        by_day = any(ground.kind == "later" for ground in self.ruleset.grounds)
        return sorted({day for rule in self.ruleset.rules for day in rule.begins}) if by_day else []

    @cached_property
    def day_periods(self) -> list[tuple[date | None, int]]:
        """The days between two openings of windows, as a day and a mask, and the unknown day, if a ground asks."""
        if not self.openings:
            return []
        axis: DayAxis = self.study.translator.day
        periods: dict[object, tuple[date | None, int]] = {}
        for cell in bits(axis.full):
            value = next(value for _, value in axis.choices(1 << cell))
            day = value if isinstance(value, date) else None
            key = None if day is None else bisect_right(self.openings, day)
            first, mask = periods.get(key, (day, 0))
            periods[key] = first, mask | 1 << cell
        return list(periods.values())


class _Extents(Sequence[Extent]):
    """The extents of the rules of a decision. Many questions are answered without looking at most of them."""

    def __init__(self, rules: RulesInBoxes) -> None:
        self.rules = rules
        self._known = {rule: known.extent for rule, known in rules.conditions.known.items()}

    def __len__(self) -> int:
        return len(self.rules.rules)

    def put(self, rule: int, extent: Extent) -> None:
        self._known[rule] = extent

    @overload
    def __getitem__(self, rule: int) -> Extent: ...

    @overload
    def __getitem__(self, rule: slice) -> list[Extent]: ...

    def __getitem__(self, rule: int | slice) -> Extent | list[Extent]:
        if isinstance(rule, slice):
            return [self[number] for number in range(*rule.indices(len(self)))]
        if rule not in self._known:
            if not 0 <= rule < len(self):
                raise IndexError(rule)
            conditions = self.rules.conditions
            size = self.rules.space.size
            self._known[rule] = conditions.extent(conditions.of(self.rules.decision, rule).own)
            if self.rules.space.size != size:
                conditions.founders.add(rule)
        return self._known[rule]
