"""`comity init`, `test` and `build`: a starter project goes all the way, and no folder is replaced that is not ours."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from importlib.metadata import PathDistribution
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from comity.backends.python.module import PolicyModule
from comity.cli import main
from comity.cli.build import MANIFEST
from comity.core.digests import digests_of
from comity.pipeline import linting
from comity.pipeline.driver import build
from comity.pipeline.parsing import Parser
from comity.pipeline.sound import Soundness
from comity.workspace.cache import store
from comity.workspace.project import select_one


def run(*arguments: str, stdin: str | None = None) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, list(arguments), input=stdin, catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def starter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "starter"
    assert run("init", str(folder))[0] == 0
    monkeypatch.chdir(folder)
    return folder


def test_the_starter_lints_clean_and_tests_green(starter: Path) -> None:
    code, out, err = run("lint", "--fail-on", "warning")
    assert (code, out) == (0, ""), out + err
    code, _, err = run("test")
    assert code == 0 and err == "5 passed\n"
    assert {file.name for file in starter.iterdir()} == {
        "comity.toml", "policies", ".github", ".pre-commit-config.yaml", "README.md"
    }  # fmt: skip


def test_the_starter_is_in_canonical_layout(starter: Path) -> None:
    code, out, err = run("fmt", "--check", "--diff")
    assert code == 0, out + err


def test_what_the_starter_readme_says_works(starter: Path) -> None:
    text = (starter / "README.md").read_text(encoding="utf-8")
    facts = text.partition("echo '")[2].partition("'")[0]
    code, out, _ = run("eval", "licensing", "--facts", "-", "--explain", stdin=facts)
    assert code == 0 and "license_required" in out and "15 CFR 746.8(a)(1)" in out


def test_init_changes_no_file(starter: Path) -> None:
    (starter / "comity.toml").write_text("# mine\n", encoding="utf-8")
    code, _, err = run("init", ".")
    assert code == 2 and "already has comity.toml" in err
    assert (starter / "comity.toml").read_text(encoding="utf-8") == "# mine\n"
    assert run("init", "comity.toml")[0] == 2


# ------------------------------------------------------------------------------------------- test


def test_failures_say_what_was_expected_and_what_came(starter: Path) -> None:
    policy = starter / "policies" / "licensing.comity"
    policy.write_text(
        policy.read_text(encoding="utf-8").replace("from 2022-02-24", "from 2022-02-23"), encoding="utf-8"
    )
    code, out, err = run("test")
    assert code == 1 and err == "4 passed, 1 failed\n"
    assert "the same chip the day before the rule" in out
    assert "expected no_license_required\n" in out and "got      license_required by russia\n" in out
    document: Any = json.loads(run("test", "--format", "json")[1])
    assert (document["passed"], document["failed"]) == (4, 1)
    assert [test["status"] for test in document["tests"]].count("failed") == 1
    assert {"name", "path", "line", "status", "expected", "got"} <= set(document["tests"][0])
    assert set(document["coverage"]) >= {"rules", "lines"}


def test_tests_are_chosen_by_title_and_path(starter: Path) -> None:
    assert run("test", "-k", "chip")[2] == "3 passed\n"
    (starter / "policies" / "second.comity").write_text("", encoding="utf-8")
    assert run("test", "policies/licensing.comity")[2] == "5 passed\n"


def test_nothing_to_check_is_not_well(starter: Path) -> None:
    """A mistyped name or path must not pass for clean."""
    meant = "(--allow-empty if that is meant)\n"
    code, out, err = run("test", "-k", "nothing like it")
    assert (code, out, err) == (2, "", f"error: none of 5 tests has `nothing like it` in its title or file {meant}")
    assert run("test", "-k", "nothing like it", "--allow-empty") == (0, "", "0 passed\n")
    code, out, _ = run("test", "-k", "nothing like it", "--format", "json")
    assert code == 2 and json.loads(out)["tests"] == []
    (starter / "policies" / "empty.comity").write_text("", encoding="utf-8")
    code, _, err = run("test", "policies/empty.comity")
    assert code == 2 and err == f"error: there are no tests in 1 file; `comity test --generate` writes some {meant}"
    assert run("test", "policies/empty.comity", "--generate")[0] == 0
    (starter / "policies" / "none").mkdir()
    for command in (["lint"], ["fmt", "--check"], ["test"]):
        code, out, err = run(*command, "policies/none")
        assert code == 2 and out == ""
        assert err == f"error: there are no .comity files in policies/none; name what has some {meant}"
        assert run(*command, "policies/none", "--allow-empty")[0] == 0
    code, out, _ = run("lint", "policies/none", "--format", "sarif")
    assert code == 2 and json.loads(out)["runs"][0]["results"] == []


def test_the_root_of_several_projects_means_all_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("init", "one")[0] == run("init", "deep/two")[0] == 0
    assert run("lint", "--fail-on", "warning") == (0, "", "no findings in 2 files\n")
    assert run("test") == (0, "", "10 passed\n")
    assert run("fmt", "--check") == (0, "", "0 of 2 files would change\n")
    code, _, err = run("eval", "licensing", "--facts", "x.json")
    assert code == 2
    assert err == "error: one program is needed, but these are 2 projects: deep/two, one; name one of them\n"
    (tmp_path / "comity.toml").touch()  # a project of its own
    code, _, err = run("lint")
    assert code == 2 and "there are no .comity files in .; name a project below it: deep/two, one" in err


def test_policies_of_an_installed_library_are_not_the_projects(starter: Path) -> None:
    site = starter / "policies" / "venv" / "lib" / "python3" / "site-packages" / "comity" / "stdlib"
    site.mkdir(parents=True)
    (site / "ear.comity").write_text("not a policy", encoding="utf-8")
    assert run("lint")[0] == 1
    (starter / "policies" / "venv" / "pyvenv.cfg").touch()
    assert run("lint") == (0, "", "no findings in 1 file\n")


# ------------------------------------------------------------------------------------------- init in a repository


def test_workflow_and_hooks_go_where_they_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GitHub and pre-commit read the root of a repository only."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    code, out, _ = run("init", "law/of the sea: I")
    workflow = tmp_path / ".github" / "workflows" / "of the sea: I.yml"
    assert code == 0 and ".github/workflows/of the sea: I.yml, .pre-commit-config.yaml, README.md in law/of" in out
    assert '\nname: "of the sea: I"\n' in workflow.read_text(encoding="utf-8")
    assert '\n        working-directory: "law/of the sea: I"\n' in workflow.read_text(encoding="utf-8")
    hooks = (tmp_path / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert """\n        entry: "comity test 'law/of the sea: I'"\n""" in hooks
    pattern = json.loads(hooks.partition("files: ")[2].partition("\n")[0])
    assert re.search(pattern, "law/of the sea: I/policies/licensing.comity")
    assert not re.search(pattern, "other/policies/licensing.comity")
    code, out, _ = run("init", "second")
    assert code == 0 and "pre-commit reads .pre-commit-config.yaml alone" in out
    assert (tmp_path / "second" / ".pre-commit-config.yaml").is_file()
    assert (tmp_path / ".pre-commit-config.yaml").read_text(encoding="utf-8") == hooks
    code, _, err = run("init", "again/second")
    assert code == 2 and "already has .github/workflows/second.yml" in err and not (tmp_path / "again").exists()


@pytest.mark.parametrize(
    ("origin", "requirement"),
    [
        ({"url": "https://example.org/comity.git", "vcs_info": {"vcs": "git", "commit_id": "a1b2"}},
         "'comity @ git+https://example.org/comity.git@a1b2'"),
        ({"url": "https://example.org/comity-0.1.0-py3-none-any.whl", "archive_info": {}},
         "'comity @ https://example.org/comity-0.1.0-py3-none-any.whl'"),
        ({"url": "file:///home/me/comity", "dir_info": {"editable": True}}, "wheels/comity-*.whl"),
        ({}, "wheels/comity-*.whl"),
    ],
)  # fmt: skip
def test_the_workflow_installs_comity_from_where_it_is_to_be_had(
    origin: dict[str, object], requirement: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No package index has it."""
    monkeypatch.setattr("comity.cli.init._published_at", lambda installed: None)
    monkeypatch.setattr(PathDistribution, "read_text", lambda *_: json.dumps(origin) if origin else None)
    code, out, _ = run("init", str(tmp_path / "p"))
    workflow = (tmp_path / "p" / ".github" / "workflows" / "policies.yml").read_text(encoding="utf-8")
    (line,) = re.findall(r"- run: (.*pip install.*)", workflow)
    assert code == 0 and (json.loads(line) if line.startswith('"') else line) == f"python -m pip install {requirement}"
    wheel = requirement.startswith("wheels")
    assert ("a wheel in `wheels`" in out) == wheel
    assert ("pip wheel --no-deps -w wheels" in (tmp_path / "p" / "README.md").read_text(encoding="utf-8")) == wheel


