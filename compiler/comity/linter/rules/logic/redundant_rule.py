"""Without this rule no decision changes.

Other rules, or the `otherwise`, give the same outcome wherever it decides. Each rule is taken alone: of two identical
rules both are redundant, and only one can go. Which rule an answer names is not a change.

Fires on:

    rule russia for licensing:
        when destination in {RU, BY}
        then license_required

    rule chips_to_russia for licensing:  # L204
        when destination == RU and item.eccn within 3A001
        then license_required

Quiet on:

    rule russia for licensing:
        when destination in {RU, BY}
        then license_required

    rule chips for licensing:
        when item.eccn within 3A001
        then license_required
"""
