"""`import comity.hook`: policies import like packages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

POLICY = """
record Case:
    a: Bool?

decision permit for Case:
    outcomes:
        license
        free
    otherwise free

rule r for permit:
    when a
    then license
"""


def python(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True)


@pytest.mark.parametrize("place", ["policies/ear/permits.comity", "policies/ear.comity", "policies/ear/__init__.py"])
def test_policies_import_where_python_has_no_package(tmp_path: Path, place: str) -> None:
    file = tmp_path / place
    file.parent.mkdir(parents=True)
    if file.suffix == ".py":
        file.write_text("permit = 'python'", encoding="utf-8")
        (file.parent / "permits.comity").write_text(POLICY, encoding="utf-8")
        done = python("import comity.hook; from policies.ear import permit; print(permit)", tmp_path)
        assert done.stdout == "python\n", done.stderr
        return
    file.write_text(POLICY, encoding="utf-8")
    script = "import comity.hook; from policies.ear import permit; print(permit.decide({'a': True}).outcome)"
    done = python(script, tmp_path)
    assert done.stdout == "license\n", done.stderr


def test_errors_in_policies_are_raised(tmp_path: Path) -> None:
    (tmp_path / "ear.comity").write_text(POLICY.replace("then license", "then licence"), encoding="utf-8")
    script = (
        "import comity, comity.hook\ntry: import ear\nexcept comity.DiagnosticsError as e: print(e.diagnostics[0].code)"
    )
    done = python(script, tmp_path)
    assert done.stdout == "E105\n", done.stderr


def test_other_imports_are_not_disturbed(tmp_path: Path) -> None:
    done = python("import comity.hook, comity.hook, sys, json.tool, email.mime.text\nimport nowhere_at_all", tmp_path)
    assert "ModuleNotFoundError: No module named 'nowhere_at_all'" in done.stderr
