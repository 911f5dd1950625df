"""Counts and sums in a term, and the limits that `always` lines put on the numbers added up.

    record Owner:
        share: Percent?
        always share >= 0%

An unknown share is at least 0%: an input with a lesser one is refused. So a sum of shares that has reached 50% without
it stays there. Only lines that compare a field with a constant are read, of the record itself (`always share >= 0%`) or
of its list (`always all o in owners: o.share >= 0%`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import TypeAlias

from comity import terms
from comity.core import ast as core
from comity.core.walk import children
from comity.runtime.bounds import UNBOUNDED, Bounds, both
from comity.runtime.types import AbsentType, RecordType
from comity.terms import THIS, Term

Path: TypeAlias = tuple[str, str]
"""A local and a field of the record that it is."""

Limits: TypeAlias = Mapping[Path, Bounds]


def has_total(term: Term, program: core.Program) -> bool:
    """Whether a number has the bounds of a count or sum, by sums, constant factors, cases or definitions."""
    match term:
        case terms.Count() | terms.Sum():
            return True
        case terms.Arithmetic(operator="*" | "/"):
            scaling = scaling_of(term)
            return scaling is not None and has_total(scaling[0], program)
        case terms.Arithmetic() | terms.Negate() | terms.Round():
            return any(has_total(child, program) for child in children(term))
        case terms.Cases(cases=cases):
            return any(has_total(case.value, program) for case in cases)
        case terms.Call(define=name):
            return has_total(program.defines[name].body, program)
        case _:
            return False


def scaling_of(term: terms.Arithmetic) -> tuple[Term, Term] | None:
    """What is multiplied (or divided), and the constant by which it is; None if there is none.

    With a fact for a factor the bounds would change places with its sign, which takes proofs too far.
    """
    if isinstance(term.right, terms.Const):
        return term.left, term.right
    return (term.right, term.left) if term.operator == "*" and isinstance(term.left, terms.Const) else None


def limits_of(field: terms.Field, program: core.Program) -> Bounds:
    """What holds of a field of a record among the facts where it is unknown."""
    record = field.base.type
    if not isinstance(record, RecordType) or isinstance(field.type, AbsentType):
        return UNBOUNDED
    return _limits(record, program).get((THIS, field.name), UNBOUNDED)


def limits_of_elements(total: terms.Count | terms.Sum, program: core.Program) -> Limits:
    """What lines about the list that is counted or added up say of its elements, by the variable of the total."""
    match total.source:
        case terms.Field(base=base, name=name) if isinstance(base.type, RecordType):
            found = _limits(base.type, program)
            inside = f"{name}."
            return {
                (total.variable, path.removeprefix(inside)): bounds
                for (_, path), bounds in found.items()
                if path.startswith(inside)
            }
        case _:
            return {}


def _limits(record: RecordType, program: core.Program) -> Limits:
    """The limits of a record's own fields, and those of the elements of its lists as `owners.share`."""
    found: dict[Path, Bounds] = {}
    for line in program.always.get(f"{record.module}.{record.name}", ()):
        for path, bounds in _said(line.condition):
            found[path] = both(found.get(path, UNBOUNDED), bounds)
    return found


def _said(condition: Term) -> Iterator[tuple[Path, Bounds]]:
    """The limits that hold where a condition is not false."""
    match condition:
        case terms.Line(condition=inner):
            yield from _said(inner)
        case terms.And(operands=operands):
            for operand in operands:
                yield from _said(operand)
        case terms.Not(operand=terms.Compare(left=left, right=right)):
            yield from _compared(right, left)
        case terms.Compare(left=left, right=right):
            yield from _compared(left, right)
        case terms.Equal(left=left, right=right):
            yield from (*_compared(left, right), *_compared(right, left))
        case terms.Quantifier(kind="all", variable=variable, source=source, body=body):
            if isinstance(source, terms.Field) and source.base == terms.Local(THIS, source.base.type):
                for (local, name), bounds in _said(body):
                    if local == variable:
                        yield (THIS, f"{source.name}.{name}"), bounds
        case _:
            pass


def _compared(left: Term, right: Term) -> Iterator[tuple[Path, Bounds]]:
    """The limits that ``left <= right`` sets."""
    match left, right:
        case terms.Field(base=terms.Local(name=local), name=name), terms.Const(value=int() | Fraction() as limit):
            yield (local, name), (None, limit)
        case terms.Const(value=int() | Fraction() as limit), terms.Field(base=terms.Local(name=local), name=name):
            yield (local, name), (limit, None)
        case _:
            pass
