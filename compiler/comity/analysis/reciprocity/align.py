"""Two terms of one shape, laid beside each other: which thresholds and places stand in the same position."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from fractions import Fraction
from typing import TypeAlias

from comity.checked.ast import ToleranceValue
from comity.core.walk import rewrite
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
from comity.terms import And, CommitmentState, Const, Line, Node, Not, Or, Term

Pair: TypeAlias = tuple[Const, Const]


def bare(term: Term) -> Term:
    """``term`` without the marks of its lines, and with `and`, `or` flat: what is left is what it means."""

    def strip(node: Term) -> Term | None:
        match node:
            case Line(condition=condition):
                return bare(condition)
            case And(operands=operands):
                return And(tuple(_flat(And, operands)))
            case Or(operands=operands):
                return Or(tuple(_flat(Or, operands)))
            case _:
                return None

    return rewrite(term, strip)


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


def _flat(kind: type[And] | type[Or], operands: tuple[Term, ...]) -> Iterator[Term]:
    for operand in map(bare, operands):
        if isinstance(operand, kind):
            yield from operand.operands
        else:
            yield operand


def same(left: Term | None, right: Term | None, names: Mapping[str, str]) -> bool:
    """Whether two conditions over states say the same once ``names`` of commitments are exchanged; order is nothing."""
    if left is None or right is None:
        return left is right

    def rename(node: Term) -> Term | None:
        if isinstance(node, CommitmentState) and node.subject in names:
            return replace(node, subject=names[node.subject])
        return None

    return _key(bare(rewrite(left, rename))) == _key(bare(right))


def _key(term: Term) -> object:
    if isinstance(term, And | Or):
        return type(term).__name__, frozenset(_key(each) for each in term.operands)
    return term


def thresholds(left: Term, right: Term) -> list[Pair] | None:
    """The numbers that stand in the same position of two terms and differ; None if the terms differ elsewhere too."""
    return _pairs(bare(left), bare(right), _is_number)


def places(left: Term, right: Term) -> list[Pair] | None:
    """The countries and zones that stand in the same position and differ; None if the terms differ elsewhere too."""
    return _pairs(bare(left), bare(right), _is_place)


def _is_number(type: Type) -> bool:
    return isinstance(type, IntType | NumberType | PercentType | MoneyType | QuantityType)


def _is_place(type: Type) -> bool:
    return isinstance(type, PlaceType) or (isinstance(type, EnumType) and type.name == "Country")


def _pairs(left: object, right: object, differing: Callable[[Type], bool]) -> list[Pair] | None:
    if left == right:
        return []
    match left, right:
        case Const(type=one), Const(type=two) if differing(one) and differing(two):
            return [(left, right)]
        case Node(), Node() if type(left) is type(right):
            found: list[Pair] = []
            for f in fields(left):
                if f.name == "span":
                    continue
                inner = _pairs(getattr(left, f.name), getattr(right, f.name), differing)
                if inner is None:
                    return None
                found += inner
            return found
        case tuple(), tuple() if len(left) == len(right):
            found = []
            for one, two in zip(left, right, strict=True):
                inner = _pairs(one, two, differing)
                if inner is None:
                    return None
                found += inner
            return found
        case _:
            return None


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
