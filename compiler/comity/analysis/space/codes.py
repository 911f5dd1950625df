"""Axes of codes that form a tree: ECCNs and HS codes.

A code is asked whether it is within an entry, which row of a table is the longest that it falls under, and (ECCNs) what
its parts are. Codes that answer all of that alike share a cell, so the cells are the codes that are mentioned, and
under each of them a stand-in for all the codes that are not.

Example: conditions ask for `within 3A001` and `within 3A001.a`. The cells are `3A001.a` with all below it, `3A001`
itself, a stand-in for `3A001.b` and its like, and a stand-in for all other entries.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from functools import cached_property
from itertools import chain, product
from math import ceil
from string import ascii_lowercase
from typing import TypeAlias

from comity.analysis.space.axes import Stretch, bits
from comity.analysis.space.formulas import Axis
from comity.core.tables import widenings
from comity.runtime import values
from comity.runtime.light import dataclass
from comity.runtime.types import HsCodeType, Type


@dataclass(frozen=True, slots=True)
class Within:
    """The code is ``entry`` or falls under it."""

    entry: str


@dataclass(frozen=True, slots=True)
class Exactly:
    code: str


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an ECCN (`.category`, …) passes a test. EAR99 has no parts and answers nothing."""

    part: values.EccnPartName
    test: tuple[Stretch, ...] | frozenset[str]


class Entries:
    """The keys of one table, compared by identity (a table is one object)."""

    __slots__ = ("codes", "marks")

    def __init__(self, codes: frozenset[str]) -> None:
        self.codes = codes
        self.marks = tuple(sorted(codes))


@dataclass(frozen=True, slots=True)
class Longest:
    """Of the table's entries that the code falls under, the longest is one of ``chosen``."""

    entries: Entries
    chosen: frozenset[str]


CodeQuestion: TypeAlias = Within | Exactly | Part | Longest


