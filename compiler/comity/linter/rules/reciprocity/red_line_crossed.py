"""A commitment binds a party on an act that the party has kept off the table.

`no commitment on` is crossed by any commitment that speaks of a reserved act, `no limit on` only where some reserved
act is a breach however it is disclosed: a duty to tell is not a limit. Only what keeps the record's `always` lines
can be disclosed.

Fires on:

    agreement talks between NORTH, SOUTH:
        status proposed

        red line posture for NORTH:
            no limit on deploy Missile when location == BE

        commitment missiles by each party:  # R303
            shall not deploy Missile
            when reach > 500 km

Quiet on:

    agreement talks between NORTH, SOUTH:
        status proposed

        red line posture for NORTH:
            no limit on conduct Exercise

        commitment exercises by each party:
            shall not conduct Exercise
            when troops > 9_000
            unless notified >= 42 days
"""
