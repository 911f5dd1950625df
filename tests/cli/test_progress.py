"""The line that says what a long run is doing."""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from comity.base.watching import doing, watched
from comity.cli import main
from comity.cli import progress as of_lint
from comity.cli.progress import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, quiet: bool = False) -> str:
    monkeypatch.setattr(sys, "stderr", stream)
    with progress(quiet):
        doing("reading a.comity")
        time.sleep(0.1)
    return stream.getvalue()


def test_a_long_run_says_what_it_does_and_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_lint, "PATIENCE", 0.01)
    text = shown(monkeypatch, Terminal())
    assert "\rreading a.comity (0 s)" in text
    assert text.endswith("\r") and not text.split("\r")[-2].strip()


def test_others_hear_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
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
