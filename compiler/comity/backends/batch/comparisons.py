"""Comparisons of numbers and days, also of totals that are known only between bounds.

Example: `count(p in parties where p.listed) >= 2` compares both ends of the count, the parties that are certainly
listed and those that may be: two that are make it true, whatever is unknown of others.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Protocol

from comity import terms
from comity.backends.batch.gathered import TotalEnd
from comity.backends.batch.graph import Graph, Unsupported
from comity.backends.batch.nodes import Constant, Distinct, Doubted, Fact, Node, Refined
from comity.backends.batch.numeric import Between, Comparison, Limited
from comity.backends.batch.values import NUMBERS, Env, Leaves, Source, Value
from comity.core.ast import Program
from comity.core.closures import context_of
from comity.core.evaluate import Evaluator
from comity.core.limits import has_total, limits_of, limits_of_elements, scaling_of
from comity.runtime.bounds import UNBOUNDED, Bounds, any_number_of, both
from comity.runtime.types import AbsentType, DateType, ListType, Type
from comity.terms import Term


class Translation(Protocol):
    """What is asked of the `translate.Translator`, which makes the nodes of what is compared."""

    program: Program
    evaluator: Evaluator
    graph: Graph

    def of(self, term: Term, env: Env) -> Node: ...
    def holds(self, term: Term, env: Env) -> Node: ...
    def whole(self, term: Term, env: Env) -> Distinct: ...
    def parted(self, term: Term, env: Env) -> Distinct: ...
    def calculation(self, operator: str, left: Node, right: Node) -> Node: ...
    def resolve(self, term: Term, env: Env) -> Value | None: ...
    def inside(self, term: terms.Call, env: Env) -> tuple[Term, Env]: ...
    def leaves(self, term: Term, env: Env) -> tuple[Leaves, bool]: ...
    def elements_of(self, node: Node, kind: Type) -> Source: ...


class Comparisons:
    """Those of the terms that a translator makes nodes for."""

    def __init__(self, translator: Translation) -> None:
        self.translator = translator
        self.graph = translator.graph

    def of(self, term: terms.Compare | terms.Equal, operator: str, kind: Type, env: Env) -> Node:
        if isinstance(kind, AbsentType):
            kind = kind.element
        if has_total(term.left, self.translator.program) or has_total(term.right, self.translator.program):
            try:
                ends = [*self._ends(term.left, env), *self._ends(term.right, env)]
            except Unsupported:
                pass
            else:
                frame, ends = self.graph.together(ends)
                return self.graph.node((Between, operator, *map(id, ends)), lambda: Between(frame, operator, ends))
            plain = self._plain(term, operator, env)
            try:
                whole = self.translator.whole(term, env)
            except Unsupported:  # a total over what another decision says
                return self.graph.node((Doubted, id(plain)), lambda: Doubted(plain.frame, plain))
            if plain.frame is not whole.frame:
                return whole
            return self.graph.node((Refined, id(plain), id(whole)), lambda: Refined(plain.frame, plain, whole))
        if not isinstance(kind, NUMBERS | DateType):
            return self.translator.parted(term, env)
        return self._plain(term, operator, env)

    def _ends(self, term: Term, env: Env) -> tuple[Node, Node]:
        """The least and the greatest that a number may be; as `Evaluator` finds the bounds of counts and sums."""
        match term:
            case terms.Count() | terms.Sum():
                return self._total_ends(term, env)
            case terms.Negate(operand=operand):
                low, high = (
                    self.translator.calculation("*", each, self.graph.constant(-1, False))
                    for each in self._ends(operand, env)
                )
                return high, low
            case terms.Arithmetic(operator="+" | "-" as operator, left=left, right=right):
                one, two = self._ends(left, env), self._ends(right, env)
                if operator == "-":
                    two = (two[1], two[0])
                low, high = (self.translator.calculation(operator, *ends) for ends in zip(one, two, strict=True))
                return low, high
            case terms.Arithmetic(operator="*" | "/" as operator) if scaling := scaling_of(term):
                scaled, factor = scaling
                by = factor.value if isinstance(factor, terms.Const) else None
                if not isinstance(by, int | Fraction) or by == 0:
                    raise Unsupported
                times = self.graph.constant(by if operator == "*" else Fraction(1) / by, False)
                low, high = (self.translator.calculation("*", each, times) for each in self._ends(scaled, env))
                return (high, low) if by < 0 else (low, high)
            case terms.Call():
                return self._ends(*self.translator.inside(term, env))
            case terms.Field():
                number = self.translator.of(term, env)
                low, high = (self._limited_end(number, limit) for limit in limits_of(term, self.translator.program))
                return low, high
            case _ if has_total(term, self.translator.program):
                raise Unsupported
            case _:
                number = self.translator.of(term, env)
                return number, number

    def _limited_end(self, number: Node, limit: Any) -> Node:
        if limit is None:
            return number
        return self.graph.node((Limited, id(number), limit), lambda: Limited(number.frame, number, limit))

    def _total_ends(self, term: terms.Count | terms.Sum, env: Env) -> tuple[Node, Node]:
        of_list = self.translator.resolve(term.source, env)
        if not isinstance(of_list, Fact) or not isinstance(term.source.type, ListType):
            raise Unsupported
        frame, _ = self.graph.together(list(self.translator.leaves(term, env)[0]))
        source = self.translator.elements_of(self.graph.lifted(of_list, frame), term.source.type)
        inside = {**env, term.variable: source.element}
        test = self.graph.lifted(self.translator.holds(term.where, inside), source.frame)
        values: tuple[Node | None, Node | None] = (None, None)
        limits: Bounds = (0, None)
        if isinstance(term, terms.Sum):
            value = term.value
            if not isinstance(value, terms.Field) or value.base != terms.Local(term.variable, value.base.type):
                raise Unsupported
            inner = limits_of_elements(term, self.translator.program).get((term.variable, value.name), UNBOUNDED)
            limit = both(limits_of(value, self.translator.program), inner)
            number = self.graph.lifted(self.translator.of(value, inside), source.frame)
            values = self._limited_end(number, limit[0]), self._limited_end(number, limit[1])
            limits = any_number_of(limit)

        def end(upper: bool) -> Node:
            value, otherwise = values[upper], limits[upper]
            return self.graph.node(
                (TotalEnd, id(test), id(value), upper),
                lambda: TotalEnd(frame, source.frame, test, value, upper, None if otherwise is None else 0),
            )

        return end(False), end(True)

    def _plain(self, term: terms.Compare | terms.Equal, operator: str, env: Env) -> Node:
        """A comparison of numbers or days, unknown where one of them is."""
        frame, (left, right) = self.graph.together(
            [self.translator.of(term.left, env), self.translator.of(term.right, env)]
        )
        by_value = self._compared(term, operator, left, right)
        key = (Comparison, operator, id(left), id(right))
        return self.graph.node(key, lambda: Comparison(frame, operator, left, right, by_value))

    def _compared(self, term: terms.Compare | terms.Equal, operator: str, left: Node, right: Node) -> Distinct:
        """A comparison of numbers or days by their distinct values."""
        sides = (terms.Local(" 0", term.left.type), terms.Local(" 1", term.right.type))
        plain: Term
        if isinstance(term, terms.Compare):
            plain = terms.Compare(term.operator, *sides, term.operand_type)
        else:
            plain = terms.Equal(*sides, term.operand_type)
        code = self.translator.evaluator.code(plain)
        if isinstance(left, Constant) or isinstance(right, Constant):
            values = [each.value if isinstance(each, Constant) else None for each in (left, right)]
            place = 1 if isinstance(left, Constant) else 0
            if not (isinstance(left, Constant) and isinstance(right, Constant)):

                def against(given: tuple[Any, ...]) -> object:
                    sides = list(values)
                    sides[place] = given[0]
                    return code({" 0": sides[0], " 1": sides[1]}, context_of(None))

                constant = left if place else right
                return self.graph.distinct((operator, id(constant), place), [(left, right)[place]], against, True)
        return self.graph.distinct(
            (operator,), [left, right], lambda given: code({" 0": given[0], " 1": given[1]}, context_of(None)), True
        )
