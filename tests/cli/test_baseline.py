"""Adopting Comity on old policies: baselines, findings that a change brings, counts."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from comity.cli import main
from comity.linter.baseline import Entry, from_text, to_text

FACTS = """
record Case:
    "A case"
    a: Bool

decision permit for Case:
    "May it go?"
    outcomes:
        license
        free
    otherwise free
"""
RULES = 500


def rule(number: int, outcome: str = "license") -> str:
    """A rule without text, citation or test: two findings that are easy to leave for later."""
    return f"rule r{number} for permit:\n    when a\n    then {outcome}\n"


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose 500 rules have no citation."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "comity.toml").write_text('select = ["H501", "L201"]\n')
    (tmp_path / "law.comity").write_text(FACTS + "".join(f"\n{rule(number)}" for number in range(RULES)))
    return tmp_path


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "comity.toml").write_text('select = ["H501", "L201", "H506"]\n')
    (tmp_path / "law.comity").write_text(f"{FACTS}\n{rule(1)}\n{rule(2)}")
    return tmp_path


def lint(*arguments: str, stdin: str | None = None) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["lint", *arguments], input=stdin, catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


def listed(file: Path) -> list[dict[str, str]]:
    document: Any = json.loads(file.read_text())
    return list(document["findings"])


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_500_old_findings_are_accepted_with_one_command_and_the_first_new_one_fails(old: Path) -> None:
    assert lint("--fail-on", "warning")[0] == 1
    code, _, err = lint("--baseline", "old.json", "--write-baseline", "--fail-on", "warning")
    assert (code, err) == (0, "wrote 500 findings to old.json\nno new findings in 1 file; 500 known before\n")
    assert len(listed(old / "old.json")) == 500
    assert lint("--baseline", "old.json", "--fail-on", "warning")[::2] == (
        0,
        "no new findings in 1 file; 500 known before\n",
    )
    law = old / "law.comity"
    law.write_text("# lines move\n\n" + law.read_text() + f"\n{rule(RULES)}")
    code, out, err = lint("--baseline", "old.json", "--fail-on", "warning", "--format", "concise")
    assert (code, err) == (1, "1 warning in 1 file; 500 known before\n")
    assert out.startswith("law.comity:2015:6: H501 ") and len(out.splitlines()) == 1


def test_what_is_fixed_is_named_and_pruned(small: Path) -> None:
    lint("--baseline", "old.json", "--write-baseline")
    before = (small / "old.json").read_text()
    law = small / "law.comity"
    law.write_text(law.read_text().replace("rule r1 for permit:\n", 'rule r1 for permit:\n    cite "1 CFR 1"\n'))
    code, _, err = lint("--baseline", "old.json")
    assert code == 0 and err == (
        "1 finding of old.json has been fixed:\n"
        "  law.comity: H501 rule `r1` cites no source\n"
        "--prune removes it from the baseline\n"
        "no new findings in 1 file; 1 known before\n"
    )
    assert (small / "old.json").read_text() == before
    assert "removed it from old.json" in lint("--baseline", "old.json", "--prune")[2]
    assert [entry["message"] for entry in listed(small / "old.json")] == ["rule `r2` cites no source"]
    assert "fixed" not in lint("--baseline", "old.json", "--prune")[2]
    law.write_text(law.read_text().replace('    cite "1 CFR 1"\n', ""))
    assert lint("--baseline", "old.json", "--fail-on", "warning")[0] == 1


def test_what_was_not_looked_at_is_not_called_fixed(small: Path) -> None:
    (small / "more.comity").write_text(f"use law: *\n\n{rule(3)}")
    lint("--baseline", "old.json", "--write-baseline")
    before = (small / "old.json").read_text()
    assert before.count('"code"') == 3
    for arguments in (["law.comity"], ["--select", "L201"], ["--ignore", "H501"]):
        assert "fixed" not in lint(*arguments, "--baseline", "old.json", "--prune")[2]
        assert (small / "old.json").read_text() == before
    lint("law.comity", "--baseline", "old.json", "--write-baseline")
    assert (small / "old.json").read_text() == before
    (small / "more.comity").unlink()
    assert "more.comity: H501" in lint("law.comity", "--baseline", "old.json", "--prune")[2]
    assert len(listed(small / "old.json")) == 2


def test_errors_are_never_accepted(small: Path) -> None:
    lint("--baseline", "old.json", "--write-baseline")
    before = (small / "old.json").read_text()
    (small / "law.comity").write_text((small / "law.comity").read_text().replace("when a", "when b", 1))
    code, out, err = lint("--baseline", "old.json", "--prune", "--format", "concise")
    assert code == 1 and "E013" in out and "fixed" not in err
    result = CliRunner().invoke(main, ["lint", "--baseline", "old.json", "--write-baseline"], standalone_mode=True)
    assert result.exit_code == 2 and "errors cannot be accepted" in result.stderr
    assert (small / "old.json").read_text() == before
    entry = before.replace("H501", "E013")
    (small / "old.json").write_text(entry)
    result = CliRunner().invoke(main, ["lint", "--baseline", "old.json"])
    assert result.exit_code == 2 and "errors cannot be accepted" in result.stderr


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "there is no baseline old.json: --write-baseline writes it"),
        ("{", "it is not JSON"),
        ("[" * 100_000, "nested too deep"),
        ("[]", "it has no `version`"),
        ('{"version": 2, "findings": []}', "it has version 2, and this Comity reads version 1"),
        ('{"version": true, "findings": []}', "it has version true"),
        ('{"version": 1}', "`findings` is not a list"),
        ('{"version": 1, "findings": [3]}', "entry 1 of `findings` is not an object"),
        ('{"version": 1, "findings": [{"path": "a"}]}', "entry 1 of `findings` has no text `code`"),
        ('{"version": 1, "findings": [{"path": "a", "code": "X9", "fingerprint": "", "message": ""}]}', "`X9`"),
    ],
)
def test_a_baseline_that_cannot_be_used_is_refused_and_nothing_changes(small: Path, text: str | None, why: str) -> None:
    file = small / "old.json"
    if text is not None:
        file.write_text(text)
    law = small / "law.comity"
    law.write_text("use std.countries: RU\n" + law.read_text())
    before = {each: each.read_text() for each in small.iterdir() if each.is_file()}
    code, out, err = lint("--baseline", "old.json", "--prune", "--fix")
    assert (code, out) == (2, "") and why in err and "old.json" in err and "Traceback" not in err
    assert {each: each.read_text() for each in small.iterdir() if each.is_file()} == before


def test_only_a_baseline_is_written_over(small: Path) -> None:
    before = (small / "law.comity").read_text()
    code, _, err = lint("--baseline", "law.comity", "--write-baseline")
    assert code == 2 and "will not write over law.comity" in err and (small / "law.comity").read_text() == before
    (small / "old.json").write_text('{"version": 99, "findings": []}')
    assert lint("--baseline", "old.json", "--write-baseline")[0] == 0
    assert len(listed(small / "old.json")) == 2


def test_options_that_need_a_baseline_say_so(small: Path) -> None:
    for option in ("--write-baseline", "--prune"):
        code, _, err = lint(option)
        assert code == 2 and f"{option} needs --baseline FILE" in err


def test_equal_modules_of_two_projects_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "comity.toml").write_text('select = ["H501"]\n')
        (tmp_path / name / "law.comity").write_text(f"{FACTS}\n{rule(1)}")
    lint("--baseline", "old.json", "--write-baseline")
    assert [entry["path"] for entry in listed(tmp_path / "old.json")] == ["one/law.comity", "two/law.comity"]
    assert lint("two", "--baseline", "old.json", "--fail-on", "warning")[0] == 0
    monkeypatch.chdir(tmp_path / "two")
    assert lint("--baseline", "../old.json", "--fail-on", "warning")[::2] == (
        0,
        "no new findings in 1 file; 1 known before\n",
    )


def test_statistics_count_by_code(small: Path) -> None:
    law = small / "law.comity"
    law.write_text(law.read_text() + f"\n{rule(3, 'free')}")
    code, out, _ = lint("--statistics")
    assert (code, out) == (1, "3  H501 missing-citation\n2  L201 contradiction\n")
    document = json.loads(lint("--statistics", "--format", "json")[1])
    assert document["statistics"][0] == {"code": "H501", "name": "missing-citation", "count": 3}
    code, _, err = lint("--statistics", "--format", "sarif")
    assert code == 2 and "--statistics has the formats full, concise, json" in err
    assert lint("--exit-zero")[0] == 0 and lint("nowhere.comity", "--exit-zero")[0] == 2


# ------------------------------------------------------------------------------------------ since a revision


@pytest.fixture
def repository(small: Path) -> Path:
    git(small, "init", "--quiet", "--initial-branch", "main")
    git(small, "add", ".")
    git(small, "commit", "--quiet", "-m", "old")
    return small


def test_only_what_a_change_brings_is_reported(repository: Path) -> None:
    git(repository, "checkout", "--quiet", "-b", "change")
    law = repository / "law.comity"
    law.write_text("# moved\n" + law.read_text() + f"\n{rule(3)}")
    (repository / "new.comity").write_text(f"use law: *\n\n{rule(4)}")
    status = git(repository, "status", "--porcelain")
    code, out, err = lint("--diff-base", "main", "--format", "concise", "--fail-on", "warning")
    assert code == 1 and err == "2 warnings in 2 files; 2 known before\n"
    assert "`r3`" in out and "`r4`" in out
    assert git(repository, "status", "--porcelain") == status
    assert git(repository, "worktree", "list").count("\n") == 0
    assert lint("law.comity", "--diff-base", "HEAD", "--format", "concise")[1].count("\n") == 1


def test_what_the_main_branch_fixed_meanwhile_is_not_brought_by_the_change(repository: Path) -> None:
    law = repository / "law.comity"
    git(repository, "checkout", "--quiet", "-b", "change")
    git(repository, "checkout", "--quiet", "main")
    law.write_text(law.read_text().replace("rule r1 for permit:\n", 'rule r1 for permit:\n    cite "1 CFR 1"\n'))
    git(repository, "commit", "--quiet", "-am", "cite")
    git(repository, "checkout", "--quiet", "change")
    assert lint("--diff-base", "main", "--fail-on", "warning")[0] == 0


def test_files_that_git_archives_leave_out_are_linted_too(repository: Path) -> None:
    (repository / ".gitattributes").write_text("*.comity export-ignore\n")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "attributes")
    assert lint("--diff-base", "HEAD", "--fail-on", "warning")[0] == 0


def test_a_revision_with_errors_hides_nothing(repository: Path) -> None:
    law = repository / "law.comity"
    good = law.read_text()
    law.write_text(good.replace("when a", "when b"))
    git(repository, "commit", "--quiet", "-am", "broken")
    code, out, err = lint("--diff-base", "HEAD", "--format", "concise")
    assert code == 1 and "E013" in out and "`HEAD` has errors" in err
    law.write_text(f"{good}\n{rule(3, 'free')}")
    assert "L201" in lint("--diff-base", "HEAD", "--format", "concise")[1]


def test_a_revision_that_is_not_there_is_refused(repository: Path) -> None:
    for reference in ("nowhere", "--help", ""):
        code, out, err = lint(f"--diff-base={reference}")
        assert (code, out) == (2, "") and f"git does not know the revision `{reference}`" in err
        assert "fetch-depth: 0" in err
    code, _, err = lint("-", "--diff-base", "HEAD", stdin="")
    assert code == 2 and "--diff-base compares files" in err


def test_a_revision_needs_a_repository(small: Path) -> None:
    code, _, err = lint("--diff-base", "HEAD")
    assert code == 2 and "this is not a git repository" in err


def test_a_baseline_is_the_same_whatever_order_findings_come_in() -> None:
    """One line per entry, sorted, each once, and its text as people read it."""
    accepted = [
        Entry(f"{path}.comity", code, mark, "§ é") for path in "abc" for code in ("H501", "L201") for mark in "xyz"
    ]
    text = to_text([*reversed(accepted), *accepted[3:5]])
    assert from_text(text) == accepted
    assert text == to_text(accepted)
    assert text.count("§ é") == len(accepted) == len([line for line in text.splitlines() if '"path"' in line])
