"""Which files make up a program: a project's root, its settings, its modules.

A project is the folder with the nearest project file above a named path; without one, the folder of the named
path. Its modules are all `.comity` files below its `source` folder, whatever paths a command names, because
leaving a file out must not change the law. A folder below with a project file of its own is another project.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from comity.runtime.light import dataclass
from comity.workspace import config
from comity.workspace.config import Config

SUFFIX = ".comity"


class UsageError(Exception):
    """What was asked for makes no sense; commands exit 2."""


@dataclass(frozen=True, slots=True)
class Project:
    """``root``: absolute. ``files``: absolute paths of its modules by dotted module name, sorted by name."""

    root: Path
    config: Config
    files: dict[str, Path]

    @property
    def source(self) -> Path:
        return self.root / self.config.source


@dataclass(frozen=True, slots=True)
class Selection:
    """What a command names of one project. ``named``: absolute paths of files to speak of.

    ``missing``: named paths that are not there, or are not policy files, with the reason.
    """

    project: Project
    named: frozenset[Path]
    missing: tuple[tuple[str, str], ...] = ()


def display(path: Path) -> str:
    """``path`` as messages show it: relative to the working directory where it lies below, POSIX slashes."""
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


def absolute(path: str | Path) -> Path:
    """Absolute and normal, symbolic links as they are (a link's place is where its author put it)."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - Path.resolve would follow links


def repository_of(folder: Path) -> Path | None:
    """The root of the git repository that ``folder`` is in; None if it is in none."""
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), None)


def project_above(path: Path) -> tuple[Path, Config] | None:
    """The nearest project file's folder and settings, looking from the folder ``path`` upwards."""
    for folder in (path, *path.parents):
        settings = config.load(folder)
        if settings is not None:
            return folder, settings
    return None


def locate(path: Path) -> tuple[Path, Config]:
    """Root and settings of the project that ``path`` belongs to."""
    folder = path if path.is_dir() else path.parent
    return project_above(folder) or (folder, Config())


def policy_files(folder: Path, nested: list[tuple[Path, Config]] | None = None) -> Iterable[Path]:
    """Policy files below ``folder`` in a fixed order; not in hidden folders, nested projects, Python environments.

    Hidden files are not policies either: Emacs, for example, marks ``a.comity`` as being edited by a link
    ``.#a.comity`` that leads nowhere.

    ``nested``: a list to which roots and settings of the nested projects are added.
    """
    for place, folders, files in os.walk(folder):
        here = Path(place)
        kept = []
        for name in sorted(folders):
            if name.startswith(".") or (here / name / "pyvenv.cfg").is_file():
                continue
            settings = config.load(here / name)
            if settings is None:
                kept.append(name)
            elif nested is not None:
                nested.append((here / name, settings))
        folders[:] = kept
        yield from (here / name for name in sorted(files) if name.endswith(SUFFIX) and name[0] != ".")


def module_name(file: Path, source: Path) -> str:
    """The dotted name of the module in ``file``, counted from the folder ``source``."""
    return ".".join(file.relative_to(source).parts).removesuffix(SUFFIX)


def open_project(root: Path, settings: Config) -> Project:
    """The project at ``root`` with all its modules."""
    source = root / settings.source
    files = {module_name(file, source): file for file in policy_files(source)}
    return Project(root, settings, dict(sorted(files.items())))


def default_paths() -> list[Path]:
    """The paths a command reads when none is named: those of the project file above, else this folder."""
    here = absolute(".")
    found = project_above(here)
    if found is None:
        return [here]
    root, settings = found
    return [absolute(root / path) for path in settings.paths]


def places(paths: Sequence[str | Path] = ()) -> list[Path]:
    """The files and folders that ``paths`` mean, or those of the project here.

    A folder that belongs to no project and has no policy files of its own, such as the root of a repository with
    several projects, means what the projects below it name in their settings.
    """
    found: list[Path] = []
    for path in [absolute(path) for path in paths] or default_paths():
        nested: list[tuple[Path, Config]] = []
        outside = path.is_dir() and project_above(path) is None
        if outside and next(iter(policy_files(path, nested)), None) is None and nested:
            found += sorted(absolute(root / each) for root, settings in nested for each in settings.paths)
        else:
            found.append(path)
    return found


def select(paths: Sequence[str | Path] = ()) -> list[Selection]:
    """The projects that ``paths`` belong to, and what of each is named. Raises UsageError, ConfigError."""
    wanted = places(paths)
    by_root: dict[Path, tuple[Config, list[Path]]] = {}
    for path in wanted:
        root, settings = locate(path)
        by_root.setdefault(root, (settings, []))[1].append(path)
    return [_selection(_opened(root, settings, named), named) for root, (settings, named) in by_root.items()]


def select_one(paths: Sequence[str | Path] = ()) -> Selection:
    """What ``paths`` name of the one project that they belong to; raises UsageError if there are several."""
    selections = select(paths)
    if len(selections) > 1:
        roots = ", ".join(display(selection.project.root) for selection in selections)
        raise UsageError(f"one program is needed, but these are {len(selections)} projects: {roots}; name one of them")
    return selections[0]


def nothing_found(paths: Sequence[str | Path]) -> str:
    """What to say where ``paths``, or the project here, have no policy files."""
    nested: list[tuple[Path, Config]] = []
    searched = places(paths)
    for path in searched:
        for _ in policy_files(path, nested):
            pass
    hint = (
        f"a project below it: {', '.join(sorted(display(root) for root, _ in nested))}" if nested else "what has some"
    )
    return f"there are no {SUFFIX} files in {', '.join(map(display, searched))}; name {hint}"


def _opened(root: Path, settings: Config, named: Sequence[Path]) -> Project:
    """The project at ``root``; without modules if nothing that is named exists, as who misspells a path near the root
    of a disk does not want all of it looked through.
    """
    return open_project(root, settings) if any(map(Path.exists, named)) else Project(root, settings, {})


def _selection(project: Project, paths: Sequence[Path]) -> Selection:
    known = set(project.files.values())
    hidden: dict[str, Path] = {}
    named: set[Path] = set()
    missing: list[tuple[str, str]] = []
    for path in paths:
        if path in known:
            named.add(path)
        elif path.is_dir() and path.name.endswith(SUFFIX):
            missing.append((display(path), "a folder, not a file"))
        elif path.is_dir():
            below = {file for file in known if file.is_relative_to(path)}
            if not below and not path.is_relative_to(project.source) and not project.source.is_relative_to(path):
                raise UsageError(f"{display(path)} lies outside the source folder {display(project.source)}")
            named |= below
        elif not path.exists():
            missing.append((display(path), "there is no such file"))
        elif not path.name.endswith(SUFFIX):
            missing.append((display(path), f"not a policy file: its name does not end in `{SUFFIX}`"))
        elif path.is_relative_to(project.source):
            named.add(path)  # in a hidden folder: not found by itself, but named
            hidden[module_name(path, project.source)] = path
        else:
            raise UsageError(f"{display(path)} lies outside the source folder {display(project.source)}")
    project = replace(project, files=dict(sorted((project.files | hidden).items())))
    return Selection(project, frozenset(named), tuple(missing))
