"""Typed terms: the small expression language that checked and core declarations are made of.

The checker elaborates surface expressions into terms: every name is resolved, every term has a type, and
sugar is gone (`implies`, `!=`, `not in`, ranges, blocks, `within`, units, `this`). What is left is what
the interpreter, the analysis and every backend match on, totally.

Meaning: strong Kleene. A term evaluates to a run-time value (`runtime.types`), or to unknown (None).
Unless said otherwise a term with an unknown part is unknown, and `absent` outside its guard reads as unknown.
Every term is evaluated at a *day* (the as-of day of the outermost record), passed down through calls.

INVARIANT (terms are closed): a `Local` is bound by an enclosing binder, a parameter, `this`, `self` or `other`.
INVARIANT (calls are acyclic): no `Call`, `NamedSet` or `OutcomeOf` reaches itself (E011).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import field, fields
from datetime import date
from operator import attrgetter
from typing import Any, Literal, TypeAlias

from comity.base.source import NOWHERE, Span
from comity.runtime.light import dataclass
from comity.runtime.types import (
    BOOL,
    DATE,
    DURATION,
    INT,
    TEXT,
    EnumType,
    RecordType,
    Type,
)


@dataclass(frozen=True, slots=True)
class Node:
    span: Span = field(compare=False, default=NOWHERE, kw_only=True, repr=False)


@dataclass(frozen=True, slots=True)
class Const(Node):
    """A known value. Sets of constants are `SetOf` or, for a whole enum, a frozenset constant."""

    value: object
    type: Type


@dataclass(frozen=True, slots=True)
class Unknown(Node):
    """The unknown value (written in tests and examples only)."""

    type: Type


@dataclass(frozen=True, slots=True)
class Local(Node):
    """A bound variable: `this`, a parameter, a binder's variable, `self`, `other`, `outcome` in `prove`."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Field(Node):
    """``base.name``. The path of a fact is a chain of these on ``Local('this')``."""

    base: Term
    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class AtParty(Node):
    """`distance_to[other]`: the value of a `T per Party` for one party."""

    base: Term
    party: Term
    type: Type


@dataclass(frozen=True, slots=True)
class Lookup(Node):
    """`chart[to, r]`. ``table`` is the qualified name. No row: the table's `otherwise`, else unknown.

    A table whose value columns are fields of a record gives the record; unknown row, unknown fields.
    """

    table: str
    keys: tuple[Term, ...]
    type: Type


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A definition, by qualified name; a record's definition takes the record as its one argument."""

    define: str
    arguments: tuple[Term, ...]
    type: Type


@dataclass(frozen=True, slots=True)
class OutcomeOf(Node):
    """Another decision's outcome on ``record`` (unknown unless determined); ``type`` holds its outcomes."""

    decision: str
    record: Term
    type: EnumType


@dataclass(frozen=True, slots=True)
class RuleHolds(Node):
    """`russia_ccl applies`, `chart_control[NS2] decides`, on ``record``, in another decision.

    ``rule`` is the rule's qualified name; ``key`` its member for a family (a whole family: any of its rules).
    """

    decision: str
    rule: str
    key: Term | None
    verb: Literal["applies", "decides"]
    record: Term
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class CommitmentState(Node):
    """`missiles_nato is accepted [by D]`, `X of other is …`, `CL consents` (state "consents", subject the country).

    ``subject`` is the commitment's qualified name, `module.agreement.commitment`.
    ``of`` is None or the party term whose clause is meant.
    """

    subject: str
    state: str
    of: Term | None
    by: date | None
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class RecordOf(Node):
    """A record built in place; fields in the record's order, defaults filled in."""

    fields: tuple[tuple[str, Term], ...]
    type: RecordType


@dataclass(frozen=True, slots=True)
class PerPartyOf(Node):
    """`{NATO_SIDE: 40 km, RUSSIA: 0 km}`."""

    entries: tuple[tuple[str, Term], ...]
    type: Type


@dataclass(frozen=True, slots=True)
class SetOf(Node):
    """`{a, b}`; ``type`` is a SetType."""

    elements: tuple[Term, ...]
    type: Type


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    elements: tuple[Term, ...]
    type: Type


