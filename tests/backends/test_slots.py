"""Functions whose locals share slots do what they did."""

from __future__ import annotations

import ast
from collections.abc import Callable
from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from comity.backends.python.slots import MANY, share_slots
from tests.strategies import examples

READ = "xyz"
"""Parameters: lists of True, False and None."""


class Written:
    """Draws a function of expressions that name their operands on the way, as conditions do."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self.draw = draw
        self.number = 0
        self.kept: list[str] = []

    def name(self) -> str:
        self.number += 1
        return f"v{self.number}"

    def expression(self, depth: int, element: str | None = None) -> str:
        kind = self.draw(st.integers(0, 5 if depth else 1))
        if kind == 0:
            return f"{self.draw(st.sampled_from(READ))}[{self.draw(st.integers(0, 1))}]"
        if kind == 1:
            return self.draw(
                st.sampled_from(("True", "False", "None", *self.kept, *([element] * 3 if element else [])))
            )
        one, other = self.expression(depth - 1, element), self.expression(depth - 1, element)
        first, second = self.name(), self.name()
        if kind == 2:
            unknown = f"None if {first} is None or {second} is None else False"
            return f"(({first} := {one}) or ({second} := {other}) or ({unknown}))"
        if kind == 3:
            return f"(False if ({first} := {one}) is False or ({second} := {other}) is False else {first} and {second})"
        if kind == 4:
            return f"(None if ({first} := {one}) is None else not {first})"
        each = self.name()
        inner = self.expression(depth - 1, each)
        return f"any([({first} := {inner}) is None or {first} for {each} in {self.draw(st.sampled_from(READ))}])"

    def function(self) -> str:
        lines = ["def f(x, y, z):"]
        for _ in range(self.draw(st.integers(3, 8))):
            value, variable = self.expression(3), self.name()
            if self.draw(st.booleans()):
                lines += [f"    {variable} = {value}", f"    if {variable} is None:", "        return 'unknown', 0"]
                self.kept.append(variable)
            else:
                each, found = self.name(), self.name()
                lines += [f"    for {each} in x:", f"        if ({found} := {self.expression(2, each)}):"]
                lines += [
                    f"            {variable} = {value}",
                    f"            if {variable}:",
                    "                return 'found'",
                ]
        return "\n".join([*lines, f"    return [{', '.join(self.kept[::3])}]"])


@st.composite
def functions(draw: Callable[[st.SearchStrategy[Any]], Any]) -> str:
    return Written(draw).function()


def made(tree: ast.Module) -> Callable[..., Any]:
    names: dict[str, Any] = {}
    exec(compile(ast.fix_missing_locations(tree), "<function>", "exec"), names)
    function: Callable[..., Any] = names["f"]
    return function


@examples(150)
@given(functions())
def test_a_function_says_the_same(text: str) -> None:
    changed = ast.parse(text)
    share_slots(changed.body)
    before, after = made(ast.parse(text)), made(changed)
    truths = (True, False, None)
    for x, y, z in product(product(truths, repeat=2), ((True, None), (False, False)), ((None, False), (True, True))):
        assert after(x, y, z) == before(x, y, z)


def test_names_that_are_done_with_are_used_again() -> None:
    terms = [f"(False if (a{n} := x[{n}]) is False or (b{n} := y[{n}]) is False else a{n} and b{n})" for n in range(20)]
    tree = ast.parse(f"def f(x, y):\n    return {' or '.join(terms)}")
    share_slots(tree.body)
    assert made(tree).__code__.co_nlocals == 4


def test_what_is_read_at_the_end_keeps_its_name() -> None:
    terms = [f"(a{n} := x[{n}])" for n in range(MANY)]
    unknown = " or ".join(f"a{n} is None" for n in range(MANY))
    tree = ast.parse(f"def f(x):\n    return {' or '.join(terms)} or (None if {unknown} else False)")
    share_slots(tree.body)
    function = made(tree)
    for number in range(MANY):
        assert function([None if each == number else False for each in range(MANY)]) is None
    assert function([False] * MANY) is False


def test_short_functions_are_left_as_they_are() -> None:
    text = "def f(x):\n    return (a := x[0]) or (b := x[1]) or (None if a is None or b is None else False)"
    tree = ast.parse(text)
    share_slots(tree.body)
    assert ast.dump(tree) == ast.dump(ast.parse(text))


def test_what_a_loop_reads_again_keeps_its_name() -> None:
    many = "\n".join(f"        v{n} = each\n        if v{n} is None:\n            return {n}" for n in range(MANY))
    loop = "    for each in x:\n        if kept is each:\n            return 'kept'"
    text = f"def f(x, y):\n    kept = y[0]\n{loop}\n{many}"
    tree = ast.parse(text)
    share_slots(tree.body)
    assert made(tree).__code__.co_nlocals == 5  # two parameters, `kept`, `each` and one for all others
    assert made(tree)([True, True], [False]) is None
    assert made(tree)([True, False], [False]) == "kept"
