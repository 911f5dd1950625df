"""A source was last looked at longer ago than the project allows.

`source-age` in `comity.toml` says how long a `source … as of DAY` may be trusted, counted to the project's `as-of`
day or else to today; without it nothing is checked. Compare the text with its source again, then write the new day.

Settings: as-of = 2026-06-01
Settings: source-age = "6 months"

Fires on:

    source "eCFR title 15" as of 2025-11-30  # H509

Quiet on:

    source "eCFR title 15" as of 2025-12-01
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from comity.linter.context import Context, Finding
from comity.runtime.values import add_months
from comity.workspace.config import Age


def check(context: Context) -> Iterator[Finding]:
    age = context.config.source_age
    if age is None:
        return
    today = context.config.as_of or date.today()
    oldest = _before(today, age)
    for module in context.modules:
        for source in module.surface.sources:
            day = source.as_of.value if source.as_of else None
            if day is not None and day < oldest:
                yield Finding(
                    f'source "{source.name.value}" is of {day}, more than {age} before {today}',
                    source.span,
                    {"help": "compare with the source again, then write the day you did"},
                )


def _before(day: date, age: Age) -> date:
    try:
        earlier = add_months(day, -age.months)
        return date.min if earlier is None else earlier - timedelta(days=age.days)
    except OverflowError:
        return date.min
