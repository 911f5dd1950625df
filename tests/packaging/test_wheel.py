"""What is in the wheel, and that it works where nothing of the checkout is in reach."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (file,) = folder.glob("comity-*.whl")
    return file


def below(folder: str, pattern: str) -> set[str]:
    return {file.relative_to(ROOT / folder).as_posix() for file in (ROOT / folder).rglob(pattern)}


def test_the_wheel_holds_the_package_its_grammar_and_its_library(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    expected = {f"comity/{name}" for name in below("compiler/comity", "*.py")}
    expected |= {f"comity/grammar/{name}" for name in below("grammar", "*.lark")}
    expected |= {f"comity/stdlib/{name}" for name in below("stdlib", "*.comity") | below("stdlib", "*.csv")}
    expected |= {f"comity/starter/{name}" for name in below("compiler/comity/starter", "*.*")}
    expected |= {"comity/py.typed", "comity/schemas/comity.schema.json"}
    assert expected <= names
    assert len([name for name in expected if name.startswith("comity/grammar/")]) >= 5
    for name in names:
        assert name.startswith(("comity/", "comity-")), name
        assert "__pycache__" not in name and not name.startswith("comity/tests")


def test_the_wheel_works_by_itself(wheel: Path, tmp_path: Path) -> None:
    place = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(place)
    environment = {**os.environ, "PYTHONPATH": str(place), "NO_COLOR": "1"}

    def comity(*arguments: str, cwd: Path = tmp_path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-P", "-m", "comity", *arguments]
        return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)

    where = subprocess.run(
        [sys.executable, "-P", "-c", "import comity; print(comity.__file__)"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert where.stdout.startswith(str(place))
    assert comity("init", "p").returncode == 0
    for arguments in (["lint", "--fail-on", "warning"], ["test"], ["build", "-o", "out"], ["explain", "E101"]):
        done = comity(*arguments, cwd=tmp_path / "p")
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_source_distribution_can_be_tested() -> None:
    """What tests read from the checkout is in it."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    listed = text.partition("[tool.hatch.build.targets.sdist]")[2].partition("]")[0]
    for name in ("compiler", "grammar", "stdlib", "policies", "examples", "tests", "docs", "scripts", "README.md"):
        assert f'"{name}"' in listed, name
