"""Prose in code is plain English: constructions that readers had to decode do not come back."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "compiler" / "comity"

BANNED = {
    r"\b[Hh](?:ang|angs|ung|anging) on\b": "depends on",
    r"^So (?:many|much|often|deep|long) ": "Maximum number of …",
    r"\bsuch an one\b": "such a one",
}
"""Pattern: what to write instead."""

DIALECT = {
    r"(?<![Tt]here )\b(?:is|are) no (?!longer\b|more\b|such\b)": "is not a …",
    r"\b[Mm]end(?:s|ed|ing)?\b": "fix",
    r"\b[Ss]o many (?!that\b)(?=[a-z]+ (?:as|of|a|an|the|it|they)\b)": "maximum number of …",
    r"\b(?:stand|stands|stood) in (?!for\b|the way\b)": "is in",
}
"""Further constructions. In messages too: every text of the code counts."""

FILES = sorted(file for folder in ("compiler", "scripts", "benchmarks") for file in (ROOT / folder).rglob("*.py"))


def prose(text: str) -> Iterator[tuple[int, str]]:
    """Line and text of the docstrings (of constants too) and comments of a module."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, node.value.value
    yield from comments(text)


def comments(text: str) -> Iterator[tuple[int, str]]:
    """Line and text of every comment of a module."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string.lstrip("# ")


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_prose_is_plain(file: Path) -> None:
    found = [
        f"{file.relative_to(ROOT)}:{line}: write `{better}`"
        for line, text in prose(file.read_text(encoding="utf-8"))
        for pattern, better in BANNED.items()
        if re.search(pattern, text, re.MULTILINE)
    ]
    assert not found


def texts(text: str) -> Iterator[tuple[int, str]]:
    """Line and text of every string constant and comment of a module."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
    yield from comments(text)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_messages_and_prose_are_plain(file: Path) -> None:
    found = [
        f"{file.relative_to(ROOT)}:{line}: write `{better}`: {text[:60]!r}"
        for line, text in texts(file.read_text(encoding="utf-8"))
        for pattern, better in DIALECT.items()
        if re.search(pattern, text)
    ]
    assert not found


ENGINE = [
    file
    for part in ("analysis", "backends")
    for file in sorted((PACKAGE / part).rglob("*.py"))
    if file.name != "__init__.py"
]
SHOWN = re.compile(r"^    \S|\b[Ee]xample\b|`[^`\n]+ [^`\n]+`", re.MULTILINE)
"""An example: laid out by itself, named as such, or a few words of a policy in the midst of a sentence."""


@pytest.mark.parametrize("file", ENGINE, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_a_module_of_the_engine_or_a_backend_shows_an_example(file: Path) -> None:
    assert SHOWN.search(ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "")
