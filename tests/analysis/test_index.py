"""The index of boxes gives the answers of the boxes themselves, and a ruleset without clauses those of a new one."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Literal, cast

import pytest

from comity.analysis.decision import answers
from comity.analysis.decision.without import Without
from comity.analysis.space.axes import FiniteAxis, LineAxis, bits
from comity.analysis.space.boxes import Box, Budget, OutOfBudget, disjoint, inside
from comity.analysis.space.formulas import Axis
from comity.analysis.space.index import Index
from comity.base.source import Span
from comity.core.ast import Edge
from comity.core.ast import Rule as CoreRule
from comity.runtime.resolve import resolve_masks
from comity.runtime.rules import Ground, Rule, Ruleset

SIZES = (700, 40, 90, 3)
"""Cells of the axes: one on which masks are long, one of places, a line of days, a truth value."""


def axes() -> list[Axis]:
    line = LineAxis("day", None, False, whole=True)
    made: list[Axis] = [
        FiniteAxis("code", None, range(SIZES[0]), False),
        FiniteAxis("place", None, range(SIZES[1]), False),
        line,
        FiniteAxis("flag", None, range(SIZES[3]), False),
    ]
    line.collect(tuple(((cell, 0), None) for cell in range(1, SIZES[2])))
    for axis in made:
        axis.settle()
    assert [axis.full.bit_length() for axis in made] == list(SIZES)
    return made


def some_box(random: Random, wide: float) -> Box:
    """``wide``: how likely a mask is to admit most cells."""
    box: Box = {}
    for axis, size in enumerate(SIZES):
        if random.random() < 0.4:
            continue
        if axis == 2 and random.random() < 0.8:
            low = random.randrange(size)
            mask = ((1 << random.randint(1, size - low)) - 1) << low
        else:
            count = size - random.randint(1, 3) if random.random() < wide else random.randint(1, min(size - 1, 12))
            mask = sum(1 << cell for cell in random.sample(range(size), max(1, count)))
        if mask != (1 << size) - 1:
            box[axis] = mask
    return box


@pytest.mark.parametrize("seed", range(6))
def test_the_index_agrees_with_its_boxes(seed: int) -> None:
    random = Random(seed)
    owners = random.choice((30, 1_200))
    boxes = [(some_box(random, 0.2) or {3: 1}, owner) for owner in range(owners) for _ in range(random.randint(1, 2))]
    made = axes()
    index, full = Index(made, boxes, owners), [axis.full for axis in made]
    assert set(bits(index.all)) == set(index.boxes)
    for _ in range(60):
        region = some_box(random, 0.6)
        met = {number for number, box in index.boxes.items() if not disjoint(box, region)}
        assert set(bits(index.meeting(region))) == met
        assert set(bits(index.holding(region))) == {n for n, box in index.boxes.items() if inside(region, box)}
        covers = sum(1 << number for number in met if random.random() < random.choice((0.02, 0.9)))
        try:
            found = index.outside(region, covers, full, Budget(2_000))
        except OutOfBudget:
            continue
        if found is not None:
            assert inside(found, region) and all(disjoint(found, index.boxes[number]) for number in bits(covers))
            continue
        for _ in range(40):  # nothing is left over, so any point is covered
            point = {axis: 1 << random.choice(list(bits(region.get(axis, full[axis])))) for axis in range(len(SIZES))}
            assert any(inside(point, index.boxes[number]) for number in bits(covers))


Kind = Literal["prevails", "exception", "disapplies"]
OUTCOMES = ("prohibited", "license", "free")


def some_rules(random: Random, count: int) -> list[CoreRule]:
    """Rules with edges of five clauses. What a rule depends on comes before it, so there is no circle."""
    made = []
    for number in range(count):
        edges = []
        for _ in range(random.choice((0, 1, 2)) if 0 < number < count - 1 else 0):
            kind = cast(Kind, random.choice(("prevails", "exception", "disapplies")))
            line = random.randint(1, 5)
            clause = Span("m.comity", line, line, line, 1, line, 2)
            target = random.randrange(number + 1, count) if kind == "disapplies" else random.randrange(number)
            edges.append(Edge(kind, target, written="notwithstanding", declared_by=number, clause=clause))
        span = Span("m.comity", number, number, number, 1, number, 2)
        made.append(
            CoreRule(
                number=number, name=f"r{number}", family=f"r{number}", key=None, module="m", doc="", cites=(),
                span=span, window=None, membership=None, when=None, unless=None, refer=None,
                outcome=random.choice(OUTCOMES), edges=tuple(edges), rank=None,
            )
        )  # fmt: skip
    return made


def ruleset(rules: list[CoreRule], grounds: list[Ground]) -> Ruleset:
    made = [
        Rule(
            rule.name,
            outcome=rule.outcome,
            exception_to=rule.targets("exception"),
            disapplies=rule.targets("disapplies"),
            prevails_over=rule.targets("prevails"),
        )
        for rule in rules
    ]
    return Ruleset(OUTCOMES, "free", made, grounds)


@pytest.mark.parametrize("seed", range(40))
def test_without_clauses_is_as_if_they_had_not_been_written(seed: int) -> None:
    random = Random(seed)
    rules = some_rules(random, 9)
    grounds = [Ground("over", "prohibited", "free")] if seed % 2 else []
    clauses = frozenset(random.sample(sorted({e.clause for r in rules for e in r.edges}, key=lambda s: s.line), 1))
    whole = ruleset(rules, grounds)
    left = [replace(rule, edges=tuple(e for e in rule.edges if e.clause not in clauses)) for rule in rules]
    fresh = ruleset(left, grounds)
    without = Without(whole, [rule for rule in rules if any(e.clause in clauses for e in rule.edges)], clauses)
    assert without.relations == fresh.relations
    for _ in range(60):
        true = random.getrandbits(9)
        unknown = random.getrandbits(9) & ~true if random.random() < 0.5 else 0
        expected = resolve_masks(fresh, true, unknown)
        assert answers.answer(resolve_masks(without, true, unknown)) == answers.answer(expected)
        for each in (without, fresh):
            said = answers.said(each, true, unknown, None, {})
            assert said.answer == answers.answer(expected)
            assert said.certain == expected.certain


@pytest.mark.parametrize("seed", range(6))
def test_boxes_put_in_the_place_of_others(seed: int) -> None:
    """The index is then as one made of them from the start, what it remembers included."""
    random = Random(seed)
    every = axes()
    boxes = {owner: [some_box(random, 0.3) for _ in range(random.choice((1, 1, 1, 2, 3)))] for owner in range(40)}
    index = Index(every, [(box, owner) for owner, own in boxes.items() for box in own], len(boxes))
    for _ in range(60):
        owner = random.randrange(len(boxes))
        boxes[owner] = [some_box(random, 0.3) for _ in range(random.choice((0, 1, 1, 2, 4)))]
        index.replace(owner, boxes[owner])
        fresh = Index(every, [(box, number) for number, own in boxes.items() for box in own], len(boxes))
        assert (index.boxes, list(index.rows)) == (fresh.boxes, list(fresh.rows))
        for _ in range(5):
            asked = some_box(random, 0.1)
            assert index.meeting(asked) == fresh.meeting(asked)
            assert index.holding(asked) == fresh.holding(asked)
            owners = random.getrandbits(40)
            assert index.of(owners) == fresh.of(owners)
            assert index.owned(index.meeting(asked)) == fresh.owned(fresh.meeting(asked))
