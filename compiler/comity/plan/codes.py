"""Codes of tables by what a line sees of them, so that of thousands of codes one of each kind is asked.

A line that names `3A001` alone, and reads the columns of a control list, cannot tell `4A003` from `5A002` where these
have the same columns. Which codes are alike does not depend on what a line names, and is worked out once:

    4A003, 5A002, 6A003      kind 0: no row names another code, the same columns
    4A003.?, 6A003.?         kind 1: paragraphs of these, without a column
    3A001                    named: asked by itself, and so is a code whose row names it
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Set
from typing import NamedTuple, TypeAlias

from comity.runtime.values import EAR99

Said: TypeAlias = tuple[int, tuple[str, ...]]
"""What the rows of a code say: the codes in them, and a number for all else."""


class Told(NamedTuple):
    """What a line may tell codes apart by.

    ``keys``: those that key tables which it reads. ``named``: those that it names. ``tables``: by their rows in these,
    of which it reads at most ``fields``. ``length``: by how many of their first letters.
    """

    keys: set[str]
    named: set[str]
    tables: tuple[str, ...]
    fields: frozenset[str]
    length: int


def within(cell: str) -> Iterator[str]:
    """The cell itself, and those of the entries that it is within, the longest first."""
    yield cell
    code = cell.removesuffix(".")
    while "." in code:
        code = code.rpartition(".")[0]
        yield f"{code}."


def entries(code: str) -> Iterator[str]:
    """The code and the wider ones that it is within."""
    yield code
    while "." in code:
        code = code.rpartition(".")[0]
        yield code


class KindsOfCodes:
    """The keys of some tables, and the paragraphs below each, by what lines that read the same of these tables see.

    ``length``: by how many of their first letters lines tell codes apart. ``said``: what the rows of a code say.
    """

    def __init__(self, keys: Set[str], length: int, said: Callable[[str], Said]) -> None:
        self.keys = frozenset(keys)
        self.length = length
        self.said = said
        self._cells: list[str] = []
        self._codes: list[str] = []
        self._values: list[str] = []
        self._kinds: list[int] = []
        self._alike: list[list[int]] = []
        self._seen: dict[str, list[int]] = defaultdict(list)
        self._below: dict[str, list[int]] = defaultdict(list)
        numbers: dict[object, int] = {}
        for each in sorted(keys):
            for cell, value in _cells(each):
                place = len(self._cells)
                self._cells.append(cell)
                self._codes.append(each)
                self._values.append(value)
                row = said(value)
                kind = numbers.setdefault(self._kind(value, row, _none), len(numbers))
                self._kinds.append(kind)
                if kind == len(self._alike):
                    self._alike.append([])
                self._alike[kind].append(place)
                for code in {each, *row[1]}:
                    self._seen[code].append(place)
                    for entry in entries(code):
                        self._below[entry].append(place)

    def tell(self, named: Set[str], ask: Callable[[str], bool]) -> dict[object, bool | None]:
        """What ``ask`` says of each code and of the paragraphs below it, for a line that names these codes."""
        wider = {entry for each in named for entry in entries(each)}

        def is_named(code: str) -> bool:
            return code == EAR99 or code in wider or not named.isdisjoint(entries(code))

        apart = set(self._seen.get(EAR99, ()))
        for each in wider:
            apart.update(self._seen.get(each, ()))
        for each in named:
            apart.update(self._below.get(each, ()))
        of_kind: list[bool | None] = [None] * len(self._alike)
        for kind, places in enumerate(self._alike):
            first = next((place for place in places if place not in apart), None)
            if first is not None:
                of_kind[kind] = ask(self._values[first])
        told: dict[object, bool | None] = dict(zip(self._cells, map(of_kind.__getitem__, self._kinds), strict=True))
        known: dict[object, bool] = {}
        others = [(cell, each, value) for each in named - self.keys for cell, value in _cells(each)]
        for cell, each, value in [*((self._cells[n], self._codes[n], self._values[n]) for n in apart), *others]:
            kind_of = value if is_named(each) else self._kind(value, self.said(value), is_named)
            if kind_of not in known:
                known[kind_of] = ask(value)
            told[cell] = known[kind_of]
        return told

    def _kind(self, value: str, said: Said, is_named: Callable[[str], bool]) -> object:
        """What a line sees of a code that it does not name."""

        def seen(other: str) -> object:
            """A code in a row, as the line sees it: how it stands to this one, if the line does not name it."""
            if is_named(other):
                return other
            return other[: self.length], other == value, other in entries(value), value in entries(other)

        number, codes = said
        return value[: self.length], number, *map(seen, codes)


def _none(_: str) -> bool:
    return False


def _cells(code: str) -> tuple[tuple[str, str], ...]:
    """The cell of a code and that of what is below it, each with a code that is in it."""
    if code == EAR99:  # which has no paragraphs
        return ((code, code),)
    return (code, code), (f"{code}.", f"{code}.?")


__all__ = ["KindsOfCodes", "Said", "Told", "entries", "within"]
