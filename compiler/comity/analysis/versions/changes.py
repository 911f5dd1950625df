"""What was changed between two programs, as written: declarations, and the rules that read them.

Terms are compared without their places, so moving or documenting something is not a change. What is equal here answers
equally; what is not may still answer equally, which is for the search to find out (`diff`). Example: a row is added to
a table that the definition `listed` looks up, and `rule a` asks `listed`: changed are the table, and as its readers
`listed` and `a`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TypeAlias, TypeVar

from comity import terms
from comity.core import ast as core
from comity.core.ast import Table
from comity.core.walk import children
from comity.runtime.light import dataclass
from comity.terms import Term

T = TypeVar("T")

RuleId: TypeAlias = tuple[str, str, str | None]
"""Module, family and member of a rule: what makes it the same rule in both versions."""

Causes: TypeAlias = tuple[str, ...]
"""Names of what was changed: a rule, or the declarations that rules read."""

ZONES = "zones"
"""Stands for the places of the world among the names that terms read."""


def identity(rule: core.Rule) -> RuleId:
    return rule.module, rule.family, rule.key


def reads(term: Term) -> Iterator[str]:
    """The qualified names of what a term is read with: definitions, sets, tables, decisions."""
    waiting: list[Term] = [term]
    while waiting:
        each = waiting.pop()
        match each:
            case terms.Call(define=name) | terms.NamedSet(name=name) | terms.Lookup(table=name):
                yield name
            case terms.OutcomeOf(decision=name) | terms.RuleHolds(decision=name):
                yield name
            case terms.PlaceWithin():
                yield ZONES
            case _:
                pass
        waiting.extend(children(each))


def _roles(decision: core.Decision, kept: set[RuleId]) -> dict[RuleId, tuple[object, ...]]:
    """What each rule does where its condition holds. Edges to rules that are in one version only are not part of it:
    these make themselves felt where such a rule applies. But whether a rule is an exception at all is: else it reaches
    beyond what it was one to.
    """
    found: dict[RuleId, tuple[object, ...]] = {}
    by_day = any(ground.kind == "later" for ground in decision.grounds)
    for rule in decision.rules:
        edges = {(e.kind, identity(decision.rules[e.target])) for e in rule.edges}
        found[identity(rule)] = (
            rule.outcome,
            rule.refer is None,
            rule.rank,
            rule.window if by_day else None,
            bool(rule.targets("exception")),
            frozenset(edge for edge in edges if edge[1] in kept),
        )
    return found


@dataclass(frozen=True)
class RuleChange:
    """A rule that is not the same in both versions. ``old`` or ``new`` is None where it is not there.

    ``condition``: its own condition was rewritten; ``role``: its outcome, rank or edges. With neither, it reads
    something that was changed: ``causes`` names that, else the rule itself.
    """

    old: core.Rule | None
    new: core.Rule | None
    condition: bool
    role: bool
    causes: Causes

    @property
    def name(self) -> str:
        rule = self.new or self.old
        assert rule is not None
        return rule.family

    @property
    def direct(self) -> bool:
        return self.condition or self.role or self.old is None or self.new is None

    @property
    def group(self) -> Causes:
        """Changes of one cause are looked at together: the members of a family, all rules that read one changed set."""
        return (self.name,) if self.direct else self.causes


class Changes:
    """The changes between two programs."""

    def __init__(self, old: core.Program, new: core.Program) -> None:
        self.old = old
        self.new = new
        self._of: dict[tuple[str, str], tuple[RuleChange, ...]] = {}

    @cached_property
    def direct(self) -> frozenset[str]:
        """Qualified names of definitions, sets and tables that were themselves changed, added or removed."""
        found: set[str] = {ZONES} if self.old.place != self.new.place else set()
        found |= _unequal(self.old.defines, self.new.defines, lambda d: (d.parameters, d.result, d.body))
        found |= _unequal(self.old.sets, self.new.sets, lambda s: (s.type, s.body))
        found |= _unequal(self.old.tables, self.new.tables, _table)
        return frozenset(found)

    @cached_property
    def rule_causes(self) -> Mapping[str, tuple[str, ...]]:
        """By decision, what was changed in it directly: names of rules, or its own name."""
        found: dict[str, tuple[str, ...]] = {}
        for name in {*self.old.decisions, *self.new.decisions}:
            one, two = self.old.decisions.get(name), self.new.decisions.get(name)
            if one is None or two is None:
                found[name] = (name.rpartition(".")[2],)
                continue
            causes = [change.name for change in _rewritten(one, two)]
            if decision_frame(one) != decision_frame(two):
                causes.append(two.name)
            if causes:
                found[name] = tuple(dict.fromkeys(causes))
        return found

    @cached_property
    def causes(self) -> Mapping[str, tuple[str, ...]]:
        """By qualified name of everything that is read, what changed in it or below it. Names of what did not change
        are not there.
        """
        below: dict[str, set[str]] = {}
        for program in (self.old, self.new):
            for define in program.defines.values():
                below.setdefault(define.qname, set()).update(reads(define.body))
            for declared in program.sets.values():
                below.setdefault(declared.qname, set()).update(reads(declared.body))
            for decision in program.decisions.values():
                names = {name for rule in decision.rules for name in reads(rule.condition)}
                below.setdefault(decision.qname, set()).update(names)
        found: dict[str, set[str]] = {name: {name.rpartition(".")[2]} for name in self.direct}
        for name, rules in self.rule_causes.items():
            found.setdefault(name, set()).update(rules)
        again = True
        while again:
            again = False
            for name, under in below.items():
                gained = {cause for each in under for cause in found.get(each, ())} - found.get(name, set())
                if gained:
                    found.setdefault(name, set()).update(gained)
                    again = True
        return {name: tuple(sorted(causes)) for name, causes in found.items()}

    def rules(self, old: core.Decision, new: core.Decision) -> tuple[RuleChange, ...]:
        """The rules of a decision that are not the same, or read what is not."""
        key = (old.qname, new.qname)
        if key not in self._of:
            rewritten = {_id(change): change for change in _rewritten(old, new)}
            found = list(rewritten.values())
            olds = {identity(rule): rule for rule in old.rules}
            for rule in new.rules:
                before = olds.get(identity(rule))
                if before is None or identity(rule) in rewritten:
                    continue
                causes = {c for name in reads(rule.condition) for c in self.causes.get(name, ())}
                if causes:
                    found.append(RuleChange(before, rule, False, False, tuple(sorted(causes))))
            self._of[key] = tuple(found)
        return self._of[key]


def decision_frame(decision: core.Decision) -> tuple[object, ...]:
    """What a decision says beside its rules."""
    grounds = [(ground.kind, ground.winner, ground.loser) for ground in decision.grounds]
    return decision.outcomes.members, decision.otherwise, grounds


def _id(change: RuleChange) -> RuleId:
    rule = change.new or change.old
    assert rule is not None
    return identity(rule)


def _rewritten(old: core.Decision, new: core.Decision) -> list[RuleChange]:
    olds = {identity(rule): rule for rule in old.rules}
    news = {identity(rule): rule for rule in new.rules}
    kept = {*olds} & {*news}
    old_roles, new_roles = _roles(old, kept), _roles(new, kept)
    found = []
    for each in dict.fromkeys((*olds, *news)):
        before, after = olds.get(each), news.get(each)
        both = before is not None and after is not None
        condition = both and before.condition != after.condition  # type: ignore[union-attr]
        role = both and old_roles[each] != new_roles[each]
        if not both or condition or role:
            rule = after or before
            assert rule is not None
            found.append(RuleChange(before, after, condition, role, (rule.family,)))
    return found


def _unequal(old: Mapping[str, T], new: Mapping[str, T], essence: Callable[[T], object]) -> set[str]:
    return {
        name for name in {*old, *new} if name not in old or name not in new or essence(old[name]) != essence(new[name])
    }


def _table(table: Table) -> tuple[object, ...]:
    rows = [(row.keys, row.value, row.interval) for row in table.rows]
    return table.parameters, table.result, rows, table.has_otherwise, table.otherwise
