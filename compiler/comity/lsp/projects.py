"""The policies an editor works on: texts as they are in its buffers, programs made of them, and what is wrong.

Diagnostics come in three steps, each of which replaces the last: mistakes in the syntax of the text that was edited
(milliseconds), mistakes in names and types, and what is proved. `Projects.findings` yields them as they are ready;
`stop` is asked between the steps and while a program is made anew, so that an edit ends work that it makes useless.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from comity.config import Config, ConfigError
from comity.diagnostics import Diagnostic, Report
from comity.driver import Build, build, findings
from comity.lsp.index import Index
from comity.project import Project, Selection, UsageError, absolute, display, locate, open_project
from comity.reading import read_bytes
from comity.session import Session
from comity.source import SourceFile
from comity.surface import ast as surface
from comity.surface.parse import parse

LARGEST_SESSION = 50_000
"""Characters of a project up to which a session is made at once, since making one takes as long as a whole lint."""


class Stopped(Exception):
    """An edit has made this work useless."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What is wrong in the files of one project. ``stage``: `syntax`, `types` or `proofs`, the last of which is all."""

    stage: str
    by_path: dict[str, list[Diagnostic]]
    sources: dict[str, SourceFile]


@dataclass
class Open:
    """One project with unsaved texts by display path. ``version`` counts edits."""

    project: Project
    texts: dict[str, bytes] = field(default_factory=dict)
    version: int = 0
    _build: tuple[int, Build, Index] | None = None
    _session: Session | None = None
    _shown: dict[str, list[Diagnostic]] = field(default_factory=dict)

    def read(self, path: str) -> bytes:
        return self.texts[path] if path in self.texts else read_bytes(path)

    @property
    def selection(self) -> Selection:
        return Selection(self.project, frozenset(self.project.files.values()))

    def edit(self, path: str, text: str | None) -> None:
        """A file's text, or None for what is on disk."""
        if text is None:
            self.texts.pop(path, None)
        else:
            self.texts[path] = text.encode("utf-8", "surrogatepass")
        self.version += 1
        if self._session is not None:
            try:
                self._session.edit(path, self.read(path).decode("utf-8", "replace"))
            except (KeyError, OSError):
                self._session = None

    def reopen(self) -> None:
        """Files were made, removed or changed on disk, or settings were."""
        self.project = open_project(*locate(self.project.root))
        self._session = None
        self.version += 1

    def built(self, tell: Callable[[str], None] = lambda doing: None) -> Build:
        return self._made(tell)[0]

    def index(self) -> Index:
        """The names of the program as its texts are now."""
        return self._made(lambda doing: None)[1]

    def _made(self, tell: Callable[[str], None]) -> tuple[Build, Index]:
        if self._build is None or self._build[0] != self.version:
            version = self.version
            made = build(self.selection, read=self.read, tell=tell)
            self._build = (version, made, Index(made.checked, made.sources))
        return self._build[1:]

    def module(self, path: str) -> tuple[SourceFile, surface.Module, list[Diagnostic]]:
        """One file, parsed by itself: its tree, and what is wrong with its syntax."""
        report = Report()
        source = SourceFile(path, Path(path).stem, self.read(path).decode("utf-8-sig", "replace"))
        return source, parse(source, report), report.sorted()

    def findings(self, edited: str | None, stop: Callable[[], bool]) -> Iterator[Findings]:
        """What is wrong, step by step. Raises Stopped as soon as ``stop`` says so."""

        def tell(doing: str) -> None:
            if stop():
                raise Stopped

        if edited is not None and edited in self.texts:
            source, _, wrong = self.module(edited)
            if wrong:
                yield Findings("syntax", {**self._shown, edited: wrong}, {edited: source})
                return  # the rest would speak of a program without this file's broken declarations
        tell("")
        if self._session is None:
            made = self.built(tell)
            yield self._sorted("types", [d for d in made.diagnostics if d.span.path in made.shown], dict(made.sources))
            tell("")
            if made.errors or sum(len(source.text) for source in made.sources.values()) > LARGEST_SESSION:
                yield self._sorted("proofs", findings(made, tell), dict(made.sources))
            if made.errors:
                return
            tell("")
            self._session = self._begun()
        result = self._session.lint()
        yield self._sorted("proofs", list(result.diagnostics), dict(result.sources))

    def _begun(self) -> Session:
        session = Session([self.project.root])
        for path in self.texts:
            session.edit(path, self.read(path).decode("utf-8", "replace"))
        return session

    def _sorted(self, stage: str, found: list[Diagnostic], sources: dict[str, SourceFile]) -> Findings:
        by_path: dict[str, list[Diagnostic]] = {display(file): [] for file in self.project.files.values()}
        for diagnostic in found:
            by_path.setdefault(diagnostic.span.path, []).append(diagnostic)
        self._shown = by_path
        return Findings(stage, by_path, sources)


class Projects:
    """All projects that an open file belongs to, by root; files that stand alone, by path."""

    def __init__(self) -> None:
        self._open: dict[Path, Open] = {}

    def of(self, file: Path) -> Open:
        """The project of a file. One that no project has as a module (an untidy copy, a draft) stands alone."""
        file = absolute(file)
        try:
            root, settings = locate(file)
        except (UsageError, ConfigError):
            root, settings = file.parent, Config()
        found = self._open.get(root)
        if found is None:
            found = self._open[root] = Open(open_project(root, settings))
        if file not in found.project.files.values() and file.is_file():
            found.reopen()
        if file in found.project.files.values():
            return found
        if file not in self._open:
            self._open[file] = Open(Project(file.parent, Config(), {file.stem: file}))
        return self._open[file]

    def reopen(self) -> None:
        for place, each in self._open.items():
            if place.is_dir():
                each.reopen()

    def __iter__(self) -> Iterator[Open]:
        return iter(self._open.values())
