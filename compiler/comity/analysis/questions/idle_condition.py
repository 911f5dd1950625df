"""A line that is always true, or always false, where it stands.

Judged over the inputs that keep the `always` lines, fall in the window and pass the lines above it; in a definition
with parameters, where these are known. It can go, or it does not say what was meant. A line that is the reason why its
rule never applies is not reported beside that (L202), but any other line of such a rule is. The fix takes the line out
where the other lines of its block say the same without it.

Fires on:

    rule chips for licensing:
        when all:
            item.eccn within 3A001
            item.eccn.category == 3  # L208
            destination == RU
        then license_required

    define is_chip for Export:
        item.eccn within 3A001 and item.eccn.category == 4  # L208

Quiet on:

    rule chips for licensing:
        when all:
            item.eccn within 3A001
            destination == RU
        then license_required
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from comity.analysis.decision.lines import Reached, in_lines, lines
from comity.analysis.decision.study import Study
from comity.analysis.questions.change import Change, in_order
from comity.analysis.questions.model import DecisionModel, DefinitionModel
from comity.analysis.questions.question import DecisionQuestion, DefinitionQuestion, Repairs
from comity.analysis.questions.units import Unit
from comity.analysis.space.boxes import Box
from comity.analysis.space.formulas import TRUE, Formula
from comity.base.diagnostics import Diagnostic, Fix
from comity.base.source import Span
from comity.core.ast import Rule


class IdleLine(DecisionQuestion[Unit]):
    """Is a line of `when` always the same where inputs reach it? The lines of a family are one line each."""

    code = "L208"
    words = "the lines of {}"
    about_rules = True
    rests_on = ("L202",)

    def __init__(self, model: DecisionModel) -> None:
        super().__init__(model)
        self._lines: dict[int, list[Reached]] = {}
        """By rule; of one whose boxes are known they are found when they are asked for."""
        conditions = model.search.conditions
        for rule in model.decision.rules if self.is_asked else ():
            if rule.number not in conditions.known:
                size = model.study.space.size
                self._lines[rule.number] = self._lines_of(rule)
                if model.study.space.size != size:
                    conditions.founders.add(rule.number)
        self._lessons: list[Box] = []
        """What questions about rules have found to be impossible."""
        self._searched: dict[Unit, list[Box]] = {}
        """The lessons of the time when an input was searched for, by rules for which one was."""

    def lines(self, rule: Rule) -> list[Reached]:
        found = self._lines.get(rule.number)
        if found is None:
            found = self._lines[rule.number] = self._lines_of(rule)
        return found

    def _lines_of(self, rule: Rule) -> list[Reached]:
        if rule.when is None:
            return []
        translator = self.model.study.translator
        reach = TRUE if rule.window is None else translator.in_window(rule.window).true
        return list(lines(translator, rule.when, self.model.study.env, reach))

    def subjects(self) -> Iterable[Unit]:
        return self.model.units

    def ask(self, subject: Unit) -> None:
        self._searched.pop(subject, None)
        by_span = _by_span(line for rule in subject.rules for line in self.lines(rule))
        begin = partial(self._begin_search, subject)
        values = {
            span: self.model.settle(partial(idle, self.model.study, places, begin), "whether a line is idle", subject)
            for span, places in by_span.items()
        }
        for span, value in values.items():
            fatal = by_span[span][0].fatal
            is_reason = fatal is not None and all(values[each] is False for each in fatal)
            if isinstance(value, bool) and not (subject.flaw == "L202" and is_reason):
                self.report(message_of(value), span, (subject.name,), help=HELP)

    def prepare(self, subjects: Sequence[Unit]) -> None:
        self._look_up_lessons()

    def _look_up_lessons(self) -> None:
        lessons = self.model.lessons()
        if lessons != self._lessons:
            self._lessons = lessons

    def _begin_search(self, unit: Unit) -> None:
        """What questions about rules have found to be impossible is known to the first search, and so to the others."""
        if unit not in self._searched:
            self._searched[unit] = self._lessons
            self.model.study.begin(self._lessons)

    def memory(self) -> object:
        """The lessons, and the rules for which an input was searched with them."""
        current = all(lessons is self._lessons for lessons in self._searched.values())
        return (self._lessons, list(self._searched)) if current else None

    def recall(self, memory: tuple[list[Box], list[Unit]]) -> None:
        self._lessons, searched = memory
        self._searched = dict.fromkeys(searched, self._lessons)

    def knowledge(self, subjects: Sequence[Unit]) -> object:
        return [unit for unit in subjects if unit in self._searched]

    def know(self, subjects: Sequence[Unit], knowledge: list[Unit]) -> None:
        self._look_up_lessons()
        self._searched |= dict.fromkeys(knowledge, self._lessons)

    def outdated(self) -> Iterable[Unit]:
        """The lessons were others when lines were searched."""
        self._look_up_lessons()
        return in_order(unit for unit, known in self._searched.items() if known is not self._lessons)

    def to_ask_again(self, change: Change) -> Iterable[Unit]:
        """Lines are judged by their own rule alone, but kept to themselves if they are why it never applies."""
        for number, rule in change.changed.items():
            self._lines[number] = self._lines_of(rule)
        return in_order([*change.units, *change.flawed])


class IdleLineOfDefinition(DefinitionQuestion):
    """Is a line of a definition always the same where inputs reach it?"""

    code = "L208"
    words = "lines"

    def __init__(self, model: DefinitionModel) -> None:
        super().__init__(model)
        translator = model.study.translator
        self._body = in_lines(model.define.body)  # kept, since the translator knows lines by their identity
        reached = lines(translator, self._body, model.study.env, translator.known_parameters)
        self._lines = _by_span(reached if self.is_asked else ())

    def applies(self) -> bool:
        return bool(self._lines)

    def ask(self, subject: str) -> None:
        for span, places in self._lines.items():
            value = self.model.settle(
                partial(idle, self.model.study, places, _knowing_nothing), "whether a line is idle"
            )
            if isinstance(value, bool):
                self.report(message_of(value), span, (self.model.define.name,), help=HELP)


QUESTIONS = (IdleLine, IdleLineOfDefinition)

HELP = "remove it, or correct it"


def idle(study: Study, places: Sequence[Reached], begin_search: Callable[[], None]) -> bool | None:
    """Holds iff a line is never unknown and always the same where inputs reach it (L208): which it is, or None.

    ``begin_search`` is called before each search for an input, where no test shows one.
    """

    def met(part: Callable[[Reached], Formula]) -> bool:
        if any(study.shown(part(place)) for place in places):
            return True
        begin_search()
        return any(study.satisfy(part(place)) for place in places)

    true, false = met(lambda place: place.true), met(lambda place: place.false)
    if true == false or met(lambda place: place.unknown):
        return None
    return true


def _knowing_nothing() -> None:
    """A search about a definition begins without lessons."""


def message_of(value: bool) -> str:
    return f"this line is always {'true' if value else 'false'} where it stands"


def _by_span(places: Iterable[Reached]) -> dict[Span, list[Reached]]:
    found: dict[Span, list[Reached]] = {}
    for place in places:
        found.setdefault(place.span, []).append(place)
    return found


def fix(repairs: Repairs, d: Diagnostic) -> Fix | None:
    """Take the line out where its block says the same without it: always true in `all:`, always false elsewhere."""
    return repairs.take_out_line(d.span, d.message == message_of(True))
