"""`comity build`: compiles a program to a package."""

from __future__ import annotations

import json
import keyword
import shutil
import sys
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import click

from comity._version import __version__
from comity.base.gc import collector_off, left_behind
from comity.cli.output import (
    cache_option,
    color_option,
    paths_argument,
    quiet_option,
    show_diagnostics,
    verbose_option,
)
from comity.cli.streams import note
from comity.pipeline.built import LastBuild
from comity.workspace.cache import digest, store
from comity.workspace.project import UsageError, display

if TYPE_CHECKING:
    from comity.backends.python.units import Unit

TARGETS = ("python", "sql", "schema")

MANIFEST = ".comity-build.json"
"""Lists what a build wrote into a folder; a folder without it is not ours to replace."""


@click.command("build")
@paths_argument
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Folder to write.")
@click.option(
    "--target",
    default="python",
    show_default=True,
    metavar="TARGETS",
    help="What to write: python, sql, schema, or several of them (python,sql).",
)
@click.option("--schema", is_flag=True, help="Also write the JSON Schema of facts and answers (the target schema).")
@click.option("--dialect", default="duckdb", show_default=True, help="SQL dialect: duckdb, sqlite, postgres, …")
@click.option("--explain-plan", is_flag=True, help="Also print which facts each decision looks up.")
@cache_option
@quiet_option
@color_option
@verbose_option
def command(
    paths: tuple[str, ...],
    output: Path,
    target: str,
    schema: bool,
    dialect: str,
    explain_plan: bool,
    use_cache: bool,
    quiet: bool,
    verbose: bool,
) -> int:
    """Compile the program that PATHS belong to into the folder DIR.

    For `python` it is a package that needs nothing but the standard library; the folder's name is the package's. For
    `sql` it holds a statement for each decision, and the table of the facts; for `schema` the JSON Schema of each
    decision's facts and answer. Of several targets a package is in DIR itself, the others in DIR/sql and DIR/schema.
    The folder is replaced as a whole, and only if an earlier build made it. Refuses while lint has errors.
    """
    targets = {*target.split(","), *(["schema"] if schema else [])}
    for each in sorted(targets.difference(TARGETS)):
        raise click.UsageError(f"there is no target `{each}`; there are python, sql and schema")
    package = output.absolute().name
    if "python" in targets and (not package.isidentifier() or keyword.iskeyword(package)):
        raise click.UsageError(f"`{package}` cannot be a package: name the folder like a Python name")
    if "python" in targets and package in sys.stdlib_module_names:
        raise click.UsageError(f"`{package}` would stand in the way of Python's own module: name the folder otherwise")
    last = LastBuild(paths, store() if use_cache else None, sorted(targets), dialect, package)
    said = None if explain_plan else last.digests()
    if said is None or not holds(output.absolute(), said):
        with collector_off():  # what a build makes it keeps
            said = _built(paths, output, targets, dialect, explain_plan, last)
    if said is None:
        return 1
    if not quiet:
        note(f"built {package}: {len(said) - 1} files in {output}")
    return 0


