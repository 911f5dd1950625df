"""A question that the analysis could not settle.

Most questions about policies are settled exactly. Arithmetic between facts, and quantifiers within quantifiers, can
be too much: then the analysis says which question it gave up, and why, instead of passing over it. Install the solver
(`pip install comity[smt]`), or write the condition more simply.

Fires on:

    rule odd for licensing:  # L200
        when value * value * value + value * value == value * 3 + 7 USD
        then license_required

Quiet on:

    rule dear for licensing:
        when value > 1_000 USD
        then license_required
"""
