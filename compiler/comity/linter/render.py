"""Diagnostics as text for people: `full`, with the lines they point into, and `concise`, one line each."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence

from comity.base.diagnostics import Diagnostic, Severity
from comity.base.source import SourceFile, Span

WIDTH = 160
"""Longest stretch of a source line that is shown; a longer line is cut around what is marked."""


class Palette:
    """ANSI colours, or none."""

    def __init__(self, colour: bool) -> None:
        self.colour = colour

    def paint(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self.colour else text

    def severity(self, text: str, severity: Severity) -> str:
        styles = {Severity.ERROR: "1;31", Severity.WARNING: "1;33", Severity.INFO: "1;36"}
        return self.paint(text, styles[severity])

    def bold(self, text: str) -> str:
        return self.paint(text, "1")

    def dim(self, text: str) -> str:
        return self.paint(text, "2")


def printable(text: str) -> str:
    """``text`` without characters that would steer a terminal; each becomes one visible mark."""
    return "".join(
        " " if c == "\t" else c if c.isprintable() else "\N{REPLACEMENT CHARACTER}"  #
        for c in text
    )


def columns(text: str) -> int:
    """How many terminal columns ``text`` takes."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1  #
        for c in text
    )


def concise(diagnostics: Iterable[Diagnostic], palette: Palette) -> Iterator[str]:
    """`path:line:column: CODE message`, one line per finding."""
    for d in diagnostics:
        code = palette.severity(d.code, d.severity)
        yield f"{printable(d.span.path)}:{d.span.line}:{d.span.column}: {code} {printable(d.message)}"


def full(diagnostics: Sequence[Diagnostic], sources: Mapping[str, SourceFile], palette: Palette) -> Iterator[str]:
    """Each finding with its lines underlined, its witness, a test to paste, and help; a blank line between."""
    for number, d in enumerate(diagnostics):
        if number:
            yield ""
        yield from _one(d, sources, palette)


def _one(d: Diagnostic, sources: Mapping[str, SourceFile], palette: Palette) -> Iterator[str]:
    yield f"{palette.severity(f'{d.severity.value}[{d.code}]', d.severity)}{palette.bold(f': {printable(d.message)}')}"
    yield f"  {palette.dim('-->')} {printable(d.span.path)}:{d.span.line}:{d.span.column}"
    marks = [(d.span, "", "^"), *((related.span, related.message, "-") for related in d.related)]
    shown = [mark for mark in marks if mark[0].path in sources]
    width = max((len(str(span.line)) for span, _, _ in shown), default=1)
    path = d.span.path
    for span, label, mark in shown:
        if span.path != path:
            yield f"  {palette.dim(':::')} {printable(span.path)}:{span.line}:{span.column}"
            path = span.path
        yield from _excerpt(span, label, mark, sources[span.path], width, d.severity, palette)
    for span, label, _ in marks:
        if span.path not in sources and label:
            yield f"{palette.bold('note')}: {printable(label)}: {printable(span.path)}:{span.line}"
    if d.days:
        yield f"{palette.bold('days')}: {', '.join(map(stretch, d.days))}"
    if d.fields:
        yield f"{palette.bold('differs')}: {', '.join(d.fields)}" + (f"; gains: {d.gains}" if d.gains else "")
    if d.witness is not None:
        yield f"{palette.bold('witness')}: {printable(', '.join(flat(d.witness)))}"
    if d.test is not None:
        yield f"{palette.bold('as a test')}:"
        yield from (f"    {printable(line)}".rstrip() for line in d.test.splitlines())
    if d.help is not None:
        yield f"{palette.bold('help')}: {printable(d.help)}"


def _excerpt(
    span: Span, label: str, mark: str, source: SourceFile, width: int, severity: Severity, palette: Palette
) -> Iterator[str]:
    """The first line of ``span``, and the marks under it with their label."""
    line = source.line(span.line)
    start = min(span.column - 1, len(line))
    end = min(span.end_column - 1, len(line)) if span.end_line == span.line else len(line.rstrip())
    end = max(end, start)
    left = 0 if len(line) <= WIDTH else max(0, start - WIDTH // 4)
    right = min(len(line), left + WIDTH)
    before, after = "…" if left else "", "…" if right < len(line) else ""
    under = mark * max(1, columns(line[start : min(end, right)]))
    gap = " " * (len(before) + columns(line[left:start]))
    under = palette.severity(under, severity) if mark == "^" else palette.paint(under, "1;34")
    yield f"{palette.dim(f'{span.line:>{width}} |')} {before}{printable(line[left:right])}{after}".rstrip()
    yield f"{' ' * width} {palette.dim('|')} {gap}{under}{' ' if label else ''}{printable(label)}"


def stretch(days: tuple[str | None, str | None]) -> str:
    """A stretch of days in words."""
    first, last = days
    if first == last and first is not None:
        return f"on {first}"
    return " ".join([*(["from", first] if first else []), *(["until", last] if last else [])]) or "always"


def flat(facts: Mapping[str, object], prefix: str = "") -> Iterator[str]:
    """Facts as `item.eccn = 3A001.a`, nested ones by dotted path."""
    for name, value in facts.items():
        if isinstance(value, Mapping) and value and set(value) != {"absent"}:
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name} = {_value(value)}"


def _value(value: object) -> str:
    match value:
        case None:
            return "unknown"
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case Mapping():
            return "absent" if value else "{}"
        case list() | tuple():
            items = (f"({', '.join(flat(v))})" if isinstance(v, Mapping) else _value(v) for v in value)
            return f"[{', '.join(items)}]"
        case _:
            return json.dumps(value, default=str, ensure_ascii=False)
