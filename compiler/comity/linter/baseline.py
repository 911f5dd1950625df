"""Baselines: findings that a project had when it adopted Comity, so that only new ones are reported.

An entry is a fingerprint (`marks.fingerprints`) and a path relative to the baseline's folder. Fingerprints ignore line
numbers, so lines may move. Errors (E-codes) never enter a baseline: while there are any, nothing is proved.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence

from comity.base.diagnostics import CODES, Diagnostic
from comity.base.source import SourceFile
from comity.linter.marks import fingerprints
from comity.runtime.light import dataclass

VERSION = 1
"""The version of the file. It must change whenever fingerprints are computed in another way."""

ABOUT = "Findings accepted when Comity was adopted. Written by `comity lint --write-baseline`; do not edit by hand."

Locate = Callable[[str], str]
"""Gives the path of a file, as messages show it, relative to the baseline's folder."""


class BaselineError(Exception):
    """The text is not a baseline that can be used; the message says why."""


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One accepted finding. ``message`` is for people who read the file; it takes no part in matching."""

    path: str
    code: str
    fingerprint: str
    message: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.path, self.fingerprint


@dataclass(frozen=True, slots=True)
class Comparison:
    """``new``: findings that the baseline does not have. ``known``: how many it has. ``gone``: entries whose finding
    was looked for and is not there. ``kept``: all other entries.
    """

    new: tuple[Diagnostic, ...]
    known: int
    gone: tuple[Entry, ...]
    kept: tuple[Entry, ...]


def entries(found: Iterable[Diagnostic], sources: Mapping[str, SourceFile], locate: Locate) -> list[Entry]:
    """The entries of findings, in their order; errors too."""
    diagnostics = list(found)
    marks = per_file(diagnostics, sources)
    return [Entry(locate(d.span.path), d.code, mark, d.message) for d, mark in zip(diagnostics, marks, strict=True)]


def per_file(found: Sequence[Diagnostic], sources: Mapping[str, SourceFile]) -> list[str]:
    """Fingerprints that do not depend on which other files were linted in the same run.

    Two projects may have modules of the same name, whose equal findings `fingerprints` would number together.
    """
    by_path: dict[str, list[int]] = {}
    for number, d in enumerate(found):
        by_path.setdefault(d.span.path, []).append(number)
    marks = [""] * len(found)
    for numbers in by_path.values():
        for number, mark in zip(numbers, fingerprints([found[n] for n in numbers], sources), strict=True):
            marks[number] = mark
    return marks


def compare(
    baseline: Sequence[Entry],
    found: Sequence[Diagnostic],
    sources: Mapping[str, SourceFile],
    locate: Locate,
    is_covered: Callable[[Entry], bool],
) -> Comparison:
    """Split findings into new and known ones. ``is_covered``: the run would have reported the finding of an entry."""
    known = {entry.key for entry in baseline}
    mine = entries(found, sources, locate)
    new = tuple(d for d, entry in zip(found, mine, strict=True) if is_error(d) or entry.key not in known)
    met = {entry.key for entry in mine}
    gone = tuple(entry for entry in baseline if entry.key not in met and is_covered(entry))
    left = set(gone)
    return Comparison(new, len(found) - len(new), gone, tuple(entry for entry in baseline if entry not in left))


def is_error(d: Diagnostic) -> bool:
    """Whether a finding is one of those that no baseline may hide."""
    return d.code.startswith("E")


def to_text(accepted: Iterable[Entry]) -> str:
    """The text of a baseline: sorted, one entry per line, so that version control shows which entries change."""
    lines = [
        json.dumps(
            {"path": e.path, "code": e.code, "fingerprint": e.fingerprint, "message": e.message}, ensure_ascii=False
        )
        for e in sorted(set(accepted))
    ]
    listed = "[\n    " + ",\n    ".join(lines) + "\n  ]" if lines else "[]"
    return f'{{\n  "version": {VERSION},\n  "about": {json.dumps(ABOUT)},\n  "findings": {listed}\n}}\n'


def is_baseline(text: str) -> bool:
    """Whether a text is a baseline of any version."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict) and "version" in document and isinstance(document.get("findings"), list)


def from_text(text: str) -> list[Entry]:
    """The entries of a baseline; raises BaselineError for anything else than `to_text` writes."""
    try:
        document = json.loads(text)
    except RecursionError:
        raise BaselineError("it is not a baseline: its JSON is nested too deep") from None
    except ValueError as error:
        raise BaselineError(f"it is not JSON: {error}") from None
    if not isinstance(document, dict) or "version" not in document:
        raise BaselineError("it is not a baseline: it has no `version`")
    version = document["version"]
    if type(version) is not int or version != VERSION:
        raise BaselineError(
            f"it has version {json.dumps(version)}, and this Comity reads version {VERSION}: "
            "write it again with --write-baseline"
        )
    listed = document.get("findings")
    if not isinstance(listed, list):
        raise BaselineError("it is not a baseline: `findings` is not a list")
    return [_entry(number, each) for number, each in enumerate(listed, 1)]


def _entry(number: int, value: object) -> Entry:
    if not isinstance(value, dict):
        raise BaselineError(f"entry {number} of `findings` is not an object")
    texts: dict[str, str] = {}
    for key in ("path", "code", "fingerprint", "message"):
        text = value.get(key)
        if not isinstance(text, str):
            raise BaselineError(f"entry {number} of `findings` has no text `{key}`")
        texts[key] = text
    if texts["code"] not in CODES:
        raise BaselineError(f"entry {number} of `findings` has the unknown code `{texts['code']}`")
    if texts["code"].startswith("E"):
        raise BaselineError(f"entry {number} of `findings` accepts {texts['code']}: errors cannot be accepted")
    return Entry(**texts)
