"""A release takes every fragment into CHANGELOG.md, once."""

from __future__ import annotations

from pathlib import Path

import pytest
from scripts.assemble_changelog import main

HEAD = "# Changelog\n\nAbout it.\n\n"
OLD = "## 0.1.0\n\nThe first version.\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "changelog.d").mkdir()
    (tmp_path / "CHANGELOG.md").write_text(HEAD + OLD, encoding="utf-8")
    return tmp_path


def test_fragments_become_items_above_the_last_version(root: Path) -> None:
    folder = root / "changelog.d"
    (folder / "README.md").write_text("About fragments.\n")
    (folder / "b.md").write_text("Second.\n")
    (folder / "a.md").write_text("First:\n\n    x: 1\n\nAnd so on.\n")
    assert main(["0.2.0", "--date", "2026-12-01"], root) == 0
    assert (root / "CHANGELOG.md").read_text(encoding="utf-8") == (
        HEAD + "## 0.2.0 (2026-12-01)\n\n- First:\n\n      x: 1\n\n  And so on.\n- Second.\n\n" + OLD
    )
    assert [file.name for file in folder.iterdir()] == ["README.md"]


def test_a_fragment_that_is_a_list_stays_its_items(root: Path) -> None:
    (root / "changelog.d" / "a.md").write_text("- One\n  thing.\n- Another.\n")
    assert main(["0.2.0", "--date", "2026-12-01"], root) == 0
    section = (root / "CHANGELOG.md").read_text(encoding="utf-8").removeprefix(HEAD).removesuffix(OLD)
    assert section == "## 0.2.0 (2026-12-01)\n\n- One\n  thing.\n- Another.\n\n"


def test_nothing_is_written_twice_or_of_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["0.2.0"], root) == 2
    (root / "changelog.d" / "a.md").write_text("First.\n")
    assert main(["0.1.0"], root) == 2
    assert "has a section 0.1.0 already" in capsys.readouterr().err
    assert (root / "CHANGELOG.md").read_text(encoding="utf-8") == HEAD + OLD
    assert (root / "changelog.d" / "a.md").exists()
