"""From paths to a program: read the files of a project, run the passes, collect what they say.

Files are opened here and nowhere below; every pass between works on plain values.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from comity import resources
from comity.checked import ast as checked
from comity.checked.check import check
from comity.config import Config
from comity.core import ast as core
from comity.core.lower import lower
from comity.diagnostics import Diagnostic, DiagnosticsError, Report, Severity
from comity.linter.runner import Context, order, run
from comity.project import (
    Project,
    Selection,
    UsageError,
    absolute,
    display,
    locate,
    module_name,
    open_project,
    select,
)
from comity.source import SourceFile, Span
from comity.surface import ast as surface
from comity.surface.parse import parse
from comity.surface.read import decode

STANDARD = "std"
STANDARD_FOLDER = "<std>"
"""Standing for the folder of the standard library in paths, so that no message or hash tells where it lies."""

STDIN = "-"


@dataclass(frozen=True, slots=True)
class Build:
    """What the passes made of one project.

    ``sources``: every file read, by display path. ``shown``: the display paths that were named.
    ``diagnostics``: those of all files, sorted; while there are ``errors`` the trees lack what is broken.
    """

    project: Project
    sources: Mapping[str, SourceFile]
    shown: frozenset[str]
    checked: checked.Program
    program: core.Program
    diagnostics: tuple[Diagnostic, ...]

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        return tuple(d for d in self.diagnostics if d.severity is Severity.ERROR)


@dataclass(frozen=True, slots=True)
class Lint:
    """The findings for what was named, sorted, and the texts they point into.

    ``files``: how many were named. ``elsewhere``: errors in files not named, which kept programs from analysis.
    ``unreadable``: something named could not be read.
    """

    diagnostics: tuple[Diagnostic, ...] = ()
    sources: Mapping[str, SourceFile] = field(default_factory=dict)
    files: int = 0
    elsewhere: tuple[Diagnostic, ...] = ()

    @property
    def unreadable(self) -> bool:
        return any(d.code == "E002" for d in self.diagnostics)


# ------------------------------------------------------------------------------------------- reading


def read_bytes(path: str) -> bytes:
    """The bytes of a file by display path; raises OSError. A device or pipe is refused rather than waited for."""
    parts = PurePosixPath(path).parts
    file = resources.stdlib().joinpath(*parts[1:]) if parts[:1] == (STANDARD_FOLDER,) else Path(path)
    if file.exists() and not file.is_file():
        raise IsADirectoryError(f"{path} is not a regular file")
    return file.read_bytes()


def nowhere_in(path: str) -> Span:
    """The start of a file, for findings about the file as such."""
    return Span(path, 0, 0, 1, 1, 1, 1)


class _Reader:
    """Reads and parses modules, those of the standard library as they are used."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.modules: dict[str, tuple[SourceFile, surface.Module]] = {}

    def add(self, name: str, path: str, data: bytes | None = None) -> None:
        """Read and parse the module ``name``; a file that cannot be read is reported and left out."""
        try:
            text = decode(read_bytes(path) if data is None else data, path, self.report)
        except OSError as error:
            self.report.add("E002", f"cannot read the file: {reason(error)}", nowhere_in(path))
            return
        if text is None:
            return
        source = SourceFile(path, name, text)
        self.modules[name] = (source, parse(source, self.report))

    def add_standard(self) -> None:
        """Add the modules of the standard library that are used, and those that they use."""
        waiting = [use for _, module in self.modules.values() for use in module.uses]
        while waiting:
            name = waiting.pop().module.text
            if not name.startswith(STANDARD + ".") or name in self.modules:
                continue
            path = "/".join((STANDARD_FOLDER, *name.split(".")[1:])) + ".comity"
            if not resources.stdlib().joinpath(*PurePosixPath(path).parts[1:]).is_file():
                continue  # E010 comes from `check`
            self.add(name, path)
            if name in self.modules:
                waiting.extend(self.modules[name][1].uses)


def reason(error: OSError) -> str:
    """Why a file could not be read, in the system's words, lower case."""
    text = error.strerror or str(error)
    return text[:1].lower() + text[1:]


