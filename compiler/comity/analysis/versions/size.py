"""How large a formula may become as boxes, before anybody makes them.

Boxes of a conjunction are at worst the product of those of its parts. Mostly they are far fewer, so only formulas of
astronomic size are left alone: conditions that depend on whole other decisions, over thousands of codes. Example:
`(a or b) and (c or d or e)` has at most 2 * 3 = 6 boxes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from comity.analysis import limits
from comity.analysis.space.formulas import All, Cells, Exists, Formula, Leaf, Some, Switch, Tri


def too_large(conditions: Iterable[Tri]) -> bool:
    known: dict[int, int] = {}
    return any(
        _size(f, known) > limits.current.compared_boxes for truth in conditions for f in (truth.true, truth.maybe)
    )


def _size(formula: Formula, known: dict[int, int]) -> int:
    size = known.get(id(formula))
    if size is None:
        match formula:
            case Leaf() | Cells():
                size = 1
            case All(parts=parts):
                size = 1
                for part in parts:
                    size *= _size(part, known)
            case Some(parts=parts):
                size = sum(_size(part, known) for part in parts)
            case Switch(arms=arms, rest=rest, otherwise=otherwise):
                size = sum(_size(guard, known) * _size(then, known) for guard, then in arms)
                size += _size(rest, known) if otherwise else 0
            case Exists(body=body):
                size = _size(body, known)
            case _:
                assert_never(formula)
        size = known[id(formula)] = min(size, limits.current.compared_boxes + 1)
    return size
