"""Where two versions of a decision answer differently: both sets of rules over one space.

Rules that are the same in both versions stand there once, so whatever they say is settled once for both. A changed
rule stands there twice, and the search keeps to where the two differ. It goes through that region exhaustively, in
disjoint parts; so it finds every pair of answers there is, and counts the inputs where they can be counted.

Example: `when destination in {RU}` becomes `{RU, BY}`. The region is `destination == BY`, where the old rule does not
apply and the new one does. Other rules split it: what they prohibit anyway is the pair (prohibited, prohibited), which
is not a difference; the rest goes from `free` to `license_required`, with an export to BY for each pair.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import TypeAlias

from comity.analysis import limits
from comity.analysis.decision.extents import Mask, Standing
from comity.analysis.decision.search import DecisionSearch
from comity.analysis.decision.study import Study, Undecided
from comity.analysis.space.axes import FiniteAxis, bits
from comity.analysis.space.boxes import Box, Budget, OutOfBudget
from comity.analysis.space.facts import THERE
from comity.analysis.space.formulas import Tri
from comity.analysis.translate.decisions import own_condition
from comity.analysis.versions.changes import Causes, Changes, decision_frame, identity
from comity.analysis.versions.count import NOTHING, Amount, Counter, without
from comity.analysis.versions.merge import Said, Side, adapted, merged, said
from comity.analysis.versions.size import too_large
from comity.base.watching import doing
from comity.core import ast as core
from comity.core.interpret import Interpreter
from comity.runtime.light import dataclass
from comity.runtime.types import RecordType

Transition: TypeAlias = tuple[Said, Said]


@dataclass
class Found:
    """One transition in the region of one cause. ``sure``: the whole region was gone through."""

    causes: Causes
    transition: Transition
    witnesses: list[Mapping[str, object]] = field(default_factory=list)
    amount: Amount = NOTHING
    sure: bool = True
    among: Mapping[str, Sequence[object]] = field(default_factory=dict)
    """Facts that have only some of their values wherever this happens, with these."""
    reach: Box = field(default_factory=dict)
    """The smallest box around all parts."""


@dataclass(frozen=True)
class Comparison:
    """What was found, and for which causes that may not be all, with the reason. ``total``: of all inputs, if known.

    ``beside``: how many inputs stand for each one that is counted, because of facts that do not matter.
    """

    found: list[Found]
    open: list[tuple[Causes, str]]
    total: Amount | None = None
    beside: int | None = None


def compare(
    changes: Changes,
    old: core.Decision,
    new: core.Decision,
    shared: RecordType,
    examples: Mapping[tuple[str, ...], object],
) -> Comparison:
    """Every pair of different answers on inputs of the shared record."""
    try:
        return _Joint(changes, old, new, shared, examples).run()
    except Undecided as undecided:
        groups = [change.group for change in changes.rules(old, new)] or [(new.name,)]
        return Comparison([], [(causes, undecided.why) for causes in dict.fromkeys(groups)])


class _Joint:
    """Two versions of a decision in one study."""

    def __init__(
        self,
        changes: Changes,
        old: core.Decision,
        new: core.Decision,
        shared: RecordType,
        examples: Mapping[tuple[str, ...], object],
    ) -> None:
        self.name = new.name
        program, of_old, of_new = merged(changes, old, new, shared)
        changed = {identity(rule) for change in changes.rules(old, new) for rule in (change.old, change.new) if rule}
        rules: list[core.Rule] = []
        news: dict[int, int] = {}
        olds: dict[int, int] = {}
        place: dict[object, int] = {}
        for rule in new.rules:
            news[rule.number] = place[identity(rule)] = len(rules)
            rules.append(replace(adapted(rule, of_new), number=len(rules), edges=()))
        for rule in old.rules:
            if identity(rule) in place and identity(rule) not in changed:
                olds[rule.number] = place[identity(rule)]
            else:
                olds[rule.number] = len(rules)
                rules.append(replace(adapted(rule, of_old), number=len(rules), edges=()))
        grounds = new.grounds if any(g.kind == "later" for g in new.grounds) else old.grounds
        union = replace(new, record=shared, rules=tuple(rules), grounds=grounds)
        self.study = Study(Interpreter(program), shared, examples)
        # Before all rules are looked at, those that were changed: mostly it shows at them that it would be in vain.
        self._refuse_too_large(
            own_condition(self.study.translator, union, union.rules[number], self.study.env)[0]
            for change in changes.rules(old, new)
            for rule, place in ((change.new, news), (change.old, olds))
            if rule is not None
            for number in (place[rule.number],)
        )
        self.search = DecisionSearch(self.study, union)
        self.old = Side(old, olds, len(rules))
        self.new = Side(new, news, len(rules))
        self.where: dict[Causes, list[tuple[int | None, int | None, bool]]] = {}
        for change in changes.rules(old, new):
            one = None if change.old is None else olds[change.old.number]
            two = None if change.new is None else news[change.new.number]
            self.where.setdefault(change.group, []).append((one, two, change.role))
        if decision_frame(old) != decision_frame(new):
            self.where[(new.name,)] = []
        self._refuse_too_large(map(self.search.own, range(len(self.search.rules))))
        self.study.settle()
        extents = self.search.extents
        matter = {axis for each in extents for boxes in (each.true, each.maybe) for box in boxes for axis in box}
        self.counter = Counter(self.study.space, matter, shared.fields)

    def _refuse_too_large(self, conditions: Iterable[Tri]) -> None:
        if too_large(conditions):
            raise Undecided("the conditions are too large to be compared as a whole")

    def regions(self, causes: Causes, budget: Budget) -> list[Box]:
        """Where one cause may matter, in boxes: where conditions differ, and where rules apply that are not in both
        versions, or now do another thing. Everywhere, where the decision itself was changed.
        """
        if not self.where[causes]:
            return [{}]
        found: list[Box] = []
        for one, two, role in self.where[causes]:
            extents = [self.search.extents[number] for number in (one, two) if number is not None]
            if len(extents) < 2 or role:
                found += [box for extent in extents for box in extent.maybe]
                continue
            before, after = extents
            for these, those in ((before.true, after.true), (before.maybe, after.maybe)):
                found += self._beyond(these, those, budget)
                found += self._beyond(those, these, budget)
        return found

    def _beyond(self, boxes: Sequence[Box], others: Sequence[Box], budget: Budget) -> list[Box]:
        """The union of ``boxes`` without that of ``others``. What both lists have is left out at once."""
        same = {frozenset(box.items()) for box in others}
        left = [box for box in boxes if frozenset(box.items()) not in same]
        return [part for box in left for part in without([box], others, self.study.space.full, budget)]

    def has_part(self, causes: Causes, standing: Standing, applying: Mask) -> bool:
        """Whether a rule changed by ``causes`` stands differently: its condition or what it does is another, and it may
        apply in one of the versions (``applying``).
        """

        def own(number: int | None) -> tuple[int, int]:
            return (0, 0) if number is None else (standing.true >> number & 1, standing.unknown >> number & 1)

        return not self.where[causes] or any(
            (role or own(one) != own(two)) and any(n is not None and applying >> n & 1 for n in (one, two))
            for one, two, role in self.where[causes]
        )

    def run(self) -> Comparison:
        found: list[Found] = []
        open_: list[tuple[Causes, str]] = []
        for causes in self.where:
            doing(f"{self.name}: what {', '.join(f'`{name}`' for name in causes)} changes")
            walk = _Walk(self, causes)
            try:
                walk.run(self._disjoint(self.regions(causes, walk.budget), walk.budget))
            except OutOfBudget:
                walk.unsure = "the search took too many steps"
            if walk.unsure is not None:
                open_.append((causes, walk.unsure))
                for each in walk.found.values():
                    each.sure = False
            for each in walk.found.values():
                each.among = self._among(each.reach)
            found += walk.found.values()
        return Comparison(found, open_, self.counter.total() if found else None, self.counter.beside)

    def _among(self, reach: Box) -> dict[str, list[object]]:
        """The members of enums and places in a box; None stands for unknown."""
        found: dict[str, list[object]] = {}
        for number, mask in sorted(reach.items()):
            axis = self.study.space.axes[number]
            if isinstance(axis, FiniteAxis) and not self.counter.made(number) and THERE not in axis.members:
                members: list[object] = [axis.members[bit] for bit in bits(mask & axis.values)]
                members += [{"absent": True}] * bool(mask & axis.absent) + [None] * bool(mask & axis.unknown)
                found[axis.name] = members
        return found

    def _disjoint(self, boxes: Sequence[Box], budget: Budget) -> Iterator[Box]:
        """The union of boxes in disjoint parts."""
        for number, box in enumerate(boxes):
            yield from without([box], boxes[:number], self.study.space.full, budget)


class _Walk:
    """Through the region of one cause, part by part."""

    def __init__(self, joint: _Joint, causes: Causes) -> None:
        self.joint = joint
        self.causes = causes
        self.search = joint.search
        self.budget = Budget(limits.current.diff_parts)
        self.found: dict[Transition, Found] = {}
        self.unsure: str | None = None

    def run(self, boxes: Iterable[Box]) -> None:
        for box in boxes:
            self._go(box, self.search.meeting(box))

    def _go(self, region: Box, among: Mask) -> None:
        self.budget.spend()
        search, joint = self.search, self.joint
        standing = search.standing(region, among)
        if standing.open:
            may_before, hangs_before = joint.old.survey(standing)
            may_after, hangs_after = joint.new.survey(standing)
            if len(may_before) == 1 and may_before == may_after:
                return
            depends_on = hangs_before | hangs_after
            # What the answer does not depend on is as good as false, and need not be split along.
            standing = replace(standing, open=depends_on)
        if standing.open:
            parts: Iterable[Box] = search.along(region, search.extents[self._next(standing.open)])
        else:
            split = search.periods(standing)
            if split is None:
                self._judge(region, standing)
                return
            parts = split.boxes
        left = standing.true | standing.unknown | standing.open
        for part in parts:
            self._go(part, left)

    def _next(self, open_: Mask) -> int:
        """The open rule that cuts the region into fewest parts."""
        return min(bits(open_), key=lambda number: len(self.search.extents[number].maybe))

    def _judge(self, region: Box, standing: Standing) -> None:
        old, new = self.joint.old.resolve(self.search, standing), self.joint.new.resolve(self.search, standing)
        before, after = said(old), said(new)
        if before == after or not self.joint.has_part(self.causes, standing, old.perhaps | new.perhaps):
            return
        study, counter = self.joint.study, self.joint.counter
        parts = counter.possible(region, self.budget)
        if not parts:
            return
        known = self.found.get((before, after)) or Found(self.causes, (before, after))
        if len(known.witnesses) < limits.current.diff_witnesses or study.depends_on_more(region):
            try:
                witness = study.find(region, facts=True)
            except Undecided as undecided:
                self.unsure = self.unsure or undecided.why
                return
            if witness is None:
                return
            assert witness.facts is not None
            if len(known.witnesses) < limits.current.diff_witnesses:
                known.witnesses.append(witness.facts)
        self.found[before, after] = known
        if not known.amount.cells:
            known.reach = dict(region)
        known.reach = {axis: mask | region[axis] for axis, mask in known.reach.items() if axis in region}
        known.amount = sum(map(counter.amount, parts), known.amount)
