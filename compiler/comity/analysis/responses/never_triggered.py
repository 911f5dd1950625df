"""No event meets the trigger of a response.

Nothing it threatens will ever be imposed.

Fires on:

    response costs for Sale by US, GB against RU:
        imposes Measure on Sector
        reaches sectors
        trigger Event when kind == invasion and kind == retreat  # S404
        posture none
        at once:
            impose export_ban on {defence}

Quiet on:

    response costs for Sale by US, GB against RU:
        imposes Measure on Sector
        reaches sectors
        trigger Event when kind == invasion
        posture none
        at once:
            impose export_ban on {defence}
"""

from __future__ import annotations

from collections.abc import Iterator

from comity.analysis.responses.study import ResponseStudy
from comity.base.diagnostics import Diagnostic, diagnostic
from comity.runtime.facts import encode


def never_triggered(study: ResponseStudy) -> Iterator[Diagnostic]:
    """S404 holds iff no event meets the trigger (and none does on or after its day, if it names one)."""
    response = study.response
    if response.event is None or response.trigger is None:
        return
    found = study.search(response.event, response.trigger, ())
    if found is None:
        yield diagnostic(
            "S404",
            f"no event triggers `{response.name}`",
            response.trigger_span,
            subjects=(response.name,),
            help="the trigger's condition can never be true",
        )
        return
    facts = encode(response.event, found.facts)
    study.event = facts if isinstance(facts, dict) else None
