"""No event meets the trigger of a response.

Nothing it threatens will ever be imposed.

Fires on:

    response costs for Sale by US, GB against RU:
        imposes Measure on Sector
        reaches sectors
        trigger Event when kind == invasion and kind == retreat  # S404
        posture none
        at once:
            impose export_ban on {defence}

Quiet on:

    response costs for Sale by US, GB against RU:
        imposes Measure on Sector
        reaches sectors
        trigger Event when kind == invasion
        posture none
        at once:
            impose export_ban on {defence}
"""
