"""Named sets, worked out when the package is built.

No fact enters a named set, so it is known for every day: one set, or a set for each stretch of days between the days
on which something changes. The reference interpreter says which.

Example: `{c in Country where group[c, E1]}`, with a row `SY, E1` in force until 2024-12-31, is a set with SY on the
days up to then, and one without it on those after.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal

from comity import terms
from comity.core.ast import Program
from comity.core.interpret import Interpreter
from comity.core.walk import children
from comity.runtime.errors import PolicyError
from comity.runtime.kleene import KleeneSet, elements
from comity.runtime.light import dataclass
from comity.runtime.types import SetType
from comity.terms import Interval, Term


@dataclass(frozen=True, slots=True)
class SetKind:
    """``dated``: it changes with the day. ``uncertain``: some day it has members that are not certain.

    ``opaque``: some day it is unknown as a whole, or which elements it has.
    ``blank``: whether an unknown value is in it: "unknown", or "unless empty" (then no value is in it).
    """

    dated: bool
    uncertain: bool
    opaque: bool
    blank: Literal["unknown", "unless empty", "varies"]


Stretch = tuple[date, object]
"""From this day, this value; the first begins with the first day there is."""


def stretches(program: Program, interpreter: Interpreter, body: Term, type: SetType) -> tuple[list[Stretch], SetKind]:
    """The values of a set over time, and what kind of set that makes it."""
    result: list[Stretch] = []
    blanks: list[tuple[bool, object]] = []
    asked = terms.MemberOf(terms.Unknown(type.element), body)
    for start in sorted({date.min, *_changes(program, body)}):
        try:
            value = interpreter.evaluate(body, {}, start)
            blank = interpreter.evaluate(asked, {}, start)
        except PolicyError:
            value, blank = None, None
        if not result or result[-1][1] != value:
            result.append((start, value))
        blanks.append((value == frozenset(), blank))
    uncertain = any(not isinstance(value, frozenset) for _, value in result)
    if all(blank is None for _, blank in blanks):
        kind: Literal["unknown", "unless empty", "varies"] = "unknown"
    else:
        kind = "unless empty" if all((blank is False) == empty for empty, blank in blanks) else "varies"
    return result, SetKind(len(result) > 1, uncertain, any(map(_opaque, (value for _, value in result))), kind)


def _opaque(value: object) -> bool:
    if not isinstance(value, (frozenset, KleeneSet)):
        return True
    return any(element is None for element, _ in elements(value))


def _changes(program: Program, term: Term) -> Iterator[date]:
    """Days on which the value of ``term`` may change."""
    match term:
        case terms.InWindow(intervals=intervals):
            yield from _edges(*intervals)
        case terms.NamedSet(name=name):
            yield from _changes(program, program.sets[name].body)
        case terms.Call(define=name):
            yield from _changes(program, program.defines[name].body)
        case terms.Lookup(table=table):
            yield from _edges(*(row.interval for row in program.tables[table].rows if row.interval is not None))
    for child in children(term):
        yield from _changes(program, child)


def _edges(*intervals: Interval) -> Iterator[date]:
    for first, last in intervals:
        if first is not None:
            yield first
        if last is not None and last != date.max:
            yield last + timedelta(1)
