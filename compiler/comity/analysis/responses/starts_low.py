"""A later step exceeds the first day of a response that promises to start high.

What is kept in reserve deters less than what is imposed at once. Move the measure to `at once`, or declare another
posture.

Fires on:

    response costs for Sale by US, GB against RU:
        imposes Measure on Sector
        reaches sectors
        trigger Event when kind == invasion
        posture start_high_stay_high
        at once:
            impose financial_sanctions on {finance}
        after 30 days:
            impose export_ban on {defence}  # S401
        lift when kind == retreat

Quiet on:

    response costs for Sale by US, GB against RU:
        imposes Measure on Sector
        reaches sectors
        trigger Event when kind == invasion
        posture start_high_stay_high
        at once:
            impose export_ban on {defence}
        after 30 days:
            impose travel_ban on {defence}
        lift when kind == retreat
"""

from __future__ import annotations

from collections.abc import Iterator

from comity.analysis.reciprocity.view import not_true
from comity.analysis.responses.study import ResponseStudy, in_days
from comity.base.diagnostics import Diagnostic, Related, diagnostic
from comity.base.source import Span
from comity.terms import FALSE, And


def starts_low(study: ResponseStudy) -> Iterator[Diagnostic]:
    """S401 holds of a step iff for some export it raises a measure's level above that of the first day.

    One finding per line that raises the level.
    """
    told: set[Span] = set()
    for before, day in zip(study.days, study.days[1:], strict=False):
        for sector in study.sectors:
            for member in study.members:
                for rank, name in study.ranks():
                    now = study.level(member, sector, rank, day)
                    then = study.level(member, sector, rank, study.start)
                    last = study.level(member, sector, rank, before)
                    raising = study.line_of(day, member, sector, rank)
                    if now in (then, last, FALSE) or raising is None or raising.span in told:
                        continue
                    risen = And((now, not_true(then), not_true(last)))
                    found = study.find(study.reached(sector), risen, study.not_exempt(day))
                    if found is None:
                        continue
                    told.add(raising.span)
                    after = (day - study.start).days
                    yield diagnostic(
                        "S401",
                        f"`{study.response.name}` starts low on {sector}: {name} comes only after {in_days(after)}",
                        raising.span,
                        related=(Related("the posture", study.response.posture_span),),
                        subjects=(study.response.name,),
                        witness=study.witness(member, None, sector, after, found),
                        help="impose it at once, or declare another posture for this sector",
                    )
