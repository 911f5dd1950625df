"""The catalogue of reciprocity patterns: of each, a wrong drafting is found out where it is marked, a right one is not.

docs/reciprocity.md says of each pattern by which construct and code it is covered. Marks are comments `# R301` at the
end of the lines where a finding must start. R307 (facts are missing) is looked at only where it is marked: it is said
of every commitment whose text states no capabilities.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

import comity
from comity.base.diagnostics import Diagnostic, Severity
from comity.pipeline.linting import lint
from comity.surface.format import format_module

PATTERNS = Path(__file__).parent / "patterns"
DOCS = Path(__file__).parents[2] / "docs" / "reciprocity.md"
IDS = [*(f"R{number:02}" for number in range(1, 26)), "X1", "X2", "X3", "X4"]
MARK = re.compile(r"#\s*((?:[ELRS]\d{3}[\s,]*)+)$")

FIELDS = {
    "R01": ["condition"],
    "R02": ["condition", "map"],
    "R03": ["tolerance"],
    "R04": ["condition", "condition"],
    "R05": ["exception"],
    "R06": ["deadline", "deadline", "window"],
    "R07": ["binding"],
    "R10": ["suspension"],
    "R11": ["judge"],
    "R14": ["window"],
    "R15": ["withdrawal"],
    "R22": ["condition", "quantity", "exception"],
    "R23": ["condition", "condition"],
}
"""What each R301 of a wrong drafting says differs, in the order of lines."""

GAINS = {
    "R01": ["B"],
    "R04": ["A", "B"],
    "R05": ["A"],
    "R10": ["A"],
    "R11": ["A"],
    "R15": ["A"],
    "R23": ["B", "B"],
}
"""Who gains by it."""


def marks(text: str) -> list[tuple[int, str]]:
    return sorted(
        (number, code)
        for number, line in enumerate(text.splitlines(), 1)
        if (mark := MARK.search(line))
        for code in re.findall(r"[ELRS]\d{3}", mark[1])
    )


def findings(kind: str, pattern: str, folder: Path) -> list[Diagnostic]:
    """What the linter says of a pattern's file about reciprocity, logic and responses, without wanted differences."""
    shutil.copy(PATTERNS / pattern / f"{kind}.comity", folder)
    (folder / "comity.toml").write_text("", encoding="utf-8")
    return [
        d
        for d in lint([folder]).diagnostics
        if d.code[0] in "ELRS" and (d.code == "R307" or d.severity is not Severity.INFO)
    ]


@pytest.mark.parametrize("pattern", IDS)
@pytest.mark.parametrize("kind", ["fires", "quiet"])
def test_pattern(pattern: str, kind: str, tmp_path: Path) -> None:
    text = (PATTERNS / pattern / f"{kind}.comity").read_text(encoding="utf-8")
    expected = marks(text)
    asked = {code for _, code in expected}
    found = [d for d in findings(kind, pattern, tmp_path) if d.code != "R307" or "R307" in asked]
    assert sorted((d.span.line, d.code) for d in found) == expected
    assert bool(expected) == (kind == "fires")


@pytest.mark.parametrize("pattern", FIELDS)
def test_fields(pattern: str, tmp_path: Path) -> None:
    found = [d for d in findings("fires", pattern, tmp_path) if d.code == "R301"]
    assert [", ".join(d.fields or ()) for d in found] == FIELDS[pattern]
    if pattern in GAINS:
        assert [d.gains for d in found] == GAINS[pattern]


@pytest.mark.parametrize(
    "file", sorted(PATTERNS.glob("*/*.comity")), ids=lambda file: f"{file.parent.name}-{file.stem}"
)
def test_layout(file: Path) -> None:
    """Examples are read: they have the canonical layout."""
    from comity.base.diagnostics import Report
    from comity.base.source import SourceFile
    from comity.surface.parse import parse

    source = SourceFile(str(file), file.stem, file.read_text(encoding="utf-8"))
    report = Report()
    assert format_module(source, parse(source, report)) == source.text
    assert not report.diagnostics


def test_every_pattern_is_there() -> None:
    assert sorted(folder.name for folder in PATTERNS.iterdir()) == sorted(IDS)


def rows() -> dict[str, list[str]]:
    """The table of the page by pattern: name, construct, codes, links."""
    lines = DOCS.read_text(encoding="utf-8").splitlines()
    cells = [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if re.match(r"\| [RX]\d+ \|", line)
    ]
    return {row[0]: row[1:] for row in cells}


def test_the_page_lists_every_pattern_once_and_in_order() -> None:
    assert list(rows()) == IDS


@pytest.mark.parametrize("pattern", IDS)
def test_the_page_says_what_the_pair_shows(pattern: str) -> None:
    """The codes it names are those found in the wrong drafting, its fields those of R301, its links the two files."""
    name, construct, codes, *links = rows()[pattern]
    fires, quiet = (PATTERNS / pattern / f"{kind}.comity" for kind in ("fires", "quiet"))
    assert name and construct
    assert set(re.findall(r"[ELRS]\d{3}", codes)) == {code for _, code in marks(fires.read_text(encoding="utf-8"))}
    if named := set(re.findall(r"`(\w+)`", codes)):
        assert named == {field for each in FIELDS[pattern] for field in each.split(", ")}
    targets = [DOCS.parent / re.findall(r"\((.*)\)", link)[0] for link in links]
    assert [target.resolve() for target in targets] == [fires.resolve(), quiet.resolve()]


def test_the_example_of_the_page() -> None:
    text = DOCS.read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    example = example.replace('"policies/geneva"', repr(str(DOCS.parents[1] / "policies" / "geneva")))
    answers = re.findall(r"^(geneva\..*?)\s+# (True|False)", example, re.MULTILINE)
    scope: dict[str, object] = {"comity": comity}
    exec(example, scope)
    assert [str(eval(asked, scope)) for asked, _ in answers] == [answer for _, answer in answers] and len(answers) == 3
