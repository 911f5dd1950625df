"""The policies that an editor works on: texts as they are in its buffers, programs made of them, and their findings.

Two threads use a project. The protocol's thread changes texts (`edit`, `reopen`) and reads `snapshot`, the last program
that was made; it never waits. The worker's thread makes programs and findings (`findings`), in stages, each of which
replaces the one before:

    edited   mistakes in the declarations that were edited, and in that file the others as before
    syntax   the edited file does not parse: what is wrong with it
    types    mistakes in names and types, in all files
    proving  what is known so far: one such stage after the other. After an edit that leaves names and relations as they
             were, that is also what was found before, where it is still to be proved again
    proofs   everything that `comity lint` reports

Every result carries the version of the texts that it is about; the server drops those of older versions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import Literal, TypeAlias

from comity.base.diagnostics import Diagnostic, Report, Severity
from comity.base.source import SourceFile
from comity.checked import ast as checked
from comity.checked.check import check
from comity.checked.scope import Library
from comity.lsp.edited import mistakes
from comity.lsp.index import Index
from comity.pipeline.driver import Build, build, findings
from comity.pipeline.session import ProjectSession
from comity.runtime.light import dataclass
from comity.surface import ast as surface
from comity.surface.parse import parse
from comity.workspace.config import Config, ConfigError
from comity.workspace.project import Project, Selection, UsageError, display, open_project, project_above
from comity.workspace.reading import ReadFile, read_bytes

Stage: TypeAlias = Literal["edited", "syntax", "types", "proving", "proofs"]


@dataclass(frozen=True, slots=True)
class Findings:
    """The findings about the files of one project, by display path. A file that is not named has those it had.

    ``number``: which they are of those that were published.
    """

    version: int
    stage: Stage
    by_path: Mapping[str, Sequence[Diagnostic]]
    sources: Mapping[str, SourceFile]
    number: int = 0

    @property
    def has_errors(self) -> bool:
        return any(d.severity is Severity.ERROR for found in self.by_path.values() for d in found)


@dataclass(frozen=True)
class Snapshot:
    """A program, its names, and the version of the texts that it was made of. ``memo``: what features keep with it."""

    version: int
    build: Build
    index: Index
    memo: dict[object, object] = field(default_factory=dict)


class Trees:
    """Parses modules, and keeps the trees of the last two texts of each: of an edited project one file is parsed."""

    KEPT = 2
    """A session parses another layout of each text beside the real one (`comity.pipeline.padding`)."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], dict[str, tuple[surface.Module, list[Diagnostic]]]] = {}

    def parse(self, source: SourceFile, report: Report) -> surface.Module:
        """As `comity.surface.parse.parse`."""
        key = source.path, source.module
        known = self._kept.get(key, {})
        if source.text not in known:
            own = Report()
            module = parse(source, own)
            kept = list(known.items())[-self.KEPT + 1 :]
            known = self._kept[key] = dict([*kept, (source.text, (module, own.diagnostics))])
        module, found = known[source.text]
        report.extend(found)
        return module


