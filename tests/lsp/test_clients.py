"""Two real editors, Neovim and Emacs with eglot, without a screen: they start the server, show findings, and edit."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.conftest import project
from tests.lsp.test_server import ALLIES

CLIENTS = Path(__file__).parent / "clients"


def run(command: list[str], folder: Path) -> dict[str, Any]:
    """What an editor's script printed about a policy to which a contradicting rule was added."""
    file = project(folder) / "policies" / "licensing.comity"
    more = folder / "more.txt"
    more.write_text(ALLIES, encoding="utf-8")
    environment = {
        **os.environ,
        "COMITY_FILE": str(file),
        "COMITY_MORE": str(more),
        "COMITY_COMMAND": json.dumps([sys.executable, "-m", "comity", "lsp"]),
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_STATE_HOME": str(folder / "state"),
    }
    before = file.read_bytes()
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, cwd=folder)
    assert done.returncode == 0, done.stderr[-2000:]
    assert file.read_bytes() == before, "an editor's buffer is changed, never its file"
    start = done.stdout.index("{")
    found: dict[str, Any] = json.loads(done.stdout[start:])
    return found


def test_neovim(tmp_path: Path) -> None:
    if shutil.which("nvim") is None:
        pytest.skip("Neovim is not installed (Debian: apt-get install neovim)")
    found = run(["nvim", "--headless", "-u", "NONE", "-i", "NONE", "-n", "-l" if _runs_lua() else "-S",
                 str(CLIENTS / "neovim.lua")], tmp_path)  # fmt: skip
    assert {"L201"} <= set(found["codes"])
    assert "Russian Federation" in found["hover"]
    assert found["definition"]["uri"].endswith("licensing.comity")
    renamed = "\n".join(found["renamed"])
    assert "    when on_list\n" in renamed and "listed: Bool?" not in renamed
    assert "a reserved word" in found["refused"]


def _runs_lua() -> bool:
    done = subprocess.run(["nvim", "--help"], capture_output=True, text=True)
    return "\n  -l " in done.stdout


def test_emacs(tmp_path: Path) -> None:
    if shutil.which("emacs") is None:
        pytest.skip("Emacs is not installed (Debian: apt-get install emacs-nox elpa-eglot)")
    asked = '(progn (package-initialize) (kill-emacs (if (locate-library "eglot") 0 1)))'
    if subprocess.run(["emacs", "--batch", "--eval", asked], capture_output=True).returncode:
        pytest.skip("this Emacs has no eglot (Debian: apt-get install elpa-eglot; part of Emacs from 29 on)")
    found = run(["emacs", "--batch", "-q", "-l", str(CLIENTS / "emacs.el")], tmp_path)
    assert any("entity_list" in message and "witness" in message for message in found["messages"])
    assert "Russian Federation" in found["hover"]
    assert "    when on_list\n" in found["renamed"] and "listed: Bool?" not in found["renamed"]
