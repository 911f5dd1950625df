"""Policies with something broken in them: every pass says so in diagnostics, and none falls over.

The program is that of the language reference; a mutation deletes, repeats, swaps or replaces words and lines.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.diagnostics import Severity
from comity.pipeline.driver import build, findings
from comity.workspace.project import select
from tests.pages.test_language import REFERENCE, TABLES, blocks
from tests.strategies import examples

PROGRAM = "\n".join(blocks(REFERENCE.read_text(encoding="utf-8")))
WORDS = sorted(set(re.findall(r"\w+|[^\w\s]+", PROGRAM)))


def mutated(text: str, choose: random.Random) -> str:
    """``text`` with one to three things broken."""
    for _ in range(choose.randint(1, 3)):
        lines = text.split("\n")
        number = choose.randrange(len(lines))
        words = re.split(r"(\s+)", lines[number])
        match choose.randrange(7):
            case 0:
                del lines[number]
            case 1:
                lines.insert(number, lines[choose.randrange(len(lines))])
            case 2:
                lines[number] = choose.choice((" " * 4, "\t", "  ")) + lines[number]
            case 3:
                lines[number] = lines[number][4:]
            case 4:
                words[choose.randrange(len(words))] = choose.choice(WORDS)
                lines[number] = "".join(words)
            case 5:
                del words[choose.randrange(len(words))]
                lines[number] = "".join(words)
            case _:
                words.insert(choose.randrange(len(words)), choose.choice(WORDS) + " ")
                lines[number] = "".join(words)
        text = "\n".join(lines)
    return text


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("mutations")
    (place / "data").mkdir()
    for name, rows in TABLES.items():
        (place / name).write_text("\n".join(rows) + "\n", encoding="utf-8")
    return place


@examples(30)
@given(seed=st.integers(0, 10**9))
def test_no_mutation_makes_a_pass_fall_over(folder: Path, seed: int) -> None:
    file = folder / "language.comity"
    file.write_text(mutated(PROGRAM, random.Random(seed)), encoding="utf-8")
    made = build(select([file])[0])
    found = findings(made)
    assert all(d.span.path.endswith("language.comity") for d in found)
    assert bool(made.errors) == any(d.code.startswith("E") and d.severity is Severity.ERROR for d in found)
