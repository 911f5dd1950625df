"""The questions about one decision after some of its rules have changed: only what the change may reach is asked again.

For example, `when destination == RU` of `rule chips` becomes `when destination == BY`. The rules that may apply in
{destination: RU}, where it applied, or in {destination: BY}, where it applies now, are noted (`Change`); the new boxes
take the place of the old ones in the index; then each question says which of its subjects the change may reach, and
these are asked again, in the order in which they were asked first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from comity.analysis.decision.revisable import same_condition
from comity.analysis.decision.seen import standings
from comity.analysis.questions.change import Change, met, placed
from comity.analysis.questions.model import DecisionModel
from comity.analysis.space.boxes import Box
from comity.core import ast as core
from comity.core.ast import Rule
from comity.runtime.rules import mask_of

Boxes: TypeAlias = Sequence[Box] | None


def revise(
    model: DecisionModel,
    decision: core.Decision,
    changed: Mapping[int, Rule],
    reading: Mapping[int, Boxes],
    read: bool = False,
) -> Change:
    """Take over changed rules of a decision. Nothing is asked again yet.

    ``changed``: by number, the rules that are other objects; they stand to all others as before. ``reading``: the
    rules that read what has changed, each with the boxes outside which what it reads means what it meant (None:
    somewhere). ``read``: rules of other decisions read this one. Raises `Anew`.
    """
    edited = list(changed)
    changed = {**{number: decision.rules[number] for number in reading}, **changed}
    _ = model.seen  # as the rules stood: they are compared with that
    model.study.begin()
    search, rules = model.search, model.search.rules
    conditions = [n for n, rule in changed.items() if n in reading or not same_condition(rules[n], rule)]
    moved = sorted({*conditions, *(n for n, rule in changed.items() if rules[n].outcome != rule.outcome)})
    change = Change(model, changed, {number: rules[number] for number in changed}, moved, edited)
    before = {number: placed(search, number) for number in moved}
    search.revise(decision, changed, list(reading), read)
    again = [(number, boxes, search.extents[number].maybe) for number, boxes in reading.items()]
    change.look_around(before, {n: extent if boxes is None else met(extent, boxes) for n, boxes, extent in again})
    model.decision = decision
    for number, rule in changed.items():
        unit = model.unit_of[number]
        unit.rules[next(place for place, old in enumerate(unit.rules) if old.number == number)] = rule
    _look_at_tests(model, change, conditions)
    return change


def _look_at_tests(model: DecisionModel, change: Change, conditions: Sequence[int]) -> None:
    """Note how the rules stand on the inputs of tests now, and which of these the change touches."""
    search, found = model.search, []
    saying = mask_of(n for n in change.moved if change.before[n].outcome != change.changed[n].outcome)
    for known, standing in zip(model.seen, standings(search, conditions, model.seen), strict=True):
        known.test_input.forget(model.name)
        was = known.standing
        far = (
            was.true == standing.true
            and was.unknown == standing.unknown
            and not saying & (standing.true | standing.unknown)
        )
        if not far:
            change.touched.add(known.test_input)
        outcome = known.outcome if far else search.resolve_at(*standing).outcome
        found.append(known._replace(standing=standing, outcome=outcome))
    model.seen = found
