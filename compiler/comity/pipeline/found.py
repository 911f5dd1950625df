"""What a lint finds, and the key under which that is kept from run to run.

Nothing heavy is imported, so that a run without changes takes no time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, fields, replace
from datetime import date
from typing import TYPE_CHECKING

from comity.base.diagnostics import Diagnostic, Severity
from comity.base.source import SourceFile
from comity.linter.marks import order
from comity.runtime.light import dataclass
from comity.workspace import cache
from comity.workspace.config import Age, Config, SeverityRule
from comity.workspace.project import Selection, display
from comity.workspace.reading import Inputs

if TYPE_CHECKING:
    from comity.pipeline.driver import Build

STDIN = "-"

Extra = Mapping[str, tuple[str, bytes]]
"""Modules by name whose text is given, with the path to show (standard input, unsaved files)."""


@dataclass(frozen=True, slots=True)
class Lint:
    """The findings for what was named, sorted, and the texts they point into.

    ``files``: how many were named. ``analysed``: every program had no errors, so that rules about it as a whole ran.
    ``read``: every policy file that was read, by display path. ``unreadable``: something named could not be read.
    """

    diagnostics: tuple[Diagnostic, ...] = ()
    sources: Mapping[str, SourceFile] = field(default_factory=dict)
    files: int = 0
    analysed: bool = True
    read: tuple[str, ...] = ()

    @property
    def unreadable(self) -> bool:
        return any(d.code == "E002" for d in self.diagnostics)


def merge(parts: Sequence[Lint]) -> Lint:
    """The findings about several projects as one."""
    return Lint(
        diagnostics=tuple(sorted((d for part in parts for d in part.diagnostics), key=order)),
        sources={path: source for part in parts for path, source in part.sources.items()},
        files=sum(part.files for part in parts),
        analysed=all(part.analysed for part in parts),
        read=tuple(dict.fromkeys(path for part in parts for path in part.read)),
    )


def to_lint(made: Build, found: Sequence[Diagnostic]) -> Lint:
    """The findings about a build."""
    return Lint(
        diagnostics=tuple(found),
        sources=made.sources,
        files=len(made.shown),
        analysed=not made.errors,
        read=tuple(made.sources),
    )


def with_settings(selection: Selection, adjust: Callable[[Config], Config]) -> Selection:
    """The selection with other settings."""
    project = selection.project
    return replace(selection, project=replace(project, config=adjust(project.config)))


def key_of(selection: Selection, extra: Extra, inputs: Inputs | None) -> str:
    """The key of the findings: of the texts of all modules (unless there are no ``inputs``), what is named, and the
    settings.

    The other files that modules read, tables, are named in the entry, with what they were. The standard library
    counts as the compiler's.
    """
    project = selection.project
    config = project.config
    return cache.key(
        [
            [name, display(file), None if inputs is None else inputs.mark(display(file))]
            for name, file in project.files.items()
            if name not in extra
        ],
        [[name, path, cache.digest(data)] for name, (path, data) in sorted(extra.items())],
        sorted(display(file) for file in selection.named),
        selection.missing,
        display(project.root),
        [_plain(getattr(config, each.name)) for each in fields(config) if each.name != "file"],
        date.today().isoformat() if config.source_age and config.as_of is None else None,
    )


def _plain(setting: object) -> object:
    """A setting as JSON, so that a change of any is another key."""
    match setting:
        case None | bool() | int() | str():
            return setting
        case date():
            return setting.isoformat()
        case re.Pattern():
            return [setting.pattern, setting.flags]
        case Severity():
            return setting.value
        case tuple():
            return [_plain(each) for each in setting]
        case SeverityRule() | Age():
            return [_plain(getattr(setting, each.name)) for each in fields(setting)]
        case _:
            raise TypeError(f"a setting of a kind not known here: {type(setting).__name__}")
