"""Days on which rules that decide before and after do not.

An input that rules decide before some days and after them is left to `otherwise` in between: usually a window that
was closed a day too early, or opened a day too late. The finding stands at the rule that decides before, with the
first one that decides again; later ones are not told of.

The rest of the input is the same on all these days. That includes what other decisions say of it, whose own days are
told of there, and conditions of so many cases that the proofs take each as one fact: days that are left out only
because such a condition changes are not found.

Fires on:

    rule interim for licensing:  # L213
        from 2022-02-24 until 2022-06-29
        when destination == RU
        then license_required

    rule final for licensing:
        from 2022-07-01
        when destination == RU
        then license_required

Quiet on:

    rule interim for licensing:
        from 2022-02-24 until 2022-06-30
        when destination == RU
        then license_required

    rule final for licensing:
        from 2022-07-01
        when destination == RU
        then license_required
"""
