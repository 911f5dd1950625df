"""What is soon said of an edited declaration is what checking everything says of it a moment later."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate
from pathlib import Path
from random import Random

import pytest

from comity.base.diagnostics import Diagnostic, Report
from comity.base.source import SourceFile
from comity.checked.ast import Program
from comity.checked.check import check
from comity.checked.scope import Library
from comity.lsp.edited import mistakes
from comity.lsp.projects import Projects, Trees
from comity.pipeline.driver import Build, build, select_one
from comity.pipeline.padding import parts
from comity.surface import ast as surface
from comity.workspace.project import display
from comity.workspace.reading import ReadFile, read_bytes

from ..session.edits import Typist, sources

EVERYWHERE = {"E011", "E015"}
"""Codes of mistakes that no declaration has by itself: circles and depth."""
BEGINS = """\
record Export as of date:
    weight: Mass
    date: Date

decision permit for Export:
    outcomes:
        ban
        free
    otherwise free
"""
POLICIES = Path(__file__).parents[2] / "policies"


def made_of(folder: Path, texts: dict[str, str], trees: Trees) -> tuple[Build, Library]:
    """With what reads the modules of the standard library that are not used, as the editor has it."""
    libraries: list[Library] = []

    def read(path: str) -> bytes:
        return texts[path].encode() if path in texts else read_bytes(path)

    def checked_by(
        modules: Sequence[tuple[SourceFile, surface.Module]], report: Report, read: ReadFile, library: Library
    ) -> Program:
        libraries.append(library)
        return check(modules, report, read, library)

    made = build(select_one([folder]), read=read, checked_by=checked_by, parsed_by=trees.parse)
    return made, libraries[-1] if libraries else tuple


def shown(found: Iterable[Diagnostic]) -> set[tuple[object, ...]]:
    return {(each.span, each.code, each.message, each.help, each.related) for each in found}


def compare(folder: Path, texts: dict[str, str], seed: int, edits: int) -> Counter[str]:
    """Edit a program without mistakes in many ways, one at a time; how often each kind of thing was said.

    ``texts``: by display path.
    """
    trees = Trees()
    last, library = made_of(folder, texts, trees)
    assert not last.errors
    ways: Counter[str] = Counter()
    for number in range(edits):
        typist = Typist(Random(f"{seed} {number}"), texts)
        path = typist.edit(False)
        text = typist.texts[path]
        module = next(each.name for each in last.checked.modules.values() if each.source.path == path)
        soon = mistakes(last, SourceFile(path, module, text), read_bytes, library)
        if soon is None:
            ways["nothing"] += 1
            continue
        now, _ = made_of(folder, {**texts, path: text}, trees)
        after = [each for each in now.errors if each.span.path == path]
        assert shown(soon) <= shown(after), f"said too much after edit {number} of {path}"
        left_out = [each for each in after if each not in soon]
        if any(each.code == "E001" for each in soon):  # what does not parse is not checked
            left_out = [each for each in left_out if each.code == "E001"]
        kept = set(parts(texts[path]))
        begins = list(accumulate(map(len, parts(text)), initial=0))
        for each in left_out:
            block = parts(text)[bisect_right(begins, each.span.start) - 1]
            assert block in kept or each.code in EVERYWHERE, f"edit {number}: {each}"
        ways["mistakes" if soon else "none"] += 1
    return ways


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 12))])
def test_edits_of_written_policies(tmp_path: Path, seed: int) -> None:
    texts = {display(tmp_path / name): text for name, text in sources("written", seed, tmp_path).items()}
    for path, text in texts.items():
        Path(path).write_text(text, encoding="utf-8")
    ways = compare(tmp_path, texts, seed, 60)  # a fifth to a half are mistakes
    assert ways["mistakes"] >= 10 and ways["none"] >= 10, ways


@pytest.mark.parametrize("edits", [4, pytest.param(60, marks=pytest.mark.slow)])
def test_edits_of_the_law(edits: int) -> None:
    texts = {display(file): file.read_text("utf-8") for file in sorted((POLICIES / "ear").glob("*.comity"))}
    assert compare(POLICIES, texts, 2, edits)["mistakes"] >= edits // 4


def test_ordinary_edits_before_need_no_look(tmp_path: Path) -> None:
    """The program lags behind: what has been edited since is known to be without mistakes."""
    rules = "".join(f"\nrule r{n} for permit:\n    when weight > {n} kg\n    then ban\n" for n in range(8))
    text = f"{BEGINS}{rules}"
    file = tmp_path / "m.comity"
    file.write_text(text, encoding="utf-8")
    project = Projects().of(file)
    project.edit(display(file), text)
    assert [each.stage for each in project.findings(display(file))] == ["types", "proofs"]
    for old, new in (("> 0 kg", "> 1000 kg"), ("> 6 kg", "> 600 kg")):
        text = text.replace(old, new)
        project.edit(display(file), text)
        assert next(iter(project.findings(display(file)))).stage == "types"
    text = text.replace("> 3 kg", "> 3 USD")
    project.edit(display(file), text)
    soon, after, *_ = project.findings(display(file))
    assert (soon.stage, after.stage) == ("edited", "types")
    assert [*soon.by_path[display(file)]] == [*after.by_path[display(file)]]
    assert [each.code for each in soon.by_path[display(file)]] == ["E102"]
