"""Values by cases: which hold together, which never hold, and where none does (L206, L202, L207)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from comity import terms
from comity.analysis.compare import known
from comity.analysis.formulas import FALSE, Formula, Tri, all_of, some_of
from comity.analysis.study import Study
from comity.analysis.symbols import Choice
from comity.core import ast as core
from comity.core.walk import BINDERS, children
from comity.terms import Term


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two cases of one value hold, the first true one is found, and they say different things: an error."""

    one: terms.Case
    two: terms.Case
    formula: Formula


@dataclass(frozen=True, slots=True)
class Judged:
    """The questions about the cases of one definition."""

    define: core.Define
    cases: terms.Cases
    overlaps: tuple[Overlap, ...]
    conditions: tuple[tuple[terms.Case, Formula], ...]
    gap: Formula


def judged(study: Study, define: core.Define) -> Iterator[Judged]:
    """What there is to ask about each value by cases in a definition. Translate before the study is settled."""
    for cases in _cases_in(define.body):
        conditions = [case for case in cases.cases if case.condition is not None]
        truths = [study.translator.truth(case.condition, study.env) for case in conditions if case.condition]
        values = [study.translator.value(case.value, study.env) for case in conditions]
        overlaps = []
        if not cases.first_match:
            for later in range(len(conditions)):
                for earlier in range(later):
                    differ = _differ(study, values[earlier], values[later], cases)
                    raised = _first_found(truths, values, earlier)
                    formula = all_of((truths[earlier].true, truths[later].true, differ, raised))
                    if formula is not FALSE:
                        overlaps.append(Overlap(conditions[earlier], conditions[later], formula))
        covered = len(conditions) < len(cases.cases)
        yield Judged(
            define,
            cases,
            tuple(overlaps),
            tuple(zip(conditions, (truth.true for truth in truths), strict=True)),
            FALSE if covered else all_of(truth.false for truth in truths),
        )


def _cases_in(term: Term) -> Iterator[terms.Cases]:
    """Values by cases that hang on the parameters alone."""
    if isinstance(term, BINDERS):
        return
    if isinstance(term, terms.Cases):
        yield term
    for child in children(term):
        yield from _cases_in(child)


def _differ(study: Study, one: Choice, two: Choice, cases: terms.Cases) -> Formula:
    """The values are known and not equal; `absent` is a value here like any other."""
    return study.translator.equal_as_values(one, two, cases.type).false


def _first_found(truths: list[Tri], values: list[Choice], place: int) -> Formula:
    """The first true case up to ``place`` has no unknown one before it, and its value is known."""
    options: list[Formula] = []
    before: list[Formula] = []
    for number in range(place + 1):
        value = values[number].asks(lambda symbol: Tri(known(symbol), FALSE)).true
        options.append(all_of((*before, truths[number].true, value)))
        before.append(truths[number].false)
    return some_of(options)
