"""Hover: what a name means, as it is written, with its text, its citations and the day of its source.

For a country its name, for an ECCN its heading, for a set its members on the day its file's source is of.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from datetime import date

from comity.checked import ast as checked
from comity.driver import Build
from comity.lsp.index import Declared, Index
from comity.runtime.types import ECCN
from comity.source import Span
from comity.surface import ast as surface
from comity.surface.depth import children

MOST_LINES = 12
"""Lines of a declaration that a hover shows."""
MOST_MEMBERS = 40


def hover(made: Build, index: Index, read: Callable[[str], bytes], path: str, offset: int) -> tuple[str, Span] | None:
    """Markdown and the span that it is about; None where there is nothing to say."""
    module = next((m for m in made.checked.modules.values() if m.source.path == path), None)
    if module is None:
        return None
    code = next((node for node in _at(module.surface, offset) if isinstance(node, surface.EccnLit)), None)
    if code is not None:
        heading = heading_of(code.text, eccn_headings(made, read))
        return (f"**{code.text}** {heading}" if heading else f"**{code.text}**"), code.span
    use = index.at(path, offset)
    if use is None:
        return None
    found = index.declared[use.qname]
    return "\n\n".join(_about(made, index, found)), use.span


def _at(node: surface.Node, offset: int) -> list[surface.Node]:
    """The nodes around an offset, the innermost first."""
    found: list[surface.Node] = []
    waiting = [node]
    while waiting:
        here = waiting.pop()
        if here.span.start <= offset <= here.span.end:
            found.append(here)
            waiting.extend(children(here))
    return found[::-1]


def _about(made: Build, index: Index, found: Declared) -> list[str]:
    source = index.sources.get(found.name.path)
    parts = []
    if source is not None:
        text = source.text[found.whole.start : found.whole.end].strip("\n")
        lines = text.split("\n")
        shown = lines[:MOST_LINES] + (["    …"] if len(lines) > MOST_LINES else [])
        parts.append("```comity\n" + "\n".join(shown) + "\n```")
    if found.doc and "\n" not in found.doc and found.kind in ("member", "field"):
        parts.append(found.doc)
    if found.container:
        parts.append(f"in `{found.container}`")
    if found.cites:
        parts.append("Source: " + "; ".join(found.cites))
    module = next((m for m in made.checked.modules.values() if m.source.path == found.name.path), None)
    day = _source_day(module)
    if module is not None and module.surface.sources:
        parts.append(
            "; ".join(f"{note.name.value} as of {note.as_of.text}" for note in module.surface.sources if note.as_of)
        )
    if found.kind == "set" and day is not None:
        members = set_members(made, found.qname, day)
        if members:
            more = f" and {len(members) - MOST_MEMBERS} more" if len(members) > MOST_MEMBERS else ""
            parts.append(f"On {day}: {', '.join(members[:MOST_MEMBERS])}{more}")
    return parts


def _source_day(module: checked.Module | None) -> date | None:
    """The latest day that a module's sources are of."""
    days = [note.as_of.value for note in module.surface.sources if note.as_of] if module is not None else []
    return max((day for day in days if day is not None), default=None)


def set_members(made: Build, qname: str, day: date) -> list[str]:
    """The members of a set on a day, in order; empty where the program has errors or they are not known."""
    if made.errors:
        return []
    from comity.core.interpret import Interpreter
    from comity.terms import NamedSet

    declared = made.checked.sets[qname]
    value = Interpreter(made.program).evaluate(NamedSet(qname, declared.type), {}, day)
    return sorted(map(str, value)) if isinstance(value, frozenset | set) else []


def eccn_headings(made: Build, read: Callable[[str], bytes]) -> dict[str, str]:
    """By code, the column `heading` of tables that are read with an ECCN (the Commerce Control List's headings)."""
    headings: dict[str, str] = {}
    for table in made.checked.tables.values():
        if table.file is None or not table.parameters or table.parameters[0][1] != ECCN:
            continue
        folder = table.span.path.rpartition("/")[0]
        try:
            text = read(f"{folder}/{table.file}" if folder else table.file).decode("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            continue
        rows = csv.DictReader(io.StringIO(text))
        key = (rows.fieldnames or [""])[0]
        if "heading" in (rows.fieldnames or ()):
            headings |= {row[key]: row["heading"] for row in rows if row.get("heading")}
    return headings


def heading_of(code: str, headings: Mapping[str, str]) -> str | None:
    """The heading of a code, or of the closest entry that it is a paragraph of."""
    while code and code not in headings:
        code = code.rpartition(".")[0]
    return headings.get(code)


_CALLED = re.compile(r"(\w+)[ \t]*[(\[]([^()\[\]]*)$")


def signature(made: Build, text: str, offset: int) -> tuple[str, list[str], int] | None:
    """The definition or table called at an offset: how it is called, its parameters, and which one is being written."""
    line = text[text.rfind("\n", 0, offset) + 1 : offset]
    called = _CALLED.search(line)
    if called is None:
        return None
    name, given = called[1], called[2]
    callables: list[checked.Define | checked.Table] = [*made.checked.defines.values(), *made.checked.tables.values()]
    for found in callables:
        if found.name == name and found.parameters:
            parameters = [f"{each}: {kind}" for each, kind in found.parameters]
            opens, closes = "()" if isinstance(found, checked.Define) else "[]"
            return f"{name}{opens}{', '.join(parameters)}{closes} -> {found.result}", parameters, given.count(",")
    return None
