"""Diagnostics as text for people: `full`, with the lines they point into, and `concise`, one line each.

On a terminal `full` keeps to its width: sentences are broken between words, and lines of the source are cut around
what is marked. Places (`path:line:column`) and tests to paste stay whole. Nothing needs colour to be understood.
"""

from __future__ import annotations

import json
import re
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
    if text.isprintable():
        return text
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


ANSI = re.compile(r"\x1b\[[\d;]*m")


def wrapped(text: str, width: int | None, indent: str = "    ", first: int = 0) -> Iterator[str]:
    """One line of text broken between words into lines of ``width`` columns, but for words that are longer.

    All but the first begin with ``indent``. ``first``: columns before the first line. None: as it is.
    """
    if width is None or first + columns(ANSI.sub("", text)) <= width:
        yield text
        return
    line, room = "", max(1, width - first)
    start = text[: len(text) - len(text.lstrip(" "))]
    for word in text.split():
        longer = f"{line} {word}" if line else start + word
        if line.strip() and columns(ANSI.sub("", longer)) > room:
            yield line
            longer, room = indent + word, width
        line = longer
    yield line


def concise(diagnostics: Iterable[Diagnostic], palette: Palette) -> Iterator[str]:
    """`path:line:column: CODE message`, one line per finding."""
    for d in diagnostics:
        code = palette.severity(d.code, d.severity)
        yield f"{printable(d.span.path)}:{d.span.line}:{d.span.column}: {code} {printable(d.message)}"


def full(
    diagnostics: Sequence[Diagnostic], sources: Mapping[str, SourceFile], palette: Palette, width: int | None = None
) -> Iterator[str]:
    """Each finding with its lines underlined, its witness, a test to paste, and help; a blank line between.

    ``width``: columns of the terminal; None: lines may be of any length.
    """
    for number, d in enumerate(diagnostics):
        if number:
            yield ""
        yield from _one(d, sources, palette, width)


def _one(
    d: Diagnostic, sources: Mapping[str, SourceFile], palette: Palette, columns_of_terminal: int | None
) -> Iterator[str]:
    def part(name: str, text: str) -> Iterator[str]:
        lines = wrapped(printable(text), columns_of_terminal, first=len(name) + 2)
        yield f"{palette.bold(name)}: {next(lines)}"
        yield from lines

    kind = f"{d.severity.value}[{d.code}]"
    lines = wrapped(f": {printable(d.message)}", columns_of_terminal, first=len(kind))
    yield f"{palette.severity(kind, d.severity)}{palette.bold(next(lines))}"
    yield from map(palette.bold, lines)
    yield f"  {palette.dim('-->')} {printable(d.span.path)}:{d.span.line}:{d.span.column}"
    marks = [(d.span, "", "^"), *((related.span, related.message, "-") for related in d.related)]
    shown = [mark for mark in marks if mark[0].path in sources]
    width = max((len(str(span.line)) for span, _, _ in shown), default=1)
    path = d.span.path
    for span, label, mark in shown:
        if span.path != path:
            yield f"  {palette.dim(':::')} {printable(span.path)}:{span.line}:{span.column}"
            path = span.path
        room = None if columns_of_terminal is None else max(10, columns_of_terminal - width - 3)
        yield from _excerpt(span, label, mark, sources[span.path], width, room, d.severity, palette)
    for span, label, _ in marks:
        if span.path not in sources and label:
            yield from part("note", f"{label}: {span.path}:{span.line}")
    if d.days:
        yield from part("days", ", ".join(map(stretch, d.days)))
    if d.fields:
        yield from part("differs", ", ".join(d.fields) + (f"; gains: {d.gains}" if d.gains else ""))
    if d.witness is not None:
        yield from part("witness", ", ".join(flat(d.witness)))
    if d.test is not None:
        yield f"{palette.bold('as a test')}:"
        yield from (f"    {printable(line)}".rstrip() for line in d.test.splitlines())
    if d.help is not None:
        yield from part("help", d.help)


def _excerpt(
    span: Span,
    label: str,
    mark: str,
    source: SourceFile,
    width: int,
    room: int | None,
    severity: Severity,
    palette: Palette,
) -> Iterator[str]:
    """The first line of ``span``, and the marks under it with their label.

    ``width``: columns that numbers of lines take. ``room``: those that are left for the text and the label.
    """
    line = source.line(span.line)
    start = min(span.column - 1, len(line))
    end = min(span.end_column - 1, len(line)) if span.end_line == span.line else len(line.rstrip())
    end = max(end, start)
    left, right = _cut(line, start, end, WIDTH if room is None else min(room, WIDTH))
    before, after = "…" if left else "", "…" if right < len(line) else ""
    under = mark * max(1, columns(line[start : min(end, right)]))
    gap = " " * (len(before) + columns(line[left:start]))
    taken = len(gap) + len(under)
    under = palette.severity(under, severity) if mark == "^" else palette.paint(under, "1;34")
    gutter = f"{' ' * width} {palette.dim('|')} "
    yield f"{palette.dim(f'{span.line:>{width}} |')} {before}{printable(line[left:right])}{after}".rstrip()
    label = printable(label)
    if room is None or taken + 1 + columns(label) <= room:
        yield f"{gutter}{gap}{under}{' ' if label else ''}{label}"
        return
    yield f"{gutter}{gap}{under}"
    yield from (gutter + each for each in wrapped(label, room, ""))


def _cut(line: str, start: int, end: int, room: int) -> tuple[int, int]:
    """Which part of a line to show, around the marked one, so that it takes ``room`` columns with its dots."""
    if columns(line) <= room:
        return 0, len(line)
    left = 0
    if columns(line[:end]) > room - 1:  # the dots at the end
        left = start
        while left and columns(line[left - 1 : end]) + 2 <= room and columns(line[left - 1 : start]) <= room // 4:
            left -= 1
    right, used = left, 1 + bool(left)
    while right < len(line) and used + columns(line[right]) <= room:
        used += columns(line[right])
        right += 1
    return left, right


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
