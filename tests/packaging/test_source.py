"""Where Comity's repository is, is said in one place; everything else agrees with it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from email.message import Message
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from comity._version import __version__
from comity.cli.init import _published_at

ROOT = Path(__file__).parents[2]
FILES = ("pyproject.toml", "docs/ci.md", "editors/vscode/package.json")
COPY = "example-org/comity"
UNSET = "https://github.com/example-org/comity"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def set_source(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts" / "set_source.py"), "--root", str(checkout), *arguments]
    return subprocess.run(command, capture_output=True, text=True)


def agrees(checkout: Path) -> str | None:
    """The address that is set, after checking that every file speaks of that one."""
    project = tomllib.loads((checkout / "pyproject.toml").read_text("utf-8"))["project"]
    source: str | None = project.get("urls", {}).get("Source")
    page = (checkout / "docs" / "ci.md").read_text("utf-8")
    installed = re.findall(r"git\+(https://\S+)@v", page) + re.findall(r"- repo: (\S+)", page)
    assert len(installed) >= 5 and set(installed) == {source or UNSET}
    github, _, path = (source or UNSET).partition("https://github.com/")
    assert set(re.findall(r"- uses: (\S*comity)@", page)) == {COPY if github else path}
    assert source is None or f"<{source}>" in page
    manifest = json.loads((checkout / "editors" / "vscode" / "package.json").read_text("utf-8"))
    assert manifest.get("repository", {}).get("url") == source
    assert manifest["version"] == __version__
    return source


def test_every_file_says_the_same() -> None:
    agrees(ROOT)


def test_one_command_sets_it_everywhere(checkout: Path) -> None:
    for url in ("https://code.example.com/trade/comity", "https://github.com/other/comity"):
        done = set_source(checkout, f"{url}.git")
        assert done.returncode == 0, done.stderr
        assert agrees(checkout) == url
        assert set_source(checkout).stdout.strip() == url
    before = {name: (checkout / name).read_text("utf-8") for name in FILES}
    assert set_source(checkout, url).returncode == 0
    assert before == {name: (checkout / name).read_text("utf-8") for name in FILES}, "again changes nothing"


@pytest.mark.parametrize(
    "url", ["http://example.com/a/b", "https://example.com", "git@example.com:a/b", 'https://e.com/a/"b']
)
def test_nonsense_is_refused(checkout: Path, url: str) -> None:
    before = {name: (checkout / name).read_text("utf-8") for name in FILES}
    done = set_source(checkout, url)
    assert done.returncode == 2 and "is not an address" in done.stderr
    assert before == {name: (checkout / name).read_text("utf-8") for name in FILES}


def test_a_started_project_installs_from_there() -> None:
    metadata = Message()
    metadata["Project-URL"] = "Source, https://code.example.com/trade/comity"
    installed: Any = SimpleNamespace(metadata=metadata)
    assert _published_at(installed) == f"comity @ git+https://code.example.com/trade/comity@v{__version__}"
