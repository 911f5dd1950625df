"""Black-box fixtures: policies are written to a folder and everything is asked through the command line."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from comity.cli import main


@dataclass
class Run:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Project:
    """A project folder. ``write`` adds files, ``run`` calls the command line inside it."""

    root: Path

    def write(self, **files: str) -> Project:
        for name, text in files.items():
            path = self.root / (name.replace("__", "/") + ("" if "." in name else ".comity"))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return self

    def run(self, *arguments: str, stdin: str | None = None) -> Run:
        result = CliRunner().invoke(main, list(arguments), input=stdin, catch_exceptions=False)
        return Run(result.exit_code, result.stdout, result.stderr)

    def eval(self, decision: str, facts: dict[str, Any], *options: str) -> Any:
        run = self.run("eval", decision, "--facts", "-", *options, stdin=json.dumps(facts))
        assert run.out, run.err
        return run.json

    def lint(self, *options: str) -> list[dict[str, Any]]:
        run = self.run("lint", "--format", "json", *options)
        assert run.out, run.err
        diagnostics: list[dict[str, Any]] = run.json["diagnostics"]
        return diagnostics

    def codes(self, *families: str) -> list[str]:
        """Codes found, house rules left out unless asked for by their first letter."""
        wanted = "".join(families) or "ELRS"
        return sorted(d["code"] for d in self.lint() if d["code"][0] in wanted)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    (tmp_path / "comity.toml").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path)
