"""Mirrored commitments that bind differently.

For every act, one side must breach, be in doubt and be free exactly where the other is, after the parties, facts `per
Party` and the `swapping` pairs are exchanged. Numbers are read in the same way, so that a table row which each side
looks up for itself (`lim[self]`) is not a difference. The finding says which fields differ, who gains, and an act that
one side may do and the other may not. Write the same for both, allow a tolerance (`within 10%`), or say why the
difference is wanted (`asymmetric because "…"`, which makes it information).

Fires on:

    agreement talks between NORTH, SOUTH:
        status proposed

        commitment north_missiles by NORTH:
            shall not deploy Missile
            when reach > 500 km

        commitment south_missiles by SOUTH:  # R301
            shall not deploy Missile
            when reach > 600 km

        mirror north_missiles with south_missiles:
            within 10%

Quiet on:

    agreement talks between NORTH, SOUTH:
        status proposed

        commitment north_missiles by NORTH:
            shall not deploy Missile
            when reach > 500 km and location == CA

        commitment south_missiles by SOUTH:
            shall not deploy Missile
            when reach > 550 km and location == KALININGRAD

        mirror north_missiles with south_missiles:
            swapping CA with KALININGRAD
            within 10%
"""
