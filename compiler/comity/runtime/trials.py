"""What an answer may be, shown by trying a few ways: an answer from below, held to bounds from above.

Most open answers need no search. The bounds say which outcomes there may be at most; if some ways, tried one by one,
give each of them, that is all there is to know. The ways that are tried: everything unknown is false, everything is
true, and for each outcome still missing a few of its rules alone, with what they need to apply.

    rule chart: license_required      unknown
    rule gbs: exception_available     unknown, an exception to chart, over which it prevails

    at most                license_required, exception_available, free
    all false              free
    all true               exception_available
    chart alone            license_required: all three have been seen

It must be plain what a way says: the claims that remain are in a line, the strongest of which decides (`Claims.line`),
or no two of different outcomes remain together. Else, or where an outcome is not seen, `completions` searches.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, TypeAlias

from .rules import bits

if TYPE_CHECKING:
    from .rules import Claims, Mask, Ruleset

Says: TypeAlias = tuple[str, ...]
"""The outcome, or none where no rule remains and nothing else holds."""

TRIED = 3
"""How many rules with an outcome are tried before a search has to find one of which it may come."""


class Trial:
    """Bounds of what one input leaves open. ``perhaps``, ``certain``: the rules that may, and surely do, apply.

    ``remains``, ``may_remain``: those that surely and perhaps are left. ``chosen``: outcomes named by findings.
    """

    def __init__(
        self,
        ruleset: Ruleset,
        claims: Claims,
        chosen: Mapping[int, str],
        own: tuple[Mask, Mask],
        applying: tuple[Mask, Mask],
        remaining: tuple[Mask, Mask],
    ) -> None:
        self.ruleset = ruleset
        self.claims = claims
        self.chosen = chosen
        self.true, self.unknown = own
        self.certain, self.perhaps = applying
        self.remains, self.may_remain = remaining
        self.fallback: Says = () if ruleset.otherwise is None else (ruleset.otherwise,)

    def outcomes(self) -> set[Says] | None:
        """What all ways say; None if trying does not show it."""
        line = self.claims.line
        if line is None:
            line = self._apart()
            if line is None:
                return None
        wanted = self._at_most(line)
        seen = set(self._said(self.true, line))
        if len(seen) < len(wanted):
            seen.update(self._said(self.true | self.unknown, line))
        for outcome, rules in wanted.items():
            tries = TRIED
            while outcome not in seen and rules and tries:
                rule = rules.bit_length() - 1
                rules ^= 1 << rule
                tries -= 1
                seen.update(self._said(self.true | self.unknown & self._with_what_it_needs(rule), line))
            if outcome not in seen:
                return None
        return seen

    def _apart(self) -> list[tuple[tuple[str], Mask]] | None:
        """The claims by outcome, where of two rules with different outcomes one prevails over the other."""
        if self.may_remain & self.claims.open_ended:
            return None
        found = [(outcome, mask & self.may_remain) for outcome, mask in self.claims.with_outcome.items()]
        found = [(outcome, mask) for outcome, mask in found if mask]
        others = self.may_remain
        for _, mask in found[:-1]:
            others &= ~mask
            left = mask
            while left:
                rule = left.bit_length() - 1
                left ^= 1 << rule
                if others & ~(self.ruleset.prevails_over[rule] | self.ruleset.prevailed_by[rule]):
                    return None
        return [((outcome,), mask) for outcome, mask in found]

    def _at_most(self, line: Sequence[tuple[tuple[str], Mask]]) -> dict[Says, Mask]:
        """What there may be, each with the rules that may say it."""
        plain, with_any = self.claims.plain, self.may_remain & self.claims.open_ended
        alive = self.may_remain
        wanted: dict[Says, Mask] = {}
        for outcome, mask in line:
            rules = alive & mask & plain
            left = with_any & alive
            while left:
                rule = left.bit_length() - 1
                left ^= 1 << rule
                if any(mask >> claim & 1 for claim in self.claims.shown(rule, self.chosen)):
                    rules |= 1 << rule
            if rules:
                wanted[outcome] = wanted.get(outcome, 0) | rules
            left = self.certain & mask & plain
            while left and alive:
                rule = left.bit_length() - 1
                left ^= 1 << rule
                alive &= self._without(rule)
            if not alive:
                break
        if not self._some_rule_decides():
            wanted.setdefault(self.fallback, 0)
        return wanted

    def _without(self, rule: int) -> Mask:
        """The rules that may be left where ``rule``, which applies, is not: one that prevails over it then applies,
        and leaves nothing else that it prevails over.
        """
        left, result = self.ruleset.prevailed_by[rule] & self.perhaps, 0
        while left:
            above = left.bit_length() - 1
            left ^= 1 << above
            result |= ~self.ruleset.prevails_over[above]
        return result

    def _some_rule_decides(self) -> bool:
        """Whether some rule with an outcome is left in any case.

        Where a rule applies, it is left, or one that prevails over it applies, which is left or has another above it.
        """
        left = self.certain & self.claims.plain
        while left:
            rule = left.bit_length() - 1
            left ^= 1 << rule
            above = self.ruleset.above(rule)
            if above is not None and not above & self.perhaps & ~self.claims.plain:
                return True
        return False

    def _said(self, own: Mask, line: Sequence[tuple[tuple[str], Mask]]) -> Iterator[Says]:
        """What is said where just these own conditions hold."""
        applies, _ = self.ruleset.applying(own, 0)
        left, _ = self.ruleset.remaining(applies, applies)
        shown, any_outcome = left & self.claims.plain, left & self.claims.open_ended
        if not any_outcome:
            yield self._strongest(shown, line)
            return
        for outcome in self.ruleset.outcomes:
            more, rest = 0, any_outcome
            while rest:
                rule = rest.bit_length() - 1
                rest ^= 1 << rule
                numbers = self.claims.shown(rule, self.chosen)
                same = [number for number in numbers if self.claims.claims[number].outcome == outcome]
                more |= 1 << (same or numbers)[0]
            yield self._strongest(shown | more, line)

    def _strongest(self, shown: Mask, line: Sequence[tuple[tuple[str], Mask]]) -> Says:
        for outcome, mask in line:
            if shown & mask:
                return outcome
        return self.fallback

    def _with_what_it_needs(self, rule: int) -> Mask:
        """A rule, with rules one of which each must apply for the next to: it is an exception to them."""
        needed = 1 << rule
        while excepted := self.ruleset.exception_to[rule] & self.perhaps:
            excepted = excepted & self.true or excepted
            rule = excepted.bit_length() - 1
            needed |= 1 << rule
        return needed


MOST_WAYS = 6
"""How many ways are tried to show that an answer is open."""


def shown_open(ruleset: Ruleset, claims: Claims, true: Mask, unknown: Mask) -> bool:
    """Whether the outcome is open, as two ways show that say one outcome each, and not the same one.

    False where that does not show. Ways: everything unknown is false, everything is true, some rule holds alone.
    """
    if not unknown or (true | unknown) & claims.open_ended:
        return False
    fallback: Says = () if ruleset.otherwise is None else (ruleset.otherwise,)

    line = claims.line

    def says(own: Mask) -> Says:
        applies, _ = ruleset.applying(own, 0)
        left, _ = ruleset.remaining(applies, applies)
        if line is None:
            return claims.outcomes(claims.settle(left & claims.plain)[0]) or fallback
        for outcome, group in line:
            if left & group:
                return outcome
        return fallback

    first = says(true)
    if len(first) != 1:
        return False
    ways = chain((unknown,), (_needed(ruleset, rule, true, unknown) for rule in bits(unknown & claims.plain)))
    for way in islice(ways, MOST_WAYS):
        other = says(true | way & unknown)
        if len(other) == 1 and other != first:
            return True
    return False


FEW = 5
"""Of fewer unknown conditions a search finds soon which of them matter."""

RELATED = 12
"""How many rules that a rule takes away, or that need it, are tried beside it."""

WAYS = 24
"""How many ways are drawn to show which conditions matter."""

IDLE = 6
"""After so many ways on end that show nothing new, a search takes over."""


def shown_to_matter(ruleset: Ruleset, claims: Claims, true: Mask, unknown: Mask, fallback: Says) -> Mask:
    """Rules whose unknown condition changes what is said, as some ways show; of the others nothing is known.

    A way settles everything unknown. A rule matters if in some way its condition changes what is said while all else
    stays: so in each way that is tried, a condition is turned round by itself. First each rule is tried with what it
    needs to apply, alone and beside each rule that it takes away or that needs it; then ways are drawn, always the same
    ones. No rule may have any outcome.
    """
    if unknown.bit_count() < FEW:
        return 0
    said: dict[Mask, Says] = {}

    def says(own: Mask) -> Says:
        if own not in said:
            applies, _ = ruleset.applying(own, 0)
            left, _ = ruleset.remaining(applies, applies)
            said[own] = claims.outcomes(claims.settle(left & claims.plain)[0]) or fallback
        return said[own]

    waiting = unknown
    for rule in bits(unknown):
        for own in _ways_for(ruleset, rule, true, unknown):
            if says(own | 1 << rule) != says(own & ~(1 << rule)):
                waiting &= ~(1 << rule)
                break
    idle = 0
    for way in _ways(unknown):
        if not waiting or idle == IDLE:
            break
        idle += 1
        base = says(true | way)
        for rule in bits(waiting):
            if says(true | way ^ 1 << rule) != base:
                waiting &= ~(1 << rule)
                idle = 0
    return unknown & ~waiting


def _ways_for(ruleset: Ruleset, rule: int, true: Mask, unknown: Mask) -> Iterator[Mask]:
    """Ways in which a rule may matter, by its relations to others."""
    own = true | _needed(ruleset, rule, true, unknown)
    yield own
    bit = 1 << rule
    tries = RELATED
    for other in bits((true | unknown) & ~bit):
        taken = (ruleset.disapplied_by[other] | ruleset.prevailed_by[other]) & bit
        if taken or ruleset.exception_to[other] & bit:
            yield own | _needed(ruleset, other, true, unknown) & unknown
            tries -= 1
            if not tries:
                return


def _needed(ruleset: Ruleset, rule: int, true: Mask, unknown: Mask) -> Mask:
    """A rule, with unknown ones of which each must apply for the one before."""
    needed = 1 << rule
    while (excepted := ruleset.exception_to[rule]) and not excepted & true:
        excepted &= unknown & ~needed
        if not excepted:
            break
        rule = excepted.bit_length() - 1
        needed |= 1 << rule
    return needed


def _ways(unknown: Mask) -> Iterator[Mask]:
    """All conditions true, none, then drawn ones: in turn a half, a quarter and an eighth of them true."""
    yield unknown
    yield 0
    state = 1
    size = unknown.bit_length()
    for number in range(WAYS):
        way = unknown
        for _ in range(number % 3 + 1):
            drawn = 0
            for _ in range(size // 32 + 1):
                state = (state * 6364136223846793005 + 1442695040888963407) & (1 << 64) - 1
                drawn = drawn << 32 | state >> 32
            way &= drawn
        yield way
