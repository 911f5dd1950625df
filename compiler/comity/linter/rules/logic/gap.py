"""An input that no rule or case decides.

A decision without `otherwise` promises that its rules cover everything, and so do cases without one. The witness is
facts that nothing covers.

Fires on:

    decision review for Export:  # L207
        outcomes:
            denial
            approval

    rule refuse for review:
        when destination in EMBARGOED
        then denial

    rule approve for review:
        when destination in NATO
        then approval

Quiet on:

    decision review for Export:
        outcomes:
            denial
            approval

    rule refuse for review:
        when destination in EMBARGOED
        then denial

    rule approve for review:
        when destination not in EMBARGOED
        then approval
"""
