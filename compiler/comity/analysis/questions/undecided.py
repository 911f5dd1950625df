"""A question that the analysis could not settle.

Most questions about policies are settled exactly. Arithmetic between facts, and quantifiers within quantifiers, can
be too much: then the analysis says which question it gave up, why, and what would help, instead of passing over it.

A statement to be proved can also be neither proved nor refuted because of what the policy says: on some input the
answer is undetermined, or rules contradict each other, and one of the outcomes that are possible there is not claimed;
or no rule decides the input. Then the finding shows such an input. Say which rule prevails, ask in `given` that the
facts are known, or allow the outcomes in `then`. Where every outcome that is possible is as claimed, the statement is
proved.

Fires on:

    record Crate:
        width: Int
        depth: Int
        height: Int

    decision handling for Crate:
        outcomes:
            by_crane
            by_hand
        otherwise by_hand

    rule high for handling:
        when height > 3
        then by_crane

    prove cubes_go_by_hand for handling:  # L200
        given all:
            width > 0
            depth > 0
            width * width * width + depth * depth * depth == height * height * height
        then outcome == by_hand

    decision landing for Crate:
        outcomes:
            refused
            allowed
        otherwise allowed

    rule wide for landing:
        when width > 3
        then refused

    rule deep for landing:
        when depth > 3
        then allowed

    prove wide_is_refused for landing:  # L200
        given width > 3
        then outcome == refused

    prove wide_is_decided for landing:
        given width > 3
        then outcome in {refused, allowed}

Quiet on:

    prove dear_or_not for licensing:
        given value > 1_000 USD
        then outcome in {license_required, no_license_required}
"""
