"""What happens when a command fails: one line for the user, never a traceback unless asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

import click

from comity.config import ConfigError
from comity.diagnostics import DiagnosticsError
from comity.project import UsageError


def guarded(run: Callable[[], object], verbose: bool) -> int:
    """The exit code of ``run``, 2 for wrong use and for errors of our own. ``verbose``: show where those arose."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # what a terminal cannot show is escaped rather than fatal
            stream.reconfigure(errors="backslashreplace")
    try:
        result = run()
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return 130
    except (ConfigError, UsageError) as error:
        click.echo(f"error: {error}", err=True)
        return 2
    except DiagnosticsError as error:
        return show_errors(error)
    except BrokenPipeError:  # `comity lint | head`: nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:
        where = f"{error.filename}: " if error.filename is not None else ""
        click.echo(f"error: {where}{error.strerror or error}", err=True)
        return 2
    except Exception as error:
        return internal_error(error, verbose)


def show_errors(error: DiagnosticsError) -> int:
    """The errors that kept a program from being loaded."""
    from comity.cli.output import wants_colour
    from comity.linter.render import Palette, full

    for line in full(error.diagnostics, error.sources, Palette(wants_colour(sys.stderr))):
        click.echo(line, err=True)
    return 2 if any(d.code == "E002" for d in error.diagnostics) else 1


def internal_error(error: Exception, verbose: bool) -> int:
    """A fault of Comity itself."""
    if verbose:
        import traceback

        traceback.print_exception(error)
    text = f"{type(error).__name__}: {error}".splitlines()[0][:300]
    click.echo(f"internal error: {text}", err=True)
    click.echo("This is a fault in Comity, please report it" + ("." if verbose else "; -v shows where."), err=True)
    return 2
