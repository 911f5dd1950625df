"""The rules of one decision on one record, as far as other decisions have asked about them.

`requirement` asks of `licensing` whether single rules apply:

    rule embargoed for requirement:
        when cuba applies

Of the rules of `licensing`, facts looked up leave some possible; of these only `cuba` is evaluated, and the rules on
which it depends whether `cuba` applies (what it is an exception to, what disapplies it). What is asked once is kept,
and `licensing == license_required` goes on from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .kleene import Truth
from .late import Verdict
from .moot import Moot
from .rules import Mask, Ruleset, bits


class Standing:
    """What is known of the rules of a decision on one record: each condition is evaluated when it is first asked for.

    No condition may raise an error: which are evaluated depends on what is asked.
    """

    __slots__ = ("_coded", "_conditions", "_given", "_kept", "_known", "_possible", "_ruleset", "_unsure", "outcome")

    def __init__(self, ruleset: Ruleset, looked_up: tuple[Any, ...], refuted: Mask, undecided: Mask) -> None:
        """``looked_up``: what `looking_up` gave. ``refuted``, ``undecided``: as for `Moot.ask`."""
        possible, doubtful, *more = looked_up
        self._coded: Mask = 0
        self._conditions: Mapping[int, Callable[..., Truth]] = {}
        self._given: tuple[object, ...] = (None, None)
        if more:  # else no rule is left to evaluate
            self._coded, self._conditions, self._given = more
        self._ruleset = ruleset
        self._possible: Mask = possible & ~refuted
        self._unsure: Mask = (doubtful | undecided) & self._possible
        """Rules of which it stays unknown whether their own condition is true, unless its evaluation says it is not."""
        self._known: dict[int, Truth] = {}
        """Whether own conditions hold, as far as they were asked. (Only added to: threads may share a record.)"""
        self._kept: dict[Mask, Truth] = {}
        self.outcome: tuple[str | None] | None = None
        """The decision's outcome, if that was asked for."""

    def applies(self, rules: Mask) -> Truth:
        """Whether any of these rules applies."""
        asked = rules & self._possible
        if not asked:
            return False
        try:
            return self._kept[asked]
        except KeyError:
            pass
        said: Truth = False
        free = self._ruleset.free
        for rule in bits(asked):
            truth = self._own(rule) if free >> rule & 1 else self._dependent(rule)
            if truth:
                said = True
                break
            if truth is None:
                said = None
        self._kept[asked] = said
        return said

    def _own(self, rule: int) -> Truth:
        """Whether the own condition of a rule holds that facts looked up leave possible."""
        known = self._known
        if rule in known:
            return known[rule]
        truth: Truth = True
        if self._coded >> rule & 1:
            truth = self._conditions[rule](*self._given)
        if truth and self._unsure >> rule & 1:
            truth = None
        known[rule] = truth
        return truth

    def _dependent(self, rule: int) -> Truth:
        """Whether a rule applies that is an exception, or that others may disapply."""
        if self._own(rule) is False:
            return False
        true = unknown = 0
        for other in bits(self._ruleset.applying_reach[rule] & self._possible):
            truth = self._own(other)
            if truth:
                true |= 1 << other
            elif truth is None:
                unknown |= 1 << other
        certain, perhaps = self._ruleset.applying(true, unknown)
        return True if certain >> rule & 1 else None if perhaps >> rule & 1 else False

    def ask(self, moot: Moot) -> tuple[Mask, Mask] | Verdict:
        """As `Moot.ask`, what the rules say, or which hold."""
        possible, unsure, coded = self._possible, self._unsure, self._coded
        for rule, truth in list(self._known.items()):
            bit = 1 << rule
            coded &= ~bit
            if truth is False:
                possible &= ~bit
            elif truth is None:
                unsure |= bit
        given: Any = self._given
        return moot.ask(0, 0, possible, unsure, coded, self._conditions, *given)


def looking_up(
    possible: Mask, doubtful: Mask, coded: Mask, conditions: Mapping[int, Callable[..., Truth]], *given: object
) -> tuple[Any, ...]:
    """As `dispatch.remaining`, for whom nothing is evaluated yet: what there is to go on from."""
    return possible, doubtful, coded, conditions, given


__all__ = ["Standing", "looking_up"]
