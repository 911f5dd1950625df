"""Facts are missing, without which a question about an agreement stays open.

Whether a mirrored commitment can bind both sides depends on what they can do, which the text does not say. State it
(`SOUTH can deploy Missile`), with its source. This is information, never an error.

Fires on:

    agreement talks between NORTH, SOUTH:
        status proposed

        commitment missiles by each party:  # R307
            shall not deploy Missile

Quiet on:

    agreement talks between NORTH, SOUTH:
        status proposed

        NORTH can deploy Missile
        SOUTH can deploy Missile

        commitment missiles by each party:
            shall not deploy Missile
"""
