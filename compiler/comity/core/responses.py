"""Responses in core: what is imposed, by whom, on which sector, on each day after the trigger.

A response is written as steps; `Course` lays them out in time from a trigger on. Whether a measure is in force for a
member and a sector on a day is a term about one export (`this`), so that interpreter, analysis and Python target serve
it like any other condition. `Unfolding` reads a log of events: which triggers started a course, and what lifted it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from comity.checked.ast import Impose, Response, Step
from comity.core.agreements import later, plain
from comity.core.interpret import Interpreter
from comity.core.log import Event
from comity.runtime import kleene
from comity.runtime.kleene import Truth
from comity.runtime.types import SetType
from comity.terms import FALSE, THIS, TRUE, And, Const, Equal, MemberOf, Not, Or, Term


@dataclass(frozen=True, slots=True)
class Course:
    """A response from one trigger on; nothing is imposed before that day, nor from ``lifted`` on."""

    response: Response
    triggered: date
    lifted: date | None = None

    def day_of(self, step: Step) -> date:
        """The day on which a step takes effect; a fixed day before the trigger takes effect with it."""
        if step.after is not None:
            return later(self.triggered, step.after)
        if step.on is not None:
            return max(step.on, self.triggered)
        return self.triggered

    def turning_days(self) -> tuple[date, ...]:
        """The days on which what is imposed may change, ascending, the trigger's day first."""
        days = {self.triggered}
        for step in self.response.steps:
            start = self.day_of(step)
            days.add(start)
            days.update(later(start, line.duration) for line in step.lines if line.duration is not None)
        if self.lifted is not None:
            days.add(self.lifted)
        return tuple(sorted(day for day in days if day >= self.triggered))

    def in_force(self, member: str, sector: str, measure: str, day: date, conditions: bool = True) -> Term:
        """Whether a measure is in force, as a term about the export.

        Without ``conditions`` the question is whether it is imposed on some exports at all: `when` is taken to hold
        where it imposes, and not to hold where it lifts.
        """
        if day < self.triggered or (self.lifted is not None and day >= self.lifted):
            return FALSE
        state: Term = FALSE
        steps = sorted(self.response.steps, key=self.day_of)
        for step in steps:
            start = self.day_of(step)
            if start > day:
                break
            for line in step.lines:
                if not _about(line, member, sector, measure):
                    continue
                if line.duration is not None and day >= later(start, line.duration):
                    continue
                state = _after(state, line, conditions)
        return state

    def at_least(self, member: str, sector: str, rank: int, day: date) -> Term:
        """Whether the level is measure number ``rank`` or above, for an ordered enum of measures."""
        above = self.response.measures.members[rank:]
        return _any([self.in_force(member, sector, measure, day) for measure in above])


def _about(line: Impose, member: str, sector: str, measure: str) -> bool:
    return measure in line.measures and sector in line.sectors and (not line.members or member in line.members)


def _after(state: Term, line: Impose, conditions: bool) -> Term:
    """What is in force after one line of a step."""
    if line.lift:
        if line.when is None:
            return FALSE
        return And((state, Not(line.when))) if conditions else state
    if line.when is None or not conditions:
        return TRUE
    return _any([state, line.when])


def _any(operands: Iterable[Term]) -> Term:
    kept = [each for each in operands if each != FALSE]
    if TRUE in kept:
        return TRUE
    return kept[0] if len(kept) == 1 else Or(tuple(kept))


def reached(response: Response, sector: str) -> Term:
    """Whether an export belongs to a sector, as the field after `reaches` says; without one, every export does."""
    if response.reaches is None:
        return TRUE
    member = Const(sector, response.sectors)
    if isinstance(response.reaches.type, SetType):
        return MemberOf(member, response.reaches)
    return Equal(response.reaches, member, response.sectors)


def exempt(response: Response, course: Course, day: date) -> Term:
    """Whether a wind-down (`allowing … [until day N]`) exempts an export on a day."""
    after = (day - course.triggered).days
    return _any(a.condition for a in response.allowing if a.until_day is None or after <= a.until_day)


@dataclass(frozen=True, slots=True)
class Imposed:
    """One measure on one sector by one member; ``truth`` None where facts are missing to say."""

    measure: str
    sector: str
    member: str
    truth: Truth


class Unfolding:
    """One response under a log of events, which may come in any order; equal ids count once.

    An event of the trigger's record starts a course when the trigger's condition holds, and ends the one that runs
    when `lift when` holds. A fixed `trigger … on DATE` without events starts one on that day.
    """

    def __init__(self, interpreter: Interpreter, response: Response, events: Iterable[Event] = ()) -> None:
        self.interpreter = interpreter
        self.response = response
        unique = {event.id: event for event in events}
        self.events = sorted(unique.values(), key=lambda event: (event.day, event.id))
        self.courses = tuple(self._courses())
        self.undetermined = tuple(e for e in self.events if self._starts(e) is None)

    def _starts(self, event: Event) -> Truth:
        response = self.response
        if response.event is None or event.record not in (None, response.event.name) or event.kind == "lift":
            return False
        if response.trigger_on is not None and event.day < response.trigger_on:
            return False
        return True if response.trigger is None else self._holds(response.trigger, event)

    def _ends(self, event: Event) -> Truth:
        response = self.response
        if response.lift_when is None or (
            response.event is not None and event.record not in (None, response.event.name)
        ):
            return False
        return self._holds(response.lift_when, event)

    def _holds(self, condition: Term, event: Event) -> Truth:
        truth: Truth = self.interpreter.evaluate(condition, {THIS: event.facts}, event.day)
        return truth

    def _courses(self) -> Iterator[Course]:
        running: date | None = None
        if self.response.trigger_on is not None and self.response.trigger is None:
            running = self.response.trigger_on
        for event in self.events:
            if running is None:
                if self._starts(event) is True and self._ends(event) is not True:
                    running = event.day
            elif self._ends(event) is True:
                # Only what is certain lifts: a doubtful lift leaves the measures in force.
                yield Course(self.response, running, event.day)
                running = None
        if running is not None:
            yield Course(self.response, running)

    def imposed(self, day: date, export: Mapping[str, object] | None = None) -> tuple[Imposed, ...]:
        """What is imposed on a day, by member, sector and measure in declared order.

        With ``export`` (run-time facts of the response's record) only what catches that export; without, every
        measure that is in force for some.
        """
        found: dict[tuple[str, str, str], Truth] = {}
        for course in self.courses:
            for key in self._questions():
                measure, sector, member = key
                term = course.in_force(member, sector, measure, day, conditions=export is not None)
                if export is not None:
                    term = And((reached(self.response, sector), term))
                truth = self.interpreter.evaluate(term, {THIS: export}, day)
                if truth is not False:
                    found[key] = kleene.any_of((found.get(key, False), truth))
        return tuple(Imposed(measure, sector, member, truth) for (measure, sector, member), truth in found.items())

    def _questions(self) -> Iterator[tuple[str, str, str]]:
        for measure in self.response.measures.members:
            for sector in self.response.sectors.members:
                for member in self.response.members:
                    yield measure, sector, plain(member)

    def turning_days(self) -> tuple[date, ...]:
        """Every day on which what is imposed may change."""
        return tuple(sorted({day for course in self.courses for day in course.turning_days()}))

    def on_day(self, number: int) -> date | None:
        """The calendar day that is ``number`` days after the first trigger (day 0)."""
        if not self.courses:
            return None
        return self.courses[0].triggered + timedelta(days=number)
