"""Two versions of a program as one: the new declarations, beside them the old ones that differ; and each version's
rules by their numbers among the rules of both.

Example: the rules `a, b` become `a, b'`. Of both there are three, of which each version has two: `a`, which is judged
once, and its own `b`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

from comity import terms
from comity.analysis.decision.extents import Standing
from comity.analysis.decision.search import DecisionSearch
from comity.analysis.space.axes import bits
from comity.analysis.versions.changes import Changes
from comity.analysis.versions.record import confined
from comity.core import ast as core
from comity.core.interpret import ruleset
from comity.core.walk import rewrite
from comity.parts import AlwaysLine
from comity.runtime.resolve import Resolution, resolve_masks
from comity.runtime.rules import Mask, Rule, Ruleset, mask_of
from comity.runtime.types import RecordType
from comity.terms import Term

Said: TypeAlias = tuple[str, tuple[str, ...]]
"""What a change of answers is a change of: outcome, `undetermined`, `contradiction` or `gap`; and what is possible."""

Adapt: TypeAlias = Callable[[Term], Term]

EARLIER = "earlier:"
"""Stands before the names of the old version's declarations in the program of both."""


def said(resolution: Resolution) -> Said:
    label = resolution.outcome or resolution.error or "undetermined"
    return label, resolution.possible


def merged(
    changes: Changes, old: core.Decision, new: core.Decision, shared: RecordType
) -> tuple[core.Program, Adapt, Adapt]:
    """The program of both; and how terms of the old and of the new version are read in it."""
    before, after = changes.old, changes.new
    renamed = {name: EARLIER + name for name in (*changes.causes, old.qname)}

    def rename(term: Term) -> Term | None:
        match term:
            case terms.Call(define=name) if name in renamed:
                return replace(term, define=renamed[name], arguments=tuple(map(earlier, term.arguments)))
            case terms.NamedSet(name=name) if name in renamed:
                return replace(term, name=renamed[name])
            case terms.Lookup(table=name) if name in renamed:
                return replace(term, table=renamed[name], keys=tuple(map(earlier, term.keys)))
            case terms.OutcomeOf(decision=name) if name in renamed:
                return replace(term, decision=renamed[name], record=earlier(term.record))
            case terms.RuleHolds(decision=name) if name in renamed:
                key = None if term.key is None else earlier(term.key)
                return replace(term, decision=renamed[name], record=earlier(term.record), key=key)
            case _:
                return None

    def earlier(term: Term) -> Term:
        return rewrite(term, rename)

    def of_old(term: Term) -> Term:
        return confined(earlier(term), old.record, shared)

    def of_new(term: Term) -> Term:
        return confined(term, new.record, shared)

    defines = {renamed[n]: replace(d, body=of_old(d.body)) for n, d in before.defines.items() if n in renamed}
    sets = {renamed[n]: replace(s, body=earlier(s.body)) for n, s in before.sets.items() if n in renamed}
    tables = {renamed[n]: table for n, table in before.tables.items() if n in renamed}
    decisions = {
        renamed[n]: replace(d, rules=tuple(adapted(rule, of_old) for rule in d.rules))
        for n, d in before.decisions.items()
        if n in renamed and n != old.qname
    }
    read_by_new = after
    if shared != new.record:
        read_by_new = replace(
            after,
            defines={n: replace(d, body=of_new(d.body)) for n, d in after.defines.items()},
            decisions={
                n: replace(d, rules=tuple(adapted(rule, of_new) for rule in d.rules))
                for n, d in after.decisions.items()
            },
        )
    program = replace(
        read_by_new,
        always=_always(changes, of_old, of_new),
        defines={**before.defines, **read_by_new.defines, **defines},
        sets={**before.sets, **after.sets, **sets},
        tables={**before.tables, **after.tables, **tables},
        decisions={**before.decisions, **read_by_new.decisions, **decisions},
    )
    return program, of_old, of_new


