"""`eval` from a kept program: the same bytes, and never another law than the one that is there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from comity.cli import main
from comity.core import rows
from comity.pipeline import driver
from comity.pipeline.programs import load_for_answers
from comity.workspace import cache
from tests.cli.test_cache import POLICY, small_project
from tests.shared import cache_with_grammar

RUSSIA, FRANCE = ({"to": to, "date": "2024-01-01"} for to in ("RU", "FR"))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = small_project(tmp_path / "project")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COMITY_CACHE_DIR", str(cache_with_grammar(tmp_path / "cache")))
    return folder


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Has an element for each program that was built from its texts."""
    found: list[str] = []
    build = driver.build

    def counted(*given: object, **named: object) -> object:
        found.append("built")
        return build(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(driver, "build", counted)
    return found


def outcome(facts: object, *options: str) -> object:
    run = CliRunner().invoke(main, ["eval", "permit", *options], input=json.dumps(facts), catch_exceptions=False)
    return json.loads(run.stdout).get("outcome")


def entry() -> Path:
    (file,) = (cache.store() or pytest.fail("no store")).folder.iterdir()
    return file


INPUTS = (
    json.dumps(RUSSIA),
    json.dumps([RUSSIA, FRANCE]),
    f"{json.dumps(RUSSIA)}\n{json.dumps({'to': 'XX'})}\nnot JSON\n{json.dumps(FRANCE)}\n",
    json.dumps({"to": "RU", "date": "2024-13-01", "more": 1.5}),
    "",
)


@pytest.mark.parametrize("given", INPUTS)
@pytest.mark.parametrize("options", [[], ["--explain"], ["--as-of", "2020-01-01"], ["-v", "--explain=short"]])
def test_what_is_kept_says_the_same(project: Path, given: str, options: list[str]) -> None:
    def run(*more: str) -> tuple[int, bytes, bytes]:
        done = CliRunner().invoke(main, ["eval", "permit", *options, *more], input=given, catch_exceptions=False)
        return done.exit_code, done.stdout_bytes, done.stderr_bytes

    assert run("--no-cache") == run() == run()


def test_processes_say_the_same(project: Path) -> None:
    def run(*more: str) -> tuple[int, bytes, bytes]:
        command = [sys.executable, "-m", "comity", "eval", "permit", "--explain", *more]
        done = subprocess.run(command, input="\n".join(INPUTS).encode(), capture_output=True)
        return done.returncode, done.stdout, done.stderr

    assert run("--no-cache") == run() == run()


def test_a_kept_program_is_not_built_again(project: Path, built: list[str]) -> None:
    assert [outcome(RUSSIA), outcome(RUSSIA), outcome(FRANCE)] == ["license", "license", "free"]
    assert len(built) == 1
    assert outcome(RUSSIA, "--no-cache") == "license"
    assert len(built) == 2


def test_without_changes_the_passes_are_not_even_imported(project: Path) -> None:
    code = (
        "import sys; from comity.cli import main; main(['eval', 'permit'], standalone_mode=False); "
        "print(*sys.modules, file=sys.stderr)"
    )
    command = [sys.executable, "-c", code]
    runs = [subprocess.run(command, input=json.dumps(RUSSIA), capture_output=True, text=True) for _ in range(2)]
    assert runs[0].stdout == runs[1].stdout
    assert "comity.checked.check" in runs[0].stderr
    for heavy in ("comity.checked", "comity.surface", "comity.analysis", "lark"):
        assert f"{heavy}." not in runs[1].stderr


def test_edited_law_is_the_law(project: Path, built: list[str]) -> None:
    assert outcome(FRANCE) == "free"
    (project / "listed.csv").write_text("to,value\nFR,X\n")
    assert [outcome(FRANCE), outcome(RUSSIA)] == ["license", "free"]
    (project / "law.comity").write_text(POLICY.replace("otherwise free", "otherwise license"))
    assert [outcome(FRANCE), outcome(RUSSIA)] == ["license", "license"]
    (project / "law.comity").write_text("nonsense")
    assert CliRunner().invoke(main, ["eval", "permit"], input=json.dumps(RUSSIA)).exit_code == 1
    (project / "law.comity").unlink()
    run = CliRunner().invoke(main, ["eval", "permit"], input=json.dumps(RUSSIA))
    assert run.exit_code == 2


def test_errors_are_told_each_time(project: Path) -> None:
    (project / "law.comity").write_text(POLICY.replace("then license", "then licence"))
    runs = [CliRunner().invoke(main, ["eval", "permit"], input=json.dumps(RUSSIA)) for _ in range(2)]
    assert runs[0].exit_code == runs[1].exit_code == 1
    assert runs[0].output == runs[1].output != ""


def forge() -> Path:
    """Write an entry that is whole, for the key of the project, with another law."""
    assert outcome(FRANCE) == "free"
    _, head, kept = entry().read_bytes().split(b"\n", 2)
    program = rows.loads(kept)
    decisions = {name: replace(each, otherwise="license") for name, each in program.decisions.items()}
    data = head + b"\n" + rows.dumps(replace(program, decisions=decisions))
    entry().write_bytes(cache.digest(data).encode() + b"\n" + data)
    return entry()


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs users and modes")
@pytest.mark.parametrize("mode", [0o660, 0o606])
def test_what_others_may_write_does_not_count(project: Path, mode: int) -> None:
    file = forge()
    assert outcome(FRANCE) == "license", "the forgery is taken where it is the user's own"
    file.chmod(mode)
    assert outcome(FRANCE) == "free"


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs users and modes")
def test_what_another_user_wrote_does_not_count(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forge()
    owner = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    assert outcome(FRANCE) == "free"


def test_an_entry_in_the_place_of_another_does_not_count(project: Path, tmp_path: Path) -> None:
    assert outcome(FRANCE) == "free"
    first = entry()
    (project / "listed.csv").write_text("to,value\nFR,X\n")
    store = cache.store()
    assert store is not None
    assert load_for_answers([], store).decisions
    (project / "law.comity").write_text(POLICY.replace("otherwise free", "otherwise license"))
    assert outcome(FRANCE) == "license"
    (second,) = {file for file in store.folder.iterdir() if file != first}
    second.write_bytes(first.read_bytes())
    assert outcome(RUSSIA) == "license"


def test_what_is_broken_is_built_again(project: Path, built: list[str]) -> None:
    assert outcome(RUSSIA) == "license"
    whole = entry().read_bytes()
    key = entry().name
    store = cache.store()
    assert store is not None
    head = whole.split(b"\n")[1]
    for data in (b"", b"{}", head, head + b"\n[]", head + b'\n[["core.Program"]]', head + b'\n[["tuple", 9]]'):
        store.put(key, data)
        built.clear()
        assert outcome(RUSSIA) == "license"
        assert built == ["built"]
