"""The rules of a decision as plain data, and the steps from what holds to what is said.

Sets of rules are masks: bit i of an int is rule number i.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property, reduce
from operator import or_
from typing import Any, Literal, NamedTuple, TypeAlias

from .answer import RuleStatus, Status
from .light import dataclass

RANKS = ("guidance", "order", "regulation", "statute")
"""Ranks of instruments, lowest first; a file without one ranks below all."""

Mask: TypeAlias = int


FEW_BITS, LONG = 20, 1_000
"""More numbers than these, in a mask longer than that, are read off its digits."""


def bits(mask: Mask) -> Iterator[int]:
    """The numbers in a mask, ascending."""
    if mask.bit_length() > LONG and mask.bit_count() > FEW_BITS:
        digits = bin(mask)[:1:-1]  # one pass, where taking number by number would copy all of them each time
        at = digits.find("1")
        while at >= 0:
            yield at
            at = digits.find("1", at + 1)
        return
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def union(masks: Iterable[Mask]) -> Mask:
    return reduce(or_, masks, 0)


def mask_of(numbers: Iterable[int]) -> Mask:
    return union(1 << number for number in numbers)


@dataclass(frozen=True, slots=True)
class Rule:
    """What resolution needs to know of a rule; rules are named by number.

    ``outcome`` None: the rule only disapplies or, if it ``refers``, may have any outcome.
    ``begins``: the days on which its window opens. ``rank``: one of `RANKS`, or None.
    """

    name: str
    module: str = ""
    outcome: str | None = None
    citations: tuple[str, ...] = ()
    refers: bool = False
    exception_to: tuple[int, ...] = ()
    disapplies: tuple[int, ...] = ()
    prevails_over: tuple[int, ...] = ()
    rank: str | None = None
    begins: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Ground:
    """`prevail WINNER over LOSER` ("over"), or `prevail by rank`, `later`, `restriction`."""

    kind: Literal["over", "rank", "later", "restriction"]
    winner: str = ""
    loser: str = ""
    citations: tuple[str, ...] = ()

    def __str__(self) -> str:
        text = f"prevail {self.winner} over {self.loser}" if self.kind == "over" else f"prevail by {self.kind}"
        return f"{text} ({'; '.join(self.citations)})" if self.citations else text


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a decision says.

    ``possible``: most restrictive first. ``relevant``: numbers of the rules whose unknown condition or open outcome the
    answer depends on. ``exact``: False if the search gave up; then ``possible`` and ``relevant`` may be too large.
    ``certain``, ``perhaps``: the rules that apply, that may apply. ``deciding``, ``candidates``: likewise decide.
    """

    outcome: str | None
    possible: tuple[str, ...]
    error: Literal["gap", "contradiction"] | None
    grounds: tuple[str, ...]
    rules: tuple[RuleStatus, ...]
    relevant: tuple[int, ...]
    exact: bool
    certain: Mask
    perhaps: Mask
    deciding: Mask
    candidates: Mask

    @property
    def determined(self) -> bool:
        return self.outcome is not None

    def applies(self, rule: int) -> bool | None:
        """`RULE applies`, in another decision."""
        return _kleene(self.certain, self.perhaps, rule)

    def decides(self, rule: int) -> bool | None:
        """`RULE decides`, in another decision; unknown of rules that contradict each other."""
        return _kleene(0 if self.error else self.deciding, self.candidates, rule)


def _kleene(certain: Mask, perhaps: Mask, number: int) -> bool | None:
    return True if certain >> number & 1 else None if perhaps >> number & 1 else False


