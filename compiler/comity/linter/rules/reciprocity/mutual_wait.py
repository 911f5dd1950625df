"""Commitments that wait for each other, so that none of them ever binds.

Even if everybody accepts and does what is due. Let one of them wait for acceptance only.

Fires on:

    agreement talks between NORTH, SOUTH:
        status proposed

        commitment first_step by NORTH:  # R305
            shall not deploy Missile
            binding when second_step is binding

        commitment second_step by SOUTH:
            shall not deploy Missile
            binding when first_step is binding

Quiet on:

    agreement talks between NORTH, SOUTH:
        status proposed

        commitment first_step by NORTH:
            shall not deploy Missile
            binding when second_step is accepted

        commitment second_step by SOUTH:
            shall not deploy Missile
            binding when first_step is binding
"""
