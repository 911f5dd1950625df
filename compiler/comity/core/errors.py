"""The diagnostics of lowering; each function's docstring is the page of its code."""

from __future__ import annotations

from collections.abc import Sequence

from comity.base.diagnostics import Related, Report
from comity.base.source import Span


def e110(report: Report, steps: Sequence[tuple[str, Span]], subjects: Sequence[str]) -> None:
    """Rules (or outcomes) prevail over, except or disapply each other in a circle.

    Each `notwithstanding`, `subject to`, `exception to` and `disapplies` says which of two rules goes first. When
    they lead back to where they began, no order is left: the text does not say which rule decides. The same
    holds where a rule applies only if another does, and at the same time keeps that one from applying, and for
    `prevail X over Y` in a decision.

    Take out one of the clauses that the message names, or leave the rule out with `except`.

    Fires on:

        rule chips for licensing:
            cite "15 CFR 742.4"
            notwithstanding allies  # E110
            when item.eccn within 3A001
            then license_required

        rule allies for licensing:
            cite "15 CFR 740.4"
            notwithstanding chips
            when destination in NATO
            then no_license_required

    Fires on:

        rule chips for licensing:
            cite "15 CFR 742.4"
            when item.eccn within 3A001
            then license_required

        rule allies for licensing:
            cite "15 CFR 740.4"
            exception to chips  # E110
            disapplies chips
            when destination in NATO
            then exception_available

    Fires on:

        decision review for Export:
            "How is the application reviewed?"
            outcomes:
                denial
                approval
            prevail denial over approval  # E110
            prevail approval over denial
            otherwise approval

    Quiet on:

        rule chips for licensing:
            cite "15 CFR 742.4"
            when item.eccn within 3A001
            then license_required

        rule allies for licensing:
            cite "15 CFR 740.4"
            notwithstanding chips
            when destination in NATO
            then no_license_required

        rule listed for licensing:
            cite "15 CFR 744.11"
            notwithstanding every other rule
            when any p in parties: p.listed
            then prohibited
    """
    first = min(range(len(steps)), key=lambda number: steps[number][1])
    steps = [*steps[first:], *steps[:first]]  # a circle may be told from any point: from the clause that stands first
    text, span = steps[0]
    report.add(
        "E110",
        "the order of precedence goes in a circle: " + ", ".join(step for step, _ in steps),
        span,
        related=tuple(Related(step, other) for step, other in steps[1:] if other != span),
        subjects=tuple(dict.fromkeys(subjects)),
        help="take out one of these clauses" if len(steps) > 1 else f"take out this clause: {text}",
    )