class Ruleset:
    """The rules of one decision, ready to resolve.

    ``outcomes`` from most to least restrictive; ``otherwise`` None if the rules must cover everything.
    # INVARIANT (precedence is acyclic): raises ValueError where `exception_to` and `disapplies` go in a circle (E110).
    """

    def __init__(
        self,
        outcomes: Sequence[str],
        otherwise: str | None,
        rules: Sequence[Rule],
        grounds: Sequence[Ground] = (),
    ) -> None:
        self.outcomes = tuple(outcomes)
        self.otherwise = otherwise
        self.rules = tuple(rules)
        self.grounds = tuple(grounds)

        self.exception_to = [mask_of(rule.exception_to) if rule.exception_to else 0 for rule in rules]
        self.prevails_over = [mask_of(rule.prevails_over) if rule.prevails_over else 0 for rule in rules]
        self.disapplied_by = _reversed([rule.disapplies for rule in rules])
        self.prevailed_by = _reversed([rule.prevails_over for rule in rules])
        self.prevailing = mask_of(i for i, mask in enumerate(self.prevails_over) if mask)
        self.takes_away = self.prevailing | mask_of(i for i, rule in enumerate(rules) if rule.disapplies)
        self.free = mask_of(i for i in range(len(rules)) if not self.exception_to[i] | self.disapplied_by[i])
        self.dependent = self._dependent_levels()
        """Rules that apply only if others do or do not; each level depends on those before it and on the free."""
        self.excepted_by = _reversed([rule.exception_to for rule in rules])
        self.excepted = mask_of(i for i, mask in enumerate(self.excepted_by) if mask)
        self.unexcepting = mask_of(i for i, mask in enumerate(self.exception_to) if not mask)

        self.by_day = any(ground.kind == "later" for ground in grounds)
        """Which rule prevails may depend on the day."""
        self._days = sorted({day for rule in rules for day in rule.begins}) if self.by_day else []
        self._claims: dict[int | None, Claims] = {}
        self._above: dict[int, Mask | None] = {}
        self._statuses: dict[tuple[int, Status, Mask], RuleStatus] = {}

    def _dependent_levels(self) -> list[Mask]:
        depends_on = [a | b for a, b in zip(self.exception_to, self.disapplied_by, strict=True)]
        levels, placed, waiting = [], self.free, ((1 << len(self.rules)) - 1) & ~self.free
        while waiting:
            level = mask_of(rule for rule in bits(waiting) if not depends_on[rule] & ~placed)
            if not level:
                names = ", ".join(self.rules[rule].name for rule in bits(waiting))
                raise ValueError(f"rules that depend on each other in a circle: {names}")
            levels.append(level)
            placed |= level
            waiting &= ~level
        return levels

    @cached_property
    def applying_reach(self) -> list[Mask]:
        """For each rule, every rule on which it depends whether it applies, itself included."""
        applying = [1 << rule for rule in range(len(self.rules))]
        for level in self.dependent:
            for rule in bits(level):
                applying[rule] |= union(applying[other] for other in bits(self.exception_to[rule]))
                applying[rule] |= union(applying[other] for other in bits(self.disapplied_by[rule]))
        return applying

    @cached_property
    def reach(self) -> list[Mask]:
        """For each rule, every rule on which it depends whether it remains, itself included."""
        applying = self.applying_reach
        return [
            own | union(applying[other] for other in bits(by))
            for own, by in zip(applying, self.prevailed_by, strict=True)
        ]

    @cached_property
    def relations(self) -> list[tuple[Mask, ...]]:
        """For each rule, how it stands to all others."""
        disapplies = [mask_of(rule.disapplies) for rule in self.rules]
        outgoing = zip(self.exception_to, disapplies, self.prevails_over, strict=True)
        incoming = zip(self.excepted_by, self.disapplied_by, self.prevailed_by, strict=True)
        return [(*to, *by) for to, by in zip(outgoing, incoming, strict=True)]

    def above(self, rule: int) -> Mask | None:
        """The rules that prevail over a rule, over those, and so on; None if they go in a circle."""
        if rule not in self._above:
            found, wave = 0, self.prevailed_by[rule]
            while wave:
                found |= wave
                wave = union(self.prevailed_by[other] for other in bits(wave)) & ~found
            circular = found >> rule & 1 or any(self.above(other) is None for other in bits(found))
            self._above[rule] = None if circular else found
        return self._above[rule]

    def applying(self, true: Mask, unknown: Mask) -> tuple[Mask, Mask]:
        """Step 1: the rules that certainly apply, and those that perhaps do, from their own conditions."""
        own = true | unknown
        certain, perhaps = true & self.free, own & self.free
        for level in self.dependent:
            left = own & level
            while left:  # written out, as below: this is asked of every input that is new
                rule = left.bit_length() - 1
                bit = 1 << rule
                left ^= bit
                excepted, disappliers = self.exception_to[rule], self.disapplied_by[rule]
                if certain & disappliers or (excepted and not perhaps & excepted):
                    continue
                if true & bit and not perhaps & disappliers and (not excepted or certain & excepted):
                    certain |= bit
                perhaps |= bit
        return certain, perhaps

    def remaining(self, certain: Mask, perhaps: Mask) -> tuple[Mask, Mask]:
        """Step 2: of the rules that apply, those that certainly and those that perhaps remain."""
        surely_defeated = 0
        left = certain & self.prevailing
        while left:
            rule = left.bit_length() - 1
            left ^= 1 << rule
            surely_defeated |= self.prevails_over[rule]
        if certain == perhaps:
            return certain & ~surely_defeated, perhaps & ~surely_defeated
        defeated = surely_defeated
        left = perhaps & ~certain & self.prevailing
        while left:
            rule = left.bit_length() - 1
            left ^= 1 << rule
            defeated |= self.prevails_over[rule]
        return certain & ~defeated, perhaps & ~surely_defeated

    def claims(self, day: date | None) -> Claims:
        """The claims of the rules on a day; they change only where a window opens, and only for `prevail by later`."""
        period = 0 if not self._days else None if day is None else bisect_right(self._days, day)
        claims = self._claims.get(period)
        if claims is None:
            claims = self._claims[period] = Claims(self, day)
        return claims

    def statuses(self, true: Mask, certain: Mask, deciding: Mask, possible: Mask) -> tuple[RuleStatus, ...]:
        """What became of each rule with a say: those that decide, lose, are disapplied, or perhaps decide.

        ``true``: the own condition holds. ``certain``: the rule applies.
        """
        result = [self._status(rule, "decides") for rule in bits(deciding)]
        for rule in bits(certain & ~deciding & ~possible):
            if self.rules[rule].outcome is not None or self.rules[rule].refers:
                # A rule that none prevails over lost by a ground, to those that decide.
                result.append(self._status(rule, "defeated", self.prevailed_by[rule] & certain or deciding))
        for rule in bits(true & ~certain):
            excepted, by = self.exception_to[rule], self.disapplied_by[rule] & certain
            if by and (not excepted or excepted & certain):
                result.append(self._status(rule, "disapplied", by))
        result += [self._status(rule, "possible") for rule in bits(possible & ~deciding)]
        return tuple(result)

    def _status(self, number: int, status: Status, by: Mask = 0) -> RuleStatus:
        key = (number, status, by)
        kept = self._statuses.get(key)
        if kept is None:
            if len(self._statuses) > 10_000:
                self._statuses.clear()
            rule = self.rules[number]
            names = tuple(self.rules[other].name for other in bits(by))
            kept = RuleStatus(rule.name, rule.module, rule.outcome, rule.citations, status, names)
            self._statuses[key] = kept
        return kept


