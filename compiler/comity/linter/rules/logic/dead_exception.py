"""An exception that never makes a difference.

An `unless`, `notwithstanding`, `subject to` or `disapplies` without which every decision would be the same. Either it
is not needed, or it does not reach what it was meant for.

Fires on:

    rule chips for licensing:
        when item.eccn within 3A001
        unless item.eccn.category == 5  # L205
        then license_required

Quiet on:

    rule chips for licensing:
        when item.eccn within 3A001
        unless destination in NATO
        then license_required
"""
