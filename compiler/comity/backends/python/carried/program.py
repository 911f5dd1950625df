"""The clauses of a policy, as the reference semantics reads them: no more of a program than evaluation asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any, Literal

from comity.base.source import NOWHERE, Span
from comity.runtime import compiled
from comity.runtime import rules as resolved
from comity.runtime.package import plain
from comity.runtime.rules import Ruleset
from comity.runtime.types import EnumType, PlaceType, RecordType, SetType, Type
from comity.terms import Interval, Term


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table. ``interval`` None: always."""

    keys: tuple[object, ...]
    value: object
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """``otherwise``: the value where there is no row, if ``has_otherwise``."""

    name: str
    parameters: tuple[tuple[str, Type], ...]
    rows: tuple[Row, ...]
    has_otherwise: bool = False
    otherwise: object = None


@dataclass(frozen=True, slots=True)
class SetDefinition:
    type: SetType
    body: Term


@dataclass(frozen=True, slots=True)
class Define:
    record: RecordType | None
    parameters: tuple[tuple[str, Type], ...]
    result: Type
    body: Term


@dataclass(frozen=True, slots=True)
class AlwaysLine:
    condition: Term
    text: str


@dataclass(frozen=True, slots=True)
class Party:
    qname: str
    members: Term
    as_of: date | None
    territory: Term | None

    @property
    def name(self) -> str:
        return last(self.qname)


@dataclass(frozen=True, slots=True)
class Ground:
    kind: Literal["over", "rank", "later", "restriction"]
    winner: str | None
    loser: str | None
    cites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule's own condition, and what resolution knows of it (``says``)."""

    number: int
    family: str
    key: str | None
    condition: Term
    says: resolved.Rule
    alike: bool = False

    @property
    def question(self) -> str:
        return self.family if self.alike else self.name

    @property
    def name(self) -> str:
        return self.says.name

    @property
    def module(self) -> str:
        return self.says.module

    @property
    def outcome(self) -> str | None:
        return self.says.outcome

    @property
    def cites(self) -> tuple[str, ...]:
        return self.says.citations

    @property
    def refer(self) -> str | None:
        return "" if self.says.refers else None

    @property
    def rank(self) -> str | None:
        return self.says.rank

    @property
    def window(self) -> tuple[tuple[date, None], ...]:
        return tuple((day, None) for day in self.says.begins)

    def targets(self, kind: Literal["prevails", "exception", "disapplies"]) -> tuple[int, ...]:
        match kind:
            case "prevails":
                return self.says.prevails_over
            case "exception":
                return self.says.exception_to
            case "disapplies":
                return self.says.disapplies


@dataclass(frozen=True, slots=True)
class Decision:
    name: str
    record: RecordType
    ruleset: Ruleset
    rules: tuple[Rule, ...]
    sources: tuple[tuple[str, int], ...] = ()

    @property
    def qname(self) -> str:
        return self.name

    @property
    def outcomes(self) -> EnumType:
        return EnumType("", self.name, self.ruleset.outcomes)

    @property
    def otherwise(self) -> str | None:
        return self.ruleset.otherwise

    @property
    def grounds(self) -> tuple[Ground, ...]:
        return tuple(Ground(g.kind, g.winner, g.loser, g.citations) for g in self.ruleset.grounds)


def rules(
    ruleset: Ruleset, *own: tuple[str, str | None, Term] | tuple[str, str | None, Term, bool]
) -> tuple[Rule, ...]:
    """The rules of a decision from the declared name, the member and the condition of each, in their order, and
    whether all members of the family ask counsel one question.
    """
    return tuple(
        Rule(number, family, key, condition, says, *alike)
        for number, ((family, key, condition, *alike), says) in enumerate(zip(own, ruleset.rules, strict=True))
    )


