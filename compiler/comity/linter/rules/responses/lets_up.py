"""A measure lapses, or is lifted, before the lift that the response names.

`start_high_stay_high` keeps the first day's level until `lift when`. Take the end of the measure away, or let another
of the same level take over.

Fires on:

    response costs for Sale by US, GB against RU:
        imposes Measure on Sector
        reaches sectors
        trigger Event when kind == invasion
        posture start_high_stay_high
        at once:
            impose export_ban on {defence} for 90 days  # S402
        lift when kind == retreat

Quiet on:

    response costs for Sale by US, GB against RU:
        imposes Measure on Sector
        reaches sectors
        trigger Event when kind == invasion
        posture start_high_stay_high
        at once:
            impose export_ban on {defence}
        lift when kind == retreat
"""
