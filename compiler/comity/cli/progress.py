"""One line on the terminal that says what a long run is doing."""

from __future__ import annotations

import sys
import time
from threading import Event, Thread
from types import TracebackType

import click

from comity.cli.output import is_terminal, terminal_width

PATIENCE = 1.0
"""Seconds without a word; a run that is over before leaves no trace."""

INTERVAL = 0.2


class Progress:
    """A context in which `tell` says what is being done. Shown on standard error, if that is a terminal."""

    def __init__(self, quiet: bool = False) -> None:
        self._stage = ""
        self._done = Event()
        self._thread = Thread(target=self._show, daemon=True) if not quiet and is_terminal(sys.stderr) else None

    def tell(self, stage: str) -> None:
        self._stage = stage

    def __enter__(self) -> Progress:
        if self._thread is not None:
            self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._done.set()
        if self._thread is not None:
            self._thread.join()

    def _show(self) -> None:
        begun = time.monotonic()
        pause, shown = PATIENCE, 0
        while not self._done.wait(pause):
            pause = INTERVAL
            # One column less than there are: in the last one some terminals begin a new line.
            line = f"{self._stage} ({time.monotonic() - begun:.0f} s)"[: terminal_width(sys.stderr) - 1]
            click.echo("\r" + line.ljust(shown), nl=False, err=True)
            shown = len(line)
        if shown:
            click.echo("\r" + " " * shown + "\r", nl=False, err=True)
