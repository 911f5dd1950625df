"""What questions have found, as plain values: so that another process need not ask them again.

Example: of rule 7 it was seen that it applies and decides somewhere in {destination: RU}. That is kept as
`[1, 1, 0, null, 0, [[[2, 64]]], …]`, and when the same program has been read again, and its conditions are boxes again,
the unit of rule 7 is told so, and L202 and L203 are not asked of it.

Only an analysis of the very same program may be told. What came of it then is as if it had asked itself: an edit finds
the same state of things (`incremental/recheck.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import field
from typing import Any, NamedTuple, TypeAlias, TypeGuard

from comity.analysis.decision.study import Undecided
from comity.analysis.decision.test_inputs import TestInput
from comity.analysis.incremental.conditions import kept_conditions
from comity.analysis.incremental.masks import mask_of, plain_mask
from comity.analysis.questions.findings import Findings
from comity.analysis.questions.model import DecisionModel
from comity.analysis.questions.runner import DecisionRunner
from comity.analysis.questions.units import Unit
from comity.analysis.space.boxes import Box
from comity.base.diagnostics import Diagnostic
from comity.base.source import Span
from comity.base.stored import decoded, encoded
from comity.core import ast as core
from comity.runtime.light import dataclass
from comity.runtime.rules import bits, union

Plain: TypeAlias = Any
"""A JSON value."""

Windows: TypeAlias = dict[tuple[str, int], list[Diagnostic]]
"""The findings about windows of rules, by decision and number of the rule."""

Places: TypeAlias = Callable[[Span], Span]
"""From a place in one text to the same place in another."""


@dataclass(frozen=True, slots=True)
class Told:
    """What an analysis has kept (`Analysis.answers`); ``places``: where its places are now.

    ``added``: rules by module and name that were not there then, and never apply so far. So what was found is what
    there is to find of all others, which only have other numbers.
    """

    answers: Mapping[str, Plain]
    places: Places
    added: frozenset[tuple[str, str]] = frozenset()
    _findings: dict[str, list[list[Diagnostic]]] = field(default_factory=dict)
    """Those of each study."""

    def of(self, study: str) -> Plain:
        """None if nothing is kept of it."""
        return self.answers["studies"].get(study)

    def findings(self, study: str) -> list[list[Diagnostic]]:
        """What is kept of all questions of a study, by question."""
        if study not in self._findings:
            kept = self.answers["studies"][study]["findings"]
            self._findings[study] = [[decoded(each).with_spans(self.places) for each in found] for *_, found in kept]
        return self._findings[study]

    def windows(self, program: core.Program) -> Windows:
        """What is kept of windows of rules. Raises what comes of answers that are not those of a program."""
        numbers = {qname: self.numbers(decision) for qname, decision in program.decisions.items()}
        return {
            (decision, numbers[decision][number]): [decoded(each).with_spans(self.places) for each in found]
            for decision, number, found in self.answers["windows"]
        }

    def numbers(self, decision: core.Decision) -> list[int]:
        """For each rule that there was the number that it has now."""
        return [rule.number for rule in decision.rules if (rule.module, rule.family) not in self.added]

    def units(self, model: DecisionModel) -> list[Unit]:
        """The rules as declared that there were."""
        return [unit for unit in model.units if (unit.rules[0].module, unit.name) not in self.added]


class NotKept(Exception):
    """Something has no form in which it could be kept, or what was kept is not of this program."""


def kept_windows(windows: Windows) -> Plain:
    """The findings about windows of rules."""
    return [[decision, number, list(map(encoded, found))] for (decision, number), found in windows.items() if found]


def kept_findings(findings: Findings, units: Mapping[str, Sequence[Unit]]) -> Plain:
    """All findings of a study, by what was asked. ``units``: of each decision. Raises `NotKept`."""
    numbers = {decision: {unit: number for number, unit in enumerate(own)} for decision, own in units.items()}
    return [
        [_plain(asked[:-1]), _plain_subject(asked, numbers), [encoded(each) for each in found]]
        for asked, found in findings.by_question.items()
    ]


def tell_findings(
    findings: Findings,
    kept: Plain,
    found_before: Sequence[list[Diagnostic]],
    models: Mapping[str, DecisionModel],
    told: Told,
) -> None:
    """The opposite of `kept_findings`. ``found_before``: what they were, in the same order; ``models``: of the
    decisions.
    """
    nothing = _Now((), (), told.places)
    now = {qname: _now(model, told) for qname, model in models.items()}
    for (asked, subject, _), found in zip(kept, found_before, strict=True):
        about = _value(asked, nothing)
        whole = (*about, _value(subject, now.get(about[-1], nothing)))
        findings.by_question[whole] = list(found)


def _plain_subject(asked: tuple[Hashable, ...], numbers: Mapping[str, Mapping[Unit, int]]) -> Plain:
    own = numbers.get(str(asked[-2]), {}) if len(asked) > 1 else {}
    return _plain(asked[-1], own)


def kept_answers(runner: DecisionRunner, axes: int) -> Plain:
    """What is known of the rules of a decision, and what its questions remember. Raises `NotKept`.

    ``axes``: how many there were before anything was asked about decisions. Those that questions have made since then
    mean nothing to another process, as it makes its own: boxes are kept without them (`_around`).
    """
    units = runner.model.units
    numbers = {unit: number for number, unit in enumerate(units)}
    places = {test_input: place for place, test_input in enumerate(runner.model.study.test_inputs)}
    return {
        "units": [_unit(unit, places, axes) for unit in units],
        "conditions": kept_conditions(runner.model.search),
        "questions": [
            None if (memory := question.memory()) is None else _plain(memory, numbers, axes)
            for question in runner.questions
        ],
    }


def tell_answers(runner: DecisionRunner, kept: Plain, told: Told) -> None:
    """The opposite of `kept_answers`. What a question does not remember it is asked. Raises `NotKept`."""
    model = runner.model
    now = _now(model, told)
    if len(kept["units"]) != len(now.units) or len(kept["questions"]) != len(runner.questions):
        raise NotKept
    for unit, known in zip(now.units, kept["units"], strict=True):
        _tell_unit(model, unit, known, now.numbers)
    for question, memory in zip(runner.questions, kept["questions"], strict=True):
        if memory is None:
            runner.ask(question)
        else:
            question.recall(_value(memory, now))


# --------------------------------------------------------------------------------------------- units


def _unit(unit: Unit, places: Mapping[TestInput, int], axes: int) -> Plain:
    return [
        unit.applies,
        unit.decides,
        unit.matters,
        unit.flaw,
        unit.is_open,
        [_box(_around(box, axes)) for box in unit.regions],
        [places[test_input] for test_input in unit.tests],
        [_box(box) for box in unit.learnt if _fits(box, axes)],
        None if unit.relies_on is None else plain_mask(unit.relies_on),
    ]


def _tell_unit(model: DecisionModel, unit: Unit, known: Plain, numbers: Sequence[int]) -> None:
    unit.applies, unit.decides, unit.matters, unit.flaw, unit.is_open, regions, tests, learnt, relies_on = known
    unit.regions = list(map(_box_of, regions))
    unit.tests = [model.study.test_inputs[place] for place in tests]
    unit.learnt = list(map(_box_of, learnt))
    unit.relies_on = None if relies_on is None else union(1 << numbers[number] for number in bits(mask_of(relies_on)))


# --------------------------------------------------------------------------------------------- values


def _fits(box: Box, axes: int | None) -> bool:
    return axes is None or all(axis < axes for axis in box)


def _around(box: Box, axes: int | None) -> Box:
    """A box around one in which something is seen: what it says of the axes that other processes have too."""
    return box if axes is None else {axis: mask for axis, mask in box.items() if axis < axes}


def _box(box: Box) -> Plain:
    return [[axis, plain_mask(mask)] for axis, mask in box.items()]


def _box_of(plain: Plain) -> Box:
    return {axis: mask_of(mask) for axis, mask in plain}


def _plain(value: object, units: Mapping[Unit, int] | None = None, axes: int | None = None) -> Plain:
    """A value of a question's memory; each that JSON does not know is a list that begins with its kind.

    A list of boxes says where no input lies, and is kept without those that speak of later axes than ``axes``; a box by
    itself says where something is seen.
    """
    match value:
        case None | bool() | str():
            return value
        case int():
            return ["int", plain_mask(value)]
        case Span():
            return ["span", value.path, value.start, value.end, value.line, value.column, value.end_line,
                    value.end_column]  # fmt: skip
        case Unit():
            if units is None or value not in units:
                raise NotKept
            return ["unit", units[value]]
        case Undecided():
            return ["undecided", value.why, value.help]
        case tuple():
            return ["tuple", *(_plain(each, units, axes) for each in value)]
        case list():
            fitting = [each for each in value if not _is_box(each) or _fits(each, axes)]
            return ["list", *(_plain(each, units, axes) for each in fitting)]
        case dict():
            if _is_box(value):
                value = _around(value, axes)
            return ["dict", *([_plain(key, units, axes), _plain(each, units, axes)] for key, each in value.items())]
    raise NotKept


def _is_box(value: object) -> TypeGuard[Box]:
    return isinstance(value, dict) and all(isinstance(key, int) for key in value)


class _Now(NamedTuple):
    """What is meant now by what was kept: by the numbers of rules as declared, by those of rules, and by places."""

    units: Sequence[Unit]
    numbers: Sequence[int]
    places: Places


def _now(model: DecisionModel, told: Told) -> _Now:
    return _Now(told.units(model), told.numbers(model.decision), told.places)


def _value(plain: Plain, now: _Now) -> Any:
    """The opposite of `_plain`. Integers in a tuple are numbers of rules."""
    if not isinstance(plain, list):
        return plain
    kind, *parts = plain
    match kind:
        case "int":
            return mask_of(parts[0])
        case "span":
            return now.places(Span(*parts))
        case "unit":
            return now.units[parts[0]]
        case "undecided":
            why, help = parts
            return Undecided(why, help)
        case "tuple":
            values = tuple(_value(each, now) for each in parts)
            return tuple(now.numbers[each] if type(each) is int else each for each in values)
        case "list":
            return [_value(each, now) for each in parts]
        case "dict":
            return {_value(key, now): _value(each, now) for key, each in parts}
    raise NotKept
