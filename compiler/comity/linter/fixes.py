"""Makes the fixes that findings offer, as edits of texts."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

from comity.base.diagnostics import Diagnostic, Edit, Fix, Report
from comity.base.source import SourceFile, Span
from comity.surface import ast as surface
from comity.surface.format import format_module
from comity.surface.parse import parse


def edited(text: str, edits: Iterable[Edit]) -> str:
    """``text`` with ``edits``; of two that overlap only the first in the text is made.

    A line that an edit leaves blank is deleted with it.
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


def choose(found: Iterable[Diagnostic], unsafe: bool) -> list[Diagnostic]:
    """The findings whose fixes can be made together, in their order.

    Of fixes that overlap, and of those of one group, only the first is chosen; several findings may have the same fix.
    """
    chosen: list[Diagnostic] = []
    fixes: set[Fix] = set()
    groups: set[str] = set()
    taken: list[Span] = []
    for d in found:
        fix = d.fix
        if fix is None or not (fix.is_safe or unsafe):
            continue
        if fix not in fixes:
            spans = [edit.span for edit in fix.edits]
            if fix.group in groups or any(_overlap(span, other) for span in spans for other in taken):
                continue
            fixes.add(fix)
            taken += spans
            groups |= {fix.group} if fix.group is not None else set()
        chosen.append(d)
    return chosen


def _overlap(one: Span, two: Span) -> bool:
    """Whether two spans share a character, or one is empty and touches the other."""
    return one.path == two.path and (
        (one.start < two.end and two.start < one.end) or one.start == two.start or (one.start == one.end == two.end)
    )


def format_touched(path: str, before: str, after: str) -> str:
    """``after`` with the declarations in the canonical layout that were edited; all of it if ``before`` was all in it.

    A text that cannot be parsed is returned as it is.
    """
    old, new = _formatted(path, before), _formatted(path, after)
    if new is None:
        return after
    if old == before:
        return new
    return _format_parts(path, before, after, new)


def _format_parts(path: str, before: str, after: str, formatted: str) -> str:
    """``after`` with those of its parts taken from ``formatted`` in which lines are not as ``before``."""
    parts = list(zip(_parts(path, after), _parts(path, formatted), strict=True))
    matcher = SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
    touched = [(j1 + 1, max(j1 + 1, j2)) for tag, _, _, j1, j2 in matcher.get_opcodes() if tag != "equal"]
    text = after
    for here, there in reversed(parts):
        if any(first <= here.end_line and here.line <= last for first, last in touched):
            text = text[: here.start] + formatted[there.start : there.end] + text[here.end :]
    return text


def _parts(path: str, text: str) -> list[Span]:
    """The spans of everything that stands at the top of a file, in order."""
    module = parse(SourceFile(path, "", text), Report())
    nodes: list[surface.Node] = [*module.sources, *module.uses, *module.declarations]
    return sorted(node.span for node in nodes)


def _formatted(path: str, text: str) -> str | None:
    """The canonical layout of a text; None if it has syntax errors."""
    report = Report()
    source = SourceFile(path, "", text)
    module = parse(source, report)
    return None if report.has_errors else format_module(source, module)