@contextmanager
def _collector_off() -> Iterator[None]:
    """Trees are built and kept; looking for garbage among them meanwhile costs more than it frees."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


# ------------------------------------------------------------------------------------------- passes


def build(selection: Selection, extra: Mapping[str, tuple[str, bytes]] | None = None) -> Build:
    """Read, parse, check and lower one project.

    ``extra``: modules by name whose text is given, with the path to show (standard input, unsaved files).
    """
    project, extra = selection.project, extra or {}
    report = Report()
    with _collector_off():
        reader = _Reader(report)
        for name, file in project.files.items():
            if name not in extra:
                reader.add(name, display(file))
        for name, (path, data) in extra.items():
            reader.add(name, path, data)
        reader.add_standard()
        modules = [reader.modules[name] for name in sorted(reader.modules)]
        checked_program = check(modules, report, read_bytes)
        program = lower(checked_program, report)
    for path, why in selection.missing:
        report.add("E002", f"cannot read `{path}`: {why}", nowhere_in(path))
    shown = {display(file) for file in selection.named} | {path for path, _ in selection.missing}
    shown |= {path for path, _ in extra.values()}
    return Build(
        project=project,
        sources={source.path: source for source, _ in modules},
        shown=frozenset(shown),
        checked=checked_program,
        program=program,
        diagnostics=tuple(report.sorted()),
    )


def build_one(paths: Sequence[str | Path] = ()) -> Build:
    """The build of the one project that ``paths`` belong to.

    Raises DiagnosticsError if it has errors, UsageError if the paths belong to several projects.
    """
    selections = select(paths)
    if len(selections) > 1:
        roots = ", ".join(display(selection.project.root) for selection in selections)
        raise UsageError(f"one program is needed, but these are {len(selections)} projects: {roots}")
    made = build(selections[0])
    if made.errors:
        raise DiagnosticsError(made.errors, made.sources)
    return made


def load_program(paths: Sequence[str | Path] = ()) -> core.Program:
    """The program that ``paths`` belong to; raises as `build_one`."""
    return build_one(paths).program


def lint(paths: Sequence[str | Path] = (), stdin: tuple[str, bytes] | None = None, **changes: object) -> Lint:
    """Everything to be said about ``paths``, whatever projects they belong to.

    ``stdin``: the path under which standard input is to be shown, and its bytes. It takes the place of the
    file of that name in its project; named `-` it stands alone. ``changes``: settings that replace the projects'.
    """
    found: list[Diagnostic] = []
    elsewhere: list[Diagnostic] = []
    sources: dict[str, SourceFile] = {}
    files = 0
    builds = [build(selection) for selection in select(paths)] if paths or stdin is None else []
    if stdin is not None:
        builds.append(build_stdin(*stdin))
    for made in builds:
        sources |= made.sources
        files += len(made.shown)
        found += findings(made, **changes)
        elsewhere += [d for d in made.errors if d.span.path not in made.shown]
    return Lint(tuple(sorted(found, key=order)), sources, files, tuple(elsewhere))


def findings(made: Build, **changes: object) -> list[Diagnostic]:
    """What is to be said about the files that a build shows: what the passes found, and the lint rules."""
    unsound = {d.span.path for d in made.errors}
    context = Context(
        program=made.checked,
        core=None if made.errors else made.program,
        modules=tuple(m for m in made.checked.modules.values() if m.source.path in made.shown - unsound),
        config=replace(made.project.config, **changes),  # type: ignore[arg-type]
        root=display(made.project.root),
    )
    return run(context, [d for d in made.diagnostics if d.span.path in made.shown])


def whole(made: Build) -> Build:
    """The same build, showing every file of the project."""
    return replace(made, shown=frozenset(display(file) for file in made.project.files.values()))


def build_stdin(path: str, data: bytes) -> Build:
    """Standard input as the module at ``path``: in that file's place in its project, or (`-`) by itself."""
    if path == STDIN:
        alone = Project(absolute("."), Config(), {})
        return build(Selection(alone, frozenset()), {"stdin": (STDIN, data)})
    file = absolute(path)
    root, settings = locate(file)
    project = open_project(root, settings)
    return build(Selection(project, frozenset()), {module_name(file, project.source): (display(file), data)})
