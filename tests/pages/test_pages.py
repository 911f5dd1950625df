"""Every example on every page of a diagnostic fires, or keeps quiet, as the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from comity.base.diagnostics import CODES
from comity.linter.pages import Example, Page, as_markdown, page, pages
from comity.pipeline.linting import lint

PRELUDE = (Path(__file__).parent / "prelude.comity").read_text(encoding="utf-8")
HEADER = "use prelude: *\n"
DOCS = Path(__file__).parents[2] / "docs" / "diagnostics"

ALL = list(pages())
EXAMPLES = [
    pytest.param(found, example, id=f"{found.code.code}-{example.kind}-{number}")
    for found in ALL
    for number, example in enumerate(found.examples, 1)
]


def marks(text: str) -> list[tuple[int, str]]:
    """The expectations in ``text``: (line, code) for every code in a comment at the end of a line."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        comment = re.search(r"#\s*((?:[ELRSH]\d{3}[\s,]*)+)$", line)
        if comment:
            found += [(number, code) for code in re.findall(r"[ELRSH]\d{3}", comment[1])]
    return sorted(found)


def write_example(found: Page, example: Example, folder: Path) -> Path:
    """A project with the example, and the prelude that it uses; the path of its module."""
    (folder / "comity.toml").write_text("".join(f"{line}\n" for line in found.settings), encoding="utf-8")
    (folder / "prelude.comity").write_text(PRELUDE, encoding="utf-8")
    for name, text in example.files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "example.comity").write_text(HEADER + example.text, encoding="utf-8")
    return folder / "example.comity"


def lint_example(found: Page, example: Example, folder: Path) -> list[tuple[int, str]]:
    """(line, code) of every finding in the example, as its author counts lines."""
    result = lint([write_example(found, example, folder)])
    before = HEADER.count("\n")
    return sorted((d.span.line - before, d.code) for d in result.diagnostics if d.span.line > before)


@pytest.mark.parametrize(("found", "example"), EXAMPLES)
def test_example(found: Page, example: Example, tmp_path: Path) -> None:
    """The findings of the page's code are exactly those marked; errors elsewhere would make the example worthless."""
    code = found.code.code
    got = [(line, c) for line, c in lint_example(found, example, tmp_path) if c == code or c.startswith("E")]
    expected = [(line, c) for line, c in marks(example.text) if c == code or c.startswith("E")]
    assert got == expected
    assert (example.kind == "fires") == any(c == code for _, c in expected)


@pytest.mark.parametrize("found", ALL, ids=lambda found: found.code.code)
def test_a_page_shows_both_sides(found: Page) -> None:
    assert {example.kind for example in found.examples} == {"fires", "quiet"}
    first = found.text.splitlines()[0]
    assert first.endswith(".") and len(first) <= 120


@pytest.mark.parametrize("code", [code for code in CODES if code.startswith("E") and code != "E002"])
def test_every_error_has_a_page(code: str) -> None:
    assert page(code) is not None


@pytest.mark.parametrize("found", ALL, ids=lambda found: found.code.code)
def test_documentation_is_current(found: Page) -> None:
    """`make docs` writes it."""
    committed = DOCS / f"{found.code.code}.md"
    assert committed.is_file() and committed.read_text(encoding="utf-8") == as_markdown(found)


def test_documentation_has_no_other_pages() -> None:
    known = {f"{found.code.code}.md" for found in ALL} | {"index.md"}
    assert {file.name for file in DOCS.iterdir()} == known
