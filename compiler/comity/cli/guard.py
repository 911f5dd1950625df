"""What happens when a command fails: one line for the user, never a traceback unless asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

import click

from comity.cli.streams import note


class Unread(Exception):
    """Nobody reads on, as a BrokenPipeError says; click would make exit code 1 of that one."""


@contextmanager
def readers_may_leave() -> Iterator[None]:
    """Around what click calls: a broken pipe gets past it."""
    try:
        yield
    except BrokenPipeError:
        raise Unread from None


def guarded(run: Callable[[], object], verbose: bool) -> int:
    """The exit code of ``run``, 2 for wrong use and for errors of our own. ``verbose``: show where those arose."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # what a terminal cannot show is escaped rather than fatal
            stream.reconfigure(errors="backslashreplace")
    try:
        return _code(run, verbose)
    except (Unread, BrokenPipeError):  # `comity lint | head`
        for stream in (sys.stdout, sys.stderr):
            _empty(stream)
        return 141


def _code(run: Callable[[], object], verbose: bool) -> int:
    try:
        result = run()
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        sys.stdout.flush()
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return 130
    except (Unread, BrokenPipeError):
        raise
    except OSError as error:
        where = f"{error.filename}: " if error.filename is not None else ""
        return _say(f"{where}{error.strerror or error}")
    except Exception as error:
        return _failed(error, verbose)


def _empty(stream: TextIO) -> None:
    """Send what is still to be written to nobody, if nobody reads it."""
    try:
        stream.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _say(text: str) -> int:
    note(f"error: {text}")
    return 2


def _failed(error: Exception, verbose: bool) -> int:
    """Errors that Comity knows, or else a fault of its own. Imports what `comity --help` should not wait for."""
    from comity.base.diagnostics import DiagnosticsError
    from comity.workspace.config import ConfigError
    from comity.workspace.project import UsageError

    if isinstance(error, ConfigError | UsageError):
        return _say(str(error))
    if isinstance(error, DiagnosticsError):
        return _show(error)
    if verbose:
        import traceback

        traceback.print_exception(error)
    text = f"{type(error).__name__}: {error}".splitlines()[0][:300]
    note(f"internal error: {text}")
    note("This is a fault in Comity, please report it" + ("." if verbose else "; -v shows where."))
    return 2


def _show(error: Exception) -> int:
    """The errors that kept a program from being loaded."""
    from comity.base.diagnostics import DiagnosticsError
    from comity.cli.output import show_diagnostics

    assert isinstance(error, DiagnosticsError)
    show_diagnostics(error.diagnostics, error.sources)
    return 2 if any(d.code == "E002" for d in error.diagnostics) else 1
