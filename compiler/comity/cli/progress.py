"""One line on the terminal that says what a long run is doing."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import click

from comity.base.watching import watched
from comity.base.workers import HARMLESS
from comity.cli.output import is_terminal, terminal_width

PATIENCE = 1.0
"""Seconds without a word; a run that is over before leaves no trace."""

INTERVAL = 0.2


@contextmanager
def progress(quiet: bool = False) -> Iterator[None]:
    """What is being done meanwhile is shown on standard error, if that is a terminal."""
    if quiet or not is_terminal(sys.stderr):
        yield
        return
    line = _Line()
    thread = Thread(target=line.show, name=HARMLESS, daemon=True)
    thread.start()
    try:
        with watched(line.doing):
            yield
    finally:
        line.done.set()
        thread.join()


class _Line:
    def __init__(self) -> None:
        self.done = Event()
        self._stage = ""

    def doing(self, stage: str) -> None:
        self._stage = stage

    def show(self) -> None:
        begun = time.monotonic()
        pause, shown = PATIENCE, 0
        while not self.done.wait(pause):
            pause = INTERVAL
            seconds = f" ({time.monotonic() - begun:.0f} s)"
            # One column less than there are: in the last one some terminals begin a new line.
            line = _cut(self._stage, terminal_width(sys.stderr) - 1 - len(seconds)) + seconds
            click.echo("\r" + line.ljust(shown), nl=False, err=True)
            shown = len(line)
        if shown:
            click.echo("\r" + " " * shown + "\r", nl=False, err=True)


def _cut(text: str, width: int) -> str:
    """``text``, or as much of its beginning as fits."""
    return text if len(text) <= width else f"{text[: max(0, width - 3)]}..."
