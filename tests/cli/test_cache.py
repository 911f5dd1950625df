"""The cache of findings: nothing is asked again that was answered, and no answer ever changes by it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from comity.base.diagnostics import Diagnostic
from comity.cli import main
from comity.linter.formats import FORMATS, Findings
from comity.linter.pages import Page, pages
from comity.pipeline import driver
from comity.pipeline.found import Lint
from comity.pipeline.linting import compilable, lint
from comity.workspace import cache
from tests.shared import cache_with_grammar

POLICY = """\
use std.countries: Country, RU

record Case as of date:
    to: Country
    date: Date

table listed(to: Country) -> Bool from "listed.csv" otherwise false

decision permit for Case:
    outcomes:
        license
        free
    otherwise free

rule listed_need_one for permit:
    when listed[to]
    then license
"""


@pytest.fixture
def store(tmp_path: Path) -> cache.Store:
    return cache.Store(tmp_path / "store")


def small_project(folder: Path) -> Path:
    """A project of one policy and its table, in a new folder."""
    folder.mkdir()
    (folder / "law.comity").write_text(POLICY)
    (folder / "listed.csv").write_text("to,value\nRU,X\n")
    (folder / "comity.toml").write_text("")
    return folder


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = small_project(tmp_path / "project")
    monkeypatch.chdir(folder)
    return folder


class Passes:
    """Counts how often the passes ran."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        run = driver.findings

        def counted(made: driver.Build, *rest: object) -> object:
            self.count += 1
            return run(made, *rest)  # type: ignore[arg-type]

        monkeypatch.setattr(driver, "findings", counted)

    def by(self, result: Lint) -> tuple[int, list[str]]:
        """How often they ran for ``result``, and its codes."""
        count, self.count = self.count, 0
        return count, sorted({d.code for d in result.diagnostics})


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> Passes:
    return Passes(monkeypatch)


def test_what_is_unchanged_is_not_asked_again(project: Path, store: cache.Store, passes: Passes) -> None:
    assert passes.by(lint(store=store)) == (1, ["H501", "H502", "H503"])
    assert passes.by(lint(store=store)) == (0, ["H501", "H502", "H503"])
    (project / "notes.txt").write_text("no part of it")
    assert passes.by(lint(store=store))[0] == 0


def another_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_text", lambda: "another")
    cache.compiler.cache_clear()


@pytest.fixture(autouse=True)
def _this_compiler() -> Iterator[None]:
    yield
    cache.compiler.cache_clear()


def test_every_input_counts(project: Path, store: cache.Store, passes: Passes, monkeypatch: pytest.MonkeyPatch) -> None:
    law, table, settings = project / "law.comity", project / "listed.csv", project / "comity.toml"
    (project / "more.comity").write_text('"""More."""\n')
    lint(store=store)
    passes.count = 0
    for change, expected in [
        (lambda: law.write_text(POLICY.replace(": Country, RU", ": Country")), ["H501", "H502"]),
        (lambda: table.write_text("to,value\nXX,X\n"), ["E107"]),
        (table.unlink, ["E107"]),
        (lambda: table.write_text("to,value\nRU,X\n"), ["H501", "H502"]),
        (lambda: settings.write_text('ignore = ["H501"]'), ["H502"]),
        (lambda: settings.write_text("as-of = 2026-01-01\ncitation-patterns = ['CFR']"), ["H501", "H502"]),
        (lambda: settings.write_text('[[severity]]\ncodes = ["H501"]\nlevel = "off"'), ["H502"]),
        (lambda: settings.write_text('source-age = "1 year"'), ["H501", "H502"]),
        (lambda: law.write_text(POLICY + "?\n"), ["E001"]),
        (lambda: law.write_text('source "x" as of 2001-01-01\n' + POLICY), ["H501", "H502", "H503", "H509"]),
        (lambda: another_compiler(monkeypatch), ["H501", "H502", "H503", "H509"]),
    ]:
        change()
        assert passes.by(lint(store=store)) == (1, expected)
        assert passes.by(lint(store=store)) == (0, expected)
    assert passes.by(lint(["more.comity"], store=store)) == (1, [])
    assert passes.by(lint(["law.comity"], store=store))[0] == 1, "what is named counts"
    assert passes.by(lint(stdin=("law.comity", POLICY.encode()), store=store))[0] == 1
    assert passes.by(lint(stdin=("law.comity", POLICY.encode()), store=store))[0] == 0


