"""Responses in core: what is imposed, by whom, on which sector, on each day after the trigger.

A response is written as steps; `Course` lays them out in time from a trigger on. Whether a measure is in force for a
member and a sector on a day is a term about one export (`this`), so that interpreter, analysis and Python target serve
it like any other condition. `Unfolding` reads a log of events: which triggers started a course, and what lifted it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import cached_property

from comity.core.agreements import later, plain
from comity.core.ast import Response
from comity.core.interpret import Interpreter
from comity.core.log import Event, in_order
from comity.parts import Impose, Step
from comity.runtime import kleene
from comity.runtime.kleene import Truth
from comity.runtime.light import dataclass
from comity.runtime.types import SetType
from comity.terms import FALSE, THIS, TRUE, And, Const, Equal, MemberOf, Not, Or, Term


@dataclass(frozen=True, slots=True)
class Timed:
    """A line of a step from the day it takes effect until (not on) the day it lapses by itself."""

    line: Impose
    step: Step
    start: date
    end: date | None


@dataclass(frozen=True)
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

    @cached_property
    def lines(self) -> tuple[Timed, ...]:
        """The lines of all steps, in the order in which they take effect."""
        timed = []
        for step in sorted(self.response.steps, key=self.day_of):
            start = self.day_of(step)
            for line in step.lines:
                timed.append(Timed(line, step, start, None if line.duration is None else later(start, line.duration)))
        return tuple(timed)

    def lines_about(self, member: str, sector: str) -> tuple[Timed, ...]:
        """Those of the lines that speak of a member and a sector."""
        return self._by_place.get((member, sector), ())

    @cached_property
    def _by_place(self) -> dict[tuple[str, str], tuple[Timed, ...]]:
        members = [plain(member) for member in self.response.members]
        found: dict[tuple[str, str], list[Timed]] = {}
        for timed in self.lines:
            for member in map(plain, timed.line.members) if timed.line.members else members:
                for sector in timed.line.sectors:
                    found.setdefault((member, sector), []).append(timed)
        return {place: tuple(lines) for place, lines in found.items()}

    def turning_days(self) -> tuple[date, ...]:
        """The days on which what is imposed may change, ascending, the trigger's day first."""
        return tuple(sorted(day for day in {self.triggered, *self._turns(self.lines)} if day >= self.triggered))

    def turns_about(self, member: str, sector: str) -> frozenset[date]:
        """The days on which what a member imposes on a sector may change."""
        return self._turns_by_place.get((member, sector), frozenset())

    @cached_property
    def _turns_by_place(self) -> dict[tuple[str, str], frozenset[date]]:
        return {place: frozenset(self._turns(lines)) for place, lines in self._by_place.items()}

    def _turns(self, lines: Iterable[Timed]) -> Iterator[date]:
        for timed in lines:
            yield timed.start
            if timed.end is not None:
                yield timed.end
        if self.lifted is not None:
            yield self.lifted

    def in_force(self, member: str, sector: str, measure: str, day: date, conditions: bool = True) -> Term:
        """Whether a measure is in force, as a term about the export.

        Without ``conditions`` the question is whether it is imposed on some exports at all: `when` is taken to hold
        where it imposes, and not to hold where it lifts.
        """
        state: Term = FALSE
        if day < self.triggered or (self.lifted is not None and day >= self.lifted):
            return state
        for timed in self.lines_about(member, sector):
            if timed.start <= day and (timed.end is None or day < timed.end) and measure in timed.line.measures:
                state = _after(state, timed.line, conditions)
        return state

    def at_least(self, member: str, sector: str, rank: int, day: date) -> Term:
        """Whether the level is measure number ``rank`` or above, for an ordered enum of measures."""
        above = self.response.measures.members[rank:]
        return _any([self.in_force(member, sector, measure, day) for measure in above])


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

    Every event of the trigger's record for which the trigger's condition holds starts a course, beside those that run:
    an invasion after the first one's measures have lapsed is answered like the first. An event for which `lift when`
    holds ends all that run; so does a `lift` that states no facts. A fixed `trigger … on DATE` without condition starts
    one on that day. What members report that they impose or lift by acts of their own comes on top.
    """

    def __init__(self, interpreter: Interpreter, response: Response, events: Iterable[Event] = ()) -> None:
        self.interpreter = interpreter
        self.response = response
        self.events = in_order(events)
        self.courses = tuple(self._courses())
        self.undetermined = tuple(e for e in self.events if self._starts(e) is None)
        """Events that may have started a course."""

    def _starts(self, event: Event) -> Truth:
        response = self.response
        if response.event is None or event.record != response.event.name or event.kind == "lift":
            return False
        if response.trigger_on is not None and event.day < response.trigger_on:
            return False
        return True if response.trigger is None else self._holds(response.trigger, event)

    def _ends(self, event: Event) -> Truth:
        response = self.response
        if event.kind == "lift" and event.record is None:
            return True
        if response.lift_when is None or response.event is None or event.record != response.event.name:
            return False
        return self._holds(response.lift_when, event)

    def _holds(self, condition: Term, event: Event) -> Truth:
        truth: Truth = self.interpreter.evaluate(condition, {THIS: event.facts}, event.day)
        return truth

    def _courses(self) -> Iterator[Course]:
        running: list[date] = []
        if self.response.trigger_on is not None and self.response.trigger is None:
            running.append(self.response.trigger_on)
        for event in self.events:
            # Only what is certain lifts: a doubtful lift leaves the measures in force.
            if self._ends(event) is True:
                yield from (Course(self.response, day, event.day) for day in running if day <= event.day)
                running = [day for day in running if day > event.day]
            elif self._starts(event) is True and event.day not in running:
                running.append(event.day)
        yield from (Course(self.response, day) for day in running)

    def doubtful(self, day: date) -> tuple[Event, ...]:
        """The events that may have started a course which no lift has ended by a day."""
        met: list[Event] = []
        for event in self.events:
            if event.day > day:
                break
            if self._ends(event) is True:
                met.clear()
            elif event in self.undetermined:
                met.append(event)
        return tuple(met)

    def imposed(self, day: date, export: Mapping[str, object] | None = None) -> tuple[Imposed, ...]:
        """What is imposed on a day, by member, sector and measure in declared order.

        With ``export`` (run-time facts of the response's record) only what catches that export, so nothing that the
        response exempts; without, every measure that is in force for some.
        """
        found: dict[tuple[str, str, str], Truth] = {}
        for key in self._acted(day):
            truth = True if export is None else self._reaches(key[1], export, day)
            if truth is not False:
                found[key] = truth
        for course in self.courses:
            for key in self._questions():
                measure, sector, member = key
                term = course.in_force(member, sector, measure, day, conditions=export is not None)
                if export is not None:
                    term = And((reached(self.response, sector), Not(exempt(self.response, course, day)), term))
                truth = self.interpreter.evaluate(term, {THIS: export}, day)
                if truth is not False:
                    found[key] = kleene.any_of((found.get(key, False), truth))
        return tuple(
            Imposed(measure, sector, member, found[measure, sector, member])
            for measure, sector, member in self._questions()
            if (measure, sector, member) in found
        )

    def _acted(self, day: date) -> set[tuple[str, str, str]]:
        """What members have imposed by acts of their own, and not lifted again, by a day."""
        standing: set[tuple[str, str, str]] = set()
        for event in self.events:
            if event.day <= day and event.measure is not None and event.sector is not None and event.party is not None:
                key = event.measure, event.sector, event.party
                if event.verb == "impose":
                    standing.add(key)
                else:
                    standing.discard(key)
        return standing

    def _reaches(self, sector: str, export: Mapping[str, object], day: date) -> Truth:
        truth: Truth = self.interpreter.evaluate(reached(self.response, sector), {THIS: export}, day)
        return truth

    def _questions(self) -> Iterator[tuple[str, str, str]]:
        for measure in self.response.measures.members:
            for sector in self.response.sectors.members:
                for member in self.response.members:
                    yield measure, sector, plain(member)

    def turning_days(self) -> tuple[date, ...]:
        """Every day on which what is imposed may change, or what is known of it."""
        acted = {event.day for event in self.events if event.measure is not None or event in self.undetermined}
        if self.undetermined:
            acted |= {event.day for event in self.events if self._ends(event) is True}
        return tuple(sorted(acted.union(*(course.turning_days() for course in self.courses))))

    def on_day(self, number: int) -> date | None:
        """The calendar day that is ``number`` days after the first trigger (day 0)."""
        if not self.courses:
            return None
        return self.courses[0].triggered + timedelta(days=number)