def ruleset_of(
    outcomes: Sequence[str], otherwise: str | None, rows: Iterable[Sequence[Any]], grounds: Iterable[Sequence[Any]]
) -> Ruleset:
    """A ruleset from plain data, in which packages keep them: fields of `Rule` (days as ordinals) and of `Ground`."""
    return Ruleset(outcomes, otherwise, list(map(_rule, rows)), [Ground(*row) for row in grounds])


def _rule(row: Sequence[Any]) -> Rule:
    """The rule with these fields, in which lists may stand for tuples."""
    name, module, outcome, citations, refers, exception_to, disapplies, prevails_over, rank, days = row
    others = tuple(exception_to), tuple(disapplies), tuple(prevails_over)
    return Rule(name, module, outcome, tuple(citations), refers, *others, rank, tuple(map(date.fromordinal, days)))


def _reversed(edges: Sequence[Sequence[int]]) -> list[Mask]:
    """For each rule, the mask of those whose edges point at it."""
    result = [0] * len(edges)
    for source, targets in enumerate(edges):
        for target in targets:
            result[target] |= 1 << source
    return result


# ------------------------------------------------------------------------------------------- grounds


class Claim(NamedTuple):
    """What the grounds look at. ``rank``: higher prevails, 0 is none. ``later``: day of effect, 0 is none."""

    rule: int
    outcome: str
    rank: int
    later: int


