"""Which facts, made otherwise, would give another answer: the smallest sets of them.

One fact is tried at a time, then two. A fact is given every value that its type lists (truth values, members,
countries), and else those that the policy speaks of: codes and amounts of its conditions and tables and those on
either side of them, days on which something begins or ends. Each input is decided by the interpreter, so a change
that is named gives the answer that is named. Amounts and codes have no end, so that none is found does not prove
that there is none; how many inputs were tried is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations

from comity.analysis.versions.values import around, codes_of, constants
from comity.core import ast as core
from comity.core.given import replaced
from comity.core.interpret import Interpreter
from comity.runtime.answer import Answer, FactsError
from comity.runtime.inputs import Findings
from comity.runtime.light import dataclass
from comity.runtime.types import AbsentType, EccnType, EnumType, Field, ListType, RecordType, SetType, Type
from comity.runtime.values import format_value
from comity.terms import THIS, Term
from comity.tools.generate.lines import Reads
from comity.tools.generate.values import Facts, Path, domain, get

MOST_TRIED = 4_000
"""Inputs decided in one search."""

MOST_VALUES = 300
"""Values of one fact: all countries, and more than the codes that are taken from tables."""

MOST_OF_TWO = 8
"""Values of each fact where two are changed together."""

MOST_SHOWN = 12
"""Changes named; of more, the first."""


@dataclass(frozen=True, slots=True)
class Change:
    """Facts made otherwise, and the answer they give. ``also``: values that do the same for the one fact there is."""

    facts: tuple[tuple[str, str, str], ...]
    """Path, the value as it is, the value it would have."""
    outcome: str
    also: int = 0

    def to_json(self) -> dict[str, object]:
        facts = [{"path": path, "is": was, "would_be": value} for path, was, value in self.facts]
        return {"facts": facts, "outcome": self.outcome, "other_values": self.also}


@dataclass(frozen=True, slots=True)
class Changes:
    """``size``: how many facts each change takes; 0 where none was found. ``tried``: inputs decided.

    ``complete``: every value that was to be tried was; else the search ended at its limit.
    """

    found: tuple[Change, ...]
    size: int
    tried: int
    complete: bool

    def to_json(self) -> dict[str, object]:
        changes = [change.to_json() for change in self.found]
        return {"size": self.size, "changes": changes, "tried": self.tried, "complete": self.complete}


def smallest_changes(
    interpreter: Interpreter,
    decision: core.Decision,
    facts: Facts,
    as_of: date | None,
    findings: Findings,
    answer: Answer,
) -> Changes:
    """The smallest changes that were found, each to an answer that is determined (or an error) and another one."""
    return _Search(interpreter, decision, facts, as_of, findings, answer).run()


@dataclass(frozen=True, slots=True)
class _Place:
    """A fact that may be changed; ``type`` is None for a finding of counsel."""

    path: Path
    name: str
    type: Type | None


class _Search:
    def __init__(
        self,
        interpreter: Interpreter,
        decision: core.Decision,
        facts: Facts,
        as_of: date | None,
        findings: Findings,
        answer: Answer,
    ) -> None:
        self.interpreter = interpreter
        self.decision = decision
        self.facts = facts
        self.as_of = as_of
        self.findings = findings
        self.now = _said(answer)
        self.tried = 0
        self.spoken = _spoken(interpreter.program, decision)
        self.places = [*self._places(), *self._counsel(answer)]

    def run(self) -> Changes:
        single: list[Change] = []
        few: dict[_Place, list[object]] = {}
        for place in self.places:
            values = self._values(place)
            few[place] = _spread(values)
            by_outcome: dict[str, list[object]] = {}
            for value in values:
                if self.tried >= MOST_TRIED:
                    break
                outcome = self._decide(((place, value),))
                if outcome is not None:
                    by_outcome.setdefault(outcome, []).append(value)
            for outcome, reached in by_outcome.items():
                single.append(Change((self._fact(place, reached[0]),), outcome, len(reached) - 1))
        if single:
            return Changes(tuple(single), 1, self.tried, self.tried < MOST_TRIED)
        pairs: dict[tuple[str, str, str], Change] = {}
        moves = [(place, value) for place, values in few.items() for value in values]
        # A change near the facts that rules ask about first: pairs of early moves before pairs of late ones.
        for one, two in sorted(combinations(range(len(moves)), 2), key=lambda pair: pair[1]):
            if self.tried >= MOST_TRIED or len(pairs) >= MOST_SHOWN:
                break
            if moves[one][0] == moves[two][0]:
                continue
            outcome = self._decide((moves[one], moves[two]))
            if outcome is not None:
                changed = (self._fact(*moves[one]), self._fact(*moves[two]))
                pairs.setdefault((changed[0][0], changed[1][0], outcome), Change(changed, outcome))
        return Changes(tuple(pairs.values()), 2 if pairs else 0, self.tried, self.tried < MOST_TRIED)

    def _decide(self, moves: Iterable[tuple[_Place, object]]) -> str | None:
        """The answer after these moves, if it is one and another one."""
        facts, findings, as_of = self.facts, dict(self.findings), self.as_of
        for place, value in moves:
            if place.type is None:
                findings[str(place.path[0])] = value  # type: ignore[assignment]
                continue
            facts = replaced(facts, place.path, value)
            if place.path == (self.decision.record.as_of,):
                as_of = None
        self.tried += 1
        try:
            said = _said(self.interpreter.decide(self.decision.qname, facts, as_of, findings))
        except FactsError:
            return None
        return None if said in (None, self.now) else said

    # ------------------------------------------------------------------------------------- places

    def _places(self) -> Iterator[_Place]:
        record = self.decision.record
        reads = Reads(self.interpreter.program, record)
        for rule in self.decision.rules:
            reads.of(rule.condition, {THIS: ()})
        facts = self.facts
        if self.as_of is not None and record.as_of is not None:
            facts = {**facts, record.as_of: self.as_of}
        self.facts = facts
        for place in _leaves(record, facts, ()):
            above = tuple(step for step in place.path if isinstance(step, str))
            if any(above[: len(path)] == path or path[: len(above)] == above for path in reads.found):
                yield place

    def _counsel(self, answer: Answer) -> Iterator[_Place]:
        needed = (need.removeprefix("findings.") for need in answer.needs if need.startswith("findings."))
        for name in dict.fromkeys((*self.findings, *needed)):
            yield _Place((name,), f"findings.{name}", None)

    # ------------------------------------------------------------------------------------- values

    def _values(self, place: _Place) -> list[object]:
        """Other values of a fact, those nearest to the one it has first."""
        if place.type is None:
            name = str(place.path[0])
            outcomes = self.interpreter.referring_rules.get(name, ())
            choices: tuple[object, ...] = (True, False) if len(outcomes) <= 1 else (*outcomes, False)
            return [choice for choice in choices if choice != self.findings.get(name)]
        now = get(self.facts, place.path)
        kind = place.type.element if isinstance(place.type, AbsentType) else place.type
        found = dict.fromkeys(domain(Field("", place.type), MOST_VALUES))
        if isinstance(kind, SetType) and isinstance(kind.element, EnumType) and isinstance(now, frozenset):
            found = dict.fromkeys(now ^ {member} for member in kind.element.members)
        found |= dict.fromkeys(self.spoken.get(_family(kind), ()))
        values = [value for value in found if value != now and value is not None]
        return sorted(values, key=lambda value: _distance(now, value))[:MOST_VALUES]

    def _fact(self, place: _Place, value: object) -> tuple[str, str, str]:
        if place.type is None:
            was = self.findings.get(str(place.path[0]))
            return place.name, "none" if was is None else str(was).lower(), str(value).lower()
        now = get(self.facts, place.path)
        return place.name, format_value(place.type, now), format_value(place.type, value)


def _leaves(type: Type, value: object, path: Path) -> Iterator[_Place]:
    match type, value:
        case RecordType(fields=fields), Mapping():
            for declared in fields:
                yield from _leaves(declared.type, value.get(declared.name), (*path, declared.name))
        case AbsentType(element=RecordType() as element), Mapping():
            yield from _leaves(element, value, path)
        case ListType(element=RecordType() as element), tuple():
            for number, each in enumerate(value):
                yield from _leaves(element, each, (*path, number))
        case ((RecordType() | ListType()), _):
            pass
        case _:
            yield _Place(path, _name(path), type)


def _name(path: Path) -> str:
    name = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return name.removeprefix(".")


def _spoken(program: core.Program, decision: core.Decision) -> dict[str, list[object]]:
    """Values that the decision's conditions, and what they ask, speak of, by the kind of fact that may have them."""
    found: dict[str, dict[object, None]] = {}
    for term in _terms(program, decision):
        for kind, value in constants(term):
            for near in around(kind, value):
                found.setdefault(_family(kind), {})[near] = None
    codes = found.setdefault(_family(EccnType()), {})
    codes |= dict.fromkeys(codes_of([program]))
    return {family: [value for value in values if value is not None] for family, values in found.items()}


