"""Padded texts: every declaration of a module is followed by blank lines, so that it can grow without moving others.

A session works on such texts: when a declaration is edited, nothing below it moves, so what was made of the other
declarations remains true, spans included. Only blank lines are added, and they mean nothing.

    real        padded
    rule a …    rule a …          an edit of `a` may add up to `ROOM` characters and lines,
    rule b …    (blank lines)     and the span of `b` stays as it is
                rule b …

Spans that leave a session are those of the real text (`PaddedText.real_span`).
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from itertools import accumulate, pairwise

from comity.base.source import SourceFile, Span
from comity.runtime.light import dataclass
from comity.surface.anchors import starts

ROOM, LINES = 500, 20
"""Characters and lines by which each declaration may grow before everything below it moves."""


@dataclass(frozen=True)
class PaddedText:
    """``blocks``: the real text in parts, each but the first beginning with a declaration. ``sizes``: for each part
    how many characters, and lines, it takes with its room. The last has none, and needs none.
    """

    real: SourceFile
    blocks: tuple[str, ...]
    sizes: tuple[tuple[int, int], ...]

    @cached_property
    def places(self) -> tuple[int, ...]:
        """Where the parts begin."""
        return tuple(accumulate((size for size, _ in self.sizes), initial=0))[:-1]

    @cached_property
    def text(self) -> str:
        pairs = zip(self.blocks, self.sizes, strict=True)
        return "".join(_fill(block, size, lines) for block, (size, lines) in pairs)

    @cached_property
    def source(self) -> SourceFile:
        return SourceFile(self.real.path, self.real.module, self.text)

    def edit(self, text: str) -> PaddedText | None:
        """Another text at the same places; None if it does not have the same parts, or they do not fit."""
        blocks = parts(text)
        if len(blocks) != len(self.blocks):
            return None
        sizes = list(self.sizes)
        sizes[-1] = (len(blocks[-1]), blocks[-1].count("\n"))
        for place, (old, new) in enumerate(zip(self.blocks, blocks, strict=True)):
            if old != new and place + 1 < len(blocks) and not _fits(new, *sizes[place]):
                return None
        return PaddedText(SourceFile(self.real.path, self.real.module, text), blocks, tuple(sizes))

    def changed(self, other: PaddedText) -> list[int]:
        """The numbers of the parts that differ."""
        return [n for n, (old, new) in enumerate(zip(self.blocks, other.blocks, strict=True)) if old != new]

    # ------------------------------------------------------------------------------------- real places

    @cached_property
    def _moves(self) -> list[tuple[int, int, int, int]]:
        """For each part: where it begins in the real text, its length, and by how much characters and lines move."""
        real = accumulate((len(block) for block in self.blocks), initial=0)
        lines = accumulate((block.count("\n") for block in self.blocks), initial=0)
        padded_lines = accumulate((lines for _, lines in self.sizes), initial=0)
        return [
            (begins, len(block), place - begins, padded - line)
            for begins, block, place, padded, line in zip(
                real, self.blocks, self.places, padded_lines, lines, strict=False
            )
        ]

    def padded_span(self, span: Span) -> Span:
        """The opposite of `real_span`, for a span that begins and ends in one part."""
        number = bisect_right(self._real_places, span.start) - 1
        _, _, by, by_lines = self._moves[number]
        return span.moved(by, by_lines)

    @cached_property
    def _real_places(self) -> tuple[int, ...]:
        return tuple(begins for begins, _, _, _ in self._moves)

    def real_span(self, span: Span) -> Span:
        """The span in the real text for a span in this one."""
        number = bisect_right(self.places, span.start) - 1
        begins, length, by, by_lines = self._moves[number]
        if span.end - by <= begins + length:
            return span.moved(-by, -by_lines)
        return self.real.span(min(span.start - by, begins + length), self._real_place(span.end))

    def _real_place(self, place: int) -> int:
        begins, length, by, _ = self._moves[bisect_right(self.places, place) - 1]
        return min(place - by, begins + length)


def pad(source: SourceFile, spread: bool = True) -> PaddedText:
    """A padded text; unless ``spread``, it is one part and has no padding."""
    blocks = parts(source.text) if spread else (source.text,)
    sizes = [(len(block) + ROOM, block.count("\n") + LINES) for block in blocks]
    sizes[-1] = (len(blocks[-1]), blocks[-1].count("\n"))
    return PaddedText(source, blocks, tuple(sizes))


def parts(text: str) -> tuple[str, ...]:
    """A text cut before every declaration."""
    places = dict.fromkeys((0, *starts(text), len(text)))
    return tuple(text[start:end] for start, end in pairwise(places)) or ("",)


def _fits(block: str, size: int, lines: int) -> bool:
    more, more_lines = size - len(block), lines - block.count("\n")
    return more >= more_lines >= 1 if more else not more_lines


def _fill(block: str, size: int, lines: int) -> str:
    more = lines - block.count("\n")
    return block + " " * (size - len(block) - more) + "\n" * more
