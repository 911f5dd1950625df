"""The steps of `runtime.resolve`, in whatever logic conditions come: truths of three values, or decision diagrams.

Which rules apply, which remain, and which of their claims the grounds leave. Each step is written once here, with the
`and`, `or` and `not` of a `Logic`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Generic, Literal, TypeAlias, TypeVar

from comity.core import ast as core
from comity.runtime.light import dataclass

EdgeKind: TypeAlias = Literal["prevails", "exception", "disapplies"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Logic(Generic[T]):
    """What can be done with conditions."""

    all_of: Callable[[Iterable[T]], T]
    some_of: Callable[[Iterable[T]], T]
    negate: Callable[[T], T]


@dataclass(frozen=True, slots=True, eq=False)
class Claim(Generic[T]):
    """What a rule shows to the grounds; ``holds``: it remains and shows this.

    ``rank``: higher prevails, 0 is none. ``since``: day of effect, 0 is none.
    """

    rule: int
    outcome: str
    rank: int
    since: int
    holds: T


def applying(decision: core.Decision, own: Sequence[T], logic: Logic[T]) -> list[T]:
    """Where each rule applies, from where its own condition holds."""
    disapplied_by = by_target(decision.rules, "disapplies")
    found: dict[int, T] = {}

    def apply(number: int) -> T:
        if number not in found:
            targets = decision.rules[number].targets("exception")
            parts = [own[number]]
            if targets:
                parts.append(logic.some_of([apply(target) for target in targets]))
            parts += [logic.negate(apply(other)) for other in disapplied_by[number]]
            found[number] = logic.all_of(parts)
        return found[number]

    return [apply(rule.number) for rule in decision.rules]


def remaining(decision: core.Decision, applies: Sequence[T], logic: Logic[T]) -> list[T]:
    """Where each rule remains, from where each applies."""
    prevailed_by = by_target(decision.rules, "prevails")
    return [
        logic.all_of((truth, *(logic.negate(applies[other]) for other in prevailed_by[number])))
        for number, truth in enumerate(applies)
    ]


def after_grounds(decision: core.Decision, claims: list[Claim[T]], logic: Logic[T]) -> list[Claim[T]]:
    """The claims, each where the grounds leave it."""
    order = {outcome: -place for place, outcome in enumerate(decision.outcomes.members)}
    for ground in decision.grounds:
        if ground.kind == "over":
            beaten = {
                claim: [f for f in claims if f.outcome == ground.winner]
                for claim in claims
                if claim.outcome == ground.loser
            }
        else:
            keys = {
                claim: claim.rank
                if ground.kind == "rank"
                else claim.since
                if ground.kind == "later"
                else order[claim.outcome]
                for claim in claims
            }
            beaten = {claim: [f for f in claims if keys[f] > keys[claim]] for claim in claims}
        # A ground is tried only while several outcomes are left, so it drops nothing among claims of one outcome.
        claims = [_kept(claim, beaten.get(claim, []), claims, logic) for claim in claims]
    return claims


def _kept(claim: Claim[T], winners: Sequence[Claim[T]], claims: Sequence[Claim[T]], logic: Logic[T]) -> Claim[T]:
    losses = [f.holds for f in winners if f.outcome != claim.outcome]
    allies = [f for f in winners if f.outcome == claim.outcome]
    if allies:
        dispute = logic.some_of(f.holds for f in claims if f.outcome != claim.outcome)
        losses += [logic.all_of((f.holds, dispute)) for f in allies]
    if not losses:
        return claim
    return replace(claim, holds=logic.all_of((claim.holds, logic.negate(logic.some_of(losses)))))


def by_target(rules: Sequence[core.Rule], kind: EdgeKind) -> list[list[int]]:
    """For each rule, the rules that have such an edge to it."""
    found: list[list[int]] = [[] for _ in rules]
    for rule in rules:
        for target in rule.targets(kind):
            found[target].append(rule.number)
    return found