@dataclass(eq=False)
class OpenProject:
    """One project with the texts of the editor's buffers, by display path. ``version`` counts their changes."""

    project: Project
    texts: dict[str, bytes] = field(default_factory=dict)
    version: int = 0
    snapshot: Snapshot | None = None
    shown: Findings | None = None
    """The last findings that were published."""
    proofs_took: float = float("inf")
    """Seconds from the last edit to all findings about it."""
    _trees: Trees = field(default_factory=Trees)
    _session: ProjectSession | None = None
    _library: Library = tuple
    """Reads the modules of the standard library that the last program does not use."""
    _sound: Mapping[str, bytes] = field(default_factory=dict)
    """Texts that are known to have no mistakes, and to differ from those of the snapshot in what rules say alone."""
    _given: dict[str, bytes] = field(default_factory=dict)
    """The texts that the session has been given."""

    @property
    def selection(self) -> Selection:
        return Selection(self.project, frozenset(self.project.files.values()))

    @property
    def is_current(self) -> bool:
        """Whether the snapshot is of the texts as they are now."""
        return self.snapshot is not None and self.snapshot.version == self.version

    # ---------------------------------------------------------------------------- the protocol's thread

    def read(self, path: str) -> bytes:
        return self.texts[path] if path in self.texts else read_bytes(path)

    def edit(self, path: str, text: str | None) -> None:
        """Set the text of a file; None for what is on disk."""
        texts = {each: data for each, data in self.texts.items() if each != path}
        if text is not None:
            texts[path] = text.encode("utf-8", "surrogatepass")
        self.texts = texts
        self.version += 1

    def source(self, path: str) -> SourceFile:
        """The text of a file as it is now. Raises OSError."""
        text = self.read(path).decode("utf-8-sig", "replace")
        name = next((name for name, file in self.project.files.items() if display(file) == path), Path(path).stem)
        return SourceFile(path, name, text)

    def parsed(self, path: str) -> tuple[SourceFile, surface.Module, list[Diagnostic]]:
        """One file parsed by itself: its text, its tree, and its syntax errors. Raises OSError."""
        report = Report()
        source = self.source(path)
        return source, self._trees.parse(source, report), report.sorted()

    # ---------------------------------------------------------------------------- the worker's thread

    def findings(self, edited: str | None) -> Iterator[Findings]:
        """The findings about the texts as they are now, stage by stage; `snapshot` becomes their program.

        ``edited``: the file that was edited last. Raises Interrupted, after which it can be called again.
        """
        version, texts = self.version, self.texts
        session = self._session
        if session is not None and session.selection.project is not self.project:
            session = self._session = None
        if session is not None and self._give(session, texts) and session.checks_out():
            self._sound = texts
            # An ordinary edit: its findings are soon known, and the program that answers requests can wait.
            yield self.known(version, "types", session.standing())
            yield self._linted(version, session)
            self._make(version, texts)
            return
        if edited in texts:
            quick = self._mistakes(edited)
            if quick is not None and (quick or (self.shown is not None and self.shown.has_errors)):
                yield Findings(version, "edited", {edited: quick}, {edited: self.source(edited)})
            source, _, wrong = self.parsed(edited)
            if wrong:
                yield Findings(version, "syntax", {edited: wrong}, {edited: source})
                self._make(version, texts)
                return  # other findings would be about a program without the declarations that do not parse
        made = self._make(version, texts)
        of_passes = [d for d in made.diagnostics if d.span.path in made.shown]
        yield Findings(version, "types", self._by_path(of_passes), made.sources)
        if made.errors:
            yield Findings(version, "proofs", self._by_path(findings(made)), made.sources)
            return
        if session is None or session is not self._session:
            session = self._session = ProjectSession(self.selection, self._trees.parse)
            self._given = {}
            self._give(session, texts)
        yield self._linted(version, session)
        self._library()  # parsed once, so that the first mistake in a name does not wait for it

    def _mistakes(self, edited: str) -> list[Diagnostic] | None:
        """The errors in a file as far as they are soon found; None where they are not."""
        if self.snapshot is None:
            return None
        sound = self._sound.get(edited)
        try:
            return mistakes(
                self.snapshot.build,
                self.source(edited),
                self.read,
                self._library,
                None if sound is None else sound.decode("utf-8-sig", "replace"),
            )
        except OSError:
            return None

    def known(self, version: int, stage: Stage, known: Iterable[Diagnostic]) -> Findings:
        """What is known so far about texts without mistakes. Raises OSError."""
        by_path = self._by_path(known)
        return Findings(version, stage, by_path, {path: self.source(path) for path, found in by_path.items() if found})

    def _give(self, session: ProjectSession, texts: Mapping[str, bytes]) -> bool:
        """Tell the session which texts have changed; False if it has to be made again."""
        try:
            for path in {*texts, *self._given}:
                data = texts[path] if path in texts else read_bytes(path)
                if self._given.get(path) != data and path in session.paths:
                    session.edit(path, data.decode("utf-8", "replace"))
            self._given = dict(texts)
        except OSError:
            self._session = None
            return False
        return True

    def _linted(self, version: int, session: ProjectSession) -> Findings:
        try:
            result = session.lint()
        except Exception:
            self._session = None
            raise
        return Findings(version, "proofs", self._by_path(result.diagnostics), result.sources)

    def _make(self, version: int, texts: Mapping[str, bytes]) -> Build:
        if self.snapshot is None or self.snapshot.version != version:

            def read(path: str) -> bytes:
                return texts[path] if path in texts else read_bytes(path)

            def checked_by(
                modules: Sequence[tuple[SourceFile, surface.Module]], report: Report, read: ReadFile, library: Library
            ) -> checked.Program:
                self._library = library
                return check(modules, report, read, library)

            made = build(self.selection, read=read, checked_by=checked_by, parsed_by=self._trees.parse)
            self._sound = {}
            self.snapshot = Snapshot(version, made, Index(made.checked, made.sources))
        return self.snapshot.build

    def _by_path(self, found: Iterable[Diagnostic]) -> dict[str, list[Diagnostic]]:
        by_path: dict[str, list[Diagnostic]] = {display(file): [] for file in self.project.files.values()}
        for diagnostic in found:
            by_path.setdefault(diagnostic.span.path, []).append(diagnostic)
        return by_path


