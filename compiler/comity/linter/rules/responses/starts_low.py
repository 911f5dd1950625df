"""A later step exceeds the first day of a response that promises to start high.

What is kept in reserve deters less than what is imposed at once. Move the measure to `at once`, or declare another
posture.

Fires on:

    response costs for Sale by US, GB against RU:
        imposes Measure on Sector
        reaches sectors
        trigger Event when kind == invasion
        posture start_high_stay_high
        at once:
            impose financial_sanctions on {finance}
        after 30 days:
            impose export_ban on {defence}  # S401
        lift when kind == retreat

Quiet on:

    response costs for Sale by US, GB against RU:
        imposes Measure on Sector
        reaches sectors
        trigger Event when kind == invasion
        posture start_high_stay_high
        at once:
            impose export_ban on {defence}
        after 30 days:
            impose travel_ban on {defence}
        lift when kind == retreat
"""
