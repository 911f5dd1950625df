"""Where a definition by cases has a gap or a contradiction: the error that the interpreter raises, as a column.

Evaluation goes left to right and stops where an operand decides, so which error is met, if any, depends on that order;
it is followed here exactly. NULL is not an error. What may fail in the middle of a collection raises Inexpressible.

Example: no case of `tier` is for values below zero, so `tier == high and destination == RU` is a gap where `value < 0`.
In the other order it is one only where the destination is RU, or unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from comity import terms
from comity.backends.sql.columns import Columns, Node
from comity.backends.sql.constants import value_of
from comity.backends.sql.errors import Inexpressible
from comity.backends.sql.shapes import Record
from comity.backends.sql.terms import Env, Translator
from comity.core.limits import has_total
from comity.core.walk import children
from comity.plan.reads import may_raise
from comity.terms import THIS, Term

GAP, CONTRADICTION = "gap", "contradiction"


@dataclass(slots=True)
class Failures:
    """The errors of terms, as nodes that are `gap`, `contradiction` or NULL."""

    translator: Translator
    _may: dict[int, tuple[Term, bool]] = field(default_factory=dict)
    _of_decisions: dict[tuple[str, object], Node] = field(default_factory=dict)

    @property
    def columns(self) -> Columns:
        return self.translator.columns

    @property
    def none(self) -> Node:
        return self.columns.unknown("text")

    def first(self, nodes: Iterable[Node]) -> Node:
        """The first error of several."""
        kept = [node for node in nodes if not (node.is_constant and node.value is None)]
        found = self.none
        for node in reversed(kept):
            found = node if found is self.none else self.columns.make("coalesce", (node, found), "text", True)
        return found

    def of_rules(self, decision: str, record: Record) -> Node:
        """The first error in the conditions of a decision's rules."""
        key = (decision, record.key)
        if key not in self._of_decisions:
            self._of_decisions[key] = self.none  # calls are acyclic, so this is not read
            rules = self.translator.program.decisions[decision].rules
            self._of_decisions[key] = self.first(self.of(rule.condition, {THIS: record}) for rule in rules)
        return self._of_decisions[key]

    def may(self, term: Term) -> bool:
        """Whether evaluating the term may fail."""
        known = self._may.get(id(term))
        if known is None:
            known = self._may[id(term)] = (term, self._may_fail(term))
        return known[1]

    def _may_fail(self, term: Term) -> bool:
        program = self.translator.program
        match term:
            case terms.Cases() if may_raise(term):
                return True
            case terms.Call(define=name) if self.may(program.defines[name].body):
                return True
            case terms.NamedSet(name=name) if self.may(program.sets[name].body):
                return True
            case terms.OutcomeOf(decision=name) | terms.RuleHolds(decision=name) if any(
                self.may(rule.condition) for rule in program.decisions[name].rules
            ):
                return True
            case _:
                return any(map(self.may, children(term)))

    def of(self, term: Term, env: Env) -> Node:
        """The error that evaluating the term ends in."""
        if not self.may(term):
            return self.none
        try:
            return self._of(term, env)
        except Inexpressible as error:
            raise Inexpressible(error.message, error.span if error.span.path else term.span) from None

    def _of(self, term: Term, env: Env) -> Node:
        columns, program = self.columns, self.translator.program
        match term:
            case terms.And(operands=operands):
                return self._until(operands, env, lambda truth: columns.negate(columns.perhaps(truth)))
            case terms.Or(operands=operands):
                return self._until(operands, env, columns.surely)
            case terms.Line(condition=condition):
                return self.of(condition, env)
            case terms.Cases():
                return self._of_cases(term, env)
            case terms.Call(define=name, arguments=arguments):
                define = program.defines[name]
                shapes = [self.translator.shape(argument, env) for argument in arguments]
                names = [parameter for parameter, _ in define.parameters]
                inner = self.of(define.body, dict(zip(names, shapes, strict=True)))
                return self.first([*(self.of(argument, env) for argument in arguments), inner])
            case terms.NamedSet(name=name):
                return self.of(program.sets[name].body, {})
            case terms.OutcomeOf(decision=decision, record=record):
                return self._of_decision(decision, record, None, env)
            case terms.RuleHolds(decision=decision, record=record, key=key):
                return self._of_decision(decision, record, key, env)
            case terms.When(condition=condition, value=value):
                truth = self.translator.truth(condition, env)
                rest = columns.case([(columns.negate(columns.perhaps(truth)), self.none)], self.of(value, env))
                return self.first([self.of(condition, env), rest])
            case terms.Filter() | terms.Quantifier() | terms.Count() | terms.Sum():
                if any(self.may(child) for child in children(term) if child is not term.source):
                    raise Inexpressible("cases that may fail for an element of a collection have no error in SQL")
                return self.of(term.source, env)
            case terms.MemberOf(collection=source) if self.may(source):
                raise Inexpressible("a set whose cases may fail is not looked into in SQL")
            case terms.SubsetOf():
                raise Inexpressible("sets whose cases may fail are not compared in SQL")
            case terms.Compare() | terms.Equal() if has_total(term.left, program) or has_total(term.right, program):
                raise Inexpressible("the bounds of what may fail are not compared in SQL")
            case _:
                return self.first(self.of(child, env) for child in children(term))

    def _until(self, operands: Sequence[Term], env: Env, decides: Callable[[Node], Node]) -> Node:
        """The first error before an operand that decides."""
        branches: list[tuple[Node, Node]] = []
        for operand in operands:
            error = self.of(operand, env)
            branches.append((self.columns.is_known(error), error))
            branches.append((decides(self.translator.truth(operand, env)), self.none))
        return self.columns.case(branches, self.none)

    def _of_decision(self, decision: str, record: Term, key: Term | None, env: Env) -> Node:
        parts = [self.of(record, env)]
        asked = []
        if key is not None:
            parts.append(self.of(key, env))
            asked.append(self.columns.is_known(self.translator.truth(key, env)))
        shape = value_of(self.translator.shape(record, env))
        if not isinstance(shape, Record):
            raise Inexpressible("a decision is asked about a value that SQL cannot take apart")
        there = self.columns.every([shape.known, *asked])
        return self.first([*parts, self.columns.only_where(there, self.of_rules(decision, shape))])

    def _of_cases(self, term: terms.Cases, env: Env) -> Node:
        columns = self.columns
        cases = [case for case in term.cases if case.condition is not None]
        truths = [self.translator.truth(case.condition, env) for case in cases if case.condition is not None]
        errors = [self.of(case.condition, env) for case in cases if case.condition is not None]
        branches: list[tuple[Node, Node]] = []
        unknown: list[Node] = []
        for number, case in enumerate(cases):
            branches.append((columns.is_known(errors[number]), errors[number]))
            chosen = self.first([self.of(case.value, env), *self._rivals(term, number, truths, errors, env)])
            held = columns.case([(columns.some(unknown), self.none)], chosen)
            branches.append((columns.surely(truths[number]), held))
            unknown.append(columns.negate(columns.is_known(truths[number])))
        otherwise = next((case.value for case in term.cases if case.condition is None), None)
        last = columns.constant(GAP, "text") if otherwise is None else self.of(otherwise, env)
        return columns.case([*branches, (columns.some(unknown), self.none)], last)

    def _rivals(
        self, term: terms.Cases, number: int, truths: Sequence[Node], errors: Sequence[Node], env: Env
    ) -> Iterable[Node]:
        """The errors of the cases after one that holds: another that holds too must have the same value."""
        if term.first_match:
            return
        columns, cases = self.columns, term.cases
        own = self.translator.shape(cases[number].value, env)
        for later in range(number + 1, len(truths)):
            yield errors[later]
            other = self.translator.shape(cases[later].value, env)
            same = self.translator.constants.equal(own, other, term.type, inside=True)
            differs = columns.negate(columns.perhaps(same))
            contradiction = columns.only_where(differs, columns.constant(CONTRADICTION, "text"))
            rival = self.first([self.of(cases[later].value, env), contradiction])
            yield columns.only_where(columns.surely(truths[later]), rival)