class Projects:
    """The projects that open files belong to. ``folders``: the editor's workspace folders.

    A file belongs to the project of the `comity.toml` above it; without one, to its workspace folder. One that lies
    outside every workspace folder, or that its project leaves out, is a project of its own.
    """

    def __init__(self) -> None:
        self.folders: list[Path] = []
        self._by_root: dict[Path, OpenProject] = {}
        self._by_file: dict[Path, OpenProject] = {}

    def of(self, file: Path) -> OpenProject:
        """The project of a file, opened if it is not. Raises OSError."""
        found = self._by_file.get(file)
        if found is None:
            found = self._of_root(file) or OpenProject(Project(file.parent, Config(), {file.stem: file}))
            self._by_file[file] = found
        return found

    def _of_root(self, file: Path) -> OpenProject | None:
        """The project that has a file as a module."""
        try:
            above = project_above(file.parent)
        except (UsageError, ConfigError):
            above = None
        folder = next((each for each in self.folders if file.is_relative_to(each)), None)
        if above is None and folder is None:
            return None
        root, settings = above or (folder or file.parent, Config())
        found = self._by_root.get(root)
        if found is None or (file not in found.project.files.values() and file.is_file()):
            project = open_project(root, settings)
            if file not in project.files.values():
                return None
            if found is not None:  # the file is new
                self._reopen(found, project)
                return found
            found = self._by_root[root] = OpenProject(project)
        return found if file in found.project.files.values() else None

    def reopen(self) -> list[OpenProject]:
        """Files were made, removed or changed on disk, or settings were. The projects that are to be read again."""
        self._by_file = {file: each for file, each in self._by_file.items() if each.texts}
        for root, each in self._by_root.items():
            try:
                settings = (project_above(root) or (root, Config()))[1]
            except (UsageError, ConfigError):
                settings = each.project.config  # what is wrong with the settings, `comity lint` says
            self._reopen(each, open_project(root, settings))
        return list(self)

    def _reopen(self, each: OpenProject, project: Project) -> None:
        """A file that an editor has open stays in its project though it is gone from disk: many programs write a file
        by putting another one in its place.
        """
        kept = {name: file for name, file in each.project.files.items() if display(file) in each.texts}
        each.project = replace(project, files=dict(sorted({**kept, **project.files}.items())))
        each.version += 1

    def close(self, project: OpenProject) -> None:
        """Forget a project of which no file is open any more."""
        self._by_root = {root: each for root, each in self._by_root.items() if each is not project}
        self._by_file = {file: each for file, each in self._by_file.items() if each is not project}

    def __iter__(self) -> Iterator[OpenProject]:
        return iter(dict.fromkeys([*self._by_root.values(), *self._by_file.values()]))
