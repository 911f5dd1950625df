"""From the rules of a decision to its plan.

Each condition is taken apart into lines (`lines`), each line is tabulated by the facts that it reads (`tabulate`), and
the tables of all rules are turned round: from "where is this rule true?" to "which rules are true here?".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from comity.core.ast import Decision, Rule
from comity.core.evaluate import Evaluator
from comity.plan.ast import Axis, Cell, DecisionPlan, Numbers, RulePlan
from comity.plan.codes import within
from comity.plan.lines import Fact, Line, Lines
from comity.plan.tabulate import Column, Tabulator, both_of_codes
from comity.runtime.kleene import Truth

FEW_RULES = 4
"""A fact that fewer rules read is not worth looking up for every input: their conditions are evaluated."""


def plan_decision(decision: Decision, evaluator: Evaluator) -> DecisionPlan:
    """The plan of a decision. ``evaluator``: the reference semantics, which says what lines are worth."""
    return _Planning(decision, evaluator).plan()


@dataclass(slots=True)
class _Taken:
    """A rule's condition taken apart. ``exact``: lines that read one fact. ``partial``: lines that one of several facts
    may make false.
    """

    rule: Rule
    raises: bool
    lines: tuple[Line, ...]
    exact: dict[Fact, list[Line]]
    partial: dict[Fact, list[Line]]


class _Planning:
    def __init__(self, decision: Decision, evaluator: Evaluator) -> None:
        self.decision = decision
        self.lines = Lines(decision.record, evaluator.program)
        self.tabulator = Tabulator(evaluator)

    def plan(self) -> DecisionPlan:
        taken = [self._take(rule) for rule in self.decision.rules]
        columns: dict[Fact, dict[int, Column]] = defaultdict(dict)
        exact: dict[Fact, set[int]] = defaultdict(set)
        for each in taken:
            for fact in {**each.exact, **each.partial}:
                column, is_exact = self._column(each, fact)
                if column is not None:
                    columns[fact][each.rule.number] = column
                    if is_exact:
                        exact[fact].add(each.rule.number)
        chosen = [fact for fact in sorted(columns) if len(columns[fact]) >= FEW_RULES]
        axes = tuple(_axis(fact, columns[fact]) for fact in chosen)
        axes_of = set(chosen)
        rules = []
        for each in taken:
            number = each.rule.number
            on = tuple(place for place, fact in enumerate(chosen) if number in columns[fact])
            rest = tuple(
                line.term
                for line in each.lines
                if line.fact is None or line.fact not in axes_of or number not in exact[line.fact]
            )
            rules.append(RulePlan(number, each.rule.name, on, rest, each.raises))
        return DecisionPlan(self.decision.qname, axes, tuple(rules))

    def _take(self, rule: Rule) -> _Taken:
        reads = self.lines.reader.of(rule.condition)
        if reads.raises:  # which error is raised depends on the order of evaluation, so nothing is passed over
            return _Taken(rule, True, (Line(rule.condition, None),), {}, {})
        taken = _Taken(rule, False, tuple(self.lines.of(rule.condition)), {}, {})
        for line in taken.lines:
            if line.fact is not None:
                taken.exact.setdefault(line.fact, []).append(line)
                continue
            for fact in line.others:
                taken.partial.setdefault(fact, []).append(line)
        return taken

    def _column(self, taken: _Taken, fact: Fact) -> tuple[Column | None, bool]:
        """Where a rule is true, by one fact; and whether that covers all lines that read this fact alone."""
        exact = taken.exact.get(fact, [])
        column = self.tabulator.exact(fact, [line.term for line in exact]) if exact else None
        is_exact = column is not None
        for line in (*taken.partial.get(fact, []), *(exact if fact.kind == "codes" and not is_exact else ())):
            of_codes = fact.kind == "codes"
            dead = (self.tabulator.dead_codes if of_codes else self.tabulator.dead)(fact, line.term)
            if dead is not None:
                column = dead if column is None else both_of_codes(column, dead) if of_codes else column.both(dead)
        return column, is_exact


def _axis(fact: Fact, columns: Mapping[int, Column]) -> Axis:
    asked = tuple(sorted(columns))
    blank_true = tuple(number for number in asked if columns[number].blank is True)
    blank_false = tuple(number for number in asked if columns[number].blank is False)
    held = tuple(number for number in asked if columns[number].default)
    if fact.kind == "steps":
        steps, changes = _steps(columns)
        return Axis(
            fact.name, fact.term, "steps", asked, held,
            steps=steps, changes=changes, blank_true=blank_true, blank_false=blank_false,
        )  # fmt: skip
    cells = _located(columns) if fact.kind == "codes" else _listed(columns)  # sets have the cells of their elements
    sides: dict[Truth, dict[Cell, Numbers]] = {True: {}, False: {}, None: {}}
    for cell, truths in cells:
        if not truths:
            sides[True][cell] = ()  # all as for values without a cell, where a wider cell would say otherwise
        for side, found in sides.items():
            numbers = tuple(sorted(number for number, truth in truths.items() if truth is side))
            if numbers:
                found[cell] = numbers
    return Axis(
        fact.name, fact.term, fact.kind, asked, held,
        true=sides[True], false=sides[False], unknown=sides[None], blank_true=blank_true, blank_false=blank_false,
    )  # fmt: skip


Truths = dict[int, Truth]
"""By rule, where it differs from the rule's default."""


def _listed(columns: Mapping[int, Column]) -> Iterator[tuple[Cell, Truths]]:
    found: dict[Cell, Truths] = defaultdict(dict)
    for number, column in columns.items():
        for cell, truth in column.cells.items():
            found[cell][number] = truth
    return iter(sorted(found.items(), key=lambda item: str(item[0])))


def _located(columns: Mapping[int, Column]) -> Iterator[tuple[Cell, Truths]]:
    """The cells of all rules' codes, each with what every rule says of the codes in it.

    A rule that names `3A001` speaks of the cell `3A001.a` too, which another rule made. So each rule's cells are kept
    by code, and a cell finds those of the codes that it is within, the longest first.
    """
    own: dict[str, Truths] = defaultdict(dict)
    for number, column in columns.items():
        for cell, truth in column.cells.items():
            own[str(cell)][number] = truth
    found: dict[str, Truths] = {}
    for cell in sorted(own):
        truths: Truths = {}
        for wider in within(cell):
            for number, truth in own.get(wider, {}).items():
                truths.setdefault(number, truth)
        found[cell] = {number: truth for number, truth in truths.items() if truth is not columns[number].default}
    for cell in sorted(found):
        # What the next wider cell says already needs no cell of its own. An empty one may still hide a wider one.
        around = next((each for each in within(cell) if each != cell and each in found), None)
        if found[cell] != (found[around] if around is not None else {}):
            yield cell, found[cell]


def _steps(columns: Mapping[int, Column]) -> tuple[tuple[object, ...], dict[int, Numbers]]:
    every = sorted({step for column in columns.values() for step in column.steps})
    place = {step: number for number, step in enumerate(every)}
    turning: dict[int, list[int]] = defaultdict(list)
    for number in sorted(columns):
        column = columns[number]
        before = column.default
        for cell, truth in enumerate(column.truths):
            if truth is not before:
                step = place[column.steps[(cell - 1) // 2]]
                turning[2 * step + 1 if cell % 2 else 2 * step + 2].append(number)
            before = truth
    return tuple(every), {cell: tuple(turning[cell]) for cell in sorted(turning)}


__all__ = ["plan_decision"]
