"""What of a program is as it was in another one: whether only the conditions and outcomes of rules have changed, and
the members that sets and definitions name.

Example: `when destination in {RU}` becomes `when destination in {RU, BY}`: the same rule with another condition. If
the rule is renamed, or becomes an exception, the program is another one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from comity.analysis.decision.asked import same_but_for_members
from comity.analysis.decision.revisable import same_condition
from comity.base.diagnostics import Diagnostic
from comity.base.source import Span
from comity.core import ast as core
from comity.core.ast import Decision, Edge, Rule
from comity.runtime.light import dataclass
from comity.terms import children

Rules = dict[str, dict[int, Rule]]
"""For each decision with changed rules, these by number."""


@dataclass(frozen=True, slots=True)
class Changes:
    """``names``: the sets and definitions that are other objects, by qualified name."""

    rules: Rules
    names: frozenset[str]


def changes(old: core.Program, new: core.Program) -> Changes | None:
    """What is another object than before; None if more has changed than what rules ask, say and cite, and which members
    of enums, or places, sets and definitions ask for.

    All else must be the same objects, as they are where only rules, sets and definitions were lowered anew.
    """
    others = {"modules", "decisions", "sets", "defines", "source_hash"}
    names = {each.name for each in fields(core.Program)} - others
    if not all(_same(getattr(old, name), getattr(new, name)) for name in names):
        return None
    rules, named = _changed_rules(old, new), _changed_names(old, new)
    return None if rules is None or named is None else Changes(rules, named)


def _changed_names(old: core.Program, new: core.Program) -> frozenset[str] | None:
    if list(old.sets) != list(new.sets) or list(old.defines) != list(new.defines):
        return None
    sets = [(was, new.sets[name]) for name, was in old.sets.items() if was is not new.sets[name]]
    defines = [(was, new.defines[name]) for name, was in old.defines.items() if was is not new.defines[name]]
    if any((was.type, was.span) != (now.type, now.span) for was, now in sets):
        return None
    if any((was.parameters, was.result, was.span) != (now.parameters, now.result, now.span) for was, now in defines):
        return None
    if not all(
        [same_but_for_members(was.body, now.body, True) for was, now in sets]
        + [same_but_for_members(was.body, now.body, False) for was, now in defines]
    ):
        return None
    return frozenset([now.qname for _, now in sets] + [now.qname for _, now in defines])


def _changed_rules(old: core.Program, new: core.Program) -> Rules | None:
    if list(old.decisions) != list(new.decisions):
        return None
    found: Rules = {}
    for qname, decision in new.decisions.items():
        before = old.decisions[qname]
        if before is decision:
            continue
        if not _same_but_for_rules(before, decision):
            return None
        changed = {rule.number: rule for was, rule in zip(before.rules, decision.rules, strict=True) if was is not rule}
        if not all(_stands_alike(before, before.rules[number], rule) for number, rule in changed.items()):
            return None
        if changed:
            found[qname] = changed
    return found


def mean_the_same(old: Rule, new: Rule) -> bool:
    """Two rules that stand alike ask and say the same: only their texts, and places in them, may be others."""
    return same_condition(old, new) and old.outcome == new.outcome


def moved_places(old: Rule, new: Rule) -> dict[Span, Span]:
    """Where what is written in a rule is now, of two that mean the same."""
    found = {one.clause: two.clause for one, two in zip(old.edges, new.edges, strict=True)}
    pairs = [
        (one, two)
        for one, two in ((old.membership, new.membership), (old.when, new.when), (old.unless, new.unless))
        if one is not None and two is not None
    ]
    while pairs:
        one, two = pairs.pop()
        found[one.span] = two.span
        pairs += zip(children(one), children(two), strict=True)
    return found


def with_places(d: Diagnostic, places: Mapping[Span, Span]) -> Diagnostic:
    """A finding of which some places have moved; itself, if none of them has."""
    return d.with_spans(lambda span: places.get(span, span)) if any(each in places for each in d.spans) else d


def _same(old: object, new: object) -> bool:
    if old is new:
        return True
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return list(old) == list(new) and all(old[key] is new[key] for key in old)
    if isinstance(old, tuple) and isinstance(new, tuple):
        return len(old) == len(new) and all(one is two for one, two in zip(old, new, strict=True))
    return False


def _same_but_for_rules(old: Decision, new: Decision) -> bool:
    names = [each.name for each in fields(Decision) if each.name != "rules"]
    return len(old.rules) == len(new.rules) and all(getattr(old, name) == getattr(new, name) for name in names)


def _stands_alike(decision: Decision, old: Rule, new: Rule) -> bool:
    """A rule is where it was and stands to all others as it did."""
    for name in ("number", "name", "family", "key", "module", "span", "rank", "alike"):
        if getattr(old, name) != getattr(new, name):
            return False
    if (old.refer is None, old.outcome is None) != (new.refer is None, new.outcome is None):
        return False
    if old.outcome != new.outcome and old.refer is not None:
        return False
    if old.window != new.window and any(ground.kind == "later" for ground in decision.grounds):
        return False
    return [_relation(edge) for edge in old.edges] == [_relation(edge) for edge in new.edges]


def _relation(edge: Edge) -> tuple[object, ...]:
    return edge.kind, edge.target, edge.written, edge.declared_by, edge.every_other
