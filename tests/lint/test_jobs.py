"""Whatever the number of processes, the same is read and found."""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest

from comity.base import workers
from comity.base.diagnostics import Diagnostic, Report
from comity.base.source import SourceFile
from comity.linter import runner
from comity.linter.context import Context
from comity.linter.rules import Rule
from comity.pipeline import parsing
from comity.pipeline.linting import lint
from comity.pipeline.parsing import Parser
from comity.surface.parse import parse
from comity.workspace.cache import Store

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


@pytest.mark.parametrize(
    ("jobs", "seed"),
    [(2, None), (3, 1), *(pytest.param(*each, marks=pytest.mark.slow) for each in ((3, None), (2, 1), (2, 2), (3, 2)))],
)
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


LAW = '''"""Rules that house rules have something to say of."""
use std.countries: Country
record Export as of date:
    eccn: Eccn
    destination: Country
    date: Date
decision licensing for Export:
    outcomes:
        prohibited
        license_required
        free
    prevail by restriction
    otherwise free
rule coarse for licensing:
    when eccn within 3A001 and destination in {RU, BY}
    then license_required
rule fine for licensing:
    "Has a text"
    when eccn == 3A001.a.1 and destination == RU
    then prohibited
rule never for licensing:
    when destination == RU and destination == BY
    then prohibited
define unused for Export:
    destination in {KP}
'''


def found_in(folder: Path, jobs: int) -> tuple[object, dict[str, bytes]]:
    """The findings about a project, and what is kept of them."""
    kept = folder / f"cache{jobs}"
    result = lint([folder / "law"], store=Store(kept), jobs=jobs)
    # What was parsed is kept as pickles, which differ by which equal texts in them are one object.
    entries = (file for file in sorted(kept.iterdir()) if file.suffix != ".parsed")
    return result.diagnostics, {file.name: file.read_bytes() for file in entries}


@pytest.fixture
def law(tmp_path: Path) -> Path:
    (tmp_path / "law").mkdir()
    (tmp_path / "law" / "law.comity").write_text(LAW, "utf-8")
    return tmp_path


def test_house_rules(law: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are run beside the proofs; what is found and kept is the same, byte for byte."""
    monkeypatch.setattr(runner, "LEAST_BESIDE", 0)
    alone = found_in(law, 1)
    codes = {each.code for each in alone[0]}  # type: ignore[attr-defined]
    assert any(code.startswith("H") for code in codes) and any(code.startswith("L") for code in codes)
    monkeypatch.setattr(Rule, "find", only_proved(Rule.find, os.getpid()))
    assert found_in(law, 2) == alone
    assert found_in(law, 3) == alone


def only_proved(find: Any, here: int) -> Any:
    """`Rule.find`, which no house rule may ask for in this process."""

    def found(rule: Rule, context: Context) -> Any:
        assert rule.is_proved or os.getpid() != here, rule.code
        return find(rule, context)

    return found


def test_house_rules_whose_copy_dies(law: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "LEAST_BESIDE", 0)
    alone = found_in(law, 1)
    keep, here = runner.keep_memory, os.getpid()
    monkeypatch.setattr(runner, "keep_memory", lambda memory: keep(memory) if os.getpid() == here else os._exit(3))
    assert found_in(law, 2) == alone