@dataclass(frozen=True, slots=True)
class NamedSet(Node):
    """A declared set, read at the day. Its body is in the program. By a party's name: the countries of the party."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """`{v in source where C}`; v is in it as surely as it is in source and C holds."""

    variable: str
    source: Term
    where: Term
    type: Type


@dataclass(frozen=True, slots=True)
class When(Node):
    """``value`` while ``condition`` holds, else the empty set (unknown condition: unknown membership).

    Dated set lines become ``When(InWindow(…), …)``.
    """

    condition: Term
    value: Term
    type: Type


@dataclass(frozen=True, slots=True)
class SetOperation(Node):
    operator: Literal["|", "&", "-"]
    left: Term
    right: Term
    type: Type


@dataclass(frozen=True, slots=True)
class Negate(Node):
    operand: Term
    type: Type


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """Exact. Division by zero is unknown. Units and percents are already in base units."""

    operator: Literal["+", "-", "*", "/"]
    left: Term
    right: Term
    type: Type


@dataclass(frozen=True, slots=True)
class Round(Node):
    """`round_up(x)` to the integer at or above, `round_down(x)` at or below."""

    direction: Literal["up", "down"]
    operand: Term
    type: Type = INT


@dataclass(frozen=True, slots=True)
class AddDuration(Node):
    """``day`` plus (or minus) a Duration (hours: whole days, rounded down) or Months (clamped to month's end).

    Outside the years 1–9999: unknown.
    """

    day: Term
    amount: Term
    negative: bool = False
    type: Type = DATE


@dataclass(frozen=True, slots=True)
class DateDifference(Node):
    """``left - right`` as a Duration in hours."""

    left: Term
    right: Term
    type: Type = DURATION


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """``<`` or ``<=`` on numbers, dates, or members of an ordered enum (by position). `>` is swapped.

    ``operand_type`` is the common type. Counts and sums that are partly unknown are compared by their bounds
    (`runtime.bounds`); so are those that `Equal` compares.
    """

    operator: Literal["<", "<="]
    left: Term
    right: Term
    operand_type: Type
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class Equal(Node):
    """Equality of two values of one type (sets, records and lists element by element, Kleene)."""

    left: Term
    right: Term
    operand_type: Type
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class MemberOf(Node):
    """``value in collection`` (a set- or list-typed term): Kleene disjunction of equalities."""

    value: Term
    collection: Term
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class SubsetOf(Node):
    left: Term
    right: Term
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class EccnWithin(Node):
    """``code`` is ``entry`` or a paragraph of it (one entry; `within` a set is a Quantifier)."""

    code: Term
    entry: Term
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class HsWithin(Node):
    code: Term
    heading: Term
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class PlaceWithin(Node):
    """``place`` is ``area`` or a zone in it (area: a country or zone)."""

    place: Term
    area: Term
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class EccnPart(Node):
    """`.category` (Int), `.group` (Text), `.number` (Int), `.paragraph` (Text).

    On EAR99 it is unknown here; the checker puts every test of it behind ``code != EAR99``, so that any
    such test is false on EAR99.
    """

    code: Term
    part: Literal["category", "group", "number", "paragraph"]
    type: Type = TEXT


@dataclass(frozen=True, slots=True)
class IsKnown(Node):
    """True or false, never unknown; ``operand`` is then listed in `relied_on_unknown`."""

    operand: Term
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class IsPresent(Node):
    operand: Term
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class Not(Node):
    operand: Term
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class And(Node):
    """Empty: true."""

    operands: tuple[Term, ...]
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class Or(Node):
    """Empty: false."""

    operands: tuple[Term, ...]
    type: Type = BOOL


Interval: TypeAlias = tuple[date | None, date | None]
"""Inclusive days; None is open."""


def is_empty(interval: Interval) -> bool:
    """It closes before it opens."""
    first, last = interval
    return first is not None and last is not None and last < first


@dataclass(frozen=True, slots=True)
class InWindow(Node):
    """The day falls in one of the intervals. Unknown day: unknown."""

    intervals: tuple[Interval, ...]
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class Quantifier(Node):
    """`any` / `all` over a set or list (`no` is Not(any)). For a set: over elements as surely as they are in it."""

    kind: Literal["any", "all"]
    variable: str
    source: Term
    body: Term
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class Count(Node):
    """How many elements of ``source`` meet ``where``; unknown if any membership or test is unknown."""

    variable: str
    source: Term
    where: Term
    type: Type = INT


@dataclass(frozen=True, slots=True)
class Sum(Node):
    """The sum of ``value`` over elements that meet ``where``; unknown as for Count, or if such a value is."""

    value: Term
    variable: str
    source: Term
    where: Term
    type: Type


@dataclass(frozen=True, slots=True)
class Case(Node):
    """One case; ``condition`` None is `otherwise` (last)."""

    condition: Term | None
    value: Term


@dataclass(frozen=True, slots=True)
class Cases(Node):
    """A value by cases: that of the first true case; unknown once a case before it is unknown.

    Exclusive unless ``first_match``: two true cases with different values raise ContradictionError
    (L206). No true case, none unknown, no `otherwise`: GapError (L207). ``name`` is the definition's.
    """

    cases: tuple[Case, ...]
    first_match: bool
    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Line(Node):
    """A condition line as the author wrote it: coverage, explanation and L208 speak of it. Means ``condition``.

    Put around every line of a block and around a whole inline `when` / `unless` condition.
    """

    condition: Term
    type: Type = BOOL


Term: TypeAlias = (
    Const | Unknown | Local | Field | AtParty | Lookup | Call | OutcomeOf | RuleHolds | CommitmentState
    | RecordOf | PerPartyOf | SetOf | ListOf | NamedSet | Filter | When | SetOperation
    | Negate | Arithmetic | Round | AddDuration | DateDifference | Compare | Equal | MemberOf | SubsetOf
    | EccnWithin | HsWithin | PlaceWithin | EccnPart | IsKnown | IsPresent | Not | And | Or | InWindow
    | Quantifier | Count | Sum | Cases | Line
)  # fmt: skip

TRUE = And(())
FALSE = Or(())
THIS = "this"


def conjunction(parts: Sequence[Term], span: Span) -> Term:
    """All of ``parts``: the one there is as it stands, else an `And` at ``span``."""
    return parts[0] if len(parts) == 1 else And(tuple(parts), span=span)


_PARTS: dict[type[Node], tuple[str, ...]] = {}
_CHILDREN: dict[type[Node], Callable[[Node], Sequence[Term]]] = {}


def parts(node: Node) -> tuple[str, ...]:
    """The fields of a node that may hold terms."""
    return parts_of(type(node))


def parts_of(kind: type[Node]) -> tuple[str, ...]:
    """The same of a kind of nodes."""
    if kind not in _PARTS:
        _PARTS[kind] = tuple(f.name for f in fields(kind) if f.name not in ("span", "type", "operand_type"))
    return _PARTS[kind]


def children(node: Node) -> Sequence[Term]:
    """The terms directly below ``node``, left to right (the terms of a case stand directly below its `Cases`)."""
    kind = type(node)
    way = _CHILDREN.get(kind)
    if way is None:
        way = _CHILDREN[kind] = _way(kind)
    return way(node)


def _way(kind: type[Node]) -> Callable[[Node], Sequence[Term]]:
    """How to find the children of nodes of a kind, by how its fields are declared."""
    declared = [(each.name, str(each.type)) for each in fields(kind) if each.name in parts_of(kind)]
    may = [(name, type) for name, type in declared if re.search(r"\b(?:Term|Case)\b", type)]
    if not may:
        return lambda node: ()
    names = [name for name, _ in may]
    get = _getter(names)
    if all(type == "Term" for _, type in may):
        return get if len(names) > 1 else lambda node: (get(node),)
    if [type for _, type in may] == ["tuple[Term, ...]"]:
        return get
    return lambda node: _collected(node, names)


def _getter(names: Sequence[str]) -> Callable[[Node], Any]:
    return attrgetter(*names)


def _collected(node: Node, names: Iterable[str]) -> list[Term]:
    found: list[Term] = []
    for name in names:
        _collect(getattr(node, name), found)
    return found


def _collect(value: object, found: list[Term]) -> None:
    if isinstance(value, tuple):
        for item in value:
            _collect(item, found)
    elif isinstance(value, Case):
        found += children(value)
    elif isinstance(value, Node):
        found.append(value)  # type: ignore[arg-type]  # every node but Case is a term
