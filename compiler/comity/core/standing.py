"""Who is bound to what on each day, and who is in breach: an agreement read against a log of events.

States are least fixpoints: nothing is accepted, binding or suspended without a reason, so two commitments that wait
for each other never bind. Days are taken in order. On each, declarations come first (acceptance, suspension,
withdrawal, lift), then duties and minima whose time ran out the day before, then acts, judged by what binds on the
day, then what is held at its end. After the last event, nothing more is taken to happen.

    commitment report by each party:             06-05  B has reported, A has not; its time runs out
        shall report Tank by 2024-06-05          06-06  A is in breach of `report`
    commitment flights by each party:            06-07  B declares `flights` suspended, as the remedy allows:
        shall allow Flight by 2024-07-01                `flights` is suspended for B, binding for A
    remedy answer by each party:                 06-09  A reports: the breach ends, and with it the suspension
        on breach of report                      07-02  nobody has allowed a flight: A and B are in breach
        may suspend flights
        until breach ends

Readings that the language leaves open:

- What a proposed or merely signed agreement says binds a party once that party has accepted it; one in force binds
  from its day. `Standing(…, as_if=True)` takes every party to have accepted from the first day.
- A party declares something by itself, or by all its members; a member alone declares for itself.
- Any member's act is its party's act; a clause `by each member` judges each member by its own acts, and an act
  reported of the party alone as each member's.
- A breach lasts until a `lift` of a later day names its commitment; a duty's until it is done, a stock's until it is
  within its number again.
- A duty may be done before its time begins.
- A party withdraws by its own `withdrawal` clause, where there are any, with its notice and, if it asks for grounds,
  only if they hold for certain on the day of the notice. After that no clause binds it, or others to it.
- A protected commitment is not suspended. Where a remedy lets a party suspend one, the suspension begins after its
  notice and lasts no longer than it says (`core.remedies`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from heapq import heapify, heappop, heappush
from typing import TypeAlias

from comity import terms
from comity.core.agreements import Clause, clauses, days_in, first_day, in_force, in_window, later, party_names, plain
from comity.core.ast import Agreement, Remedy
from comity.core.interpret import Interpreter
from comity.core.log import Breach, Event, EventKind, in_order
from comity.core.membership import members_on
from comity.core.prevailing import Prevailing, may_excuse, yields_to
from comity.core.quantities import Number, Tally
from comity.core.remedies import answers, remedies_of
from comity.runtime import kleene
from comity.runtime.kleene import Truth
from comity.runtime.light import dataclass
from comity.terms import THIS

_ONE_DAY = timedelta(days=1)

Regions: TypeAlias = Mapping[str, Callable[[Mapping[str, object], str, str, date], Truth]]
"""By commitment, where compiled: whether it covers an act with these facts, by one side towards the other, on a day."""

NO_REGIONS: Regions = {}


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
class ClauseState:
    """The state of one clause on a day."""

    accepted: bool = False
    binding: Truth = False
    suspended: Truth = False
    ended: bool = False

    @property
    def effective(self) -> Truth:
        """Binding and not suspended; what has ended does not bind."""
        return kleene.all_of((self.binding, kleene.not_(self.suspended)))


@dataclass(slots=True)
class _Finding:
    """A breach of clause number ``number``, certain or (``truth`` None) possible; from ``until`` on it has ended."""

    breach: Breach
    number: int
    truth: Truth
    until: date | None = None


class Standing:
    """One agreement under a log of events. Events may come in any order; equal ids count once."""

    def __init__(
        self,
        interpreter: Interpreter,
        agreement: Agreement,
        events: Iterable[Event] = (),
        as_if: bool = False,
        regions: Regions = NO_REGIONS,
    ) -> None:
        self.interpreter = interpreter
        self.agreement = agreement
        self.as_if = as_if
        self.regions = regions
        self.events = in_order(events)
        self.parties = party_names(agreement)
        self._members: dict[date, dict[str, tuple[str, ...]]] = {}
        ever: dict[str, tuple[str, ...]] = dict.fromkeys(self.parties, ())
        for day in sorted(self._known_days) or [first_day(interpreter.program, agreement)]:
            for party, countries in self.members(day).items():
                ever[party] = tuple(sorted({*ever[party], *countries}))
        self.clauses = clauses(agreement, ever)
        self._begin()

    def _begin(self) -> None:
        """Nothing has been read of the log."""
        self._found: list[_Finding] = []
        self._done: dict[int, list[tuple[date, Truth]]] = {}
        self._due: dict[int, date] = {}
        self._bound_since: dict[int, date] = {}
        self._grounds: set[str] = set()
        self._tallies: dict[int, Tally] = {}
        for number, clause in enumerate(self.clauses):
            if clause.commitment.limit is not None:
                self._tallies[number] = Tally(clause.commitment.limit, clause.commitment.per)

    @property
    def breaches(self) -> list[Breach]:
        """Every breach there has been, in the order found."""
        return [finding.breach for finding in self._found if finding.truth is True]

    @property
    def undetermined(self) -> list[Breach]:
        """What may have been a breach; facts are missing to say."""
        return [finding.breach for finding in self._found if finding.truth is None]

    @property
    def breach_days(self) -> frozenset[date]:
        """The days on which something was, or may have been, breached."""
        return frozenset(finding.breach.since for finding in self._found)

    def ends_breach(self, lift: Event) -> bool:
        """Whether a lift speaks of anything that was, or may have been, breached."""
        return any(self._ends(lift, finding.breach) for finding in self._found)

    # ------------------------------------------------------------------------------------- parties

    def members(self, day: date) -> dict[str, tuple[str, ...]]:
        """The countries of each party on a day, by name, sorted."""
        if day not in self._members:
            self._members[day] = members_on(self.interpreter, self.agreement, day)
        return self._members[day]

    def _acts_for(self, clause: Clause, actor: str | None, day: date) -> bool:
        """Whether an act by ``actor`` (a party or a country) is judged by the clause."""
        if actor is None or actor == clause.owner:
            return actor is not None
        if clause.member is not None:
            return actor == clause.member
        return actor in self.members(day)[clause.owner]

    def is_of(self, who: str | None, party: str, day: date) -> bool:
        """Whether a party or country is a party, or a member of it."""
        return who is not None and (who == party or who in self.members(day)[party])

    def has_declared(self, kind: EventKind, clause: Clause, party: str, day: date) -> bool:
        """Whether a party (a member, where the clause is a member's) has declared this, and not lifted it since."""
        declared: set[str] = set()
        for event in self.events:
            if event.day > day:
                break
            if event.party is None or event.commitment not in (None, clause.name):
                continue
            if event.kind == kind:
                if kind != "withdrawal" or self._effective_withdrawal(event, party, day):
                    declared.add(event.party)
            elif event.kind == "lift" and kind == "suspension":
                declared.discard(event.party)
        if party in declared or (party == clause.owner and clause.member in declared):
            return True
        countries = self.members(day)[party]
        return bool(countries) and declared.issuperset(countries)

    # ------------------------------------------------------------------------------------- states

    def position(self, day: date) -> list[ClauseState]:
        """The state of every clause at a day, by what has happened so far."""
        found = self._position(day, lambda remedy, clause: False)
        if all(remedy.until is None for remedy in self.agreement.remedies):
            return found

        def over(remedy: Remedy, clause: Clause) -> Truth:
            if remedy.until is None:
                return False
            sides = {"self": clause.owner, "other": clause.other}
            truth: Truth = self.interpreter.evaluate(
                remedy.until, sides, day, lambda term, env: self._state(term, env, day, found)
            )
            return truth

        return self._position(day, over)

    def _position(self, day: date, over: Callable[[Remedy, Clause], Truth]) -> list[ClauseState]:
        """As `position`. ``over``: whether what ends a remedy has come to hold."""
        found = [ClauseState(self._accepted(clause, day), ended=self._ended(clause, day)) for clause in self.clauses]
        for clause, state in zip(self.clauses, found, strict=True):
            state.suspended = self.is_suspended(clause, day, over)
        in_force = self._in_force(day)

        def state_of(term: terms.CommitmentState, env: Mapping[str, object]) -> Truth:
            return self._state(term, env, day, found)

        changed = True
        while changed:
            changed = False
            for clause, state in zip(self.clauses, found, strict=True):
                sides = {"self": clause.owner, "other": clause.other}
                binding: Truth = False
                if in_force and not state.ended and self._in_time(clause, day):
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
        """Whether the agreement as a whole can bind on a day; acceptance of each commitment is a separate question."""
        return self.agreement.status in ("", "proposed", "signed") or in_force(self.agreement, day)

    def _in_time(self, clause: Clause, day: date) -> bool:
        """Whether its window is open and, for a member's clause, the country is a member."""
        open_ = in_window(clause.commitment.window, day)
        return open_ and (clause.member is None or clause.member in self.members(day)[clause.owner])

    def _accepted(self, clause: Clause, day: date) -> bool:
        if self.as_if or self.agreement.status in ("in_force", "suspended", "terminated"):
            return True
        return self.has_declared("acceptance", clause, clause.owner, day)

    def is_suspended(
        self, clause: Clause, day: date, over: Callable[[Remedy, Clause], Truth] = lambda remedy, clause: False
    ) -> Truth:
        """Whether the owner has declared it suspended, and may hold it so."""
        if clause.commitment.protected or not self.has_declared("suspension", clause, clause.owner, day):
            return False
        remedies = self._remedies.get((clause.owner, clause.name))
        if remedies is None:
            return True
        since = self._suspended_since(clause, day)
        return kleene.any_of(
            kleene.all_of((self._allows(remedy, clause, since, day), kleene.not_(over(remedy, clause))))
            for remedy in remedies
        )

    def _allows(self, remedy: Remedy, clause: Clause, since: date, day: date) -> Truth:
        """Whether a remedy lets the owner hold a clause suspended that it declared so on the day ``since``."""
        if remedy.notice is not None and day < later(since, remedy.notice):
            return False
        if not remedy.breached:
            return True
        found = self._open(day) if remedy.until_breach_ends else self._met(since, day)
        return kleene.any_of(f.truth for f in found if answers(remedy, clause, f.breach.commitment, f.breach.side))

    def _met(self, since: date, day: date) -> Iterator[_Finding]:
        """What was found by a day and was open on the day ``since``, or later."""
        for finding in self._found:
            if finding.breach.since <= day and finding in self._open(max(since, finding.breach.since)):
                yield finding

    def _suspended_since(self, clause: Clause, day: date) -> date:
        """The day from which the owner's declaration has stood without a break."""
        since = day
        stands = False
        for each in sorted({e.day for e in self.events if e.kind in ("suspension", "lift") and e.day <= day}):
            stood, stands = stands, self.has_declared("suspension", clause, clause.owner, each)
            if stands and not stood:
                since = each
        return since

    @cached_property
    def _remedies(self) -> Mapping[tuple[str, str], Sequence[Remedy]]:
        return remedies_of(self.agreement)

    def _ended(self, clause: Clause, day: date) -> bool:
        """Whether a withdrawal has taken effect, by the owner or by the other side."""
        return any(self.has_declared("withdrawal", clause, party, day) for party in (clause.owner, clause.other))

    def _effective_withdrawal(self, event: Event, party: str, day: date) -> bool:
        effect = self.effect_of(event, party)
        return effect is not None and effect <= day

    def effect_of(self, event: Event, party: str) -> date | None:
        """The day on which a withdrawal takes effect; None if the agreement does not let the party withdraw."""
        if not self.agreement.withdrawals:
            return event.day
        for withdrawal in self.agreement.withdrawals:
            owner = withdrawal.who.party
            if owner is None or plain(owner) == party:
                if withdrawal.when is not None and event.id not in self._grounds:
                    return None
                return event.day if withdrawal.notice is None else later(event.day, withdrawal.notice)
        return None

    def _note_grounds(self, day: date, position: list[ClauseState]) -> None:
        """Which withdrawals declared on a day have the grounds they need."""

        def state_of(term: terms.CommitmentState, env: Mapping[str, object]) -> Truth:
            return self._state(term, env, day, position)

        for event in self.events:
            if event.kind == "withdrawal" and event.day == day:
                for withdrawal in self.agreement.withdrawals:
                    for party in self.parties:
                        if withdrawal.when is not None and self.is_of(event.party, party, day):
                            sides = {"self": party, "other": next((p for p in self.parties if p != party), party)}
                            if self.interpreter.evaluate(withdrawal.when, sides, day, state_of) is True:
                                self._grounds.add(event.id)

    def _state(
        self, term: terms.CommitmentState, env: Mapping[str, object], day: date, found: list[ClauseState]
    ) -> Truth:
        """One state of one commitment. Of several clauses that it makes for a party, all must be performed or ended;
        any of them makes it accepted, binding, breached or suspended.
        """
        by = day if term.by is None else min(day, term.by)
        if term.state == "consents":
            consents = (e for e in self.events if e.kind == "acceptance" and e.party == term.subject and e.day <= by)
            return self.as_if or next(consents, None) is not None
        name = plain(term.subject)
        about = [n for n, clause in enumerate(self.clauses) if clause.name == name]
        owner = env["self"] if term.of is None else self.interpreter.evaluate(term.of, env, day)
        if any(self.clauses[n].owner == owner for n in about):
            about = [n for n in about if self.clauses[n].owner == owner]
        truths = [self._clause_state(term.state, n, found[n], by) for n in about]
        return kleene.all_of(truths) if term.state in ("performed", "ended") else kleene.any_of(truths)

    def _clause_state(self, name: str, number: int, state: ClauseState, by: date) -> Truth:
        match name:
            case "accepted":
                return self._accepted(self.clauses[number], by)
            case "binding":
                return state.binding
            case "suspended":
                return state.suspended
            case "breached":
                return kleene.any_of(f.truth for f in self._open(by) if f.number == number)
            case "performed":
                return self._performed(number, by)
            case _:
                return state.ended

    def _performed(self, number: int, by: date) -> Truth:
        return kleene.any_of(truth for day, truth in self._done.get(number, ()) if day <= by)

    def _open(self, day: date) -> list[_Finding]:
        """What was found by a day and has not ended."""
        lifts = [event for event in self.events if event.kind == "lift" and event.day <= day]
        return [
            finding
            for finding in self._found
            if finding.breach.since <= day
            and (finding.until is None or day < finding.until)
            and not any(self._ends(lift, finding.breach) for lift in lifts)
        ]

    def _ends(self, lift: Event, breach: Breach) -> bool:
        who = lift.party is None or lift.party == breach.party or self.is_of(lift.party, breach.side, lift.day)
        towards = lift.other is None or self.is_of(lift.other, breach.other, lift.day)
        return lift.day > breach.since and lift.commitment in (None, breach.commitment) and who and towards

    # ------------------------------------------------------------------------------------- days

    def run(self, until: date | None = None) -> list[Period]:
        """The periods in which something changes, from the first event to ``until`` (or until nothing is left)."""
        self._begin()
        days = list(self._known_days)
        heapify(days)
        periods: list[Period] = []
        previous: list[ClauseState] | None = None
        last: date | None = None
        while days:
            day = heappop(days)
            if until is not None and day > until:
                break
            if day == last:
                continue
            last = day
            if previous is not None:
                self._run_out(day, previous)
            position = self.position(day)
            self._note_grounds(day, position)
            self._read(day, position)
            position = self.position(day)
            for following in self._schedule(day, position):
                heappush(days, following)
            period = self._period(day, position)
            if not periods or _content(period) != _content(periods[-1]):
                periods.append(period)
            previous = position
        return periods

    @cached_property
    def _known_days(self) -> frozenset[date]:
        """Days on which something may change that are known at the start."""
        agreement, program = self.agreement, self.interpreter.program
        days = {event.day for event in self.events}
        if not days and not self.as_if and agreement.status != "in_force":
            return frozenset()
        if not days:
            days.add(first_day(program, agreement))
        first, end = min(days), max(days)
        if agreement.since is not None:
            days.add(agreement.since)
        for event in self.events:
            if event.kind == "withdrawal":
                days |= {later(event.day, w.notice) for w in agreement.withdrawals if w.notice is not None}
            elif event.kind == "suspension":
                days |= {later(event.day, remedy.notice) for remedy in agreement.remedies if remedy.notice is not None}
        for qname in agreement.parties:
            days |= {day for day in days_in(program.parties[qname].members, program) if day > first}
        for commitment in agreement.commitments:
            for condition in (commitment.binding, commitment.suspended, commitment.deadline_after):
                if condition is not None:
                    days |= days_in(condition, program)
            for start, stop in commitment.window or ():
                days |= {day for day in (start, stop and _next(stop)) if day is not None}
            if commitment.deadline_day is not None:
                days.add(_next(commitment.deadline_day))
            if commitment.limit is not None:
                days.update(Tally(commitment.limit, commitment.per).days_after_periods(first, end))
        if not self.as_if and agreement.status != "in_force":
            return frozenset(day for day in days if day >= first)
        start = min(days)
        # What ran out on the first day is judged by the day before.
        return frozenset({*days, start - _ONE_DAY} if date.min < start and (self.as_if or start < first) else days)

    def _schedule(self, day: date, position: list[ClauseState]) -> Iterator[date]:
        """Duties whose time begins to run today: the day after it will have run out. Ends of rolling periods."""

        def state_of(term: terms.CommitmentState, env: Mapping[str, object]) -> Truth:
            return self._state(term, env, day, position)

        for number, (clause, state) in enumerate(zip(self.clauses, position, strict=True)):
            if state.effective is False:
                self._bound_since.pop(number, None)
            elif number not in self._bound_since:
                self._bound_since[number] = day
                if number in self._tallies:
                    acts = (event.day for event in self.events if event.kind == "act")
                    yield from self._tallies[number].rolling_ends(day, acts)
            commitment = clause.commitment
            if number in self._due or commitment.deadline_after is None or commitment.deadline_within is None:
                continue
            sides = {"self": clause.owner, "other": clause.other}
            if self.interpreter.evaluate(commitment.deadline_after, sides, day, state_of) is True:
                self._due[number] = later(day, commitment.deadline_within)
                yield _next(self._due[number])

    def _run_out(self, day: date, position: list[ClauseState]) -> None:
        """Duties and minimum numbers whose time ran out yesterday."""
        for number, clause in enumerate(self.clauses):
            missed: Truth = False
            due = clause.commitment.deadline_day or self._due.get(number)
            if clause.kind == "duty" and due is not None and _next(due) == day > due:
                missed = kleene.not_(self._performed(number, due))
            elif number in self._tallies and self._tallies[number].has_minimum:
                first = self._tallies[number].period_over(day, self._bound_since.get(number))
                if first is not None:
                    last = day - _ONE_DAY
                    missed = self._tallies[number].short_in(first, last, self._limit(clause, last))
            self._find(number, None, day, kleene.all_of((position[number].effective, missed)))

    # ------------------------------------------------------------------------------------- acts

    def _read(self, day: date, position: list[ClauseState]) -> None:
        """Judge what happened on a day by what binds on it."""
        counted: dict[int, Event] = {}
        for event in self.events:
            if event.day == day and event.kind == "act":
                for number in self._judge(event, position):
                    counted[number] = event
            elif event.day == day and event.kind == "breach":
                for number, clause in enumerate(self.clauses):
                    towards = event.other is None or self.is_of(event.other, clause.other, day)
                    if clause.name == event.commitment and towards and self._acts_for(clause, event.party, day):
                        self._find(number, event, day, True)
        for number, event in counted.items():
            self._judge_stock(number, event, day)

    def _judge(self, event: Event, position: list[ClauseState]) -> Iterator[int]:
        """Judge one act; gives the numbers of the clauses that count what is held."""
        for number, (clause, state) in enumerate(zip(self.clauses, position, strict=True)):
            truth = kleene.all_of((state.effective, self.reaches(clause, event)))
            if truth is False:
                continue
            match clause.kind:
                case "duty":
                    self._done.setdefault(number, []).append((event.day, truth))
                    for finding in self._found:
                        if finding.number == number and finding.until is None and truth is True:
                            finding.until = event.day
                case "prohibition" | "quantity":
                    excused = self._excused(clause, event, position)
                    truth = kleene.all_of((truth, kleene.not_(excused)))
                    if truth is False:
                        continue
                    if number not in self._tallies:
                        self._find(number, event, event.day, truth)
                        continue
                    tally = self._tallies[number]
                    tally.add(event, truth)
                    if tally.per is None:
                        yield number
                    else:
                        wrong = tally.wrong_now(event.day, self._limit(clause, event.day))
                        self._find(number, event, event.day, kleene.all_of((truth, wrong)))
                case "permission":
                    pass

    def reaches(self, clause: Clause, event: Event) -> Truth:
        """Whether the clause speaks of an act: by its owner, of its verbs and record, in its region."""
        commitment = clause.commitment
        if event.verb not in commitment.verbs or event.record not in (None, commitment.record.name):
            return False
        if event.other is not None and not self.is_of(event.other, clause.other, event.day):
            return False
        if not self._acts_for(clause, event.party, event.day):
            return False
        compiled = self.regions.get(commitment.qname)
        if compiled is not None:
            return compiled(event.facts, clause.owner, clause.other, event.day)
        truth: Truth = self.interpreter.evaluate(
            clause.region,
            {THIS: event.facts, "self": clause.owner, "other": clause.other},
            event.day,
        )
        return truth

    def _excused(self, clause: Clause, event: Event, position: list[ClauseState]) -> Truth:
        """Whether a permission, a duty or a minimum that prevails over the clause covers the act."""
        own = (
            kleene.all_of((state.effective, may_excuse(self.interpreter, other, event.day), self.reaches(other, event)))
            for other, state in zip(self.clauses, position, strict=True)
            if yields_to(clause, other)
        )
        return kleene.any_of((*own, self._prevailing.excuses(clause, event, self.members(event.day))))

    @cached_property
    def _prevailing(self) -> Prevailing:
        return Prevailing(self.interpreter, self.agreement)

    def _judge_stock(self, number: int, event: Event, day: date) -> None:
        """Whether what is held at the end of a day is more or less than allowed; a breach begins, or ends."""
        clause = self.clauses[number]
        wrong = self._tallies[number].wrong_now(day, self._limit(clause, day))
        current = [finding for finding in self._open(day) if finding.number == number]
        if any(finding.truth is wrong for finding in current):
            return
        for finding in current:
            finding.until = day
        self._find(number, event, day, wrong)

    def _limit(self, clause: Clause, day: date) -> Number | None:
        number = clause.commitment.limit_number
        if number is None:
            return None
        limit: Number | None = self.interpreter.evaluate(number, {"self": clause.owner, "other": clause.other}, day)
        return limit

    def _find(self, number: int, event: Event | None, day: date, truth: Truth) -> None:
        """Note a breach that is certain or (None) possible; a time that runs out again adds nothing to an open one."""
        if truth is False or (event is None and any(f.number == number and f.truth is truth for f in self._open(day))):
            return
        clause = self.clauses[number]
        breach = Breach(
            clause.name,
            clause.member or clause.owner,
            clause.other,
            None if event is None else event.id,
            day,
            clause.owner,
        )
        self._found.append(_Finding(breach, number, truth))

    # ------------------------------------------------------------------------------------- results

    def _period(self, day: date, position: list[ClauseState]) -> Period:
        bound: dict[tuple[str, str], str] = {}
        for clause, state in zip(self.clauses, position, strict=True):
            if state.binding is False:
                continue
            if state.binding is None or state.suspended is None:
                word = "undetermined"
            else:
                word = "suspended" if state.suspended else "binding"
            bound.setdefault((clause.name, clause.member or clause.owner), word)
        current = self._open(day)
        return Period(
            day,
            tuple((name, party, word) for (name, party), word in sorted(bound.items())),
            tuple(dict.fromkeys(finding.breach for finding in current if finding.truth is True)),
            tuple(dict.fromkeys(finding.breach for finding in current if finding.truth is None)),
        )


def _content(period: Period) -> tuple[object, ...]:
    return period.bound, period.breaches, period.undetermined


def _next(day: date) -> date:
    return day if day == date.max else day + _ONE_DAY
