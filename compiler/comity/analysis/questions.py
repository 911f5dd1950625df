"""The questions, each in one sentence, above the few lines that build it.

A question is asked of a `Contest` (the rules of a decision) or of a `Study` (conditions alone). Its answer is a
`Witness`, or None: then there is certainly none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from comity.analysis.axes import bits
from comity.analysis.boxes import Box, meet
from comity.analysis.contest import Contest, Dropped, Extent, Judge, Mask, Settle, Split, Standing, Verdict
from comity.analysis.covers import Covers
from comity.analysis.study import Undecided, Witness
from comity.runtime.rules import mask_of


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
    hangs_on = support(contest, rule)

    def judge(standing: Standing) -> Verdict:
        certain, perhaps = contest.ruleset.applying(standing.true, standing.unknown | standing.open)
        return _settled(standing, bool(certain >> rule & 1), bool(perhaps >> rule & 1), rule)

    return _in_extent(contest, rule, judge, hangs_on, facts)


def decides(contest: Contest, rule: int, facts: bool = False) -> Witness | None:
    """Holds iff on some input the rule certainly applies and no rule that may apply prevails over it: L203 is that
    there is none, though it applies."""
    reach = contest.ruleset.reach[rule]

    def judge(standing: Standing) -> Verdict:
        remains, may_remain = _remaining(contest, standing)
        return _settled(standing, bool(remains >> rule & 1), bool(may_remain >> rule & 1), rule)

    return _in_extent(contest, rule, judge, reach, facts)


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

    regions = _meets(contest.extents[one].true, contest.extents[two].true, [within or {}])
    return first_found(_search(contest, region, judge, reach, facts) for region in regions)


def differs(
    contest: Contest,
    dropped: Dropped,
    regions: Iterable[Box],
    replaced: Mapping[int, Extent] | None = None,
    facts: bool = False,
) -> Witness | None:
    """Holds iff on some input in ``regions`` the answer is another one without what is ``dropped``, or with other
    conditions for the rules ``replaced`` (L205: a clause, or `unless` from conditions)."""
    changed = replaced or {}
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

    def searches() -> Iterator[Witness | Undecided | None]:
        for region in regions:
            harmless = covers.of(moved, region) if changed else ()
            if harmless is not None:
                yield _search(contest, region, judge, -1, facts, harmless)

    return first_found(searches())


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

    def searches() -> Iterator[Witness | Undecided | None]:
        waiting: list[tuple[int, Box]] = []
        for rule in bits(rules):
            spared = rules | support(contest, rule)
            for region in contest.regions(rule, maybe=True):
                part = contest.alone(region, spared)
                if part is not None:
                    yield contest.at_a_point(contest.clear(part, ()) or part, judge, spared)
                waiting.append((rule, region))
        for rule, region in waiting:
            harmless = covers.of(rules & contest.meeting(region), region)
            if harmless is None:
                continue
            covers.relied = None
            if rules == 1 << rule:
                harmless += covers.where_unknown(rule, ~rules, region)
            if contest.clear(region, harmless) is not None:
                yield _search(contest, region, judge, -1, False, harmless)

    return first_found(searches())


def given(contest: Contest, outcome: str, regions: Sequence[Box], facts: bool = False) -> Witness | None:
    """Holds iff on some input in ``regions`` the outcome is the determined answer (L209, L210)."""

    def judge(standing: Standing) -> Verdict:
        may, sure = _outcomes(contest, standing)
        if outcome not in may:
            return False
        if sure and may == {outcome}:
            return True
        if standing.open:
            return Settle(_in_the_way(contest, standing, outcome))
        return contest.resolve(standing).outcome == outcome

    return first_found(_search(contest, region, judge, -1, facts) for region in regions)


def in_doubt(contest: Contest, outcome: str, regions: Sequence[Box]) -> Witness | None:
    """Holds iff on some input in ``regions`` the outcome is possible (L200: a proof hangs on it)."""

    def judge(standing: Standing) -> Verdict:
        may, sure = _outcomes(contest, standing)
        if outcome not in may:
            return False
        if sure and may == {outcome}:
            return True
        if standing.open:
            return Settle(_in_the_way(contest, standing, outcome))
        return outcome in contest.resolve(standing).possible

    return first_found(_search(contest, region, judge, -1, False) for region in regions)


def _in_the_way(contest: Contest, standing: Standing, outcome: str) -> int:
    """The open rule to settle next, where it is asked whether ``outcome`` may be the answer.

    Where a rule applies that leaves the outcome no say unless something defeats it, all hangs on what might defeat
    it; of several such rules the one with fewest of those. Else all hangs on the rules that say the outcome.
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


def fails(contest: Contest, regions: Sequence[Box]) -> Witness | None:
    """Holds iff on some input in ``regions`` there is certainly a contradiction or gap (L200: a proof hangs on it)."""
    if contest.ruleset.otherwise is not None and contest.never_contradicts:
        return None

    def judge(standing: Standing) -> Verdict:
        may, sure = _outcomes(contest, standing)
        if sure and len(may) == 1:
            return False
        return Settle(_first(standing.open)) if standing.open else contest.resolve(standing).error is not None

    return first_found(_search(contest, region, judge, -1, False) for region in regions)


def gap(contest: Contest, facts: bool = False, within: Box | None = None) -> Witness | None:
    """Holds iff on some input certainly no rule says anything, and there is no `otherwise` (L207)."""
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

    return first_found([_search(contest, within or {}, judge, -1, facts)])


# ------------------------------------------------------------------------------------------ helpers


def _search(
    contest: Contest, region: Box, judge: Judge, among: Mask, facts: bool, harmless: Sequence[Box] = ()
) -> Witness | Undecided | None:
    try:
        return contest.search(region, judge, among, facts, contest.study.patience.budget(), harmless)
    except Undecided as undecided:
        return undecided


def _in_extent(contest: Contest, rule: int, judge: Judge, among: Mask, facts: bool) -> Witness | None:
    return first_found(_search(contest, box, judge, among, facts) for box in contest.regions(rule))


def support(contest: Contest, rule: int) -> Mask:
    """The rules that a rule's applying hangs on, itself included."""
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
    would be a more restrictive one without it (L212)."""
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

    return _in_extent(contest, rule, judge, -1, facts)


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
    no less, and is itself defeated or disapplied by nothing else."""
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
