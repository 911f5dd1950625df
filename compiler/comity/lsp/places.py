"""Converts between spans (offsets in code points) and an editor's positions (lines from 0, columns in its own units).

The protocol ends lines at LF, CR LF and CR, and nowhere else: a form feed or U+2028 within a text in quotes does not
end a line. `Move` carries places from one text of a file over to a later one, so that a request can be answered from
the last program that was made while a newer one is being made.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache
from pathlib import Path

from lsprotocol import types as lsp
from pygls.uris import from_fs_path, to_fs_path
from pygls.workspace import PositionCodec

from comity.base.source import SourceFile, Span
from comity.runtime.light import dataclass
from comity.workspace import resources
from comity.workspace.project import absolute, display
from comity.workspace.reading import STANDARD_FOLDER, is_standard

_LINE_END = re.compile(r"\r\n|\n|\r")


@lru_cache(maxsize=64)
def line_starts(text: str) -> tuple[int, ...]:
    """The offsets at which lines begin, as the protocol counts lines."""
    return (0, *(end.end() for end in _LINE_END.finditer(text)))


@dataclass(frozen=True)
class Move:
    """Two texts of one file that differ in one stretch: what lies before it stays, what lies after it moves.

        old  rule a … when listed … rule b …
        new  rule a … when listed and value > 5 USD … rule b …

    Everything up to `listed` is where it was; `rule b` is 18 characters further on.
    """

    old: SourceFile
    new: SourceFile

    @cached_property
    def _same(self) -> tuple[int, int]:
        """How many characters are the same at the beginning, and at the end."""
        old, new = self.old.text, self.new.text
        shorter = min(len(old), len(new))
        first = _longest(lambda size: old[:size] == new[:size], shorter)
        last = _longest(lambda size: size == 0 or old[-size:] == new[-size:], shorter - first)
        return first, last

    def forward(self, offset: int) -> int:
        """The offset in the new text. One in the part that was replaced becomes the beginning of that part."""
        first, last = self._same
        if offset <= first:
            return offset
        if offset >= len(self.old.text) - last:
            return offset + len(self.new.text) - len(self.old.text)
        return first

    def back(self, offset: int) -> int | None:
        """The offset in the old text; None within what is new."""
        first, last = self._same
        if offset <= first:
            return offset
        if offset >= len(self.new.text) - last:
            return offset + len(self.old.text) - len(self.new.text)
        return None


def _longest(same: Callable[[int], bool], most: int) -> int:
    """The largest size up to ``most`` at which two texts are still the same, by halving the range."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if same(middle):
            low = middle
        else:
            high = middle - 1
    return low


class Places:
    """``codec``: the units that the editor counts columns in. ``moves``: by path, for files edited since the spans."""

    def __init__(self, codec: PositionCodec, moves: Mapping[str, Move] | None = None) -> None:
        self._codec = codec
        self._moves = moves or {}

    def range(self, span: Span, sources: Mapping[str, SourceFile]) -> lsp.Range:
        """The range of a span in the editor's text. Without a source at hand, its columns count code points."""
        move, source = self._moves.get(span.path), sources.get(span.path)
        start, end = span.start, span.end
        if move is not None:
            source, start, end = move.new, move.forward(start), move.forward(end)
        if source is None:
            return lsp.Range(
                lsp.Position(span.line - 1, span.column - 1), lsp.Position(span.end_line - 1, span.end_column - 1)
            )
        return lsp.Range(self.position(start, source.text), self.position(end, source.text))

    def location(self, span: Span, sources: Mapping[str, SourceFile]) -> lsp.Location:
        return lsp.Location(uri(span.path), self.range(span, sources))

    def position(self, offset: int, text: str) -> lsp.Position:
        starts = line_starts(text)
        line = bisect_right(starts, offset) - 1
        before = text[starts[line] : offset]
        return lsp.Position(line, len(before) if before.isascii() else self._codec.client_num_units(before))

    def offset(self, position: lsp.Position, text: str) -> int:
        """The offset of a position. A column past the end of its line is the end of the line; a line past the end of
        the text is the end of the text.
        """
        starts = line_starts(text)
        if position.line >= len(starts):
            return len(text)
        start = starts[position.line]
        end = starts[position.line + 1] if position.line + 1 < len(starts) else len(text)
        line = text[start:end].rstrip("\r\n")
        if line.isascii():
            return start + min(position.character, len(line))
        units = 0
        for column, char in enumerate(line):
            if units >= position.character:
                return start + column
            units += self._codec.client_num_units(char)
        return start + len(line)


def uri(path: str) -> str:
    """The URI of a file by its display path; modules of the standard library are files where Comity is installed."""
    if is_standard(path):
        file = resources.stdlib() / path.removeprefix(f"{STANDARD_FOLDER}/")
    else:
        file = absolute(path)
    return from_fs_path(str(file)) or ""


def path_of(uri: str) -> Path | None:
    """The file of a URI; None for anything else (an unsaved buffer, a remote file, nonsense)."""
    found = to_fs_path(uri) if uri.startswith("file:") else None
    return absolute(found) if found and "\0" not in found else None


def shown(file: Path) -> str:
    """The display path of a file, also of one of the standard library."""
    library = resources.stdlib()
    return (
        f"{STANDARD_FOLDER}/{file.relative_to(library).as_posix()}" if file.is_relative_to(library) else display(file)
    )
