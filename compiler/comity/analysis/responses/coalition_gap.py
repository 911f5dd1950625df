"""Members of an aligned response do not impose the same.

The witness is an export that one member stops and another still lets through, on a day after the lag. Let the others
follow, or say what one cannot supply.

Fires on:

    response costs for Sale by US, GB against RU:
        imposes Measure on Sector
        reaches sectors
        trigger Event when kind == invasion
        posture none
        aligned within 7 days
        at once:
            impose export_ban on {defence} by US  # S403
        lift when kind == retreat

Quiet on:

    response costs for Sale by US, GB against RU:
        imposes Measure on Sector
        reaches sectors
        trigger Event when kind == invasion
        posture none
        aligned within 7 days
        at once:
            impose export_ban on {defence} by US
        after 5 days:
            impose export_ban on {defence} by GB
        lift when kind == retreat
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from comity.analysis.reciprocity.view import Found, not_true
from comity.analysis.responses.study import ResponseStudy, in_days
from comity.base.diagnostics import Diagnostic, diagnostic
from comity.core.agreements import later
from comity.parts import TimeSpan
from comity.runtime.values import add_months
from comity.terms import FALSE, TRUE, And, Term


def coalition_gaps(study: ResponseStudy) -> Iterator[Diagnostic]:
    """S403 holds of a sector iff, the lag over, some export is stopped by one member and let through by another."""
    for sector in study.response.sectors.members:
        finding = _gap_on(study, sector)
        if finding is not None:
            yield finding


def _gap_on(study: ResponseStudy, sector: str) -> Diagnostic | None:
    lag = study.response.aligned_within
    # A gap opens where a measure has been kept for the lag, or where, after it, somebody lets go.
    opens = {*study.days, *(_before(day, lag) for day in study.days)}
    for day in sorted(day for day in opens if day >= study.start):
        settled = day if lag is None else later(day, lag)
        for rank, name in study.ranks():
            for strict in study.members:
                # What a member lets go again within the lag, the others need not follow.
                there = _both(study.level(strict, sector, rank, day), study.level(strict, sector, rank, settled))
                for between in study.days:
                    if day < between < settled:
                        there = _both(study.level(strict, sector, rank, between), there)
                for lax in study.members:
                    if lax == strict or study.is_excused(lax, sector):
                        continue
                    here = study.level(lax, sector, rank, settled)
                    if there in (here, FALSE):
                        continue
                    found = study.find(study.reached(sector), there, not_true(here), study.not_exempt(settled))
                    if found is not None:
                        return _gap_finding(study, sector, settled, name, strict, lax, found)
    return None


def _gap_finding(
    study: ResponseStudy, sector: str, day: date, measure: str, strict: str, lax: str, found: Found
) -> Diagnostic:
    after = (day - study.start).days
    line = study.line_of(day, strict, sector, study.response.measures.members.index(measure))
    return diagnostic(
        "S403",
        f"the members of `{study.response.name}` are not aligned on {sector}: after {in_days(after)} {strict} "
        f"imposes {measure} and {lax} does not",
        line.span if line is not None else study.response.span,
        subjects=(study.response.name,),
        witness=study.witness(lax, strict, sector, after, found),
        help=f"impose it by {lax} too, or say why not: `{lax} cannot supply {{{sector}}}`",
    )


def _before(day: date, lag: TimeSpan | None) -> date:
    """The day from which ``lag`` is over on ``day``."""
    if lag is None:
        return day
    if lag.months is not None:
        return add_months(day, lag.months, negative=True) or date.min
    days = int((lag.hours or 0) // 24)
    return day - timedelta(days=days) if days <= (day - date.min).days else date.min


def _both(one: Term, two: Term) -> Term:
    if FALSE in (one, two):
        return FALSE
    return two if one in (two, TRUE) else one if two == TRUE else And((one, two))
