"""Where text comes from and where in it a thing stands."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import field
from itertools import accumulate, count
from operator import add

from comity.runtime.light import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open stretch of one file. Lines and columns count from 1; columns count code points.

    ``path`` is the display path (relative to the working directory where possible, POSIX slashes).
    ``start`` and ``end`` are code-point offsets into the decoded text (BOM removed, line ends as read).
    """

    path: str
    start: int
    end: int
    line: int
    column: int
    end_line: int
    end_column: int

    def to(self, other: Span) -> Span:
        """The span from the start of this one to the end of ``other``."""
        return Span(self.path, self.start, other.end, self.line, self.column, other.end_line, other.end_column)

    def moved(self, characters: int, lines: int) -> Span:
        """The span of the same text with more whole ``lines`` of ``characters`` before it; columns stay."""
        return Span(
            self.path,
            self.start + characters,
            self.end + characters,
            self.line + lines,
            self.column,
            self.end_line + lines,
            self.end_column,
        )

    def within(self, outer: Span) -> bool:
        """Whether this is a part of ``outer``, or all of it."""
        return self.path == outer.path and outer.start <= self.start and self.end <= outer.end


NOWHERE = Span("", 0, 0, 1, 1, 1, 1)
"""For nodes that no text stands behind (synthesised by lowering)."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file's decoded text. ``module`` is its dotted module name."""

    path: str
    module: str
    text: str
    _starts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ends = accumulate(map(len, self.text.split("\n")))
        object.__setattr__(self, "_starts", (0, *map(add, ends, count(1)))[:-1])

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column (from 1) of a code-point offset, clamped to the text."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def span(self, start: int, end: int) -> Span:
        end = max(start, min(end, len(self.text)))
        start = min(start, len(self.text))
        line, column = self.position(start)
        end_line, end_column = self.position(end)
        return Span(self.path, start, end, line, column, end_line, end_column)

    def start_of(self, number: int) -> int:
        """The offset at which line ``number`` (from 1) begins; past the last line, the end of the text."""
        return self._starts[number - 1] if number <= len(self._starts) else len(self.text)

    def line(self, number: int) -> str:
        """The text of line ``number`` (from 1), without its line end; empty past the end."""
        if not 1 <= number <= len(self._starts):
            return ""
        start = self.start_of(number)
        end = self._starts[number] if number < len(self._starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")
