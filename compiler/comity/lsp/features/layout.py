"""Formatting as edits: only lines that change are touched, so that marks and folds of the editor stay."""

from __future__ import annotations

from difflib import SequenceMatcher

from lsprotocol import types as lsp

from comity.lsp.projects import Open
from comity.surface.format import format_module


def formatted(project: Open, path: str, lines: tuple[int, int] | None) -> list[lsp.TextEdit]:
    """The edits that bring a file into the canonical layout; with ``lines`` (from 0) only those that meet these.

    A file with syntax errors is left alone.
    """
    source, module, wrong = project.module(path)
    if wrong:
        return []
    before = source.text.splitlines(keepends=True)
    after = format_module(source, module).splitlines(keepends=True)
    edits = []
    for kind, first, last, new_first, new_last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal" or (lines is not None and (last < lines[0] or first > lines[1])):
            continue
        where = lsp.Range(lsp.Position(first, 0), lsp.Position(last, 0))
        edits.append(lsp.TextEdit(where, "".join(after[new_first:new_last])))
    return edits