def _built(
    paths: tuple[str, ...], output: Path, targets: Collection[str], dialect: str, explain_plan: bool, last: LastBuild
) -> dict[str, str] | None:
    """Build, and give the digest of each file, the manifest included; None where that cannot be, and why was said."""
    from comity.api import sql_backend  # what has been built before needs none of these
    from comity.backends import schema as schemas
    from comity.backends.python.package import emit_after
    from comity.backends.python.units import Before, decoded_units, encoded_units, reader
    from comity.core.interpret import Interpreter
    from comity.pipeline.linting import compilable
    from comity.plan import plan_decision
    from comity.plan.explain import explain

    package = output.absolute().name
    made, errors, digests = compilable(paths, last.store, last.inputs)
    if errors:
        show_diagnostics(errors, made.sources)
        note("not built: lint has errors")
        return None
    if not made.project.files:
        raise UsageError(f"there are no policy files in {display(made.project.source)}")
    if explain_plan:
        evaluator = Interpreter(made.program).evaluator
        for decision in made.program.decisions.values():
            click.echo(explain(plan_decision(decision, evaluator)))
    files: dict[str, str] = {}
    units: dict[str, Unit] = {}
    kept = decoded_units(last.units(), last.key_of_units)
    before = None if digests is None else Before(digests, kept, reader(output.absolute()))
    if "python" in targets:
        files, units = emit_after(made.program, package, before)
    if "sql" in targets:
        backend = sql_backend()
        try:
            statements = backend.emit(made.program, dialect)
        except backend.Inexpressible as error:
            note(f"{error}\nnot built: SQL for {dialect} cannot say this")
            return None
        files |= placed(statements, "sql", targets)
    if "schema" in targets:
        files |= placed(schemas.emit(made.program), "schema", targets)
    listed = manifest(files, made.program.source_hash)
    replace_folder(output.absolute(), files, listed)
    written = {name: digest(text.encode()) for name, text in files.items()} | {MANIFEST: digest(listed)}
    read = [path for path in last.inputs.paths if path not in made.sources]
    last.keep(written, read, encoded_units(last.key_of_units, units) if units else None)
    left_behind.keep((made, digests, before))
    return written


def holds(folder: Path, digests: Mapping[str, str]) -> bool:
    """Whether ``folder`` holds just the files with these digests; what Python has compiled of them is deleted."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    there = {file for file in folder.rglob("*") if not file.is_dir()}
    compiled = {file.parent for file in there if file.parent.name == "__pycache__"}
    names = {file.relative_to(folder).as_posix(): file for file in there if file.parent not in compiled}
    if names.keys() != digests.keys() or any(digest(names[name].read_bytes()) != digests[name] for name in names):
        return False
    for each in compiled:
        shutil.rmtree(each, ignore_errors=True)
    return True


def placed(files: Mapping[str, str], target: str, targets: Collection[str]) -> dict[str, str]:
    """The files of a target by their place in the folder: at its top where no other target is written."""
    return {name if len(targets) == 1 else f"{target}/{name}": text for name, text in files.items()}


def replace_folder(folder: Path, files: Mapping[str, str], listed: bytes) -> None:
    """Make ``folder`` hold exactly ``files`` (POSIX path to text) and the manifest ``listed``: written beside it, then
    renamed into place.

    Raises UsageError if there is something in its place that an earlier build did not write.
    """
    refuse_foreign(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as place:
        fresh, old = Path(place) / "new", Path(place) / "old"
        for name, text in files.items():
            file = fresh.joinpath(*PurePosixPath(name).parts)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode())
        fresh.joinpath(MANIFEST).write_bytes(listed)
        if folder.exists():
            folder.rename(old)
        try:
            fresh.rename(folder)
        except BaseException:
            if old.exists():
                old.rename(folder)
            raise
        shutil.rmtree(old, ignore_errors=True)


def manifest(files: Mapping[str, str], source_hash: str) -> bytes:
    document = {
        "comity": __version__,
        "source_hash": source_hash,
        "files": {name: digest(files[name].encode()) for name in sorted(files)},
    }
    return (json.dumps(document, indent=2) + "\n").encode()


def refuse_foreign(folder: Path) -> None:
    """Raise UsageError if ``folder`` is, or holds, something that no build wrote."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UsageError(f"{folder} is there and is not a folder; nothing was written")
    if not folder.exists() or not any(folder.iterdir()):
        return
    try:
        known = set(json.loads(folder.joinpath(MANIFEST).read_text(encoding="utf-8"))["files"]) | {MANIFEST}
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError(f"{folder} was not made by comity build, so it is not replaced; name another folder") from None
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder)
        if file.is_file() and "__pycache__" not in name.parts and name.as_posix() not in known:
            raise UsageError(f"{folder} holds {name.as_posix()}, which comity build did not write; nothing was changed")
