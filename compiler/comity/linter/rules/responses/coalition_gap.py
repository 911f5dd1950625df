"""Members of an aligned response do not impose the same.

The witness is an export that one member stops and another still lets through, on a day after the lag. Let the others
follow, or say what one cannot supply.

Fires on:

    response costs for Sale by US, GB against RU:
        imposes Measure on Sector
        reaches sectors
        trigger Event when kind == invasion
        posture none
        aligned within 7 days
        at once:
            impose export_ban on {defence} by US  # S403
        lift when kind == retreat

Quiet on:

    response costs for Sale by US, GB against RU:
        imposes Measure on Sector
        reaches sectors
        trigger Event when kind == invasion
        posture none
        aligned within 7 days
        at once:
            impose export_ban on {defence} by US
        after 5 days:
            impose export_ban on {defence} by GB
        lift when kind == retreat
"""
