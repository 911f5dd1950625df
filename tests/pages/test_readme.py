"""What the README shows is what happens.

Its `console` blocks are run one after another in one folder, in one shell; what is below a command is what it prints.
Its `comity` blocks below "Five minutes" stand at the end of the starter's policy, each in place of the one before.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.shared import cache_with_grammar

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TOUR = README.partition("## Five minutes")[2].partition("\n## ")[0]


def blocks(text: str) -> list[tuple[str, str]]:
    """Language and text of each block."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_the_tour(tmp_path: Path) -> None:
    """In the environment of a new machine, where standard output and standard error are one pipe."""
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "COMITY_CACHE_DIR": str(cache_with_grammar(tmp_path / "cache")),
    }
    folder, policy, start = tmp_path, tmp_path / "my-policies" / "policies" / "licensing.comity", ""
    ran = 0
    for language, text in blocks(TOUR):
        if language == "comity":
            start = start or policy.read_text(encoding="utf-8")
            policy.write_text(f"{start}\n{text}", encoding="utf-8")
            continue
        assert language == "console"
        for command, expected in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.MULTILINE):
            if command.startswith("cd "):
                folder /= command.removeprefix("cd ")
                continue
            done = subprocess.run(
                command, shell=True, cwd=folder, env=environment, stdout=-1, stderr=subprocess.STDOUT, text=True
            )
            assert done.stdout == expected, command
            ran += 1
    assert ran == len(re.findall(r"^\$ (?!cd )", TOUR, re.MULTILINE)) > 5
    assert "--select" not in TOUR  # what the reader sees is a full lint


def test_the_example_in_python(tmp_path: Path) -> None:
    (code,) = [text for language, text in blocks(README) if language == "python"]
    check = 'assert answer.outcome == "license_required" and answer.rules'
    done = subprocess.run([sys.executable, "-c", f"{code}\n{check}"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_command_it_names_is_there() -> None:
    from comity.cli import COMMANDS

    named = set(re.findall(r"^\| `comity (\w+)", README, re.MULTILINE))
    assert named == set(COMMANDS) - {"init"}


def test_the_demo_shows_what_changed_on_24_february_2022() -> None:
    done = subprocess.run([sys.executable, "scripts/demo.py"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()[3:9]]
    assert [(row[0], *row[3:6]) for row in rows] == [
        ("3A001.a", "RU", "2022-02-23", "license_required"),
        ("3A001.a", "RU", "2022-02-25", "license_required"),
        ("3A991", "RU", "2022-02-23", "no_license_required"),
        ("3A991", "RU", "2022-02-25", "license_required"),
        ("3A991", "DE", "2022-02-25", "no_license_required"),
        ("3A991", "?", "2022-02-25", "undetermined"),
    ]
    explained = done.stdout.partition("explained:\n\n")[2]
    assert "russia_ccl (15 CFR 746.8(a)(1)" in explained and "defaults used" not in explained
