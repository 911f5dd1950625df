"""Applies the fixes that findings offer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from comity.diagnostics import Diagnostic, Edit
from comity.source import SourceFile


def edited(text: str, edits: Iterable[Edit]) -> str:
    """``text`` with ``edits`` made, from the end on; of two that overlap only the first in the text is made.

    A line that an edit leaves blank goes with it.
    """
    made: list[Edit] = []
    for edit in sorted(set(edits), key=lambda e: (e.span.start, e.span.end)):
        if not made or edit.span.start >= made[-1].span.end:
            made.append(edit)
    for edit in reversed(made):
        start, end = edit.span.start, edit.span.end
        if not edit.text:
            first = text.rfind("\n", 0, start) + 1
            last = text.find("\n", end)
            last = len(text) if last < 0 else last + 1
            if not (text[first:start] + text[end:last]).strip():
                start, end = first, last
        text = text[:start] + edit.text + text[end:]
    return text


def apply_fixes(
    diagnostics: Iterable[Diagnostic], sources: Mapping[str, SourceFile], write: Callable[[Path, bytes], None]
) -> int:
    """Write every file that a fix changes, by ``write``; how many there were."""
    by_path: dict[str, list[Edit]] = {}
    for d in diagnostics:
        for edit in d.fix or ():
            by_path.setdefault(edit.span.path, []).append(edit)
    changed = 0
    for path, edits in sorted(by_path.items()):
        if path in sources and Path(path).is_file():
            write(Path(path), edited(sources[path].text, edits).encode())
            changed += 1
    return changed
