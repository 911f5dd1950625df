"""How results reach the user: formats, colour, files written whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import IO, Any, TextIO

import click

from comity.base.diagnostics import Diagnostic, Severity
from comity.base.source import SourceFile
from comity.cli.streams import note
from comity.linter.render import Palette, full, wrapped

_asked = ["auto"]
"""What `--color` says of the command that runs: kept here, since errors are shown when click has left the command."""


def _remember_colour(_context: click.Context, _parameter: click.Parameter, value: str) -> None:
    _asked[0] = value


color_option = click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    is_eager=True,
    expose_value=False,
    callback=_remember_colour,
    help="Colour the output. auto: on terminals; NO_COLOR, FORCE_COLOR and TERM=dumb count.",
)


def wants_colour(stream: TextIO) -> bool:
    """What `--color` says. Without it colour is for terminals that have any, unless the environment says otherwise.

    `NO_COLOR`, if it is not empty, and `FORCE_COLOR=0` forbid it; any other `FORCE_COLOR` asks for it elsewhere too.
    """
    if _asked[0] != "auto":
        return _asked[0] == "always"
    forced = os.environ.get("FORCE_COLOR")
    if os.environ.get("NO_COLOR") or forced == "0":
        return False
    return bool(forced) or is_terminal(stream)


def is_terminal(stream: TextIO) -> bool:
    """Whether a stream is a terminal that can do more than print, so not one with `TERM=dumb`."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


USUAL_WIDTH = 100
"""Columns of text that goes to a file or pipe, so that it does not depend on who runs it."""


def terminal_width(stream: TextIO) -> int:
    """Columns that text written to ``stream`` may take: those of a terminal, `USUAL_WIDTH` elsewhere and at most."""
    return min(shutil.get_terminal_size().columns, USUAL_WIDTH) if stream.isatty() else USUAL_WIDTH


def width_of(stream: TextIO) -> int | None:
    """Columns that sentences written to ``stream`` keep to; None elsewhere than on a terminal, where lines may be of
    any length.
    """
    return terminal_width(stream) if stream.isatty() else None


def fit(text: str, stream: TextIO) -> str:
    """``text`` with lines too long for a terminal broken between words, what follows further in; else as it is."""
    width = width_of(stream)
    lines: list[str] = []
    for line in text.split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        lines += wrapped(line, width, f"{indent}    ")
    return "\n".join(lines)


def show_diagnostics(diagnostics: Sequence[Diagnostic], sources: Mapping[str, SourceFile]) -> None:
    """Diagnostics with their lines, on standard error."""
    for line in full(diagnostics, sources, Palette(wants_colour(sys.stderr)), width_of(sys.stderr)):
        note(line)


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    with atomically(path) as file:
        file.write(data)


@contextmanager
def atomically(path: Path) -> Iterator[IO[bytes]]:
    """A file to write, which takes its place when all is written: beside it first, then renamed over it."""
    path = path.resolve()
    if path.exists() and not path.is_file():  # /dev/stdout and pipes cannot be renamed over
        with path.open("wb") as file:
            yield file
        return
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "there is no such folder", str(path.parent))
    handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        mode = path.stat().st_mode & 0o7777 if path.exists() else 0o666 & ~_umask()
        os.chmod(beside, mode)  # noqa: PTH101
        os.replace(beside, path)  # noqa: PTH105
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def read_stdin() -> bytes:
    return sys.stdin.buffer.read()


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


FAIL_ON = ("error", "warning", "never")


def fails(diagnostics: list[Diagnostic] | tuple[Diagnostic, ...], fail_on: str) -> bool:
    """Is there a finding at or above ``fail_on``? Findings for information never fail a run."""
    levels = {"error": {Severity.ERROR}, "warning": {Severity.ERROR, Severity.WARNING}, "never": set()}[fail_on]
    return any(d.severity in levels for d in diagnostics)


paths_argument = click.argument("paths", nargs=-1, type=click.Path(path_type=str))
quiet_option = click.option("-q", "--quiet", is_flag=True, help="Print results only.")
verbose_option = click.option("-v", "--verbose", is_flag=True, help="Print more; show where an internal error arose.")
cache_option = click.option(
    "--cache/--no-cache", "use_cache", default=True, show_default=True, help="Reuse the results of earlier runs."
)
project_option = click.option(
    "--project", type=click.Path(path_type=str), metavar="PATH", help="Project to use, instead of the one here."
)


def plural(number: int, noun: str, several: str | None = None) -> str:
    """A number of things: `1 file`, `2 files`; ``several``: the plural of a noun that does not take an `s`."""
    return f"{number} {noun if number == 1 else several or noun + 's'}"


allow_empty_option = click.option("--allow-empty", is_flag=True, help="Exit 0 where there is nothing to check.")


def nothing_to_check(what: str) -> int:
    """Say that a command has checked nothing; its exit code, so that a mistyped path does not pass for clean."""
    note(f"error: {what} (--allow-empty if that is meant)")
    return 2


def read_day(_context: click.Context, _parameter: click.Parameter, text: str | None) -> date | None:
    """A click callback: the date an option names."""
    from comity.runtime.values import parse_date  # what is not asked for a day should not wait for it

    day = None if text is None else parse_date(text)
    if day is None and text is not None:
        raise click.BadParameter(f"`{text}` is not a date such as 2022-03-01")
    return day


def program_paths(project: str | None) -> tuple[str, ...]:
    """The paths that `--project` names, or none for those of the working directory."""
    return () if project is None else (project,)


Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def options(*decorators: Decorator) -> Decorator:
    """Several click decorators as one, in the order given."""

    def apply(function: Callable[..., Any]) -> Callable[..., Any]:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return apply
