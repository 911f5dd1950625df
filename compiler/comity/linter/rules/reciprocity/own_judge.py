"""The party in breach decides whether there is a breach, or can veto the finding.

Let a third body find it, or one that decides by majority.

Fires on:

    agreement talks between NORTH, SOUTH:
        status proposed
        body COMMISSION = {NORTH, SOUTH} by consensus

        commitment exercises by each party:
            shall not conduct Exercise
            when troops > 9_000

        remedy answer by each party:  # R310
            on breach of exercises
            found by COMMISSION
            may suspend exercises
            until breach ends

Quiet on:

    agreement talks between NORTH, SOUTH:
        status proposed
        body COMMISSION = {CH, AT, SE} by majority

        commitment exercises by each party:
            shall not conduct Exercise
            when troops > 9_000

        remedy answer by each party:
            on breach of exercises
            found by COMMISSION
            may suspend exercises
            until breach ends
"""
