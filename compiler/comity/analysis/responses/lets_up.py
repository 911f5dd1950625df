"""A measure lapses, or is lifted, before the lift that the response names.

`start_high_stay_high` keeps the first day's level until `lift when`. Take the end of the measure away, or let another
of the same level take over.

Fires on:

    response costs for Sale by US, GB against RU:
        imposes Measure on Sector
        reaches sectors
        trigger Event when kind == invasion
        posture start_high_stay_high
        at once:
            impose export_ban on {defence} for 90 days  # S402
        lift when kind == retreat

Quiet on:

    response costs for Sale by US, GB against RU:
        imposes Measure on Sector
        reaches sectors
        trigger Event when kind == invasion
        posture start_high_stay_high
        at once:
            impose export_ban on {defence}
        lift when kind == retreat
"""

from __future__ import annotations

from collections.abc import Iterator

from comity.analysis.reciprocity.view import not_true
from comity.analysis.responses.study import ResponseStudy, in_days
from comity.base.diagnostics import Diagnostic, Related, diagnostic
from comity.terms import FALSE


def lets_up(study: ResponseStudy) -> Iterator[Diagnostic]:
    """S402 holds of a day iff for some export a level of an earlier day has lapsed on it, without the lift."""
    told: set[tuple[str, int]] = set()
    for before, day in zip(study.days, study.days[1:], strict=False):
        for sector in study.sectors:
            for member in study.members:
                if day not in study.course.turns_about(member, sector):
                    continue
                for rank, name in study.ranks():
                    then = study.level(member, sector, rank, before)
                    now = study.level(member, sector, rank, day)
                    key = (sector, (day - study.start).days)
                    if then in (now, FALSE) or key in told:
                        continue
                    found = study.find(study.reached(sector), then, not_true(now), study.not_exempt(day))
                    if found is None:
                        continue
                    told.add(key)
                    yield diagnostic(
                        "S402",
                        f"`{study.response.name}` lets up on {sector}: {name} lapses after {in_days(key[1])}, "
                        "before the lift",
                        study.lapse_span(day, member, sector),
                        related=(Related("the posture", study.response.posture_span),),
                        subjects=(study.response.name,),
                        witness=study.witness(member, None, sector, key[1], found),
                        help="keep it until the lift, or exempt wind-downs with `allowing`",
                    )
