"""Which rules make no difference once others are known to apply: their conditions are not evaluated.

Whoever asks for the outcome does not ask what became of every rule. Outcomes most restrictive first, `prevail by
restriction`:

    rule embargo: license_required            applies
    rule chart: license_required              moot: it would say what embargo says
    rule small_value: exception_available     an exception to chart: moot with it
    rule no_small_value: disapplies small_value    moot: all that it acts on is
    rule denied: prohibited                   not moot: it is stronger than what embargo says

A rule X whose own condition holds, which is an exception to none and which none disapplies, applies. A set of rules is
moot then, whatever their own conditions are, if each of them

- is prevailed over by X, or says nothing itself, or says no more than X does (a weaker outcome where the claims are in
  a line, `Claims.line`; else the same outcome, rank and day) and is prevailed over by all that prevails over X;
- acts (prevails, disapplies, is excepted from) on none but rules of the set.

For then none outside the set depends on one in it. Where X remains, what X says is as strong as what they say. Where
one that applies prevails over X, it prevails over each of them that says something. So outcome, gap, contradiction and
what is possible are the same for all values of their conditions, and these count as false.

Nor is the rest evaluated once the answer is known to be open. Let W be a rule whose condition is unknown, an exception
to none, which none disapplies. If nothing that may still be true prevails over it, outdoes it (says something stronger,
and W does not prevail over that) or says the same outcome, and that is not what holds otherwise, then the outcome is
what W says where W applies and all else that is unknown does not, and another one where W does not apply either:

    rule denied: prohibited        unknown: open, whatever the chart says
    rule chart: license_required   not evaluated

In the same way a rule that applies gives the outcome if nothing that may be true outdoes it or prevails over it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import TypeAlias

from .kleene import Truth
from .late import OPEN, Verdict, verdict_of
from .rules import Claims, Mask, Ruleset, bits, mask_of, union

Conditions: TypeAlias = "Mapping[int, Callable[..., Truth]]"

Step: TypeAlias = "tuple[int, Mask, Mask, Callable[..., Truth]]"
"""A rule to evaluate: its number, its bit, the rules of which it needs one (0: none), its condition."""

Stage: TypeAlias = tuple[Mask, Mask, Sequence[Step], bool]
"""Rules evaluated together: which, those of which they need one (0: none), their order, whether they are few."""

_MOST_KEPT = 4_096
"""Maximum number of sets of rules of which the order of evaluation is kept."""

_NONE: tuple[list[tuple[Mask, Verdict]], list[tuple[Mask, Mask]]] = [], []

_NO_FINDINGS: tuple[object, ...] = (None,)

FEW = 4
"""Up to this many rules that may outdo one that applies are evaluated next: if none of them applies, that decides."""

MOST_RULES = 1_000
"""Of a decision with more rules, tables settle nearly all; sets of moot rules would take long to work out."""


class Moot:
    """The moot rules of a decision on the days that have these claims, and an order of evaluation that finds many."""

    def __init__(self, ruleset: Ruleset, claims: Claims) -> None:
        self.ruleset = ruleset
        self.claims = claims
        numbers = range(len(ruleset.rules))
        self._acts_on = [
            mask_of(rule.disapplies) | ruleset.prevails_over[number] | ruleset.excepted_by[number]
            for number, rule in enumerate(ruleset.rules)
        ]
        self._silent = mask_of(number for number in numbers if not claims.of_rule[number])
        self._refers = mask_of(number for number, rule in enumerate(ruleset.rules) if rule.refers)
        self.makes_moot = ruleset.free & claims.plain & ~self._refers
        """The rules that apply where their own condition holds, and say one thing then."""
        self._no_stronger = self._by_strength()
        self._sets: dict[tuple[Mask, Mask, Mask], Mask] = {}
        self._after: dict[int, Mask] = {}
        self.needs = [
            ruleset.exception_to[number] or (self._acts_on[number] if self._silent >> number & 1 else 0)
            for number in numbers
        ]
        """For each rule, those of which one must perhaps apply for it to make a difference (0: it may anyway)."""
        self._keeps: list[Mask | None] = [None] * len(ruleset.rules)
        self._orders: dict[Mask, Sequence[Step]] = {}
        self._coded: Sequence[Step] = ()
        """The rules with a condition, those first that are quick to evaluate."""
        self._speaks = ~self._silent
        self._outdone: dict[int, tuple[Mask, Verdict]] = {}
        """For each rule, those that must not apply for its outcome to be the decision's where it applies itself."""
        self._rivals: dict[int, tuple[Mask, Mask]] = {}
        """For each rule, itself, and those that must not be true for the answer to be open where it is unknown."""
        self._weigh()
        self._weighed = mask_of(self._outdone)
        self._from_tables: dict[tuple[Mask, Mask], tuple[list[tuple[Mask, Verdict]], list[tuple[Mask, Mask]]]] = {}
        self.stages = self._stages()
        self._steps: Sequence[Stage] = ()

    def _weigh(self) -> None:
        """Only where claims are in a line; a rule of which it is not known is left out."""
        ruleset, claims, line = self.ruleset, self.claims, self.claims.line
        stronger = 0
        for (outcome,), group in line or ():
            same = claims.with_outcome[outcome] & claims.plain
            for rule in bits(group & ruleset.free & claims.plain):
                outdo = stronger & ~ruleset.prevails_over[rule] | ruleset.prevailed_by[rule] | claims.open_ended
                self._outdone[rule] = outdo & ~(1 << rule), verdict_of(outcome)
                if ruleset.otherwise not in (None, outcome):
                    self._rivals[rule] = 1 << rule, (outdo | same) & ~(1 << rule)
            stronger |= group & claims.plain

    def _wanted(self, stage: Mask) -> Mask:
        """The rules of which one must perhaps apply for any of the stage to make a difference (0: some may anyway)."""
        needs = [self.needs[rule] for rule in bits(stage)]
        return union(needs) if all(needs) else 0

    def _by_strength(self) -> dict[int, Mask]:
        """For each claim, the rules that say no more than it does."""
        claims, found = self.claims, dict[int, Mask]()
        line = claims.line
        if line is not None:
            weaker = 0
            for _, group in reversed(line):
                weaker |= group
                found.update(dict.fromkeys(bits(group), weaker & claims.plain))
            return found
        same: dict[tuple[object, ...], Mask] = {}
        for number, claim in claims.claims.items():
            key = claim.outcome, claim.rank, claim.later
            same[key] = same.get(key, 0) | 1 << number
        return {
            number: same[claim.outcome, claim.rank, claim.later] & claims.plain
            for number, claim in claims.claims.items()
        }

    def after(self, rule: int) -> Mask:
        """The rules that are moot where ``rule``, one of `makes_moot`, applies."""
        found = self._after.get(rule)
        if found is None:
            ruleset = self.ruleset
            signature = self._no_stronger[rule], ruleset.prevailed_by[rule], ruleset.prevails_over[rule]
            if signature not in self._sets:
                self._sets[signature] = self._moot(*signature)
            found = self._after[rule] = self._sets[signature] & ~(1 << rule)
        return found

    def _moot(self, no_stronger: Mask, by: Mask, over: Mask) -> Mask:
        """``by``: the rules that prevail over the one that applies; ``over``: those that it prevails over."""
        prevailed_by, acts_on = self.ruleset.prevailed_by, self._acts_on
        found = over | self._silent | mask_of(rule for rule in bits(no_stronger) if not by & ~prevailed_by[rule])
        found &= ~by
        while True:
            kept = mask_of(rule for rule in bits(found) if not acts_on[rule] & ~found)
            if kept == found:
                return found
            found = kept

    def _stages(self) -> list[Mask]:
        """The rules in the order of their evaluation: first those that few others outdo, as they matter whatever these
        say, and where one of them applies much is moot. A rule that refers to counsel comes after its like, as it
        mostly stays unknown; one that makes no difference without others (an exception, one that disapplies) after
        these.
        """
        free, level = self.ruleset.free, self._levels()

        def place(rule: int) -> tuple[int, int, int, int, int]:
            depth = level.get(rule, 0) if self.ruleset.exception_to[rule] else 0
            silent, refers = self._silent >> rule & 1, self._refers >> rule & 1
            if rule in self._outdone:
                return silent, depth, (self._outdone[rule][0] & free).bit_count().bit_length(), refers, 0
            if not self.makes_moot >> rule & 1:
                return silent, depth, len(level), refers, 0
            return silent, depth, len(level), refers, -self.after(rule).bit_count().bit_length()

        ordered = sorted(range(len(self.ruleset.rules)), key=place)
        return [mask_of(rules) for _, rules in groupby(ordered, place)]

    def _levels(self) -> dict[int, int]:
        return {rule: depth for depth, mask in enumerate(self.ruleset.dependent, 1) for rule in bits(mask)}

    def ask(  # noqa: C901 - written out, as this is where the time goes
        self, refuted: Mask, undecided: Mask, possible: Mask, doubtful: Mask, coded: Mask,
        conditions: Conditions, this: object, day: object, *findings: object,
    ) -> tuple[Mask, Mask] | Verdict:  # fmt: skip
        """As `dispatch.remaining`, for whom only the outcome matters: moot rules are false; or what the rules say.

        ``refuted``: rules that a finding says do not hold. ``undecided``: those that want a finding, and have none.
        ``conditions``: the same at every call, those that are quick to evaluate first.
        """
        alive = possible & ~refuted
        doubtful = (doubtful | undecided) & alive
        outdone, rivals, makes_moot = self._outdone, self._rivals, self.makes_moot
        met = alive & ~coded  # the rules that are not to be evaluated any more; some of them may be moot
        applying = met & ~doubtful
        if applying & makes_moot:
            alive = self._without_moot(alive, applying & makes_moot)
            met &= alive
        holding, open_rules = _NONE
        if met & self._weighed:
            settled = met & self._weighed
            holding, open_rules = self._known(settled & ~doubtful, settled & doubtful)
            verdict = _follows(alive, alive & ~doubtful, holding, open_rules)
            if verdict is not None:
                return verdict
        (third,) = findings or _NO_FINDINGS
        for stage, wanted, order, few in self._steps or self._plan(conditions):
            asked = stage & alive & ~met
            if not asked:
                continue
            if wanted and not wanted & alive:
                alive ^= asked
                continue
            batches = [order if few else self._orders.get(asked) or self._order(asked, order)]
            while batches:
                batch = batches.pop()
                for rule, bit, needed, condition in batch:
                    if not bit & alive or bit & met:
                        continue  # moot by now, or one of those that came before
                    if needed and not needed & alive:
                        truth: Truth = False
                    else:
                        truth = condition(this, day, third) if findings else condition(this, day)
                    if truth is False:
                        alive ^= bit
                        continue
                    met |= bit
                    verdict = None
                    if truth is None or bit & doubtful:
                        doubtful |= bit
                        if rule in rivals:
                            open_rules = [*open_rules, rivals[rule]]
                            first, verdict = rivals[rule][1] & alive & ~doubtful, OPEN
                    else:
                        if bit & makes_moot:
                            alive &= self._kept(rule)
                        if rule in outdone:
                            holding = [*holding, outdone[rule]]
                            first, verdict = outdone[rule][0] & alive, outdone[rule][1]
                    if verdict is not None:
                        if not first:
                            return verdict
                        if first.bit_count() <= FEW and first & ~met:
                            batches += (batch, self._order(first & ~met, self._coded))  # before the others
                            break
                if holding or open_rules:
                    verdict = _follows(alive, alive & ~doubtful, holding, open_rules)
                    if verdict is not None:
                        return verdict
        true = alive & ~doubtful
        return self._said(alive, true) or (true, alive & doubtful)

    def _known(self, true: Mask, unknown: Mask) -> tuple[list[tuple[Mask, Verdict]], list[tuple[Mask, Mask]]]:
        """What `ask` keeps of rules that are so by tables alone."""
        found = self._from_tables.get((true, unknown))
        if found is None:
            if len(self._from_tables) > _MOST_KEPT:
                self._from_tables.clear()
            holding = list(dict.fromkeys(self._outdone[rule] for rule in bits(true)))
            found = holding, [self._rivals[rule] for rule in bits(unknown) if rule in self._rivals]
            self._from_tables[true, unknown] = found
        return found

    def _plan(self, conditions: Conditions) -> Sequence[Stage]:
        """The stages, with the order of their rules."""
        self._coded = [(rule, 1 << rule, self.needs[rule], asks) for rule, asks in conditions.items()]
        steps = []
        for stage in self.stages:
            order = [step for step in self._coded if step[1] & stage]
            steps.append((stage, self._wanted(stage), order, len(order) <= FEW))
        self._steps = steps
        return steps

    def _order(self, asked: Mask, order: Sequence[Step]) -> Sequence[Step]:
        """The rules to evaluate, in their ``order``; kept as it is asked often."""
        found = self._orders.get(asked)
        if found is None:
            if len(self._orders) > _MOST_KEPT:
                self._orders.clear()
            found = self._orders[asked] = [step for step in order if step[1] & asked]
        return found

    def _without_moot(self, alive: Mask, applying: Mask) -> Mask:
        """The rules that are not moot, of which some apply."""
        while applying:
            rule = applying.bit_length() - 1
            keep = self._kept(rule)
            alive &= keep
            applying &= keep & ~(1 << rule)
        return alive

    def _kept(self, rule: int) -> Mask:
        """The rules that are not moot where ``rule`` applies."""
        keep = self._keeps[rule]
        if keep is None:
            keep = self._keeps[rule] = ~self.after(rule)
        return keep

    def _said(self, alive: Mask, true: Mask) -> Verdict | None:
        """What the rules say, if one that applies outdoes all others or none says anything."""
        if not alive & self._speaks:
            return None if self.ruleset.otherwise is None else verdict_of(self.ruleset.otherwise)
        for rule in bits(true):
            found = self._outdone.get(rule)
            if found is not None and not found[0] & alive:
                return found[1]
        return None


def _follows(
    alive: Mask, true: Mask, holding: Sequence[tuple[Mask, Verdict]], open_rules: Sequence[tuple[Mask, Mask]]
) -> Verdict | None:
    """What rules that apply, or are unknown, show by themselves, where no other than ``alive`` may apply."""
    for beside, verdict in holding:
        if not beside & alive:
            return verdict
    for bit, beside in open_rules:
        if bit & alive and not beside & true:
            return OPEN
    return None


__all__ = ["MOST_RULES", "Moot"]
