"""Who is bound to what on each day, and who is in breach: an agreement read against a log of events.

States are least fixpoints: nothing is accepted, binding or suspended but for a reason, so two commitments that wait
for each other never bind. Days are taken in order. On each, declarations come first (acceptance, suspension,
withdrawal, lift, breach), then acts are judged by what binds on that day, then duties whose time has run out.

Readings that the language leaves open:

- What a proposed or merely signed agreement says binds a party once that party has accepted it; one in force binds
  from its day. `Standing(…, as_if=True)` takes every party to have accepted from the first day.
- A breach lasts until a `lift` event names its commitment.
- A stock (`hold at most`) is what each actor last reported; a report without `count` is of one item.
- Any member's act is its party's act; a clause `by each member` judges each member by its own acts, and an act
  reported of the party alone as one of its members'.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from heapq import heappop, heappush
from typing import Literal, TypeAlias

from comity import terms
from comity.checked.ast import Agreement, Commitment
from comity.core.agreements import Clause, clauses, later, party_names, plain
from comity.core.interpret import Interpreter
from comity.runtime import kleene, values
from comity.runtime.kleene import Truth
from comity.terms import THIS

EventKind: TypeAlias = Literal["acceptance", "act", "breach", "suspension", "withdrawal", "trigger", "lift"]
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. ``facts`` are run-time values of the act's or event's record.

    ``party`` (and ``other``) is a party's name or one of its countries. ``count``: how many items an act is about.
    """

    id: str
    day: date
    kind: EventKind
    commitment: str | None = None
    party: str | None = None
    other: str | None = None
    verb: str | None = None
    record: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    count: int = 1


@dataclass(frozen=True, slots=True)
class Breach:
    """``event``: the id of the act, or None where a time ran out. ``since``: the day it began."""

    commitment: str
    party: str
    other: str
    event: str | None
    since: date


@dataclass(frozen=True, slots=True)
class Period:
    """What holds from ``day`` until the next period.

    ``bound``: (commitment, party, state) with state binding, suspended or undetermined. ``undetermined``: acts that
    may or may not be breaches, as breaches.
    """

    day: date
    bound: tuple[tuple[str, str, str], ...]
    breaches: tuple[Breach, ...]
    undetermined: tuple[Breach, ...]


@dataclass(slots=True)
class _ClauseState:
    accepted: bool = False
    binding: Truth = False
    suspended: Truth = False
    ended: bool = False

    @property
    def effective(self) -> Truth:
        """Binding and not suspended."""
        return False if self.ended else kleene.all_of((self.binding, kleene.not_(self.suspended)))


