"""Two rules give one input different outcomes, and nothing says which prevails.

A user who meets both would get an answer from neither: at run time this is an error, not a choice. The witness is
facts that both rules decide. Say which prevails, by `notwithstanding` or `subject to` on a rule, or by a `prevail`
line in the decision.

Fires on:

    rule chips for licensing:
        when item.eccn within 3A001
        then license_required

    rule allies for licensing:  # L201
        when destination in NATO
        then exception_available

Quiet on:

    rule chips for licensing:
        when item.eccn within 3A001
        then license_required

    rule allies for licensing:
        notwithstanding chips
        when destination in NATO
        then exception_available
"""
