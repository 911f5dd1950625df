"""`comity completion SHELL`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from comity.cli import COMMANDS, main


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_there_is_a_script_for_each_shell(shell: str) -> None:
    done = CliRunner().invoke(main, ["completion", shell])
    assert done.exit_code == 0 and f"_COMITY_COMPLETE={shell}_complete" in done.stdout


def test_other_shells_are_named() -> None:
    done = CliRunner().invoke(main, ["completion", "tcsh"], standalone_mode=False)
    assert "'bash', 'zsh', 'fish'" in str(done.exception)


def completed(words: str) -> list[str]:
    """What bash offers after these words, the last of them begun."""
    script = CliRunner().invoke(main, ["completion", "bash"]).stdout
    asked = f"COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _comity_completion comity"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    shell = f"{script}\n{asked}\nprintf '%s\\n' \"${{COMPREPLY[@]}}\""
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, env={**os.environ, "PATH": path})
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout.split()


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_bash_completes_commands_options_and_values() -> None:
    assert completed("comity l") == [name for name in COMMANDS if name.startswith("l")]
    assert "--explain" in completed("comity eval --e")
    assert "tree" in completed("comity eval --explain t")
    assert completed("comity completion z") == ["zsh"]
