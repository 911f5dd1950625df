"""One input of a decision, read: its facts, what counsel found beside them, and the day.

The interpreter and every built package read inputs here, so they accept and refuse alike.

**Where a fact comes from.** First the facts as given: a fact that is there counts, also if it is `null` (unknown). A
fact that is left out is what an `example` says, where examples are used at all (tests and `query`); else it is the
default of its field; else it is unknown, if its field may be (`?`), or else missing, which is refused (`Field.source`,
which `Decoder` asks of facts in JSON, and `comity.core.given.complete` of those over an example). A day asked for
(`as_of`) replaces the fact that gives the day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, TypeAlias

from .errors import FactsError, Problem
from .facts import Decoder, read_findings
from .light import dataclass
from .types import RecordType

FINDINGS: Final = "findings"
"""The key beside the facts under which counsel's findings stand, unless the record has a field of that name."""

Findings: TypeAlias = Mapping[str, bool | str]
"""What counsel found, by the name of the rule that referred: true, false, or the outcome."""


@dataclass(frozen=True, slots=True)
class Input:
    """``facts``: the record as the decoder makes it. ``defaults``: paths of the fields whose default was used."""

    facts: Any
    findings: Findings
    defaults: tuple[str, ...]


def read_input(
    value: object,
    record: RecordType,
    decoder: Decoder,
    referring: Mapping[str, Sequence[str]],
    as_of: date | None = None,
    findings: object = None,
) -> Input:
    """Read an input in JSON form; raises FactsError with everything that is wrong.

    ``referring``: the rules that refer to counsel, as `read_findings` takes them. ``findings``: more of counsel's
    findings; they go before those beside the facts.
    """
    problems: list[Problem] = []
    found: dict[str, bool | str] = {}
    beside: object = None
    if isinstance(value, Mapping):
        given = dict(value)
        if record.field(FINDINGS) is None:
            beside = given.pop(FINDINGS, None)
        if as_of is not None and record.as_of is not None:
            given[record.as_of] = as_of
        value = given
    for each in (beside, findings):
        try:
            found |= read_findings(each, referring)
        except FactsError as error:
            problems += error.problems
    try:
        decoded = decoder(value)
    except FactsError as error:
        raise FactsError([*problems, *error.problems]) from None
    if problems:
        raise FactsError(problems)
    return Input(decoded.value, found, decoded.defaults)
