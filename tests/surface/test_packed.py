"""Declarations as bytes: what comes back is what was parsed, and nothing but the surface tree can come."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

from comity.base.diagnostics import Report
from comity.base.source import SourceFile
from comity.pipeline.padding import pad
from comity.surface import ast
from comity.surface.packed import PackedModule
from comity.surface.parse import parse

ROOT = Path(__file__).parents[2]
FILES = sorted(
    file for folder in ("policies", "stdlib", "examples", "tests/corpus") for file in (ROOT / folder).rglob("*.comity")
)

TEXT = '''\
"""A module."""
source "law" as of 2026-01-01
use std.countries: Country, RU

record Case:
    to: Country

decision permit for Case:
    outcomes:
        license
        free
    otherwise free

rule one for permit:
    "Its text"
    cite "§ 1"
    when to in {RU}  # a comment
    then license

# comity: ignore[L204] it may stay
rule two for permit:
    when to == RU
    then license
'''


def source(text: str) -> SourceFile:
    return SourceFile("law.comity", "law", text)


def parsed(text: str) -> tuple[ast.Module, Report]:
    report = Report()
    return parse(source(text), report), report


def packed(text: str) -> PackedModule:
    module = PackedModule()
    module.parse(source(text), report := Report())
    assert not report.diagnostics and module.is_changed
    return PackedModule(module.bytes())


def check(module: PackedModule, text: str) -> None:
    report = Report()
    made = module.parse(source(text), report)
    wanted, reported = parsed(text)
    assert repr(made) == repr(wanted) and report.diagnostics == reported.diagnostics


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_shipped_file_comes_back_whole(file: Path) -> None:
    given = SourceFile(str(file), file.stem, file.read_text("utf-8"))
    first = PackedModule()
    wanted = parse(given, Report())
    assert repr(first.parse(given, Report())) == repr(wanted)
    again = PackedModule(first.bytes())
    assert repr(again.parse(given, Report())) == repr(wanted)
    if wanted.declarations and not wanted.broken:
        assert first.is_changed and not again.is_changed, "all declarations are kept"
    roomy = pad(given).source
    assert repr(again.parse(roomy, Report())) == repr(parse(roomy, Report())), "wherever they stand"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{RU}", "{BY}"),
        ('"Its text"', '"""Its\nlonger text"""'),
        ("rule one", "rule three"),
        ("# comity: ignore[L204] it may stay\n", ""),
        ("# comity: ignore[L204] it may stay", "# comity: ignore"),
        ("{RU}", "{RU"),
        ("then license\n\n#", "then license\n\nuse std.codes\n\n#"),
        ('"""A module."""\n', ""),
        ("use std.countries: Country, RU\n", ""),
        ("rule two for permit:\n    when to == RU\n    then license\n", ""),
        ("record Case:\n", "\n\n\nrecord Case:\n"),
    ],
)
def test_an_edited_text_is_read_as_it_is_parsed(old: str, new: str) -> None:
    assert old in TEXT
    check(packed(TEXT), TEXT.replace(old, new))


def test_only_what_is_new_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    module = packed(TEXT)
    monkeypatch.setattr("comity.surface.packed.parse_part", None)
    check(module, TEXT.replace("\nrecord", "\n\n\nrecord"))
    with pytest.raises(TypeError):
        module.parse(source(TEXT.replace("{RU}", "{BY}")), Report())


class Harmful:
    """Its bytes ask whoever reads them to make a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.folder),)


@pytest.mark.parametrize("damage", ["harmful", "another", "cut", "text", "wrong parts"])
def test_bytes_from_elsewhere_do_nothing(damage: str, tmp_path: Path) -> None:
    module = packed(TEXT)
    known = module._known
    data = {
        "harmful": lambda old: pickle.dumps(Harmful(tmp_path / "made")),
        "another": lambda old: pickle.dumps([1, 2]),
        "cut": lambda old: old[:-20],
        "text": lambda old: b"nothing of the kind",
        "wrong parts": lambda old: old.replace(b"RuleDecl", b"UseWrong"),
    }[damage]
    for digest in known:
        known[digest] = data(known[digest])
    check(module, TEXT)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("data", [b"", b"nothing", b"x\x9c\x03\x00\x00\x00\x00\x01"])
def test_an_entry_that_cannot_be_read_is_none(data: bytes) -> None:
    check(PackedModule(data), TEXT)
