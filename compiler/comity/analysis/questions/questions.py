"""The questions, each in one sentence, above the few lines that build it.

A question is asked of a `Contest` (the rules of a decision) or of a `Study` (conditions alone). Its answer is a
`Witness`, or None: then there is certainly none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TypeAlias

from comity.analysis.decision.covers import Covers
from comity.analysis.decision.deduction import Deduction, Outcomes, Region, Side, is_crowded, only, several
from comity.analysis.decision.search import Contest, Dropped, Judge, Mask, Settle, Split, Standing, Verdict
from comity.analysis.decision.study import OutOfSteps, Undecided, Witness
from comity.analysis.propositional.gates import FALSE, Gates
from comity.analysis.space.axes import bits
from comity.analysis.space.boxes import Box, Budget, meet
from comity.analysis.space.formulas import Tri
from comity.runtime.rules import Resolution, mask_of

Harmless: TypeAlias = Callable[[Box], Sequence[Box] | None]

Pose: TypeAlias = Callable[[Deduction], None]
"""Requires of a deduction what a question asks for."""

STEPS_BY_BOXES = 150
"""Steps that the search by boxes may take for one question before the solver is asked."""

BOXES_LOOKED_AT = 20_000
"""It may take fewer where many boxes meet the region: each step looks at all of them."""

FEW_STEPS_BY_BOXES = 4
"""Steps it may take in each further region of the question: enough to try a point."""

MOST_TRIED = 8
"""Regions in which the search by boxes is tried though it has spent its steps."""

STEPS_IN_A_CROWD = 2_000
"""Steps it may take in a region where there are too many rules for the solver."""


def first_found(searches: Iterable[Witness | Undecided | None]) -> Witness | None:
    """The first witness; if there is none, a question left open is one."""
    open_question: Undecided | None = None
    for found in searches:
        if isinstance(found, Undecided):
            open_question = found
        elif found is not None:
            return found
    if open_question is not None:
        raise open_question
    return None


def applies(contest: Contest, rule: int, facts: bool = False) -> Witness | None:
    """Holds iff on some input the rule certainly applies: L202 is that there is none."""
    depends_on = support(contest, rule)

    def judge(standing: Standing) -> Verdict:
        certain, perhaps = contest.ruleset.applying(standing.true, standing.unknown | standing.open)
        return _settled(standing, bool(certain >> rule & 1), bool(perhaps >> rule & 1), rule)

    def pose(deduction: Deduction) -> None:
        certain, _ = deduction.applying()
        deduction.gates.require(certain.get(rule, FALSE))

    return _in_extent(contest, rule, judge, depends_on, facts, pose)


def decides(contest: Contest, rule: int, facts: bool = False) -> Witness | None:
    """Holds iff on some input the rule certainly applies and no rule that may apply prevails over it: L203 is that
    there is none, though it applies.
    """
    reach = contest.ruleset.reach[rule]

    def judge(standing: Standing) -> Verdict:
        remains, may_remain = _remaining(contest, standing)
        return _settled(standing, bool(remains >> rule & 1), bool(may_remain >> rule & 1), rule)

    def pose(deduction: Deduction) -> None:
        remains, _ = deduction.remaining()
        deduction.gates.require(remains.get(rule, FALSE))

    return _in_extent(contest, rule, judge, reach, facts, pose)


def contradiction(
    contest: Contest, one: int, two: int, facts: bool = False, within: Box | None = None
) -> Witness | None:
    """Holds iff on some input the answer is certainly a contradiction in which both rules stand (L201)."""
    rules = contest.ruleset
    reach = -1 if rules.grounds else rules.reach[one] | rules.reach[two]
    both = 1 << one | 1 << two

    def judge(standing: Standing) -> Verdict:
        _, may_remain = _remaining(contest, standing)
        if may_remain & both != both:
            return False
        if standing.open:
            return Settle(_first(standing.open & contest.ruleset.reach[one] or standing.open))
        resolution = contest.resolve(standing)
        return resolution.error == "contradiction" and resolution.deciding & both == both

    def pose(deduction: Deduction) -> None:
        deduction.gates.require(deduction.gates.box(within or {}))
        for rule in (one, two):
            deduction.gates.require(deduction.decides_beside_others(rule))
        deduction.always(deduction.whole, lambda gates, said: several(gates, said) ^ 1)

    regions = () if contest.is_tangled else _meets(contest.extents[one].true, contest.extents[two].true, [within or {}])
    return _find(contest, regions, judge, reach, facts, pose, implied=True)


def differs(
    contest: Contest,
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
    changed = {rule: contest.extent(truth) for rule, truth in (replaced or {}).items()}
    moved = mask_of(changed)
    covers = Covers(contest)

    def judge(standing: Standing) -> Verdict:
        if standing.open:
            if not changed and _makes_no_difference(contest, dropped, standing):
                return False
            return Settle(_telling(contest, dropped, standing))
        with_it = contest.said(standing).answer
        if not changed:
            return with_it != contest.said(standing, dropped).answer
        other = contest.standing_of(standing.region, changed)
        if other.open:
            return Split(list(contest.along(standing.region, changed[_first(other.open)])))
        true, unknown = standing.true & ~moved | other.true, standing.unknown & ~moved | other.unknown
        return with_it != contest.said(Standing(standing.region, true, unknown, 0)).answer

    def pose(deduction: Deduction) -> None:
        ruleset = contest.without(dropped.clauses) if dropped.clauses else contest.ruleset
        own = {rule: deduction.encode(truth) for rule, truth in (replaced or {}).items()}
        deduction.bounds |= {rule: (FALSE, FALSE) for rule in own if rule not in deduction.bounds}
        _answers_differ(deduction, Side(ruleset, replaced=own))

    def harmless(region: Box) -> Sequence[Box] | None:
        return covers.of(moved, region) if changed else ()

    return _find(contest, regions, judge, -1, facts, pose, harmless, implied)


def missed(contest: Contest, rules: Mask, covers: Covers | None = None) -> Witness | None:
    """Holds iff on some input the answer is another one without ``rules`` (L204: there is none).

    ``covers`` notes what the answer relies on.
    """
    dropped = Dropped(rules=rules)
    covers = covers or Covers(contest)

    def judge(standing: Standing) -> Verdict:
        if standing.open:
            if _makes_no_difference(contest, dropped, standing):
                return False
            return Settle(_telling(contest, dropped, standing))
        return contest.said(standing).answer != contest.said(standing, dropped).answer

    def pose(deduction: Deduction) -> None:
        covers.relied = None
        _answers_differ(deduction, Side(contest.ruleset, without=rules))

    waiting: list[Box] = []
    for rule in bits(0 if contest.is_tangled else rules):
        spared = rules | support(contest, rule)
        for region in contest.regions(rule, maybe=True):
            part = contest.alone(region, spared)
            if part is not None:
                found = contest.at_a_point(contest.clear(part, ()) or part, judge, spared)
                if found is not None:
                    return found
            waiting.append(region)

    def harmless(region: Box) -> Sequence[Box] | None:
        found = covers.of(rules & contest.meeting(region), region)
        if found is None:
            return None
        covers.relied = None
        if rules.bit_count() == 1:
            found += covers.where_unknown(_first(rules), ~rules, region)
        return found if contest.clear(region, found) is not None else None

    return _find(contest, waiting, judge, -1, False, pose, harmless, implied=True)


def given(contest: Contest, outcome: str, regions: Sequence[Box], facts: bool = False) -> Witness | None:
    """Holds iff on some input in ``regions`` the outcome is the determined answer (L209, L210)."""

    def settled(resolution: Resolution) -> bool:
        return outcome == resolution.outcome

    def pose(deduction: Deduction) -> None:
        deduction.always(deduction.whole, lambda gates, said: only(gates, said, outcome) ^ 1)

    return _find(contest, regions, _judging(contest, outcome, settled), -1, facts, pose)


def possible(contest: Contest, outcome: str, regions: Sequence[Box], facts: bool = False) -> Witness | None:
    """Holds iff on some input in ``regions`` the outcome is possible (L200: it is in the way of a proof)."""

    def settled(resolution: Resolution) -> bool:
        return outcome in resolution.possible

    def pose(deduction: Deduction) -> None:
        gates = deduction.gates
        gates.require(deduction.whole.outcomes(gates, deduction.some_way())[outcome])

    return _find(contest, regions, _judging(contest, outcome, settled), -1, facts, pose)


def _judging(contest: Contest, outcome: str, settled: Callable[[Resolution], bool]) -> Judge:
    """Judges whether ``outcome`` is the answer, or may be. ``settled``: whether it is, where no rule is open."""

    def judge(standing: Standing) -> Verdict:
        may, sure = _outcomes(contest, standing)
        if outcome not in may:
            return False
        if sure and may == {outcome}:
            return True
        if standing.open:
            return Settle(_in_the_way(contest, standing, outcome))
        return settled(contest.resolve(standing))

    return judge


def _in_the_way(contest: Contest, standing: Standing, outcome: str) -> int:
    """The open rule to settle next, where it is asked whether ``outcome`` may be the answer.

    Where a rule applies that leaves the outcome no say unless something defeats it, all depends on what might defeat
    it; of several such rules the one with fewest of those. Else all depends on the rules that say the outcome.
    """
    rules = contest.ruleset
    certain, perhaps = rules.applying(standing.true, standing.unknown | standing.open)
    found: list[Mask] = []
    for number in bits(certain):
        says = contest.rules[number].outcome
        if says is not None and outcome in contest.dominated.get(says, ()):
            found.append(rules.prevailed_by[number] & perhaps)
    if not found:
        silencing = _silencing(contest, standing, outcome)
        if silencing:
            return _first(silencing)
        remains = rules.remaining(certain, perhaps)[1]
        found = [1 << n for n in bits(remains) if contest.rules[n].outcome == outcome][:1]
    for asked in sorted(found, key=int.bit_count):
        # Exceptions reach where something applies that they are an exception to, unless they are disapplied.
        disapplied, reached = 0, 0
        for number in bits(asked):
            disapplied |= rules.disapplied_by[number]
            reached |= rules.exception_to[number] if not rules.exception_to[number] & certain else 0
        for candidates in (asked, disapplied, reached, *(support(contest, number) for number in bits(asked))):
            if candidates & standing.open:
                return _first(candidates & standing.open)
    return _first(standing.open)


def _silencing(contest: Contest, standing: Standing, outcome: str) -> Mask:
    """Few open rules of which one is true anywhere in the region, and that leave the outcome no say; 0 if not seen."""
    found = 0
    for number in bits(standing.open):
        says = contest.rules[number].outcome
        if says is not None and outcome in contest.dominated.get(says, ()):
            found |= 1 << number
    if not contest.surely(standing.region, found):
        return 0
    prevailing = contest.ruleset.prevailed_by
    for number in sorted(bits(found), key=lambda each: -prevailing[each].bit_count()):
        if contest.surely(standing.region, found & ~(1 << number)):
            found &= ~(1 << number)
    return found


def gap(contest: Contest, regions: Sequence[Box] = ({},), facts: bool = False) -> Witness | None:
    """Holds iff on some input in ``regions`` certainly no rule says anything, and there is no `otherwise` (L207)."""
    if contest.ruleset.otherwise is not None:
        return None
    says = saying(contest)

    def judge(standing: Standing) -> Verdict:
        remains, may_remain = _remaining(contest, standing)
        if not may_remain & says:
            return True
        if remains & says:
            return False
        if standing.open:
            return Settle(_first(standing.open & says or standing.open))
        return contest.resolve(standing).error == "gap"

    def pose(deduction: Deduction) -> None:
        deduction.always(deduction.whole, lambda gates, said: said[None] ^ 1)

    return _find(contest, regions, judge, -1, facts, pose)


# ------------------------------------------------------------------------------------------ helpers


def _find(
    contest: Contest,
    regions: Iterable[Box],
    judge: Judge,
    among: Mask,
    facts: bool,
    pose: Pose,
    harmless: Harmless = lambda _: (),
    implied: bool = False,
) -> Witness | None:
    """An input in one of ``regions`` that ``judge`` says yes to: by boxes, which mostly shows it at once, and what that
    leaves open by the solver.

    ``harmless`` finds boxes in which it is known to say no; None if a region is seen to lie in them. ``implied``: what
    is posed says by itself that the input lies in one of the regions.
    """
    if contest.is_tangled:
        deduction = Deduction(contest, [({}, ())] if implied else [(region, ()) for region in regions], among)
        pose(deduction)
        return deduction.find(judge, facts)
    left, tried = STEPS_BY_BOXES, 0
    left_open: list[Region] = []
    undecided: Undecided | None = None
    for region in regions:
        if tried >= MOST_TRIED and left < 0:
            left_open.append((region, ()))
            continue
        known = harmless(region)
        if known is None:
            continue
        steps = max(FEW_STEPS_BY_BOXES, min(left, _steps(contest, region)))
        budget = Budget(steps)
        try:
            found = _by_boxes(contest, region, judge, among, facts, budget, known)
            if found is not None:
                return found
        except OutOfSteps:
            left_open.append((region, known))
        except Undecided as caught:
            undecided = caught
        left -= steps - budget.left
        tried += 1
    if left_open:
        deduction = Deduction(contest, left_open, among)
        pose(deduction)
        found = deduction.find(judge, facts)
        if found is not None:
            return found
    if undecided is not None:
        raise undecided
    return None


def _steps(contest: Contest, region: Box) -> int:
    """The steps that the search by boxes should take in a region."""
    index = contest.index
    if len(index.boxes) > BOXES_LOOKED_AT // 10:
        return STEPS_BY_BOXES  # mostly few of so many are near, and to count these takes as long as a step
    return BOXES_LOOKED_AT // (index.meeting(region).bit_count() or 1)


def _by_boxes(
    contest: Contest, region: Box, judge: Judge, among: Mask, facts: bool, budget: Budget, known: Sequence[Box]
) -> Witness | None:
    """Raises OutOfSteps where the solver is to go on."""
    try:
        return contest.search(region, judge, among, facts, budget, known)
    except OutOfSteps:
        if not is_crowded(contest.meeting(region) & among):
            raise
    return contest.search(region, judge, among, facts, Budget(STEPS_IN_A_CROWD), known)


def _answers_differ(deduction: Deduction, other: Side) -> None:
    """Require that another reading of the rules gives another answer.

    An answer is known by which outcomes there are in some way, whether there is a way without any, and whether there
    is one in which they do not contradict each other. So answers differ iff one of these is so in some way by one
    reading, and in no way by the other. That way says something else by the other reading.
    """
    gates = deduction.gates
    way = deduction.some_way()
    said = [
        deduction.whole.outcomes(gates, way),
        other.outcomes(gates, deduction.in_same_way(way, other)),
    ]
    features: list[Callable[[Gates, Outcomes], int]] = [partial(_says, outcome=outcome) for outcome in said[0]]
    features.append(lambda gates, said: several(gates, said) ^ 1)
    options: list[int] = []
    for feature in features:
        one, two = (feature(gates, each) for each in said)
        for here, there, reading in ((one, two, other), (two, one, deduction.whole)):
            if FALSE in (here, there ^ 1):
                continue
            option = gates.solver.new()
            gates.require(option ^ 1, here)
            gates.require(option ^ 1, there ^ 1)
            deduction.always(reading, feature, option)
            options.append(option)
    gates.require(*options)


def _says(gates: Gates, said: Outcomes, outcome: str | None) -> int:
    return said[outcome]


def _says_not_only(gates: Gates, said: Outcomes, outcome: str) -> int:
    return only(gates, said, outcome) ^ 1


def _in_extent(contest: Contest, rule: int, judge: Judge, among: Mask, facts: bool, pose: Pose) -> Witness | None:
    return _find(contest, contest.regions(rule), judge, among, facts, pose, implied=True)


def support(contest: Contest, rule: int) -> Mask:
    """The rules that a rule's applying depends on, itself included."""
    rules = contest.ruleset
    found, waiting = 0, 1 << rule
    while waiting:
        number = _first(waiting)
        found |= 1 << number
        waiting = (waiting | rules.exception_to[number] | rules.disapplied_by[number]) & ~found
    return found


