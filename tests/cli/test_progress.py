"""The line that says what a long run is doing."""

from __future__ import annotations

import io
import sys
import time

import pytest

from comity.base.watching import doing
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
