"""The project file: `comity.toml`, or `[tool.comity]` in `pyproject.toml`.

`KEYS` is the one table of what may stand there; reading, error messages and the published JSON schema
(`schemas/comity.schema.json`) all follow from it. What is unset is off: without `as-of` nothing is called expired.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import field, fields
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

from comity.base.diagnostics import CODES, Severity
from comity.runtime.light import dataclass
from comity.runtime.suggest import did_you_mean, nearest

FILE_NAME = "comity.toml"


class ConfigError(Exception):
    """The project file cannot be used. The text says where and why; commands exit 2."""


@dataclass(frozen=True, slots=True)
class Age:
    """A length of time as `source-age` gives it: ``months`` calendar months, or ``days``."""

    months: int = 0
    days: int = 0

    def __str__(self) -> str:
        return f"{self.months} months" if self.months else f"{self.days} days"


@dataclass(frozen=True, slots=True)
class SeverityRule:
    """`[[severity]]`: findings with one of ``codes`` (or prefixes) below ``path`` get ``level``; None hides them."""

    path: str
    codes: tuple[str, ...]
    level: Severity | None

    def covers(self, path: str, code: str) -> bool:
        """Does it speak of ``code`` in the file ``path`` (POSIX, from the project's root)?"""
        below = self.path in ("", ".") or PurePosixPath(path).is_relative_to(self.path)
        return (below or fnmatchcase(path, self.path)) and matches(code, self.codes)


@dataclass(frozen=True, slots=True)
class Config:
    """A project's settings; the defaults are those of a project without a file.

    ``source``: folder module names count from. ``paths``: what commands read when none is named.
    ``select`` / ``ignore``: codes or prefixes; an empty ``select`` is everything. ``as_of``: the day of H506.
    ``citation_patterns``: regular expressions of H508. ``source_age``: the oldest source H509 accepts.
    """

    source: str = "."
    paths: tuple[str, ...] = (".",)
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: tuple[SeverityRule, ...] = ()
    as_of: date | None = None
    citation_patterns: tuple[re.Pattern[str], ...] = ()
    source_age: Age | None = None
    file: Path | None = field(default=None, compare=False)


def matches(code: str, prefixes: tuple[str, ...]) -> bool:
    """Is ``code`` one of the codes, or does it begin with one of the prefixes?"""
    return code.startswith(prefixes)


def nearest_code(text: str) -> str | None:
    """The diagnostic code that is most likely meant: the first that begins so, or that looks alike (`L2O1`)."""
    code = text.upper().translate(str.maketrans("OI", "01"))
    begun = (known for known in CODES if code and known.startswith(code))
    return next(begun, None) or nearest(code, CODES)


def known_codes(codes: list[str]) -> tuple[str, ...]:
    """Codes or prefixes of codes; ValueError names the first that fits no code."""
    for code in codes:
        if not code or not any(known.startswith(code) for known in CODES):
            near = nearest_code(code)
            raise ValueError(f"`{code}` is not a diagnostic code" + (f"; did you mean `{near}`?" if near else ""))
    return tuple(codes)


def changeable_codes(codes: list[str]) -> tuple[str, ...]:
    """As `known_codes`, without E: an error of syntax or types cannot be configured away."""
    known = known_codes(codes)
    if errors := [code for code in known if code.startswith("E")]:
        raise ValueError(f"`{errors[0]}` cannot be changed: E-codes are always errors")
    return known


# ------------------------------------------------------------------------------------------- reading values


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("expected a string")
    return value


def _texts(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError("expected an array of strings")
    return value


def _folder(value: object) -> str:
    path = PurePosixPath(_text(value))
    if path.is_absolute() or ".." in path.parts:
        raise ValueError("expected a folder inside the project")
    return str(path)


def _day(value: object) -> date:
    try:
        return value if type(value) is date else date.fromisoformat(_text(value))
    except ValueError:
        raise ValueError("expected a date such as 2026-07-01") from None


def _age(value: object) -> Age:
    found = re.fullmatch(r"([1-9][0-9]{0,4}) (days?|months?|years?)", _text(value))
    if not found:
        raise ValueError('expected an age such as "90 days", "6 months" or "1 year"')
    number, unit = int(found[1]), found[2].rstrip("s")
    return Age(days=number) if unit == "day" else Age(months=number * (12 if unit == "year" else 1))


def _patterns(value: object) -> tuple[re.Pattern[str], ...]:
    try:
        return tuple(re.compile(pattern) for pattern in _texts(value))
    except re.error as error:
        raise ValueError(f"`{error.pattern!s}` is not a regular expression: {error}") from None


_LEVELS = {"error": Severity.ERROR, "warning": Severity.WARNING, "info": Severity.INFO, "off": None}


def _severity(value: object) -> tuple[SeverityRule, ...]:
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise ValueError("expected `[[severity]]` sections with `path`, `codes` and `level`")
    return tuple(_severity_rule(entry) for entry in value)


def _severity_rule(entry: Mapping[str, object]) -> SeverityRule:
    _refuse_unknown(entry, ("path", "codes", "level"))
    if missing := [key for key in ("codes", "level") if key not in entry]:
        raise ValueError(f"`{missing[0]}` is missing")
    level = _text(entry["level"])
    if level not in _LEVELS:
        raise ValueError(f"`level` is one of {', '.join(_LEVELS)}, not `{level}`")
    path = _text(entry.get("path", ".")).removesuffix("/**").rstrip("/")
    return SeverityRule(path, changeable_codes(_texts(entry["codes"])), _LEVELS[level])


@dataclass(frozen=True, slots=True)
class Key:
    """One key: what it means, its JSON schema, and how its value is read (ValueError says what was expected)."""

    doc: str
    schema: Mapping[str, Any]
    read: Callable[[object], Any]


_CODES_SCHEMA = {"type": "array", "items": {"type": "string", "pattern": "^[LRSH][0-9]{0,3}$"}}

KEYS: dict[str, Key] = {
    "source": Key("Folder that module names count from.", {"type": "string", "default": "."}, _folder),
    "paths": Key(
        "Files and folders that commands read when none is named.",
        {"type": "array", "items": {"type": "string"}, "default": ["."]},
        lambda value: tuple(_texts(value)),
    ),
    "select": Key(
        "Codes, or prefixes of codes, to report; all when unset. E-codes are always reported.",
        {"type": "array", "items": {"type": "string", "pattern": "^[ELRSH][0-9]{0,3}$"}},
        lambda value: known_codes(_texts(value)),
    ),
    "ignore": Key(
        "Codes, or prefixes of codes, not to report.", _CODES_SCHEMA, lambda value: changeable_codes(_texts(value))
    ),
    "severity": Key(
        "Levels by path: later sections win over earlier ones.",
        {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "path": {"type": "string", "default": ".", "description": "File, folder or glob."},
                    "codes": _CODES_SCHEMA,
                    "level": {"enum": list(_LEVELS)},
                },
                "required": ["codes", "level"],
                "additionalProperties": False,
            },
        },
        _severity,
    ),
    "as-of": Key(
        "The day from which H506 looks back at windows that have ended; no check when unset.",
        {"type": "string", "format": "date"},
        _day,
    ),
    "citation-patterns": Key(
        "Regular expressions, one of which must be found in every citation (H508); no check when unset.",
        {"type": "array", "items": {"type": "string", "format": "regex"}},
        _patterns,
    ),
    "source-age": Key(
        "How old a `source … as of` may be on the `as-of` day, or today (H509); no check when unset.",
        {"type": "string", "pattern": "^[1-9][0-9]{0,4} (days?|months?|years?)$"},
        _age,
    ),
}


