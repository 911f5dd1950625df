"""What a decision says of the rows of a table, as columns.

For example:

    answers["outcome"]      ["free", None, "prohibited"]                a row each; None where it is not determined
    answers["status"]       ["determined", "undetermined", "determined"]
    answers.counts()        {"free": 1, "prohibited": 1, "undetermined": 1}
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from comity.backends.batch.classes import Said
from comity.backends.batch.columns import Codes
from comity.runtime.answer import Answer
from comity.runtime.errors import FactsError, Problem
from comity.runtime.light import dataclass

Status: TypeAlias = Literal["determined", "undetermined", "gap", "contradiction", "refused"]

STATUSES: Final[tuple[Status, ...]] = ("determined", "undetermined", "gap", "contradiction", "refused")

COLUMNS: Final = ("outcome", "status", "possible", "reason")
"""The columns that there always are."""

EXPLAINED: Final = ("needs", "rules", "citations", "grounds", "defaults", "relied_on_unknown")
"""The columns that there are where an explanation was asked for."""


def refuse_kept(keep: Iterable[str], explain: bool) -> None:
    """Raise FactsError for columns to be kept that are called as a column of the answers is."""
    taken = (*COLUMNS, *EXPLAINED) if explain else COLUMNS
    due, hint = "names that no column of the answers has", "rename the column in the table"
    problems = [Problem("keep", name, due, hint) for name in keep if name in taken]
    if problems:
        raise FactsError(problems)


@dataclass(frozen=True, slots=True)
class Row:
    """What is said of one row. ``outcome`` is None unless ``status`` is "determined"; ``reason`` says what was wrong
    with facts that were refused, or which definition failed.
    """

    outcome: str | None
    status: Status
    possible: tuple[str, ...] = ()
    reason: str | None = None

    @classmethod
    def of(cls, answer: Answer | FactsError) -> Row:
        if isinstance(answer, FactsError):
            return cls(None, "refused", (), str(answer))
        status: Status = answer.error or ("determined" if answer.determined else "undetermined")
        return cls(answer.outcome, status, answer.possible, answer.reason or None)


def _row(said: Said) -> Row:
    return Row(said.outcome, said.error or ("undetermined" if said.outcome is None else "determined"), said.possible)


class Answers(Mapping[str, NDArray[Any]]):
    """Columns in the order of the rows: `outcome`, `status`, `possible`, `reason`, and more where explained.

    A column is a NumPy array of objects, shape (rows,): `outcome` text or None, `status` text, `possible` tuples of
    text, `reason` text or None. ``rows`` are the distinct things that are said, ``codes`` which one is said of each
    row: an array of int32.
    """

    def __init__(self, outcomes: Sequence[str], explain: bool) -> None:
        self.outcomes = tuple(outcomes)
        self.rows: list[Row] = []
        self.explained: list[Answer | FactsError] | None = [] if explain else None
        self._codes: dict[Row, int] = {}
        self._parts: list[NDArray[np.int32]] = []

    def add(self, said: Codes, doubtful: NDArray[np.int64], decide: Callable[[int], Row]) -> None:
        """Add the rows of a chunk: as ``said``, but ``doubtful`` ones as ``decide`` says."""
        table = [self._code(_row(each)) for each in said.domain.values]  # type: ignore[arg-type]
        codes = np.array(table or [0], np.int32).take(said.index)
        for row in doubtful.tolist():
            codes[row] = self._code(decide(row))
        self._parts.append(codes)

    def _code(self, row: Row) -> int:
        code = self._codes.get(row)
        if code is None:
            code = self._codes[row] = len(self.rows)
            self.rows.append(row)
        return code

    @property
    def codes(self) -> NDArray[np.int32]:
        """Shape (rows,): for each row of the table, its place in ``rows``."""
        if len(self._parts) != 1:
            self._parts = [np.concatenate(self._parts) if self._parts else np.zeros(0, np.int32)]
        return self._parts[0]

    def counts(self) -> dict[str, int]:
        """How many rows have each outcome, and each status other than "determined"."""
        found: Counter[str] = Counter()
        for row, number in zip(self.rows, np.bincount(self.codes, minlength=len(self.rows)).tolist(), strict=True):
            found[row.outcome or row.status] += number
        return {name: found[name] for name in (*self.outcomes, *STATUSES) if found[name]}

    # ---------------------------------------------------------------------------------------- columns

    @property
    def names(self) -> tuple[str, ...]:
        return COLUMNS if self.explained is None else (*COLUMNS, *EXPLAINED)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name in COLUMNS:
            return _objects([getattr(row, name) for row in self.rows]).take(self.codes)
        if self.explained is None or name not in EXPLAINED:
            raise KeyError(name)
        return _objects([explanation(each, name) for each in self.explained])

    def to_arrow(self) -> Any:
        """As an Arrow table: text by codes (`outcome`, `status`, `reason`), lists of text (the others)."""
        import pyarrow as pa

        arrays = []
        for name in self.names:
            if name in ("outcome", "status"):
                members: Sequence[str] = self.outcomes if name == "outcome" else STATUSES
                place = {member: number for number, member in enumerate(members)}
                table = [place.get(getattr(row, name), -1) for row in self.rows]
                index = np.array(table or [0], np.int8).take(self.codes)
                indices = pa.array(index, pa.int8(), mask=index < 0)
                arrays.append(pa.DictionaryArray.from_arrays(indices, pa.array(members, pa.string())))
            elif name in COLUMNS:
                kind = pa.list_(pa.string()) if name == "possible" else pa.string()
                values = pa.array([getattr(row, name) for row in self.rows], kind)
                arrays.append(values.take(pa.array(self.codes)))
            else:
                arrays.append(pa.array([list(each) for each in self[name]], pa.list_(pa.string())))
        return pa.table(arrays, names=list(self.names))

    def to_pandas(self) -> Any:
        """As a frame of pandas."""
        return self.to_arrow().to_pandas()

    def to_polars(self) -> Any:
        """As a frame of Polars."""
        import polars

        return polars.from_arrow(self.to_arrow())


def explanation(answer: Answer | FactsError, name: str) -> tuple[str, ...]:
    """One of the `EXPLAINED` columns of a row: nothing where facts were refused. ``rules``: those that decide, or that
    an undetermined answer depends on; ``citations``: theirs.
    """
    if isinstance(answer, FactsError):
        return ()
    if name in ("rules", "citations"):
        rules = [rule for rule in answer.rules if rule.status in ("decides", "possible")]
        if name == "rules":
            return tuple([rule.name for rule in rules])
        return tuple(dict.fromkeys(citation for rule in rules for citation in rule.citations))
    found: tuple[str, ...] = getattr(answer, name)
    return found


def _objects(values: Sequence[object]) -> NDArray[Any]:
    """One object per value, also where these are tuples."""
    array = np.empty(len(values), object)
    for place, value in enumerate(values):
        array[place] = value
    return array
