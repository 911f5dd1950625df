"""Regular expressions mean the same on every Python that Comity is for."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from re import _constants, _parser  # type: ignore[attr-defined]  # what `re` itself reads patterns with

import pytest

import comity
from comity.surface.grammar import parser


def patterns() -> Iterator[tuple[str, str]]:
    """The patterns of the grammar's terminals, and those that modules keep compiled, with where they are."""
    for terminal in parser().lark.terminals:
        yield f"terminal {terminal.name}", terminal.pattern.to_regexp()
    for info in pkgutil.walk_packages(comity.__path__, "comity."):
        if info.name.rpartition(".")[2] in ("__main__", "hook"):
            continue
        for name, value in vars(importlib.import_module(info.name)).items():
            if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                yield f"{info.name}.{name}", value.pattern


def nested_possessive(items: Iterable[tuple[object, object]]) -> bool:
    """Whether a possessive repetition has a repetition inside: Python before 3.11.5 gets that wrong."""

    def repeats(part: object) -> bool:
        if isinstance(part, _parser.SubPattern | list | tuple):
            return any(repeats(each) for each in part)
        return part in (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT)

    for operator, argument in items:
        if operator is _constants.POSSESSIVE_REPEAT and repeats(argument[2]):  # type: ignore[index]
            return True
        parts = argument if isinstance(argument, tuple | list) else [argument]
        for part in parts:
            branches = part if isinstance(part, list) else [part]
            if any(isinstance(each, _parser.SubPattern) and nested_possessive(each) for each in branches):
                return True
    return False


def test_no_possessive_repetition_holds_another() -> None:
    """`(?:a*+b)*+` is written `(?>(?:a*+b)*)`."""
    found = dict(patterns())
    assert len(found) > 50
    assert [where for where, pattern in found.items() if nested_possessive(_parser.parse(pattern))] == []


@pytest.mark.parametrize(
    ("pattern", "nested"),
    [
        (r"a(?:b*+c)*+", True),
        (r"(?:x|y(?:[0-9]+)++)", True),
        (r"(?:a|(?:b?)*+)+", True),
        (r"(?=(?:b?)?+)", True),
        (r"a*+(?>(?:b*+c)*)", False),
        (r"(?:a|bc)*+", False),
    ],
)
def test_the_search_finds_them(pattern: str, nested: bool) -> None:
    assert nested_possessive(_parser.parse(pattern)) is nested
