"""Events as JSON, the input of agreements and responses. Invalid ones are refused by number, all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from typing import Any, TypeAlias, get_args

from comity.core.agreements import plain
from comity.core.ast import Agreement, Response
from comity.core.interpret import Interpreter
from comity.core.log import Event, EventKind
from comity.core.membership import Membership
from comity.runtime.errors import MISSING, FactsError, Problem, key_text
from comity.runtime.plain import day_hint, to_date
from comity.runtime.scalars import known_scalar
from comity.runtime.suggest import did_you_mean
from comity.runtime.types import RecordType

KINDS: tuple[str, ...] = get_args(EventKind)
OF_AGREEMENTS = tuple(kind for kind in KINDS if kind != "trigger")
OF_RESPONSES: tuple[str, ...] = ("act", "trigger", "lift")
OWED = ("acceptance", "breach", "suspension", "lift")
"""Kinds of events whose `party` is the one that owes the commitment."""
DECLARED = {
    "act": "whose act it is",
    "acceptance": "who accepts",
    "breach": "who is in breach",
    "suspension": "who suspends",
    "withdrawal": "who withdraws",
}
"""Kinds of events that somebody does, and the question that their `party` answers."""

KEYS = ("id", "date", "kind", "commitment", "party", "other", "verb", "record", "facts", "count")


Made: TypeAlias = Callable[[RecordType, object], Mapping[str, object] | None]
"""The facts that an object made of a record holds; None for anything else."""


class EventReader:
    """Reads the events of one agreement or response."""

    def __init__(
        self, interpreter: Interpreter, target: Agreement | Response, made: Made = lambda type, value: None
    ) -> None:
        self.interpreter = interpreter
        self.made = made
        self.countries = interpreter.program.place.countries
        self.parties: tuple[str, ...]
        self.commitments: tuple[str, ...] = ()
        self.acts: dict[str, list[RecordType]] = {}
        self.event: RecordType | None = None
        self.imposed: dict[str, tuple[str, ...]] = {}
        self.membership: Membership | None = None
        self.kinds = OF_RESPONSES
        if isinstance(target, Agreement):
            self.membership = Membership(interpreter, target)
            self.kinds = OF_AGREEMENTS
            self.parties = self.membership.parties
            self.commitments = tuple(commitment.name for commitment in target.commitments)
            for commitment in target.commitments:
                for verb in commitment.verbs:
                    records = self.acts.setdefault(verb, [])
                    if commitment.record not in records:
                        records.append(commitment.record)
        else:
            self.parties = tuple(plain(member) for member in target.members)
            self.event = target.event
            self.imposed = {"measure": target.measures.members, "sector": target.sectors.members}

    def facts(self, record: RecordType, given: object, path: str = "") -> Any:
        """Facts of a record as run-time values, from JSON or from an object made of it; raises FactsError."""
        made = self.made(record, given)
        return self.interpreter.decoder(record)(given, path).value if made is None else made

    def read_all(
        self, values: Iterable[object], numbers: Iterable[int] | None = None
    ) -> tuple[list[Event], list[Problem]]:
        """The valid events, each id once, and what is wrong with the others.

        ``numbers``: what to call them by, instead of 1, 2 …
        """
        events: dict[str, Event] = {}
        problems: list[Problem] = []
        for number, value in zip(count(1) if numbers is None else numbers, values, strict=False):
            try:
                event = self.read(value, f"events[{number}]")
            except FactsError as error:
                problems += error.problems
                continue
            if events.setdefault(event.id, event) != event:
                problems.append(Problem(f"events[{number}].id", event.id, "an id of its own: another event has it"))
        return list(events.values()), problems

    def read(self, value: Any, path: str = "event") -> Event:
        """One event; raises FactsError with everything that is wrong with it."""
        if not isinstance(value, Mapping):
            raise FactsError([Problem(path, value, 'an object such as {"id": …, "date": …, "kind": …}')])
        problems: list[Problem] = []
        as_given: Mapping[Any, Any] = value
        value = {key: known_scalar(item) for key, item in as_given.items()}

        def refuse(key: str, expected: str, known: Sequence[str] = ()) -> None:
            given = as_given.get(key, MISSING)
            hint = did_you_mean(given, known) if known and isinstance(given, str) else day_hint(given)
            problems.append(Problem(f"{path}.{key}", given, expected, hint or ""))

        def name(key: str, known: Sequence[str], what: str) -> str | None:
            given = value.get(key)
            if given is not None and given not in known:
                refuse(key, what, known)
                return None
            return given if isinstance(given, str) else None

        for key in value:
            if key not in KEYS:
                refuse(key_text(key), "no such key", KEYS)
        identity = value.get("id")
        if not isinstance(identity, str | int) or isinstance(identity, bool):
            refuse("id", "a text or number that names this event alone")
        day = to_date(value.get("date"))
        if day is None:
            refuse("date", 'a date such as "2022-02-24"')
        kind = name("kind", self.kinds, "one of " + ", ".join(self.kinds))
        if "kind" not in value:
            refuse("kind", "one of " + ", ".join(self.kinds))
        commitment = name("commitment", self.commitments, "a commitment of this agreement")
        party = name("party", self._who(kind), f"a party ({', '.join(self.parties)}) or one of its countries")
        other = name("other", self._who(), f"a party ({', '.join(self.parties)}) or one of its countries")
        if self.membership is not None and not problems:
            self._related(self.membership, kind, commitment, party, other, refuse)
        count = value.get("count")
        if count is not None and (not isinstance(count, int) or isinstance(count, bool) or count < 0):
            refuse("count", "a whole number")
        imposed = self._imposed(value, path, problems) if self.imposed and kind == "act" else {}
        record = None if imposed or problems else self._record(value, kind, refuse)
        facts: Any = {}
        if imposed:
            pass
        elif record is not None:
            try:
                facts = self.facts(record, value.get("facts", {}), f"{path}.facts")
                problems += self.interpreter.broken(record, facts, day, f"{path}.facts")
            except FactsError as error:
                problems += error.problems
        elif value.get("facts") and not problems:
            refuse("facts", "no facts without a record that they are of")
        if kind in DECLARED and party is None and value.get("party") is None:
            refuse("party", DECLARED[kind])
        if kind == "breach" and commitment is None and value.get("commitment") is None:
            refuse("commitment", "which commitment is in breach")
        if problems or day is None or kind is None:
            raise FactsError(problems)
        return Event(
            id=str(identity),
            day=day,
            kind=kind,  # type: ignore[arg-type]  # one of KINDS
            commitment=commitment,
            party=party,
            other=other,
            verb=value.get("verb"),
            record=record.name if record is not None else None,
            facts=facts,
            count=count,
            **imposed,
        )

    def _who(self, kind: str | None = None) -> tuple[str, ...]:
        """Who may be named: of an agreement its parties, their countries, and third states whose acceptance counts."""
        if self.membership is None:
            return (*self.parties, *self.countries)
        countries = frozenset().union(*self.membership.countries.values())
        if kind == "acceptance":
            countries |= self.membership.consenting
        return (*self.parties, *sorted(countries))

    @staticmethod
    def _related(
        membership: Membership,
        kind: str | None,
        commitment: str | None,
        party: str | None,
        other: str | None,
        refuse: Callable[[str, str], None],
    ) -> None:
        """Refuse what names a commitment that the party does not owe, or the party itself as the other side."""
        if party is None:
            return
        sides = membership.sides_of(party)
        if other is not None and len(sides) == 1 and membership.sides_of(other) == sides:
            refuse("other", f"another side than {sides[0]}, whose event it is")
        if kind in OWED and commitment is not None and not (kind == "acceptance" and party in membership.consenting):
            owners = membership.owners(commitment)
            if not set(sides) & set(owners):
                refuse("party", f"who owes `{commitment}`: {' or '.join(owners)}")

    def _imposed(self, value: Mapping[str, Any], path: str, problems: list[Problem]) -> dict[str, str]:
        """What an act of a response's member imposes or lifts: `"facts": {"measure": …, "sector": …}`."""
        if value.get("verb") not in ("impose", "lift"):
            problems.append(Problem(f"{path}.verb", value.get("verb", MISSING), "`impose` or `lift`"))
        party = value.get("party")
        if party not in self.parties and (party is None or party in self.countries):  # any other is refused already
            hint = did_you_mean(str(party), self.parties) or ""
            problems.append(Problem(f"{path}.party", party, "a member: " + ", ".join(self.parties), hint))
        facts = value.get("facts")
        if not isinstance(facts, Mapping):
            problems.append(Problem(f"{path}.facts", facts, 'an object {"measure": …, "sector": …}'))
            return {}
        for key in facts:
            if key not in self.imposed:
                problems.append(Problem(f"{path}.facts.{key}", facts[key], "no such key"))
        for key, members in self.imposed.items():
            given = facts.get(key, MISSING)
            if not isinstance(given, str) or given not in members:
                hint = (did_you_mean(given, members) if isinstance(given, str) else None) or ""
                problems.append(Problem(f"{path}.facts.{key}", given, "one of " + ", ".join(members), hint))
        return {key: str(facts[key]) for key in self.imposed if key in facts}

    def _record(self, value: Mapping[str, Any], kind: str | None, refuse: Any) -> RecordType | None:
        """The record that an event's facts are of: said, or the only one there is for its verb."""
        if kind == "act":
            verb = value.get("verb")
            if not isinstance(verb, str) or verb not in self.acts:
                refuse("verb", "an act that a commitment speaks of: " + ", ".join(self.acts), tuple(self.acts))
                return None
            records = self.acts[verb]
        elif self.event is not None and (kind == "trigger" or (kind == "lift" and value.get("facts") is not None)):
            records = [self.event]
        else:
            return None
        wanted = value.get("record")
        if wanted is None and len(records) == 1:
            return records[0]
        for record in records:
            if record.name == wanted:
                return record
        refuse("record", "one of " + ", ".join(record.name for record in records))
        return None
