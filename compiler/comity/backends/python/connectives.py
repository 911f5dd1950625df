"""`and`, `or` and `not` of conditions that may be unknown.

Of several doubtful operands each is given a name on the way, to be asked again whether it was unknown. For example:

    a or b      (x := …) or (y := …) or (None if x is None or y is None else False)
    a and b     False if (x := …) is False or (y := …) is False else x and y
"""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator, Sequence
from dataclasses import replace

from comity import terms
from comity.backends.python.nullability import Context
from comity.backends.python.strict import StrictExpressions
from comity.backends.python.trees import NONE, bind, both, choose, const, either, is_false, is_none, name, negation
from comity.runtime.light import dataclass
from comity.terms import Term


@dataclass(frozen=True, slots=True)
class AnyHolds(terms.RuleHolds):
    """`a applies or b applies`: rules of one decision that are asked about together. ``others``: all but the first."""

    others: tuple[tuple[str, str | None], ...] = ()


class Connectives:
    """Those among the terms that ``expressions`` has."""

    def __init__(self, expressions: StrictExpressions) -> None:
        self.expressions = expressions
        self.nullability = expressions.nullability

    def negated(self, operand: Term, context: Context) -> ast.expr:
        """`not`."""
        value = self.expressions.truth(operand, context)
        if not self.expressions.null(operand, context):
            return negation(value)
        guard, known = self.expressions.known(operand, value)
        return choose(guard, NONE, negation(known))

    def placed(self, operands: Sequence[Term], context: Context, deciding: bool) -> list[tuple[Term, Context, bool]]:
        """The operands of `or` (``deciding``) or `and`, where each stands, and whether it may be unknown.

        Certain ones come first, unless one may raise an error; then all stay in their order.
        """
        operands = list(_flattened(operands, terms.Or if deciding else terms.And, self.expressions.calls))
        if deciding:
            operands = _gathered(operands)
        contexts = (self.nullability.disjuncts if deciding else self.nullability.conjuncts)(operands, context)
        placed = [(operand, inner, doubtful) for operand, (inner, doubtful) in zip(operands, contexts, strict=True)]
        if any(self.nullability.raises(operand) for operand in operands):
            return placed
        # None of the doubtful ones assures anything for those after it, so what is cheap may come first.
        return sorted(placed, key=lambda each: (each[2], self.nullability.costs(each[0]) if each[2] else 0))

    def joined(self, operands: Sequence[Term], context: Context, deciding: bool) -> ast.expr:
        """`and` or `or`: one doubtful operand at the end needs no care, of several each is named on the way."""
        join = either if deciding else _conjunction
        placed = self.placed(operands, context, deciding)
        if not any(doubtful for _, _, doubtful in placed[:-1]):
            return join([self.expressions.truth(operand, inner) for operand, inner, _ in placed])
        tests: list[ast.expr] = []
        names: list[ast.expr] = []
        sure: list[ast.expr] = []
        for operand, inner, doubtful in placed:
            value = self.expressions.truth(operand, inner)
            if not doubtful and not names:
                sure.append(value)
                continue
            if doubtful and not isinstance(value, ast.Name):
                value = bind(self.expressions.temporary(operand), value)
            if doubtful:
                names.append(value.target if isinstance(value, ast.NamedExpr) else value)
            tests.append(value if deciding else is_false(value) if doubtful else negation(value))
        names = [name(each.id) for each in names if isinstance(each, ast.Name)]
        if deciding:
            return either([*sure, *tests, choose(either([is_none(each) for each in names]), NONE, const(False))])
        return _conjunction([*sure, choose(either(tests), const(False), both(names))])


def _gathered(operands: Sequence[Term]) -> list[Term]:
    """The operands of `or`, in which rules of one decision are asked about together, where the first stood."""
    found: list[Term] = []
    place: dict[tuple[str, str, Term], int] = {}
    for operand in operands:
        plain_operand = operand.condition if isinstance(operand, terms.Line) else operand
        if not isinstance(plain_operand, terms.RuleHolds) or not (
            plain_operand.key is None or isinstance(plain_operand.key, terms.Const)
        ):
            found.append(operand)
            continue
        asked = plain_operand
        member = None if asked.key is None else str(asked.key.value)  # type: ignore[union-attr]
        group = (asked.decision, asked.verb, asked.record)
        if group not in place:
            place[group] = len(found)
            found.append(AnyHolds(asked.decision, asked.rule, asked.key, asked.verb, asked.record, asked.type))
        else:
            first = found[place[group]]
            assert isinstance(first, AnyHolds)
            found[place[group]] = replace(first, others=(*first.others, (asked.rule, member)))
    return found


def _flattened(
    operands: Sequence[Term], kind: type[terms.And] | type[terms.Or], whole: Container[int]
) -> Iterator[Term]:
    """The operands of a connective, those of its like inside it among them but for what is ``whole``."""
    for operand in operands:
        inner = operand
        while isinstance(inner, terms.Line) and id(inner) not in whole:
            inner = inner.condition
        if isinstance(inner, kind) and id(inner) not in whole:
            yield from _flattened(inner.operands, kind, whole)
        else:
            yield operand


def _conjunction(operands: Sequence[ast.expr]) -> ast.expr:
    """`and`, with `a <= b and b <= c` written `a <= b <= c`."""
    merged: list[ast.expr] = []
    for operand in operands:
        previous = merged[-1] if merged else None
        if (
            isinstance(previous, ast.Compare)
            and isinstance(operand, ast.Compare)
            and isinstance(operand.ops[0], (ast.Lt, ast.LtE))
            and isinstance(previous.ops[-1], (ast.Lt, ast.LtE))
            and ast.dump(previous.comparators[-1]) == ast.dump(operand.left)
        ):
            merged[-1] = ast.Compare(
                previous.left, [*previous.ops, *operand.ops], [*previous.comparators, *operand.comparators]
            )
        else:
            merged.append(operand)
    return both(merged)
