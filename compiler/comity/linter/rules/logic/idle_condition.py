"""A line that is always true, or always false, where it stands.

Judged over the inputs that keep the `always` lines, fall in the window and pass the lines above it; in a definition
with parameters, where these are known. It can go, or it does not say what was meant. A line that is the reason why its
rule never applies is not reported beside that (L202), but any other line of such a rule is.

Fires on:

    rule chips for licensing:
        when all:
            item.eccn within 3A001
            item.eccn.category == 3  # L208
            destination == RU
        then license_required

    define is_chip for Export:
        item.eccn within 3A001 and item.eccn.category == 4  # L208

Quiet on:

    rule chips for licensing:
        when all:
            item.eccn within 3A001
            destination == RU
        then license_required
"""
