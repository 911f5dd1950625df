"""What is looked for when some codes are selected."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.linter.runner import codes_to_ask, select_rules
from comity.pipeline.linting import lint
from comity.pipeline.session import Session
from comity.workspace.config import Config

OPEN = """
record Crate:
    width: Int
    depth: Int
    height: Int

decision handling for Crate:
    outcomes:
        by_crane
        by_hand
    otherwise by_hand

rule high for handling:
    when height > 3
    then by_crane

prove cubes_go_by_hand for handling:
    given all:
        width > 0
        depth > 0
        width * width * width + depth * depth * depth == height * height * height
    then outcome == by_hand
"""
"""Whether the proof holds is too much for the built-in arithmetic."""


@pytest.mark.parametrize(
    ("select", "ignore", "codes"),
    [
        ("L210", "", ["L200"]),
        ("L200", "", ["L200"]),
        ("L2", "", ["L200"]),
        ("L210", "L200", []),
        ("L201", "", []),
        ("R301", "", []),
        ("S", "", []),
        ("H504", "", []),
        ("H507", "", []),
    ],
)
def test_a_selected_code_brings_along_what_is_open_of_it(
    tmp_path: Path, select: str, ignore: str, codes: list[str]
) -> None:
    """`no findings` means that there are none, not that a proof was given up; in a session too."""
    settings = f"select = {[select]}\nignore = {[ignore] if ignore else []}\n"
    (tmp_path / "comity.toml").write_text(settings)
    (tmp_path / "open.comity").write_text(OPEN)
    assert [d.code for d in lint([tmp_path]).diagnostics] == codes
    assert [d.code for d in Session([tmp_path]).lint().diagnostics] == codes


def test_what_is_brought_along_asks_nothing_more() -> None:
    """So a selection costs what its codes cost, and a comment about L200 is not called unused."""
    config = Config(select=("R301", "H507"))
    assert [rule.code for rule in select_rules(config)] == ["L200", "R301"]
    assert codes_to_ask(config) == {"R301"}
    assert codes_to_ask(Config(select=("L200",), ignore=("R", "S"))) >= {"L200", "L201", "L213"}
    assert not codes_to_ask(Config(select=("L200",), ignore=("R", "S"))) & {"R301", "S401"}
    assert "L204" not in codes_to_ask(Config(ignore=("L204",)))


def test_selected_codes_of_agreements_are_found_as_with_all(tmp_path: Path) -> None:
    """Each question of agreements and responses is asked if one of its codes is."""
    folder = Path(__file__).parents[1] / "reciprocity" / "patterns"
    files = sorted(folder.glob("*/fires.comity"))
    assert len(files) > 10
    for file in files:
        (tmp_path / "p.comity").write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
        (tmp_path / "comity.toml").write_text('select = ["R", "S"]\n')
        everything = [d for d in lint([tmp_path]).diagnostics if d.code[0] in "RS"]
        for code in {d.code for d in everything}:
            (tmp_path / "comity.toml").write_text(f'select = ["{code}"]\n')
            alone = [d for d in lint([tmp_path]).diagnostics if d.code == code]
            assert alone == [d for d in everything if d.code == code], (file, code)
