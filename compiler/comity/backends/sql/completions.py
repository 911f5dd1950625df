"""Whether some way to settle unknown conditions makes a formula true: worked out while the policy is compiled.

`runtime.completions` answers this for one input at a time. SQL needs it as an expression, over two truths for each
condition: whether it is surely true, and whether it is perhaps. There are 2^n ways; these laws keep the expression
small:

- A condition that a formula only ever wants true is true in the best way if it perhaps is; likewise false. So a formula
  that wants each condition one way only (it is *unate*) is true in some way iff it is true of these bounds.
- A disjunction is true in some way iff one of its parts is. So is a conjunction of parts that want no condition both
  ways between them iff all are.
- Else one condition that is wanted both ways is settled, once true and once false.

Formulas are kept in negation normal form, equal ones once, and simplified so that exceptions to many rules stay small:

    a control remains:       c and not (e1 or e2)
    an exception remains:    (c or d) and e1           is taken apart by controls: c and e1, d and e1
    neither remains:         not c, since c and x, or c and not x, is c
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from comity.backends.sql.errors import Inexpressible

Variable: TypeAlias = int
Literals: TypeAlias = frozenset[tuple[Variable, bool]]

MOST_STEPS = 20_000
"""Conditions settled before a decision is called too entangled."""


@dataclass(eq=False, slots=True)
class Formula:
    """``op`` "true", "false", "is" (one literal), "and" or "or". ``literals``: what it wants, of which variables."""

    op: Literal["true", "false", "is", "and", "or"]
    parts: frozenset[Formula]
    literals: Literals
    number: int
    binate: frozenset[Variable] = frozenset()


@dataclass(slots=True)
class Formulas:
    _known: dict[object, Formula] = field(default_factory=dict)
    _denied: dict[Formula, Formula] = field(default_factory=dict)
    _settled: dict[tuple[Formula, Variable, bool], Formula] = field(default_factory=dict)

    @property
    def true(self) -> Formula:
        return self._make("true", frozenset())

    @property
    def false(self) -> Formula:
        return self._make("false", frozenset())

    def variable(self, variable: Variable, wanted: bool = True) -> Formula:
        key = (variable, wanted)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = Formula("is", frozenset(), frozenset([key]), len(self._known))
        return found

    def _make(self, op: Literal["true", "false", "and", "or"], parts: frozenset[Formula]) -> Formula:
        key = (op, parts)
        found = self._known.get(key)
        if found is None:
            literals: Literals = frozenset().union(*(part.literals for part in parts))
            binate = frozenset(variable for variable, wanted in literals if wanted and (variable, False) in literals)
            found = self._known[key] = Formula(op, parts, literals, len(self._known), binate)
        return found

    def negate(self, formula: Formula) -> Formula:
        found = self._denied.get(formula)
        if found is None:
            match formula.op:
                case "true":
                    found = self.false
                case "false":
                    found = self.true
                case "is":
                    ((variable, wanted),) = formula.literals
                    found = self.variable(variable, not wanted)
                case "and":
                    found = self._make("or", frozenset(map(self.negate, formula.parts)))
                case "or":
                    found = self._make("and", frozenset(map(self.negate, formula.parts)))
            self._denied[formula], self._denied[found] = found, formula
        return found

    def every(self, parts: Iterable[Formula]) -> Formula:
        return self._junction("and", parts)

    def some(self, parts: Iterable[Formula]) -> Formula:
        return self._junction("or", parts)

    def _junction(self, op: Literal["and", "or"], parts: Iterable[Formula]) -> Formula:
        neutral, deciding = (self.true, self.false) if op == "and" else (self.false, self.true)
        literals: dict[Variable, bool] = {}
        others: dict[int, Formula] = {}
        waiting = list(parts)
        while waiting:
            part = waiting.pop()
            if part is deciding:
                return deciding
            if part is neutral:
                continue
            if part.op == op:
                waiting += part.parts
                continue
            # What one literal settles, the other parts need not ask again: a and (a or b) is a.
            simpler = part
            for variable in {variable for variable, _ in part.literals}:
                if variable in literals and part.op != "is":
                    simpler = self.settle(simpler, variable, literals[variable] is (op == "and"))
            if simpler is not part:
                waiting.append(simpler)
                continue
            if part.op == "is":
                ((variable, wanted),) = part.literals
                if variable in literals:
                    if literals[variable] is not wanted:
                        return deciding
                    continue
                literals[variable] = wanted
                again = [other for other in others.values() if any(v == variable for v, _ in other.literals)]
                for other in again:
                    del others[other.number]
                waiting += again
                continue
            others[part.number] = part
        kept = self._absorb(op, [others[number] for number in sorted(others)])
        made = [self.variable(variable, wanted) for variable, wanted in sorted(literals.items())] + kept
        if not made:
            return neutral
        return made[0] if len(made) == 1 else self._make(op, frozenset(made))

    def _absorb(self, op: Literal["and", "or"], parts: list[Formula]) -> list[Formula]:
        """Without parts that another one makes idle, and pairs that differ in one part and its denial made one.

        The second is what an exception and the rule that it displaces say of it: c and x, or c and not x.
        """
        changed = True
        while changed and len(parts) > 1:
            changed = False
            by_parts = {part.parts: part for part in parts}
            for part in parts:
                if any(other is not part and other.parts < part.parts for other in parts):
                    parts = [each for each in parts if each is not part]
                    changed = True
                    break
                merged = next(
                    (
                        (other, part.parts - {piece})
                        for piece in sorted(part.parts, key=lambda each: each.number)
                        for other in [by_parts.get(self._without(part, piece, op))]
                        if other is not None
                    ),
                    None,
                )
                if merged is not None:
                    other, rest = merged
                    parts = [each for each in parts if each is not part and each is not other]
                    whole = self.some(rest) if op == "and" else self.every(rest)
                    return self._absorb(op, [*parts, whole]) if whole.parts else [*parts, whole]
        return parts

    def _without(self, part: Formula, piece: Formula, op: str) -> frozenset[Formula]:
        """The parts of the formula that has the denial of one of these: as they would stand flattened."""
        denial = self.negate(piece)
        inner = "or" if op == "and" else "and"
        return (part.parts - {piece}) | (denial.parts if denial.op == inner else {denial})

    def settle(self, formula: Formula, variable: Variable, value: bool) -> Formula:
        """The formula where a condition is true, or false."""
        if not ((variable, True) in formula.literals or (variable, False) in formula.literals):
            return formula
        key = (formula, variable, value)
        found = self._settled.get(key)
        if found is None:
            match formula.op:
                case "is":
                    ((_, wanted),) = formula.literals
                    found = self.true if wanted is value else self.false
                case "and":
                    found = self.every([self.settle(part, variable, value) for part in formula.parts])
                case _:
                    found = self.some([self.settle(part, variable, value) for part in formula.parts])
            self._settled[key] = found
        return found


@dataclass(slots=True)
class Completions:
    """Writes "true in some way" as expressions of any kind ``T``.

    ``perhaps``, ``not_surely``: whether a condition may be true, and whether it may be false.
    """

    formulas: Formulas
    perhaps: Callable[[Variable], Formula]
    not_surely: Callable[[Variable], Formula]
    out: Formulas
    _found: dict[Formula, Formula] = field(default_factory=dict)
    _bounded: dict[Formula, Formula] = field(default_factory=dict)
    steps: int = 0

    def some_way(self, formula: Formula) -> Formula:
        found = self._found.get(formula)
        if found is None:
            self.steps += 1
            if self.steps > MOST_STEPS:
                raise Inexpressible("its rules and exceptions are too entangled for SQL")
            found = self._found[formula] = self._some_way(formula)
        return found

    def _some_way(self, formula: Formula) -> Formula:
        if not formula.binate:
            return self.bounded(formula)
        if formula.op == "or":
            return self.out.some([self.some_way(part) for part in formula.parts])
        groups = _sharing(formula.parts, formula.binate)
        if len(groups) > 1:
            return self.out.every([self.some_way(self.formulas.every(group)) for group in groups])
        shared = Counter(
            variable for part in formula.parts for variable in {v for v, _ in part.literals} & formula.binate
        )
        variable = min(shared, key=lambda each: (-shared[each], each))
        return self.out.some(
            self.out.every([may, self.some_way(self.formulas.settle(formula, variable, value))])
            for value, may in ((True, self.perhaps(variable)), (False, self.not_surely(variable)))
        )

    def bounded(self, formula: Formula) -> Formula:
        """A formula that wants each condition one way only, on the bounds."""
        found = self._bounded.get(formula)
        if found is None:
            match formula.op:
                case "true":
                    found = self.out.true
                case "false":
                    found = self.out.false
                case "is":
                    ((variable, wanted),) = formula.literals
                    found = self.perhaps(variable) if wanted else self.not_surely(variable)
                case "and":
                    found = self.out.every([self.bounded(part) for part in formula.parts])
                case "or":
                    found = self.out.some([self.bounded(part) for part in formula.parts])
            self._bounded[formula] = found
        return found


def _sharing(parts: Iterable[Formula], binate: frozenset[Variable]) -> list[list[Formula]]:
    """The parts in groups that want no condition both ways between them."""
    groups: list[tuple[set[Variable], list[Formula]]] = []
    for part in sorted(parts, key=lambda each: each.number):
        own = {variable for variable, _ in part.literals} & binate
        members = [part]
        rest = []
        for variables, others in groups:
            if own & variables:
                own |= variables
                members = others + members
            else:
                rest.append((variables, others))
        groups = [*rest, (own, members)]
    return [members for _, members in groups]
