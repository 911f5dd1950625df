"""The possible outcomes over all completions of unknown conditions, without enumerating them.

n unknown conditions have 2^n completions, each with its outcome. They are summarised. Of the rules

    chips   license_required    condition unknown          allies  exception_available  condition unknown
    listed  prohibited          condition false                    exception to chips

the completions are: chips false (no rule remains: `otherwise`), chips alone (license_required), chips and allies
(exception_available). So three outcomes are possible and `prohibited` is not.

- Applying and remaining are first bounded from below and above. What the bounds settle is settled.
- The grounds look at an outcome's greatest key (rank, day) only, so what a way says follows from a small *summary* of
  the claims that remain in it (`Claims.summary`). The union of the summaries of two parts is the summary of both. A
  *family* is the set of summaries over all ways; in ordinary policies it has a handful of members.
- Rules that show the same and have the same relations to others are twins: one of them has the effect of both, so of
  unknown twins one is kept, and none beside one that holds. Two hundred rules that an exception displaces are one.
- Unsettled rules that share no unknown condition are independent: their families are found apart, and every union of
  a member of each is a member of the whole. Where rules share conditions, the search splits on the one that most of
  them share, and what is left falls apart again. So sixteen exceptions to sixteen rules cost sixteen times one.
- Two outcomes that no ground orders contradict each other, whatever else remains. Of such members only the union
  counts, as long as it is not asked what the answer depends on. So forty outcomes have 42 members, and not 2^40.

What the answer depends on is found in the same way, in two *worlds* at once: one where the condition is true, one
where it is false, all else being equal. In one mask, the second world's claims are the bits above those of the first.

The question is NP-hard (rules and exceptions can spell any formula), so the search has a budget. When that runs out
every outcome is called possible: unknown never permits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, reduce
from itertools import accumulate
from typing import NamedTuple, TypeAlias

from .rules import Claims, Mask, Ruleset, bits, mask_of, union
from .trials import shown_to_matter

BUDGET = 2_000_000
"""Maximum number of family members made (about a second of work) before an answer is left open; most need 1,000."""

BUDGET_OF_NEEDS = 500_000
"""The same for `needs`; beyond it, everything that might matter is listed."""

SPLITTING = 200
"""What splitting rules into parts costs, in members of families."""

Family: TypeAlias = frozenset[Mask]
"""The summaries of what remains, over all ways."""

Says: TypeAlias = tuple[str, ...]
"""Outcomes that are left: one, none, or several that contradict each other."""

NOTHING: Family = frozenset({0})


class Exhausted(Exception):
    """The budget ran out."""


class World(NamedTuple):
    """The rules whose own condition is true, and those where it is unknown."""

    true: Mask
    unknown: Mask

    def where(self, rule: int, holds: bool) -> World:
        """This world, the rule's own condition settled."""
        bit = 1 << rule
        return World(self.true | bit if holds else self.true & ~bit, self.unknown & ~bit)


Worlds: TypeAlias = tuple[World, ...]


class Part(NamedTuple):
    """Rules that share unknown conditions (``unknown``) with each other and with no other part, and their family."""

    rules: Mask
    unknown: Mask
    family: Family


