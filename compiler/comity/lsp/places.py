"""Between spans (offsets, code points) and an editor's positions (lines from 0, usually UTF-16 units) and URIs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lsprotocol import types as lsp
from pygls.uris import from_fs_path, to_fs_path
from pygls.workspace import PositionCodec

from comity import resources
from comity.project import absolute, display
from comity.reading import STANDARD_FOLDER
from comity.source import SourceFile, Span


class Places:
    """``codec``: the units that the editor counts columns in; it says so when it starts."""

    def __init__(self, codec: PositionCodec) -> None:
        self._codec = codec

    def range(self, span: Span, sources: Mapping[str, SourceFile]) -> lsp.Range:
        """Where a span is. A text that is not at hand is counted in code points."""
        found = lsp.Range(
            lsp.Position(span.line - 1, span.column - 1), lsp.Position(span.end_line - 1, span.end_column - 1)
        )
        source = sources.get(span.path)
        return found if source is None else self._codec.range_to_client_units(_lines(source), found)

    def location(self, span: Span, sources: Mapping[str, SourceFile]) -> lsp.Location:
        return lsp.Location(uri(span.path), self.range(span, sources))

    def offset(self, position: lsp.Position, source: SourceFile) -> int:
        """The offset of a position; one past the end of a line or text is the end."""
        lines = _lines(source)
        if position.line >= len(lines):
            return len(source.text)
        place = self._codec.position_from_client_units(lines, position)
        before = sum(len(line) for line in lines[: place.line])
        return before + min(place.character, len(lines[place.line].rstrip("\r\n")))


def _lines(source: SourceFile) -> list[str]:
    return source.text.splitlines(keepends=True) if "\x0b" not in source.text else source.text.split("\n")


def uri(path: str) -> str:
    """The URI of a file by its display path. The standard library lies where Comity is installed."""
    if path.startswith(f"{STANDARD_FOLDER}/"):
        file = resources.stdlib() / path.removeprefix(f"{STANDARD_FOLDER}/")
    else:
        file = absolute(path)
    return from_fs_path(str(file)) or ""


def path_of(uri: str) -> Path | None:
    """The file of a URI; None for what is not a file (an unsaved buffer, a remote one)."""
    found = to_fs_path(uri) if uri.startswith("file:") else None
    return absolute(found) if found else None


def shown(file: Path) -> str:
    """The display path of a file, that of the standard library included."""
    library = resources.stdlib()
    return (
        f"{STANDARD_FOLDER}/{file.relative_to(library).as_posix()}" if file.is_relative_to(library) else display(file)
    )
