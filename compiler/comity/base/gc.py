"""Python's garbage collector, out of the way while much is made that stays."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

MADE_BETWEEN = 50_000
"""New objects between two collections where garbage is rare."""

MUCH = 500_000
"""Above this many new objects, a full collection takes as long as an edit may (about 40 ms)."""


@contextmanager
def collector_off() -> Iterator[None]:
    """What is made meanwhile is made by the thousand and kept: looking for garbage in it costs more than it frees."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@contextmanager
def collecting_rarely() -> Iterator[None]:
    """Much is made meanwhile, and next to nothing of it is garbage that only the collector finds."""
    was = gc.get_threshold()
    gc.set_threshold(max(was[0], MADE_BETWEEN) if was[0] else 0, *was[1:])
    try:
        yield
    finally:
        gc.set_threshold(*was)


@contextmanager
def collected_once() -> Iterator[None]:
    """What is made meanwhile is kept for long. If it is much, the collector looks through it once, and not soon again:
    it would anyway, in the midst of what comes next.
    """
    wanted = gc.isenabled()
    with collector_off():
        yield
        if wanted and gc.get_count()[0] > MUCH:
            gc.collect()


class _LeftBehind:
    """What a process that ends soon has made last: taking it apart would take as long as reading all policies does."""

    def __init__(self) -> None:
        self.ends_soon = False
        self.made: object = None

    def keep(self, made: object) -> None:
        """Keep what was made last. The collector does not look through it any more, which takes as long as well."""
        if self.ends_soon:
            self.made = made
            gc.freeze()


left_behind = _LeftBehind()
