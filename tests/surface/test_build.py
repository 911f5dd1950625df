"""The builders' methods get the children that they say they get."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any, get_type_hints

from lark.exceptions import UnexpectedToken

from comity.surface.build_agreements import Builder
from comity.surface.grammar import load
from comity.surface.layout import Layout, LayoutError
from tests.surface.sentences import sentence

ROOT = Path(__file__).parents[2]
FOLDERS = ("policies", "stdlib", "tests/corpus/language")
POLICIES = [file for folder in FOLDERS for file in sorted((ROOT / folder).rglob("*.comity"))]
LANGUAGE = ROOT / "docs" / "language.md"
BLOCK = re.compile(r"^```comity\n(.*?)^```$", re.MULTILINE | re.DOTALL)
REST = """
party B = {RU}:
    territory {RU}

set S: Eccn = {3B001.k to 3B001.n, 3_}

define many for R:
    any g in goods:
        count(h in goods where h.price > g.price) > 1

response R for A by A against B:
    allowing pending until day 60

agreement T between A, B:
    commitment c by each party:
        may deploy Missile
        protected
    remedy one by each party:
        on breach of c
        may deploy Missile up to 3 counting as keep Missile
        until breach ends
"""
"""What the other texts do not have."""

DECLARATIONS = ("record", "set", "table", "define", "decision", "rule", "test", "agreement", "response", "prove")
SHAPED = {name: method for name in dir(Builder) if hasattr(method := getattr(Builder, name), "__wrapped__")}


def watched(name: str, seen: set[str], wrong: list[str]) -> Callable[..., Any]:
    """A method of the builder that notes that it was called, and children that are not what its parameters say."""
    shaped = SHAPED[name]
    hints = get_type_hints(shaped.__wrapped__)
    signature = inspect.signature(shaped.__wrapped__)

    def method(self: Builder, children: list[Any]) -> Any:
        seen.add(name)
        try:
            given = signature.bind(self, None, *children).arguments
        except TypeError as error:
            raise TypeError(f"{name}: {error}: {children}") from None
        for parameter in list(signature.parameters.values())[2:]:
            values = given.get(parameter.name, ())
            if parameter.kind is not inspect.Parameter.VAR_POSITIONAL:
                values = (values,)
            expected = hints[parameter.name]
            if expected is not Any:
                wrong.extend(f"{name}: {parameter.name} is {v!r}" for v in values if not isinstance(v, expected))
            keyword = parameter.name.removeprefix("_")
            if parameter.name.startswith("_") and parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD:
                wrong.extend(f"{name}: {v!r} is not {keyword}" for v in values if not means(v, keyword))
        return shaped(self, children)

    return method


SIGNS = {"(": "open", "[": "open", "{": "open", ")": "close", "}": "close", ":": "colon", "=": "equal", ".": "dot"}
SIGNS |= {"..": "range", "-": "minus", "": "end", "\n": "end"}


def means(word: Any, name: str) -> bool:
    """An unused parameter is named after its keyword or sign."""
    text = str(word).strip(" ")
    return name in (text, SIGNS.get(text, SIGNS.get(text[:1] if "\n" in text else text)))


def test_children_are_as_annotated() -> None:
    seen: set[str] = set()
    wrong: list[str] = []
    made: Builder = type("Watched", (Builder,), {name: watched(name, seen, wrong) for name in SHAPED})()
    layout = Layout()
    lark = load(layout, made)
    random = Random(1)
    texts = [file.read_text(encoding="utf-8") for file in POLICIES]
    texts += [*BLOCK.findall(LANGUAGE.read_text(encoding="utf-8")), REST]
    drawn = (sentence(random, kind, 18) for kind in DECLARATIONS for _ in range(20))
    for text in [*texts, *drawn]:
        made.begin("x.comity", text)
        layout.begin(lines=True)
        with suppress(UnexpectedToken, LayoutError):  # not every text that the grammar derives has only one reading
            lark.parse(text if text.endswith("\n") else text + "\n", start="module")
    assert wrong == []
    assert set(SHAPED) - seen == {"condition_alone"}
