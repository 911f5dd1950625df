"""The days on which what a program says may change.

Example: a rule from 2022-03-01 until 2024-06-30 gives 2022-03-01 and 2024-07-01. Between two such days the day matters
only to what compares it, so a window is looked up by the stretch in which the day lies.
"""

from __future__ import annotations

from datetime import date, timedelta

from comity import terms
from comity.core import ast as core
from comity.core.walk import children
from comity.terms import Term


def first_days(program: core.Program) -> list[int]:
    """The days, as ordinals, on which a window of the program opens or has just closed; and the first day there is."""
    found = {date.min.toordinal()}

    def note(first: date | None, last: date | None) -> None:
        if first is not None:
            found.add(first.toordinal())
        if last is not None and last < date.max:
            found.add((last + timedelta(days=1)).toordinal())

    def visit(term: Term) -> None:
        if isinstance(term, terms.InWindow):
            for interval in term.intervals:
                note(*interval)
        for each in children(term):
            visit(each)

    for define in program.defines.values():
        visit(define.body)
    for named in program.sets.values():
        visit(named.body)
    for decision in program.decisions.values():
        for rule in decision.rules:
            visit(rule.condition)
    for lines in program.always.values():
        for line in lines:
            visit(line.condition)
    for table in program.tables.values():
        for row in table.rows:
            if row.interval is not None:
                note(*row.interval)
    return sorted(found)
