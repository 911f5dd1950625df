"""Prose in code is plain English: constructions that readers had to decode do not come back."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

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


class Written(NamedTuple):
    """The prose of a module, as line and text. ``alone``: docstrings, those of constants too."""

    docstring: str
    alone: list[tuple[int, str]]
    constants: list[tuple[int, str]]
    comments: list[tuple[int, str]]


@cache
def written(file: Path) -> Written:
    source = file.read_bytes()
    tree = ast.parse(source)
    alone: list[tuple[int, str]] = []
    constants: list[tuple[int, str]] = []
    places: list[tuple[tuple[int, int], tuple[int, int]]] = []
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant(value=str(text))):
                alone.append((node.lineno, text))
            case ast.Constant(value=str(text)):
                constants.append((node.lineno, text))
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)):
            assert node.end_lineno is not None and node.end_col_offset is not None
            places.append(((node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)))
    return Written(ast.get_docstring(tree) or "", alone, constants, list(comments(source, places)))


def comments(source: bytes, strings: list[tuple[tuple[int, int], tuple[int, int]]]) -> Iterator[tuple[int, str]]:
    """What follows the first `#` of a line that is in none of the strings; `tokenize` takes as long as all else."""
    for number, line in enumerate(source.splitlines(), 1):
        for found in re.finditer(b"#", line):
            if not any(begin <= (number, found.start()) < end for begin, end in strings):
                yield number, line[found.start() :].decode().lstrip("# ")
                break


def test_comments_are_what_tokens_say() -> None:
    for file in FILES[:: len(FILES) // 4]:
        tokens = tokenize.generate_tokens(io.StringIO(file.read_text(encoding="utf-8")).readline)
        expected = [(token.start[0], token.string.lstrip("# ")) for token in tokens if token.type == tokenize.COMMENT]
        assert written(file).comments == expected


def test_prose_is_plain() -> None:
    found = [
        f"{file.relative_to(ROOT)}:{line}: write `{better}`"
        for file in FILES
        for line, text in [*written(file).alone, *written(file).comments]
        for pattern, better in BANNED.items()
        if re.search(pattern, text, re.MULTILINE)
    ]
    assert not found


def test_messages_and_prose_are_plain() -> None:
    found = [
        f"{file.relative_to(ROOT)}:{line}: write `{better}`: {text[:60]!r}"
        for file in FILES
        for line, text in [*written(file).constants, *written(file).comments]
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


def test_modules_of_the_engine_and_of_backends_show_an_example() -> None:
    assert [str(file.relative_to(PACKAGE)) for file in ENGINE if not SHOWN.search(written(file).docstring)] == []
