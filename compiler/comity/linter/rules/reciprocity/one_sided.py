"""A reciprocal agreement with a commitment that has no mirror.

`reciprocal` promises that every commitment of one side is matched by one of the other. Add the mirror, make the
commitment `by each party`, or say why it stands alone (`asymmetric because "…"`).

Fires on:

    agreement talks between NORTH, SOUTH:
        status proposed
        reciprocal

        commitment missiles by SOUTH:  # R306
            shall not deploy Missile

Quiet on:

    agreement talks between NORTH, SOUTH:
        status proposed
        reciprocal

        commitment missiles by each party:
            shall not deploy Missile
"""
