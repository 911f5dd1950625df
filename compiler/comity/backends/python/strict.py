"""What terms of all kinds are built with: the names of one function, and operators that are unknown if an operand is.

Where no operand can be unknown, only the operator is left; where one can, it is given a name and looked at first. For
example, `origin == US` and `us_content > 25%`:

    this.item.origin == "US"
    None if (content := this.item.us_content) is None else content > QUARTER
"""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from comity.backends.python.literals import NotExpressible
from comity.backends.python.names import Names, hint
from comity.backends.python.nullability import Context, Nullability
from comity.backends.python.surroundings import Surroundings
from comity.backends.python.trees import NONE, bind, call, choose, either, is_none, name
from comity.terms import Term

Build = Callable[..., ast.expr]


class StrictExpressions(ABC):
    """Has the names of one function. ``temporaries`` hands out its local names."""

    def __init__(self, around: Surroundings, temporaries: Names) -> None:
        self.around = around
        self.nullability = around.nullability
        self.temporaries = temporaries
        self.variables: dict[str, str] = {}
        self.hoisted: dict[str | None, str] = {}
        self.shared: dict[Term, str] = {}
        """Terms that have been given a name, wherever they occur."""
        self.calls: dict[int, ast.expr] = {}
        """Terms, by their identity, for which there is a function, and how it is asked."""
        self.last = ""
        """The temporary handed out last."""

    # --------------------------------------------------------------------------------------- asking

    def null(self, term: Term, context: Context) -> bool:
        return self.nullability.of(term, context).null

    def maybe(self, term: Term, context: Context) -> bool:
        return self.nullability.maybe(term, context)

    def settled(self, term: Term, context: Context) -> None:
        """A collection must have only certain members here."""
        if self.nullability.of(term, context).inner:
            raise NotExpressible(f"uncertain members in {term}")

    # --------------------------------------------------------------------------------------- values

    def truth(self, term: Term, context: Context) -> ast.expr:
        """The expression of a condition. (An absent truth value is unknown, which Python would not see.)"""
        if self.nullability.absent(term, context):
            raise NotExpressible("a condition that may be absent")
        return self.value(term, context)

    @abstractmethod
    def value(self, term: Term, context: Context) -> ast.expr:
        """The expression of ``term`` where ``context`` holds."""

    def strict(
        self, operands: Sequence[Term], context: Context, build: Build | None, lifted: str | None = None
    ) -> ast.expr:
        """An operator that is unknown if an operand is.

        ``build`` puts known operands together; ``lifted`` is the run-time function that takes any.
        """
        doubtful = [self.maybe(operand, context) for operand in operands]
        absent = any(self.nullability.absent(operand, context) for operand in operands)
        skips = len(operands) > 1 and any(doubtful) and any(map(self.nullability.raises, operands))
        if build is None or absent or skips:
            if lifted is None:
                raise NotExpressible(f"doubtful operands: {operands}")
            return call(self.around.runtime(lifted), *(self.value(operand, context) for operand in operands))
        guards: list[ast.expr] = []
        known: list[ast.expr] = []
        for operand, doubt in zip(operands, doubtful, strict=True):
            value = self.value(operand, context)
            if doubt:
                guard, value = self.known(operand, value)
                guards.append(guard)
            known.append(value)
        result = build(*known)
        return choose(either(guards), NONE, result) if guards else result

    def known(self, term: Term, value: ast.expr) -> tuple[ast.expr, ast.expr]:
        """A test whether ``value`` is unknown, and a way to say it again where it is not."""
        if isinstance(value, ast.Name):
            return is_none(value), value
        temporary = self.temporary(term)
        return is_none(bind(temporary, value)), name(temporary)

    def temporary(self, term: Term) -> str:
        """A fresh local name that reminds of ``term``."""
        self.last = self.temporaries.claim(hint(term))
        return self.last

    # --------------------------------------------------------------------------------------- binders

    def inside(self, context: Context, variable: str, source: Term) -> Context:
        """The context in a binder's body; gives the variable its Python name."""
        self.variables[variable] = self.temporaries.claim(variable)
        return context.bind(variable, Nullability(null=self.nullability.of(source, context).inner))

    def generator(
        self, element: ast.expr, variable: str, collection: ast.expr, test: ast.expr | None = None
    ) -> ast.expr:
        """``(element for variable in collection if test)``."""
        if any(isinstance(node, ast.NamedExpr) for node in ast.walk(collection)):
            raise NotExpressible("an assignment in what a comprehension goes over")
        target = ast.Name(self.variables[variable], ast.Store())
        conditions = [] if test is None or _is_true(test) else [test]
        return ast.GeneratorExp(element, [ast.comprehension(target, collection, conditions, 0)])


def _is_true(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is True
