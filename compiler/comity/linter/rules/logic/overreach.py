"""A `notwithstanding` rule that also decides where what it displaces does not apply.

It was written to make room in another rule, and it gives a less restrictive outcome to inputs that the other rule
never reached. If it is meant as an exception, write `exception to`.

Fires on:

    rule dear for licensing:
        when value > 10_000 USD
        then prohibited

    rule chips for licensing:
        when item.eccn within 3A001
        then license_required

    rule allies for licensing:  # L212
        notwithstanding chips
        subject to dear
        when destination in NATO
        then exception_available

Quiet on:

    rule chips for licensing:
        when item.eccn within 3A001
        then license_required

    rule allies for licensing:
        exception to chips
        when destination in NATO
        then exception_available
"""
