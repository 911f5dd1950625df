"""Two cases hold together and give different values.

Cases are exclusive unless `first match` puts them in order. Make the conditions exclude each other, or write
`first match` above them if the order is meant.

Fires on:

    define limit for Export -> Percent:
        0% when destination in EMBARGOED
        10% when value > 1_000 USD  # L206
        25% otherwise

Quiet on:

    define limit for Export -> Percent:
        first match
        0% when destination in EMBARGOED
        10% when value > 1_000 USD
        25% otherwise
"""
