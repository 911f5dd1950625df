"""Constant terms and their values: defaults, cells, the facts of tests."""

from __future__ import annotations

from comity.runtime.light import dataclass
from comity.runtime.values import exact
from comity.terms import Arithmetic, Const, ListOf, Negate, PerPartyOf, RecordOf, SetOf, SetOperation, Term


@dataclass(frozen=True, slots=True)
class Value:
    """A run-time value, so that None can say that there is none."""

    value: object


def constant(term: Term) -> Value | None:
    """The value of a term that depends on nothing; None for any other (and for `unknown`)."""
    match term:
        case Const(value=value):
            return Value(value)
        case SetOf(elements=elements):
            items = _all(elements)
            return None if items is None else Value(frozenset(items))
        case ListOf(elements=elements):
            items = _all(elements)
            return None if items is None else Value(tuple(items))
        case RecordOf(fields=named) | PerPartyOf(entries=named):
            items = _all(tuple(value for _, value in named))
            return None if items is None else Value(dict(zip((name for name, _ in named), items, strict=True)))
        case Negate(operand=operand):
            inner = constant(operand)
            return None if inner is None else Value(-inner.value)  # type: ignore[operator]
        case Arithmetic(operator="+" | "-" | "*", left=left, right=right):
            a, b = constant(left), constant(right)
            if a is None or b is None:
                return None
            return Value(exact(_ARITHMETIC[term.operator](a.value, b.value)))
        case SetOperation(operator=operator, left=left, right=right):
            a, b = constant(left), constant(right)
            if a is None or b is None:
                return None
            return Value(_SETS[operator](a.value, b.value))
        case _:
            return None


_ARITHMETIC = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b}
_SETS = {"|": lambda a, b: a | b, "&": lambda a, b: a & b, "-": lambda a, b: a - b}


def _all(terms: tuple[Term, ...]) -> list[object] | None:
    values: list[object] = []
    for term in terms:
        value = constant(term)
        if value is None:
            return None
        values.append(value.value)
    return values
