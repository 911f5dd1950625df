"""SARIF as Microsoft's own validator sees it, with its rules for SARIF and for GitHub's code scanning."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from comity.cli import main

ROOT = Path(__file__).parents[2]
VALIDATOR = "@microsoft/sarif-multitool-linux"


@pytest.fixture(scope="module")
def validator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The validator, from npm."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip(f"npm is not installed: {VALIDATOR} cannot be had")
    folder = tmp_path_factory.mktemp("npm")
    command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder), VALIDATOR]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm did not deliver {VALIDATOR} in three minutes")
    if done.returncode:
        pytest.skip(f"npm does not deliver {VALIDATOR}: {done.stderr.strip().splitlines()[-1:]}")
    program = folder / "node_modules" / VALIDATOR / "Sarif.Multitool"
    program.chmod(0o755)
    try:
        subprocess.run([program, "--version"], capture_output=True, check=False)
    except OSError as error:
        pytest.skip(f"{VALIDATOR} does not run here: {error}")
    return program


BROKEN = "use std.countries: RU\n\nset A Country\n\ndefine `x`: |%\n"


@pytest.mark.parametrize(
    "paths", ["examples/flagged", *(pytest.param(each, marks=pytest.mark.slow) for each in ("broken", "clean"))]
)
def test_the_validator_has_nothing_to_say(
    paths: str, validator: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken with 100%").mkdir()
    (tmp_path / "broken with 100%" / "law: a.comity").write_text(BROKEN)
    (tmp_path / "clean").mkdir()
    (tmp_path / "clean" / "law.comity").write_text('"""Nothing"""\n')
    folder = {"broken": tmp_path / "broken with 100%", "clean": tmp_path / "clean"}.get(paths, ROOT / paths)
    monkeypatch.chdir(folder)
    result = CliRunner().invoke(main, ["lint", ".", "--format", "sarif", "--exit-zero"], catch_exceptions=False)
    log, report = tmp_path / "log.sarif", tmp_path / "report.sarif"
    log.write_text(result.stdout)
    found = json.loads(result.stdout)["runs"][0]["results"]
    assert bool(found) == (paths != "clean")
    command = [validator, "validate", log, "--rule-kind", "Sarif;Ghas", "--output", report, "--log", "ForceOverwrite"]
    environment = {**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    said = [each for run in json.loads(report.read_text("utf-8-sig"))["runs"] for each in run.get("results", ())]
    assert [(each["ruleId"], each["message"]) for each in said if each.get("level") != "note"] == []


def test_the_validator_finds_what_is_wrong(validator: Path, tmp_path: Path) -> None:
    """So that silence means something."""
    log, report = tmp_path / "log.sarif", tmp_path / "report.sarif"
    log.write_text(json.dumps({"version": "2.1.0", "runs": [{"tool": {"driver": {}}, "results": [{"ruleIndex": 7}]}]}))
    command = [validator, "validate", log, "--rule-kind", "Sarif;Ghas", "--output", report, "--log", "ForceOverwrite"]
    environment = {**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
    subprocess.run(command, capture_output=True, env=environment, check=False)
    levels = [e.get("level") for run in json.loads(report.read_text("utf-8-sig"))["runs"] for e in run["results"]]
    assert "error" in levels
