"""A line that is always true, or always false, where it stands.

Judged over the inputs that keep the `always` lines, fall in the window and pass the lines above it. It can go, or it
does not say what was meant.

Fires on:

    rule chips for licensing:
        when all:
            item.eccn within 3A001
            item.eccn.category == 3  # L208
            destination == RU
        then license_required

Quiet on:

    rule chips for licensing:
        when all:
            item.eccn within 3A001
            destination == RU
        then license_required
"""
