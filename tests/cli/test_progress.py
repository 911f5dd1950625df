"""The line that says what a long run is doing."""

from __future__ import annotations

import io
import re
import sys
import time
from pathlib import Path
from threading import Event

import pytest
from click.testing import CliRunner

from comity.base.watching import doing, watched
from comity.cli import main
from comity.cli import progress as of_lint
from comity.cli.progress import progress

STAGE = "reading a.comity"


class Terminal(io.StringIO):
    """A terminal on which a run can wait until what it does is shown, however slow the machine is."""

    def __init__(self) -> None:
        super().__init__()
        self.shows_the_stage = Event()

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if STAGE in text:
            self.shows_the_stage.set()
        return super().write(text)


def shown(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, quiet: bool = False) -> str:
    monkeypatch.setattr(sys, "stderr", stream)
    with progress(quiet):
        doing(STAGE)
        time.sleep(0.1)
    return stream.getvalue()


def test_a_long_run_says_what_it_does_and_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_lint, "PATIENCE", 0.01)
    monkeypatch.setattr(of_lint, "INTERVAL", 0.01)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress():
        doing(STAGE)
        assert terminal.shows_the_stage.wait(timeout=60)
    text = terminal.getvalue()
    assert re.search(rf"\r{STAGE} \(\d+ s\)", text)
    assert text.endswith("\r") and not text.split("\r")[-2].strip()


def test_others_hear_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_lint, "PATIENCE", 60)
    assert shown(monkeypatch, Terminal()) == "", "a short run"
    monkeypatch.setattr(of_lint, "PATIENCE", 0.01)
    assert shown(monkeypatch, io.StringIO()) == "", "no terminal"
    assert shown(monkeypatch, Terminal(), quiet=True) == ""


POLICY = """record Case:
    listed: Bool
    value: Int

decision verdict for Case:
    outcomes:
        denied
        free
    otherwise free

rule listed_ for verdict:
    when listed and value > {limit}
    then denied
"""


def test_a_comparison_and_written_tests_say_what_they_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for folder, limit in ((old, 1), (new, 2)):
        folder.mkdir()
        (folder / "m.comity").write_text(POLICY.format(limit=limit), encoding="utf-8")
    heard: list[str] = []
    with watched(heard.append):
        CliRunner().invoke(main, ["diff", str(old), str(new)])
        CliRunner().invoke(main, ["test", "--generate", str(new)])
    assert "verdict: comparing the rules that differ" in heard
    assert "verdict: what `listed_` changes" in heard
    assert [each for each in heard if each.startswith("tests of line 12 of ")]
