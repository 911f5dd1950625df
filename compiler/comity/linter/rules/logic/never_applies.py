"""No input meets the condition of this rule, case, commitment or step.

It reads like law and does nothing. Often two lines exclude each other, or an `unless` takes away all that the `when`
lets in. `unless`, `exception to` and being disapplied are counted. A commitment whose time is over before its agreement
is in force, or that waits for something that is not a duty to be performed, is never binding.

Fires on:

    rule chips for licensing:  # L202
        when all:
            item.eccn within 3A001
            item.eccn.category == 5
        then license_required

Quiet on:

    rule chips for licensing:
        when all:
            item.eccn within 3A001
            item.eccn.category == 3
            destination == RU
        then license_required
"""
