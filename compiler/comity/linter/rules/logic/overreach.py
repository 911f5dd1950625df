"""A `notwithstanding` rule that also decides where what it displaces does not apply.

It was written to make room in another rule, and it gives a less restrictive outcome to inputs that the other rule
never reached. If it is meant as an exception, write `exception to`.

A rule `notwithstanding every other rule` displaces whatever would be decided, so it cannot reach beyond it.

Fires on:

    decision review for Export:
        outcomes:
            denial
            case_by_case
            approval
        otherwise denial

    rule chips for review:
        when item.eccn within 3A001
        then case_by_case

    rule allies for review:  # L212
        notwithstanding chips
        when destination in NATO
        then approval

Quiet on:

    decision review for Export:
        outcomes:
            denial
            case_by_case
            approval
        otherwise denial

    rule chips for review:
        when item.eccn within 3A001
        then case_by_case

    rule allies for review:
        exception to chips
        when destination in NATO
        then approval
"""
