"""Why there is no input in a box: it is certain that none lies there, or it was not settled.

Example: where `value > 5_000 USD` and `value + freight <= 6_000 USD` are asked with `freight >= 1_000 USD`, `Conflict`
names a box over these three axes, however many others the region bounds. Where the product of two facts is asked about
and z3 is not installed, `Unsure` says that it is arithmetic between these facts that was not settled.
"""

from __future__ import annotations

from comity.analysis.space.boxes import Box

LEFT_OUT = (16, 4, 1)
"""Chunk sizes for minimising a conflict: try to drop 16 constraints at a time, then 4, then 1 (delta debugging)."""


class Conflict(Exception):
    """No input lies in ``box``."""

    def __init__(self, box: Box) -> None:
        self.box = box


class Unsure(Exception):
    """It was not settled whether an input lies in the box; ``why`` in the author's terms, and what would help.

    ``facts``: an input that lies in it as far as is known here; whether it does is seen when it is decided.
    """

    def __init__(self, why: str, help: str = "", facts: dict[str, object] | None = None) -> None:
        self.why = why
        self.help = help
        self.facts = facts
