"""A ruleset without some clauses, as cheaply as questions about one clause after another need it.

Example: whether `notwithstanding embargo` in rule 3 changes anything is asked of the same rules in which 3 no longer
prevails over `embargo`: one edge is left out, and all else is shared.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from datetime import date

from comity.base.source import Span
from comity.core.ast import Rule
from comity.runtime.rules import Claims, Mask, Ruleset

KINDS = ("exception", "disapplies", "prevails")
"""Kinds of edges, in the order in which `Ruleset.relations` has them: first those that go out, then those that come."""


class Without(Ruleset):
    """``whole`` without ``clauses``: it shares with it all that does not depend on them.

    Some of what is shared is more than would be needed, and harmless: ``reach``, ``excepted_by`` and the rules that may
    take something away, which say only where to look, and the levels, of which a rule that depends on nothing may be in
    any.
    """

    def __init__(self, whole: Ruleset, rules: Iterable[Rule], clauses: frozenset[Span]) -> None:
        """``rules``: those that have edges of the clauses."""
        self.__dict__.update(whole.__dict__)
        self.whole = whole
        self._own_claims: dict[int, Claims] = {}
        outgoing = [whole.exception_to.copy(), [], whole.prevails_over.copy()]
        incoming = [[], whole.disapplied_by.copy(), whole.prevailed_by.copy()]
        relations = whole.relations.copy()
        for rule in rules:
            left = {(edge.kind, edge.target) for edge in rule.edges if edge.clause not in clauses}
            for kind, target in {(edge.kind, edge.target) for edge in rule.edges} - left:
                place = KINDS.index(kind)
                for lists, number, other in ((outgoing, rule.number, target), (incoming, target, rule.number)):
                    if lists[place]:
                        lists[place][number] &= ~(1 << other)
                relations[rule.number] = _less(relations[rule.number], place, target)
                relations[target] = _less(relations[target], place + len(KINDS), rule.number)
            if not outgoing[0][rule.number]:
                self.unexcepting |= 1 << rule.number
        self.exception_to, _, self.prevails_over = outgoing
        _, self.disapplied_by, self.prevailed_by = incoming
        self.relations = relations
        self.reach = whole.reach

    def claims(self, day: date | None) -> Claims:
        """Rules show the same claims; what has been resolved is kept apart."""
        shown = self.whole.claims(day)
        own = self._own_claims.get(id(shown))
        if own is None:
            own = self._own_claims[id(shown)] = copy(shown)
            own.resolutions = {}
        return own


def _less(relations: tuple[Mask, ...], place: int, other: int) -> tuple[Mask, ...]:
    return (*relations[:place], relations[place] & ~(1 << other), *relations[place + 1 :])
