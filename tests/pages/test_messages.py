"""What people read of every code: the messages of all examples, with source and marks, are as they were recorded.

They lie in `tests/snapshots/`, one file for each code, and one for syntax errors. After a change of wording,
`python3 scripts/dev.py record` writes them anew, and the diff shows what has changed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from comity.base.diagnostics import CODES
from comity.linter.formats import FORMATS, Findings
from comity.linter.pages import Page
from comity.pipeline.linting import lint
from tests.pages.test_pages import ALL, write_example
from tests.surface.support import read
from tests.surface.test_errors import MISTAKES

SNAPSHOTS = Path(__file__).parents[1] / "snapshots"
RECORD = bool(os.environ.get("COMITY_RECORD"))


def compare(name: str, text: str) -> None:
    """A text is what was recorded under a name; or it is recorded, where that is asked for."""
    file = SNAPSHOTS / f"{name}.txt"
    if RECORD:
        SNAPSHOTS.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert file.is_file(), "run `python3 scripts/dev.py record`"
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("found", ALL, ids=lambda found: found.code.code)
def test_messages_of_a_code(found: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every finding of the code in the examples that it fires on."""
    shown = []
    for number, example in enumerate(found.examples, 1):
        if example.kind != "fires":
            continue
        folder = tmp_path / str(number)
        folder.mkdir()
        write_example(found, example, folder)
        monkeypatch.chdir(folder)
        findings = lint(["example.comity"])
        codes = [d for d in findings.diagnostics if d.code == found.code.code]
        assert codes
        shown.append(FORMATS["full"](Findings(codes, findings.sources, 1), False))
    compare(found.code.code, "\n".join(shown))


def test_syntax_errors() -> None:
    shown = []
    for text, _, _, _ in MISTAKES:
        source, _, problems = read(text)
        shown.append(FORMATS["full"](Findings(problems, {source.path: source}, 1), False))
    compare("syntax", "\n".join(shown))


def test_every_code_is_recorded_and_nothing_else() -> None:
    recorded = {file.stem for file in SNAPSHOTS.iterdir()}
    if RECORD:
        for name in recorded - {*CODES, "syntax"}:
            (SNAPSHOTS / f"{name}.txt").unlink()
    assert recorded == {*CODES, "syntax"}
