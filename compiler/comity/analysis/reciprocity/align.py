"""Two terms of one shape, laid beside each other: which thresholds and places have the same position.

    size > 9_000 and location within NATO
    size > 13_000 and location within RU

have the pairs (9,000, 13,000) and (NATO, RU). With `within 40%` the numbers count as equal: they are 4,000 apart, which
is less than 40 percent of the larger one. Places never do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from fractions import Fraction
from typing import TypeAlias

from comity.core.walk import rewrite
from comity.parts import ToleranceValue
from comity.runtime.light import dataclass
from comity.runtime.types import (
    EnumType,
    IntType,
    MoneyType,
    NumberType,
    PercentType,
    PlaceType,
    QuantityType,
    Type,
)
from comity.terms import FALSE, And, Compare, Const, Line, Node, Not, Or, Term

Pair: TypeAlias = tuple[Const, Const]


def bare(term: Term) -> Term:
    """``term`` without the marks of its lines, and with `and`, `or` flat: what is left is what it means."""

    def strip(node: Term) -> Term | None:
        match node:
            case Line(condition=condition):
                return bare(condition)
            case And(operands=operands):
                return _joined(And, operands)
            case Or(operands=operands):
                return _joined(Or, operands)
            case Not(operand=operand):
                return _negated(bare(operand))
            case _:
                return None

    return rewrite(term, strip)


def _joined(kind: type[And] | type[Or], operands: tuple[Term, ...]) -> Term:
    flat = tuple(_flat(kind, operands))
    return flat[0] if len(flat) == 1 else kind(flat)


def _negated(term: Term) -> Term:
    match term:
        case Compare(operator=operator, left=left, right=right, operand_type=type):
            return Compare("<=" if operator == "<" else "<", right, left, type, span=term.span)
        case Not(operand=operand):
            return operand
        case _:
            return Not(term, span=term.span)


def conjuncts(term: Term) -> list[Term]:
    """The parts that all hold iff a bare term does, `not (a or b)` as `not a and not b`."""
    match term:
        case And(operands=operands):
            return [part for operand in operands for part in conjuncts(operand)]
        case Not(operand=Or(operands=operands)):
            return [part for operand in operands for part in conjuncts(Not(operand, span=term.span))]
        case Not(operand=Not(operand=operand)):
            return conjuncts(operand)
        case _:
            return [term]


def without(term: Term, other: Term) -> Term:
    """A bare term less the alternatives that ``other`` has too: the same wherever ``other`` does not hold."""
    if not isinstance(term, Or):
        return FALSE if term == other else term
    gone = other.operands if isinstance(other, Or) else (other,)
    kept = tuple(operand for operand in term.operands if operand not in gone)
    if len(kept) == len(term.operands):
        return term
    return FALSE if not kept else kept[0] if len(kept) == 1 else Or(kept)


def _flat(kind: type[And] | type[Or], operands: tuple[Term, ...]) -> Iterator[Term]:
    for operand in map(bare, operands):
        if isinstance(operand, kind):
            yield from operand.operands
        else:
            yield operand


def places(left: Term, right: Term) -> bool:
    """Whether two terms differ in countries and zones that have the same position, and in nothing else."""
    found = laid_over(left, right, _is_place, lambda one, _: one)
    return found.complete and bool(found.pairs)


def within(left: Term, right: Term, tolerances: tuple[ToleranceValue, ...]) -> Overlay:
    """``left`` with each number that a tolerance allows made that of ``right``."""

    def choose(one: Const, two: Const) -> Const:
        return two if allowed(one, two, tolerances) else one

    return laid_over(left, right, _is_number, choose)


def allowed(one: Const, two: Const, tolerances: tuple[ToleranceValue, ...]) -> bool:
    assert isinstance(one.value, int | Fraction) and isinstance(two.value, int | Fraction)
    return one.type == two.type and tolerated(one.value, two.value, one.type, tolerances)


def _is_number(type: Type) -> bool:
    return isinstance(type, IntType | NumberType | PercentType | MoneyType | QuantityType)


def _is_place(type: Type) -> bool:
    return isinstance(type, PlaceType) or (isinstance(type, EnumType) and type.name == "Country")


@dataclass(frozen=True, slots=True)
class Overlay:
    """One term laid over another. ``pairs``: the constants that have one position and differ.

    ``term``: the upper one, with what was chosen of each pair. ``complete``: nothing else differs.
    """

    term: Term
    pairs: tuple[Pair, ...]
    complete: bool


def laid_over(
    left: Term, right: Term, differing: Callable[[Type], bool], choose: Callable[[Const, Const], Const]
) -> Overlay:
    """``left`` over ``right``, both bare; the operands of `and` and `or` find each other in any order."""
    one, two = bare(left), bare(right)
    return _over(one, two, differing, choose) or Overlay(one, (), False)


def _over(
    left: Term, right: Term, differing: Callable[[Type], bool], choose: Callable[[Const, Const], Const]
) -> Overlay | None:
    """None if the two have not the same shape."""
    if left == right:
        return Overlay(left, (), True)
    match left, right:
        case Const(type=one), Const(type=two):
            return Overlay(choose(left, right), ((left, right),), True) if differing(one) and differing(two) else None
        case (And() as left, And() as right) | (Or() as left, Or() as right):
            return _operands_over(left, right, differing, choose)
        case (And() as left, _):
            return _operands_over(left, And((right,)), differing, choose)
        case (_, And() as right):
            return _operands_over(And((left,)), right, differing, choose)
        case _ if type(left) is not type(right):
            return None
    changed: dict[str, object] = {}
    pairs: list[Pair] = []
    for f in fields(left):
        one, two = getattr(left, f.name), getattr(right, f.name)
        if f.name == "span" or one == two:
            continue
        ones, twos = (one, two) if isinstance(one, tuple) and isinstance(two, tuple) else ((one,), (two,))
        if len(ones) != len(twos) or not all(isinstance(each, Node) for each in (*ones, *twos)):
            return None
        inner = [_over(a, b, differing, choose) for a, b in zip(ones, twos, strict=True)]
        whole = [each for each in inner if each is not None and each.complete]
        if len(whole) < len(inner):
            return None
        pairs += [pair for each in whole for pair in each.pairs]
        terms = tuple(each.term for each in whole)
        changed[f.name] = terms if isinstance(one, tuple) else terms[0]
    return Overlay(replace(left, **changed), tuple(pairs), True)  # type: ignore[arg-type]  # fields of the same names


def _operands_over(
    left: And | Or, right: And | Or, differing: Callable[[Type], bool], choose: Callable[[Const, Const], Const]
) -> Overlay:
    """Each operand over its equal, else over the first that it fits; what fits none stays as it is."""
    free = [each for each in right.operands if each not in left.operands]
    operands: list[Term] = []
    pairs: list[Pair] = []
    complete = True
    for operand in left.operands:
        if operand in right.operands:
            operands.append(operand)
            continue
        fitting = ((each, _over(operand, each, differing, choose)) for each in free)
        found = next(((each, over) for each, over in fitting if over is not None and over.complete), None)
        if found is None:
            operands.append(operand)
            complete = False
            continue
        free.remove(found[0])
        operands.append(found[1].term)
        pairs += found[1].pairs
    term = operands[0] if len(operands) == 1 else replace(left, operands=tuple(operands))
    return Overlay(term, tuple(pairs), complete and not free)


def tolerated(left: Fraction | int, right: Fraction | int, type: Type, tolerances: tuple[ToleranceValue, ...]) -> bool:
    """Whether two thresholds differ by no more than a declared tolerance: of its reference, or of the larger value."""
    gap = max(left - right, right - left)
    for tolerance in tolerances:
        if tolerance.relative is not None:
            largest = max(left, -left, right, -right)
            of = tolerance.reference if tolerance.reference is not None else largest
            if gap <= tolerance.relative * max(of, -of):
                return True
        elif (
            tolerance.absolute is not None
            and tolerance.type == type
            and max(left - right, right - left) <= tolerance.absolute
        ):
            return True
    return False
