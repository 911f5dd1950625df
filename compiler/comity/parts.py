"""Parts of declarations that the checked tree and core share: made of terms, types and spans alone.

`terms` are the expressions; these are the small values around them, which lowering leaves as they are: a row of a
table, a length of time, a line of a response, an assigned fact of a test. What `impose … for 90 days` and `step after
30 days` both hold is one `TimeSpan`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal, TypeAlias

from comity.base.source import Span
from comity.runtime.types import RecordType, Type
from comity.terms import Interval, Term


@dataclass(frozen=True, slots=True)
class AlwaysLine:
    """A fact of the world about ``this``; ``text`` is the line as written."""

    condition: Term
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Row:
    """A table row: key values, value, window (None: always), and its place (CSV row and file, or span)."""

    keys: tuple[object, ...]
    value: object
    interval: Interval | None
    place: str


@dataclass(frozen=True, slots=True)
class Ground:
    """`prevail X over Y` (``kind`` "over") or `prevail by rank|later|restriction`."""

    kind: Literal["over", "rank", "later", "restriction"]
    winner: str | None
    loser: str | None
    cites: tuple[str, ...]
    span: Span


# ------------------------------------------------------------------------------------------- agreements


@dataclass(frozen=True, slots=True)
class Who:
    """`by each party`, `by P toward Q`, `by each member`; parties by qualified name."""

    kind: Literal["each party", "party", "each member"]
    party: str | None
    toward: str | None


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """A length of time as written: ``months`` calendar months, else ``hours``."""

    months: int | None
    hours: Fraction | None


@dataclass(frozen=True, slots=True)
class Per:
    """`per calendar year` (``calendar``), or `per 12 months`, counted back from each day (``rolling``)."""

    calendar: Literal["year", "month"] | None
    rolling: TimeSpan | None


@dataclass(frozen=True, slots=True)
class ToleranceValue:
    """``relative``: a share (1/10 for 10%), else ``absolute`` in base units of ``type``; ``reference`` of the same."""

    relative: Fraction | None
    absolute: Fraction | None
    type: Type
    reference: Fraction | None


@dataclass(frozen=True, slots=True)
class Reservation:
    """What a red line keeps for its party: `no limit on V R [when C]`, `no commitment on V R [when C]`."""

    kind: Literal["limit", "commitment"]
    verbs: tuple[str, ...]
    record: RecordType
    when: Term | None
    span: Span


# ------------------------------------------------------------------------------------------- responses


@dataclass(frozen=True, slots=True)
class Impose:
    """`impose MEASURES on SECTORS` or `lift …`. ``measures`` / ``sectors``: member names.

    ``when`` speaks of the export as `this`. ``members``: () is all.
    """

    lift: bool
    measures: tuple[str, ...]
    sectors: tuple[str, ...]
    when: Term | None
    members: tuple[str, ...]
    duration: TimeSpan | None
    span: Span


@dataclass(frozen=True, slots=True)
class Step:
    """``after`` and ``on`` both None: at once. ``doc`` is "" where none is written."""

    after: TimeSpan | None
    on: date | None
    doc: str
    cites: tuple[str, ...]
    lines: tuple[Impose, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Allowing:
    """`allowing CONDITION [until day 60]`: exports that a response exempts while they are wound down."""

    condition: Term
    until_day: int | None
    span: Span


# ------------------------------------------------------------------------------------------- tests


@dataclass(frozen=True, slots=True)
class Given:
    """One assigned fact: path and value term (constants, unknown, absent, records, lists; no facts)."""

    path: tuple[str, ...]
    value: Term
    span: Span


@dataclass(frozen=True, slots=True)
class Example:
    """Facts that the tests of a module share; a test's own facts replace them."""

    module: str
    record: RecordType
    assignments: tuple[Given, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class GivenAct:
    """``count``: how many of them, in a report of what is held or done; None is one."""

    verb: str
    record: RecordType
    party: str
    toward: str | None
    on: date | None
    assignments: tuple[Given, ...]
    span: Span
    count: int | None = None


@dataclass(frozen=True, slots=True)
class GivenEvent:
    """An event that may trigger a response."""

    record: RecordType
    on: date | None
    assignments: tuple[Given, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class ExpectOutcome:
    """``by``: names as written, `chart_control[NS2]` included."""

    outcome: str
    by: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class ExpectValue:
    """The value of a definition."""

    value: Term
    span: Span


@dataclass(frozen=True, slots=True)
class ExpectUndetermined:
    """``needing``: paths as in `needs`: `item.us_content`, `chart[CU, NS1]`, `findings.RULE`."""

    needing: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class ExpectFailure:
    """That there is no answer: the rules contradict each other, none decides, or the facts are refused."""

    kind: Literal["contradiction", "gap", "refused"]
    span: Span


@dataclass(frozen=True, slots=True)
class ExpectBreach:
    """`expect breach of C by P`, or that there is none; None: of any commitment, by any party."""

    none: bool
    commitment: str | None
    party: str | None
    span: Span


@dataclass(frozen=True, slots=True)
class ExpectImposed:
    """Which of a response's measures is in force on which sector, for which members (() is all)."""

    negated: bool
    measure: str
    sector: str
    members: tuple[str, ...]
    span: Span


Expectation: TypeAlias = ExpectOutcome | ExpectValue | ExpectUndetermined | ExpectFailure | ExpectBreach | ExpectImposed
