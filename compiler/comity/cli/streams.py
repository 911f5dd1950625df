"""What goes to standard error comes after what went to standard output before, also where both are one pipe."""

from __future__ import annotations

import os
import sys

import click


def note(text: str, newline: bool = True) -> None:
    """Write ``text`` to standard error.

    Standard output is flushed first: into a pipe it is buffered, and standard error is not.
    """
    sys.stdout.flush()
    click.echo(text, err=True, nl=newline, color=True)  # whoever paints text has asked whether to


def is_one_stream() -> bool:
    """Whether standard output and standard error are one terminal, pipe or file, whose reader sees both."""
    try:
        return os.path.sameopenfile(sys.stdout.fileno(), sys.stderr.fileno())
    except (OSError, ValueError):  # in a test, or a notebook, neither is a file
        return False
