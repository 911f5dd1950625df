"""The members' maxima together exceed the group's.

Each member may keep its own limit while the group breaks the common one.

Fires on:

    agreement talks between NORTH, SOUTH:
        status proposed

        commitment group by NORTH:
            shall deploy at most 10 Missile

        commitment members by each member of NORTH:  # R309
            shall deploy at most 8 Missile

Quiet on:

    agreement talks between NORTH, SOUTH:
        status proposed

        commitment group by NORTH:
            shall deploy at most 10 Missile

        commitment members by each member of NORTH:
            shall deploy at most 5 Missile
"""
