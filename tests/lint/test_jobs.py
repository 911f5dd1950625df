"""Whatever the number of processes, the same is read and found."""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path
from random import Random

import pytest

from comity.base import workers
from comity.base.diagnostics import Diagnostic, Report
from comity.base.source import SourceFile
from comity.pipeline import parsing
from comity.pipeline.parsing import Parser
from comity.surface.parse import parse

ROOT = Path(__file__).parents[2]
FILES = sorted(file for folder in ("policies/ear", "stdlib") for file in (ROOT / folder).rglob("*.comity"))

pytestmark = pytest.mark.skipif(not hasattr(os, "fork") or sys.platform == "darwin", reason="no copies here")


@pytest.fixture(autouse=True)
def shares(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever there is to do is shared."""
    monkeypatch.setattr(workers, "may_share", lambda: True)
    monkeypatch.setattr(parsing, "LEAST_SHARED", 0)


def texts(random: Random | None) -> list[SourceFile]:
    """The texts of the export control regulations; with ``random``, characters are missing here and there."""
    found = []
    for file in FILES:
        text = file.read_text("utf-8")
        if random is not None and random.random() < 0.3:
            at = random.randrange(len(text))
            text = text[:at] + text[at + random.randrange(20) :]
        found.append(SourceFile(file.name, file.stem, text))
    return found


@cache
def parsed_here(seed: int | None) -> tuple[list[SourceFile], list[str], list[Diagnostic]]:
    """Texts, and their trees and messages as one process makes them."""
    sources = texts(None if seed is None else Random(seed))
    report = Report()
    return sources, [repr(parse(source, report)) for source in sources], report.diagnostics


@pytest.mark.parametrize("jobs", [2, 3])
@pytest.mark.parametrize("seed", [None, 1, 2])
def test_parsing(jobs: int, seed: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trees, places and messages are the same."""
    sources, trees, diagnostics = parsed_here(seed)
    report = Report()
    parser = Parser(None, jobs)
    parser.prepare(sources)
    if seed is None:  # nothing is left to be parsed here
        monkeypatch.setattr("comity.surface.packed.parse_part", None)
    assert [repr(parser.parse(source, report)) for source in sources] == trees
    assert report.diagnostics == diagnostics
    assert (seed is None) == (not diagnostics)


def test_copies_that_die_while_parsing(monkeypatch: pytest.MonkeyPatch) -> None:
    sources, trees, _ = parsed_here(None)
    monkeypatch.setattr(parsing, "packed_parts", lambda *_: os._exit(3) if os.getpid() != here else None)
    here = os.getpid()
    parser = Parser(None, 2)
    parser.prepare(sources)
    report = Report()
    assert [repr(parser.parse(source, report)) for source in sources] == trees
