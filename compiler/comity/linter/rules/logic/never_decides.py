"""A rule that applies to some inputs, but never prevails.

Wherever it applies, rules that prevail over it apply too: its outcome reaches nobody. Displacement by several rules
together is counted.

Fires on:

    rule chips for licensing:  # L203
        subject to everything_there
        when item.eccn within 3A001 and destination == RU
        then license_required

    rule everything_there for licensing:
        when destination == RU
        then prohibited

Quiet on:

    rule chips for licensing:
        subject to everything_there
        when item.eccn within 3A001
        then license_required

    rule everything_there for licensing:
        when destination == RU
        then prohibited
"""
