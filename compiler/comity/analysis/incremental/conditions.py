"""What is known of rules' conditions, as plain values: so that another process need not translate them.

Example: `when eccn within 3A001 and destination in {RU, BY}` is kept as its one box, and as the question "within
3A001?", for which the axis of codes is cut there.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

from comity.analysis.decision.conditions import Extent, Known
from comity.analysis.decision.revisable import RevisableSearch
from comity.analysis.incremental.masks import mask_of, plain_mask
from comity.analysis.incremental.readers import Readers
from comity.analysis.space.boxes import Box
from comity.analysis.space.codes import Exactly, Part, Within

Plain: TypeAlias = Any
"""A JSON value."""


def kept_conditions(search: RevisableSearch) -> Plain:
    """What is known of the rules that add no axis, and read no other decision. Rules have most sets of cells in common,
    so boxes name them by number.
    """
    program = search.study.interpreter.program
    readers = Readers(program)
    masks: dict[int, int] = {}

    def plain(boxes: Sequence[Box]) -> Plain:
        return [
            [each for axis, mask in box.items() for each in (axis, masks.setdefault(mask, len(masks)))] for box in boxes
        ]

    found: list[Plain] = []
    for rule, extent in zip(search.rules, search.extents, strict=True):
        cuts = [[axis, _plain(question)] for axis, question in search.conditions.cuts.get(rule.number, ())]
        if rule.number in search.conditions.founders or any(each is None for _, each in cuts):
            continue
        if not readers.of_rule(rule).isdisjoint(program.decisions):
            continue
        maybe = None if extent.maybe is extent.true else plain(extent.maybe)
        found.append([rule.number, plain(extent.true), maybe, cuts])
    return {"cells": list(map(plain_mask, masks)), "rules": found}


def known_conditions(kept: Plain, numbers: Sequence[int]) -> dict[int, Known]:
    """The opposite of `kept_conditions`. ``numbers``: those that rules have now.

    Raises ValueError, TypeError, KeyError or IndexError for anything else.
    """
    cells = list(map(mask_of, kept["cells"]))

    def boxes(plain: Plain) -> list[Box]:
        return [{axis: cells[mask] for axis, mask in zip(box[::2], box[1::2], strict=True)} for box in plain]

    found: dict[int, Known] = {}
    for number, true, maybe, cuts in kept["rules"]:
        where = boxes(true)
        extent = Extent(where, where if maybe is None else boxes(maybe))
        found[numbers[number]] = Known(extent, [(axis, _question(*question)) for axis, question in cuts])
    return found


def _plain(question: Hashable) -> Plain:
    """A question for which an axis is cut; None of one that only this process can ask."""
    match question:
        case Within(entry=code):
            return ["within", code]
        case Exactly(code=code):
            return ["exactly", code]
        case Part(part=part, test=frozenset() as test):
            return ["part", part, sorted(test)]
        case Part(part=part, test=test):
            return ["number", part, _plain_stretches(test)]
        case frozenset():
            return ["texts", sorted(question)]
        case tuple():
            return ["stretches", _plain_stretches(question)]
    return None


def _question(kind: str, *parts: Any) -> Hashable:
    """The opposite of `_plain`."""
    match kind, parts:
        case "within", (str() as code,):
            return Within(code)
        case "exactly", (str() as code,):
            return Exactly(code)
        case "part", (part, test):
            return Part(part, frozenset(map(str, test)))
        case "number", (part, test):
            return Part(part, _stretches(test))
        case "texts", (texts,):
            return frozenset(map(str, texts))
        case "stretches", (stretches,):
            return tuple(_stretches(stretches))
    raise ValueError(kind)


def _plain_stretches(stretches: Any) -> Plain:
    return [[None if cut is None else [str(cut[0]), cut[1]] for cut in stretch] for stretch in stretches]


def _stretches(plain: Plain) -> Any:
    def cut(plain: Plain) -> tuple[Fraction | int, int] | None:
        if plain is None:
            return None
        value, side = plain
        return (Fraction(value) if "/" in value else int(value)), side

    return tuple((cut(low), cut(high)) for low, high in plain)
