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

BANNED = {
    r"\b[Hh](?:ang|angs|ung|anging) on\b": "depends on",
    r"^So (?:many|much|often|deep|long) ": "Maximum number of …",
    r"\bsuch an one\b": "such a one",
}
"""Pattern: what to write instead."""

FILES = sorted(file for folder in ("compiler", "scripts", "benchmarks") for file in (ROOT / folder).rglob("*.py"))


def prose(text: str) -> Iterator[tuple[int, str]]:
    """Line and text of the docstrings (of constants too) and comments of a module."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, node.value.value
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