def rows(
    table: compiled.Table[Any, Any] | compiled.DatedTable[Any, Any], columns: int, result: Type
) -> tuple[Row, ...]:
    """The rows of a compiled table, with their records as mappings."""
    found = []
    for key, value in table.rows.items():
        keys: tuple[object, ...] = (key,) if columns == 1 else tuple(key)  # type: ignore[arg-type]
        dated = value if isinstance(table, compiled.DatedTable) else [(None, value)]
        found += [Row(keys, plain(result, each), window) for window, each in dated]
    return tuple(found)


# ------------------------------------------------------------------------------------------- agreements


def last(qname: str) -> str:
    return qname.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class TimeSpan:
    months: int | None
    hours: Fraction | None


@dataclass(frozen=True, slots=True)
class Who:
    kind: Literal["each party", "party", "each member"]
    party: str | None
    toward: str | None


@dataclass(frozen=True, slots=True)
class Per:
    calendar: Literal["year", "month"] | None
    rolling: TimeSpan | None


@dataclass(frozen=True, slots=True)
class Commitment:
    qname: str
    who: Who
    modality: Literal["shall", "shall not", "may"]
    record: RecordType
    verbs: tuple[str, ...]
    limit: Literal["at most", "at least", "exactly"] | None
    per: Per | None
    protected: bool
    when: Term | None
    unless: Term | None
    ensure: Term | None
    window: tuple[Interval, ...] | None
    limit_number: Term | None
    deadline_day: date | None
    deadline_within: TimeSpan | None
    deadline_after: Term | None
    binding: Term | None
    suspended: Term | None
    prevails_over: tuple[str, ...]
    span: Span = NOWHERE

    @property
    def name(self) -> str:
        return last(self.qname)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    who: Who
    notice: TimeSpan | None
    when: Term | None


@dataclass(frozen=True, slots=True)
class Remedy:
    who: Who
    breached: tuple[str, ...]
    suspends: tuple[str, ...]
    until_breach_ends: bool


@dataclass(frozen=True, slots=True)
class Agreement:
    qname: str
    parties: tuple[str, ...]
    status: str
    since: date | None
    commitments: tuple[Commitment, ...]
    withdrawals: tuple[Withdrawal, ...]
    remedies: tuple[Remedy, ...]

    @property
    def name(self) -> str:
        return last(self.qname)


# ------------------------------------------------------------------------------------------- responses


@dataclass(frozen=True, slots=True)
class Impose:
    lift: bool
    measures: tuple[str, ...]
    sectors: tuple[str, ...]
    when: Term | None
    members: tuple[str, ...]
    duration: TimeSpan | None


@dataclass(frozen=True, slots=True)
class Step:
    after: TimeSpan | None
    on: date | None
    lines: tuple[Impose, ...]


@dataclass(frozen=True, slots=True)
class Allowing:
    condition: Term
    until_day: int | None


@dataclass(frozen=True, slots=True)
class Response:
    qname: str
    record: RecordType | None
    members: tuple[str, ...]
    measures: EnumType
    sectors: EnumType
    reaches: Term | None
    event: RecordType | None
    trigger: Term | None
    trigger_on: date | None
    allowing: tuple[Allowing, ...]
    steps: tuple[Step, ...]
    lift_when: Term | None

    @property
    def name(self) -> str:
        return last(self.qname)


# ------------------------------------------------------------------------------------------- program


@dataclass(frozen=True, slots=True)
class Program:
    """Mappings are by qualified name."""

    place: PlaceType
    tables: Mapping[str, Table]
    sets: Mapping[str, SetDefinition]
    defines: Mapping[str, Define]
    decisions: Mapping[str, Decision]
    always: Mapping[str, tuple[AlwaysLine, ...]]
    parties: Mapping[str, Party] = field(default_factory=dict)
    agreements: Mapping[str, Agreement] = field(default_factory=dict)
    responses: Mapping[str, Response] = field(default_factory=dict)
    source_hash: str = ""

    @property
    def party_names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(party.name for party in self.parties.values()))
