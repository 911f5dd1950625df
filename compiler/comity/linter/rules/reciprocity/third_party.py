"""One side waits for the consent of a third state, the other does not.

The side that waits can be held back by somebody who promised nothing.

Fires on:

    agreement talks between NORTH, SOUTH:
        status proposed

        commitment north_missiles by NORTH:  # R311
            shall not deploy Missile
            binding when TR consents

        commitment south_missiles by SOUTH:
            shall not deploy Missile

        mirror north_missiles with south_missiles

Quiet on:

    agreement talks between NORTH, SOUTH:
        status proposed

        commitment north_missiles by NORTH:
            shall not deploy Missile
            binding when TR consents

        commitment south_missiles by SOUTH:
            shall not deploy Missile
            binding when TR consents

        mirror north_missiles with south_missiles
"""
