"""Who reads what a decision says: so that an edit of its rules reaches the rules, proofs and definitions that do.

`define exported for Export: licensing == free`, a rule of `review` with `when exported`: after an edit of a rule of
`licensing`, that rule of `review` is asked about again as if it had been edited itself, but only where the edited rule
may apply.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from comity import terms
from comity.core import ast as core
from comity.runtime.light import dataclass
from comity.terms import Term, children

Decisions = frozenset[str]

NONE: Decisions = frozenset()


@dataclass(frozen=True, slots=True)
class Reach:
    """What depends on some changed decisions, these included.

    ``decisions``: by qualified name, each after those that it reads; ``rules``: the numbers of their rules that read
    one of them; ``defines``: the definitions that do.
    """

    decisions: tuple[str, ...]
    rules: dict[str, tuple[int, ...]]
    defines: frozenset[str]


class Readers:
    """The decisions that terms of a program read, themselves or by way of definitions and sets."""

    def __init__(self, program: core.Program) -> None:
        self.program = program
        self._known: dict[int, tuple[Term, Decisions]] = {}
        """By identity of a term, which the entry keeps alive."""

    def of(self, term: Term | None) -> Decisions:
        """The decisions that a term reads."""
        if term is None:
            return NONE
        known = self._known.get(id(term))
        if known is None:
            known = self._known[id(term)] = term, self._find(term)
        return known[1]

    def _find(self, term: Term) -> Decisions:
        found = NONE
        match term:
            case terms.OutcomeOf(decision=name) | terms.RuleHolds(decision=name):
                found = frozenset((name,))
            case terms.Call(define=name):
                found = self.of(self.program.defines[name].body)
            case terms.NamedSet(name=name):
                found = self.of(self.program.sets[name].body)
        for child in children(term):
            found |= self.of(child)
        return found

    def of_rule(self, rule: core.Rule) -> Decisions:
        return self.of(rule.membership) | self.of(rule.when) | self.of(rule.unless)

    def reach(self, changed: str) -> Reach:
        """What depends on a decision."""
        rules: dict[str, tuple[int, ...]] = {changed: ()}
        growing = True
        while growing:
            growing = False
            for qname, decision in self.program.decisions.items():
                reading = tuple(rule.number for rule in decision.rules if not self.of_rule(rule).isdisjoint(rules))
                if reading and rules.get(qname) != reading:
                    rules[qname], growing = reading, True
        order: list[str] = []
        for qname in rules:
            self._put(qname, rules, order)
        defines = (name for name, define in self.program.defines.items() if not self.of(define.body).isdisjoint(rules))
        return Reach(tuple(order), rules, frozenset(defines))

    def _put(self, qname: str, among: Collection[str], order: list[str]) -> None:
        """Put a decision into an order, after those that it reads."""
        if qname not in order:
            for rule in self.program.decisions[qname].rules:
                for read in sorted(self.of_rule(rule).intersection(among)):
                    self._put(read, among, order)
            order.append(qname)

    def read_elsewhere(self, decisions: Collection[str]) -> bool:
        """Something reads one of the decisions that is not a condition of a rule, line of a definition, or proof."""
        program = self.program
        given: list[Iterable[Term | None]] = [
            (each.value for test in program.tests for each in test.facts),
            (each.value for example in program.examples for each in example.assignments),
            (line.condition for lines in program.always.values() for line in lines),
            (each.body for each in program.sets.values()),
        ]
        return any(not self.of(term).isdisjoint(decisions) for group in given for term in group)

    def adds_up(self, term: Term | None, decisions: Collection[str]) -> bool:
        """A term counts or sums what depends on one of the decisions."""
        if term is None or self.of(term).isdisjoint(decisions):
            return False
        if isinstance(term, terms.Count | terms.Sum | terms.Cases):
            return True
        below: list[Term] = list(children(term))
        if isinstance(term, terms.Call):
            below.append(self.program.defines[term.define].body)
        return any(self.adds_up(each, decisions) for each in below)