class CodeAxis(Axis):
    """A fact of an ECCN or HS code. A cell is known by a code that stands for all in it."""

    def __init__(self, name: str, type: Type, optional: bool, absentable: bool = False) -> None:
        super().__init__(name, type, optional, absentable)
        self._kind = type
        self._mentioned: set[str] = set()
        self._parts: set[Part] = set()
        self._codes: list[str] = []
        self._under: dict[str, int] = {}

    def collect(self, question: Hashable) -> None:
        match question:
            case Within(entry=code) | Exactly(code=code):
                self._mentioned.add(code)
            case Longest(entries=entries):
                self._mentioned |= entries.codes
            case Part():
                self._parts.add(question)

    def marks(self, question: Hashable) -> Iterable[Hashable]:
        match question:
            case Within(entry=code) | Exactly(code=code):
                return (code,)
            case Longest(entries=entries):
                return entries.marks
            case Part():
                return (question,)
            case _:
                return ()

    def marked(self) -> Iterable[Hashable]:
        return (*sorted(self._mentioned), *sorted(self._parts, key=repr))

    def trivial(self, question: Hashable) -> bool | None:
        return False if isinstance(question, Longest) and not question.chosen else None

    def cells(self) -> int:
        codes = dict.fromkeys(sorted(self._mentioned))
        for entry in ("", *sorted(self._mentioned)):
            # Below an entry only the first paragraph is still open, and below a paragraph nothing is.
            kinds = 2 ** len(self._parts) if not entry else 1 if "." in entry else len(self._letters) or 1
            seen: set[Hashable] = set()
            for code in self._candidates(entry):
                kind = self._traits(code) if not entry else self._letter(code) if kinds > 1 else None
                if kind not in seen and code not in self._mentioned and self._reached(code) == entry:
                    seen.add(kind)
                    codes[code] = None
                    if len(seen) >= kinds:
                        break
        self._codes = list(codes)
        for position, code in enumerate(self._codes):
            for wider in map(str, widenings(self._kind, code)):
                self._under[wider] = self._under.get(wider, 0) | 1 << position
        return len(self._codes)

    def _reached(self, code: str) -> str:
        """The longest entry mentioned that ``code`` falls under; "" for none."""
        return next((str(e) for e in widenings(self._kind, code) if e in self._mentioned), "")

    def _traits(self, code: str) -> tuple[bool, ...]:
        return tuple(passes(values.eccn_part(code, part.part), part.test) for part in self._ordered_parts)

    def _letter(self, code: str) -> object:
        """The first paragraph of a code, if it is asked for."""
        letter = values.eccn_part(code, "paragraph")
        return letter if letter in self._asked_letters else None

    @cached_property
    def _ordered_parts(self) -> list[Part]:
        return sorted(self._parts, key=repr)

    def _candidates(self, entry: str) -> Iterator[str]:
        """Codes under ``entry`` ("": anything), at least one of every kind that a question can tell apart."""
        if isinstance(self._kind, HsCodeType):
            dot = "." if len(entry) == 4 else ""
            return (f"{entry}{dot}{pair:02}" for pair in range(100))
        if entry == values.EAR99:
            return iter(())
        if entry:
            return (f"{entry}.{paragraph}" for paragraph in (*ascii_lowercase, *range(1, 100)))
        return chain(
            (values.EAR99,), self._entries(), (f"{code}.{p}" for code in self._entries() for p in self._letters)
        )

    def _entries(self) -> Iterator[str]:
        """Entries of every category, group and stretch of numbers, mentioned or not."""
        numbers: set[int] = {0}
        for part in self._parts:
            if part.part == "number" and isinstance(part.test, tuple):
                numbers.update(ceil(cut[0]) + cut[1] for stretch in part.test for cut in stretch if cut is not None)
        for category, group in product((3, *range(3), *range(4, 10)), "ABCDE"):
            head = f"{category}{group}"
            taken = {code[2:5] for code in self._mentioned if code.startswith(head)}
            for start in sorted(numbers):
                number = next((n for n in range(max(start, 0), 1000) if f"{n:03}" not in taken), None)
                if number is not None:
                    yield f"{head}{number:03}"

    @cached_property
    def _letters(self) -> tuple[str, ...]:
        """Paragraphs worth telling apart directly under an entry."""
        asked = self._asked_letters
        other = next(letter for letter in ascii_lowercase if letter not in asked)
        return (*sorted(asked), other) if any(part.part == "paragraph" for part in self._parts) else ()

    @cached_property
    def _asked_letters(self) -> frozenset[str]:
        tests = [part.test for part in self._parts if part.part == "paragraph"]
        return frozenset(letter for test in tests if isinstance(test, frozenset) for letter in test if letter)

    def answer(self, question: CodeQuestion) -> int:
        match question:
            case Within(entry=entry):
                return self._under.get(entry, 0)
            case Exactly(code=code):
                return 1 << self._codes.index(code)
            case Longest(entries=entries, chosen=chosen):
                rows = self._by_row(entries)
                return sum(rows.get(row, 0) for row in chosen)
            case Part(part=part, test=test):
                return sum(1 << p for p, code in enumerate(self._codes) if passes(values.eccn_part(code, part), test))

    def _by_row(self, entries: Entries) -> dict[str, int]:
        """For each entry of a table the cells of which it is the longest that they fall under."""
        rows = self._rows.get(id(entries))
        if rows is None:
            rows = self._rows[id(entries)] = {}
            for position, code in enumerate(self._codes):
                row = next((str(e) for e in widenings(self._kind, code) if e in entries.codes), None)
                if row is not None:
                    rows[row] = rows.get(row, 0) | 1 << position
        return rows

    @cached_property
    def _rows(self) -> dict[int, dict[str, int]]:
        return {}

    def options(self, mask: int) -> Iterator[tuple[int, object]]:
        found = [(self._codes[p], p) for p in bits(mask)]
        for code, position in sorted(
            found, key=lambda f: (f[0] != values.EAR99, f[0] not in self._mentioned, len(f[0]), f)
        ):
            yield 1 << position, code

    def another(self, value: object) -> object | None:
        if value in self._mentioned:
            return None
        likeness = self._likeness(str(value))
        alike = (c for c in self._candidates(likeness[0]) if c != value and self._likeness(c) == likeness)
        return next((code for code in alike if code not in self._mentioned), None)

    def unite(self, other: Axis) -> None:
        assert isinstance(other, CodeAxis)
        self._mentioned |= other._mentioned
        self._parts |= other._parts
        other._mentioned, other._parts = self._mentioned, self._parts

    def _likeness(self, code: str) -> tuple[str, tuple[bool, ...]]:
        """What the questions can tell of a code that is not mentioned."""
        return self._reached(code), self._traits(code)

    def locate(self, value: str) -> int:
        if value in self._codes:
            return 1 << self._codes.index(value)
        likeness = self._likeness(value)
        for position, code in enumerate(self._codes):
            if code not in self._mentioned and self._likeness(code) == likeness:
                return 1 << position
        raise AssertionError(f"no cell of `{self.name}` holds {value}")


def passes(part: int | str | None, test: tuple[Stretch, ...] | frozenset[str]) -> bool:
    """Whether a part of a code passes; a code without parts passes nothing."""
    if part is None:
        return False
    if isinstance(test, frozenset):
        return part in test
    assert isinstance(part, int)
    return any((low is None or (part, 0) >= low) and (high is None or (part, 0) < high) for low, high in test)
