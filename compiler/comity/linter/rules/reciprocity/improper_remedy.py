"""A remedy that reaches too far, has no end, or grows.

It touches a `protected` duty, lasts after the breach has ended (or waits for a prohibition to be performed, which
never comes about), or two sides' answers to each other's answers grow with every turn. Answers of one party to one act
that count as the same act add up, whether one remedy gives them or several.

Fires on:

    agreement talks between NORTH, SOUTH:
        status proposed

        commitment exercises by each party:
            shall not conduct Exercise
            when troops > 9_000

        commitment inspections by each party:
            shall accept at least 3 Inspection per calendar year
            protected

        remedy answer by each party:  # R308
            on breach of exercises
            may suspend inspections
            until breach ends

Quiet on:

    agreement talks between NORTH, SOUTH:
        status proposed

        commitment exercises by each party:
            shall not conduct Exercise
            when troops > 9_000

        remedy answer by each party:
            on breach of exercises
            may suspend exercises
            until breach ends
"""
