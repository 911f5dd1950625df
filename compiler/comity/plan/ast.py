"""The plan of a decision: which facts are looked up, what each look-up says of the rules, and what is left to ask.

A rule's own condition is a conjunction of *lines*. A line that reads one fact only is worked out when the policy is
built, for every *cell* of that fact: a member of an enum, an entry of the control list, a stretch of days. Cells and
rules make an `Axis`. A rule all of whose lines lie on axes is decided by look-ups alone; the condition of any other
(`RulePlan.coded`) is evaluated where the axes leave it possible. A line that reads several facts may lie on an axis
too, as far as one of the facts alone makes it false.

    rule chips for licensing:                      axis `destination`: true in RU and BY, else false
        from 2022-02-24                            axis of the day: false below 2022-02-24, true from it on
        when destination in {RU, BY} and
            (eccn within 3A001 or listed)          two facts: the rule is coded

Everything is three-valued: in a cell a rule's lines are true, false or unknown, and unknown facts have a cell of
their own. A backend needs nothing else of the conditions than axes, and code for the rules that are coded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal, TypeAlias

from comity.runtime.light import dataclass
from comity.terms import Term

Kind: TypeAlias = Literal["members", "codes", "steps", "sets"]
"""How a value finds its cell: by being it, by the longest entry that it is within, by where it lies between steps.
A set has the cells of all its elements."""

Numbers: TypeAlias = tuple[int, ...]
Cell: TypeAlias = object
"""A value; for codes an entry (``3A001``) or what is below it (``3A001.``); for steps see ``Axis.changes``."""


@dataclass(frozen=True, slots=True)
class Axis:
    """What one fact says of the rules that read it.

    ``fact``: the term that reads it, None for the day. ``asked``: the rules with lines on this axis; others are
    indifferent to it. ``held``: those that are true for values without a cell of their own. ``true``, ``false``,
    ``unknown``: for each cell, the rules that are so there though they are not for values without a cell.
    ``steps``: for "steps", the values at which something changes; cell ``2 * n`` lies below ``steps[n]``, and cell
    ``2 * n + 1`` is that step. ``changes``: by cell, the rules that turn where it begins, counted upwards from
    ``held``. ``blank_true``, ``blank_false``: where the fact is unknown, the rules that are not.
    """

    name: str
    fact: Term | None
    kind: Kind
    asked: Numbers
    held: Numbers = ()
    true: Mapping[Cell, Numbers] = field(default_factory=dict)
    false: Mapping[Cell, Numbers] = field(default_factory=dict)
    unknown: Mapping[Cell, Numbers] = field(default_factory=dict)
    steps: tuple[object, ...] = ()
    changes: Mapping[int, Numbers] = field(default_factory=dict)
    blank_true: Numbers = ()
    blank_false: Numbers = ()


@dataclass(frozen=True, slots=True)
class RulePlan:
    """How one rule is decided. ``axes``: positions of the axes that it has lines on. ``rest``: the lines that these do
    not say, in their order.

    ``raises``: evaluating the condition may end in an error of a definition's cases, so it is evaluated in any case.
    """

    number: int
    name: str
    axes: Numbers
    rest: tuple[Term, ...]
    raises: bool

    @property
    def coded(self) -> bool:
        """Whether axes do not say all of the rule."""
        return bool(self.rest)


@dataclass(frozen=True, slots=True)
class DecisionPlan:
    """How a decision is evaluated: axes in this order, then the coded rules in theirs, then `runtime.resolve`."""

    decision: str
    axes: tuple[Axis, ...]
    rules: tuple[RulePlan, ...]

    @property
    def coded(self) -> Numbers:
        return tuple(rule.number for rule in self.rules if rule.coded)