def test_a_compiler_that_is_changed_meanwhile_leaves_nothing(
    project: Path, store: cache.Store, passes: Passes, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.compiler()
    monkeypatch.setattr(cache, "_text", lambda: "another")
    assert passes.by(lint(store=store))[0] == passes.by(lint(store=store))[0] == 1


def test_what_was_answered_before_comes_back(project: Path, store: cache.Store, passes: Passes) -> None:
    lint(store=store)
    (project / "law.comity").write_text("# changed\n" + POLICY)
    lint(store=store)
    (project / "law.comity").write_text(POLICY)
    passes.count = 0
    assert passes.by(lint(store=store))[0] == 0


@pytest.mark.parametrize("page", list(pages()), ids=lambda page: page.code.code)
def test_kept_findings_are_the_findings(page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On every example of every page, in every format."""
    store = cache.Store(tmp_path / "store")
    for number, example in enumerate(page.examples):
        folder = tmp_path / str(number)
        folder.mkdir()
        for name, text in (*example.files, ("example.comity", example.text)):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        (folder / "comity.toml").write_text("\n".join(page.settings))
        monkeypatch.chdir(folder)
        fresh = lint(store=store)
        monkeypatch.setattr(driver, "findings", None)
        kept = lint(store=store)
        monkeypatch.undo()
        assert kept.diagnostics == tuple(map(plain, fresh.diagnostics)) and kept.read == fresh.read
        for render in FORMATS.values():
            texts = [render(Findings(each.diagnostics, each.sources, each.files), True) for each in (fresh, kept)]
            assert texts[0] == texts[1]


def findings_in(folder: Path) -> list[Path]:
    """The entries with findings; others are what was parsed, and what the last lint of a project has left behind."""
    return [file for file in folder.iterdir() if "." not in file.name]


def plain(d: Diagnostic) -> Diagnostic:
    """A diagnostic as JSON gives it back: tuples in its witness are lists."""
    return replace(d, witness=json.loads(json.dumps(d.witness)))


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "another", "no object", "a folder"])
def test_a_damaged_entry_counts_as_none(damage: str, project: Path, store: cache.Store, passes: Passes) -> None:
    whole = lint(store=store)
    (entry,) = findings_in(store.folder)
    data = entry.read_bytes()
    entry.unlink()
    match damage:
        case "cut":
            entry.write_bytes(data[:-9])
        case "flipped":
            entry.write_bytes(data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])
        case "empty":
            entry.write_bytes(b"")
        case "another":
            store.put(entry.name, data.partition(b"\n")[2].replace(b"H501", b"H999"))
        case "no object":
            store.put(entry.name, b"[1, 2]")
        case _:
            entry.mkdir()
    passes.count = 0
    again = lint(store=store)
    assert passes.count == 1 and again.diagnostics == whole.diagnostics


def test_it_stays_within_its_limit_and_forgets_the_oldest(tmp_path: Path) -> None:
    store = cache.Store(tmp_path / "store", limit=10_000)
    for number in range(20):
        store.put(f"{number:02}", bytes(900))
        os.utime(store.folder / f"{number:02}", (number, number))
    kept = sorted(file.name for file in store.folder.iterdir())
    assert sum(file.stat().st_size for file in store.folder.iterdir()) <= 10_000
    assert kept[-1] == "19" and "00" not in kept
    store.put("large", bytes(9_000))
    assert store.get("large") is None, "one entry does not drive out all others"


def test_what_a_killed_run_left_is_cleared_away(tmp_path: Path) -> None:
    store = cache.Store(tmp_path / "store")
    store.folder.mkdir()
    old, fresh = store.folder / ".abandoned", store.folder / ".being-written"
    for file in (old, fresh):
        file.write_bytes(b"half an en")
    os.utime(old, (0, 0))
    store.put("a", b"1")
    assert not old.exists() and fresh.exists() and store.get("a") == b"1"


def test_a_folder_that_cannot_be_used_is_no_complaint(project: Path, tmp_path: Path) -> None:
    place = tmp_path / "taken"
    place.write_text("a file")
    store = cache.Store(place / "store")
    assert lint(store=store).diagnostics == lint().diagnostics


def test_runs_at_the_same_time_agree(project: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "COMITY_CACHE_DIR": str(cache_with_grammar(tmp_path / "shared"))}
    command = [sys.executable, "-m", "comity", "lint", "--format", "json"]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) for _ in range(4)]
    texts = {each.communicate()[0] for each in running}
    texts.add(subprocess.run(command, stdout=subprocess.PIPE, env=environment).stdout)
    texts.add(subprocess.run([*command, "--no-cache"], stdout=subprocess.PIPE, env=environment).stdout)
    assert len(texts) == 1 and b"H501" in texts.pop()
    assert not [file for file in (tmp_path / "shared" / "findings").iterdir() if file.name.startswith(".")]


def test_no_cache_neither_reads_nor_writes(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passes: Passes
) -> None:
    monkeypatch.setenv("COMITY_CACHE_DIR", str(tmp_path / "mine"))
    for arguments, runs, entries in [(["--no-cache"], 1, 0), ([], 1, 1), (["--no-cache"], 1, 1), ([], 0, 1)]:
        passes.count = 0
        CliRunner().invoke(main, ["lint", *arguments], catch_exceptions=False)
        folder = tmp_path / "mine" / "findings"
        assert (passes.count, len(findings_in(folder)) if folder.exists() else 0) == (runs, entries)


def test_several_projects_at_a_time(project: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (project / name).mkdir()
        (project / name / "comity.toml").write_text("")
        (project / name / "law.comity").write_text(POLICY.replace("listed.csv", "../listed.csv"))
    paths = ["one", "two", "law.comity"]
    assert lint(paths, jobs=3).diagnostics == lint(paths).diagnostics != ()


def test_a_build_asks_nothing_again(project: Path, store: cache.Store, passes: Passes) -> None:
    for _ in range(2):
        made, errors, _ = compilable([project], store)
        assert made.program.decisions and not errors
    assert passes.count == 1


def test_without_changes_the_passes_are_not_even_imported(project: Path) -> None:
    code = "import sys; from comity.cli import main; main(['lint'], standalone_mode=False); print(*sys.modules)"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout for _ in range(2)]
    assert "comity.checked.check" in runs[0] and "H501" in runs[1]
    for heavy in ("comity.checked", "comity.surface", "comity.core", "comity.analysis", "lark"):
        assert f"{heavy}." not in runs[1]
