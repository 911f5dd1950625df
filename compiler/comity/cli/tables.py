"""Rows in columns, as wide as the terminal allows; where that is too narrow, one block for each row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from comity.linter.render import columns, wrapped

MOST = 48
"""Columns that a cell may take before what stands right of it moves."""

LEAST = 16
"""Columns below which a list is not put into a column of its own."""

GAP = 2


def table(rows: Sequence[Sequence[str]], keys: int, width: int | None) -> Iterator[str]:
    """Lines of a table. The first row is its head; the first ``keys`` columns stay on one line, lists may be broken.

    ``width``: columns of the terminal; None where lines may be of any length.

        destination  outcome           rules                   destination RU: license_required
        RU           license_required  chart_control[NS1],         rules: chart_control[NS1], russia_ccl
                                       russia_ccl
    """
    widths = [min(MOST, max(columns(row[n]) for row in rows)) for n in range(len(rows[0]))]
    taken = sum(widths) + GAP * (len(widths) - 1)
    if width is not None and taken > width:
        room = width - sum(widths[:keys]) - GAP * (len(widths) - 1)
        lists = len(widths) - keys
        if not lists or room < LEAST * lists:
            yield from _blocks(rows, keys, width)
            return
        widths[keys:] = _shared(widths[keys:], room)
        for row in rows:
            cells = [[cell] if n < keys else [*wrapped(cell, widths[n], "")] for n, cell in enumerate(row)]
            for line in range(max(map(len, cells))):
                yield _line([cell[line] if line < len(cell) else "" for cell in cells], widths)
        return
    for row in rows:
        yield _line(row, widths)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell + " " * (width - columns(cell)) for cell, width in zip(cells, widths, strict=True))
    return (" " * GAP).join(padded).rstrip()


def _shared(wanted: Sequence[int], room: int) -> list[int]:
    """What each gets of ``room``: what it wants if that is little, and the others the rest in equal parts."""
    found = list(wanted)
    greedy = list(range(len(wanted)))
    while greedy:
        share = (room - sum(found[n] for n in range(len(found)) if n not in greedy)) // len(greedy)
        modest = [n for n in greedy if wanted[n] <= share]
        if not modest:
            for n in greedy:
                found[n] = share
            break
        greedy = [n for n in greedy if n not in modest]
    return found


def _blocks(rows: Sequence[Sequence[str]], keys: int, width: int) -> Iterator[str]:
    """`destination RU, item.eccn 3A001: license_required`, and the lists below it."""
    head, *others = rows
    for row in others:
        named = ", ".join(f"{name} {cell}" for name, cell in zip(head[: keys - 1], row, strict=False))
        yield from wrapped(f"{named}: {row[keys - 1]}", width)
        for name, cell in zip(head[keys:], row[keys:], strict=True):
            if cell:
                yield from wrapped(f"    {name}: {cell}", width, "        ")
