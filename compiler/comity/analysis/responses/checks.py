"""What responses owe to their posture: the S-codes, each a question about one export on one day.

A response is laid out in time from its trigger (`core.responses.Course`). What differs between two days, or between
two members, is a term about the export, so each question is one search for an export that shows it. Example: with
`start_high_stay_high`, `at once` imposes on {finance} and `after 6 months` lifts it. For each step, an export is sought
which a measure reaches before and not from that day on: a bank transfer shows that the response lets up (S402).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import date, timedelta
from typing import TypeAlias

from comity.analysis.reciprocity.view import Found, Search, Undecided, not_true
from comity.base.diagnostics import Diagnostic, Related, diagnostic
from comity.base.source import Span
from comity.checked.ast import Response
from comity.core.agreements import later, plain
from comity.core.interpret import Interpreter
from comity.core.responses import Course, exempt, reached
from comity.parts import Impose, TimeSpan
from comity.runtime.facts import encode
from comity.runtime.types import RecordType
from comity.runtime.values import add_months
from comity.terms import FALSE, TRUE, And, Not, Or, Term

Ask: TypeAlias = Callable[[Term], Found | None]
"""Finds an export (and a day) of which a term is true."""

NO_RECORD = RecordType("", "Export", ())
"""Of a response that is for no record: it has nothing to say of an export."""


def analyse_responses(
    interpreter: Interpreter, search: Search, codes: Collection[str] | None = None
) -> list[Diagnostic]:
    """The findings about the responses of a program, in the order of the questions.

    ``codes``: only questions that one of them answers are asked (None: all). L200 comes with each that is left open.
    """
    found: list[Diagnostic] = []
    for response in interpreter.program.responses.values():
        found += _Study(interpreter, search, response, codes).findings()
    return found


class _Study:
    """One response, laid out from a day on which its trigger may happen."""

    def __init__(
        self, interpreter: Interpreter, search: Search, response: Response, codes: Collection[str] | None
    ) -> None:
        self.codes = None if codes is None else frozenset(codes)
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

    def findings(self) -> Iterator[Diagnostic]:
        # The others show the event that is found here.
        yield from self._asked("S404 S401 S402 S403", self._never_triggered, "its trigger is ever met")
        yield from self._asked("L202", self._idle_lines, "its steps ever apply")
        if self.response.posture == "start_high_stay_high":
            yield from self._asked("S401", self._starts_low, "a later step exceeds the first day")
        if self.response.posture != "none":
            yield from self._asked("S402", self._lets_up, "a measure lapses before the lift")
        if self.response.aligned:
            yield from self._asked("S403", self._gap, "its members are aligned")

    def _asked(self, codes: str, question: Callable[[], Iterator[Diagnostic]], words: str) -> Iterator[Diagnostic]:
        """The findings of a question, if one of ``codes`` is asked for; L200 if it is left open."""
        if self.codes is not None and self.codes.isdisjoint(codes.split()):
            return
        name = self.response.name
        try:
            yield from question()
        except Undecided as why:
            message = f"it was not settled for `{name}` whether {words}: {why}"
            yield diagnostic("L200", message, self.response.span, subjects=(name,))

    # ------------------------------------------------------------------------------------- trigger, lines

    def _never_triggered(self) -> Iterator[Diagnostic]:
        """S404 holds iff no event meets the trigger (and none does on or after its day, if it names one)."""
        response = self.response
        if response.event is None or response.trigger is None:
            return
        found = self.search(response.event, response.trigger, ())
        if found is None:
            yield diagnostic(
                "S404",
                f"no event triggers `{response.name}`",
                response.node.trigger.span if response.node.trigger is not None else response.span,
                subjects=(response.name,),
                help="the trigger's condition can never be true",
            )
            return
        facts = encode(response.event, found.facts)
        self.event = facts if isinstance(facts, dict) else None

    def _idle_lines(self) -> Iterator[Diagnostic]:
        """L202 holds of a line iff no export meets its condition."""
        for step in self.response.steps:
            for line in step.lines:
                if line.when is not None and self._find(line.when) is None:
                    yield diagnostic(
                        "L202",
                        f"no export meets the condition of this line of `{self.response.name}`",
                        line.span,
                        subjects=(self.response.name,),
                    )

    # ------------------------------------------------------------------------------------- posture

    def _starts_low(self) -> Iterator[Diagnostic]:
        """S401 holds of a step iff for some export it raises a measure's level above that of the first day.

        One finding per line that raises the level.
        """
        told: set[Span] = set()
        for before, day in zip(self.days, self.days[1:], strict=False):
            for sector in self.sectors:
                for member in self.members:
                    for rank, name in self._ranks():
                        now = self._level(member, sector, rank, day)
                        then = self._level(member, sector, rank, self.start)
                        last = self._level(member, sector, rank, before)
                        raising = self._line_of(day, member, sector, rank)
                        if now in (then, last, FALSE) or raising is None or raising.span in told:
                            continue
                        risen = And((now, not_true(then), not_true(last)))
                        found = self._find(self._reached(sector), risen, self._not_exempt(day))
                        if found is None:
                            continue
                        told.add(raising.span)
                        after = (day - self.start).days
                        yield diagnostic(
                            "S401",
                            f"`{self.response.name}` starts low on {sector}: {name} comes only after {_days(after)}",
                            raising.span,
                            related=(Related("the posture", self._posture_span()),),
                            subjects=(self.response.name,),
                            witness=self._witness(member, None, sector, after, found),
                            help="impose it at once, or declare another posture for this sector",
                        )

    def _lets_up(self) -> Iterator[Diagnostic]:
        """S402 holds of a day iff for some export a level of an earlier day has lapsed on it, without the lift."""
        told: set[tuple[str, int]] = set()
        for before, day in zip(self.days, self.days[1:], strict=False):
            for sector in self.sectors:
                for member in self.members:
                    if day not in self.course.turns_about(member, sector):
                        continue
                    for rank, name in self._ranks():
                        then = self._level(member, sector, rank, before)
                        now = self._level(member, sector, rank, day)
                        key = (sector, (day - self.start).days)
                        if then in (now, FALSE) or key in told:
                            continue
                        found = self._find(self._reached(sector), then, not_true(now), self._not_exempt(day))
                        if found is None:
                            continue
                        told.add(key)
                        yield diagnostic(
                            "S402",
                            f"`{self.response.name}` lets up on {sector}: {name} lapses after {_days(key[1])}, "
                            "before the lift",
                            self._lapse_span(day, member, sector),
                            related=(Related("the posture", self._posture_span()),),
                            subjects=(self.response.name,),
                            witness=self._witness(member, None, sector, key[1], found),
                            help="keep it until the lift, or exempt wind-downs with `allowing`",
                        )

    def _gap(self) -> Iterator[Diagnostic]:
        """S403 holds of a sector iff, the lag over, some export is stopped by one member and let through by another."""
        for sector in self.response.sectors.members:
            finding = self._gap_on(sector)
            if finding is not None:
                yield finding

    def _gap_on(self, sector: str) -> Diagnostic | None:
        lag = self.response.aligned_within
        # A gap opens where a measure has been kept for the lag, or where, after it, somebody lets go.
        opens = {*self.days, *(_before(day, lag) for day in self.days)}
        for day in sorted(day for day in opens if day >= self.start):
            settled = day if lag is None else later(day, lag)
            for rank, name in self._ranks():
                for strict in self.members:
                    # What a member lets go again within the lag, the others need not follow.
                    there = _both(self._level(strict, sector, rank, day), self._level(strict, sector, rank, settled))
                    for between in self.days:
                        if day < between < settled:
                            there = _both(self._level(strict, sector, rank, between), there)
                    for lax in self.members:
                        if lax == strict or self._excused(lax, sector):
                            continue
                        here = self._level(lax, sector, rank, settled)
                        if there in (here, FALSE):
                            continue
                        found = self._find(self._reached(sector), there, not_true(here), self._not_exempt(settled))
                        if found is not None:
                            return self._gap_finding(sector, settled, name, strict, lax, found)
        return None

    def _gap_finding(self, sector: str, day: date, measure: str, strict: str, lax: str, found: Found) -> Diagnostic:
        after = (day - self.start).days
        line = self._line_of(day, strict, sector, self.response.measures.members.index(measure))
        return diagnostic(
            "S403",
            f"the members of `{self.response.name}` are not aligned on {sector}: after {_days(after)} {strict} "
            f"imposes {measure} and {lax} does not",
            line.span if line is not None else self.response.span,
            subjects=(self.response.name,),
            witness=self._witness(lax, strict, sector, after, found),
            help=f"impose it by {lax} too, or say why not: `{lax} cannot supply {{{sector}}}`",
        )

    # ------------------------------------------------------------------------------------- parts

    def _ranks(self) -> Iterator[tuple[int, str]]:
        """Measures by number, the highest first, so that a finding names the most severe measure it is about."""
        members = self.response.measures.members
        return ((rank, members[rank]) for rank in range(len(members) - 1, -1, -1))

    def _level(self, member: str, sector: str, rank: int, day: date) -> Term:
        """Whether the level is ``rank`` or above; of measures without an order, whether that one is imposed."""
        key = member, sector, rank, day
        if key not in self._levels:
            if self.response.measures.ordered:
                self._levels[key] = self.course.at_least(member, sector, rank, day)
            else:
                self._levels[key] = self.course.in_force(member, sector, self.response.measures.members[rank], day)
        return self._levels[key]

    def _reached(self, sector: str) -> Term:
        """An export of this sector and of no other, so that no other sector's measure stops it."""
        if self.response.reaches is None:
            return TRUE
        others = [reached(self.response, other) for other in self.response.sectors.members if other != sector]
        return And((reached(self.response, sector), Not(Or(tuple(others)))))

    def _not_exempt(self, day: date) -> Term:
        return not_true(exempt(self.response, self.course, day)) if self.response.allowing else TRUE

    def _excused(self, member: str, sector: str) -> bool:
        return any(plain(who) == member and sector in sectors for who, sectors in self.response.cannot_supply)

    def _find(self, *wanted: Term) -> Found | None:
        if FALSE in wanted:
            return None
        return self.search(self.response.record or NO_RECORD, And(tuple(wanted)), ())

    def _line_of(self, day: date, member: str, sector: str, rank: int) -> Impose | None:
        """The last line that imposes a measure of this rank or above by this member on this sector by a day."""
        measures = self.response.measures.members
        wanted = set(measures[rank:] if self.response.measures.ordered else (measures[rank],))
        lines = [t.line for t in self.course.lines_about(member, sector) if t.start <= day and not t.line.lift]
        return next((line for line in reversed(lines) if wanted & set(line.measures)), None)

    def _lapse_span(self, day: date, member: str, sector: str) -> Span:
        """The line that lifts, or the line whose time runs out, on a day."""
        for timed in self.course.lines_about(member, sector):
            if timed.end == day or (timed.line.lift and timed.start == day):
                return timed.line.span
        return self.response.span

    def _posture_span(self) -> Span:
        return self.response.node.posture.span if self.response.node.posture is not None else self.response.span

    def _witness(self, member: str, other: str | None, sector: str, day: int, found: Found) -> dict[str, object]:
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


def _before(day: date, lag: TimeSpan | None) -> date:
    """The day from which ``lag`` is over on ``day``."""
    if lag is None:
        return day
    if lag.months is not None:
        return add_months(day, lag.months, negative=True) or date.min
    days = int((lag.hours or 0) // 24)
    return day - timedelta(days=days) if days <= (day - date.min).days else date.min


def _both(one: Term, two: Term) -> Term:
    if FALSE in (one, two):
        return FALSE
    return two if one in (two, TRUE) else one if two == TRUE else And((one, two))


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"
