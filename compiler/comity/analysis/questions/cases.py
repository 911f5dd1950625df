"""Values by cases: which hold together, which never hold, and where none does (L206, L202, L207).

Example: in `10 when value > 100 USD`, `20 when value > 50 USD`, both hold for 150 USD (L206), and neither for 20 USD
(L207).
"""

from __future__ import annotations

from comity import terms
from comity.analysis.decision.study import Study
from comity.analysis.space.formulas import FALSE, Formula, Tri, all_of, some_of
from comity.analysis.space.symbols import Choice
from comity.analysis.translate.compare import known
from comity.core import ast as core
from comity.runtime.light import dataclass


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two cases of one value hold, the first true one is found, and they say different things: an error."""

    one: terms.Case
    two: terms.Case
    formula: Formula


@dataclass(frozen=True, slots=True)
class Judged:
    """The questions about the cases of one definition."""

    overlaps: tuple[Overlap, ...]
    conditions: tuple[tuple[terms.Case, Formula], ...]
    gap: Formula


def judged(study: Study, define: core.Define) -> Judged | None:
    """What there is to ask of a value by cases. Translate before the study is settled."""
    cases = define.body
    if not isinstance(cases, terms.Cases):
        return None
    conditions = [case for case in cases.cases if case.condition is not None]
    truths = [study.translator.truth(case.condition, study.env) for case in conditions if case.condition]
    values = [study.translator.value(case.value, study.env) for case in conditions]
    overlaps = []
    if not cases.first_match:
        for later in range(len(conditions)):
            for earlier in range(later):
                differ = study.translator.equal_as_values(values[earlier], values[later], cases.type).false
                raised = _first_found(truths, values, earlier)
                formula = all_of((truths[earlier].true, truths[later].true, differ, raised))
                overlaps.append(Overlap(conditions[earlier], conditions[later], formula))
    covered = len(conditions) < len(cases.cases)
    return Judged(
        tuple(overlaps),
        tuple(zip(conditions, (truth.true for truth in truths), strict=True)),
        FALSE if covered else all_of(truth.false for truth in truths),
    )


def _first_found(truths: list[Tri], values: list[Choice], place: int) -> Formula:
    """The first true case up to ``place`` has no unknown one before it, and its value is known."""
    options: list[Formula] = []
    before: list[Formula] = []
    for number in range(place + 1):
        value = values[number].asks(lambda symbol: Tri(known(symbol), FALSE)).true
        options.append(all_of((*before, truths[number].true, value)))
        before.append(truths[number].false)
    return some_of(options)