def _settled(standing: Standing, sure: bool, may: bool, rule: int) -> Verdict:
    if sure:
        return True
    if not may or not standing.open:
        return False
    return Settle(rule if standing.open >> rule & 1 else _first(standing.open))


def _remaining(contest: Contest, standing: Standing) -> tuple[Mask, Mask]:
    """The rules that certainly, and that perhaps, apply without being prevailed over."""
    rules = contest.ruleset
    return rules.remaining(*rules.applying(standing.true, standing.unknown | standing.open))


def saying(contest: Contest) -> Mask:
    """The rules that say something: those with an outcome, and those that refer for any."""
    return mask_of(rule.number for rule in contest.rules if rule.outcome is not None or rule.refer is not None)


def _outcomes(contest: Contest, standing: Standing) -> tuple[set[str], bool]:
    """The outcomes there may be, as far as that is seen without trying grounds; and whether there certainly is one.

    What certainly remains takes away from `may` what it leaves no say.
    """
    remains, may_remain = _remaining(contest, standing)
    may: set[str] = set()
    idle: set[str] = set()
    sure = False
    for number in bits(may_remain):
        rule = contest.rules[number]
        if rule.outcome is not None:
            may.add(rule.outcome)
            if remains >> number & 1:
                idle |= contest.dominated.get(rule.outcome, frozenset())
        elif rule.refer is not None:
            may.update(contest.ruleset.outcomes)
        else:
            continue
        sure = sure or bool(remains >> number & 1)
    if not sure and contest.ruleset.otherwise is not None:
        may.add(contest.ruleset.otherwise)
        sure = True
    return may - idle, sure


