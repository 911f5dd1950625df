"""The project file: what may stand in it, what is said when it is wrong, and its published schema."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

import comity
from comity.base.diagnostics import Severity
from comity.workspace import config

FOLDER = Path("project")


def read(text: str, tmp_path: Path) -> config.Config:
    (tmp_path / "comity.toml").write_text(text, encoding="utf-8")
    settings = config.load(tmp_path)
    assert settings is not None
    return settings


def test_everything_that_can_be_set(tmp_path: Path) -> None:
    settings = read(
        """
        source = "law"
        paths = ["law/ear", "law/eu"]
        select = ["L", "H501"]
        ignore = ["L204"]
        as-of = 2026-07-01
        citation-patterns = ['CFR', '^CELEX']
        source-age = "18 months"

        [[severity]]
        path = "law/eu"
        codes = ["H"]
        level = "error"
        """,
        tmp_path,
    )
    assert settings.source == "law" and settings.paths == ("law/ear", "law/eu")
    assert settings.select == ("L", "H501") and settings.ignore == ("L204",)
    assert settings.as_of == date(2026, 7, 1) and settings.source_age == config.Age(months=18)
    assert [pattern.pattern for pattern in settings.citation_patterns] == ["CFR", "^CELEX"]
    assert settings.severity == (config.SeverityRule("law/eu", ("H",), Severity.ERROR),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('sorce = "x"', "unknown key `sorce`; did you mean `source`?"),
        ("zzz = 1", "unknown key `zzz`; known are source"),
        ("source = 3", "`source`: expected a string"),
        ('source = "../elsewhere"', "expected a folder inside the project"),
        ('paths = "x"', "`paths`: expected an array of strings"),
        ('select = ["Q1"]', "`Q1` is not a diagnostic code"),
        ('select = ["L999"]', "`L999` is not a diagnostic code"),
        ('ignore = ["E101"]', "`E101` cannot be changed: E-codes are always errors"),
        ('ignore = [""]', "`` is not a diagnostic code"),
        ('as-of = "yesterday"', "`as-of`: expected a date"),
        ("as-of = 2026-07-01T00:00:00", "`as-of`: expected a date"),
        ('source-age = "soon"', "`source-age`: expected an age"),
        ('citation-patterns = ["("]', "is not a regular expression"),
        ("severity = 3", "expected `[[severity]]` sections"),
        ('[[severity]]\ncodes = ["H"]', "`level` is missing"),
        ('[[severity]]\ncodes = ["H"]\nlevel = "loud"', "`level` is one of error, warning, info, off, not `loud`"),
        ('[[severity]]\ncodes = ["E1"]\nlevel = "info"', "`E1` cannot be changed"),
        ('[[severity]]\ncode = ["H"]\nlevel = "info"', "unknown key `code`; did you mean `codes`?"),
        ("= 1", "comity.toml"),
    ],
)
def test_what_is_wrong_is_named(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(config.ConfigError) as error:
        read(text, tmp_path)
    assert message in str(error.value) and "comity.toml" in str(error.value)


def test_a_broken_pyproject_that_speaks_of_us_is_no_lack_of_settings(tmp_path: Path) -> None:
    """Without its settings other files would be read, and other law."""
    file = tmp_path / "pyproject.toml"
    file.write_text('[tool.comity]\nsource = "law"\nbroken\n', encoding="utf-8")
    with pytest.raises(config.ConfigError, match=r"pyproject\.toml"):
        config.load(tmp_path)
    file.write_text("[tool.other]\nbroken\n", encoding="utf-8")
    assert config.load(tmp_path) is None


def test_what_is_no_text_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "comity.toml").write_bytes(b"\xff")
    with pytest.raises(config.ConfigError, match=r"comity\.toml: not UTF-8$"):
        config.load(tmp_path)


def test_pyproject_marks_a_project_only_by_its_own_section(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text("[tool.other]\nx = 1\n", encoding="utf-8")
    assert config.load(tmp_path) is None
    file.write_text('[tool.comity]\nsource = "law"\n', encoding="utf-8")
    assert config.load(tmp_path) == config.Config(source="law")
    file.write_text("not toml at all [", encoding="utf-8")
    assert config.load(tmp_path) is None
    (tmp_path / "comity.toml").write_text("", encoding="utf-8")
    assert config.load(tmp_path) == config.Config()


def test_a_severity_speaks_of_files_folders_and_globs() -> None:
    below = config.SeverityRule("law/eu", ("H5",), Severity.INFO)
    assert below.covers("law/eu/a.comity", "H501") and below.covers("law/eu/b/c.comity", "H509")
    assert not below.covers("law/european.comity", "H501") and not below.covers("law/eu/a.comity", "L201")
    assert config.SeverityRule("*/drafts/*", ("L",), None).covers("law/drafts/a.comity", "L207")
    assert config.SeverityRule(".", ("L",), None).covers("anything.comity", "L207")


def test_the_published_schema_is_what_the_code_reads() -> None:
    """`make schema` writes it."""
    file = Path(comity.__file__).parent / "schemas" / "comity.schema.json"
    assert file.read_text(encoding="utf-8") == config.schema_text()
    schema = json.loads(config.schema_text())
    assert set(schema["properties"]) == set(config.KEYS) and schema["additionalProperties"] is False
