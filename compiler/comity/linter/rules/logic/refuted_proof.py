"""A `prove` with a counterexample.

The witness is facts for which `given` holds for certain and the outcome is another. The policy is wrong, or the
statement is.

Fires on:

    rule listed for licensing:
        when any p in parties: p.listed
        unless value < 100 USD
        then license_required

    prove listed_never_free for licensing:  # L210
        given any p in parties: p.listed
        then outcome == license_required

Quiet on:

    rule listed for licensing:
        when any p in parties: p.listed
        then license_required

    prove listed_never_free for licensing:
        given any p in parties: p.listed
        then outcome == license_required
"""