class Standing:
    """One agreement under a log of events. Events may come in any order; equal ids count once."""

    def __init__(
        self,
        interpreter: Interpreter,
        agreement: Agreement,
        events: Iterable[Event] = (),
        as_if: bool = False,
    ) -> None:
        self.interpreter = interpreter
        self.agreement = agreement
        self.as_if = as_if
        unique = {event.id: event for event in events}
        self.events = sorted(unique.values(), key=lambda event: (event.day, event.id))
        self.parties = party_names(agreement)
        self.breaches: list[Breach] = []
        self.undetermined: list[Breach] = []
        self._performed: dict[tuple[str, str], date] = {}
        self._acts: dict[int, list[tuple[date, str, int]]] = {}
        self._stocks: dict[int, dict[tuple[str, tuple[tuple[str, object], ...]], int]] = {}
        self._due: dict[int, date] = {}
        first = min((event.day for event in self.events), default=date.min)
        self.clauses = clauses(agreement, self.members(first))

    # ------------------------------------------------------------------------------------- parties

    def members(self, day: date) -> dict[str, tuple[str, ...]]:
        """The countries of each party on a day, by name, sorted."""
        found: dict[str, tuple[str, ...]] = {}
        for qname in self.agreement.parties:
            party = self.interpreter.program.parties[qname]
            countries = self.interpreter.evaluate(party.members, {}, party.as_of or day)
            found[plain(qname)] = tuple(sorted(str(c) for c, sure in kleene.elements(countries) if sure))
        return found

    def _acts_for(self, clause: Clause, actor: str | None, day: date) -> bool:
        """Whether an act by ``actor`` (a party or a country) is judged by the clause."""
        if actor is None or actor == clause.owner:
            return actor is not None
        if clause.member is not None:
            return actor == clause.member
        return actor in self.members(day)[clause.owner]

    # ------------------------------------------------------------------------------------- states

    def position(self, day: date) -> list[_ClauseState]:
        """The state of every clause at a day, by what has happened so far."""
        found = [_ClauseState(self._accepted(c, c.owner, day)) for c in self.clauses]
        for clause, state in zip(self.clauses, found, strict=True):
            state.ended = self._ended(clause, day)
            state.suspended = self._declared(clause, "suspension", day)
        in_force = self._in_force(day)

        def state_of(term: terms.CommitmentState, env: Mapping[str, object]) -> Truth:
            return self._state(term, env, day, found)

        changed = True
        while changed:
            changed = False
            for clause, state in zip(self.clauses, found, strict=True):
                sides = {"self": clause.owner, "other": clause.other}
                binding: Truth = False
                if in_force and not state.ended and _in_window(clause.commitment, day):
                    if clause.binding is None:
                        binding = state.accepted
                    else:
                        binding = self.interpreter.evaluate(clause.binding, sides, day, state_of)
                suspended = state.suspended
                if clause.suspended is not None and suspended is not True:
                    condition = self.interpreter.evaluate(clause.suspended, sides, day, state_of)
                    suspended = kleene.any_of((suspended, condition))
                if (binding, suspended) != (state.binding, state.suspended):
                    state.binding, state.suspended = binding, suspended
                    changed = True
        return found

    def _in_force(self, day: date) -> bool:
        """Whether the agreement as such can bind on a day; acceptance of each commitment is another matter."""
        since = self.agreement.since
        match self.agreement.status:
            case "in_force":
                return since is None or day >= since
            case "suspended" | "terminated":
                return since is not None and day < since
            case _:
                return True

    def _accepted(self, clause: Clause, party: str, day: date) -> bool:
        if self.as_if or self.agreement.status in ("in_force", "suspended", "terminated"):
            return True
        return any(
            event.kind == "acceptance"
            and event.day <= day
            and self._names(event.party, party, day)
            and event.commitment in (None, clause.name)
            for event in self.events
        )

    def _declared(self, clause: Clause, kind: EventKind, day: date) -> bool:
        """Whether the owner has declared this of the clause and no later `lift` names it."""
        since: date | None = None
        for event in self.events:
            if event.day > day or event.commitment not in (None, clause.name):
                continue
            if event.kind == kind and self._names(event.party, clause.owner, day):
                since = event.day
            elif event.kind == "lift" and event.party is not None and self._names(event.party, clause.owner, day):
                since = None
        return since is not None

    def _ended(self, clause: Clause, day: date) -> bool:
        """Whether a withdrawal has taken effect, by the owner or, between two parties, by either."""
        for event in self.events:
            if event.kind != "withdrawal" or event.commitment not in (None, clause.name):
                continue
            leavers = (clause.owner, clause.other)
            for party in leavers:
                if self._names(event.party, party, day) and day >= self._effect_of(event, party):
                    return True
        return False

    def _effect_of(self, event: Event, party: str) -> date:
        """The day on which a withdrawal takes effect: after the notice that the agreement asks of the party."""
        for withdrawal in self.agreement.withdrawals:
            owner = withdrawal.who.party
            if (owner is None or plain(owner) == party) and withdrawal.notice is not None:
                return later(event.day, withdrawal.notice)
        return event.day

    def _state(
        self, term: terms.CommitmentState, env: Mapping[str, object], day: date, found: list[_ClauseState]
    ) -> Truth:
        """One state of one commitment; of several clauses that it makes for a party, any."""
        if term.state == "consents":
            return any(
                event.kind == "acceptance" and event.party == term.subject and event.day <= day for event in self.events
            )
        name = plain(term.subject)
        by = day if term.by is None else min(day, term.by)
        about = [(c, s) for c, s in zip(self.clauses, found, strict=True) if c.name == name]
        owner = env["self"] if term.of is None else self.interpreter.evaluate(term.of, env, day)
        if any(clause.owner == owner for clause, _ in about):
            about = [(c, s) for c, s in about if c.owner == owner]
        return kleene.any_of(self._clause_state(term.state, clause, state, by) for clause, state in about)

    def _clause_state(self, name: str, clause: Clause, state: _ClauseState, by: date) -> Truth:
        match name:
            case "accepted":
                return self._accepted(clause, clause.owner, by)
            case "binding":
                return state.binding
            case "suspended":
                return state.suspended
            case "breached":
                if any(b.commitment == clause.name and b.party == clause.owner for b in self._open(by)):
                    return True
                doubtful = any(b.commitment == clause.name and b.party == clause.owner for b in self.undetermined)
                return None if doubtful else self._declared(clause, "breach", by)
            case "performed":
                day = self._performed.get((clause.name, clause.owner))
                return day is not None and day <= by
            case _:
                return state.ended

    def _names(self, who: str | None, party: str, day: date) -> bool:
        return who is not None and (who == party or who in self.members(day)[party])

    def _open(self, day: date) -> list[Breach]:
        """Breaches that began by a day and that no later `lift` has ended."""
        lifts = [event for event in self.events if event.kind == "lift" and event.day <= day]
        return [
            breach
            for breach in self.breaches
            if breach.since <= day
            and not any(
                lift.day > breach.since
                and lift.commitment in (None, breach.commitment)
                and (lift.party is None or self._names(lift.party, breach.party, day))
                for lift in lifts
            )
        ]

    # ------------------------------------------------------------------------------------- days

    def run(self, until: date | None = None) -> list[Period]:
        """The periods in which something changes, from the first event to ``until`` (or until nothing is left)."""
        days: list[date] = []
        for day in self._known_days():
            heappush(days, day)
        periods: list[Period] = []
        previous: list[_ClauseState] | None = None
        last: date | None = None
        while days:
            day = heappop(days)
            if until is not None and day > until:
                break
            if day == last:
                continue
            last = day
            self._run_out(day, previous)
            position = self.position(day)
            for event in self.events:
                if event.kind == "act" and event.day == day:
                    self._judge(event, position)
            position = self.position(day)
            for due in self._schedule(day, position):
                heappush(days, due)
            period = self._period(day, position)
            if not periods or _content(period) != _content(periods[-1]):
                periods.append(period)
            previous = position
        return periods

    def _known_days(self) -> set[date]:
        """Days on which something may change, as far as they are known at the start."""
        days = {event.day for event in self.events}
        if not days and not self.as_if:
            return days
        for event in self.events:
            if event.kind == "withdrawal":
                days |= {self._effect_of(event, party) for party in self.parties}
        if self.agreement.since is not None:
            days.add(self.agreement.since)
        for commitment in self.agreement.commitments:
            for start, end in commitment.window or ():
                days |= {day for day in (start, end and _next(end)) if day is not None}
            if commitment.deadline_day is not None:
                days.add(_next(commitment.deadline_day))
        for year in {event.day.year for event in self.events if event.day.year < date.max.year}:
            if any(c.node.modality.per is not None for c in self.agreement.commitments):
                days.add(date(year + 1, 1, 1))
        return days

    def _schedule(self, day: date, position: list[_ClauseState]) -> Iterable[date]:
        """Duties whose time begins to run today: the day after it will have run out."""
        for number, clause in enumerate(self.clauses):
            commitment = clause.commitment
            if number in self._due or commitment.deadline_after is None or commitment.deadline_within is None:
                continue
            sides = {"self": clause.owner, "other": clause.other}
            begun = self.interpreter.evaluate(
                commitment.deadline_after, sides, day, lambda term, env: self._state(term, env, day, position)
            )
            if begun is True:
                self._due[number] = later(day, commitment.deadline_within)
                yield _next(self._due[number])

    def _run_out(self, day: date, position: list[_ClauseState] | None) -> None:
        """Duties and minimum numbers whose time ran out yesterday."""
        for number, clause in enumerate(self.clauses):
            if position is None or position[number].effective is not True:
                continue
            due = clause.commitment.deadline_day or self._due.get(number)
            performed = self._performed.get((clause.name, clause.owner))
            if clause.kind == "duty" and due is not None and _next(due) == day:
                if performed is None or performed > due:
                    self.breaches.append(Breach(clause.name, clause.owner, clause.other, None, day))
            elif clause.kind == "quantity" and self._falls_short(number, clause, day):
                self.breaches.append(Breach(clause.name, clause.owner, clause.other, None, day))

    def _falls_short(self, number: int, clause: Clause, day: date) -> bool:
        modality = clause.commitment.node.modality
        if modality.limit is None or modality.limit.kind == "at most" or modality.per is None:
            return False
        if modality.per.calendar != "year" or (day.month, day.day) != (1, 1):
            return False
        done = sum(n for when, _, n in self._acts.get(number, ()) if when.year == day.year - 1)
        limit = self._limit(clause, day)
        return limit is not None and done < limit

    # ------------------------------------------------------------------------------------- acts

    def _judge(self, event: Event, position: list[_ClauseState]) -> None:
        for number, (clause, state) in enumerate(zip(self.clauses, position, strict=True)):
            truth = kleene.all_of((state.effective, self.reaches(clause, event)))
            if truth is False:
                continue
            match clause.kind:
                case "prohibition":
                    if not self._permitted_over(clause, event, position):
                        self._found(clause, event, truth)
                case "duty":
                    if truth is True:
                        self._performed.setdefault((clause.name, clause.owner), event.day)
                case "quantity":
                    self._count(number, clause, event, truth)
                case "permission":
                    pass

    def reaches(self, clause: Clause, event: Event) -> Truth:
        """Whether the clause speaks of an act: by its owner, of its verbs and record, in its region."""
        commitment = clause.commitment
        if event.verb not in commitment.verbs or event.record not in (None, commitment.record.name):
            return False
        if event.other is not None and not self._names(event.other, clause.other, event.day):
            return False
        if not self._acts_for(clause, event.party, event.day):
            return False
        truth: Truth = self.interpreter.evaluate(
            clause.region,
            {THIS: event.facts, "self": clause.owner, "other": clause.other},
            event.day,
        )
        return truth

    def _permitted_over(self, prohibition: Clause, event: Event, position: list[_ClauseState]) -> bool:
        """Whether a permission that prevails over the prohibition certainly covers the act."""
        return any(
            clause.kind == "permission"
            and clause.owner == prohibition.owner
            and any(plain(name) == prohibition.name for name in clause.commitment.prevails_over)
            and kleene.all_of((state.effective, self.reaches(clause, event))) is True
            for clause, state in zip(self.clauses, position, strict=True)
        )

    def _count(self, number: int, clause: Clause, event: Event, truth: Truth) -> None:
        modality = clause.commitment.node.modality
        limit = self._limit(clause, event.day)
        if modality.limit is None or limit is None:
            return
        if modality.per is None:
            stock = self._stocks.setdefault(number, {})
            stock[event.party or "", tuple(sorted(event.facts.items(), key=lambda item: item[0]))] = event.count
            held = sum(stock.values())
            wrong = held > limit if modality.limit.kind != "at least" else held < limit
        else:
            acts = self._acts.setdefault(number, [])
            acts.append((event.day, event.id, event.count))
            wrong = modality.limit.kind != "at least" and self._counted(clause, acts, event.day) > limit
        if wrong:
            self._found(clause, event, truth)

    def _counted(self, clause: Clause, acts: list[tuple[date, str, int]], day: date) -> int:
        """How many of the acts fall in the period that ends on a day."""
        per = clause.commitment.node.modality.per
        assert per is not None
        if per.calendar == "year":
            return sum(n for when, _, n in acts if when.year == day.year)
        if per.calendar == "month":
            return sum(n for when, _, n in acts if (when.year, when.month) == (day.year, day.month))
        assert per.rolling is not None
        amount = int(per.rolling.amount)
        months = amount * {"years": 12, "months": 1}.get(per.rolling.unit, 0)
        if months:
            start = values.add_months(day, months, negative=True)
        else:
            start = day - timedelta(days=amount * {"weeks": 7}.get(per.rolling.unit, 1))
        return sum(n for when, _, n in acts if start is None or start < when <= day)

    def _limit(self, clause: Clause, day: date) -> Fraction | int | None:
        number = clause.commitment.limit_number
        if number is None:
            return None
        limit: Fraction | int | None = self.interpreter.evaluate(
            number, {"self": clause.owner, "other": clause.other}, day
        )
        return limit

    def _found(self, clause: Clause, event: Event, truth: Truth) -> None:
        breach = Breach(clause.name, clause.owner, clause.other, event.id, event.day)
        if truth is True:
            self.breaches.append(breach)
        else:
            self.undetermined.append(breach)

    # ------------------------------------------------------------------------------------- results

    def _period(self, day: date, position: list[_ClauseState]) -> Period:
        bound: dict[tuple[str, str], Truth | str] = {}
        for clause, state in zip(self.clauses, position, strict=True):
            if state.ended or state.binding is False:
                continue
            if state.binding is None or state.suspended is None:
                word = "undetermined"
            else:
                word = "suspended" if state.suspended else "binding"
            who = clause.member or clause.owner
            bound.setdefault((clause.name, who), word)
        return Period(
            day,
            tuple((name, party, str(word)) for (name, party), word in sorted(bound.items())),
            tuple(dict.fromkeys(self._open(day))),
            tuple(dict.fromkeys(b for b in self.undetermined if b.since <= day)),
        )


def _content(period: Period) -> tuple[object, ...]:
    return period.bound, period.breaches, period.undetermined


def _in_window(commitment: Commitment, day: date) -> bool:
    if commitment.window is None:
        return True
    return any((start is None or start <= day) and (end is None or day <= end) for start, end in commitment.window)


def _next(day: date) -> date:
    return day if day == date.max else day + _ONE_DAY