def _terms(program: core.Program, decision: core.Decision) -> Iterator[Term]:
    yield from (rule.condition for rule in decision.rules)
    yield from (define.body for define in program.defines.values())
    yield from (declared.body for declared in program.sets.values())
    for other in program.decisions.values():
        if other.qname != decision.qname:
            yield from (rule.condition for rule in other.rules)


def _family(kind: Type) -> str:
    """Types whose values may be compared: the name of a country is that of a place."""
    return "Place" if str(kind) in ("Country", "Place") else str(kind)


def _distance(now: object, value: object) -> tuple[object, ...]:
    """How far a value is from the one there is; the order of the type where nothing is nearer."""
    if isinstance(now, date) and isinstance(value, date):
        return (abs((value - now) / timedelta(1)),)
    if isinstance(now, int | Fraction) and isinstance(value, int | Fraction) and not isinstance(now, bool):
        return (abs(value - now),)
    if isinstance(now, str) and isinstance(value, str):
        return (-len(_common(now, value)) if now[:1].isdigit() else 0,)
    return (0,)


def _common(one: str, two: str) -> str:
    length = next((n for n, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))
    return one[:length]


def _spread(values: list[object]) -> list[object]:
    """A few of the values: the nearest, and some from all along the rest."""
    if len(values) <= MOST_OF_TWO:
        return values
    half = MOST_OF_TWO // 2
    rest = values[half:]
    return values[:half] + [rest[number * len(rest) // half] for number in range(half)]


def _said(answer: Answer) -> str | None:
    """An answer as it is compared: the outcome, or the error; None where it is open."""
    return answer.outcome if answer.error is None else answer.error