class Completions:
    """The ways to settle one input. ``chosen``: outcomes named by findings. ``rules``: those that may remain."""

    def __init__(
        self, ruleset: Ruleset, claims: Claims, chosen: Mapping[int, str], true: Mask, unknown: Mask, rules: Mask
    ) -> None:
        self.ruleset = ruleset
        self.claims = claims
        self.chosen = chosen
        self.rules = rules
        self.concerned = self._reach(rules)
        self.unknown = unknown & self.concerned
        self.open_ended = mask_of(r for r in bits(claims.open_ended) if len(claims.shown(r, chosen)) > 1)
        self.twin_of: dict[int, int] = {}
        self.world = self._without_twins(World(true & self.concerned, self.unknown))
        self.budget = BUDGET
        self.is_coarse = claims.unordered.bit_count() > 1
        """Families need only distinguish answers that do not contradict themselves."""
        self.parts: list[Part] = []
        self.explored: dict[tuple[Mask, Worlds], Family] = {}

    def _without_twins(self, world: World) -> World:
        """The world where of twins only one has a condition that holds or is unknown."""
        unknown = world.unknown
        first: dict[object, int] = {}
        for rule in (*bits(world.true), *bits(unknown)):
            if self.open_ended >> rule & 1:
                continue  # two that may have any outcome may have different ones
            shown = [self.claims.summary[claim] for claim in self.claims.shown(rule, self.chosen)]
            twin = first.setdefault((self.ruleset.relations[rule], *shown), rule)
            if twin != rule and unknown >> rule & 1:
                self.twin_of[rule] = twin
                unknown &= ~(1 << rule)
        return World(world.true, unknown)

    def results(self) -> tuple[set[Says], tuple[int, ...], bool]:
        """What the ways say; the numbers of the grounds that have a part in it; whether that is exact."""
        try:
            self.parts = self._split(self.rules, (self.world,))
            settled = [self.claims.settle(summary) for summary in self._combine(part.family for part in self.parts)]
        except Exhausted:
            self.parts = []
            every: set[Says] = {(outcome,) for outcome in self.ruleset.outcomes}
            return every | {()}, (), False
        used = {number for _, numbers in settled for number in numbers}
        return {self.claims.outcomes(kept) for kept, _ in settled}, tuple(sorted(used)), True

    def relevant(self, fallback: Says) -> Mask:
        """The rules whose unknown condition changes in some way what is said; and whose open outcome might.

        ``fallback`` is what is said where no rule remains. If the budget runs out: all that an outcome may depend on.
        """
        proved: Mask = 0
        if not self.rules & self.claims.open_ended:
            proved = shown_to_matter(self.ruleset, self.claims, *self.world, fallback)
            if proved == self.world.unknown:
                return self._with_twins(proved)
        result = proved
        try:
            self._refine()
            self.budget = BUDGET_OF_NEEDS if self.parts else -1
            for part, others in self._parts_and_others():
                if not self._differs([tuple(part.family)], others, fallback):
                    continue
                result |= part.rules & self.open_ended & self.world.true
                for rule in bits(part.unknown & ~proved):
                    if self._matters(rule, part, others, fallback):
                        result |= 1 << rule
        except Exhausted:
            return self.unknown | self.rules & self.open_ended
        return self._with_twins(result)

    def _with_twins(self, rules: Mask) -> Mask:
        return rules | mask_of(rule for rule, twin in self.twin_of.items() if rules >> twin & 1)

    def _refine(self) -> None:
        """Find the families again, each contradiction by itself."""
        if self.is_coarse and self.parts:
            self.is_coarse, self.budget = False, BUDGET
            self.explored.clear()
            self.parts = self._split(self.rules, (self.world,))

    def _parts_and_others(self) -> Iterable[tuple[Part, Family]]:
        """Each part with the family of all others together."""
        self._spend(0)
        families = [part.family for part in self.parts]
        before = list(accumulate(families, self._product, initial=NOTHING))
        after = list(accumulate(reversed(families), self._product, initial=NOTHING))[::-1]
        for number, part in enumerate(self.parts):
            yield part, self._product(before[number], after[number + 1])

    def _matters(self, rule: int, part: Part, others: Family, fallback: Says) -> bool:
        """Whether the rule's own condition changes what is said while everything else stays."""
        worlds = (self.world.where(rule, True), self.world.where(rule, False))
        lower = (1 << self.claims.count) - 1
        pairs = self._explore(part.rules, worlds)
        return self._differs([(pair & lower, pair >> self.claims.count) for pair in pairs], others, fallback)

    def _differs(self, alternatives: Iterable[tuple[Mask, ...]], others: Family, fallback: Says) -> bool:
        """Whether some alternatives say different things beside the same of the others."""
        return any(
            len({self._says(other | summary, fallback) for summary in summaries}) > 1
            for summaries in alternatives
            for other in others
        )

    def _says(self, summary: Mask, fallback: Says) -> Says:
        return self.claims.outcomes(self.claims.settle(summary)[0]) or fallback

    # --------------------------------------------------------------------------------------- families

    def _spend(self, steps: int) -> None:
        self.budget -= steps
        if self.budget < 0:
            raise Exhausted

    def _product(self, left: Family, right: Family) -> Family:
        self._spend(len(left) * len(right))
        return self._told_apart(frozenset([one | other for one in left for other in right]))

    def _told_apart(self, family: Family) -> Family:
        """The family; where that is enough, with one member for all that contradict themselves beside the same rest."""
        if not self.is_coarse:
            return family
        unordered = self.claims.unordered
        found: set[Mask] = set()
        merged: dict[Mask, Mask] = {}
        for summary in family:
            alone = summary & unordered
            if alone & (alone - 1):
                rest = summary & ~unordered
                merged[rest] = merged.get(rest, 0) | summary
            else:
                found.add(summary)
        return frozenset(found.union(merged.values()))

    def _combine(self, families: Iterable[Family]) -> Family:
        return reduce(self._product, families, NOTHING)

    def _reach(self, rules: Mask) -> Mask:
        return union(self.ruleset.reach[rule] for rule in bits(rules))

    def _explore(self, rules: Mask, worlds: Worlds) -> Family:
        """The family of the rules, over all ways that agree in every world."""
        reach = self._reach(rules)
        worlds = tuple([World(world.true & reach, world.unknown & reach) for world in worlds])
        family = self.explored.get((rules, worlds))
        if family is None:
            if len(worlds) == 2 and worlds[0] == worlds[1]:
                family = frozenset([each | each << self.claims.count for each in self._explore(rules, worlds[:1])])
            else:
                family = self._combine(part.family for part in self._split(rules, worlds))
            self.explored[rules, worlds] = family
        return family

    def _split(self, rules: Mask, worlds: Worlds) -> list[Part]:
        """The independent parts of the rules. The worlds hold nothing beyond their reach."""
        self._spend(SPLITTING)
        views = [View(self.ruleset, world) for world in worlds]
        parts = []
        base: Mask = 0
        unsettled: Mask = 0
        for rule in bits(rules):
            if any(view.is_open(rule) for view in views):
                unsettled |= 1 << rule
            elif family := self._shown(rule, views):
                if len(family) == 1:
                    base |= next(iter(family))
                else:
                    parts.append(Part(1 << rule, 0, family))
        parts.append(Part(0, 0, frozenset({base})))

        hanging: dict[int, Mask] = {}
        for rule in bits(unsettled):
            # A rule that could only add what is there already has no effect.
            if any(summary & ~base for summary in self._shown(rule, views)):
                hanging[rule] = union(view.depends_on(rule) for view in views)
        for unknown, members in _sharing(hanging):
            parts.append(Part(members, unknown, self._family(members, unknown, hanging, views, worlds)))
        return parts

    def _shown(self, rule: int, views: Sequence[View]) -> Family:
        """What a rule shows, one member per claim, in the worlds where it may remain."""
        result = []
        for claim in self.claims.shown(rule, self.chosen):
            summary = self.claims.summary[claim]
            places = (number * self.claims.count for number, view in enumerate(views) if view.may_remain >> rule & 1)
            result.append(union(summary << place for place in places))
        return frozenset(result)

    def _family(
        self, rules: Mask, unknown: Mask, hanging: Mapping[int, Mask], views: Sequence[View], worlds: Worlds
    ) -> Family:
        first = rules.bit_length() - 1
        if rules == 1 << first and not self.ruleset.reach[first] & ~rules & union(view.undecided for view in views):
            return self._shown(first, views) | NOTHING  # one rule, on nothing but its own condition
        shared = Counter(condition for rule in bits(rules) for condition in bits(hanging[rule]))
        split = max(bits(unknown), key=lambda condition: shared[condition])
        # First the way that should leave more of the rules: if everything can come of that, the other adds nothing.
        takes_away = bool(self.ruleset.takes_away >> split & 1)
        more, less = (tuple([world.where(split, holds) for world in worlds]) for holds in (not takes_away, takes_away))
        family = self._explore(rules, more)
        if len(worlds) == 1 and family == self._combine({self._shown(rule, views) | NOTHING for rule in bits(rules)}):
            return family
        return self._told_apart(family | self._explore(rules, less))


