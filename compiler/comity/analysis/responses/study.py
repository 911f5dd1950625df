"""A response laid out in time from its trigger, for the questions about it.

For example, `at once: impose export_ban on {defence} for 90 days` is, for each member and sector, a level on each of
the days on which something turns: in force from the trigger, lapsed 90 days later. What differs between two days, or
between two members, is a term about the export, so each question is a search for an export that shows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from comity.analysis.reciprocity.view import Found, Search, not_true
from comity.base.source import Span
from comity.core.agreements import plain
from comity.core.ast import Response
from comity.core.interpret import Interpreter
from comity.core.responses import Course, exempt, reached
from comity.parts import Impose
from comity.runtime.facts import encode
from comity.runtime.types import RecordType
from comity.terms import FALSE, TRUE, And, Not, Or, Term

NO_RECORD = RecordType("", "Export", ())
"""Of a response that is for no record: it has nothing to say of an export."""


class ResponseStudy:
    """One response, laid out from a day on which its trigger may happen."""

    def __init__(self, interpreter: Interpreter, search: Search, response: Response) -> None:
        self.program = interpreter.program
        self.search = search
        self.response = response
        self.members = [plain(member) for member in response.members]
        fixed = [step.on for step in response.steps if step.on is not None]
        self.start = response.trigger_on or _day_before(fixed, any(step.on is None for step in response.steps))
        self.course = Course(response, self.start)
        self.days = self.course.turning_days()
        self.sectors = response.posture_sectors or response.sectors.members
        self.event: dict[str, object] | None = None
        self._levels: dict[tuple[str, str, int, date], Term] = {}

    def ranks(self) -> Iterator[tuple[int, str]]:
        """Measures by number, the highest first, so that a finding names the most severe measure it is about."""
        members = self.response.measures.members
        return ((rank, members[rank]) for rank in range(len(members) - 1, -1, -1))

    def level(self, member: str, sector: str, rank: int, day: date) -> Term:
        """Whether the level is ``rank`` or above; of measures without an order, whether that one is imposed."""
        key = member, sector, rank, day
        if key not in self._levels:
            if self.response.measures.ordered:
                self._levels[key] = self.course.at_least(member, sector, rank, day)
            else:
                self._levels[key] = self.course.in_force(member, sector, self.response.measures.members[rank], day)
        return self._levels[key]

    def reached(self, sector: str) -> Term:
        """An export of this sector and of no other, so that no other sector's measure stops it."""
        if self.response.reaches is None:
            return TRUE
        others = [reached(self.response, other) for other in self.response.sectors.members if other != sector]
        return And((reached(self.response, sector), Not(Or(tuple(others)))))

    def not_exempt(self, day: date) -> Term:
        return not_true(exempt(self.response, self.course, day)) if self.response.allowing else TRUE

    def is_excused(self, member: str, sector: str) -> bool:
        return any(plain(who) == member and sector in sectors for who, sectors in self.response.cannot_supply)

    def find(self, *wanted: Term) -> Found | None:
        if FALSE in wanted:
            return None
        return self.search(self.response.record or NO_RECORD, And(tuple(wanted)), ())

    def line_of(self, day: date, member: str, sector: str, rank: int) -> Impose | None:
        """The last line that imposes a measure of this rank or above by this member on this sector by a day."""
        measures = self.response.measures.members
        wanted = set(measures[rank:] if self.response.measures.ordered else (measures[rank],))
        lines = [t.line for t in self.course.lines_about(member, sector) if t.start <= day and not t.line.lift]
        return next((line for line in reversed(lines) if wanted & set(line.measures)), None)

    def lapse_span(self, day: date, member: str, sector: str) -> Span:
        """The line that lifts, or the line whose time runs out, on a day."""
        for timed in self.course.lines_about(member, sector):
            if timed.end == day or (timed.line.lift and timed.start == day):
                return timed.line.span
        return self.response.span

    def witness(self, member: str, other: str | None, sector: str, day: int, found: Found) -> dict[str, object]:
        """``member`` lets through what ``other`` stops; ``day`` counts from the trigger; ``event`` triggers."""
        record = self.response.record
        facts = encode(record, found.facts) if record is not None else None
        return {
            "member": member,
            "other": other,
            "sector": sector,
            "day": day,
            "facts": facts,
            "event": self.event,
        }


def _day_before(fixed: list[date], more: bool) -> date:
    """A day on which the trigger may happen: before the first fixed day, so that its step comes later than the others.

    Where all steps are on fixed days, the first of these is when it begins.
    """
    first = min(fixed, default=_ANY_DAY)
    return first - timedelta(days=1) if fixed and more and first > date.min else first


_ANY_DAY = date(2022, 1, 1)
"""Of a response that names no day every day is like any other."""


def in_days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"
