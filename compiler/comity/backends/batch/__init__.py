"""Decisions over whole tables, with NumPy.

`decide.py` is the page to read first. `sources` and `facts` read tables, `translate` makes `nodes` of conditions,
`rules` resolves what holds, `result` gives it back as columns.
"""

from __future__ import annotations

from comity.backends.batch.decide import BatchDecision, Progress
from comity.backends.batch.result import Answers, Row

__all__ = ["Answers", "BatchDecision", "Progress", "Row"]
