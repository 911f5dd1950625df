"""Tables without chains of reductions parse as Lark's own tables do, mistakes included."""

from __future__ import annotations

import functools
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.surface import grammar
from comity.surface import parse as parsing
from comity.surface.grammar import Parser
from comity.workspace import resources
from tests.surface.sentences import sentence
from tests.surface.support import read
from tests.surface.test_any_text import FRAGMENTS, TEXTS

EXPRESSIONS = [
    "a", "not a", "a.b", "(a)", "[a]", "a + b * c", "a == b", "a in {b}", "any x in y: x.z", "-a", "1 km", "true",
    " and ", " or ", " implies ", " | ", " & ", " - ", "(", ")", "{", "}", ",", " is known", " not in ", " .. ", ":",
]  # fmt: skip


@functools.cache
def plain() -> Parser:
    """A parser with the tables as Lark has made them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grammar, "shortened", lambda saved: saved)
        tables = grammar.make(resources.grammar())
        patch.setattr(grammar, "load", lambda layout, builder: grammar._load(tables, layout, builder))
        return Parser()


def compare(text: str) -> None:
    _, module, problems = read(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parsing, "parser", plain)
        _, same, alike = read(text)
    assert repr(module) == repr(same)  # spans too
    assert problems == alike


@pytest.mark.parametrize("seed", range(25))
def test_sentences(seed: int) -> None:
    random = Random(seed)
    text = sentence(random)
    compare(text)
    for _ in range(3):
        start = random.randrange(len(text) + 1)
        compare(text[:start] + text[start + random.randrange(9) :])


@pytest.mark.parametrize("number", range(len(TEXTS)))
def test_language(number: int) -> None:
    compare(TEXTS[number])


@given(st.lists(st.sampled_from(EXPRESSIONS), min_size=1, max_size=12).map("".join))
def test_expressions(text: str) -> None:
    compare(f"define d for R: {text}\nset s: C = {text}\n")


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=25).map(" ".join))
def test_random_words(text: str) -> None:
    compare(text)


def test_a_chain_is_one_state() -> None:
    """`x` in a set takes one reduction, by the rule that makes a name of it, before the comma is shifted."""
    reductions = {}
    for name, parser in (("plain", plain()), ("made", Parser())):
        state: Any = parser.begin("set s: C = {x, 1}\n", "x", "module")
        count = 0
        for word in state.iter_parse():
            if word.type == "COMMA":
                count = _reductions(state.parser_state, "COMMA")
                break
        reductions[name] = count
    assert reductions["made"] + 6 <= reductions["plain"]


def _reductions(state: Any, word: str) -> int:
    """How many are made before a word is shifted."""
    states, stack, count = state.parse_conf.states, list(state.state_stack), 0
    while True:
        action, target = states[stack[-1]][word]
        if action.name == "Shift":
            return count
        count += 1
        del stack[len(stack) - len(target.expansion) :]
        stack.append(states[stack[-1]][target.origin.name][1])
