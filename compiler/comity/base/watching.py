"""Watching long work: whoever starts it hears what is being done, and what has been found so far.

    with watched(doing=print, found=show):
        lint(...)       # prints `licensing: contradictions`, and shows findings as they are proved

The passes call `doing`, `found` and `settled`, which do nothing where nobody watches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeAlias

from comity.base.diagnostics import Diagnostic

Doing: TypeAlias = Callable[[str], None]
Found: TypeAlias = Callable[[Sequence[Diagnostic]], None]
Known: TypeAlias = Callable[[], Sequence[Diagnostic]]
"""What is known now, whenever it is asked."""
Settled: TypeAlias = Callable[[Known], None]


def _nothing(*_: object) -> None:
    pass


_watcher: ContextVar[tuple[Doing, Found, Settled] | None] = ContextVar("watcher", default=None)


@contextmanager
def watched(doing: Doing = _nothing, found: Found = _nothing, settled: Settled = _nothing) -> Iterator[None]:
    """Work done meanwhile in this thread calls ``doing``, ``found`` and ``settled``.

    ``found`` is given findings whose proof is over, each once; what is to be said in the end may be less (some are
    suppressed), and has more to it (fixes). ``settled`` is called when all is proved about what was edited last, with
    what says what is known from then on: of what is not proved again, what was found before.
    """
    before = _watcher.set((doing, found, settled))
    try:
        yield
    finally:
        _watcher.reset(before)


@contextmanager
def unwatched() -> Iterator[None]:
    """Nobody hears of what is done meanwhile."""
    before = _watcher.set(None)
    try:
        yield
    finally:
        _watcher.reset(before)


@contextmanager
def work_for(whom: str) -> Iterator[None]:
    """What is done meanwhile is part of a greater whole: each stage is called after it."""
    watcher = _watcher.get()
    if watcher is None:
        yield
        return
    with watched(lambda stage: watcher[0](f"{whom}: {stage}"), *watcher[1:]):
        yield


@contextmanager
def found_as(
    change: Callable[[Sequence[Diagnostic]], Sequence[Diagnostic]],
    known: Callable[[Sequence[Diagnostic]], Sequence[Diagnostic]],
) -> Iterator[None]:
    """What is found meanwhile is reported as ``change`` makes it, and what is known at a time as ``known`` does."""
    watcher = _watcher.get()
    if watcher is None:
        yield
        return
    with watched(
        watcher[0],
        lambda diagnostics: watcher[1](change(diagnostics)),
        lambda so_far: watcher[2](lambda: known(so_far())),
    ):
        yield


def is_watched() -> bool:
    return _watcher.get() is not None


def doing(stage: str) -> None:
    """Say what is being done from now on, in a few words."""
    watcher = _watcher.get()
    if watcher is not None:
        watcher[0](stage)


def found(diagnostics: Sequence[Diagnostic]) -> None:
    """Say what has been found for certain."""
    watcher = _watcher.get()
    if watcher is not None and diagnostics:
        watcher[1](diagnostics)


def settled(known: Known) -> None:
    """Say that all is proved about what was edited last, though not yet about what else depends on it."""
    watcher = _watcher.get()
    if watcher is not None:
        watcher[2](known)