def test_coverage_names_what_no_test_exercises(starter: Path) -> None:
    code, out, _ = run("test", "--coverage", "-k", "chip")
    assert code == 0
    assert "H505 no test makes `entity_list` decide" in out and "never seen true" in out
    assert "coverage: 1 of 2 rules decide" in out


def test_errors_stop_the_tests(starter: Path) -> None:
    (starter / "policies" / "bad.comity").write_text("rule x for nothing:\n    then y\n", encoding="utf-8")
    code, out, err = run("test")
    assert code == 1 and not out and "E013" in err


# ------------------------------------------------------------------------------------------- build


def test_a_built_package_decides_without_comity(starter: Path) -> None:
    code, _, err = run("build", "-o", "out/export_policy")
    assert code == 0, err
    script = (
        "import sys; from export_policy import licensing\n"
        "facts = {'eccn': '3A001', 'destination': 'RU', 'listed': False, 'value': '5 USD', 'date': '2022-03-01'}\n"
        "print(licensing.decide(facts).outcome, any(name.partition('.')[0] == 'comity' for name in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, 'out')\n{script}"], capture_output=True, text=True
    )
    assert done.stdout.split() == ["license_required", "False"], done.stderr


def files(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_building_again_gives_the_same_bytes(starter: Path) -> None:
    assert run("build", "-o", "one/p")[0] == run("build", "policies", "-o", "two/p")[0] == 0
    assert files(starter / "one") == files(starter / "two")
    (starter / "one" / "p" / "__pycache__").mkdir()
    (starter / "one" / "p" / "__pycache__" / "x.pyc").write_bytes(b"")
    assert run("build", "-o", "one/p")[0] == 0
    assert files(starter / "one") == files(starter / "two")
    assert [path.name for path in (starter / "one").iterdir()] == ["p"]


def test_what_is_built_already_is_left_as_it_is(starter: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_CACHE_DIR", str(starter / "kept"))
    assert run("build", "-o", "p")[0] == 0
    before, said = files(starter / "p"), (starter / "p").stat().st_ino
    code, _, err = run("build", "-o", "p")
    assert code == 0 and "built p: " in err and (starter / "p").stat().st_ino == said
    spoiled = starter / "p" / "licensing.py"
    for text in (b"", before["licensing.py"] + b"#", None):  # whatever became of it, it is made again
        spoiled.unlink() if text is None else spoiled.write_bytes(text)
        assert run("build", "-o", "p")[0] == 0
        assert files(starter / "p") == before
    policy = next((starter / "policies").rglob("*.comity"))
    policy.write_text(policy.read_text(encoding="utf-8") + "\n# another text\n", encoding="utf-8")
    assert run("build", "-o", "p")[0] == 0
    assert files(starter / "p").keys() == before.keys() and files(starter / "p") != before  # its hash is another
    policy.write_text(policy.read_text(encoding="utf-8") + "\nrule for of\n", encoding="utf-8")
    assert run("build", "-o", "p")[0] == 1


def test_what_means_the_same_is_not_proved_again(starter: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    proved: list[str] = []
    real = linting._lint_or_cached

    def counted(*arguments: Any) -> linting.Lint:
        proved.append("")
        return real(*arguments)

    def built(old: str, new: str) -> tuple[int, int]:
        """The exit code of a build with something written otherwise, and how often it linted."""
        written = policy.read_text(encoding="utf-8")
        assert old in written
        policy.write_text(written.replace(old, new, 1), encoding="utf-8")
        proved.clear()
        return run("build", "-o", "p")[0], len(proved)

    monkeypatch.setenv("COMITY_CACHE_DIR", str(starter / "kept"))
    monkeypatch.setattr(linting, "_lint_or_cached", counted)
    policy = starter / "policies" / "licensing.comity"
    rule = policy.read_text(encoding="utf-8").partition("rule ")[2].split()[0]
    assert built("", "") == (0, 1)
    shown = files(starter / "p")
    assert built("", "# a comment\n\n") == (0, 0)  # everything stands elsewhere
    assert built(f"rule {rule} ", f"rule  {rule} ") == (0, 0)
    assert built('    "', '    "Edited: ') == (0, 0)
    assert b"Edited: " in b"".join(files(starter / "p").values()) and b"Edited: " not in b"".join(shown.values())
    assert built("    when listed\n", "    when listed and value > 5 USD\n") == (1, 1)  # the proof is refuted
    assert built("", "") == (1, 1)
    assert built("    when listed and value > 5 USD\n", "    when listed\n") == (0, 0)  # as it was


@pytest.mark.parametrize(
    ("settings", "comment"),
    [('[[severity]]\ncodes = ["L204"]\nlevel = "error"\n', ""), ("", "# comity: ignore[L201] so\n")],
)
def test_what_text_and_settings_say_of_errors_is_asked_each_time(
    starter: Path, monkeypatch: pytest.MonkeyPatch, settings: str, comment: str
) -> None:
    monkeypatch.setenv("COMITY_CACHE_DIR", str(starter / "kept"))
    with (starter / "comity.toml").open("a", encoding="utf-8") as written:
        written.write(settings)
    policy = starter / "policies" / "licensing.comity"
    policy.write_text(policy.read_text(encoding="utf-8").replace("rule ", f"{comment}rule ", 1), encoding="utf-8")
    selection = select_one(["policies"])
    made = build(selection)
    assert Soundness(made, selection, store(), digests_of(made.program)).key is None


def test_after_an_edit_only_what_follows_from_it_is_made(starter: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_CACHE_DIR", str(starter / "kept"))
    made: list[str] = []
    emit = PolicyModule.emit
    monkeypatch.setattr(PolicyModule, "emit", lambda self: made.append(self.policy_module) or emit(self))
    policy = starter / "policies" / "licensing.comity"
    assert run("build", "-o", "p")[0] == 0 and "licensing" in made
    policy.write_text("# a comment\n" + policy.read_text(encoding="utf-8"), encoding="utf-8")
    made.clear()
    assert run("build", "-o", "p")[0] == 0 and made == []
    shutil.rmtree(starter / "p" / "policy")  # what is not there is made
    assert run("build", "-o", "p")[0] == 0 and "licensing" in made
    policy.write_text(policy.read_text(encoding="utf-8").replace('    "', '    "Edited: ', 1), encoding="utf-8")
    assert run("build", "-o", "p")[0] == 0
    assert run("build", "-o", "q/p", "--no-cache")[0] == 0
    assert files(starter / "p") == files(starter / "q" / "p")


def test_nothing_from_the_cache_is_written_into_a_package(starter: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_CACHE_DIR", str(starter / "kept"))
    assert run("build", "-o", "p")[0] == 0
    lines = {line for text in files(starter / "p").values() for line in text.split(b"\n") if line.startswith(b"def ")}
    assert lines
    for kept in files(starter / "kept").values():
        assert not [line for line in lines if line in kept]


def test_schemas_are_written_beside_a_package_or_alone(starter: Path) -> None:
    names = {"licensing.answer.schema.json", "licensing.facts.schema.json"}
    assert run("build", "-o", "p", "--schema")[0] == run("build", "-o", "q", "--target", "schema")[0] == 0
    alone, beside = files(starter / "q"), files(starter / "p")
    assert set(alone) == names | {MANIFEST}
    assert {f"schema/{name}": alone[name] for name in names}.items() <= beside.items()
    assert "licensing.py" in beside
    assert run("build", "-o", "r", "--target", "python,schema")[0] == 0
    assert run("build", "-o", "q", "--target", "schema")[0] == 0
    assert files(starter / "q") == alone
    assert {name: text for name, text in files(starter / "r").items() if name.startswith("schema")} == {
        f"schema/{name}": alone[name] for name in names
    }


def test_no_folder_is_replaced_that_no_build_made(starter: Path) -> None:
    assert run("build", "-o", "p")[0] == 0
    (starter / "p" / "notes.txt").write_text("mine", encoding="utf-8")
    code, _, err = run("build", "-o", "p")
    assert code == 2 and "notes.txt" in err
    before = files(starter / "policies")
    code, _, err = run("build", "-o", "policies")
    assert code == 2 and "was not made by comity build" in err and files(starter / "policies") == before
    (starter / "p" / "notes.txt").unlink()
    (starter / "p" / MANIFEST).write_text("[]", encoding="utf-8")
    assert run("build", "-o", "p")[0] == 2
    (starter / "link").symlink_to("policies")
    assert run("build", "-o", "link")[0] == 2 and files(starter / "policies") == before


@pytest.mark.parametrize("name", ["two-words", "class", "1st", "comity.toml", "json"])
def test_a_package_has_a_name_that_python_can_import(starter: Path, name: str) -> None:
    assert run("build", "-o", name)[0] == 2


def test_no_package_while_lint_has_errors(starter: Path) -> None:
    bad = starter / "policies" / "bad.comity"
    bad.write_text("rule x for nothing:\n    then y\n", encoding="utf-8")
    code, _, err = run("build", "policies/licensing.comity", "-o", "p")
    assert code == 1 and "E013" in err and not (starter / "p").exists()
    bad.unlink()
    with (starter / "comity.toml").open("a", encoding="utf-8") as settings:
        settings.write('[[severity]]\ncodes = ["H501"]\nlevel = "error"\n')
    policy = starter / "policies" / "licensing.comity"
    policy.write_text(
        policy.read_text(encoding="utf-8").replace('    cite "15 CFR 744.11(a)"\n', "", 1), encoding="utf-8"
    )
    code, _, err = run("build", "-o", "p")
    assert code == 1 and "H501" in err and "not built" in err and not (starter / "p").exists()


def test_no_package_of_what_is_not_there(starter: Path) -> None:
    """A misspelt path is no empty program, and not the whole of this one."""
    for path in ("policy", "/nowhere", "policies/licence.comity"):
        code, _, err = run("build", "-o", "out", path)
        assert code == 2 and "E002" in err and "there is no such file" in err
    (starter / "empty").mkdir()
    (starter / "empty" / "comity.toml").touch()
    code, _, err = run("build", "-o", "out", "empty")
    assert (code, err) == (2, "error: there are no policy files in empty\n")
    assert not (starter / "out").exists()


def test_no_other_target_is_taken(starter: Path) -> None:
    code, _, err = run("build", "-o", "p", "--target", "cobol")
    assert code == 2 and "there are python, sql and schema" in err


def test_sql_of_every_decision_and_its_table(starter: Path) -> None:
    code, _, err = run("build", "-o", "decisions-in-sql", "--target", "sql", "--dialect", "sqlite")
    assert (code, err) == (0, "built decisions-in-sql: 2 files in decisions-in-sql\n")
    folder = starter / "decisions-in-sql"
    assert {file.name for file in folder.iterdir()} == {"licensing.sql", "licensing.table.sql", MANIFEST}
    before = folder.joinpath("licensing.sql").read_bytes()
    assert run("build", "-o", "decisions-in-sql", "--target", "sql", "--dialect", "sqlite")[0] == 0
    assert folder.joinpath("licensing.sql").read_bytes() == before
    code, _, _ = run("build", "-o", "both", "--target", "python,sql")
    assert code == 0 and (starter / "both" / "sql" / "licensing.sql").exists()
    assert run("build", "-o", "none", "--target", "sql", "--dialect", "oracle")[0] == 1
    assert not (starter / "none").exists()
    assert run("build", "-o", "none", "--target", "cobol")[0] == 2


def test_tests_that_stay_are_not_read_again_and_still_hold_a_build_back(
    starter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMITY_CACHE_DIR", str(starter / "kept"))
    policy = starter / "policies" / "licensing.comity"
    text = policy.read_text(encoding="utf-8")
    assert run("build", "-o", "p")[0] == 0
    without = build(select_one(["policies"]), parsed_by=Parser(store(), tests=False).parse)
    assert not without.checked.tests and build(select_one(["policies"])).checked.tests
    law, _, tests = text.partition("\ntest ")
    mistaken = f"{law}\ntest {tests.replace('eccn = ', 'code = ', 1)}"
    others = law.replace("no_license_required", "nothing_required")  # of which the tests do not know
    for wrong in (mistaken, f"{others}\ntest {tests}"):
        policy.write_text(wrong, encoding="utf-8")
        code, out, err = run("build", "-o", "p")
        assert code == 1 and "error[E" in out + err
    policy.write_text(text, encoding="utf-8")
    assert run("build", "-o", "p")[0] == 0
