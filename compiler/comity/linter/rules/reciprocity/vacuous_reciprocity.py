"""Commitments mirrored in words, of which only one can ever bind.

On the stated facts (`cannot`, `can`) one side can do nothing of what is forbidden, and the other can: equal words, and
a price that one side pays alone. Choose an act that both can do, or say that the difference is wanted.

Fires on:

    agreement talks between NORTH, SOUTH:
        status proposed

        SOUTH cannot deploy Missile when reach > 500 km
        NORTH can deploy Missile

        commitment missiles by each party:  # R302
            shall not deploy Missile
            when reach > 500 km

Quiet on:

    agreement talks between NORTH, SOUTH:
        status proposed

        SOUTH can deploy Missile
        NORTH can deploy Missile

        commitment missiles by each party:
            shall not deploy Missile
            when reach > 500 km
"""
