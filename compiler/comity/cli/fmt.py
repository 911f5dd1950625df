"""`comity fmt`: one canonical layout."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path

import click

from comity.base.diagnostics import Diagnostic, Report
from comity.base.source import SourceFile
from comity.cli.output import (
    allow_empty_option,
    color_option,
    nothing_to_check,
    paths_argument,
    plural,
    quiet_option,
    read_stdin,
    show_diagnostics,
    verbose_option,
    write_atomically,
)
from comity.cli.streams import note
from comity.pipeline.driver import nowhere_in
from comity.pipeline.found import STDIN
from comity.runtime.light import dataclass
from comity.surface.format import format_module
from comity.surface.parse import parse
from comity.surface.read import decode
from comity.workspace.project import display, nothing_found, places, policy_files
from comity.workspace.reading import read_bytes, reason


@dataclass(frozen=True, slots=True)
class Formatted:
    """One file: its bytes as they are, and as they should be; ``after`` is None if it cannot be formatted."""

    path: str
    before: bytes
    after: bytes | None
    source: SourceFile | None
    errors: tuple[Diagnostic, ...]


def formatted(path: str, data: bytes | None = None) -> Formatted:
    """The file ``path`` in canonical layout. A file with syntax errors is left alone."""
    report = Report()
    before, source, after = b"", None, None
    try:
        before = read_bytes(path) if data is None else data
    except OSError as error:
        report.add("E002", f"cannot read the file: {reason(error)}", nowhere_in(path))
        return Formatted(path, before, None, None, tuple(report.sorted()))
    text = decode(before, path, report)
    if text is not None:
        source = SourceFile(path, "stdin" if path == STDIN else Path(path).stem, text)
        module = parse(source, report)
        if not report.has_errors:
            after = format_module(source, module).encode()
    return Formatted(path, before, after, source, tuple(report.sorted()))


def named_files(paths: tuple[str, ...]) -> Iterator[str]:
    """The files that ``paths`` name, folders with all policy files below; their layout depends on no project."""
    for path in places(paths):
        yield from map(display, policy_files(path) if path.is_dir() else (path,))


@click.command("fmt")
@paths_argument
@click.option("--check", is_flag=True, help="Change nothing; exit 1 if a file would change.")
@click.option("--diff", is_flag=True, help="Change nothing; show what would change.")
@allow_empty_option
@quiet_option
@color_option
@verbose_option
def command(paths: tuple[str, ...], check: bool, diff: bool, allow_empty: bool, quiet: bool, verbose: bool) -> int:
    """Format files in the canonical layout. Comments and meaning stay as they are.

    PATHS as for lint; - formats standard input to standard output. Files with syntax errors are left alone.
    """
    results = [formatted(STDIN, read_stdin())] if STDIN in paths else []
    others = tuple(path for path in paths if path != STDIN)
    if others or not results:
        results += [formatted(path) for path in named_files(others)]
    changed = [file for file in results if file.after is not None and file.after != file.before]
    for file in results:
        if file.errors:
            sources = {} if file.source is None else {file.path: file.source}
            show_diagnostics(file.errors, sources)
    if diff:
        for file in changed:
            sys.stdout.writelines(_diff(file))
    elif not check:
        for file in results:
            if file.after is None:
                continue
            if file.path == STDIN:
                sys.stdout.write(file.after.decode())
            elif file in changed:
                write_atomically(Path(file.path), file.after)
    if not (results or allow_empty):
        return nothing_to_check(nothing_found(others))
    if not quiet:
        verb = "would change" if check or diff else "changed"
        for file in changed:
            if file.path != STDIN:
                note(f"{verb} {file.path}")
        note(f"{len(changed)} of {plural(len(results), 'file')} {verb}")
    if any(file.after is None for file in results):
        return 2
    return int(bool(changed) and (check or diff))


def _diff(file: Formatted) -> Iterator[str]:
    assert file.after is not None
    before, after = (data.decode().splitlines(keepends=True) for data in (file.before, file.after))
    yield from unified_diff(before, after, file.path, f"{file.path} (formatted)")
