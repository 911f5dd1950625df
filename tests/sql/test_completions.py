"""Formulas that say whether something is true in some way, beside trying every way."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest

from comity.backends.sql import completions
from comity.backends.sql.completions import Completions, Formula, Formulas


def value(formula: Formula, truths: dict[int, bool]) -> bool:
    match formula.op:
        case "true" | "false":
            return formula.op == "true"
        case "is":
            ((variable, wanted),) = formula.literals
            return truths[variable] is wanted
        case "and":
            return all(value(part, truths) for part in formula.parts)
        case "or":
            return any(value(part, truths) for part in formula.parts)


def drawn(random: Random, formulas: Formulas, size: int, depth: int) -> Formula:
    """A formula of alternatives, conjunctions, and formulas beside the denial of what they are made of."""
    if depth == 0 or random.random() < 0.2:
        return formulas.variable(random.randrange(size), random.random() < 0.6)
    parts = [drawn(random, formulas, size, depth - 1) for _ in range(random.randint(2, 4))]
    if random.random() < 0.4:
        parts.append(formulas.negate(formulas.every(parts[:2])))
    return random.choice([formulas.every, formulas.some])(parts)


def asked(formulas: Formulas, size: int) -> tuple[Completions, Formulas]:
    """Each condition has two variables of the outcome: it may be true, it may be false."""
    out = Formulas()
    return Completions(formulas, lambda v: out.variable(2 * v), lambda v: out.variable(2 * v + 1), out, size), out


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("few", [True, False], ids=["taken apart", "as it comes"])
def test_in_some_way(seed: int, few: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if few:
        monkeypatch.setattr(completions, "SETTLED_EACH", 0)
        monkeypatch.setattr(completions, "MOST_BESIDE", 1000)
    random, formulas, size = Random(seed), Formulas(), 5
    formula = drawn(random, formulas, size, 3)
    asking, _ = asked(formulas, size)
    found = asking.some_way(formula)
    for limits in product([(True, False), (False, True), (True, True)], repeat=size):
        ways = product(*([each for each, may in ((True, one), (False, two)) if may] for one, two in limits))
        expected = any(value(formula, dict(enumerate(way))) for way in ways)
        given = {2 * v + n: limits[v][n] for v in range(size) for n in (0, 1)}
        assert value(found, given) is expected, (limits, formula)


def test_simplifying_keeps_the_value() -> None:
    for seed in range(300):
        random, formulas, size = Random(seed), Formulas(), 4
        parts = [drawn(random, formulas, size, 2) for _ in range(4)]
        for way in product([True, False], repeat=size):
            truths = dict(enumerate(way))
            assert value(formulas.every(parts), truths) is all(value(part, truths) for part in parts)
            assert value(formulas.some(parts), truths) is any(value(part, truths) for part in parts)


def test_a_part_and_its_denial() -> None:
    formulas = Formulas()
    both = [formulas.every([formulas.variable(2 * n), formulas.variable(2 * n + 1, False)]) for n in range(4)]
    assert formulas.every([formulas.some(both), *map(formulas.negate, both)]) is formulas.false


@pytest.mark.parametrize("pairs", [20, 200])
def test_many_exceptions_take_few_steps(pairs: int) -> None:
    """Some control has its exception, and no control is without its own: each exception beside its control only."""
    formulas = Formulas()
    controls = [formulas.variable(2 * n) for n in range(pairs)]
    exceptions = [formulas.variable(2 * n + 1) for n in range(pairs)]
    remain = [formulas.every([c, formulas.negate(e)]) for c, e in zip(controls, exceptions, strict=True)]
    excepted = formulas.some(formulas.every(pair) for pair in zip(controls, exceptions, strict=True))
    asking, out = asked(formulas, 2 * pairs)
    found = asking.some_way(formulas.every([excepted, *map(formulas.negate, remain)]))
    assert asking.steps <= 8 * pairs
    assert len(found.literals) <= 4 * pairs
    assert asking.some_way(formulas.every([formulas.some(remain), *map(formulas.negate, remain)])) is out.false
