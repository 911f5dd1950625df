"""From paths to a program: read the files of a project, run the passes, collect their diagnostics."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from comity.base.diagnostics import Diagnostic, DiagnosticsError, Report, Severity
from comity.base.gc import collector_off
from comity.base.interruption import check_interrupted
from comity.base.source import SourceFile, Span
from comity.base.watching import doing
from comity.checked import ast as checked
from comity.checked.check import check
from comity.checked.errors import not_analysed
from comity.checked.scope import Library
from comity.core import ast as core
from comity.core.lower import lower
from comity.linter.context import Prove
from comity.linter.kept import ToKeep
from comity.linter.runner import Context, run
from comity.runtime.light import dataclass
from comity.surface import ast as surface
from comity.surface.parse import parse
from comity.surface.read import decode
from comity.workspace import resources
from comity.workspace.project import Project, Selection, display, select_one
from comity.workspace.reading import STANDARD, STANDARD_FOLDER, ReadFile, read_bytes, reason

ParseModule: TypeAlias = Callable[[SourceFile, Report], surface.Module]
CheckModules: TypeAlias = Callable[
    [Sequence[tuple[SourceFile, surface.Module]], Report, ReadFile, Library], checked.Program
]


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


def nowhere_in(path: str) -> Span:
    """The start of a file, for findings about the file as such."""
    return Span(path, 0, 0, 1, 1, 1, 1)


class _Reader:
    """Reads and parses modules, those of the standard library as they are used."""

    def __init__(self, report: Report, read: ReadFile, parse_module: ParseModule) -> None:
        self.report, self.read, self.parse = report, read, parse_module
        self.modules: dict[str, tuple[SourceFile, surface.Module]] = {}

    def text(self, name: str, path: str, data: bytes | None = None) -> SourceFile | None:
        """The text of the module ``name``; a file that cannot be read is reported and left out."""
        check_interrupted()
        doing(f"reading {path}")
        try:
            text = decode(self.read(path) if data is None else data, path, self.report)
        except OSError as error:
            self.report.add("E002", f"cannot read the file: {reason(error)}", nowhere_in(path))
            return None
        return None if text is None else SourceFile(path, name, text)

    def add(self, source: SourceFile | None) -> None:
        """Parse a module."""
        if source is not None:
            check_interrupted()
            doing(f"reading {source.path}")
            self.modules[source.module] = (source, self.parse(source, self.report))

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
            self.add(self.text(name, path))
            if name in self.modules:
                waiting.extend(self.modules[name][1].uses)

    def unused(self) -> list[tuple[SourceFile, surface.Module]]:
        """The modules of the standard library that are not among those read, whatever is wrong with them."""
        others = _Reader(Report(), self.read, self.parse)
        for file in sorted(resources.stdlib().glob("*.comity")):
            if (name := f"{STANDARD}.{file.stem}") not in self.modules:
                others.add(others.text(name, f"{STANDARD_FOLDER}/{file.name}"))
        return list(others.modules.values())


# ------------------------------------------------------------------------------------------- passes


def build(
    selection: Selection,
    extra: Mapping[str, tuple[str, bytes]] | None = None,
    read: ReadFile = read_bytes,
    checked_by: CheckModules = check,
    parsed_by: ParseModule = parse,
    prepared_by: Callable[[Sequence[SourceFile]], None] = lambda _: None,
) -> Build:
    """Read, parse, check and lower one project.

    ``extra``: modules by name whose text is given, with the path to show (standard input, unsaved files). ``read``:
    what reads all others, and tables, by display path. ``checked_by``, ``parsed_by``: used instead
    of `check` and `parse`. ``prepared_by`` is told of all texts before the first of them is parsed.
    """
    project, extra = selection.project, extra or {}
    report = Report()
    with collector_off():
        reader = _Reader(report, read, parsed_by)
        texts = [reader.text(name, display(file)) for name, file in project.files.items() if name not in extra]
        texts += [reader.text(name, path, data) for name, (path, data) in extra.items()]
        sources = [source for source in texts if source is not None]
        prepared_by(sources)
        for source in sources:
            reader.add(source)
        reader.add_standard()
        modules = [reader.modules[name] for name in sorted(reader.modules)]
        doing("checking names and types")
        checked_program = checked_by(modules, report, read, reader.unused)
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
    return require_no_errors(build(select_one(paths)))


def require_no_errors(made: Build) -> Build:
    """``made``, if it has no errors; else raises DiagnosticsError."""
    if made.errors:
        raise DiagnosticsError(made.errors, made.sources)
    return made


def load_program(paths: Sequence[str | Path] = ()) -> core.Program:
    """The program that ``paths`` belong to; raises as `build_one`."""
    return build_one(paths).program


def findings(made: Build, prove: Prove | None = None, house: ToKeep | None = None, jobs: int = 1) -> list[Diagnostic]:
    """The findings about the files that a build shows: those of the passes, and of the lint rules.

    ``prove``: what finds the L-findings, if not `analyse`. ``house``: where to note what house rules find.
    ``jobs``: how many processes may be at it.
    """
    report = Report([d for d in made.diagnostics if d.span.path in made.shown])
    elsewhere = [d for d in made.errors if d.span.path not in made.shown]
    if elsewhere:
        root, marked = display(made.project.root), made.project.config.file is not None
        not_analysed(report, elsewhere, _first_place(made), root, marked)
    return run(replace(make_context(made), prove=prove), report.diagnostics, house, jobs)


def _first_place(made: Build) -> Span:
    """Where to report what concerns all named files: the first declaration of the first that has one."""
    first = min(made.shown, default=display(made.project.root))
    for module in sorted(made.checked.modules.values(), key=lambda module: module.source.path):
        if module.source.path in made.shown and module.surface.declarations:
            return module.surface.declarations[0].span
    return nowhere_in(first)


def make_context(made: Build) -> Context:
    """What the lint rules are shown of a build."""
    unsound = {d.span.path for d in made.errors}
    return Context(
        program=made.checked,
        core=None if made.errors else made.program,
        modules=tuple(m for m in made.checked.modules.values() if m.source.path in made.shown - unsound),
        config=made.project.config,
        root=display(made.project.root),
    )
