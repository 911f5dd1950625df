"""The extension for VS Code: its types are right, and it packs into a file that VS Code can install."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

EXTENSION = Path(__file__).parents[2] / "editors" / "vscode"


def npm(*arguments: str) -> None:
    program = shutil.which("npm")
    if program is None:
        pytest.skip("npm is not installed")
    if not (EXTENSION / "node_modules" / "@vscode" / "vsce").is_dir():
        pytest.skip("vsce is not installed: run `npm install` in editors/vscode")
    done = subprocess.run([program, *arguments], cwd=EXTENSION, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr


def test_its_types_are_right() -> None:
    npm("run", "check")


def test_it_packs(tmp_path: Path) -> None:
    file = tmp_path / "comity.vsix"
    npm("run", "package", "--", "--out", str(file))
    with zipfile.ZipFile(file) as archive:
        names = set(archive.namelist())
        manifest = json.loads(archive.read("extension/package.json"))
        for each in (manifest["main"], *(g["path"] for g in manifest["contributes"]["grammars"])):
            assert f"extension/{each.removeprefix('./')}" in names
        assert "extension/language-configuration.json" in names
        assert not [name for name in names if "node_modules" in name or name.endswith((".ts", ".mjs"))]
        program = archive.read(f"extension/{manifest['main'].removeprefix('./')}").decode("utf-8")
        assert ("comity.restart" in program and "startServer" in program) or "LanguageClient" in program