def overreach(contest: Contest, rule: int, targets: Mask, unit: Mask, facts: bool = False) -> Witness | None:
    """Holds iff on some input none of the rules a `notwithstanding` names may apply, the rule decides, and the answer
    would be a more restrictive one without it (L212).
    """
    outcome = contest.rules[rule].outcome
    outcomes = contest.ruleset.outcomes
    stricter = set(outcomes[: outcomes.index(str(outcome))])
    if not stricter:
        return None

    def judge(standing: Standing) -> Verdict:
        certain, perhaps = contest.ruleset.applying(standing.true, standing.unknown | standing.open)
        others = Standing(standing.region, *(mask & ~unit for mask in standing.masks))
        if certain & targets or not perhaps >> rule & 1 or not stricter & _outcomes(contest, others)[0]:
            return False
        if standing.open:
            return Settle(_first(standing.open & targets or standing.open))
        with_it = contest.resolve(standing)
        decides = with_it.outcome == outcome and bool(with_it.deciding >> rule & 1)
        return not perhaps & targets and decides and contest.resolve(others).outcome in stricter

    def pose(deduction: Deduction) -> None:
        deduction.is_exact = False
        gates = deduction.gates
        _, perhaps = deduction.applying()
        for target in bits(targets):
            gates.require(perhaps.get(target, FALSE) ^ 1)
        deduction.always(deduction.whole, lambda gates, said: only(gates, said, str(outcome)) ^ 1)
        options = {each: gates.solver.new() for each in sorted(stricter)}
        gates.require(*options.values())
        for each, option in options.items():
            never = partial(_says_not_only, outcome=each)
            deduction.always(Side(contest.ruleset, without=unit), never, option)

    return _in_extent(contest, rule, judge, -1, facts, pose)


