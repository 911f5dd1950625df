"""Parts of declarations that the checked tree and core share: made of terms, types and spans alone.

`terms` are the expressions; these are the small values around them, which lowering leaves as they are: a row of a
table, a length of time, a line of a response. What `impose … for 90 days` and `step after
30 days` both hold is one `TimeSpan`.
"""

from __future__ import annotations

from dataclasses import field
from datetime import date
from fractions import Fraction
from typing import Literal

from comity.base.source import NOWHERE, Span
from comity.runtime.light import dataclass
from comity.runtime.types import RecordType, Type
from comity.terms import Interval, Term


@dataclass(frozen=True, slots=True)
class Part:
    """What is written in one place. As everywhere, keyword-only fields say nothing that an answer follows from."""

    span: Span = field(default=NOWHERE, kw_only=True)


@dataclass(frozen=True, slots=True)
class AlwaysLine(Part):
    """A fact of the world about ``this``; ``text`` is the line as written."""

    condition: Term
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A table row: key values, value, window (None: always), and its place (CSV row and file, or span)."""

    keys: tuple[object, ...]
    value: object
    interval: Interval | None
    place: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class Ground(Part):
    """`prevail X over Y` (``kind`` "over") or `prevail by rank|later|restriction`."""

    kind: Literal["over", "rank", "later", "restriction"]
    winner: str | None
    loser: str | None
    cites: tuple[str, ...]


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
class Reservation(Part):
    """What a red line keeps for its party: `no limit on V R [when C]`, `no commitment on V R [when C]`."""

    kind: Literal["limit", "commitment"]
    verbs: tuple[str, ...]
    record: RecordType
    when: Term | None


@dataclass(frozen=True, slots=True)
class RemedyTrigger:
    """What a remedy answers: a breach of ``commitment``, or an act (``verb`` and ``record``, by plain name)."""

    commitment: str | None
    verb: str | None
    record: str | None


@dataclass(frozen=True, slots=True)
class RemedyAnswer:
    """What it lets a party do: suspend ``commitment``, or an act (``verb`` and ``record``).

    `up to 60% counting as expel Staff`: ``up_to`` is a constant term, ``counting_as`` the verb and record.
    """

    commitment: str | None
    verb: str | None
    record: str | None
    up_to: Term | None
    counting_as: tuple[str, str] | None


# ------------------------------------------------------------------------------------------- responses


@dataclass(frozen=True, slots=True)
class Impose(Part):
    """`impose MEASURES on SECTORS` or `lift …`. ``measures`` / ``sectors``: member names.

    ``when`` speaks of the export as `this`. ``members``: () is all.
    """

    lift: bool
    measures: tuple[str, ...]
    sectors: tuple[str, ...]
    when: Term | None
    members: tuple[str, ...]
    duration: TimeSpan | None


@dataclass(frozen=True, slots=True)
class Step(Part):
    """``after`` and ``on`` both None: at once. ``doc`` is "" where none is written."""

    after: TimeSpan | None
    on: date | None
    lines: tuple[Impose, ...]
    doc: str = field(default="", kw_only=True)
    cites: tuple[str, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True)
class Allowing(Part):
    """`allowing CONDITION [until day 60]`: exports that a response exempts while they are wound down."""

    condition: Term
    until_day: int | None