def adapted(rule: core.Rule, adapt: Adapt) -> core.Rule:
    """A rule whose terms are read in the program of both."""
    membership, when, unless = (None if t is None else adapt(t) for t in (rule.membership, rule.when, rule.unless))
    return replace(rule, membership=membership, when=when, unless=unless)


def _always(changes: Changes, of_old: Adapt, of_new: Adapt) -> Mapping[str, tuple[AlwaysLine, ...]]:
    """The lines of both versions: no input that either refuses is compared."""
    before, after = changes.old.always, changes.new.always
    found: dict[str, tuple[AlwaysLine, ...]] = {}
    for name in {**before, **after}:
        lines = [replace(line, condition=of_new(line.condition)) for line in after.get(name, ())]
        lines += [replace(line, condition=of_old(line.condition)) for line in before.get(name, ())]
        found[name] = tuple({line.condition: line for line in reversed(lines)}.values())
    return found


class Side:
    """One version's rules, by their numbers in the union."""

    def __init__(self, decision: core.Decision, number: Mapping[int, int], size: int) -> None:
        own = ruleset(decision)
        made = [Rule("never")] * size
        for rule, at in number.items():
            each = own.rules[rule]
            made[at] = replace(
                each,
                exception_to=tuple(number[n] for n in each.exception_to),
                disapplies=tuple(number[n] for n in each.disapplies),
                prevails_over=tuple(number[n] for n in each.prevails_over),
            )
        self.rules = Ruleset(own.outcomes, own.otherwise, made, own.grounds)
        self.mask = mask_of(number.values())
        self._says: list[frozenset[str]] = [self._outcomes(rule) for rule in made]
        self._others = mask_of(n for rule in made for n in (*rule.exception_to, *rule.disapplies))
        """Rules on whose applying it hangs whether others do, or that others disapply."""
        self._others |= mask_of(n for n, rule in enumerate(made) if rule.disapplies)

    def _outcomes(self, rule: Rule) -> frozenset[str]:
        if rule.outcome is not None:
            return frozenset((rule.outcome,))
        return frozenset(self.rules.outcomes if rule.refers else ())

    def resolve(self, search: DecisionSearch, standing: Standing) -> Resolution:
        day, chosen = search._day(standing.region), search._chosen(standing)
        return resolve_masks(self.rules, standing.true & self.mask, standing.unknown & self.mask, day, chosen)

    def survey(self, standing: Standing) -> tuple[frozenset[str], Mask]:
        """The outcomes there may be (none of them, if it may be that none is), whatever the open rules are; and those
        of the open rules on which the answer may hang.
        """
        open_ = standing.open & self.mask
        certain, perhaps = self.rules.applying(standing.true & self.mask, standing.unknown & self.mask | open_)
        remains, may_remain = self.rules.remaining(certain, perhaps)
        depends_on = may_remain | self._others
        for number in bits(open_ & ~depends_on):
            if self.rules.prevails_over[number] & may_remain:
                depends_on |= 1 << number
        may = {outcome for number in bits(may_remain) for outcome in self._says[number]}
        sure = {next(iter(self._says[n])) for n in bits(remains) if len(self._says[n]) == 1}
        if not any(self._says[number] for number in bits(remains)):
            if self.rules.otherwise is None:
                return frozenset(), open_ & depends_on
            may.add(self.rules.otherwise)
        return frozenset(self._settled(may, sure)), open_ & depends_on

    def _settled(self, may: set[str], sure: set[str]) -> set[str]:
        """What the grounds leave for certain, as far as they look at outcomes alone."""
        lost: set[str] = set()
        for ground in self.rules.grounds:
            if ground.kind == "over":
                if ground.winner in sure - lost:
                    may = may - {ground.loser}
                lost.add(ground.loser)
            elif ground.kind == "restriction":
                standing = [outcome for outcome in self.rules.outcomes if outcome in sure - lost]
                if standing:
                    may = may & {*self.rules.outcomes[: self.rules.outcomes.index(standing[0]) + 1]}
                break
            else:
                break
        return may
