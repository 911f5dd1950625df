"""Formulas mean what terms mean: on every input the boxes agree with the reference evaluator."""

from __future__ import annotations

from random import Random

import pytest

from comity.analysis.space.points import Point
from comity.analysis.translate.translate import Translator
from comity.core import ast as core
from comity.core.interpret import Interpreter
from comity.runtime.types import PlaceType
from comity.terms import THIS

from .worlds import World


def check(seed: int) -> None:
    random = Random(seed)
    world = World(random, size=3)
    conditions = [world.condition(2) for _ in range(3)]
    program = core.Program(PlaceType(), tables=world.tables, sets=world.sets)
    interpreter = Interpreter(program)
    translator = Translator(interpreter, world.record)
    truths = [translator.truth(condition, translator.env) for condition in conditions]
    maybe = [truth.maybe for truth in truths]
    translator.space.settle()
    boxes = [(translator.space.boxes(t.true), translator.space.boxes(t.false)) for t in truths]
    maybe_boxes = [translator.space.boxes(m) for m in maybe]
    for facts in world.some_inputs(60):
        point = Point(translator.space, facts)
        for condition, (true, false), may in zip(conditions, boxes, maybe_boxes, strict=True):
            expected = interpreter.evaluate(condition, {THIS: facts}, facts.get("day"))
            in_true, in_false = any(map(point.inside, true)), any(map(point.inside, false))
            got = True if in_true and not in_false else False if in_false and not in_true else None
            assert not (in_true and in_false)
            assert got is expected, (seed, facts, condition, expected, got)
            assert any(map(point.inside, may)) == (expected is not False), (seed, facts, condition)
        for box in translator.space.impossible:
            assert not point.inside(box), (seed, facts, box)


@pytest.mark.parametrize("start", range(0, 400, 50))
def test_boxes_agree_with_the_evaluator(start: int) -> None:
    for seed in range(start, start + 50):
        check(seed)
