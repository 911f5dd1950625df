"""What other services read: the action, the hooks, the template, and the examples of docs/ci.md.

Each is held to the schema that its service publishes, and what it runs is run.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from pre_commit.clientlib import load_config, load_manifest
from tests.shared import cache_with_grammar

from comity._version import __version__

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"^```yaml\n# (\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
SCHEMAS = {
    "action.yml": "github-actions",
    "ci/gitlab.yml": "gitlab-ci",
    ".github/workflows/ci.yml": "github-workflows",
}


def schema_of(path: str) -> str | None:
    if path.startswith(".github/workflows/"):
        return "github-workflows"
    return {".gitlab-ci.yml": "gitlab-ci"}.get(path, SCHEMAS.get(path))


def errors(file: Path, schema: str) -> str:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize("path", SCHEMAS)
def test_files_are_as_their_service_reads_them(path: str) -> None:
    assert errors(ROOT / path, SCHEMAS[path]) == ""


def test_the_examples_are_as_their_service_reads_them(tmp_path: Path) -> None:
    assert len(EXAMPLES) == PAGE.count("```yaml") >= 5
    for path, text in EXAMPLES.items():
        file = tmp_path / Path(path).name
        file.write_text(text, encoding="utf-8")
        schema = schema_of(path)
        if schema is not None:
            assert errors(file, schema) == "", path
        else:
            assert path == ".pre-commit-config.yaml"
            hooks = [hook["id"] for repo in load_config(file)["repos"] for hook in repo["hooks"]]
            assert hooks == [hook["id"] for hook in load_manifest(ROOT / ".pre-commit-hooks.yaml")]


def test_a_wrong_file_is_found(tmp_path: Path) -> None:
    """So that the schemas mean something."""
    file = tmp_path / "action.yml"
    file.write_text((ROOT / "action.yml").read_text().replace("using: composite", "using: nothing"))
    assert "using" in errors(file, "github-actions")


def test_the_page_speaks_of_this_version() -> None:
    assert set(re.findall(r"\bv(\d+\.\d+\.\d+)\b", PAGE)) == {__version__}


def test_the_page_lists_every_input() -> None:
    inputs = yaml.safe_load((ROOT / "action.yml").read_text())["inputs"]
    listed = re.findall(r"^\| `([a-z-]+)` \|.*\| (.*) \|$", PAGE, re.MULTILINE)
    assert [name for name, _ in listed] == list(inputs)
    for name, default in listed:
        assert default.strip("`") == inputs[name]["default"] or inputs[name]["default"] == "", name
    for text in EXAMPLES.values():
        for step in re.findall(r"uses: \S+/comity@\S+\n\s+with:\n((?:\s+\S+: .*\n)+)", text):
            assert set(re.findall(r"^\s+([a-z-]+):", step, re.MULTILINE)) <= set(inputs)


def test_hooks_run_commands_that_exist(tmp_path: Path) -> None:
    starter(tmp_path)
    for hook in load_manifest(ROOT / ".pre-commit-hooks.yaml"):
        named = ["policies/licensing.comity"] if hook["pass_filenames"] else []
        assert re.search(hook["files"], "policies/licensing.comity")
        assert run(f"{hook['entry']} {' '.join(named)}", tmp_path)[0] == 0, hook["id"]


# ------------------------------------------------------------------------------------------- what they run


def run(script: str, folder: Path, **variables: str) -> tuple[int, str]:
    """A script as a runner starts it: exit code, and all output."""
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    cache = str(cache_with_grammar(folder / ".cache"))
    environment = {"PATH": programs, "HOME": str(folder), "COMITY_CACHE_DIR": cache, **variables}
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    done = subprocess.run(command, cwd=folder, env=environment, stdout=-1, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


def starter(folder: Path) -> None:
    code, out = run("comity init .", folder)
    assert code == 0, out


ALLIES = """
rule allies for licensing:
    "Nothing to these allies needs a license"
    cite "15 CFR 740.2(a)"
    when destination in {CA, DE}
    then no_license_required
