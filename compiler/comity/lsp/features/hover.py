"""Hover: the declaration of a name as it is written, with its text, its citations and the date of its source.

For a country also its name, for an ECCN its heading, for a set its members on the date of its file's source, and for a
cell of a table, `chart[destination, NS1]`, its value, or as much of it as the constant keys settle.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from datetime import date

from comity.base.source import Span
from comity.checked import ast as checked
from comity.lsp.index import Declared, Index
from comity.lsp.projects import Snapshot
from comity.pipeline.driver import Build
from comity.runtime.types import ECCN
from comity.surface import ast as surface
from comity.surface.depth import children

MOST_LINES = 12
"""Lines of a declaration that a hover shows."""
MOST_MEMBERS = 40
"""Members of a set that a hover shows."""
MOST_VALUES = 8
"""Different values of a table's cells that a hover shows."""


def hover(snapshot: Snapshot, read: Callable[[str], bytes], path: str, offset: int) -> tuple[str, Span] | None:
    """Markdown and the span that it is about; None where there is nothing to show."""
    made, index = snapshot.build, snapshot.index
    module = next((m for m in made.checked.modules.values() if m.source.path == path), None)
    if module is None:
        return None
    around = _around(module.surface, offset)
    cells = [cell for node in around if isinstance(node, surface.IndexExpr) and (cell := _cell(index, path, node))]
    code = next((node for node in around if isinstance(node, surface.EccnLit)), None)
    if code is not None:
        heading = heading_of(code.text, eccn_headings(snapshot, read))
        about = [f"**{code.text}** {heading}" if heading else f"**{code.text}**"]
        return "\n\n".join([*about, *cells[:1]]), code.span
    use = index.at(path, offset)
    if use is None:
        return None
    return "\n\n".join([*cells[:1], *_about(made, index, index.declared[use.qname])]), use.span


def _around(node: surface.Node, offset: int) -> list[surface.Node]:
    """The nodes around an offset, the innermost first."""
    found: list[surface.Node] = []
    waiting = [node]
    while waiting:
        here = waiting.pop()
        if here.span.start <= offset <= here.span.end:
            found.append(here)
            waiting.extend(children(here))
    return sorted(found, key=lambda here: here.span.end - here.span.start)


def _cell(index: Index, path: str, expr: surface.IndexExpr) -> str | None:
    """The value of a cell; where not all keys are constant, how often each value occurs among the rows they leave.

    chart[RU, NS1]             `chart[RU, NS1]` is true
    chart[destination, NS1]    `chart[…, NS1]` is true in 163 rows, false in 33: AR, AU, AT, …
    """
    use = index.at(path, expr.base.span.end)
    table = index.program.tables.get(use.qname) if use is not None else None
    if table is None or len(expr.keys) != len(table.parameters):
        return None
    keys = [_constant(index, path, key) for key in expr.keys]
    rows = [
        row
        for row in table.rows
        if all(key is None or str(value) == key for key, value in zip(keys, row.keys, strict=True))
    ]
    shown = f"`{table.name}[{', '.join(key or '…' for key in keys)}]`"
    if not rows:
        otherwise = f"is {_written(table.otherwise)}" if table.has_otherwise else "has no row"
        return f"{shown} {otherwise}"
    by_value: dict[str, list[str]] = {}
    for row in rows:
        left = ", ".join(str(value) for key, value in zip(keys, row.keys, strict=True) if key is None)
        day = f" from {row.interval[0]}" if row.interval is not None and row.interval[0] is not None else ""
        by_value.setdefault(_written(row.value), []).append(f"{left}{day}".strip())
    if None not in keys and len(by_value) == 1:
        return f"{shown} is {next(iter(by_value))}"
    counted = sorted(by_value.items(), key=lambda each: -len(each[1]))[:MOST_VALUES]
    parts = [f"{value} in {len(each)} row{'s' if len(each) > 1 else ''}{_listed(each)}" for value, each in counted]
    return f"{shown} is {'; '.join(parts)}" + ("; …" if len(by_value) > MOST_VALUES else "")


def _listed(names: list[str]) -> str:
    return f" ({', '.join(names)})" if len(names) <= MOST_VALUES * 2 and any(names) else ""


def _constant(index: Index, path: str, key: surface.Expr) -> str | None:
    """A key as a table's rows have it; None for one that depends on facts."""
    if isinstance(key, surface.EccnLit):
        return key.text
    if isinstance(key, surface.NameExpr):
        use = index.at(path, key.span.end)
        found = index.declared[use.qname] if use is not None else None
        return found.short if found is not None and found.kind in ("member", "zone") else None
    return None


def _written(value: object) -> str:
    match value:
        case None:
            return "unknown"
        case bool():
            return str(value).lower()
        case _:
            return str(value)


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
    if found.kind == "define":
        parts.append(f"type `{made.checked.defines[found.qname].result}`")
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


def eccn_headings(snapshot: Snapshot, read: Callable[[str], bytes]) -> Mapping[str, str]:
    """By code, the column `heading` of the CSV files of tables whose first key is an ECCN: the headings of the Commerce
    Control List. They are read once for each program.
    """
    known = snapshot.memo.get("headings")
    if not isinstance(known, dict):
        known = snapshot.memo["headings"] = _read_headings(snapshot.build, read)
    return known


def _read_headings(made: Build, read: Callable[[str], bytes]) -> dict[str, str]:
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
