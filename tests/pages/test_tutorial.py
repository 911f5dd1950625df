"""The tutorial, from an empty folder: files are written as it says, commands print what it shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.shared import cache_with_grammar

PAGE = Path(__file__).parents[2] / "docs" / "tutorial.md"
BLOCK = re.compile(r"([^\n]*)\n\n```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)


def follow(folder: Path) -> list[tuple[str, str, str]]:
    """Do what the page says in ``folder``: each command, what the page shows, and what it printed."""
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "COMITY_CACHE_DIR": str(cache_with_grammar(folder / "cache")),
    }
    shown: list[tuple[str, str, str]] = []
    place, before = folder, ""
    for above, language, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        said = re.search(r"(Write|Add to|Change in) `([^`]+)`:$", above)
        if language == "console":
            for command, expected in COMMAND.findall(text):
                done = subprocess.run(
                    command, shell=True, cwd=folder, env=environment, stdout=-1, stderr=subprocess.STDOUT, text=True
                )
                shown.append((command, expected, done.stdout))
        elif above == "to:":
            old = place.read_text(encoding="utf-8")
            assert old.count(before) == 1
            place.write_text(old.replace(before, text), encoding="utf-8")
        else:
            assert said is not None, above
            place, before = folder / said[2], text
            place.parent.mkdir(parents=True, exist_ok=True)
            if said[1] == "Write":
                place.write_text(text, encoding="utf-8")
            elif said[1] == "Add to":
                place.write_text(f"{place.read_text(encoding='utf-8')}\n{text}", encoding="utf-8")
    return shown


def test_the_tutorial_shows_what_happens(tmp_path: Path) -> None:
    shown = follow(tmp_path)
    assert len(shown) == len(re.findall(r"^\$ ", PAGE.read_text(encoding="utf-8"), re.MULTILINE)) > 8
    for command, expected, printed in shown:
        assert printed == expected, command
    assert shown[-1][2].endswith("passed\n")
