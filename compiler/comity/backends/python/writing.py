"""The statements of a tree of tests (`branches`): nested where both sides go on, in lines where one of them ends.

For example, a tree that asks `destination in EMBARGOED`, and where that is false, `value > 5000 USD`:

    if destination in EMBARGOED:
        return 'prohibited'
    if 5000 < value:
        return 'license_required'
    return 'free'
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from comity.backends.python import trees
from comity.backends.python.branches import OUTSIDE, Leaf, Node, Tree
from comity.backends.python.nullability import NullabilityAnalysis
from comity.backends.python.substitution import is_path
from comity.backends.python.terms import Expressions
from comity.backends.python.trees import name
from comity.terms import Term


class Writing:
    """The statements of one tree.

    ``day``: the expression of the day, where it has no name yet. ``naming``: whether facts are given names as they are
    read; else they have names already.
    """

    def __init__(
        self,
        expressions: Expressions,
        nullability: NullabilityAnalysis,
        result: Callable[[str | bool | None], ast.expr],
        day: ast.expr | None = None,
        naming: bool = True,
    ) -> None:
        self.expressions = expressions
        self.nullability = nullability
        self.result = result
        self.day = day
        self.naming = naming
        self._uses: dict[int, tuple[Tree, frozenset[Term | None]]] = {}

    def write(self, tree: Tree) -> list[ast.stmt]:
        """Statements that end in a return on every way; raises NotExpressible."""
        named: list[Term] = []
        day = self.day
        statements: list[ast.stmt] = []
        while isinstance(tree, Node):
            statements += self._name(tree, named) if self.naming else []
            test = self.expressions.truth(tree.test.term, OUTSIDE)
            if tree.test.null:
                if not isinstance(test, ast.Name):
                    statements.append(trees.assign(self.expressions.temporary(tree.test.term), test))
                    test = name(self.expressions.last)
                statements.append(ast.If(trees.is_none(test), self.write(tree.unknown), []))
            inside, tree, test = self._sides(tree, test)
            previous = statements[-1] if statements else None
            body = self.write(inside)
            if isinstance(previous, ast.If) and isinstance(inside, Leaf) and _same(previous.body, body):
                previous.test = trees.either([previous.test, test])
            else:
                statements.append(ast.If(test, body, []))
        statements.append(trees.returns(self.result(tree.value)))
        for fact in named:
            del self.expressions.shared[fact]
        self.day = day
        return statements

    @staticmethod
    def _sides(node: Node, test: ast.expr) -> tuple[Tree, Tree, ast.expr]:
        """What is written inside the `if`, and what after it: a leaf, or what is shorter, is inside."""
        if _length(node.then) <= _length(node.otherwise):
            return node.then, node.otherwise, test
        return node.otherwise, node.then, trees.negation(test)

    def _name(self, node: Node, named: list[Term]) -> list[ast.stmt]:
        """Names for what this test reads and others below it read again."""
        below = self._used(node.then) | self._used(node.otherwise) | self._used(node.unknown)
        statements: list[ast.stmt] = []
        for fact in node.test.facts:
            if fact in below and fact not in self.expressions.shared and is_path(fact):
                value = self.expressions.value(fact, OUTSIDE)
                if not isinstance(value, ast.Name):
                    variable = self.expressions.temporary(fact)
                    self.expressions.shared[fact] = variable
                    named.append(fact)
                    statements.append(trees.assign(variable, value))
        if self.day is not None and self.nullability.dated(node.test.term):
            statements.append(trees.assign("day", self.day))
            self.day = None
        return statements

    def _used(self, tree: Tree) -> frozenset[Term | None]:
        if isinstance(tree, Leaf):
            return frozenset()
        if id(tree) not in self._uses:
            inner = self._used(tree.then) | self._used(tree.otherwise) | self._used(tree.unknown)
            self._uses[id(tree)] = tree, inner | frozenset(tree.test.facts)
        return self._uses[id(tree)][1]


def _length(tree: Tree) -> int:
    return 0 if isinstance(tree, Leaf) else 1 + sum(map(_length, (tree.then, tree.otherwise, tree.unknown)))


def _same(one: Sequence[ast.stmt], other: Sequence[ast.stmt]) -> bool:
    return len(one) == len(other) == 1 and ast.dump(one[0]) == ast.dump(other[0])


__all__ = ["Writing"]