# ------------------------------------------------------------------------------------------- finding and reading


def _refuse_unknown(table: Mapping[str, object], known: tuple[str, ...]) -> None:
    for key in table:
        if key not in known:
            hint = did_you_mean(key, known) or f"known are {', '.join(known)}"
            raise ValueError(f"unknown key `{key}`; {hint}")


def read(table: Mapping[str, object], file: Path) -> Config:
    """The settings in a parsed table; ConfigError names ``file`` and the key that is wrong."""
    key = ""
    try:
        _refuse_unknown(table, tuple(KEYS))
        values: dict[str, Any] = {}
        for key, value in table.items():
            values[key.replace("-", "_")] = KEYS[key].read(value)
    except ValueError as error:
        raise ConfigError(f"{file}: {f'`{key}`: ' if key else ''}{error}") from None
    return Config(**values, file=file)


def load(folder: Path) -> Config | None:
    """The settings of the project whose file lies in ``folder``; None if there is none there."""
    for name, section in ((FILE_NAME, None), ("pyproject.toml", "comity")):
        file = folder / name
        if not file.is_file():
            continue
        try:
            text = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            if section is not None:
                continue  # somebody else's broken file; it marks no project of ours
            raise ConfigError(f"{file}: {error.strerror if isinstance(error, OSError) else 'not UTF-8'}") from None
        try:
            table: Any = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            if section is not None and f"[tool.{section}]" not in text:
                continue
            raise ConfigError(f"{file}: {error}") from None
        if section is None:
            return read(table, file)
        tool = table.get("tool")
        if isinstance(tool, dict) and isinstance(tool.get(section), dict):
            return read(tool[section], file)
    return None


def schema() -> dict[str, Any]:
    """The JSON schema of the project file, as published in `schemas/comity.schema.json`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Comity project file",
        "type": "object",
        "properties": {name: {"description": key.doc, **key.schema} for name, key in KEYS.items()},
        "additionalProperties": False,
    }


def schema_text() -> str:
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


# INVARIANT (keys and settings agree): every key is a field of Config.
assert {key.replace("-", "_") for key in KEYS} == {f.name for f in fields(Config)} - {"file"}

if __name__ == "__main__":
    print(schema_text(), end="")
