"""What tests and examples are made of, in the checked tree and in core: assigned facts, acts, events, expectations.

    test "chips to Hong Kong":                    Test(…,
        item.eccn = 3A090                             facts=(Given(("item", "eccn"), Const("3A090")),),
        expect prohibited by hong_kong                expects=(ExpectOutcome("prohibited", ("hong_kong",)),))

They stand beside `parts` because no answer to a question about facts needs them: a built package never loads them.
"""

from __future__ import annotations

from datetime import date
from typing import Literal, TypeAlias

from comity.base.source import Span
from comity.runtime.light import dataclass
from comity.runtime.types import RecordType
from comity.terms import Term


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