class Claims:
    """What the rules show to the grounds on a day (bit i of a mask is claim i).

    A rule with an outcome has one claim, which has its number. A rule that only disapplies has none. One that refers
    to counsel for *any* outcome has a claim for each; while the day is unknown, so has one with several windows.
    """

    def __init__(self, ruleset: Ruleset, day: date | None) -> None:
        self.count = len(ruleset.rules)
        self.claims: dict[int, Claim] = {}
        self.of_rule: list[tuple[int, ...]] = []
        for number, rule in enumerate(ruleset.rules):
            outcomes = (rule.outcome,) if rule.outcome else ruleset.outcomes if rule.refers else ()
            rank = RANKS.index(rule.rank) + 1 if rule.rank else 0
            begun = _begun(rule.begins, day) if ruleset._days else (0,)
            shown = [Claim(number, outcome, rank, later) for outcome in outcomes for later in begun]
            numbers = (number,) if len(shown) == 1 else tuple(range(self.count, self.count + len(shown)))
            self.of_rule.append(numbers)
            self.claims.update(zip(numbers, shown, strict=True))
            self.count += 0 if len(shown) == 1 else len(shown)
        self.open_ended = mask_of(rule for rule, numbers in enumerate(self.of_rule) if len(numbers) > 1)
        self.plain = mask_of(rule for rule, numbers in enumerate(self.of_rule) if len(numbers) == 1)

        self.with_outcome = {
            outcome: mask_of(number for number, claim in self.claims.items() if claim.outcome == outcome)
            for outcome in ruleset.outcomes
        }
        self.weigh(ruleset.grounds)

    def weigh(self, grounds: Sequence[Ground]) -> None:
        """Sort the claims, as they are now, as the grounds want them. Nothing has been resolved with them yet."""
        self._grounds = [(ground.kind == "over", self._groups(ground)) for ground in grounds]
        self._keyed = [ground.kind for ground in grounds if ground.kind in ("rank", "later")]
        self.resolutions: dict[tuple[object, ...], Resolution] = {}
        """What has been resolved on such days."""
        self._settled: dict[Mask, tuple[Mask, tuple[int, ...]]] = {}
        self.__dict__.pop("summary", None)
        self.__dict__.pop("unordered", None)
        self.__dict__.pop("line", None)

    def _groups(self, ground: Ground) -> list[Mask]:
        """The claims that a ground tells apart, those that prevail first."""
        if ground.kind == "over":
            return [self.with_outcome[ground.winner], self.with_outcome[ground.loser]]
        if ground.kind == "restriction":
            return list(self.with_outcome.values())
        groups: dict[int, Mask] = {}
        for number, claim in self.claims.items():
            key = claim.rank if ground.kind == "rank" else claim.later
            groups[key] = groups.get(key, 0) | 1 << number
        return [groups[key] for key in sorted(groups, reverse=True)]

    @cached_property
    def summary(self) -> dict[int, Mask]:
        """For each claim, the claims that add nothing where it remains: those of its outcome with no greater key.

        They lose to every other outcome that it loses to, so a union of such sets is settled like the claims
        themselves, and there are few such unions. One claim stands for all that have its outcome and key.
        """
        keyed = self._keyed
        keys = {number: tuple(getattr(claim, kind) for kind in keyed) for number, claim in self.claims.items()}
        standing: dict[tuple[str, tuple[int, ...]], int] = {}
        for number, claim in self.claims.items():
            standing.setdefault((claim.outcome, keys[number]), number)
        summary = {
            (outcome, key): mask_of(n for (o, k), n in standing.items() if o == outcome and k <= key)
            for outcome, key in standing
        }
        return {number: summary[claim.outcome, keys[number]] for number, claim in self.claims.items()}

    @cached_property
    def unordered(self) -> Mask:
        """The claims that stand for outcomes which no ground drops, or drops another for; none where grounds look at
        more than outcomes.
        """
        if not all(is_over for is_over, _ in self._grounds):
            return 0
        weighed = union(group for _, groups in self._grounds for group in groups)
        return union(self.summary.values()) & ~weighed

    @cached_property
    def line(self) -> list[tuple[tuple[str], Mask]] | None:
        """The claims in the order of their strength, by what is said where one is the strongest that remains.

        None if it takes more than one claim to know that: `prevail WINNER over LOSER` lets what loses to the loser win,
        and where claims of two outcomes are equally strong they contradict each other.
        """
        groups = [mask_of(self.claims)]
        for is_over, grouped in self._grounds:
            if is_over:
                return None
            groups = [mask & group for mask in groups for group in grouped if mask & group]
        outcomes = [self.outcomes(mask) for mask in groups]
        if any(len(each) > 1 for each in outcomes):
            return None
        return [((each[0],), mask) for each, mask in zip(outcomes, groups, strict=True) if each]

    def shown(self, rule: int, chosen: Mapping[int, str]) -> tuple[int, ...]:
        """The claims of a rule, those of one outcome only where a finding has chosen it."""
        outcome = chosen.get(rule)
        numbers = self.of_rule[rule]
        return numbers if outcome is None else tuple(n for n in numbers if self.claims[n].outcome == outcome)

    def rules(self, claims: Mask) -> Mask:
        """The rules that show the claims."""
        return claims & self.plain | mask_of(self.claims[number].rule for number in bits(claims & ~self.plain))

    def outcomes(self, claims: Mask) -> tuple[str, ...]:
        return tuple([outcome for outcome, mask in self.with_outcome.items() if claims & mask])

    def settle(self, claims: Mask) -> tuple[Mask, tuple[int, ...]]:
        """Step 3: what the grounds leave of the claims, and the numbers of those that dropped something."""
        kept = self._settled.get(claims)
        if kept is None:
            if len(self._settled) > 4096:
                self._settled.clear()
            kept = self._settled[claims] = self._settle(claims)
        return kept

    def _settle(self, claims: Mask) -> tuple[Mask, tuple[int, ...]]:
        used = []
        for number, (is_over, groups) in enumerate(self._grounds):
            if len(self.outcomes(claims)) < 2:
                break
            if is_over:
                winner, loser = groups
                left = claims & ~loser if claims & winner else claims
            else:
                left = next(claims & group for group in groups if claims & group)
            if left != claims:
                used.append(number)
                claims = left
        return claims, tuple(used)

    def stands(self, claim: int, rivals: Mask) -> bool:
        """Whether the grounds leave ``claim``, whichever of the ``rivals`` are there beside it."""
        bit = 1 << claim
        for is_over, groups in self._grounds:
            if is_over:
                winner, loser = groups
                if bit & loser and rivals & winner:
                    return False
                rivals &= ~loser if bit & winner else rivals
            else:
                for group in groups:
                    if bit & group:
                        rivals &= group
                        break
                    if rivals & group:
                        return False
        return True


def _begun(begins: Sequence[date], day: date | None) -> tuple[int, ...]:
    """The day since when a rule that applies on ``day`` is in effect (0: ever), or the days that may be."""
    if day is None:
        return tuple(begin.toordinal() for begin in begins) or (0,)
    return (max((begin.toordinal() for begin in begins if begin <= day), default=0),)
