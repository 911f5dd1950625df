"""A window ended before the day that the project is kept for.

`as-of` in `comity.toml` is that day; without it nothing is checked. What has expired still decides the past: keep
it while decisions about that time are made, else take it out.

Settings: as-of = 2026-01-01

Fires on:

    rule interim for licensing:
        from 2020-01-01 until 2021-12-31  # H506
        when destination == RU
        then license_required

    rule chips for licensing:
        when all:
            destination == RU
            item.eccn == 3A001 until 2023-06-30  # H506
        then license_required

Quiet on:

    rule reopened for licensing:
        from 2020-01-01 until 2021-12-31
        from 2024-01-01
        when destination == RU
        then license_required
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from comity.linter.context import Context, Finding
from comity.linter.tree import declarations, descend, name_of
from comity.surface import ast as surface

LOCAL = True


def check(context: Context) -> Iterator[Finding]:
    day = context.config.as_of
    if day is None:
        return
    for module in context.modules:
        for declaration in declarations(module.surface):
            if isinstance(declaration, surface.AgreementDecl):
                continue  # its items come by themselves
            name = name_of(declaration)
            for last in _last_marks(declaration):
                ended = last.day.value if last.kind == "until" else None
                if ended is not None and ended < day:
                    yield Finding(
                        f"the window ended on {ended}, before {day}",
                        last.span,
                        {"subjects": (name.text,) if name else (), "help": "delete what no longer holds, or reopen it"},
                    )


def _last_marks(node: object) -> Iterator[surface.WindowMark]:
    """The last mark of every window at or below ``node``."""
    for holder in descend(node, surface.Node):
        window: surface.Window = getattr(holder, "window", ())
        if window:
            yield max(window, key=lambda mark: mark.day.value or date.max)
