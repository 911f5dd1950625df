"""A window that closes before it opens.

`from` and `until` name inclusive days; written this way round they leave none. So do the columns of these names in a
table's file: the row would say nothing on any day.

Fires on:

    rule russia for licensing:  # L211
        from 2023-03-01 until 2022-02-24
        when destination == RU
        then license_required

Quiet on:

    rule russia for licensing:
        from 2022-02-24 until 2022-02-24
        when destination == RU
        then license_required
"""
