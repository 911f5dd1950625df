"""An act that is both permitted and prohibited, or a duty that only a breach can fulfil.

A number is judged like a duty where it must be reached and like a prohibition where it is `at most 0`; a minimum above
the maximum of the same acts is a conflict too. Who keeps the one breaks the other. Say which prevails (`prevails over
NAME`), or make room in one of them.

Fires on:

    agreement talks between NORTH, SOUTH:
        status proposed

        commitment missiles by each party:
            shall not deploy Missile
            when reach > 500 km

        commitment defence by each party:  # R304
            may deploy Missile
            when location in {BE, CA, RU}

Quiet on:

    agreement talks between NORTH, SOUTH:
        status proposed

        commitment missiles by each party:
            shall not deploy Missile
            when reach > 500 km

        commitment defence by each party:
            may deploy Missile
            when reach <= 500 km
"""
