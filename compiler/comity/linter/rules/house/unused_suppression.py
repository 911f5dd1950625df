"""A comment that should hide a finding hides none.

It outlived its cause, names a code that does not exist, or stands above nothing. Left in place it would hide the
next such finding unseen. The fix deletes it.

Fires on:

    # comity: ignore[H501] the clause is our own  # H507
    rule listed for licensing:
        cite "15 CFR 744.11(a)"
        when any p in parties: p.listed
        then prohibited

Quiet on:

    # comity: ignore[H501] the clause is our own
    rule listed for licensing:
        when any p in parties: p.listed
        then prohibited
"""