"""


def plant_contradiction(folder: Path) -> int:
    """A rule that contradicts the Entity List; returns its line."""
    policy = folder / "policies" / "licensing.comity"
    policy.write_text(policy.read_text() + ALLIES)
    return policy.read_text().splitlines().index("rule allies for licensing:") + 1


class Action:
    """The steps of action.yml, with some inputs."""

    def __init__(self, **inputs: str) -> None:
        self.document: Any = yaml.safe_load((ROOT / "action.yml").read_text())
        self.inputs = {name: each["default"] for name, each in self.document["inputs"].items()} | {
            name.replace("_", "-"): value for name, value in inputs.items()
        }

    def run(self, name: str, folder: Path, **variables: str) -> tuple[int, str]:
        step = next(step for step in self.document["runs"]["steps"] if step.get("name") == name)
        given = {key: re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", lambda m: self.inputs[m[1]], value)
                 for key, value in step["env"].items()}  # fmt: skip
        assert "${{" not in step["run"], "an input must not become part of a script"
        return run(step["run"], folder, **given, **variables)


def test_the_action_is_green_and_red(tmp_path: Path) -> None:
    starter(tmp_path)
    page = tmp_path / "page.md"
    action = Action()
    for name in ("comity lint", "comity fmt", "comity test"):
        assert action.run(name, tmp_path, GITHUB_STEP_SUMMARY=str(page))[0] == 0, name
    assert page.read_text() == "### Comity: no findings in 1 file\n\n"
    line = plant_contradiction(tmp_path)
    code, out = action.run("comity lint", tmp_path, GITHUB_STEP_SUMMARY=str(page))
    assert (
        code == 1
        and f"::error file=policies/licensing.comity,line={line}," in out
        and "title=L201 contradiction" in out
    )
    assert f"| error | L201 contradiction | `policies/licensing.comity:{line}` |" in page.read_text()


def test_the_action_passes_its_inputs_on(tmp_path: Path) -> None:
    starter(tmp_path)
    plant_contradiction(tmp_path)
    evil = '$(touch evil) "; touch evil; `touch evil`'
    assert Action(paths=evil, diff_base=evil).run("comity lint", tmp_path)[0] == 2
    assert not (tmp_path / "evil").exists()
    assert Action(paths="nowhere.comity").run("comity fmt", tmp_path)[0] == 2
    assert Action(paths="--help").run("comity test", tmp_path)[0] == 2
    assert run("comity lint --baseline old.json --write-baseline", tmp_path)[0] == 0
    action = Action(baseline="old.json", sarif_file="out.sarif", fail_on="warning", paths="policies")
    assert action.run("comity lint", tmp_path)[0] == 0 and (tmp_path / "out.sarif").exists()


def test_the_gitlab_job_is_green_and_red(tmp_path: Path) -> None:
    starter(tmp_path)
    document: Any = yaml.safe_load((ROOT / "ci" / "gitlab.yml").read_text())
    script = "\n".join(document["comity"]["script"])
    variables = {**document["variables"], "CI_PROJECT_DIR": str(tmp_path)}
    assert run(script, tmp_path, **variables)[0] == 0
    plant_contradiction(tmp_path)
    code, out = run(script, tmp_path, **variables)
    assert code == 1 and "L201" in out
    report = yaml.safe_load((tmp_path / "gl-code-quality-report.json").read_text())
    assert [(each["check_name"], each["location"]["path"]) for each in report if each["severity"] == "major"] == [
        ("L201 contradiction", "policies/licensing.comity")
    ]
    assert (tmp_path / document["comity"]["artifacts"]["reports"]["junit"]).exists()


@pytest.mark.parametrize("inside", [".", "law/export"])
def test_the_workflow_that_init_writes_is_green_and_red(inside: str, tmp_path: Path) -> None:
    """Its own commands are run, all but the one that installs."""
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    assert run(f"comity init {inside}", tmp_path)[0] == 0
    (file,) = (tmp_path / ".github" / "workflows").glob("*.yml")
    assert errors(file, "github-workflows") == ""
    assert load_config(tmp_path / ".pre-commit-config.yaml")["repos"]
    document: Any = yaml.safe_load(file.read_text())
    job = document["jobs"]["policies"]
    folder = tmp_path / job["defaults"]["run"]["working-directory"]
    commands = [step["run"] for step in job["steps"] if "run" in step]
    install, *commands = commands
    assert install.startswith("python -m pip install ") and len(commands) == 3
    assert [run(command, folder)[0] for command in commands] == [0, 0, 0]
    line = plant_contradiction(folder)
    results = [run(command, folder) for command in commands]
    assert [code for code, _ in results] == [0, 1, 0]
    where = (Path(inside) / "policies" / "licensing.comity").as_posix()
    shown = f"::error file={where},line={line},col=6,endLine={line},endColumn=12,title=L201 contradiction::"
    assert shown in results[1][1]
