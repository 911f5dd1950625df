"""A question that the analysis could not settle.

Most questions about policies are settled exactly. Arithmetic between facts, and quantifiers within quantifiers, can
be too much: then the analysis says which question it gave up, and why, instead of passing over it. Install the solver
(`pip install comity[smt]`), or write the condition more simply.

Fires on:

    record Crate:
        width: Int
        depth: Int
        height: Int

    decision handling for Crate:
        outcomes:
            by_crane
            by_hand
        otherwise by_hand

    rule high for handling:
        when height > 3
        then by_crane

    prove cubes_go_by_hand for handling:  # L200
        given all:
            width > 0
            depth > 0
            width * width * width + depth * depth * depth == height * height * height
        then outcome == by_hand

Quiet on:

    prove dear_or_not for licensing:
        given value > 1_000 USD
        then outcome in {license_required, no_license_required}
"""
