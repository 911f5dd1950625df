"""Further cases of the lint rules, one file per rule: `cases/<name>.md`.

Each block of Comity under a heading is linted like an example of a page, on the same prelude; the findings of the
rule's code must stand exactly on the lines marked with it. A TOML block before it holds its settings.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from comity.base.diagnostics import CODES
from comity.pipeline.linting import lint

HERE = Path(__file__).parent
PRELUDE = (HERE.parent / "pages" / "prelude.comity").read_text(encoding="utf-8")
CASE = re.compile(
    r"^## (?P<title>.+)\n+(?:```toml\n(?P<settings>(?:.*\n)*?)```\n+)?```comity\n(?P<text>(?:.*\n)*?)```", re.M
)

CASES = [
    pytest.param(file.stem, case["settings"] or "", case["text"], id=f"{file.stem}: {case['title']}")
    for file in sorted((HERE / "cases").glob("*.md"))
    for case in CASE.finditer(file.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize(("name", "settings", "text"), CASES)
def test_case(name: str, settings: str, text: str, tmp_path: Path) -> None:
    code = next(code.code for code in CODES.values() if code.name.replace("-", "_") == name)
    (tmp_path / "comity.toml").write_text(settings, encoding="utf-8")
    (tmp_path / "prelude.comity").write_text(PRELUDE, encoding="utf-8")
    (tmp_path / "case.comity").write_text(f"use prelude: *\n{text}", encoding="utf-8")
    result = lint([tmp_path / "case.comity"])
    assert not [d for d in result.diagnostics if d.code.startswith("E")]
    got = {d.span.line - 1 for d in result.diagnostics if d.code == code} - {0}
    assert got == {n for n, line in enumerate(text.splitlines(), 1) if re.search(rf"# .*\b{code}$", line)}


def test_every_block_is_a_case() -> None:
    """A block that the pattern does not see would be a test that cannot fail."""
    for file in (HERE / "cases").glob("*.md"):
        text = file.read_text(encoding="utf-8")
        assert text.count("```comity") == len(CASE.findall(text)) > 0