class View:
    """What is certain and what is open in one world."""

    def __init__(self, ruleset: Ruleset, world: World) -> None:
        self.ruleset = ruleset
        self.world = world
        self.certain, self.perhaps = ruleset.applying(world.true, world.unknown)
        self.remains, self.may_remain = ruleset.remaining(self.certain, self.perhaps)

    def is_open(self, rule: int) -> bool:
        """Whether the rule may remain, or not."""
        return bool((self.may_remain & ~self.remains) >> rule & 1)

    def depends_on(self, rule: int) -> Mask:
        """The unknown conditions that decide whether the rule remains; none if that is settled."""
        if not self.is_open(rule):
            return 0
        prevailing = self.ruleset.prevailed_by[rule] & self.undecided
        return union(self.applying_depends_on.get(each, 0) for each in (rule, *bits(prevailing)))

    @property
    def undecided(self) -> Mask:
        return self.perhaps & ~self.certain

    @cached_property
    def applying_depends_on(self) -> dict[int, Mask]:
        """For each rule that may or may not apply: the unknown conditions that this depends on."""
        ruleset, undecided = self.ruleset, self.undecided
        result = {rule: 1 << rule for rule in bits(undecided & ruleset.free)}
        for level in ruleset.dependent:
            for rule in bits(undecided & level):
                excepted = ruleset.exception_to[rule]
                others = ruleset.disapplied_by[rule] | (0 if excepted & self.certain else excepted)
                hangs = union(result[other] for other in bits(others & undecided))
                result[rule] = hangs | (self.world.unknown & 1 << rule)
        return result


def _sharing(hanging: Mapping[int, Mask]) -> Iterable[tuple[Mask, Mask]]:
    """The rules grouped so that groups share no condition: for each group, its conditions and its rules."""
    groups: dict[int, tuple[Mask, Mask]] = {}
    group_of: dict[int, int] = {}
    for rule, conditions in hanging.items():
        members = 1 << rule
        for group in {group_of[condition] for condition in bits(conditions) if condition in group_of}:
            more_conditions, more_members = groups.pop(group)
            conditions |= more_conditions
            members |= more_members
        groups[rule] = conditions, members
        group_of.update(dict.fromkeys(bits(conditions), rule))
    return groups.values()
