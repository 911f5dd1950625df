"""Formatting as edits: only lines that change are touched, so that marks and folds of the editor stay."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import accumulate

from lsprotocol import types as lsp

from comity.base.diagnostics import Diagnostic
from comity.base.source import SourceFile
from comity.lsp.places import Places
from comity.surface import ast as surface
from comity.surface.format import format_module


def formatted(
    source: SourceFile, module: surface.Module, wrong: Sequence[Diagnostic], places: Places, within: lsp.Range | None
) -> list[lsp.TextEdit]:
    """The edits that bring a file into the canonical layout; with ``within`` only those of lines that it touches.

    A file with syntax errors (``wrong``) is left alone.
    """
    if wrong:
        return []
    before = source.text.splitlines(keepends=True)
    after = format_module(source, module).splitlines(keepends=True)
    starts = list(accumulate(map(len, before), initial=0))
    edits = []
    for kind, first, last, new_first, new_last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        where = lsp.Range(places.position(starts[first], source.text), places.position(starts[last], source.text))
        if within is None or (where.start.line <= within.end.line and within.start.line <= where.end.line):
            edits.append(lsp.TextEdit(where, "".join(after[new_first:new_last])))
    return edits
