"""An outcome that no input leads to.

It is listed, and users will prepare for it, but it is never the determined answer.

Fires on:

    decision review for Export:  # L209
        outcomes:
            denial
            case_by_case
            approval
        otherwise approval

    rule refuse for review:
        when destination in EMBARGOED
        then denial

Quiet on:

    decision review for Export:
        outcomes:
            denial
            approval
        otherwise approval

    rule refuse for review:
        when destination in EMBARGOED
        then denial
"""