def _makes_no_difference(contest: Contest, dropped: Dropped, standing: Standing) -> bool:
    """Seen without settling what is open: what is dropped changes nothing in the whole region."""
    may, sure = _outcomes(contest, standing)
    without = Standing(standing.region, *(mask & ~dropped.rules for mask in standing.masks))
    if not dropped.clauses:
        may_without, sure_without = _outcomes(contest, without)
        if sure and sure_without and may == may_without and len(may) == 1:
            return True
        alive = standing.true | standing.unknown | standing.open
        return all(_stood_in_for(contest, number, dropped, standing) for number in bits(dropped.rules & alive))
    return False


def _stood_in_for(contest: Contest, rule: int, dropped: Dropped, standing: Standing) -> bool:
    """Another rule, whose own condition is true throughout, does all that this one does wherever this one applies."""
    return any(_stands_in(contest, other, rule) for other in bits(standing.true & ~dropped.rules))


def _stands_in(contest: Contest, other: int, rule: int) -> bool:
    """Where both own conditions hold and ``rule`` applies, ``other`` applies, says the same, defeats and disapplies
    no less, and is itself defeated or disapplied by nothing else.
    """
    rules = contest.ruleset
    one, two = rules.rules[other], rules.rules[rule]
    if two.outcome is not None and one.outcome != two.outcome:
        return False
    if two.refers or one.refers:
        return False
    if any(ground.kind in ("rank", "later") for ground in rules.grounds) and (one.rank, one.begins) != (
        two.rank,
        two.begins,
    ):
        return False
    excepted, own_excepted = rules.exception_to[other], rules.exception_to[rule]
    if excepted and (not own_excepted or own_excepted & ~excepted):
        return False
    return not (
        rules.disapplied_by[other] & ~rules.disapplied_by[rule]
        or (two.outcome is not None and rules.prevailed_by[other] & ~rules.prevailed_by[rule])
        or rules.prevails_over[rule] & ~rules.prevails_over[other]
        or mask_of(two.disapplies) & ~mask_of(one.disapplies)
        or rules.excepted_by[rule] & ~rules.excepted_by[other]
    )


def _telling(contest: Contest, dropped: Dropped, standing: Standing) -> int:
    """The open rule to settle next: what is dropped, then what may stand in for it, then any."""
    own = standing.open & dropped.rules
    if own:
        return _first(own)
    for rule in bits(dropped.rules):
        for other in bits(standing.open):
            if _stands_in(contest, other, rule):
                return other
    return _first(standing.open)


def _first(mask: Mask) -> int:
    return (mask & -mask).bit_length() - 1


def _meets(*lists: Sequence[Box]) -> list[Box]:
    """The boxes that one from each list have in common."""
    found: list[Box] = [{}]
    for boxes in lists:
        found = [both for one in found for two in boxes if (both := meet(one, two)) is not None]
    return found
