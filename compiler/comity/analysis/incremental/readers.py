"""Who reads what a decision says, or a set or definition: so that an edit of it reaches the rules, proofs and
definitions that do.

`define exported for Export: licensing == free`, a rule of `review` with `when exported`: after an edit of a rule of
`licensing`, that rule of `review` is asked about again as if it had been edited itself, but only where the edited rule
may apply. After an edit of `set GROUP_A1: Country = {...}`, so are the rules that ask whether a country is in it, where
their conditions have become others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from comity import terms
from comity.core import ast as core
from comity.runtime.light import dataclass
from comity.runtime.types import SetType
from comity.terms import Term, children

Names = frozenset[str]
"""Qualified names of decisions, sets and definitions; no two of them have the same."""

NONE: Names = frozenset()


@dataclass(frozen=True, slots=True)
class Reach:
    """What depends on what has changed. ``names``: the changed sets and definitions.

    ``decisions``: those that have changed, and those of which a rule reads what has, by qualified name, each after
    those that it reads; ``rules``: the numbers of these rules; ``sets`` and ``defines``: the sets and definitions that
    read what has changed, or are it themselves.
    """

    names: Names
    decisions: tuple[str, ...]
    rules: dict[str, tuple[int, ...]]
    sets: Names
    defines: Names

    @property
    def changed(self) -> Names:
        """A term that reads none of these means what it meant."""
        return self.names | self.rules.keys()


class Readers:
    """The decisions, sets and definitions that terms of a program read, themselves or by way of others."""

    def __init__(self, program: core.Program) -> None:
        self.program = program
        self._known: dict[int, tuple[Term, Names]] = {}
        """By identity of a term, which the entry keeps alive."""

    def after(self, program: core.Program) -> Readers:
        """The same of another program. Where its sets and definitions are the same, what is known of terms holds."""
        found, was = Readers(program), self.program
        if program is was:
            return self
        if program.sets is was.sets and program.defines is was.defines:
            found._known = self._known
        return found

    def of(self, term: Term | None) -> Names:
        """What a term reads. What is said by the rules of a decision that it reads is not gone into."""
        if term is None:
            return NONE
        known = self._known.get(id(term))
        if known is None:
            known = self._known[id(term)] = term, self._find(term)
        return known[1]

    def _find(self, term: Term) -> Names:
        found = NONE
        match term:
            case terms.OutcomeOf(decision=name) | terms.RuleHolds(decision=name):
                found = frozenset((name,))
            case terms.Call(define=name):
                found = self.of_define(name)
            case terms.NamedSet(name=name):
                found = self.of_set(name)
        for child in children(term):
            below = self.of(child)
            if not below <= found:
                found |= below
        return found

    def of_define(self, name: str) -> Names:
        """What a definition reads, itself included."""
        return self.of(self.program.defines[name].body) | {name}

    def of_set(self, name: str) -> Names:
        """What a set reads, itself included."""
        return self.of(self.program.sets[name].body) | {name}

    def of_rule(self, rule: core.Rule) -> Names:
        return self.of(rule.membership) | self.of(rule.when) | self.of(rule.unless)

    def reach(self, decisions: Collection[str], names: Names = NONE) -> Reach:
        """What depends on changed decisions, sets and definitions."""
        rules: dict[str, tuple[int, ...]] = dict.fromkeys(decisions, ())
        growing = True
        while growing:
            growing = False
            changed = names | rules.keys()
            for qname, decision in self.program.decisions.items():
                reading = tuple(rule.number for rule in decision.rules if not self.of_rule(rule).isdisjoint(changed))
                if reading and rules.get(qname) != reading:
                    rules[qname], growing = reading, True
        order: list[str] = []
        for qname in rules:
            self._put(qname, rules, order)
        changed = names | rules.keys()
        sets = (name for name in self.program.sets if not self.of_set(name).isdisjoint(changed))
        defines = (name for name in self.program.defines if not self.of_define(name).isdisjoint(changed))
        return Reach(names, tuple(order), rules, frozenset(sets), frozenset(defines))

    def _put(self, qname: str, among: Collection[str], order: list[str]) -> None:
        """Put a decision into an order, after those that it reads."""
        if qname not in order:
            for rule in self.program.decisions[qname].rules:
                for read in sorted(self.of_rule(rule).intersection(among)):
                    self._put(read, among, order)
            order.append(qname)

    def only_looked_in(self, names: Names) -> bool:
        """Sets that depend on ``names`` are only asked what is in them, nowhere gone through member by member: so the
        same is asked of the facts whatever is in them.
        """
        program = self.program
        rules = (rule for decision in program.decisions.values() for rule in decision.rules)
        every: list[Iterable[Term | None]] = [
            (define.body for define in program.defines.values()),
            (term for rule in rules for term in (rule.membership, rule.when, rule.unless)),
            (term for prove in program.proves.values() for term in (prove.given, prove.then)),
        ]
        return all(self._looks(each.body, names, True) for each in program.sets.values()) and all(
            term is None or self._looks(term, names, False) for group in every for term in group
        )

    def _looks(self, term: Term, names: Names, inside: bool) -> bool:
        """``inside``: what is in the set that the term means is asked, or it is part of such a set."""
        if self.of(term).isdisjoint(names):
            return True
        match term:
            case terms.NamedSet():
                return inside
            case terms.Call(type=SetType()):
                return False
            case terms.MemberOf(value=value, collection=collection):
                return self._looks(value, names, False) and self._looks(collection, names, True)
            case terms.SubsetOf() | terms.Equal():
                inside = True
            case terms.SetOperation() | terms.When():
                pass
            case _:
                inside = False
        return all(self._looks(each, names, inside) for each in children(term))

    def read_elsewhere(self, reach: Reach) -> bool:
        """Something reads what has changed that is not a condition of a rule, line of a definition, or proof."""
        program = self.program
        given: list[Iterable[Term | None]] = [
            (each.value for test in program.tests for each in test.facts),
            (each.value for example in program.examples for each in example.assignments),
            (line.condition for lines in program.always.values() for line in lines),
        ]
        if reach.rules:
            given.append(each.body for each in program.sets.values() if not self.of(each.body).isdisjoint(reach.rules))
        return any(not self.of(term).isdisjoint(reach.changed) for group in given for term in group)

    def adds_up(self, term: Term | None, changed: Collection[str]) -> bool:
        """A term counts or sums what depends on something that has changed."""
        if term is None or self.of(term).isdisjoint(changed):
            return False
        if isinstance(term, terms.Count | terms.Sum | terms.Cases):
            return True
        below: list[Term] = list(children(term))
        if isinstance(term, terms.Call):
            below.append(self.program.defines[term.define].body)
        return any(self.adds_up(each, changed) for each in below)
