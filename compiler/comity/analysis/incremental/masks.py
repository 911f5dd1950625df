"""Sets of cells as JSON values: an integer, in hexadecimal if it is long.

For example, 6 (the second and third cell) is kept as 6, and 1 << 64 as "10000000000000000".
"""

from __future__ import annotations

LONG = 1 << 53
"""Integers from here on are not exact to every reader of JSON."""


def plain_mask(mask: int) -> int | str:
    return mask if -LONG < mask < LONG else f"{mask:x}"


def mask_of(plain: int | str) -> int:
    return plain if isinstance(plain, int) else int(plain, 16)
