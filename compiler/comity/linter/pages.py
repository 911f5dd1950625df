"""The pages of diagnostics: collected from docstrings, printed by `comity explain`, run as tests, made into docs.

A page is the docstring of the function that reports an E-code (in the pass's `errors`, named like the code), or
of the file of a lint rule, which is read without importing it: `comity explain L204` needs no analysis. It is prose
with blocks that are indented below a line of their own:

    Fires on:        text with a comment `# CODE` at the end of each line where a finding must start
    Quiet on:        text without such a finding
    File data/x.csv: a file beside the next example
    Settings: KEY = VALUE    one line of the project file, for all examples of the page
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from importlib.resources import files
from inspect import cleandoc
from textwrap import dedent
from typing import Literal

from comity.base.diagnostics import CODES, Code
from comity.linter.rules import file_of
from comity.runtime.light import dataclass

ERRORS = ("comity.surface.errors", "comity.checked.errors", "comity.core.errors")


@dataclass(frozen=True, slots=True)
class Example:
    """One block of a page. ``files``: what lies beside it, by path."""

    kind: Literal["fires", "quiet"]
    text: str
    files: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """``text``: the page as written. ``settings``: lines for the project file of its examples."""

    code: Code
    text: str
    settings: tuple[str, ...]
    examples: tuple[Example, ...]


def page(code: str) -> Page | None:
    """The page of a diagnostic code; None if it has none yet."""
    known = CODES[code]
    text = _docstring(known)
    if not text:
        return None
    text = cleandoc(text)
    settings = tuple(re.findall(r"^Settings: (.+)$", text, re.MULTILINE))
    return Page(known, text, settings, tuple(_examples(text)))


def pages() -> Iterator[Page]:
    """All pages, by code."""
    for code in CODES:
        found = page(code)
        if found is not None:
            yield found


def _docstring(code: Code) -> str | None:
    if code.code.startswith("E"):
        name = code.name.replace("-", "_")
        for place in ERRORS:
            module = import_module(place)
            function = getattr(module, name, None) or getattr(module, code.code.lower(), None)
            if function is not None and function.__doc__:
                text: str = function.__doc__
                return text
        return None
    file = files("comity") / f"{file_of(code.code)}.py"
    return ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) if file.is_file() else None


_HEAD = re.compile(r"^(?:(?P<kind>Fires|Quiet) on|File (?P<file>\S+)):$")


def _parts(text: str) -> Iterator[tuple[re.Match[str] | None, str]]:
    """A page in its parts: prose (no head), and blocks with the line that heads them."""
    head: re.Match[str] | None = None
    lines: list[str] = []
    for line in text.splitlines():
        begins = _HEAD.match(line)
        if begins or (head and line and not line.startswith("    ")):
            yield head, "\n".join(lines).strip("\n")
            head, lines = begins, []
        if not begins:
            lines.append(line)
    yield head, "\n".join(lines).strip("\n")


def _examples(text: str) -> Iterator[Example]:
    files: list[tuple[str, str]] = []
    for head, block in _parts(text):
        if head is None:
            continue
        body = dedent(block) + "\n"
        if head["file"]:
            files.append((head["file"], body))
        else:
            yield Example("fires" if head["kind"] == "Fires" else "quiet", body, tuple(files))
            files = []


def as_markdown(found: Page) -> str:
    """A page for the documentation."""
    parts = [f"# {found.code.code} {found.code.name}", f"*{found.code.severity.value}*"]
    for head, block in _parts(found.text):
        if head is None:
            parts.append(re.sub(r"^Settings: (.+)$", r"Settings of the examples: `\1`", block, flags=re.MULTILINE))
        else:
            language = "" if head["file"] else "comity"
            parts += [f"**{head[0]}**", f"```{language}\n{dedent(block)}\n```"]
    return "\n\n".join(filter(None, parts)) + "\n"


def as_index() -> str:
    """The table of all diagnostics, for the documentation."""
    lines = ["# Diagnostics", "", "| code | name | severity | when |", "| --- | --- | --- | --- |"]
    for code in CODES.values():
        shown = f"[{code.code}]({code.code}.md)" if page(code.code) else code.code
        lines.append(f"| {shown} | {code.name} | {code.severity.value} | {code.summary} |")
    return "\n".join(lines) + "\n"
