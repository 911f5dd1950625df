"""The questions about an agreement and a response: one module for the interpreter and for built packages.

An act is an object `{"verb": "conduct", "party": "RUSSIA", "date": "2022-02-10", "act": {…facts…}}`, with ``record``
where several records have the verb and ``other`` where it concerns one party only; events are those of
`comity monitor`. Every question is answered true or false, or raises `Undetermined` where facts are missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from comity.core.agreements import first_day
from comity.core.ast import Agreement, Response
from comity.core.events import EventReader, Made
from comity.core.interpret import Interpreter
from comity.core.log import Event
from comity.core.responses import Unfolding
from comity.core.standing import NO_REGIONS, Regions, Standing
from comity.runtime import kleene
from comity.runtime.errors import FactsError, Problem, Undetermined
from comity.runtime.facts import read_day
from comity.runtime.suggest import did_you_mean


class AgreementPredicates:
    """One agreement: what its commitments forbid, and what binds whom when."""

    def __init__(
        self,
        interpreter: Interpreter,
        agreement: Agreement,
        made: Made = lambda type, value: None,
        regions: Regions = NO_REGIONS,
    ) -> None:
        self.interpreter = interpreter
        self.agreement = agreement
        self._regions = regions
        self._reader = EventReader(interpreter, agreement, made)

    def breaches(self, act: Mapping[str, object], party: str | None = None, commitment: str | None = None) -> bool:
        """Does the act (by ``party``, if given) breach a commitment (this one, if named), everyone having accepted?"""
        if commitment is not None:
            self._known(commitment)
        certain, doubtful = self._judged(act, party)
        if commitment in certain or (commitment is None and certain):
            return True
        if commitment in doubtful or (commitment is None and doubtful):
            raise Undetermined(f"facts are missing to say whether the act breaches {commitment or ', '.join(doubtful)}")
        return False

    def breached(self, act: Mapping[str, object], party: str | None = None) -> tuple[str, ...]:
        """The commitments that the act certainly breaches, by name."""
        return self._judged(act, party)[0]

    def permitted(self, act: Mapping[str, object], party: str) -> bool:
        """May ``party`` do this?"""
        return not self.breaches(act, party)

    def in_force(self, commitment: str, day: date | str, events: Iterable[object] = ()) -> bool:
        """Does a commitment bind anyone on a day, by what has happened until then?"""
        self._known(commitment)
        when = _day(day)
        standing = Standing(self.interpreter, self.agreement, _read(self._reader, events), regions=self._regions)
        standing.run(when)
        states = zip(standing.clauses, standing.position(when), strict=True)
        truth = kleene.any_of(state.effective for clause, state in states if clause.name == commitment)
        if truth is None:
            raise Undetermined(f"facts are missing to say whether `{commitment}` binds on {when}")
        return truth

    def _known(self, commitment: str) -> None:
        known = self._reader.commitments
        if commitment not in known:
            hint = did_you_mean(commitment, known) or ""
            raise FactsError([Problem("commitment", commitment, "one of " + ", ".join(known), hint)])

    def _judged(self, act: Mapping[str, object], party: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The commitments that the act breaches for certain, and those that it may breach."""
        if not isinstance(act, Mapping):
            raise FactsError([Problem("act", act, 'an object such as {"verb": …, "party": …, "act": …}')])
        event = {key: value for key, value in act.items() if key != "act"}
        event |= {"id": "act", "kind": "act", "facts": act.get("act", act.get("facts", {}))}
        event.setdefault("date", first_day(self.interpreter.program, self.agreement))
        if party is not None:
            event["party"] = party
        events = [self._reader.read(event, "act")]
        standing = Standing(self.interpreter, self.agreement, events, as_if=True, regions=self._regions)
        standing.run(standing.events[0].day)
        found = (standing.breaches, standing.undetermined)
        # A time limit that has expired by then is not a breach by the act.
        certain, doubtful = (tuple(dict.fromkeys(b.commitment for b in each if b.event is not None)) for each in found)
        return certain, doubtful


class ResponsePredicates:
    """One response: what it imposes after the events that trigger it."""

    def __init__(self, interpreter: Interpreter, response: Response, made: Made = lambda type, value: None) -> None:
        self.interpreter = interpreter
        self.response = response
        self._reader = EventReader(interpreter, response, made)

    def measures(self, day: date | str, events: Iterable[object], facts: object | None = None) -> list[dict[str, str]]:
        """What is imposed on a day: objects with ``measure``, ``sector``, ``member``.

        With ``facts`` of an export, only what catches it.
        """
        when = _day(day)
        export = None
        if facts is not None and self.response.record is not None:
            export = self._reader.facts(self.response.record, facts)
        unfolding = Unfolding(self.interpreter, self.response, _read(self._reader, events))
        imposed = unfolding.imposed(when, export)
        if any(each.truth is None for each in imposed) or unfolding.doubtful(when):
            raise Undetermined(f"facts are missing to say what `{self.response.name}` imposes on {when}")
        return [{"measure": each.measure, "sector": each.sector, "member": each.member} for each in imposed]


def _read(reader: EventReader, events: Iterable[object]) -> list[Event]:
    good, problems = reader.read_all(events)
    if problems:
        raise FactsError(problems)
    return good


def _day(day: date | str) -> date:
    read = read_day(day, "day")
    if read is None:
        raise FactsError([Problem("day", day, 'a day such as "2022-02-24"')])
    return read
